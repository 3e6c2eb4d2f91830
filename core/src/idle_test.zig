//! Workers without work, through the exports: who watches timers and descriptors when the one that did goes to work.

const std = @import("std");
const abi = @import("abi.zig");
const layout = @import("layout.zig");
const futex = @import("futex.zig");
const testing = std.testing;
const Tag = layout.Tag;
const Status = layout.Status;
const Event = layout.Event;

fn areaOf(w: u32) *layout.Area {
    return @ptrFromInt(@intFromPtr(abi.janus_arena().?) + abi.janus_worker_area(w));
}

/// The next event that is about a fiber, or the end. Nothing is packed.
fn next(w: u32) i32 {
    while (true) {
        const event = abi.janus_next(w);
        switch (event) {
            Event.turn, Event.start_workers, Event.pack_parked, Event.pack_ready => {},
            else => return event,
        }
    }
}

fn spin(ms: u64) void {
    const until_ns = futex.linux.nowNs() + ms * std.time.ns_per_ms;
    while (futex.linux.nowNs() < until_ns) std.atomic.spinLoopHint();
}

const busy_ms = 900;

/// Worker 1: runs the child, which sleeps 100 ms.
const Sleeper = struct {
    started: std.atomic.Value(bool) = .init(false),
    slept_ns: u64 = 0,
    woke_ns: u64 = 0,
    failed: bool = false,

    fn run(self: *Sleeper) void {
        self.live() catch {
            self.failed = true;
        };
    }

    fn live(self: *Sleeper) !void {
        _ = abi.janus_worker_enter(1);
        try testing.expectEqual(Event.start, next(1));
        const child: u32 = @bitCast(areaOf(1).ev[0]);
        self.started.store(true, .release);
        spin(30); // worker 0 sleeps first, so it has the watch
        self.slept_ns = futex.linux.nowNs();
        try testing.expectEqual(Status.parked, abi.janus_sleep(1, child, 100e6, 0));
        try testing.expectEqual(Event.@"resume", next(1));
        self.woke_ns = futex.linux.nowNs();
        _ = abi.janus_finish(1, child, layout.Outcome.value, Tag.void_, 0);
        while (next(1) != Event.exit) {}
        _ = abi.janus_worker_leave(1);
    }
};

test "failure mode 35: a timer is seen to while the worker that watched it computes and another one sleeps" {
    try testing.expectEqual(Status.ok, abi.janus_open(2, 256, 0, 1));
    try testing.expectEqual(Status.ok, abi.janus_worker_enter(0));
    try testing.expectEqual(Status.ok, abi.janus_set_workers(2));
    const main: u32 = @intCast(abi.janus_spawn_main(0, Tag.void_, 0));
    try testing.expectEqual(Event.start, next(0));
    const nursery: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 0, 0));
    try testing.expect(abi.janus_spawn(0, main, nursery, 1, Tag.void_, 0, 0, 0, 0) > 0);
    var sleeper: Sleeper = .{};
    const thread = try std.Thread.spawn(.{}, Sleeper.run, .{&sleeper});
    while (!sleeper.started.load(.acquire)) std.atomic.spinLoopHint();
    try testing.expectEqual(Status.parked, abi.janus_sleep(0, main, 60e6, 0));
    try testing.expectEqual(Event.@"resume", next(0));
    spin(busy_ms); // one long call, which comes to no point where it could give way
    if (abi.janus_nursery_join(0, main, nursery) == Status.parked) {
        try testing.expectEqual(Event.@"resume", next(0));
    }
    _ = abi.janus_finish(0, main, layout.Outcome.value, Tag.void_, 0);
    _ = abi.janus_shutdown();
    while (next(0) != Event.exit) {}
    thread.join();
    _ = abi.janus_worker_leave(0);
    _ = abi.janus_close();
    try testing.expect(!sleeper.failed);
    const took_ms = (sleeper.woke_ns - sleeper.slept_ns) / std.time.ns_per_ms;
    try testing.expect(took_ms >= 100);
    try testing.expect(took_ms < busy_ms / 2);
}
