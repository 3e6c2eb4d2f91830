//! The arena: one mapping that the core allocates from and JavaScript sees whole, as typed arrays made once.
//!
//! An address in it is a 32-bit offset; 0 is none. Every block starts with a 16-byte `Header`, the payload follows.
//! Small blocks come in size classes: each worker has its own free lists (no atomic operation), which exchange whole
//! batches through one lock-free stack a class. Large blocks are runs of spans under a lock; they are rare, and
//! clearing them costs more than the lock does. Memory is never given back to the system while small; a freed large run
//! is (`MADV_DONTNEED`).
//! A worker's cache may be touched by the thread of that worker only.

const std = @import("std");
const os = std.os.linux;
const futex = @import("futex.zig");
const Mutex = @import("mutex.zig").MutexOn(futex.linux);
const assert = std.debug.assert;

pub const Offset = u32;

pub const span_bytes: u32 = 64 * 1024;
pub const header_bytes: u32 = 16;

/// JavaScript reads `bytes` and writes `handle_count`: the layout is part of the boundary.
pub const Header = extern struct {
    /// Bytes of the payload as asked for. In a free block: the next one of its list.
    bytes: u32,
    refs: std.atomic.Value(u32),
    /// Size class in the low byte, `live_mark` or `free_mark` above it.
    class: std.atomic.Value(u32),
    /// How many handle ids the payload begins with. In the first block of a free batch: the next batch.
    handle_count: std.atomic.Value(u32),

    comptime {
        assert(@sizeOf(Header) == header_bytes);
        assert(@offsetOf(Header, "handle_count") == 12);
    }
};

/// In `refs`: the block counts on a budget (budget.zig).
pub const charged_bit: u32 = 1 << 31;

const live_mark: u32 = 0x4a414e00; // "JAN"
const free_mark: u32 = 0x46524500; // "FRE"
const mark_mask: u32 = 0xffffff00;
const class_large: u32 = 0xff;

/// Whole block sizes, header included.
const class_sizes = blk: {
    var sizes: [40]u32 = undefined;
    var n: usize = 0;
    var size: u32 = 32;
    while (size <= 32 * 1024) {
        sizes[n] = size;
        n += 1;
        // Four classes a doubling, so at most a fifth is wasted; all multiples of 16.
        var step: u32 = 16;
        while (step * 8 <= size) step *= 2;
        size += step;
    }
    break :blk sizes[0..n].*;
};
pub const class_count = class_sizes.len;

/// Class of a block of at most this many 16-byte units.
const class_of_units = blk: {
    @setEvalBranchQuota(100_000);
    var table: [32 * 1024 / 16 + 1]u8 = undefined;
    var class: u8 = 0;
    for (0..table.len) |units| {
        while (class_sizes[class] < units * 16) class += 1;
        table[units] = class;
    }
    break :blk table;
};

/// Blocks in a batch: about 4 KB worth, so that caches stay small.
fn batchLength(class: usize) u32 {
    return std.math.clamp(4096 / class_sizes[class], 2, 64);
}

const FreeList = struct {
    head: Offset = 0,
    count: u32 = 0,
    /// One full batch, kept so that a worker at the border does not exchange on every call.
    spare: Offset = 0,
    bump: Offset = 0,
    bump_end: Offset = 0,
};

/// What one worker keeps. Counters are written by its thread only, and read by anybody for statistics.
pub const Cache = struct {
    lists: [class_count]FreeList = @splat(.{}),
    blocks_allocated: std.atomic.Value(u64) = .init(0),
    blocks_freed: std.atomic.Value(u64) = .init(0),
    bytes_allocated: std.atomic.Value(u64) = .init(0),
    bytes_freed: std.atomic.Value(u64) = .init(0),
    /// The allocation after this many is refused, once: a fault that an explored run asks for.
    refuse_at: u64 = std.math.maxInt(u64),

    fn refuses(self: *Cache) bool {
        if (self.blocks_allocated.load(.monotonic) == self.refuse_at) {
            @branchHint(.cold);
            self.refuse_at = std.math.maxInt(u64);
            return true;
        }
        return false;
    }
};

