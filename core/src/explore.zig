//! Seeded runs: what the scheduler and the operations do differently when the oracle answers.
//!
//! Everything here is called only while `Options.seeded` holds, on the one worker there is. Time is virtual: it moves a
//! little with each operation and jumps to the next deadline when everybody waits.

const std = @import("std");
const cancel_mod = @import("cancel.zig");
const cause = @import("cause.zig");
const layout = @import("layout.zig");
const oracle_mod = @import("oracle.zig");
const runtime_mod = @import("runtime.zig");
const timer_mod = @import("timer.zig");
const Runtime = runtime_mod.Runtime;
const Worker = @import("worker.zig").Worker;
const Status = layout.Status;
const assert = std.debug.assert;

/// What a slice and an operation take on the virtual clock. It would otherwise stand still while any fiber runs, and
/// one that waits in a loop for another's sleep would wait for ever.
pub const slice_ns = 100 * std.time.ns_per_us;
pub const operation_ns = 100;

/// What a slice of computing counts as, of the steps that a run may take, also when nobody else is ready: a fiber that
/// is busy for ever comes to their end in seconds.
pub const slice_steps = 100;

/// Begins a run: the clock, the choices and the faults start over. Nothing of an earlier run may be left.
pub fn begin(rt: *Runtime, worker: *Worker, options: oracle_mod.Oracle.Begin) i32 {
    assert(rt.options.seeded and worker.index == 0);
    if (rt.liveFibers() != 0 or worker.ready.len() != 0 or rt.timers.count() != 0) return Status.invalid;
    rt.oracle.begin(options) catch return Status.out_of_memory;
    worker.arena.refuse_at = if (options.faults.alloc_at == 0)
        std.math.maxInt(u64)
    else
        worker.arena.blocks_allocated.load(.monotonic) + options.faults.alloc_at - 1;
    rt.virtual_ns = 0;
    worker.now_ns = 0;
    worker.turn_ns = 0;
    worker.polled_ns = 0;
    worker.surplus_since_ns = 0;
    worker.tick = 0;
    worker.look_now = false;
    return Status.ok;
}

/// The run is over: nothing fails any more.
pub fn end(worker: *Worker) void {
    worker.arena.refuse_at = std.math.maxInt(u64);
}

/// The ready fiber that goes on, or 0.
pub fn take(rt: *Runtime, worker: *Worker) u32 {
    const n = worker.ready.len();
    if (n == 0) return 0;
    const promised = rt.oracle.promised;
    rt.oracle.promised = 0;
    if (promised != 0) return worker.ready.popAt(promised - 1);
    return if (n == 1) worker.ready.pop() else worker.ready.popAt(rt.oracle.chooseFiber(0, &worker.ready));
}

/// The running fiber has just done something that others can see, and could give way: true when it is to. Then it
/// yields at once.
pub fn preempt(rt: *Runtime, worker: *Worker, number: u32) bool {
    rt.virtual_ns += operation_ns;
    suspension(rt, worker, number);
    if (worker.ready.len() == 0) return false;
    const chosen = rt.oracle.chooseFiber(number, &worker.ready);
    // Entries are only added behind those that were chosen among: the position stays.
    rt.oracle.promised = chosen;
    return chosen != 0;
}

fn byFault(rt: *Runtime, worker: *Worker, number: u32) void {
    cause.note(rt, number, cause.make(layout.CancelCause.fault, 0));
    cancel_mod.cancelFiber(rt, worker, number);
}

/// A fiber waits, or could have been made to: the moment for faults.
pub fn suspension(rt: *Runtime, worker: *Worker, number: u32) void {
    const oracle = &rt.oracle;
    oracle.suspensions += 1;
    const faults = oracle.faults;
    if (faults.cancel_fiber_at == oracle.suspensions) byFault(rt, worker, number);
    if (faults.cancel_main_at == oracle.suspensions and rt.main != 0) byFault(rt, worker, rt.main);
}

/// The next timer that fires, of those that are due.
pub fn takeDue(rt: *Runtime, now_ns: u64) ?timer_mod.Entry {
    const due = rt.timers.countDue(now_ns);
    if (due == 0) return null;
    return rt.timers.takeDueAt(now_ns, rt.oracle.choose(.timer, due), &rt.handles);
}

/// The schedule so far, as `Choice`s in a block; 0 without memory.
pub fn schedule(rt: *Runtime, worker: *Worker) u32 {
    const choices = std.mem.sliceAsBytes(rt.oracle.choices.items);
    const block = rt.arena.alloc(&worker.arena, std.math.cast(u32, choices.len) orelse return 0);
    if (block != 0) @memcpy(rt.arena.payloadSlice(block), choices);
    return block;
}
