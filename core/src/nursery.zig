//! Nurseries: no fiber outlives the block that started it.
//!
//! A nursery counts its unfinished children and lists them. The last child wakes the owner: its decrement is the last
//! thing it does to the nursery, and what it needs after that (whom to wake, in which wait) came out of the decrement
//! itself; the owner frees. The list is pushed without a lock; finished children are taken off in passing, by a spawner
//! every so often and by the owner at the end, so that a record is used again soon and memory stays in proportion to
//! the live children. Walking the list (to cancel, to take off) excludes other walks, never a push.
//!
//! Daemons are counted apart: the owner waits for the others first, then cancels the daemons and waits for them.
//! Every failure is kept, in the order in which they came (`FailureNode`); the first one cancels the siblings.

const std = @import("std");
const budget = @import("budget.zig");
const cancellation = @import("cancel.zig");
const fiber_mod = @import("fiber.zig");
const handles_mod = @import("handles.zig");
const layout = @import("layout.zig");
const runtime_mod = @import("runtime.zig");
const raced = @import("raced.zig");
const single = @import("single.zig");
const scheduler = @import("scheduler.zig");
const timer_mod = @import("timer.zig");
const watch = @import("watch.zig");
const Fiber = fiber_mod.Fiber;
const Runtime = runtime_mod.Runtime;
const Worker = @import("worker.zig").Worker;
const Status = layout.Status;
const Reason = layout.CancelReason;
const assert = std.debug.assert;

pub const isCancelled = cancellation.isCancelled;

/// A number of unfinished children in the low half; `closing_bit` when the owner waits for them to end, and above it
/// the epoch of that wait.
const Live = raced.Value(u64);
const closing_bit: u64 = 1 << 32;
const epoch_shift = 33;

fn countOf(live: u64) u32 {
    return @truncate(live);
}

/// A child that failed, in the arena. JavaScript reads the list and frees it.
pub const FailureNode = extern struct {
    /// The next one, in the order in which they failed; 0 for none.
    next: u32,
    /// `failed` or `panicked`; or, behind those, `timeout` or `over_budget`: a bound of the nursery was passed as well.
    status: i32,
    /// The error or panic, one reference held.
    payload: f64,
    tag: i32,
    /// The child; of a budget its kind, whose bound is the payload then.
    fiber: u32,
    /// Where the child was spawned; of a budget, where more than it allows was asked for.
    site_spawn: u32,
    /// Block with the child's name, one reference held; 0 for none.
    name: u32,
};

pub const Nursery = extern struct {
    pub const kind: handles_mod.Kind = .nursery;

    live: Live = .init(0),
    /// The same of its daemons.
    daemons: Live = .init(0),
    /// What its cancellation comes from (cause.zig); written before `cancelled`.
    cause: raced.Value(u64) = .init(0),
    owner: u32,
    handle: u32 = 0,
    /// The next outer nursery of the same fiber.
    outer: u32,
    /// The owner's shield depth when it was opened.
    shield: u32,
    cancelled: raced.Value(u32) = .init(Reason.none),
    /// The failed children (`FailureNode`), the newest first; read after the last child's decrement.
    failures: raced.Value(u32) = .init(0),
    /// Failures for which there was no memory.
    failures_lost: std.atomic.Value(u32) = .init(0),
    children: raced.Value(u32) = .init(0),
    walking: raced.Value(u32) = .init(0),
    /// Spawns since the last pruning; a hint, so plain loads and stores.
    since_prune: std.atomic.Value(u32) = .init(0),
    prune_at: std.atomic.Value(u32) = .init(prune_least),
    limit: u32,
    /// The innermost budget around its children, or 0 (budget.zig); whether it is its own.
    account: u32,
    has_budget: u32 = 0,
    /// 1: a child's failure is its own, and disturbs nobody.
    lenient: u32 = 0,
    /// The token that cancels it, one reference held, and its place among the watched ones plus one (watch.zig).
    token: u32 = 0,
    watched: u32 = 0,
    /// 1 once a token hangs below it.
    has_tokens: raced.Value(u32) = .init(0),
    /// The owner's wait for room: its fiber in the low half, the wait's epoch above; 0 when it does not wait.
    room: raced.Value(u64) = .init(0),
    site: u32,
    timer: u32 = 0,
    closed: raced.Value(u32) = .init(0),
    /// The owner's: one more than the depth of shields of the innermost cancelled one among this and those around it;
    /// 0 when there is none. As of the owner's last look (cancel.zig).
    cancelled_depth: u32 = 0,
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
        .account = budget.around(rt, number),
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
    if (fiber.cancel_any.load(.monotonic) != 0) cancellation.opened(rt, worker, nursery);
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
    daemon: bool = false,
};

