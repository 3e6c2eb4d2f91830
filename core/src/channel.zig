//! Channels: values handed from fiber to fiber, first in, first out.
//!
//! A buffered channel is a ring of slots with a stamp each that says whose turn it is (Vyukov, "Bounded MPMC queue",
//! 2010): position p may be filled when the stamp is 2p, taken when it is 2p + 1, and is 2(p + capacity) afterwards.
//! (Doubled, so that a capacity of one works.) `tail` carries "closed" as its top bit, so that a send comes either
//! before the close or is refused. While nobody waits, sending and receiving take no lock.
//!
//! Who has to wait joins a list under the channel's lock, and then everybody's turn is settled under that lock:
//! `settle` matches what is there (values, room, waiters, "closed") until nothing more fits. The two sides cannot miss
//! each other: a sender moves `tail` and fills its slot, then looks at the count of waiters; a receiver counts itself,
//! then looks at `head`, `tail` and the slots; for room it is the other way round; all of these are sequentially
//! consistent. A fast sender that finds senders waiting queues behind them, so values stay in order.
//!
//! An unbuffered channel has no slots: a value goes from the sender's record to the receiver's, and a send has
//! succeeded only when a receiver has the value.
//!
//! A waiter is claimed (fiber.zig) before anything is given to it. One that another party claimed first, say a
//! canceller, is passed over. One that was claimed for something that a fast operation snatched away is woken with
//! `Status.retry` and enters the operation again.
//!
//! The same code serves rings over the caller's memory (`Chan`): only how a slot keeps its value differs.

const std = @import("std");
const builtin = @import("builtin");
const fiber_mod = @import("fiber.zig");
const handles_mod = @import("handles.zig");
const layout = @import("layout.zig");
const elements = @import("elements.zig");
const nursery_mod = @import("nursery.zig");
const runtime_mod = @import("runtime.zig");
const raced = @import("raced.zig");
const single = @import("single.zig");
const alone = @import("channel_alone.zig");
const Mutex = @import("mutex.zig").Mutex;
const Worker = @import("worker.zig").Worker;
const Runtime = runtime_mod.Runtime;
const Value = runtime_mod.Value;
const Node = fiber_mod.Node;
const Status = layout.Status;
const assert = std.debug.assert;

pub const capacity_max: u32 = 16 << 20;

const closed_bit: u64 = 1 << 63;

pub const Slot = extern struct {
    stamp: raced.Value(u32),
    tag: i32,
    payload: f64,
};

pub const Side = enum(u32) { receive = 0, send = 1, closed = 2 };

const List = extern struct {
    head: fiber_mod.NodeRef = 0,
    tail: fiber_mod.NodeRef = 0,
};

/// A case of a waiting select, in the select's block.
pub const SelectNode = extern struct {
    node: Node,
    /// A reference held.
    channel: u32,
    /// Where the channel lies; 0 when the handle was stale.
    offset: u32,
    kind: i32,
    tag: i32,
    payload: f64,
    padding: f64,

    comptime {
        assert(@sizeOf(SelectNode) == 48); // a multiple of 16: node names count in those
    }
};

/// What the slots of a ring over the caller's memory hold; the numbers cross the boundary.
pub const Element = enum(u32) {
    /// Any value, in the channel's own slots.
    tagged = 0,
    u8 = 1,
    i8 = 2,
    u16 = 3,
    i16 = 4,
    u32 = 5,
    i32 = 6,
    u64 = 7,
    i64 = 8,
    f32 = 9,
    f64 = 10,
    bool = 11,

    pub fn bytes(self: Element) u32 {
        return switch (self) {
            .tagged => @sizeOf(Slot),
            .u8, .i8, .bool => 1,
            .u16, .i16 => 2,
            .u32, .i32, .f32 => 4,
            .u64, .i64, .f64 => 8,
        };
    }
};

