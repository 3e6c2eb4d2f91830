//! A worker: what one scheduler thread owns. Its queues, caches, counters and its place in the arena.
//!
//! Only the worker's own thread touches it, except for the atomics: `inbox` (anybody pushes, the owner takes all),
//! `sleeping` and `parker` (anybody wakes), and the deque's thief side.

const std = @import("std");
const arena_mod = @import("arena.zig");
const pool = @import("pool.zig");
const fiber_mod = @import("fiber.zig");
const layout = @import("layout.zig");
const release_mod = @import("release.zig");
const Parker = @import("parker.zig").Parker;
const raced = @import("raced.zig");
const trace_mod = @import("trace.zig");
const assert = std.debug.assert;

/// A growing first-in-first-out queue of numbers that are not 0, for its owner only, or under a lock.
pub const Ready = struct {
    slots: []u32 = &.{},
    head: u32 = 0,
    tail: u32 = 0,

    pub fn deinit(self: *Ready) void {
        if (self.slots.len > 0) std.heap.page_allocator.free(self.slots);
        self.* = undefined;
    }

    pub fn len(self: *const Ready) u32 {
        return self.tail -% self.head;
    }

    pub inline fn push(self: *Ready, number: u32) error{OutOfMemory}!void {
        assert(number != 0);
        if (self.len() == self.slots.len) try self.grow();
        self.slots[self.tail & (self.slots.len - 1)] = number;
        self.tail +%= 1;
    }

    pub inline fn pop(self: *Ready) u32 {
        if (self.head == self.tail) return 0;
        const number = self.slots[self.head & (self.slots.len - 1)];
        self.head +%= 1;
        assert(number != 0);
        return number;
    }

    pub inline fn at(self: *const Ready, index: u32) u32 {
        assert(index < self.len());
        return self.slots[(self.head +% index) & (self.slots.len - 1)];
    }

    /// Takes the entry `index` places behind the head; the head takes its place. For seeded choice.
    pub fn popAt(self: *Ready, index: u32) u32 {
        assert(index < self.len());
        const mask = self.slots.len - 1;
        const chosen = (self.head +% index) & mask;
        std.mem.swap(u32, &self.slots[chosen], &self.slots[self.head & mask]);
        return self.pop();
    }

    fn grow(self: *Ready) error{OutOfMemory}!void {
        @branchHint(.cold);
        const larger = try std.heap.page_allocator.alloc(u32, @max(1024, self.slots.len * 2));
        const n = self.len();
        for (0..n) |i| larger[i] = self.slots[(self.head +% @as(u32, @intCast(i))) & (self.slots.len - 1)];
        if (self.slots.len > 0) std.heap.page_allocator.free(self.slots);
        self.slots = larger;
        self.head = 0;
        self.tail = n;
    }
};

/// Counters for `--stats`. One writer, any reader.
pub const Counter = struct {
    value: std.atomic.Value(u64) = .init(0),

    pub fn add(self: *Counter, n: u64) void {
        self.value.store(self.value.load(.monotonic) + n, .monotonic);
    }

    pub fn set(self: *Counter, n: u64) void {
        self.value.store(n, .monotonic);
    }

    pub fn get(self: *const Counter) u64 {
        return self.value.load(.monotonic);
    }
};

pub const Counters = struct {
    fibers_started: Counter = .{},
    fibers_finished: Counter = .{},
    switches: Counter = .{},
    daemon_switches: Counter = .{},
    parks: Counter = .{},
    wakes_local: Counter = .{},
    wakes_foreign: Counter = .{},
    steals: Counter = .{},
    hand_overs: Counter = .{},
    packs: Counter = .{},
    unpacks: Counter = .{},
    sleeps: Counter = .{},
    timers_set: Counter = .{},
    timers_fired: Counter = .{},
    handles_created: Counter = .{},
    handles_destroyed: Counter = .{},
    turns: Counter = .{},
    native_calls: Counter = .{},
    native_parks: Counter = .{},
    /// References that wait for a finalizer of the VM, at its last turn and at the most.
    references_held: Counter = .{},
    references_most: Counter = .{},
};

