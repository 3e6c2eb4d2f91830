//! Bounded queues on memory that the caller provides: they allocate nothing and never wait.
//!
//! `Chan` has one sender and one receiver: a ring with two counters (Lamport, "Specifying Concurrent Program Modules",
//! 1983), each side remembering what it last saw of the other's. `Ring` has many senders and one or many receivers:
//! every slot carries a stamp that says whose turn it is (Vyukov, "Bounded MPMC queue", 2010, 1024cores.net).
//!
//! Both close: after `close` every send is refused, and receivers get what was sent before, then `Closed`. A send that
//! succeeded is never lost to a close, whoever calls it and whenever: "closed" is one bit of the counter by which
//! senders publish, so a send comes either before the close or is refused.
//! Any capacity of at least one works. Elements are moved as plain memory.

const std = @import("std");
const futex = @import("futex.zig");
const assert = std.debug.assert;

pub const SendError = error{
    /// No free slot now.
    Full,
    Closed,
};

pub const ReceiveError = error{
    /// Nothing there now.
    Empty,
    /// Nothing there, and nothing will come.
    Closed,
};

/// The top bit of a send counter. The counters themselves never get this far: 2^63 messages take centuries.
const closed_bit: u64 = 1 << 63;

pub fn Chan(comptime T: type) type {
    return ChanOn(T, futex.linux);
}

/// Single producer, single consumer. One thread at a time may send, one may receive, any may close.
pub fn ChanOn(comptime T: type, comptime Wait: type) type {
    return struct {
        /// How many were sent ever, and the closed bit. Written by the sender, and by `close`.
        sent: std.atomic.Value(u64) align(std.atomic.cache_line) = .init(0),
        /// Sender only: the slot of the next send, and a value `received` has had.
        send_slot: usize = 0,
        received_seen: u64 = 0,

        /// How many were received ever. Written by the receiver.
        received: std.atomic.Value(u64) align(std.atomic.cache_line) = .init(0),
        /// Receiver only: the slot of the next receive, and a value `sent` has had, without the closed bit.
        receive_slot: usize = 0,
        sent_seen: u64 = 0,

        slots: []T align(std.atomic.cache_line),

        const Self = @This();

        pub fn init(backing: []T) Self {
            assert(backing.len >= 1);
            return .{ .slots = backing };
        }

        /// Sender only.
        pub fn trySend(self: *Self, value: T) SendError!void {
            Wait.point();
            const sent = self.sent.load(.monotonic); // only the sender counts it up
            if (sent & closed_bit != 0) return error.Closed;
            if (sent - self.received_seen == self.slots.len) {
                Wait.point();
                // Acquire pairs with the release store in `tryReceive`: the slot has been read before it is reused.
                self.received_seen = self.received.load(.acquire);
                if (sent - self.received_seen == self.slots.len) return error.Full;
            }
            assert(sent - self.received_seen < self.slots.len);
            self.slots[self.send_slot] = value;
            Wait.point();
            // Release pairs with the acquire load in `tryReceive`: the value is there before its number. Only `close`
            // can make this fail, and then the value was never published.
            if (self.sent.cmpxchgStrong(sent, sent + 1, .release, .monotonic)) |found| {
                assert(found == sent | closed_bit);
                return error.Closed;
            }
            self.send_slot = if (self.send_slot + 1 == self.slots.len) 0 else self.send_slot + 1;
        }

        /// Receiver only.
        pub fn tryReceive(self: *Self) ReceiveError!T {
            Wait.point();
            const received = self.received.load(.monotonic); // only the receiver writes it
            if (received == self.sent_seen) {
                Wait.point();
                // Acquire pairs with the release compare-exchange in `trySend`.
                const sent = self.sent.load(.acquire);
                self.sent_seen = sent & ~closed_bit;
                if (received == self.sent_seen) {
                    return if (sent & closed_bit != 0) error.Closed else error.Empty;
                }
            }
            assert(received < self.sent_seen);
            const value = self.slots[self.receive_slot];
            self.receive_slot = if (self.receive_slot + 1 == self.slots.len) 0 else self.receive_slot + 1;
            Wait.point();
            // Release pairs with the acquire load in `trySend`: the value has been read before its slot is free.
            self.received.store(received + 1, .release);
            return value;
        }

        /// Any thread, any number of times. True for the call that closed it.
        pub fn close(self: *Self) bool {
            Wait.point();
            // Release: whoever learns that it is closed also sees what was written before. Pairs with the acquire
            // load in `tryReceive`.
            return self.sent.fetchOr(closed_bit, .acq_rel) & closed_bit == 0;
        }

        pub fn isClosed(self: *const Self) bool {
            return self.sent.load(.acquire) & closed_bit != 0;
        }

        pub fn capacity(self: *const Self) usize {
            return self.slots.len;
        }

        /// How many wait to be received, or did a moment ago.
        pub fn len(self: *const Self) usize {
            // In this order the difference cannot come out negative.
            const received = self.received.load(.acquire);
            const sent = self.sent.load(.acquire) & ~closed_bit;
            return @intCast(@min(sent - received, self.slots.len));
        }
    };
}

