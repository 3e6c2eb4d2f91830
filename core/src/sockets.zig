//! Sockets: TCP listeners and connections, and UDP, as handles that any fiber may use.
//!
//! Every descriptor is non-blocking. An operation tries the system call at once. When that would block, the fiber joins
//! the socket's list for that direction and parks; woken, its VM enters the operation again. So nothing waits on a
//! native stack, a wake-up promises nothing, and what a cancelled fiber did not take is still in the kernel.
//!
//! One edge-triggered registration for each socket tells the reactor of both directions. The socket's lock is held over
//! each system call, none of which blocks: an edge cannot fall between "it would block" and the joining of the list,
//! and no descriptor is closed, and its number given to another, while somebody is using it.

const std = @import("std");
const os = std.os.linux;
const addresses = @import("addresses.zig");
const cancellation = @import("cancel.zig");
const cause = @import("cause.zig");
const codec = @import("codec.zig");
const fiber_mod = @import("fiber.zig");
const handles_mod = @import("handles.zig");
const layout = @import("layout.zig");
const nursery_mod = @import("nursery.zig");
const runtime_mod = @import("runtime.zig");
const scheduler = @import("scheduler.zig");
const timer_mod = @import("timer.zig");
const Address = addresses.Address;
const Direction = @import("reactor.zig").Direction;
const Mutex = @import("mutex.zig").Mutex;
const Nursery = nursery_mod.Nursery;
const Runtime = runtime_mod.Runtime;
const Worker = @import("worker.zig").Worker;
const Status = layout.Status;
const assert = std.debug.assert;

/// The numbers cross the boundary.
pub const Kind = enum(u32) { listen = 0, connect = 1, udp = 2 };

pub const Mode = enum(u32) {
    /// What is there, at most so many bytes.
    some = 0,
    /// Up to a newline, which is taken and not given; a line longer than so many bytes is an error.
    line = 1,
    /// So many bytes.
    exact = 2,
};

/// Connections that may wait to be accepted; the system has a limit of its own, too.
const backlog = 4096;
/// As much as is read ahead at once for lines and counted bytes.
const ahead_bytes = 16 << 10;

pub const Socket = struct {
    pub const kind: handles_mod.Kind = .socket;

    lock: Mutex = .{},
    handle: u32,
    /// -1 once it is closed.
    fd: i32,
    /// The last read took less than it asked for: nothing more is there until the next edge.
    drained: bool = false,
    /// The other side has ended, or the connection is broken: there may be no next edge.
    hung: bool = false,
    /// This side has said that nothing more comes.
    finished: bool = false,
    /// Reset, or without an answer for too long: not the end that both sides have said.
    broken: bool = false,
    /// The nursery that is cancelled when it breaks, one reference held, and where that was asked for.
    watching: u32 = 0,
    watching_site: u32 = 0,
    /// First fiber that waits, by direction; linked through their nodes.
    waiters: [2]u32 = @splat(0),
    /// What was read beyond a line or a count, and how much of it was given out and searched.
    ahead: std.ArrayList(u8) = .empty,
    start: usize = 0,
    searched: usize = 0,

    fn rest(self: *const Socket) []const u8 {
        return self.ahead.items[self.start..];
    }

    fn consume(self: *Socket, count: usize) void {
        self.start += count;
        if (self.start == self.ahead.items.len) {
            if (self.ahead.capacity > ahead_bytes) {
                self.ahead.clearAndFree(std.heap.page_allocator);
            } else self.ahead.clearRetainingCapacity();
            self.start = 0;
        }
        self.searched = self.start;
    }

    /// What was given out makes room.
    fn compact(self: *Socket) void {
        if (self.start == 0) return;
        const left = self.rest().len;
        std.mem.copyForwards(u8, self.ahead.items[0..left], self.rest());
        self.ahead.items.len = left;
        self.searched -= self.start;
        self.start = 0;
    }

    /// Closes the descriptor, under the lock.
    fn shut(self: *Socket) void {
        const closed = os.close(self.fd);
        assert(os.errno(closed) != .BADF);
        self.fd = -1;
    }

    /// Under the lock: the nursery that was to be cancelled, whose reference is the caller's; 0 for none.
    fn unwatched(self: *Socket) u32 {
        defer self.watching = 0;
        return self.watching;
    }
};

