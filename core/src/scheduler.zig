//! The scheduler: what a worker does between two runs of a fiber.
//!
//! `next` commits the fiber that ran before, then looks for the next one: its own ready fibers and its own new ones,
//! first come, first served, what others posted, what others have to spare; and when there is nothing, it sleeps. It
//! returns events to the worker's VM and never calls back.
//!
//! Where a fiber may run: a new or a packed one anywhere, one whose continuation lives in a VM on that VM's worker.
//! Foreign threads only ever post to an inbox; a deque is pushed by its owner alone.

const std = @import("std");
const cancellation = @import("cancel.zig");
const fiber_mod = @import("fiber.zig");
const layout = @import("layout.zig");
const nursery_mod = @import("nursery.zig");
const channel = @import("channel.zig");
const dump = @import("dump.zig");
const explore = @import("explore.zig");
const native = @import("native.zig");
const printing = @import("printing.zig");
const reach = @import("reach.zig");
const select = @import("select.zig");
const single = @import("single.zig");
const sockets = @import("sockets.zig");
const sync = @import("sync.zig");
const task = @import("task.zig");
const runtime_mod = @import("runtime.zig");
const timer_mod = @import("timer.zig");
const trace = @import("trace.zig");
const worker_mod = @import("worker.zig");
const Runtime = runtime_mod.Runtime;
const Worker = worker_mod.Worker;
const Status = layout.Status;
const Event = layout.Event;
const Tag = layout.Tag;
const assert = std.debug.assert;

/// Rounds between two looks at the clock, the timers and the signals.
const housekeeping_every = 64;
/// How long a worker without work looks around before it packs up and sleeps.
const spin_ns = 15 * std.time.ns_per_us;
/// How long work must be left over before a sleeping worker is woken for it.
const wake_for_surplus_ns = 50 * std.time.ns_per_us;
const poll_every_ns = std.time.ns_per_ms;
/// How often a sleeping worker looks for what is left over while another is in a call that nobody has announced.
const look_out_every_ns = 5 * std.time.ns_per_ms;
const turn_every_ns = 10 * std.time.ns_per_ms;
/// How long work must be left over before other VMs are worth their warm-up.
const start_workers_after_ns = 3 * std.time.ns_per_ms;

pub fn enter(rt: *Runtime, worker: *Worker) bool {
    if (worker.entered.load(.monotonic)) return false;
    // Not before `allowWorkers`: the others would not know that they are not alone.
    if (worker.index > 0 and !single.threaded()) return false;
    worker.now_ns = rt.nowNs();
    worker.turn_ns = worker.now_ns;
    worker.surplus_since_ns = 0;
    worker.quiet_rounds = 0;
    worker.entered.store(true, .monotonic);
    // Release pairs with the acquire loads of the mask: the worker is ready to be given work.
    _ = rt.entered.fetchOr(bit(worker), .seq_cst);
    // Who sleeps already has not counted this one among those that may work.
    passOn(rt, worker);
    return true;
}

/// The worker's VM goes away. Nothing may be left in it; false when something is, or it was not inside.
pub fn leave(rt: *Runtime, worker: *Worker) bool {
    if (!worker.entered.load(.monotonic)) return false;
    const stopping = rt.stopping.load(.acquire);
    if (!stopping and (worker.current != 0 or worker.ready.len() > 0)) return false;
    worker.entered.store(false, .monotonic);
    worker.quiet_rounds = 0;
    _ = rt.hungry.fetchAnd(~bit(worker), .seq_cst);
    _ = rt.entered.fetchAnd(~bit(worker), .seq_cst);
    return true;
}

/// How many workers have a VM or are getting one. Called by worker 0 before the others' threads are made.
pub fn allowWorkers(rt: *Runtime, n: u32) void {
    assert(n > 0 and n <= rt.workers.len);
    if (n > 1) single.announceThreads();
    rt.workers_allowed.store(n, .seq_cst);
    rt.workers_wanted = true;
}

pub fn bit(worker: *const Worker) u64 {
    return @as(u64, 1) << @intCast(worker.index);
}

/// The fiber that JavaScript says it is running, if it is.
pub fn running(rt: *Runtime, worker: *Worker, number: u32) ?*fiber_mod.Fiber {
    if (number == 0 or worker.current != number) return null;
    const fiber = rt.table.at(number);
    return if (fiber.stateNow() == .running) fiber else null;
}

/// The first fiber: `main`. It has no nursery.
pub fn spawnMain(rt: *Runtime, worker: *Worker, code: i32, thunk: runtime_mod.Value, stack_bytes: u32) i32 {
    const number = nursery_mod.create(rt, worker, .{
        .nursery = 0,
        .code = code,
        .thunk = thunk,
        .keep_task = false,
        .stack_bytes = stack_bytes,
        .site = 0,
    }) orelse return -Status.out_of_memory;
    rt.note(worker, .spawned, number, .{});
    rt.main = number;
    queueNew(rt, worker, number);
    return @intCast(number);
}

/// The running fiber starts a child: its number, or a negated status. A place of cancellation.
pub fn spawn(rt: *Runtime, worker: *Worker, options: nursery_mod.Spawn) i32 {
    const is_cancelled = cancellation.isCancelled(rt, worker, worker.current);
    const number = if (is_cancelled) -Status.cancelled else nursery_mod.spawn(rt, worker, options);
    if (number > 0) {
        rt.note(worker, .spawned, @intCast(number), .{ .a = worker.current, .b = options.site });
        if (worker.trace != null) noteName(rt, worker, @intCast(number));
        queueNew(rt, worker, @intCast(number));
    } else if (worker.name_next != 0) {
        // The name was this child's: the next one's is another.
        rt.releaseBlock(worker, worker.name_next);
        worker.name_next = 0;
    }
    return number;
}

/// Records the name a fiber was given, as a text that outlives it.
fn noteName(rt: *Runtime, worker: *Worker, number: u32) void {
    const block = rt.table.at(number).name;
    if (block == 0) return;
    // Without memory for it the trace has the function's name instead.
    const text = rt.texts.intern(rt.arena.payloadSlice(block)) catch return;
    rt.note(worker, .named, number, .{ .a = text });
}

fn queueNew(rt: *Runtime, worker: *Worker, number: u32) void {
    if (rt.options.seeded) {
        rt.oracle.made(number);
        return rt.pushReady(worker, number);
    }
    // Nobody can steal: one queue is enough, and whoever came first is first.
    if (!single.threaded()) return rt.pushReady(worker, number);
    rt.deques[worker.index].push(number) catch worker.post(rt.table, number);
}

