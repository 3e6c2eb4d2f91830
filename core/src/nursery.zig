//! Nurseries: no fiber outlives the block that started it.
//!
//! A nursery counts its unfinished children and lists them. The last child wakes the owner: its decrement is the last
//! thing it does to the nursery, and what it needs after that (whom to wake, in which wait) came out of the decrement
//! itself; the owner frees. The list is pushed without a lock; finished children are taken off in passing, by a spawner
//! every so often and by the owner at the end, so that a record is used again soon and memory stays in proportion to
//! the live children. Walking the list (to cancel, to take off) excludes other walks, never a push.
//!
//! Cancellation goes one level at a time: cancelling a nursery marks its children and wakes those that wait; what a
//! child has open itself is cancelled by that child, when it runs: it alone may look at its own nurseries.
//! Each waits for the other's write: a spawner links, then looks whether the nursery is cancelled; a canceller marks,
//! then walks. A waiter announces, then looks at `cancel_any`; a canceller writes `cancel_any`, then claims.

const std = @import("std");
const fiber_mod = @import("fiber.zig");
const handles_mod = @import("handles.zig");
const layout = @import("layout.zig");
const runtime_mod = @import("runtime.zig");
const single = @import("single.zig");
const scheduler = @import("scheduler.zig");
const timer_mod = @import("timer.zig");
const Fiber = fiber_mod.Fiber;
const Runtime = runtime_mod.Runtime;
const Worker = @import("worker.zig").Worker;
const Status = layout.Status;
const Reason = layout.CancelReason;
const assert = std.debug.assert;

const closing_bit: u64 = 1 << 32;
const epoch_shift = 33;

fn countOf(live: u64) u32 {
    return @truncate(live);
}

pub const Nursery = extern struct {
    pub const kind: handles_mod.Kind = .nursery;

    /// Unfinished children in the low half; `closing_bit` when the owner waits, and above it the epoch of that wait.
    live: std.atomic.Value(u64) = .init(0),
    owner: u32,
    handle: u32 = 0,
    /// The next outer nursery of the same fiber.
    outer: u32,
    /// The owner's shield depth when it was opened.
    shield: u32,
    cancelled: std.atomic.Value(u32) = .init(Reason.none),
    /// 1 once a failed child has claimed the three fields below; they are read after the last child's decrement.
    failure_claimed: std.atomic.Value(u32) = .init(0),
    failure_status: i32 = 0,
    failure_tag: i32 = 0,
    failure_payload: f64 = 0,
    children: std.atomic.Value(u32) = .init(0),
    walking: std.atomic.Value(u32) = .init(0),
    /// Spawns since the last pruning; a hint, so plain loads and stores.
    since_prune: std.atomic.Value(u32) = .init(0),
    prune_at: std.atomic.Value(u32) = .init(prune_least),
    limit: u32,
    /// The owner's wait for room: its fiber in the low half, the wait's epoch above; 0 when it does not wait.
    room: std.atomic.Value(u64) = .init(0),
    site: u32,
    timer: u32 = 0,
    closed: std.atomic.Value(u32) = .init(0),
};

const prune_least = 64;

/// Opens a nursery in the running fiber: its handle, or a negated status.
pub fn open(rt: *Runtime, worker: *Worker, number: u32, deadline_after_ns: f64, limit: u32, site: u32) i32 {
    const fiber = rt.table.at(number);
    assert(fiber.stateNow() == .running);
    const made = rt.createObject(worker, .nursery, Nursery, .{
        .owner = number,
        .outer = fiber.open_nursery,
        .shield = fiber.shield,
        .limit = limit,
        .site = site,
    }) orelse return -Status.out_of_memory;
    const nursery, const handle = made;
    nursery.handle = handle;
    if (deadline_after_ns >= 0) {
        const deadline_ns = rt.nowNs() +| durationNs(deadline_after_ns);
        _ = rt.timers.add(.nursery, handle, 0, deadline_ns, &nursery.timer) catch {
            _ = rt.releaseHandle(worker, handle);
            return -Status.out_of_memory;
        };
        worker.counters.timers_set.add(1);
    }
    fiber.open_nursery = handle;
    rt.note(worker, .nursery_opened, number, .{ .a = handle, .b = site });
    // A cancelled fiber's new nursery is born cancelled, unless a shield holds that off.
    if (fiber.cancel_any.load(.monotonic) != 0) _ = spread(rt, worker, number);
    return @intCast(handle);
}

