//! Tries interleavings: a test's actors run as contexts on one thread, and before every access to a word that threads
//! share (`point` in the leaves, raced.zig above them) it is decided who goes on: by a seed, which the same run
//! follows every time, or by a `Search`, which tries one order after the other (interleave.zig).
//!
//! Who sleeps on a futex, or spins until somebody else writes, cannot go on; when every actor that is left is like
//! that, a wake-up was lost: `run` reports it. What this explores is the order of steps under sequential consistency;
//! weaker orders are for the stress tests, the thread sanitizer and the comments that name which access pairs with
//! which. Tests only: in the library nothing of it is left.
//! Compare: Burckhardt et al., "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs" (2010);
//! Musuvathi et al., "Finding and Reproducing Heisenbugs in Concurrent Programs" (OSDI 2008), for the bound.

const std = @import("std");
const futex = @import("futex.zig");
const context = @import("context.zig");
const assert = std.debug.assert;
const testing = std.testing;

pub const Error = error{
    /// Every actor that has not finished sleeps or spins, without a deadline.
    LostWakeUp,
    /// The actors took more steps than any of these tests needs.
    NoProgress,
    /// A search that took the same choices met others than before: something but the schedule decides.
    NotDeterministic,
    OutOfMemory,
};

const steps_max = 100_000;
const stack_bytes = 32 * 1024;
pub const actors_max = 8;

pub const Actor = struct {
    body: *const fn (*anyopaque) void,
    argument: *anyopaque,
    name: []const u8 = "",

    pub fn init(pointer: anytype, comptime body: fn (@TypeOf(pointer)) void) Actor {
        const Erased = struct {
            fn run(argument: *anyopaque) void {
                body(@ptrCast(@alignCast(argument)));
            }
        };
        return .{ .body = Erased.run, .argument = pointer };
    }
};

const Running = struct {
    actor: Actor,
    context: context.Context,
    stack: []align(context.stack_alignment) u8,
    world: *World,
    finished: bool = false,
    /// The word this actor sleeps on.
    asleep_on: ?*const futex.Word = null,
    has_deadline: bool = false,
    timed_out: bool = false,
    /// It spins: it goes on when somebody has written since.
    spins_since: ?u64 = null,
    /// What it saw of the word that is stale in this world (`Flaw`).
    stale: ?u64 = null,

    fn canRun(self: *const Running, world: *const World) bool {
        if (self.finished) return false;
        if (self.spins_since) |since| if (world.writes == since) return false;
        return self.asleep_on == null or self.has_deadline;
    }

    fn begin(argument: ?*anyopaque) callconv(.c) noreturn {
        const self: *Running = @ptrCast(@alignCast(argument.?));
        self.actor.body(self.actor.argument);
        self.finished = true;
        self.context.switchTo(&self.world.outside);
        unreachable;
    }
};

/// What is wrong with a word on purpose, so that a test can show that it would notice.
pub const Flaw = union(enum) {
    none,
    /// A read-modify-write is a load and a store, and others may come in between.
    torn: *const anyopaque,
    /// Each actor goes on seeing what it saw first: whoever looks again looks in vain.
    stale: *const anyopaque,
    /// Each actor sees what it was at the beginning: whoever writes something and then looks, looked before it wrote.
    early: struct {
        word: *const anyopaque,
        value: u64,

        pub fn of(word: anytype) @This() {
            return .{ .word = &word.raw, .value = word.raw };
        }
    },
};

/// The choices of a run, one after the other; `advance` moves to the next run. Whoever could go on and is not let is
/// preempted, at most `preemptions_max` times in a run: most races need two.
pub const Search = struct {
    pub const Choice = struct { taken: u8, of: u8 };

    allocator: std.mem.Allocator,
    preemptions_max: u32,
    choices: std.ArrayList(Choice) = .empty,
    /// Where the run is.
    at: usize = 0,
    preemptions: u32 = 0,
    failed: ?Error = null,
    /// Called within an actor before each of its steps, when somebody wants to read them.
    on_step: ?*const fn (actor: usize) void = null,

    pub fn deinit(search: *Search) void {
        search.choices.deinit(search.allocator);
    }

    fn choose(search: *Search, of: usize) usize {
        assert(of > 1);
        defer search.at += 1;
        if (search.at < search.choices.items.len) {
            const choice = search.choices.items[search.at];
            if (choice.of == of) return choice.taken;
            search.failed = error.NotDeterministic;
            return 0;
        }
        search.choices.append(search.allocator, .{ .taken = 0, .of = @intCast(of) }) catch {
            search.failed = error.OutOfMemory;
        };
        return 0;
    }

    /// The next run differs in the last choice that has something left to try. False when all were tried.
    pub fn advance(search: *Search) bool {
        search.rewind();
        while (search.choices.pop()) |last| {
            if (last.taken + 1 == last.of) continue;
            search.choices.appendAssumeCapacity(.{ .taken = last.taken + 1, .of = last.of });
            return true;
        }
        return false;
    }

    pub fn rewind(search: *Search) void {
        search.at = 0;
        search.preemptions = 0;
        search.failed = null;
    }
};