/// The running fiber gives way.
pub fn yield(rt: *Runtime, worker: *Worker, number: u32) void {
    const fiber = rt.table.at(number);
    assert(worker.current == number);
    rt.note(worker, .ended, number, .{ .detail = @backingInt(trace.Why.yielded) });
    if (rt.options.seeded) {
        rt.oracle.gaveWay(number);
        rt.oracle.turns += 1;
    }
    worker.current = 0;
    fiber.setState(.ready);
    rt.pushReady(worker, number);
}

/// Whether giving way is worth anything now. Cheap; asked at every preemption point.
pub fn surplus(rt: *Runtime, worker: *Worker) bool {
    if (rt.options.seeded) {
        rt.virtual_ns += explore.slice_ns;
        rt.oracle.turns += explore.slice_steps;
    }
    worker.now_ns = rt.nowNs();
    heard(worker, worker.current);
    // Looked at even when others are ready, or a round of busy fibers would hold timers up.
    if (isSomethingDue(rt, worker)) {
        worker.look_now = true;
        worker.quiet_rounds = 0;
    }
    if (readyCount(rt, worker) > 0) return true;
    if (worker.inbox.load(.monotonic) != 0) return true;
    return worker.look_now or rt.stopping.load(.monotonic) or (rt.options.seeded and rt.oracle.isExhausted());
}

/// The worker has come to a point where its fiber could give way. Atomic: the watchdog reads it.
fn heard(worker: *Worker, number: u32) void {
    const area = worker.area;
    @atomicStore(u32, &area.running, number, .monotonic);
    @atomicStore(u32, &area.beat, area.beat +% 1, .monotonic);
}

/// Whether something is due that `housekeeping` sees to: then the next round begins with it.
fn isSomethingDue(rt: *Runtime, worker: *Worker) bool {
    if (rt.timers.next_ns.load(.monotonic) <= worker.now_ns) return true;
    if (worker.index == 0) {
        if (rt.signals.load(.monotonic) != 0 or rt.host_posted.load(.monotonic) != 0) return true;
    }
    if (rt.dump.isWanted(worker.index)) return true;
    if (worker.now_ns -| worker.turn_ns >= turn_every_ns) return true;
    // Nobody sleeps in the reactor: the busy ones look.
    if (rt.outside.load(.monotonic) == 0 or rt.poller.load(.monotonic) != 0) return false;
    return worker.now_ns -| worker.polled_ns >= poll_every_ns;
}

/// The next event for this worker's VM; a negated status when the call itself is wrong.
pub fn next(rt: *Runtime, worker: *Worker) i32 {
    if (worker.current != 0 and !commit(rt, worker)) return -Status.invalid;
    if (worker.quiet_rounds > 0 and rt.hungry.load(.monotonic) == 0 and !rt.stopping.load(.acquire)) {
        worker.quiet_rounds -= 1;
        worker.tick +%= 1;
        const number = take(rt, worker);
        if (number != 0) {
            if (dispatch(rt, worker, number)) |event| return event;
        }
    }
    return nextWithLook(rt, worker);
}

/// As `next`, with a look at all that may be due.
fn nextWithLook(rt: *Runtime, worker: *Worker) i32 {
    if (!worker.entered.load(.monotonic)) return -Status.invalid;
    heard(worker, 0);
    if (worker.packing_count > 0) abandonPacking(rt, worker);
    while (true) {
        if (rt.stopping.load(.acquire)) return Event.exit;
        if (rt.options.seeded) {
            rt.virtual_ns += explore.operation_ns;
            if (rt.oracle.isExhausted() and !rt.deadlock_told.load(.monotonic)) return stuck(rt, worker, true);
        }
        worker.tick +%= 1;
        if (rt.hungry.load(.monotonic) & ~bit(worker) != 0) {
            if (handOver(rt, worker)) |event| return event;
        }
        if (worker.tick -% worker.kept_tick >= housekeeping_every or worker.look_now) {
            worker.kept_tick = worker.tick;
            worker.look_now = false;
            if (housekeeping(rt, worker)) |event| return event;
        }
        const may_want_workers = !rt.workers_wanted and rt.workers.len > 1 and worker.index == 0;
        if (may_want_workers and wantWorkers(rt, worker)) return Event.start_workers;
        worker.quiet_rounds = if (rt.options.seeded) 0 else if (may_want_workers) 3 else housekeeping_every - 1;
        const number = take(rt, worker);
        if (number != 0) {
            if (dispatch(rt, worker, number)) |event| return event;
            continue;
        }
        if (idle(rt, worker)) |event| return event;
    }
}

/// The fiber that ran before has saved its continuation: its park is complete.
pub inline fn commit(rt: *Runtime, worker: *Worker) bool {
    const number = worker.current;
    const fiber = rt.table.at(number);
    switch (fiber.stateNow()) {
        .parking, .parking_claimed, .woken => {},
        else => return false, // it neither parked, yielded nor finished
    }
    rt.note(worker, .ended, number, .{
        .detail = @backingInt(trace.Why.parked),
        .extra = @intCast(@backingInt(fiber.wait_kind)),
        .a = fiber.wait_object,
        .b = fiber.site_wait,
    });
    worker.current = 0;
    worker.counters.parks.add(1);
    fiber.since = fiber_mod.coarse(worker.now_ns);
    if (rt.options.seeded) explore.suspension(rt, worker, number);
    if (single.threaded()) {
        worker.recent[worker.recent_at % worker_mod.recent_max] = number;
        worker.recent_at +%= 1;
    }
    if (!fiber.commitPark()) rt.queue(worker, number);
    return true;
}

/// Clock, timers, signals, the host, and the event loop's turn.
fn housekeeping(rt: *Runtime, worker: *Worker) ?i32 {
    worker.now_ns = rt.nowNs();
    fireTimers(rt, worker);
    if (worker.index == 0) {
        if (announcements(rt, worker)) |event| return event;
    }
    if (dumpAsked(rt, worker)) |event| return event;
    if (rt.poller.load(.monotonic) == 0 and rt.outside.load(.monotonic) != 0) {
        worker.polled_ns = worker.now_ns;
        native.pollReactor(rt, worker, 0);
    }
    if (worker.now_ns -| worker.turn_ns >= turn_every_ns) {
        writeOut(rt, worker);
        return turn(worker);
    }
    return null;
}

/// What was printed is seen, however busy the program is: nothing here blocks.
fn writeOut(rt: *Runtime, worker: *Worker) void {
    for (&rt.streams, 0..) |*stream, which| {
        if (stream.pending.load(.monotonic) > 0) _ = printing.drain(rt, worker, @intCast(which));
    }
}