fn count(counter: *std.atomic.Value(u64), n: u64) void {
    // One writer: no read-modify-write needed.
    counter.store(counter.load(.monotonic) + n, .monotonic);
}

const Run = struct { first: u32, spans: u32 };

pub const Arena = struct {
    base: [*]align(std.heap.page_size_min) u8,
    bytes: u64,
    /// Stacks of free batches: offset in the low half, a tag in the high half against ABA.
    shared: [class_count]std.atomic.Value(u64) = @splat(.init(0)),
    runs_mutex: Mutex = .{},
    /// Free runs of spans, by address, never two adjacent. Guarded by `runs_mutex`.
    runs: std.ArrayList(Run) = .empty,

    pub fn init(megabytes: u32) error{OutOfMemory}!Arena {
        const most: u64 = (@as(u64, 4) << 30) - span_bytes;
        const bytes: u64 = if (megabytes == 0) most else @min(most, @as(u64, megabytes) << 20);
        const result = os.mmap(
            null,
            bytes,
            .{ .READ = true, .WRITE = true },
            .{ .TYPE = .PRIVATE, .ANONYMOUS = true, .NORESERVE = true },
            -1,
            0,
        );
        if (os.errno(result) != .SUCCESS) return error.OutOfMemory;
        var arena: Arena = .{ .base = @ptrFromInt(result), .bytes = bytes };
        // The first span stays unused, so that offset 0 is nobody's.
        const spans: u32 = @intCast(bytes / span_bytes);
        assert(spans > 1);
        arena.runs.append(std.heap.page_allocator, .{ .first = 1, .spans = spans - 1 }) catch {
            _ = os.munmap(arena.base, bytes);
            return error.OutOfMemory;
        };
        return arena;
    }

    pub fn deinit(self: *Arena) void {
        self.runs.deinit(std.heap.page_allocator);
        const result = os.munmap(self.base, self.bytes);
        assert(os.errno(result) == .SUCCESS);
        self.* = undefined;
    }

    pub fn at(self: *const Arena, comptime T: type, offset: Offset) *T {
        assert(offset != 0);
        assert(offset + @as(u64, @sizeOf(T)) <= self.bytes);
        return @ptrCast(@alignCast(self.base + offset));
    }

    pub fn header(self: *const Arena, payload: Offset) *Header {
        assert(payload >= span_bytes + header_bytes);
        return self.at(Header, payload - header_bytes);
    }

    pub fn payloadSlice(self: *const Arena, payload: Offset) []u8 {
        return (self.base + payload)[0..self.header(payload).bytes];
    }

    /// Whether `payload` is the payload of a live block: what stands between a bad offset and a wild pointer.
    pub fn isLive(self: *const Arena, payload: Offset) bool {
        if (payload < span_bytes + header_bytes or payload >= self.bytes or payload % 16 != 0) return false;
        const class = self.header(payload).class.load(.monotonic);
        if (class & mark_mask != live_mark) return false;
        return class & 0xff == class_large or class & 0xff < class_count;
    }

    /// A block of `bytes` payload with one reference and no handles; 0 when the arena is full.
    /// The payload is not cleared.
    pub fn alloc(self: *Arena, cache: *Cache, bytes: u32) Offset {
        if (cache.refuses()) return 0;
        const whole = @as(u64, bytes) + header_bytes;
        if (whole > class_sizes[class_count - 1]) return self.allocLarge(cache, bytes);
        const class = class_of_units[(@as(u32, @intCast(whole)) + 15) / 16];
        assert(class_sizes[class] >= whole);
        const list = &cache.lists[class];
        const block = if (list.head != 0) blk: {
            const block = list.head;
            list.head = self.at(Header, block).bytes;
            list.count -= 1;
            break :blk block;
        } else self.refill(list, class);
        if (block == 0) return 0;
        self.start(cache, block, bytes, class);
        return block + header_bytes;
    }

    fn start(self: *Arena, cache: *Cache, block: Offset, bytes: u32, class: u32) void {
        const h = self.at(Header, block);
        assert(h.class.load(.monotonic) & mark_mask != live_mark); // else it is handed out twice
        h.bytes = bytes;
        h.refs.store(1, .monotonic);
        h.class.store(live_mark | class, .monotonic);
        h.handle_count.store(0, .monotonic);
        count(&cache.blocks_allocated, 1);
        count(&cache.bytes_allocated, bytes);
    }

    fn refill(self: *Arena, list: *FreeList, class: u32) Offset {
        @branchHint(.unlikely);
        assert(list.head == 0 and list.count == 0);
        const batch = if (list.spare != 0) list.spare else self.popBatch(class);
        list.spare = 0;
        if (batch != 0) {
            list.head = self.at(Header, batch).bytes;
            list.count = batchLength(class) - 1;
            return batch;
        }
        const size = class_sizes[class];
        if (list.bump + size > list.bump_end) {
            const span = self.takeSpans(1);
            if (span == 0) return 0;
            list.bump = span * span_bytes;
            list.bump_end = list.bump + span_bytes;
        }
        defer list.bump += size;
        // A span may have been a large block before.
        self.at(Header, list.bump).class.store(free_mark | class, .monotonic);
        return list.bump;
    }

    /// Frees a block whose last reference is gone. Handles it lists must have been released before.
    pub fn free(self: *Arena, cache: *Cache, payload: Offset) void {
        assert(self.isLive(payload));
        const h = self.header(payload);
        const class = h.class.load(.monotonic) & 0xff;
        count(&cache.blocks_freed, 1);
        count(&cache.bytes_freed, h.bytes);
        h.class.store(free_mark | class, .monotonic);
        const block = payload - header_bytes;
        if (class == class_large) return self.freeLarge(block, h.bytes);
        const list = &cache.lists[class];
        if (list.count == batchLength(class)) {
            if (list.spare != 0) self.pushBatch(class, list.spare);
            list.spare = list.head;
            list.head = 0;
            list.count = 0;
        }
        h.bytes = list.head;
        list.head = block;
        list.count += 1;
    }

    fn pushBatch(self: *Arena, class: u32, batch: Offset) void {
        const head = &self.shared[class];
        const h = self.at(Header, batch);
        var seen = head.load(.monotonic);
        while (true) {
            // Atomic, because a `popBatch` that is about to fail may still read it.
            h.handle_count.store(@truncate(seen), .monotonic);
            const desired = ((seen >> 32) +% 1) << 32 | batch;
            // Release pairs with the acquire in `popBatch`: the batch's links are visible with it.
            seen = head.cmpxchgWeak(seen, desired, .release, .monotonic) orelse return;
        }
    }

    fn popBatch(self: *Arena, class: u32) Offset {
        const head = &self.shared[class];
        // Acquire pairs with the release in `pushBatch`.
        var seen = head.load(.acquire);
        while (true) {
            const batch: Offset = @truncate(seen);
            if (batch == 0) return 0;
            // Perhaps no longer the head, and in use: the value read is then thrown away, for the tag has changed.
            const below = self.at(Header, batch).handle_count.load(.monotonic);
            const desired = ((seen >> 32) +% 1) << 32 | below;
            seen = head.cmpxchgWeak(seen, desired, .acquire, .acquire) orelse return batch;
        }
    }

    /// Spans of an address range for the caller's own use, header-less; 0 when there are none.
    pub fn takeSpans(self: *Arena, spans: u32) u32 {
        assert(spans > 0);
        self.runs_mutex.lock();
        defer self.runs_mutex.unlock();
        for (self.runs.items, 0..) |*run, i| {
            if (run.spans < spans) continue;
            const first = run.first;
            run.first += spans;
            run.spans -= spans;
            if (run.spans == 0) _ = self.runs.orderedRemove(i);
            return first;
        }
        return 0;
    }

    fn giveSpans(self: *Arena, first: u32, spans: u32) void {
        self.runs_mutex.lock();
        defer self.runs_mutex.unlock();
        const items = self.runs.items;
        var at_index: usize = 0;
        var end: usize = items.len;
        while (at_index < end) {
            const middle = (at_index + end) / 2;
            if (items[middle].first < first) at_index = middle + 1 else end = middle;
        }
        assert(at_index == 0 or items[at_index - 1].first + items[at_index - 1].spans <= first);
        assert(at_index == items.len or first + spans <= items[at_index].first);
        const joins_left = at_index > 0 and items[at_index - 1].first + items[at_index - 1].spans == first;
        const joins_right = at_index < items.len and first + spans == items[at_index].first;
        if (joins_left) {
            items[at_index - 1].spans += spans;
            if (joins_right) {
                items[at_index - 1].spans += items[at_index].spans;
                _ = self.runs.orderedRemove(at_index);
            }
        } else if (joins_right) {
            items[at_index].first = first;
            items[at_index].spans += spans;
        } else {
            // Without memory for the entry the run stays unused: a leak of address space, not an error.
            self.runs.insert(std.heap.page_allocator, at_index, .{ .first = first, .spans = spans }) catch {};
        }
    }

    fn largeSpans(bytes: u32) u32 {
        return @intCast((@as(u64, bytes) + header_bytes + span_bytes - 1) / span_bytes);
    }

    fn allocLarge(self: *Arena, cache: *Cache, bytes: u32) Offset {
        const first = self.takeSpans(largeSpans(bytes));
        if (first == 0) return 0;
        const block = first * span_bytes;
        self.at(Header, block).class.store(free_mark | class_large, .monotonic);
        self.start(cache, block, bytes, class_large);
        return block + header_bytes;
    }

    fn freeLarge(self: *Arena, block: Offset, bytes: u32) void {
        assert(block % span_bytes == 0);
        const spans = largeSpans(bytes);
        const result = os.madvise(self.base + block, @as(u64, spans) * span_bytes, os.MADV.DONTNEED);
        assert(os.errno(result) == .SUCCESS);
        self.giveSpans(block / span_bytes, spans);
    }
};

