//! The native functions of names: what is in a folder, and making, moving and removing entries.
//!
//! Each call is short, but for a long folder, which gives way between its pieces. files.zig has the contents.

const std = @import("std");
const os = std.os.linux;
const codec = @import("codec.zig");
const files = @import("files.zig");
const layout = @import("layout.zig");
const native = @import("native.zig");
const runtime_mod = @import("runtime.zig");
const Value = runtime_mod.Value;
const Call = native.Call;
const Error = native.Error;
const Tag = layout.Tag;
const assert = std.debug.assert;

pub fn exists(call: *Call) Error!Value {
    var buffer: files.Path = undefined;
    var reader = files.arguments(call);
    const path = try files.pathOf(call, try reader.string(), &buffer);
    const result = os.faccessat(os.AT.FDCWD, path, 0, 0);
    return switch (os.errno(result)) {
        .SUCCESS => .{ .tag = Tag.true_ },
        .NOENT, .NOTDIR => .{ .tag = Tag.false_ },
        else => |errno| call.fail(errno),
    };
}

pub fn listDir(call: *Call) Error!Value {
    var buffer: files.Path = undefined;
    var reader = files.arguments(call);
    const path = try files.pathOf(call, try reader.string(), &buffer);
    const fd = try files.open(call, path, .{ .ACCMODE = .RDONLY, .DIRECTORY = true });
    defer _ = os.close(fd);
    const allocator = std.heap.page_allocator;
    var names: files.Bytes = .{};
    defer names.deinit();
    var starts: std.ArrayList([2]u32) = .empty;
    defer starts.deinit(allocator);
    while (true) {
        var entries: [8192]u8 align(8) = undefined;
        const n = os.getdents64(fd, &entries, entries.len);
        switch (os.errno(n)) {
            .SUCCESS => {},
            .INTR => continue,
            else => |errno| return call.fail(errno),
        }
        if (n == 0) break;
        var at: usize = 0;
        while (at < n) {
            const length = std.mem.readInt(u16, entries[at + 16 ..][0..2], .little);
            const name = std.mem.sliceTo(entries[at + 19 .. at + length], 0);
            at += length;
            if (std.mem.eql(u8, name, ".") or std.mem.eql(u8, name, "..")) continue;
            try starts.append(allocator, .{ @intCast(names.list.items.len), @intCast(name.len) });
            const room = try names.room(name.len);
            @memcpy(room[0..name.len], name);
            names.list.items.len += name.len;
        }
        try call.yield();
    }
    const Order = struct {
        fn before(all: []const u8, a: [2]u32, b: [2]u32) bool {
            return std.mem.lessThan(u8, all[a[0]..][0..a[1]], all[b[0]..][0..b[1]]);
        }
    };
    std.sort.heap([2]u32, starts.items, @as([]const u8, names.list.items), Order.before);
    const total = 4 + starts.items.len * 4 + names.list.items.len;
    const offset = call.rt.arena.alloc(&call.worker.arena, std.math.cast(u32, total) orelse return error.OutOfMemory);
    if (offset == 0) return error.OutOfMemory;
    const payload = call.rt.arena.payloadSlice(offset);
    std.mem.writeInt(u32, payload[0..4], @intCast(starts.items.len), .little);
    var at: usize = 4;
    for (starts.items) |start| {
        std.mem.writeInt(u32, payload[at..][0..4], start[1], .little);
        @memcpy(payload[at + 4 ..][0..start[1]], names.list.items[start[0]..][0..start[1]]);
        at += 4 + start[1];
    }
    assert(at == payload.len);
    return .{ .tag = Tag.data, .payload = @floatFromInt(offset) };
}

pub fn remove(call: *Call) Error!Value {
    var buffer: files.Path = undefined;
    var reader = files.arguments(call);
    const path = try files.pathOf(call, try reader.string(), &buffer);
    const result = os.unlinkat(os.AT.FDCWD, path, 0);
    switch (os.errno(result)) {
        .SUCCESS => return .nothing,
        .ISDIR => {},
        else => |errno| return call.fail(errno),
    }
    const removed = os.unlinkat(os.AT.FDCWD, path, os.AT.REMOVEDIR);
    return switch (os.errno(removed)) {
        .SUCCESS => .nothing,
        else => |errno| call.fail(errno),
    };
}

