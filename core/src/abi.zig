//! The boundary: the only file of the core with exported functions. They check what they are given, translate, and
//! decide nothing.
//!
//! Arguments and results are 32-bit integers and doubles only: those cost two or three nanoseconds from JavaScript, all
//! else much more. `w` is always the calling worker's number, `fiber` the fiber that JavaScript runs on it. Results are
//! statuses (layout.zig) or, where a number is asked for, the number or a negated status. No export ever stops the
//! process because of what it was given: a wrong argument is `invalid`, a wrong handle `stale`.

const std = @import("std");
const budget = @import("budget.zig");
const cancellation = @import("cancel.zig");
const fiber_mod = @import("fiber.zig");
const handles_mod = @import("handles.zig");
const layout = @import("layout.zig");
const printing = @import("printing.zig");
const runtime_mod = @import("runtime.zig");
const scheduler = @import("scheduler.zig");
const nursery_mod = @import("nursery.zig");
const cause = @import("cause.zig");
const channel = @import("channel.zig");
const atomics = @import("atomics.zig");
const elements = @import("elements.zig");
const explore = @import("explore.zig");
const dump_mod = @import("dump.zig");
const fault = @import("fault.zig");
const files = @import("files.zig");
const native = @import("native.zig");
const signals = @import("signals.zig");
const sockets = @import("sockets.zig");
const select_mod = @import("select.zig");
const sync = @import("sync.zig");
const task_mod = @import("task.zig");
const watch = @import("watch.zig");
const Runtime = runtime_mod.Runtime;
const Value = runtime_mod.Value;
const Worker = @import("worker.zig").Worker;
const Status = layout.Status;

/// Every check of the core holds in the library, too: one that does not ends the process with a message.
pub const panic = std.debug.FullPanic(fault.broken);

/// The process's runtime. Written by `janus_open` and `janus_close` while no worker is inside.
var current: ?*Runtime = null;

fn worker(w: u32) ?struct { *Runtime, *Worker } {
    const rt = current orelse return null;
    if (w >= rt.workers.len) return null;
    return .{ rt, &rt.workers[w] };
}

fn fiberOn(w: u32, fiber: u32) ?struct { *Runtime, *Worker } {
    const found = worker(w) orelse return null;
    if (scheduler.running(found[0], found[1], fiber) == null) return null;
    return found;
}

fn valueOf(rt: *Runtime, tag: i32, payload: f64) ?Value {
    const value: Value = .{ .tag = tag, .payload = payload };
    return if (rt.isValid(value)) value else null;
}

// Life of the runtime.

/// Opens the process's runtime. `arena_mb` 0: the largest. Flags: `Flag.open_*`.
pub export fn janus_open(max_workers: u32, arena_mb: u32, flags: u32, seed: u32) callconv(.c) i32 {
    if (current != null or max_workers == 0 or max_workers > layout.workers_max) return Status.invalid;
    const seeded = flags & layout.Flag.open_seeded != 0;
    current = Runtime.create(.{
        .workers_max = if (seeded) 1 else max_workers,
        .arena_megabytes = arena_mb,
        .seeded = seeded,
        .debug = flags & layout.Flag.open_debug != 0,
        .seed = seed,
    }) catch return Status.out_of_memory;
    return Status.ok;
}

/// Ends the runtime. Every worker must have left.
pub export fn janus_close() callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    if (rt.entered.load(.acquire) != 0) return Status.invalid;
    current = null;
    signals.uninstall(rt);
    fault.uninstall(rt);
    rt.destroy();
    return Status.ok;
}

/// Whether this library was built with its checks: an assertion that does not hold ends the process (fault.zig).
pub export fn janus_is_checked() callconv(.c) i32 {
    return @intFromBool(std.debug.runtime_safety);
}

/// Changes whenever anything of the boundary changes.
pub export fn janus_abi_hash() callconv(.c) u32 {
    return comptime @import("manifest.zig").hash();
}

/// The fiber records; `record_bytes` each.
pub export fn janus_records() callconv(.c) ?*anyopaque {
    const rt = current orelse return null;
    return @ptrCast(rt.table.records);
}

/// The arena's first byte; offsets count from here.
pub export fn janus_arena() callconv(.c) ?*anyopaque {
    const rt = current orelse return null;
    return @ptrCast(rt.arena.base);
}

/// How many bytes of the arena may be mapped.
pub export fn janus_arena_bytes() callconv(.c) f64 {
    const rt = current orelse return 0;
    return @floatFromInt(rt.arena.bytes);
}

// Memory.

/// A block of `bytes` payload with one reference: its offset, 0 when there is no memory.
pub export fn janus_alloc(w: u32, bytes: u32) callconv(.c) u32 {
    const rt, const self = worker(w) orelse return 0;
    return budget.alloc(rt, self, bytes);
}

/// 1 when the last `janus_alloc` gave 0 because a nursery allows no more; then the running fiber is to unwind as
/// cancelled.
pub export fn janus_was_refused(w: u32) callconv(.c) i32 {
    _, const self = worker(w) orelse return 0;
    defer self.refused = false;
    return @intFromBool(self.refused);
}

/// As `janus_alloc`, from a thread that is no worker (for `janus_host_post`).
pub export fn janus_alloc_foreign(bytes: u32) callconv(.c) u32 {
    const rt = current orelse return 0;
    rt.foreign_mutex.lock();
    defer rt.foreign_mutex.unlock();
    return rt.arena.alloc(&rt.foreign_cache, bytes);
}

/// Drops the caller's reference; the last one frees the block and releases the handles it lists.
pub export fn janus_free(w: u32, block: u32) callconv(.c) i32 {
    return janus_block_release(w, block);
}

/// A handle for a block that fibers share as memory. The block's reference becomes the handle's.
pub export fn janus_memory_new(w: u32, block: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    if (!rt.arena.isLive(block)) return -Status.invalid;
    const handle = rt.handles.create(&self.handles, .memory, block);
    if (handle == 0) return -Status.out_of_memory;
    self.counters.handles_created.add(1);
    return @intCast(handle);
}