/// Worker 0, alone: tells its VM once that there is more than one worker gets through. While work is left over the
/// clock is read every few rounds, for a round may be long.
fn wantWorkers(rt: *Runtime, worker: *Worker) bool {
    if (rt.options.seeded) return false;
    if (readyCount(rt, worker) < 2) {
        worker.surplus_since_ns = 0;
        return false;
    }
    const now_ns = rt.nowNs();
    if (worker.surplus_since_ns == 0) worker.surplus_since_ns = now_ns;
    if (now_ns -| worker.surplus_since_ns < start_workers_after_ns) return false;
    rt.workers_wanted = true;
    return true;
}

fn readyCount(rt: *Runtime, worker: *Worker) usize {
    return worker.ready.len() + rt.deques[worker.index].len();
}

fn turn(worker: *Worker) i32 {
    worker.turn_ns = worker.now_ns;
    worker.active = false;
    worker.counters.turns.add(1);
    return Event.turn;
}

/// What only worker 0 is told.
fn announcements(rt: *Runtime, worker: *Worker) ?i32 {
    assert(worker.index == 0);
    const signals = rt.signals.load(.monotonic);
    if (signals != 0) {
        const number: u5 = @intCast(@ctz(signals));
        _ = rt.signals.fetchAnd(~(@as(u32, 1) << number), .monotonic);
        worker.area.ev[0] = number;
        return Event.signal;
    }
    if (rt.host_posted.load(.acquire) != 0) {
        rt.host_mutex.lock();
        defer rt.host_mutex.unlock();
        const block = rt.host_queue.pop();
        _ = rt.host_posted.fetchSub(1, .monotonic);
        worker.area.ev[1] = @bitCast(block);
        return Event.host;
    }
    return null;
}

pub fn fireTimers(rt: *Runtime, worker: *Worker) void {
    while (if (rt.options.seeded)
        explore.takeDue(rt, worker.now_ns)
    else
        rt.timers.takeDue(worker.now_ns, &rt.handles)) |entry|
    {
        worker.counters.timers_fired.add(1);
        switch (entry.target) {
            .fiber => {
                const fiber = rt.table.at(entry.subject);
                if (!fiber.claim(entry.epoch)) continue;
                fiber.wake_status = Status.timeout;
                rt.wakeOn(worker, sleeperOf(rt, worker, fiber), entry.subject);
            },
            .nursery => {
                // `takeDue` took a reference while the owner could not let go of its own.
                const nursery = rt.object(nursery_mod.Nursery, entry.subject).?;
                cancellation.cancel(rt, worker, nursery, layout.CancelReason.deadline);
                _ = rt.releaseHandle(worker, entry.subject);
            },
            .grace => {
                cancellation.endGrace(rt, worker, rt.object(cancellation.Grace, entry.subject).?);
                _ = rt.releaseHandle(worker, entry.subject);
            },
        }
    }
}

/// Where a fiber goes on whose time has come: on the worker where it was packed, if that sleeps. What it runs beside
/// here may be one long call. (A fiber that another one wakes is better off beside that one.)
fn sleeperOf(rt: *Runtime, worker: *Worker, fiber: *const fiber_mod.Fiber) *Worker {
    const last = fiber.lastHome() orelse return worker;
    const is_asleep = rt.idle.load(.monotonic) & (@as(u64, 1) << @intCast(last)) != 0;
    return if (is_asleep) &rt.workers[last] else worker;
}

/// A ready fiber of this worker's, or 0.
pub inline fn take(rt: *Runtime, worker: *Worker) u32 {
    if (worker.inbox.load(.monotonic) != 0) drainInbox(rt, worker);
    if (rt.options.seeded) return explore.take(rt, worker);
    if (!single.threaded()) return takeReady(rt, worker);
    return takeInTurn(rt, worker);
}

/// With several workers new fibers wait where they can be stolen, apart from those that ran before. So they go in
/// rounds: all that are new when it begins, then all that are ready, each in the order in which they came (a parent
/// that gives way is ready after the children it has just started). Who waits when a round begins has its turn within
/// it, and who comes meanwhile waits for the next: neither a stream of new fibers nor a stream of woken ones holds up
/// the other, and a busy fiber takes one slice a round, however many others there are.
fn takeInTurn(rt: *Runtime, worker: *Worker) u32 {
    const deque = &rt.deques[worker.index];
    while (true) {
        while (worker.round_new > 0) switch (deque.steal()) {
            .success => |number| {
                worker.round_new -= 1;
                return number;
            },
            .empty => worker.round_new = 0,
            .lost => {},
        };
        if (worker.round_ready > 0) {
            worker.round_ready -= 1;
            const number = takeReady(rt, worker);
            if (number != 0) return number;
            worker.round_ready = 0;
        }
        worker.round_ready = worker.ready.len();
        worker.round_new = @intCast(@min(deque.len(), std.math.maxInt(u32)));
        if (worker.round_ready == 0 and worker.round_new == 0) return 0;
    }
}

/// How many turns before its own a fiber's record is fetched into the cache: a hundred thousand do not stay there.
const prefetch_ahead = 8;

inline fn takeReady(rt: *Runtime, worker: *Worker) u32 {
    const ready = &worker.ready;
    if (ready.len() > prefetch_ahead) @prefetch(rt.table.at(ready.at(prefetch_ahead)), .{ .rw = .write });
    return ready.pop();
}

fn drainInbox(rt: *Runtime, worker: *Worker) void {
    var number = worker.takePosted(rt.table);
    while (number != 0) {
        const after = rt.table.at(number).queue_next.load(.monotonic);
        // Without memory to queue it now it waits where it was: the queue has room again once it has drained.
        rt.queue(worker, number);
        number = after;
    }
}

