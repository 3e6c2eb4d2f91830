//! Interleavings of channel operations and select with each other, with closing, cancelling and time.

const std = @import("std");
const channel = @import("channel.zig");
const interleave = @import("interleave.zig");
const layout = @import("layout.zig");
const raced = @import("raced.zig");
const select = @import("select.zig");
const Actor = interleave.Actor;
const Flaw = interleave.Flaw;
const ground_mod = @import("interleave_ground.zig");
const Ground = ground_mod.Ground;
const num = ground_mod.num;
const Channel = channel.Channel;
const Status = layout.Status;
const testing = std.testing;

/// What one thread does. Two channels: `a`, and `b` for selects.
const Role = union(enum) {
    send,
    send_b,
    receive,
    /// Waits for whatever comes on `a` or `b`.
    select,
    select_timed,
    /// Offers its value on `a` and waits on `b`.
    select_send,
    close,
    send_close,
    /// Cancels the fiber of a thread.
    cancel: usize,
    /// The same, and closes `a` afterwards.
    cancel_close: usize,
    fire,
};

const Play = struct {
    roles: []const Role,
    capacity: u32,
    ground: Ground = .{},
    a: u32 = 0,
    b: u32 = 0,
    status: [3]i32 = @splat(-1),
    /// What each thread has received; 0 for nothing.
    got: [3]u32 = @splat(0),
    /// The first thread is done.
    is_done: raced.Value(bool) = .init(false),

    pub fn begin(play: *Play) !void {
        try play.ground.begin(play.roles.len, 0);
        play.a = play.ground.newChannel(play.capacity);
        play.b = play.ground.newChannel(play.capacity);
        play.status = @splat(-1);
        play.got = @splat(0);
        play.is_done.store(false, .monotonic);
    }

    pub fn actors(play: *Play, buffer: *[8]Actor) []Actor {
        const bodies = [_]fn (*Play) void{ first, second, third };
        inline for (bodies, 0..) |body, i| buffer[i] = .init(play, body);
        for (play.roles, 0..) |role, i| buffer[i].name = @tagName(role);
        return buffer[0..play.roles.len];
    }

    fn first(play: *Play) void {
        play.act(0);
        play.is_done.store(true, .monotonic);
    }
    fn second(play: *Play) void {
        play.act(1);
    }
    fn third(play: *Play) void {
        play.act(2);
    }

    fn channelOf(play: *Play, handle: u32) *Channel {
        return play.ground.rt.object(Channel, handle).?;
    }

    fn act(play: *Play, thread: usize) void {
        const ground = &play.ground;
        const rt = ground.rt;
        const worker = ground.workerOf(thread);
        const number = ground.fibers[thread];
        const offered = num(@intCast(thread + 1));
        switch (play.roles[thread]) {
            .send, .send_close => play.status[thread] =
                ground.outcome(thread, channel.send(rt, worker, number, play.a, offered, 0)),
            .send_b => play.status[thread] =
                ground.outcome(thread, channel.send(rt, worker, number, play.b, offered, 0)),
            .receive => {
                play.status[thread] = ground.outcome(thread, channel.receive(rt, worker, number, play.a, 0));
                if (play.status[thread] == Status.ok) play.got[thread] = ground.value(thread);
            },
            .select, .select_timed, .select_send => {
                const sends = play.roles[thread] == .select_send;
                worker.area.cases[0] = .{
                    .kind = if (sends) layout.SelectKind.send else layout.SelectKind.receive,
                    .channel = play.a,
                    .tag = offered.tag,
                    .padding = 0,
                    .payload = offered.payload,
                };
                worker.area.cases[1] = .{
                    .kind = layout.SelectKind.receive,
                    .channel = play.b,
                    .tag = 0,
                    .padding = 0,
                    .payload = 0,
                };
                const timeout_ns: f64 = if (play.roles[thread] == .select_timed) 1e15 else -1;
                const status = ground.outcome(thread, select.select(rt, worker, number, 2, false, timeout_ns, 0));
                play.status[thread] = status;
                const chosen: u32 = @bitCast(ground.fiber(thread).aux);
                if (status == Status.ok and !(sends and chosen == 0)) play.got[thread] = ground.value(thread);
                if (sends and status == Status.ok and chosen != 0) play.status[thread] = -1;
            },
            .close => channel.close(rt, worker, play.channelOf(play.a), 0),
            .cancel, .cancel_close => |victim| ground.cancel(thread, ground.fibers[victim]),
            .fire => ground.fire(thread, &play.is_done),
        }
        switch (play.roles[thread]) {
            .send_close, .cancel_close => channel.close(rt, worker, play.channelOf(play.a), 0),
            else => {},
        }
    }

    fn isCancelled(play: *Play, thread: usize) bool {
        for (play.roles) |role| switch (role) {
            .cancel, .cancel_close => |victim| if (victim == thread) return true,
            else => {},
        };
        return false;
    }

    /// Each value whose send succeeded was received once or is still there, and no other was.
    pub fn end(play: *Play, ran: bool) !void {
        const ground = &play.ground;
        if (!ran) return ground.abandon();
        var times: [4]u32 = @splat(0);
        for (play.got) |value| times[value] += 1;
        for ([_]u32{ play.a, play.b }) |handle| {
            const ch = play.channelOf(handle);
            try testing.expectEqual(0, ch.waiting);
            if (ch.capacity > 0) for (0..ch.len()) |i| {
                times[@intFromFloat(ch.valueAt(ground.rt, ch.firstPosition() + i).?.payload)] += 1;
            };
        }
        for (play.roles, play.status[0..play.roles.len], 1..) |role, status, value| {
            const sent = switch (role) {
                .send, .send_b, .send_close, .select_send => status == Status.ok,
                else => false,
            };
            if (times[value] != @intFromBool(sent)) return error.LostOrTwice;
            if (status == Status.cancelled and !play.isCancelled(value - 1)) return error.CancelledByNobody;
        }
        ground.release(play.a);
        ground.release(play.b);
        try ground.end();
    }
};