/// The mutex, in a struct whose layout stays as written: `head` and `tail` keep lines of their own.
const Lock = extern struct {
    memory: [@sizeOf(Mutex)]u8 align(@alignOf(Mutex)) = @splat(0),

    comptime {
        assert(@sizeOf(Mutex) == @sizeOf(u32)); // its one word, which is 0 when unlocked
        assert((Mutex{}).state.raw == 0);
    }

    fn mutex(self: *Lock) *Mutex {
        return @ptrCast(&self.memory);
    }
    pub fn lock(self: *Lock) void {
        if (single.threaded()) return self.mutex().lock();
        assert(self.mutex().state.raw == 0);
        self.mutex().state.raw = 1;
    }
    pub fn unlock(self: *Lock) void {
        if (single.threaded()) return self.mutex().unlock();
        assert(self.mutex().state.raw == 1);
        self.mutex().state.raw = 0;
    }
    pub fn isLocked(self: *Lock) bool {
        return self.mutex().isLocked();
    }
};

pub const Channel = extern struct {
    pub const kind: handles_mod.Kind = .channel;

    capacity: u32,
    closed: raced.Value(u32) = .init(0),
    lists: [3]List = @splat(.{}),
    /// Waiting receivers: what a fast sender looks at. Written under the lock.
    receivers: raced.Value(u32) = .init(0),
    /// Waiting senders and waiters for the close: what a fast receiver looks at. Written under the lock.
    others: raced.Value(u32) = .init(0),
    lock: Lock = .{},
    /// Waiters of all lists together; under the lock.
    waiting: u32 = 0,
    slots: u32 = 0,
    offset: u32 = 0,
    handle: u32 = 0,
    /// How a slot keeps its value; `backing` is the block that holds the values then, `values` where they begin.
    element: Element = .tagged,
    backing: u32 = 0,
    values: u32 = 0,
    site: u32,
    /// Of who closed it first: the place, the fiber (0: none of them did), and a block with that one's name (0: it has
    /// none; one reference held). Under the lock.
    closed_site: u32 = 0,
    closed_by: u32 = 0,
    closed_name: u32 = 0,
    padding: [6]u32 = @splat(0),
    /// Next position to take.
    head: raced.Value(u64) = .init(0),
    padding_head: [14]u32 = @splat(0),
    /// Next position to fill, with `closed_bit`.
    tail: raced.Value(u64) = .init(0),

    pub fn list(self: *Channel, side: Side) *List {
        return &self.lists[@backingInt(side)];
    }

    /// How many wait on this side, for the fast operations of the other.
    pub fn counter(self: *Channel, side: Side) *raced.Value(u32) {
        return if (side == .receive) &self.receivers else &self.others;
    }

    pub inline fn slot(self: *Channel, rt: *Runtime, position: u64) *Slot {
        assert(self.capacity > 0);
        // Most capacities are powers of two, and a division takes as long as all the rest of a message.
        const mask = self.capacity - 1;
        const index: u32 = @intCast(if (self.capacity & mask == 0) position & mask else position % self.capacity);
        return rt.arena.at(Slot, self.slots + index * @sizeOf(Slot));
    }

    /// The oldest value's position; with `valueAt` for a look at what is inside while nobody changes it.
    pub fn firstPosition(self: *const Channel) u64 {
        return self.head.load(.acquire);
    }

    /// The value at a position, still the channel's; null past the newest, and for scalars in the caller's memory.
    pub fn valueAt(self: *Channel, rt: *Runtime, position: u64) ?Value {
        if (self.element != .tagged) return null;
        if (position >= self.tail.load(.acquire) & ~closed_bit) return null;
        const at = self.slot(rt, position);
        return .{ .tag = at.tag, .payload = at.payload };
    }

    pub fn isClosed(self: *const Channel) bool {
        return self.closed.load(.acquire) != 0;
    }

    pub fn len(self: *const Channel) u32 {
        // Head first: it only grows, so the difference is never negative. Sequentially consistent, both: `settle` asks
        // after it counted a waiter (`countWaiter`), and a fast operation moves `tail` or `head` before it looks at
        // that count. With acquire loads a processor may read here before the count is visible (so do aarch64's LDAPR
        // after STLR, RCpc): then the waiter finds no value, the sender no waiter, and nobody wakes it.
        const head = self.head.load(.seq_cst);
        const tail = self.tail.load(.seq_cst) & ~closed_bit;
        return @intCast(@min(tail - head, self.capacity));
    }

    /// Closed, and nothing is left or still being put in.
    pub fn isDrained(self: *const Channel) bool {
        if (!self.isClosed()) return false;
        // As in `len`: asked after a waiter was counted.
        const tail = self.tail.load(.seq_cst);
        return self.head.load(.seq_cst) == tail & ~closed_bit;
    }
};

