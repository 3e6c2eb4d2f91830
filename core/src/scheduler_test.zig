//! The scheduler under load: scripted fibers on real worker threads, with a stand-in for each worker's interpreter.
//!
//! A `Vm` keeps the continuations of the fibers that live in it, packs and unpacks them when told to, and drives
//! `next`, as the JavaScript side does; a fiber resumed in a VM that does not hold its continuation fails the test.
//! A script is a state machine: it runs operations until one parks, and goes on from `frame.at` with the
//! operation's status.
//! Every test checks its own result, and that nothing is left: no fiber, handle, block or stack.

const std = @import("std");
const channel = @import("channel.zig");
const dump = @import("dump.zig");
const files = @import("files.zig");
const fiber_mod = @import("fiber.zig");
const layout = @import("layout.zig");
const native = @import("native.zig");
const nursery_mod = @import("nursery.zig");
const runtime_mod = @import("runtime.zig");
const scheduler = @import("scheduler.zig");
const select_mod = @import("select.zig");
const single = @import("single.zig");
const sync = @import("sync.zig");
const task = @import("task.zig");
const Runtime = runtime_mod.Runtime;
const Worker = @import("worker.zig").Worker;
const Status = layout.Status;
const Event = layout.Event;
const Kind = layout.SelectKind;
const Tag = layout.Tag;
const testing = std.testing;

/// A continuation: which script, where it goes on, and its locals.
const Frame = struct {
    script: u32,
    at: u32 = 0,
    locals: [12]u64 = @splat(0),
};

