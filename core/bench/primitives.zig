//! The lower layers alone: what a switch, a push, a message, a hand-over and a lock cost.

const std = @import("std");
const core = @import("core");
const timing = @import("timing.zig");
const Context = core.context.Context;

pub fn run(report: *timing.Report, allocator: std.mem.Allocator) !void {
    try contextSwitch(report, allocator);
    try dequePushPop(report, allocator);
    try dequePushSteal(report, allocator);
    try chanMessage(report);
    try ringMessage(report);
    try parkerPermit(report);
    try parkerHandOver(report);
    try mutexUncontended(report);
    try stackTakeGive(report, allocator);
}

/// Two contexts on one thread hand over to each other; one operation is one switch.
fn contextSwitch(report: *timing.Report, allocator: std.mem.Allocator) !void {
    const Pair = struct {
        outside: Context,
        inside: Context,

        fn begin(argument: ?*anyopaque) callconv(.c) noreturn {
            const pair: *@This() = @ptrCast(@alignCast(argument.?));
            while (true) pair.inside.switchTo(&pair.outside);
        }

        fn body(pair: *@This(), operations: u64) void {
            for (0..operations / 2) |_| pair.outside.switchTo(&pair.inside);
        }
    };
    var pool: core.stack.Pool = .init(allocator, .{ .stack_bytes = 64 << 10, .stacks_max = 1 });
    defer pool.deinit();
    const stack = try pool.take();
    defer pool.give(stack);
    var pair: Pair = .{ .outside = .current(), .inside = undefined };
    pair.inside = .init(stack.bytes, Pair.begin, &pair);
    defer pair.inside.deinit();
    try report.measure("context_switch", 4_000_000, &pair, Pair.body);
}

/// One operation is one push and one pop by the owner.
fn dequePushPop(report: *timing.Report, allocator: std.mem.Allocator) !void {
    const Deque = core.deque.Deque(u32);
    const Body = struct {
        fn run(deque: *Deque, operations: u64) void {
            for (0..operations / 8) |_| {
                for (0..8) |item| deque.push(@intCast(item)) catch unreachable; // within the initial capacity
                for (0..8) |_| std.mem.doNotOptimizeAway(deque.pop());
            }
        }
    };
    var deque: Deque = try .init(allocator, 64);
    defer deque.deinit();
    try report.measure("deque_push_pop", 2_000_000, &deque, Body.run);
}

/// One operation is one push and one theft by the same thread: no contention.
fn dequePushSteal(report: *timing.Report, allocator: std.mem.Allocator) !void {
    const Deque = core.deque.Deque(u32);
    const Body = struct {
        fn run(deque: *Deque, operations: u64) void {
            for (0..operations / 8) |_| {
                for (0..8) |item| deque.push(@intCast(item)) catch unreachable; // within the initial capacity
                for (0..8) |_| std.mem.doNotOptimizeAway(deque.steal());
            }
        }
    };
    var deque: Deque = try .init(allocator, 64);
    defer deque.deinit();
    try report.measure("deque_push_steal", 2_000_000, &deque, Body.run);
}

/// One operation is one message through a single-producer queue, sent and received by one thread.
fn chanMessage(report: *timing.Report) !void {
    const Chan = core.chan.Chan(u64);
    const Body = struct {
        fn run(chan: *Chan, operations: u64) void {
            for (0..operations / 8) |_| {
                for (0..8) |value| chan.trySend(value) catch unreachable; // the queue has room for 64
                for (0..8) |_| std.mem.doNotOptimizeAway(chan.tryReceive() catch unreachable);
            }
        }
    };
    var values: [64]u64 = undefined;
    var chan: Chan = .init(&values);
    try report.measure("chan_spsc_message", 2_000_000, &chan, Body.run);
}

/// The same through a multi-producer queue.
fn ringMessage(report: *timing.Report) !void {
    const Ring = core.chan.Mpsc(u64);
    const Body = struct {
        fn run(ring: *Ring, operations: u64) void {
            for (0..operations / 8) |_| {
                for (0..8) |value| ring.trySend(value) catch unreachable; // the queue has room for 64
                for (0..8) |_| std.mem.doNotOptimizeAway(ring.tryReceive() catch unreachable);
            }
        }
    };
    var slots: [64]Ring.Slot = undefined;
    var ring: Ring = .init(&slots);
    try report.measure("chan_mpsc_message", 2_000_000, &ring, Body.run);
}

/// One operation is an unpark and the park that finds its permit: no system call.
fn parkerPermit(report: *timing.Report) !void {
    const Body = struct {
        fn run(parker: *core.parker.Parker, operations: u64) void {
            for (0..operations) |_| {
                parker.unpark();
                parker.park();
            }
        }
    };
    var parker: core.parker.Parker = .{};
    try report.measure("parker_permit", 1_000_000, &parker, Body.run);
}

/// One operation is a hand-over to a sleeping thread and back.
fn parkerHandOver(report: *timing.Report) !void {
    const Pair = struct {
        mine: core.parker.Parker = .{},
        theirs: core.parker.Parker = .{},
        stop: std.atomic.Value(bool) = .init(false),

        fn partner(pair: *@This()) void {
            while (true) {
                pair.theirs.park();
                // Relaxed: the permit carries it.
                if (pair.stop.load(.monotonic)) return;
                pair.mine.unpark();
            }
        }

        fn body(pair: *@This(), operations: u64) void {
            for (0..operations) |_| {
                pair.theirs.unpark();
                pair.mine.park();
            }
        }
    };
    var pair: Pair = .{};
    const thread = try std.Thread.spawn(.{}, Pair.partner, .{&pair});
    defer {
        pair.stop.store(true, .monotonic);
        pair.theirs.unpark();
        thread.join();
    }
    try report.measure("parker_hand_over", 2_000, &pair, Pair.body);
}

/// One operation is a lock and an unlock that nobody contends for.
fn mutexUncontended(report: *timing.Report) !void {
    const Body = struct {
        fn run(mutex: *core.mutex.Mutex, operations: u64) void {
            for (0..operations) |_| {
                mutex.lock();
                mutex.unlock();
            }
        }
    };
    var mutex: core.mutex.Mutex = .{};
    try report.measure("mutex_uncontended", 1_000_000, &mutex, Body.run);
}

/// One operation is taking a warm stack from a pool and giving it back.
fn stackTakeGive(report: *timing.Report, allocator: std.mem.Allocator) !void {
    const Body = struct {
        fn run(pool: *core.stack.Pool, operations: u64) void {
            for (0..operations) |_| pool.give(pool.take() catch unreachable); // the first run has made the one it needs
        }
    };
    var pool: core.stack.Pool = .init(allocator, .{ .stack_bytes = 64 << 10, .stacks_max = 1 });
    defer pool.deinit();
    pool.give(try pool.take());
    try report.measure("stack_take_give_warm", 500_000, &pool, Body.run);
}
