//! Select: waiting for the first of several channel operations.
//!
//! First every case is tried, from a changing start, so that no case is favoured. If none can go on at once the fiber
//! announces one wait and joins every channel's list, one lock at a time: it is one wait, so the claim (fiber.zig)
//! decides the single winner, and no two locks are ever held together. Woken, it leaves the lists it is still on.
//!
//! While it waits, the cases live in a block: the core owns the values offered by send cases, and releases those that
//! did not win.

const std = @import("std");
const channel = @import("channel.zig");
const fiber_mod = @import("fiber.zig");
const layout = @import("layout.zig");
const nursery_mod = @import("nursery.zig");
const runtime_mod = @import("runtime.zig");
const Worker = @import("worker.zig").Worker;
const Runtime = runtime_mod.Runtime;
const Value = runtime_mod.Value;
const Status = layout.Status;
const Kind = layout.SelectKind;
const Tag = layout.Tag;
const assert = std.debug.assert;

/// Before the nodes in a waiting select's block.
const Header = extern struct {
    cases: u32,
    site: u32,
    /// On the monotonic clock; `never` for none.
    deadline_ns: u64,
};

const never: u64 = std.math.maxInt(u64);

const Options = struct {
    cases: u32,
    has_default: bool,
    deadline_ns: u64,
    site: u32,
};

/// The cases are in the worker's area. `ok`: the winner is in `aux`, a received value in the record; `closed`: the
/// send case in `aux` is on a closed channel; `empty`: nothing can go on at once, and there is a default;
/// `timeout`, `all_closed`, `cancelled`, `parked`. On `parked` the values of all send cases are the core's; else
/// only the winner's.
pub fn select(
    rt: *Runtime,
    worker: *Worker,
    number: u32,
    cases: u32,
    has_default: bool,
    timeout_ns: f64,
    site: u32,
) i32 {
    if (cases > layout.select_cases_max) return Status.invalid;
    for (worker.area.cases[0..cases]) |*case| {
        if (rt.object(channel.Channel, case.channel) == null) return Status.stale;
        switch (case.kind) {
            Kind.receive, Kind.closed => {},
            Kind.send => if (!rt.isValid(.{ .tag = case.tag, .payload = case.payload })) return Status.invalid,
            else => return Status.invalid,
        }
    }
    const deadline_ns = if (timeout_ns < 0) never else rt.nowNs() +| nursery_mod.durationNs(timeout_ns);
    return attempt(rt, worker, number, .{
        .cases = cases,
        .has_default = has_default,
        .deadline_ns = deadline_ns,
        .site = site,
    });
}

fn attempt(rt: *Runtime, worker: *Worker, number: u32, options: Options) i32 {
    const fiber = rt.table.at(number);
    while (true) {
        // One with a default never waits.
        if (!options.has_default and nursery_mod.isCancelled(rt, worker, number)) return Status.cancelled;
        const tried = tryAll(rt, worker, number, options.cases);
        if (tried != Status.empty) {
            // A timeout is a case too, and the one that is left.
            const waits = options.has_default or options.deadline_ns != never;
            if (tried != Status.all_closed or !waits) return tried;
        }
        if (options.has_default) return Status.empty;
        if (options.deadline_ns != never and options.deadline_ns <= rt.nowNs()) return Status.timeout;
        const waited = wait(rt, worker, number, options);
        if (waited != Status.retry) return waited;
        fiber.wait_kind = .nothing;
    }
}

