//! The program's output: one buffer a stream, whoever prints.
//!
//! A write is one line-atomic piece: pieces of different workers never mix. Standard error goes out at once, a terminal
//! at each newline, everything else when the buffer is full or the program waits or ends. An error of the system
//! (a closed pipe, a full disk) is kept and reported by every later call: output is then refused, not lost in silence.

const std = @import("std");
const os = std.os.linux;
const Mutex = @import("mutex.zig").Mutex;
const assert = std.debug.assert;

pub const buffer_bytes = 64 * 1024;

pub const Stream = struct {
    fd: i32,
    unbuffered: bool,
    terminal: bool,
    mutex: Mutex = .{},
    buffer: []u8,
    used: usize = 0,
    /// `used`, for a look without the lock.
    pending: std.atomic.Value(u32) = .init(0),
    /// The first error of the system, as an errno.
    failure: u16 = 0,

    pub fn init(fd: i32) error{OutOfMemory}!Stream {
        var unused: std.posix.winsize = undefined;
        const terminal = os.errno(os.ioctl(fd, os.T.IOCGWINSZ, @intFromPtr(&unused))) == .SUCCESS;
        return .{
            .fd = fd,
            .unbuffered = fd == 2,
            .terminal = terminal,
            .buffer = try std.heap.page_allocator.alloc(u8, buffer_bytes),
        };
    }

    /// From now on what is written goes to another descriptor, and is not kept back for a terminal's sake.
    pub fn redirect(self: *Stream, fd: i32) void {
        self.mutex.lock();
        defer self.mutex.unlock();
        self.flushLocked();
        self.pending.store(0, .monotonic);
        self.fd = fd;
        self.terminal = false;
        self.failure = 0;
    }

    pub fn deinit(self: *Stream) void {
        std.heap.page_allocator.free(self.buffer);
        self.* = undefined;
    }

    /// False when the system refuses the output, now or earlier.
    pub fn write(self: *Stream, bytes: []const u8) bool {
        self.mutex.lock();
        defer self.mutex.unlock();
        defer self.pending.store(@intCast(self.used), .monotonic);
        if (self.failure != 0) return false;
        if (self.used + bytes.len > self.buffer.len) self.flushLocked();
        if (bytes.len > self.buffer.len) {
            self.writeAll(bytes);
        } else {
            @memcpy(self.buffer[self.used..][0..bytes.len], bytes);
            self.used += bytes.len;
        }
        const line_ended = self.terminal and std.mem.findScalar(u8, bytes, '\n') != null;
        if (self.unbuffered or line_ended) self.flushLocked();
        return self.failure == 0;
    }

    pub fn flush(self: *Stream) bool {
        self.mutex.lock();
        defer self.mutex.unlock();
        defer self.pending.store(0, .monotonic);
        self.flushLocked();
        return self.failure == 0;
    }

    fn flushLocked(self: *Stream) void {
        assert(self.mutex.isLocked());
        if (self.used > 0) self.writeAll(self.buffer[0..self.used]);
        self.used = 0;
    }

    fn writeAll(self: *Stream, bytes: []const u8) void {
        var rest = bytes;
        while (rest.len > 0 and self.failure == 0) {
            const result = os.write(self.fd, rest.ptr, rest.len);
            switch (os.errno(result)) {
                .SUCCESS => rest = rest[result..],
                .INTR => {},
                // Somebody made the pipe non-blocking: wait until it takes more.
                .AGAIN => {
                    var poll_fd = [_]os.pollfd{.{ .fd = self.fd, .events = os.POLL.OUT, .revents = 0 }};
                    _ = os.poll(&poll_fd, 1, -1);
                },
                else => |errno| self.failure = @backingInt(errno),
            }
        }
    }
};

const testing = std.testing;

test "output is buffered until flushed, in order, and long pieces pass" {
    var fds: [2]i32 = undefined;
    try testing.expectEqual(.SUCCESS, os.errno(os.pipe2(&fds, .{ .NONBLOCK = true })));
    defer _ = os.close(fds[0]);
    var stream: Stream = try .init(fds[1]);
    defer stream.deinit();
    try testing.expect(!stream.terminal);
    try testing.expect(stream.write("one\n"));
    try testing.expect(stream.write("two\n"));
    var buffer: [64]u8 = undefined;
    try testing.expectEqual(.AGAIN, os.errno(os.read(fds[0], &buffer, buffer.len)));
    try testing.expectEqual(8, stream.pending.load(.monotonic));
    try testing.expect(stream.flush());
    const n = os.read(fds[0], &buffer, buffer.len);
    try testing.expectEqualStrings("one\ntwo\n", buffer[0..n]);
    _ = os.close(fds[1]);
}

test "an error of the system is reported, then and later" {
    const fd: i32 = @intCast(os.openat(os.AT.FDCWD, "/dev/full", .{ .ACCMODE = .WRONLY }, 0));
    defer _ = os.close(fd);
    var stream: Stream = try .init(fd);
    defer stream.deinit();
    try testing.expect(stream.write("lost"));
    try testing.expect(!stream.flush());
    try testing.expect(!stream.write("more"));
    try testing.expectEqual(@backingInt(os.E.NOSPC), stream.failure);
}
