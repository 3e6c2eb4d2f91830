//! A parker puts one operating-system thread to sleep until another hands it a permit.
//!
//! There is at most one permit. `unpark` leaves it, `park` takes it, waiting if it is not there: an `unpark` that comes
//! before the `park` is not lost, and two of them count as one. This closes the window between "I will wait" and
//! "I sleep" for everything built on top: announce, look again, park.
//!
//! One thread parks (the owner); any thread may unpark. Everything the unparker wrote before `unpark` is visible to
//! the owner after the `park` that took that permit. A parker may be freed by its owner as soon as no thread can still
//! *call* `unpark`; one that is just leaving it touches no memory any more except through the kernel.

const std = @import("std");
const futex = @import("futex.zig");
const assert = std.debug.assert;

pub const Parker = ParkerOn(futex.current);

pub const Outcome = enum {
    /// The permit was there, or came.
    permit,
    timed_out,
    /// A signal handler ran while the thread slept (only with `.report`).
    interrupted,
};

/// What a wait does when a signal handler has run (EINTR).
pub const OnSignal = enum { retry, report };

/// `Wait` is `futex.linux`, or a simulation of it.
pub fn ParkerOn(comptime Wait: type) type {
    return struct {
        state: futex.Word = .init(empty),

        const Self = @This();

        const empty: u32 = 0;
        const notified: u32 = 1;
        const parked: u32 = std.math.maxInt(u32);

        comptime {
            // `park` goes from notified to empty and from empty to parked by the same subtraction.
            assert(notified -% 1 == empty);
            assert(empty -% 1 == parked);
        }

        /// Waits for the permit and takes it; signals do not end the wait.
        pub fn park(self: *Self) void {
            const outcome = self.parkUntil(null, .retry);
            assert(outcome == .permit);
        }

        /// Waits for the permit for at most `timeout_ns`; true when it was taken. Signals do not end the wait.
        pub fn parkTimeout(self: *Self, timeout_ns: u64) bool {
            return self.parkUntil(Wait.nowNs() +| timeout_ns, .retry) == .permit;
        }

        /// Waits until `deadline_ns` on the monotonic clock (null: for ever). Owner only.
        pub fn parkUntil(self: *Self, deadline_ns: ?u64, on_signal: OnSignal) Outcome {
            Wait.point();
            // Acquire pairs with the release swap in `unpark`, when the permit is there already.
            const before = self.state.fetchSub(1, .acquire);
            if (before == notified) return .permit;
            assert(before == empty); // else two threads park on one parker

            while (true) {
                Wait.point();
                const wake = Wait.wait(&self.state, parked, deadline_ns);
                Wait.point();
                // Acquire pairs with the release swap in `unpark`.
                if (self.state.cmpxchgStrong(notified, empty, .acquire, .monotonic)) |found| {
                    assert(found == parked);
                } else return .permit;
                const outcome: Outcome = switch (wake) {
                    .woken => continue,
                    .interrupted => if (on_signal == .retry) continue else .interrupted,
                    .timed_out => .timed_out,
                };
                Wait.point();
                // Leave the queue. A permit that came since the look above is taken, not thrown away.
                // Acquire pairs with the release swap in `unpark`.
                const last = self.state.swap(empty, .acquire);
                assert(last == notified or last == parked);
                return if (last == notified) .permit else outcome;
            }
        }

        /// Leaves the permit, and wakes the owner when it sleeps. Any thread.
        pub fn unpark(self: *Self) void {
            Wait.point();
            // Release pairs with the acquire accesses in `parkUntil`.
            const before = self.state.swap(notified, .release);
            assert(before == empty or before == notified or before == parked);
            Wait.point();
            if (before == parked) Wait.wake(&self.state, 1);
        }
    };
}

const testing = std.testing;

