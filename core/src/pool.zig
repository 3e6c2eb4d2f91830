//! Numbers handed out and taken back: fiber records and handle slots.
//!
//! Each worker keeps up to two batches of free numbers of its own, so taking and giving back is a few plain loads and
//! stores; whole batches travel between workers through one lock-free stack. Numbers never used before come from a
//! counter, a batch at a time. Number 0 is never handed out.
//!
//! A free number's links live in the table it indexes: `Links.next(table, n)` is a plain word that only the cache's
//! owner touches, `Links.batch(table, n)` an atomic one.

const std = @import("std");
const assert = std.debug.assert;

pub const batch_length: u32 = 32;

/// Written by its worker's thread only.
pub const Cache = struct {
    head: u32 = 0,
    count: u32 = 0,
    spare: u32 = 0,
    fresh: u32 = 0,
    fresh_end: u32 = 0,
};

pub fn Pool(comptime Table: type, comptime Links: type) type {
    return struct {
        table: Table,
        capacity: u32,
        fresh: std.atomic.Value(u32) = .init(1),
        /// First number of the top batch in the low half, a tag in the high half against ABA.
        shared: std.atomic.Value(u64) = .init(0),

        const Self = @This();

        /// A free number, or 0 when all are in use.
        pub fn take(self: *Self, cache: *Cache) u32 {
            if (cache.head == 0) {
                const batch = if (cache.spare != 0) cache.spare else self.popBatch();
                cache.spare = 0;
                if (batch == 0) return self.takeFresh(cache);
                cache.head = batch;
                cache.count = batch_length;
            }
            const number = cache.head;
            cache.head = Links.next(self.table, number).*;
            cache.count -= 1;
            assert((cache.head == 0) == (cache.count == 0));
            return number;
        }

        fn takeFresh(self: *Self, cache: *Cache) u32 {
            if (cache.fresh == cache.fresh_end) {
                // The bound is looked at first, so that the counter cannot run round.
                if (self.fresh.load(.monotonic) >= self.capacity) return 0;
                const first = self.fresh.fetchAdd(batch_length, .monotonic);
                if (first >= self.capacity) return 0;
                cache.fresh = first;
                cache.fresh_end = @min(first + batch_length, self.capacity);
            }
            defer cache.fresh += 1;
            return cache.fresh;
        }

        pub fn give(self: *Self, cache: *Cache, number: u32) void {
            assert(number > 0 and number < self.capacity);
            if (cache.count == batch_length) {
                if (cache.spare != 0) self.pushBatch(cache.spare);
                cache.spare = cache.head;
                cache.head = 0;
                cache.count = 0;
            }
            Links.next(self.table, number).* = cache.head;
            cache.head = number;
            cache.count += 1;
        }

        /// One more than the highest number ever handed out.
        pub fn highWater(self: *const Self) u32 {
            return @min(self.fresh.load(.acquire), self.capacity);
        }

        fn pushBatch(self: *Self, batch: u32) void {
            var seen = self.shared.load(.monotonic);
            while (true) {
                Links.batch(self.table, batch).store(@truncate(seen), .monotonic);
                const desired = ((seen >> 32) +% 1) << 32 | batch;
                // Release pairs with the acquire in `popBatch`: the links inside the batch come with it.
                seen = self.shared.cmpxchgWeak(seen, desired, .release, .monotonic) orelse return;
            }
        }

        fn popBatch(self: *Self) u32 {
            // Acquire pairs with the release in `pushBatch`.
            var seen = self.shared.load(.acquire);
            while (true) {
                const batch: u32 = @truncate(seen);
                if (batch == 0) return 0;
                // Thrown away when somebody took the batch meanwhile: the tag has then changed.
                const below = Links.batch(self.table, batch).load(.monotonic);
                const desired = ((seen >> 32) +% 1) << 32 | below;
                seen = self.shared.cmpxchgWeak(seen, desired, .acquire, .acquire) orelse return batch;
            }
        }
    };
}

const testing = std.testing;

const TestSlot = struct {
    next: u32 = 0,
    batch: std.atomic.Value(u32) = .init(0),
    users: std.atomic.Value(u32) = .init(0),
};
const TestLinks = struct {
    fn next(table: []TestSlot, n: u32) *u32 {
        return &table[n].next;
    }
    fn batch(table: []TestSlot, n: u32) *std.atomic.Value(u32) {
        return &table[n].batch;
    }
};
const TestPool = Pool([]TestSlot, TestLinks);

test "every number is handed out once, and again after it came back" {
    var table: [200]TestSlot = @splat(.{});
    var pool: TestPool = .{ .table = &table, .capacity = table.len };
    var cache: Cache = .{};
    for (0..3) |_| {
        var seen: [200]bool = @splat(false);
        for (1..200) |_| {
            const n = pool.take(&cache);
            try testing.expect(n != 0 and !seen[n]);
            seen[n] = true;
        }
        try testing.expectEqual(0, pool.take(&cache));
        for (1..200) |n| pool.give(&cache, @intCast(n));
    }
}

test "stress: no number is with two workers at once" {
    const Worker = struct {
        pool: *TestPool,
        cache: Cache = .{},
        failed: bool = false,

        fn run(self: *@This(), seed: u64) void {
            var prng: std.Random.DefaultPrng = .init(seed);
            const random = prng.random();
            var held: [100]u32 = undefined;
            var n: usize = 0;
            for (0..100_000) |_| {
                if (n < held.len and (n == 0 or random.boolean())) {
                    held[n] = self.pool.take(&self.cache);
                    if (held[n] == 0 or self.pool.table[held[n]].users.fetchAdd(1, .monotonic) != 0) {
                        self.failed = true;
                        return;
                    }
                    n += 1;
                } else {
                    n -= 1;
                    _ = self.pool.table[held[n]].users.fetchSub(1, .monotonic);
                    self.pool.give(&self.cache, held[n]);
                }
            }
        }
    };
    const table = try testing.allocator.alloc(TestSlot, 4096);
    defer testing.allocator.free(table);
    @memset(table, .{});
    var pool: TestPool = .{ .table = table, .capacity = 4096 };
    var workers: [4]Worker = @splat(.{ .pool = &pool });
    var threads: [4]std.Thread = undefined;
    for (&threads, &workers, 0..) |*thread, *worker, i| {
        thread.* = try std.Thread.spawn(.{}, Worker.run, .{ worker, i });
    }
    for (threads) |thread| thread.join();
    for (workers) |worker| try testing.expect(!worker.failed);
}
