//! Interleavings of nurseries: the owner's join with the last child's end, with cancellation, deadlines and failures,
//! and with children that start others; and of shields with cancellation and their own time.

const std = @import("std");
const cancellation = @import("cancel.zig");
const channel = @import("channel.zig");
const interleave = @import("interleave.zig");
const layout = @import("layout.zig");
const nursery_mod = @import("nursery.zig");
const raced = @import("raced.zig");
const scheduler = @import("scheduler.zig");
const ground_mod = @import("interleave_ground.zig");
const Actor = interleave.Actor;
const Flaw = interleave.Flaw;
const Ground = ground_mod.Ground;
const Nursery = nursery_mod.Nursery;
const num = ground_mod.num;
const Outcome = layout.Outcome;
const Reason = layout.CancelReason;
const Status = layout.Status;
const assert = std.debug.assert;
const testing = std.testing;

/// What a thread does. The owner of the nursery is the fiber of thread 0.
const Role = union(enum) {
    join,
    /// A child that ends, or fails.
    child,
    failing,
    /// A child that waits until it is cancelled.
    waiting,
    /// A child that opens a nursery, starts a child that waits until it is cancelled, and joins.
    parent,
    /// A child that starts another one in the same nursery, which waits until it is cancelled.
    spawner,
    /// Not a fiber of the nursery: cancels it.
    cancel,
    /// Cancels its owner.
    cancel_owner,
    fire,
};

const Joining = struct {
    roles: []const Role,
    has_deadline: bool = false,
    ground: Ground = .{ .other = grandchild },
    nursery: u32 = 0,
    status: i32 = -1,
    failures: u32 = 0,
    ended: [3]bool = @splat(false),
    early: bool = false,
    is_done: raced.Value(bool) = .init(false),

    pub fn begin(case: *Joining) !void {
        const ground = &case.ground;
        try ground.begin(1, 0);
        const rt = ground.rt;
        const owner = ground.workerOf(0);
        const deadline_ns: f64 = if (case.has_deadline) 1e15 else -1;
        case.nursery = @intCast(nursery_mod.open(rt, owner, ground.fibers[0], deadline_ns, 0, 0));
        // Who cancels has a handle.
        try testing.expect(rt.retainHandle(case.nursery));
        for (case.roles, 0..) |role, thread| switch (role) {
            .child, .failing, .waiting, .parent, .spawner => {
                const child: u32 = @intCast(nursery_mod.spawn(rt, owner, Ground.spawnOf(case.nursery, false)));
                ground.place(thread, child);
            },
            else => {},
        };
        case.status = -1;
        case.failures = 0;
        case.ended = @splat(false);
        case.early = false;
        case.is_done.store(false, .monotonic);
    }

    pub fn actors(case: *Joining, buffer: *[8]Actor) []Actor {
        inline for (0..3) |thread| buffer[thread] = .init(case, struct {
            fn run(self: *Joining) void {
                self.act(thread);
            }
        }.run);
        for (case.roles, 0..) |role, i| buffer[i].name = @tagName(role);
        return buffer[0..case.roles.len];
    }

    fn act(case: *Joining, thread: usize) void {
        const ground = &case.ground;
        const rt = ground.rt;
        const worker = ground.workerOf(thread);
        const number = ground.fibers[thread];
        switch (case.roles[thread]) {
            .join => {
                case.status = ground.outcome(thread, nursery_mod.join(rt, worker, number, case.nursery));
                for (case.roles, case.ended[0..case.roles.len]) |role, ended| switch (role) {
                    .child, .failing, .waiting, .parent, .spawner => if (!ended) {
                        case.early = true;
                    },
                    else => {},
                };
                if (case.status == Status.failed) case.takeFailures(@bitCast(ground.fiber(thread).aux));
                case.is_done.store(true, .monotonic);
            },
            .child => case.leave(thread, Outcome.value),
            .failing => case.leave(thread, Outcome.failure),
            .waiting => {
                const status = ground.outcome(thread, scheduler.sleep(rt, worker, number, 1e18, 0));
                if (status != Status.cancelled) case.early = true;
                case.leave(thread, Outcome.cancelled);
            },
            .parent => {
                const inner: u32 = @intCast(nursery_mod.open(rt, worker, number, -1, 0, 0));
                const made = nursery_mod.spawn(rt, worker, Ground.spawnOf(inner, false));
                rt.pushReady(worker, @intCast(made));
                const status = ground.outcome(thread, nursery_mod.join(rt, worker, number, inner));
                if (status != Status.cancelled) case.early = true;
                case.leave(thread, Outcome.cancelled);
            },
            .spawner => {
                const made = nursery_mod.spawn(rt, worker, Ground.spawnOf(case.nursery, false));
                // It ends on this worker, whoever cancels it.
                assert(scheduler.finish(rt, worker, number, Outcome.value, .nothing) == Status.ok);
                ground.fibers[thread] = 0;
                case.ended[thread] = true;
                rt.pushReady(worker, @intCast(made));
                _ = ground.drive(thread, 0);
            },
            .cancel => cancellation.cancel(rt, worker, rt.object(Nursery, case.nursery).?, Reason.request),
            .cancel_owner => ground.cancel(thread, ground.fibers[0]),
            .fire => ground.fire(thread, &case.is_done),
        }
    }

    fn leave(case: *Joining, thread: usize, how: u32) void {
        case.ended[thread] = true;
        case.ground.finish(thread, how, num(@intCast(thread)));
    }

    /// The grandchild, on its parent's worker.
    fn grandchild(ground: *Ground, thread: usize, number: u32, is_start: bool, status: i32) void {
        const rt = ground.rt;
        const worker = ground.workerOf(thread);
        const now = if (is_start) scheduler.sleep(rt, worker, number, 1e18, 0) else status;
        if (now == Status.parked) return;
        _ = scheduler.finish(rt, worker, number, Outcome.cancelled, .nothing);
    }

    fn takeFailures(case: *Joining, first: u32) void {
        const rt = case.ground.rt;
        var at = first;
        while (at != 0) {
            const node = rt.arena.at(nursery_mod.FailureNode, at);
            const next = node.next;
            if (node.status == Status.failed) case.failures += 1;
            rt.releaseBlock(case.ground.workerOf(0), at);
            at = next;
        }
    }

    /// The owner went on after all its children; every failure reached it, cancelled or not.
    pub fn end(case: *Joining, ran: bool) !void {
        if (!ran) return case.ground.abandon();
        errdefer case.ground.abandon();
        if (case.early) return error.Early;
        var failing: u32 = 0;
        for (case.roles) |role| failing += @intFromBool(role == .failing);
        try testing.expectEqual(failing, case.failures);
        const is_disturbed = for (case.roles) |role| switch (role) {
            .cancel, .cancel_owner, .fire => break true,
            else => {},
        } else false;
        if (failing > 0) {
            try testing.expectEqual(Status.failed, case.status);
        } else if (!is_disturbed) {
            try testing.expectEqual(Status.ok, case.status);
        }
        case.ground.release(case.nursery);
        try case.ground.end();
    }
};