fn liveOf(nursery: *Nursery, daemon: bool) *Live {
    return if (daemon) &nursery.daemons else &nursery.live;
}

/// Starts a child; its number, or a negated status. The thunk's ownership moves only on success.
pub fn spawn(rt: *Runtime, worker: *Worker, options: Spawn) i32 {
    const nursery = rt.object(Nursery, options.nursery) orelse return -Status.stale;
    if (nursery.account != 0) {
        const kind = layout.BudgetKind.spawns;
        const allowed = budget.charge(rt, worker, nursery.owner, nursery.account, kind, 1, options.site);
        if (!allowed) return -Status.over_budget;
    }
    const counter = liveOf(nursery, options.daemon);
    var live = counter.load(.monotonic);
    while (true) {
        // A closing nursery takes children only while some are left: they may spawn on.
        if (nursery.closed.load(.monotonic) != 0) return -Status.stale;
        if (live & closing_bit != 0 and countOf(live) == 0) return -Status.stale;
        if (nursery.limit != 0 and !options.daemon and countOf(live) >= nursery.limit) return -Status.full;
        live = single.exchangeIfEqual(u64, counter, live, live + 1, .monotonic, .monotonic) orelse break;
    }
    const number = create(rt, worker, options) orelse {
        childDone(rt, worker, nursery, options.daemon);
        return -Status.out_of_memory;
    };
    const fiber = rt.table.at(number);
    fiber.nursery = options.nursery;
    if (nursery.account != 0) fiber.flags |= fiber_mod.flag_charged;
    if (options.daemon) _ = rt.daemons.fetchAdd(1, .monotonic);
    var head = nursery.children.load(.monotonic);
    while (true) {
        fiber.child_next.store(head, .monotonic);
        // Release pairs with the walkers' acquire; sequentially consistent for the look at `cancelled` below.
        head = single.exchangeIfEqual(u32, &nursery.children, head, number, .seq_cst, .monotonic) orelse break;
    }
    const born = fiber_mod.cancel_self | fiber_mod.cancel_news;
    if (nursery.cancelled.load(.seq_cst) != 0) _ = fiber.cancel_any.fetchOr(born, .monotonic);
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
    fiber.flags = if (options.daemon) fiber_mod.flag_daemon else 0;
    fiber.name = worker.name_next;
    worker.name_next = 0;
    fiber.stack_bytes = options.stack_bytes;
    fiber.wait_kind = .nothing;
    fiber.wait_object = 0;
    fiber.@"packed" = 0;
    fiber.waiters.store(0, .monotonic);
    fiber.node = .{};
    fiber.since = fiber_mod.coarse(worker.now_ns);
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
pub fn childDone(rt: *Runtime, worker: *Worker, nursery: *Nursery, daemon: bool) void {
    const owner = nursery.owner;
    // Release: what the child did is visible to the owner. Acquire: the last one sees all the others' work.
    const before = single.fetchSub(u64, liveOf(nursery, daemon), 1, .seq_cst);
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

/// A child failed: that is kept, with where it was spawned. Called before `childDone`.
pub fn keepFailure(
    rt: *Runtime,
    worker: *Worker,
    nursery: *Nursery,
    number: u32,
    status: i32,
    value: runtime_mod.Value,
) void {
    assert(status == Status.failed or status == Status.panicked);
    const fiber = rt.table.at(number);
    const offset = rt.arena.alloc(&worker.arena, @sizeOf(FailureNode));
    if (offset == 0) {
        _ = nursery.failures_lost.fetchAdd(1, .monotonic);
        return;
    }
    rt.retainValue(value);
    if (fiber.name != 0) rt.retainBlock(fiber.name);
    const node = rt.arena.at(FailureNode, offset);
    node.* = .{
        .next = nursery.failures.load(.monotonic),
        .status = status,
        .payload = value.payload,
        .tag = value.tag,
        .fiber = number,
        .site_spawn = fiber.site_spawn,
        .name = fiber.name,
    };
    // The owner reads them after the last decrement of `live` or `daemons`, which orders this.
    while (nursery.failures.cmpxchgWeak(node.next, offset, .monotonic, .monotonic)) |head| node.next = head;
}

/// The failures in the order in which they came: the first one's place, or 0. The caller owns them.
fn takeFailures(rt: *Runtime, nursery: *Nursery) u32 {
    var reversed: u32 = 0;
    var offset = nursery.failures.load(.acquire);
    while (offset != 0) {
        const node = rt.arena.at(FailureNode, offset);
        const older = node.next;
        node.next = reversed;
        reversed = offset;
        offset = older;
    }
    nursery.failures.store(0, .monotonic);
    return reversed;
}

/// Leaves the innermost nursery: waits for every child that is no daemon, then for the daemons, which are cancelled.
/// The result is in the record, and is the status returned.
pub fn join(rt: *Runtime, worker: *Worker, number: u32, handle: u32) i32 {
    const fiber = rt.table.at(number);
    assert(fiber.stateNow() == .running);
    const nursery = rt.object(Nursery, handle) orelse return Status.stale;
    if (nursery.owner != number or fiber.open_nursery != handle) return Status.invalid;
    while (true) {
        _ = isCancelled(rt, worker, number);
        // Acquire pairs with the children's release decrements.
        var counter = &nursery.live;
        var live = counter.load(.acquire);
        if (countOf(live) == 0) {
            counter = &nursery.daemons;
            live = counter.load(.acquire);
            if (countOf(live) == 0) return complete(rt, worker, number, nursery);
            cancellation.cancelDaemons(rt, worker, nursery);
        }
        const epoch = fiber.beginPark(.join, handle, nursery.site);
        const waiting = @as(u64, epoch) << epoch_shift | closing_bit | countOf(live);
        if (counter.cmpxchgStrong(live, waiting, .seq_cst, .acquire) != null) {
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

/// All children have ended. The status says how; on `failed` and `panicked` the failures begin at `aux`.
fn complete(rt: *Runtime, worker: *Worker, number: u32, nursery: *Nursery) i32 {
    const fiber = rt.table.at(number);
    assert(countOf(nursery.live.load(.acquire)) == 0 and countOf(nursery.daemons.load(.acquire)) == 0);
    assert(fiber.open_nursery == nursery.handle);
    rt.timers.remove(&nursery.timer);
    watch.leave(rt, worker, nursery);
    // Nobody spawns any more: the whole list goes. A canceller may still be walking it.
    while (nursery.walking.cmpxchgWeak(0, 1, .acquire, .monotonic) != null) raced.spin();
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
    const first = takeFailures(rt, nursery);
    fiber.aux = @bitCast(first);
    if (first != 0) {
        fiber.wake_status = rt.arena.at(FailureNode, first).status;
        addBound(rt, worker, nursery, first);
    } else if (nursery.failures_lost.load(.monotonic) != 0) {
        fiber.wake_status = Status.out_of_memory;
    } else switch (nursery.cancelled.load(.acquire)) {
        Reason.none => {},
        Reason.deadline => fiber.wake_status = Status.timeout,
        Reason.budget => tellBudget(rt, fiber, nursery),
        else => fiber.wake_status = Status.cancelled,
    }
    if (nursery.has_budget != 0) budget.release(rt, worker, nursery.account);
    fiber.open_nursery = nursery.outer;
    fiber.wait_kind = .nothing;
    cancellation.cancelCleared(rt, number);
    const status = fiber.wake_status;
    rt.note(worker, .nursery_closed, number, .{ .a = nursery.handle, .detail = @intCast(status) });
    _ = rt.releaseHandle(worker, nursery.handle);
    return status;
}

/// Behind the failures, the bound that was passed, if one was: a failure does not hide it. Without memory it does.
fn addBound(rt: *Runtime, worker: *Worker, nursery: *Nursery, first: u32) void {
    const reason = nursery.cancelled.load(.acquire);
    if (reason != Reason.deadline and reason != Reason.budget) return;
    const offset = rt.arena.alloc(&worker.arena, @sizeOf(FailureNode));
    if (offset == 0) return;
    const node = rt.arena.at(FailureNode, offset);
    node.* = .{
        .next = 0,
        .status = Status.timeout,
        .payload = 0,
        .tag = layout.Tag.void_,
        .fiber = 0,
        .site_spawn = 0,
        .name = 0,
    };
    if (reason == Reason.budget) {
        const account = rt.arena.at(budget.Budget, nursery.account);
        const kind = account.exceeded.load(.monotonic) - 1;
        node.status = Status.over_budget;
        node.payload = account.most[kind];
        node.fiber = kind;
        node.site_spawn = account.site;
    }
    var last = rt.arena.at(FailureNode, first);
    while (last.next != 0) last = rt.arena.at(FailureNode, last.next);
    last.next = offset;
}

/// Its own budget was exceeded: the kind is in `aux`, the bound in the payload, the place that asked in `site_wait`.
fn tellBudget(rt: *Runtime, fiber: *fiber_mod.Fiber, nursery: *Nursery) void {
    const account = rt.arena.at(budget.Budget, nursery.account);
    const kind = account.exceeded.load(.monotonic) - 1;
    fiber.wake_status = Status.over_budget;
    fiber.aux = @intCast(kind);
    fiber.wake_payload = account.most[kind];
    fiber.site_wait = account.site;
}
