//! The core's own reader and writer of blocks: arguments of native functions (each string: its length as u32, then its
//! bytes, nothing between), and their results and errors. Compound values of programs are none of the core's business.

const std = @import("std");
const layout = @import("layout.zig");
const runtime_mod = @import("runtime.zig");
const Worker = @import("worker.zig").Worker;
const Runtime = runtime_mod.Runtime;
const Value = runtime_mod.Value;
const Tag = layout.Tag;

pub const Reader = struct {
    rest: []const u8,

    pub fn string(self: *Reader) error{Malformed}![]const u8 {
        if (self.rest.len < 4) return error.Malformed;
        const len = std.mem.readInt(u32, self.rest[0..4], .little);
        if (len > self.rest.len - 4) return error.Malformed;
        defer self.rest = self.rest[4 + len ..];
        return self.rest[4..][0..len];
    }
};

/// A string value; its bytes are the payload.
pub fn string(rt: *Runtime, worker: *Worker, bytes: []const u8) error{OutOfMemory}!Value {
    const len = std.math.cast(u32, bytes.len) orelse return error.OutOfMemory;
    const offset = rt.arena.alloc(&worker.arena, len);
    if (offset == 0) return error.OutOfMemory;
    @memcpy(rt.arena.payloadSlice(offset), bytes);
    return .{ .tag = Tag.str, .payload = @floatFromInt(offset) };
}

/// An error of the system: its number as u32, then what it means.
pub fn systemError(rt: *Runtime, worker: *Worker, errno: std.os.linux.E) error{OutOfMemory}!Value {
    const message = describe(errno);
    const offset = rt.arena.alloc(&worker.arena, @intCast(4 + message.len));
    if (offset == 0) return error.OutOfMemory;
    const payload = rt.arena.payloadSlice(offset);
    std.mem.writeInt(u32, payload[0..4], @backingInt(errno), .little);
    @memcpy(payload[4..], message);
    return .{ .tag = Tag.data, .payload = @floatFromInt(offset) };
}

pub fn describe(errno: std.os.linux.E) []const u8 {
    return switch (errno) {
        .NOENT => "no such file or directory",
        .ACCES => "permission denied",
        .PERM => "operation not permitted",
        .EXIST => "it exists already",
        .ISDIR => "it is a directory",
        .NOTDIR => "it is not a directory",
        .NOTEMPTY => "the directory is not empty",
        .NOSPC => "no space left on the device",
        .ROFS => "the file system is read-only",
        .NAMETOOLONG => "the name is too long",
        .LOOP => "too many symbolic links",
        .MFILE, .NFILE => "too many open files",
        .ADDRINUSE => "the address is in use",
        .ADDRNOTAVAIL => "the address is none of this machine's",
        .AFNOSUPPORT => "this machine has no addresses of that kind",
        .CONNREFUSED => "nobody listens there",
        .CONNRESET => "the other side broke the connection off",
        .NOTCONN => "it is not connected",
        .TIMEDOUT => "the other side does not answer",
        .HOSTUNREACH, .NETUNREACH => "there is no way to that address",
        .MSGSIZE => "it is too long",
        .NOMEM => "out of memory",
        .IO => "input/output error",
        .PIPE => "the reader has closed the pipe",
        .NXIO => "nobody has the other end open",
        .INVAL => "invalid argument",
        .FBIG => "the file would be too large",
        .DQUOT => "the disk quota is used up",
        .BUSY => "it is in use",
        .XDEV => "it is on another file system",
        .TXTBSY => "the program is running",
        else => std.enums.tagName(std.os.linux.E, errno) orelse "unknown error of the system",
    };
}

const testing = std.testing;

test "strings are read in order, and a malformed block is refused" {
    var reader: Reader = .{ .rest = "\x03\x00\x00\x00abc\x00\x00\x00\x00\x05\x00\x00\x00xy" };
    try testing.expectEqualStrings("abc", try reader.string());
    try testing.expectEqualStrings("", try reader.string());
    try testing.expectError(error.Malformed, reader.string());
}
