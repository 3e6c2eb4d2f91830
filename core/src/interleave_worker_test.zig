//! Interleavings of a worker that goes to sleep with one that leaves it work, with the end of the process, with the
//! search for a deadlock, with the watch over timers, which passes from one that goes to work to one that sleeps, and
//! with that over what is left over on one that does not come back to its queues.

const std = @import("std");
const interleave = @import("interleave.zig");
const layout = @import("layout.zig");
const raced = @import("raced.zig");
const scheduler = @import("scheduler.zig");
const timer_mod = @import("timer.zig");
const ground_mod = @import("interleave_ground.zig");
const Actor = interleave.Actor;
const Flaw = interleave.Flaw;
const Ground = ground_mod.Ground;
const assert = std.debug.assert;
const testing = std.testing;

/// Time in these worlds begins at 0. Less than that after which a poller looks out for work, for who has ended here
/// works for ever.
const watch_ns = 1_000_000;

const Part = enum {
    /// Sleeps until its fiber is posted, and runs it: one long call, from which it does not come back.
    sleeper,
    /// As a sleeper; in its long call it wakes a fiber that could go on anywhere.
    waker,
    /// As a waker, whose long call is announced after it.
    announcer,
    /// Leaves the first worker its fiber. Of no worker's thread, like the stopper.
    poster,
    /// Sleeps until it has taken what the first worker woke.
    taker,
    /// Sleeps until it has fired the timer of its fiber.
    watcher,
    /// Sleeps until the process ends.
    waiter,
    stopper,
    /// Has nothing to do but what it is left, and sleeps until the first worker is told that nothing can go on.
    idler,
    /// Leaves another worker the fiber that goes round, and is an idler then.
    last_poster,
};