pub fn stampOf(position: u64) u32 {
    return @truncate(position *% 2);
}

/// Fills a slot if one is free. Takes no lock.
fn tryPut(rt: *Runtime, worker: *Worker, ch: *Channel, value: Value) enum { done, full, closed } {
    var tail = ch.tail.load(.monotonic);
    while (true) {
        if (tail & closed_bit != 0) return .closed;
        const slot = ch.slot(rt, tail);
        // Acquire pairs with the release in `tryTake`: the slot's old value has been read.
        const stamp = slot.stamp.load(.acquire);
        const ahead: i32 = @bitCast(stamp -% stampOf(tail));
        if (ahead == 0) {
            tail = single.exchangeIfEqual(u64, &ch.tail, tail, tail + 1, .seq_cst, .monotonic) orelse {
                if (ch.element == .tagged) {
                    slot.tag = value.tag;
                    slot.payload = value.payload;
                } else elements.store(rt, worker, ch, tail, value);
                // Sequentially consistent: before the look at `receivers`. Release pairs with `tryTake`.
                single.store(u32, &slot.stamp, stamp +% 1, .seq_cst);
                return .done;
            };
        } else if (ahead < 0) {
            // Not yet taken since the last round: full, unless the tail we saw is old.
            const now = ch.tail.load(.monotonic);
            if (now == tail) return .full;
            tail = now;
        } else {
            tail = ch.tail.load(.monotonic);
        }
    }
}

/// Takes the oldest value. Takes no lock. Null when there is none, or when it is not completely put in yet.
fn tryTake(rt: *Runtime, worker: *Worker, ch: *Channel) ?Value {
    var head = ch.head.load(.monotonic);
    while (true) {
        const slot = ch.slot(rt, head);
        // Acquire pairs with the store in `tryPut`; sequentially consistent: after `receivers` was counted up.
        const stamp = slot.stamp.load(.seq_cst);
        const ahead: i32 = @bitCast(stamp -% (stampOf(head) +% 1));
        if (ahead == 0) {
            // An element is read before the slot is ours (it may need memory, and there may be none): atomically, for
            // a faster receiver may free the slot for a sender meanwhile.
            const element: Value = if (ch.element == .tagged) .nothing else elements.load(rt, worker, ch, head) orelse
                return null;
            const seen = head;
            // Sequentially consistent: before the look at `others`; pairs with `len` in `settle`.
            head = single.exchangeIfEqual(u64, &ch.head, head, head + 1, .seq_cst, .monotonic) orelse {
                const value: Value = if (ch.element == .tagged)
                    .{ .tag = slot.tag, .payload = slot.payload }
                else
                    element;
                // Sequentially consistent: before the look at `others`. Release pairs with `tryPut`.
                single.store(u32, &slot.stamp, stampOf(seen + ch.capacity), .seq_cst);
                return value;
            };
            rt.releaseValue(worker, element);
        } else if (ahead < 0) {
            const now = ch.head.load(.monotonic);
            if (now == head) return null;
            head = now;
        } else {
            head = ch.head.load(.monotonic);
        }
    }
}

/// A channel with this many slots (0: a rendezvous): its handle, or a negated status.
pub fn create(rt: *Runtime, worker: *Worker, capacity: u32, site: u32) i32 {
    const made = rt.createObject(worker, .channel, Channel, .{ .capacity = capacity, .site = site }) orelse
        return -Status.out_of_memory;
    if (prepare(rt, worker, made[0], made[1])) return @intCast(made[1]);
    rt.forgetObject(worker, made[1]);
    return -Status.out_of_memory;
}

/// Gives a new channel (or the channel at the start of a larger object) its slots. False without memory.
pub fn prepare(rt: *Runtime, worker: *Worker, ch: *Channel, handle: u32) bool {
    assert(ch.slots == 0);
    if (ch.capacity > capacity_max) return false;
    if (ch.capacity > 0) {
        ch.slots = rt.arena.alloc(&worker.arena, ch.capacity * @sizeOf(Slot));
        if (ch.slots == 0) return false;
    }
    ch.offset = rt.handles.find(handle, rt.handles.kindOf(handle));
    ch.handle = handle;
    for (0..ch.capacity) |i| ch.slot(rt, i).stamp = .init(stampOf(i));
    return true;
}

