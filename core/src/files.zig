//! The native functions: files and standard input.
//!
//! Each runs on its fiber's own stack (native.zig). Files are opened non-blocking and handled in slices of 64 KiB with
//! a yield between; what would block (a pipe, a terminal) waits in the reactor instead.

const std = @import("std");
const os = std.os.linux;
const codec = @import("codec.zig");
const layout = @import("layout.zig");
const native = @import("native.zig");
const runtime_mod = @import("runtime.zig");
const Mutex = @import("mutex.zig").Mutex;
const Value = runtime_mod.Value;
const Call = native.Call;
const Error = native.Error;
const Tag = layout.Tag;
const assert = std.debug.assert;

/// The numbers cross the boundary.
pub const Function = enum(u32) {
    /// (path) -> string: the file's bytes.
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
};

const slice_bytes = 64 << 10;
const contents_max: usize = (4 << 30) - (1 << 20);

pub fn run(call: *Call) Error!Value {
    return switch (call.function) {
        .fs_read_file => readFile(call),
        .fs_write_file => writeFile(call, .{ .TRUNC = true }),
        .fs_append_file => writeFile(call, .{ .APPEND = true }),
        .fs_exists => exists(call),
        .fs_list_dir => listDir(call),
        .fs_remove => remove(call),
        .fs_make_dir => makeDir(call),
        .stdin_line => stdinLine(call),
        .stdin_all => stdinAll(call),
    };
}

/// A reader over the call's argument block; an argument without a block has no strings.
fn arguments(call: *Call) codec.Reader {
    if (!call.argument.isBlock()) return .{ .rest = "" };
    return .{ .rest = call.rt.arena.payloadSlice(runtime_mod.numberOf(call.argument.payload).?) };
}

const Path = [os.PATH_MAX]u8;

fn pathOf(call: *Call, bytes: []const u8, buffer: *Path) Error![:0]const u8 {
    if (bytes.len >= buffer.len) return call.fail(.NAMETOOLONG);
    // A zero byte would silently name another file.
    if (std.mem.findScalar(u8, bytes, 0) != null) return call.fail(.INVAL);
    @memcpy(buffer[0..bytes.len], bytes);
    buffer[bytes.len] = 0;
    return buffer[0..bytes.len :0];
}

