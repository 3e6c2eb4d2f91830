//! Tests of sockets.zig through the boundary, as a VM uses it: on loopback, one worker, nothing left behind.

const std = @import("std");
const os = std.os.linux;
const testing = std.testing;
const abi = @import("abi.zig");
const layout = @import("layout.zig");
const Event = layout.Event;
const Status = layout.Status;
const Tag = layout.Tag;

const listen = 0;
const connect = 1;
const udp = 2;
const some = 0;
const line = 1;
const exact = 2;

const Session = struct {
    main: u32,
    scratch: []u8,
    area: *layout.Area,

    fn open() !Session {
        try testing.expectEqual(Status.ok, abi.janus_open(1, 256, 2, 1));
        try testing.expectEqual(Status.ok, abi.janus_worker_enter(0));
        const main: u32 = @intCast(abi.janus_spawn_main(0, Tag.void_, 0));
        const base: [*]u8 = @ptrCast(abi.janus_arena().?);
        const session: Session = .{
            .main = main,
            .scratch = (base + abi.janus_scratch(0))[0..layout.scratch_bytes],
            .area = @ptrCast(@alignCast(base + abi.janus_worker_area(0))),
        };
        try testing.expectEqual(Event.start, next());
        return session;
    }

    fn next() i32 {
        while (true) {
            const event = abi.janus_next(0);
            if (event != Event.turn) return event;
        }
    }

    fn close(self: *const Session, handles: []const u32) !void {
        for (handles) |h| try testing.expectEqual(Status.ok, abi.janus_handle_release(0, h));
        try testing.expectEqual(Status.ok, abi.janus_finish(0, self.main, 0, Tag.void_, 0));
        try testing.expectEqual(Status.ok, abi.janus_shutdown());
        try testing.expectEqual(Event.exit, abi.janus_next(0));
        const block = abi.janus_stats(0, -1);
        const base: [*]u8 = @ptrCast(abi.janus_arena().?);
        const bytes = std.mem.readInt(u32, (base + block - 16)[0..4], .little);
        const nothing_left = "\"live_fibers\":0,\"live_handles\":0,\"live_blocks\":0,";
        try testing.expect(std.mem.find(u8, (base + block)[0..bytes], nothing_left) != null);
        try testing.expectEqual(Status.ok, abi.janus_free(0, block));
        try testing.expectEqual(Status.ok, abi.janus_worker_leave(0));
        try testing.expectEqual(Status.ok, abi.janus_close());
    }

    fn put(self: *const Session, text: []const u8) u32 {
        @memcpy(self.scratch[0..text.len], text);
        return @intCast(text.len);
    }

    /// Waits through all that is spurious: the operation's number, or its status once it is resumed with another.
    fn settled(self: *const Session, operation: anytype) !i32 {
        while (true) {
            const n = operation.go(self.main);
            if (n != -Status.parked) return n;
            try testing.expectEqual(Event.@"resume", next());
            const records: [*]@import("fiber.zig").Fiber = @ptrCast(@alignCast(abi.janus_records().?));
            const status = records[self.main].wake_status;
            if (status != Status.ok) return -status;
        }
    }

    fn pair(self: *const Session) ![3]u32 {
        const listener: u32 = @intCast(abi.janus_socket_open(0, listen, self.put("127.0.0.1:0")));
        const length: u32 = @intCast(abi.janus_socket_address(0, listener, 0));
        const client: u32 = @intCast(abi.janus_socket_open(0, connect, length));
        try testing.expectEqual(0, try self.settled(Connected{ .h = client }));
        const server = try self.settled(Accept{ .h = listener });
        try testing.expect(server > 0);
        return .{ listener, client, @intCast(server) };
    }
};

const Connected = struct {
    h: u32,
    deadline_ns: f64 = -1,
    fn go(self: Connected, fiber: u32) i32 {
        return abi.janus_socket_connected(0, fiber, self.h, self.deadline_ns, 1);
    }
};
const Accept = struct {
    h: u32,
    fn go(self: Accept, fiber: u32) i32 {
        return abi.janus_socket_accept(0, fiber, self.h, 1);
    }
};
const Read = struct {
    h: u32,
    mode: u32 = some,
    count: u32 = 1000,
    deadline_ns: f64 = -1,
    fn go(self: Read, fiber: u32) i32 {
        return abi.janus_socket_read(0, fiber, self.h, self.mode, self.count, self.deadline_ns, 1);
    }
};
const Receive = struct {
    h: u32,
    fn go(self: Receive, fiber: u32) i32 {
        return abi.janus_socket_receive_from(0, fiber, self.h, 100, -1, 1);
    }
};