pub fn durationNs(ns: f64) u64 {
    if (!(ns > 0)) return 0;
    if (ns >= 9e18) return 9_000_000_000_000_000_000;
    return @intFromFloat(ns);
}

pub const Spawn = struct {
    nursery: u32,
    code: i32,
    thunk: runtime_mod.Value,
    keep_task: bool,
    stack_bytes: u32,
    site: u32,
};

/// Starts a child; its number, or a negated status. The thunk's ownership moves only on success.
pub fn spawn(rt: *Runtime, worker: *Worker, options: Spawn) i32 {
    const nursery = rt.object(Nursery, options.nursery) orelse return -Status.stale;
    var live = nursery.live.load(.monotonic);
    while (true) {
        // A closing nursery takes children only while some are left: they may spawn on.
        if (nursery.closed.load(.monotonic) != 0) return -Status.stale;
        if (live & closing_bit != 0 and countOf(live) == 0) return -Status.stale;
        if (nursery.limit != 0 and countOf(live) >= nursery.limit) return -Status.full;
        live = single.exchangeIfEqual(u64, &nursery.live, live, live + 1, .monotonic, .monotonic) orelse break;
    }
    const number = create(rt, worker, options) orelse {
        childDone(rt, worker, nursery);
        return -Status.out_of_memory;
    };
    const fiber = rt.table.at(number);
    fiber.nursery = options.nursery;
    var head = nursery.children.load(.monotonic);
    while (true) {
        fiber.child_next.store(head, .monotonic);
        // Release pairs with the walkers' acquire; sequentially consistent for the look at `cancelled` below.
        head = single.exchangeIfEqual(u32, &nursery.children, head, number, .seq_cst, .monotonic) orelse break;
    }
    if (nursery.cancelled.load(.seq_cst) != 0) _ = fiber.cancel_any.fetchOr(fiber_mod.cancel_self, .monotonic);
    const since = nursery.since_prune.load(.monotonic) + 1;
    nursery.since_prune.store(since, .monotonic);
    if (since >= nursery.prune_at.load(.monotonic)) prune(rt, worker, nursery);
    return @intCast(number);
}

/// A record in state `new`, not linked and not queued.
pub fn create(rt: *Runtime, worker: *Worker, options: Spawn) ?u32 {
    const number = rt.fibers.take(&worker.fibers);
    if (number == 0) return null;
    const fiber = rt.table.at(number);
    assert(fiber.stateNow() == .free);
    @atomicStore(i32, &fiber.worker, -1, .monotonic);
    fiber.wake_tag = options.thunk.tag;
    fiber.wake_payload = options.thunk.payload;
    fiber.wake_status = 0;
    fiber.aux = 0;
    fiber.cancel_any.store(0, .monotonic);
    fiber.code = options.code;
    fiber.site_spawn = options.site;
    fiber.site_wait = 0;
    fiber.refs.store(if (options.keep_task) 2 else 1, .monotonic);
    fiber.nursery = 0;
    fiber.open_nursery = 0;
    fiber.shield = 0;
    fiber.stack_bytes = options.stack_bytes;
    fiber.wait_kind = .nothing;
    fiber.wait_object = 0;
    fiber.@"packed" = 0;
    fiber.waiters.store(0, .monotonic);
    fiber.node = .{};
    fiber.since_ns = worker.now_ns;
    fiber.held = 0;
    fiber.native = 0;
    assert(fiber.timer == 0);
    fiber.setState(.new);
    worker.counters.fibers_started.add(1);
    return number;
}

/// Takes the finished children off the list, except the newest; gives up when somebody else walks it.
fn prune(rt: *Runtime, worker: *Worker, nursery: *Nursery) void {
    // Acquire pairs with the release of the last walk.
    if (single.exchangeIfEqual(u32, &nursery.walking, 0, 1, .acquire, .monotonic) != null) return;
    defer nursery.walking.store(0, .release);
    var previous = nursery.children.load(.acquire);
    if (previous == 0) return;
    var kept: u32 = 1;
    // The first stays: taking it off would race with a push.
    var number = rt.table.at(previous).child_next.load(.monotonic);
    while (number != 0) {
        const fiber = rt.table.at(number);
        const next = fiber.child_next.load(.monotonic);
        if (fiber.stateNow() == .finished) {
            rt.table.at(previous).child_next.store(next, .monotonic);
            rt.dropFiber(worker, number);
        } else {
            kept += 1;
            previous = number;
        }
        number = next;
    }
    nursery.since_prune.store(0, .monotonic);
    nursery.prune_at.store(@max(prune_least, kept), .monotonic);
}