const World = struct {
    outside: context.Context,
    actors: []Running,
    current: ?*Running = null,
    last: ?*Running = null,
    /// Who goes on, when that was decided within an actor.
    decided: ?*Running = null,
    search: ?*Search,
    flaw: Flaw = .none,
    random: std.Random.DefaultPrng,
    /// Of 8 steps, how many stay with the actor that took the last one: long runs and wild mixtures both find things.
    stay_of_8: u32,
    now_ns: u64 = 0,
    interrupted: futex.Word = .init(0),
    /// How often shared words were written.
    writes: u64 = 0,
    steps: u32 = 0,

    fn choose(world: *World, below: usize) usize {
        return world.random.random().uintLessThan(usize, below);
    }

    /// The running actor is about to take a step: another one may come first.
    fn stop(world: *World) void {
        const self = world.current.?;
        world.steps += 1;
        if (world.steps < steps_max and self.canRun(world)) {
            const next = pick(world).?;
            if (next != self) world.leave(next);
        } else world.leave(null);
        const search = world.search orelse return;
        if (search.on_step) |told| told(self - world.actors.ptr);
    }

    fn leave(world: *World, next: ?*Running) void {
        world.decided = next;
        world.current.?.context.switchTo(&world.outside);
    }
};

threadlocal var active: ?*World = null;

/// Of a thread that is inside a world and within one of its actors.
inline fn inside() ?*World {
    const world = active orelse return null;
    return if (world.current == null) null else world;
}

pub fn isSimulated() bool {
    return inside() != null;
}

/// Before an access to a shared word.
pub fn step() void {
    if (inside()) |world| world.stop();
}

/// After a shared word was written.
pub fn wrote() void {
    if (inside()) |world| world.writes += 1;
}

/// The actor has nothing to do until somebody else writes.
pub fn spin() void {
    if (inside()) |world| spinSince(world.writes);
}

/// The writes so far, for `spinSince`.
pub fn writes() u64 {
    return if (inside()) |world| world.writes else 0;
}

/// As `spin`, of an actor that looked at several words after so many writes.
pub fn spinSince(count: u64) void {
    const world = inside() orelse return;
    const self = world.current.?;
    self.spins_since = count;
    world.stop();
    self.spins_since = null;
}

pub fn isTorn(word: *const anyopaque) bool {
    const world = inside() orelse return false;
    return world.flaw == .torn and world.flaw.torn == word;
}

/// What a load yields that found `value`.
pub fn loaded(word: *const anyopaque, value: u64) u64 {
    const world = inside() orelse return value;
    if (world.flaw == .early and world.flaw.early.word == word) return world.flaw.early.value;
    if (world.flaw != .stale or world.flaw.stale != word) return value;
    const self = world.current.?;
    if (self.stale == null) self.stale = value;
    return self.stale.?;
}