/// Runs a fiber: the event, or null when the core found that it has to wait on.
pub inline fn dispatch(rt: *Runtime, worker: *Worker, number: u32) ?i32 {
    const fiber = rt.table.at(number);
    assert(worker.current == 0);
    worker.active = true;
    worker.idle_stage = .search;
    if (worker.hungry) {
        worker.hungry = false;
        _ = rt.hungry.fetchAnd(~bit(worker), .monotonic);
        passOn(rt, worker);
    }
    worker.counters.switches.add(1);
    if (fiber.flags & fiber_mod.flag_daemon != 0) worker.counters.daemon_switches.add(1);
    rt.note(worker, .begun, number, .{ .a = @bitCast(fiber.code) });
    worker.area.ev[0] = @bitCast(number);
    heard(worker, number);
    // Acquire pairs with the release of whoever queued it.
    const word = fiber.state.load(.acquire);
    if (fiber_mod.stateOf(word) == .new) return begin(rt, worker, number);
    assert(fiber_mod.stateOf(word) == .ready); // else a queue held something that is not ready
    const timer = @atomicLoad(u32, &fiber.timer, .monotonic);
    if (fiber.worker == worker.index and timer | fiber.native | fiber.@"packed" == 0 and endServed(rt, worker, fiber)) {
        fiber.state.store(fiber_mod.with(word, .running), .release);
        worker.current = number;
        return Event.@"resume";
    }
    return proceed(rt, worker, number);
}

/// This worker was idle and goes to work, which may be one long call. So another one that sleeps takes what became
/// ready here at the same time and can run there, and somebody who sleeps has the watch: of timers and descriptors,
/// and of what is left over here while this worker does not come back to its queues.
fn passOn(rt: *Runtime, worker: *Worker) void {
    @branchHint(.unlikely);
    // Sequentially consistent: whoever is about to sleep has announced it and looks again, or is seen here.
    const sleepers = rt.idle.load(.seq_cst) & ~bit(worker);
    if (sleepers == 0) return;
    const poller = rt.poller.load(.seq_cst);
    if (poller == 0 or rt.deques[worker.index].len() > 0) rt.rouse(&rt.workers[@ctz(sleepers)]);
    // Sequentially consistent: pairs with `poll`. This worker, whose bit in `idle` is gone, is seen there, or it is
    // seen here that the poller means to sleep through.
    if (poller != 0 and rt.looks_out.load(.seq_cst) == 0) rt.rouse(&rt.workers[poller - 1]);
}

/// A new fiber runs. One that is cancelled ends instead: nothing of it is done, and what it was given goes back.
fn begin(rt: *Runtime, worker: *Worker, number: u32) ?i32 {
    const fiber = rt.table.at(number);
    fiber.setState(.running);
    worker.current = number;
    // A cancellation that comes after this look is met at the first place that may wait. (`main` tells its end itself.)
    if (fiber.cancel_any.load(.seq_cst) & fiber_mod.cancel_self != 0 and fiber.nursery != 0) {
        const thunk: runtime_mod.Value = .{ .tag = fiber.wake_tag, .payload = fiber.wake_payload };
        const ended = finish(rt, worker, number, layout.Outcome.cancelled, .nothing);
        assert(ended == Status.ok);
        rt.releaseValue(worker, thunk);
        return null;
    }
    setHome(fiber, @intCast(worker.index));
    worker.area.ev[1] = fiber.code;
    worker.area.ev[2] = fiber.wake_tag;
    worker.area.ev_payload[0] = fiber.wake_payload;
    fiber.wake_tag = Tag.void_; // the thunk is the VM's now
    return Event.start;
}

/// The commonest waits, served and taken off their list by who served them: nothing is left to do for them. Once
/// unlinked, a node stays so until its fiber waits again. Acquire pairs with the release of who unlinked it.
inline fn endServed(rt: *Runtime, worker: *Worker, fiber: *fiber_mod.Fiber) bool {
    const wait = fiber.wait_kind;
    switch (wait) {
        .nothing => return true,
        .send, .receive => if (fiber.wake_status != Status.ok) return false,
        .await => {},
        else => return false,
    }
    if (@atomicLoad(u32, &fiber.node.meta, .acquire) & fiber_mod.node_linked != 0) return false;
    fiber.wait_kind = .nothing;
    // The wait's reference to what it waited on.
    if (wait == .await) rt.dropFiber(worker, fiber.wait_object) else _ = rt.releaseHandle(worker, fiber.wait_object);
    return true;
}

/// As `dispatch`, for a fiber whose wait has to be brought to its end, or whose continuation is elsewhere.
fn proceed(rt: *Runtime, worker: *Worker, number: u32) ?i32 {
    const fiber = rt.table.at(number);
    assert(fiber.worker < 0 or fiber.worker == worker.index or fiber.native != 0);
    fiber.setState(.running);
    worker.current = number;
    const status = finishWait(rt, worker, number);
    if (status == Status.parked) {
        // Its continuation is where it was: there is nothing to save.
        const committed = commit(rt, worker);
        assert(committed);
        return null;
    }
    fiber.wake_status = status;
    if (fiber.worker >= 0 and fiber.worker != worker.index) {
        // A native call ended here; its VM is elsewhere.
        rt.note(worker, .ended, number, .{ .detail = @backingInt(trace.Why.moved) });
        worker.current = 0;
        fiber.setState(.ready);
        rt.makeReady(worker, number);
        return null;
    }
    if (fiber.@"packed" != 0) {
        worker.area.ev[1] = @bitCast(fiber.@"packed");
        fiber.@"packed" = 0;
        setHome(fiber, @intCast(worker.index));
        worker.counters.unpacks.add(1);
        rt.note(worker, .unpacked, number, .{});
        return Event.unpack;
    }
    assert(fiber.worker == worker.index);
    return Event.@"resume";
}

/// What is left of the operation that the fiber waited in: leaving lists, dropping timers, entering it again.
fn finishWait(rt: *Runtime, worker: *Worker, number: u32) i32 {
    const fiber = rt.table.at(number);
    rt.timers.remove(&fiber.timer);
    switch (fiber.wait_kind) {
        .nothing => return fiber.wake_status,
        .join => return nursery_mod.resumeJoin(rt, worker, number),
        .await => return task.resumeAwait(rt, worker, number),
        .sleep => {
            fiber.wait_kind = .nothing;
            return if (fiber.wake_status == Status.timeout) Status.ok else fiber.wake_status;
        },
        .send, .receive, .ring_send, .ring_receive, .parker => return channel.resumeWait(rt, worker, number),
        .mutex => return sync.resumeLock(rt, worker, number),
        .select => return select.resumeSelect(rt, worker, number),
        .room => {
            fiber.wait_kind = .nothing;
            return fiber.wake_status;
        },
        .native, .io => return native.resumeCall(rt, worker, number),
        .socket => return sockets.resumeWait(rt, worker, number),
        .output => return printing.resumeWait(rt, number),
    }
}

