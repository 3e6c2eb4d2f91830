//! Tasks: the end of a fiber, and waiting for it.
//!
//! The finished fiber's record holds its result. `waiters` in the record is the meeting point: empty, `waiters_done`,
//! or the head of the list of awaiting fibers. The first awaiter swings itself in with one compare-exchange, and
//! awaiting a finished task is one load; only a second awaiter, an awaiter that gives up, and a finisher that found
//! awaiters take the word's lock bit, for a few instructions.
//! Everybody who may look at a finished record holds a reference to it (Task handle); the last one gives it back.

const std = @import("std");
const cancellation = @import("cancel.zig");
const cause = @import("cause.zig");
const fiber_mod = @import("fiber.zig");
const layout = @import("layout.zig");
const nursery_mod = @import("nursery.zig");
const runtime_mod = @import("runtime.zig");
const raced = @import("raced.zig");
const single = @import("single.zig");
const sync = @import("sync.zig");
const Runtime = runtime_mod.Runtime;
const Worker = @import("worker.zig").Worker;
const Status = layout.Status;
const Outcome = layout.Outcome;
const assert = std.debug.assert;

const lock_bit = fiber_mod.waiters_lock;
const done = fiber_mod.waiters_done;

fn statusOf(outcome: u32) i32 {
    return switch (outcome) {
        Outcome.value => Status.ok,
        Outcome.failure => Status.failed,
        Outcome.panic => Status.panicked,
        Outcome.cancelled => Status.cancelled_task,
        else => unreachable,
    };
}

/// The running fiber ends. The value's ownership moves here.
pub fn finish(rt: *Runtime, worker: *Worker, number: u32, outcome: u32, value: runtime_mod.Value) void {
    const fiber = rt.table.at(number);
    assert(fiber.stateNow() == .running);
    const status = statusOf(outcome);
    const handle = fiber.nursery;
    sync.unlockAll(rt, worker, number);
    const nursery: ?*nursery_mod.Nursery = if (handle == 0) null else rt.object(nursery_mod.Nursery, handle).?;
    const is_lenient = if (nursery) |n| n.lenient != 0 else false;
    const failed = !is_lenient and (outcome == Outcome.failure or outcome == Outcome.panic);
    // Kept first, while the value is surely there; the nursery is cancelled below.
    if (failed) if (nursery) |n| nursery_mod.keepFailure(rt, worker, n, number, status, value);
    @atomicStore(i32, &fiber.worker, -1, .monotonic);
    fiber.wait_kind = .nothing;
    fiber.wake_status = status;
    // Without a handle nobody will ask for the result, and none can be made any more.
    if (fiber.refs.load(.acquire) == 1) {
        rt.releaseValue(worker, value);
        fiber.wake_tag = layout.Tag.void_;
        fiber.wake_payload = 0;
    } else {
        fiber.wake_tag = value.tag;
        fiber.wake_payload = value.payload;
    }
    // It has no value, but says why.
    const is_empty = value.tag == layout.Tag.null_ or value.tag == layout.Tag.void_;
    if (outcome == Outcome.cancelled and is_empty) fiber.wake_payload = cause.number(cause.seen(rt, number));
    if (fiber.cancel_any.load(.monotonic) & fiber_mod.cancel_self != 0) cause.forget(rt, number);
    wakeAwaiters(rt, worker, fiber);
    // After the awaiters: who awaits this very task sees its failure, not the cancellation that follows from it.
    if (failed) if (nursery) |n| {
        const why = cause.make(layout.CancelCause.failure, fiber.site_spawn);
        cancellation.cancelBy(rt, worker, n, layout.CancelReason.failure, why);
    };
    worker.counters.fibers_finished.add(1);
    if (fiber.flags & fiber_mod.flag_daemon != 0) _ = rt.daemons.fetchSub(1, .monotonic);
    // From here on whoever holds the last reference gives the record back.
    const daemon = fiber.flags & fiber_mod.flag_daemon != 0;
    fiber.setState(.finished);
    const n = nursery orelse return rt.dropFiber(worker, number);
    if (n.limit == 0 or daemon) return nursery_mod.childDone(rt, worker, n, daemon);
    // Its owner may wait for room: the nursery must outlive the count.
    const retained = rt.retainHandle(handle);
    assert(retained);
    nursery_mod.childDone(rt, worker, n, false);
    nursery_mod.roomMade(rt, worker, n);
    _ = rt.releaseHandle(worker, handle);
}

