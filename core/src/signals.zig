//! SIGINT, SIGTERM, SIGHUP and SIGQUIT become events of worker 0.
//!
//! The handler may run on any thread, in the middle of anything: it sets a bit and wakes worker 0, with atomics and one
//! system call, and touches nothing else. Handlers belong to the process, so at most one runtime has them.

const std = @import("std");
const os = std.os.linux;
const Runtime = @import("runtime.zig").Runtime;

/// Read by the handler. Release pairs with its acquire.
var target: std.atomic.Value(?*Runtime) = .init(null);
/// Handlers that are running now: `uninstall` waits for them.
var inside: std.atomic.Value(u32) = .init(0);

const handled = [_]os.SIG{ .INT, .TERM, .HUP, .QUIT };
var before: [handled.len]os.Sigaction = undefined;

fn handler(signal: os.SIG) callconv(.c) void {
    _ = inside.fetchAdd(1, .seq_cst);
    defer _ = inside.fetchSub(1, .release);
    const rt = target.load(.seq_cst) orelse return;
    _ = rt.signals.fetchOr(@as(u32, 1) << @intCast(@backingInt(signal)), .seq_cst);
    rt.rouse(&rt.workers[0]);
}

pub fn install(rt: *Runtime) bool {
    if (target.cmpxchgStrong(null, rt, .seq_cst, .monotonic) != null) return false;
    const action: os.Sigaction = .{
        .handler = .{ .handler = handler },
        .mask = std.mem.zeroes(os.sigset_t),
        // Fibers' native stacks are small: use the thread's signal stack where it has one.
        .flags = os.SA.RESTART | os.SA.ONSTACK,
    };
    for (handled, &before) |signal, *old| {
        if (os.errno(os.sigaction(signal, &action, old)) != .SUCCESS) return false;
        // Under nohup a terminal that goes is no reason to end.
        if (signal == .HUP and old.handler.handler == os.SIG.IGN) _ = os.sigaction(signal, old, null);
    }
    return true;
}

pub fn uninstall(rt: *Runtime) void {
    if (target.load(.monotonic) != rt) return;
    for (handled, &before) |signal, *old| _ = os.sigaction(signal, old, null);
    target.store(null, .seq_cst);
    while (inside.load(.seq_cst) != 0) std.atomic.spinLoopHint();
}