/// Suspends the running fiber for a time.
pub fn sleep(rt: *Runtime, worker: *Worker, number: u32, ns: f64, site: u32) i32 {
    const fiber = rt.table.at(number);
    if (nursery_mod.isCancelled(rt, worker, number)) return Status.cancelled;
    const deadline_ns = rt.nowNs() +| nursery_mod.durationNs(ns);
    const epoch = fiber.beginPark(.sleep, 0, site);
    _ = rt.timers.add(.fiber, number, epoch, deadline_ns, &fiber.timer) catch {
        if (!fiber.cancelPark(epoch)) fiber.waitBack();
        fiber.wait_kind = .nothing;
        return Status.out_of_memory;
    };
    worker.counters.timers_set.add(1);
    return parkedUnlessCancelled(rt, worker, number, epoch);
}

/// The last look before a wait is left to its wakers: a cancellation that came before the announcement.
pub fn parkedUnlessCancelled(rt: *Runtime, worker: *Worker, number: u32, epoch: u32) i32 {
    const fiber = rt.table.at(number);
    if (fiber.cancel_any.load(.seq_cst) == 0 or !nursery_mod.isCancelled(rt, worker, number)) return Status.parked;
    if (!fiber.cancelPark(epoch)) return Status.parked; // woken by somebody else: the commit will see it
    rt.timers.remove(&fiber.timer);
    fiber.wait_kind = .nothing;
    return Status.cancelled;
}

/// The running fiber has ended.
pub fn finish(rt: *Runtime, worker: *Worker, number: u32, outcome: u32, value: runtime_mod.Value) i32 {
    const fiber = rt.table.at(number);
    if (fiber.open_nursery != 0) return Status.invalid;
    task.finish(rt, worker, number, outcome, value);
    // Afterwards, so that what it wakes by its end lies within its run; the number may be in use again by now.
    rt.note(worker, .ended, number, .{ .detail = @backingInt(trace.Why.finished), .extra = @intCast(outcome) });
    worker.current = 0;
    return Status.ok;
}

/// Every `next` returns `exit` from now on.
pub fn shutdown(rt: *Runtime) void {
    rt.stopping.store(true, .seq_cst);
    for (rt.workers) |*worker| rt.rouse(worker);
}

/// Any thread: hands a block to worker 0's VM.
pub fn hostPost(rt: *Runtime, block: u32) i32 {
    {
        rt.host_mutex.lock();
        defer rt.host_mutex.unlock();
        rt.host_queue.push(block) catch return Status.out_of_memory;
        _ = rt.host_posted.fetchAdd(1, .seq_cst);
    }
    rt.rouse(&rt.workers[0]);
    return Status.ok;
}

/// Answers a steal request: when this worker has more than one ready fiber, up to half of them, at most `pack_max`, go
/// into the requester's inbox (never onto a deque: the owner would eat them again). New and packed ones go as they are;
/// those that live in this VM are packed by it first: then an event comes out.
fn handOver(rt: *Runtime, worker: *Worker) ?i32 {
    const ready = readyCount(rt, worker);
    if (ready < 2) {
        worker.surplus_rounds = 0;
        return null;
    }
    const hungry = rt.hungry.load(.monotonic) & ~bit(worker);
    if (hungry == 0) return null;
    const up = hungry & ~rt.idle.load(.monotonic);
    if (up == 0) {
        // Waking a thread costs tens of microseconds: only for work that stays, and not all the time.
        worker.surplus_rounds += 1;
        if (worker.surplus_rounds % 8 != 1) return null;
        const now_ns = rt.nowNs();
        if (worker.surplus_rounds == 1) {
            worker.handed_ns = @max(worker.handed_ns, now_ns -| wake_for_surplus_ns / 2);
        }
        if (now_ns -| worker.handed_ns < wake_for_surplus_ns) return null;
        worker.handed_ns = now_ns;
    }
    const candidates = if (up != 0) up else hungry;
    const chosen: u6 = @intCast(@ctz(candidates));
    const chosen_bit = @as(u64, 1) << chosen;
    // Whoever clears the bit answers the request.
    if (rt.hungry.fetchAnd(~chosen_bit, .acq_rel) & chosen_bit == 0) return null;
    const requester = &rt.workers[chosen];
    assert(requester != worker);
    worker.surplus_rounds = 0;

    var wanted: usize = @min(ready / 2, layout.pack_max);
    assert(wanted > 0);
    const deque = &rt.deques[worker.index];
    var posted: u32 = 0;
    // From the end where the newest are: the oldest are the next ones here.
    while (wanted > 0) : (wanted -= 1) {
        const number = deque.pop() orelse break;
        requester.post(rt.table, number);
        posted += 1;
    }
    worker.packing_for = chosen;
    worker.packing_count = 0;
    while (wanted > 0) : (wanted -= 1) {
        const number = worker.ready.pop();
        if (number == 0) break;
        if (rt.table.at(number).canMove()) {
            requester.post(rt.table, number);
            posted += 1;
        } else {
            worker.packing[worker.packing_count] = number;
            worker.packing_count += 1;
        }
    }
    worker.counters.hand_overs.add(posted);
    if (posted > 0) rt.rouse(requester);
    if (worker.packing_count == 0) return null;
    return packEvent(worker, Event.pack_ready);
}

/// The running fiber is about to make a long call. When another worker has nothing to do, everything that this one
/// holds up is to be where that can run it: what is ready, and what was parked here last, for it may be woken during
/// the call. Names the fibers to pack in the worker's area, as `pack_ready` and `pack_parked` do, and gives how many;
/// again (`is_first` false) until it gives 0. The running fiber goes on meanwhile.
pub fn offer(rt: *Runtime, worker: *Worker, is_first: bool) u32 {
    assert(worker.packing_count == 0);
    if (!single.threaded() or rt.options.seeded) return 0;
    if (rt.hungry.load(.monotonic) & ~bit(worker) == 0) return 0;
    if (is_first) {
        if (worker.inbox.load(.monotonic) != 0) drainInbox(rt, worker);
        worker.offer_left = @min(worker.ready.len(), offer_max);
    }
    worker.packing_for = @intCast(worker.index);
    while (worker.offer_left > 0 and worker.packing_count < layout.pack_max) : (worker.offer_left -= 1) {
        const number = worker.ready.pop();
        if (rt.table.at(number).canMove()) rt.queue(worker, number) else {
            worker.packing[worker.packing_count] = number;
            worker.packing_count += 1;
        }
    }
    if (worker.packing_count > 0 or collectParked(rt, worker)) {
        namePacking(worker);
        return worker.packing_count;
    }
    if (rt.deques[worker.index].len() > 0) {
        // Who is up and hungry looks here before it sleeps; who is just about to sleep is not seen, and looks out.
        const sleepers = rt.idle.load(.monotonic) & ~bit(worker);
        if (sleepers != 0) rt.rouse(&rt.workers[@ctz(sleepers)]);
    }
    return 0;
}

