//! Fibers that print: a text is taken over at once, and its fiber waits only when the stream is full then.
//!
//! The wait is for the reader's sake, so that a program is no faster than its output. Its text is already in the
//! buffer: a cancellation that ends the wait loses nothing. Nobody else waits: the worker goes on with other fibers,
//! and the reactor says when the descriptor takes more (output.zig).
//! What a cancelled fiber prints while it cleans up does not wait, within a bound; beyond it, printing is a place
//! where its cancellation is delivered.

const std = @import("std");
const layout = @import("layout.zig");
const nursery_mod = @import("nursery.zig");
const output = @import("output.zig");
const runtime_mod = @import("runtime.zig");
const scheduler = @import("scheduler.zig");
const Runtime = runtime_mod.Runtime;
const Worker = @import("worker.zig").Worker;
const Stream = output.Stream;
const Status = layout.Status;
const assert = std.debug.assert;

/// Bytes that cancelled fibers may leave in a full stream.
const cleanup_bytes = 1 << 20;
/// Of SIGHUP, SIGINT and SIGTERM: what ends a wait for the reader of a program that has ended.
pub const ending_signals: u32 = 1 << 1 | 1 << 2 | 1 << 15;
const seeded_step_ms = 20;

/// Prints a text, or the next piece of one: `ok`; `parked` until the stream has room; `failed` when the system refuses
/// the output; `cancelled`, `out_of_memory`. `number` 0: nobody waits. `is_last`: the text is whole with this piece;
/// until then the stream is this worker's.
pub fn print(rt: *Runtime, worker: *Worker, number: u32, which: u32, text: []const u8, is_last: bool, site: u32) i32 {
    const stream = &rt.streams[which];
    if (worker.printing != which + 1) stream.mutex.lock();
    worker.printing = if (is_last) 0 else which + 1;
    const accepted = stream.accept(text, &rt.reactor);
    const is_full = stream.isFull();
    const left = stream.left();
    var woken = if (is_last) takeWoken(stream) else Woken.empty;
    if (is_last) stream.mutex.unlock();
    wakeAll(rt, worker, &woken);
    if (!(accepted catch return Status.out_of_memory)) return refused(rt, which);
    if (!is_full or number == 0 or !is_last) return Status.ok;
    if (rt.options.seeded) return waitHere(rt, stream);
    if (nursery_mod.isCancelled(rt, worker, number)) {
        return if (left < output.buffer_bytes + cleanup_bytes) Status.ok else Status.cancelled;
    }
    return wait(rt, worker, number, which, output.buffer_bytes / 2, site);
}

/// The running fiber waits until all that was printed before is written.
pub fn flush(rt: *Runtime, worker: *Worker, number: u32, which: u32, site: u32) i32 {
    const stream = &rt.streams[which];
    if (drain(rt, worker, which)) return refused(rt, which);
    if (stream.pending.load(.monotonic) == 0) return Status.ok;
    if (rt.options.seeded) return waitHere(rt, stream);
    if (nursery_mod.isCancelled(rt, worker, number)) return Status.cancelled;
    return wait(rt, worker, number, which, 0, site);
}

fn wait(rt: *Runtime, worker: *Worker, number: u32, which: u32, most: usize, site: u32) i32 {
    const fiber = rt.table.at(number);
    const stream = &rt.streams[which];
    _ = rt.outside.fetchAdd(1, .seq_cst);
    const epoch = fiber.beginPark(.output, which, site);
    stream.mutex.lock();
    // Once more, and then with the reactor told: what becomes writable after this look is told by it.
    stream.drain(&rt.reactor);
    const has_failed = stream.failure != 0;
    const has_room = stream.left() <= most or has_failed;
    const is_noted = !has_room and if (stream.waiting.append(std.heap.page_allocator, .{
        .fiber = number,
        .epoch = epoch,
        .most = most,
    })) |_| true else |_| false;
    stream.mutex.unlock();
    if (is_noted) {
        const status = scheduler.parkedUnlessCancelled(rt, worker, number, epoch);
        if (status != Status.parked) over(rt);
        return status;
    }
    over(rt);
    if (!fiber.cancelPark(epoch)) {
        fiber.waitBack();
        fiber.wait_kind = .nothing;
        return fiber.wake_status;
    }
    fiber.wait_kind = .nothing;
    return if (has_failed) refused(rt, which) else Status.ok;
}

/// The wait of a fiber that runs again is over: its status.
pub fn resumeWait(rt: *Runtime, number: u32) i32 {
    const fiber = rt.table.at(number);
    fiber.wait_kind = .nothing;
    over(rt);
    return fiber.wake_status;
}

fn over(rt: *Runtime) void {
    const before = rt.outside.fetchSub(1, .seq_cst);
    assert(before > 0);
}

/// In a seeded run nothing may depend on how fast the reader is: the only worker waits. Not for longer than until a
/// signal.
fn waitHere(rt: *Runtime, stream: *Stream) i32 {
    while (rt.signals.load(.monotonic) == 0) {
        switch (stream.flush(seeded_step_ms, &rt.signals, ending_signals)) {
            .written, .interrupted => break,
            .failed => return Status.failed,
            .stalled => {},
        }
    }
    return Status.ok;
}

/// Nobody can read what is still to come on standard output: the run ends, and the launcher says why.
fn refused(rt: *Runtime, which: u32) i32 {
    if (which == 0 and !rt.stopping.load(.monotonic)) scheduler.shutdown(rt);
    return Status.failed;
}

/// Writes what does not block, and wakes who has waited for that; whether the system has refused to take any.
pub fn drain(rt: *Runtime, worker: *Worker, which: u32) bool {
    const stream = &rt.streams[which];
    stream.mutex.lock();
    stream.drain(&rt.reactor);
    var woken = takeWoken(stream);
    const has_failed = stream.failure != 0;
    stream.mutex.unlock();
    wakeAll(rt, worker, &woken);
    if (has_failed) _ = refused(rt, which);
    return has_failed;
}

/// The reactor says that the descriptor can be written.
pub fn writable(rt: *Runtime, worker: *Worker, which: u32) void {
    const stream = &rt.streams[which];
    stream.mutex.lock();
    stream.armed = false;
    stream.mutex.unlock();
    _ = drain(rt, worker, which);
}

const Woken = std.ArrayList(output.Waiting);

/// Those that have waited long enough, in their order; the others stay. Without memory all of them go on.
fn takeWoken(stream: *Stream) Woken {
    if (stream.waiting.items.len == 0) return .empty;
    const left = if (stream.failure != 0) 0 else stream.left();
    const all = stream.waiting;
    stream.waiting = .empty;
    var woken: Woken = .empty;
    for (all.items) |entry| {
        const to = if (left <= entry.most) &woken else &stream.waiting;
        to.append(std.heap.page_allocator, entry) catch {
            stream.waiting.deinit(std.heap.page_allocator);
            stream.waiting = .empty;
            woken.deinit(std.heap.page_allocator);
            return all;
        };
    }
    var gone = all;
    gone.deinit(std.heap.page_allocator);
    return woken;
}

fn wakeAll(rt: *Runtime, worker: *Worker, woken: *Woken) void {
    for (woken.items) |entry| {
        const fiber = rt.table.at(entry.fiber);
        // Fails for a wait that a cancellation has ended.
        if (!fiber.claim(entry.epoch)) continue;
        fiber.wake_status = Status.ok;
        rt.wake(worker, entry.fiber);
    }
    woken.deinit(std.heap.page_allocator);
}
