//! Budgets: what a nursery allows its children, and theirs, all together: fibers started, bytes of the arena held at
//! one time, channel operations.
//!
//! A budget is a block of the arena that its nursery and every counted block hold. A nursery finds the innermost one
//! around it in `account`; a fiber below one carries `flag_charged`, so that all others pay one test of a bit. What
//! goes beyond a budget is refused: the nursery that set it is cancelled, for that reason, and the fiber that asked
//! unwinds as a cancelled one does. Inside a shield nothing is refused, only counted: cleanup goes through.
//!
//! Blocks that count are marked by the top bit of their references, and stand in a table with the budget they count on;
//! only they pay for it.

const std = @import("std");
const arena_mod = @import("arena.zig");
const cancellation = @import("cancel.zig");
const fiber_mod = @import("fiber.zig");
const layout = @import("layout.zig");
const Mutex = @import("mutex.zig").Mutex;
const nursery_mod = @import("nursery.zig");
const Runtime = @import("runtime.zig").Runtime;
const Worker = @import("worker.zig").Worker;
const Kind = layout.BudgetKind;
const Status = layout.Status;
const assert = std.debug.assert;

/// In the references of a block: it counts on a budget.
pub const charged_bit = arena_mod.charged_bit;

pub const Budget = extern struct {
    most: [Kind.count]f64,
    used: [Kind.count]std.atomic.Value(u64),
    /// The nursery that set it. Its handle is good as long as a fiber below it lives.
    nursery: u32,
    /// The next one around it, one reference held; 0 for none.
    outer: u32,
    /// The first kind that was used up, plus one.
    exceeded: std.atomic.Value(u32),
    /// Where that was asked for.
    site: u32,
};

/// What each counted block counts on.
pub const Charged = struct {
    mutex: Mutex = .{},
    blocks: std.AutoHashMapUnmanaged(u32, struct { budget: u32, bytes: u32 }) = .empty,

    pub fn deinit(self: *Charged) void {
        self.blocks.deinit(std.heap.page_allocator);
    }
};

/// The innermost budget around what the fiber opens now, or 0.
pub fn around(rt: *Runtime, number: u32) u32 {
    const fiber = rt.table.at(number);
    if (fiber.open_nursery != 0) return rt.object(nursery_mod.Nursery, fiber.open_nursery).?.account;
    return of(rt, number);
}

/// The budget that the fiber's own operations count on, or 0.
pub fn of(rt: *Runtime, number: u32) u32 {
    const fiber = rt.table.at(number);
    if (fiber.flags & fiber_mod.flag_charged == 0) return 0;
    return rt.object(nursery_mod.Nursery, fiber.nursery).?.account;
}

/// Gives a nursery without children a budget of its own. Below 0: no bound. `ok`, `invalid` or `out_of_memory`.
pub fn set(rt: *Runtime, worker: *Worker, nursery: *nursery_mod.Nursery, most: [Kind.count]f64) i32 {
    if (nursery.children.load(.monotonic) != 0 or nursery.has_budget != 0) return Status.invalid;
    const offset = rt.arena.alloc(&worker.arena, @sizeOf(Budget));
    if (offset == 0) return Status.out_of_memory;
    const outer = nursery.account;
    if (outer != 0) rt.retainBlock(outer);
    rt.arena.at(Budget, offset).* = .{
        .most = most,
        .used = @splat(.init(0)),
        .nursery = nursery.handle,
        .outer = outer,
        .exceeded = .init(0),
        .site = 0,
    };
    nursery.account = offset;
    nursery.has_budget = 1;
    return Status.ok;
}

