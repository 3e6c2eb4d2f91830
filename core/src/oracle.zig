//! The oracle: where a seeded run's choices come from.
//!
//! In such a run there is one worker and a virtual clock, and wherever the scheduler could go on in more than one way
//! (which ready fiber is next, whether the running one gives way after an operation that others can see, with which
//! case a select begins, which of several due timers fires first) it asks here. The free mode asks nobody.
//!
//! Same question, same answer: the answers depend on the seed, or on the list that is replayed, and on the questions
//! before, which are kept as the schedule. Fibers are named by the order in which they were made, never by their
//! record, so that a schedule reads the same however often a runtime has been used before.
//!
//! A seed decides how it answers. An odd one walks: every possibility is equally likely, every time. An even one is a
//! run of probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): each fiber gets a random priority, the
//! highest goes on, and at a few random moments the running fiber falls below all others. The first finds what takes
//! many switches, the second what takes few at the right places.

const std = @import("std");
const assert = std.debug.assert;

/// What is being chosen.
pub const Kind = enum(u32) {
    /// The next fiber, among the ready ones.
    next = 0,
    /// Whether the running fiber goes on (0), or which ready one goes first.
    preempt = 1,
    /// The case with which a select begins.
    select = 2,
    /// Which of the due timers fires.
    timer = 3,
};

/// One answered question. JavaScript reads these.
pub const Choice = extern struct {
    kind: u32,
    chosen: u32,
    /// Among how many.
    of: u32,
    /// The chosen fiber, in order of creation from 1; 0 when no fiber is chosen.
    fiber: u32,
};

const Strategy = enum { walk, priorities, list };

const changes_max = 3;
/// A schedule longer than this is followed by its hash alone.
const choices_kept_max = 1 << 20;
/// Every so many steps the fiber that goes on by priority falls behind the others: those that wait by asking again and
/// again would otherwise keep off for ever whom they wait for.
const fall_every = 1000;
/// Of very many ready fibers only the first are compared by priority.
const compared_max = 1024;

