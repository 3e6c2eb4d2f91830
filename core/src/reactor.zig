//! The reactor: fibers that wait for a descriptor, and the way a sleeping worker waits for all of them at once.
//!
//! epoll and an eventfd, no thread of its own: an idle worker sleeps in `wait`; busy ones look in now and then.
//!
//! A descriptor that nobody owns (standard input, a pipe) has a registration for one event of one fiber's wait. Each
//! has a duplicate of the descriptor, so that several fibers can wait on one. It is taken away before the duplicate is
//! closed: the kernel would keep it as long as the descriptor itself is open, under a number that the next duplicate
//! gets again. A socket has one registration for its life, which ends with its only descriptor (sockets.zig).

const std = @import("std");
const builtin = @import("builtin");
const os = std.os.linux;
const simulated = if (builtin.is_test) @import("schedule.zig").simulated else struct {};
const assert = std.debug.assert;

/// What a registration for one wait carries: the fiber and its wait (fiber.zig's epoch).
pub const Who = struct { fiber: u32, epoch: u32 };

pub const Ready = union(enum) {
    fiber: Who,
    /// The handle, and what epoll says of it.
    socket: struct { handle: u32, events: u32 },
    /// A stream of output (its place in the runtime's list) takes more.
    stream: u32,
};

const interrupt_mark: u64 = std.math.maxInt(u64);
/// Above a socket's handle. An epoch has 28 bits.
const socket_mark: u64 = 1 << 63;
const stream_mark: u64 = 1 << 62;

pub const batch_max = 64;

pub const Direction = enum { read, write };

pub const Reactor = struct {
    epoll: i32,
    event: i32,

    pub fn init() error{OutOfMemory}!Reactor {
        const epoll = os.epoll_create1(os.EPOLL.CLOEXEC);
        if (os.errno(epoll) != .SUCCESS) return error.OutOfMemory;
        errdefer _ = os.close(@intCast(epoll));
        const event = os.eventfd(0, os.EFD.CLOEXEC | os.EFD.NONBLOCK);
        if (os.errno(event) != .SUCCESS) return error.OutOfMemory;
        errdefer _ = os.close(@intCast(event));
        var registration: os.epoll_event = .{ .events = os.EPOLL.IN, .data = .{ .u64 = interrupt_mark } };
        const added = os.epoll_ctl(@intCast(epoll), os.EPOLL.CTL_ADD, @intCast(event), &registration);
        if (os.errno(added) != .SUCCESS) return error.OutOfMemory;
        return .{ .epoll = @intCast(epoll), .event = @intCast(event) };
    }

    pub fn deinit(self: *Reactor) void {
        _ = os.close(self.event);
        _ = os.close(self.epoll);
        self.* = undefined;
    }

    /// Ends the current or the next `wait` that takes interrupts. Any thread, signal handlers too.
    pub fn interrupt(self: *const Reactor) void {
        if (builtin.is_test and simulated.isInside()) return simulated.interrupt();
        const one: u64 = 1;
        // EAGAIN: the counter is full, which is as good as written.
        _ = os.write(self.event, std.mem.asBytes(&one), 8);
    }

    pub const Armed = union(enum) {
        /// The duplicate to close when the wait is over.
        waiting: i32,
        /// A regular file: always ready.
        ready,
        failed: os.E,
    };

    pub fn arm(self: *const Reactor, fd: i32, direction: Direction, who: Who) Armed {
        const duplicate = os.fcntl(fd, os.F.DUPFD_CLOEXEC, 0);
        if (os.errno(duplicate) != .SUCCESS) return .{ .failed = os.errno(duplicate) };
        const interest: u32 = if (direction == .read) os.EPOLL.IN | os.EPOLL.RDHUP else os.EPOLL.OUT;
        var registration: os.epoll_event = .{
            .events = interest | os.EPOLL.ONESHOT,
            .data = .{ .u64 = @as(u64, who.epoch) << 32 | who.fiber },
        };
        const added = os.epoll_ctl(self.epoll, os.EPOLL.CTL_ADD, @intCast(duplicate), &registration);
        switch (os.errno(added)) {
            .SUCCESS => return .{ .waiting = @intCast(duplicate) },
            .PERM => {
                _ = os.close(@intCast(duplicate));
                return .ready;
            },
            else => |errno| {
                _ = os.close(@intCast(duplicate));
                return .{ .failed = errno };
            },
        }
    }

    /// For the life of the descriptor, which has no duplicate: every edge in either direction.
    pub fn register(self: *const Reactor, fd: i32, handle: u32) os.E {
        var registration: os.epoll_event = .{
            .events = os.EPOLL.IN | os.EPOLL.OUT | os.EPOLL.RDHUP | os.EPOLL.ET,
            .data = .{ .u64 = socket_mark | handle },
        };
        return os.errno(os.epoll_ctl(self.epoll, os.EPOLL.CTL_ADD, fd, &registration));
    }

    /// Tells once when a stream of output takes more. Its descriptor is registered with the first call.
    pub fn watchStream(self: *const Reactor, fd: i32, which: u32, is_registered: bool) os.E {
        var registration: os.epoll_event = .{
            .events = os.EPOLL.OUT | os.EPOLL.ONESHOT,
            .data = .{ .u64 = stream_mark | which },
        };
        const how: u32 = if (is_registered) os.EPOLL.CTL_MOD else os.EPOLL.CTL_ADD;
        return os.errno(os.epoll_ctl(self.epoll, how, fd, &registration));
    }

    pub fn disarm(self: *const Reactor, duplicate: i32) void {
        const removed = os.epoll_ctl(self.epoll, os.EPOLL.CTL_DEL, duplicate, null);
        assert(os.errno(removed) == .SUCCESS);
        const closed = os.close(duplicate);
        assert(os.errno(closed) != .BADF);
    }

    /// Waits for at most `wait_ns` (null: for ever) and writes who is ready. Only one thread at a time may take
    /// interrupts; the others leave them for it.
    pub fn wait(self: *const Reactor, wait_ns: ?u64, takes_interrupts: bool, ready: *[batch_max]Ready) []Ready {
        if (builtin.is_test and simulated.isInside()) {
            simulated.waitForInterrupt(wait_ns);
            return ready[0..0];
        }
        var events: [batch_max]os.epoll_event = undefined;
        var timeout: os.timespec = undefined;
        if (wait_ns) |ns| timeout = .{
            .sec = @intCast(@min(ns / std.time.ns_per_s, std.math.maxInt(i32))),
            .nsec = @intCast(ns % std.time.ns_per_s),
        };
        const n = epollWait(self.epoll, &events, if (wait_ns == null) null else &timeout);
        var count: usize = 0;
        for (events[0..n]) |*event| {
            const data = event.data.u64;
            if (data == interrupt_mark) {
                if (!takes_interrupts) continue;
                var counter: u64 = undefined;
                _ = os.read(self.event, std.mem.asBytes(&counter), 8);
                continue;
            }
            ready[count] = if (data & socket_mark != 0)
                .{ .socket = .{ .handle = @truncate(data), .events = event.events } }
            else if (data & stream_mark != 0)
                .{ .stream = @truncate(data) }
            else
                .{ .fiber = .{ .fiber = @truncate(data), .epoch = @intCast(data >> 32) } };
            count += 1;
        }
        return ready[0..count];
    }
};

