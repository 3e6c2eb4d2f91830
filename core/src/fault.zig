//! A native call that overflows its stack runs into the guard below it. That fault is told as what it is, with the
//! fiber and the call, and ends the process with a panic's status: never a bare SIGSEGV.
//!
//! A check of the core that does not hold (an assertion, a bound, an overflow: the library is built with all of them)
//! is told likewise, with the fibers that the workers ran, and ends the process at once: going on could lose what is
//! right.
//!
//! The handler runs on a stack of its own for each worker's thread, reads what the worker and its fiber say of
//! themselves, writes with one system call, and touches nothing else. Faults that are not ours go to whoever handled
//! them before. Handlers belong to the process, so at most one runtime has them.

const std = @import("std");
const os = std.os.linux;
const files = @import("files.zig");
const native = @import("native.zig");
const Runtime = @import("runtime.zig").Runtime;

/// Read by the handler. Release pairs with its acquire.
var target: std.atomic.Value(?*Runtime) = .init(null);
var before: os.Sigaction = undefined;

const alternate_bytes = 64 << 10;
/// The status of a program that panicked (interp/runtime/launch.ts).
const panicked = 101;
/// The status of a defect of the interpreter (EX_SOFTWARE; cli/app.ts).
const defect = 70;

pub fn install(rt: *Runtime) bool {
    if (target.cmpxchgStrong(null, rt, .acq_rel, .monotonic) != null) return false;
    const action: os.Sigaction = .{
        .handler = .{ .sigaction = handler },
        .mask = std.mem.zeroes(os.sigset_t),
        .flags = os.SA.SIGINFO | os.SA.ONSTACK,
    };
    return os.errno(os.sigaction(.SEGV, &action, &before)) == .SUCCESS;
}

pub fn uninstall(rt: *Runtime) void {
    if (target.load(.monotonic) != rt) return;
    _ = os.sigaction(.SEGV, &before, null);
    target.store(null, .release);
}

/// A worker's own thread: gives it a stack for handlers, unless it has one. It stays as long as the process.
pub fn prepareThread() void {
    var now: os.stack_t = undefined;
    if (os.errno(os.sigaltstack(null, &now)) != .SUCCESS or now.flags & os.SS.DISABLE == 0) return;
    const flags: os.MAP = .{ .TYPE = .PRIVATE, .ANONYMOUS = true };
    const memory = os.mmap(null, alternate_bytes, .{ .READ = true, .WRITE = true }, flags, -1, 0);
    if (os.errno(memory) != .SUCCESS) return;
    const alternate: os.stack_t = .{ .sp = @ptrFromInt(memory), .flags = 0, .size = alternate_bytes };
    _ = os.sigaltstack(&alternate, null);
}

fn handler(signal: os.SIG, info: *const os.siginfo_t, context: ?*anyopaque) callconv(.c) void {
    if (target.load(.acquire)) |rt| {
        if (overflowed(rt, @intFromPtr(info.fields.sigfault.addr))) |call| tell(rt, call);
    }
    if (before.flags & os.SA.SIGINFO != 0) {
        if (before.handler.sigaction) |next| return next(signal, info, context);
    } else if (before.handler.handler) |next| {
        // 1 is SIG_IGN, which a fault cannot be.
        if (@intFromPtr(next) > 1) return next(signal);
    }
    // As if nobody handled it: the same fault again.
    _ = os.sigaction(.SEGV, &.{
        .handler = .{ .handler = os.SIG.DFL },
        .mask = std.mem.zeroes(os.sigset_t),
        .flags = 0,
    }, null);
}

/// The native call that runs now into whose guard this address falls.
fn overflowed(rt: *Runtime, address: usize) ?*native.Call {
    for (rt.workers) |*worker| {
        const number = @atomicLoad(u32, &worker.current, .monotonic);
        if (number == 0) continue;
        const offset = rt.table.at(number).native;
        if (offset == 0) continue;
        const call = rt.arena.at(native.Call, offset);
        const lowest = @intFromPtr(call.stack.bytes.ptr);
        if (address < lowest and address >= lowest - call.pool.guard_bytes) return call;
    }
    return null;
}

fn tell(rt: *Runtime, call: *native.Call) noreturn {
    var buffer: [512]u8 = undefined;
    const name_block = rt.table.at(call.fiber).name;
    const name = if (name_block == 0) "" else rt.arena.payloadSlice(name_block);
    const line = std.fmt.bufPrint(
        &buffer,
        "PANIC P007: stack overflow: the native call {t} of fiber {d}{s}{s}{s} needs more than the fiber's {d} bytes\n",
        .{
            call.function,
            call.fiber,
            if (name.len > 0) " `" else "",
            name[0..@min(name.len, 100)],
            if (name.len > 0) "`" else "",
            call.stack.bytes.len,
        },
    ) catch "PANIC P007: stack overflow in a native call\n";
    _ = os.write(2, line.ptr, line.len);
    os.exit_group(panicked);
}

