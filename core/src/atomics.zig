//! Atomic operations on 64-bit cells in runtime memory, with the memory ordering chosen at run time.
//!
//! This is what `Atomic[T]` of a Janus program comes down to: the caller holds a pointer to a cell and the number of
//! an `Ordering`. An ordering that an operation cannot take is an error, never silently strengthened; the checker
//! refuses it earlier, this is the second wall. Arithmetic wraps in two's complement.
//! The orderings are those of C++20 (§ atomics.order); Consume is promoted to Acquire, as every compiler does.

const std = @import("std");
const builtin = @import("builtin");
const assert = std.debug.assert;

/// One atomic cell. The alignment is what makes the access a single instruction.
pub const Cell = u64;

pub const Error = error{InvalidOrdering};

/// The numbers cross the boundary: append only.
pub const Ordering = enum(u8) {
    relaxed = 0,
    acquire = 1,
    release = 2,
    acq_rel = 3,
    seq_cst = 4,
    consume = 5,

    /// The ordering with this number, or an error for a number nobody handed out.
    pub fn fromCode(code: u32) Error!Ordering {
        return switch (code) {
            0 => .relaxed,
            1 => .acquire,
            2 => .release,
            3 => .acq_rel,
            4 => .seq_cst,
            5 => .consume,
            else => error.InvalidOrdering,
        };
    }

    /// Consume has no implementation weaker than Acquire on any machine we support.
    pub fn promoted(ordering: Ordering) Ordering {
        return if (ordering == .consume) .acquire else ordering;
    }

    /// The weakest ordering that promises what both do. A compare-exchange may ask more of its failure than of its
    /// success, which the instruction cannot: it then gets this for both.
    fn covering(success: Ordering, failure: Ordering) Ordering {
        assert(allowed(.compare_failure, failure));
        if (success == .seq_cst or failure == .seq_cst) return .seq_cst;
        if (failure.promoted() == .relaxed) return success;
        return switch (success.promoted()) {
            .relaxed, .acquire => .acquire,
            .release, .acq_rel => .acq_rel,
            else => unreachable,
        };
    }
};

pub const Operation = enum { load, store, read_modify_write, compare_failure, fence };

/// Which operation can take which ordering.
pub fn allowed(operation: Operation, ordering: Ordering) bool {
    return switch (operation) {
        // Releasing needs a write, so a load (and a failed compare, which is one) has nothing to release with.
        .load, .compare_failure => switch (ordering.promoted()) {
            .relaxed, .acquire, .seq_cst => true,
            else => false,
        },
        .store => switch (ordering) {
            .relaxed, .release, .seq_cst => true,
            else => false,
        },
        .read_modify_write => true,
        // A relaxed fence orders nothing: asking for one is a mistake.
        .fence => ordering != .relaxed,
    };
}

fn check(operation: Operation, ordering: Ordering) Error!void {
    if (!allowed(operation, ordering)) return error.InvalidOrdering;
}

pub fn load(cell: *const Cell, ordering: Ordering) Error!u64 {
    try check(.load, ordering);
    return switch (ordering.promoted()) {
        .relaxed => @atomicLoad(Cell, cell, .monotonic),
        .acquire => @atomicLoad(Cell, cell, .acquire),
        .seq_cst => @atomicLoad(Cell, cell, .seq_cst),
        else => unreachable,
    };
}

pub fn store(cell: *Cell, value: u64, ordering: Ordering) Error!void {
    try check(.store, ordering);
    switch (ordering) {
        .relaxed => @atomicStore(Cell, cell, value, .monotonic),
        .release => @atomicStore(Cell, cell, value, .release),
        .seq_cst => @atomicStore(Cell, cell, value, .seq_cst),
        else => unreachable,
    }
}

/// Returns the value before the operation, as every function below does.
pub fn swap(cell: *Cell, operand: u64, ordering: Ordering) u64 {
    return readModifyWrite(.Xchg, cell, operand, ordering);
}

pub fn fetchAdd(cell: *Cell, operand: u64, ordering: Ordering) u64 {
    return readModifyWrite(.Add, cell, operand, ordering);
}

pub fn fetchSub(cell: *Cell, operand: u64, ordering: Ordering) u64 {
    return readModifyWrite(.Sub, cell, operand, ordering);
}

pub fn fetchAnd(cell: *Cell, operand: u64, ordering: Ordering) u64 {
    return readModifyWrite(.And, cell, operand, ordering);
}

pub fn fetchOr(cell: *Cell, operand: u64, ordering: Ordering) u64 {
    return readModifyWrite(.Or, cell, operand, ordering);
}

pub fn fetchXor(cell: *Cell, operand: u64, ordering: Ordering) u64 {
    return readModifyWrite(.Xor, cell, operand, ordering);
}