/// The last reference is gone, so nobody waits: each wait has one of its own.
pub fn free(rt: *Runtime, worker: *Worker, offset: u32) void {
    const ch = rt.arena.at(Channel, offset);
    assert(ch.waiting == 0 and !ch.lock.isLocked());
    if (ch.capacity > 0) {
        if (ch.element == .tagged) {
            while (tryTake(rt, worker, ch)) |value| rt.releaseValue(worker, value);
        }
        rt.arena.free(&worker.arena, ch.slots);
    }
    if (ch.backing != 0) rt.releaseBlock(worker, ch.backing);
    if (ch.closed_name != 0) rt.releaseBlock(worker, ch.closed_name);
    rt.arena.free(&worker.arena, ch.offset);
}

// Waiting lists. All under the channel's lock.

pub fn nodeOf(rt: *Runtime, ref: fiber_mod.NodeRef) *Node {
    if (ref & fiber_mod.node_in_arena != 0) return &selectNodeOf(rt, ref).node;
    return &rt.table.at(ref).node;
}

pub fn selectNodeOf(rt: *Runtime, ref: fiber_mod.NodeRef) *SelectNode {
    assert(ref & fiber_mod.node_in_arena != 0);
    return rt.arena.at(SelectNode, (ref & ~fiber_mod.node_in_arena) << 4);
}

pub fn isSelect(ref: fiber_mod.NodeRef) bool {
    return ref & fiber_mod.node_in_arena != 0;
}

fn countWaiter(ch: *Channel, side: Side, change: i32) void {
    const counter = ch.counter(side);
    const before = counter.load(.monotonic);
    // Sequentially consistent: pairs with the fast side's look after it changed a slot.
    single.store(u32, counter, @intCast(@as(i64, before) + change), .seq_cst);
    ch.waiting = @intCast(@as(i64, ch.waiting) + change);
}

pub fn link(rt: *Runtime, ch: *Channel, side: Side, ref: fiber_mod.NodeRef, number: u32, case_index: u32) void {
    const node = nodeOf(rt, ref);
    const list = ch.list(side);
    node.* = .{ .next = 0, .prev = list.tail, .fiber = number, .meta = case_index | fiber_mod.node_linked };
    if (list.tail != 0) nodeOf(rt, list.tail).next = ref else list.head = ref;
    list.tail = ref;
    countWaiter(ch, side, 1);
}

pub fn unlink(rt: *Runtime, ch: *Channel, side: Side, ref: fiber_mod.NodeRef) void {
    const node = nodeOf(rt, ref);
    assert(node.meta & fiber_mod.node_linked != 0);
    const list = ch.list(side);
    if (node.prev != 0) nodeOf(rt, node.prev).next = node.next else list.head = node.next;
    if (node.next != 0) nodeOf(rt, node.next).prev = node.prev else list.tail = node.prev;
    node.next = 0;
    node.prev = 0;
    // Atomic: a fiber woken by somebody else may be looking, without the lock, whether it is still linked.
    raced.store(u32, &node.meta, node.meta & ~fiber_mod.node_linked, .release);
    countWaiter(ch, side, -1);
}

/// Takes the waiter off its list, and claims its wait. False when somebody else has ended that.
fn claimWaiter(rt: *Runtime, ch: *Channel, side: Side, ref: fiber_mod.NodeRef) bool {
    const node = nodeOf(rt, ref);
    const fiber = rt.table.at(node.fiber);
    unlink(rt, ch, side, ref);
    // While a node is linked its fiber cannot start another wait: the epoch is that of this wait.
    return fiber.claim(fiber.epochNow());
}

/// Wakes a claimed waiter.
fn finishWaiter(rt: *Runtime, worker: *Worker, ref: fiber_mod.NodeRef, status: i32) void {
    const node = nodeOf(rt, ref);
    const number = node.fiber;
    const fiber = rt.table.at(number);
    fiber.aux = @intCast(node.meta & 0xffff);
    fiber.wake_status = status;
    rt.wake(worker, number);
}

fn giveTo(rt: *Runtime, worker: *Worker, ref: fiber_mod.NodeRef, value: Value) void {
    const fiber = rt.table.at(nodeOf(rt, ref).fiber);
    fiber.wake_tag = value.tag;
    fiber.wake_payload = value.payload;
    finishWaiter(rt, worker, ref, Status.ok);
}

