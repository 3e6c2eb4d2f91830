//! The program's output: one buffer a stream, whoever prints. Nothing here ever waits, but for `flush`.
//!
//! A text is one piece, which goes into the buffer whole: pieces of different workers never mix, and come out in the
//! order in which they went in. What was accepted is written when that does not block: standard error and a terminal's
//! lines at once, everything else when the buffer is full or the program waits or ends. Who prints into a full buffer
//! waits until there is room (printing.zig), with the text already in it: so there is at most one text more for each
//! fiber. An error of the system (a closed pipe, a full disk) is kept and reported by every later call: output is then
//! refused, not lost in silence.
//!
//! How to write without blocking depends on what is there. `O_NONBLOCK` belongs to the open file, which other processes
//! share: setting it breaks a shell or a pipe's other writers. So a pipe or a terminal is opened a second time through
//! /proc, which gives an open file of our own; a socket is sent to with MSG_DONTWAIT; a file never blocks for long.
//! Where the second opening is refused, poll says that a pipe takes PIPE_BUF bytes, and no more are written at once:
//! only another writer of the same pipe, in between, can then make us wait.

const std = @import("std");
const os = std.os.linux;
const Mutex = @import("mutex.zig").Mutex;
const Reactor = @import("reactor.zig").Reactor;
const assert = std.debug.assert;

/// A stream with so many bytes in its buffer is full.
pub const buffer_bytes = 64 * 1024;
/// What poll says of a pipe holds for so many.
const pipe_buf_bytes = 4096;
const allocator = std.heap.page_allocator;

const Way = enum {
    /// A file, a device: `write` may block, but for nobody's sake.
    plain,
    /// The open file is ours, or somebody has made it non-blocking.
    nonblocking,
    socket,
    /// After poll, in small pieces.
    careful,
};

pub const Sink = struct {
    fd: i32,
    way: Way,
    is_own: bool,

    fn of(fd: i32, is_terminal: bool) Sink {
        const plain: Sink = .{ .fd = fd, .way = .plain, .is_own = false };
        var stat: os.Statx = undefined;
        const done = os.statx(fd, "", os.AT.EMPTY_PATH, .{ .TYPE = true }, &stat);
        if (os.errno(done) != .SUCCESS) return plain;
        if (os.S.ISSOCK(stat.mode)) return duplicate(fd, .socket) orelse plain;
        if (!os.S.ISFIFO(stat.mode) and !is_terminal) return plain;
        var path: [40]u8 = undefined;
        const name = std.fmt.bufPrintSentinel(&path, "/proc/self/fd/{d}", .{fd}, 0) catch unreachable;
        const flags: os.O = .{ .ACCMODE = .WRONLY, .NONBLOCK = true, .NOCTTY = true, .CLOEXEC = true };
        const again = os.openat(os.AT.FDCWD, name, flags, 0);
        if (os.errno(again) == .SUCCESS) return .{ .fd = @intCast(again), .way = .nonblocking, .is_own = true };
        const has = os.fcntl(fd, os.F.GETFL, 0);
        const is_nonblocking = os.errno(has) == .SUCCESS and has & @as(u32, @bitCast(os.O{ .NONBLOCK = true })) != 0;
        return duplicate(fd, if (is_nonblocking) .nonblocking else .careful) orelse plain;
    }

    /// With a number of its own, so that the reactor can watch it whatever else it watches.
    fn duplicate(fd: i32, way: Way) ?Sink {
        const copy = os.fcntl(fd, os.F.DUPFD_CLOEXEC, 0);
        if (os.errno(copy) != .SUCCESS) return null;
        return .{ .fd = @intCast(copy), .way = way, .is_own = true };
    }

    fn close(self: *Sink) void {
        if (self.is_own) _ = os.close(self.fd);
        self.* = undefined;
    }

    /// As the system call; AGAIN where it would block.
    fn write(self: *const Sink, bytes: []const u8) usize {
        return switch (self.way) {
            .plain, .nonblocking => os.write(self.fd, bytes.ptr, bytes.len),
            .socket => os.sendto(self.fd, bytes.ptr, bytes.len, os.MSG.DONTWAIT | os.MSG.NOSIGNAL, null, 0),
            .careful => if (self.isWritable(0))
                os.write(self.fd, bytes.ptr, @min(bytes.len, pipe_buf_bytes))
            else
                @as(usize, 0) -% @backingInt(os.E.AGAIN),
        };
    }

    /// Waits for at most so long until it takes more, or can say that it never will.
    fn isWritable(self: *const Sink, ms: i32) bool {
        var poll_fd = [_]os.pollfd{.{ .fd = self.fd, .events = os.POLL.OUT, .revents = 0 }};
        const polled = os.poll(&poll_fd, 1, ms);
        return os.errno(polled) == .SUCCESS and polled > 0;
    }
};

/// A fiber that waits until no more than so many bytes are left.
pub const Waiting = struct { fiber: u32, epoch: u32, most: usize };