/// Nanoseconds where the kernel has them (Linux 5.11), else milliseconds rounded up. An interrupted call gives none.
fn epollWait(epoll: i32, events: *[batch_max]os.epoll_event, timeout: ?*os.timespec) usize {
    const result = os.syscall6(
        .epoll_pwait2,
        @as(u32, @bitCast(epoll)),
        @intFromPtr(events),
        batch_max,
        @intFromPtr(timeout),
        0,
        0,
    );
    switch (os.errno(result)) {
        .SUCCESS => return result,
        .NOSYS => {},
        else => return 0,
    }
    const ms: i32 = if (timeout) |t|
        @intCast(@min(std.math.maxInt(i32), t.sec * 1000 + @divTrunc(t.nsec + 999_999, 1_000_000)))
    else
        -1;
    const coarse = os.epoll_wait(epoll, events, batch_max, ms);
    return if (os.errno(coarse) == .SUCCESS) coarse else 0;
}

const testing = std.testing;

test "a pipe becomes readable once, for whoever waits; interrupts end a wait" {
    var reactor: Reactor = try .init();
    defer reactor.deinit();
    var fds: [2]i32 = undefined;
    try testing.expectEqual(.SUCCESS, os.errno(os.pipe2(&fds, .{ .NONBLOCK = true })));
    defer _ = os.close(fds[0]);
    defer _ = os.close(fds[1]);
    var ready: [batch_max]Ready = undefined;
    const first = reactor.arm(fds[0], .read, .{ .fiber = 7, .epoch = 0x0fff_ffff }).waiting;
    const second = reactor.arm(fds[0], .read, .{ .fiber = 8, .epoch = 2 }).waiting;
    try testing.expectEqual(0, reactor.wait(0, true, &ready).len);
    _ = os.write(fds[1], "x", 1);
    const found = reactor.wait(null, true, &ready);
    try testing.expectEqual(2, found.len);
    try testing.expectEqual(15, found[0].fiber.fiber + found[1].fiber.fiber);
    try testing.expectEqual(0, reactor.wait(0, true, &ready).len);
    reactor.disarm(first);
    reactor.disarm(second);
    // the same descriptor again, under the number that the first duplicate had
    const again = reactor.arm(fds[0], .read, .{ .fiber = 9, .epoch = 3 }).waiting;
    try testing.expectEqual(first, again);
    try testing.expectEqual(9, reactor.wait(null, true, &ready)[0].fiber.fiber);
    reactor.disarm(again);

    reactor.interrupt();
    try testing.expectEqual(0, reactor.wait(0, false, &ready).len);
    try testing.expectEqual(0, reactor.wait(null, true, &ready).len); // the interrupt was left for this one
    try testing.expectEqual(0, reactor.wait(1_000_000, true, &ready).len);
}

test "a regular file never waits" {
    var reactor: Reactor = try .init();
    defer reactor.deinit();
    const fd: i32 = @intCast(os.openat(os.AT.FDCWD, "/proc/self/exe", .{ .ACCMODE = .RDONLY }, 0));
    defer _ = os.close(fd);
    try testing.expectEqual(Reactor.Armed.ready, reactor.arm(fd, .read, .{ .fiber = 1, .epoch = 1 }));
}