fn joining(comptime name: []const u8, roles: []const Role) !void {
    var case: Joining = .{ .roles = roles };
    try interleave.all(name, &case);
}

test "interleavings: an owner's join and the last child's end" {
    try joining("join, child", &.{ .join, .child });
    try joining("join, child, child", &.{ .join, .child, .child });
}

test "interleavings: an owner's join, a child's end and a cancellation" {
    try joining("join, child, cancel", &.{ .join, .child, .cancel });
    try joining("join, waiting child, cancel", &.{ .join, .waiting, .cancel });
    try joining("join, waiting child, cancelled owner", &.{ .join, .waiting, .cancel_owner });
}

test "interleavings: a nursery that is cancelled while its child starts a grandchild" {
    try joining("join, parent, cancel", &.{ .join, .parent, .cancel });
    try joining("join, parent, cancelled owner", &.{ .join, .parent, .cancel_owner });
}

test "interleavings: a nursery that is cancelled while a child starts another one in it" {
    try joining("join, spawner, cancel", &.{ .join, .spawner, .cancel });
}

test "interleavings: a child's failure and a cancellation from outside: the failure is not lost" {
    try joining("join, failing child, cancel", &.{ .join, .failing, .cancel });
    try joining("join, failing child, cancelled owner", &.{ .join, .failing, .cancel_owner });
    try joining("join, failing child, waiting child", &.{ .join, .failing, .waiting });
    try joining("join, two failing children", &.{ .join, .failing, .failing });
}

test "interleavings: a deadline and the last child's end" {
    var case: Joining = .{ .roles = &.{ .join, .child, .fire }, .has_deadline = true };
    try interleave.all("join, child, deadline", &case);
    case.roles = &.{ .join, .waiting, .fire };
    try interleave.all("join, waiting child, deadline", &case);
    case.roles = &.{ .join, .failing, .fire };
    try interleave.all("join, failing child, deadline", &case);
}