/// The value a waiting sender offers; it is the receiver's from now on.
fn takeFrom(rt: *Runtime, ref: fiber_mod.NodeRef) Value {
    if (isSelect(ref)) {
        const node = selectNodeOf(rt, ref);
        defer node.tag = layout.Tag.void_;
        return .{ .tag = node.tag, .payload = node.payload };
    }
    const fiber = rt.table.at(ref);
    defer fiber.wake_tag = layout.Tag.void_;
    return .{ .tag = fiber.wake_tag, .payload = fiber.wake_payload };
}

/// Matches waiters with what is there, until nothing more fits. Under the lock.
pub fn settle(rt: *Runtime, worker: *Worker, ch: *Channel) void {
    assert(ch.lock.isLocked());
    const receivers = ch.list(.receive);
    const senders = ch.list(.send);
    const watchers = ch.list(.closed);
    while (true) {
        if (senders.head != 0) {
            const ref = senders.head;
            if (ch.isClosed()) {
                if (claimWaiter(rt, ch, .send, ref)) finishWaiter(rt, worker, ref, Status.closed);
                continue;
            }
            if (ch.capacity > 0 and ch.len() < ch.capacity) {
                if (claimWaiter(rt, ch, .send, ref)) putFor(rt, worker, ch, ref);
                continue;
            }
        }
        if (receivers.head != 0) {
            const ref = receivers.head;
            if (ch.capacity > 0 and ch.len() > 0) {
                if (!isFilled(rt, ch)) return; // its sender is still writing, and will settle when it has
                if (claimWaiter(rt, ch, .receive, ref)) {
                    if (tryTake(rt, worker, ch)) |value| {
                        giveTo(rt, worker, ref, value);
                    } else finishWaiter(rt, worker, ref, Status.retry);
                }
                continue;
            }
            if (ch.isDrained()) {
                // A select goes on with its other cases, or finds that all are closed.
                const status = if (isSelect(ref)) Status.retry else Status.closed;
                if (claimWaiter(rt, ch, .receive, ref)) finishWaiter(rt, worker, ref, status);
                continue;
            }
            if (ch.capacity == 0 and senders.head != 0) {
                if (!pair(rt, worker, ch)) return;
                continue;
            }
        }
        if (watchers.head != 0 and ch.isDrained()) {
            const ref = watchers.head;
            if (claimWaiter(rt, ch, .closed, ref)) finishWaiter(rt, worker, ref, Status.ok);
            continue;
        }
        return;
    }
}

fn isFilled(rt: *Runtime, ch: *Channel) bool {
    const head = ch.head.load(.seq_cst);
    const stamp = ch.slot(rt, head).stamp.load(.seq_cst);
    const ahead: i32 = @bitCast(stamp -% (stampOf(head) +% 1));
    // Greater: the head has moved on meanwhile; trying again finds out.
    return ahead >= 0;
}

fn putFor(rt: *Runtime, worker: *Worker, ch: *Channel, ref: fiber_mod.NodeRef) void {
    const offered: Value = if (isSelect(ref)) blk: {
        const node = selectNodeOf(rt, ref);
        break :blk .{ .tag = node.tag, .payload = node.payload };
    } else .{ .tag = rt.table.at(ref).wake_tag, .payload = rt.table.at(ref).wake_payload };
    switch (tryPut(rt, worker, ch, offered)) {
        .done => {
            _ = takeFrom(rt, ref);
            finishWaiter(rt, worker, ref, Status.ok);
        },
        .full => finishWaiter(rt, worker, ref, Status.retry),
        .closed => finishWaiter(rt, worker, ref, Status.closed),
    }
}

/// Unbuffered: one value from a waiting sender to a waiting receiver of another fiber. False when there is no pair.
fn pair(rt: *Runtime, worker: *Worker, ch: *Channel) bool {
    var receiver = ch.list(.receive).head;
    while (receiver != 0) {
        const fiber = nodeOf(rt, receiver).fiber;
        var sender = ch.list(.send).head;
        while (sender != 0 and nodeOf(rt, sender).fiber == fiber) sender = nodeOf(rt, sender).next;
        if (sender == 0) {
            receiver = nodeOf(rt, receiver).next;
            continue;
        }
        if (!claimWaiter(rt, ch, .receive, receiver)) return true;
        if (!claimWaiter(rt, ch, .send, sender)) {
            finishWaiter(rt, worker, receiver, Status.retry);
            return true;
        }
        const value = takeFrom(rt, sender);
        giveTo(rt, worker, receiver, value);
        finishWaiter(rt, worker, sender, Status.ok);
        return true;
    }
    return false;
}

