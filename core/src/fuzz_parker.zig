//! The parker against a boolean: alone, every operation must do what one permit does. Under simulated schedules with a
//! random script for each side, no more permits are taken than were left, and nobody sleeps with a request unserved.

const std = @import("std");
const futex = @import("futex.zig");
const fuzz = @import("fuzz.zig");
const parker = @import("parker.zig");
const schedule = @import("schedule.zig");
const simulated = schedule.simulated;
const testing = std.testing;

/// One actor: with nobody else there, only a wait with a deadline may find no permit.
fn Alone(comptime Wait: type) type {
    return struct {
        parker: parker.ParkerOn(Wait),
        script: std.Random.DefaultPrng,
        wrong: bool,

        const Self = @This();

        pub fn init(self: *Self, random: std.Random) !void {
            self.* = .{ .parker = .{}, .script = .init(random.int(u64)), .wrong = false };
        }
        pub fn deinit(_: *Self) void {}

        fn run(self: *Self) void {
            const random = self.script.random();
            var permit = false;
            for (0..60) |_| {
                if (random.boolean()) {
                    self.parker.unpark();
                    permit = true;
                } else if (permit and random.boolean()) {
                    self.parker.park();
                    permit = false;
                } else {
                    const taken = self.parker.parkTimeout(random.uintLessThan(u64, 5));
                    if (taken != permit) self.wrong = true;
                    permit = false;
                }
            }
        }

        pub fn actors(self: *Self, buffer: *[8]schedule.Actor) []schedule.Actor {
            buffer[0] = .init(self, run);
            return buffer[0..1];
        }
        pub fn check(self: *Self) !void {
            if (self.wrong) return error.NotOnePermit;
        }
    };
}

fn alone(seed: u64) anyerror!void {
    try schedule.once(Alone(simulated), seed);
}

test "fuzz parker: alone it is one permit" {
    try fuzz.seeds(alone);
}

fn Contended(comptime Wait: type) type {
    return struct {
        parker: parker.ParkerOn(Wait),
        script: std.Random.DefaultPrng,
        requests: std.atomic.Value(u32),
        unparks: u32,
        permits: u32,
        wrong: bool,

        const unparkers = 3;
        const each = 4;
        const Self = @This();

        pub fn init(self: *Self, random: std.Random) !void {
            self.* = .{
                .parker = .{},
                .script = .init(random.int(u64)),
                .requests = .init(0),
                .unparks = 0,
                .permits = 0,
                .wrong = false,
            };
        }
        pub fn deinit(_: *Self) void {}

        fn unparker(self: *Self) void {
            for (0..each) |_| {
                _ = self.requests.fetchAdd(1, .release);
                self.unparks += 1; // counted before it can be seen: an upper bound at any time
                self.parker.unpark();
            }
        }

        fn owner(self: *Self) void {
            const random = self.script.random();
            var served: u32 = 0;
            while (served < unparkers * each) {
                const outcome: parker.Outcome = switch (random.uintLessThan(u32, 4)) {
                    0 => blk: {
                        self.parker.park();
                        break :blk .permit;
                    },
                    1 => if (self.parker.parkTimeout(random.uintLessThan(u64, 8))) .permit else .timed_out,
                    2 => self.parker.parkUntil(null, .report),
                    else => self.parker.parkUntil(Wait.nowNs() + 3, .report),
                };
                if (outcome == .permit) self.permits += 1;
                if (self.permits > self.unparks) self.wrong = true;
                Wait.point();
                served += self.requests.swap(0, .acquire);
            }
        }

        pub fn actors(self: *Self, buffer: *[8]schedule.Actor) []schedule.Actor {
            buffer[0] = .init(self, owner);
            for (buffer[1 .. 1 + unparkers]) |*actor| actor.* = .init(self, unparker);
            return buffer[0 .. 1 + unparkers];
        }
        pub fn check(self: *Self) !void {
            if (self.wrong) return error.PermitFromNowhere;
        }
    };
}

fn contended(seed: u64) anyerror!void {
    try schedule.once(Contended(simulated), seed);
}

test "fuzz parker: no permit is lost, none comes from nowhere" {
    try fuzz.seeds(contended);
}

/// The canary: a wait that does not look at the word again before it sleeps, as if the kernel did not.
const Blind = struct {
    pub const point = simulated.point;
    pub const wake = simulated.wake;
    pub const nowNs = simulated.nowNs;
    pub fn wait(word: *const futex.Word, _: u32, deadline_ns: ?u64) futex.Wake {
        return simulated.wait(word, word.load(.monotonic), deadline_ns);
    }
};

fn blind(_: void, seed: u64) anyerror!void {
    try schedule.once(Contended(Blind), seed);
}

test "fuzz parker: the canary is found" {
    try fuzz.finds(500, {}, blind);
}
