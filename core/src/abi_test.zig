//! The exports as the other side calls them: wrong arguments are statuses, never crashes; and the small things that
//! need no second thread.

const std = @import("std");
const abi = @import("abi.zig");
const dump = @import("dump.zig");
const layout = @import("layout.zig");
const manifest = @import("manifest.zig");
const FailureNode = @import("nursery.zig").FailureNode;
const runtime_mod = @import("runtime.zig");
const Runtime = runtime_mod.Runtime;
const Status = layout.Status;
const Event = layout.Event;
const Tag = layout.Tag;
const os = std.os.linux;
const testing = std.testing;

test "the committed TypeScript side is what the manifest generates" {
    const fd = os.openat(os.AT.FDCWD, "../interp/runtime/abi.generated.ts", .{ .ACCMODE = .RDONLY }, 0);
    // From another folder than core/ the file cannot be found; then the test says so instead of passing.
    try testing.expectEqual(.SUCCESS, os.errno(fd));
    defer _ = os.close(@intCast(fd));
    const buffer = try testing.allocator.alloc(u8, manifest.generated.len + 1);
    defer testing.allocator.free(buffer);
    var len: usize = 0;
    while (len < buffer.len) {
        const n = os.read(@intCast(fd), buffer[len..].ptr, buffer.len - len);
        try testing.expectEqual(.SUCCESS, os.errno(n));
        if (n == 0) break;
        len += n;
    }
    try testing.expectEqualStrings(manifest.generated, buffer[0..len]);
}

/// A runtime behind the exports, with `main` running on worker 0.
pub const Session = struct {
    main: u32,
    area: *layout.Area,
    records: [*]@import("fiber.zig").Fiber,

    pub fn open(seeded: bool) !Session {
        try testing.expectEqual(Status.ok, abi.janus_open(1, 256, if (seeded) 3 else 2, 1));
        try testing.expectEqual(Status.ok, abi.janus_worker_enter(0));
        const main = abi.janus_spawn_main(0, Tag.void_, 0);
        try testing.expect(main > 0);
        var session: Session = .{
            .main = @intCast(main),
            .area = @ptrFromInt(@intFromPtr(abi.janus_arena().?) + abi.janus_worker_area(0)),
            .records = @ptrCast(@alignCast(abi.janus_records().?)),
        };
        try testing.expectEqual(Event.start, session.next());
        return session;
    }

    const Failures = struct { count: usize, nodes: [8]FailureNode };

    /// The failed children of the nursery that main has left, first the first; the list goes.
    pub fn takeFailures(session: *Session) !Failures {
        var out: Failures = .{ .count = 0, .nodes = undefined };
        var offset: u32 = @bitCast(session.record().aux);
        while (offset != 0) : (out.count += 1) {
            const node: *FailureNode = @ptrFromInt(@intFromPtr(abi.janus_arena().?) + offset);
            out.nodes[out.count] = node.*;
            try testing.expectEqual(Status.ok, abi.janus_block_release(0, offset));
            offset = out.nodes[out.count].next;
        }
        return out;
    }

    pub fn next(_: *Session) i32 {
        while (true) {
            const event = abi.janus_next(0);
            if (event != Event.turn) return event;
        }
    }

    pub fn record(self: *Session) *@import("fiber.zig").Fiber {
        return &self.records[self.main];
    }

    /// Finishes `main` and ends the runtime; nothing may be left.
    pub fn close(self: *Session) !void {
        try testing.expectEqual(Status.ok, abi.janus_finish(0, self.main, 0, Tag.void_, 0));
        try testing.expectEqual(Status.ok, abi.janus_shutdown());
        try testing.expectEqual(Event.exit, abi.janus_next(0));
        const block = abi.janus_stats(0, -1);
        try testing.expect(block != 0);
        const text = bytes(block);
        try testing.expect(std.mem.find(u8, text, "\"live_fibers\":0,\"live_handles\":0,\"live_blocks\":0,") != null);
        try testing.expectEqual(Status.ok, abi.janus_free(0, block));
        try testing.expectEqual(Status.ok, abi.janus_worker_leave(0));
        try testing.expectEqual(Status.ok, abi.janus_close());
    }

    pub fn bytes(block: u32) []u8 {
        const base: [*]u8 = @ptrCast(abi.janus_arena().?);
        const len = std.mem.readInt(u32, (base + block - 16)[0..4], .little);
        return (base + block)[0..len];
    }

    pub fn string(text: []const u8) f64 {
        const block = abi.janus_alloc(0, @intCast(text.len));
        @memcpy(bytes(block), text);
        return @floatFromInt(block);
    }
};