/// What the library does where a check of its own does not hold. address: of the check, for a library with symbols.
pub fn broken(message: []const u8, address: ?usize) noreturn {
    var buffer: [1024]u8 = undefined;
    var writer: std.Io.Writer = .fixed(&buffer);
    tellBroken(&writer, message, address) catch {};
    const line = writer.buffered();
    _ = os.write(2, line.ptr, line.len);
    os.exit_group(defect);
}

fn tellBroken(writer: *std.Io.Writer, message: []const u8, address: ?usize) !void {
    const said = message[0..@min(message.len, 300)];
    try writer.print("janus: internal error: a check of the core does not hold: {s}", .{said});
    if (address) |at| try writer.print(" (+0x{x})", .{at -% @intFromPtr(&broken)});
    if (target.load(.acquire)) |rt| {
        for (rt.workers, 0..) |*worker, index| {
            const number = @atomicLoad(u32, &worker.current, .monotonic);
            if (number == 0) continue;
            const fiber = rt.table.at(number);
            const call = fiber.native;
            const what = if (call == 0) "Janus code" else @tagName(rt.arena.at(native.Call, call).function);
            try writer.print("\n  worker {d} ran fiber {d}: {s}", .{ index, number, what });
        }
    }
    try writer.writeAll("\n  this is a defect of the interpreter, not of the program: please report it\n");
}

const testing = std.testing;

/// Uses the stack up; the calls are kept from becoming a loop.
fn deeper(n: usize) usize {
    var page: [512]u8 = undefined;
    std.mem.doNotOptimizeAway(&page);
    page[n % page.len] = 1;
    return if (n == std.math.maxInt(usize)) 0 else deeper(n + 1) + page[n % page.len];
}

fn overflow(_: ?*anyopaque) callconv(.c) noreturn {
    _ = deeper(0);
    os.exit_group(0);
}

/// Runs this in a process of its own; what it says on standard error, into `said`, and the status that it ends with.
fn inChild(run: *const fn () anyerror!void, said: []u8) !struct { text: []u8, status: i32 } {
    var fds: [2]i32 = undefined;
    try testing.expectEqual(.SUCCESS, os.errno(os.pipe2(&fds, .{})));
    const child: i32 = @intCast(@as(isize, @bitCast(os.fork())));
    if (child == 0) {
        _ = os.dup2(fds[1], 2);
        run() catch os.exit_group(3);
        os.exit_group(4);
    }
    _ = os.close(fds[1]);
    var len: usize = 0;
    while (len < said.len) {
        const n = os.read(fds[0], said[len..].ptr, said.len - len);
        if (os.errno(n) != .SUCCESS or n == 0) break;
        len += n;
    }
    _ = os.close(fds[0]);
    var status: i32 = 0;
    _ = os.waitpid(child, &status, 0);
    return .{ .text = said[0..len], .status = status };
}

test "a native call that overflows its stack is told with its fiber, and the status is a panic's" {
    var said: [512]u8 = undefined;
    const end = try inChild(overflowInCall, &said);
    try testing.expectEqual(panicked << 8, end.status);
    try testing.expect(std.mem.startsWith(u8, end.text, "PANIC P007: stack overflow: the native call fs_exists"));
}

test "a check that does not hold is told with the fibers that run, and the status is a defect's" {
    var said: [1024]u8 = undefined;
    const end = try inChild(breakCheck, &said);
    try testing.expectEqual(defect << 8, end.status);
    const says = "janus: internal error: a check of the core does not hold: reached unreachable code";
    try testing.expect(std.mem.startsWith(u8, end.text, says));
    try testing.expect(std.mem.find(u8, end.text, "\n  worker 0 ran fiber 7: Janus code\n") != null);
}

/// In a process of its own: a runtime whose worker runs a fiber, and what the library calls for a false assertion.
fn breakCheck() !void {
    const rt: *Runtime = try .create(.{ .arena_megabytes = 64 });
    if (!install(rt)) return error.NotInstalled;
    rt.workers[0].current = 7;
    broken("reached unreachable code", @returnAddress());
}

/// In a process of its own: a runtime, a fiber with a call, and that call's stack used up.
fn overflowInCall() !void {
    const context = @import("context.zig");
    const rt: *Runtime = try .create(.{ .arena_megabytes = 64 });
    prepareThread();
    if (!install(rt)) return error.NotInstalled;
    const worker = &rt.workers[0];
    const pool = rt.stacks.pool(64 << 10).?;
    const stack = try pool.take();
    const offset = rt.arena.alloc(&worker.arena, @sizeOf(native.Call));
    const call = rt.arena.at(native.Call, offset);
    var host = context.Context.current();
    call.* = .{
        .rt = rt,
        .worker = worker,
        .fiber = 1,
        .function = .fs_exists,
        .argument = .nothing,
        .site = 0,
        .context = .init(stack.bytes, overflow, null),
        .host = &host,
        .stack = stack,
        .pool = pool,
    };
    worker.current = 1;
    rt.table.at(1).native = offset;
    context.Context.switchTo(&host, &call.context);
}
