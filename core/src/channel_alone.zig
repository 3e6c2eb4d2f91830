//! Sending and receiving while the process has one worker (single.zig): no lock to take, no race to lose.
//!
//! What is plain then is done on the spot: a waiter of this worker on the other side, a free slot, a filled slot,
//! joining the list of an empty channel. For everything else (a select, a closed channel, a cancelled fiber, a ring
//! over memory, a waiter that a timer has claimed) these functions say null and have changed nothing, and the caller
//! goes the general way of channel.zig, whose rules hold here too: values stay in order, nobody overtakes.

const std = @import("std");
const channel = @import("channel.zig");
const fiber_mod = @import("fiber.zig");
const layout = @import("layout.zig");
const runtime_mod = @import("runtime.zig");
const single = @import("single.zig");
const Worker = @import("worker.zig").Worker;
const Runtime = runtime_mod.Runtime;
const Value = runtime_mod.Value;
const Channel = channel.Channel;
const Side = channel.Side;
const Fiber = fiber_mod.Fiber;
const Status = layout.Status;
const assert = std.debug.assert;

/// `ok` or `parked`, or null for the general way.
pub inline fn send(
    rt: *Runtime,
    worker: *Worker,
    number: u32,
    ch: *Channel,
    value: Value,
    site: u32,
) ?i32 {
    assert(!single.threaded() and !ch.lock.isLocked());
    const fiber = rt.table.at(number);
    if (ch.closed.raw != 0 or fiber.cancel_any.raw != 0) return null;
    if (ch.capacity > 0) return put(rt, worker, ch, value);
    if (wakeFirst(rt, worker, ch, .receive)) |receiver| {
        receiver.wake_tag = value.tag;
        receiver.wake_payload = value.payload;
        return Status.ok;
    }
    if (ch.list(.receive).head != 0) return null;
    fiber.wake_tag = value.tag;
    fiber.wake_payload = value.payload;
    return join(rt, fiber, number, ch, .send, site);
}

/// As `send`; the value is then in the fiber's record.
pub inline fn receive(
    rt: *Runtime,
    worker: *Worker,
    number: u32,
    ch: *Channel,
    site: u32,
) ?i32 {
    assert(!single.threaded() and !ch.lock.isLocked());
    const fiber = rt.table.at(number);
    if (fiber.cancel_any.raw != 0) return null;
    if (ch.capacity > 0) {
        const value = take(rt, worker, ch) orelse return null;
        fiber.wake_tag = value.tag;
        fiber.wake_payload = value.payload;
        return Status.ok;
    }
    if (ch.closed.raw != 0) return null;
    if (wakeFirst(rt, worker, ch, .send)) |sender| {
        fiber.wake_tag = sender.wake_tag;
        fiber.wake_payload = sender.wake_payload;
        sender.wake_tag = layout.Tag.void_;
        return Status.ok;
    }
    if (ch.list(.send).head != 0) return null;
    fiber.wake_payload = -1; // no deadline, when the wait is entered again
    return join(rt, fiber, number, ch, .receive, site);
}

inline fn put(rt: *Runtime, worker: *Worker, ch: *Channel, value: Value) ?i32 {
    // Nobody overtakes waiting senders; and receivers wait only while nothing is there for them.
    if (ch.others.raw != 0 or ch.element != .tagged) return null;
    const tail = ch.tail.raw; // without the bit that says "closed": it is not
    const slot = ch.slot(rt, tail);
    if (slot.stamp.raw != channel.stampOf(tail)) return null;
    slot.tag = value.tag;
    slot.payload = value.payload;
    slot.stamp.raw +%= 1;
    ch.tail.raw = tail + 1;
    if (ch.receivers.raw != 0) channel.settleLocked(rt, worker, ch);
    return Status.ok;
}

inline fn take(rt: *Runtime, worker: *Worker, ch: *Channel) ?Value {
    if (ch.receivers.raw != 0 or ch.element != .tagged) return null;
    const head = ch.head.raw;
    const slot = ch.slot(rt, head);
    if (slot.stamp.raw != channel.stampOf(head) +% 1) return null;
    const value: Value = .{ .tag = slot.tag, .payload = slot.payload };
    slot.stamp.raw = channel.stampOf(head + ch.capacity);
    ch.head.raw = head + 1;
    if (ch.others.raw != 0) channel.settleLocked(rt, worker, ch);
    return value;
}

/// The first who waits on this side, taken off the list and made ready with `ok`.
inline fn wakeFirst(rt: *Runtime, worker: *Worker, ch: *Channel, comptime side: Side) ?*Fiber {
    const list = ch.list(side);
    const ref = list.head;
    if (ref == 0 or channel.isSelect(ref)) return null;
    const fiber = rt.table.at(ref);
    const word = fiber.state.raw;
    // Claimed by a timer or a canceller, it is still on the list.
    if (fiber_mod.stateOf(word) != .parked or fiber.worker != worker.index) return null;
    const next = fiber.node.next;
    list.head = next;
    if (next == 0) list.tail = 0 else channel.nodeOf(rt, next).prev = 0;
    fiber.node.next = 0;
    fiber.node.meta = 0;
    ch.counter(side).raw -= 1;
    ch.waiting -= 1;
    fiber.state.raw = fiber_mod.with(word, .ready);
    fiber.wake_status = Status.ok;
    fiber.aux = 0;
    rt.note(worker, .woken, ref, .{ .a = worker.current });
    worker.counters.wakes_local.add(1);
    rt.pushReady(worker, ref);
    return fiber;
}

/// Joins the list and waits. Nothing has come since the other side was found empty.
inline fn join(
    rt: *Runtime,
    fiber: *Fiber,
    number: u32,
    ch: *Channel,
    comptime side: Side,
    site: u32,
) ?i32 {
    // As in `channel.waitOn`: the wait holds the channel.
    if (!rt.handles.retain(ch.handle)) return null;
    _ = fiber.beginPark(if (side == .send) .send else .receive, ch.handle, site);
    const list = ch.list(side);
    fiber.node = .{ .next = 0, .prev = list.tail, .fiber = number, .meta = fiber_mod.node_linked };
    if (list.tail != 0) channel.nodeOf(rt, list.tail).next = number else list.head = number;
    list.tail = number;
    ch.counter(side).raw += 1;
    ch.waiting += 1;
    return Status.parked;
}
