//! How a micro benchmark is measured: the monotonic clock, the median of several runs, one line of JSON.

const std = @import("std");
const core = @import("core");
const assert = std.debug.assert;

pub const runs = 9;

/// What one benchmark came to, in nanoseconds for each operation.
pub const Figures = struct {
    name: []const u8,
    operations_per_run: u64,
    median_ns: f64,
    min_ns: f64,
    max_ns: f64,
};

/// Runs `body(state, operations)` once to warm up and then `runs` times.
pub fn measure(
    name: []const u8,
    operations: u64,
    state: anytype,
    comptime body: fn (@TypeOf(state), u64) void,
) Figures {
    assert(operations > 0);
    body(state, operations);
    var each_ns: [runs]f64 = undefined;
    for (&each_ns) |*result_ns| {
        const start_ns = core.futex.linux.nowNs();
        body(state, operations);
        const elapsed_ns = core.futex.linux.nowNs() - start_ns;
        result_ns.* = @as(f64, @floatFromInt(elapsed_ns)) / @as(f64, @floatFromInt(operations));
    }
    std.mem.sort(f64, &each_ns, {}, std.sort.asc(f64));
    return .{
        .name = name,
        .operations_per_run = operations,
        .median_ns = each_ns[runs / 2],
        .min_ns = each_ns[0],
        .max_ns = each_ns[runs - 1],
    };
}

/// One line: `{"name":…,"median_ns":…,"min_ns":…,"max_ns":…,"runs":…,"operations_per_run":…}`.
pub fn print(out: *std.Io.Writer, figures: Figures) !void {
    try out.print(
        "{{\"name\":\"{s}\",\"median_ns\":{d:.2},\"min_ns\":{d:.2},\"max_ns\":{d:.2}," ++
            "\"runs\":{d},\"operations_per_run\":{d}}}\n",
        .{
            figures.name,
            figures.median_ns,
            figures.min_ns,
            figures.max_ns,
            runs,
            figures.operations_per_run,
        },
    );
    try out.flush();
}