/// The last handle has gone: so nobody waits.
pub fn free(rt: *Runtime, worker: *Worker, offset: u32) void {
    const socket = rt.arena.at(Socket, offset);
    assert(socket.waiters[0] == 0 and socket.waiters[1] == 0);
    if (socket.fd >= 0) socket.shut();
    if (socket.watching != 0) _ = rt.releaseHandle(worker, socket.watching);
    socket.ahead.deinit(std.heap.page_allocator);
    rt.arena.free(&worker.arena, offset);
}

/// A refusal of the system for the program: its number in ev[0], what it means in the scratch, as long as ev[1] says.
fn refused(worker: *Worker, errno: os.E) i32 {
    const text = codec.describe(errno);
    worker.area.ev[0] = @intCast(@backingInt(errno));
    worker.area.ev[1] = worker.leaveText(text);
    return -Status.failed;
}

/// A descriptor becomes a handle; it is closed when that fails.
fn adopt(rt: *Runtime, worker: *Worker, fd: i32) i32 {
    const made = rt.createObject(worker, .socket, Socket, .{ .handle = 0, .fd = fd }) orelse {
        _ = os.close(fd);
        return -Status.out_of_memory;
    };
    const socket, const handle = made;
    socket.handle = handle;
    const errno = rt.reactor.register(fd, handle);
    if (errno == .SUCCESS) return @intCast(handle);
    _ = os.close(fd);
    rt.forgetObject(worker, handle);
    return refused(worker, errno);
}

fn setOption(fd: i32, level: i32, option: u32, value: u32) os.E {
    return os.errno(os.setsockopt(fd, level, option, std.mem.asBytes(&value), @sizeOf(u32)));
}

/// Seconds without a word after which the other side is asked whether it is there, between one such question and the
/// next, and how many stay without an answer until the connection counts as broken: two minutes and a half in all.
const quiet_s = 15;
const again_s = 15;
const questions = 9;

/// A connection whose other side has gone without a word, or closed it whole, which looks as if it might still read,
/// breaks in the end.
fn keepAlive(fd: i32) os.E {
    var errno = setOption(fd, os.SOL.SOCKET, os.SO.KEEPALIVE, 1);
    if (errno == .SUCCESS) errno = setOption(fd, os.IPPROTO.TCP, os.TCP.KEEPIDLE, quiet_s);
    if (errno == .SUCCESS) errno = setOption(fd, os.IPPROTO.TCP, os.TCP.KEEPINTVL, again_s);
    if (errno == .SUCCESS) errno = setOption(fd, os.IPPROTO.TCP, os.TCP.KEEPCNT, questions);
    return errno;
}

/// A listener or a UDP socket of this address, or a connection to it that `connected` waits for: a handle; `invalid`
/// when the text is no address.
pub fn open(rt: *Runtime, worker: *Worker, kind: Kind, text: []const u8) i32 {
    var address = Address.parse(text) orelse return -Status.invalid;
    const how: u32 = if (kind == .udp) os.SOCK.DGRAM else os.SOCK.STREAM;
    const made = os.socket(address.family(), how | os.SOCK.NONBLOCK | os.SOCK.CLOEXEC, 0);
    if (os.errno(made) != .SUCCESS) return refused(worker, os.errno(made));
    const fd: i32 = @intCast(made);
    const errno = begin(kind, fd, &address);
    if (errno == .SUCCESS) return adopt(rt, worker, fd);
    _ = os.close(fd);
    return refused(worker, errno);
}

fn begin(kind: Kind, fd: i32, address: *Address) os.E {
    switch (kind) {
        .connect => {
            var errno = setOption(fd, os.IPPROTO.TCP, os.TCP.NODELAY, 1);
            if (errno == .SUCCESS) errno = keepAlive(fd);
            if (errno != .SUCCESS) return errno;
            return switch (os.errno(os.connect(fd, address.pointer(), address.bytes))) {
                .INPROGRESS, .INTR => .SUCCESS, // goes on by itself
                else => |other| other,
            };
        },
        .udp => return os.errno(os.bind(fd, address.pointer(), address.bytes)),
        .listen => {
            // Connections of an earlier listener that the system still remembers do not keep this one away.
            var errno = setOption(fd, os.SOL.SOCKET, os.SO.REUSEADDR, 1);
            // Every connection inherits it.
            if (errno == .SUCCESS) errno = keepAlive(fd);
            if (errno == .SUCCESS) errno = os.errno(os.bind(fd, address.pointer(), address.bytes));
            if (errno == .SUCCESS) errno = os.errno(os.listen(fd, backlog));
            return errno;
        },
    }
}

