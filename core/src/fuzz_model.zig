//! The sequential model of fibers, channels, selects and one nursery: what each operation must answer, and who wakes
//! with what, when one operation happens after the other. Lists and flags, nothing clever.
//!
//! Two things are left open by the runtime, and so here: which of several ready cases a select takes, and who runs
//! next. The model is told, and says whether it was possible.

const std = @import("std");
const layout = @import("layout.zig");
const Status = layout.Status;
const assert = std.debug.assert;

pub const fibers_max = 6;
pub const channels_max = 3;
pub const cases_max = 3;
const buffer_max = 4;

/// Errors built into the model on purpose: the fuzzer must find that model and runtime disagree.
pub const Flaw = enum {
    none,
    newest_receiver_first,
    closing_wakes_nobody,
    cancel_wakes_nobody,
    finished_task_forgotten,
    limit_is_one_more,
    ready_goes_before_cancelled,
};

pub const Kind = enum(i32) { receive = 0, send = 1, closed = 2 };
pub const Case = struct { kind: Kind, channel: u8, value: u32 = 0 };

pub const Answer = struct {
    status: i32,
    value: ?u32 = null,
    case: ?u32 = null,
};

pub const State = enum { unborn, running, ready, parked, retrying, finished };

const Fiber = struct {
    state: State = .unborn,
    cancelled: bool = false,
    started: bool = false,
    /// What it is waiting for: cases of a select, or one case of a plain operation, or a task.
    cases: [cases_max]Case = undefined,
    cases_len: u8 = 0,
    is_select: bool = false,
    awaits: ?u8 = null,
    /// Woken, with this; null: nothing to compare (it gave way).
    answer: ?Answer = null,
    outcome: Answer = .{ .status = Status.ok },
};

const Waiter = struct { fiber: u8, case: u8 };

fn List(comptime T: type, comptime max: usize) type {
    return struct {
        items: [max]T = undefined,
        len: usize = 0,

        const Self = @This();
        fn push(self: *Self, item: T) void {
            self.items[self.len] = item;
            self.len += 1;
        }
        fn remove(self: *Self, index: usize) T {
            const item = self.items[index];
            std.mem.copyForwards(T, self.items[index .. self.len - 1], self.items[index + 1 .. self.len]);
            self.len -= 1;
            return item;
        }
        pub fn slice(self: *const Self) []const T {
            return self.items[0..self.len];
        }
    };
}

const Channel = struct {
    capacity: u32 = 0,
    closed: bool = false,
    buffer: List(u32, buffer_max) = .{},
    /// By kind: who waits to receive, to send, for the close.
    waiters: [3]List(Waiter, fibers_max * cases_max) = @splat(.{}),

    fn of(self: *Channel, kind: Kind) *List(Waiter, fibers_max * cases_max) {
        return &self.waiters[@intCast(@backingInt(kind))];
    }
    fn drained(self: *const Channel) bool {
        return self.closed and self.buffer.len == 0;
    }
};