test "nothing works before the runtime is open, and nothing crashes" {
    try testing.expectEqual(Status.invalid, abi.janus_close());
    try testing.expectEqual(-Status.invalid, abi.janus_next(0));
    try testing.expectEqual(0, abi.janus_alloc(0, 10));
    try testing.expectEqual(null, abi.janus_records());
    try testing.expectEqual(Status.invalid, abi.janus_open(0, 0, 0, 0));
    try testing.expectEqual(Status.invalid, abi.janus_open(65, 0, 0, 0));
}

test "wrong numbers are statuses" {
    var session: Session = try .open(false);
    const main = session.main;
    try testing.expectEqual(Status.invalid, abi.janus_open(1, 0, 0, 0));
    try testing.expectEqual(Status.invalid, abi.janus_worker_enter(0));
    try testing.expectEqual(Status.invalid, abi.janus_worker_enter(7));
    try testing.expectEqual(Status.invalid, abi.janus_recv(0, main + 1, 1, 0));
    try testing.expectEqual(Status.invalid, abi.janus_recv(0, 0xffff_ffff, 1, 0));
    try testing.expectEqual(Status.stale, abi.janus_recv(0, main, 12345, 0));
    try testing.expectEqual(Status.stale, abi.janus_send(0, main, 0, Tag.num, 1, 0));
    try testing.expectEqual(Status.stale, abi.janus_await(0, main, 99, 0, 0));
    try testing.expectEqual(Status.invalid, abi.janus_await(0, main, main, session.record().generation, 0));
    try testing.expectEqual(Status.invalid, abi.janus_free(0, 48));
    try testing.expectEqual(Status.invalid, abi.janus_free(0, 0xffff_ffff));
    try testing.expectEqual(Status.invalid, abi.janus_yield(0, main + 1));
    try testing.expectEqual(Status.invalid, abi.janus_packed(0, main, 0));
    try testing.expectEqual(-Status.stale, abi.janus_spawn(0, main, 5, 0, Tag.void_, 0, 0, 0, 0));
    // A tag that says "block" or "handle" with a payload that is none.
    for ([_]f64{ 17, -1, 0.5, 1e20, std.math.nan(f64), std.math.inf(f64) }) |payload| {
        try testing.expectEqual(-Status.invalid, abi.janus_mutex_new(0, Tag.str, payload, 0));
        try testing.expectEqual(-Status.invalid, abi.janus_mutex_new(0, Tag.handle, payload, 0));
    }
    const block = abi.janus_alloc(0, 100);
    try testing.expectEqual(Status.ok, abi.janus_free(0, block));
    try testing.expectEqual(Status.invalid, abi.janus_free(0, block)); // twice
    // Coming back to `next` while the fiber runs.
    try testing.expectEqual(-Status.invalid, abi.janus_next(0));
    const nursery = abi.janus_nursery_open(0, main, -1, 0, 0);
    try testing.expectEqual(Status.invalid, abi.janus_finish(0, main, 0, Tag.void_, 0));
    try testing.expectEqual(Status.ok, abi.janus_nursery_join(0, main, @intCast(nursery)));
    try testing.expectEqual(Status.stale, abi.janus_nursery_join(0, main, @intCast(nursery)));
    try session.close();
}

