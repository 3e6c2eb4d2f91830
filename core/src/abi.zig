//! The boundary: the only file of the core with exported functions. They check what they are given, translate, and
//! decide nothing.
//!
//! Arguments and results are 32-bit integers and doubles only: those cost two or three nanoseconds from JavaScript, all
//! else much more. `w` is always the calling worker's number, `fiber` the fiber that JavaScript runs on it. Results are
//! statuses (layout.zig) or, where a number is asked for, the number or a negated status. No export ever stops the
//! process because of what it was given: a wrong argument is `invalid`, a wrong handle `stale`.

const std = @import("std");
const fiber_mod = @import("fiber.zig");
const handles_mod = @import("handles.zig");
const layout = @import("layout.zig");
const runtime_mod = @import("runtime.zig");
const scheduler = @import("scheduler.zig");
const nursery_mod = @import("nursery.zig");
const channel = @import("channel.zig");
const task_mod = @import("task.zig");
const Runtime = runtime_mod.Runtime;
const Value = runtime_mod.Value;
const Worker = @import("worker.zig").Worker;
const Status = layout.Status;

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
    rt.destroy();
    return Status.ok;
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
    return rt.arena.alloc(&self.arena, bytes);
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
    return if (scheduler.enter(rt, self)) Status.ok else Status.invalid;
}

pub export fn janus_worker_leave(w: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    return if (scheduler.leave(rt, self)) Status.ok else Status.invalid;
}

/// How many workers have a VM, or are getting one.
pub export fn janus_set_workers(n: u32) callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    if (n == 0 or n > rt.workers.len) return Status.invalid;
    rt.workers_allowed.store(n, .seq_cst);
    rt.workers_wanted = true;
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

pub export fn janus_shutdown() callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    scheduler.shutdown(rt);
    return Status.ok;
}

/// While the host may still post something, being idle is no deadlock.
pub export fn janus_set_host_open(open: u32) callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    rt.host_open.store(open != 0, .seq_cst);
    scheduler.rouseAll(rt);
    return Status.ok;
}

/// Any thread. The block's ownership moves to worker 0's VM.
pub export fn janus_host_post(block: u32) callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    if (!rt.arena.isLive(block)) return Status.invalid;
    return scheduler.hostPost(rt, block);
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
        .stack_bytes = stack_bytes,
        .site = site,
    });
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

pub export fn janus_task_cancel(w: u32, task: u32, generation: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    return task_mod.cancel(rt, self, task, generation);
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

/// Leaves the fiber's innermost nursery: `ok`, `failed`, `panicked` (first failure's value in the record), `timeout`,
/// `cancelled`, or `parked`.
pub export fn janus_nursery_join(w: u32, fiber: u32, nursery: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    return nursery_mod.join(rt, self, fiber, nursery);
}

pub export fn janus_nursery_cancel(w: u32, nursery: u32, reason: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    if (reason == layout.CancelReason.none or reason > layout.CancelReason.parent) return Status.invalid;
    const found = rt.object(nursery_mod.Nursery, nursery) orelse return Status.stale;
    nursery_mod.cancel(rt, self, found, reason);
    return Status.ok;
}

/// +1 enters a `shield`, -1 leaves it.
pub export fn janus_shield(w: u32, fiber: u32, change: i32) callconv(.c) i32 {
    const rt, _ = fiberOn(w, fiber) orelse return Status.invalid;
    const record = rt.table.at(fiber);
    if (change != 1 and change != -1) return Status.invalid;
    if (change == -1 and record.shield == 0) return Status.invalid;
    // Atomic, for a canceller may look at it.
    const depth: u32 = if (change == 1) record.shield + 1 else record.shield - 1;
    @atomicStore(u32, &record.shield, depth, .monotonic);
    return Status.ok;
}

pub export fn janus_is_cancelled(w: u32, fiber: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return 0;
    return @intFromBool(nursery_mod.isCancelled(rt, self, fiber));
}

/// After a join: makes `cancel_any` exact again, and says whether the fiber is still cancelled.
pub export fn janus_cancel_cleared(w: u32, fiber: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return 0;
    nursery_mod.cancelCleared(rt, fiber);
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
    return channel.send(rt, self, fiber, ch, value, site);
}

pub export fn janus_recv(w: u32, fiber: u32, ch: u32, site: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    return channel.receive(rt, self, fiber, ch, site);
}

pub export fn janus_try_send(w: u32, ch: u32, tag: i32, payload: f64) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    const value = valueOf(rt, tag, payload) orelse return Status.invalid;
    const found = rt.object(channel.Channel, ch) orelse return Status.stale;
    return channel.trySendOn(rt, self, found, value);
}

pub export fn janus_try_recv(w: u32, fiber: u32, ch: u32) callconv(.c) i32 {
    const rt, const self = fiberOn(w, fiber) orelse return Status.invalid;
    const found = rt.object(channel.Channel, ch) orelse return Status.stale;
    return channel.tryReceiveOn(rt, self, fiber, found);
}

pub export fn janus_close_channel(w: u32, ch: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    const found = rt.object(channel.Channel, ch) orelse return Status.stale;
    channel.close(rt, self, found);
    return Status.ok;
}

/// `what`: 0 closed, 1 length, 2 capacity, 3 site; or a negated status.
pub export fn janus_channel_info(ch: u32, what: u32) callconv(.c) i32 {
    const rt = current orelse return -Status.invalid;
    const found = rt.object(channel.Channel, ch) orelse return -Status.stale;
    if (what > 3) return -Status.invalid;
    return channel.info(rt, found, @enumFromInt(what));
}

// Output, texts, globals.

/// Writes `len` bytes of the worker's scratch to standard output (1) or error (2). `failed`: the system refuses.
pub export fn janus_write(w: u32, fd: u32, len: u32) callconv(.c) i32 {
    const rt, const self = worker(w) orelse return Status.invalid;
    if (fd != 1 and fd != 2 or len > self.scratch.len) return Status.invalid;
    return if (rt.streams[fd - 1].write(self.scratch[0..len])) Status.ok else Status.failed;
}

/// Writes out what is buffered. `failed`: the system refused some of it, now or earlier.
pub export fn janus_flush() callconv(.c) i32 {
    const rt = current orelse return Status.invalid;
    var all_written = true;
    for (&rt.streams) |*stream| {
        if (!stream.flush()) all_written = false;
    }
    return if (all_written) Status.ok else Status.failed;
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
    @memcpy(self.scratch[0..text.len], text);
    return @intCast(text.len);
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