pub export fn janus_block_retain(block: u32) callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    if (!rt.arena.isLive(block)) return Status.invalid;
    rt.retainBlock(block);
    return Status.ok;
}

pub export fn janus_block_release(w: u32, block: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    if (!rt.arena.isLive(block)) return Status.invalid;
    rt.releaseBlock(self, block);
    return Status.ok;
}

/// Arena offset of the worker's event record (`Area`).
pub export fn janus_worker_area(w: u32) callconv(.c) u32 {
    _, const self = worker(w) orelse return 0;
    return self.area_offset;
}

/// Arena offset of the worker's scratch memory, `scratch_bytes` long.
pub export fn janus_scratch(w: u32) callconv(.c) u32 {
    _, const self = worker(w) orelse return 0;
    return self.scratch_offset;
}

pub export fn janus_handle_retain(handle: u32) callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    return if (rt.retainHandle(handle)) Status.ok else Status.stale;
}

pub export fn janus_handle_release(w: u32, handle: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    return if (rt.releaseHandle(self, handle)) Status.ok else Status.stale;
}

// Workers.

pub export fn janus_worker_enter(w: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    if (!scheduler.enter(rt, self)) return Status.invalid;
    fault.prepareThread();
    return Status.ok;
}

pub export fn janus_worker_leave(w: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    return if (scheduler.leave(rt, self)) Status.ok else Status.invalid;
}

/// How many workers have a VM, or are getting one.
pub export fn janus_set_workers(n: u32) callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    if (n == 0 or n > rt.workers.len) return Status.invalid;
    scheduler.allowWorkers(rt, n);
    return Status.ok;
}

/// The next event; its details are in the worker's area. Blocks while there is nothing to do.
pub export fn janus_next(w: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    return scheduler.next(rt, self);
}

pub export fn janus_yield(w: u32, fiber: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    scheduler.yield(rt, self, fiber);
    return Status.ok;
}

/// 1 when giving way is worth it now.
pub export fn janus_surplus(w: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return 0;
    return @intFromBool(scheduler.surplus(rt, self));
}

/// Records what happens, before any worker enters. `records`: of each worker's buffer, a power of two; `fd` -1: the
/// newest are kept, else all are appended to it (trace.zig).
pub export fn janus_trace_start(records: u32, fd: i32) callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    if (rt.entered.load(.acquire) != 0 or rt.workers[0].trace != null) return Status.invalid;
    if (!std.math.isPowerOfTwo(records) or records > trace_records_max) return Status.invalid;
    rt.startTracing(records, fd) catch return Status.out_of_memory;
    return Status.ok;
}

const trace_records_max = 1 << 24;

/// Appends the records that are not in a file yet to `fd`: 0, or the errno of the first write that failed. The other
/// workers have left.
pub export fn janus_trace_flush(fd: i32) callconv(.c) i32 {
    const rt = current orelse return -Status.invalid;
    return rt.flushTraces(fd);
}

pub export fn janus_shutdown() callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    scheduler.shutdown(rt);
    return Status.ok;
}

/// While the host may still post something, being idle is no deadlock. Afterwards one is told again.
pub export fn janus_set_host_open(open: u32) callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    if (open == 0) rt.deadlock_told.store(false, .monotonic);
    rt.host_open.store(open != 0, .seq_cst);
    // What is typed into a session is the session's: its programs find their input at its end.
    if (open != 0) rt.stdin.end();
    scheduler.rouseAll(rt);
    return Status.ok;
}

/// Any thread. The block's ownership moves to worker 0's VM.
pub export fn janus_host_post(block: u32) callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    if (!rt.arena.isLive(block)) return Status.invalid;
    return scheduler.hostPost(rt, block);
}

// Seeded runs.

/// Begins a run whose choices come from a seed, or with `list` (a block of `u32`s, borrowed; 0: none) from there: `ok`,
/// or `invalid` when the runtime is not seeded or something of an earlier run is left. `steps_max`: after so many a
/// run counts as endless (0: never). Faults are counted from 1 (0: none): the suspension at which main is cancelled,
/// the one whose fiber is, and the block of memory that is refused.
pub export fn janus_explore_begin(
    seed: f64,
    list: u32,
    steps_max: f64,
    cancel_main_at: u32,
    cancel_fiber_at: u32,
    alloc_at: u32,
) callconv(.c) i32 {
    const rt, const self = worker(0) orelse return Status.invalid;
    if (!rt.options.seeded or !(seed >= 0 and seed <= 1 << 53) or !(steps_max >= 0 and steps_max <= 1 << 53)) {
        return Status.invalid;
    }
    if (list != 0) {
        if (!rt.arena.isLive(list)) return Status.invalid;
        if (rt.arena.header(list).bytes % @sizeOf(u32) != 0) return Status.invalid;
    }
    return explore.begin(rt, self, .{
        .seed = @intFromFloat(seed),
        .list = if (list == 0) null else @ptrCast(@alignCast(rt.arena.payloadSlice(list))),
        .steps_max = @intFromFloat(steps_max),
        .faults = .{
            .cancel_main_at = cancel_main_at,
            .cancel_fiber_at = cancel_fiber_at,
            .alloc_at = alloc_at,
        },
    });
}

/// The run is over: its faults no longer happen.
pub export fn janus_explore_end() callconv(.c) i32 {
    _, const self = worker(0) orelse return Status.invalid;
    explore.end(self);
    return Status.ok;
}

/// 1 when the running fiber, which has just done something that others can see, is to yield now.
pub export fn janus_preempt(w: u32, fiber: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return 0;
    return @intFromBool(rt.options.seeded and explore.preempt(rt, self, fiber));
}

/// A block with the choices of this run as `Choice`s; 0 without memory.
pub export fn janus_schedule() callconv(.c) u32 {
    const rt, const self = worker(0) orelse return 0;
    return explore.schedule(rt, self);
}