fn readModifyWrite(comptime op: std.lang.AtomicRmwOp, cell: *Cell, operand: u64, ordering: Ordering) u64 {
    assert(allowed(.read_modify_write, ordering));
    return switch (ordering.promoted()) {
        .relaxed => @atomicRmw(Cell, cell, op, operand, .monotonic),
        .acquire => @atomicRmw(Cell, cell, op, operand, .acquire),
        .release => @atomicRmw(Cell, cell, op, operand, .release),
        .acq_rel => @atomicRmw(Cell, cell, op, operand, .acq_rel),
        .seq_cst => @atomicRmw(Cell, cell, op, operand, .seq_cst),
        .consume => unreachable,
    };
}

/// What a compare-exchange found: `null` when it replaced the value, else the value that stood there.
pub const Found = ?u64;

/// Replaces `expected` by `desired`. Fails only when another value stands there.
pub fn compareExchange(
    cell: *Cell,
    expected: u64,
    desired: u64,
    success: Ordering,
    failure: Ordering,
) Error!Found {
    return exchangeIfEqual(.strong, cell, expected, desired, success, failure);
}

/// As `compareExchange`, but may also fail while `expected` stands there: cheaper inside a loop on some machines.
pub fn compareExchangeWeak(
    cell: *Cell,
    expected: u64,
    desired: u64,
    success: Ordering,
    failure: Ordering,
) Error!Found {
    return exchangeIfEqual(.weak, cell, expected, desired, success, failure);
}

fn exchangeIfEqual(
    comptime strength: enum { strong, weak },
    cell: *Cell,
    expected: u64,
    desired: u64,
    success: Ordering,
    failure: Ordering,
) Error!Found {
    try check(.compare_failure, failure);
    assert(allowed(.read_modify_write, success));
    switch (success.promoted()) {
        .consume => unreachable,
        inline .relaxed, .acquire, .release, .acq_rel, .seq_cst => |s| switch (failure.promoted()) {
            inline .relaxed, .acquire, .seq_cst => |f| {
                const s_native = comptime native(s.covering(f));
                const f_native = comptime native(f);
                return switch (strength) {
                    .strong => @cmpxchgStrong(Cell, cell, expected, desired, s_native, f_native),
                    .weak => @cmpxchgWeak(Cell, cell, expected, desired, s_native, f_native),
                };
            },
            else => unreachable,
        },
    }
}

fn native(comptime ordering: Ordering) std.lang.AtomicOrder {
    return switch (ordering) {
        .relaxed => .monotonic,
        .acquire, .consume => .acquire,
        .release => .release,
        .acq_rel => .acq_rel,
        .seq_cst => .seq_cst,
    };
}

/// The cell that a fence touches under the thread sanitizer, which knows accesses but no fence instructions.
var sanitizer_fence: Cell = 0;

/// Orders the accesses before it with those after it, without being an access itself.
pub fn fence(ordering: Ordering) Error!void {
    try check(.fence, ordering);
    if (builtin.sanitize_thread) {
        _ = @atomicRmw(Cell, &sanitizer_fence, .Add, 0, .seq_cst);
        return;
    }
    switch (builtin.cpu.arch) {
        .x86_64 => switch (ordering) {
            // Only store → load can be reordered on x86: that alone needs an instruction.
            .seq_cst => asm volatile ("mfence" ::: .{ .memory = true }),
            else => asm volatile ("" ::: .{ .memory = true }),
        },
        .aarch64 => switch (ordering.promoted()) {
            .acquire => asm volatile ("dmb ishld" ::: .{ .memory = true }),
            else => asm volatile ("dmb ish" ::: .{ .memory = true }),
        },
        else => @compileError("no fence for this architecture"),
    }
}

const testing = std.testing;

test "every operation does its arithmetic, and wraps" {
    var cell: Cell = 7;
    try testing.expectEqual(7, try load(&cell, .seq_cst));
    try store(&cell, 9, .release);
    try testing.expectEqual(9, swap(&cell, 12, .acq_rel));
    try testing.expectEqual(12, fetchAdd(&cell, 3, .relaxed));
    try testing.expectEqual(15, fetchSub(&cell, 16, .acquire));
    try testing.expectEqual(std.math.maxInt(u64), fetchAnd(&cell, 0xff, .release));
    try testing.expectEqual(0xff, fetchOr(&cell, 0x100, .seq_cst));
    try testing.expectEqual(0x1ff, fetchXor(&cell, 0x1f0, .consume));
    try testing.expectEqual(0x0f, try load(&cell, .consume));
}

