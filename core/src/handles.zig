//! Handles: the numbers by which Janus programs name channels, nurseries, atomics and the like.
//!
//! A handle is a slot's index with the slot's generation above it, and every use checks both and the kind: a stale or
//! forged number is an error, never a wild pointer. Slots count references; who drops the last one frees the object.
//! A number with the top bit set names a task instead: a fiber's index and the low bits of its record's generation.

const std = @import("std");
const pool = @import("pool.zig");
const assert = std.debug.assert;

pub const Handle = u32;

pub const index_bits = 22;
pub const generation_bits = 9;
pub const capacity: u32 = 1 << index_bits;
pub const task_bit: u32 = 1 << 31;

pub const Kind = enum(u8) {
    none = 0,
    nursery = 1,
    channel = 2,
    atomic = 3,
    parker = 4,
    mutex = 5,
    ring = 6,
    token = 7,
};

const Slot = extern struct {
    /// Kind in the low byte, generation above it.
    meta: std.atomic.Value(u32),
    refs: std.atomic.Value(u32),
    /// The object's arena offset. In a free slot: the next one.
    object: u32,
    batch: std.atomic.Value(u32),
};

const Links = struct {
    pub fn next(table: [*]Slot, number: u32) *u32 {
        return &table[number].object;
    }
    pub fn batch(table: [*]Slot, number: u32) *std.atomic.Value(u32) {
        return &table[number].batch;
    }
};

pub fn indexOf(handle: Handle) u32 {
    return handle & (capacity - 1);
}

pub const Handles = struct {
    slots: [*]Slot,
    pool: pool.Pool([*]Slot, Links),

    pub fn init() error{OutOfMemory}!Handles {
        const os = std.os.linux;
        const result = os.mmap(
            null,
            @as(usize, capacity) * @sizeOf(Slot),
            .{ .READ = true, .WRITE = true },
            .{ .TYPE = .PRIVATE, .ANONYMOUS = true, .NORESERVE = true },
            -1,
            0,
        );
        if (os.errno(result) != .SUCCESS) return error.OutOfMemory;
        const slots: [*]Slot = @ptrFromInt(result);
        return .{ .slots = slots, .pool = .{ .table = slots, .capacity = capacity } };
    }

    pub fn deinit(self: *Handles) void {
        const os = std.os.linux;
        const result = os.munmap(@ptrCast(self.slots), @as(usize, capacity) * @sizeOf(Slot));
        assert(os.errno(result) == .SUCCESS);
        self.* = undefined;
    }

    /// A handle with one reference; 0 when all slots are in use.
    pub fn create(self: *Handles, cache: *pool.Cache, kind: Kind, object: u32) Handle {
        assert(kind != .none and object != 0);
        const index = self.pool.take(cache);
        if (index == 0) return 0;
        const slot = &self.slots[index];
        const generation = slot.meta.load(.monotonic) >> 8;
        assert(slot.meta.load(.monotonic) & 0xff == 0);
        slot.object = object;
        slot.refs.store(1, .monotonic);
        // Release pairs with the acquire in `find`.
        slot.meta.store(generation << 8 | @backingInt(kind), .release);
        return generation << index_bits | index;
    }

    /// The object's arena offset, or 0 when the handle is stale, forged or of another kind.
    pub fn find(self: *const Handles, handle: Handle, kind: Kind) u32 {
        if (handle & task_bit != 0) return 0;
        const slot = &self.slots[indexOf(handle)];
        const expected = (handle >> index_bits) << 8 | @backingInt(kind);
        // Acquire pairs with the release in `create`.
        if (slot.meta.load(.acquire) != expected) return 0;
        return slot.object;
    }

    pub fn kindOf(self: *const Handles, handle: Handle) Kind {
        if (handle & task_bit != 0) return .none;
        const meta = self.slots[indexOf(handle)].meta.load(.acquire);
        if (meta >> 8 != handle >> index_bits) return .none;
        return @fromBackingInt(@intCast(@as(u8, @truncate(meta))));
    }

    /// One more reference; false when the handle is stale. The caller must hold one, or own who does: a plain
    /// increment, except that a slot at zero is never revived.
    pub fn retain(self: *Handles, handle: Handle) bool {
        if (self.kindOf(handle) == .none) return false;
        const refs = &self.slots[indexOf(handle)].refs;
        var seen = refs.load(.monotonic);
        while (seen != 0) seen = refs.cmpxchgWeak(seen, seen + 1, .monotonic, .monotonic) orelse return true;
        return false;
    }

    pub const Release = union(enum) {
        stale,
        kept,
        /// The last one: the caller frees the object, then calls `destroy`.
        last: struct { kind: Kind, object: u32 },
    };

    pub fn release(self: *Handles, handle: Handle) Release {
        const kind = self.kindOf(handle);
        if (kind == .none) return .stale;
        const slot = &self.slots[indexOf(handle)];
        var seen = slot.refs.load(.monotonic);
        while (true) {
            if (seen == 0) return .stale;
            // Release pairs with the acquire of the one that drops the last reference.
            seen = slot.refs.cmpxchgWeak(seen, seen - 1, .acq_rel, .monotonic) orelse break;
        }
        if (seen > 1) return .kept;
        return .{ .last = .{ .kind = kind, .object = slot.object } };
    }

    /// After the last release: the handle is stale from now on, and its slot free.
    pub fn destroy(self: *Handles, cache: *pool.Cache, handle: Handle) void {
        const slot = &self.slots[indexOf(handle)];
        assert(slot.refs.load(.monotonic) == 0);
        const generation = slot.meta.load(.monotonic) >> 8;
        assert(generation == handle >> index_bits);
        slot.meta.store(((generation + 1) & ((1 << generation_bits) - 1)) << 8, .release);
        self.pool.give(cache, indexOf(handle));
    }
};

const testing = std.testing;

test "handles name what they were made for, until the last reference goes" {
    var handles: Handles = try .init();
    defer handles.deinit();
    var cache: pool.Cache = .{};
    const a = handles.create(&cache, .channel, 64);
    const b = handles.create(&cache, .atomic, 128);
    try testing.expectEqual(64, handles.find(a, .channel));
    try testing.expectEqual(128, handles.find(b, .atomic));
    try testing.expectEqual(0, handles.find(a, .atomic));
    try testing.expectEqual(0, handles.find(a | task_bit, .channel));
    try testing.expectEqual(0, handles.find(0, .channel));
    try testing.expect(handles.retain(a));
    try testing.expectEqual(Handles.Release.kept, handles.release(a));
    const last = handles.release(a);
    try testing.expectEqual(64, last.last.object);
    handles.destroy(&cache, a);
    try testing.expectEqual(0, handles.find(a, .channel));
    try testing.expect(!handles.retain(a));
    try testing.expectEqual(Handles.Release.stale, handles.release(a));
    const c = handles.create(&cache, .channel, 192);
    try testing.expect(c != a);
    try testing.expectEqual(0, handles.find(a, .channel));
}
