//! The deque against a plain list: random pushes, pops and steals of one thread must give exactly what the list gives;
//! under simulated schedules of an owner and two thieves every item comes out once, and each thief sees the items in
//! the order in which they were pushed.

const std = @import("std");
const deque = @import("deque.zig");
const fuzz = @import("fuzz.zig");
const schedule = @import("schedule.zig");
const testing = std.testing;

fn alone(seed: u64) anyerror!void {
    var prng: std.Random.DefaultPrng = .init(seed);
    const random = prng.random();
    var real: deque.Deque(u32) = try .init(testing.allocator, random.intRangeAtMost(usize, 1, 9));
    defer real.deinit();
    var list: [256]u32 = undefined;
    var bottom: usize = 0;
    var top: usize = 0;
    var next: u32 = 1;
    const push_of_8 = random.intRangeAtMost(u32, 2, 6);
    for (0..200) |_| {
        if (random.uintLessThan(u32, 8) < push_of_8 and bottom < list.len) {
            try real.push(next);
            list[bottom] = next;
            bottom += 1;
            next += 1;
        } else if (random.boolean()) {
            const expected: ?u32 = if (bottom > top) list[bottom - 1] else null;
            if (bottom > top) bottom -= 1;
            try testing.expectEqual(expected, real.pop());
        } else switch (real.steal()) {
            .success => |item| {
                try testing.expect(bottom > top);
                try testing.expectEqual(list[top], item);
                top += 1;
            },
            .empty => try testing.expectEqual(top, bottom),
            .lost => return error.LostAlone, // nobody was there to lose to
        }
        try testing.expectEqual(bottom - top, real.len());
    }
}

test "fuzz deque: alone it is a list" {
    try fuzz.seeds(alone);
}

/// Owner and thieves over any deque with `push`, `pop`, `steal`.
fn Contended(comptime Queue: type) type {
    return struct {
        queue: Queue,
        taken: [items]u8,
        script: std.Random.DefaultPrng,
        done: bool,
        disorder: bool,

        const items = 20;
        const Self = @This();

        pub fn init(self: *Self, random: std.Random) !void {
            self.* = .{
                .queue = try .init(testing.allocator, 2),
                .taken = @splat(0),
                .script = .init(random.int(u64)),
                .done = false,
                .disorder = false,
            };
        }

        pub fn deinit(self: *Self) void {
            self.queue.deinit();
        }

        fn owner(self: *Self) void {
            const random = self.script.random();
            const push_of_8 = random.intRangeAtMost(u32, 2, 7);
            var next: u32 = 0;
            while (next < items) {
                if (random.uintLessThan(u32, 8) < push_of_8) {
                    self.queue.push(next) catch unreachable;
                    next += 1;
                } else if (self.queue.pop()) |item| self.taken[item] += 1;
            }
            while (self.queue.pop()) |item| self.taken[item] += 1;
            self.done = true;
        }

        fn thief(self: *Self) void {
            var last: i64 = -1;
            while (true) {
                const finished = self.done;
                switch (self.queue.steal()) {
                    .success => |item| {
                        self.taken[item] += 1;
                        if (item <= last) self.disorder = true;
                        last = item;
                    },
                    .lost => {},
                    .empty => if (finished) return,
                }
            }
        }

        pub fn actors(self: *Self, buffer: *[8]schedule.Actor) []schedule.Actor {
            buffer[0] = .init(self, owner);
            buffer[1] = .init(self, thief);
            buffer[2] = .init(self, thief);
            return buffer[0..3];
        }

        pub fn check(self: *Self) !void {
            if (self.disorder) return error.Disorder;
            for (self.taken) |count| if (count != 1) return error.NotOnce;
        }
    };
}

fn contended(seed: u64) anyerror!void {
    try schedule.once(Contended(deque.DequeOn(u32, schedule.simulated)), seed);
}

test "fuzz deque: with thieves every item comes out once, in order" {
    try fuzz.seeds(contended);
}

/// The canary: the owner takes the last item without asking whether a thief is taking it.
const Careless = struct {
    slots: [64]u32 = undefined,
    top: usize = 0,
    bottom: usize = 0,

    const Stolen = union(enum) { success: u32, lost, empty };

    fn init(_: std.mem.Allocator, _: usize) !Careless {
        return .{};
    }
    fn deinit(_: *Careless) void {}
    fn push(self: *Careless, item: u32) !void {
        self.slots[self.bottom] = item;
        schedule.simulated.point();
        self.bottom += 1;
    }
    fn pop(self: *Careless) ?u32 {
        if (self.bottom <= self.top) return null;
        schedule.simulated.point();
        self.bottom -= 1;
        return self.slots[self.bottom];
    }
    fn steal(self: *Careless) Stolen {
        const top = self.top;
        schedule.simulated.point();
        if (top >= self.bottom) return .empty;
        const item = self.slots[top];
        schedule.simulated.point();
        if (self.top != top) return .lost;
        self.top = top + 1;
        return .{ .success = item };
    }
};

fn careless(_: void, seed: u64) anyerror!void {
    try schedule.once(Contended(Careless), seed);
}

test "fuzz deque: the canary is found" {
    try fuzz.finds(200, {}, careless);
}
