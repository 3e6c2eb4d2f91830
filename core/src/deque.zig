//! The work-stealing deque: its owner pushes and pops at the bottom, any thread steals at the top.
//!
//! Chase and Lev, "Dynamic Circular Work-Stealing Deque" (SPAA 2005), with the orderings of Lê, Pop, Cohen and Zappa
//! Nardelli, "Correct and Efficient Work-Stealing for Weak Memory Models" (PPoPP 2013). Where the paper has a
//! sequentially consistent fence between two accesses, here both accesses are sequentially consistent: Zig has no
//! fence, the sanitizer understands none, and on x86 an exchange is what the fence costs. All of it was reasoned
//! through by hand, run under simulated schedules, under stress and under the thread sanitizer; nothing is proved.
//!
//! It grows when full and never drops anything; a failed growth is an error and leaves everything as it was. Buffers
//! that it outgrew are kept until `deinit`, because a slow thief may still read one: together they are smaller than
//! the one in use. Only the owner pushes and pops. That rule has no exception: whoever wakes a fiber from another
//! thread uses the inbox or the injector.

const std = @import("std");
const futex = @import("futex.zig");
const assert = std.debug.assert;

pub fn Deque(comptime T: type) type {
    return DequeOn(T, futex.linux);
}

/// What a theft came to. `lost`: somebody else took that element in the meantime; trying again may succeed.
pub fn Steal(comptime T: type) type {
    return union(enum) { success: T, empty, lost };
}

/// `T` is an integer, a pointer or an enum that one atomic access can hold.
pub fn DequeOn(comptime T: type, comptime Wait: type) type {
    comptime assert(@sizeOf(T) <= @sizeOf(usize));
    return struct {
        /// Where thieves take. Only grows.
        top: std.atomic.Value(i64) align(std.atomic.cache_line) = .init(0),
        /// Where the owner adds and takes. Written by the owner only.
        bottom: std.atomic.Value(i64) align(std.atomic.cache_line) = .init(0),
        buffer: std.atomic.Value(*Buffer),
        /// Owner only: a value `top` has had. The real one is this or greater.
        top_seen: i64 = 0,
        /// Owner only.
        allocator: std.mem.Allocator,

        const Self = @This();
        const Slot = std.atomic.Value(T);

        /// A circular array. Positions are never reused within one, only slots are.
        const Buffer = struct {
            slots: []Slot,
            outgrown: ?*Buffer,

            fn create(allocator: std.mem.Allocator, capacity: usize, outgrown: ?*Buffer) error{OutOfMemory}!*Buffer {
                assert(std.math.isPowerOfTwo(capacity));
                const buffer = try allocator.create(Buffer);
                errdefer allocator.destroy(buffer);
                buffer.* = .{ .slots = try allocator.alloc(Slot, capacity), .outgrown = outgrown };
                return buffer;
            }

            fn at(buffer: *Buffer, position: i64) *Slot {
                assert(position >= 0);
                return &buffer.slots[@as(usize, @intCast(position)) & (buffer.slots.len - 1)];
            }
        };

        pub const capacity_max = 1 << 31;

        pub fn init(allocator: std.mem.Allocator, capacity_initial: usize) error{OutOfMemory}!Self {
            assert(capacity_initial >= 1 and capacity_initial <= capacity_max);
            const capacity = std.math.ceilPowerOfTwoAssert(usize, capacity_initial);
            return .{
                .buffer = .init(try Buffer.create(allocator, capacity, null)),
                .allocator = allocator,
            };
        }

        /// Owner only, and only when no thief can still be in `steal`.
        pub fn deinit(self: *Self) void {
            var next: ?*Buffer = self.buffer.load(.monotonic);
            while (next) |buffer| {
                next = buffer.outgrown;
                self.allocator.free(buffer.slots);
                self.allocator.destroy(buffer);
            }
            self.* = undefined;
        }

        /// How many there are, or were a moment ago. Exact for the owner while nobody steals.
        pub fn len(self: *const Self) usize {
            const top = self.top.load(.monotonic);
            const bottom = self.bottom.load(.monotonic);
            return @intCast(@max(0, bottom - top));
        }

        /// Owner only.
        pub fn push(self: *Self, item: T) error{OutOfMemory}!void {
            const bottom = self.bottom.load(.monotonic); // only the owner writes it
            var buffer = self.buffer.load(.monotonic); // only the owner writes it
            assert(bottom >= self.top_seen);
            if (bottom - self.top_seen >= buffer.slots.len) {
                Wait.point();
                // Acquire pairs with the compare-exchange in `steal`: a thief has read its slot before it moved `top`,
                // so the slot may be written again.
                self.top_seen = self.top.load(.acquire);
                if (bottom - self.top_seen >= buffer.slots.len) buffer = try self.grow(buffer, bottom);
            }
            // Relaxed: a thief that reads a slot being reused fails its compare-exchange.
            buffer.at(bottom).store(item, .monotonic);
            Wait.point();
            // Release pairs with the sequentially consistent load of `bottom` in `steal`: the slot, and whatever the
            // item stands for, is written before the thief can see that it is there.
            self.bottom.store(bottom + 1, .release);
        }

        fn grow(self: *Self, old: *Buffer, bottom: i64) error{OutOfMemory}!*Buffer {
            @branchHint(.cold);
            if (old.slots.len >= capacity_max) return error.OutOfMemory;
            const new = try Buffer.create(self.allocator, old.slots.len * 2, old);
            var position = self.top_seen;
            while (position < bottom) : (position += 1) {
                new.at(position).store(old.at(position).load(.monotonic), .monotonic);
            }
            Wait.point();
            // Release pairs with the acquire load of `buffer` in `steal`: the copies are there before the new buffer.
            self.buffer.store(new, .release);
            return new;
        }

        /// Takes what was pushed last. Owner only.
        pub fn pop(self: *Self) ?T {
            const bottom = self.bottom.load(.monotonic) - 1;
            Wait.point();
            // `top` only grows, so a look that finds nothing is right, and spares the expensive exchange below.
            if (self.top.load(.monotonic) > bottom) return null;
            const buffer = self.buffer.load(.monotonic);
            Wait.point();
            // Announce, then look. Pairs with the loads of `top` and then `bottom` in `steal`, all sequentially
            // consistent: either the thief sees that this position is being taken, or its new `top` is seen here.
            _ = self.bottom.swap(bottom, .seq_cst);
            Wait.point();
            const top = self.top.load(.seq_cst);
            if (top < bottom) return buffer.at(bottom).load(.monotonic);

            var item: ?T = null;
            if (top == bottom) {
                item = buffer.at(bottom).load(.monotonic);
                Wait.point();
                // The last one: thieves want the same. Pairs with the compare-exchange in `steal`.
                if (self.top.cmpxchgStrong(top, top + 1, .seq_cst, .monotonic) != null) item = null;
            } else assert(top == bottom + 1);
            Wait.point();
            // Empty: take the announcement back. Release, as every store to `bottom`.
            self.bottom.store(bottom + 1, .release);
            return item;
        }

        /// Takes what was pushed first. Any thread.
        pub fn steal(self: *Self) Steal(T) {
            Wait.point();
            // Both pair with the exchange of `bottom` and load of `top` in `pop`; the second also with the release
            // stores to `bottom` in `push`.
            const top = self.top.load(.seq_cst);
            Wait.point();
            const bottom = self.bottom.load(.seq_cst);
            if (top >= bottom) return .empty;
            Wait.point();
            // Acquire pairs with the release store in `grow`. An outgrown buffer still holds this position.
            const buffer = self.buffer.load(.acquire);
            Wait.point();
            const item = buffer.at(top).load(.monotonic);
            Wait.point();
            // Pairs with the compare-exchange in `pop` and here (who gets it) and the acquire load in `push` (the
            // slot has been read).
            if (self.top.cmpxchgStrong(top, top + 1, .seq_cst, .monotonic) != null) return .lost;
            return .{ .success = item };
        }
    };
}