fn tornCount(case: *Joining) Flaw {
    return .{ .torn = &case.ground.rt.object(Nursery, case.nursery).?.live.raw };
}
fn tornFailures(case: *Joining) Flaw {
    return .{ .torn = &case.ground.rt.object(Nursery, case.nursery).?.failures.raw };
}
fn blindChild(case: *Joining) Flaw {
    return .{ .stale = &case.ground.fiber(1).cancel_any.raw };
}

test "interleavings canary: children that are counted in two steps are found" {
    var case: Joining = .{ .roles = &.{ .join, .child, .child } };
    try interleave.finds(&case, tornCount);
}

test "interleavings canary: failures that are linked in two steps are found" {
    var case: Joining = .{ .roles = &.{ .join, .failing, .failing } };
    try interleave.finds(&case, tornFailures);
}

test "interleavings canary: a child that does not look for a cancellation again is found" {
    var case: Joining = .{ .roles = &.{ .join, .waiting, .cancel } };
    try interleave.finds(&case, blindChild);
}

/// A fiber receives within a shield, is cancelled and is sent a value.
const Shielded = struct {
    const Part = enum { shielded, in_grace, send, cancel, fire };

    roles: []const Part,
    ground: Ground = .{},
    ch: u32 = 0,
    inside: i32 = -1,
    after: i32 = -1,
    is_done: raced.Value(bool) = .init(false),

    pub fn begin(case: *Shielded) !void {
        try case.ground.begin(case.roles.len, 0);
        case.ch = case.ground.newChannel(1);
        case.inside = -1;
        case.after = -1;
        case.is_done.store(false, .monotonic);
    }

    pub fn actors(case: *Shielded, buffer: *[8]Actor) []Actor {
        inline for (0..3) |thread| buffer[thread] = .init(case, struct {
            fn run(self: *Shielded) void {
                self.act(thread);
            }
        }.run);
        for (case.roles, 0..) |role, i| buffer[i].name = @tagName(role);
        return buffer[0..case.roles.len];
    }

    fn act(case: *Shielded, thread: usize) void {
        const ground = &case.ground;
        const rt = ground.rt;
        const worker = ground.workerOf(thread);
        const number = ground.fibers[thread];
        switch (case.roles[thread]) {
            .shielded => {
                const depth = &ground.fiber(thread).shield;
                raced.store(u16, depth, 1, .monotonic);
                case.inside = ground.outcome(thread, channel.receive(rt, worker, number, case.ch, 0));
                raced.store(u16, depth, 0, .monotonic);
                // Cancelled before or after: the next wait sees it.
                case.after = ground.outcome(thread, scheduler.sleep(rt, worker, number, 1e18, 0));
            },
            .in_grace => {
                const grace = cancellation.enterGrace(rt, worker, number, 1e15);
                case.inside = ground.outcome(thread, channel.receive(rt, worker, number, case.ch, 0));
                _ = cancellation.leaveGrace(rt, worker, number, @intCast(grace));
                case.is_done.store(true, .monotonic);
            },
            .send => _ = channel.send(rt, worker, number, case.ch, num(5), 0),
            .cancel => ground.cancel(thread, ground.fibers[0]),
            .fire => ground.fire(thread, &case.is_done),
        }
    }

    pub fn end(case: *Shielded, ran: bool) !void {
        if (!ran) return case.ground.abandon();
        errdefer case.ground.abandon();
        if (case.roles[0] == .shielded) {
            try testing.expectEqual(Status.ok, case.inside);
            try testing.expectEqual(Status.cancelled, case.after);
        }
        case.ground.release(case.ch);
        try case.ground.end();
    }
};

test "interleavings: a wait in a shield, a cancellation, and the way out" {
    var case: Shielded = .{ .roles = &.{ .shielded, .send, .cancel } };
    try interleave.all("shielded receive, send, cancel", &case);
}

test "interleavings: the time of a shield, a cancellation, and the way out" {
    // Nobody sends: only the end of its time lets the cancellation in.
    var case: Shielded = .{ .roles = &.{ .in_grace, .cancel, .fire } };
    try interleave.all("receive in a timed shield, cancel, time", &case);
}

fn blindInShield(case: *Shielded) Flaw {
    return .{ .stale = &case.ground.fiber(0).cancel_any.raw };
}

test "interleavings canary: who leaves a shield and does not look is found" {
    var case: Shielded = .{ .roles = &.{ .shielded, .send, .cancel } };
    try interleave.finds(&case, blindInShield);
}