const testing = std.testing;

test "size classes cover every size, waste little and are aligned" {
    for (class_sizes) |size| try testing.expectEqual(0, size % 16);
    for (1..class_of_units.len) |units| {
        const size = class_sizes[class_of_units[units]];
        try testing.expect(size >= units * 16);
        try testing.expect(size <= 32 or size * 4 <= units * 16 * 5 + 64);
    }
}

test "blocks are distinct, keep their contents and are used again" {
    var arena: Arena = try .init(64);
    defer arena.deinit();
    var cache: Cache = .{};
    var prng: std.Random.DefaultPrng = .init(1);
    const random = prng.random();
    var live: [500]Offset = @splat(0);
    for (0..50_000) |round| {
        const slot = random.uintLessThan(usize, live.len);
        if (live[slot] != 0) {
            const payload = arena.payloadSlice(live[slot]);
            for (payload) |byte| try testing.expectEqual(@as(u8, @truncate(slot)), byte);
            arena.free(&cache, live[slot]);
            try testing.expect(!arena.isLive(live[slot]));
        }
        const bytes = if (round % 500 == 0) random.uintLessThan(u32, 400_000) else random.uintLessThan(u32, 600);
        live[slot] = arena.alloc(&cache, bytes);
        try testing.expect(arena.isLive(live[slot]));
        @memset(arena.payloadSlice(live[slot]), @truncate(slot));
    }
    for (live) |payload| if (payload != 0) arena.free(&cache, payload);
    try testing.expectEqual(cache.blocks_allocated.load(.monotonic), cache.blocks_freed.load(.monotonic));
    try testing.expectEqual(cache.bytes_allocated.load(.monotonic), cache.bytes_freed.load(.monotonic));
}

