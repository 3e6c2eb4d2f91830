//! Words that several threads touch, so that tests can decide who touches them next.
//!
//! In the library `Value` is `std.atomic.Value`, `load` and `store` are the builtins and `spin` is the processor's
//! hint: nothing is added. In a test build every access first asks schedule.zig, which is nothing outside of a
//! simulated world, and inside of one the moment at which another thread may come first (interleave.zig). There each
//! access is a call, so that a printed schedule can say where it was made.
//! What is only ever one thread's at a time, and links under a lock, needs none of this and uses `std.atomic`.

const std = @import("std");
const builtin = @import("builtin");
const Order = std.lang.AtomicOrder;
const schedule = if (builtin.is_test) @import("schedule.zig") else struct {};

pub const Value = if (builtin.is_test) Watched else std.atomic.Value;

/// An atomic load of a field that is plain otherwise.
pub inline fn load(comptime T: type, word: *const T, comptime order: Order) T {
    if (builtin.is_test) schedule.step();
    return @atomicLoad(T, word, order);
}

pub inline fn store(comptime T: type, word: *T, value: T, comptime order: Order) void {
    if (builtin.is_test) schedule.step();
    @atomicStore(T, word, value, order);
    if (builtin.is_test) schedule.wrote();
}

/// In a loop that waits for another thread's next write.
pub inline fn spin() void {
    if (builtin.is_test) schedule.spin();
    std.atomic.spinLoopHint();
}

fn Watched(comptime T: type) type {
    return extern struct {
        raw: T,

        const Self = @This();

        pub fn init(value: T) Self {
            return .{ .raw = value };
        }

        pub noinline fn load(self: *const Self, comptime order: Order) T {
            schedule.step();
            const seen = @atomicLoad(T, &self.raw, order);
            if (T == bool) return seen;
            return @truncate(schedule.loaded(&self.raw, seen));
        }

        pub noinline fn store(self: *Self, value: T, comptime order: Order) void {
            schedule.step();
            @atomicStore(T, &self.raw, value, order);
            schedule.wrote();
        }

        pub noinline fn swap(self: *Self, operand: T, comptime order: Order) T {
            return self.change(.Xchg, operand, order);
        }
        pub noinline fn fetchAdd(self: *Self, operand: T, comptime order: Order) T {
            return self.change(.Add, operand, order);
        }
        pub noinline fn fetchSub(self: *Self, operand: T, comptime order: Order) T {
            return self.change(.Sub, operand, order);
        }
        pub noinline fn fetchAnd(self: *Self, operand: T, comptime order: Order) T {
            return self.change(.And, operand, order);
        }
        pub noinline fn fetchOr(self: *Self, operand: T, comptime order: Order) T {
            return self.change(.Or, operand, order);
        }

        inline fn change(self: *Self, comptime op: std.lang.AtomicRmwOp, operand: T, comptime order: Order) T {
            schedule.step();
            const before = if (schedule.isTorn(&self.raw)) torn: {
                const before = @atomicLoad(T, &self.raw, .monotonic);
                schedule.step();
                const after = switch (op) {
                    .Xchg => operand,
                    .Add => before +% operand,
                    .Sub => before -% operand,
                    .And => before & operand,
                    .Or => before | operand,
                    else => comptime unreachable,
                };
                @atomicStore(T, &self.raw, after, .monotonic);
                break :torn before;
            } else @atomicRmw(T, &self.raw, op, operand, order);
            schedule.wrote();
            return before;
        }

        pub noinline fn cmpxchgStrong(
            self: *Self,
            expected: T,
            desired: T,
            comptime success: Order,
            comptime failure: Order,
        ) ?T {
            schedule.step();
            if (schedule.isTorn(&self.raw)) {
                const before = @atomicLoad(T, &self.raw, .monotonic);
                if (before != expected) return before;
                schedule.step();
                @atomicStore(T, &self.raw, desired, .monotonic);
            } else if (@cmpxchgStrong(T, &self.raw, expected, desired, success, failure)) |found| return found;
            schedule.wrote();
            return null;
        }

        /// Fails for no reason as rarely as the processor does, in a simulated world never.
        pub noinline fn cmpxchgWeak(
            self: *Self,
            expected: T,
            desired: T,
            comptime success: Order,
            comptime failure: Order,
        ) ?T {
            if (schedule.isSimulated()) return self.cmpxchgStrong(expected, desired, success, failure);
            return @cmpxchgWeak(T, &self.raw, expected, desired, success, failure);
        }
    };
}