/// The wait queue of a simulated world. Outside of one it is the kernel's.
pub const simulated = struct {
    pub fn point() void {
        step();
    }

    pub fn wait(word: *const futex.Word, expected: u32, deadline_ns: ?u64) futex.Wake {
        const world = inside() orelse return futex.linux.wait(word, expected, deadline_ns);
        const self = world.current.?;
        if (word.load(.monotonic) != expected) return .woken;
        if (deadline_ns) |ns| if (world.now_ns >= ns) return .timed_out;
        if (world.search == null) switch (world.choose(16)) {
            0 => return .woken, // spurious
            1 => return .interrupted,
            else => {},
        };
        self.asleep_on = word;
        self.has_deadline = deadline_ns != null;
        self.timed_out = false;
        world.leave(null);
        assert(self.asleep_on == null);
        if (!self.timed_out) return .woken;
        world.now_ns = @max(world.now_ns, deadline_ns.?);
        return .timed_out;
    }

    pub fn isInside() bool {
        return isSimulated();
    }

    /// The reactor's eventfd, in a world where nothing else comes from outside.
    pub fn interrupt() void {
        point();
        inside().?.interrupted.store(1, .monotonic);
        wake(&inside().?.interrupted, 1);
    }

    pub fn waitForInterrupt(wait_ns: ?u64) void {
        point();
        const world = inside().?;
        _ = wait(&world.interrupted, 0, if (wait_ns) |ns| world.now_ns +| ns else null);
        world.interrupted.store(0, .monotonic);
    }

    pub fn wake(word: *const futex.Word, count: u31) void {
        const world = inside() orelse return futex.linux.wake(word, count);
        world.writes += 1;
        const first = if (world.search == null) world.choose(world.actors.len) else 0;
        var left = count;
        for (0..world.actors.len) |offset| {
            const other = &world.actors[(first + offset) % world.actors.len];
            if (left == 0 or other.asleep_on != word) continue;
            other.asleep_on = null;
            left -= 1;
        }
    }

    pub fn nowNs() u64 {
        const world = inside() orelse return futex.linux.nowNs();
        world.now_ns += 1;
        return world.now_ns;
    }
};

/// Runs the actors to their end in the order that `seed` gives.
pub fn run(seed: u64, actors: []const Actor) Error!void {
    const allocator = testing.allocator;
    const alignment = comptime std.mem.Alignment.fromByteUnits(context.stack_alignment);
    const stacks = try allocator.alignedAlloc(u8, alignment, actors.len * stack_bytes);
    defer allocator.free(stacks);
    var world: World = .{
        .outside = .current(),
        .actors = &.{},
        .search = null,
        .random = .init(seed),
        .stay_of_8 = undefined,
    };
    world.stay_of_8 = ([_]u32{ 0, 4, 7 })[world.choose(3)];
    return runIn(&world, actors, stacks);
}

/// Runs the actors to their end in the order that `search` has come to. The stacks are used from run to run.
pub fn follow(
    search: *Search,
    flaw: Flaw,
    actors: []const Actor,
    stacks: []align(context.stack_alignment) u8,
) Error!void {
    var world: World = .{
        .outside = .current(),
        .actors = &.{},
        .search = search,
        .flaw = flaw,
        .random = .init(0),
        .stay_of_8 = 8,
    };
    try runIn(&world, actors, stacks);
    if (search.failed) |err| return err;
}

fn runIn(world: *World, actors: []const Actor, stacks: []align(context.stack_alignment) u8) Error!void {
    assert(active == null); // worlds do not nest
    var running_buffer: [actors_max]Running = undefined;
    world.actors = running_buffer[0..actors.len];
    const bytes = std.mem.alignBackward(usize, stacks.len / actors.len, context.stack_alignment);
    for (world.actors, actors, 0..) |*running, actor, index| {
        const stack: []align(context.stack_alignment) u8 = @alignCast(stacks[index * bytes ..][0..bytes]);
        running.* = .{ .actor = actor, .context = undefined, .stack = stack, .world = world };
        running.context = .init(stack, Running.begin, running);
    }
    defer for (world.actors) |*running| running.context.deinit();

    active = world;
    defer active = null;
    while (world.steps < steps_max) {
        const next = world.decided orelse pick(world) orelse {
            for (world.actors) |running| if (!running.finished) return error.LostWakeUp;
            return;
        };
        world.decided = null;
        if (next.asleep_on != null) {
            next.asleep_on = null;
            next.timed_out = true;
        }
        world.last = next;
        world.current = next;
        world.outside.switchTo(&next.context);
        world.current = null;
        world.steps += 1;
    }
    return error.NoProgress;
}

/// An actor that can take a step; one that sleeps with a deadline can, by running out of time.
fn pick(world: *World) ?*Running {
    const search = world.search orelse return pickAtRandom(world);
    var candidates: [actors_max]*Running = undefined;
    var n: usize = 0;
    // The one that took the last step first: to go on costs nothing.
    const goes_on = if (world.last) |last| last.canRun(world) and last.asleep_on == null else false;
    if (goes_on) {
        candidates[0] = world.last.?;
        n = 1;
    }
    const may_preempt = search.preemptions < search.preemptions_max;
    if (!goes_on or may_preempt) n = addCandidates(world, false, &candidates, n);
    // Time is long: that it runs out while somebody could go on counts as a preemption, too. Else who looks around now
    // and then would do so for ever.
    const awake = n;
    if (awake == 0 or may_preempt) n = addCandidates(world, true, &candidates, n);
    if (n == 0) return null;
    if (n == 1) return candidates[0];
    const chosen = search.choose(n);
    if (awake > 0 and (chosen >= awake or (goes_on and chosen > 0))) search.preemptions += 1;
    return candidates[chosen];
}