/// After a fast operation, when somebody waits.
pub fn settleLocked(rt: *Runtime, worker: *Worker, ch: *Channel) void {
    ch.lock.lock();
    defer ch.lock.unlock();
    settle(rt, worker, ch);
}

/// Sends from the running fiber. On anything but `ok` and `parked` the value stays the caller's.
pub inline fn send(rt: *Runtime, worker: *Worker, number: u32, handle: u32, value: Value, site: u32) i32 {
    const offset = rt.handles.find(handle, .channel);
    if (offset == 0) return Status.stale;
    const ch = rt.arena.at(Channel, offset);
    if (!single.threaded()) {
        if (alone.send(rt, worker, number, ch, value, site)) |status| return status;
    }
    return sendOn(rt, worker, number, ch, .send, value, site);
}

pub fn sendOn(
    rt: *Runtime,
    worker: *Worker,
    number: u32,
    ch: *Channel,
    wait: fiber_mod.Wait,
    value: Value,
    site: u32,
) i32 {
    if (nursery_mod.isCancelled(rt, worker, number)) return Status.cancelled;
    const status = trySendOn(rt, worker, ch, value);
    if (status != Status.full) return status;
    const fiber = rt.table.at(number);
    fiber.wake_tag = value.tag;
    fiber.wake_payload = value.payload;
    return waitOn(rt, worker, number, ch, .send, wait, null, site);
}

/// Sends if that is possible at once: `ok`, `full` or `closed`.
pub fn trySendOn(rt: *Runtime, worker: *Worker, ch: *Channel, value: Value) i32 {
    if (ch.capacity > 0) {
        if (ch.isClosed()) return Status.closed;
        // Nobody overtakes waiting senders. (Waiters for the close are counted too; the lock then decides.)
        if (ch.others.load(.monotonic) != 0) return trySendBehind(rt, worker, ch, value);
        switch (tryPut(rt, worker, ch, value)) {
            .closed => return Status.closed,
            .full => return Status.full,
            .done => {
                // Sequentially consistent: after the slot's stamp; see the head of this file.
                if (ch.receivers.load(.seq_cst) != 0) settleLocked(rt, worker, ch);
                return Status.ok;
            },
        }
    }
    ch.lock.lock();
    defer ch.lock.unlock();
    if (ch.isClosed()) return Status.closed;
    while (ch.list(.receive).head != 0) {
        const ref = ch.list(.receive).head;
        if (!claimWaiter(rt, ch, .receive, ref)) continue;
        giveTo(rt, worker, ref, value);
        return Status.ok;
    }
    return Status.full;
}

fn trySendBehind(rt: *Runtime, worker: *Worker, ch: *Channel, value: Value) i32 {
    ch.lock.lock();
    defer ch.lock.unlock();
    settle(rt, worker, ch);
    if (ch.list(.send).head != 0) return Status.full;
    switch (tryPut(rt, worker, ch, value)) {
        .closed => return Status.closed,
        .full => return Status.full,
        .done => {
            settle(rt, worker, ch);
            return Status.ok;
        },
    }
}

pub inline fn receive(rt: *Runtime, worker: *Worker, number: u32, handle: u32, site: u32) i32 {
    const offset = rt.handles.find(handle, .channel);
    if (offset == 0) return Status.stale;
    const ch = rt.arena.at(Channel, offset);
    if (!single.threaded()) {
        if (alone.receive(rt, worker, number, ch, site)) |status| return status;
    }
    return receiveOn(rt, worker, number, ch, .receive, null, site);
}

pub fn receiveOn(
    rt: *Runtime,
    worker: *Worker,
    number: u32,
    ch: *Channel,
    wait: fiber_mod.Wait,
    deadline_ns: ?u64,
    site: u32,
) i32 {
    if (nursery_mod.isCancelled(rt, worker, number)) return Status.cancelled;
    const status = tryReceiveOn(rt, worker, number, ch);
    if (status != Status.empty) return status;
    return waitOn(rt, worker, number, ch, .receive, wait, deadline_ns, site);
}