/// As many as are worth a long call's time.
const offer_max = 64;

fn packEvent(worker: *Worker, event: i32) i32 {
    worker.quiet_rounds = 0;
    namePacking(worker);
    return event;
}

/// Tells the VM which fibers to pack.
fn namePacking(worker: *Worker) void {
    assert(worker.packing_count > 0 and worker.packing_count <= layout.pack_max);
    worker.area.ev[0] = @intCast(worker.packing_count);
    for (worker.packing[0..worker.packing_count], 1..) |number, i| worker.area.ev[i] = @bitCast(number);
}

/// The VM's answer to `pack_ready` or `pack_parked`: the fiber's continuation is in the block, or could not be packed.
pub fn packedAnswer(rt: *Runtime, worker: *Worker, number: u32, block: u32) i32 {
    const waiting = worker.packing[0..worker.packing_count];
    const index = std.mem.findScalar(u32, waiting, number) orelse return Status.invalid;
    waiting[index] = waiting[waiting.len - 1];
    worker.packing_count -= 1;
    const fiber = rt.table.at(number);
    assert(fiber.@"packed" == 0);
    if (block != 0) {
        fiber.@"packed" = block;
        setHome(fiber, fiber_mod.packedBy(worker.index));
        worker.counters.packs.add(1);
        rt.note(worker, .packed_up, number, .{});
    }
    if (worker.packing_for < 0) {
        // Parked: as at the end of its run. Woken meanwhile, it is ready here.
        if (!fiber.commitPark()) rt.queue(worker, number);
        return Status.ok;
    }
    const requester = &rt.workers[@intCast(worker.packing_for)];
    if (block == 0 or requester == worker) {
        rt.queue(worker, number);
    } else {
        requester.post(rt.table, number);
        worker.counters.hand_overs.add(1);
    }
    // Once, after the last answer, whatever that was.
    if (worker.packing_count == 0) rt.rouse(requester);
    return Status.ok;
}

/// The VM came back without answering for all: what is left stays here.
fn abandonPacking(rt: *Runtime, worker: *Worker) void {
    while (worker.packing_count > 0) {
        const status = packedAnswer(rt, worker, worker.packing[0], 0);
        assert(status == Status.ok);
    }
}

/// Atomic: another worker looking through its recent fibers may read it.
pub fn setHome(fiber: *fiber_mod.Fiber, home: i32) void {
    @atomicStore(i32, &fiber.worker, home, .monotonic);
}

/// Takes a fiber that can run anywhere from another worker's deque. A lone one is only taken when `greedy`: its owner
/// is about to run it.
pub fn steal(rt: *Runtime, worker: *Worker, greedy: bool) bool {
    const n = rt.workers_allowed.load(.monotonic);
    if (n < 2) return false;
    const start: u32 = @intCast(worker.xorshift() % n);
    for (0..n) |i| {
        const victim = (start + @as(u32, @intCast(i))) % n;
        if (victim == worker.index) continue;
        const deque = &rt.deques[victim];
        if (deque.len() < @as(usize, if (greedy) 1 else 2)) continue;
        switch (deque.steal()) {
            .success => |number| {
                worker.counters.steals.add(1);
                rt.note(worker, .stolen, number, .{ .a = victim });
                // Still where others can take it: something else may be first here, and go on for long.
                rt.queue(worker, number);
                return true;
            },
            .empty, .lost => {},
        }
    }
    return false;
}

/// Takes what can run here out of the inboxes of others that are up. Who hands over several fibers leaves them one by
/// one, and the first may be in a long call when the next ones come.
fn takeOver(rt: *Runtime, worker: *Worker) bool {
    var found = false;
    for (rt.workers[0..rt.workers_allowed.load(.monotonic)]) |*other| {
        // Who sleeps is woken for its own.
        if (other == worker or other.sleeping.load(.monotonic) != worker_mod.awake) continue;
        var number = other.takePosted(rt.table);
        var is_left = false;
        while (number != 0) {
            const after = rt.table.at(number).queue_next.load(.monotonic);
            if (rt.table.at(number).canMove()) {
                rt.queue(worker, number);
                found = true;
            } else {
                other.post(rt.table, number);
                is_left = true;
            }
            number = after;
        }
        // It may have found its inbox empty meanwhile, and gone to sleep.
        if (is_left) rt.rouse(other);
    }
    return found;
}

/// Nothing to do: look around, tidy up, sleep. Null: look again.
fn idle(rt: *Runtime, worker: *Worker) ?i32 {
    worker.now_ns = rt.nowNs();
    worker.surplus_since_ns = 0;
    fireTimers(rt, worker);
    if (worker.index == 0) {
        if (announcements(rt, worker)) |event| return event;
    }
    if (dumpAsked(rt, worker)) |event| return event;
    if (hasWork(rt, worker)) return null;
    if (rt.outside.load(.monotonic) != 0 and rt.poller.load(.monotonic) == 0) {
        // A look costs less than tidying up, and a busy server's next requests are there already.
        worker.polled_ns = worker.now_ns;
        native.pollReactor(rt, worker, 0);
        if (hasWork(rt, worker)) return null;
    }
    if (rt.options.seeded) return idleSeeded(rt, worker);
    if (rt.workers.len > 1) {
        // Stays posted until answered, or until this worker runs something.
        worker.hungry = true;
        _ = rt.hungry.fetchOr(bit(worker), .seq_cst);
    }
    if (rt.entered.load(.monotonic) & ~bit(worker) != 0) {
        if (worker.idle_stage == .search) {
            worker.idle_stage = .pack;
            if (search(rt, worker)) return null;
        }
        if (worker.idle_stage == .pack) {
            if (collectParked(rt, worker)) return packEvent(worker, Event.pack_parked);
            worker.idle_stage = .turn;
        }
        if (steal(rt, worker, true) or takeOver(rt, worker)) return null;
    }
    if (worker.active) return turn(worker);
    worker.idle_stage = .sleep;
    writeOut(rt, worker);
    if (hasWork(rt, worker)) return null;
    return sleepUntilWoken(rt, worker);
}

/// The virtual clock jumps to the next deadline when nothing else can happen.
fn idleSeeded(rt: *Runtime, worker: *Worker) ?i32 {
    if (worker.active) return turn(worker);
    const next_ns = rt.timers.next_ns.load(.monotonic);
    const may_jump = next_ns != timer_mod.never and rt.outside.load(.seq_cst) == 0;
    if (may_jump and (rt.deadlock_told.load(.monotonic) or !onlyDaemonsStir(rt))) {
        rt.virtual_ns = @max(rt.virtual_ns, next_ns);
        return null;
    }
    writeOut(rt, worker);
    if (hasWork(rt, worker)) return null;
    return sleepUntilWoken(rt, worker);
}

