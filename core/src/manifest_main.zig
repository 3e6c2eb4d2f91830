//! Writes the TypeScript side of the boundary to standard output.

const std = @import("std");
const os = std.os.linux;

pub fn main() u8 {
    var rest: []const u8 = @import("manifest.zig").generated;
    while (rest.len > 0) {
        const result = os.write(1, rest.ptr, rest.len);
        if (os.errno(result) != .SUCCESS) return 1;
        rest = rest[result..];
    }
    return 0;
}
