//! Micro benchmarks of the core alone, without an interpreter: `zig build bench`. One line of JSON each, on standard
//! output; `timing.zig` says what the numbers are. Add a file for each group of benchmarks and its line below.

const std = @import("std");
const primitives = @import("primitives.zig");

pub fn main(init: std.process.Init) !void {
    var buffer: [1024]u8 = undefined;
    var file_writer: std.Io.File.Writer = .init(.stdout(), init.io, &buffer);
    const out = &file_writer.interface;
    try primitives.run(out, init.gpa);
    try out.flush();
}