pub const Model = struct {
    flaw: Flaw = .none,
    fibers: [fibers_max]Fiber = @splat(.{}),
    channels: [channels_max]Channel = @splat(.{}),
    limit: u32 = 0,
    live: u32 = 0,
    nursery_cancelled: bool = false,
    /// How children failed, in the order in which they did.
    failures: List(Answer, fibers_max) = .{},

    // What an operation of a running fiber answers.

    // One that may wait answers nothing else to a cancelled fiber, and has done nothing then.

    pub fn send(m: *Model, f: u8, c: u8, value: u32) Answer {
        if (m.endsHere(f)) return .{ .status = Status.cancelled };
        const tried = m.trySend(c, value);
        if (tried != Status.full) return .{ .status = tried };
        return m.wait(f, &.{.{ .kind = .send, .channel = c, .value = value }}, false);
    }

    fn endsHere(m: *const Model, f: u8) bool {
        return m.fibers[f].cancelled and m.flaw != .ready_goes_before_cancelled;
    }

    pub fn receive(m: *Model, f: u8, c: u8) Answer {
        if (m.endsHere(f)) return .{ .status = Status.cancelled };
        const tried = m.tryReceive(c);
        if (tried.status != Status.empty) return tried;
        return m.wait(f, &.{.{ .kind = .receive, .channel = c }}, false);
    }

    pub fn trySend(m: *Model, c: u8, value: u32) i32 {
        const ch = &m.channels[c];
        if (ch.closed) return Status.closed;
        if (ch.capacity == 0) {
            const receivers = ch.of(.receive);
            if (receivers.len == 0) return Status.full;
            m.give(m.firstOf(receivers), value);
            return Status.ok;
        }
        if (ch.of(.send).len > 0) return Status.full;
        if (ch.buffer.len == ch.capacity) return Status.full;
        ch.buffer.push(value);
        m.settle(c);
        return Status.ok;
    }

    pub fn tryReceive(m: *Model, c: u8) Answer {
        const ch = &m.channels[c];
        if (ch.capacity == 0) {
            const senders = ch.of(.send);
            if (senders.len == 0) return .{ .status = if (ch.closed) Status.closed else Status.empty };
            return .{ .status = Status.ok, .value = m.take(senders.items[0]) };
        }
        if (ch.buffer.len > 0) {
            const value = ch.buffer.remove(0);
            m.settle(c);
            return .{ .status = Status.ok, .value = value };
        }
        return .{ .status = if (ch.drained()) Status.closed else Status.empty };
    }

    pub fn close(m: *Model, c: u8) void {
        m.channels[c].closed = true;
        if (m.flaw != .closing_wakes_nobody) m.settle(c);
    }

    /// May a select over the cases answer so? Does what follows from it.
    pub fn select(m: *Model, f: u8, cases: []const Case, has_default: bool, told: Answer) !Answer {
        if (!has_default and m.endsHere(f)) return .{ .status = Status.cancelled };
        var ready = false;
        var closed: usize = 0;
        for (cases, 0..) |case, i| {
            const ch = &m.channels[case.channel];
            const is_ready = switch (case.kind) {
                .receive => if (ch.capacity == 0) ch.of(.send).len > 0 else ch.buffer.len > 0,
                .send => ch.closed or m.takesAtOnce(case.channel),
                .closed => ch.drained(),
            };
            if (case.kind == .receive and ch.drained()) closed += 1;
            if (!is_ready) continue;
            ready = true;
            const is_told = told.status == Status.ok or told.status == Status.closed;
            if (!is_told or told.case != @as(u32, @intCast(i))) continue;
            return switch (case.kind) {
                .receive => .{ .status = Status.ok, .value = m.tryReceive(case.channel).value, .case = told.case },
                .send => .{ .status = m.trySend(case.channel, case.value), .case = told.case },
                .closed => .{ .status = Status.ok, .case = told.case },
            };
        }
        if (ready) return error.SelectMissedReadyCase;
        if (closed == cases.len and !has_default) return .{ .status = Status.all_closed };
        if (has_default) return .{ .status = Status.empty };
        return m.wait(f, cases, true);
    }

    fn takesAtOnce(m: *Model, c: u8) bool {
        const ch = &m.channels[c];
        if (ch.capacity == 0) return ch.of(.receive).len > 0;
        return ch.of(.send).len == 0 and ch.buffer.len < ch.capacity;
    }

    pub fn await(m: *Model, f: u8, target: u8) Answer {
        const outcome = m.fibers[target].outcome.status;
        const has_failed = m.fibers[target].state == .finished and
            (outcome == Status.failed or outcome == Status.panicked);
        if (!has_failed and m.endsHere(f)) return .{ .status = Status.cancelled };
        const is_done = m.fibers[target].state == .finished and m.flaw != .finished_task_forgotten;
        if (is_done) return m.fibers[target].outcome;
        if (m.fibers[f].cancelled) return .{ .status = Status.cancelled };
        m.fibers[f].awaits = target;
        m.fibers[f].state = .parked;
        return .{ .status = Status.parked };
    }

    pub fn finish(m: *Model, f: u8, outcome: Answer) void {
        m.fibers[f].state = .finished;
        m.fibers[f].outcome = outcome;
        m.live -= 1;
        for (&m.fibers, 0..) |*other, i| {
            if (other.state == .parked and other.awaits == f) m.wake(@intCast(i), outcome);
        }
        if (outcome.status == Status.ok or outcome.status == Status.cancelled_task) return;
        m.failures.push(outcome);
        m.cancelNursery();
    }

    pub fn cancelNursery(m: *Model) void {
        if (m.nursery_cancelled) return;
        m.nursery_cancelled = true;
        for (&m.fibers, 0..) |*other, i| {
            if (other.state != .unborn) m.cancel(@intCast(i));
        }
    }

    pub fn cancel(m: *Model, f: u8) void {
        const fiber = &m.fibers[f];
        if (fiber.state == .finished) return;
        fiber.cancelled = true;
        if (m.flaw == .cancel_wakes_nobody) return;
        if (fiber.state == .parked) m.wake(f, .{ .status = Status.cancelled });
    }

    pub fn isFull(m: *const Model) bool {
        const limit = if (m.flaw == .limit_is_one_more) m.limit + 1 else m.limit;
        return m.limit != 0 and m.live >= limit;
    }

    /// What a spawn answers: for a cancelled owner it is a place of cancellation.
    pub fn spawned(m: *Model, f: u8) i32 {
        if (m.nursery_cancelled) return Status.cancelled;
        m.live += 1;
        m.fibers[f] = .{ .state = .ready };
        return Status.ok;
    }

    /// Its turn has come and it has not begun: a cancelled one ends there.
    pub fn endsUnstarted(m: *const Model, f: u8) bool {
        return m.fibers[f].cancelled and !m.fibers[f].started and m.fibers[f].state == .ready;
    }

    /// What the nursery's owner gets when it has waited for everybody.
    pub fn joined(m: *const Model) Answer {
        assert(m.live == 0 or m.flaw != .none);
        if (m.failures.len > 0) return .{ .status = m.failures.items[0].status };
        return .{ .status = if (m.nursery_cancelled) Status.cancelled else Status.ok };
    }

    // Waiting and waking.

    fn wait(m: *Model, f: u8, cases: []const Case, is_select: bool) Answer {
        const fiber = &m.fibers[f];
        if (fiber.cancelled) return .{ .status = Status.cancelled };
        fiber.is_select = is_select;
        fiber.cases_len = @intCast(cases.len);
        @memcpy(fiber.cases[0..cases.len], cases);
        fiber.state = .parked;
        for (cases, 0..) |case, i| {
            const ch = &m.channels[case.channel];
            if (case.kind == .receive and ch.drained()) continue;
            ch.of(case.kind).push(.{ .fiber = f, .case = @intCast(i) });
        }
        return .{ .status = Status.parked };
    }

    fn wake(m: *Model, f: u8, answer: Answer) void {
        const fiber = &m.fibers[f];
        assert(fiber.state == .parked or m.flaw != .none);
        fiber.state = .ready;
        fiber.answer = answer;
        fiber.awaits = null;
        m.leave(f);
    }

    fn leave(m: *Model, f: u8) void {
        for (&m.channels) |*ch| {
            for (&ch.waiters) |*list| {
                var i: usize = list.len;
                while (i > 0) {
                    i -= 1;
                    if (list.items[i].fiber == f) _ = list.remove(i);
                }
            }
        }
    }

    fn firstOf(m: *const Model, list: *const List(Waiter, fibers_max * cases_max)) Waiter {
        return list.items[if (m.flaw == .newest_receiver_first) list.len - 1 else 0];
    }

    fn caseOf(m: *const Model, waiter: Waiter) ?u32 {
        return if (m.fibers[waiter.fiber].is_select) waiter.case else null;
    }

    fn give(m: *Model, to: Waiter, value: u32) void {
        m.wake(to.fiber, .{ .status = Status.ok, .value = value, .case = m.caseOf(to) });
    }

    fn take(m: *Model, from: Waiter) u32 {
        const value = m.fibers[from.fiber].cases[from.case].value;
        m.wake(from.fiber, .{ .status = Status.ok, .case = m.caseOf(from) });
        return value;
    }

    /// Matches those who wait on a channel with what has come about.
    fn settle(m: *Model, c: u8) void {
        const ch = &m.channels[c];
        const receivers = ch.of(.receive);
        const senders = ch.of(.send);
        const watchers = ch.of(.closed);
        while (true) {
            if (senders.len > 0 and ch.closed) {
                const first = senders.items[0];
                m.wake(first.fiber, .{ .status = Status.closed, .case = m.caseOf(first) });
            } else if (senders.len > 0 and ch.capacity > 0 and ch.buffer.len < ch.capacity) {
                ch.buffer.push(m.take(senders.items[0]));
            } else if (receivers.len > 0 and ch.buffer.len > 0) {
                m.give(m.firstOf(receivers), ch.buffer.remove(0));
            } else if (receivers.len > 0 and ch.drained()) {
                const first = receivers.items[0];
                m.wake(first.fiber, .{ .status = Status.closed });
                // A select looks again when it runs: other cases may have become ready by then.
                if (m.fibers[first.fiber].is_select) m.fibers[first.fiber].state = .retrying;
            } else if (watchers.len > 0 and ch.drained()) {
                const first = watchers.items[0];
                m.wake(first.fiber, .{ .status = Status.ok, .case = m.caseOf(first) });
            } else return;
        }
    }
};