/// The running fiber wants `amount` more of a kind, counted on `account` and those around it. False: it is refused, and
/// the nursery whose budget that was is being cancelled.
pub fn charge(
    rt: *Runtime,
    worker: *Worker,
    number: u32,
    account: u32,
    kind: u32,
    amount: u64,
    site: u32,
) bool {
    var refusing: u32 = 0;
    var at = account;
    while (at != 0) {
        const budget = rt.arena.at(Budget, at);
        // Monotonic: a number of its own, that nothing else is ordered by.
        const used = budget.used[kind].fetchAdd(amount, .monotonic) + amount;
        const most = budget.most[kind];
        if (most >= 0 and @as(f64, @floatFromInt(used)) > most and refusing == 0) refusing = at;
        at = budget.outer;
    }
    if (refusing == 0 or cancellation.shieldOf(rt.table.at(number)) > 0) return true;
    const budget = rt.arena.at(Budget, refusing);
    if (budget.exceeded.cmpxchgStrong(0, kind + 1, .monotonic, .monotonic) == null) budget.site = site;
    const nursery = rt.object(nursery_mod.Nursery, budget.nursery).?;
    cancellation.cancel(rt, worker, nursery, layout.CancelReason.budget);
    return false;
}

/// As `charge`, for a channel operation of the running fiber.
pub inline fn operation(rt: *Runtime, worker: *Worker, number: u32, site: u32) bool {
    if (number == 0 or rt.table.at(number).flags & fiber_mod.flag_charged == 0) return true;
    return charge(rt, worker, number, of(rt, number), Kind.operations, 1, site);
}

fn giveBack(rt: *Runtime, account: u32, kind: u32, amount: u64) void {
    var at = account;
    while (at != 0) {
        const budget = rt.arena.at(Budget, at);
        const before = budget.used[kind].fetchSub(amount, .monotonic);
        assert(before >= amount);
        at = budget.outer;
    }
}

/// A block for the running fiber, counted if it is below a budget; 0 without memory, or when it is refused: then
/// `worker.refused` is set.
pub fn alloc(rt: *Runtime, worker: *Worker, bytes: u32) u32 {
    const number = worker.current;
    if (number == 0 or rt.table.at(number).flags & fiber_mod.flag_charged == 0) {
        return rt.arena.alloc(&worker.arena, bytes);
    }
    const account = of(rt, number);
    if (!charge(rt, worker, number, account, Kind.memory, bytes, 0)) {
        giveBack(rt, account, Kind.memory, bytes);
        worker.refused = true;
        return 0;
    }
    const offset = rt.arena.alloc(&worker.arena, bytes);
    if (offset == 0 or !note(rt, offset, account, bytes)) giveBack(rt, account, Kind.memory, bytes);
    return offset;
}

fn note(rt: *Runtime, offset: u32, account: u32, bytes: u32) bool {
    rt.charged.mutex.lock();
    defer rt.charged.mutex.unlock();
    rt.charged.blocks.put(std.heap.page_allocator, offset, .{ .budget = account, .bytes = bytes }) catch return false;
    rt.retainBlock(account);
    // Nobody else knows the block yet.
    rt.arena.header(offset).refs.store(1 | charged_bit, .monotonic);
    return true;
}

/// The last reference to a counted block is gone.
pub fn freed(rt: *Runtime, worker: *Worker, offset: u32) void {
    const entry = entry: {
        rt.charged.mutex.lock();
        defer rt.charged.mutex.unlock();
        break :entry rt.charged.blocks.fetchRemove(offset).?.value;
    };
    giveBack(rt, entry.budget, Kind.memory, entry.bytes);
    release(rt, worker, entry.budget);
}

/// Drops a reference to a budget; the last one drops that to the one around it.
pub fn release(rt: *Runtime, worker: *Worker, account: u32) void {
    var at = account;
    while (at != 0) {
        const outer = rt.arena.at(Budget, at).outer;
        // Release pairs with the acquire of the one that frees.
        const before = rt.arena.header(at).refs.fetchSub(1, .acq_rel);
        assert(before > 0);
        if (before > 1) return;
        rt.arena.free(&worker.arena, at);
        at = outer;
    }
}
