//! Cancellation: how it reaches fibers, and where it is seen.
//!
//! It goes down at once as far as fibers wait: cancelling a nursery marks its children and claims those that wait, then
//! cancels what these have open themselves, and only then wakes them. A fiber's nurseries are looked at by itself, when
//! it runs, or by who has claimed its wait after its worker has let go of it: nobody else goes on with it before that
//! wakes it.
//! So a tree that grows is not followed a level a turn, which would never end: what waits is reached, what is new ends
//! without having begun (scheduler.zig, `begin`), and what runs starts nothing more (nursery.zig, `spawn`).
//! Each waits for the other's write: a spawner links, then looks whether the nursery is cancelled; a canceller marks,
//! then walks. A waiter announces, then looks at `cancel_any`; a canceller writes `cancel_any`, then claims.
//! What is claimed by somebody else first completes: a value that was handed over is never dropped for a cancellation.
//!
//! A shield holds cancellation off: a fiber counts the shields it is in, and a nursery notes the count at which it was
//! opened, so that a nursery inside a shield can be cancelled by its own reasons.

const std = @import("std");
const cause_mod = @import("cause.zig");
const fiber_mod = @import("fiber.zig");
const handles_mod = @import("handles.zig");
const layout = @import("layout.zig");
const nursery_mod = @import("nursery.zig");
const runtime_mod = @import("runtime.zig");
const raced = @import("raced.zig");
const watch = @import("watch.zig");
const Nursery = nursery_mod.Nursery;
const Runtime = runtime_mod.Runtime;
const Worker = @import("worker.zig").Worker;
const Status = layout.Status;
const Reason = layout.CancelReason;
const assert = std.debug.assert;

/// Cancels a nursery: its children, and its owner as long as that is inside. The first reason stays.
pub fn cancel(rt: *Runtime, worker: *Worker, nursery: *Nursery, reason: u32) void {
    cancelBy(rt, worker, nursery, reason, cause_mod.ofReason(rt, nursery, reason));
}

/// As `cancel`, where it is known what it comes from.
pub fn cancelBy(rt: *Runtime, worker: *Worker, nursery: *Nursery, reason: u32, cause: cause_mod.Cause) void {
    // What the running fiber does to its innermost nursery changes nothing around it: there is nothing to look for.
    // Its last look still holds, so unwinding through any number of nurseries takes one step for each.
    const is_own = nursery.owner == worker.current;
    const is_innermost = is_own and rt.table.at(nursery.owner).open_nursery == nursery.handle;
    if (is_innermost) nursery.cancelled_depth = nursery.shield + 1;
    const news = if (is_innermost) 0 else fiber_mod.cancel_news;
    mark(rt, worker, nursery, reason, cause, fiber_mod.cancel_nursery | news);
    wakeClaimed(rt, worker);
}

/// `tell`: the bits that its owner gets.
fn mark(
    rt: *Runtime,
    worker: *Worker,
    nursery: *Nursery,
    reason: u32,
    cause: cause_mod.Cause,
    tell: u32,
) void {
    assert(reason != Reason.none);
    // Release pairs with the acquire in cause.zig: who sees the mark sees a cause.
    _ = nursery.cause.cmpxchgStrong(cause_mod.none, cause, .acq_rel, .monotonic);
    // Sequentially consistent: pairs with the look at `cancelled` in `spawn`.
    if (nursery.cancelled.cmpxchgStrong(Reason.none, reason, .seq_cst, .monotonic) != null) return;
    rt.note(worker, .nursery_cancelled, nursery.owner, .{
        .a = nursery.handle,
        .b = @truncate(cause),
        .detail = @intCast(reason),
        .extra = @truncate(cause >> 32),
    });
    while (nursery.walking.cmpxchgWeak(0, 1, .acquire, .monotonic) != null) raced.spin();
    if (nursery.closed.load(.monotonic) != 0) {
        nursery.walking.store(0, .release);
        return;
    }
    cancelChildren(rt, worker, nursery, 0);
    // The owner too, and under the same lock: it cannot leave the nursery before this is over, so it is never woken
    // out of a later, unrelated wait.
    _ = rt.table.at(nursery.owner).cancel_any.fetchOr(tell, .seq_cst);
    if (nursery.owner != worker.current) wakeCancelled(rt, worker, nursery.owner, nursery.shield);
    const has_tokens = nursery.has_tokens.load(.seq_cst) != 0;
    nursery.walking.store(0, .release);
    // From here on the nursery may be gone.
    if (has_tokens) watch.spread(rt, worker);
}

