//! What `std.sync` stands on, at the level of fibers: whoever waits here parks the fiber, never the worker.
//!
//! - Atomics are atomics.zig's operations on a cell in the arena, narrower types wrapped to their width.
//! - A parker is a channel of capacity one: its permit is a value in the slot. `unpark` puts one if there is none,
//!   `park` takes it: the same protocol as parker.zig, with a fiber for the thread.
//! - A mutex is a channel of capacity one that holds the right to the lock. Unlocking puts it back, and `settle` hands
//!   it to the first waiter; a running fiber does not overtake waiting ones.
//! - A ring is a channel whose slots are the caller's memory (elements.zig).
//! - A token is a flag with a parent; it is cancelled when one of its ancestors is.

const std = @import("std");
const atomics = @import("atomics.zig");
const cause = @import("cause.zig");
const channel = @import("channel.zig");
const elements = @import("elements.zig");
const fiber_mod = @import("fiber.zig");
const handles_mod = @import("handles.zig");
const layout = @import("layout.zig");
const nursery_mod = @import("nursery.zig");
const raced = @import("raced.zig");
const runtime_mod = @import("runtime.zig");
const Worker = @import("worker.zig").Worker;
const Runtime = runtime_mod.Runtime;
const Value = runtime_mod.Value;
const Status = layout.Status;
const assert = std.debug.assert;

// Atomics.

pub const AtomicCell = extern struct {
    pub const kind: handles_mod.Kind = .atomic;
    cell: atomics.Cell align(8) = 0,
};

pub fn atomicCreate(rt: *Runtime, worker: *Worker, initial: u64) i32 {
    const made = rt.createObject(worker, .atomic, AtomicCell, .{ .cell = initial }) orelse
        return -Status.out_of_memory;
    return @intCast(made[1]);
}

pub const AtomicOp = enum(u32) { load = 0, store = 1, swap = 2, add = 3, sub = 4, @"and" = 5, @"or" = 6, xor = 7 };

/// `bits` is the width, negative when signed. The cell holds the value extended to 64 bits.
pub fn validWidth(bits: i32) bool {
    return switch (@abs(bits)) {
        8, 16, 32, 64 => true,
        else => false,
    };
}

fn extend(value: u64, bits: i32) u64 {
    return switch (bits) {
        8 => @as(u8, @truncate(value)),
        16 => @as(u16, @truncate(value)),
        32 => @as(u32, @truncate(value)),
        -8 => @bitCast(@as(i64, @as(i8, @bitCast(@as(u8, @truncate(value)))))),
        -16 => @bitCast(@as(i64, @as(i16, @bitCast(@as(u16, @truncate(value)))))),
        -32 => @bitCast(@as(i64, @as(i32, @bitCast(@as(u32, @truncate(value)))))),
        else => value,
    };
}

/// The value before.
pub fn atomicOp(
    cell: *atomics.Cell,
    op: AtomicOp,
    ordering: atomics.Ordering,
    operand: u64,
    bits: i32,
) atomics.Error!u64 {
    assert(validWidth(bits));
    switch (op) {
        .load => return atomics.load(cell, ordering),
        .store => {
            try atomics.store(cell, extend(operand, bits), ordering);
            return 0;
        },
        .swap => return atomics.swap(cell, extend(operand, bits), ordering),
        // On extended values these stay extended.
        .@"and" => return atomics.fetchAnd(cell, extend(operand, bits), ordering),
        .@"or" => return atomics.fetchOr(cell, extend(operand, bits), ordering),
        .xor => return atomics.fetchXor(cell, extend(operand, bits), ordering),
        .add, .sub => {
            if (@abs(bits) == 64) {
                if (op == .add) return atomics.fetchAdd(cell, operand, ordering);
                return atomics.fetchSub(cell, operand, ordering);
            }
            // A narrow sum has to wrap at its own width.
            var seen = @atomicLoad(u64, cell, .monotonic);
            while (true) {
                const sum = if (op == .add) seen +% operand else seen -% operand;
                const wrapped = extend(sum, bits);
                seen = try atomics.compareExchangeWeak(cell, seen, wrapped, ordering, .relaxed) orelse return seen;
            }
        },
    }
}