const Sleeping = struct {
    roles: []const Part,
    ground: Ground = .{},
    /// Whom the fiber that goes round is left to, one after the other, before it waits for ever; how far it has come.
    route: []const usize = &.{},
    hop: usize = 0,
    /// How often it was said that nothing can go on, and whether that was so.
    deadlocks: u32 = 0,
    is_true: bool = true,

    pub fn begin(case: *Sleeping) !void {
        const ground = &case.ground;
        try ground.begin(case.roles.len, 0);
        const rt = ground.rt;
        case.hop = 0;
        case.deadlocks = 0;
        case.is_true = true;
        rt.deadlock_told.store(false, .monotonic);
        rt.workers_allowed.store(@intCast(case.roles.len), .monotonic);
        rt.quiet_due_ns.store(timer_mod.never, .monotonic);
        // Something comes from outside: that all sleep is no deadlock.
        rt.host_open.store(case.roles[0] != .idler, .monotonic);
        for (case.roles, 0..) |role, thread| {
            const worker = ground.workerOf(thread);
            const number = ground.fibers[thread];
            // A permit may be left from the run before.
            worker.parker = .{};
            const is_worker = role != .poster and role != .stopper;
            if (is_worker) _ = rt.entered.fetchOr(scheduler.bit(worker), .seq_cst);
            switch (role) {
                .sleeper, .waker, .announcer => {
                    // As `idle` leaves it: others may hand it something.
                    worker.hungry = true;
                    worker.current = 0;
                    ground.fiber(thread).setState(.ready);
                },
                .watcher => {
                    const epoch = ground.fiber(thread).beginPark(.sleep, 0, 0);
                    _ = try rt.timers.add(.fiber, number, epoch, watch_ns, &ground.fiber(thread).timer);
                    assert(scheduler.commit(rt, worker));
                },
                .waiter => worker.current = 0,
                .taker => {
                    // What is to be woken: packed, or so it seems, for nobody unpacks it here.
                    scheduler.setHome(ground.fiber(thread), -1);
                    worker.hungry = true;
                    _ = rt.hungry.fetchOr(scheduler.bit(worker), .seq_cst);
                    worker.current = 0;
                    ground.fiber(thread).setState(.ready);
                },
                .idler, .last_poster => if (thread > 0) ground.finish(thread, layout.Outcome.value, .nothing) else {
                    worker.current = 0;
                },
                else => {},
            }
        }
    }

    pub fn actors(case: *Sleeping, buffer: *[8]Actor) []Actor {
        inline for (0..3) |thread| buffer[thread] = .init(case, struct {
            fn run(self: *Sleeping) void {
                self.act(thread);
            }
        }.run);
        for (case.roles, 0..) |role, i| buffer[i].name = @tagName(role);
        return buffer[0..case.roles.len];
    }

    fn act(case: *Sleeping, thread: usize) void {
        const ground = &case.ground;
        const rt = ground.rt;
        const worker = ground.workerOf(thread);
        switch (case.roles[thread]) {
            .taker => while (scheduler.take(rt, worker) == 0) {
                if (!scheduler.steal(rt, worker, true)) assert(scheduler.sleepUntilWoken(rt, worker) == null);
            },
            .sleeper, .watcher, .waker, .announcer => {
                const number = while (true) {
                    worker.now_ns = rt.nowNs();
                    scheduler.fireTimers(rt, worker);
                    const number = scheduler.take(rt, worker);
                    if (number != 0) break number;
                    assert(scheduler.sleepUntilWoken(rt, worker) == null);
                };
                assert(scheduler.dispatch(rt, worker, number) == layout.Event.@"resume");
                const role = case.roles[thread];
                if (role == .waker or role == .announcer) rt.makeReady(worker, ground.fibers[1]);
                if (role == .announcer) assert(scheduler.offer(rt, worker, true) == 0);
            },
            .poster => case.post(0),
            .idler, .last_poster => {
                if (case.roles[thread] == .last_poster) case.leaveToNext();
                while (!rt.stopping.load(.acquire)) {
                    const number = scheduler.take(rt, worker);
                    if (number != 0) {
                        assert(scheduler.dispatch(rt, worker, number) == layout.Event.@"resume");
                        worker.current = 0;
                        case.hop += 1;
                        if (case.hop == case.route.len) ground.fiber(0).setState(.parked) else case.leaveToNext();
                    }
                    const event = scheduler.sleepUntilWoken(rt, worker) orelse continue;
                    assert(event == layout.Event.deadlock and thread == 0);
                    case.deadlocks += 1;
                    case.is_true = case.hop == case.route.len;
                    scheduler.shutdown(rt);
                }
            },
            .waiter => while (!rt.stopping.load(.acquire)) assert(scheduler.sleepUntilWoken(rt, worker) == null),
            .stopper => scheduler.shutdown(rt),
        }
    }

    fn leaveToNext(case: *Sleeping) void {
        const fiber = case.ground.fiber(0);
        fiber.setState(.ready);
        scheduler.setHome(fiber, @intCast(case.route[case.hop]));
        case.post(case.route[case.hop]);
    }

    fn post(case: *Sleeping, thread: usize) void {
        const other = case.ground.workerOf(thread);
        other.post(case.ground.rt.table, case.ground.fibers[0]);
        case.ground.rt.rouse(other);
    }

    /// Whoever was left something has it; nobody is announced as asleep.
    pub fn end(case: *Sleeping, ran: bool) !void {
        if (!ran) return case.ground.abandon();
        errdefer case.ground.abandon();
        const rt = case.ground.rt;
        try testing.expectEqual(0, rt.idle.load(.monotonic));
        try testing.expectEqual(0, rt.poller.load(.monotonic));
        try testing.expectEqual(@intFromBool(case.roles[0] == .idler), case.deadlocks);
        try testing.expect(case.is_true);
        rt.entered.store(0, .monotonic);
        rt.hungry.store(0, .monotonic);
        rt.stopping.store(false, .monotonic);
        rt.host_open.store(false, .monotonic);
        for (case.roles, 0..) |role, thread| {
            const worker = case.ground.workerOf(thread);
            worker.hungry = false;
            const is_down = role == .waiter or role == .idler or role == .taker;
            if (is_down and case.ground.fibers[thread] != 0) case.ground.place(thread, case.ground.fibers[thread]);
        }
        try case.ground.end();
    }
};

test "interleavings: a worker that goes to sleep and one that posts to it" {
    var case: Sleeping = .{ .roles = &.{ .sleeper, .poster } };
    try interleave.all("sleep, post", &case);
}

test "interleavings: a worker that goes to sleep and the end of the process" {
    var case: Sleeping = .{ .roles = &.{ .waiter, .stopper } };
    try interleave.all("sleep, shutdown", &case);
    case.roles = &.{ .waiter, .waiter, .stopper };
    try interleave.all("two sleep, shutdown", &case);
}