test "a connection carries bytes, lines and counts, and its end is told from its closing" {
    const session: Session = try .open();
    const listener, const client, const server = try session.pair();
    const text = "one\r\ntwo\n12345rest";
    const sent = abi.janus_socket_write(0, session.main, client, session.put(text), -1, 1);
    try testing.expectEqual(@as(i32, text.len), sent);
    try testing.expectEqual(3, try session.settled(Read{ .h = server, .mode = line }));
    try testing.expectEqualStrings("one", session.scratch[0..3]);
    try testing.expectEqual(3, try session.settled(Read{ .h = server, .mode = line }));
    try testing.expectEqual(5, try session.settled(Read{ .h = server, .mode = exact, .count = 5 }));
    try testing.expectEqualStrings("12345", session.scratch[0..5]);
    try testing.expectEqual(2, try session.settled(Read{ .h = server, .count = 2 }));
    try testing.expectEqual(0, abi.janus_socket_change(0, client, 1)); // nothing more comes
    try testing.expectEqual(-Status.empty, try session.settled(Read{ .h = server, .mode = exact, .count = 3 }));
    try testing.expectEqual(2, try session.settled(Read{ .h = server, .mode = line }));
    try testing.expectEqualStrings("st", session.scratch[0..2]);
    try testing.expectEqual(-Status.empty, try session.settled(Read{ .h = server, .mode = line }));
    try testing.expectEqual(-Status.empty, try session.settled(Read{ .h = server }));
    try testing.expectEqual(0, abi.janus_socket_change(0, server, 0));
    try testing.expectEqual(0, abi.janus_socket_change(0, server, 0));
    try testing.expectEqual(-Status.closed, try session.settled(Read{ .h = server }));
    try testing.expectEqual(-Status.closed, abi.janus_socket_write(0, session.main, server, 1, -1, 1));
    try session.close(&.{ listener, client, server });
}

test "a line that is too long and a broken connection are refusals; a stale handle is a status" {
    const session: Session = try .open();
    const listener, const client, const server = try session.pair();
    _ = abi.janus_socket_write(0, session.main, client, session.put("a line of some length\n"), -1, 1);
    try testing.expectEqual(-Status.failed, try session.settled(Read{ .h = server, .mode = line, .count = 5 }));
    try testing.expectEqual(@backingInt(os.E.MSGSIZE), @as(u16, @intCast(session.area.ev[0])));
    _ = abi.janus_socket_write(0, session.main, server, session.put("unread"), -1, 1);
    // Closed with input unread, the connection is reset; writing into it raises no signal.
    try testing.expectEqual(0, abi.janus_socket_change(0, client, 0));
    _ = abi.janus_socket_write(0, session.main, server, session.put("x"), -1, 1);
    try testing.expectEqual(-Status.failed, abi.janus_socket_write(0, session.main, server, session.put("x"), -1, 1));
    try testing.expectEqual(-Status.stale, abi.janus_socket_accept(0, session.main, 12345, 1));
    try testing.expectEqual(-Status.invalid, abi.janus_socket_open(0, listen, session.put("nowhere")));
    try testing.expectEqual(-Status.invalid, abi.janus_socket_open(0, 9, session.put("127.0.0.1:0")));
    try session.close(&.{ listener, client, server });
}

test "a wait ends at its deadline, by cancellation and when the socket is closed, and takes nothing" {
    const session: Session = try .open();
    const listener, const client, const server = try session.pair();
    const soon_ns = abi.janus_now_ns() + 2e6;
    try testing.expectEqual(-Status.timeout, try session.settled(Read{ .h = server, .deadline_ns = soon_ns }));
    try testing.expect(abi.janus_now_ns() >= soon_ns);

    const nursery: u32 = @intCast(abi.janus_nursery_open(0, session.main, 2e6, 0, 0));
    try testing.expectEqual(-Status.cancelled, try session.settled(Read{ .h = server }));
    // Nothing is written or taken in a cancelled fiber, unless a shield is around it.
    const dropped = abi.janus_socket_write(0, session.main, client, session.put("dropped"), -1, 7);
    try testing.expectEqual(-Status.cancelled, dropped);
    try testing.expectEqual(Status.ok, abi.janus_shield(0, session.main, 1));
    _ = abi.janus_socket_write(0, session.main, client, session.put("kept"), -1, 4);
    try testing.expectEqual(Status.ok, abi.janus_shield(0, session.main, -1));
    std.Thread.yield() catch {};
    try testing.expectEqual(-Status.cancelled, try session.settled(Read{ .h = server }));
    try testing.expectEqual(Status.timeout, abi.janus_nursery_join(0, session.main, nursery));
    try testing.expectEqual(4, try session.settled(Read{ .h = server }));

    // A child waits; main closes under it.
    const other: u32 = @intCast(abi.janus_nursery_open(0, session.main, -1, 0, 0));
    const child: u32 = @intCast(abi.janus_spawn(0, session.main, other, 1, Tag.void_, 0, 0, 0, 0));
    while (true) {
        try testing.expectEqual(Status.ok, abi.janus_yield(0, session.main));
        if (Session.next() == Event.start) break;
    }
    const entered = abi.janus_socket_read(0, child, server, some, 10, -1, 1);
    try testing.expectEqual(-Status.parked, entered);
    try testing.expectEqual(Event.@"resume", Session.next());
    try testing.expectEqual(0, abi.janus_socket_change(0, server, 0));
    try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, session.main, other));
    try testing.expectEqual(Event.@"resume", Session.next());
    try testing.expectEqual(-Status.closed, abi.janus_socket_read(0, child, server, some, 10, -1, 1));
    try testing.expectEqual(Status.ok, abi.janus_finish(0, child, layout.Outcome.value, Tag.void_, 0));
    try testing.expectEqual(Event.@"resume", Session.next());
    try session.close(&.{ listener, client, server });
}

