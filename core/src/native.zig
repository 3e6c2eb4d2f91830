//! Native calls: straight-line Zig on a fiber's own stack, which waits by switching away from it.
//!
//! A call takes a stack from the pool (of the fiber's size, above a guard) and runs at once. If it ends without waiting
//! the VM has its result as if it were an ordinary call. Else the fiber parks, the worker goes on with others, and the
//! call itself is continued by whichever worker the fiber is ready on: its stack belongs to no VM. When it has ended,
//! the fiber goes back to the VM that holds its continuation.
//!
//! A call waits for two reasons: it gives way (`yield`, between slices of work), or a descriptor is not ready (`ready`,
//! through the reactor). Cancelled while it waits, it gets `error.Cancelled` there and cleans up as for any error.

const std = @import("std");
const os = std.os.linux;
const context = @import("context.zig");
const stack_mod = @import("stack.zig");
const codec = @import("codec.zig");
const fiber_mod = @import("fiber.zig");
const files = @import("files.zig");
const layout = @import("layout.zig");
const nursery_mod = @import("nursery.zig");
const printing = @import("printing.zig");
const reactor_mod = @import("reactor.zig");
const runtime_mod = @import("runtime.zig");
const scheduler = @import("scheduler.zig");
const sockets = @import("sockets.zig");
const worker_mod = @import("worker.zig");
const Worker = worker_mod.Worker;
const Runtime = runtime_mod.Runtime;
const Value = runtime_mod.Value;
const Status = layout.Status;
const assert = std.debug.assert;

pub const Error = error{ OutOfMemory, Cancelled, Malformed, System };

pub const Call = struct {
    rt: *Runtime,
    /// The worker that runs the call now. Read it again after every wait.
    worker: *Worker,
    fiber: u32,
    function: files.Function,
    argument: Value,
    site: u32,
    context: context.Context,
    host: *context.Context,
    stack: stack_mod.Stack,
    pool: *stack_mod.Pool,
    want: enum { nothing, yield, io, finished } = .nothing,
    fd: i32 = -1,
    direction: reactor_mod.Direction = .read,
    /// The descriptor's registration while it waits.
    duplicate: i32 = -1,
    cancelled: bool = false,
    /// The error of the system that `error.System` stands for.
    errno: os.E = .SUCCESS,
    status: i32 = Status.ok,
    result: Value = .nothing,

    /// Gives way to other fibers.
    pub fn yield(self: *Call) Error!void {
        self.want = .yield;
        self.leave();
        if (self.cancelled) return error.Cancelled;
    }

    /// Waits until the descriptor can be read or written without blocking.
    pub fn ready(self: *Call, fd: i32, direction: reactor_mod.Direction) Error!void {
        const events: i16 = if (direction == .read) os.POLL.IN else os.POLL.OUT;
        var now = [_]os.pollfd{.{ .fd = fd, .events = events, .revents = 0 }};
        if (os.errno(os.poll(&now, 1, 0)) == .SUCCESS and now[0].revents != 0) return;
        self.want = .io;
        self.fd = fd;
        self.direction = direction;
        self.leave();
        if (self.cancelled) return error.Cancelled;
        if (self.errno != .SUCCESS) return error.System;
    }

    pub fn fail(self: *Call, errno: os.E) Error {
        self.errno = errno;
        return error.System;
    }

    fn leave(self: *Call) void {
        context.Context.switchTo(&self.context, self.host);
        assert(self.want == .nothing);
    }
};

fn entry(argument: ?*anyopaque) callconv(.c) noreturn {
    const call: *Call = @ptrCast(@alignCast(argument.?));
    if (files.run(call)) |value| {
        call.status = Status.ok;
        call.result = value;
    } else |err| {
        call.status, call.result = switch (err) {
            error.Cancelled => .{ Status.cancelled, Value.nothing },
            error.OutOfMemory => .{ Status.out_of_memory, Value.nothing },
            error.Malformed => .{ Status.invalid, Value.nothing },
            error.System => if (codec.systemError(call.rt, call.worker, call.errno)) |value|
                .{ Status.failed, value }
            else |_|
                .{ Status.out_of_memory, Value.nothing },
        };
    }
    call.want = .finished;
    context.Context.switchTo(&call.context, call.host);
    unreachable; // nobody continues a finished call
}

/// Runs a native function for the running fiber: `ok` or `failed` with the value in the record, `parked`, `cancelled`,
/// `out_of_memory`; `invalid` for a malformed argument. The argument's ownership moves unless the function is unknown.
pub fn start(rt: *Runtime, worker: *Worker, number: u32, function: files.Function, argument: Value, site: u32) i32 {
    const fiber = rt.table.at(number);
    assert(fiber.native == 0);
    if (nursery_mod.isCancelled(rt, worker, number)) {
        rt.releaseValue(worker, argument);
        return Status.cancelled;
    }
    const stack_bytes = std.math.clamp(fiber.stack_bytes, 64 << 10, stack_mod.SizeClasses.largest_bytes);
    const pool = rt.stacks.pool(stack_bytes).?;
    const offset = rt.arena.alloc(&worker.arena, @sizeOf(Call));
    if (offset == 0) {
        rt.releaseValue(worker, argument);
        return Status.out_of_memory;
    }
    const stack = pool.take() catch {
        rt.arena.free(&worker.arena, offset);
        rt.releaseValue(worker, argument);
        return Status.out_of_memory;
    };
    const call = rt.arena.at(Call, offset);
    call.* = .{
        .rt = rt,
        .worker = worker,
        .fiber = number,
        .function = function,
        .argument = argument,
        .site = site,
        .context = .init(stack.bytes, entry, call),
        .host = undefined, // set whenever it runs
        .stack = stack,
        .pool = pool,
    };
    fiber.native = offset;
    worker.counters.native_calls.add(1);
    return run(rt, worker, number);
}