/// Receives into the running fiber's record if that is possible at once: `ok`, `empty` or `closed`.
pub fn tryReceiveOn(rt: *Runtime, worker: *Worker, number: u32, ch: *Channel) i32 {
    const fiber = rt.table.at(number);
    if (ch.capacity > 0) {
        // Nobody overtakes waiting receivers: what is there is being given to them.
        if (ch.receivers.load(.monotonic) != 0) return Status.empty;
        if (tryTake(rt, worker, ch)) |value| {
            fiber.wake_tag = value.tag;
            fiber.wake_payload = value.payload;
            // Sequentially consistent: after the slot's stamp; see the head of this file.
            if (ch.others.load(.seq_cst) != 0) settleLocked(rt, worker, ch);
            return Status.ok;
        }
        return if (ch.isDrained()) Status.closed else Status.empty;
    }
    ch.lock.lock();
    defer ch.lock.unlock();
    while (ch.list(.send).head != 0) {
        const ref = ch.list(.send).head;
        if (!claimWaiter(rt, ch, .send, ref)) continue;
        const value = takeFrom(rt, ref);
        fiber.wake_tag = value.tag;
        fiber.wake_payload = value.payload;
        finishWaiter(rt, worker, ref, Status.ok);
        return Status.ok;
    }
    return if (ch.isClosed()) Status.closed else Status.empty;
}

/// Joins a list and settles; parks unless its turn came at once. A sender's value is in its record.
/// The wait holds a reference to the channel, from before anybody can find it until its fiber has left the list (here,
/// in `resumeWait` or in the scheduler's `endServed`): so neither the memory nor the number that the fiber waits under
/// can become another's meanwhile, whoever closes the channel and drops its handles.
fn waitOn(
    rt: *Runtime,
    worker: *Worker,
    number: u32,
    ch: *Channel,
    side: Side,
    wait: fiber_mod.Wait,
    deadline_ns: ?u64,
    site: u32,
) i32 {
    const fiber = rt.table.at(number);
    if (!rt.handles.retain(ch.handle)) return Status.stale;
    while (true) {
        // Kept for entering the wait again; a double holds nanoseconds of 100 days exactly.
        if (side == .receive) fiber.wake_payload = if (deadline_ns) |ns| @floatFromInt(ns) else -1;
        if (join(rt, worker, number, ch, side, wait, deadline_ns, site)) |status| {
            fiber.wait_kind = .nothing;
            _ = rt.releaseHandle(worker, ch.handle);
            return status;
        }
        if (!fiber.tookBack()) return Status.parked;
        rt.timers.remove(&fiber.timer);
        leaveNode(rt, side, number, ch);
        if (fiber.wake_status == Status.retry) continue;
        fiber.wait_kind = .nothing;
        _ = rt.releaseHandle(worker, ch.handle);
        return fiber.wake_status;
    }
}

/// Announces the wait, joins the list and settles, under the lock. A status when the wait was given up at once.
fn join(
    rt: *Runtime,
    worker: *Worker,
    number: u32,
    ch: *Channel,
    side: Side,
    wait: fiber_mod.Wait,
    deadline_ns: ?u64,
    site: u32,
) ?i32 {
    const fiber = rt.table.at(number);
    ch.lock.lock();
    defer ch.lock.unlock();
    const epoch = fiber.beginPark(wait, ch.handle, site);
    link(rt, ch, side, number, number, 0);
    settle(rt, worker, ch);
    if (fiber.stateNow() != .parking) return null;
    var given_up: i32 = Status.ok;
    if (nursery_mod.isCancelled(rt, worker, number)) {
        given_up = Status.cancelled;
    } else if (deadline_ns) |ns| {
        if (rt.timers.add(.fiber, number, epoch, ns, &fiber.timer)) |_| {
            worker.counters.timers_set.add(1);
        } else |_| given_up = Status.out_of_memory;
    }
    if (given_up == Status.ok or !fiber.cancelPark(epoch)) return null;
    if (fiber.node.meta & fiber_mod.node_linked != 0) unlink(rt, ch, side, number);
    return given_up;
}

