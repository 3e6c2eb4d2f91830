//! The scheduler alone: what a fiber, a switch, a message and an await cost before any interpreter is involved.
//! A driver calls `next` and does what each fiber's script says, as a worker's VM would, with no work in between.

const std = @import("std");
const core = @import("core");
const timing = @import("timing.zig");
const Runtime = core.runtime.Runtime;
const Worker = core.worker.Worker;
const Status = core.layout.Status;
const Event = core.layout.Event;
const nothing: core.runtime.Value = .nothing;

pub fn run(report: *timing.Report) !void {
    try report.measureWith("fiber_create_run_finish", 1_000_000, Create);
    try report.measureWith("fiber_switch_2", 2_000_000, Switch(2));
    try report.measureWith("fiber_switch_1000", 2_000_000, Switch(1000));
    try report.measureWith("fiber_switch_100000", 2_000_000, Switch(100_000));
    try report.measureWith("channel_message_unbuffered", 2_000_000, Message(0));
    try report.measureWith("channel_message_buffered_64", 4_000_000, Message(64));
    try report.measureWith("await_finished", 10_000_000, AwaitFinished);
    try report.measureWith("mutex_lock_unlock", 4_000_000, Locking);
    try report.measureWith("atomic_fetch_add", 10_000_000, Adding);
    try report.measureWith("channel_message_two_workers_unbuffered", 20_000, Apart(0));
    try report.measureWith("channel_message_two_workers_buffered_64", 200_000, Apart(64));
}

fn must(condition: bool) void {
    if (!condition) std.debug.panic("the benchmark's own assumption does not hold", .{});
}

/// A runtime with one worker inside and `main` running in it.
const Bench = struct {
    rt: *Runtime,
    worker: *Worker,
    main: u32,
    nursery: u32,

    fn init() Bench {
        const rt = Runtime.create(.{}) catch @panic("no memory");
        const worker = &rt.workers[0];
        must(core.scheduler.enter(rt, worker));
        const main: u32 = @intCast(core.scheduler.spawnMain(rt, worker, 0, nothing, 0));
        must(next(rt, worker) == Event.start);
        const nursery: u32 = @intCast(core.nursery.open(rt, worker, main, -1, 0, 0));
        return .{ .rt = rt, .worker = worker, .main = main, .nursery = nursery };
    }

    /// `main` leaves its nursery and ends. No child may be left unfinished.
    fn deinit(self: *Bench) void {
        must(core.nursery.join(self.rt, self.worker, self.main, self.nursery) == Status.ok);
        must(core.scheduler.finish(self.rt, self.worker, self.main, 0, nothing) == Status.ok);
        core.scheduler.shutdown(self.rt);
        must(core.scheduler.next(self.rt, self.worker) == Event.exit);
        must(core.scheduler.leave(self.rt, self.worker));
        self.rt.destroy();
    }

    fn spawn(self: *Bench, keep_task: bool) u32 {
        const number = core.scheduler.spawn(self.rt, self.worker, .{
            .nursery = self.nursery,
            .code = 1,
            .thunk = nothing,
            .keep_task = keep_task,
            .stack_bytes = 0,
            .site = 0,
        });
        must(number > 0);
        return @intCast(number);
    }

    /// The fiber that runs next.
    fn fiber(self: *Bench) u32 {
        return @bitCast(self.worker.area.ev[0]);
    }

    fn finish(self: *Bench, number: u32) void {
        must(core.scheduler.finish(self.rt, self.worker, number, 0, nothing) == Status.ok);
    }
};

/// The next event that is not about the event loop.
fn next(rt: *Runtime, worker: *Worker) i32 {
    while (true) {
        const event = core.scheduler.next(rt, worker);
        if (event != Event.turn and event != Event.start_workers) return event;
    }
}

/// One operation: spawn, first run and end of a fiber whose task nobody keeps; in bursts of 64. `main` waits meanwhile
/// for the first of each burst, which runs last, so no other switch than one a burst is in it.
const Create = struct {
    bench: Bench,

    pub fn init() Create {
        return .{ .bench = .init() };
    }
    pub fn deinit(self: *Create) void {
        self.bench.deinit();
    }
    pub fn body(self: *Create, operations: u64) void {
        const bench = &self.bench;
        const rt = bench.rt;
        const worker = bench.worker;
        for (0..operations / 64) |_| {
            const first = bench.spawn(true);
            for (1..64) |_| _ = bench.spawn(false);
            const generation = rt.table.at(first).generation;
            must(core.task.await(rt, worker, bench.main, first, generation, 0) == Status.parked);
            while (next(rt, worker) == Event.start) bench.finish(bench.fiber());
            must(bench.fiber() == bench.main);
            rt.dropFiber(worker, first);
            // An old one may have had its turn before the first: all are through before the next burst.
            while (rt.liveFibers() > 1) {
                core.scheduler.yield(rt, worker, bench.main);
                while (next(rt, worker) == Event.start) bench.finish(bench.fiber());
            }
        }
    }
};