/// The daemons of a nursery whose other children have ended. The owner only.
pub fn cancelDaemons(rt: *Runtime, worker: *Worker, nursery: *Nursery) void {
    while (nursery.walking.cmpxchgWeak(0, 1, .acquire, .monotonic) != null) raced.spin();
    cancelChildren(rt, worker, nursery, fiber_mod.flag_daemon);
    nursery.walking.store(0, .release);
    wakeClaimed(rt, worker);
}

/// Those children that have all these flags, the oldest first, so that what they do on their way out comes in the order
/// in which they were started. The caller walks: nobody else reads or changes a link between two children meanwhile.
fn cancelChildren(rt: *Runtime, worker: *Worker, nursery: *Nursery, flags: u16) void {
    // Sequentially consistent: a child linked later sees `cancelled`.
    const newest = nursery.children.load(.seq_cst);
    const oldest = turnedRound(rt, newest);
    var number = oldest;
    while (number != 0) {
        const fiber = rt.table.at(number);
        if (fiber.flags & flags == flags and fiber.stateNow() != .finished) tellFiber(rt, worker, number);
        number = fiber.child_next.load(.monotonic);
    }
    const first = turnedRound(rt, oldest);
    assert(first == newest); // a child linked meanwhile has that as its next one
}

/// Turns the links of a list of children round, in place: the last one is the first now.
fn turnedRound(rt: *Runtime, first: u32) u32 {
    var before: u32 = 0;
    var number = first;
    while (number != 0) {
        const next = rt.table.at(number).child_next.load(.monotonic);
        rt.table.at(number).child_next.store(before, .monotonic);
        before = number;
        number = next;
    }
    return before;
}

/// How many shields hold cancellation off from the fiber now.
pub fn shieldOf(fiber: *fiber_mod.Fiber) u32 {
    if (fiber.cancel_any.load(.seq_cst) & fiber_mod.cancel_grace != 0) return 0;
    return raced.load(u16, &fiber.shield, .monotonic);
}

/// A shield that ends by itself after a time. An object with a handle, so that its timer may fire while it is left.
pub const Grace = extern struct {
    pub const kind: handles_mod.Kind = .grace;

    fiber: u32,
    timer: u32 = 0,
    busy: raced.Value(u32) = .init(0),
    over: u32 = 0,
};

/// Enters a shield that holds for `ns` at the most, from now: a handle for `leaveGrace`, or a negated status. Inside
/// another shield it is an ordinary one: that other one holds cancellation off anyway.
pub fn enterGrace(rt: *Runtime, worker: *Worker, number: u32, ns: f64) i32 {
    const fiber = rt.table.at(number);
    const made = rt.createObject(worker, .grace, Grace, .{ .fiber = number }) orelse return -Status.out_of_memory;
    if (fiber.shield == 0) {
        const deadline_ns = rt.nowNs() +| nursery_mod.durationNs(ns);
        _ = rt.timers.add(.grace, made[1], 0, deadline_ns, &made[0].timer) catch {
            rt.forgetObject(worker, made[1]);
            return -Status.out_of_memory;
        };
        worker.counters.timers_set.add(1);
    }
    raced.store(u16, &fiber.shield, fiber.shield + 1, .monotonic);
    return @intCast(made[1]);
}

/// Leaves it: `ok` or `stale`.
pub fn leaveGrace(rt: *Runtime, worker: *Worker, number: u32, handle: u32) i32 {
    const grace = rt.object(Grace, handle) orelse return Status.stale;
    const fiber = rt.table.at(number);
    if (grace.fiber != number or fiber.shield == 0) return Status.invalid;
    rt.timers.remove(&grace.timer);
    while (grace.busy.cmpxchgWeak(0, 1, .acquire, .monotonic) != null) raced.spin();
    grace.over = 1;
    grace.busy.store(0, .release);
    raced.store(u16, &fiber.shield, fiber.shield - 1, .monotonic);
    if (fiber.shield == 0) _ = fiber.cancel_any.fetchAnd(~fiber_mod.cancel_grace, .seq_cst);
    _ = rt.releaseHandle(worker, handle);
    return Status.ok;
}