/// Spins a little, one worker at a time: a hand-over to a thread that is up costs a tenth of waking one.
fn search(rt: *Runtime, worker: *Worker) bool {
    if (rt.searchers.cmpxchgStrong(0, 1, .acquire, .monotonic) != null) return false;
    defer rt.searchers.store(0, .release);
    const start_ns = worker.now_ns;
    while (true) {
        for (0..32) |_| {
            if (worker.inbox.load(.monotonic) != 0 or rt.stopping.load(.monotonic)) return true;
            std.atomic.spinLoopHint();
        }
        worker.now_ns = rt.nowNs();
        const spun_ns = worker.now_ns -| start_ns;
        if (steal(rt, worker, spun_ns > spin_ns / 2)) return true;
        if (rt.timers.next_ns.load(.monotonic) <= worker.now_ns) return true;
        if (spun_ns > spin_ns) return false;
    }
}

/// Picks fibers parked in this VM, newest first, for packing: whoever wakes them can then run them at once. True when
/// there are some; their state says `parking` until the VM has answered, so a wake that comes meanwhile is kept.
fn collectParked(rt: *Runtime, worker: *Worker) bool {
    assert(worker.packing_count == 0);
    worker.packing_for = -1;
    for (0..worker_mod.recent_max) |_| {
        if (worker.packing_count == layout.pack_max) break;
        worker.recent_at -%= 1;
        const entry = &worker.recent[worker.recent_at % worker_mod.recent_max];
        const number = entry.*;
        entry.* = 0;
        if (number == 0) continue;
        const fiber = rt.table.at(number);
        const word = fiber.state.load(.acquire);
        if (fiber_mod.stateOf(word) != .parked) continue;
        // If it lives here nobody else can resume it: the state, if unchanged, is that of the same wait.
        if (@atomicLoad(i32, &fiber.worker, .monotonic) != worker.index) continue;
        // Woken by the reactor, not by a fiber it would then be beside: moving it each time gains nothing.
        if (@atomicLoad(fiber_mod.Wait, &fiber.wait_kind, .monotonic) == .socket) continue;
        if (!fiber.reopenPark(word)) continue;
        worker.packing[worker.packing_count] = number;
        worker.packing_count += 1;
    }
    return worker.packing_count > 0;
}

fn hasWork(rt: *Runtime, worker: *Worker) bool {
    if (readyCount(rt, worker) > 0) return true;
    // Sequentially consistent: pairs with `post`, when asked after the announcement of sleep.
    return worker.inbox.load(.seq_cst) != 0;
}

/// Announces that it sleeps, looks once more at everything that could wake it, and sleeps. One sleeper at a time waits
/// in the reactor, with the next deadline; the others sleep until they are roused.
pub fn sleepUntilWoken(rt: *Runtime, worker: *Worker) ?i32 {
    const me = worker.index + 1;
    const polls = rt.poller.cmpxchgStrong(0, me, .acq_rel, .monotonic) == null;
    worker.sleeping.store(if (polls) worker_mod.polling else worker_mod.asleep, .seq_cst);
    _ = rt.idle.fetchOr(bit(worker), .seq_cst);
    var deadlocked = false;
    var quiet = false;
    if (mayStaySleeping(rt, worker)) {
        if (isDeadlocked(rt)) {
            if (worker.index == 0) deadlocked = true else rt.rouse(&rt.workers[0]);
        }
        if (!deadlocked) quiet = isQuietDue(rt, worker);
        // Sequentially consistent: pairs with a poller's end below. Either it is seen here that nobody watches timers
        // and descriptors any more, and this worker tries again, or `passOn` sees this one asleep and rouses it.
        const is_watched = polls or rt.poller.load(.seq_cst) != 0;
        if (!deadlocked and !quiet and is_watched) {
            worker.counters.sleeps.add(1);
            rt.note(worker, .slept, 0, .{});
            if (polls) poll(rt, worker) else {
                // The poller sleeps for the deadline it knew: it must not be later than the first one now.
                const next_ns = rt.timers.next_ns.load(.seq_cst);
                if (next_ns < rt.poller_deadline_ns.load(.seq_cst)) {
                    const poller = rt.poller.load(.acquire);
                    if (poller != 0) rt.rouse(&rt.workers[poller - 1]);
                }
                worker.parker.park();
            }
            rt.note(worker, .awoke, 0, .{});
        }
    }
    // The order matters to `isDeadlocked`: the count first, then the bit, and only then anything is taken.
    _ = rt.idle_version.fetchAdd(1, .seq_cst);
    _ = rt.idle.fetchAnd(~bit(worker), .seq_cst);
    const before = worker.sleeping.swap(worker_mod.awake, .acq_rel);
    // Somebody roused us without our sleeping: its permit (or interrupt) ends the next sleep early, which is harmless.
    _ = before;
    // Sequentially consistent: before a look at who sleeps, in `passOn`.
    if (polls) rt.poller.store(0, .seq_cst);
    if (deadlocked) {
        return stuck(rt, worker, false);
    }
    if (quiet) {
        worker.area.ev[1] = @bitCast(@as(u32, @truncate(rt.quiet_switches.load(.monotonic))));
        return Event.quiet;
    }
    return null;
}

/// Worker 0: whether it is time to look for fibers that nobody can wake. Only while everybody sleeps, once after
/// something has run, and less and less often: a program that is idle stays idle.
fn isQuietDue(rt: *Runtime, worker: *Worker) bool {
    if (rt.options.seeded or !everybodySleeps(rt) or rt.host_open.load(.seq_cst)) return false;
    const live = rt.liveFibers();
    if (live < 2 or live > reach.fibers_max) return false;
    const due_ns = rt.quiet_due_ns.load(.monotonic);
    const now_ns = rt.nowNs();
    if (due_ns == timer_mod.never) {
        if (reach.switches(rt) != rt.quiet_switches.load(.monotonic)) {
            rt.quiet_due_ns.store(now_ns + rt.quiet_interval_ns, .monotonic);
        }
        return false;
    }
    if (now_ns < due_ns) return false;
    if (worker.index != 0) {
        // Not again at once: worker 0 may find that something runs.
        rt.quiet_due_ns.store(now_ns + quiet_retry_ns, .monotonic);
        rt.rouse(&rt.workers[0]);
        return false;
    }
    rt.quiet_due_ns.store(timer_mod.never, .monotonic);
    rt.quiet_switches.store(reach.switches(rt), .monotonic);
    rt.quiet_interval_ns = @min(rt.quiet_interval_ns * 2, quiet_most_ns);
    return true;
}