test "compare-exchange reports what it found" {
    var cell: Cell = 1;
    const orderings = [_]Ordering{ .relaxed, .acquire, .release, .acq_rel, .seq_cst, .consume };
    for (orderings) |success| {
        for ([_]Ordering{ .relaxed, .acquire, .seq_cst, .consume }) |failure| {
            cell = 1;
            try testing.expectEqual(null, try compareExchange(&cell, 1, 2, success, failure));
            try testing.expectEqual(2, try compareExchange(&cell, 1, 3, success, failure));
            // The weak form may fail for no reason, but never for ever and never with a wrong answer.
            var rounds: u32 = 0;
            while (try compareExchangeWeak(&cell, 2, 4, success, failure)) |found| : (rounds += 1) {
                try testing.expectEqual(2, found);
                try testing.expect(rounds < 1_000_000);
            }
            try testing.expectEqual(4, cell);
        }
    }
}

test "an ordering an operation cannot take is refused and changes nothing" {
    var cell: Cell = 5;
    try testing.expectError(error.InvalidOrdering, load(&cell, .release));
    try testing.expectError(error.InvalidOrdering, load(&cell, .acq_rel));
    try testing.expectError(error.InvalidOrdering, store(&cell, 1, .acquire));
    try testing.expectError(error.InvalidOrdering, store(&cell, 1, .acq_rel));
    try testing.expectError(error.InvalidOrdering, store(&cell, 1, .consume));
    try testing.expectError(error.InvalidOrdering, compareExchange(&cell, 5, 1, .seq_cst, .release));
    try testing.expectError(error.InvalidOrdering, compareExchangeWeak(&cell, 5, 1, .seq_cst, .acq_rel));
    try testing.expectError(error.InvalidOrdering, fence(.relaxed));
    try testing.expectError(error.InvalidOrdering, Ordering.fromCode(6));
    try testing.expectEqual(5, cell);
    for (0..6) |code| {
        const ordering = try Ordering.fromCode(@intCast(code));
        try testing.expectEqual(code, @as(usize, @backingInt(ordering)));
        if (ordering != .relaxed) try fence(ordering);
    }
}

test "stress: additions from every thread are all counted" {
    const additions_per_thread = 200_000;
    const Shared = struct {
        cell: Cell = 0,

        fn run(shared: *@This(), ordering: Ordering) void {
            for (0..additions_per_thread) |_| _ = fetchAdd(&shared.cell, 1, ordering);
        }
    };
    var shared: Shared = .{};
    const orderings = [_]Ordering{ .relaxed, .acquire, .release, .seq_cst };
    var threads: [orderings.len]std.Thread = undefined;
    for (&threads, orderings) |*thread, ordering| {
        thread.* = try std.Thread.spawn(.{}, Shared.run, .{ &shared, ordering });
    }
    for (threads) |thread| thread.join();
    try testing.expectEqual(orderings.len * additions_per_thread, try load(&shared.cell, .relaxed));
}

test "stress: store buffering is forbidden across sequentially consistent fences" {
    // Dekker's test on many pairs of cells: of each pair, the two threads may never both read 0.
    const pairs = 10_000;
    const Shared = struct {
        cells: [2][]Cell,
        seen: [2][]u64,
        progress: [2]std.atomic.Value(u32) align(64) = .{ .init(0), .init(0) },

        fn run(shared: *@This(), side: u1) void {
            const pairs_of_cells = shared.cells;
            for (
                pairs_of_cells[side],
                pairs_of_cells[1 - side],
                shared.seen[side],
                1..,
            ) |*mine, *other, *seen, round| {
                // Come to each pair together, with a varying lag. The release store pairs with the acquire load by
                // the other thread; neither orders the accesses below, which are what the test is about.
                shared.progress[side].store(@intCast(round), .release);
                var spins: u32 = 0;
                while (shared.progress[1 - side].load(.acquire) < round) : (spins += 1) {
                    if (spins > 2_000) std.Thread.yield() catch {};
                }
                if (side == 0) for (0..round % 64) |_| asm volatile ("nop");
                store(mine, 1, .relaxed) catch unreachable;
                fence(.seq_cst) catch unreachable;
                seen.* = load(other, .relaxed) catch unreachable;
            }
        }
    };
    var both_missed: u32 = 0;
    for (0..5) |_| {
        const memory = try testing.allocator.alloc(u64, 4 * pairs);
        defer testing.allocator.free(memory);
        @memset(memory, 0);
        var shared: Shared = .{
            .cells = .{ memory[0..pairs], memory[pairs .. 2 * pairs] },
            .seen = .{ memory[2 * pairs .. 3 * pairs], memory[3 * pairs ..] },
        };
        const thread = try std.Thread.spawn(.{}, Shared.run, .{ &shared, 0 });
        Shared.run(&shared, 1);
        thread.join();
        for (shared.seen[0], shared.seen[1]) |a, b| both_missed += @intFromBool(a == 0 and b == 0);
    }
    try testing.expectEqual(0, both_missed);
}