test "many fibers wait on one listener, and each connection goes to one of them" {
    const session: Session = try .open();
    const count = 20;
    const listener: u32 = @intCast(abi.janus_socket_open(0, listen, session.put("127.0.0.1:0")));
    const nursery: u32 = @intCast(abi.janus_nursery_open(0, session.main, -1, 0, 0));
    var handles: [2 * count + 1]u32 = undefined;
    handles[0] = listener;
    for (0..count) |_| _ = abi.janus_spawn(0, session.main, nursery, 1, Tag.void_, 0, 0, 0, 0);
    for (handles[1 .. count + 1]) |*client| {
        const length: u32 = @intCast(abi.janus_socket_address(0, listener, 0));
        client.* = @intCast(abi.janus_socket_open(0, connect, length));
    }
    try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, session.main, nursery));
    var accepted: usize = 0;
    while (accepted < count) {
        const event = Session.next();
        try testing.expect(event == Event.start or event == Event.@"resume");
        const fiber: u32 = @bitCast(session.area.ev[0]);
        const n = abi.janus_socket_accept(0, fiber, listener, 1);
        if (n == -Status.parked) continue;
        try testing.expect(n > 0);
        handles[count + 1 + accepted] = @intCast(n);
        accepted += 1;
        try testing.expectEqual(Status.ok, abi.janus_finish(0, fiber, layout.Outcome.value, Tag.void_, 0));
    }
    try testing.expectEqual(Event.@"resume", Session.next());
    try session.close(&handles);
}

test "a datagram comes with its sender, who can be answered" {
    const session: Session = try .open();
    const here: u32 = @intCast(abi.janus_socket_open(0, udp, session.put("127.0.0.1:0")));
    const there: u32 = @intCast(abi.janus_socket_open(0, udp, session.put("[::1]:0")));
    const length: u32 = @intCast(abi.janus_socket_address(0, here, 0));
    @memcpy(session.scratch[length..][0..4], "ping");
    try testing.expectEqual(-Status.failed, abi.janus_socket_send_to(0, session.main, there, length, 4, 1));
    const again: u32 = @intCast(abi.janus_socket_address(0, here, 0));
    @memcpy(session.scratch[again..][0..4], "ping");
    try testing.expectEqual(4, abi.janus_socket_send_to(0, session.main, here, again, 4, 1));
    try testing.expectEqual(4, try session.settled(Receive{ .h = here }));
    try testing.expectEqualStrings("ping127.0.0.1:", session.scratch[0..14]);
    try testing.expectEqual(-Status.invalid, abi.janus_socket_send_to(0, session.main, here, 2, 4, 1));
    try session.close(&.{ here, there });
}

test "a nursery that watches a connection is cancelled by its reset, and not by the end of what comes" {
    const session: Session = try .open();
    const listener, const client, const server = try session.pair();
    const nursery: u32 = @intCast(abi.janus_nursery_open(0, session.main, -1, 0, 1));
    try testing.expectEqual(0, abi.janus_socket_watch(0, server, nursery, 7));
    try testing.expectEqual(0, abi.janus_socket_change(0, client, 1)); // nothing more comes, but it still reads
    try testing.expectEqual(-Status.empty, try session.settled(Read{ .h = server }));
    // the reactor is looked at meanwhile
    const silent: Read = .{ .h = client, .deadline_ns = abi.janus_now_ns() + 2e6 };
    try testing.expectEqual(-Status.timeout, try session.settled(silent));
    try testing.expectEqual(0, abi.janus_cancel_cause(0, session.main));
    // closed with input unread: a reset
    try testing.expectEqual(1, abi.janus_socket_write(0, session.main, server, session.put("x"), -1, 1));
    try testing.expectEqual(0, abi.janus_socket_change(0, client, 0));
    const wait: Accept = .{ .h = listener };
    try testing.expectEqual(-Status.cancelled, try session.settled(wait));
    const disconnect: f64 = @floatFromInt(@as(u64, layout.CancelCause.disconnect) << 32 | 7);
    try testing.expectEqual(disconnect, abi.janus_cancel_cause(0, session.main));
    try testing.expectEqual(Status.cancelled, abi.janus_nursery_join(0, session.main, nursery));
    // another one that watches it now is cancelled at once
    const second: u32 = @intCast(abi.janus_nursery_open(0, session.main, -1, 0, 1));
    try testing.expectEqual(0, abi.janus_socket_watch(0, server, second, 8));
    try testing.expectEqual(Status.cancelled, abi.janus_nursery_join(0, session.main, second));
    try session.close(&.{ listener, client, server });
}

