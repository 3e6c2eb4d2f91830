//! The native functions, and those among them that read and write the contents of files.
//!
//! Each runs on its fiber's own stack (native.zig). Files are opened non-blocking and handled in slices of 64 KiB with
//! a yield between; what would block (a pipe, a terminal) waits in the reactor instead. No descriptor outlives its
//! call, so a fiber that ends in whatever way leaves none open.

const std = @import("std");
const os = std.os.linux;
const codec = @import("codec.zig");
const native = @import("native.zig");
const paths = @import("paths.zig");
const runtime_mod = @import("runtime.zig");
const stdin = @import("stdin.zig");
const Value = runtime_mod.Value;
const Call = native.Call;
const Error = native.Error;

/// The numbers cross the boundary.
pub const Function = enum(u32) {
    /// (path, room in bytes) -> string: the file's bytes.
    fs_read_file = 0,
    /// (path, contents)
    fs_write_file = 1,
    /// (path, contents)
    fs_append_file = 2,
    /// (path) -> true or false
    fs_exists = 3,
    /// (path) -> data: the number of entries, then each name with its length, sorted
    fs_list_dir = 4,
    /// (path): a file, or an empty directory
    fs_remove = 5,
    /// (path): missing parents too; one that exists is no error
    fs_make_dir = 6,
    /// () -> string without its newline, or null at the end
    stdin_line = 7,
    /// () -> string: all that is left
    stdin_all = 8,
    /// (path, "1" to look through links) -> string: kind, size, modified_ms, permissions
    fs_stat = 9,
    /// (from, to)
    fs_rename = 10,
    /// (path, position, count, room in bytes): decimal -> string: shorter only at the end of the file
    fs_read_at = 11,
    /// (path, position, contents): makes a file that is missing
    fs_write_at = 12,
    /// (path): one that exists is an error
    fs_make_new_dir = 13,
};

const slice_bytes = 64 << 10;
/// The longest string, bytes.
const contents_max: usize = 1 << 30;
/// As much is read of a device that is no terminal: some never end.
const device_max: usize = 16 << 20;

pub fn run(call: *Call) Error!Value {
    return switch (call.function) {
        .fs_read_file => readFile(call),
        .fs_write_file => writeFile(call, .{ .TRUNC = true }),
        .fs_append_file => writeFile(call, .{ .APPEND = true }),
        .fs_exists => paths.exists(call),
        .fs_list_dir => paths.listDir(call),
        .fs_remove => paths.remove(call),
        .fs_make_dir => paths.makeDir(call),
        .stdin_line => stdin.line(call),
        .stdin_all => stdin.all(call),
        .fs_stat => paths.stat(call),
        .fs_rename => paths.rename(call),
        .fs_read_at => readAt(call),
        .fs_write_at => writeAt(call),
        .fs_make_new_dir => paths.makeNewDir(call),
    };
}

/// A reader over the call's argument block; an argument without a block has no strings.
pub fn arguments(call: *Call) codec.Reader {
    if (!call.argument.isBlock()) return .{ .rest = "" };
    return .{ .rest = call.rt.arena.payloadSlice(runtime_mod.numberOf(call.argument.payload).?) };
}

pub const Path = [os.PATH_MAX]u8;

pub fn pathOf(call: *Call, bytes: []const u8, buffer: *Path) Error![:0]const u8 {
    if (bytes.len >= buffer.len) return call.fail(.NAMETOOLONG);
    // A zero byte would silently name another file.
    if (std.mem.findScalar(u8, bytes, 0) != null) return call.fail(.INVAL);
    @memcpy(buffer[0..bytes.len], bytes);
    buffer[bytes.len] = 0;
    return buffer[0..bytes.len :0];
}

pub fn open(call: *Call, path: [:0]const u8, flags: os.O) Error!i32 {
    var all = flags;
    all.NONBLOCK = true;
    all.CLOEXEC = true;
    while (true) {
        const fd = os.openat(os.AT.FDCWD, path, all, 0o666);
        switch (os.errno(fd)) {
            .SUCCESS => return @intCast(fd),
            .INTR => {},
            else => |errno| return call.fail(errno),
        }
    }
}

/// Bytes that grow in memory of their own, outside the arena, until their number is known.
pub const Bytes = struct {
    list: std.ArrayList(u8) = .empty,

    pub fn deinit(self: *Bytes) void {
        self.list.deinit(std.heap.page_allocator);
    }

    pub fn room(self: *Bytes, bytes: usize) Error![]u8 {
        if (self.list.items.len + bytes > contents_max + slice_bytes) return error.OutOfMemory;
        try self.list.ensureUnusedCapacity(std.heap.page_allocator, bytes);
        return self.list.unusedCapacitySlice();
    }
};