/// Those that can take a step, except for the one that is there already.
fn addCandidates(world: *World, asleep: bool, candidates: *[actors_max]*Running, count: usize) usize {
    var n = count;
    for (world.actors) |*running| {
        if (!running.canRun(world) or (running.asleep_on != null) != asleep) continue;
        if (count > 0 and running == candidates[0]) continue;
        candidates[n] = running;
        n += 1;
    }
    return n;
}

fn pickAtRandom(world: *World) ?*Running {
    if (world.last) |last| {
        if (last.canRun(world) and last.asleep_on == null and world.choose(8) < world.stay_of_8) return last;
    }
    var chosen: ?*Running = null;
    var candidates: usize = 0;
    for (world.actors) |*running| {
        if (!running.canRun(world)) continue;
        candidates += 1;
        if (world.choose(candidates) == 0) chosen = running;
    }
    return chosen;
}

/// Runs `Case` under many seeds. `Case` has `init(self, random)`, `actors(self, buffer) []Actor`, `check(self) !void`
/// and `deinit(self)`. The seed that fails is printed: call `once` with it to see that run again.
pub fn explore(comptime Case: type, seeds: u32) !void {
    for (0..seeds) |index| {
        const seed = @as(u64, testing.random_seed) << 32 | index;
        once(Case, seed) catch |err| {
            std.debug.print("schedule seed {d}: {t}\n", .{ seed, err });
            return err;
        };
    }
}

pub fn once(comptime Case: type, seed: u64) !void {
    var random: std.Random.DefaultPrng = .init(seed ^ 0x9e3779b97f4a7c15);
    var case: Case = undefined;
    try case.init(random.random());
    defer case.deinit();
    var buffer: [8]Actor = undefined;
    try run(seed, case.actors(&buffer));
    try case.check();
}

test "a race between two steps is found, and the same seed finds it again" {
    const Case = struct {
        counter: u32,

        pub fn init(self: *@This(), _: std.Random) !void {
            self.counter = 0;
        }
        pub fn deinit(_: *@This()) void {}
        fn increment(self: *@This()) void {
            const seen = self.counter;
            simulated.point();
            self.counter = seen + 1;
        }
        fn actors(self: *@This(), buffer: *[8]Actor) []Actor {
            buffer[0] = .init(self, increment);
            buffer[1] = .init(self, increment);
            return buffer[0..2];
        }
        fn check(self: *@This()) !void {
            if (self.counter != 2) return error.LostUpdate;
        }
    };
    var lost: u32 = 0;
    for (0..50) |seed| {
        if (once(Case, seed)) |_| {} else |err| {
            try testing.expectEqual(error.LostUpdate, err);
            try testing.expectError(error.LostUpdate, once(Case, seed));
            lost += 1;
        }
    }
    try testing.expect(lost > 0);
    try testing.expect(lost < 50);
}

test "a wake-up lost between looking and sleeping is found" {
    // The defect on purpose: the waker looks at a flag that the sleeper sets too late.
    const Case = struct {
        word: futex.Word,
        sleeping: bool,

        pub fn init(self: *@This(), _: std.Random) !void {
            self.* = .{ .word = .init(0), .sleeping = false };
        }
        pub fn deinit(_: *@This()) void {}
        fn sleeper(self: *@This()) void {
            simulated.point();
            self.sleeping = true;
            while (simulated.wait(&self.word, 0, null) != .woken) {}
        }
        fn waker(self: *@This()) void {
            simulated.point();
            if (self.sleeping) simulated.wake(&self.word, 1);
        }
        fn actors(self: *@This(), buffer: *[8]Actor) []Actor {
            buffer[0] = .init(self, sleeper);
            buffer[1] = .init(self, waker);
            return buffer[0..2];
        }
        fn check(_: *@This()) !void {}
    };
    var lost: u32 = 0;
    for (0..50) |seed| {
        if (once(Case, seed)) |_| {} else |err| {
            try testing.expectEqual(error.LostWakeUp, err);
            lost += 1;
        }
    }
    try testing.expect(lost > 0);
}
