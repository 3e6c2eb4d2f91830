//! The native functions of standard input: one buffer, whichever fibers read from it.
//!
//! Nothing here blocks a worker: a slice is read when the descriptor says that it has something, else the call waits in
//! the reactor. Leans on native.zig for both.

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

const slice_bytes = 64 << 10;
/// The longest string, bytes.
const contents_max: usize = 1 << 30;

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

    /// From now on nothing is read.
    pub fn end(self: *Stdin) void {
        self.mutex.lock();
        defer self.mutex.unlock();
        self.ended = true;
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

pub fn line(call: *Call) Error!Value {
    const stdin = &call.rt.stdin;
    while (true) {
        {
            stdin.mutex.lock();
            defer stdin.mutex.unlock();
            const newline = std.mem.findScalarPos(u8, stdin.bytes.items, @max(stdin.searched, stdin.start), '\n');
            if (newline) |end| {
                const found = stdin.bytes.items[stdin.start..end];
                const trimmed = std.mem.trimEnd(u8, found, "\r");
                const value = try codec.string(call.rt, call.worker, trimmed);
                stdin.consume(found.len + 1);
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

pub fn all(call: *Call) Error!Value {
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