// Waiting.

/// Who waits: where in the program, and until when at most.
pub const Waiter = struct {
    fiber: u32,
    site: u32,
    deadline_ns: u64 = timer_mod.never,
};

/// Under the lock, which it leaves: the fiber waits until the socket may be ready. A negated status: `parked`,
/// `cancelled` or `out_of_memory`.
fn wait(rt: *Runtime, worker: *Worker, waiter: Waiter, socket: *Socket, direction: Direction) i32 {
    const number = waiter.fiber;
    const fiber = rt.table.at(number);
    const handle = socket.handle;
    // The wait holds the socket, and is something outside that may end.
    const held = rt.retainHandle(handle);
    assert(held);
    _ = rt.outside.fetchAdd(1, .seq_cst);
    const epoch = fiber.beginPark(.socket, handle, waiter.site);
    const first = &socket.waiters[@backingInt(direction)];
    fiber.node = .{
        .next = first.*,
        .fiber = number,
        .meta = @as(u32, @backingInt(direction)) | fiber_mod.node_linked,
    };
    if (first.* != 0) rt.table.at(first.*).node.prev = number;
    first.* = number;
    socket.lock.unlock();
    var status = Status.parked;
    if (waiter.deadline_ns != timer_mod.never) {
        if (rt.timers.add(.fiber, number, epoch, waiter.deadline_ns, &fiber.timer)) |_| {
            worker.counters.timers_set.add(1);
        } else |_| {
            if (!fiber.cancelPark(epoch)) return -Status.parked; // woken already: it needs no timer
            fiber.wait_kind = .nothing;
            status = Status.out_of_memory;
        }
    }
    if (status == Status.parked) status = scheduler.parkedUnlessCancelled(rt, worker, number, epoch);
    if (status != Status.parked) leave(rt, worker, number, handle);
    return -status;
}

fn unlink(rt: *Runtime, socket: *Socket, number: u32) void {
    const node = &rt.table.at(number).node;
    assert(node.meta & fiber_mod.node_linked != 0);
    const first = &socket.waiters[node.meta & 1];
    if (node.prev != 0) rt.table.at(node.prev).node.next = node.next else first.* = node.next;
    if (node.next != 0) rt.table.at(node.next).node.prev = node.prev;
    node.* = .{};
}

/// The wait is over, whoever ended it.
fn leave(rt: *Runtime, worker: *Worker, number: u32, handle: u32) void {
    const socket = rt.object(Socket, handle).?;
    socket.lock.lock();
    if (rt.table.at(number).node.meta & fiber_mod.node_linked != 0) unlink(rt, socket, number);
    socket.lock.unlock();
    _ = rt.releaseHandle(worker, handle);
    const before = rt.outside.fetchSub(1, .seq_cst);
    assert(before > 0);
}

/// The woken fiber runs again: `ok` to enter the operation again, or `timeout`, `cancelled`.
pub fn resumeWait(rt: *Runtime, worker: *Worker, number: u32) i32 {
    const fiber = rt.table.at(number);
    leave(rt, worker, number, fiber.wait_object);
    fiber.wait_kind = .nothing;
    return fiber.wake_status;
}

/// Under the lock: whoever waits for this direction enters its operation again.
fn wakeAll(rt: *Runtime, worker: *Worker, socket: *Socket, direction: Direction) void {
    while (true) {
        const number = socket.waiters[@backingInt(direction)];
        if (number == 0) return;
        unlink(rt, socket, number);
        const fiber = rt.table.at(number);
        // Until it has left, which takes this lock, the fiber cannot start another wait: the epoch is that of this one.
        if (!fiber.claim(fiber.epochNow())) continue;
        fiber.wake_status = Status.ok;
        rt.wake(worker, number);
    }
}