/// A fiber's number in the order in which this run made them; 0 when there is none.
pub export fn janus_ordinal(fiber: u32) callconv(.c) u32 {
    const rt = current orelse return 0;
    return rt.oracle.ordinal(fiber);
}

/// How much happened in this run: 0 choices, 1 suspensions, 2 blocks of memory so far in the process's life.
pub export fn janus_explored(what: u32) callconv(.c) f64 {
    const rt, const self = worker(0) orelse return 0;
    return @floatFromInt(switch (what) {
        0 => rt.oracle.choices_count,
        1 => rt.oracle.suspensions,
        else => self.arena.blocks_allocated.load(.monotonic),
    });
}

// Fibers.

pub export fn janus_spawn_main(code: i32, tag: i32, payload: f64) callconv(.c) i32 {
    const rt, const self = worker(0) orelse return -Status.invalid;
    const thunk = valueOf(rt, tag, payload) orelse return -Status.invalid;
    return scheduler.spawnMain(rt, self, code, thunk, 8 << 20);
}

/// Starts a child of the nursery: the fiber's number, or a negated status (`stale`: the nursery is closed; `full`: it
/// has as many children as its limit allows). The thunk's ownership moves on success.
pub export fn janus_spawn(
    w: u32,
    parent: u32,
    nursery: u32,
    code: i32,
    tag: i32,
    payload: f64,
    flags: u32,
    stack_bytes: u32,
    site: u32,
) callconv(.c) i32 {
    const rt, const self = fiberOn(w, parent) orelse return -Status.invalid;
    const thunk = valueOf(rt, tag, payload) orelse return -Status.invalid;
    return scheduler.spawn(rt, self, .{
        .nursery = nursery,
        .code = code,
        .thunk = thunk,
        .keep_task = flags & layout.Flag.spawn_task != 0,
        .daemon = flags & layout.Flag.spawn_daemon != 0,
        .stack_bytes = stack_bytes,
        .site = site,
    });
}

/// The name of the fiber that this worker spawns next: a string's block, whose ownership moves.
pub export fn janus_spawn_name(w: u32, block: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    if (!rt.arena.isLive(block)) return Status.invalid;
    if (self.name_next != 0) rt.releaseBlock(self, self.name_next);
    self.name_next = block;
    return Status.ok;
}

/// The fiber has ended. Outcome: `Outcome.*`. The value's ownership moves.
pub export fn janus_finish(w: u32, fiber: u32, outcome: u32, tag: i32, payload: f64) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    if (outcome > layout.Outcome.cancelled) return Status.invalid;
    const value = valueOf(rt, tag, payload) orelse return Status.invalid;
    return scheduler.finish(rt, self, fiber, outcome, value);
}

/// `ok`, `failed`, `panicked`, `cancelled_task` with the result in the record, or `parked`, `cancelled`, `stale`.
pub export fn janus_await(w: u32, fiber: u32, task: u32, generation: u32, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    return task_mod.await(rt, self, fiber, task, generation, site);
}

/// 0 running, 1 value, 2 failed, 3 panicked, 4 cancelled; or a negated status.
pub export fn janus_task_state(task: u32, generation: u32) callconv(.c) i32 {
    const rt = current orelse return -Status.invalid;
    return task_mod.state(rt, task, generation);
}

pub export fn janus_task_retain(w: u32, task: u32, generation: u32) callconv(.c) i32 {
    const rt, _ = worker(w) orelse return Status.invalid;
    const fiber = task_mod.find(rt, task, generation) orelse return Status.stale;
    _ = fiber.refs.fetchAdd(1, .monotonic);
    return Status.ok;
}

pub export fn janus_task_release(w: u32, task: u32, generation: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    if (task_mod.find(rt, task, generation) == null) return Status.stale;
    rt.dropFiber(self, task);
    return Status.ok;
}

/// `kind`, `site`: what it comes from (`CancelCause`).
pub export fn janus_task_cancel(w: u32, task: u32, generation: u32, kind: u32, site: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    return task_mod.cancel(rt, self, task, generation, cause.make(kind, site));
}

/// The handle by which a block lists the task, and by which `janus_handle_retain` and `_release` know it.
pub export fn janus_task_handle(task: u32, generation: u32) callconv(.c) u32 {
    const low: u32 = (1 << handles_mod.generation_bits) - 1;
    return handles_mod.task_bit | (generation & low) << handles_mod.index_bits | (task & (handles_mod.capacity - 1));
}

// Nurseries and cancellation.

/// Opens a nursery in the fiber: its handle, or a negated status. `deadline_ns` from now, below 0: none.
pub export fn janus_nursery_open(w: u32, fiber: u32, deadline_ns: f64, limit: u32, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return -Status.invalid;
    return nursery_mod.open(rt, self, fiber, deadline_ns, limit, site);
}

/// Bounds what the children of a nursery just opened, and theirs, may do together; below 0: no bound.
pub export fn janus_nursery_budget(w: u32, nursery: u32, spawns: f64, memory: f64, operations: f64) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    const found = rt.object(nursery_mod.Nursery, nursery) orelse return Status.stale;
    return budget.set(rt, self, found, .{ spawns, memory, operations });
}

/// The failures of a nursery's children are their own: whoever awaits one learns of it.
pub export fn janus_nursery_lenient(w: u32, nursery: u32) callconv(.c) i32 {
    const rt, _ = worker(w) orelse return Status.invalid;
    const found = rt.object(nursery_mod.Nursery, nursery) orelse return Status.stale;
    found.lenient = 1;
    return Status.ok;
}

/// The nursery is cancelled with the token.
pub export fn janus_nursery_token(w: u32, nursery: u32, token: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    const found = rt.object(nursery_mod.Nursery, nursery) orelse return Status.stale;
    return watch.join(rt, self, found, token);
}

