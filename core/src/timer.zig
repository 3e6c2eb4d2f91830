//! Deadlines, in one 4-ary heap for each runtime.
//!
//! An entry names what it is for (a fiber's wait, or a nursery) and is found again through its place, which the owner
//! keeps: cancelling costs no search. One lock guards the heap and all places in it. `next_ns` may be read without it,
//! so a worker with nothing due pays one load.
//! Entries with equal deadlines fire in the order they were set.

const std = @import("std");
const fiber_mod = @import("fiber.zig");
const raced = @import("raced.zig");
const Mutex = @import("mutex.zig").Mutex;
const assert = std.debug.assert;

pub const never: u64 = std.math.maxInt(u64);

pub const Target = enum(u32) { fiber, nursery, grace };

pub const Entry = struct {
    deadline_ns: u64,
    order: u64,
    target: Target,
    /// Fiber number, or the handle of a nursery or a grace.
    subject: u32,
    /// The fiber's wait; unused for the others.
    epoch: u32,
    /// Where the owner keeps this entry's place plus one. Guarded by `mutex`.
    place: *u32,

    fn before(a: Entry, b: Entry) bool {
        return a.deadline_ns < b.deadline_ns or (a.deadline_ns == b.deadline_ns and a.order < b.order);
    }
};

pub const Timers = struct {
    mutex: Mutex = .{},
    heap: std.ArrayList(Entry) = .empty,
    next_order: u64 = 0,
    /// Deadline of the first entry. Written under the lock.
    next_ns: raced.Value(u64) = .init(never),

    pub fn deinit(self: *Timers) void {
        self.heap.deinit(std.heap.page_allocator);
        self.* = undefined;
    }

    /// True when this is now the first deadline, so that a sleeping worker may have to sleep less long.
    pub fn add(
        self: *Timers,
        target: Target,
        subject: u32,
        epoch: u32,
        deadline_ns: u64,
        place: *u32,
    ) error{OutOfMemory}!bool {
        self.mutex.lock();
        defer self.mutex.unlock();
        assert(place.* == 0);
        const entry: Entry = .{
            .deadline_ns = deadline_ns,
            .order = self.next_order,
            .target = target,
            .subject = subject,
            .epoch = epoch,
            .place = place,
        };
        try self.heap.append(std.heap.page_allocator, entry);
        self.next_order += 1;
        self.siftUp(self.heap.items.len - 1);
        self.publish();
        return place.* == 1;
    }

    /// Takes the entry out, if it has not fired.
    pub inline fn remove(self: *Timers, place: *u32) void {
        // Only its owner sets a timer: when there is none now, none comes.
        if (raced.load(u32, place, .monotonic) != 0) self.removeSet(place);
    }

    fn removeSet(self: *Timers, place: *u32) void {
        @branchHint(.cold);
        self.mutex.lock();
        defer self.mutex.unlock();
        if (place.* == 0) return;
        self.removeAt(place.* - 1);
        self.publish();
    }

    /// The first entry that is due at `now_ns`, taken out; null when there is none. What is named by a handle comes
    /// with one more reference: its owner drops its own only after `remove`, which waits for this lock.
    pub fn takeDue(self: *Timers, now_ns: u64, handles: anytype) ?Entry {
        if (self.next_ns.load(.monotonic) > now_ns) return null;
        return self.takeDueAt(now_ns, 0, handles);
    }

    /// How many entries are due. Looks at all: for seeded choice.
    pub fn countDue(self: *Timers, now_ns: u64) u32 {
        if (self.next_ns.load(.monotonic) > now_ns) return 0;
        self.mutex.lock();
        defer self.mutex.unlock();
        var due: u32 = 0;
        for (self.heap.items) |entry| {
            if (entry.deadline_ns <= now_ns) due += 1;
        }
        return due;
    }

    /// As `takeDue`, passing over the first `skip` due entries in the heap's own order.
    pub fn takeDueAt(self: *Timers, now_ns: u64, skip: u32, handles: anytype) ?Entry {
        self.mutex.lock();
        defer self.mutex.unlock();
        var passed: u32 = 0;
        const place = for (self.heap.items, 0..) |entry, i| {
            if (entry.deadline_ns > now_ns) {
                if (skip == 0) return null;
                continue;
            }
            if (passed == skip) break i;
            passed += 1;
        } else return null;
        const entry = self.heap.items[place];
        if (entry.target != .fiber) {
            const retained = handles.retain(entry.subject);
            assert(retained);
        }
        self.removeAt(place);
        self.publish();
        return entry;
    }

    pub fn count(self: *Timers) usize {
        self.mutex.lock();
        defer self.mutex.unlock();
        return self.heap.items.len;
    }

    /// When the last of the sleeping daemons wakes, if nobody else waits for a deadline; null otherwise. The lock is
    /// the caller's.
    pub fn daemonsOnly(self: *Timers, table: fiber_mod.Table) ?u64 {
        assert(self.mutex.isLocked());
        var last_ns: u64 = 0;
        for (self.heap.items) |entry| {
            if (entry.target != .fiber or table.at(entry.subject).flags & fiber_mod.flag_daemon == 0) return null;
            last_ns = @max(last_ns, entry.deadline_ns);
        }
        return last_ns;
    }

    fn publish(self: *Timers) void {
        const first = if (self.heap.items.len == 0) never else self.heap.items[0].deadline_ns;
        // Sequentially consistent: pairs with a worker's last look before it sleeps.
        self.next_ns.store(first, .seq_cst);
    }

    fn removeAt(self: *Timers, index: usize) void {
        const items = self.heap.items;
        assert(items[index].place.* == index + 1);
        setPlace(items[index], 0);
        const last = self.heap.pop().?;
        if (index == self.heap.items.len) return;
        self.heap.items[index] = last;
        setPlace(last, index + 1);
        self.siftUp(index);
        self.siftDown(last.place.* - 1);
    }

    /// Atomic, because an owner may look without the lock whether it is still in.
    fn setPlace(entry: Entry, place: usize) void {
        @atomicStore(u32, entry.place, @intCast(place), .monotonic);
    }

    fn siftUp(self: *Timers, start: usize) void {
        const items = self.heap.items;
        const entry = items[start];
        var index = start;
        while (index > 0) {
            const parent = (index - 1) / 4;
            if (!entry.before(items[parent])) break;
            items[index] = items[parent];
            setPlace(items[index], index + 1);
            index = parent;
        }
        items[index] = entry;
        setPlace(entry, index + 1);
    }

    fn siftDown(self: *Timers, start: usize) void {
        const items = self.heap.items;
        const entry = items[start];
        var index = start;
        while (true) {
            const first = index * 4 + 1;
            if (first >= items.len) break;
            var least = first;
            for (first + 1..@min(first + 4, items.len)) |child| {
                if (items[child].before(items[least])) least = child;
            }
            if (!items[least].before(entry)) break;
            items[index] = items[least];
            setPlace(items[index], index + 1);
            index = least;
        }
        items[index] = entry;
        setPlace(entry, index + 1);
    }
};

