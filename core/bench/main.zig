//! Micro benchmarks of the core alone, without an interpreter: `zig build bench`, or `zig build bench -- TEXT` for
//! those whose name contains TEXT. One line of JSON each, on standard output; `timing.zig` says what the numbers are.
//! Add a file for each group of benchmarks and its line below.

const std = @import("std");
const primitives = @import("primitives.zig");
const scheduling = @import("scheduling.zig");
const timing = @import("timing.zig");

pub fn main(init: std.process.Init) !void {
    var buffer: [1024]u8 = undefined;
    var file_writer: std.Io.File.Writer = .initStreaming(.stdout(), init.io, &buffer);
    const args = try init.minimal.args.toSlice(init.arena.allocator());
    if (args.len > 2) {
        std.debug.print("usage: core-bench [TEXT]\n", .{});
        std.process.exit(2);
    }
    var report: timing.Report = .{ .out = &file_writer.interface, .filter = if (args.len == 2) args[1] else "" };
    try primitives.run(&report, init.gpa);
    try scheduling.run(&report);
    if (report.count == 0) {
        std.debug.print("no benchmark's name contains \"{s}\"\n", .{report.filter});
        std.process.exit(1);
    }
}