/// How many bytes may be read of the open file: beyond `most` it is too large, beyond `room` memory is out.
const Limits = struct {
    most: usize,
    room: u64,
    /// A pipe with a name: at its end also before anybody has opened it to write, so that is waited for.
    is_fifo: bool = false,

    /// A file that is larger than any string can be is known before it is read.
    fn of(call: *Call, fd: i32, room: u64) Error!Limits {
        var found: os.Statx = undefined;
        const result = os.statx(fd, "", os.AT.EMPTY_PATH, .{ .TYPE = true, .SIZE = true }, &found);
        if (os.errno(result) != .SUCCESS) return .{ .most = contents_max, .room = room };
        return switch (found.mode & os.S.IFMT) {
            os.S.IFREG => if (found.size > contents_max) call.fail(.FBIG) else .{ .most = contents_max, .room = room },
            os.S.IFCHR => .{ .most = device_max, .room = room },
            os.S.IFIFO => .{ .most = contents_max, .room = room, .is_fifo = true },
            else => .{ .most = contents_max, .room = room },
        };
    }

    fn check(self: Limits, call: *Call, length: usize) Error!void {
        if (length > self.most) return call.fail(.FBIG);
        if (length > self.room) return error.OutOfMemory;
    }
};

/// Reads what is there, waiting for it if nothing is; 0 at the end.
fn readSome(call: *Call, fd: i32, buffer: []u8) Error!usize {
    while (true) {
        const n = os.read(fd, buffer.ptr, @min(buffer.len, slice_bytes));
        switch (os.errno(n)) {
            .SUCCESS => return n,
            .INTR => {},
            .AGAIN => try call.ready(fd, .read),
            else => |errno| return call.fail(errno),
        }
    }
}

fn readFile(call: *Call) Error!Value {
    var buffer: Path = undefined;
    var reader = arguments(call);
    const path = try pathOf(call, try reader.string(), &buffer);
    const room = try number(try reader.string());
    const fd = try open(call, path, .{ .ACCMODE = .RDONLY });
    defer _ = os.close(fd);
    const limits = try Limits.of(call, fd, room);
    if (limits.is_fifo) try call.ready(fd, .read);
    var bytes: Bytes = .{};
    defer bytes.deinit();
    while (true) {
        const n = try readSome(call, fd, try bytes.room(slice_bytes));
        if (n == 0) break;
        bytes.list.items.len += n;
        try limits.check(call, bytes.list.items.len);
        if (n == slice_bytes) try call.yield();
    }
    return codec.string(call.rt, call.worker, bytes.list.items);
}

fn writeFile(call: *Call, how: os.O) Error!Value {
    var buffer: Path = undefined;
    var reader = arguments(call);
    const path = try pathOf(call, try reader.string(), &buffer);
    const contents = try reader.string();
    var flags = how;
    flags.ACCMODE = .WRONLY;
    flags.CREAT = true;
    return writeOut(call, path, flags, contents, null);
}

/// At a position, or where the descriptor stands.
fn writeOut(call: *Call, path: [:0]const u8, flags: os.O, contents: []const u8, position: ?u64) Error!Value {
    var rest = contents;
    var at = position;
    const fd = try open(call, path, flags);
    var is_open = true;
    defer if (is_open) {
        _ = os.close(fd);
    };
    while (rest.len > 0) {
        const count = @min(rest.len, slice_bytes);
        const n = if (at) |from| os.pwrite(fd, rest.ptr, count, @intCast(from)) else os.write(fd, rest.ptr, count);
        switch (os.errno(n)) {
            .SUCCESS => {
                rest = rest[n..];
                if (at) |from| at = from + n;
                if (rest.len > 0) try call.yield();
            },
            .INTR => {},
            .AGAIN => try call.ready(fd, .write),
            else => |errno| return call.fail(errno),
        }
    }
    // Some file systems only say at the close that the disk is full.
    is_open = false;
    const closed = os.close(fd);
    return switch (os.errno(closed)) {
        .SUCCESS, .INTR => .nothing,
        else => |errno| call.fail(errno),
    };
}

fn writeAt(call: *Call) Error!Value {
    var buffer: Path = undefined;
    var reader = arguments(call);
    const path = try pathOf(call, try reader.string(), &buffer);
    const position = try number(try reader.string());
    const contents = try reader.string();
    if (position > std.math.maxInt(i64) - contents.len) return call.fail(.FBIG);
    return writeOut(call, path, .{ .ACCMODE = .WRONLY, .CREAT = true }, contents, position);
}

fn readAt(call: *Call) Error!Value {
    var buffer: Path = undefined;
    var reader = arguments(call);
    const path = try pathOf(call, try reader.string(), &buffer);
    var position = try number(try reader.string());
    var left = try number(try reader.string());
    const limits: Limits = .{ .most = contents_max, .room = try number(try reader.string()) };
    const fd = try open(call, path, .{ .ACCMODE = .RDONLY });
    defer _ = os.close(fd);
    var bytes: Bytes = .{};
    defer bytes.deinit();
    while (left > 0) {
        const count: usize = @intCast(@min(left, slice_bytes));
        const piece = try bytes.room(count);
        const n = os.pread(fd, piece.ptr, count, @intCast(position));
        switch (os.errno(n)) {
            .SUCCESS => {},
            .INTR => continue,
            else => |errno| return call.fail(errno),
        }
        if (n == 0) break;
        bytes.list.items.len += n;
        try limits.check(call, bytes.list.items.len);
        position += n;
        left -= n;
        if (n == slice_bytes and left > 0) try call.yield();
    }
    return codec.string(call.rt, call.worker, bytes.list.items);
}

/// A position or a count, at most the largest file.
fn number(text: []const u8) Error!u64 {
    return std.fmt.parseInt(u63, text, 10) catch error.Malformed;
}