/// What the reactor has seen. The socket may have gone meanwhile.
pub fn happened(rt: *Runtime, worker: *Worker, handle: u32, events: u32) void {
    if (!rt.handles.retain(handle)) return;
    if (rt.object(Socket, handle)) |socket| {
        const ended = events & (os.EPOLL.RDHUP | os.EPOLL.HUP | os.EPOLL.ERR) != 0;
        socket.lock.lock();
        if (ended) socket.hung = true;
        // An end of the other side alone is RDHUP, it may still read; HUP says that both directions have ended.
        const hup = events & os.EPOLL.HUP != 0;
        if (events & os.EPOLL.ERR != 0 or (hup and !socket.finished)) socket.broken = true;
        const watching = if (socket.broken) socket.unwatched() else 0;
        const site = socket.watching_site;
        if (ended or events & os.EPOLL.IN != 0) {
            socket.drained = false;
            wakeAll(rt, worker, socket, .read);
        }
        if (ended or events & os.EPOLL.OUT != 0) wakeAll(rt, worker, socket, .write);
        socket.lock.unlock();
        disconnected(rt, worker, watching, site);
    }
    _ = rt.releaseHandle(worker, handle);
}

/// Cancels a nursery that watched a connection (0: there is none), and gives its reference back.
fn disconnected(rt: *Runtime, worker: *Worker, handle: u32, site: u32) void {
    if (handle == 0) return;
    const why = cause.make(layout.CancelCause.disconnect, site);
    cancellation.cancelBy(rt, worker, rt.object(Nursery, handle).?, layout.CancelReason.request, why);
    _ = rt.releaseHandle(worker, handle);
}

/// The nursery is cancelled when the connection breaks, at once if it has; the one before it no longer is. 0, or a
/// negated status.
pub fn watch(rt: *Runtime, worker: *Worker, socket: *Socket, nursery: u32, site: u32) i32 {
    if (rt.object(Nursery, nursery) == null or !rt.retainHandle(nursery)) return -Status.stale;
    socket.lock.lock();
    if (socket.fd < 0) {
        socket.lock.unlock();
        _ = rt.releaseHandle(worker, nursery);
        return -Status.closed;
    }
    // Under the lock, as the reactor's news: either these have come, or they will find the nursery.
    const is_broken = socket.broken;
    const before = socket.unwatched();
    if (!is_broken) {
        socket.watching = nursery;
        socket.watching_site = site;
    }
    socket.lock.unlock();
    if (before != 0) _ = rt.releaseHandle(worker, before);
    if (is_broken) disconnected(rt, worker, nursery, site);
    return 0;
}

// Operations. Each gives a number, or a negated status: `parked` (enter it again when the fiber is resumed with `ok`),
// `cancelled`, `timeout`, `closed` (on this side), `empty` (the other side has ended), `failed` (see `refused`).

/// A connection to this listener: its handle.
pub fn accept(rt: *Runtime, worker: *Worker, waiter: Waiter, socket: *Socket) i32 {
    if (nursery_mod.isCancelled(rt, worker, waiter.fiber)) return -Status.cancelled;
    socket.lock.lock();
    while (socket.fd >= 0) {
        const fd = os.accept4(socket.fd, null, null, os.SOCK.NONBLOCK | os.SOCK.CLOEXEC);
        switch (os.errno(fd)) {
            .SUCCESS => {
                socket.lock.unlock();
                // Without it an answer in two pieces waits for the other side's acknowledgement of the first.
                _ = setOption(@intCast(fd), os.IPPROTO.TCP, os.TCP.NODELAY, 1);
                return adopt(rt, worker, @intCast(fd));
            },
            .AGAIN => return wait(rt, worker, waiter, socket, .read),
            // Of a connection that broke before it was accepted: the next one.
            .INTR, .CONNABORTED, .PROTO, .NETDOWN, .HOSTDOWN, .HOSTUNREACH, .NETUNREACH, .NOPROTOOPT => {},
            else => |errno| {
                socket.lock.unlock();
                return refused(worker, errno);
            },
        }
    }
    socket.lock.unlock();
    return -Status.closed;
}

/// Waits until the connection is made: 0.
pub fn connected(rt: *Runtime, worker: *Worker, waiter: Waiter, socket: *Socket) i32 {
    if (nursery_mod.isCancelled(rt, worker, waiter.fiber)) return -Status.cancelled;
    socket.lock.lock();
    if (socket.fd < 0) {
        socket.lock.unlock();
        return -Status.closed;
    }
    var pending: u32 = 0;
    var bytes: os.socklen_t = @sizeOf(u32);
    var errno = os.errno(os.getsockopt(socket.fd, os.SOL.SOCKET, os.SO.ERROR, std.mem.asBytes(&pending), &bytes));
    if (errno == .SUCCESS) errno = @fromBackingInt(@intCast(pending));
    if (errno == .SUCCESS) {
        var peer: Address = .{};
        errno = os.errno(os.getpeername(socket.fd, peer.pointer(), &peer.bytes));
        if (errno == .NOTCONN) return wait(rt, worker, waiter, socket, .write);
    }
    socket.lock.unlock();
    return if (errno == .SUCCESS) 0 else refused(worker, errno);
}