/// Leaves the fiber's innermost nursery: `ok`, `failed`, `panicked` (the failures, `FailureNode`, begin at the record's
/// `aux`; they are the caller's), `timeout`, `over_budget` (nursery.zig, `tellBudget`), `cancelled`, or `parked`.
pub export fn janus_nursery_join(w: u32, fiber: u32, nursery: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    return nursery_mod.join(rt, self, fiber, nursery);
}

/// Waits until the fiber's own nursery has room for another child: `ok` at once or later, `cancelled`, `stale`.
pub export fn janus_nursery_room(w: u32, fiber: u32, nursery: u32, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    return nursery_mod.waitRoom(rt, self, fiber, nursery, site);
}

/// `site`: of the call; 0 when it follows from what the running fiber meets.
pub export fn janus_nursery_cancel(w: u32, nursery: u32, reason: u32, site: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    if (reason == layout.CancelReason.none or reason > layout.CancelReason.budget) return Status.invalid;
    const found = rt.object(nursery_mod.Nursery, nursery) orelse return Status.stale;
    if (reason != layout.CancelReason.request) {
        cancellation.cancel(rt, self, found, reason);
        return Status.ok;
    }
    var why = cause.make(layout.CancelCause.request, site);
    if (site == 0 and self.current != 0) {
        const met = cause.seen(rt, self.current);
        if (met != cause.none) why = met;
    }
    cancellation.cancelBy(rt, self, found, reason, why);
    return Status.ok;
}

/// +1 enters a `shield`, -1 leaves it.
pub export fn janus_shield(w: u32, fiber: u32, change: i32) callconv(.c) i32 {
    const rt, _ = fiberOn(w, fiber) orelse return Status.invalid;
    const record = rt.table.at(fiber);
    if (change != 1 and change != -1) return Status.invalid;
    if (change == -1 and record.shield == 0) return Status.invalid;
    // Atomic, for a canceller may look at it.
    if (change == 1 and record.shield == std.math.maxInt(u16)) return Status.invalid;
    const depth: u16 = if (change == 1) record.shield + 1 else record.shield - 1;
    @atomicStore(u16, &record.shield, depth, .monotonic);
    return Status.ok;
}

/// Enters a shield that ends by itself after `ns`: a handle for `janus_grace_leave`, or a negated status.
pub export fn janus_grace_enter(w: u32, fiber: u32, ns: f64) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return -Status.invalid;
    if (rt.table.at(fiber).shield == std.math.maxInt(u16)) return -Status.invalid;
    return cancellation.enterGrace(rt, self, fiber, ns);
}

pub export fn janus_grace_leave(w: u32, fiber: u32, handle: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    return cancellation.leaveGrace(rt, self, fiber, handle);
}

/// Why the running fiber is cancelled where it is: a `CancelCause` times 2^32 and a place; 0 when it is not.
pub export fn janus_cancel_cause(w: u32, fiber: u32) callconv(.c) f64 {
    const rt, const self = fiberOn(w, fiber) orelse return 0;
    if (!nursery_mod.isCancelled(rt, self, fiber)) return 0;
    return cause.number(cause.seen(rt, fiber));
}

pub export fn janus_is_cancelled(w: u32, fiber: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return 0;
    return @intFromBool(nursery_mod.isCancelled(rt, self, fiber));
}

/// Ends what the fiber waits for as a cancellation would, and cancels nothing but the nurseries that it has open inside
/// its outermost one: `ok`, or `empty` when there is no such wait. On the fiber's own worker.
pub export fn janus_interrupt(w: u32, fiber: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    if (fiber == 0 or fiber >= fiber_mod.capacity) return Status.invalid;
    return if (cancellation.interrupt(rt, self, fiber)) Status.ok else Status.empty;
}

/// After a join: makes `cancel_any` exact again, and says whether the fiber is still cancelled.
pub export fn janus_cancel_cleared(w: u32, fiber: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return 0;
    cancellation.cancelCleared(rt, fiber);
    return @intFromBool(nursery_mod.isCancelled(rt, self, fiber));
}

pub export fn janus_sleep(w: u32, fiber: u32, ns: f64, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    return scheduler.sleep(rt, self, fiber, ns, site);
}

/// Monotonic nanoseconds; virtual in the seeded mode.
pub export fn janus_now_ns() callconv(.c) f64 {
    const rt = current orelse return 0;
    return @floatFromInt(rt.nowNs());
}

// Channels.

/// A handle, or a negated status.
pub export fn janus_channel_new(w: u32, capacity: u32, site: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    return channel.create(rt, self, capacity, site);
}

pub export fn janus_send(w: u32, fiber: u32, ch: u32, tag: i32, payload: f64, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    const value = valueOf(rt, tag, payload) orelse return Status.invalid;
    if (!budget.operation(rt, self, fiber, site)) return Status.over_budget;
    return channel.send(rt, self, fiber, ch, value, site);
}

pub export fn janus_recv(w: u32, fiber: u32, ch: u32, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    if (!budget.operation(rt, self, fiber, site)) return Status.over_budget;
    return channel.receive(rt, self, fiber, ch, site);
}

pub export fn janus_try_send(w: u32, ch: u32, tag: i32, payload: f64) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    const value = valueOf(rt, tag, payload) orelse return Status.invalid;
    const found = rt.object(channel.Channel, ch) orelse return Status.stale;
    if (!budget.operation(rt, self, self.current, 0)) return Status.over_budget;
    return channel.trySendOn(rt, self, found, value);
}

pub export fn janus_try_recv(w: u32, fiber: u32, ch: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    const found = rt.object(channel.Channel, ch) orelse return Status.stale;
    if (!budget.operation(rt, self, self.current, 0)) return Status.over_budget;
    return channel.tryReceiveOn(rt, self, fiber, found);
}

/// `site`: where, for who sends afterwards (`janus_channel_closer`).
pub export fn janus_close_channel(w: u32, ch: u32, site: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    const found = rt.object(channel.Channel, ch) orelse return Status.stale;
    channel.close(rt, self, found, site);
    return Status.ok;
}