fn wakeAwaiters(rt: *Runtime, worker: *Worker, fiber: *fiber_mod.Fiber) void {
    // Release: the result is visible to whoever sees `done`. Acquire pairs with an awaiter's link.
    if (single.exchangeIfEqual(u32, &fiber.waiters, 0, done, .acq_rel, .monotonic) == null) return;
    // The list begins with the newest; the oldest wakes first.
    var awaiter = lockWaiters(fiber);
    while (awaiter != 0 and rt.table.at(awaiter).node.next != 0) awaiter = rt.table.at(awaiter).node.next;
    const value: runtime_mod.Value = .{ .tag = fiber.wake_tag, .payload = fiber.wake_payload };
    while (awaiter != 0) {
        const other = rt.table.at(awaiter);
        const after = other.node.prev;
        raced.store(u32, &other.node.meta, 0, .release);
        // While linked it cannot start another wait: the epoch is this wait's.
        if (other.claim(other.epochNow())) {
            rt.retainValue(value);
            other.wake_tag = value.tag;
            other.wake_payload = value.payload;
            other.wake_status = fiber.wake_status;
            rt.wake(worker, awaiter);
        }
        awaiter = after;
    }
    // Release pairs with the acquire of later awaiters, and of those that give up.
    fiber.waiters.store(done, .release);
}

/// Takes the lock bit; the head of the list. The word is neither empty-and-unlocked by contract nor `done`.
fn lockWaiters(fiber: *fiber_mod.Fiber) u32 {
    var word = fiber.waiters.load(.monotonic);
    while (true) {
        assert(word != done);
        if (word & lock_bit != 0) {
            raced.spin();
            word = fiber.waiters.load(.monotonic);
            continue;
        }
        // Acquire pairs with the release of the last holder.
        const locked = word | lock_bit;
        word = single.exchangeIfEqual(u32, &fiber.waiters, word, locked, .acquire, .monotonic) orelse return word;
    }
}

/// The finished task's result into the running fiber's record, with a reference of its own.
fn takeResult(rt: *Runtime, number: u32, target: *fiber_mod.Fiber) i32 {
    assert(target.waiters.load(.monotonic) == done);
    const fiber = rt.table.at(number);
    const value: runtime_mod.Value = .{ .tag = target.wake_tag, .payload = target.wake_payload };
    rt.retainValue(value);
    fiber.wake_tag = value.tag;
    fiber.wake_payload = value.payload;
    fiber.wake_status = target.wake_status;
    return target.wake_status;
}

/// The task, if the caller's handle is still good.
pub fn find(rt: *Runtime, task: u32, generation: u32) ?*fiber_mod.Fiber {
    if (task == 0 or task >= rt.fibers.highWater()) return null;
    const fiber = rt.table.at(task);
    if (fiber.generation != generation or fiber.stateNow() == .free) return null;
    return fiber;
}

