//! What the fuzzers of the core share: how many seeds, which one first, and how a failure names its seed.
//!
//! `zig build fuzz -Dseeds=100000 -Dfrom=1` runs the tests whose name begins with "fuzz"; `zig build test` gives each
//! of them a short run. A built binary takes the two numbers from JANUS_FUZZ_SEEDS and JANUS_FUZZ_FROM. Every fuzzer
//! compares the real structure with a plain model, and proves with a canary (a structure or a model that is wrong on
//! purpose) that it would notice.

const std = @import("std");
const testing = std.testing;

/// A number that whoever runs the fuzzers may have set; anything else than a number fails the run.
fn setting(name: []const u8, otherwise: u64) !u64 {
    const text = testing.environ.getPosix(name) orelse return otherwise;
    return std.fmt.parseInt(u64, text, 10);
}

/// Calls `once(seed)` for every seed of the run; the seed of a failure is printed.
pub fn seeds(comptime once: fn (seed: u64) anyerror!void) !void {
    const count = try setting("JANUS_FUZZ_SEEDS", 200);
    const from = try setting("JANUS_FUZZ_FROM", 1);
    for (0..count) |i| {
        const seed = from + i;
        once(seed) catch |err| {
            std.debug.print("fuzz seed {d}: {t} (-Dfrom={d} -Dseeds=1 shows it again)\n", .{ seed, err, seed });
            return err;
        };
    }
}

/// A canary: among so many seeds `once` has to fail, or the fuzzer is blind to what is wrong there.
pub fn finds(seeds_max: u64, context: anytype, comptime once: fn (@TypeOf(context), seed: u64) anyerror!void) !void {
    for (0..seeds_max) |seed| once(context, seed) catch return;
    return error.CanaryLives;
}