/// One round over the cases: `ok` or `closed` with the case in `aux`, `all_closed`, or `empty`.
fn tryAll(rt: *Runtime, worker: *Worker, number: u32, cases: u32) i32 {
    const fiber = rt.table.at(number);
    if (cases == 0) return Status.empty;
    const start: u32 = if (rt.options.seeded)
        rt.oracle.choose(.select, cases)
    else
        @intCast(worker.xorshift() % cases);
    var closed: u32 = 0;
    for (0..cases) |i| {
        const index = (start + @as(u32, @intCast(i))) % cases;
        const case = &worker.area.cases[index];
        // Resolved again each round: a handle that went stale while we waited has nobody on its other side.
        const ch = rt.object(channel.Channel, case.channel) orelse {
            closed += 1;
            continue;
        };
        const status = switch (case.kind) {
            Kind.receive => channel.tryReceiveOn(rt, worker, number, ch),
            Kind.send => channel.trySendOn(rt, worker, ch, .{ .tag = case.tag, .payload = case.payload }),
            else => if (ch.isDrained()) Status.ok else Status.empty,
        };
        if (status == Status.ok or (status == Status.closed and case.kind == Kind.send)) {
            if (case.kind != Kind.receive) fiber.wake_tag = Tag.void_;
            fiber.aux = @intCast(index);
            return status;
        }
        if (status == Status.closed) closed += 1;
    }
    return if (closed == cases) Status.all_closed else Status.empty;
}

/// How many cases the select that waits with this block has, and the channel of one.
pub fn casesOf(rt: *Runtime, block: u32) u32 {
    return rt.arena.at(Header, block).cases;
}

pub fn channelOf(rt: *Runtime, block: u32, index: u32) u32 {
    return nodeAt(rt, block, index).channel;
}

fn nodeAt(rt: *Runtime, block: u32, index: u32) *channel.SelectNode {
    return rt.arena.at(channel.SelectNode, offsetAt(block, index));
}

fn offsetAt(block: u32, index: u32) u32 {
    return block + @sizeOf(Header) + index * @sizeOf(channel.SelectNode);
}

fn sideOf(kind: i32) channel.Side {
    return switch (kind) {
        Kind.receive => .receive,
        Kind.send => .send,
        else => .closed,
    };
}

/// Joins the lists and parks. `retry`: woken at once for nothing; any other status is final.
fn wait(rt: *Runtime, worker: *Worker, number: u32, options: Options) i32 {
    const fiber = rt.table.at(number);
    const bytes = @sizeOf(Header) + options.cases * @sizeOf(channel.SelectNode);
    const block = rt.arena.alloc(&worker.arena, bytes);
    if (block == 0) return Status.out_of_memory;
    rt.arena.at(Header, block).* = .{
        .cases = options.cases,
        .site = options.site,
        .deadline_ns = options.deadline_ns,
    };
    for (worker.area.cases[0..options.cases], 0..) |*case, i| {
        nodeAt(rt, block, @intCast(i)).* = .{
            .node = .{},
            .channel = case.channel,
            // As in `channel.waitOn`: the wait holds every channel, until `release`.
            .offset = if (rt.handles.retain(case.channel)) rt.handles.objectOf(case.channel) else 0,
            .kind = case.kind,
            .tag = if (case.kind == Kind.send) case.tag else Tag.void_,
            .payload = case.payload,
            .padding = 0,
        };
    }
    const epoch = fiber.beginPark(.select, block, options.site);
    var joined: u32 = 0;
    for (0..options.cases) |i| {
        const index: u32 = @intCast(i);
        if (fiber.stateNow() != .parking) break; // somebody has chosen already
        const node = nodeAt(rt, block, index);
        if (node.offset == 0) continue;
        const ch = rt.arena.at(channel.Channel, node.offset);
        ch.lock.lock();
        defer ch.lock.unlock();
        // A closed and drained channel's receive case is never ready.
        if (node.kind == Kind.receive and ch.isDrained()) continue;
        joined += 1;
        channel.link(rt, ch, sideOf(node.kind), fiber_mod.node_in_arena | offsetAt(block, index) >> 4, number, index);
        channel.settle(rt, worker, ch);
    }
    if (fiber.stateNow() == .parking) {
        var give_up: i32 = Status.ok;
        if (joined == 0 and options.deadline_ns == never and options.cases > 0) give_up = Status.retry;
        if (fiber.cancel_any.load(.seq_cst) != 0 and nursery_mod.isCancelled(rt, worker, number)) {
            give_up = Status.cancelled;
        } else if (give_up == Status.ok and options.deadline_ns != never) {
            if (rt.timers.add(.fiber, number, epoch, options.deadline_ns, &fiber.timer)) |_| {
                worker.counters.timers_set.add(1);
            } else |_| give_up = Status.out_of_memory;
        }
        if (give_up != Status.ok and fiber.cancelPark(epoch)) {
            leaveAll(rt, block);
            release(rt, worker, block);
            fiber.wait_kind = .nothing;
            return give_up;
        }
    }
    if (!fiber.tookBack()) return Status.parked;
    // Its turn came while it joined: the values that did not win are still the caller's.
    rt.timers.remove(&fiber.timer);
    leaveAll(rt, block);
    release(rt, worker, block);
    fiber.wait_kind = .nothing;
    return fiber.wake_status;
}