/// `sleeping`: not at all, on the parker, or in the reactor's wait.
pub const awake: u32 = 0;
pub const asleep: u32 = 1;
pub const polling: u32 = 2;

/// What an idle worker does, in this order.
pub const Idle = enum { search, pack, turn, sleep };

pub const recent_max = 16;

pub const Worker = struct {
    index: u32,
    // Foreign threads write these; a line of their own keeps them off the owner's.
    inbox: raced.Value(u32) align(128) = .init(0),
    sleeping: raced.Value(u32) = .init(awake),
    entered: std.atomic.Value(bool) = .init(false),
    parker: Parker = .{},

    ready: Ready align(128) = .{},
    /// How many ready and how many new fibers have their turn yet in this round (scheduler.zig, `takeInTurn`).
    round_ready: u32 = 0,
    round_new: u32 = 0,
    /// The fiber that JavaScript runs now, or that has just parked and is not committed.
    current: u32 = 0,
    tick: u32 = 0,
    /// Rounds that may pass before `next` looks at anything but the queues and the words that others write.
    quiet_rounds: u32 = 0,
    /// The tick of the last housekeeping.
    kept_tick: u32 = 0,
    /// Coarse clock, read every few rounds.
    now_ns: u64 = 0,
    turn_ns: u64 = 0,
    polled_ns: u64 = 0,
    /// A preemption point saw something that is due: the next round looks at everything first.
    look_now: bool = false,
    /// Something ran since the last event-loop turn.
    active: bool = false,
    /// Since when more than one fiber has been ready; 0 while that is not so.
    surplus_since_ns: u64 = 0,
    /// Rounds with more than one ready fiber; the clock is read every few of them.
    surplus_rounds: u32 = 0,
    handed_ns: u64 = 0,
    /// How far this idle spell has come: see `Idle`. Running a fiber starts over.
    idle_stage: Idle = .search,
    /// Its bit in `Runtime.hungry` is set, unless somebody has answered.
    hungry: bool = false,
    /// Fibers handed to JavaScript for packing, and for whom (-1: not for anybody, they stay parked; itself: for all).
    packing: [layout.pack_max]u32 = @splat(0),
    packing_count: u32 = 0,
    packing_for: i32 = -1,
    /// How many of the ready fibers an offer has still to look at (scheduler.zig, `offer`).
    offer_left: u32 = 0,
    /// The newest fibers that parked in this VM; entries may be out of date.
    recent: [recent_max]u32 = @splat(0),
    recent_at: u32 = 0,
    /// For choices that need not be reproducible (whom to steal from first).
    random: u64 = 0,
    /// Block with the name of the next fiber that is spawned here, or 0.
    name_next: u32 = 0,
    /// Fibers whose wait a cancellation has claimed and that are not woken yet, linked by `queue_next` (cancel.zig).
    claimed_first: u32 = 0,
    claimed_last: u32 = 0,
    is_waking_claimed: bool = false,
    /// The stream (plus one) that is this worker's until its text is whole (printing.zig), or 0.
    printing: u32 = 0,
    /// A block was refused because of a budget; told, and forgotten, by `janus_was_refused`.
    refused: bool = false,

    /// What nobody refers to any more and is not given back yet.
    discarded: release_mod.List = .{},
    arena: arena_mod.Cache = .{},
    fibers: pool.Cache = .{},
    handles: pool.Cache = .{},
    counters: Counters = .{},
    /// Records of what happens; null: nobody asked for them.
    trace: ?*trace_mod.Buffer = null,

    area: *layout.Area,
    area_offset: u32,
    /// Bytes on their way between this worker's VM and the core. Its own thread alone touches them, and nobody else's
    /// call can come in between: what the VM has written is read by its next call, what a call leaves is read before
    /// the next one. So nothing is in here while a fiber waits: who goes on, perhaps on another worker, writes it anew.
    scratch: []u8,
    scratch_offset: u32,

    pub fn deinit(self: *Worker) void {
        self.ready.deinit();
    }

    /// Leaves a text for the VM: its length. What is left here fits, for it came from a scratch, or is short.
    pub fn leaveText(self: *Worker, text: []const u8) i32 {
        assert(text.len <= self.scratch.len);
        @memcpy(self.scratch[0..text.len], text);
        return @intCast(text.len);
    }

    /// Any thread: leaves a ready fiber for this worker. Sequentially consistent: pairs with the worker's announcement
    /// that it sleeps, so that one of the two sees the other.
    pub fn post(self: *Worker, table: fiber_mod.Table, number: u32) void {
        const fiber = table.at(number);
        assert(fiber.stateNow() == .ready or fiber.stateNow() == .new);
        var head = self.inbox.load(.monotonic);
        while (true) {
            fiber.queue_next.store(head, .monotonic);
            head = self.inbox.cmpxchgWeak(head, number, .seq_cst, .monotonic) orelse return;
        }
    }

    /// Any thread: all that were posted, oldest first, linked through `queue_next`; 0 when there are none.
    pub fn takePosted(self: *Worker, table: fiber_mod.Table) u32 {
        if (self.inbox.load(.monotonic) == 0) return 0;
        // Acquire pairs with the release half of `post`.
        var number = self.inbox.swap(0, .acquire);
        var reversed: u32 = 0;
        while (number != 0) {
            const next = table.at(number).queue_next.load(.monotonic);
            table.at(number).queue_next.store(reversed, .monotonic);
            reversed = number;
            number = next;
        }
        return reversed;
    }

    pub fn xorshift(self: *Worker) u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        return self.random;
    }
};