pub const Receivers = enum { one, many };

/// Multiple producers, single consumer.
pub fn Mpsc(comptime T: type) type {
    return RingOn(T, .one, futex.linux);
}

/// Multiple producers, multiple consumers.
pub fn Mpmc(comptime T: type) type {
    return RingOn(T, .many, futex.linux);
}

/// Any thread may send and close; with `.one` only one thread at a time may receive.
///
/// A sender claims a position, writes its slot, then stamps it. One that is stopped in between holds up what was
/// sent after it: the queue then says `Empty` (or `Full`) although something is (or is not) there. So nobody may
/// take `Empty` for "nobody is sending": that is what `Closed` is for, which waits for the last claimed position.
pub fn RingOn(comptime T: type, comptime receivers: Receivers, comptime Wait: type) type {
    return struct {
        /// The next position to send to, and the closed bit.
        send_position: std.atomic.Value(u64) align(std.atomic.cache_line) = .init(0),
        /// The next position to receive from.
        receive_position: std.atomic.Value(u64) align(std.atomic.cache_line) = .init(0),
        slots: []Slot align(std.atomic.cache_line),
        /// `slots.len - 1` when that is a mask, else zero.
        mask: usize,

        const Self = @This();

        pub const Slot = struct {
            /// Twice the position that may be sent to here, or that plus one: the position that may be received.
            /// (The paper's stamps count by one, which is ambiguous for a single slot.)
            stamp: std.atomic.Value(u64),
            value: T,
        };

        /// The ring borrows `backing` for as long as it lives, and overwrites it.
        pub fn init(backing: []Slot) Self {
            assert(backing.len >= 1);
            for (backing, 0..) |*slot, position| slot.stamp = .init(position * 2);
            const mask = if (std.math.isPowerOfTwo(backing.len)) backing.len - 1 else 0;
            return .{ .slots = backing, .mask = mask };
        }

        fn at(self: *Self, position: u64) *Slot {
            assert(position & closed_bit == 0);
            const index = if (self.mask != 0) position & self.mask else position % self.slots.len;
            return &self.slots[@intCast(index)];
        }

        pub fn trySend(self: *Self, value: T) SendError!void {
            Wait.point();
            var position = self.send_position.load(.monotonic);
            while (true) {
                if (position & closed_bit != 0) return error.Closed;
                const slot = self.at(position);
                Wait.point();
                // Acquire pairs with the release store in `tryReceive`: the old value has been read.
                const stamp = slot.stamp.load(.acquire);
                if (stamp == position * 2) {
                    Wait.point();
                    // Relaxed: the stamps carry the data, this only hands out positions. Fails when another sender
                    // or `close` came first.
                    position = self.send_position.cmpxchgWeak(position, position + 1, .monotonic, .monotonic) orelse {
                        slot.value = value;
                        Wait.point();
                        // Release pairs with the acquire load in `tryReceive`.
                        slot.stamp.store(position * 2 + 1, .release);
                        return;
                    };
                } else {
                    Wait.point();
                    const again = self.send_position.load(.monotonic);
                    // The slot still holds what was sent one round before, and this is still the next position.
                    if (again == position and stamp < position * 2) return error.Full;
                    position = again;
                }
            }
        }

        pub fn tryReceive(self: *Self) ReceiveError!T {
            Wait.point();
            var position = self.receive_position.load(.monotonic);
            while (true) {
                const slot = self.at(position);
                Wait.point();
                // Acquire pairs with the release store in `trySend`.
                const stamp = slot.stamp.load(.acquire);
                if (stamp == position * 2 + 1) {
                    Wait.point();
                    switch (receivers) {
                        .one => self.receive_position.store(position + 1, .monotonic),
                        // Relaxed: hands out positions, as in `trySend`.
                        .many => if (self.receive_position.cmpxchgWeak(
                            position,
                            position + 1,
                            .monotonic,
                            .monotonic,
                        )) |found| {
                            position = found;
                            continue;
                        },
                    }
                    const value = slot.value;
                    Wait.point();
                    // Release pairs with the acquire load in `trySend`: the slot is free for the next round.
                    slot.stamp.store((position + self.slots.len) * 2, .release);
                    return value;
                }
                Wait.point();
                const again = self.receive_position.load(.monotonic);
                if (again == position) {
                    // Acquire pairs with `close`. Closed only when no position before the close is still on its way.
                    const sent = self.send_position.load(.acquire);
                    return if (sent == position | closed_bit) error.Closed else error.Empty;
                }
                assert(receivers == .many); // a single receiver finds its own position
                position = again;
            }
        }

        /// Any thread, any number of times. True for the call that closed it.
        pub fn close(self: *Self) bool {
            Wait.point();
            // Release pairs with the acquire load in `tryReceive`.
            return self.send_position.fetchOr(closed_bit, .acq_rel) & closed_bit == 0;
        }

        pub fn isClosed(self: *const Self) bool {
            return self.send_position.load(.acquire) & closed_bit != 0;
        }

        pub fn capacity(self: *const Self) usize {
            return self.slots.len;
        }

        /// How many wait to be received or are being sent, or did and were a moment ago.
        pub fn len(self: *const Self) usize {
            const received = self.receive_position.load(.acquire);
            const sent = self.send_position.load(.acquire) & ~closed_bit;
            return @intCast(@min(sent -| received, self.slots.len));
        }
    };
}