/// One operation: a fiber gives way and the next one runs.
fn Switch(comptime fibers: u32) type {
    return struct {
        bench: Bench,

        const Self = @This();

        pub fn init() Self {
            var bench: Bench = .init();
            for (0..fibers - 1) |_| _ = bench.spawn(false);
            core.scheduler.yield(bench.rt, bench.worker, bench.main);
            // Once round, so that all are started.
            var started: u32 = 1;
            while (started < fibers) {
                if (next(bench.rt, bench.worker) == Event.start) started += 1;
                core.scheduler.yield(bench.rt, bench.worker, bench.fiber());
            }
            return .{ .bench = bench };
        }
        pub fn deinit(self: *Self) void {
            const bench = &self.bench;
            var left = fibers - 1;
            while (left > 0) {
                must(next(bench.rt, bench.worker) == Event.@"resume");
                if (bench.fiber() == bench.main) {
                    core.scheduler.yield(bench.rt, bench.worker, bench.main);
                } else {
                    bench.finish(bench.fiber());
                    left -= 1;
                }
            }
            must(next(bench.rt, bench.worker) == Event.@"resume");
            bench.deinit();
        }
        pub fn body(self: *Self, operations: u64) void {
            const bench = &self.bench;
            for (0..operations) |_| {
                _ = next(bench.rt, bench.worker);
                core.scheduler.yield(bench.rt, bench.worker, bench.fiber());
            }
        }
    };
}

/// One operation: one value from a sender to a receiver, both on this worker.
fn Message(comptime capacity: u32) type {
    return struct {
        bench: Bench,
        channel: u32,

        const Self = @This();

        pub fn init() Self {
            const bench: Bench = .init();
            const handle = core.channel.create(bench.rt, bench.worker, capacity, 0);
            return .{ .bench = bench, .channel = @intCast(handle) };
        }
        pub fn deinit(self: *Self) void {
            must(self.bench.rt.releaseHandle(self.bench.worker, self.channel));
            self.bench.deinit();
        }
        pub fn body(self: *Self, operations: u64) void {
            const bench = &self.bench;
            const rt = bench.rt;
            const worker = bench.worker;
            const sender = bench.spawn(false);
            var sent: u64 = 0;
            var received: u64 = 0;
            var sum: f64 = 0;
            // `main` receives.
            var current = bench.main;
            var resumed = false;
            while (true) {
                if (current == bench.main) {
                    if (resumed) {
                        received += 1;
                        sum += rt.table.at(current).wake_payload;
                    }
                    while (received < operations) {
                        const status = core.channel.receive(rt, worker, current, self.channel, 0);
                        if (status == Status.parked) break;
                        must(status == Status.ok);
                        received += 1;
                        sum += rt.table.at(current).wake_payload;
                    } else break;
                } else {
                    while (sent < operations) {
                        sent += 1;
                        const value: core.runtime.Value = .{ .tag = core.layout.Tag.num, .payload = 1 };
                        if (core.channel.send(rt, worker, current, self.channel, value, 0) == Status.parked) break;
                    } else bench.finish(current);
                }
                resumed = next(rt, worker) == Event.@"resume";
                current = bench.fiber();
            }
            must(sum == @as(f64, @floatFromInt(operations)));
            // The sender may still have to end.
            if (rt.liveFibers() > 1) {
                core.scheduler.yield(rt, worker, bench.main);
                must(next(rt, worker) == Event.@"resume");
                if (bench.fiber() == bench.main) {
                    core.scheduler.yield(rt, worker, bench.main);
                    must(next(rt, worker) == Event.@"resume");
                }
                must(bench.fiber() == sender);
                bench.finish(sender);
                must(next(rt, worker) == Event.@"resume");
            }
        }
    };
}

/// One operation: the await of a task that has ended.
const AwaitFinished = struct {
    bench: Bench,
    task: u32,

    pub fn init() AwaitFinished {
        var bench: Bench = .init();
        const task = bench.spawn(true);
        core.scheduler.yield(bench.rt, bench.worker, bench.main);
        while (next(bench.rt, bench.worker) != Event.start) core.scheduler.yield(bench.rt, bench.worker, bench.main);
        bench.finish(task);
        must(next(bench.rt, bench.worker) == Event.@"resume");
        return .{ .bench = bench, .task = task };
    }
    pub fn deinit(self: *AwaitFinished) void {
        self.bench.rt.dropFiber(self.bench.worker, self.task);
        self.bench.deinit();
    }
    pub fn body(self: *AwaitFinished, operations: u64) void {
        const bench = &self.bench;
        const generation = bench.rt.table.at(self.task).generation;
        for (0..operations) |_| {
            const status = core.task.await(bench.rt, bench.worker, bench.main, self.task, generation, 0);
            must(status == Status.ok);
        }
    }
};