test "a permit left before the park is taken, and only once" {
    var parker: Parker = .{};
    parker.unpark();
    parker.unpark();
    parker.park();
    try testing.expect(!parker.parkTimeout(100_000));
    parker.unpark();
    try testing.expect(parker.parkTimeout(0));
    try testing.expect(!parker.parkTimeout(0));
}

test "a timeout ends the wait, and not early" {
    var parker: Parker = .{};
    const start_ns = futex.linux.nowNs();
    try testing.expect(!parker.parkTimeout(3 * std.time.ns_per_ms));
    try testing.expect(futex.linux.nowNs() - start_ns >= 3 * std.time.ns_per_ms);
}

test "a signal ends a wait that asked for it, and no other" {
    const os = std.os.linux;
    const Sleeper = struct {
        parker: Parker = .{},
        tid: std.atomic.Value(i32) = .init(0),
        outcome: std.atomic.Value(u32) = .init(0),
        on_signal: OnSignal,

        fn nothing(_: os.SIG) callconv(.c) void {}

        fn run(sleeper: *@This()) void {
            sleeper.tid.store(os.gettid(), .release);
            const outcome = sleeper.parker.parkUntil(null, sleeper.on_signal);
            sleeper.outcome.store(1 + @as(u32, @backingInt(outcome)), .release);
        }
    };
    const action: os.Sigaction = .{
        .handler = .{ .handler = Sleeper.nothing },
        .mask = std.mem.zeroes(os.sigset_t),
        .flags = 0,
    };
    var before: os.Sigaction = undefined;
    try testing.expectEqual(0, os.sigaction(.USR1, &action, &before));
    defer _ = os.sigaction(.USR1, &before, null);

    for ([_]OnSignal{ .report, .retry }) |on_signal| {
        var sleeper: Sleeper = .{ .on_signal = on_signal };
        const thread = try std.Thread.spawn(.{}, Sleeper.run, .{&sleeper});
        while (sleeper.tid.load(.acquire) == 0) std.Thread.yield() catch {};
        // One that is to be woken gets signals until it is; one that is not gets enough to have slept through several.
        const signals: u32 = if (on_signal == .report) 50_000 else 50;
        for (0..signals) |_| {
            _ = os.tgkill(os.getpid(), sleeper.tid.load(.acquire), .USR1);
            var pause: futex.Word = .init(0);
            _ = futex.linux.wait(&pause, 0, futex.linux.nowNs() + 200_000);
            if (sleeper.outcome.load(.acquire) != 0) break;
        }
        if (on_signal == .retry) {
            try testing.expectEqual(0, sleeper.outcome.load(.acquire));
            sleeper.parker.unpark();
        }
        thread.join();
        const expected: Outcome = if (on_signal == .retry) .permit else .interrupted;
        try testing.expectEqual(1 + @as(u32, @backingInt(expected)), sleeper.outcome.load(.acquire));
    }
}

test "stress: hand-overs between threads lose no permit and carry what was written before" {
    const hand_overs = 20_000;
    const Player = struct {
        mine: Parker = .{},
        other: *@This(),
        ball: *u64,
        first: bool,

        fn run(player: *@This()) void {
            for (0..hand_overs) |round| {
                if (!player.first or round > 0) player.mine.park();
                player.ball.* += 1; // plain: only the permit orders it
                player.other.mine.unpark();
            }
        }
    };
    var ball: u64 = 0;
    var players: [2]Player = undefined;
    players[0] = .{ .other = &players[1], .ball = &ball, .first = true };
    players[1] = .{ .other = &players[0], .ball = &ball, .first = false };
    var threads: [2]std.Thread = undefined;
    for (&threads, &players) |*thread, *player| thread.* = try std.Thread.spawn(.{}, Player.run, .{player});
    for (threads) |thread| thread.join();
    try testing.expectEqual(2 * hand_overs, ball);
}