// Parkers.

pub fn parkerCreate(rt: *Runtime, worker: *Worker) i32 {
    return createOn(rt, worker, .parker, channel.Channel, .{ .capacity = 1, .site = 0 });
}

fn createOn(rt: *Runtime, worker: *Worker, kind: handles_mod.Kind, comptime T: type, initial: T) i32 {
    const made = rt.createObject(worker, kind, T, initial) orelse return -Status.out_of_memory;
    const ch: *channel.Channel = if (T == channel.Channel) made[0] else &made[0].channel;
    if (channel.prepare(rt, worker, ch, made[1])) return @intCast(made[1]);
    rt.forgetObject(worker, made[1]);
    return -Status.out_of_memory;
}

/// Takes the permit, waiting for it: `ok`, `timeout`, `parked` or `cancelled`.
pub fn park(rt: *Runtime, worker: *Worker, number: u32, ch: *channel.Channel, timeout_ns: f64, site: u32) i32 {
    if (timeout_ns < 0) return channel.receiveOn(rt, worker, number, ch, .parker, null, site);
    const deadline_ns = rt.nowNs() +| nursery_mod.durationNs(timeout_ns);
    return channel.receiveOn(rt, worker, number, ch, .parker, deadline_ns, site);
}

pub fn unpark(rt: *Runtime, worker: *Worker, ch: *channel.Channel) i32 {
    const status = channel.trySendOn(rt, worker, ch, .nothing);
    assert(status == Status.ok or status == Status.full); // full: there is a permit already
    return Status.ok;
}

// Mutexes.

pub const Mutex = extern struct {
    pub const kind: handles_mod.Kind = .mutex;

    /// First: waiting on a mutex is waiting on this channel.
    channel: channel.Channel,
    /// The fiber that holds the lock; the fields below are its own.
    holder: u32 = 0,
    /// The next mutex that the holder holds.
    next_held: u32 = 0,
    poisoned: u32 = 0,
    version: u32 = 0,
    /// Which holding of the lock this is: a guard of an earlier one does nothing to it. Read by whoever has a guard.
    turn: u32 = 0,
    /// Where the holder took it, as `taken` was told. Atomic: a report may read it meanwhile.
    site: u32 = 0,
    tag: i32,
    payload: f64,
};

/// A free mutex with this value, whose ownership moves on success. `site`: where it is made, for reports.
pub fn mutexCreate(rt: *Runtime, worker: *Worker, value: Value, site: u32) i32 {
    const handle = createOn(rt, worker, .mutex, Mutex, .{
        .channel = .{ .capacity = 1, .site = site },
        .tag = value.tag,
        .payload = value.payload,
    });
    if (handle < 0) return handle;
    const mutex = rt.object(Mutex, @intCast(handle)).?;
    const status = channel.trySendOn(rt, worker, &mutex.channel, .nothing);
    assert(status == Status.ok);
    return handle;
}

/// `ok` or `poisoned` (held, both; the value borrowed in the record, its version in `aux`), `parked`, `cancelled`.
pub fn lock(rt: *Runtime, worker: *Worker, number: u32, mutex: *Mutex, site: u32) i32 {
    if (nursery_mod.isCancelled(rt, worker, number)) return Status.cancelled;
    if (mutex.channel.len() == 0 and raced.load(u32, &mutex.holder, .monotonic) == number) return Status.invalid;
    const tried = tryLock(rt, worker, number, mutex);
    if (tried != Status.empty) return tried;
    // The wait holds the mutex: whoever hands the lock over may drop the last handle a moment later.
    const handle = mutex.channel.handle;
    const retained = rt.retainHandle(handle);
    assert(retained);
    const status = channel.receiveOn(rt, worker, number, &mutex.channel, .mutex, null, site);
    if (status == Status.ok) return acquired(rt, number, mutex);
    if (status != Status.parked) _ = rt.releaseHandle(worker, handle);
    return status;
}

pub fn tryLock(rt: *Runtime, worker: *Worker, number: u32, mutex: *Mutex) i32 {
    const status = channel.tryReceiveOn(rt, worker, number, &mutex.channel);
    if (status != Status.ok) return status;
    const retained = rt.retainHandle(mutex.channel.handle);
    assert(retained);
    return acquired(rt, number, mutex);
}