/// One operation: lock and unlock of a free mutex.
const Locking = struct {
    bench: Bench,
    mutex: u32,

    pub fn init() Locking {
        const bench: Bench = .init();
        return .{ .bench = bench, .mutex = @intCast(core.sync.mutexCreate(bench.rt, bench.worker, nothing, 0)) };
    }
    pub fn deinit(self: *Locking) void {
        must(self.bench.rt.releaseHandle(self.bench.worker, self.mutex));
        self.bench.deinit();
    }
    pub fn body(self: *Locking, operations: u64) void {
        const bench = &self.bench;
        const mutex = bench.rt.object(core.sync.Mutex, self.mutex).?;
        for (0..operations) |_| {
            must(core.sync.lock(bench.rt, bench.worker, bench.main, mutex, 0) == Status.ok);
            must(core.sync.unlock(bench.rt, bench.worker, bench.main, mutex, mutex.turn, false) == Status.ok);
        }
    }
};

/// One operation: a relaxed addition on an atomic.
const Adding = struct {
    bench: Bench,
    atomic: u32,

    pub fn init() Adding {
        const bench: Bench = .init();
        return .{ .bench = bench, .atomic = @intCast(core.sync.atomicCreate(bench.rt, bench.worker, 0)) };
    }
    pub fn deinit(self: *Adding) void {
        must(self.bench.rt.releaseHandle(self.bench.worker, self.atomic));
        self.bench.deinit();
    }
    pub fn body(self: *Adding, operations: u64) void {
        for (0..operations) |_| {
            const object = self.bench.rt.object(core.sync.AtomicCell, self.atomic).?;
            _ = core.sync.atomicOp(&object.cell, .add, .relaxed, 1, -64) catch unreachable;
        }
    }
};

/// One operation: one value from a fiber on one worker to a fiber that stays on another: neither can be packed.
fn Apart(comptime capacity: u32) type {
    return struct {
        rt: *Runtime,

        const Self = @This();

        pub fn init() Self {
            const rt = Runtime.create(.{ .workers_max = 2 }) catch @panic("no memory");
            core.scheduler.allowWorkers(rt, 2);
            // The first worker inside waits for the second one's fiber: no deadlock.
            rt.host_open.store(true, .monotonic);
            return .{ .rt = rt };
        }
        pub fn deinit(self: *Self) void {
            self.rt.destroy();
        }

        const Side = struct {
            rt: *Runtime,
            worker: *Worker,
            channel: u32,
            sends: bool,
            left: u64,
            others: *std.atomic.Value(u32),
            number: u32 = 0,

            fn drive(side: *Side) void {
                const rt = side.rt;
                const worker = side.worker;
                must(core.scheduler.enter(rt, worker));
                const thunk: core.nursery.Spawn = .{
                    .nursery = 0,
                    .code = 0,
                    .thunk = nothing,
                    .keep_task = false,
                    .stack_bytes = 0,
                    .site = 0,
                };
                // Straight into this worker's own queue, where it must start.
                side.number = core.nursery.create(rt, worker, thunk).?;
                rt.pushReady(worker, side.number);
                while (true) switch (core.scheduler.next(rt, worker)) {
                    Event.start => if (side.step()) break,
                    Event.@"resume" => {
                        side.left -= 1;
                        if (side.step()) break;
                    },
                    Event.pack_ready, Event.pack_parked => |event| {
                        _ = event;
                        const count: usize = @intCast(worker.area.ev[0]);
                        var numbers: [core.layout.pack_max]u32 = undefined;
                        for (0..count) |i| numbers[i] = @bitCast(worker.area.ev[1 + i]);
                        for (numbers[0..count]) |number| _ = core.scheduler.packedAnswer(rt, worker, number, 0);
                    },
                    Event.turn => {},
                    else => |event| std.debug.panic("event {d}", .{event}),
                };
                // The other one may still have to be woken by what we just did: stay until both are through.
                _ = side.others.fetchSub(1, .acq_rel);
                while (side.others.load(.acquire) != 0) std.atomic.spinLoopHint();
                must(core.scheduler.leave(rt, worker));
            }

            fn step(side: *Side) bool {
                while (side.left > 0) {
                    const value: core.runtime.Value = .{ .tag = core.layout.Tag.num, .payload = 1 };
                    const status = if (side.sends)
                        core.channel.send(side.rt, side.worker, side.number, side.channel, value, 0)
                    else
                        core.channel.receive(side.rt, side.worker, side.number, side.channel, 0);
                    if (status == Status.parked) return false;
                    must(status == Status.ok);
                    side.left -= 1;
                }
                must(core.scheduler.finish(side.rt, side.worker, side.number, 0, nothing) == Status.ok);
                return true;
            }
        };

        pub fn body(self: *Self, operations: u64) void {
            const rt = self.rt;
            const handle: u32 = @intCast(core.channel.create(rt, &rt.workers[0], capacity, 0));
            var others: std.atomic.Value(u32) = .init(2);
            var sides: [2]Side = undefined;
            for (&sides, 0..) |*side, i| side.* = .{
                .rt = rt,
                .worker = &rt.workers[i],
                .channel = handle,
                .sends = i == 0,
                .left = operations,
                .others = &others,
            };
            const thread = std.Thread.spawn(.{}, Side.drive, .{&sides[1]}) catch @panic("no thread");
            sides[0].drive();
            thread.join();
            must(rt.releaseHandle(&rt.workers[0], handle));
        }
    };
}