const quiet_retry_ns = 10 * std.time.ns_per_ms;
const quiet_most_ns = 60 * std.time.ns_per_s;

/// Told once: nothing can go on; or (`endless`) a seeded run has taken more steps than it may.
fn stuck(rt: *Runtime, worker: *Worker, endless: bool) i32 {
    rt.deadlock_told.store(true, .monotonic);
    worker.area.ev[0] = @intFromBool(endless);
    return Event.deadlock;
}

fn mayStaySleeping(rt: *Runtime, worker: *Worker) bool {
    if (hasWork(rt, worker) or rt.stopping.load(.seq_cst)) return false;
    if (rt.dump.isWanted(worker.index)) return false;
    if (worker.index != 0) return true;
    return rt.signals.load(.seq_cst) == 0 and rt.host_posted.load(.seq_cst) == 0;
}

fn poll(rt: *Runtime, worker: *Worker) void {
    while (true) {
        const deadline_ns = rt.timers.next_ns.load(.seq_cst);
        rt.poller_deadline_ns.store(deadline_ns, .seq_cst);
        // A timer set between the two is seen here, or its setter sees our deadline when it goes to sleep.
        if (rt.timers.next_ns.load(.seq_cst) == deadline_ns) break;
    }
    const deadline_ns = rt.poller_deadline_ns.load(.monotonic);
    const now_ns = rt.nowNs();
    const look_ns = if (looksOut(rt)) now_ns +| look_out_every_ns else timer_mod.never;
    const quiet_ns = rt.quiet_due_ns.load(.monotonic);
    // Due already, and we are here: others are up. Whoever of them sleeps last asks again; we must not spin meanwhile.
    const until_ns = @min(deadline_ns, look_ns, if (quiet_ns > now_ns) quiet_ns else timer_mod.never);
    const wait_ns: ?u64 = if (until_ns == timer_mod.never or rt.options.seeded) null else until_ns -| now_ns;
    // Ends at once when `sleeping` was cleared meanwhile: the interrupt is then already there.
    native.pollReactor(rt, worker, wait_ns);
    rt.poller_deadline_ns.store(0, .seq_cst);
}

/// Poller, before it sleeps: whether to get up soon, because somebody works, and may not come back to what is ready on
/// it. Sequentially consistent, in this order: pairs with `passOn`, where who goes to work has left `idle` and looks
/// whether the poller looks out. What an earlier poller left here is taken back before this one looks who works.
fn looksOut(rt: *Runtime) bool {
    if (rt.options.seeded) return false;
    rt.looks_out.store(0, .seq_cst);
    if (rt.idle.load(.seq_cst) == rt.entered.load(.seq_cst)) return false;
    rt.looks_out.store(1, .seq_cst);
    return true;
}

/// Nothing runs, nothing is queued, and nothing outside can wake a fiber. Asked by a worker that has announced its
/// sleep. Every wake comes from a worker that is up, a timer, the outside or the host; all workers being asleep with
/// empty queues, without one having been up in between (`idle_version`), is therefore a state that cannot change.
fn isDeadlocked(rt: *Runtime) bool {
    const version = rt.idle_version.load(.seq_cst);
    if (!everybodySleeps(rt)) return false;
    if (rt.deadlock_told.load(.monotonic)) return false;
    if (rt.host_open.load(.seq_cst) or rt.host_posted.load(.seq_cst) != 0) return false;
    if (rt.timers.next_ns.load(.seq_cst) != timer_mod.never and !onlyDaemonsStir(rt)) return false;
    if (rt.outside.load(.seq_cst) != 0) return false;
    if (rt.liveFibers() == 0) return false;
    // Only if nobody was up meanwhile do all these hold at once.
    if (!everybodySleeps(rt) or rt.idle_version.load(.seq_cst) != version) return false;
    if (rt.options.debug) checkPlaces(rt);
    return true;
}

/// Asked while nobody runs: whether the only deadlines are those of sleeping daemons, and each of them has run once
/// more since the others last did, without waking any. A daemon does not keep a deadlock from being seen, but it may be
/// the one that wakes the others.
fn onlyDaemonsStir(rt: *Runtime) bool {
    if (rt.daemons.load(.monotonic) == 0) return false;
    var switches: u64 = 0;
    for (rt.workers) |*worker| switches +%= worker.counters.switches.get() -% worker.counters.daemon_switches.get();
    rt.timers.mutex.lock();
    defer rt.timers.mutex.unlock();
    const last_ns = rt.timers.daemonsOnly(rt.table) orelse return false;
    if (switches != rt.stuck_switches) {
        rt.stuck_switches = switches;
        rt.stuck_until_ns = last_ns;
        return false;
    }
    return rt.nowNs() > rt.stuck_until_ns;
}

/// Every worker has announced its sleep and every queue is empty, as far as one look can tell.
fn everybodySleeps(rt: *Runtime) bool {
    if (rt.idle.load(.seq_cst) != rt.entered.load(.seq_cst)) return false;
    for (rt.workers, rt.deques) |*other, *deque| {
        if (other.inbox.load(.seq_cst) != 0 or deque.len() != 0) return false;
    }
    return true;
}

/// Debug: with every worker asleep and every queue empty, each live fiber is parked and waits for something.
fn checkPlaces(rt: *Runtime) void {
    var parked: u64 = 0;
    for (1..rt.fibers.highWater()) |i| {
        const fiber = rt.table.at(@intCast(i));
        switch (fiber.stateNow()) {
            .free, .finished => {},
            .parked => {
                if (fiber.wait_kind == .nothing) std.debug.panic("fiber {d} is parked and waits for nothing", .{i});
                parked += 1;
            },
            else => |state| std.debug.panic("fiber {d} is {t}, and in no queue", .{ i, state }),
        }
    }
    if (parked != rt.liveFibers()) std.debug.panic("{d} fibers live, {d} are parked", .{ rt.liveFibers(), parked });
}

fn dumpAsked(rt: *Runtime, worker: *Worker) ?i32 {
    if (!rt.dump.isWanted(worker.index)) return null;
    return dump.event(rt, worker);
}

pub fn rouseAll(rt: *Runtime) void {
    for (rt.workers) |*worker| rt.rouse(worker);
}