fn playAll(comptime name: []const u8, capacities: []const u32, roles: []const Role) !void {
    for (capacities) |capacity| {
        var case: Play = .{ .roles = roles, .capacity = capacity };
        try interleave.all(name, &case);
    }
}

test "interleavings: a receive and a send" {
    try playAll("receive, send", &.{ 0, 1 }, &.{ .receive, .send });
}

test "interleavings: a receive and a close" {
    try playAll("receive, close", &.{ 0, 1 }, &.{ .receive, .close });
    try playAll("receive, send and close", &.{ 0, 1 }, &.{ .receive, .send_close });
}

test "interleavings: a receive, a send and a cancellation of the receiver" {
    try playAll("receive, send, cancel", &.{1}, &.{ .receive, .send, .{ .cancel = 0 } });
    try playAll("receive, send, cancel and close", &.{0}, &.{ .receive, .send, .{ .cancel_close = 0 } });
}

test "interleavings: a rendezvous whose sender is cancelled loses no value" {
    try playAll("send, receive, cancel and close", &.{ 0, 1 }, &.{ .send, .receive, .{ .cancel_close = 0 } });
}

test "interleavings: two receivers, one sender" {
    try playAll("receive, receive, send and close", &.{ 0, 1 }, &.{ .receive, .receive, .send_close });
}

test "interleavings: two senders, one of which the close sends away" {
    try playAll("send, send, close", &.{ 1, 2 }, &.{ .send_close, .send_close });
}

test "interleavings: a select over two channels and a sender on each" {
    try playAll("select, send", &.{ 0, 1 }, &.{ .select, .send });
    try playAll("select, two sends", &.{1}, &.{ .select, .send, .send_b });
}

test "interleavings: a select, a close and a timeout" {
    try playAll("select, close, timeout", &.{ 0, 1 }, &.{ .select_timed, .close, .fire });
    try playAll("select, send and close, timeout", &.{1}, &.{ .select_timed, .send_close, .fire });
    try playAll("select, send, cancel", &.{1}, &.{ .select, .send, .{ .cancel = 0 } });
}

test "interleavings: a select that sends meets a receive" {
    try playAll("select that sends, receive", &.{ 0, 1 }, &.{ .select_send, .receive });
    try playAll("select that sends, receive, close", &.{0}, &.{ .select_send, .receive, .{ .cancel_close = 0 } });
}

fn tornState(case: *Play) Flaw {
    return .{ .torn = &case.ground.fiber(0).state.raw };
}
fn tornTail(case: *Play) Flaw {
    return .{ .torn = &case.channelOf(case.a).tail.raw };
}
fn tornLock(case: *Play) Flaw {
    return .{ .stale = &case.channelOf(case.a).receivers.raw };
}
fn blindToCancel(case: *Play) Flaw {
    return .{ .stale = &case.ground.fiber(0).cancel_any.raw };
}

test "interleavings canary: a claim that two can win is found" {
    var case: Play = .{ .roles = &.{ .receive, .send, .{ .cancel = 0 } }, .capacity = 1 };
    try interleave.finds(&case, tornState);
    case = .{ .roles = &.{ .select, .send, .send_b }, .capacity = 1 };
    try interleave.finds(&case, tornState);
}

test "interleavings canary: a slot that two can fill is found" {
    var case: Play = .{ .roles = &.{ .send, .send, .receive }, .capacity = 2 };
    try interleave.finds(&case, tornTail);
}

test "interleavings canary: a sender that does not see who waits is found" {
    var case: Play = .{ .roles = &.{ .receive, .send_close }, .capacity = 1 };
    case.roles = &.{ .receive, .send };
    try interleave.finds(&case, tornLock);
}

test "interleavings canary: a waiter that does not look for a cancellation again is found" {
    var case: Play = .{ .roles = &.{ .receive, .{ .cancel = 0 } }, .capacity = 1 };
    try interleave.finds(&case, blindToCancel);
}
