//! A data race on purpose: two threads add to a plain word. `zig build test-tsan` fails unless the thread sanitizer
//! reports it, so that the sanitizer's silence about the core means something.

const std = @import("std");

var word: u64 = 0;

fn add() void {
    for (0..100_000) |_| {
        const place: *volatile u64 = &word;
        place.* += 1;
    }
}

pub fn main() !void {
    const other = try std.Thread.spawn(.{}, add, .{});
    add();
    other.join();
}