/// The time of a shield is over. Whoever is cancelled sees it now, and who will be sees it then.
pub fn endGrace(rt: *Runtime, worker: *Worker, grace: *Grace) void {
    // Until it is given back the fiber cannot leave the shield.
    while (grace.busy.cmpxchgWeak(0, 1, .acquire, .monotonic) != null) raced.spin();
    defer grace.busy.store(0, .release);
    if (grace.over != 0) return;
    const fiber = rt.table.at(grace.fiber);
    const before = fiber.cancel_any.fetchOr(fiber_mod.cancel_grace | fiber_mod.cancel_news, .seq_cst);
    if (before & ~fiber_mod.cancel_grace == 0) return;
    if (grace.fiber != worker.current) wakeCancelled(rt, worker, grace.fiber, 0);
    wakeClaimed(rt, worker);
}

/// Cancels one fiber: what it waits for ends, and it sees it wherever it looks.
pub fn cancelFiber(rt: *Runtime, worker: *Worker, number: u32) void {
    tellFiber(rt, worker, number);
    wakeClaimed(rt, worker);
}

fn tellFiber(rt: *Runtime, worker: *Worker, number: u32) void {
    const fiber = rt.table.at(number);
    // Sequentially consistent: pairs with the look at `cancel_any` after `beginPark`.
    _ = fiber.cancel_any.fetchOr(fiber_mod.cancel_self | fiber_mod.cancel_news, .seq_cst);
    wakeCancelled(rt, worker, number, 0);
}

/// Ends the wait of a fiber, unless a shield deeper than `depth` holds the cancellation off. Without a nursery it is
/// woken; with one it is kept, for `wakeClaimed`.
fn wakeCancelled(rt: *Runtime, worker: *Worker, number: u32, depth: u32) void {
    const fiber = rt.table.at(number);
    while (true) {
        const word = fiber.state.load(.seq_cst);
        const state = fiber_mod.stateOf(word);
        if (state != .parking and state != .parked) return;
        // The shield cannot change within one wait, and the claim fails when the wait is another.
        if (shieldOf(fiber) > depth) return;
        if (fiber.claim(word >> 4)) break;
    }
    fiber.wake_status = Status.cancelled;
    // Its worker may still be in the operation that announced the wait: then it looks at its nurseries itself.
    // Acquire pairs with the release of its commit.
    if (fiber.stateNow() != .parked_claimed) return rt.wake(worker, number);
    fiber.queue_next.store(0, .monotonic);
    if (worker.claimed_first == 0) {
        worker.claimed_first = number;
    } else {
        rt.table.at(worker.claimed_last).queue_next.store(number, .monotonic);
    }
    worker.claimed_last = number;
}

/// Cancels what the claimed fibers have open, which may claim more of them, and wakes them, in the order in which they
/// were claimed. The caller walks no nursery. One step for each fiber and for each of its nurseries.
fn wakeClaimed(rt: *Runtime, worker: *Worker) void {
    // A token's nurseries are cancelled on the way: what they claim is at the end of the same list.
    if (worker.is_waking_claimed) return;
    worker.is_waking_claimed = true;
    defer worker.is_waking_claimed = false;
    while (worker.claimed_first != 0) {
        const number = worker.claimed_first;
        const fiber = rt.table.at(number);
        if (fiber.open_nursery != 0) look(rt, worker, fiber);
        worker.claimed_first = fiber.queue_next.load(.monotonic);
        rt.wake(worker, number);
    }
}