pub const Stream = struct {
    sink: Sink,
    unbuffered: bool,
    terminal: bool,
    mutex: Mutex = .{},
    /// What was accepted and is not written: from `start` on.
    bytes: std.ArrayList(u8) = .empty,
    start: usize = 0,
    /// How many bytes those are, for a look without the lock; at most what 32 bits hold.
    pending: std.atomic.Value(u32) = .init(0),
    /// The first error of the system, as an errno.
    failure: u16 = 0,
    /// Whether it has told the reactor that it wants to know when it can be written; whether it ever has.
    armed: bool = false,
    registered: bool = false,
    waiting: std.ArrayList(Waiting) = .empty,

    pub fn init(fd: i32) error{OutOfMemory}!Stream {
        var unused: std.posix.winsize = undefined;
        const terminal = os.errno(os.ioctl(fd, os.T.IOCGWINSZ, @intFromPtr(&unused))) == .SUCCESS;
        return .{
            .sink = .of(fd, terminal),
            .unbuffered = fd == 2,
            .terminal = terminal,
            .bytes = try .initCapacity(allocator, buffer_bytes),
        };
    }

    /// From now on what is written goes to another descriptor, and is not kept back for a terminal's sake.
    pub fn redirect(self: *Stream, fd: i32) void {
        self.mutex.lock();
        defer self.mutex.unlock();
        self.drain(null);
        self.forget();
        self.sink.close();
        self.sink = .of(fd, false);
        self.terminal = false;
        self.failure = 0;
        self.armed = false;
        self.registered = false;
    }

    pub fn deinit(self: *Stream) void {
        self.bytes.deinit(allocator);
        self.waiting.deinit(allocator);
        self.sink.close();
        self.* = undefined;
    }

    pub fn left(self: *const Stream) usize {
        return self.bytes.items.len - self.start;
    }

    pub fn isFull(self: *const Stream) bool {
        return self.left() >= buffer_bytes;
    }

    /// Takes a text over, and writes what has to be and can be written now. The lock is the caller's, who may hold it
    /// over several calls for a text that comes in pieces. False when the system refuses the output, now or earlier.
    pub fn accept(self: *Stream, text: []const u8, reactor: ?*const Reactor) error{OutOfMemory}!bool {
        assert(self.mutex.isLocked());
        if (self.failure != 0) return false;
        // Before the text, so that the buffer grows only for a reader that is slow, or a long text.
        if (self.left() + text.len > buffer_bytes) self.drain(reactor);
        try self.makeRoom(text.len);
        self.bytes.appendSliceAssumeCapacity(text);
        const line_ended = self.terminal and std.mem.findScalar(u8, text, '\n') != null;
        if (self.unbuffered or line_ended or self.isFull()) self.drain(reactor);
        self.publish();
        return self.failure == 0;
    }

    fn makeRoom(self: *Stream, count: usize) error{OutOfMemory}!void {
        if (self.bytes.items.len + count <= self.bytes.capacity) return;
        const rest = self.left();
        std.mem.copyForwards(u8, self.bytes.items[0..rest], self.bytes.items[self.start..]);
        self.bytes.items.len = rest;
        self.start = 0;
        try self.bytes.ensureUnusedCapacity(allocator, count);
    }

    /// Writes what does not block. What is left then comes when the reactor says so.
    pub fn drain(self: *Stream, reactor: ?*const Reactor) void {
        assert(self.mutex.isLocked());
        defer self.publish();
        while (self.left() > 0 and self.failure == 0) {
            const result = self.sink.write(self.bytes.items[self.start..]);
            switch (os.errno(result)) {
                .SUCCESS => self.start += result,
                .INTR => {},
                .AGAIN => return if (reactor) |r| self.arm(r),
                else => |errno| self.failure = @backingInt(errno),
            }
        }
        self.forget();
    }

    fn arm(self: *Stream, reactor: *const Reactor) void {
        if (self.armed) return;
        // Without a registration (no memory for it) the next text or the next idle moment tries again.
        self.armed = reactor.watchStream(self.sink.fd, @intFromBool(self.unbuffered), self.registered) == .SUCCESS;
        self.registered = self.registered or self.armed;
    }

    fn forget(self: *Stream) void {
        self.bytes.clearRetainingCapacity();
        self.start = 0;
        // Grown for a text or a slow reader: not kept.
        if (self.bytes.capacity > 4 * buffer_bytes) {
            if (std.ArrayList(u8).initCapacity(allocator, buffer_bytes)) |small| {
                self.bytes.deinit(allocator);
                self.bytes = small;
            } else |_| {}
        }
    }

    fn publish(self: *Stream) void {
        self.pending.store(std.math.lossyCast(u32, self.left()), .monotonic);
    }

    pub const Flushed = enum { written, failed, stalled, interrupted };

    /// Waits until all is written: at most `stall_ms` (negative: for ever) without any progress, and not while
    /// `interrupted` has one of these bits.
    pub fn flush(self: *Stream, stall_ms: i32, interrupted: *const std.atomic.Value(u32), bits: u32) Flushed {
        var stalled_ms: i32 = 0;
        while (true) {
            {
                self.mutex.lock();
                defer self.mutex.unlock();
                const before = self.left();
                self.drain(null);
                if (self.failure != 0) return .failed;
                if (self.left() == 0) return .written;
                if (self.left() < before) stalled_ms = 0;
            }
            if (interrupted.load(.monotonic) & bits != 0) return .interrupted;
            if (stall_ms >= 0 and stalled_ms >= stall_ms) return .stalled;
            // In short steps: a signal may have come to another thread.
            if (!self.sink.isWritable(look_every_ms)) stalled_ms += look_every_ms;
        }
    }
};