const Script = *const fn (vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32;

/// What a script returns besides `Status.parked`: it gave way, or ended with an outcome.
const gave_way: i32 = -1;
const ended: i32 = -2;

const World = struct {
    rt: *Runtime,
    scripts: []const Script,
    /// Shared words for the scripts' own use.
    words: [32]std.atomic.Value(u64) = @splat(.init(0)),
    deadlocks: std.atomic.Value(u32) = .init(0),
    failures: std.atomic.Value(u32) = .init(0),
    main: u32 = 0,

    fn fail(world: *World, comptime text: []const u8, args: anytype) void {
        _ = world.failures.fetchAdd(1, .monotonic);
        std.debug.print("scheduler test: " ++ text ++ "\n", args);
        scheduler.shutdown(world.rt);
    }
};

const Vm = struct {
    world: *World,
    rt: *Runtime,
    worker: *Worker,
    frames: std.AutoHashMapUnmanaged(u32, Frame) = .empty,
    /// What a script ends with.
    outcome: u32 = layout.Outcome.value,
    result: u64 = 0,
    random: std.Random.DefaultPrng,
    reductions: u32 = 0,

    fn run(vm: *Vm) void {
        const allocator = std.heap.page_allocator;
        defer vm.frames.deinit(allocator);
        if (!scheduler.enter(vm.rt, vm.worker)) return vm.world.fail("cannot enter", .{});
        while (true) {
            const event = scheduler.next(vm.rt, vm.worker);
            const ev = &vm.worker.area.ev;
            switch (event) {
                Event.start => {
                    const fiber: u32 = @bitCast(ev[0]);
                    var frame: Frame = .{ .script = @intCast(ev[1]) };
                    if (ev[2] == Tag.num) frame.locals[0] = @intFromFloat(vm.worker.area.ev_payload[0]);
                    vm.go(fiber, frame, Status.ok);
                },
                Event.@"resume" => {
                    const fiber: u32 = @bitCast(ev[0]);
                    const entry = vm.frames.fetchRemove(fiber) orelse
                        return vm.world.fail("fiber {d} does not live in VM {d}", .{ fiber, vm.worker.index });
                    vm.go(fiber, entry.value, vm.rt.table.at(fiber).wake_status);
                },
                Event.unpack => {
                    const fiber: u32 = @bitCast(ev[0]);
                    const block: u32 = @bitCast(ev[1]);
                    const frame = vm.rt.arena.at(Frame, block).*;
                    vm.rt.releaseBlock(vm.worker, block);
                    if (vm.frames.contains(fiber)) return vm.world.fail("fiber {d} is here already", .{fiber});
                    vm.go(fiber, frame, vm.rt.table.at(fiber).wake_status);
                },
                Event.pack_ready, Event.pack_parked => vm.pack(),
                Event.turn, Event.start_workers => {},
                Event.deadlock => {
                    _ = vm.world.deadlocks.fetchAdd(1, .monotonic);
                    scheduler.shutdown(vm.rt);
                },
                Event.exit => break,
                else => return vm.world.fail("event {d}", .{event}),
            }
            if (vm.worker.index == 0 and vm.world.failures.load(.monotonic) != 0) break;
        }
        if (!scheduler.leave(vm.rt, vm.worker)) vm.world.fail("cannot leave", .{});
    }

    /// The fibers that the core names are to go.
    fn pack(vm: *Vm) void {
        const ev = &vm.worker.area.ev;
        const count: usize = @intCast(ev[0]);
        var numbers: [layout.pack_max]u32 = undefined;
        for (0..count) |i| numbers[i] = @bitCast(ev[1 + i]);
        for (numbers[0..count]) |fiber| {
            // Now and then one cannot be packed.
            if (vm.random.random().uintLessThan(u32, 8) == 0) {
                _ = scheduler.packedAnswer(vm.rt, vm.worker, fiber, 0);
                continue;
            }
            const entry = vm.frames.fetchRemove(fiber) orelse
                return vm.world.fail("fiber {d} to pack is not in VM {d}", .{ fiber, vm.worker.index });
            const block = vm.rt.arena.alloc(&vm.worker.arena, @sizeOf(Frame));
            vm.rt.arena.at(Frame, block).* = entry.value;
            if (scheduler.packedAnswer(vm.rt, vm.worker, fiber, block) != Status.ok) {
                return vm.world.fail("pack of {d} refused", .{fiber});
            }
        }
    }

    fn go(vm: *Vm, fiber: u32, start: Frame, status: i32) void {
        var frame = start;
        const allocator = std.heap.page_allocator;
        vm.outcome = layout.Outcome.value;
        vm.result = 0;
        switch (vm.world.scripts[frame.script](vm, fiber, &frame, status)) {
            Status.parked => vm.frames.put(allocator, fiber, frame) catch vm.world.fail("no memory", .{}),
            gave_way => {
                vm.frames.put(allocator, fiber, frame) catch return vm.world.fail("no memory", .{});
                scheduler.yield(vm.rt, vm.worker, fiber);
            },
            ended => {
                const finished = scheduler.finish(vm.rt, vm.worker, fiber, vm.outcome, .{
                    .tag = Tag.num,
                    .payload = @floatFromInt(vm.result),
                });
                if (finished != Status.ok) return vm.world.fail("finish says {d}", .{finished});
                if (fiber == vm.world.main) scheduler.shutdown(vm.rt);
            },
            else => |code| vm.world.fail("script {d} returns {d}", .{ frame.script, code }),
        }
    }

    // What scripts do.

    fn value(vm: *Vm, fiber: u32) u64 {
        return @intFromFloat(vm.rt.table.at(fiber).wake_payload);
    }

    /// After a join that failed: what the first failure carries. The list goes.
    fn firstFailure(vm: *Vm, fiber: u32) u64 {
        const record = vm.rt.table.at(fiber);
        var offset: u32 = @bitCast(record.aux);
        const payload = vm.rt.arena.at(nursery_mod.FailureNode, offset).payload;
        while (offset != 0) {
            const node = vm.rt.arena.at(nursery_mod.FailureNode, offset).*;
            vm.rt.releaseValue(vm.worker, .{ .tag = node.tag, .payload = node.payload });
            if (node.name != 0) vm.rt.releaseBlock(vm.worker, node.name);
            vm.rt.releaseBlock(vm.worker, offset);
            offset = node.next;
        }
        return @intFromFloat(payload);
    }

    fn spawn(vm: *Vm, nursery: u32, script: u32, argument: u64, keep_task: bool) u32 {
        const number = vm.trySpawn(nursery, script, argument, keep_task);
        if (number <= 0) {
            vm.world.fail("spawn says {d}", .{number});
            return 0;
        }
        return @intCast(number);
    }

    /// The new fiber, or a negated status.
    fn trySpawn(vm: *Vm, nursery: u32, script: u32, argument: u64, keep_task: bool) i32 {
        return scheduler.spawn(vm.rt, vm.worker, .{
            .nursery = nursery,
            .code = @intCast(script),
            .thunk = number_value(argument),
            .keep_task = keep_task,
            .stack_bytes = 64 << 10,
            .site = 0,
        });
    }

    fn open(vm: *Vm, fiber: u32, deadline_ns: f64) u32 {
        const handle = nursery_mod.open(vm.rt, vm.worker, fiber, deadline_ns, 0, 0);
        if (handle <= 0) vm.world.fail("open says {d}", .{handle});
        return @intCast(handle);
    }

    fn join(vm: *Vm, fiber: u32) i32 {
        return nursery_mod.join(vm.rt, vm.worker, fiber, vm.rt.table.at(fiber).open_nursery);
    }

    fn ch(vm: *Vm, handle: u64) *channel.Channel {
        return vm.rt.object(channel.Channel, @intCast(handle)).?;
    }

    fn send(vm: *Vm, fiber: u32, handle: u64, v: u64) i32 {
        return channel.send(vm.rt, vm.worker, fiber, @intCast(handle), number_value(v), 0);
    }

    fn receive(vm: *Vm, fiber: u32, handle: u64) i32 {
        return channel.receive(vm.rt, vm.worker, fiber, @intCast(handle), 0);
    }

    /// Burns a few reductions; true when the fiber should give way.
    fn preempted(vm: *Vm, every: u32) bool {
        vm.reductions += 1;
        return vm.reductions % every == 0 and scheduler.surplus(vm.rt, vm.worker);
    }
};

fn number_value(n: u64) runtime_mod.Value {
    return .{ .tag = Tag.num, .payload = @floatFromInt(n) };
}

const Setup = struct {
    workers: u32 = 4,
    seeded: bool = false,
    seed: u32 = 0,
    argument: u64 = 0,
    expect_deadlock: bool = false,
    /// Handles the test keeps in `words`, for release at the end.
    channels: []const u32 = &.{},
    words: []const u64 = &.{},
};

/// Runs `scripts[0]` as main on all workers; returns the words the scripts left.
fn runWorld(scripts: []const Script, setup: Setup) ![32]u64 {
    const rt: *Runtime = try .create(.{
        .workers_max = setup.workers,
        .arena_megabytes = 1024,
        .seeded = setup.seeded,
        .debug = true,
        .seed = setup.seed,
    });
    var world: World = .{ .rt = rt, .scripts = scripts };
    // One worker alone, as most programs run, goes without atomic operations.
    if (setup.workers == 1) single.forgetThreads();
    scheduler.allowWorkers(rt, setup.workers);
    var handles: [16]u32 = undefined;
    for (setup.channels, 0..) |capacity, i| {
        handles[i] = @intCast(channel.create(rt, &rt.workers[0], capacity, 0));
        world.words[16 + i].store(handles[i], .monotonic);
    }
    for (setup.words, 0..) |word, i| world.words[i].store(word, .monotonic);
    world.main = @intCast(scheduler.spawnMain(rt, &rt.workers[0], 0, number_value(setup.argument), 8 << 20));
    var vms: [8]Vm = undefined;
    var threads: [8]std.Thread = undefined;
    for (0..setup.workers) |i| {
        vms[i] = .{ .world = &world, .rt = rt, .worker = &rt.workers[i], .random = .init(i + setup.seed) };
    }
    for (1..setup.workers) |i| threads[i] = try std.Thread.spawn(.{}, Vm.run, .{&vms[i]});
    vms[0].run();
    for (1..setup.workers) |i| threads[i].join();
    try testing.expectEqual(0, world.failures.load(.monotonic));
    try testing.expectEqual(@intFromBool(setup.expect_deadlock), world.deadlocks.load(.monotonic));
    for (handles[0..setup.channels.len]) |handle| _ = rt.releaseHandle(&rt.workers[0], handle);
    if (!setup.expect_deadlock) {
        const left = dump.live(rt);
        try testing.expectEqual(dump.Live{ .fibers = 0, .handles = 0, .blocks = 0, .bytes = 0, .stacks = 0 }, left);
        try testing.expectEqual(0, rt.timers.count());
        try testing.expectEqual(0, rt.outside.load(.monotonic));
        for (1..rt.fibers.highWater()) |i| {
            try testing.expectEqual(.free, rt.table.at(@intCast(i)).stateNow());
        }
    }
    var words: [32]u64 = undefined;
    for (&words, &world.words) |*to, *from| to.* = from.load(.monotonic);
    rt.destroy();
    return words;
}

// A tree of nurseries: each node spawns children, awaits them and sums.

const tree = struct {
    const fan = 8;

    fn node(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        const depth = frame.locals[0];
        while (true) switch (frame.at) {
            0 => {
                if (depth == 0) {
                    vm.result = 1;
                    return ended;
                }
                const nursery = vm.open(fiber, -1);
                for (0..fan) |i| {
                    const child = vm.spawn(nursery, 1, depth - 1, true);
                    frame.locals[1 + i] = @as(u64, vm.rt.table.at(child).generation) << 32 | child;
                }
                frame.at = 1;
            },
            1...fan => {
                const which = frame.locals[frame.at];
                const s = task.await(vm.rt, vm.worker, fiber, @truncate(which), @intCast(which >> 32), 0);
                frame.at += 100;
                if (s != Status.ok) {
                    if (s != Status.parked) vm.world.fail("await says {d}", .{s});
                    return s;
                }
            },
            101...100 + fan => {
                if (status != Status.ok) vm.world.fail("await ended with {d}", .{status});
                frame.locals[10] += vm.value(fiber);
                frame.at -= 100;
                const which = frame.locals[frame.at];
                vm.rt.dropFiber(vm.worker, @truncate(which));
                frame.at += 1;
                if (vm.preempted(50)) return gave_way;
            },
            fan + 1 => {
                frame.at = 200;
                const s = vm.join(fiber);
                if (s == Status.parked) return s;
            },
            200 => {
                vm.result = frame.locals[10];
                if (fiber == vm.world.main) vm.world.words[0].store(vm.result, .monotonic);
                return ended;
            },
            else => unreachable,
        };
    }
};

test "a tree of nurseries on one, two and four workers" {
    for ([_]u32{ 1, 2, 4 }) |workers| {
        const words = try runWorld(&.{ tree.node, tree.node }, .{ .workers = workers, .argument = 5 });
        try testing.expectEqual(std.math.pow(u64, tree.fan, 5), words[0]);
    }
}

// Producers and consumers on one channel.
// words: 0 sum received, 1 count received, 2 producers left, 3 values each, 4 order violations; 16 the channel.

const traffic = struct {
    const producers = 5;
    const consumers = 3;

    fn main(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        switch (frame.at) {
            0 => {
                const nursery = vm.open(fiber, -1);
                for (0..consumers) |i| _ = vm.spawn(nursery, 2, i, false);
                for (0..producers) |i| _ = vm.spawn(nursery, 1, i, false);
                frame.at = 1;
                const s = vm.join(fiber);
                if (s == Status.parked) return s;
                if (s != Status.ok) vm.world.fail("join says {d}", .{s});
            },
            else => if (status != Status.ok) vm.world.fail("join ended with {d}", .{status}),
        }
        return ended;
    }

    fn producer(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        const words = &vm.world.words;
        if (frame.at != 0 and status != Status.ok) vm.world.fail("send ended with {d}", .{status});
        while (frame.at < words[3].load(.monotonic)) {
            const v = frame.locals[0] * 1_000_000 + frame.at;
            frame.at += 1;
            const s = vm.send(fiber, words[16].load(.monotonic), v);
            if (s == Status.parked) return s;
            if (s != Status.ok) vm.world.fail("send says {d}", .{s});
            if (vm.preempted(64)) {
                vm.rt.table.at(fiber).wake_status = Status.ok;
                return gave_way;
            }
        }
        if (words[2].fetchSub(1, .acq_rel) == 1) channel.close(vm.rt, vm.worker, vm.ch(words[16].load(.monotonic)), 0);
        return ended;
    }

    /// locals[1 + p]: one more than the last value seen of producer p: what one receiver sees of a sender is in order.
    fn consumer(vm: *Vm, fiber: u32, frame: *Frame, start_status: i32) i32 {
        const words = &vm.world.words;
        var status = start_status;
        while (true) {
            if (frame.at == 1) {
                if (status == Status.closed) return ended;
                if (status != Status.ok) vm.world.fail("receive says {d}", .{status});
                const v = vm.value(fiber);
                const last = &frame.locals[1 + v / 1_000_000];
                if (v % 1_000_000 + 1 <= last.*) _ = words[4].fetchAdd(1, .monotonic);
                last.* = v % 1_000_000 + 1;
                _ = words[0].fetchAdd(v, .monotonic);
                _ = words[1].fetchAdd(1, .monotonic);
                // A mark of the order in which things happened; means something on one worker only.
                words[6].store(words[6].load(.monotonic) *% 31 +% v *% (fiber + 1), .monotonic);
            }
            frame.at = 1;
            status = vm.receive(fiber, words[16].load(.monotonic));
            if (status == Status.parked) return status;
        }
    }
};

test "channels: every value arrives once and in its sender's order, at any capacity and number of workers" {
    for ([_]u32{ 0, 1, 3, 64 }) |capacity| for ([_]u32{ 1, 2, 4 }) |workers| {
        const each = 3000;
        const words = try runWorld(&.{ traffic.main, traffic.producer, traffic.consumer }, .{
            .workers = workers,
            .channels = &.{capacity},
            .words = &.{ 0, 0, traffic.producers, each },
        });
        try testing.expectEqual(traffic.producers * each, words[1]);
        var sum: u64 = 0;
        for (0..traffic.producers) |p| for (0..each) |i| {
            sum += p * 1_000_000 + i;
        };
        try testing.expectEqual(sum, words[0]);
        try testing.expectEqual(0, words[4]);
    };
}

// Select: every fiber moves values between random channels with selects, timeouts and closed cases.
// words: 0 sum sent, 1 sum received, 2 senders left, 3 rounds, 4 timeouts; 16.. channels.

const choosing = struct {
    const channels = 4;

    fn main(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        switch (frame.at) {
            0 => {
                const nursery = vm.open(fiber, -1);
                for (0..4) |i| _ = vm.spawn(nursery, 1, i, false);
                for (0..4) |i| _ = vm.spawn(nursery, 2, i, false);
                frame.at = 1;
                const s = vm.join(fiber);
                if (s == Status.parked) return s;
                if (s != Status.ok) vm.world.fail("join says {d}", .{s});
            },
            else => if (status != Status.ok) vm.world.fail("join ended with {d}", .{status}),
        }
        return ended;
    }

    fn put(vm: *Vm, index: u32, kind: i32, which: u64, v: u64) void {
        vm.worker.area.cases[index] = .{
            .kind = kind,
            .channel = @intCast(vm.world.words[16 + which].load(.monotonic)),
            .tag = Tag.num,
            .padding = 0,
            .payload = @floatFromInt(v),
        };
    }

    /// locals[1]: rounds left to send; offers one value to all channels at once.
    fn sender(vm: *Vm, fiber: u32, frame: *Frame, start_status: i32) i32 {
        const words = &vm.world.words;
        var status = start_status;
        while (true) {
            if (frame.at == 1) {
                switch (status) {
                    Status.ok => {
                        _ = words[0].fetchAdd(frame.locals[2], .monotonic);
                        frame.locals[1] += 1;
                    },
                    Status.timeout => _ = words[4].fetchAdd(1, .monotonic),
                    else => vm.world.fail("select of a sender says {d}", .{status}),
                }
            }
            if (frame.locals[1] == words[3].load(.monotonic)) break;
            frame.locals[2] = vm.random.random().uintLessThan(u32, 1000);
            for (0..channels) |i| put(vm, @intCast(i), Kind.send, i, frame.locals[2]);
            frame.at = 1;
            const timeout_ns: f64 = if (vm.random.random().boolean()) -1 else 20_000;
            status = select_mod.select(vm.rt, vm.worker, fiber, channels, false, timeout_ns, 0);
            if (status == Status.parked) return status;
        }
        if (words[2].fetchSub(1, .acq_rel) == 1) {
            for (0..channels) |i| channel.close(vm.rt, vm.worker, vm.ch(words[16 + i].load(.monotonic)), 0);
        }
        return ended;
    }

    fn receiver(vm: *Vm, fiber: u32, frame: *Frame, start_status: i32) i32 {
        const words = &vm.world.words;
        var status = start_status;
        while (true) {
            if (frame.at == 1) {
                switch (status) {
                    Status.ok => if (vm.rt.table.at(fiber).aux == channels) {
                        // The case for the close of the first channel.
                        frame.locals[3] = 1;
                    } else {
                        _ = words[1].fetchAdd(vm.value(fiber), .monotonic);
                    },
                    Status.timeout => _ = words[4].fetchAdd(1, .monotonic),
                    Status.all_closed => return ended,
                    else => vm.world.fail("select of a receiver says {d}", .{status}),
                }
            }
            for (0..channels) |i| put(vm, @intCast(i), Kind.receive, i, 0);
            put(vm, channels, Kind.closed, 0, 0);
            frame.at = 1;
            const timeout_ns: f64 = if (vm.random.random().boolean()) -1 else 20_000;
            const cases: u32 = if (frame.locals[3] != 0) channels else channels + 1;
            status = select_mod.select(vm.rt, vm.worker, fiber, cases, false, timeout_ns, 0);
            if (status == Status.parked) return status;
        }
    }
};

test "failure mode 15, select: one winner each time, nothing lost or doubled, timeouts and closes among it" {
    for ([_]u32{ 0, 2 }) |capacity| for ([_]u32{ 1, 2, 4 }) |workers| {
        const words = try runWorld(&.{ choosing.main, choosing.sender, choosing.receiver }, .{
            .workers = workers,
            .channels = &@as([choosing.channels]u32, @splat(capacity)),
            .words = &.{ 0, 0, 4, 1500 },
        });
        try testing.expectEqual(words[0], words[1]);
        try testing.expect(words[0] > 0);
    };
}

// Cancellation: children in every kind of wait, nested nurseries, and one that fails.
// words: 0 children started, 1 children that saw the cancellation, 2 nested; 16 a channel nobody sends on.

const cancelling = struct {
    const children = 40;

    fn main(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        const words = &vm.world.words;
        while (true) switch (frame.at) {
            0 => {
                const nursery = vm.open(fiber, -1);
                frame.locals[2] = nursery;
                for (0..children) |i| _ = vm.spawn(nursery, 1, i, false);
                _ = vm.spawn(nursery, 2, 0, false);
                frame.at = 1;
                const s = vm.join(fiber);
                if (s == Status.parked) return s;
                return main(vm, fiber, frame, s);
            },
            1 => {
                if (status != Status.failed) vm.world.fail("join ended with {d}", .{status});
                const failure = vm.firstFailure(fiber);
                if (failure != 77) vm.world.fail("the failure is {d}", .{failure});
                if (nursery_mod.isCancelled(vm.rt, vm.worker, fiber)) vm.world.fail("main is cancelled", .{});
                frame.at = 0;
                frame.locals[1] += 1;
                if (frame.locals[1] == words[3].load(.monotonic)) return ended;
            },
            else => unreachable,
        };
    }

    /// Waits in a way that depends on its number, for something that never comes; 5 to 7 open a nursery first.
    fn child(vm: *Vm, fiber: u32, frame: *Frame, start_status: i32) i32 {
        const words = &vm.world.words;
        var status = start_status;
        while (true) switch (frame.at) {
            0 => {
                _ = words[0].fetchAdd(1, .monotonic);
                frame.at = 1;
                if (frame.locals[0] % 8 >= 5 and frame.locals[0] < 1000) {
                    const nursery = vm.open(fiber, -1);
                    const number = vm.trySpawn(nursery, 1, 1000 + frame.locals[0] % 5, false);
                    // A sibling may have failed meanwhile, and a cancelled fiber starts none.
                    if (number < 0 and number != -Status.cancelled) vm.world.fail("spawn says {d}", .{number});
                    _ = words[2].fetchAdd(1, .monotonic);
                    frame.at = 3;
                }
            },
            1, 3 => {
                const in_nursery = frame.at == 3;
                frame.at += 1;
                const handle = words[16].load(.monotonic);
                status = switch (frame.locals[0] % 5) {
                    0 => vm.receive(fiber, handle),
                    1 => scheduler.sleep(vm.rt, vm.worker, fiber, 1e15, 0),
                    2 => blk: {
                        choosing.put(vm, 0, Kind.receive, 0, 0);
                        choosing.put(vm, 1, Kind.closed, 0, 0);
                        break :blk select_mod.select(vm.rt, vm.worker, fiber, 2, false, 1e15, 0);
                    },
                    3 => if (in_nursery) vm.join(fiber) else vm.receive(fiber, handle),
                    else => if (nursery_mod.isCancelled(vm.rt, vm.worker, fiber)) Status.cancelled else {
                        // A loop that never waits: it sees the cancellation where it looks.
                        frame.at -= 1;
                        vm.rt.table.at(fiber).wake_status = Status.ok;
                        return gave_way;
                    },
                };
                if (status == Status.parked) return status;
            },
            2, 4 => {
                if (status != Status.cancelled) {
                    vm.world.fail("child {d} ended with {d}", .{ frame.locals[0], status });
                    return ended;
                }
                if (frame.at == 4 and vm.rt.table.at(fiber).open_nursery != 0) {
                    // Unwinding leaves the nursery, and waits for the grandchild.
                    frame.at = 4;
                    status = vm.join(fiber);
                    if (status == Status.parked) return status;
                    continue;
                }
                _ = words[1].fetchAdd(1, .monotonic);
                vm.outcome = layout.Outcome.cancelled;
                return ended;
            },
            else => unreachable,
        };
    }

    fn failing(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        _ = status;
        if (frame.at == 0) {
            frame.at = 1;
            const after_ns: f64 = @floatFromInt(vm.random.random().uintLessThan(u32, 200_000));
            const s = scheduler.sleep(vm.rt, vm.worker, fiber, after_ns, 0);
            if (s == Status.parked) return s;
        }
        vm.outcome = layout.Outcome.failure;
        vm.result = 77;
        return ended;
    }
};

test "failure modes 6, 7 and 8: cancellation reaches children in every wait, and nested nurseries, and everybody ends" {
    for ([_]u32{ 1, 2, 4 }) |workers| {
        const words = try runWorld(&.{ cancelling.main, cancelling.child, cancelling.failing }, .{
            .workers = workers,
            .channels = &.{0},
            .words = &.{ 0, 0, 0, 30 },
        });
        try testing.expectEqual(words[0], words[1]);
        try testing.expect(words[2] > 0);
    }
}

// Long calls: main wakes its partners and then does not come back to its queues before others have run those of them
// that can run anywhere.
// words: 0 rounds, 1 and 2 how many were waited for in calls that were announced and that were not, 3 what came out of
// order; from 4 how many values each partner has received; from 16 their channels, from 24 how many were sent to each.

const long_call = struct {
    const partners = 8;
    const longest_ns = 20 * std.time.ns_per_s;

    /// locals[1]: the round; from 2 on the partners' numbers; 10: when the first round began.
    fn main(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        const words = &vm.world.words;
        switch (frame.at) {
            0 => {
                const nursery = vm.open(fiber, -1);
                for (0..partners) |p| frame.locals[2 + p] = vm.spawn(nursery, 1, p, false);
                frame.at = 1;
            },
            1 => if (goesOn(vm, frame)) round(vm, frame) else {
                for (0..partners) |p| channel.close(vm.rt, vm.worker, vm.ch(words[16 + p].load(.monotonic)), 0);
                frame.at = 2;
                return if (vm.join(fiber) == Status.parked) Status.parked else ended;
            },
            else => {
                if (status != Status.ok) vm.world.fail("join ended with {d}", .{status});
                return ended;
            },
        }
        vm.rt.table.at(fiber).wake_status = Status.ok;
        return gave_way;
    }

    /// For as many rounds as are asked for, and until there was something to wait for in calls of both kinds.
    fn goesOn(vm: *Vm, frame: *Frame) bool {
        const words = &vm.world.words;
        if (frame.locals[1] == 0) frame.locals[10] = vm.rt.nowNs();
        if (frame.locals[1] < words[0].load(.monotonic)) return true;
        const is_shown = words[1].load(.monotonic) > 0 and words[2].load(.monotonic) > 0;
        return !is_shown and vm.rt.nowNs() - frame.locals[10] < longest_ns;
    }

    /// In turn: announced before it wakes, announced afterwards, not announced.
    fn round(vm: *Vm, frame: *Frame) void {
        const words = &vm.world.words;
        const kind = frame.locals[1] % 3;
        frame.locals[1] += 1;
        // Somebody has nothing to do, and asks for work; if not now, in one of the other rounds.
        const begin_ns = vm.rt.nowNs();
        while (vm.rt.hungry.load(.monotonic) & ~scheduler.bit(vm.worker) == 0) {
            if (vm.rt.nowNs() - begin_ns > 2 * std.time.ns_per_ms) break;
            std.Thread.yield() catch {};
        }
        if (kind == 0) offer(vm);
        for (0..partners) |p| {
            const sent = &words[24 + p];
            const v = number_value(sent.load(.monotonic));
            const status = channel.trySendOn(vm.rt, vm.worker, vm.ch(words[16 + p].load(.monotonic)), v);
            if (status == Status.ok) _ = sent.fetchAdd(1, .monotonic);
        }
        if (kind == 1) offer(vm);
        for (0..partners) |p| {
            // One that lives in a VM may be this one's.
            const fiber = vm.rt.table.at(@intCast(frame.locals[2 + p]));
            if (@atomicLoad(i32, &fiber.worker, .monotonic) >= 0) continue;
            _ = words[if (kind == 2) 2 else 1].fetchAdd(1, .monotonic);
            const start_ns = vm.rt.nowNs();
            while (words[4 + p].load(.monotonic) != words[24 + p].load(.monotonic)) {
                if (vm.rt.nowNs() - start_ns > longest_ns) {
                    return vm.world.fail("nobody runs partner {d} in round {d}", .{ p, frame.locals[1] });
                }
                std.Thread.yield() catch {};
            }
        }
    }

    /// As the VM does it before a long call of the library.
    fn offer(vm: *Vm) void {
        var is_first = true;
        while (scheduler.offer(vm.rt, vm.worker, is_first) > 0) : (is_first = false) vm.pack();
    }

    /// locals[0]: which one.
    fn partner(vm: *Vm, fiber: u32, frame: *Frame, start_status: i32) i32 {
        const words = &vm.world.words;
        const p = frame.locals[0];
        var status = start_status;
        while (true) {
            if (frame.at == 1) {
                if (status == Status.closed) return ended;
                if (status != Status.ok) vm.world.fail("receive says {d}", .{status});
                if (vm.value(fiber) != words[4 + p].load(.monotonic)) _ = words[3].fetchAdd(1, .monotonic);
                _ = words[4 + p].fetchAdd(1, .monotonic);
            }
            frame.at = 1;
            status = vm.receive(fiber, words[16 + p].load(.monotonic));
            if (status == Status.parked) return status;
        }
    }
};

test "stress: what a fiber wakes before or in a long call is run by others meanwhile, announced or not" {
    for ([_]u32{ 2, 4 }) |workers| {
        const words = try runWorld(&.{ long_call.main, long_call.partner }, .{
            .workers = workers,
            .channels = &@as([long_call.partners]u32, @splat(1)),
            .words = &.{200},
        });
        try testing.expectEqual(0, words[3]);
        try testing.expectEqual(0, words[3]);
        try testing.expectEqualSlices(u64, words[24..][0..long_call.partners], words[4..][0..long_call.partners]);
        // Of both kinds there were some, or nothing has been shown.
        if (words[1] == 0 or words[2] == 0) std.debug.print("waited for {d} and {d}\n", .{ words[1], words[2] });
        try testing.expect(words[1] > 0 and words[2] > 0);
    }
}

// Deadlines.

const deadline = struct {
    fn main(vm: *Vm, fiber: u32, frame: *Frame, start_status: i32) i32 {
        var status = start_status;
        while (true) switch (frame.at) {
            0 => {
                const nursery = vm.open(fiber, 300_000);
                for (0..5) |i| _ = vm.spawn(nursery, 1, i, false);
                frame.at = 1;
                status = vm.join(fiber);
                if (status == Status.parked) return status;
            },
            1 => {
                if (status != Status.timeout) vm.world.fail("join ended with {d}", .{status});
                if (nursery_mod.isCancelled(vm.rt, vm.worker, fiber)) vm.world.fail("main is cancelled", .{});
                frame.at = 0;
                frame.locals[1] += 1;
                if (frame.locals[1] == 20) return ended;
            },
            else => unreachable,
        };
    }

    fn child(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        if (frame.at == 0) {
            frame.at = 1;
            const s = scheduler.sleep(vm.rt, vm.worker, fiber, 1e15, 0);
            if (s == Status.parked) return s;
            vm.world.fail("sleep says {d}", .{s});
        }
        if (status != Status.cancelled) vm.world.fail("sleep ended with {d}", .{status});
        vm.outcome = layout.Outcome.cancelled;
        return ended;
    }
};

test "a nursery's deadline cancels its children, says so, and ends there" {
    for ([_]u32{ 1, 3 }) |workers| {
        _ = try runWorld(&.{ deadline.main, deadline.child }, .{ .workers = workers });
    }
}

// Mutex and parker.
// words: 0 a counter changed under the mutex without atomics, 1 inside, 2 violations, 5 the mutex, 6 the parker.

const locking = struct {
    const rounds = 800;
    const fibers = 6;

    fn main(vm: *Vm, fiber: u32, frame: *Frame, start_status: i32) i32 {
        const words = &vm.world.words;
        var status = start_status;
        while (true) switch (frame.at) {
            0 => {
                words[5].store(@intCast(sync.mutexCreate(vm.rt, vm.worker, number_value(0), 0)), .monotonic);
                words[6].store(@intCast(sync.parkerCreate(vm.rt, vm.worker)), .monotonic);
                const nursery = vm.open(fiber, -1);
                for (0..fibers) |i| _ = vm.spawn(nursery, 1, i, false);
                _ = vm.spawn(nursery, 2, 0, false);
                _ = vm.spawn(nursery, 3, 0, false);
                frame.at = 1;
                status = vm.join(fiber);
                if (status == Status.parked) return status;
            },
            else => {
                if (status != Status.ok) vm.world.fail("join ended with {d}", .{status});
                const mutex = vm.rt.object(sync.Mutex, @intCast(words[5].load(.monotonic))).?;
                words[3].store(@intFromFloat(mutex.payload), .monotonic);
                _ = vm.rt.releaseHandle(vm.worker, @intCast(words[5].load(.monotonic)));
                _ = vm.rt.releaseHandle(vm.worker, @intCast(words[6].load(.monotonic)));
                return ended;
            },
        };
    }

    fn worker(vm: *Vm, fiber: u32, frame: *Frame, start_status: i32) i32 {
        const words = &vm.world.words;
        const mutex = vm.rt.object(sync.Mutex, @intCast(words[5].load(.monotonic))).?;
        var status = start_status;
        while (frame.locals[1] < rounds) switch (frame.at) {
            0 => {
                frame.at = 1;
                status = sync.lock(vm.rt, vm.worker, fiber, mutex, 0);
                if (status == Status.parked) return status;
            },
            1 => {
                if (status != Status.ok) vm.world.fail("lock says {d}", .{status});
                if (words[1].fetchAdd(1, .monotonic) != 0) _ = words[2].fetchAdd(1, .monotonic);
                words[0].raw += 1; // plain: only the mutex orders it
                const next = vm.value(fiber) + 1;
                if (sync.set(vm.rt, vm.worker, fiber, mutex, mutex.turn, number_value(next)) != Status.ok) {
                    vm.world.fail("set refused", .{});
                }
                frame.at = 2;
                // Sometimes it gives way while it holds the lock.
                if (frame.locals[1] % 16 == 3) return gave_way;
            },
            2 => {
                _ = words[1].fetchSub(1, .monotonic);
                const unlocked = sync.unlock(vm.rt, vm.worker, fiber, mutex, mutex.turn, false);
                if (unlocked != Status.ok) vm.world.fail("unlock", .{});
                frame.at = 0;
                frame.locals[1] += 1;
            },
            else => unreachable,
        };
        return ended;
    }

    fn parks(vm: *Vm, fiber: u32, frame: *Frame, start_status: i32) i32 {
        const parker = vm.rt.objectAs(.parker, channel.Channel, @intCast(vm.world.words[6].load(.monotonic))).?;
        var status = start_status;
        while (true) {
            if (frame.at == 1) {
                switch (status) {
                    Status.ok => frame.locals[1] += 1,
                    Status.timeout => {},
                    else => vm.world.fail("park says {d}", .{status}),
                }
                if (vm.world.words[7].load(.acquire) == 1) return ended;
            }
            frame.at = 1;
            const timeout_ns: f64 = if (frame.locals[1] % 3 == 0) 5_000 else -1;
            status = sync.park(vm.rt, vm.worker, fiber, parker, timeout_ns, 0);
            if (status == Status.parked) return status;
        }
    }

    fn unparks(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        _ = status;
        const parker = vm.rt.objectAs(.parker, channel.Channel, @intCast(vm.world.words[6].load(.monotonic))).?;
        while (frame.at < 500) {
            frame.at += 1;
            if (frame.at == 500) vm.world.words[7].store(1, .release);
            if (sync.unpark(vm.rt, vm.worker, parker) != Status.ok) vm.world.fail("unpark", .{});
            if (frame.at % 8 == 0) {
                vm.rt.table.at(fiber).wake_status = Status.ok;
                return gave_way;
            }
        }
        return ended;
    }
};

test "a mutex lets one in at a time and keeps its value; a parker loses no permit" {
    for ([_]u32{ 1, 2, 4 }) |workers| {
        const words = try runWorld(
            &.{ locking.main, locking.worker, locking.parks, locking.unparks },
            .{ .workers = workers },
        );
        try testing.expectEqual(locking.rounds * locking.fibers, words[0]);
        try testing.expectEqual(locking.rounds * locking.fibers, words[3]);
        try testing.expectEqual(0, words[2]);
    }
}

// CPU-bound fibers that only give way: they must spread, and nobody starves.
// words: 0 finished, 8.. bit set of workers that ran something.

const busy = struct {
    const fibers = 24;
    const rounds = 400;

    fn main(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        if (frame.at == 0) {
            const nursery = vm.open(fiber, -1);
            for (0..fibers) |i| _ = vm.spawn(nursery, 1, i, false);
            frame.at = 1;
            const s = vm.join(fiber);
            if (s == Status.parked) return s;
            vm.world.fail("join says {d} at once", .{s});
        }
        if (status != Status.ok) vm.world.fail("join ended with {d}", .{status});
        return ended;
    }

    fn spin(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        _ = fiber;
        _ = status;
        _ = vm.world.words[8].fetchOr(@as(u64, 1) << @intCast(vm.worker.index), .monotonic);
        var x = frame.locals[1] + 1;
        for (0..10_000) |_| x = x *% 6364136223846793005 +% 1442695040888963407;
        frame.locals[1] = x;
        frame.at += 1;
        if (frame.at < rounds) return gave_way;
        _ = vm.world.words[0].fetchAdd(1, .monotonic);
        return ended;
    }
};

test "busy fibers spread over the workers by answered requests" {
    for ([_]u32{ 1, 2 }) |workers| {
        const words = try runWorld(&.{ busy.main, busy.spin }, .{ .workers = workers });
        try testing.expectEqual(busy.fibers, words[0]);
        try testing.expectEqual((@as(u64, 1) << @intCast(workers)) - 1, words[8]);
    }
}

// Nurseries that live a moment: what the last child does to one must be over when its owner frees it.
// words: 0 children that ran.

const hasty = struct {
    const openers = 8;
    const rounds = 1_500;
    const children = 3;

    fn main(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        if (frame.at == 0) {
            const nursery = vm.open(fiber, -1);
            for (0..openers) |i| _ = vm.spawn(nursery, 1, i, false);
            frame.at = 1;
            const s = vm.join(fiber);
            if (s == Status.parked) return s;
        }
        if (status != Status.ok) vm.world.fail("join ended with {d}", .{status});
        return ended;
    }

    fn opener(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        var joined = status;
        while (true) {
            if (frame.at == 1) {
                if (joined != Status.ok) vm.world.fail("join ended with {d}", .{joined});
                frame.at = 0;
                frame.locals[1] += 1;
            }
            if (frame.locals[1] == rounds) return ended;
            const nursery = vm.open(fiber, -1);
            for (0..children) |i| _ = vm.spawn(nursery, 2, frame.locals[1] + i, false);
            frame.at = 1;
            joined = vm.join(fiber);
            if (joined == Status.parked) return joined;
        }
    }

    fn child(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        _ = status;
        frame.at += 1;
        if (frame.at == 1) switch (frame.locals[0] % 3) {
            0 => {},
            1 => return gave_way,
            else => return scheduler.sleep(vm.rt, vm.worker, fiber, 1_000, 0),
        };
        _ = vm.world.words[0].fetchAdd(1, .monotonic);
        return ended;
    }
};

test "failure mode 5, stress: a nursery is freed only after the last child's completion" {
    for ([_]u32{ 1, 2, 4 }) |workers| {
        const words = try runWorld(&.{ hasty.main, hasty.opener, hasty.child }, .{ .workers = workers });
        try testing.expectEqual(hasty.openers * hasty.rounds * hasty.children, words[0]);
    }
}

// Deadlock.

const stuck = struct {
    fn main(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        _ = status;
        if (frame.at == 0) {
            const nursery = vm.open(fiber, -1);
            for (0..10) |i| _ = vm.spawn(nursery, 1, i, false);
            frame.at = 1;
            return vm.join(fiber);
        }
        vm.world.fail("main got out", .{});
        return ended;
    }

    fn child(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        _ = status;
        frame.at += 1;
        if (frame.at < 5) {
            return scheduler.sleep(vm.rt, vm.worker, fiber, @floatFromInt(frame.locals[0] * 20_000), 0);
        }
        return vm.receive(fiber, vm.world.words[16].load(.monotonic));
    }
};

test "a deadlock is told, once, on any number of workers" {
    for ([_]u32{ 1, 2, 4 }) |workers| {
        _ = try runWorld(&.{ stuck.main, stuck.child }, .{
            .workers = workers,
            .channels = &.{0},
            .expect_deadlock = true,
        });
    }
}

// Native calls: fibers write, append and read files of their own at once.
// words: 0 right results.

const filing = struct {
    const fibers = 12;
    const contents_bytes = 200_000;

    fn block(vm: *Vm, parts: []const []const u8) runtime_mod.Value {
        var total: u32 = 0;
        for (parts) |part| total += 4 + @as(u32, @intCast(part.len));
        const offset = vm.rt.arena.alloc(&vm.worker.arena, total);
        const payload = vm.rt.arena.payloadSlice(offset);
        var at: usize = 0;
        for (parts) |part| {
            std.mem.writeInt(u32, payload[at..][0..4], @intCast(part.len), .little);
            @memcpy(payload[at + 4 ..][0..part.len], part);
            at += 4 + part.len;
        }
        return .{ .tag = Tag.data, .payload = @floatFromInt(offset) };
    }

    fn main(vm: *Vm, fiber: u32, frame: *Frame, status: i32) i32 {
        if (frame.at == 0) {
            const nursery = vm.open(fiber, -1);
            for (0..fibers) |i| _ = vm.spawn(nursery, 1, i, false);
            frame.at = 1;
            const s = vm.join(fiber);
            if (s == Status.parked) return s;
        }
        if (status != Status.ok) vm.world.fail("join ended with {d}", .{status});
        return ended;
    }

    fn call(vm: *Vm, fiber: u32, function: files.Function, parts: []const []const u8) i32 {
        return native.start(vm.rt, vm.worker, fiber, function, block(vm, parts), 0);
    }

    fn child(vm: *Vm, fiber: u32, frame: *Frame, start_status: i32) i32 {
        var status = start_status;
        var path_buffer: [128]u8 = undefined;
        const pid = std.os.linux.getpid();
        const format = "/tmp/janus-core-test-{d}-{d}";
        const path = std.fmt.bufPrint(&path_buffer, format, .{ pid, frame.locals[0] }) catch unreachable;
        var contents: [contents_bytes]u8 = undefined;
        @memset(&contents, @intCast('a' + frame.locals[0]));
        const record = vm.rt.table.at(fiber);
        while (true) {
            const step = frame.at;
            frame.at += 1;
            if (step > 0 and step < 6 and status != Status.ok) {
                vm.world.fail("native step {d} says {d}", .{ step, status });
                return ended;
            }
            switch (step) {
                0 => status = call(vm, fiber, .fs_write_file, &.{ path, &contents }),
                1 => status = call(vm, fiber, .fs_append_file, &.{ path, "end" }),
                2 => status = call(vm, fiber, .fs_read_file, &.{ path, "1000000000" }),
                3 => {
                    const offset = runtime_mod.numberOf(record.wake_payload).?;
                    const bytes = vm.rt.arena.payloadSlice(offset);
                    const right = bytes.len == contents_bytes + 3 and
                        std.mem.eql(u8, bytes[0..contents_bytes], &contents) and
                        std.mem.eql(u8, bytes[contents_bytes..], "end");
                    if (right) _ = vm.world.words[0].fetchAdd(1, .monotonic);
                    vm.rt.releaseBlock(vm.worker, offset);
                    status = call(vm, fiber, .fs_remove, &.{path});
                },
                4 => status = call(vm, fiber, .fs_exists, &.{path}),
                5 => {
                    if (record.wake_tag == Tag.false_) _ = vm.world.words[0].fetchAdd(1, .monotonic);
                    status = call(vm, fiber, .fs_read_file, &.{ path, "1000000000" });
                },
                6 => {
                    if (status == Status.failed) _ = vm.world.words[0].fetchAdd(1, .monotonic);
                    vm.rt.releaseValue(vm.worker, .{ .tag = record.wake_tag, .payload = record.wake_payload });
                    record.wake_tag = Tag.void_;
                    return ended;
                },
                else => unreachable,
            }
            if (status == Status.parked) return status;
        }
    }
};

test "native calls run on their own stacks, give way, and move between workers" {
    for ([_]u32{ 1, 2, 4 }) |workers| {
        const words = try runWorld(&.{ filing.main, filing.child }, .{ .workers = workers });
        try testing.expectEqual(3 * filing.fibers, words[0]);
    }
}

test "failure mode 18, seeded: the same seed gives the same run, and every seed the same result" {
    var orders: std.AutoHashMapUnmanaged(u64, void) = .empty;
    defer orders.deinit(testing.allocator);
    for (0..30) |seed| {
        var first: [32]u64 = undefined;
        for (0..2) |again| {
            const words = try runWorld(&.{ traffic.main, traffic.producer, traffic.consumer }, .{
                .workers = 1,
                .seeded = true,
                .seed = @intCast(seed),
                .channels = &.{@intCast(seed % 3)},
                .words = &.{ 0, 0, traffic.producers, 40 },
            });
            try testing.expectEqual(traffic.producers * 40, words[1]);
            try testing.expectEqual(0, words[4]);
            if (again == 0) first = words else try testing.expectEqual(first, words);
        }
        try orders.put(testing.allocator, first[6], {});
        const words = try runWorld(&.{ choosing.main, choosing.sender, choosing.receiver }, .{
            .workers = 1,
            .seeded = true,
            .seed = @intCast(seed),
            .channels = &@as([choosing.channels]u32, @splat(@intCast(seed % 3))),
            .words = &.{ 0, 0, 4, 30 },
        });
        try testing.expectEqual(words[0], words[1]);
    }
    // Seeds do change what happens.
    try testing.expect(orders.count() > 25);
}