/// A child's last touch of its nursery.
pub fn childDone(rt: *Runtime, worker: *Worker, nursery: *Nursery) void {
    const owner = nursery.owner;
    // Release: what the child did is visible to the owner. Acquire: the last one sees all the others' work.
    const before = single.fetchSub(u64, &nursery.live, 1, .seq_cst);
    assert(countOf(before) > 0);
    // From here on the nursery may be gone.
    if (countOf(before) > 1 or before & closing_bit == 0) return;
    const fiber = rt.table.at(owner);
    const epoch: u32 = @intCast(before >> epoch_shift);
    // When the claim fails the owner was woken to be cancelled; it looks at the count again by itself.
    if (!fiber.claim(epoch)) return;
    fiber.wake_status = Status.ok;
    rt.wake(worker, owner);
}

/// Waits until the nursery has fewer unfinished children than its limit: `ok`, `parked`, `cancelled` or `stale`.
/// Only the owner spawns into a nursery, so one waits at the most.
pub fn waitRoom(rt: *Runtime, worker: *Worker, number: u32, handle: u32, site: u32) i32 {
    const nursery = rt.object(Nursery, handle) orelse return Status.stale;
    const fiber = rt.table.at(number);
    if (nursery.owner != number or nursery.limit == 0) return Status.invalid;
    while (countOf(nursery.live.load(.seq_cst)) >= nursery.limit) {
        if (isCancelled(rt, worker, number)) return Status.cancelled;
        const epoch = fiber.beginPark(.room, handle, site);
        // Sequentially consistent, as the second look: pairs with the decrement and the swap of a child that ends, so
        // that it finds the waiter or the waiter finds the room.
        nursery.room.store(@as(u64, epoch) << 32 | number, .seq_cst);
        if (countOf(nursery.live.load(.seq_cst)) >= nursery.limit) {
            return scheduler.parkedUnlessCancelled(rt, worker, number, epoch);
        }
        if (!fiber.cancelPark(epoch)) fiber.waitBack();
    }
    fiber.wait_kind = .nothing;
    return Status.ok;
}

/// A child of a nursery with a limit has ended and been counted. The caller keeps the nursery alive.
pub fn roomMade(rt: *Runtime, worker: *Worker, nursery: *Nursery) void {
    assert(nursery.limit != 0);
    const waiting = nursery.room.swap(0, .seq_cst);
    if (waiting == 0) return;
    const number: u32 = @truncate(waiting);
    const fiber = rt.table.at(number);
    // Fails for a wait that is over already, by a cancellation or by the second look.
    if (!fiber.claim(@intCast(waiting >> 32))) return;
    fiber.wake_status = Status.ok;
    rt.wake(worker, number);
}

/// A child failed: the first failure is kept, everybody else is cancelled. Called before `childDone`.
pub fn keepFailure(rt: *Runtime, nursery: *Nursery, status: i32, value: runtime_mod.Value) void {
    assert(status == Status.failed or status == Status.panicked);
    if (nursery.failure_claimed.cmpxchgStrong(0, 1, .monotonic, .monotonic) == null) {
        rt.retainValue(value);
        nursery.failure_status = status;
        nursery.failure_tag = value.tag;
        nursery.failure_payload = value.payload;
    }
}