test "a full arena says so, and large runs join again when freed" {
    var arena: Arena = try .init(4);
    defer arena.deinit();
    var cache: Cache = .{};
    var blocks: [64]Offset = undefined;
    var n: usize = 0;
    while (true) : (n += 1) {
        blocks[n] = arena.alloc(&cache, 200_000);
        if (blocks[n] == 0) break;
    }
    try testing.expect(n >= 10);
    // Every second one first, so that joining happens on both sides.
    for (0..n) |i| if (i % 2 == 0) arena.free(&cache, blocks[i]);
    for (0..n) |i| if (i % 2 == 1) arena.free(&cache, blocks[i]);
    try testing.expectEqual(1, arena.runs.items.len);
    const whole = arena.alloc(&cache, 3 * 1024 * 1024);
    try testing.expect(whole != 0);
    arena.free(&cache, whole);
}

test "bad offsets are recognised" {
    var arena: Arena = try .init(4);
    defer arena.deinit();
    var cache: Cache = .{};
    const payload = arena.alloc(&cache, 10);
    for ([_]Offset{ 0, 1, 16, payload + 1, payload + 16, 0xffff_fff0, 4 << 20 }) |offset| {
        try testing.expect(!arena.isLive(offset));
    }
    arena.free(&cache, payload);
}

