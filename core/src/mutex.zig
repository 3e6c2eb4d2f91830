//! A lock for a few instructions of an operating-system thread's work (fibers wait through the scheduler instead).
//!
//! Drepper's third algorithm ("Futexes Are Tricky", 2011, §6): a word that is free, taken, or taken with somebody
//! perhaps asleep. Uncontended it is one atomic operation to lock and one to unlock; nobody enters the kernel.
//! Not fair, not recursive, and it does not poison: the `Mutex[T]` of a Janus program is built higher up.

const std = @import("std");
const futex = @import("futex.zig");
const assert = std.debug.assert;

pub const Mutex = MutexOn(futex.current);

/// `Wait` is `futex.linux`, or a simulation of it.
pub fn MutexOn(comptime Wait: type) type {
    return struct {
        state: futex.Word = .init(unlocked),

        const Self = @This();

        const unlocked: u32 = 0;
        const locked: u32 = 1;
        /// Locked, and somebody may sleep on the word: the unlocker must wake one.
        const contended: u32 = 2;

        pub fn tryLock(self: *Self) bool {
            Wait.point();
            // Acquire pairs with the release subtraction or store in `unlock`.
            return self.state.cmpxchgStrong(unlocked, locked, .acquire, .monotonic) == null;
        }

        pub fn lock(self: *Self) void {
            if (!self.tryLock()) self.lockSlow();
        }

        fn lockSlow(self: *Self) void {
            @branchHint(.cold);
            // Whoever comes this way takes the lock as contended: it cannot know that it was the last to sleep.
            // Acquire pairs with the release subtraction or store in `unlock`.
            while (true) {
                Wait.point();
                if (self.state.swap(contended, .acquire) == unlocked) return;
                Wait.point();
                _ = Wait.wait(&self.state, contended, null);
            }
        }

        /// Only the holder may call this.
        pub fn unlock(self: *Self) void {
            Wait.point();
            // Release pairs with the acquire accesses in `tryLock` and `lockSlow`.
            const before = self.state.fetchSub(1, .release);
            assert(before == locked or before == contended); // else nobody held it
            if (before == contended) {
                Wait.point();
                // Release as above: this store, not the subtraction, is what the next holder reads.
                self.state.store(unlocked, .release);
                Wait.point();
                Wait.wake(&self.state, 1);
            }
        }

        /// For assertions: true when somebody, perhaps another thread, holds it.
        pub fn isLocked(self: *const Self) bool {
            return self.state.load(.monotonic) != unlocked;
        }
    };
}

const testing = std.testing;

test "lock, tryLock, unlock" {
    var mutex: Mutex = .{};
    try testing.expect(mutex.tryLock());
    try testing.expect(!mutex.tryLock());
    try testing.expect(mutex.isLocked());
    mutex.unlock();
    mutex.lock();
    try testing.expect(!mutex.tryLock());
    mutex.unlock();
    try testing.expect(!mutex.isLocked());
}

test "stress: a plain counter under the lock counts everything" {
    const threads_count = 4;
    const additions_per_thread = 100_000;
    const Shared = struct {
        mutex: Mutex = .{},
        counter: u64 = 0,
        inside: u32 = 0,

        fn run(shared: *@This(), failed: *bool) void {
            for (0..additions_per_thread) |round| {
                if (round % 8 == 0) {
                    while (!shared.mutex.tryLock()) std.Thread.yield() catch {};
                } else shared.mutex.lock();
                shared.inside += 1;
                if (shared.inside != 1) failed.* = true;
                shared.counter += 1;
                // Now and then the holder loses its core, so that the others really sleep.
                if (round % 1024 == 0) std.Thread.yield() catch {};
                shared.inside -= 1;
                shared.mutex.unlock();
            }
        }
    };
    var shared: Shared = .{};
    var failed: [threads_count]bool = @splat(false);
    var threads: [threads_count]std.Thread = undefined;
    for (&threads, &failed) |*thread, *flag| {
        thread.* = try std.Thread.spawn(.{}, Shared.run, .{ &shared, flag });
    }
    for (threads) |thread| thread.join();
    for (failed) |flag| try testing.expect(!flag);
    try testing.expectEqual(threads_count * additions_per_thread, shared.counter);
    try testing.expect(!shared.mutex.isLocked());
}

const schedule = @import("schedule.zig");

test "schedules: one holder at a time, and nobody sleeps for ever, in any order of steps" {
    const Case = struct {
        mutex: MutexOn(schedule.simulated),
        inside: u32,
        entered: u32,
        failed: bool,

        const rounds = 4;

        pub fn init(self: *@This(), _: std.Random) !void {
            self.* = .{ .mutex = .{}, .inside = 0, .entered = 0, .failed = false };
        }
        pub fn deinit(_: *@This()) void {}

        fn actor(self: *@This()) void {
            for (0..rounds) |_| {
                self.mutex.lock();
                self.inside += 1;
                schedule.simulated.point();
                if (self.inside != 1 or !self.mutex.isLocked()) self.failed = true;
                self.entered += 1;
                self.inside -= 1;
                self.mutex.unlock();
            }
        }

        pub fn actors(self: *@This(), buffer: *[8]schedule.Actor) []schedule.Actor {
            for (buffer[0..3]) |*each| each.* = .init(self, actor);
            return buffer[0..3];
        }

        pub fn check(self: *@This()) !void {
            try testing.expect(!self.failed);
            try testing.expectEqual(3 * rounds, self.entered);
            try testing.expect(!self.mutex.isLocked());
        }
    };
    try schedule.explore(Case, 2_000);
}
