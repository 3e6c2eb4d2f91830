//! What nobody refers to any more is given back here: blocks of the arena, what handles name, fibers' records.
//!
//! One thing may hold the last reference to another, that to a third, and so on for a million: a channel that holds a
//! channel, a task whose result is a task, a token and its parents. So nothing is freed from within the freeing of
//! another thing. What becomes free meanwhile joins a list of the worker's, linked through a word that the thing itself
//! no longer needs, and the outermost call empties the lists: freeing takes no stack and no memory.

const layout = @import("layout.zig");
const objects = @import("objects.zig");
const Runtime = @import("runtime.zig").Runtime;
const Worker = @import("worker.zig").Worker;
const assert = @import("std").debug.assert;

pub const What = enum { block, handle, record };

/// A worker's things that wait to be freed; the head of each list, or 0.
pub const List = struct {
    heads: [3]u32 = @splat(0),
    /// Something is being freed now: what is discarded joins the lists.
    is_busy: bool = false,
};

/// Frees what the caller dropped the last reference to, now or when the outermost call comes to it.
pub fn discard(rt: *Runtime, worker: *Worker, what: What, number: u32) void {
    const list = &worker.discarded;
    if (list.is_busy) {
        const head = &list.heads[@backingInt(what)];
        setLink(rt, what, number, head.*);
        head.* = number;
        return;
    }
    list.is_busy = true;
    free(rt, worker, what, number);
    while (next(rt, list)) |one| free(rt, worker, one.what, one.number);
    list.is_busy = false;
}

fn next(rt: *Runtime, list: *List) ?struct { what: What, number: u32 } {
    for (&list.heads, 0..) |*head, i| {
        if (head.* == 0) continue;
        const what: What = @fromBackingInt(@intCast(i));
        defer head.* = link(rt, what, head.*);
        return .{ .what = what, .number = head.* };
    }
    return null;
}

/// The count of a block, which is 0; a word of the slot that only the pool uses; a record's place in queues.
fn setLink(rt: *Runtime, what: What, number: u32, value: u32) void {
    switch (what) {
        .block => rt.arena.header(number).refs.store(value, .monotonic),
        .handle => rt.handles.spareWord(number).store(value, .monotonic),
        .record => rt.table.at(number).queue_next.store(value, .monotonic),
    }
}

fn link(rt: *Runtime, what: What, number: u32) u32 {
    return switch (what) {
        .block => rt.arena.header(number).refs.load(.monotonic),
        .handle => rt.handles.spareWord(number).load(.monotonic),
        .record => rt.table.at(number).queue_next.load(.monotonic),
    };
}

fn free(rt: *Runtime, worker: *Worker, what: What, number: u32) void {
    switch (what) {
        .block => {
            for (0..rt.listedHandles(number)) |i| {
                const entry = rt.arena.at(u32, number + @as(u32, @intCast(i)) * 4);
                _ = rt.releaseHandle(worker, entry.*);
            }
            rt.arena.free(&worker.arena, number);
        },
        .handle => {
            objects.free(rt, worker, rt.handles.kindOf(number), rt.handles.objectAt(number));
            rt.handles.destroy(&worker.handles, number);
            worker.counters.handles_destroyed.add(1);
        },
        .record => {
            const fiber = rt.table.at(number);
            assert(fiber.stateNow() == .finished);
            rt.releaseValue(worker, .{ .tag = fiber.wake_tag, .payload = fiber.wake_payload });
            fiber.wake_tag = layout.Tag.void_;
            if (fiber.name != 0) rt.releaseBlock(worker, fiber.name);
            fiber.name = 0;
            fiber.generation +%= 1;
            fiber.setState(.free);
            rt.fibers.give(&worker.fibers, number);
        },
    }
}
