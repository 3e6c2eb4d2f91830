//! Atomic operations that cost nothing while the process has only one scheduler thread.
//!
//! A program starts with one worker, and many never need a second; yet a compare-exchange or an exchange costs about
//! five nanoseconds whether anybody contends or not, and a message takes eight of them. So until a runtime is allowed
//! a second worker, the words that only workers touch are read and written plainly; from then on, for ever, atomically
//! with the orderings given. (glibc does the same for its locks.) The switch is made by the only worker, between two
//! operations, before the other threads are created: their creation orders everything before it.
//!
//! Not for words that signal handlers or foreign threads touch: those are always atomic.

const std = @import("std");
const Value = std.atomic.Value;
const Order = std.lang.AtomicOrder;

/// Set before a second worker's thread is made, never cleared. Monotonic: thread creation orders it.
var several = Value(bool).init(false);

pub inline fn threaded() bool {
    return several.load(.monotonic);
}

/// From now on there may be other workers. Called by the only one.
pub fn announceThreads() void {
    several.store(true, .monotonic);
}

/// Tests only, while there is one thread: what a fresh process would have.
pub fn forgetThreads() void {
    comptime std.debug.assert(@import("builtin").is_test);
    several.store(false, .monotonic);
}

pub inline fn exchangeIfEqual(
    comptime T: type,
    word: anytype,
    expected: T,
    desired: T,
    comptime success: Order,
    comptime failure: Order,
) ?T {
    if (threaded()) return word.cmpxchgStrong(expected, desired, success, failure);
    if (word.raw != expected) return word.raw;
    word.raw = desired;
    return null;
}

pub inline fn swap(comptime T: type, word: anytype, desired: T, comptime order: Order) T {
    if (threaded()) return word.swap(desired, order);
    defer word.raw = desired;
    return word.raw;
}

/// A store; worth it for sequentially consistent ones, which are exchanges on x86.
pub inline fn store(comptime T: type, word: anytype, desired: T, comptime order: Order) void {
    if (threaded()) word.store(desired, order) else word.raw = desired;
}

pub inline fn fetchAdd(comptime T: type, word: anytype, operand: T, comptime order: Order) T {
    if (threaded()) return word.fetchAdd(operand, order);
    defer word.raw +%= operand;
    return word.raw;
}

pub inline fn fetchSub(comptime T: type, word: anytype, operand: T, comptime order: Order) T {
    if (threaded()) return word.fetchSub(operand, order);
    defer word.raw -%= operand;
    return word.raw;
}

const testing = std.testing;

test "both ways give the same results" {
    const before = several.load(.monotonic);
    defer several.store(before, .monotonic);
    for ([_]bool{ false, true }) |several_now| {
        several.store(several_now, .monotonic);
        var word: Value(u32) = .init(5);
        try testing.expectEqual(5, exchangeIfEqual(u32, &word, 4, 9, .acq_rel, .acquire));
        try testing.expectEqual(null, exchangeIfEqual(u32, &word, 5, 9, .acq_rel, .acquire));
        try testing.expectEqual(9, fetchAdd(u32, &word, 3, .monotonic));
        try testing.expectEqual(12, fetchSub(u32, &word, 13, .monotonic));
        try testing.expectEqual(std.math.maxInt(u32), swap(u32, &word, 1, .seq_cst));
        store(u32, &word, 2, .seq_cst);
        try testing.expectEqual(2, word.load(.monotonic));
    }
}