const testing = std.testing;

test "last in first out for the owner, first in first out for thieves" {
    var deque: Deque(u32) = try .init(testing.allocator, 2);
    defer deque.deinit();
    try testing.expectEqual(null, deque.pop());
    try testing.expectEqual(Steal(u32).empty, deque.steal());
    for (0..100) |item| try deque.push(@intCast(item));
    try testing.expectEqual(100, deque.len());
    try testing.expectEqual(99, deque.pop());
    try testing.expectEqual(Steal(u32){ .success = 0 }, deque.steal());
    try testing.expectEqual(Steal(u32){ .success = 1 }, deque.steal());
    try testing.expectEqual(98, deque.pop());
    try testing.expectEqual(96, deque.len());
}

test "failure mode 2: a growth that fails is an error, and nothing is lost" {
    var failing: testing.FailingAllocator = .init(testing.allocator, .{ .fail_index = 2 });
    var deque: Deque(usize) = try .init(failing.allocator(), 4);
    defer deque.deinit();
    for (0..4) |item| try deque.push(item);
    try testing.expectError(error.OutOfMemory, deque.push(4));
    try testing.expectEqual(4, deque.len());
    for (0..4) |item| try testing.expectEqual(Steal(usize){ .success = item }, deque.steal());
    try deque.push(5);
    try testing.expectEqual(5, deque.pop());
}

test "random operations against a model" {
    var random: std.Random.DefaultPrng = .init(testing.random_seed);
    var deque: Deque(u32) = try .init(testing.allocator, 1);
    defer deque.deinit();
    var model: std.ArrayList(u32) = .empty;
    defer model.deinit(testing.allocator);
    var next: u32 = 0;
    for (0..100_000) |step| {
        // Long phases of growing and of shrinking, so that it is often empty and often grows.
        const pushes_of_8: u32 = if (step / 1000 % 2 == 0) 5 else 2;
        const roll = random.random().uintLessThan(u32, 8);
        if (roll < pushes_of_8) {
            try deque.push(next);
            try model.append(testing.allocator, next);
            next += 1;
        } else if (roll % 2 == 0) {
            try testing.expectEqual(model.pop(), deque.pop());
        } else if (model.items.len == 0) {
            try testing.expectEqual(Steal(u32).empty, deque.steal());
        } else {
            try testing.expectEqual(Steal(u32){ .success = model.orderedRemove(0) }, deque.steal());
        }
        try testing.expectEqual(model.items.len, deque.len());
    }
}