/// Cancels a nursery: its children, and its owner as long as that is inside. The first reason stays.
pub fn cancel(rt: *Runtime, worker: *Worker, nursery: *Nursery, reason: u32) void {
    assert(reason != Reason.none);
    // Sequentially consistent: pairs with the look at `cancelled` in `spawn`.
    if (nursery.cancelled.cmpxchgStrong(Reason.none, reason, .seq_cst, .monotonic) != null) return;
    rt.note(worker, .nursery_cancelled, nursery.owner, .{ .a = nursery.handle, .detail = @intCast(reason) });
    while (nursery.walking.cmpxchgWeak(0, 1, .acquire, .monotonic) != null) std.atomic.spinLoopHint();
    if (nursery.closed.load(.monotonic) != 0) {
        nursery.walking.store(0, .release);
        return;
    }
    // Sequentially consistent: a child linked later sees `cancelled`.
    var number = nursery.children.load(.seq_cst);
    while (number != 0) {
        const fiber = rt.table.at(number);
        const next = fiber.child_next.load(.monotonic);
        if (fiber.stateNow() != .finished) cancelFiber(rt, worker, number);
        number = next;
    }
    // The owner too, and under the same lock: it cannot leave the nursery before this is over, so it is never woken
    // out of a later, unrelated wait.
    _ = rt.table.at(nursery.owner).cancel_any.fetchOr(fiber_mod.cancel_nursery, .seq_cst);
    if (nursery.owner != worker.current) wakeCancelled(rt, worker, nursery.owner, nursery.shield);
    nursery.walking.store(0, .release);
}

/// Cancels one fiber: what it waits for ends, and it sees it wherever it looks.
pub fn cancelFiber(rt: *Runtime, worker: *Worker, number: u32) void {
    const fiber = rt.table.at(number);
    // Sequentially consistent: pairs with the look at `cancel_any` after `beginPark`.
    _ = fiber.cancel_any.fetchOr(fiber_mod.cancel_self, .seq_cst);
    wakeCancelled(rt, worker, number, 0);
}

/// Ends the wait of a fiber, unless a shield deeper than `depth` holds the cancellation off.
fn wakeCancelled(rt: *Runtime, worker: *Worker, number: u32, depth: u32) void {
    const fiber = rt.table.at(number);
    while (true) {
        const word = fiber.state.load(.seq_cst);
        const state = fiber_mod.stateOf(word);
        if (state != .parking and state != .parked) return;
        // The shield cannot change within one wait, and the claim fails when the wait is another.
        if (@atomicLoad(u32, &fiber.shield, .monotonic) > depth) return;
        if (fiber.claim(word >> 4)) break;
    }
    fiber.wake_status = Status.cancelled;
    rt.wake(worker, number);
}

/// Ends one wait of a fiber as a cancellation would, without cancelling anything. False when it does not wait.
pub fn interrupt(rt: *Runtime, worker: *Worker, number: u32) bool {
    const fiber = rt.table.at(number);
    const word = fiber.state.load(.seq_cst);
    const state = fiber_mod.stateOf(word);
    if (state != .parking and state != .parked) return false;
    if (!fiber.claim(word >> 4)) return false;
    fiber.wake_status = Status.cancelled;
    rt.wake(worker, number);
    return true;
}

/// Whether the fiber is cancelled here and now. Asked on its own worker; cancels what it has open on the way.
pub fn isCancelled(rt: *Runtime, worker: *Worker, number: u32) bool {
    const fiber = rt.table.at(number);
    if (fiber.cancel_any.load(.seq_cst) == 0) return false;
    return spread(rt, worker, number);
}

/// Carries a fiber's cancellation into the nurseries it has open, and says whether it is visible at this depth of
/// shields. On the fiber's own worker only.
fn spread(rt: *Runtime, worker: *Worker, number: u32) bool {
    const fiber = rt.table.at(number);
    const self_cancelled = fiber.cancel_any.load(.seq_cst) & fiber_mod.cancel_self != 0;
    // Innermost first is how they are linked; a cancelled one reaches all that are inside it at the same depth.
    // So: find the outermost cancelled nursery of each depth, then cancel what is inside.
    var visible = self_cancelled and fiber.shield == 0;
    var handle = fiber.open_nursery;
    while (handle != 0) {
        const nursery = rt.object(Nursery, handle).?;
        if (nursery.cancelled.load(.acquire) != 0 and nursery.shield >= fiber.shield) visible = true;
        if (nursery.cancelled.load(.acquire) == 0 and nurseryIsInsideCancelled(rt, nursery, self_cancelled)) {
            cancel(rt, worker, nursery, Reason.parent);
        }
        handle = nursery.outer;
    }
    return visible;
}

fn nurseryIsInsideCancelled(rt: *Runtime, nursery: *Nursery, self_cancelled: bool) bool {
    if (self_cancelled and nursery.shield == 0) return true;
    var handle = nursery.outer;
    while (handle != 0) {
        const outer = rt.object(Nursery, handle).?;
        if (outer.shield < nursery.shield) return false;
        if (outer.cancelled.load(.acquire) != 0) return true;
        handle = outer.outer;
    }
    return false;
}