test "a nursery's limit, shields, tokens" {
    var session: Session = try .open(false);
    const main = session.main;
    const outer: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 0, 0));
    const token: u32 = @intCast(abi.janus_token_new(0, outer));
    const below: u32 = @intCast(abi.janus_token_new(0, token));
    try testing.expectEqual(0, abi.janus_token_state(below));
    try testing.expectEqual(Status.ok, abi.janus_shield(0, main, 1));
    const inner: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 2, 0));
    const first = abi.janus_spawn(0, main, inner, 1, Tag.void_, 0, 0, 0, 0);
    try testing.expect(first > 0);
    try testing.expect(abi.janus_spawn(0, main, inner, 1, Tag.void_, 0, 0, 0, 0) > 0);
    try testing.expectEqual(-Status.full, abi.janus_spawn(0, main, inner, 1, Tag.void_, 0, 0, 0, 0));

    // The shield holds the outer nursery's cancellation off.
    try testing.expectEqual(Status.ok, abi.janus_nursery_cancel(0, outer, layout.CancelReason.request, 0));
    try testing.expectEqual(0, abi.janus_is_cancelled(0, main));
    try testing.expect(session.record().cancel_any.load(.monotonic) != 0);
    try testing.expectEqual(1, abi.janus_token_state(below));
    // The inner one counts inside.
    try testing.expectEqual(Status.ok, abi.janus_nursery_cancel(0, inner, layout.CancelReason.request, 0));
    try testing.expectEqual(1, abi.janus_is_cancelled(0, main));
    try testing.expectEqual(Status.cancelled, abi.janus_sleep(0, main, 1e9, 0));
    try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, main, inner));
    // The children had not begun: they never do.
    try testing.expectEqual(Event.@"resume", session.next());
    try testing.expectEqual(Status.cancelled, session.record().wake_status);
    try testing.expectEqual(0, abi.janus_cancel_cleared(0, main));
    try testing.expectEqual(Status.ok, abi.janus_shield(0, main, -1));
    try testing.expectEqual(Status.invalid, abi.janus_shield(0, main, -1));
    try testing.expectEqual(1, abi.janus_is_cancelled(0, main));
    try testing.expectEqual(Status.cancelled, abi.janus_nursery_join(0, main, outer));
    try testing.expectEqual(0, abi.janus_is_cancelled(0, main));
    try testing.expectEqual(Status.ok, abi.janus_handle_release(0, below));
    try testing.expectEqual(Status.ok, abi.janus_handle_release(0, token));
    try session.close();
}

test "atomics of every width wrap, and orderings are checked" {
    var session: Session = try .open(false);
    const Case = struct { bits: i32, start: i64, op: u32, operand: i64, after: i64 };
    for ([_]Case{
        .{ .bits = 8, .start = 250, .op = 3, .operand = 10, .after = 4 },
        .{ .bits = -8, .start = 120, .op = 3, .operand = 10, .after = -126 },
        .{ .bits = 16, .start = 1, .op = 4, .operand = 2, .after = 65535 },
        .{ .bits = -32, .start = std.math.minInt(i32), .op = 4, .operand = 1, .after = std.math.maxInt(i32) },
        .{ .bits = -64, .start = std.math.maxInt(i64), .op = 3, .operand = 1, .after = std.math.minInt(i64) },
        .{ .bits = -8, .start = -1, .op = 5, .operand = 0x70, .after = 0x70 },
        .{ .bits = -64, .start = 5, .op = 2, .operand = -7, .after = -7 },
        .{ .bits = 32, .start = 5, .op = 1, .operand = 7, .after = 7 },
    }) |case| {
        const start: [2]i32 = @bitCast(case.start);
        const operand: [2]i32 = @bitCast(case.operand);
        const handle: u32 = @intCast(abi.janus_atomic_new(0, start[0], start[1]));
        const done = abi.janus_atomic_op(0, handle, case.op, 4, operand[0], operand[1], case.bits);
        try testing.expectEqual(Status.ok, done);
        if (case.op != 1) try testing.expectEqual(start, session.area.ev[0..2].*);
        try testing.expectEqual(Status.ok, abi.janus_atomic_op(0, handle, 0, 4, 0, 0, case.bits));
        try testing.expectEqual(@as([2]i32, @bitCast(case.after)), session.area.ev[0..2].*);
        // A load cannot release, a store cannot acquire.
        try testing.expectEqual(Status.invalid, abi.janus_atomic_op(0, handle, 0, 2, 0, 0, case.bits));
        try testing.expectEqual(Status.invalid, abi.janus_atomic_op(0, handle, 1, 1, 0, 0, case.bits));
        try testing.expectEqual(Status.invalid, abi.janus_atomic_op(0, handle, 9, 4, 0, 0, case.bits));
        try testing.expectEqual(Status.invalid, abi.janus_atomic_op(0, handle, 0, 4, 0, 0, 7));
        try testing.expectEqual(Status.empty, abi.janus_atomic_cas(0, handle, 4, 4, 99, 0, 1, 0));
        try testing.expectEqual(@as([2]i32, @bitCast(case.after)), session.area.ev[0..2].*);
        try testing.expectEqual(Status.ok, abi.janus_handle_release(0, handle));
        try testing.expectEqual(Status.stale, abi.janus_atomic_op(0, handle, 0, 4, 0, 0, case.bits));
    }
    try testing.expectEqual(Status.ok, abi.janus_fence(4));
    try testing.expectEqual(Status.invalid, abi.janus_fence(0));
    try session.close();
}