/// Bytes for the worker's scratch: their number.
pub fn read(rt: *Runtime, worker: *Worker, waiter: Waiter, socket: *Socket, mode: Mode, count: u32) i32 {
    if (nursery_mod.isCancelled(rt, worker, waiter.fiber)) return -Status.cancelled;
    if (count > worker.scratch.len) return -Status.invalid;
    socket.lock.lock();
    while (true) {
        if (socket.fd < 0) {
            socket.lock.unlock();
            return -Status.closed;
        }
        if (takeAhead(worker, socket, mode, count)) |result| {
            socket.lock.unlock();
            return result;
        }
        if (socket.drained and !socket.hung) return wait(rt, worker, waiter, socket, .read);
        const room = if (mode == .some) worker.scratch[0..count] else room: {
            socket.compact();
            socket.ahead.ensureUnusedCapacity(std.heap.page_allocator, ahead_bytes) catch {
                socket.lock.unlock();
                return -Status.out_of_memory;
            };
            break :room socket.ahead.unusedCapacitySlice();
        };
        const n = os.recvfrom(socket.fd, room.ptr, room.len, 0, null, null);
        switch (os.errno(n)) {
            .SUCCESS => {},
            .INTR => continue,
            .AGAIN => return wait(rt, worker, waiter, socket, .read),
            else => |errno| {
                socket.lock.unlock();
                return refused(worker, errno);
            },
        }
        if (n > 0) {
            socket.drained = n < room.len;
            if (mode != .some) {
                socket.ahead.items.len += n;
                continue;
            }
            socket.lock.unlock();
            return @intCast(n);
        }
        defer socket.lock.unlock();
        // The end of the input: what is left is the last line, and too little for a count.
        const left = socket.rest();
        if (mode != .line or left.len == 0) return -Status.empty;
        const line = std.mem.trimEnd(u8, left, "\r");
        const length = worker.leaveText(line);
        socket.consume(left.len);
        return length;
    }
}

/// What was read ahead, if it is enough.
fn takeAhead(worker: *Worker, socket: *Socket, mode: Mode, count: u32) ?i32 {
    const left = socket.rest();
    var given = left;
    var taken = left.len;
    switch (mode) {
        .some => {
            if (count == 0) return 0;
            if (left.len == 0) return null;
            taken = @min(left.len, count);
            given = left[0..taken];
        },
        .exact => {
            if (left.len < count) return null;
            taken = count;
            given = left[0..taken];
        },
        .line => {
            const end = std.mem.findScalarPos(u8, socket.ahead.items, socket.searched, '\n') orelse {
                socket.searched = socket.ahead.items.len;
                return if (left.len > count) refused(worker, .MSGSIZE) else null;
            };
            taken = end + 1 - socket.start;
            given = std.mem.trimEnd(u8, left[0 .. taken - 1], "\r");
            if (given.len > count) return refused(worker, .MSGSIZE);
        },
    }
    const length = worker.leaveText(given);
    socket.consume(taken);
    return length;
}

/// Sends from the worker's scratch: how many bytes the system took.
pub fn write(rt: *Runtime, worker: *Worker, waiter: Waiter, socket: *Socket, count: u32) i32 {
    if (nursery_mod.isCancelled(rt, worker, waiter.fiber)) return -Status.cancelled;
    if (count > worker.scratch.len) return -Status.invalid;
    socket.lock.lock();
    while (socket.fd >= 0) {
        const n = os.sendto(socket.fd, worker.scratch.ptr, count, os.MSG.NOSIGNAL, null, 0);
        switch (os.errno(n)) {
            .SUCCESS => {
                socket.lock.unlock();
                return @intCast(n);
            },
            .INTR => {},
            .AGAIN => return wait(rt, worker, waiter, socket, .write),
            else => |errno| {
                socket.lock.unlock();
                return refused(worker, errno);
            },
        }
    }
    socket.lock.unlock();
    return -Status.closed;
}

