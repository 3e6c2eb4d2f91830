//! SIGINT, SIGTERM, SIGHUP and SIGQUIT become events of worker 0. Whoever is asked to end and cannot, because a call of
//! the library does not come back to say so, is ended by a timer of the system, which needs no thread of ours.
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

/// From the first signal that ends a program to its end by the timer. The launcher, which says more, has five seconds.
const patience_s = 8;
/// The first signal that ends; 0 before.
var ending: std.atomic.Value(u32) = .init(0);

const handled = [_]os.SIG{ .INT, .TERM, .HUP, .QUIT };
var before: [handled.len]os.Sigaction = undefined;
var before_alarm: os.Sigaction = undefined;

fn handler(signal: os.SIG) callconv(.c) void {
    _ = inside.fetchAdd(1, .seq_cst);
    defer _ = inside.fetchSub(1, .release);
    const rt = target.load(.seq_cst) orelse return;
    const number: u5 = @intCast(@backingInt(signal));
    if (signal != .QUIT and ending.cmpxchgStrong(0, number, .monotonic, .monotonic) == null) setTimer(patience_s);
    _ = rt.signals.fetchOr(@as(u32, 1) << number, .seq_cst);
    rt.rouse(&rt.workers[0]);
}

/// Sends SIGALRM after so many seconds; 0: not at all.
fn setTimer(seconds: isize) void {
    const in: os.itimerspec = .{ .it_interval = .{ .sec = 0, .nsec = 0 }, .it_value = .{ .sec = seconds, .nsec = 0 } };
    _ = os.setitimer(@backingInt(os.ITIMER.REAL), &in, null);
}

fn outOfPatience(_: os.SIG) callconv(.c) void {
    const words = "janus: a call of the library did not return, and the program had been asked to end\n";
    _ = os.write(2, words, words.len);
    os.exit_group(128 + @as(i32, @intCast(ending.load(.monotonic))));
}

pub fn install(rt: *Runtime) bool {
    if (target.cmpxchgStrong(null, rt, .seq_cst, .monotonic) != null) return false;
    const action: os.Sigaction = .{
        .handler = .{ .handler = handler },
        .mask = std.mem.zeroes(os.sigset_t),
        // Fibers' native stacks are small: use the thread's signal stack where it has one.
        .flags = os.SA.RESTART | os.SA.ONSTACK,
    };
    var last = action;
    last.handler = .{ .handler = outOfPatience };
    if (os.errno(os.sigaction(.ALRM, &last, &before_alarm)) != .SUCCESS) return false;
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
    setTimer(0);
    ending.store(0, .monotonic);
    _ = os.sigaction(.ALRM, &before_alarm, null);
}