test "rings keep every element type in the caller's memory, and integers beyond 2^53 exactly" {
    var session: Session = try .open(false);
    const main = session.main;
    const Case = struct { element: u32, values: [3]f64, bytes: u32 };
    for ([_]Case{
        .{ .element = 1, .values = .{ 0, 7, 255 }, .bytes = 1 },
        .{ .element = 2, .values = .{ -128, 0, 127 }, .bytes = 1 },
        .{ .element = 4, .values = .{ -32768, 1, 32767 }, .bytes = 2 },
        .{ .element = 5, .values = .{ 0, 1, 4294967295 }, .bytes = 4 },
        .{ .element = 8, .values = .{ -9007199254740992, 0, 9007199254740992 }, .bytes = 8 },
        .{ .element = 9, .values = .{ 0.5, -1.25, 3 }, .bytes = 4 },
        .{ .element = 10, .values = .{ 0.1, -1e300, std.math.inf(f64) }, .bytes = 8 },
    }) |case| {
        const block = abi.janus_alloc(0, 8 + 4 * case.bytes);
        const ring: u32 = @intCast(abi.janus_ring_new(0, 0, block, 8, 4, case.element));
        for (case.values) |v| try testing.expectEqual(Status.ok, abi.janus_ring_try_send(0, ring, Tag.num, v));
        try testing.expectEqual(3, abi.janus_ring_info(ring, 1));
        for (case.values) |v| {
            try testing.expectEqual(Status.ok, abi.janus_ring_recv(0, main, ring, 0));
            try testing.expectEqual(v, session.record().wake_payload);
        }
        try testing.expectEqual(Status.empty, abi.janus_ring_try_recv(0, main, ring));
        try testing.expectEqual(Status.invalid, abi.janus_ring_try_send(0, ring, Tag.true_, 0));
        try testing.expectEqual(Status.ok, abi.janus_ring_close(0, ring, 0));
        try testing.expectEqual(Status.closed, abi.janus_ring_recv(0, main, ring, 0));
        try testing.expectEqual(Status.ok, abi.janus_handle_release(0, ring));
        try testing.expectEqual(Status.ok, abi.janus_free(0, block)); // it was retained, not taken
    }
    // Beyond 2^53.
    const backing = abi.janus_alloc(0, 16);
    const ring: u32 = @intCast(abi.janus_ring_new(0, 0, backing, 0, 2, 8));
    const big = abi.janus_alloc(0, 8);
    std.mem.writeInt(i64, Session.bytes(big)[0..8], std.math.minInt(i64) + 1, .little);
    try testing.expectEqual(Status.ok, abi.janus_ring_send(0, main, ring, Tag.big, @floatFromInt(big), 0));
    try testing.expectEqual(Status.ok, abi.janus_ring_recv(0, main, ring, 0));
    try testing.expectEqual(Tag.big, session.record().wake_tag);
    const got: u32 = @intFromFloat(session.record().wake_payload);
    try testing.expectEqual(std.math.minInt(i64) + 1, std.mem.readInt(i64, Session.bytes(got)[0..8], .little));
    try testing.expectEqual(Status.ok, abi.janus_free(0, got));
    try testing.expectEqual(Status.ok, abi.janus_handle_release(0, ring));
    try testing.expectEqual(-Status.invalid, abi.janus_ring_new(0, 0, backing, 8, 2, 8)); // beyond the block
    try testing.expectEqual(Status.ok, abi.janus_free(0, backing));
    session.record().wake_tag = Tag.void_;
    try session.close();
}