pub fn makeDir(call: *Call) Error!Value {
    var buffer: files.Path = undefined;
    var reader = files.arguments(call);
    const path = try files.pathOf(call, try reader.string(), &buffer);
    // Each parent in turn; the last one decides.
    var end: usize = 0;
    while (end < path.len) {
        end = std.mem.findScalarPos(u8, path, end + 1, '/') orelse path.len;
        const kept = buffer[end];
        buffer[end] = 0;
        const made = os.mkdirat(os.AT.FDCWD, buffer[0..end :0], 0o777);
        buffer[end] = kept;
        switch (os.errno(made)) {
            .SUCCESS => {},
            .EXIST => if (end == path.len) try mustBeDirectory(call, path),
            // A parent that we may not make may well be there; the next step tells.
            .ACCES, .PERM, .ROFS => |errno| if (end == path.len) return call.fail(errno),
            else => |errno| return call.fail(errno),
        }
    }
    if (path.len == 0) return call.fail(.NOENT);
    return .nothing;
}

fn mustBeDirectory(call: *Call, path: [:0]const u8) Error!void {
    const fd = os.openat(os.AT.FDCWD, path, .{ .ACCMODE = .RDONLY, .DIRECTORY = true, .CLOEXEC = true }, 0);
    switch (os.errno(fd)) {
        .SUCCESS => _ = os.close(@intCast(fd)),
        .NOTDIR => return call.fail(.EXIST),
        else => {}, // not ours to read, but there
    }
}

/// One directory that must not be there yet, for its owner alone.
pub fn makeNewDir(call: *Call) Error!Value {
    var buffer: files.Path = undefined;
    var reader = files.arguments(call);
    const path = try files.pathOf(call, try reader.string(), &buffer);
    return done(call, os.mkdirat(os.AT.FDCWD, path, 0o700));
}

/// Replaces what has the new name, as the system does it: at one stroke.
pub fn rename(call: *Call) Error!Value {
    var from_buffer: files.Path = undefined;
    var to_buffer: files.Path = undefined;
    var reader = files.arguments(call);
    const from = try files.pathOf(call, try reader.string(), &from_buffer);
    const to = try files.pathOf(call, try reader.string(), &to_buffer);
    return done(call, os.renameat2(os.AT.FDCWD, from, os.AT.FDCWD, to, .{}));
}

/// The kind's letter, the size in bytes, the time of the last change in milliseconds since 1970, and the permission
/// bits, as decimal text between blanks. The second argument is "1" to look through symbolic links.
pub fn stat(call: *Call) Error!Value {
    var buffer: files.Path = undefined;
    var reader = files.arguments(call);
    const path = try files.pathOf(call, try reader.string(), &buffer);
    const through_links = std.mem.eql(u8, try reader.string(), "1");
    var found: os.Statx = undefined;
    const flags: u32 = if (through_links) 0 else os.AT.SYMLINK_NOFOLLOW;
    const wanted: os.STATX = .{ .TYPE = true, .MODE = true, .SIZE = true, .MTIME = true };
    const result = os.statx(os.AT.FDCWD, path, flags, wanted, &found);
    switch (os.errno(result)) {
        .SUCCESS => {},
        else => |errno| return call.fail(errno),
    }
    const kind: u8 = switch (found.mode & os.S.IFMT) {
        os.S.IFREG => 'f',
        os.S.IFDIR => 'd',
        os.S.IFLNK => 'l',
        else => 'o',
    };
    const modified_ms = found.mtime.sec * 1000 + @divFloor(@as(i64, found.mtime.nsec), 1_000_000);
    var text: [80]u8 = undefined;
    const parts = .{ kind, found.size, modified_ms, found.mode & 0o7777 };
    const written = std.fmt.bufPrint(&text, "{c} {d} {d} {d}", parts) catch unreachable; // three numbers of 20 digits
    return codec.string(call.rt, call.worker, written);
}

fn done(call: *Call, result: usize) Error!Value {
    return switch (os.errno(result)) {
        .SUCCESS => .nothing,
        else => |errno| call.fail(errno),
    };
}