fn leaveAll(rt: *Runtime, block: u32) void {
    for (0..rt.arena.at(Header, block).cases) |i| {
        const index: u32 = @intCast(i);
        const node = nodeAt(rt, block, index);
        if (node.offset == 0) continue;
        const ref = fiber_mod.node_in_arena | offsetAt(block, index) >> 4;
        channel.leaveNode(rt, sideOf(node.kind), ref, rt.arena.at(channel.Channel, node.offset));
    }
}

/// The wait is over: its references and its block go.
fn release(rt: *Runtime, worker: *Worker, block: u32) void {
    for (0..rt.arena.at(Header, block).cases) |i| {
        const node = nodeAt(rt, block, @intCast(i));
        if (node.offset != 0) _ = rt.releaseHandle(worker, node.channel);
    }
    rt.arena.free(&worker.arena, block);
}

/// The woken fiber runs again: its status, or `parked` when it has to wait on.
pub fn resumeSelect(rt: *Runtime, worker: *Worker, number: u32) i32 {
    const fiber = rt.table.at(number);
    const block = fiber.wait_object;
    const header = rt.arena.at(Header, block).*;
    fiber.wait_kind = .nothing;
    leaveAll(rt, block);
    var status = fiber.wake_status;
    const retry = status == Status.retry;
    if (retry) {
        for (0..header.cases) |i| {
            const node = nodeAt(rt, block, @intCast(i));
            worker.area.cases[i] = .{
                .kind = node.kind,
                .channel = node.channel,
                .tag = node.tag,
                .padding = 0,
                .payload = node.payload,
            };
        }
    } else {
        // The winner's value was taken out of its node.
        for (0..header.cases) |i| {
            const node = nodeAt(rt, block, @intCast(i));
            rt.releaseValue(worker, .{ .tag = node.tag, .payload = node.payload });
        }
    }
    // Only after another attempt has taken references of its own.
    defer release(rt, worker, block);
    if (!retry) {
        // The report of a send that failed names the channel.
        if (status == Status.closed) fiber.wait_object = nodeAt(rt, block, @bitCast(fiber.aux)).channel;
        return status;
    }
    status = attempt(rt, worker, number, .{
        .cases = header.cases,
        .has_default = false,
        .deadline_ns = header.deadline_ns,
        .site = header.site,
    });
    if (status == Status.parked) return status;
    if (status == Status.closed) fiber.wait_object = worker.area.cases[@as(u32, @bitCast(fiber.aux))].channel;
    // Since the first wait the values are the core's.
    const winner: u32 = if (status == Status.ok) @bitCast(fiber.aux) else layout.select_cases_max;
    for (worker.area.cases[0..header.cases], 0..) |*case, i| {
        if (i != winner and case.kind == Kind.send) {
            rt.releaseValue(worker, .{ .tag = case.tag, .payload = case.payload });
        }
    }
    return status;
}