/// A woken fiber's node leaves its list, if it is still on it. The wait holds the channel.
pub fn leaveNode(rt: *Runtime, side: Side, ref: fiber_mod.NodeRef, ch: *Channel) void {
    const node = nodeOf(rt, ref);
    // Unlinked is final. Acquire pairs with the release in `unlink`.
    if (raced.load(u32, &node.meta, .acquire) & fiber_mod.node_linked == 0) return;
    // It was woken by a canceller, a timer or through another case. Somebody may take the node off this very moment.
    if (builtin.is_test) if (about_to_leave) |hook| hook();
    ch.lock.lock();
    defer ch.lock.unlock();
    if (node.meta & fiber_mod.node_linked != 0) unlink(rt, ch, side, ref);
}

/// Tests: what another worker does between the look at a node and the lock.
pub var about_to_leave: ?*const fn () void = null;

/// The channel that a wait holds a reference to.
pub fn held(rt: *Runtime, handle: u32) *Channel {
    return rt.arena.at(Channel, rt.handles.objectOf(handle));
}

/// The woken fiber runs again: its status, or `parked` when it has to wait on.
pub fn resumeWait(rt: *Runtime, worker: *Worker, number: u32) i32 {
    const fiber = rt.table.at(number);
    const wait = fiber.wait_kind;
    const side: Side = switch (wait) {
        .send, .ring_send => .send,
        .receive, .ring_receive, .parker, .mutex => .receive,
        else => unreachable,
    };
    const handle = fiber.wait_object;
    const ch = held(rt, handle);
    leaveNode(rt, side, number, ch);
    fiber.wait_kind = .nothing;
    var status = fiber.wake_status;
    if (status == Status.retry) switch (side) {
        .send => {
            const value: Value = .{ .tag = fiber.wake_tag, .payload = fiber.wake_payload };
            status = sendOn(rt, worker, number, ch, wait, value, fiber.site_wait);
        },
        .receive => {
            const ns = fiber.wake_payload;
            const deadline_ns: ?u64 = if (ns >= 0) @intFromFloat(ns) else null;
            status = receiveOn(rt, worker, number, ch, wait, deadline_ns, fiber.site_wait);
        },
        .closed => unreachable,
    };
    if (side == .send and status != Status.ok and status != Status.parked) dropUnsent(rt, worker, number);
    // Last: a wait that goes on has taken a reference of its own.
    _ = rt.releaseHandle(worker, handle);
    return status;
}

/// A parked sender did not get rid of its value: nobody else can release it.
fn dropUnsent(rt: *Runtime, worker: *Worker, number: u32) void {
    const fiber = rt.table.at(number);
    rt.releaseValue(worker, .{ .tag = fiber.wake_tag, .payload = fiber.wake_payload });
    fiber.wake_tag = layout.Tag.void_;
}

/// `site`: the place in the program, 0 for none; told to who sends afterwards.
pub fn close(rt: *Runtime, worker: *Worker, ch: *Channel, site: u32) void {
    ch.lock.lock();
    defer ch.lock.unlock();
    if (!ch.isClosed()) {
        ch.closed_site = site;
        ch.closed_by = worker.current;
        ch.closed_name = if (worker.current == 0) 0 else rt.table.at(worker.current).name;
        if (ch.closed_name != 0) rt.retainBlock(ch.closed_name);
    }
    // The tail first: from here on no slot can be filled, so "closed and drained" stays true once it is.
    _ = ch.tail.fetchOr(closed_bit, .seq_cst);
    ch.closed.store(1, .release);
    settle(rt, worker, ch);
}

/// Who closed it: leaves the place, the fiber, and whether that is `main`, as the event's first words, and the name for
/// the VM, whose length it gives. The lock pairs with `close`, which had it when it made `closed_bit` visible.
pub fn closer(rt: *Runtime, worker: *Worker, ch: *Channel) i32 {
    ch.lock.lock();
    defer ch.lock.unlock();
    worker.area.ev[0] = @bitCast(ch.closed_site);
    worker.area.ev[1] = @bitCast(ch.closed_by);
    worker.area.ev[2] = @intFromBool(ch.closed_by == rt.main);
    return worker.leaveText(if (ch.closed_name == 0) "" else rt.arena.payloadSlice(ch.closed_name));
}

pub const Info = enum(u32) { closed = 0, len = 1, capacity = 2 };

pub fn info(ch: *Channel, what: Info) i32 {
    return switch (what) {
        .closed => @intFromBool(ch.isClosed()),
        .len => @intCast(ch.len()),
        .capacity => @intCast(ch.capacity),
    };
}
