//! What holds what: a wait holds what it waits on, and freeing what nests takes no stack. Through the boundary, on one
//! worker, with what another worker would do in between put exactly there.

const std = @import("std");
const abi = @import("abi.zig");
const channel = @import("channel.zig");
const layout = @import("layout.zig");
const Event = layout.Event;
const Status = layout.Status;
const Tag = layout.Tag;
const testing = std.testing;

fn area() *layout.Area {
    return @ptrFromInt(@intFromPtr(abi.janus_arena().?) + abi.janus_worker_area(0));
}

fn next() i32 {
    while (true) {
        const event = abi.janus_next(0);
        if (event != Event.turn) return event;
    }
}

/// Runs main until the fiber goes on.
fn untilResumed(main: u32, fiber: u32) !void {
    try testing.expectEqual(Status.ok, abi.janus_yield(0, main));
    while (true) {
        const event = next();
        if (@as(u32, @bitCast(area().ev[0])) == fiber) return;
        try testing.expectEqual(Event.@"resume", event);
        try testing.expectEqual(Status.ok, abi.janus_yield(0, main));
    }
}

fn live(key: []const u8) !i64 {
    const block = abi.janus_stats(0, -1);
    defer _ = abi.janus_free(0, block);
    const at: [*]u8 = @as([*]u8, @ptrCast(abi.janus_arena().?)) + block;
    const bytes: *const u32 = @ptrCast(@alignCast(at - 16));
    var parsed = try std.json.parseFromSlice(std.json.Value, testing.allocator, at[0..bytes.*], .{});
    defer parsed.deinit();
    return parsed.value.object.get(key).?.integer;
}

fn open(megabytes: u32) !void {
    try testing.expectEqual(Status.ok, abi.janus_open(1, megabytes, 0, 1));
    try testing.expectEqual(Status.ok, abi.janus_worker_enter(0));
}

fn close() !void {
    try testing.expectEqual(0, try live("live_handles"));
    try testing.expectEqual(0, try live("live_blocks"));
    try testing.expectEqual(Status.ok, abi.janus_worker_leave(0));
    try testing.expectEqual(Status.ok, abi.janus_close());
}

/// A child waits on a channel, or selects on it, whose only handle is main's.
const Waiting = struct {
    main: u32,
    child: u32,
    nursery: u32,
    ch: u32,

    fn begin(selects: bool) !Waiting {
        try open(256);
        const main: u32 = @intCast(abi.janus_spawn_main(0, Tag.void_, 0));
        try testing.expectEqual(Event.start, next());
        const nursery: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 0, 0));
        const child: u32 = @intCast(abi.janus_spawn(0, main, nursery, 1, Tag.void_, 0, 0, 0, 0));
        const ch: u32 = @intCast(abi.janus_channel_new(0, 0, 77));
        try untilResumed(main, child);
        if (selects) {
            const case = &area().cases[0];
            case.* = .{ .kind = layout.SelectKind.receive, .channel = ch, .tag = 0, .padding = 0, .payload = 0 };
            try testing.expectEqual(Status.parked, abi.janus_select(0, child, 1, 0, -1, 0));
        } else try testing.expectEqual(Status.parked, abi.janus_recv(0, child, ch, 0));
        try testing.expectEqual(Event.@"resume", next());
        return .{ .main = main, .child = child, .nursery = nursery, .ch = ch };
    }

    /// Cancels the child; it goes on, and ends.
    fn end(w: Waiting) !void {
        try testing.expectEqual(Status.ok, abi.janus_nursery_cancel(0, w.nursery, 1, 0));
        try untilResumed(w.main, w.child);
        try testing.expectEqual(Status.ok, abi.janus_finish(0, w.child, layout.Outcome.cancelled, Tag.void_, 0));
        try testing.expectEqual(Event.@"resume", next()); // main
        try testing.expectEqual(Status.cancelled, abi.janus_nursery_join(0, w.main, w.nursery));
        try testing.expectEqual(Status.ok, abi.janus_finish(0, w.main, layout.Outcome.value, Tag.void_, 0));
        try close();
    }
};

test "failure mode 32: a channel whose handles are gone lives as long as somebody waits on it" {
    for ([_]bool{ false, true }) |selects| {
        const w = try Waiting.begin(selects);
        try testing.expectEqual(Status.ok, abi.janus_handle_release(0, w.ch));
        try testing.expectEqual(1 + 1, try live("live_handles")); // the nursery, and the channel
        // However many come after it, none has its number.
        for (0..3000) |_| {
            const other: u32 = @intCast(abi.janus_channel_new(0, 1, 78));
            try testing.expect(other != w.ch);
            try testing.expectEqual(Status.ok, abi.janus_handle_release(0, other));
        }
        try w.end();
    }
}