fn open(call: *Call, path: [:0]const u8, flags: os.O) Error!i32 {
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
const Bytes = struct {
    list: std.ArrayList(u8) = .empty,

    fn deinit(self: *Bytes) void {
        self.list.deinit(std.heap.page_allocator);
    }

    fn room(self: *Bytes, bytes: usize) Error![]u8 {
        if (self.list.items.len + bytes > contents_max) return error.OutOfMemory;
        try self.list.ensureUnusedCapacity(std.heap.page_allocator, bytes);
        return self.list.unusedCapacitySlice();
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
    const fd = try open(call, path, .{ .ACCMODE = .RDONLY });
    defer _ = os.close(fd);
    var bytes: Bytes = .{};
    defer bytes.deinit();
    while (true) {
        const n = try readSome(call, fd, try bytes.room(slice_bytes));
        if (n == 0) break;
        bytes.list.items.len += n;
        if (n == slice_bytes) try call.yield();
    }
    return codec.string(call.rt, call.worker, bytes.list.items);
}

fn writeFile(call: *Call, how: os.O) Error!Value {
    var buffer: Path = undefined;
    var reader = arguments(call);
    const path = try pathOf(call, try reader.string(), &buffer);
    var rest = try reader.string();
    var flags = how;
    flags.ACCMODE = .WRONLY;
    flags.CREAT = true;
    const fd = try open(call, path, flags);
    var is_open = true;
    defer if (is_open) {
        _ = os.close(fd);
    };
    while (rest.len > 0) {
        const n = os.write(fd, rest.ptr, @min(rest.len, slice_bytes));
        switch (os.errno(n)) {
            .SUCCESS => {
                rest = rest[n..];
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

fn exists(call: *Call) Error!Value {
    var buffer: Path = undefined;
    var reader = arguments(call);
    const path = try pathOf(call, try reader.string(), &buffer);
    const result = os.faccessat(os.AT.FDCWD, path, 0, 0);
    return switch (os.errno(result)) {
        .SUCCESS => .{ .tag = Tag.true_ },
        .NOENT, .NOTDIR => .{ .tag = Tag.false_ },
        else => |errno| call.fail(errno),
    };
}

fn listDir(call: *Call) Error!Value {
    var buffer: Path = undefined;
    var reader = arguments(call);
    const path = try pathOf(call, try reader.string(), &buffer);
    const fd = try open(call, path, .{ .ACCMODE = .RDONLY, .DIRECTORY = true });
    defer _ = os.close(fd);
    const allocator = std.heap.page_allocator;
    var names: Bytes = .{};
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

fn remove(call: *Call) Error!Value {
    var buffer: Path = undefined;
    var reader = arguments(call);
    const path = try pathOf(call, try reader.string(), &buffer);
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

fn makeDir(call: *Call) Error!Value {
    var buffer: Path = undefined;
    var reader = arguments(call);
    const path = try pathOf(call, try reader.string(), &buffer);
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

/// Standard input's buffer, shared by all fibers. The lock is held for a few copies and one read that cannot block.
pub const Stdin = struct {
    mutex: Mutex = .{},
    bytes: std.ArrayList(u8) = .empty,
    /// Bytes before this one were handed out.
    start: usize = 0,
    /// No newline before this one.
    searched: usize = 0,
    ended: bool = false,

    pub fn deinit(self: *Stdin) void {
        self.bytes.deinit(std.heap.page_allocator);
    }

    fn rest(self: *Stdin) []const u8 {
        return self.bytes.items[self.start..];
    }

    fn consume(self: *Stdin, count: usize) void {
        self.start += count;
        if (self.start == self.bytes.items.len) {
            self.bytes.clearRetainingCapacity();
            self.start = 0;
        }
        self.searched = self.start;
    }

    /// Reads one slice if that cannot block. True when it did, or the input has ended.
    fn fill(self: *Stdin, call: *Call) Error!bool {
        if (self.ended) return true;
        var now = [_]os.pollfd{.{ .fd = 0, .events = os.POLL.IN, .revents = 0 }};
        const polled = os.poll(&now, 1, 0);
        if (os.errno(polled) != .SUCCESS or now[0].revents == 0) return false;
        if (self.start > 0 and self.bytes.items.len == self.bytes.capacity) {
            const left = self.bytes.items.len - self.start;
            std.mem.copyForwards(u8, self.bytes.items[0..left], self.bytes.items[self.start..]);
            self.bytes.items.len = left;
            self.searched -= self.start;
            self.start = 0;
        }
        try self.bytes.ensureUnusedCapacity(std.heap.page_allocator, slice_bytes);
        const room = self.bytes.unusedCapacitySlice();
        const n = os.read(0, room.ptr, @min(room.len, slice_bytes));
        switch (os.errno(n)) {
            .SUCCESS => {},
            .AGAIN, .INTR => return false,
            else => |errno| return call.fail(errno),
        }
        if (n == 0) self.ended = true;
        self.bytes.items.len += n;
        return true;
    }
};

fn stdinLine(call: *Call) Error!Value {
    const stdin = &call.rt.stdin;
    while (true) {
        {
            stdin.mutex.lock();
            defer stdin.mutex.unlock();
            const newline = std.mem.findScalarPos(u8, stdin.bytes.items, @max(stdin.searched, stdin.start), '\n');
            if (newline) |end| {
                const line = stdin.bytes.items[stdin.start..end];
                const trimmed = std.mem.trimEnd(u8, line, "\r");
                const value = try codec.string(call.rt, call.worker, trimmed);
                stdin.consume(line.len + 1);
                return value;
            }
            stdin.searched = stdin.bytes.items.len;
            if (stdin.ended) {
                if (stdin.rest().len == 0) return .{ .tag = Tag.null_ };
                const value = try codec.string(call.rt, call.worker, stdin.rest());
                stdin.consume(stdin.rest().len);
                return value;
            }
            if (try stdin.fill(call)) continue;
        }
        try call.ready(0, .read);
    }
}

fn stdinAll(call: *Call) Error!Value {
    const stdin = &call.rt.stdin;
    while (true) {
        {
            stdin.mutex.lock();
            defer stdin.mutex.unlock();
            if (stdin.ended) {
                const value = try codec.string(call.rt, call.worker, stdin.rest());
                stdin.consume(stdin.rest().len);
                return value;
            }
            if (stdin.rest().len > contents_max) return error.OutOfMemory;
            if (try stdin.fill(call)) continue;
        }
        try call.ready(0, .read);
    }
}
