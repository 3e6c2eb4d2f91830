//! The kernel's wait queue: sleep while a word holds a value, wake who sleeps on it.
//!
//! `linux` is the real thing (private futexes: never shared between processes). The layers above take the wait queue
//! as a comptime parameter, because their tests also run on a simulated one (`schedule.zig`) that tries interleavings
//! at will. `point` marks a place between two atomic accesses where such a test may switch to another actor; in the
//! real one it is nothing at all.
//! Reference: Drepper, "Futexes Are Tricky" (2011); futex(2).

const std = @import("std");
const os = std.os.linux;
const assert = std.debug.assert;

pub const Word = std.atomic.Value(u32);

pub const Wake = enum {
    /// Somebody woke the word, or it did not hold the expected value any more. May also be spurious.
    woken,
    /// The deadline passed.
    timed_out,
    /// A signal handler ran.
    interrupted,
};

/// What the layers above the leaves wait on: the kernel's, except that a test may run them in a simulated world.
pub const current = if (@import("builtin").is_test) @import("schedule.zig").simulated else linux;

pub const linux = struct {
    pub inline fn point() void {}

    /// Sleeps while `word` holds `expected`, until `deadline_ns` on the monotonic clock (null: no deadline).
    pub fn wait(word: *const Word, expected: u32, deadline_ns: ?u64) Wake {
        const ns_per_s = std.time.ns_per_s;
        var deadline: os.timespec = undefined;
        if (deadline_ns) |ns| deadline = .{
            .sec = std.math.cast(@TypeOf(deadline.sec), ns / ns_per_s) orelse std.math.maxInt(@TypeOf(deadline.sec)),
            .nsec = @intCast(ns % ns_per_s),
        };
        // The BITSET form, because its timeout is an absolute time: a retry does not lengthen the wait.
        const result = os.futex(
            &word.raw,
            .{ .cmd = .WAIT_BITSET, .private = true },
            expected,
            .{ .timeout = if (deadline_ns != null) &deadline else null },
            null,
            std.math.maxInt(u32),
        );
        return switch (os.errno(result)) {
            .SUCCESS, .AGAIN => .woken,
            .TIMEDOUT => .timed_out,
            .INTR => .interrupted,
            else => |errno| std.debug.panic("futex wait: {t}", .{errno}),
        };
    }

    /// Wakes up to `count` threads that sleep on `word`. The word's memory may be gone by now (its new owner then
    /// sees one spurious wake-up), so this reads nothing.
    pub fn wake(word: *const Word, count: u31) void {
        assert(count > 0);
        const result = os.futex_3arg(&word.raw, .{ .cmd = .WAKE, .private = true }, count);
        switch (os.errno(result)) {
            .SUCCESS, .FAULT => {},
            else => |errno| std.debug.panic("futex wake: {t}", .{errno}),
        }
    }

    pub fn nowNs() u64 {
        var now: os.timespec = undefined;
        const result = os.clock_gettime(.MONOTONIC, &now);
        assert(os.errno(result) == .SUCCESS);
        return @as(u64, @intCast(now.sec)) * std.time.ns_per_s + @as(u64, @intCast(now.nsec));
    }
};

const testing = std.testing;

test "a word with another value is not waited for" {
    var word: Word = .init(1);
    try testing.expectEqual(Wake.woken, linux.wait(&word, 0, null));
}

test "a wait ends at its deadline, not before" {
    var word: Word = .init(0);
    const deadline_ns = linux.nowNs() + 2 * std.time.ns_per_ms;
    var wake = linux.wait(&word, 0, deadline_ns);
    while (wake == .woken or wake == .interrupted) wake = linux.wait(&word, 0, deadline_ns);
    try testing.expectEqual(Wake.timed_out, wake);
    try testing.expect(linux.nowNs() >= deadline_ns);
}

test "a deadline in the past ends at once, one at the end of time does not overflow" {
    var word: Word = .init(0);
    try testing.expectEqual(Wake.timed_out, linux.wait(&word, 0, 1));
    word.store(1, .monotonic);
    try testing.expectEqual(Wake.woken, linux.wait(&word, 0, std.math.maxInt(u64)));
}