/// Waits for one task: its outcome's status with the result in the record, or `parked`.
pub fn await(rt: *Runtime, worker: *Worker, number: u32, task: u32, generation: u32, site: u32) i32 {
    const target = find(rt, task, generation) orelse return Status.stale;
    if (task == number) return Status.invalid;
    // Acquire pairs with the release in `finish`.
    const is_done = target.waiters.load(.acquire) == done;
    // A failure goes before the cancellation that it brings: what an `await` sees does not hang on who is faster.
    const is_failed = is_done and (target.wake_status == Status.failed or target.wake_status == Status.panicked);
    if (!is_failed and nursery_mod.isCancelled(rt, worker, number)) return Status.cancelled;
    if (is_done) return takeResult(rt, number, target);
    const fiber = rt.table.at(number);
    // The wait holds the task's record, until the awaiter has left its list.
    const before = single.fetchAdd(u32, &target.refs, 1, .monotonic);
    assert(before > 0);
    const epoch = fiber.beginPark(.await, task, site);
    fiber.node = .{ .next = 0, .prev = 0, .fiber = number, .meta = fiber_mod.node_linked };
    // Release: the node is visible to the finisher.
    if (single.exchangeIfEqual(u32, &target.waiters, 0, number, .acq_rel, .acquire)) |word| {
        var seen = word;
        while (true) {
            if (seen == done) {
                // No finisher knows us; a canceller may.
                const ours = fiber.cancelPark(epoch);
                fiber.node.meta = 0;
                fiber.wait_kind = .nothing;
                if (!ours) fiber.waitBack();
                const status = takeResult(rt, number, target);
                rt.dropFiber(worker, task);
                return status;
            }
            if (seen & lock_bit != 0) {
                raced.spin();
                seen = target.waiters.load(.acquire);
                continue;
            }
            fiber.node.next = seen;
            // The list is changed under the lock bit only, so that those who give up can find their neighbours.
            seen = target.waiters.cmpxchgWeak(seen, number | lock_bit, .acq_rel, .acquire) orelse {
                if (fiber.node.next != 0) rt.table.at(fiber.node.next).node.prev = number;
                target.waiters.store(number, .release);
                break;
            };
        }
    }
    if (fiber.cancel_any.load(.seq_cst) == 0 or !nursery_mod.isCancelled(rt, worker, number)) return Status.parked;
    if (!fiber.cancelPark(epoch)) return Status.parked;
    unlink(rt, number, target);
    fiber.wait_kind = .nothing;
    rt.dropFiber(worker, task);
    return Status.cancelled;
}

/// An awaiter that gave up leaves the list, unless the finisher has taken it off.
fn unlink(rt: *Runtime, number: u32, target: *fiber_mod.Fiber) void {
    const fiber = rt.table.at(number);
    while (true) {
        const word = target.waiters.load(.acquire);
        if (word == done) {
            fiber.node.meta = 0;
            return;
        }
        if (word & lock_bit != 0) {
            raced.spin();
            continue;
        }
        if (target.waiters.cmpxchgWeak(word, word | lock_bit, .acquire, .monotonic) != null) continue;
        var head = word;
        if (fiber.node.meta & fiber_mod.node_linked != 0) {
            if (fiber.node.prev != 0) {
                rt.table.at(fiber.node.prev).node.next = fiber.node.next;
            } else {
                assert(head == number);
                head = fiber.node.next;
            }
            if (fiber.node.next != 0) rt.table.at(fiber.node.next).node.prev = fiber.node.prev;
            fiber.node.meta = 0;
        }
        target.waiters.store(head, .release);
        return;
    }
}

/// The awaiting fiber runs again.
pub fn resumeAwait(rt: *Runtime, worker: *Worker, number: u32) i32 {
    const fiber = rt.table.at(number);
    const task = fiber.wait_object;
    assert(fiber.wait_kind == .await);
    // Unlinked is final. Acquire pairs with the finisher's release.
    const meta = raced.load(u32, &fiber.node.meta, .acquire);
    if (meta & fiber_mod.node_linked != 0) unlink(rt, number, rt.table.at(task));
    fiber.wait_kind = .nothing;
    rt.dropFiber(worker, task);
    return fiber.wake_status;
}

/// 0 running, 1 value, 2 failed, 3 panicked, 4 cancelled; a negated status for a stale task.
pub fn state(rt: *Runtime, task: u32, generation: u32) i32 {
    const target = find(rt, task, generation) orelse return -Status.stale;
    if (target.waiters.load(.acquire) != done) return 0;
    return switch (target.wake_status) {
        Status.ok => 1,
        Status.failed => 2,
        Status.panicked => 3,
        else => 4,
    };
}

pub fn cancel(rt: *Runtime, worker: *Worker, task: u32, generation: u32, why: cause.Cause) i32 {
    const target = find(rt, task, generation) orelse return Status.stale;
    if (target.waiters.load(.acquire) == done) return Status.ok;
    cause.note(rt, task, why);
    cancellation.cancelFiber(rt, worker, task);
    return Status.ok;
}
