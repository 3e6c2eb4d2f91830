//! Handles: the numbers by which Janus programs name channels, nurseries, atomics and the like.
//!
//! A handle is a slot's index with the slot's generation above it, and every use checks both and the kind: a stale or
//! forged number is an error, never a wild pointer. Slots count references; who drops the last one frees the object.
//! A number with the top bit set names a task instead: a fiber's index and the low bits of its record's generation.

const std = @import("std");
const pool = @import("pool.zig");
const raced = @import("raced.zig");
const single = @import("single.zig");
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
    /// A block of the arena that several fibers use as memory: a slice of scalars.
    memory = 8,
    /// A shield that ends by itself.
    grace = 9,
    socket = 10,
};

const Slot = extern struct {
    /// References in the low half; kind in the byte above, then the generation. One word, so that a reference is never
    /// added to what took the slot meanwhile.
    word: raced.Value(u64),
    /// The object's arena offset. In a free slot: the next one.
    object: u32,
    batch: std.atomic.Value(u32),

    comptime {
        assert(@sizeOf(Slot) == 16);
    }
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
        const before = slot.word.load(.monotonic);
        assert(kindIn(before) == .none and refsIn(before) == 0);
        const generation: u32 = @intCast(before >> 40);
        slot.object = object;
        // Release pairs with the acquire in `find`.
        slot.word.store(wordOf(generation, kind, 1), .release);
        return generation << index_bits | index;
    }

    fn wordOf(generation: u32, kind: Kind, refs: u32) u64 {
        return @as(u64, generation) << 40 | @as(u64, @backingInt(kind)) << 32 | refs;
    }

    fn refsIn(word: u64) u32 {
        return @truncate(word);
    }

    fn kindIn(word: u64) Kind {
        return @fromBackingInt(@intCast(@as(u8, @truncate(word >> 32))));
    }

    /// The object's arena offset, or 0 when the handle is stale, forged or of another kind.
    pub inline fn find(self: *const Handles, handle: Handle, kind: Kind) u32 {
        // A task's number has a bit that no generation has.
        comptime assert(index_bits + generation_bits == 31);
        const slot = &self.slots[indexOf(handle)];
        // Acquire pairs with the release in `create`.
        const word = slot.word.load(.acquire);
        if (word >> 32 != (handle >> index_bits) << 8 | @backingInt(kind)) return 0;
        return slot.object;
    }

    /// The object of a handle to which the caller holds a reference.
    pub fn objectOf(self: *const Handles, handle: Handle) u32 {
        const slot = &self.slots[indexOf(handle)];
        const word = slot.word.load(.acquire);
        assert(word >> 40 == handle >> index_bits and refsIn(word) > 0);
        return slot.object;
    }

    pub fn kindOf(self: *const Handles, handle: Handle) Kind {
        if (handle & task_bit != 0) return .none;
        const word = self.slots[indexOf(handle)].word.load(.acquire);
        return if (word >> 40 == handle >> index_bits) kindIn(word) else .none;
    }

    /// The handle that a slot has now, if it is of this kind. For looking around.
    pub fn handleAt(self: *const Handles, index: u32, kind: Kind) ?Handle {
        const word = self.slots[index].word.load(.acquire);
        if (kindIn(word) != kind) return null;
        return @as(u32, @intCast(word >> 40)) << index_bits | index;
    }

    // Each wait takes a reference to its channel and gives it back, so both are inlined where waits need them: while
    // there is one worker `exchangeIfEqual` writes plainly. An unbuffered message went from 706 instructions of the
    // core to 622 when they were, and what each operation does first.

    /// One more reference; false when the handle is stale or nobody holds it any more.
    pub inline fn retain(self: *Handles, handle: Handle) bool {
        // A task's number has a bit that no generation has.
        comptime assert(index_bits + generation_bits == 31);
        const word = &self.slots[indexOf(handle)].word;
        var seen = word.load(.monotonic);
        while (seen >> 40 == handle >> index_bits and refsIn(seen) != 0) {
            assert(refsIn(seen) != std.math.maxInt(u32)); // a count never runs over into the kind
            seen = single.exchangeIfEqual(u64, word, seen, seen + 1, .acquire, .monotonic) orelse return true;
        }
        return false;
    }

    /// One reference less of at least so many: the word before. Null: there are fewer, or the handle is stale.
    inline fn giveBack(self: *Handles, handle: Handle, comptime least: u32) ?u64 {
        const word = &self.slots[indexOf(handle)].word;
        var seen = word.load(.monotonic);
        while (seen >> 40 == handle >> index_bits and refsIn(seen) >= least) {
            // Release pairs with the acquire of the one that drops the last reference.
            seen = single.exchangeIfEqual(u64, word, seen, seen - 1, .acq_rel, .monotonic) orelse return seen;
        }
        return null;
    }

    pub const Release = union(enum) {
        stale,
        kept,
        /// The last one: the caller frees the object, then calls `destroy`.
        last: struct { kind: Kind, object: u32 },
    };

    /// The object of a handle between its last release and `destroy`.
    pub fn objectAt(self: *const Handles, handle: Handle) u32 {
        assert(refsIn(self.slots[indexOf(handle)].word.load(.monotonic)) == 0);
        return self.slots[indexOf(handle)].object;
    }

    /// A word that is nobody's between those two.
    pub fn spareWord(self: *Handles, handle: Handle) *std.atomic.Value(u32) {
        return &self.slots[indexOf(handle)].batch;
    }

    /// Gives one of several references back; false when it has to be looked at closer (`release`).
    pub inline fn releaseOneOfSeveral(self: *Handles, handle: Handle) bool {
        return !single.threaded() and self.giveBack(handle, 2) != null;
    }

    pub fn release(self: *Handles, handle: Handle) Release {
        const before = self.giveBack(handle, 1) orelse return .stale;
        if (refsIn(before) > 1) return .kept;
        return .{ .last = .{ .kind = kindIn(before), .object = self.slots[indexOf(handle)].object } };
    }

    /// After the last release: the handle is stale from now on, and its slot free.
    pub fn destroy(self: *Handles, cache: *pool.Cache, handle: Handle) void {
        const slot = &self.slots[indexOf(handle)];
        const word = slot.word.load(.monotonic);
        assert(refsIn(word) == 0);
        assert(word >> 40 == handle >> index_bits);
        const generation: u32 = @intCast(((word >> 40) + 1) & ((1 << generation_bits) - 1));
        slot.word.store(wordOf(generation, .none, 0), .release);
        self.pool.give(cache, indexOf(handle));
    }
};

const testing = std.testing;

test "failure mode 32: handles name what they were made for, until the last reference goes" {
    const was_threaded = single.threaded();
    single.forgetThreads();
    try namesWhatItWasMadeFor();
    single.announceThreads();
    try namesWhatItWasMadeFor();
    if (!was_threaded) single.forgetThreads();
}

fn namesWhatItWasMadeFor() !void {
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
    try testing.expect(!handles.retain(a | task_bit));
    try testing.expect(handles.retain(a));
    try testing.expect(handles.releaseOneOfSeveral(a) or handles.release(a) == .kept);
    try testing.expectEqual(Handles.Release.kept, handles.release(a));
    try testing.expect(!handles.releaseOneOfSeveral(a)); // the last one
    const last = handles.release(a);
    try testing.expectEqual(64, last.last.object);
    handles.destroy(&cache, a);
    try testing.expectEqual(0, handles.find(a, .channel));
    try testing.expect(!handles.retain(a));
    try testing.expect(!handles.releaseOneOfSeveral(a));
    try testing.expectEqual(Handles.Release.stale, handles.release(a));
    const c = handles.create(&cache, .channel, 192);
    try testing.expect(c != a);
    try testing.expectEqual(0, handles.find(a, .channel));
}
