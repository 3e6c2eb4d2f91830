//! Tries interleavings: a test's actors run as contexts on one thread, and at every `point` (between any two atomic
//! accesses of the code under test) a seeded choice decides who goes on. The same seed gives the same run.
//!
//! The code under test takes its wait queue as a comptime parameter; `simulated` is the one for here. It also says
//! when time passes and when a wake-up is spurious, and when every actor that is left sleeps, a wake-up was lost:
//! `run` reports it. What this explores is the order of steps under sequential consistency; weaker orders are for the
//! stress tests and the thread sanitizer. Tests only: nothing in the library imports this.
//! Compare: Burckhardt et al., "A Randomized Scheduler with Probabilistic Guarantees of Finding Bugs" (2010).

const std = @import("std");
const futex = @import("futex.zig");
const context = @import("context.zig");
const assert = std.debug.assert;
const testing = std.testing;

pub const Error = error{
    /// Every actor that has not finished sleeps, without a deadline.
    LostWakeUp,
    /// The actors took more steps than any of these tests needs.
    NoProgress,
    OutOfMemory,
};

const steps_max = 100_000;
const stack_bytes = 32 * 1024;

pub const Actor = struct {
    body: *const fn (*anyopaque) void,
    argument: *anyopaque,

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

    fn begin(argument: ?*anyopaque) callconv(.c) noreturn {
        const self: *Running = @ptrCast(@alignCast(argument.?));
        self.actor.body(self.actor.argument);
        self.finished = true;
        self.context.switchTo(&self.world.outside);
        unreachable;
    }
};

const World = struct {
    outside: context.Context,
    actors: []Running,
    current: ?*Running = null,
    last: ?*Running = null,
    random: std.Random.DefaultPrng,
    /// Of 8 steps, how many stay with the actor that took the last one: long runs and wild mixtures both find things.
    stay_of_8: u32,
    now_ns: u64 = 0,

    fn choose(world: *World, below: usize) usize {
        return world.random.random().uintLessThan(usize, below);
    }

    fn stop(world: *World) void {
        world.current.?.context.switchTo(&world.outside);
    }
};

threadlocal var active: ?*World = null;

/// The wait queue of a simulated world. Outside of `run` (setting up, looking at the result) points are nothing.
pub const simulated = struct {
    pub fn point() void {
        const world = active orelse return;
        if (world.current != null) world.stop();
    }

    pub fn wait(word: *const futex.Word, expected: u32, deadline_ns: ?u64) futex.Wake {
        const world = active.?;
        const self = world.current.?;
        if (word.load(.monotonic) != expected) return .woken;
        if (deadline_ns) |ns| if (world.now_ns >= ns) return .timed_out;
        switch (world.choose(16)) {
            0 => return .woken, // spurious
            1 => return .interrupted,
            else => {},
        }
        self.asleep_on = word;
        self.has_deadline = deadline_ns != null;
        self.timed_out = false;
        world.stop();
        assert(self.asleep_on == null);
        if (!self.timed_out) return .woken;
        world.now_ns = @max(world.now_ns, deadline_ns.?);
        return .timed_out;
    }

    pub fn wake(word: *const futex.Word, count: u31) void {
        const world = active.?;
        const first = world.choose(world.actors.len);
        var left = count;
        for (0..world.actors.len) |offset| {
            const other = &world.actors[(first + offset) % world.actors.len];
            if (left == 0 or other.asleep_on != word) continue;
            other.asleep_on = null;
            left -= 1;
        }
    }

    pub fn nowNs() u64 {
        const world = active.?;
        world.now_ns += 1;
        return world.now_ns;
    }
};

/// Runs the actors to their end in the order that `seed` gives.
pub fn run(seed: u64, actors: []const Actor) Error!void {
    const allocator = testing.allocator;
    assert(active == null); // worlds do not nest
    var world: World = .{
        .outside = .current(),
        .actors = try allocator.alloc(Running, actors.len),
        .random = .init(seed),
        .stay_of_8 = undefined,
    };
    defer allocator.free(world.actors);
    world.stay_of_8 = ([_]u32{ 0, 4, 7 })[world.choose(3)];

    const alignment = comptime std.mem.Alignment.fromByteUnits(context.stack_alignment);
    const stacks = try allocator.alignedAlloc(u8, alignment, actors.len * stack_bytes);
    defer allocator.free(stacks);
    for (world.actors, actors, 0..) |*running, actor, index| {
        const stack: []align(context.stack_alignment) u8 = @alignCast(stacks[index * stack_bytes ..][0..stack_bytes]);
        running.* = .{ .actor = actor, .context = undefined, .stack = stack, .world = &world };
        running.context = .init(stack, Running.begin, running);
    }
    defer for (world.actors) |*running| running.context.deinit();

    active = &world;
    defer active = null;
    for (0..steps_max) |_| {
        const next = pick(&world) orelse {
            for (world.actors) |running| if (!running.finished) return error.LostWakeUp;
            return;
        };
        if (next.asleep_on != null) {
            next.asleep_on = null;
            next.timed_out = true;
        }
        world.last = next;
        world.current = next;
        world.outside.switchTo(&next.context);
        world.current = null;
    }
    return error.NoProgress;
}

/// An actor that can take a step; one that sleeps with a deadline can, by running out of time.
fn pick(world: *World) ?*Running {
    if (world.last) |last| {
        const can_run = !last.finished and last.asleep_on == null;
        if (can_run and world.choose(8) < world.stay_of_8) return last;
    }
    var chosen: ?*Running = null;
    var candidates: usize = 0;
    for (world.actors) |*running| {
        if (running.finished) continue;
        if (running.asleep_on != null and !running.has_deadline) continue;
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