test "a block's handles go with it, and a dropped channel drops its messages" {
    var session: Session = try .open(false);
    const channel: u32 = @intCast(abi.janus_channel_new(0, 4, 0));
    const carried: u32 = @intCast(abi.janus_channel_new(0, 0, 0));
    const block = abi.janus_alloc(0, 20);
    std.mem.writeInt(u32, Session.bytes(block)[0..4], carried, .little);
    const base: [*]u8 = @ptrCast(abi.janus_arena().?);
    std.mem.writeInt(u32, (base + block - 4)[0..4], 1, .little); // handle_count
    try testing.expectEqual(Status.ok, abi.janus_try_send(0, channel, Tag.data, @floatFromInt(block)));
    try testing.expectEqual(0, abi.janus_channel_info(carried, 0));
    try testing.expectEqual(Status.ok, abi.janus_handle_release(0, channel));
    try testing.expectEqual(-Status.stale, abi.janus_channel_info(carried, 0));
    try session.close();
}

test "globals are set once; texts are interned; a mutex left held is poisoned" {
    var session: Session = try .open(false);
    const main = session.main;
    try testing.expectEqual(Status.empty, abi.janus_global_get(0, 3));
    try testing.expectEqual(Status.ok, abi.janus_global_set(0, 3, Tag.num, 42));
    try testing.expectEqual(Status.invalid, abi.janus_global_set(0, 3, Tag.num, 43));
    try testing.expectEqual(Status.ok, abi.janus_global_get(0, 3));
    try testing.expectEqual(42, session.area.ev_payload[0]);
    try testing.expectEqual(Status.invalid, abi.janus_global_set(0, layout.globals_max, Tag.num, 1));

    const mutex: u32 = @intCast(abi.janus_mutex_new(0, Tag.num, 5, 0));
    const nursery: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 0, 0));
    try testing.expect(abi.janus_spawn(0, main, nursery, 1, Tag.void_, 0, 0, 0, 0) > 0);
    try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, main, nursery));
    try testing.expectEqual(Event.start, session.next());
    const child: u32 = @bitCast(session.area.ev[0]);
    try testing.expectEqual(Status.ok, abi.janus_mutex_lock(0, child, mutex, 0));
    try testing.expectEqual(Status.invalid, abi.janus_mutex_lock(0, child, mutex, 0)); // again, by the holder
    try testing.expectEqual(Status.ok, abi.janus_finish(0, child, layout.Outcome.panic, Tag.num, 9));
    try testing.expectEqual(Event.@"resume", session.next());
    try testing.expectEqual(Status.panicked, session.record().wake_status);
    const failures = try session.takeFailures();
    try testing.expectEqual(1, failures.count);
    try testing.expectEqual(9, failures.nodes[0].payload);
    try testing.expectEqual(Status.stale, abi.janus_mutex_unlock(0, main, mutex, 1, 0)); // the child's guard
    try testing.expectEqual(Status.poisoned, abi.janus_mutex_lock(0, main, mutex, 0));
    try testing.expectEqual(5, session.record().wake_payload);
    try testing.expectEqual(2, abi.janus_mutex_taken(0, main, mutex, 7));
    try testing.expectEqual(7, abi.janus_mutex_site(0, main, mutex));
    try testing.expectEqual(Status.stale, abi.janus_mutex_unlock(0, main, mutex, 1, 0));
    try testing.expectEqual(Status.stale, abi.janus_mutex_set(0, main, mutex, 1, Tag.num, 6));
    try testing.expectEqual(Status.stale, abi.janus_mutex_get(0, main, mutex, 1));
    try testing.expectEqual(Status.ok, abi.janus_mutex_get(0, main, mutex, 2));
    try testing.expectEqual(Status.ok, abi.janus_mutex_unlock(0, main, mutex, 2, 0));
    try testing.expectEqual(Status.ok, abi.janus_handle_release(0, mutex));
    session.record().wake_tag = Tag.void_;
    try session.close();
}

