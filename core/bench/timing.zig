//! How a micro benchmark is measured: the monotonic clock, the median of several runs, one line of JSON.

const std = @import("std");
const core = @import("core");
const assert = std.debug.assert;

pub const runs = 9;

/// Where the results go, and which are wanted.
pub const Report = struct {
    out: *std.Io.Writer,
    /// Only benchmarks whose name contains this.
    filter: []const u8 = "",
    /// How many ran.
    count: u32 = 0,

    /// Runs `body(state, operations)` once to warm up and then `runs` times, and prints one line:
    /// `{"name":…,"median_ns":…,"min_ns":…,"max_ns":…,"runs":…,"operations_per_run":…}`, nanoseconds an operation.
    pub fn measure(
        report: *Report,
        name: []const u8,
        operations: u64,
        state: anytype,
        comptime body: fn (@TypeOf(state), u64) void,
    ) !void {
        assert(operations > 0);
        if (std.mem.find(u8, name, report.filter) == null) return;
        body(state, operations);
        var each_ns: [runs]f64 = undefined;
        for (&each_ns) |*result_ns| {
            const start_ns = core.futex.linux.nowNs();
            body(state, operations);
            const elapsed_ns = core.futex.linux.nowNs() - start_ns;
            result_ns.* = @as(f64, @floatFromInt(elapsed_ns)) / @as(f64, @floatFromInt(operations));
        }
        std.mem.sort(f64, &each_ns, {}, std.sort.asc(f64));
        try report.out.print(
            "{{\"name\":\"{s}\",\"median_ns\":{d:.2},\"min_ns\":{d:.2},\"max_ns\":{d:.2}," ++
                "\"runs\":{d},\"operations_per_run\":{d}}}\n",
            .{ name, each_ns[runs / 2], each_ns[0], each_ns[runs - 1], runs, operations },
        );
        try report.out.flush();
        report.count += 1;
    }

    /// As `measure`, with a state that `State.init` makes and `deinit` takes down, only if the benchmark is wanted.
    pub fn measureWith(report: *Report, name: []const u8, operations: u64, comptime State: type) !void {
        if (std.mem.find(u8, name, report.filter) == null) return;
        var state: State = .init();
        defer state.deinit();
        try report.measure(name, operations, &state, State.body);
    }
};
