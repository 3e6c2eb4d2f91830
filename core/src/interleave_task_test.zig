//! Interleavings of awaiting a task with its end, with cancellation and with other awaiters; of the last handle's
//! release with its use; and of the lock of a `Mutex[T]` with its hand-over.

const std = @import("std");
const handles_mod = @import("handles.zig");
const interleave = @import("interleave.zig");
const layout = @import("layout.zig");
const sync = @import("sync.zig");
const task = @import("task.zig");
const ground_mod = @import("interleave_ground.zig");
const Actor = interleave.Actor;
const Flaw = interleave.Flaw;
const Ground = ground_mod.Ground;
const num = ground_mod.num;
const Outcome = layout.Outcome;
const Status = layout.Status;
const testing = std.testing;

/// What a thread does; the task is the fiber of thread 0.
const Role = union(enum) { finish, fail, await, poll_await, cancel: usize };

const Awaiting = struct {
    roles: []const Role,
    ground: Ground = .{},
    task: u32 = 0,
    generation: u32 = 0,
    status: [3]i32 = @splat(-1),
    got: [3]u32 = @splat(0),
    /// The task said it had ended, and an await that came then did not see it.
    broken: bool = false,

    pub fn begin(case: *Awaiting) !void {
        try case.ground.begin(case.roles.len, 1);
        case.task = case.ground.fibers[0];
        case.generation = case.ground.fiber(0).generation;
        case.status = @splat(-1);
        case.got = @splat(0);
        case.broken = false;
    }

    pub fn actors(case: *Awaiting, buffer: *[8]Actor) []Actor {
        return threads(Awaiting, case, case.roles, buffer);
    }

    fn act(case: *Awaiting, thread: usize) void {
        const ground = &case.ground;
        const worker = ground.workerOf(thread);
        switch (case.roles[thread]) {
            .finish => ground.finish(thread, Outcome.value, num(7)),
            .fail => ground.finish(thread, Outcome.failure, num(7)),
            .cancel => |victim| ground.cancel(thread, ground.fibers[victim]),
            .await, .poll_await => {
                const polls = case.roles[thread] == .poll_await;
                const was = if (polls) task.state(ground.rt, case.task, case.generation) else 0;
                const number = ground.fibers[thread];
                const status = task.await(ground.rt, worker, number, case.task, case.generation, 0);
                if (was != 0 and status == Status.parked) case.broken = true;
                case.status[thread] = ground.outcome(thread, status);
                if (case.status[thread] != Status.cancelled) case.got[thread] = ground.value(thread);
            },
        }
    }

    /// Every awaiter has the result, once; one that somebody cancels may have that instead.
    pub fn end(case: *Awaiting, ran: bool) !void {
        if (!ran) return case.ground.abandon();
        if (case.broken) return error.EndNotSeen;
        const expected = if (case.roles[0] == .fail) Status.failed else Status.ok;
        for (case.roles, 0..) |role, thread| if (role == .await or role == .poll_await) {
            const may_be_cancelled = for (case.roles) |other| {
                if (other == .cancel and other.cancel == thread) break true;
            } else false;
            if (may_be_cancelled and case.status[thread] == Status.cancelled) continue;
            try testing.expectEqual(expected, case.status[thread]);
            try testing.expectEqual(7, case.got[thread]);
        };
        try testing.expectEqual(1, case.ground.rt.table.at(case.task).refs.load(.monotonic));
        case.ground.rt.dropFiber(case.ground.workerOf(0), case.task);
        try case.ground.end();
    }
};

/// An actor for each role.
fn threads(comptime Case: type, case: *Case, roles: anytype, buffer: *[8]Actor) []Actor {
    inline for (0..3) |thread| buffer[thread] = .init(case, struct {
        fn run(self: *Case) void {
            self.act(thread);
        }
    }.run);
    for (roles, 0..) |role, i| buffer[i].name = @tagName(role);
    return buffer[0..roles.len];
}

fn awaiting(comptime name: []const u8, roles: []const Role) !void {
    var case: Awaiting = .{ .roles = roles };
    try interleave.all(name, &case);
}

test "interleavings: an await and the task's end" {
    try awaiting("finish, await", &.{ .finish, .await });
    try awaiting("fail, await", &.{ .fail, .await });
}

test "interleavings: an await, the task's end and a cancellation of the awaiter" {
    try awaiting("finish, await, cancel", &.{ .finish, .await, .{ .cancel = 1 } });
}

test "interleavings: two awaiters and the task's end" {
    try awaiting("finish, await, await", &.{ .finish, .await, .await });
    try awaiting("fail, await, await", &.{ .fail, .await, .await });
}

test "interleavings: who looks whether a task has ended, and then awaits it" {
    try awaiting("finish, look and await", &.{ .finish, .poll_await });
    try awaiting("finish, look and await, await", &.{ .finish, .poll_await, .await });
}

fn tornWaiters(case: *Awaiting) Flaw {
    return .{ .torn = &case.ground.fiber(0).waiters.raw };
}
fn blindAwaiter(case: *Awaiting) Flaw {
    return .{ .stale = &case.ground.fiber(1).cancel_any.raw };
}

test "interleavings canary: a meeting of awaiter and finisher that is not one step is found" {
    var case: Awaiting = .{ .roles = &.{ .finish, .await } };
    try interleave.finds(&case, tornWaiters);
    case.roles = &.{ .finish, .await, .await };
    try interleave.finds(&case, tornWaiters);
}