test "a nursery keeps every failure in its order, with where the child was spawned and its name" {
    var session: Session = try .open(false);
    const main = session.main;
    const nursery: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 0, 0));
    var children: [3]u32 = undefined;
    for (&children, 0..) |*child, i| {
        if (i == 1) {
            const name = abi.janus_alloc(0, 6);
            @memcpy(Session.bytes(name), "loader");
            try testing.expectEqual(Status.ok, abi.janus_spawn_name(0, name));
        }
        child.* = @intCast(abi.janus_spawn(0, main, nursery, 1, Tag.void_, 0, 0, 0, @intCast(100 + i)));
    }
    try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, main, nursery));
    var order: [3]u32 = undefined;
    // All have begun when the last one fails, which cancels the others.
    for (0..2) |_| {
        try testing.expectEqual(Event.start, session.next());
        const child: u32 = @bitCast(session.area.ev[0]);
        try testing.expectEqual(Status.parked, abi.janus_sleep(0, child, 1e15, 0));
    }
    for (&order, 0..) |*child, i| {
        try testing.expectEqual(if (i == 0) Event.start else Event.@"resume", session.next());
        child.* = @bitCast(session.area.ev[0]);
        const outcome = if (child.* == children[0]) layout.Outcome.panic else layout.Outcome.failure;
        try testing.expectEqual(Status.ok, abi.janus_finish(0, child.*, outcome, Tag.num, @floatFromInt(child.*)));
    }
    try testing.expectEqual(Event.@"resume", session.next());
    const first_status = if (order[0] == children[0]) Status.panicked else Status.failed;
    try testing.expectEqual(first_status, session.record().wake_status);
    const failures = try session.takeFailures();
    try testing.expectEqual(3, failures.count);
    for (order, failures.nodes[0..3]) |child, node| {
        const i = std.mem.findScalar(u32, &children, child).?;
        try testing.expectEqual(child, node.fiber);
        try testing.expectEqual(100 + i, node.site_spawn);
        try testing.expectEqual(@as(f64, @floatFromInt(child)), node.payload);
        try testing.expectEqual(i == 1, node.name != 0);
        if (node.name == 0) continue;
        try testing.expectEqualStrings("loader", Session.bytes(node.name));
        try testing.expectEqual(Status.ok, abi.janus_block_release(0, node.name));
    }
    try session.close();
}

test "a nursery waits for its children, then ends its daemons" {
    var session: Session = try .open(false);
    const main = session.main;
    const nursery: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 1, 0));
    // The limit is on the others.
    const daemon: u32 = @intCast(abi.janus_spawn(0, main, nursery, 1, 0, 0, layout.Flag.spawn_daemon, 0, 0));
    const child: u32 = @intCast(abi.janus_spawn(0, main, nursery, 2, Tag.void_, 0, 0, 0, 0));
    try testing.expectEqual(-Status.full, abi.janus_spawn(0, main, nursery, 2, Tag.void_, 0, 0, 0, 0));
    try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, main, nursery));
    for (0..2) |_| {
        try testing.expectEqual(Event.start, session.next());
        const fiber: u32 = @bitCast(session.area.ev[0]);
        try testing.expectEqual(0, abi.janus_is_cancelled(0, fiber));
        if (fiber == daemon) {
            try testing.expectEqual(Status.parked, abi.janus_sleep(0, daemon, 1e15, 0));
        } else {
            try testing.expectEqual(Status.ok, abi.janus_finish(0, child, layout.Outcome.value, Tag.void_, 0));
        }
    }
    try testing.expectEqual(Event.@"resume", session.next());
    try testing.expectEqual(daemon, @as(u32, @bitCast(session.area.ev[0])));
    try testing.expectEqual(Status.cancelled, session.records[daemon].wake_status);
    try testing.expectEqual(Status.ok, abi.janus_finish(0, daemon, layout.Outcome.cancelled, Tag.void_, 0));
    try testing.expectEqual(Event.@"resume", session.next());
    try testing.expectEqual(Status.ok, session.record().wake_status);
    try session.close();
}