test "stress: many unparkers, short timeouts, every request is served" {
    const unparkers = 3;
    const requests_per_unparker = 10_000;
    const Shared = struct {
        parker: Parker = .{},
        requests: std.atomic.Value(u64) = .init(0),

        fn run(shared: *@This()) void {
            for (0..requests_per_unparker) |_| {
                // Release pairs with the acquire swap of the owner.
                _ = shared.requests.fetchAdd(1, .release);
                shared.parker.unpark();
            }
        }
    };
    var shared: Shared = .{};
    var threads: [unparkers]std.Thread = undefined;
    for (&threads) |*thread| thread.* = try std.Thread.spawn(.{}, Shared.run, .{&shared});
    var served: u64 = 0;
    var round: u32 = 0;
    while (served < unparkers * requests_per_unparker) : (round += 1) {
        // Some waits time out while permits arrive; the untimed ones would hang if that lost one.
        if (round % 3 == 0) _ = shared.parker.parkTimeout(1) else shared.parker.park();
        served += shared.requests.swap(0, .acquire);
    }
    for (threads) |thread| thread.join();
    try testing.expectEqual(unparkers * requests_per_unparker, served);
}

const schedule = @import("schedule.zig");

test "failure mode 3, schedules: no permit is lost in any order of steps" {
    const Case = struct {
        parker: ParkerOn(schedule.simulated),
        requests: std.atomic.Value(u32),
        served: u32,
        failed: bool,

        const unparkers = 2;
        const requests_per_unparker = 3;

        pub fn init(self: *@This(), _: std.Random) !void {
            self.* = .{ .parker = .{}, .requests = .init(0), .served = 0, .failed = false };
        }
        pub fn deinit(_: *@This()) void {}

        fn unparker(self: *@This()) void {
            for (0..requests_per_unparker) |_| {
                _ = self.requests.fetchAdd(1, .release);
                self.parker.unpark();
            }
        }

        fn owner(self: *@This()) void {
            var round: u32 = 0;
            while (self.served < unparkers * requests_per_unparker) : (round += 1) {
                switch (round % 3) {
                    0 => self.parker.park(),
                    1 => _ = self.parker.parkTimeout(5),
                    else => if (self.parker.parkUntil(null, .report) == .timed_out) {
                        self.failed = true; // there was no deadline
                    },
                }
                schedule.simulated.point();
                self.served += self.requests.swap(0, .acquire);
            }
        }

        pub fn actors(self: *@This(), buffer: *[8]schedule.Actor) []schedule.Actor {
            buffer[0] = .init(self, owner);
            buffer[1] = .init(self, unparker);
            buffer[2] = .init(self, unparker);
            return buffer[0..3];
        }

        pub fn check(self: *@This()) !void {
            try testing.expect(!self.failed);
            try testing.expectEqual(unparkers * requests_per_unparker, self.served);
        }
    };
    try schedule.explore(Case, 2_000);
}

test "schedules: a wait that timed out has not taken the permit" {
    const Case = struct {
        parker: ParkerOn(schedule.simulated),
        taken: u32,

        pub fn init(self: *@This(), _: std.Random) !void {
            self.* = .{ .parker = .{}, .taken = 0 };
        }
        pub fn deinit(_: *@This()) void {}

        fn unparker(self: *@This()) void {
            self.parker.unpark(); // one permit, ever
        }

        fn owner(self: *@This()) void {
            if (self.parker.parkTimeout(1)) self.taken += 1;
            if (self.taken == 0 and self.parker.parkUntil(null, .report) == .permit) self.taken += 1;
            // Sleeps for ever when one of the waits above took the permit and did not say so.
            if (self.taken == 0) {
                self.parker.park();
                self.taken += 1;
            }
        }

        pub fn actors(self: *@This(), buffer: *[8]schedule.Actor) []schedule.Actor {
            buffer[0] = .init(self, owner);
            buffer[1] = .init(self, unparker);
            return buffer[0..2];
        }

        pub fn check(self: *@This()) !void {
            try testing.expectEqual(1, self.taken);
        }
    };
    try schedule.explore(Case, 2_000);
}