/// Who closed the channel or the ring: `ev` has the place, the fiber (0: none did) and 1 if that is `main`; the scratch
/// has its name, whose length is the answer; or a negated status.
pub export fn janus_channel_closer(w: u32, h: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    return channel.closer(rt, self, rt.object(channel.Channel, h) orelse ring(rt, h) orelse return -Status.stale);
}

/// `what`: a channel.Info; or a negated status.
pub export fn janus_channel_info(ch: u32, what: u32) callconv(.c) i32 {
    const rt = current orelse return -Status.invalid;
    const found = rt.object(channel.Channel, ch) orelse return -Status.stale;
    return infoOf(found, what);
}

fn infoOf(ch: *channel.Channel, what: u32) i32 {
    const asked = std.enums.fromInt(channel.Info, what) orelse return -Status.invalid;
    return channel.info(ch, asked);
}

/// The place where a channel was made; 0 when it is not there any more.
pub export fn janus_channel_site(ch: u32) callconv(.c) u32 {
    const rt = current orelse return 0;
    const found = rt.object(channel.Channel, ch) orelse return 0;
    return found.site;
}

/// Waits for the first of the `n` cases in the worker's area. `timeout_ns` below 0: none. See select.zig for the
/// statuses and for who owns the values.
pub export fn janus_select(w: u32, fiber: u32, n: u32, has_default: u32, timeout_ns: f64, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    if (!budget.operation(rt, self, fiber, site)) return Status.over_budget;
    return select_mod.select(rt, self, fiber, n, has_default != 0, timeout_ns, site);
}

// std.sync.

fn bits64(lo: i32, hi: i32) u64 {
    return @as(u64, @as(u32, @bitCast(hi))) << 32 | @as(u32, @bitCast(lo));
}

fn put64(self: *Worker, value: u64) void {
    self.area.ev[0] = @bitCast(@as(u32, @truncate(value)));
    self.area.ev[1] = @bitCast(@as(u32, @truncate(value >> 32)));
}

/// A 64-bit cell: its handle, or a negated status.
pub export fn janus_atomic_new(w: u32, lo: i32, hi: i32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    return sync.atomicCreate(rt, self, bits64(lo, hi));
}

/// `op`: `ATOMIC_*`; `order`: `ORDER_*`; `bits`: 8 to 64, negative for signed. The value before is in ev[0], ev[1].
pub export fn janus_atomic_op(w: u32, h: u32, op: u32, order: u32, lo: i32, hi: i32, bits: i32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    const object = rt.object(sync.AtomicCell, h) orelse return Status.stale;
    if (op > 7 or !sync.validWidth(bits)) return Status.invalid;
    const ordering = atomics.Ordering.fromCode(order) catch return Status.invalid;
    const before = sync.atomicOp(&object.cell, @fromBackingInt(@intCast(op)), ordering, bits64(lo, hi), bits) catch
        return Status.invalid;
    put64(self, before);
    return Status.ok;
}

/// `ok`, or `empty` when another value stood there; what was seen is in ev[0], ev[1].
pub export fn janus_atomic_cas(
    w: u32,
    h: u32,
    order_success: u32,
    order_failure: u32,
    exp_lo: i32,
    exp_hi: i32,
    new_lo: i32,
    new_hi: i32,
) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    const object = rt.object(sync.AtomicCell, h) orelse return Status.stale;
    const success = atomics.Ordering.fromCode(order_success) catch return Status.invalid;
    const failure = atomics.Ordering.fromCode(order_failure) catch return Status.invalid;
    const expected = bits64(exp_lo, exp_hi);
    const found = atomics.compareExchange(&object.cell, expected, bits64(new_lo, new_hi), success, failure) catch
        return Status.invalid;
    put64(self, found orelse expected);
    return if (found == null) Status.ok else Status.empty;
}

pub export fn janus_fence(order: u32) callconv(.c) i32 {
    const ordering = atomics.Ordering.fromCode(order) catch return Status.invalid;
    atomics.fence(ordering) catch return Status.invalid;
    return Status.ok;
}

pub export fn janus_parker_new(w: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    return sync.parkerCreate(rt, self);
}

/// Takes the permit: `ok`, `timeout`, `parked`, `cancelled`. `timeout_ns` below 0: none.
pub export fn janus_park(w: u32, fiber: u32, h: u32, timeout_ns: f64, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    const parker = rt.objectAs(.parker, channel.Channel, h) orelse return Status.stale;
    return sync.park(rt, self, fiber, parker, timeout_ns, site);
}

pub export fn janus_unpark(w: u32, h: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    const parker = rt.objectAs(.parker, channel.Channel, h) orelse return Status.stale;
    return sync.unpark(rt, self, parker);
}

/// A mutex around a value whose ownership moves: its handle, or a negated status.
pub export fn janus_mutex_new(w: u32, tag: i32, payload: f64, site: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    const value = valueOf(rt, tag, payload) orelse return -Status.invalid;
    return sync.mutexCreate(rt, self, value, site);
}

/// `ok` or `poisoned` (both: held, the value borrowed in the record, its version in `aux`), `parked`, `cancelled`;
/// `invalid` when the fiber holds it already.
pub export fn janus_mutex_lock(w: u32, fiber: u32, h: u32, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    const mutex = rt.object(sync.Mutex, h) orelse return Status.stale;
    return sync.lock(rt, self, fiber, mutex, site);
}

/// As `janus_mutex_lock`, or `empty`.
pub export fn janus_mutex_try_lock(w: u32, fiber: u32, h: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    const mutex = rt.object(sync.Mutex, h) orelse return Status.stale;
    return sync.tryLock(rt, self, fiber, mutex);
}

/// The holder has taken the lock at a place: the number of this holding, its guard's; or a negated status.
pub export fn janus_mutex_taken(w: u32, fiber: u32, h: u32, site: u32) callconv(.c) i32 {
    const rt, _ = fiberOn(w, fiber) orelse return -Status.invalid;
    const mutex = rt.object(sync.Mutex, h) orelse return -Status.stale;
    return sync.taken(fiber, mutex, site);
}