const testing = std.testing;

const NoHandles = struct {
    fn retain(_: *NoHandles, _: u32) bool {
        return false;
    }
};
var no_handles: NoHandles = .{};

test "seeded: entries come out in order, whatever is added and removed between" {
    var prng: std.Random.DefaultPrng = .init(7);
    const random = prng.random();
    var timers: Timers = .{};
    defer timers.deinit();
    var places: [300]u32 = @splat(0);
    var deadlines: [300]u64 = @splat(never);
    var now_ns: u64 = 0;
    for (0..20_000) |_| {
        const i = random.uintLessThan(u32, places.len);
        switch (random.uintLessThan(u32, 4)) {
            0, 1 => if (places[i] == 0) {
                deadlines[i] = now_ns + random.uintLessThan(u64, 1000);
                _ = try timers.add(.fiber, i, 0, deadlines[i], &places[i]);
            },
            2 => {
                timers.remove(&places[i]);
                try testing.expectEqual(0, places[i]);
                deadlines[i] = never;
            },
            else => {
                now_ns += random.uintLessThan(u64, 50);
                var last_ns: u64 = 0;
                while (timers.takeDue(now_ns, &no_handles)) |entry| {
                    try testing.expectEqual(deadlines[entry.subject], entry.deadline_ns);
                    try testing.expect(entry.deadline_ns >= last_ns and entry.deadline_ns <= now_ns);
                    last_ns = entry.deadline_ns;
                    deadlines[entry.subject] = never;
                }
            },
        }
        var least: u64 = never;
        var entries: usize = 0;
        for (deadlines) |deadline_ns| {
            least = @min(least, deadline_ns);
            if (deadline_ns != never) entries += 1;
        }
        try testing.expectEqual(least, timers.next_ns.load(.monotonic));
        try testing.expectEqual(entries, timers.heap.items.len);
    }
}

test "equal deadlines fire in the order they were set" {
    var timers: Timers = .{};
    defer timers.deinit();
    var places: [50]u32 = @splat(0);
    for (0..50) |i| _ = try timers.add(.fiber, @intCast(i), 0, 5, &places[i]);
    for (0..50) |i| try testing.expectEqual(i, timers.takeDue(5, &no_handles).?.subject);
    try testing.expectEqual(null, timers.takeDue(5, &no_handles));
}