pub const Oracle = struct {
    strategy: Strategy = .walk,
    random: std.Random.DefaultPrng = .init(0),
    /// What to choose at first, when a list is replayed; then 0.
    list: std.ArrayList(u32) = .empty,
    /// By fiber number; the higher goes first.
    priorities: std.ArrayList(u64) = .empty,
    /// By fiber number: which one in order of creation.
    ordinals: std.ArrayList(u32) = .empty,
    fibers: u32 = 0,
    /// Falls: each fiber that gives way gets the next lower priority.
    lowest: u64 = low_start,
    changes: [changes_max]u64 = @splat(0),
    /// Questions about fibers so far.
    steps: u64 = 0,
    /// Steps that were no questions: slices that ended, and fibers that gave way by themselves, be they alone or not.
    turns: u64 = 0,
    /// More are taken for a program that does not end. 0: no limit.
    steps_max: u64 = 0,
    choices: std.ArrayList(Choice) = .empty,
    choices_count: u64 = 0,
    hash: u64 = 0,
    /// The ready fiber, plus one, that goes on next: it was chosen when the running one gave way.
    promised: u32 = 0,
    /// Operations so far at which a fiber waited or could have given way.
    suspensions: u64 = 0,
    faults: Faults = .{},

    const low_start: u64 = 1 << 32;

    pub fn deinit(self: *Oracle) void {
        const allocator = std.heap.page_allocator;
        self.list.deinit(allocator);
        self.priorities.deinit(allocator);
        self.ordinals.deinit(allocator);
        self.choices.deinit(allocator);
        self.* = undefined;
    }

    /// A new run. `list`, when given, takes the place of the seed's choices.
    pub fn begin(self: *Oracle, options: Begin) error{OutOfMemory}!void {
        const allocator = std.heap.page_allocator;
        self.list.clearRetainingCapacity();
        self.priorities.clearRetainingCapacity();
        self.ordinals.clearRetainingCapacity();
        self.choices.clearRetainingCapacity();
        var kept = self.*;
        if (options.list) |list| try kept.list.appendSlice(allocator, list);
        self.* = .{
            .list = kept.list,
            .priorities = kept.priorities,
            .ordinals = kept.ordinals,
            .choices = kept.choices,
            .random = .init(options.seed),
            .strategy = if (options.list != null) .list else if (options.seed % 2 == 1) .walk else .priorities,
            .steps_max = options.steps_max,
            .faults = options.faults,
        };
        // How long the run will be is not known, so it is guessed: any power of two is as likely.
        const random = self.random.random();
        const count = random.uintLessThan(usize, changes_max + 1);
        for (self.changes[0..count]) |*change| {
            const length = @as(u64, 1) << (2 + random.uintLessThan(u6, 12));
            change.* = 1 + random.uintLessThan(u64, length);
        }
    }

    pub const Begin = struct {
        seed: u64,
        list: ?[]const u32 = null,
        steps_max: u64 = 0,
        faults: Faults = .{},
    };

    /// A fiber has been made. Without memory its priority is the least: still the same in each such run.
    pub fn made(self: *Oracle, number: u32) void {
        const allocator = std.heap.page_allocator;
        self.fibers += 1;
        const priority = low_start + 1 + self.random.random().int(u32);
        while (self.ordinals.items.len <= number) self.ordinals.append(allocator, 0) catch return;
        while (self.priorities.items.len <= number) self.priorities.append(allocator, 0) catch return;
        self.ordinals.items[number] = self.fibers;
        self.priorities.items[number] = priority;
    }

    pub fn ordinal(self: *const Oracle, number: u32) u32 {
        return if (number < self.ordinals.items.len) self.ordinals.items[number] else 0;
    }

    fn priorityOf(self: *const Oracle, number: u32) u64 {
        return if (number < self.priorities.items.len) self.priorities.items[number] else 0;
    }

    fn lower(self: *Oracle, number: u32) void {
        if (number >= self.priorities.items.len) return;
        self.lowest -= 1;
        self.priorities.items[number] = self.lowest;
    }

    /// The running fiber's time is up, or it has asked to give way: whoever waits goes first.
    pub fn gaveWay(self: *Oracle, number: u32) void {
        if (self.promised == 0) self.lower(number);
    }

    /// One of the fibers that `ready` lists (it has `len` and `at`), and before them `running` unless that is 0: the
    /// position. There are at least two.
    pub fn chooseFiber(self: *Oracle, running: u32, ready: anytype) u32 {
        const own: u32 = @intFromBool(running != 0);
        const n = ready.len() + own;
        assert(n >= 2);
        self.steps += 1;
        const chosen = switch (self.strategy) {
            .walk => self.random.random().uintLessThan(u32, n),
            .list => self.listed(n),
            .priorities => blk: {
                for (self.changes) |change| {
                    if (change == self.steps and running != 0) self.lower(running);
                }
                var best: u32 = 0;
                for (1..@min(n, compared_max)) |i| {
                    const candidate = self.priorityOf(numberAt(running, ready, @intCast(i)));
                    if (candidate > self.priorityOf(numberAt(running, ready, best))) best = @intCast(i);
                }
                if (self.steps % fall_every == 0) self.lower(numberAt(running, ready, best));
                break :blk best;
            },
        };
        self.keep(.{
            .kind = @backingInt(if (running == 0) Kind.next else Kind.preempt),
            .chosen = chosen,
            .of = n,
            .fiber = self.ordinal(numberAt(running, ready, chosen)),
        });
        return chosen;
    }

    fn numberAt(running: u32, ready: anytype, position: u32) u32 {
        if (running == 0) return ready.at(position);
        return if (position == 0) running else ready.at(position - 1);
    }

    /// One of `n` that are no fibers.
    pub fn choose(self: *Oracle, kind: Kind, n: u32) u32 {
        if (n < 2) return 0;
        const chosen = if (self.strategy == .list) self.listed(n) else self.random.random().uintLessThan(u32, n);
        self.keep(.{ .kind = @backingInt(kind), .chosen = chosen, .of = n, .fiber = 0 });
        return chosen;
    }

    fn listed(self: *const Oracle, n: u32) u32 {
        if (self.choices_count >= self.list.items.len) return 0;
        // A list from another program: any answer will do that exists.
        return @min(self.list.items[@intCast(self.choices_count)], n - 1);
    }

    fn keep(self: *Oracle, choice: Choice) void {
        self.choices_count += 1;
        self.hash = std.hash.Wyhash.hash(self.hash, std.mem.asBytes(&choice));
        if (self.choices.items.len < choices_kept_max) {
            self.choices.append(std.heap.page_allocator, choice) catch {};
        }
    }

    pub fn isExhausted(self: *const Oracle) bool {
        return self.steps_max != 0 and self.steps + self.suspensions + self.turns > self.steps_max;
    }
};

