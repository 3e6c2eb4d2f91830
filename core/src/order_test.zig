//! Who runs next: first come, first served, through the whole of the boundary, on a worker that is alone and on one
//! that has others beside it.

const std = @import("std");
const abi = @import("abi.zig");
const layout = @import("layout.zig");
const single = @import("single.zig");
const Event = layout.Event;
const Status = layout.Status;
const Tag = layout.Tag;
const testing = std.testing;

fn area() *layout.Area {
    return @ptrFromInt(@intFromPtr(abi.janus_arena().?) + abi.janus_worker_area(0));
}

/// The next fiber that runs, and whether it starts.
fn next() struct { u32, bool } {
    while (true) switch (abi.janus_next(0)) {
        Event.start => return .{ @bitCast(area().ev[0]), true },
        Event.@"resume" => return .{ @bitCast(area().ev[0]), false },
        Event.turn, Event.start_workers => {},
        else => unreachable,
    };
}

const children = 200;

/// A busy fiber gives way again and again beside children that only end. How often it ran until the last had ended.
fn busySlices(workers: u32) !u32 {
    try testing.expectEqual(Status.ok, abi.janus_open(workers, 256, 0, 1));
    defer testing.expectEqual(Status.ok, abi.janus_close()) catch unreachable;
    try testing.expectEqual(Status.ok, abi.janus_worker_enter(0));
    defer testing.expectEqual(Status.ok, abi.janus_worker_leave(0)) catch unreachable;
    if (workers > 1) try testing.expectEqual(Status.ok, abi.janus_set_workers(workers));
    const main: u32 = @intCast(abi.janus_spawn_main(0, Tag.void_, 0));
    _ = next();
    const nursery: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 0, 0));
    const busy: u32 = @intCast(abi.janus_spawn(0, main, nursery, 1, Tag.void_, 0, 0, 0, 0));
    try testing.expectEqual(Status.ok, abi.janus_yield(0, main));
    try testing.expectEqual(.{ busy, true }, next());
    try testing.expectEqual(Status.ok, abi.janus_yield(0, busy));
    try testing.expectEqual(.{ main, false }, next());
    var spawned: [children]u32 = undefined;
    for (&spawned) |*child| {
        child.* = @intCast(abi.janus_spawn(0, main, nursery, 2, Tag.void_, 0, 0, 0, 0));
    }
    try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, main, nursery));
    var slices: u32 = 0;
    var ended: u32 = 0;
    while (ended < children) {
        const fiber, const starts = next();
        if (fiber == busy) {
            slices += 1;
            try testing.expectEqual(Status.ok, abi.janus_yield(0, busy));
            continue;
        }
        try testing.expect(starts);
        try testing.expectEqual(spawned[ended], fiber);
        ended += 1;
        try testing.expectEqual(Status.ok, abi.janus_finish(0, fiber, layout.Outcome.value, Tag.void_, 0));
    }
    try testing.expectEqual(.{ busy, false }, next());
    try testing.expectEqual(Status.ok, abi.janus_finish(0, busy, layout.Outcome.value, Tag.void_, 0));
    try testing.expectEqual(.{ main, false }, next());
    try testing.expectEqual(Status.ok, abi.janus_finish(0, main, layout.Outcome.value, Tag.void_, 0));
    return slices;
}

test "failure mode 36: children start in order, and a busy fiber has one slice among all of them" {
    single.forgetThreads();
    try testing.expect(try busySlices(1) <= 1);
    try testing.expect(try busySlices(2) <= 2); // the round that had begun, and the next
}
