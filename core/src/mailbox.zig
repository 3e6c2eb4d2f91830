//! A typed mailbox: many senders, one owner that sleeps while there is nothing to read.
//!
//! A multi-producer queue on the caller's memory, and the owner's parker beside it. A send publishes its message and
//! then leaves a permit; the owner looks, and parks only after it found nothing; a permit left in between is not lost,
//! so neither is the message. The bound is the backing's size: a full mailbox refuses, it never drops.
//! The owner is an operating-system thread; fibers wait through the scheduler.

const std = @import("std");
const futex = @import("futex.zig");
const parker = @import("parker.zig");
const chan = @import("chan.zig");
const assert = std.debug.assert;

pub const SendError = chan.SendError;
pub const ReceiveError = chan.ReceiveError;

pub fn Mailbox(comptime Message: type) type {
    return MailboxOn(Message, futex.linux);
}

pub fn MailboxOn(comptime Message: type, comptime Wait: type) type {
    return struct {
        queue: Queue,
        owner: parker.ParkerOn(Wait) = .{},

        const Self = @This();
        const Queue = chan.RingOn(Message, .one, Wait);
        pub const Slot = Queue.Slot;

        pub fn init(backing: []Slot) Self {
            return .{ .queue = .init(backing) };
        }

        /// Any thread.
        pub fn trySend(self: *Self, message: Message) SendError!void {
            try self.queue.trySend(message);
            self.owner.unpark();
        }

        /// Owner only.
        pub fn tryReceive(self: *Self) ReceiveError!Message {
            return self.queue.tryReceive();
        }

        /// Waits for a message. Owner only.
        pub fn receive(self: *Self) error{Closed}!Message {
            return self.receiveUntil(null) catch |err| switch (err) {
                error.TimedOut => unreachable, // there is no deadline
                error.Closed => error.Closed,
            };
        }

        /// Waits for a message for at most `timeout_ns`. Owner only.
        pub fn receiveTimeout(self: *Self, timeout_ns: u64) error{ Closed, TimedOut }!Message {
            return self.receiveUntil(Wait.nowNs() +| timeout_ns);
        }

        fn receiveUntil(self: *Self, deadline_ns: ?u64) error{ Closed, TimedOut }!Message {
            var timed_out = false;
            while (true) {
                return self.queue.tryReceive() catch |err| switch (err) {
                    error.Closed => return error.Closed,
                    // One more look after the deadline: what came in time is delivered.
                    error.Empty => {
                        if (timed_out) return error.TimedOut;
                        timed_out = self.owner.parkUntil(deadline_ns, .retry) == .timed_out;
                        continue;
                    },
                };
            }
        }

        /// Later sends are refused; the owner gets what was sent before, then `Closed`. Any thread, any number of
        /// times; true for the call that closed it.
        pub fn close(self: *Self) bool {
            const closed = self.queue.close();
            self.owner.unpark();
            return closed;
        }

        pub fn isClosed(self: *const Self) bool {
            return self.queue.isClosed();
        }

        pub fn capacity(self: *const Self) usize {
            return self.queue.capacity();
        }

        pub fn len(self: *const Self) usize {
            return self.queue.len();
        }
    };
}

const testing = std.testing;

test "messages come in order, a full mailbox refuses, a closed one drains" {
    const Message = union(enum) { add: u32, name: []const u8 };
    var slots: [2]Mailbox(Message).Slot = undefined;
    var mailbox: Mailbox(Message) = .init(&slots);
    try mailbox.trySend(.{ .add = 4 });
    try mailbox.trySend(.{ .name = "four" });
    try testing.expectError(error.Full, mailbox.trySend(.{ .add = 5 }));
    try testing.expectEqual(2, mailbox.len());
    try testing.expect(mailbox.close());
    try testing.expectError(error.Closed, mailbox.trySend(.{ .add = 6 }));
    try testing.expectEqual(4, (try mailbox.receive()).add);
    try testing.expectEqualStrings("four", (try mailbox.receive()).name);
    try testing.expectError(error.Closed, mailbox.receive());
    try testing.expectError(error.Closed, mailbox.receiveTimeout(1));
}

test "a wait for a message can time out" {
    var slots: [1]Mailbox(u32).Slot = undefined;
    var mailbox: Mailbox(u32) = .init(&slots);
    const start_ns = futex.linux.nowNs();
    try testing.expectError(error.TimedOut, mailbox.receiveTimeout(2 * std.time.ns_per_ms));
    try testing.expect(futex.linux.nowNs() - start_ns >= 2 * std.time.ns_per_ms);
    try mailbox.trySend(3);
    try testing.expectEqual(3, try mailbox.receiveTimeout(0));
}

test "stress: a sleeping owner gets every message" {
    const senders_count = 3;
    const messages_per_sender = 30_000;
    const Shared = struct {
        mailbox: Mailbox(u64),

        fn send(shared: *@This()) void {
            for (1..messages_per_sender + 1) |message| {
                while (true) {
                    shared.mailbox.trySend(message) catch |err| {
                        assert(err == error.Full);
                        std.Thread.yield() catch {};
                        continue;
                    };
                    break;
                }
            }
        }
    };
    var slots: [16]Mailbox(u64).Slot = undefined;
    var shared: Shared = .{ .mailbox = .init(&slots) };
    var threads: [senders_count]std.Thread = undefined;
    for (&threads) |*thread| thread.* = try std.Thread.spawn(.{}, Shared.send, .{&shared});
    var sum: u64 = 0;
    for (0..senders_count * messages_per_sender) |_| sum += try shared.mailbox.receive();
    for (threads) |thread| thread.join();
    try testing.expect(shared.mailbox.close());
    try testing.expectError(error.Closed, shared.mailbox.receive());
    const n: u64 = messages_per_sender;
    try testing.expectEqual(senders_count * (n * (n + 1) / 2), sum);
}

const schedule = @import("schedule.zig");

test "schedules: an owner that sleeps is woken for every message and for the close" {
    const Case = struct {
        mailbox: MailboxOn(u32, schedule.simulated),
        slots: [2]MailboxOn(u32, schedule.simulated).Slot,
        sent: u32,
        received: u32,

        pub fn init(self: *@This(), random: std.Random) !void {
            self.sent = 0;
            self.received = 0;
            self.mailbox = .init(self.slots[0..random.intRangeAtMost(usize, 1, 2)]);
        }
        pub fn deinit(_: *@This()) void {}

        fn sender(self: *@This()) void {
            for (0..4) |_| {
                while (true) {
                    self.mailbox.trySend(1) catch |err| {
                        if (err == error.Closed) return;
                        continue;
                    };
                    break;
                }
                self.sent += 1;
            }
        }

        fn closer(self: *@This()) void {
            for (0..40) |_| schedule.simulated.point();
            _ = self.mailbox.close();
        }

        fn owner(self: *@This()) void {
            while (true) {
                // Sometimes with a deadline, which may pass at any moment.
                if (self.received % 3 == 2) {
                    self.received += self.mailbox.receiveTimeout(3) catch |err| switch (err) {
                        error.Closed => return,
                        error.TimedOut => continue,
                    };
                } else self.received += self.mailbox.receive() catch return;
            }
        }

        pub fn actors(self: *@This(), buffer: *[8]schedule.Actor) []schedule.Actor {
            buffer[0] = .init(self, owner);
            buffer[1] = .init(self, sender);
            buffer[2] = .init(self, sender);
            buffer[3] = .init(self, closer);
            return buffer[0..4];
        }

        pub fn check(self: *@This()) !void {
            try testing.expectEqual(self.sent, self.received);
        }
    };
    try schedule.explore(Case, 2_000);
}