/// The fiber that waited for the lock runs again.
pub fn resumeLock(rt: *Runtime, worker: *Worker, number: u32) i32 {
    const handle = rt.table.at(number).wait_object;
    const status = channel.resumeWait(rt, worker, number);
    if (status == Status.parked) return status;
    if (status == Status.ok) return acquired(rt, number, rt.object(Mutex, handle).?);
    _ = rt.releaseHandle(worker, handle);
    return status;
}

/// The right to the lock is the fiber's. One reference to the mutex is the holder's too: taken before, dropped by
/// `unlock`, so that a held mutex never goes away.
fn acquired(rt: *Runtime, number: u32, mutex: *Mutex) i32 {
    const fiber = rt.table.at(number);
    assert(raced.load(u32, &mutex.holder, .monotonic) == 0);
    raced.store(u32, &mutex.holder, number, .monotonic);
    raced.store(u32, &mutex.turn, (mutex.turn +% 1) & turn_mask, .monotonic);
    raced.store(u32, &mutex.site, 0, .monotonic);
    mutex.next_held = fiber.held;
    fiber.held = mutex.channel.handle;
    fiber.wake_tag = mutex.tag;
    fiber.wake_payload = mutex.payload;
    fiber.aux = @bitCast(mutex.version);
    return if (mutex.poisoned != 0) Status.poisoned else Status.ok;
}

/// A turn crosses the boundary as a number that is not negative.
const turn_mask: u32 = (1 << 31) - 1;

/// The holder has the lock, and keeps where it asked for it: the number of this holding, for its guard.
pub fn taken(number: u32, mutex: *Mutex, site: u32) i32 {
    if (raced.load(u32, &mutex.holder, .monotonic) != number) return -Status.invalid;
    raced.store(u32, &mutex.site, site, .monotonic);
    return @intCast(mutex.turn);
}

/// Whether a guard is that of the fiber's own holding now: `ok`; `stale` when it has been given back, `invalid` when
/// another fiber holds the lock with it.
fn guarded(number: u32, mutex: *Mutex, turn: u32) i32 {
    // Both words change together, but only the holder's own answer must be exact: nobody else can make it the holder.
    const holder = raced.load(u32, &mutex.holder, .monotonic);
    const is_now = raced.load(u32, &mutex.turn, .monotonic) == turn;
    if (holder == number) return if (is_now) Status.ok else Status.stale;
    return if (holder != 0 and is_now) Status.invalid else Status.stale;
}

/// The value, borrowed in the holder's record. A lock may be held across many other operations of the fiber.
pub fn get(rt: *Runtime, number: u32, mutex: *Mutex, turn: u32) i32 {
    const status = guarded(number, mutex, turn);
    if (status != Status.ok) return status;
    const fiber = rt.table.at(number);
    fiber.wake_tag = mutex.tag;
    fiber.wake_payload = mutex.payload;
    fiber.aux = @bitCast(mutex.version);
    return Status.ok;
}

/// Replaces the value; its ownership moves. The holder only.
pub fn set(rt: *Runtime, worker: *Worker, number: u32, mutex: *Mutex, turn: u32, value: Value) i32 {
    const status = guarded(number, mutex, turn);
    if (status != Status.ok) return status;
    rt.releaseValue(worker, .{ .tag = mutex.tag, .payload = mutex.payload });
    mutex.tag = value.tag;
    mutex.payload = value.payload;
    mutex.version +%= 1;
    return Status.ok;
}

pub fn unlock(rt: *Runtime, worker: *Worker, number: u32, mutex: *Mutex, turn: u32, poison: bool) i32 {
    const guard = guarded(number, mutex, turn);
    if (guard != Status.ok) return guard;
    const handle = mutex.channel.handle;
    const fiber = rt.table.at(number);
    // Locks are mostly left in the reverse order, so this is the first of the list.
    var link: *u32 = &fiber.held;
    while (link.* != handle) link = &rt.object(Mutex, link.*).?.next_held;
    link.* = mutex.next_held;
    mutex.next_held = 0;
    if (poison) mutex.poisoned = 1;
    raced.store(u32, &mutex.holder, 0, .monotonic);
    const status = channel.trySendOn(rt, worker, &mutex.channel, .nothing);
    assert(status == Status.ok);
    _ = rt.releaseHandle(worker, handle);
    return Status.ok;
}