/// Where the running fiber took the lock that it holds; 0 when it does not, or when nobody said.
pub export fn janus_mutex_site(w: u32, fiber: u32, h: u32) callconv(.c) u32 {
    const rt, _ = fiberOn(w, fiber) orelse return 0;
    const mutex = rt.object(sync.Mutex, h) orelse return 0;
    return if (@atomicLoad(u32, &mutex.holder, .monotonic) == fiber) mutex.site else 0;
}

/// The holder's look at the value: `ok`, borrowed in the record; `stale` when the guard's lock was given back,
/// `invalid` when it is another fiber's.
pub export fn janus_mutex_get(w: u32, fiber: u32, h: u32, turn: u32) callconv(.c) i32 {
    const rt, _ = fiberOn(w, fiber) orelse return Status.invalid;
    const mutex = rt.object(sync.Mutex, h) orelse return Status.stale;
    return sync.get(rt, fiber, mutex, turn);
}

/// The holder replaces the value, whose ownership moves; statuses as above.
pub export fn janus_mutex_set(w: u32, fiber: u32, h: u32, turn: u32, tag: i32, payload: f64) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    const value = valueOf(rt, tag, payload) orelse return Status.invalid;
    const mutex = rt.object(sync.Mutex, h) orelse return Status.stale;
    return sync.set(rt, self, fiber, mutex, turn, value);
}

/// Statuses as above; nothing has happened unless it is `ok`.
pub export fn janus_mutex_unlock(w: u32, fiber: u32, h: u32, turn: u32, poison: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    const mutex = rt.object(sync.Mutex, h) orelse return Status.stale;
    return sync.unlock(rt, self, fiber, mutex, turn, poison != 0);
}

/// A ring whose slots lie in the block, from `byte_offset` on, as `element` (`ELEMENT_*`); `ELEMENT_TAGGED`: slots of
/// its own, for values of any kind. `kind`: 0 one sender and receiver, 1 one receiver, 2 any; all are served as the
/// last. A handle, or a negated status.
pub export fn janus_ring_new(
    w: u32,
    kind: u32,
    block: u32,
    byte_offset: u32,
    slots: u32,
    element: u32,
) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    if (kind > 2 or element > @backingInt(channel.Element.bool)) return -Status.invalid;
    return sync.ringCreate(rt, self, .{
        .block = block,
        .byte_offset = byte_offset,
        .slots = slots,
        .element = @fromBackingInt(@intCast(element)),
    });
}

fn ring(rt: *Runtime, h: u32) ?*channel.Channel {
    return rt.objectAs(.ring, channel.Channel, h);
}

pub export fn janus_ring_send(w: u32, fiber: u32, h: u32, tag: i32, payload: f64, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    const value = valueOf(rt, tag, payload) orelse return Status.invalid;
    const found = ring(rt, h) orelse return Status.stale;
    if (!elements.accepts(found.element, value)) return Status.invalid;
    if (!budget.operation(rt, self, fiber, site)) return Status.over_budget;
    return channel.sendOn(rt, self, fiber, found, .ring_send, value, site);
}

pub export fn janus_ring_recv(w: u32, fiber: u32, h: u32, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    const found = ring(rt, h) orelse return Status.stale;
    if (!budget.operation(rt, self, fiber, site)) return Status.over_budget;
    return channel.receiveOn(rt, self, fiber, found, .ring_receive, null, site);
}

pub export fn janus_ring_try_send(w: u32, h: u32, tag: i32, payload: f64) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    const value = valueOf(rt, tag, payload) orelse return Status.invalid;
    const found = ring(rt, h) orelse return Status.stale;
    if (!elements.accepts(found.element, value)) return Status.invalid;
    if (!budget.operation(rt, self, self.current, 0)) return Status.over_budget;
    return channel.trySendOn(rt, self, found, value);
}

pub export fn janus_ring_try_recv(w: u32, fiber: u32, h: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    const found = ring(rt, h) orelse return Status.stale;
    if (!budget.operation(rt, self, self.current, 0)) return Status.over_budget;
    return channel.tryReceiveOn(rt, self, fiber, found);
}

pub export fn janus_ring_close(w: u32, h: u32, site: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    channel.close(rt, self, ring(rt, h) orelse return Status.stale, site);
    return Status.ok;
}

/// As `janus_channel_info`.
pub export fn janus_ring_info(h: u32, what: u32) callconv(.c) i32 {
    const rt = current orelse return -Status.invalid;
    return infoOf(ring(rt, h) orelse return -Status.stale, what);
}

/// A cancel token below another one or below a nursery (0: below nothing): its handle, or a negated status.
pub export fn janus_token_new(w: u32, parent: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    return sync.tokenCreate(rt, self, parent);
}

pub export fn janus_token_cancel(w: u32, h: u32, site: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    const token = rt.object(sync.Token, h) orelse return Status.stale;
    // The first place stays; it is there before the mark is.
    _ = token.site.cmpxchgStrong(0, site, .release, .monotonic);
    token.cancelled.store(1, .seq_cst);
    watch.spread(rt, self);
    return Status.ok;
}

/// 1 when the token (or nursery) or one of its ancestors is cancelled, else 0; or a negated status.
pub export fn janus_token_state(h: u32) callconv(.c) i32 {
    const rt = current orelse return -Status.invalid;
    return sync.tokenState(rt, h);
}

// Native calls.

/// Runs a native function (`NATIVE_*`) on the fiber's own stack: `ok` or `failed` (an error: its number as u32, then
/// its text) with the value in the record, `parked`, `cancelled`, `out_of_memory`. Argument: a block with each string's
/// length as u32 and its bytes, nothing between; its ownership moves, except when the status is `invalid` at once
/// because of an unknown function or a bad value.
pub export fn janus_native(w: u32, fiber: u32, function: u32, tag: i32, payload: f64, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    const which = std.enums.fromInt(files.Function, function) orelse return Status.invalid;
    const value = valueOf(rt, tag, payload) orelse return Status.invalid;
    return native.start(rt, self, fiber, which, value, site);
}