const testing = std.testing;

fn expectQueue(queue: anytype, capacity: usize) !void {
    try testing.expectEqual(capacity, queue.capacity());
    // Several rounds, so that every slot is reused.
    var next_sent: u32 = 0;
    var next_received: u32 = 0;
    for (0..7) |_| {
        try testing.expectError(error.Empty, queue.tryReceive());
        for (0..capacity) |_| {
            try queue.trySend(next_sent);
            next_sent += 1;
        }
        try testing.expectError(error.Full, queue.trySend(999));
        try testing.expectEqual(capacity, queue.len());
        for (0..capacity) |_| {
            try testing.expectEqual(next_received, try queue.tryReceive());
            next_received += 1;
        }
        try testing.expectEqual(0, queue.len());
    }
    try queue.trySend(1000);
    try testing.expect(!queue.isClosed());
    try testing.expect(queue.close());
    try testing.expect(!queue.close());
    try testing.expect(queue.isClosed());
    try testing.expectError(error.Closed, queue.trySend(1001));
    try testing.expectEqual(1, queue.len());
    try testing.expectEqual(1000, try queue.tryReceive());
    try testing.expectError(error.Closed, queue.tryReceive());
    try testing.expectError(error.Closed, queue.tryReceive());
    try testing.expectError(error.Closed, queue.trySend(1002));
}

test "order, capacity, full, empty and close are the same for every queue and every capacity" {
    inline for (.{ 1, 2, 3, 7, 8 }) |capacity| {
        var values: [capacity]u32 = undefined;
        var chan: Chan(u32) = .init(&values);
        try expectQueue(&chan, capacity);
        inline for (.{ Mpsc(u32), Mpmc(u32) }) |Queue| {
            var slots: [capacity]Queue.Slot = undefined;
            var ring: Queue = .init(&slots);
            try expectQueue(&ring, capacity);
        }
    }
}

test "elements may be of any size" {
    const Big = struct { bytes: [100]u8, number: u64 };
    var values: [2]Big = undefined;
    var chan: Chan(Big) = .init(&values);
    try chan.trySend(.{ .bytes = @splat(7), .number = 1 });
    try chan.trySend(.{ .bytes = @splat(8), .number = 2 });
    try testing.expectEqual(7, (try chan.tryReceive()).bytes[99]);
    try testing.expectEqual(2, (try chan.tryReceive()).number);
}

/// Sends from `senders` threads and receives on `receivers` threads until closed; each message arrives exactly once,
/// whole, and in its sender's order as far as one receiver sees. One closer ends it at the end of the sending.
fn stress(comptime Queue: type, queue: *Queue, comptime senders: u32, comptime receivers: u32) !void {
    const messages_per_sender = 100_000;
    const Shared = struct {
        queue: *Queue,
        sum: std.atomic.Value(u64) = .init(0),
        count: std.atomic.Value(u64) = .init(0),
        wrong: std.atomic.Value(u64) = .init(0),

        fn send(shared: *@This(), sender: u64) void {
            for (0..messages_per_sender) |number| {
                const value = sender << 32 | number;
                while (true) {
                    shared.queue.trySend(.{ value, ~value }) catch |err| {
                        if (err == error.Closed) {
                            _ = shared.wrong.fetchAdd(1, .monotonic);
                            return;
                        }
                        std.Thread.yield() catch {};
                        continue;
                    };
                    break;
                }
            }
        }

        fn receive(shared: *@This()) void {
            var last: [senders]i64 = @splat(-1);
            var sum: u64 = 0;
            var count: u64 = 0;
            var wrong: u64 = 0;
            while (true) {
                const message = shared.queue.tryReceive() catch |err| {
                    if (err == error.Closed) break;
                    std.Thread.yield() catch {};
                    continue;
                };
                if (message[1] != ~message[0]) wrong += 1;
                const sender: usize = @intCast(message[0] >> 32);
                const number: i64 = @intCast(message[0] & 0xffff_ffff);
                if (number <= last[sender]) wrong += 1;
                last[sender] = number;
                sum += @intCast(number);
                count += 1;
            }
            _ = shared.sum.fetchAdd(sum, .monotonic);
            _ = shared.count.fetchAdd(count, .monotonic);
            _ = shared.wrong.fetchAdd(wrong, .monotonic);
        }
    };
    var shared: Shared = .{ .queue = queue };
    var sending: [senders]std.Thread = undefined;
    var receiving: [receivers]std.Thread = undefined;
    for (&receiving) |*thread| thread.* = try std.Thread.spawn(.{}, Shared.receive, .{&shared});
    for (&sending, 0..) |*thread, sender| {
        thread.* = try std.Thread.spawn(.{}, Shared.send, .{ &shared, @as(u64, sender) });
    }
    for (sending) |thread| thread.join();
    try testing.expect(queue.close());
    for (receiving) |thread| thread.join();
    const n: u64 = messages_per_sender;
    try testing.expectEqual(0, shared.wrong.load(.monotonic));
    try testing.expectEqual(senders * n, shared.count.load(.monotonic));
    try testing.expectEqual(senders * (n * (n - 1) / 2), shared.sum.load(.monotonic));
}