/// A fiber ended while it held locks: they are poisoned and handed on.
pub fn unlockAll(rt: *Runtime, worker: *Worker, number: u32) void {
    const fiber = rt.table.at(number);
    while (fiber.held != 0) {
        const mutex = rt.object(Mutex, fiber.held).?;
        const status = unlock(rt, worker, number, mutex, mutex.turn, true);
        assert(status == Status.ok);
    }
}

// Rings.

pub const Ring = struct {
    block: u32,
    byte_offset: u32,
    slots: u32,
    element: channel.Element,
};

/// A ring over a part of a block, which it retains. With `tagged` elements it has slots of its own, and no block.
pub fn ringCreate(rt: *Runtime, worker: *Worker, options: Ring) i32 {
    if (options.slots == 0 or options.slots > channel.capacity_max) return -Status.invalid;
    const tagged = options.element == .tagged;
    if (!tagged) {
        if (!rt.arena.isLive(options.block)) return -Status.invalid;
        const bytes = rt.arena.header(options.block).bytes;
        const needed = @as(u64, options.slots) * options.element.bytes();
        if (options.byte_offset % options.element.bytes() != 0) return -Status.invalid;
        if (options.byte_offset + needed > bytes) return -Status.invalid;
    }
    const handle = createOn(rt, worker, .ring, channel.Channel, .{
        .capacity = options.slots,
        .site = 0,
        .element = options.element,
        .backing = if (tagged) 0 else options.block,
        .values = if (tagged) 0 else options.block + options.byte_offset,
    });
    if (handle > 0 and !tagged) rt.retainBlock(options.block);
    return handle;
}

// Tokens.

pub const Token = extern struct {
    pub const kind: handles_mod.Kind = .token;

    cancelled: raced.Value(u32) = .init(0),
    /// Where it was cancelled; written before that.
    site: std.atomic.Value(u32) = .init(0),
    /// A token or a nursery, one reference held; 0 for none.
    parent: u32,
};

pub fn tokenCreate(rt: *Runtime, worker: *Worker, parent: u32) i32 {
    if (parent != 0) {
        switch (rt.handles.kindOf(parent)) {
            .token, .nursery => {},
            else => return -Status.stale,
        }
        if (!rt.retainHandle(parent)) return -Status.stale;
        if (rt.object(nursery_mod.Nursery, parent)) |nursery| nursery.has_tokens.store(1, .seq_cst);
    }
    const made = rt.createObject(worker, .token, Token, .{ .parent = parent }) orelse {
        if (parent != 0) _ = rt.releaseHandle(worker, parent);
        return -Status.out_of_memory;
    };
    return @intCast(made[1]);
}

/// 1 when the token, or the nursery, or one of its ancestors is cancelled; or a negated status.
pub fn tokenState(rt: *Runtime, handle: u32) i32 {
    var at = handle;
    while (at != 0) {
        if (rt.object(nursery_mod.Nursery, at)) |nursery| {
            return @intFromBool(nursery.cancelled.load(.acquire) != layout.CancelReason.none);
        }
        const token = rt.object(Token, at) orelse return -Status.stale;
        if (token.cancelled.load(.acquire) != 0) return 1;
        at = token.parent;
    }
    return 0;
}

/// What cancelled a token: its own `cancel()`, that of one it came from, or what cancelled the nursery above.
pub fn tokenCause(rt: *Runtime, handle: u32) cause.Cause {
    var at = handle;
    while (rt.object(Token, at)) |token| : (at = token.parent) {
        if (token.cancelled.load(.acquire) != 0) {
            return cause.make(layout.CancelCause.token, token.site.load(.monotonic));
        }
    }
    const nursery = rt.object(nursery_mod.Nursery, at) orelse return cause.none;
    return nursery.cause.load(.acquire);
}