const testing = std.testing;

test "failure mode 2: the ready queue keeps its order while it grows and wraps" {
    var ready: Ready = .{};
    defer ready.deinit();
    var pushed: u32 = 0;
    var popped: u32 = 0;
    for (0..50) |round| {
        for (0..round * 20) |_| {
            pushed += 1;
            try ready.push(pushed);
        }
        for (0..round * 15) |_| {
            popped += 1;
            try testing.expectEqual(popped, ready.pop());
        }
        try testing.expectEqual(pushed - popped, ready.len());
    }
    while (popped < pushed) {
        popped += 1;
        try testing.expectEqual(popped, ready.pop());
    }
    try testing.expectEqual(0, ready.pop());
}

test "failure mode 1, stress: fibers that others wake come through the inbox, each once and in order" {
    const posters = 3;
    const each = 20_000;
    const Shared = struct {
        worker: *Worker,
        table: fiber_mod.Table,
        first: u32,

        fn post(shared: *@This()) void {
            for (0..each) |i| shared.worker.post(shared.table, shared.first + @as(u32, @intCast(i)));
        }
    };
    var area: layout.Area = undefined;
    var worker: Worker = .{ .index = 0, .area = &area, .area_offset = 0, .scratch = &.{}, .scratch_offset = 0 };
    var table: fiber_mod.Table = try .init();
    defer table.deinit();
    for (1..posters * each + 1) |number| table.at(@intCast(number)).setState(.ready);
    var shared: [posters]Shared = undefined;
    var threads: [posters]std.Thread = undefined;
    for (&shared, &threads, 0..) |*part, *thread, i| {
        part.* = .{ .worker = &worker, .table = table, .first = @intCast(1 + i * each) };
        thread.* = try std.Thread.spawn(.{}, Shared.post, .{part});
    }
    // Each poster's fibers in its own order, so none came twice; and at the end all of them.
    var next: [posters]u32 = undefined;
    for (&next, &shared) |*number, part| number.* = part.first;
    var taken: u32 = 0;
    var in_order = true;
    while (taken < posters * each) {
        var number = worker.takePosted(table);
        if (number == 0) std.Thread.yield() catch {};
        while (number != 0) : (number = table.at(number).queue_next.load(.monotonic)) {
            const poster = (number - 1) / each;
            if (number != next[poster]) in_order = false;
            next[poster] = number + 1;
            taken += 1;
        }
    }
    for (threads) |thread| thread.join();
    try testing.expect(in_order);
    try testing.expectEqual(0, worker.takePosted(table));
}