test "failure mode 1, stress: every element is taken exactly once, with what it stands for" {
    const thieves_count = 3;
    const items_count = 300_000;
    const Shared = struct {
        deque: Deque(u32),
        /// Written plainly by the owner before the push: the deque must make it visible.
        payload: []u64,
        taken: []std.atomic.Value(u8),
        wrong: std.atomic.Value(u32) = .init(0),
        finished: std.atomic.Value(bool) = .init(false),
        stolen: std.atomic.Value(u32) = .init(0),

        fn take(shared: *@This(), item: u32) void {
            if (shared.payload[item] != @as(u64, item) * 3 + 1) _ = shared.wrong.fetchAdd(1, .monotonic);
            if (shared.taken[item].fetchAdd(1, .monotonic) != 0) _ = shared.wrong.fetchAdd(1, .monotonic);
        }

        fn thief(shared: *@This()) void {
            var count: u32 = 0;
            while (true) {
                switch (shared.deque.steal()) {
                    .success => |item| {
                        shared.take(item);
                        count += 1;
                    },
                    .lost => std.atomic.spinLoopHint(),
                    // Acquire pairs with the owner's release store: after it, empty means empty for good.
                    .empty => if (shared.finished.load(.acquire)) break else std.Thread.yield() catch {},
                }
            }
            _ = shared.stolen.fetchAdd(count, .monotonic);
        }
    };
    const allocator = testing.allocator;
    var shared: Shared = .{
        .deque = try .init(allocator, 2),
        .payload = try allocator.alloc(u64, items_count),
        .taken = try allocator.alloc(std.atomic.Value(u8), items_count),
    };
    defer shared.deque.deinit();
    defer allocator.free(shared.payload);
    defer allocator.free(shared.taken);
    @memset(shared.taken, .init(0));

    var threads: [thieves_count]std.Thread = undefined;
    for (&threads) |*thread| thread.* = try std.Thread.spawn(.{}, Shared.thief, .{&shared});
    var random: std.Random.DefaultPrng = .init(testing.random_seed);
    // Begin only when a thief is at work: the first element is for one of them.
    shared.payload[0] = 1;
    try shared.deque.push(0);
    while (shared.deque.len() > 0) std.Thread.yield() catch {};
    var next: u32 = 1;
    while (next < items_count) {
        // Bursts of either kind: the interesting moments are near empty.
        for (0..random.random().uintAtMost(u32, 12)) |_| {
            if (next == items_count) break;
            shared.payload[next] = @as(u64, next) * 3 + 1;
            try shared.deque.push(next);
            next += 1;
        }
        for (0..random.random().uintAtMost(u32, 10)) |_| shared.take(shared.deque.pop() orelse break);
    }
    while (shared.deque.pop()) |item| shared.take(item);
    shared.finished.store(true, .release);
    for (threads) |thread| thread.join();

    try testing.expectEqual(0, shared.wrong.load(.monotonic));
    for (shared.taken) |count| try testing.expectEqual(1, count.load(.monotonic));
    try testing.expect(shared.stolen.load(.monotonic) > 0);
}

const schedule = @import("schedule.zig");

test "schedules: every element is taken exactly once in any order of steps" {
    const Case = struct {
        deque: DequeOn(u32, schedule.simulated),
        random: std.Random.DefaultPrng,
        taken: [items_count]u8,
        owner_done: bool,

        const items_count = 12;

        pub fn init(self: *@This(), random: std.Random) !void {
            self.* = .{
                .deque = try .init(testing.allocator, 1),
                .random = .init(random.int(u64)),
                .taken = @splat(0),
                .owner_done = false,
            };
        }

        pub fn deinit(self: *@This()) void {
            self.deque.deinit();
        }

        fn owner(self: *@This()) void {
            var next: u32 = 0;
            while (next < items_count) {
                if (self.random.random().uintLessThan(u32, 5) < 3) {
                    self.deque.push(next) catch unreachable;
                    next += 1;
                } else if (self.deque.pop()) |item| self.taken[item] += 1;
            }
            while (self.deque.pop()) |item| self.taken[item] += 1;
            self.owner_done = true;
        }

        fn thief(self: *@This()) void {
            while (true) {
                const finished = self.owner_done;
                switch (self.deque.steal()) {
                    .success => |item| self.taken[item] += 1,
                    .lost => {},
                    .empty => if (finished) return,
                }
            }
        }

        pub fn actors(self: *@This(), buffer: *[8]schedule.Actor) []schedule.Actor {
            buffer[0] = .init(self, owner);
            buffer[1] = .init(self, thief);
            buffer[2] = .init(self, thief);
            return buffer[0..3];
        }

        pub fn check(self: *@This()) !void {
            for (self.taken) |count| try testing.expectEqual(1, count);
            try testing.expectEqual(0, self.deque.len());
        }
    };
    try schedule.explore(Case, 3_000);
}