test "the dump is JSON and names who waits for what" {
    var session: Session = try .open(false);
    const main = session.main;
    const channel: u32 = @intCast(abi.janus_channel_new(0, 0, 77));
    const nursery: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 0, 5));
    try testing.expect(abi.janus_spawn(0, main, nursery, 1, Tag.void_, 0, 0, 0, 6) > 0);
    try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, main, nursery));
    try testing.expectEqual(Event.start, session.next());
    const child: u32 = @bitCast(session.area.ev[0]);
    try testing.expectEqual(Status.parked, abi.janus_recv(0, child, channel, 8));
    try testing.expectEqual(Event.deadlock, session.next());
    const block = abi.janus_dump(0, 1);
    const parsed = try std.json.parseFromSlice(std.json.Value, testing.allocator, Session.bytes(block), .{});
    defer parsed.deinit();
    const fibers = parsed.value.object.get("fibers").?.array.items;
    try testing.expectEqual(2, fibers.len);
    for (fibers) |fiber| {
        if (fiber.object.get("fiber").?.integer == main) {
            try testing.expectEqualStrings("join", fiber.object.get("wait").?.string);
            try testing.expectEqual(5, fiber.object.get("site_wait").?.integer);
            try testing.expectEqual(1, fiber.object.get("open").?.array.items.len);
        } else {
            try testing.expectEqualStrings("receive", fiber.object.get("wait").?.string);
            try testing.expectEqual(8, fiber.object.get("site_wait").?.integer);
            try testing.expectEqual(77, fiber.object.get("object_site").?.integer);
            try testing.expectEqual(nursery, fiber.object.get("nursery").?.integer);
        }
    }
    try testing.expectEqual(0, parsed.value.object.get("next").?.integer);
    try testing.expectEqual(Status.ok, abi.janus_free(0, block));
    // The child is released from its wait by the close, and all ends well.
    try testing.expectEqual(Status.ok, abi.janus_close_channel(0, channel, 0));
    try testing.expectEqual(Event.@"resume", session.next());
    try testing.expectEqual(Status.ok, abi.janus_finish(0, child, 0, Tag.void_, 0));
    try testing.expectEqual(Event.@"resume", session.next());
    try testing.expectEqual(Status.ok, abi.janus_handle_release(0, channel));
    try session.close();
}

test "in the seeded mode time is virtual: a long sleep takes none" {
    var session: Session = try .open(true);
    const start_ns = abi.janus_now_ns();
    try testing.expectEqual(Status.parked, abi.janus_sleep(0, session.main, 3600e9, 0));
    try testing.expectEqual(Event.@"resume", session.next());
    try testing.expectEqual(Status.ok, session.record().wake_status);
    // Every round of the scheduler takes a moment of its own on the virtual clock.
    const took_ns = abi.janus_now_ns() - start_ns;
    try testing.expect(took_ns >= 3600e9 and took_ns < 3600e9 + 1e6);
    try session.close();
}