/// Threads that hold, use and release what a handle names, while its slot may become another's.
const Holding = struct {
    const Use = enum { use, release_and_make };

    roles: []const Use,
    ground: Ground = .{},
    handle: u32 = 0,
    made: u32 = 0,
    wrong: bool = false,

    const mine = 0x1234;
    const theirs = 0x9999;

    pub fn begin(case: *Holding) !void {
        try case.ground.begin(case.roles.len, 0);
        case.handle = @intCast(sync.atomicCreate(case.ground.rt, case.ground.workerOf(0), mine));
        case.made = 0;
        case.wrong = false;
    }

    pub fn actors(case: *Holding, buffer: *[8]Actor) []Actor {
        return threads(Holding, case, case.roles, buffer);
    }

    fn act(case: *Holding, thread: usize) void {
        const rt = case.ground.rt;
        const worker = case.ground.workerOf(thread);
        switch (case.roles[thread]) {
            .use => {
                if (!rt.retainHandle(case.handle)) return;
                const cell = rt.object(sync.AtomicCell, case.handle);
                if (cell == null or cell.?.cell != mine) case.wrong = true;
                if (!rt.releaseHandle(worker, case.handle)) case.wrong = true;
            },
            .release_and_make => {
                if (!rt.releaseHandle(worker, case.handle)) case.wrong = true;
                case.made = @intCast(sync.atomicCreate(rt, worker, theirs));
            },
        }
    }

    pub fn end(case: *Holding, ran: bool) !void {
        if (!ran) return case.ground.abandon();
        errdefer case.ground.abandon();
        if (case.wrong) return error.UsedAfterFree;
        try testing.expectEqual(null, case.ground.rt.object(sync.AtomicCell, case.handle));
        case.ground.release(case.made);
        try case.ground.end();
    }
};

test "interleavings: a handle's last release, its use, and another object in its slot" {
    var case: Holding = .{ .roles = &.{ .release_and_make, .use } };
    try interleave.all("release and make, use", &case);
    case.roles = &.{ .release_and_make, .use, .use };
    try interleave.all("release and make, use, use", &case);
}

fn tornSlot(case: *Holding) Flaw {
    return .{ .torn = &case.ground.rt.handles.slots[handles_mod.indexOf(case.handle)].word.raw };
}

test "interleavings canary: a reference that is counted in two steps is found" {
    var case: Holding = .{ .roles = &.{ .release_and_make, .use, .use } };
    try interleave.finds(&case, tornSlot);
}

/// Threads that take one lock.
const Locking = struct {
    const Turn = union(enum) { lock, lock_twice_unlock_stale, cancel: usize };

    roles: []const Turn,
    ground: Ground = .{},
    handle: u32 = 0,
    inside: u32 = 0,
    entered: u32 = 0,
    wrong: bool = false,

    pub fn begin(case: *Locking) !void {
        try case.ground.begin(case.roles.len, 0);
        case.handle = @intCast(sync.mutexCreate(case.ground.rt, case.ground.workerOf(0), num(0), 0));
        case.inside = 0;
        case.entered = 0;
        case.wrong = false;
    }

    pub fn actors(case: *Locking, buffer: *[8]Actor) []Actor {
        return threads(Locking, case, case.roles, buffer);
    }

    fn act(case: *Locking, thread: usize) void {
        const ground = &case.ground;
        const rt = ground.rt;
        const worker = ground.workerOf(thread);
        const number = ground.fibers[thread];
        const role = case.roles[thread];
        if (role == .cancel) return ground.cancel(thread, ground.fibers[role.cancel]);
        const mutex = rt.object(sync.Mutex, case.handle).?;
        const status = ground.outcome(thread, sync.lock(rt, worker, number, mutex, 0));
        if (status == Status.cancelled) return;
        if (status != Status.ok) case.wrong = true;
        const turn: u32 = @intCast(sync.taken(number, mutex, 0));
        case.inside += 1;
        if (case.inside != 1) case.wrong = true;
        const value = sync.get(rt, number, mutex, turn);
        if (value != Status.ok) case.wrong = true;
        if (sync.set(rt, worker, number, mutex, turn, num(ground.value(thread) + 1)) != Status.ok) case.wrong = true;
        case.entered += 1;
        case.inside -= 1;
        if (sync.unlock(rt, worker, number, mutex, turn, false) != Status.ok) case.wrong = true;
        // The guard of a holding that is over does nothing, whoever has the lock now.
        if (role == .lock_twice_unlock_stale) {
            if (sync.unlock(rt, worker, number, mutex, turn, false) == Status.ok) case.wrong = true;
        }
    }

    pub fn end(case: *Locking, ran: bool) !void {
        if (!ran) return case.ground.abandon();
        errdefer case.ground.abandon();
        if (case.wrong) return error.TwoHolders;
        const mutex = case.ground.rt.object(sync.Mutex, case.handle).?;
        try testing.expectEqual(0, mutex.holder);
        try testing.expectEqual(0, mutex.channel.waiting);
        try testing.expectEqual(1, mutex.channel.len());
        try testing.expectEqual(@as(f64, @floatFromInt(case.entered)), mutex.payload);
        case.ground.release(case.handle);
        try case.ground.end();
    }
};

test "interleavings: a lock, its hand-over and a cancellation of who waits for it" {
    var case: Locking = .{ .roles = &.{ .lock, .lock } };
    try interleave.all("lock, lock", &case);
    case.roles = &.{ .lock, .lock, .{ .cancel = 1 } };
    try interleave.all("lock, lock, cancel", &case);
    case.roles = &.{ .lock_twice_unlock_stale, .lock };
    try interleave.all("stale unlock, lock", &case);
}

fn tornHead(case: *Locking) Flaw {
    return .{ .torn = &case.ground.rt.object(sync.Mutex, case.handle).?.channel.head.raw };
}

test "interleavings canary: a right to the lock that two can take is found" {
    var case: Locking = .{ .roles = &.{ .lock, .lock } };
    try interleave.finds(&case, tornHead);
}
