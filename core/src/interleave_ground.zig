//! What the cases of the interleaving tests stand on: a runtime whose workers are the actors' threads, each with a
//! fiber that runs, and what a worker does when that fiber waits.
//!
//! The runtime is used from run to run, so a case has to give back what it took: `end` sees that nothing is left.

const std = @import("std");
const cancellation = @import("cancel.zig");
const channel = @import("channel.zig");
const layout = @import("layout.zig");
const nursery_mod = @import("nursery.zig");
const runtime_mod = @import("runtime.zig");
const schedule = @import("schedule.zig");
const scheduler = @import("scheduler.zig");
const raced = @import("raced.zig");
const single = @import("single.zig");
const Fiber = @import("fiber.zig").Fiber;
const Runtime = runtime_mod.Runtime;
const Value = runtime_mod.Value;
const Worker = @import("worker.zig").Worker;
const Event = layout.Event;
const Status = layout.Status;
const assert = std.debug.assert;
const testing = std.testing;

const threads_max = 3;

var kept: ?*Runtime = null;

pub fn num(n: u32) Value {
    return .{ .tag = layout.Tag.num, .payload = @floatFromInt(n) };
}

pub const Ground = struct {
    rt: *Runtime = undefined,
    /// The fiber that runs on each thread's worker.
    fibers: [threads_max]u32 = @splat(0),
    /// Another fiber that comes to run on a thread, and what it does.
    other: ?*const fn (ground: *Ground, thread: usize, number: u32, is_start: bool, status: i32) void = null,

    /// A runtime with a running fiber on each of `threads` workers. Fibers of `kept_tasks` (a bit each) have a handle.
    pub fn begin(ground: *Ground, threads: usize, kept_tasks: u8) !void {
        single.announceThreads();
        if (kept == null) kept = try Runtime.create(.{ .workers_max = threads_max, .arena_megabytes = 64 });
        ground.* = .{ .rt = kept.?, .other = ground.other };
        for (ground.rt.workers) |*worker| worker.random = 1;
        for (0..threads) |thread| {
            const keeps = kept_tasks & (@as(u8, 1) << @intCast(thread)) != 0;
            ground.fibers[thread] = nursery_mod.create(ground.rt, ground.workerOf(thread), spawnOf(0, keeps)).?;
            ground.place(thread, ground.fibers[thread]);
        }
    }

    pub fn spawnOf(nursery: u32, keep_task: bool) nursery_mod.Spawn {
        return .{
            .nursery = nursery,
            .code = 0,
            .thunk = .nothing,
            .keep_task = keep_task,
            .stack_bytes = 0,
            .site = 0,
        };
    }

    /// A fiber that has been made runs on this thread.
    pub fn place(ground: *Ground, thread: usize, number: u32) void {
        const made = ground.rt.table.at(number);
        made.setState(.running);
        scheduler.setHome(made, @intCast(thread));
        ground.workerOf(thread).current = number;
        ground.fibers[thread] = number;
    }

    pub fn workerOf(ground: *Ground, thread: usize) *Worker {
        return &ground.rt.workers[thread];
    }

    pub fn fiber(ground: *Ground, thread: usize) *Fiber {
        return ground.rt.table.at(ground.fibers[thread]);
    }

    pub fn newChannel(ground: *Ground, capacity: u32) u32 {
        return @intCast(channel.create(ground.rt, ground.workerOf(0), capacity, 0));
    }

    /// What an operation of the thread's fiber comes to: when it parked, the worker does what workers do until the
    /// fiber goes on.
    pub fn outcome(ground: *Ground, thread: usize, status: i32) i32 {
        return if (status == Status.parked) ground.drive(thread, ground.fibers[thread]) else status;
    }

    /// What a worker does, until `number` goes on, whose status it gives; with 0 until one fiber has ended.
    pub fn drive(ground: *Ground, thread: usize, number: u32) i32 {
        const rt = ground.rt;
        const worker = ground.workerOf(thread);
        const finished = worker.counters.fibers_finished.get();
        while (true) {
            if (worker.current != 0) assert(scheduler.commit(rt, worker));
            const current = scheduler.take(rt, worker);
            if (current == 0) {
                raced.spin();
                continue;
            }
            const event = scheduler.dispatch(rt, worker, current) orelse {
                // It waits on, or was cancelled before it began.
                if (number == 0 and worker.counters.fibers_finished.get() > finished) return Status.ok;
                continue;
            };
            const is_start = event == Event.start;
            assert(is_start or event == Event.@"resume");
            const result = rt.table.at(current).wake_status;
            if (current == number) return result;
            ground.other.?(ground, thread, current, is_start, result);
            if (number == 0 and worker.counters.fibers_finished.get() > finished) return Status.ok;
        }
    }

    pub fn value(ground: *Ground, thread: usize) u32 {
        return @intFromFloat(ground.fiber(thread).wake_payload);
    }

    pub fn finish(ground: *Ground, thread: usize, how: u32, result: Value) void {
        const number = ground.fibers[thread];
        if (number == 0) return;
        ground.fibers[thread] = 0;
        assert(scheduler.finish(ground.rt, ground.workerOf(thread), number, how, result) == Status.ok);
    }

    pub fn cancel(ground: *Ground, thread: usize, victim: u32) void {
        cancellation.cancelFiber(ground.rt, ground.workerOf(thread), victim);
    }

    /// What is due within a year is due now, until `is_done`: a wait may set its timer again.
    pub fn fire(ground: *Ground, thread: usize, is_done: *raced.Value(bool)) void {
        const worker = ground.workerOf(thread);
        worker.now_ns = 1e17;
        while (true) {
            const writes = schedule.writes();
            if (is_done.load(.monotonic)) return;
            const is_due = ground.rt.timers.next_ns.load(.monotonic) <= worker.now_ns;
            if (is_due) scheduler.fireTimers(ground.rt, worker) else schedule.spinSince(writes);
        }
    }

    pub fn release(ground: *Ground, handle: u32) void {
        assert(ground.rt.releaseHandle(ground.workerOf(0), handle));
    }

    /// After a run that came to its end: the fibers that still run end too, and nothing may be left.
    pub fn end(ground: *Ground) !void {
        const rt = ground.rt;
        for (0..threads_max) |thread| ground.finish(thread, layout.Outcome.value, .nothing);
        try testing.expectEqual(0, rt.liveFibers());
        try testing.expectEqual(0, rt.timers.count());
        var handles: u64 = 0;
        for (rt.workers) |*worker| {
            try testing.expectEqual(0, worker.inbox.load(.monotonic));
            try testing.expectEqual(0, worker.ready.len());
            handles +%= worker.counters.handles_created.get() -% worker.counters.handles_destroyed.get();
        }
        try testing.expectEqual(0, handles);
    }

    /// After one that did not: nobody can say what state it is in.
    pub fn abandon(_: *Ground) void {
        kept = null;
    }
};