test "stress: blocks allocated by one worker and freed by another come back" {
    const workers = 4;
    const Shared = struct {
        arena: *Arena,
        slots: *[256]std.atomic.Value(u32),
        cache: Cache = .{},
        failed: bool = false,

        fn run(self: *@This(), seed: u64) void {
            var prng: std.Random.DefaultPrng = .init(seed);
            const random = prng.random();
            for (0..60_000) |_| {
                const mine = self.arena.alloc(&self.cache, random.intRangeAtMost(u32, 8, 300));
                if (mine == 0) {
                    self.failed = true;
                    return;
                }
                @memset(self.arena.payloadSlice(mine), @truncate(mine >> 4));
                // Release hands over what was written; acquire takes over what the other wrote.
                const theirs = self.slots[random.uintLessThan(usize, 256)].swap(mine, .acq_rel);
                if (theirs == 0) continue;
                for (self.arena.payloadSlice(theirs)) |byte| {
                    if (byte != @as(u8, @truncate(theirs >> 4))) self.failed = true;
                }
                self.arena.free(&self.cache, theirs);
            }
        }
    };
    var arena: Arena = try .init(64);
    defer arena.deinit();
    var slots: [256]std.atomic.Value(u32) = @splat(.init(0));
    var shared: [workers]Shared = undefined;
    var threads: [workers]std.Thread = undefined;
    for (&shared, &threads, 0..) |*s, *thread, i| {
        s.* = .{ .arena = &arena, .slots = &slots };
        thread.* = try std.Thread.spawn(.{}, Shared.run, .{ s, i });
    }
    for (threads) |thread| thread.join();
    for (&slots) |*slot| {
        const payload = slot.load(.acquire);
        if (payload != 0) arena.free(&shared[0].cache, payload);
    }
    var blocks: i64 = 0;
    for (&shared) |*s| {
        try testing.expect(!s.failed);
        blocks += @intCast(s.cache.blocks_allocated.load(.monotonic));
        blocks -= @intCast(s.cache.blocks_freed.load(.monotonic));
    }
    try testing.expectEqual(0, blocks);
    // 240 000 blocks passed through; far fewer spans were needed, so they were used again.
    const free_spans = arena.runs.items[arena.runs.items.len - 1].spans;
    try testing.expect(free_spans > 64 * 1024 * 1024 / span_bytes / 2);
}
