//! Handles under all threads at once: made, used by who only knows the number, given back and made again, until the
//! generations have gone round.

const std = @import("std");
const handles_mod = @import("handles.zig");
const pool = @import("pool.zig");
const single = @import("single.zig");
const Handle = handles_mod.Handle;
const testing = std.testing;

const threads_n = 4;
const cells_n = 4;
const rounds = 300_000;
const runs_max = 50;
/// How often each slot is used, on average: its generations go round twice.
const rounds_each = 2 << handles_mod.generation_bits;

/// What handles name here. Plain words: who reads them has retained the handle, and who writes them is alone with them,
/// so the thread sanitizer reports a pairing that is too weak.
const Object = struct {
    next: u32 = 0,
    batch: std.atomic.Value(u32) = .init(0),
    stamp: u64 = 0,
    inverse: u64 = 0,
    /// How many hold it, as they count themselves.
    holders: std.atomic.Value(u32) = .init(0),

    fn isWhole(object: *const Object) bool {
        return object.stamp != 0 and object.inverse == ~object.stamp;
    }
};

const Links = struct {
    pub fn next(table: []Object, n: u32) *u32 {
        return &table[n].next;
    }
    pub fn batch(table: []Object, n: u32) *std.atomic.Value(u32) {
        return &table[n].batch;
    }
};

const Shared = struct {
    handles: handles_mod.Handles,
    objects: pool.Pool([]Object, Links),
    /// Each has a reference to what it names.
    cells: [cells_n]std.atomic.Value(Handle) = @splat(.init(0)),
};

const Thread = struct {
    shared: *Shared,
    random: std.Random.DefaultPrng,
    slots: pool.Cache = .{},
    numbers: pool.Cache = .{},
    made: u64 = 0,
    freed: u64 = 0,
    used: u64 = 0,
    refused: u64 = 0,
    wrong: u64 = 0,

    fn run(thread: *Thread) void {
        const random = thread.random.random();
        for (0..rounds) |_| {
            const cell = &thread.shared.cells[random.uintLessThan(usize, cells_n)];
            if (random.boolean()) thread.replace(cell) else thread.use(cell, random.boolean());
        }
    }

    /// Puts a new one in the place of the old one, whose reference is this thread's then.
    fn replace(thread: *Thread, cell: *std.atomic.Value(Handle)) void {
        const number = thread.shared.objects.take(&thread.numbers);
        const object = &thread.shared.objects.table[number];
        if (number == 0 or object.stamp != 0 or object.holders.load(.monotonic) != 0) thread.wrong += 1;
        thread.made += 1;
        object.stamp = thread.random.next() | 1;
        object.inverse = ~object.stamp;
        object.holders.store(1, .monotonic);
        // Its release store pairs with the acquire of `retain`: with a reference comes what the object is.
        const handle = thread.shared.handles.create(&thread.slots, .channel, number);
        // Release and acquire: who takes it from here lets go of it, and so does what its maker did.
        thread.drop(cell.swap(handle, .acq_rel));
    }

    /// Nobody holds it for this thread: it may be gone since its number was read, and the number may be another's.
    fn use(thread: *Thread, cell: *std.atomic.Value(Handle), twice: bool) void {
        const handle = cell.load(.monotonic);
        if (handle == 0) return;
        if (!thread.shared.handles.retain(handle)) {
            thread.refused += 1;
            return;
        }
        thread.used += 1;
        const number = thread.shared.handles.objectOf(handle);
        const object = &thread.shared.objects.table[number];
        _ = object.holders.fetchAdd(1, .monotonic);
        if (twice) {
            // Who holds one gets another one, however many let go meanwhile.
            if (thread.shared.handles.retain(handle)) {
                _ = object.holders.fetchAdd(1, .monotonic);
                thread.drop(handle);
            } else thread.wrong += 1;
        }
        if (!object.isWhole()) thread.wrong += 1;
        if (thread.shared.handles.find(handle, .channel) != number) thread.wrong += 1;
        if (thread.shared.handles.find(handle, .token) != 0) thread.wrong += 1;
        thread.drop(handle);
    }

    fn drop(thread: *Thread, handle: Handle) void {
        if (handle == 0) return;
        const held = &thread.shared.objects.table[thread.shared.handles.objectOf(handle)].holders;
        _ = held.fetchSub(1, .monotonic);
        switch (thread.shared.handles.release(handle)) {
            .stale => thread.wrong += 1,
            .kept => {},
            .last => |last| {
                // Its acquire pairs with the releases of all that let go before: nobody reads the object any more.
                const object = &thread.shared.objects.table[last.object];
                if (!object.isWhole() or object.holders.load(.monotonic) != 0) thread.wrong += 1;
                object.stamp = 0;
                object.inverse = 0;
                thread.freed += 1;
                thread.shared.handles.destroy(&thread.slots, handle);
                // Given back last: who takes the number next sees what is written above (pool.zig, `pushBatch`).
                thread.shared.objects.give(&thread.numbers, last.object);
            },
        }
    }
};

test "failure mode 32, stress: retained from a bare number while others free and make, generations going round" {
    single.announceThreads();
    const table = try testing.allocator.alloc(Object, 1024);
    defer testing.allocator.free(table);
    @memset(table, .{});
    var shared: Shared = .{ .handles = try .init(), .objects = .{ .table = table, .capacity = 1024 } };
    defer shared.handles.deinit();
    var parts: [threads_n]Thread = undefined;
    for (&parts, 0..) |*part, i| part.* = .{ .shared = &shared, .random = .init(testing.random_seed +% i) };
    var made: u64 = 0;
    var freed: u64 = 0;
    var used: u64 = 0;
    var refused: u64 = 0;
    // On a busy machine the threads may run one after the other, and nobody comes too late: then once more.
    for (0..runs_max) |_| {
        var threads: [threads_n]std.Thread = undefined;
        for (&parts, &threads) |*part, *thread| thread.* = try std.Thread.spawn(.{}, Thread.run, .{part});
        for (threads) |thread| thread.join();
        for (&shared.cells) |*cell| parts[0].drop(cell.swap(0, .acquire));
        made = 0;
        freed = 0;
        used = 0;
        refused = 0;
        for (&parts) |*part| {
            try testing.expectEqual(0, part.wrong);
            made += part.made;
            freed += part.freed;
            used += part.used;
            refused += part.refused;
        }
        if (used > 0 and refused > 0 and made / shared.handles.pool.highWater() > rounds_each) break;
    }
    try testing.expectEqual(made, freed);
    const slots = shared.handles.pool.highWater();
    for (1..slots) |i| try testing.expectEqual(null, shared.handles.handleAt(@intCast(i), .channel));
    // Both ways were taken, and each slot's generation has gone round, on average more than twice.
    try testing.expect(used > 0 and refused > 0);
    try testing.expect(made / slots > rounds_each);
}