/// After a nursery was left: forgets `cancel_nursery` when no open one is cancelled.
pub fn cancelCleared(rt: *Runtime, number: u32) void {
    const fiber = rt.table.at(number);
    if (fiber.cancel_any.load(.seq_cst) & fiber_mod.cancel_nursery == 0) return;
    _ = fiber.cancel_any.fetchAnd(~fiber_mod.cancel_nursery, .seq_cst);
    // A canceller marks its nursery before it sets the bit: either we see the mark here, or its bit comes later.
    var handle = fiber.open_nursery;
    while (handle != 0) {
        const nursery = rt.object(Nursery, handle).?;
        if (nursery.cancelled.load(.seq_cst) != 0) {
            _ = fiber.cancel_any.fetchOr(fiber_mod.cancel_nursery, .seq_cst);
            return;
        }
        handle = nursery.outer;
    }
}

/// Leaves the innermost nursery: waits for every child. The result is in the record, and is the status returned.
pub fn join(rt: *Runtime, worker: *Worker, number: u32, handle: u32) i32 {
    const fiber = rt.table.at(number);
    assert(fiber.stateNow() == .running);
    const nursery = rt.object(Nursery, handle) orelse return Status.stale;
    if (nursery.owner != number or fiber.open_nursery != handle) return Status.invalid;
    while (true) {
        _ = isCancelled(rt, worker, number);
        // Acquire pairs with the children's release decrements.
        const live = nursery.live.load(.acquire);
        if (countOf(live) == 0) return complete(rt, worker, number, nursery);
        const epoch = fiber.beginPark(.join, handle, nursery.site);
        const waiting = @as(u64, epoch) << epoch_shift | closing_bit | countOf(live);
        if (nursery.live.cmpxchgStrong(live, waiting, .seq_cst, .acquire) != null) {
            // A child ended meanwhile. A canceller may have claimed the wait already.
            if (!fiber.cancelPark(epoch)) fiber.waitBack();
            continue;
        }
        // A cancellation that came before the wait was announced could not claim it.
        _ = isCancelled(rt, worker, number);
        if (!fiber.tookBack()) return Status.parked;
    }
}

/// The owner runs again: either the last child woke it, or it was cancelled and has to wait on.
pub fn resumeJoin(rt: *Runtime, worker: *Worker, number: u32) i32 {
    const fiber = rt.table.at(number);
    assert(fiber.wait_kind == .join);
    return join(rt, worker, number, fiber.wait_object);
}

fn complete(rt: *Runtime, worker: *Worker, number: u32, nursery: *Nursery) i32 {
    const fiber = rt.table.at(number);
    assert(countOf(nursery.live.load(.acquire)) == 0);
    assert(fiber.open_nursery == nursery.handle);
    rt.timers.remove(&nursery.timer);
    // Nobody spawns any more: the whole list goes. A canceller may still be walking it.
    while (nursery.walking.cmpxchgWeak(0, 1, .acquire, .monotonic) != null) std.atomic.spinLoopHint();
    nursery.closed.store(1, .monotonic);
    var child = nursery.children.swap(0, .acquire);
    while (child != 0) {
        const next = rt.table.at(child).child_next.load(.monotonic);
        rt.dropFiber(worker, child);
        child = next;
    }
    nursery.walking.store(0, .release);
    fiber.wake_tag = layout.Tag.void_;
    fiber.wake_payload = 0;
    fiber.wake_status = Status.ok;
    if (nursery.failure_claimed.load(.acquire) != 0) {
        fiber.wake_status = nursery.failure_status;
        fiber.wake_tag = nursery.failure_tag;
        fiber.wake_payload = nursery.failure_payload;
    } else switch (nursery.cancelled.load(.acquire)) {
        Reason.none => {},
        Reason.deadline => fiber.wake_status = Status.timeout,
        else => fiber.wake_status = Status.cancelled,
    }
    fiber.open_nursery = nursery.outer;
    fiber.wait_kind = .nothing;
    cancelCleared(rt, number);
    const status = fiber.wake_status;
    rt.note(worker, .nursery_closed, number, .{ .a = nursery.handle, .detail = @intCast(status) });
    _ = rt.releaseHandle(worker, nursery.handle);
    return status;
}