// Sockets. Of a number below 0: `parked` means that the operation is to be entered again once the fiber is resumed with
// `ok`; `closed` that it was closed on this side, `empty` that the other side has ended; after `failed` the system's
// number is in ev[0], and its meaning in the scratch, as long as ev[1] says.

/// A socket (`SOCKET_*`) of the address in the scratch, `127.0.0.1:80` or `[::1]:80`: its handle, or a negated status
/// (`invalid`: it is no address).
pub export fn janus_socket_open(w: u32, kind: u32, text_bytes: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    const which = std.enums.fromInt(sockets.Kind, kind) orelse return -Status.invalid;
    if (text_bytes > self.scratch.len) return -Status.invalid;
    return sockets.open(rt, self, which, self.scratch[0..text_bytes]);
}

fn until(fiber: u32, deadline_ns: f64, site: u32) sockets.Waiter {
    if (!(deadline_ns >= 0)) return .{ .fiber = fiber, .site = site };
    return .{ .fiber = fiber, .site = site, .deadline_ns = nursery_mod.durationNs(deadline_ns) };
}

/// Waits until the connection is made: 0.
pub export fn janus_socket_connected(w: u32, fiber: u32, h: u32, deadline_ns: f64, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return -Status.invalid;
    const socket = rt.object(sockets.Socket, h) orelse return -Status.stale;
    return sockets.connected(rt, self, until(fiber, deadline_ns, site), socket);
}

/// The next connection to a listener: its handle.
pub export fn janus_socket_accept(w: u32, fiber: u32, h: u32, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return -Status.invalid;
    const socket = rt.object(sockets.Socket, h) orelse return -Status.stale;
    return sockets.accept(rt, self, .{ .fiber = fiber, .site = site }, socket);
}

/// Reads to the scratch, in a `READ_*` mode: the number of bytes. `deadline_ns` on the clock of `janus_now_ns`, below
/// 0: none; once it is over the fiber is resumed with `timeout`.
pub export fn janus_socket_read(
    w: u32,
    fiber: u32,
    h: u32,
    mode: u32,
    count: u32,
    deadline_ns: f64,
    site: u32,
) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return -Status.invalid;
    const which = std.enums.fromInt(sockets.Mode, mode) orelse return -Status.invalid;
    const socket = rt.object(sockets.Socket, h) orelse return -Status.stale;
    return sockets.read(rt, self, until(fiber, deadline_ns, site), socket, which, count);
}

/// Sends so many bytes of the scratch: how many of them the system took. `deadline_ns` as for `janus_socket_read`.
pub export fn janus_socket_write(
    w: u32,
    fiber: u32,
    h: u32,
    count: u32,
    deadline_ns: f64,
    site: u32,
) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return -Status.invalid;
    const socket = rt.object(sockets.Socket, h) orelse return -Status.stale;
    return sockets.write(rt, self, until(fiber, deadline_ns, site), socket, count);
}

/// Sends a datagram: the scratch holds the address's text, then its bytes. How many the system took.
pub export fn janus_socket_send_to(
    w: u32,
    fiber: u32,
    h: u32,
    text_bytes: u32,
    count: u32,
    site: u32,
) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return -Status.invalid;
    const socket = rt.object(sockets.Socket, h) orelse return -Status.stale;
    return sockets.sendTo(rt, self, .{ .fiber = fiber, .site = site }, socket, text_bytes, count);
}

/// A datagram to the scratch: its length; behind it the sender's address, as long as ev[0] says.
pub export fn janus_socket_receive_from(
    w: u32,
    fiber: u32,
    h: u32,
    count: u32,
    deadline_ns: f64,
    site: u32,
) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return -Status.invalid;
    const socket = rt.object(sockets.Socket, h) orelse return -Status.stale;
    return sockets.receiveFrom(rt, self, until(fiber, deadline_ns, site), socket, count);
}

/// Closes it, or changes how it works (`CHANGE_*`): 0.
pub export fn janus_socket_change(w: u32, h: u32, what: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    const which = std.enums.fromInt(sockets.Change, what) orelse return -Status.invalid;
    const socket = rt.object(sockets.Socket, h) orelse return -Status.stale;
    return sockets.change(rt, self, socket, which);
}

/// The nursery is cancelled when the connection breaks, at once if it has: 0, or a negated status.
pub export fn janus_socket_watch(w: u32, h: u32, nursery: u32, site: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    const socket = rt.object(sockets.Socket, h) orelse return -Status.stale;
    return sockets.watch(rt, self, socket, nursery, site);
}

/// The address of this side (0) or the other (1) as text to the scratch: its length.
pub export fn janus_socket_address(w: u32, h: u32, of_peer: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    const socket = rt.object(sockets.Socket, h) orelse return -Status.stale;
    return sockets.addressOf(self, socket, of_peer != 0);
}

// Moving fibers between VMs.

/// Before a long call of the running fiber: how many fibers the VM is to pack first, named in the area as `pack_ready`
/// names them and answered as they are; again with `is_first` 0 until it gives 0.
pub export fn janus_offer(w: u32, is_first: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    if (self.packing_count > 0) return -Status.invalid; // the last ones are not answered
    return @intCast(scheduler.offer(rt, self, is_first != 0));
}

/// Answers `pack_ready` or `pack_parked` for one fiber: its continuation is in the block (whose ownership moves), or 0:
/// it cannot be packed.
pub export fn janus_packed(w: u32, fiber: u32, block: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    if (block != 0 and !rt.arena.isLive(block)) return Status.invalid;
    return scheduler.packedAnswer(rt, self, fiber, block);
}

// Diagnosis.