var hooked: u32 = 0;

fn closeAndDrop() void {
    channel.about_to_leave = null;
    std.debug.assert(abi.janus_close_channel(0, hooked, 0) == Status.ok);
    std.debug.assert(abi.janus_handle_release(0, hooked) == Status.ok);
    // Whoever takes its memory writes to it.
    const other: u32 = @intCast(abi.janus_channel_new(0, 0, 79));
    std.debug.assert(other != hooked);
    std.debug.assert(abi.janus_handle_release(0, other) == Status.ok);
    hooked = 0;
}

test "failure mode 32: closed and dropped between a waiter's look at its place and its leaving" {
    for ([_]bool{ false, true }) |selects| {
        const w = try Waiting.begin(selects);
        hooked = w.ch;
        channel.about_to_leave = closeAndDrop;
        try w.end();
        try testing.expectEqual(0, hooked); // it did happen there
    }
}

const links = 1_000_000;

test "failure mode 33: a chain of a million channels is freed without a stack" {
    try open(2048);
    var last: u32 = @intCast(abi.janus_channel_new(0, 1, 0));
    for (0..links) |_| {
        const outer: u32 = @intCast(abi.janus_channel_new(0, 1, 0));
        try testing.expectEqual(Status.ok, abi.janus_try_send(0, outer, Tag.handle, @floatFromInt(last)));
        last = outer;
    }
    try testing.expectEqual(Status.ok, abi.janus_handle_release(0, last));
    try close();
}

test "failure mode 33: a chain of a million mutexes, tokens and blocks" {
    try open(2048);
    var mutex: u32 = @intCast(abi.janus_mutex_new(0, Tag.num, 1, 0));
    var token: u32 = @intCast(abi.janus_token_new(0, 0));
    for (0..links) |_| {
        mutex = @intCast(abi.janus_mutex_new(0, Tag.handle, @floatFromInt(mutex), 0));
        const child: u32 = @intCast(abi.janus_token_new(0, token));
        try testing.expectEqual(Status.ok, abi.janus_handle_release(0, token)); // the child holds it
        token = child;
    }
    try testing.expectEqual(Status.ok, abi.janus_handle_release(0, mutex));
    try testing.expectEqual(Status.ok, abi.janus_handle_release(0, token));
    // A block that lists a channel that holds a block that lists …
    var inner: u32 = @intCast(abi.janus_channel_new(0, 1, 0));
    for (0..links) |_| {
        const block = abi.janus_alloc(0, 8);
        const at: [*]u8 = @as([*]u8, @ptrCast(abi.janus_arena().?)) + block;
        @as(*u32, @ptrCast(@alignCast(at))).* = inner;
        @as(*u32, @ptrCast(@alignCast(at - 4))).* = 1;
        inner = @intCast(abi.janus_channel_new(0, 1, 0));
        try testing.expectEqual(Status.ok, abi.janus_try_send(0, inner, Tag.data, @floatFromInt(block)));
    }
    try testing.expectEqual(Status.ok, abi.janus_handle_release(0, inner));
    try close();
}

test "what the host posts is taken in order, in a time that does not grow with what is waiting" {
    try open(512);
    try testing.expectEqual(Status.ok, abi.janus_set_host_open(1));
    const count = 200_000;
    var first: u32 = 0;
    for (0..count) |i| {
        const block = abi.janus_alloc_foreign(8);
        if (i == 0) first = block;
        try testing.expectEqual(Status.ok, abi.janus_host_post(block));
    }
    const start_ns = abi.janus_now_ns();
    var got: u32 = 0;
    while (got < count) if (abi.janus_next(0) == Event.host) {
        if (got == 0) try testing.expectEqual(first, @as(u32, @bitCast(area().ev[1])));
        got += 1;
        _ = abi.janus_block_release(0, @bitCast(area().ev[1]));
    };
    try testing.expect(abi.janus_now_ns() - start_ns < 2e9); // it took 30 seconds
    try testing.expectEqual(Status.ok, abi.janus_worker_leave(0));
    try testing.expectEqual(Status.ok, abi.janus_close());
}

test "a list of choices that is no whole number of them is refused" {
    try testing.expectEqual(Status.ok, abi.janus_open(1, 256, layout.Flag.open_seeded, 1));
    try testing.expectEqual(Status.ok, abi.janus_worker_enter(0));
    const block = abi.janus_alloc(0, 6);
    try testing.expectEqual(Status.invalid, abi.janus_explore_begin(1, block, 0, 0, 0, 0));
    try testing.expectEqual(Status.ok, abi.janus_block_release(0, block));
    try testing.expectEqual(Status.ok, abi.janus_worker_leave(0));
    try testing.expectEqual(Status.ok, abi.janus_close());
}