const look_every_ms = 20;

const testing = std.testing;

fn print(stream: *Stream, text: []const u8) !bool {
    stream.mutex.lock();
    defer stream.mutex.unlock();
    return stream.accept(text, null);
}

const no_signals: std.atomic.Value(u32) = .init(0);

test "output is buffered until flushed, in order, and long texts pass" {
    var fds: [2]i32 = undefined;
    try testing.expectEqual(.SUCCESS, os.errno(os.pipe2(&fds, .{ .NONBLOCK = true })));
    defer _ = os.close(fds[0]);
    defer _ = os.close(fds[1]);
    var stream: Stream = try .init(fds[1]);
    defer stream.deinit();
    try testing.expect(!stream.terminal);
    try testing.expect(try print(&stream, "one\n"));
    try testing.expect(try print(&stream, "two\n"));
    var buffer: [64]u8 = undefined;
    try testing.expectEqual(.AGAIN, os.errno(os.read(fds[0], &buffer, buffer.len)));
    try testing.expectEqual(8, stream.pending.load(.monotonic));
    try testing.expectEqual(.written, stream.flush(-1, &no_signals, 0));
    const n = os.read(fds[0], &buffer, buffer.len);
    try testing.expectEqualStrings("one\ntwo\n", buffer[0..n]);
}

test "an error of the system is reported, then and later" {
    const fd: i32 = @intCast(os.openat(os.AT.FDCWD, "/dev/full", .{ .ACCMODE = .WRONLY }, 0));
    defer _ = os.close(fd);
    var stream: Stream = try .init(fd);
    defer stream.deinit();
    try testing.expect(try print(&stream, "lost"));
    try testing.expectEqual(.failed, stream.flush(-1, &no_signals, 0));
    try testing.expect(!try print(&stream, "more"));
    try testing.expectEqual(@backingInt(os.E.NOSPC), stream.failure);
}

test "failure mode 34: a pipe that nobody reads blocks nobody, and its open file is left as it was" {
    var fds: [2]i32 = undefined;
    try testing.expectEqual(.SUCCESS, os.errno(os.pipe2(&fds, .{})));
    defer _ = os.close(fds[0]);
    defer _ = os.close(fds[1]);
    for ([_]bool{ false, true }) |is_careful| {
        var stream: Stream = try .init(fds[1]);
        defer stream.deinit();
        if (is_careful) {
            stream.sink.close();
            stream.sink = Sink.duplicate(fds[1], .careful).?;
        } else try testing.expectEqual(.nonblocking, stream.sink.way);
        const text: [1000]u8 = @splat('x');
        var printed: usize = 0;
        while (!stream.isFull()) : (printed += text.len) try testing.expect(try print(&stream, &text));
        try testing.expect(printed >= 2 * buffer_bytes - pipe_buf_bytes);
        try testing.expectEqual(.stalled, stream.flush(20, &no_signals, 0));
        const flags = os.fcntl(fds[1], os.F.GETFL, 0);
        try testing.expectEqual(0, flags & @as(u32, @bitCast(os.O{ .NONBLOCK = true })));
        // A reader that comes late gets all of it.
        var got: usize = 0;
        var buffer: [8192]u8 = undefined;
        while (got < printed) {
            got += os.read(fds[0], &buffer, buffer.len);
            stream.mutex.lock();
            stream.drain(null);
            stream.mutex.unlock();
        }
        try testing.expectEqual(printed, got);
        try testing.expectEqual(0, stream.left());
    }
}

test "a flush ends when a signal has come" {
    var fds: [2]i32 = undefined;
    try testing.expectEqual(.SUCCESS, os.errno(os.pipe2(&fds, .{})));
    defer _ = os.close(fds[0]);
    defer _ = os.close(fds[1]);
    var stream: Stream = try .init(fds[1]);
    defer stream.deinit();
    const text: [1000]u8 = @splat('x');
    while (!stream.isFull()) try testing.expect(try print(&stream, &text));
    const signals: std.atomic.Value(u32) = .init(4);
    try testing.expectEqual(.interrupted, stream.flush(-1, &signals, 4));
    try testing.expectEqual(.stalled, stream.flush(0, &signals, 2));
}