test "a nursery that watched a connection is let go when another does, and when it is closed or ends on both sides" {
    const session: Session = try .open();
    const listener, const client, const server = try session.pair();
    const other_listener, const other_client, const other_server = try session.pair();
    const first: u32 = @intCast(abi.janus_nursery_open(0, session.main, -1, 0, 1));
    const second: u32 = @intCast(abi.janus_nursery_open(0, session.main, -1, 0, 1));
    try testing.expectEqual(0, abi.janus_socket_watch(0, server, first, 1));
    try testing.expectEqual(0, abi.janus_socket_watch(0, server, second, 1));
    try testing.expectEqual(0, abi.janus_socket_change(0, client, 1));
    try testing.expectEqual(0, abi.janus_socket_change(0, server, 1));
    try testing.expectEqual(-Status.empty, try session.settled(Read{ .h = client }));
    try testing.expectEqual(-Status.empty, try session.settled(Read{ .h = server }));
    // the reactor is looked at meanwhile
    const silent: Read = .{ .h = other_client, .deadline_ns = abi.janus_now_ns() + 2e6 };
    try testing.expectEqual(-Status.timeout, try session.settled(silent));
    try testing.expectEqual(0, abi.janus_cancel_cause(0, session.main));
    try testing.expectEqual(0, abi.janus_socket_change(0, server, 0));
    try testing.expectEqual(-Status.closed, abi.janus_socket_watch(0, server, first, 1));
    try testing.expectEqual(Status.ok, abi.janus_nursery_join(0, session.main, second));
    try testing.expectEqual(Status.ok, abi.janus_nursery_join(0, session.main, first));
    try testing.expectEqual(-Status.stale, abi.janus_socket_watch(0, 12345, first, 1));
    try session.close(&.{ listener, client, server, other_listener, other_client, other_server });
}

test "connections ask whether the other side is there when they hear nothing" {
    const session: Session = try .open();
    const handles = try session.pair();
    var asking: u32 = 0;
    for (3..256) |fd| {
        var seconds: u32 = 0;
        var bytes: os.socklen_t = 4;
        const got = os.getsockopt(@intCast(fd), os.SOL.SOCKET, os.SO.KEEPALIVE, std.mem.asBytes(&seconds), &bytes);
        if (os.errno(got) != .SUCCESS or seconds != 1) continue;
        _ = os.getsockopt(@intCast(fd), os.IPPROTO.TCP, os.TCP.KEEPIDLE, std.mem.asBytes(&seconds), &bytes);
        asking += @intFromBool(seconds == 15);
    }
    try testing.expectEqual(handles.len, asking); // the listener, from which the third has it, and both ends
    try session.close(&handles);
}

test "a connection that nobody takes is given up in time" {
    const session: Session = try .open();
    // a listener that never accepts: when its queue is full, the system lets whoever comes wait
    const listener: i32 = @intCast(os.socket(os.AF.INET, os.SOCK.STREAM | os.SOCK.CLOEXEC, 0));
    defer _ = os.close(listener);
    try testing.expectEqual(.SUCCESS, os.errno(os.listen(listener, 0)));
    var address: os.sockaddr.in = undefined;
    var bytes: os.socklen_t = @sizeOf(os.sockaddr.in);
    _ = os.getsockname(listener, @ptrCast(&address), &bytes);
    var text: [32]u8 = undefined;
    const name = try std.fmt.bufPrint(&text, "127.0.0.1:{d}", .{std.mem.bigToNative(u16, address.port)});
    var handles: [4]u32 = undefined;
    var late = false;
    for (&handles) |*h| {
        h.* = @intCast(abi.janus_socket_open(0, connect, session.put(name)));
        const status = try session.settled(Connected{ .h = h.*, .deadline_ns = abi.janus_now_ns() + 5e6 });
        if (status == -Status.timeout) late = true else try testing.expectEqual(0, status);
    }
    try testing.expect(late);
    try session.close(&handles);
}
