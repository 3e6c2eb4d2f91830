//! What happened, in order: a record of 24 bytes for everything a worker does with a fiber or a nursery.
//!
//! Off by default, at the price of one load a hook. Each worker writes into a buffer of its own. With a file
//! descriptor a full buffer is appended to the file (one writer at a time, whole records), so a trace has no bound but
//! the disk's; without one the buffer is a ring that keeps the newest records: the flight recorder. Times are those of
//! the runtime's clock, so a seeded run gives the same records each time.
//!
//! Records are ordered within a worker. What names a site, a code or a fiber means to people is the reader's business
//! (interp/runtime/trace.ts).

const std = @import("std");
const os = std.os.linux;
const Mutex = @import("mutex.zig").Mutex;
const assert = std.debug.assert;

pub const Kind = enum(u8) {
    /// fiber: the child; a: the parent, 0 for main; b: the place of the spawn.
    spawned = 1,
    /// fiber runs from here; a: its code.
    begun = 2,
    /// fiber gave its worker away; detail: `Why`; extra: what it waits for, or its outcome; a: what it waits on; b:
    /// where.
    ended = 3,
    /// fiber is ready again; a: the fiber that woke it, 0 for a timer or the outside.
    woken = 4,
    /// fiber opened nursery a at place b.
    nursery_opened = 5,
    /// nursery a, of fiber, was cancelled; detail: the reason.
    nursery_cancelled = 6,
    /// fiber left nursery a; detail: the status.
    nursery_closed = 7,
    /// fiber's continuation left this worker's VM, or came into it; or it came unstarted from worker a.
    packed_up = 8,
    unpacked = 9,
    stolen = 10,
    /// The worker sleeps, and is up again.
    slept = 11,
    awoke = 12,
    /// fiber was given a name; a: the text's number. After its `spawned`.
    named = 13,
};

pub const Why = enum(u8) { parked = 0, yielded = 1, finished = 2, moved = 3 };

pub const Record = extern struct {
    at_ns: u64,
    fiber: u32,
    a: u32,
    b: u32,
    kind: u8,
    worker: u8,
    detail: u8,
    extra: u8,

    comptime {
        assert(@sizeOf(Record) == 24);
    }
};

/// Where full buffers go; shared by all workers.
pub const Sink = struct {
    fd: i32 = -1,
    mutex: Mutex = .{},
    /// The first error of the system, as an errno: nothing is written after it.
    failure: u16 = 0,

    fn append(self: *Sink, records: []const Record) void {
        self.mutex.lock();
        defer self.mutex.unlock();
        var rest: []const u8 = std.mem.sliceAsBytes(records);
        while (rest.len > 0 and self.failure == 0) {
            const result = os.write(self.fd, rest.ptr, rest.len);
            switch (os.errno(result)) {
                .SUCCESS => rest = rest[result..],
                .INTR => {},
                else => |errno| self.failure = @backingInt(errno),
            }
        }
    }
};

/// One worker's records. Written by its thread alone; read by another once that thread has left.
pub const Buffer = struct {
    records: []Record,
    /// How many were ever added; the next place is this modulo the length.
    added: u64 = 0,

    /// `length` is a power of two.
    pub fn init(length: u32) error{OutOfMemory}!Buffer {
        assert(std.math.isPowerOfTwo(length));
        return .{ .records = try std.heap.page_allocator.alloc(Record, length) };
    }

    pub fn deinit(self: *Buffer) void {
        std.heap.page_allocator.free(self.records);
        self.* = undefined;
    }

    pub fn add(self: *Buffer, sink: *Sink, record: Record) void {
        const place = self.added & (self.records.len - 1);
        self.records[place] = record;
        self.added += 1;
        if (place == self.records.len - 1 and sink.fd >= 0) sink.append(self.records);
    }

    /// Appends what the sink does not have yet: with a descriptor from the start the rest, else all that is kept,
    /// oldest first.
    pub fn flush(self: *Buffer, sink: *Sink, is_ring: bool) void {
        const place = self.added & (self.records.len - 1);
        if (is_ring and self.added >= self.records.len) sink.append(self.records[place..]);
        sink.append(self.records[0..place]);
        self.added = 0;
    }
};

const testing = std.testing;

fn recordNumbered(n: u32) Record {
    return .{ .at_ns = n, .fiber = n, .a = 0, .b = 0, .kind = 1, .worker = 0, .detail = 0, .extra = 0 };
}

fn memoryFile() !i32 {
    const fd = os.memfd_create("trace", 0);
    try testing.expectEqual(.SUCCESS, os.errno(fd));
    return @intCast(fd);
}

fn numbersIn(fd: i32, numbers: []u64) !usize {
    var records: [64]Record = undefined;
    const bytes = os.pread(fd, std.mem.sliceAsBytes(&records).ptr, @sizeOf(@TypeOf(records)), 0);
    try testing.expectEqual(.SUCCESS, os.errno(bytes));
    const n = bytes / @sizeOf(Record);
    for (records[0..n], 0..) |record, i| numbers[i] = record.at_ns;
    return n;
}

test "a spooled trace has every record once, in order" {
    const fd = try memoryFile();
    defer _ = os.close(fd);
    var sink: Sink = .{ .fd = fd };
    var buffer: Buffer = try .init(8);
    defer buffer.deinit();
    for (0..21) |n| buffer.add(&sink, recordNumbered(@intCast(n)));
    buffer.flush(&sink, false);
    var numbers: [64]u64 = undefined;
    const n = try numbersIn(fd, &numbers);
    try testing.expectEqual(21, n);
    for (numbers[0..n], 0..) |number, i| try testing.expectEqual(i, number);
}

test "a ring keeps the newest records, oldest first" {
    const fd = try memoryFile();
    defer _ = os.close(fd);
    var sink: Sink = .{};
    var buffer: Buffer = try .init(8);
    defer buffer.deinit();
    for (0..21) |n| buffer.add(&sink, recordNumbered(@intCast(n)));
    sink.fd = fd;
    buffer.flush(&sink, true);
    var numbers: [64]u64 = undefined;
    const n = try numbersIn(fd, &numbers);
    try testing.expectEqual(8, n);
    for (numbers[0..n], 13..) |number, i| try testing.expectEqual(i, number);
}

test "a full disk is kept as the sink's failure" {
    const fd: i32 = @intCast(os.openat(os.AT.FDCWD, "/dev/full", .{ .ACCMODE = .WRONLY }, 0));
    defer _ = os.close(fd);
    var sink: Sink = .{ .fd = fd };
    var buffer: Buffer = try .init(2);
    defer buffer.deinit();
    for (0..5) |n| buffer.add(&sink, recordNumbered(@intCast(n)));
    try testing.expectEqual(@backingInt(os.E.NOSPC), sink.failure);
}
