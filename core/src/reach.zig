//! Who could wake whom: which handles are inside which object, and which fiber waits for what, as JSON in a block.
//!
//! For the search for fibers that nobody can wake any more (interp/runtime/stuck.ts). Asked for while no fiber runs:
//! `switches` before and after tell whether that held. The VMs add which handles the continuations hold that live in
//! them; those that are packed, and values on their way, lie in blocks, which list their handles.

const std = @import("std");
const channel = @import("channel.zig");
const fiber_mod = @import("fiber.zig");
const handles_mod = @import("handles.zig");
const nursery_mod = @import("nursery.zig");
const runtime_mod = @import("runtime.zig");
const select = @import("select.zig");
const sync = @import("sync.zig");
const Runtime = runtime_mod.Runtime;
const Value = runtime_mod.Value;

/// More fibers than this are not looked through: the search would hold the program up.
pub const fibers_max = 20_000;

const Text = std.ArrayList(u8);
const Error = error{OutOfMemory};
const allocator = std.heap.page_allocator;

/// How often any worker has begun to run a fiber.
pub fn switches(rt: *const Runtime) u64 {
    var sum: u64 = 0;
    for (rt.workers) |*worker| sum += worker.counters.switches.get();
    return sum;
}

/// `{"switches":…,"fibers":[…],"objects":[[handle,[inside…]]…],"nurseries":[…],"globals":[…]}`.
pub fn write(rt: *Runtime, text: *Text) Error!void {
    try text.print(allocator, "{{\"switches\":{d},\"fibers\":[", .{switches(rt)});
    var first = true;
    for (1..rt.fibers.highWater()) |i| {
        const number: u32 = @intCast(i);
        const state = rt.table.at(number).stateNow();
        if (state == .free) continue;
        try separate(text, &first);
        try writeFiber(rt, text, number, state);
    }
    try text.appendSlice(allocator, "],\"objects\":[");
    first = true;
    for (1..rt.handles.pool.highWater()) |i| try writeObject(rt, text, @intCast(i), &first);
    try text.appendSlice(allocator, "],\"nurseries\":[");
    first = true;
    for (1..rt.handles.pool.highWater()) |i| {
        const handle = rt.handles.handleAt(@intCast(i), .nursery) orelse continue;
        const nursery = rt.object(nursery_mod.Nursery, handle) orelse continue;
        if (nursery.closed.load(.monotonic) != 0) continue;
        try separate(text, &first);
        try text.print(allocator, "{{\"id\":{d},\"owner\":{d},\"outer\":{d},\"site\":{d},\"deadline\":{}}}", .{
            handle,
            nursery.owner,
            nursery.outer,
            nursery.site,
            nursery.timer != 0,
        });
    }
    try text.appendSlice(allocator, "],\"globals\":[");
    first = true;
    for (rt.globals) |*global| {
        if (global.published.load(.acquire) == 0) continue;
        try writeInside(rt, text, .{ .tag = global.tag, .payload = global.payload }, &first);
    }
    try text.appendSlice(allocator, "]}");
}

fn separate(text: *Text, first: *bool) Error!void {
    if (!first.*) try text.append(allocator, ',');
    first.* = false;
}

fn writeFiber(rt: *Runtime, text: *Text, number: u32, state: fiber_mod.State) Error!void {
    const fiber = rt.table.at(number);
    try text.print(
        allocator,
        "{{\"fiber\":{d},\"state\":\"{t}\",\"wait\":\"{t}\",\"timer\":{},\"cancel\":{d},\"nursery\":{d}," ++
            "\"open_nursery\":{d},\"for\":[",
        .{
            number,
            state,
            fiber.wait_kind,
            fiber.timer != 0,
            fiber.cancel_any.load(.monotonic),
            fiber.nursery,
            fiber.open_nursery,
        },
    );
    var first = true;
    if (state == .parked) switch (fiber.wait_kind) {
        .select => {
            for (0..select.casesOf(rt, fiber.wait_object)) |i| {
                try separate(text, &first);
                try text.print(allocator, "{d}", .{select.channelOf(rt, fiber.wait_object, @intCast(i))});
            }
        },
        else => try text.print(allocator, "{d}", .{fiber.wait_object}),
    };
    // The holder of the mutex it waits for.
    var holder: u32 = 0;
    if (fiber.wait_kind == .mutex) if (rt.object(sync.Mutex, fiber.wait_object)) |mutex| {
        holder = mutex.holder;
    };
    try text.print(allocator, "],\"holder\":{d},\"has\":[", .{holder});
    first = true;
    if (fiber.@"packed" != 0) try writeBlock(rt, text, fiber.@"packed", &first);
    try writeInside(rt, text, .{ .tag = fiber.wake_tag, .payload = fiber.wake_payload }, &first);
    try text.appendSlice(allocator, "]}");
}

/// The handles inside a channel's waiting values, a mutex's value; a token's parent.
fn writeObject(rt: *Runtime, text: *Text, index: u32, first: *bool) Error!void {
    if (rt.handles.handleAt(index, .channel) orelse rt.handles.handleAt(index, .ring)) |handle| {
        const kind = rt.handles.kindOf(handle);
        const ch = rt.objectAs(kind, channel.Channel, handle) orelse return;
        try openObject(text, handle, first);
        var inside = true;
        var position = ch.firstPosition();
        while (ch.valueAt(rt, position)) |value| : (position += 1) try writeInside(rt, text, value, &inside);
        return text.appendSlice(allocator, "]]");
    }
    if (rt.handles.handleAt(index, .mutex)) |handle| {
        const mutex = rt.object(sync.Mutex, handle) orelse return;
        try openObject(text, handle, first);
        var inside = true;
        try writeInside(rt, text, .{ .tag = mutex.tag, .payload = mutex.payload }, &inside);
        return text.appendSlice(allocator, "]]");
    }
    if (rt.handles.handleAt(index, .token)) |handle| {
        const token = rt.object(sync.Token, handle) orelse return;
        try openObject(text, handle, first);
        if (token.parent != 0) try text.print(allocator, "{d}", .{token.parent});
        return text.appendSlice(allocator, "]]");
    }
}

fn openObject(text: *Text, handle: u32, first: *bool) Error!void {
    try separate(text, first);
    try text.print(allocator, "[{d},[", .{handle});
}

fn writeInside(rt: *Runtime, text: *Text, value: Value, first: *bool) Error!void {
    const number = runtime_mod.numberOf(value.payload) orelse return;
    if (value.isBlock()) return writeBlock(rt, text, number, first);
    if (!value.isHandle()) return;
    try separate(text, first);
    try text.print(allocator, "{d}", .{number});
}

fn writeBlock(rt: *Runtime, text: *Text, offset: u32, first: *bool) Error!void {
    for (0..rt.listedHandles(offset)) |i| {
        try separate(text, first);
        try text.print(allocator, "{d}", .{rt.arena.at(u32, offset + @as(u32, @intCast(i)) * 4).*});
    }
}