test "a signal and the host's posts come as events, and being open to the host is no deadlock" {
    var session: Session = try .open(false);
    try testing.expectEqual(Status.ok, abi.janus_signals_install());
    try testing.expectEqual(Status.ok, abi.janus_set_host_open(1));
    const channel: u32 = @intCast(abi.janus_channel_new(0, 0, 0));
    try testing.expectEqual(Status.parked, abi.janus_recv(0, session.main, channel, 0));
    const Other = struct {
        fn run() void {
            const block = abi.janus_alloc_foreign(10);
            _ = abi.janus_host_post(block);
            _ = os.kill(os.getpid(), .TERM);
        }
    };
    const thread = try std.Thread.spawn(.{}, Other.run, .{});
    var seen: u32 = 0;
    for (0..2) |_| switch (session.next()) {
        Event.host => {
            seen |= 1;
            try testing.expectEqual(Status.ok, abi.janus_free(0, @bitCast(session.area.ev[1])));
        },
        Event.signal => {
            seen |= 2;
            try testing.expectEqual(@backingInt(os.SIG.TERM), @as(u32, @intCast(session.area.ev[0])));
        },
        else => |event| {
            std.debug.print("event {d}\n", .{event});
            return error.TestUnexpectedResult;
        },
    };
    thread.join();
    try testing.expectEqual(3, seen);
    try testing.expectEqual(Status.ok, abi.janus_set_host_open(0));
    try testing.expectEqual(Event.deadlock, session.next());
    try testing.expectEqual(Status.ok, abi.janus_close_channel(0, channel, 0));
    try testing.expectEqual(Event.@"resume", session.next());
    try testing.expectEqual(Status.ok, abi.janus_handle_release(0, channel));
    try session.close();
}

test "a busy fiber holds up neither a timer nor a deadline" {
    var session: Session = try .open(false);
    const main = session.main;
    const nursery: u32 = @intCast(abi.janus_nursery_open(0, main, 2e6, 0, 0));
    try testing.expect(abi.janus_spawn(0, main, nursery, 1, Tag.void_, 0, 0, 0, 0) > 0);
    try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, main, nursery));
    try testing.expectEqual(Event.start, session.next());
    const child: u32 = @bitCast(session.area.ev[0]);
    const start_ns = abi.janus_now_ns();
    // It never waits: it asks at its preemption points whether to give way, and sees that it is cancelled.
    while (session.records[child].cancel_any.load(.monotonic) == 0) {
        if (abi.janus_surplus(0) == 0) continue;
        try testing.expectEqual(Status.ok, abi.janus_yield(0, child));
        try testing.expectEqual(Event.@"resume", session.next());
        try testing.expect(abi.janus_now_ns() - start_ns < 5e9);
    }
    try testing.expectEqual(1, abi.janus_is_cancelled(0, child));
    try testing.expectEqual(Status.ok, abi.janus_finish(0, child, layout.Outcome.cancelled, Tag.void_, 0));
    try testing.expectEqual(Event.@"resume", session.next());
    try testing.expectEqual(Status.timeout, session.record().wake_status);
    try session.close();
}

test "two runtimes live side by side" {
    const a: *Runtime = try .create(.{ .arena_megabytes = 64 });
    defer a.destroy();
    const b: *Runtime = try .create(.{ .arena_megabytes = 64 });
    defer b.destroy();
    const scheduler = @import("scheduler.zig");
    for ([_]*Runtime{ a, b }, 1..) |rt, code| {
        try testing.expect(scheduler.enter(rt, &rt.workers[0]));
        _ = scheduler.spawnMain(rt, &rt.workers[0], @intCast(code), .nothing, 0);
    }
    for ([_]*Runtime{ b, a }) |rt| {
        const worker = &rt.workers[0];
        try testing.expectEqual(Event.start, scheduler.next(rt, worker));
        try testing.expectEqual(@as(i32, if (rt == a) 1 else 2), worker.area.ev[1]);
        try testing.expectEqual(Status.ok, scheduler.finish(rt, worker, @bitCast(worker.area.ev[0]), 0, .nothing));
        scheduler.shutdown(rt);
        try testing.expectEqual(Event.exit, scheduler.next(rt, worker));
        try testing.expect(scheduler.leave(rt, worker));
        try testing.expectEqual(0, dump.live(rt).fibers);
    }
}