test "stress: one sender, one receiver" {
    const Queue = Chan([2]u64);
    var values: [5][2]u64 = undefined;
    var queue: Queue = .init(&values);
    try stress(Queue, &queue, 1, 1);
}

test "stress: many senders, one receiver" {
    const Queue = Mpsc([2]u64);
    var slots: [8]Queue.Slot = undefined;
    var queue: Queue = .init(&slots);
    try stress(Queue, &queue, 3, 1);
}

test "stress: many senders, many receivers" {
    const Queue = Mpmc([2]u64);
    var slots: [7]Queue.Slot = undefined;
    var queue: Queue = .init(&slots);
    try stress(Queue, &queue, 2, 2);
}

const schedule = @import("schedule.zig");

/// Senders send, receivers receive until closed, and a closer closes at any moment: what was reported as sent is
/// exactly what arrives.
fn ScheduleCase(comptime Queue: type, comptime senders: u32, comptime receivers: u32) type {
    return struct {
        queue: Queue,
        backing: [capacity_max]Element,
        next_sender: u32,
        sent: [senders * messages]u8,
        received: [senders * messages]u8,

        const messages = 4;
        const capacity_max = 3;
        const Element = if (@hasDecl(Queue, "Slot")) Queue.Slot else u32;

        pub fn init(self: *@This(), random: std.Random) !void {
            self.next_sender = 0;
            self.sent = @splat(0);
            self.received = @splat(0);
            self.queue = .init(self.backing[0..random.intRangeAtMost(usize, 1, capacity_max)]);
        }

        pub fn deinit(_: *@This()) void {}

        fn sender(self: *@This()) void {
            const first = self.next_sender * messages;
            self.next_sender += 1;
            for (first..first + messages) |message| {
                while (true) {
                    self.queue.trySend(@intCast(message)) catch |err| {
                        if (err == error.Closed) return;
                        continue;
                    };
                    break;
                }
                self.sent[message] += 1;
            }
        }

        fn receiver(self: *@This()) void {
            while (true) {
                const message = self.queue.tryReceive() catch |err| {
                    if (err == error.Closed) return;
                    continue;
                };
                self.received[message] += 1;
            }
        }

        fn closer(self: *@This()) void {
            for (0..20) |_| schedule.simulated.point();
            _ = self.queue.close();
        }

        pub fn actors(self: *@This(), buffer: *[8]schedule.Actor) []schedule.Actor {
            for (buffer[0..senders]) |*each| each.* = .init(self, sender);
            for (buffer[senders..][0..receivers]) |*each| each.* = .init(self, receiver);
            buffer[senders + receivers] = .init(self, closer);
            return buffer[0 .. senders + receivers + 1];
        }

        pub fn check(self: *@This()) !void {
            try testing.expectEqualSlices(u8, &self.sent, &self.received);
            for (self.sent) |count| try testing.expect(count <= 1);
        }
    };
}

test "schedules: a close at any moment loses nothing that was sent, one to one" {
    try schedule.explore(ScheduleCase(ChanOn(u32, schedule.simulated), 1, 1), 2_000);
}

test "schedules: a close at any moment loses nothing that was sent, many to one" {
    try schedule.explore(ScheduleCase(RingOn(u32, .one, schedule.simulated), 2, 1), 2_000);
}

test "schedules: a close at any moment loses nothing that was sent, many to many" {
    try schedule.explore(ScheduleCase(RingOn(u32, .many, schedule.simulated), 2, 2), 2_000);
}