/// Sends a datagram: the scratch holds the address's text, then `count` bytes. Their number; `invalid`: no address.
pub fn sendTo(rt: *Runtime, worker: *Worker, waiter: Waiter, socket: *Socket, text_bytes: u32, count: u32) i32 {
    if (nursery_mod.isCancelled(rt, worker, waiter.fiber)) return -Status.cancelled;
    if (text_bytes > addresses.text_max or count > worker.scratch.len - text_bytes) return -Status.invalid;
    var address = Address.parse(worker.scratch[0..text_bytes]) orelse return -Status.invalid;
    const from = worker.scratch[text_bytes..].ptr;
    socket.lock.lock();
    while (socket.fd >= 0) {
        const n = os.sendto(socket.fd, from, count, os.MSG.NOSIGNAL, address.pointer(), address.bytes);
        switch (os.errno(n)) {
            .SUCCESS => {
                socket.lock.unlock();
                return @intCast(n);
            },
            .INTR => {},
            .AGAIN => return wait(rt, worker, waiter, socket, .write),
            else => |errno| {
                socket.lock.unlock();
                return refused(worker, errno);
            },
        }
    }
    socket.lock.unlock();
    return -Status.closed;
}

/// A datagram for the worker's scratch, cut off after `count` bytes: its length; who sent it stands behind it as text,
/// as long as ev[0] says.
pub fn receiveFrom(rt: *Runtime, worker: *Worker, waiter: Waiter, socket: *Socket, count: u32) i32 {
    if (nursery_mod.isCancelled(rt, worker, waiter.fiber)) return -Status.cancelled;
    if (count > worker.scratch.len - addresses.text_max) return -Status.invalid;
    socket.lock.lock();
    while (socket.fd >= 0) {
        var sender: Address = .{};
        const n = os.recvfrom(socket.fd, worker.scratch.ptr, count, 0, sender.pointer(), &sender.bytes);
        switch (os.errno(n)) {
            .SUCCESS => {
                socket.lock.unlock();
                const text = sender.text(worker.scratch[n..][0..addresses.text_max]);
                worker.area.ev[0] = @intCast(text.len);
                return @intCast(n);
            },
            .INTR => {},
            .AGAIN => return wait(rt, worker, waiter, socket, .read),
            else => |errno| {
                socket.lock.unlock();
                return refused(worker, errno);
            },
        }
    }
    socket.lock.unlock();
    return -Status.closed;
}

/// The numbers cross the boundary.
pub const Change = enum(u32) {
    /// Ends it; whoever waits on it is told so.
    close = 0,
    /// Says to the other side that nothing more comes.
    finish = 1,
    /// Small pieces are sent at once (as at first), or gathered.
    no_delay_on = 2,
    no_delay_off = 3,
};

pub fn change(rt: *Runtime, worker: *Worker, socket: *Socket, what: Change) i32 {
    if (what == .close) return close(rt, worker, socket);
    socket.lock.lock();
    defer socket.lock.unlock();
    if (socket.fd < 0) return -Status.closed;
    if (what == .finish) socket.finished = true;
    const errno: os.E = switch (what) {
        .close => unreachable,
        .finish => os.errno(os.shutdown(socket.fd, os.SHUT.WR)),
        .no_delay_on => setOption(socket.fd, os.IPPROTO.TCP, os.TCP.NODELAY, 1),
        .no_delay_off => setOption(socket.fd, os.IPPROTO.TCP, os.TCP.NODELAY, 0),
    };
    return if (errno == .SUCCESS) 0 else refused(worker, errno);
}

fn close(rt: *Runtime, worker: *Worker, socket: *Socket) i32 {
    socket.lock.lock();
    const watching = socket.unwatched();
    if (socket.fd >= 0) {
        socket.shut();
        wakeAll(rt, worker, socket, .read);
        wakeAll(rt, worker, socket, .write);
    }
    socket.lock.unlock();
    if (watching != 0) _ = rt.releaseHandle(worker, watching);
    return 0;
}

/// The address of this side, or of the other, as text for the worker's scratch: its length.
pub fn addressOf(worker: *Worker, socket: *Socket, of_peer: bool) i32 {
    socket.lock.lock();
    defer socket.lock.unlock();
    if (socket.fd < 0) return -Status.closed;
    var address: Address = .{};
    const got = if (of_peer)
        os.getpeername(socket.fd, address.pointer(), &address.bytes)
    else
        os.getsockname(socket.fd, address.pointer(), &address.bytes);
    if (os.errno(got) != .SUCCESS) return refused(worker, os.errno(got));
    return @intCast(address.text(worker.scratch[0..addresses.text_max]).len);
}