/// What is to go wrong, counted from 1; 0: nothing.
pub const Faults = struct {
    /// Cancels the main fiber at the k-th suspension: what a signal at that moment does.
    cancel_main_at: u64 = 0,
    /// Cancels the fiber that makes the k-th suspension.
    cancel_fiber_at: u64 = 0,
    /// Refuses the k-th block of memory.
    alloc_at: u64 = 0,
};

const testing = std.testing;

const Listed = struct {
    numbers: []const u32,
    pub fn len(self: Listed) u32 {
        return @intCast(self.numbers.len);
    }
    pub fn at(self: Listed, position: u32) u32 {
        return self.numbers[position];
    }
};

/// The fibers that go on in a run of questions among five.
fn schedule(oracle: *Oracle, options: Oracle.Begin) ![200]u32 {
    try oracle.begin(options);
    for ([_]u32{ 3, 9, 4, 7, 5 }) |number| oracle.made(number);
    var chosen: [200]u32 = undefined;
    for (&chosen) |*one| {
        const ready: Listed = .{ .numbers = &.{ 9, 4, 7, 5 } };
        const position = oracle.chooseFiber(3, ready);
        one.* = if (position == 0) 3 else ready.at(position - 1);
    }
    return chosen;
}

test "the same seed gives the same schedule, another one another" {
    var oracle: Oracle = .{};
    defer oracle.deinit();
    for (0..20) |seed| {
        const first = try schedule(&oracle, .{ .seed = seed });
        const hash = oracle.hash;
        const second = try schedule(&oracle, .{ .seed = seed });
        try testing.expectEqual(first, second);
        try testing.expectEqual(hash, oracle.hash);
        _ = try schedule(&oracle, .{ .seed = seed + 1 });
        try testing.expect(hash != oracle.hash);
    }
}

test "a list is followed as far as it goes, then the first" {
    var oracle: Oracle = .{};
    defer oracle.deinit();
    const chosen = try schedule(&oracle, .{ .seed = 1, .list = &.{ 2, 0, 77 } });
    try testing.expectEqualSlices(u32, &.{ 4, 3, 5, 3, 3 }, chosen[0..5]);
    try testing.expectEqual(2, oracle.choices.items[0].chosen);
    try testing.expectEqual(3, oracle.choices.items[0].fiber); // made third
}

test "by priority a fiber goes on until a change point, by walking everybody does" {
    var oracle: Oracle = .{};
    defer oracle.deinit();
    var switches: u32 = 0;
    for (0..50) |i| {
        const chosen = try schedule(&oracle, .{ .seed = i * 2 });
        for (chosen[0..199], chosen[1..]) |a, b| {
            if (a != b) switches += 1;
        }
    }
    try testing.expect(switches > 0 and switches <= 50 * changes_max);
    const chosen = try schedule(&oracle, .{ .seed = 1 });
    for ([_]u32{ 3, 9, 4, 7, 5 }) |number| {
        try testing.expect(std.mem.findScalar(u32, &chosen, number) != null);
    }
}

test "who gives way goes behind everybody" {
    var oracle: Oracle = .{};
    defer oracle.deinit();
    try oracle.begin(.{ .seed = 2 });
    oracle.changes = @splat(0);
    for ([_]u32{ 1, 2 }) |number| oracle.made(number);
    for (0..10) |_| {
        oracle.gaveWay(1);
        try testing.expectEqual(0, oracle.chooseFiber(2, Listed{ .numbers = &.{1} }));
        oracle.gaveWay(2);
        try testing.expectEqual(1, oracle.chooseFiber(2, Listed{ .numbers = &.{1} }));
    }
}