test "interleavings: failure mode 35: who goes to work passes the watch over timers to a worker that sleeps" {
    // The first worker's fiber never comes back to its scheduler: the second one's timer is for the second to see.
    var case: Sleeping = .{ .roles = &.{ .sleeper, .watcher, .poster } };
    try interleave.all("sleeping poller, sleeper, post", &case);
}

test "interleavings: a fiber is made ready while the last worker goes to sleep: no deadlock is told before it ran" {
    var case: Sleeping = .{ .roles = &.{ .idler, .last_poster }, .route = &.{0} };
    try interleave.all("last sleeps, post and sleep", &case);
    case.roles = &.{ .idler, .last_poster, .idler };
    case.route = &.{ 2, 1 };
    try interleave.all("last sleeps, relay, post and sleep", &case);
}

test "interleavings: what one wakes that goes to work and does not come back is taken by one that sleeps" {
    // The first worker's fiber never comes back to its scheduler, and nobody is told of what it has woken.
    var case: Sleeping = .{ .roles = &.{ .waker, .taker, .poster } };
    try interleave.all("sleeping poller, waker, post", &case);
    case.roles = &.{ .announcer, .taker, .poster };
    try interleave.all("sleeping poller, announcer, post", &case);
}

/// The first worker does not look at its inbox again after it has announced its sleep.
fn deafToPost(case: *Sleeping) Flaw {
    return .{ .stale = &case.ground.workerOf(0).inbox.raw };
}

/// Who leaves the first worker something looked whether it sleeps before it did.
fn looksTooEarly(case: *Sleeping) Flaw {
    return .{ .early = .of(&case.ground.workerOf(0).sleeping) };
}

/// Who sleeps does not see that the watch over timers has ended.
fn blindToWatch(case: *Sleeping) Flaw {
    return .{ .stale = &case.ground.rt.poller.raw };
}

/// Who goes to work does not see who has gone to sleep since it looked first.
fn blindToIdle(case: *Sleeping) Flaw {
    return .{ .stale = &case.ground.rt.idle.raw };
}

/// Who looks for a deadlock does not see that somebody was up meanwhile.
fn blindToWaking(case: *Sleeping) Flaw {
    return .{ .stale = &case.ground.rt.idle_version.raw };
}

test "interleavings canary: a sleeper that does not look at its inbox again is found" {
    var case: Sleeping = .{ .roles = &.{ .sleeper, .poster } };
    try interleave.finds(&case, deafToPost);
}

test "interleavings canary: one that looks before it posts or shuts down whether another sleeps is found" {
    var case: Sleeping = .{ .roles = &.{ .sleeper, .poster } };
    try interleave.finds(&case, looksTooEarly);
    case.roles = &.{ .waiter, .stopper };
    try interleave.finds(&case, looksTooEarly);
}

test "interleavings canary: a sleeper that does not see the watch end is found" {
    var case: Sleeping = .{ .roles = &.{ .sleeper, .watcher, .poster } };
    try interleave.finds(&case, blindToWatch);
}

test "interleavings canary: one that goes to work and does not see who sleeps is found" {
    var case: Sleeping = .{ .roles = &.{ .sleeper, .watcher, .poster } };
    try interleave.finds(&case, blindToIdle);
}

/// Who goes to work takes the poller for one that looks out.
fn trustsThePoller(case: *Sleeping) Flaw {
    return .{ .early = .{ .word = &case.ground.rt.looks_out.raw, .value = 1 } };
}

test "interleavings canary: a poller that sleeps through while another works is found" {
    var case: Sleeping = .{ .roles = &.{ .waker, .taker, .poster } };
    try interleave.finds(&case, blindToIdle);
    try interleave.finds(&case, trustsThePoller);
}

test "interleavings canary: a search for a deadlock that does not notice who woke up meanwhile is found" {
    // Harmless with fewer preemptions: it is for the long bound to find, among a million schedules.
    if (try interleave.preemptions() < 3) return;
    var case: Sleeping = .{ .roles = &.{ .idler, .last_poster, .idler }, .route = &.{ 2, 1 } };
    try interleave.findsWithin(3, &case, blindToWaking);
}