/// Continues the fiber's call until it waits or ends. On `parked` the wait is announced.
fn run(rt: *Runtime, worker: *Worker, number: u32) i32 {
    const fiber = rt.table.at(number);
    const call = rt.arena.at(Call, fiber.native);
    while (true) {
        call.worker = worker;
        call.want = .nothing;
        var host = context.Context.current();
        call.host = &host;
        context.Context.switchTo(&host, &call.context);
        switch (call.want) {
            .nothing => unreachable,
            .finished => return finish(rt, worker, number, call),
            .yield => {
                if (nursery_mod.isCancelled(rt, worker, number)) {
                    call.cancelled = true;
                    continue;
                }
                const epoch = fiber.beginPark(.native, 0, call.site);
                worker.counters.native_parks.add(1);
                // Ready again at once: as if somebody had woken it, so that the VM can save its continuation first.
                if (fiber.claim(epoch)) {
                    fiber.wake_status = Status.ok;
                    const queued = fiber.deliver();
                    assert(!queued);
                }
                return Status.parked;
            },
            .io => {
                if (nursery_mod.isCancelled(rt, worker, number)) {
                    call.cancelled = true;
                    continue;
                }
                _ = rt.outside.fetchAdd(1, .seq_cst);
                const epoch = fiber.beginPark(.io, @bitCast(call.fd), call.site);
                worker.counters.native_parks.add(1);
                switch (rt.reactor.arm(call.fd, call.direction, .{ .fiber = number, .epoch = epoch })) {
                    .waiting => |duplicate| {
                        call.duplicate = duplicate;
                        const cancelled = fiber.cancel_any.load(.seq_cst) != 0 and
                            nursery_mod.isCancelled(rt, worker, number);
                        if (!cancelled or !fiber.cancelPark(epoch)) return Status.parked;
                        call.cancelled = true;
                    },
                    .ready => if (!fiber.cancelPark(epoch)) {
                        fiber.waitBack();
                        call.cancelled = fiber.wake_status == Status.cancelled;
                    },
                    .failed => |errno| {
                        if (!fiber.cancelPark(epoch)) {
                            fiber.waitBack();
                            call.cancelled = fiber.wake_status == Status.cancelled;
                        }
                        call.errno = errno;
                    },
                }
                endIo(rt, call);
                fiber.wait_kind = .nothing;
            },
        }
    }
}

fn endIo(rt: *Runtime, call: *Call) void {
    if (call.duplicate >= 0) rt.reactor.disarm(call.duplicate);
    call.duplicate = -1;
    const before = rt.outside.fetchSub(1, .seq_cst);
    assert(before > 0);
}

fn finish(rt: *Runtime, worker: *Worker, number: u32, call: *Call) i32 {
    const fiber = rt.table.at(number);
    call.context.deinit();
    call.pool.give(call.stack);
    rt.releaseValue(worker, call.argument);
    fiber.wake_tag = call.result.tag;
    fiber.wake_payload = call.result.payload;
    fiber.wait_kind = .nothing;
    const status = call.status;
    const offset = fiber.native;
    fiber.native = 0;
    rt.arena.free(&worker.arena, offset);
    return status;
}

/// A fiber whose native call waited runs again, on any worker: its status when the call has ended, or `parked`.
pub fn resumeCall(rt: *Runtime, worker: *Worker, number: u32) i32 {
    const fiber = rt.table.at(number);
    const call = rt.arena.at(Call, fiber.native);
    if (fiber.wait_kind == .io) endIo(rt, call);
    if (fiber.wake_status == Status.cancelled) call.cancelled = true;
    fiber.wait_kind = .nothing;
    return run(rt, worker, number);
}

/// Looks at the reactor, or waits in it; wakes who is ready. Null: as long as it takes.
pub fn pollReactor(rt: *Runtime, worker: *Worker, wait_ns: ?u64) void {
    const is_poller = rt.poller.load(.monotonic) == worker.index + 1;
    var ready: [reactor_mod.batch_max]reactor_mod.Ready = undefined;
    for (rt.reactor.wait(wait_ns, is_poller, &ready)) |seen| {
        const who = switch (seen) {
            .fiber => |who| who,
            .socket => |socket| {
                sockets.happened(rt, worker, socket.handle, socket.events);
                continue;
            },
            .stream => |which| {
                printing.writable(rt, worker, which);
                continue;
            },
        };
        const fiber = rt.table.at(who.fiber);
        if (!fiber.claim(who.epoch)) continue;
        fiber.wake_status = Status.ok;
        rt.wake(worker, who.fiber);
    }
}