/// Ends one wait of a fiber as a cancellation would, and cancels what it has open inside its outermost nursery; that
/// one goes on. False when it does not wait, or its nursery's end has to be waited for. On its own worker.
pub fn interrupt(rt: *Runtime, worker: *Worker, number: u32) bool {
    const fiber = rt.table.at(number);
    var inside: ?*Nursery = null;
    var handle = fiber.open_nursery;
    while (rt.object(Nursery, handle)) |nursery| : (handle = nursery.outer) {
        if (nursery.outer != 0) inside = nursery;
    }
    if (inside) |nursery| {
        cancel(rt, worker, nursery, Reason.request);
        return false;
    }
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
/// shields. On the fiber's own worker only. Costs a look at all of them when somebody else has cancelled something
/// since the last one, and no more than a look at the innermost otherwise.
pub fn spread(rt: *Runtime, worker: *Worker, number: u32) bool {
    const fiber = rt.table.at(number);
    if (fiber.cancel_any.load(.seq_cst) & fiber_mod.cancel_news != 0) {
        look(rt, worker, fiber);
        wakeClaimed(rt, worker);
    }
    const shield = shieldOf(fiber);
    if (shield == 0 and fiber.cancel_any.load(.monotonic) & fiber_mod.cancel_self != 0) return true;
    const innermost = rt.object(Nursery, fiber.open_nursery) orelse return false;
    return innermost.cancelled_depth > shield;
}

/// Whether a cancellation of the fiber's own reaches a nursery of this depth, or one around it does.
fn reaches(bits: u32, shield: u32, around: u32) bool {
    if (bits & fiber_mod.cancel_grace != 0) return around > 0 or bits & fiber_mod.cancel_self != 0;
    return around == shield + 1 or (shield == 0 and bits & fiber_mod.cancel_self != 0);
}

/// Finds the cancelled ones among the fiber's open nurseries, cancels what is inside them at the same depth of shields,
/// and notes for each how far it is reached. Two steps for each nursery. By who may look (above).
fn look(rt: *Runtime, worker: *Worker, fiber: *fiber_mod.Fiber) void {
    // A canceller marks its nursery before it sets the bit: either we see the mark now, or its bit comes later.
    const bits = fiber.cancel_any.fetchAnd(~fiber_mod.cancel_news, .seq_cst);
    var has_cancelled = false;
    // Innermost first is how they are linked, and none has a greater depth than those inside it. So those from `inner`
    // on are reached by the next cancelled one as far as by anything.
    var inner = fiber.open_nursery;
    var handle = inner;
    while (handle != 0) {
        const nursery = rt.object(Nursery, handle).?;
        handle = nursery.outer;
        if (nursery.cancelled.load(.seq_cst) == 0 and !reaches(bits, nursery.shield, 0)) continue;
        has_cancelled = true;
        const own = nursery.cause.load(.acquire);
        const cause = if (own != cause_mod.none) own else cause_mod.ofFiber(rt, nursery.owner);
        while (inner != handle) {
            const reached = rt.object(Nursery, inner).?;
            settle(rt, worker, reached, bits, nursery.shield + 1, cause);
            inner = reached.outer;
        }
    }
    while (inner != 0) {
        const free = rt.object(Nursery, inner).?;
        free.cancelled_depth = 0;
        inner = free.outer;
    }
    if (has_cancelled) _ = fiber.cancel_any.fetchOr(fiber_mod.cancel_nursery, .seq_cst);
}

/// A nursery of the running fiber around which, or as which, one of depth `around` - 1 is cancelled (0: none).
fn settle(
    rt: *Runtime,
    worker: *Worker,
    nursery: *Nursery,
    bits: u32,
    around: u32,
    cause: cause_mod.Cause,
) void {
    if (reaches(bits, nursery.shield, around)) {
        mark(rt, worker, nursery, Reason.parent, cause, fiber_mod.cancel_nursery);
    }
    const is_cancelled = nursery.cancelled.load(.seq_cst) != 0;
    nursery.cancelled_depth = if (is_cancelled) nursery.shield + 1 else around;
}

/// A cancelled fiber's new nursery is born cancelled, unless a shield holds that off. It is the innermost.
pub fn opened(rt: *Runtime, worker: *Worker, nursery: *Nursery) void {
    const fiber = rt.table.at(nursery.owner);
    const bits = fiber.cancel_any.load(.seq_cst);
    if (bits & fiber_mod.cancel_news != 0) {
        _ = spread(rt, worker, nursery.owner);
        return;
    }
    var around: u32 = 0;
    var cause = cause_mod.none;
    if (rt.object(Nursery, nursery.outer)) |outer| {
        around = outer.cancelled_depth;
        cause = outer.cause.load(.acquire);
    }
    if (cause == cause_mod.none) cause = cause_mod.ofFiber(rt, nursery.owner);
    settle(rt, worker, nursery, bits, around, cause);
}

/// After a nursery was left: forgets `cancel_nursery` when no open one is cancelled. A cancellation that came since the
/// last look has left `cancel_news`, which stays.
pub fn cancelCleared(rt: *Runtime, number: u32) void {
    const fiber = rt.table.at(number);
    if (fiber.cancel_any.load(.seq_cst) & fiber_mod.cancel_nursery == 0) return;
    const innermost = rt.object(Nursery, fiber.open_nursery);
    if (innermost != null and innermost.?.cancelled_depth != 0) return;
    _ = fiber.cancel_any.fetchAnd(~fiber_mod.cancel_nursery, .seq_cst);
}