/// From now on SIGINT, SIGTERM, SIGHUP and SIGQUIT come as `signal` events, and the overflow of a native stack is told.
pub export fn janus_signals_install() callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    return if (signals.install(rt) and fault.install(rt)) Status.ok else Status.failed;
}

/// A block with a page of the fibers from number `from` on, and their nurseries, as JSON; 0 without memory.
pub export fn janus_dump(w: u32, from: u32) callconv(.c) u32 {
    const rt, const self = worker(w) orelse return 0;
    return dump_mod.page(rt, self, from);
}

/// A block that says, as JSON, who could wake whom (reach.zig); 0 when there is no memory or there are too many fibers.
pub export fn janus_reach(w: u32) callconv(.c) u32 {
    const rt, const self = worker(w) orelse return 0;
    return dump_mod.reachable(rt, self);
}

/// Asks every other VM for its fibers' stacks: how many were asked, or -`full` while an earlier request is open. The
/// answers come to worker 0 as `dump` events.
pub export fn janus_dump_request() callconv(.c) i32 {
    const rt = current orelse return -Status.invalid;
    return dump_mod.request(rt);
}

/// A VM's answer to a `dump` event. The block's ownership moves.
pub export fn janus_dump_answer(w: u32, block: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    if (!rt.arena.isLive(block)) return Status.invalid;
    return dump_mod.answered(rt, self, block);
}

/// A block with counters as JSON: of one worker, or of all (-1); 0 without memory.
pub export fn janus_stats(w: u32, which: i32) callconv(.c) u32 {
    const rt, const self = worker(w) orelse return 0;
    return dump_mod.stats(rt, self, which);
}

/// A VM says, when it turns to its event loop, how many references wait for its finalizers. The bytes that the core
/// keeps for all VMs: the payloads of blocks in use.
pub export fn janus_held(w: u32, references: u32) callconv(.c) f64 {
    const rt, const self = worker(w) orelse return 0;
    self.counters.references_held.set(references);
    if (references > self.counters.references_most.get()) self.counters.references_most.set(references);
    return @floatFromInt(dump_mod.bytesInUse(rt));
}

// Output, texts, globals.

/// The fiber prints `len` bytes of the worker's scratch to standard output (1) or error (2), as printing.zig says;
/// `last`: 0 for a piece of a text that goes on. Fiber 0: the runtime itself, which does not wait.
pub export fn janus_print(w: u32, fiber: u32, fd: u32, len: u32, last: u32, site: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    if (fiber != 0 and scheduler.running(rt, self, fiber) == null) return Status.invalid;
    if (fd != 1 and fd != 2 or len > self.scratch.len) return Status.invalid;
    return printing.print(rt, self, fiber, fd - 1, self.scratch[0..len], last != 0, site);
}

/// The fiber waits until what was printed to standard output is written.
pub export fn janus_print_flush(w: u32, fiber: u32, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    return printing.flush(rt, self, fiber, 0, site);
}

/// Writes out what is buffered, and waits for it: until a reader has taken nothing for `stall_ms` (negative: for
/// ever), or a signal comes that ends programs. `failed`: the system refused some of it, now or earlier; `timeout`;
/// the negated number of the signal.
pub export fn janus_flush(stall_ms: i32) callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    var status: i32 = Status.ok;
    for (&rt.streams, 0..) |*stream, which| switch (stream.flush(stall_ms, &rt.signals, printing.ending_signals)) {
        .written => {},
        // Of standard error nobody can be told.
        .failed => if (which == 0) {
            status = Status.failed;
        },
        .stalled => if (status == Status.ok) {
            status = Status.timeout;
        },
        .interrupted => return -@as(i32, @ctz(rt.signals.load(.monotonic) & printing.ending_signals)),
    };
    return status;
}

/// Standard output (1) or error (2) of the program goes to another descriptor from now on, what is buffered before to
/// the old one.
pub export fn janus_redirect(stream: u32, fd: i32) callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    if (stream != 1 and stream != 2 or fd < 0) return Status.invalid;
    rt.streams[stream - 1].redirect(fd);
    return Status.ok;
}

/// The number of the text in the worker's scratch: from 0 up, the same in every VM; or a negated status.
pub export fn janus_intern(w: u32, len: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    if (len > self.scratch.len) return -Status.invalid;
    const number = rt.texts.intern(self.scratch[0..len]) catch return -Status.out_of_memory;
    return @intCast(number);
}

/// Copies a text to the worker's scratch: its length, or a negated status.
pub export fn janus_interned(w: u32, number: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return -Status.invalid;
    const text = rt.texts.get(number) orelse return -Status.invalid;
    return self.leaveText(text);
}

/// Publishes a module-level value, once. The value's ownership moves.
pub export fn janus_global_set(w: u32, index: u32, tag: i32, payload: f64) callconv(.c) i32 {
    const rt, _ = worker(w) orelse return Status.invalid;
    const value = valueOf(rt, tag, payload) orelse return Status.invalid;
    if (index >= rt.globals.len) return Status.invalid;
    const global = &rt.globals[index];
    if (global.published.load(.monotonic) != 0) return Status.invalid;
    global.tag = value.tag;
    global.payload = value.payload;
    // Release pairs with the acquire in `janus_global_get`.
    global.published.store(1, .release);
    return Status.ok;
}

/// Forgets all module-level values: the program is over.
pub export fn janus_globals_release(w: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    for (rt.globals) |*global| {
        if (global.published.swap(0, .acquire) == 0) continue;
        rt.releaseValue(self, .{ .tag = global.tag, .payload = global.payload });
    }
    return Status.ok;
}

/// `ok` with the value in ev[2] and ev_payload[0] (a block is borrowed), or `empty`.
pub export fn janus_global_get(w: u32, index: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    if (index >= rt.globals.len) return Status.invalid;
    const global = &rt.globals[index];
    if (global.published.load(.acquire) == 0) return Status.empty;
    self.area.ev[2] = global.tag;
    self.area.ev_payload[0] = global.payload;
    return Status.ok;
}
