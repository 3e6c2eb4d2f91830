//! The fiber record: everything the scheduler knows of a fiber, and the state word that every hand-over goes through.
//!
//! Records are 128 bytes, in one mapping that JavaScript sees; they never move, and are used again with a new
//! `generation`. JavaScript reads them and never writes.
//!
//! The state word holds a state and an *epoch*, the number of the fiber's current wait. A fiber that waits publishes
//! `parking` with a new epoch **before** it can be found by a waker; its worker commits that to `parked` only once the
//! continuation is saved. Whoever wants to wake it (sender, closer, timer, canceller, finisher, …) first *claims* the
//! wait of the epoch it knows. One claim wins, so one party writes the result; the others see that they are late:
//!
//!     running → parking → parked → parked_claimed → ready → running
//!                  ╰─→ parking_claimed ─→ woken → ready      (the wake came before the commit)
//!                              ╰→ parked_claimed             (the commit came between claim and delivery)
//!
//! A fiber in `parking_claimed` or `woken` is never queued by its waker: its own worker finds it at the commit. So no
//! fiber runs on two workers, and none runs before its state is saved.

const std = @import("std");
const raced = @import("raced.zig");
const single = @import("single.zig");
const assert = std.debug.assert;

pub const none: u32 = 0;
pub const capacity: u32 = 4 << 20;

pub const State = enum(u4) {
    free = 0,
    /// Ready, never ran: its thunk is in `wake_tag`, `wake_payload`.
    new = 1,
    ready = 2,
    running = 3,
    parking = 4,
    parked = 5,
    parking_claimed = 6,
    parked_claimed = 7,
    woken = 8,
    finished = 9,
};

/// What a parked fiber waits for.
pub const Wait = enum(u32) {
    nothing = 0,
    await = 1,
    join = 2,
    sleep = 3,
    send = 4,
    receive = 5,
    select = 6,
    parker = 7,
    mutex = 8,
    ring_send = 9,
    ring_receive = 10,
    native = 11,
    io = 12,
    /// A nursery with a limit to have fewer children.
    room = 13,
    socket = 14,
    /// For the reader of what it has printed.
    output = 15,
};

/// Bits of `cancel_any`.
pub const cancel_self: u32 = 1;
pub const cancel_nursery: u32 = 2;
/// The grace of its outermost shield is over: no shield holds anything off (cancel.zig).
pub const cancel_grace: u32 = 4;
/// Somebody has cancelled something of it that it has not looked at yet.
pub const cancel_news: u32 = 8;

/// Bits of `flags`, set when the fiber is made.
/// It serves the others: its nursery ends it when they have ended (nursery.zig).
pub const flag_daemon: u16 = 1;
/// What it does counts on a budget (budget.zig).
pub const flag_charged: u16 = 2;

/// A place in a list of waiters: inside the record for plain waits, in the block of a select for its cases.
pub const Node = extern struct {
    next: u32 = 0,
    prev: u32 = 0,
    fiber: u32 = 0,
    /// Case index in the low half, `node_linked` above. Guarded by the list's lock while the fiber waits.
    meta: u32 = 0,
};
pub const node_linked: u32 = 1 << 16;

/// A node's name in lists: a fiber's number, or the arena offset / 16 of a select node with the top bit.
pub const NodeRef = u32;
pub const node_in_arena: u32 = 1 << 31;

/// `worker` of a fiber that this worker's VM has packed.
pub fn packedBy(worker: u32) i32 {
    return -2 - @as(i32, @intCast(worker));
}

/// `waiters`: the fibers that await this one.
pub const waiters_lock: u32 = 1 << 31;
pub const waiters_done: u32 = 0x7fff_ffff;

pub const Fiber = extern struct {
    // The first line of cache: all that a switch, a wait and its end look at.
    state: raced.Value(u32) = .init(0),
    /// The VM in which the continuation lives. Negative when it lives in none: -1 when it is new or has finished,
    /// `packedBy` when it is packed.
    worker: i32 = -1,
    wake_payload: f64 = 0,
    wake_tag: i32 = 0,
    wake_status: i32 = 0,
    aux: i32 = 0,
    cancel_any: raced.Value(u32) = .init(0),
    wait_kind: Wait = .nothing,
    wait_object: u32 = 0,
    site_wait: u32 = 0,
    /// Place in the timer heap plus one, or 0. Guarded by the heap's lock.
    timer: u32 = 0,
    /// Native context, or 0.
    native: u32 = 0,
    /// Block with the packed continuation, or 0.
    @"packed": u32 = 0,
    shield: u16 = 0,
    flags: u16 = 0,
    waiters: raced.Value(u32) = .init(0),

    generation: u32 = 0,
    /// One of the nursery's list (or of the run, when there is no nursery), and one for each handle.
    refs: raced.Value(u32) = .init(0),
    /// Handle of the nursery it is a child of.
    nursery: u32 = 0,
    /// Handle of the innermost nursery it has open.
    open_nursery: u32 = 0,
    code: i32 = 0,
    stack_bytes: u32 = 0,
    site_spawn: u32 = 0,
    /// Link of the queue it is in: inbox, or the pool of free records.
    queue_next: std.atomic.Value(u32) = .init(0),
    node: Node = .{},
    /// Link of the nursery's list of children. In a free record: the next batch.
    child_next: std.atomic.Value(u32) = .init(0),
    /// First of the mutexes it holds.
    held: u32 = 0,
    /// When it began to wait, in units of 2^20 ns: for diagnosis.
    since: u32 = 0,
    /// Block with the name it was given, or 0.
    name: u32 = 0,

    comptime {
        assert(@sizeOf(Fiber) == 128);
        assert(@offsetOf(Fiber, "generation") == 64);
        assert(@offsetOf(Fiber, "wake_payload") % 8 == 0);
    }

    /// The worker whose VM has packed the continuation; null when it is not packed. Atomic: it may be just doing so.
    pub fn lastHome(self: *const Fiber) ?u32 {
        const home = @atomicLoad(i32, &self.worker, .monotonic);
        return if (home < -1) @intCast(-2 - home) else null;
    }

    /// Ready or new: it can go on on any worker, for its continuation lies in no VM, or is not needed yet (a native
    /// call is under way).
    pub fn canMove(self: *const Fiber) bool {
        return self.worker < 0 or self.native != 0;
    }

    pub fn stateNow(self: *const Fiber) State {
        return stateOf(self.state.load(.acquire));
    }

    pub fn epochNow(self: *const Fiber) u32 {
        return self.state.load(.monotonic) >> 4;
    }

    /// Set by the only party that may: the worker it runs on, or the claimer.
    pub fn setState(self: *Fiber, state: State) void {
        const word = self.state.load(.monotonic);
        // Release pairs with the acquire of whoever takes the fiber over.
        self.state.store(with(word, state), .release);
    }

    /// Running fiber, on its worker: announces a wait, before any waker can find it. Returns the wait's epoch.
    /// The store is sequentially consistent: it stands between "I will wait" and the last look at `cancel_any`, and
    /// pairs with the canceller's write of `cancel_any` before its claim.
    pub inline fn beginPark(self: *Fiber, kind: Wait, object: u32, site: u32) u32 {
        const word = self.state.load(.monotonic);
        assert(stateOf(word) == .running or stateOf(word) == .parking);
        const epoch = ((word >> 4) + 1) & 0x0fff_ffff;
        self.wait_kind = kind;
        self.wait_object = object;
        self.site_wait = site;
        self.wake_status = 0;
        single.store(u32, &self.state, epoch << 4 | @backingInt(State.parking), .seq_cst);
        return epoch;
    }

    /// Waker: true when this call won the right to end the wait `epoch`.
    pub fn claim(self: *Fiber, epoch: u32) bool {
        // Sequentially consistent: pairs with `beginPark` (see there).
        var word = self.state.load(.seq_cst);
        while (word >> 4 == epoch) {
            const next: State = switch (stateOf(word)) {
                .parking => .parking_claimed,
                .parked => .parked_claimed,
                else => return false,
            };
            // Acquire: takes over what the fiber's worker wrote. Release pairs with its commit.
            const desired = epoch << 4 | @backingInt(next);
            word = single.exchangeIfEqual(u32, &self.state, word, desired, .acq_rel, .acquire) orelse return true;
        }
        return false;
    }

    /// Claimer, after writing the result: true when the caller now has to queue the fiber.
    pub fn deliver(self: *Fiber) bool {
        var word = self.state.load(.acquire);
        if (stateOf(word) == .parking_claimed) {
            const woken = with(word, .woken);
            // Release pairs with the acquire in `commitPark` and `tookBack`.
            word = single.exchangeIfEqual(u32, &self.state, word, woken, .acq_rel, .acquire) orelse return false;
        }
        assert(stateOf(word) == .parked_claimed);
        self.setState(.ready);
        return true;
    }

    /// The fiber's own worker, once the continuation is saved: true when it is parked now (or its waker will queue
    /// it), false when it was woken meanwhile and this worker has to queue it.
    pub fn commitPark(self: *Fiber) bool {
        var word = self.state.load(.acquire);
        if (!single.threaded() and stateOf(word) == .parking) {
            self.state.raw = with(word, .parked);
            return true;
        }
        while (true) {
            const next: State = switch (stateOf(word)) {
                .parking => .parked,
                .parking_claimed => .parked_claimed,
                .woken => {
                    self.setState(.ready);
                    return false;
                },
                else => unreachable,
            };
            const desired = with(word, next);
            word = single.exchangeIfEqual(u32, &self.state, word, desired, .acq_rel, .acquire) orelse return true;
        }
    }

    /// The worker in whose VM it is parked: `parked` becomes `parking` again, in the same wait, while the continuation
    /// is packed. False when it was woken since `word` was read.
    pub fn reopenPark(self: *Fiber, word: u32) bool {
        assert(stateOf(word) == .parked);
        const parking = with(word, .parking);
        return self.state.cmpxchgStrong(word, parking, .acq_rel, .monotonic) == null;
    }

    /// The fiber itself, still in the operation that announced the wait: when it was woken already, it goes on
    /// running without parking.
    pub fn tookBack(self: *Fiber) bool {
        if (self.stateNow() != .woken) return false;
        self.setState(.running);
        return true;
    }

    /// As `tookBack`, when a waker is known to have claimed the wait: waits until it has delivered.
    pub fn waitBack(self: *Fiber) void {
        while (self.stateNow() == .parking_claimed) raced.spin();
        const back = self.tookBack();
        assert(back);
    }

    /// The fiber itself, still in the operation: gives the wait up, unless a waker was faster. On true it is running,
    /// and must leave the lists it joined.
    pub fn cancelPark(self: *Fiber, epoch: u32) bool {
        if (!self.claim(epoch)) return false;
        assert(self.stateNow() == .parking_claimed);
        self.setState(.running);
        return true;
    }
};

/// The word of the same wait in another state.
pub fn with(word: u32, state: State) u32 {
    return word & ~@as(u32, 15) | @backingInt(state);
}

/// A time as `since` holds it.
pub fn coarse(ns: u64) u32 {
    return @truncate(ns >> 20);
}

pub fn stateOf(word: u32) State {
    return @fromBackingInt(@intCast(@as(u4, @truncate(word))));
}

/// The mapping of all records.
pub const Table = struct {
    records: [*]Fiber,

    pub fn init() error{OutOfMemory}!Table {
        const os = std.os.linux;
        const result = os.mmap(
            null,
            @as(usize, capacity) * @sizeOf(Fiber),
            .{ .READ = true, .WRITE = true },
            .{ .TYPE = .PRIVATE, .ANONYMOUS = true, .NORESERVE = true },
            -1,
            0,
        );
        if (os.errno(result) != .SUCCESS) return error.OutOfMemory;
        return .{ .records = @ptrFromInt(result) };
    }

    pub fn deinit(self: *Table) void {
        const os = std.os.linux;
        const result = os.munmap(@ptrCast(self.records), @as(usize, capacity) * @sizeOf(Fiber));
        assert(os.errno(result) == .SUCCESS);
        self.* = undefined;
    }

    pub inline fn at(self: Table, number: u32) *Fiber {
        assert(number > 0 and number < capacity);
        return &self.records[number];
    }
};

pub const Links = struct {
    pub fn next(table: Table, number: u32) *u32 {
        return &table.at(number).queue_next.raw;
    }
    pub fn batch(table: Table, number: u32) *std.atomic.Value(u32) {
        return &table.at(number).child_next;
    }
};

const testing = std.testing;

test "a wait is claimed once, and a late claim of an old wait fails" {
    var fiber: Fiber = .{};
    fiber.setState(.running);
    const first = fiber.beginPark(.sleep, 0, 0);
    try testing.expect(fiber.commitPark());
    try testing.expect(fiber.claim(first));
    try testing.expect(!fiber.claim(first));
    try testing.expect(fiber.deliver());
    try testing.expectEqual(State.ready, fiber.stateNow());
    fiber.setState(.running);
    const second = fiber.beginPark(.sleep, 0, 0);
    try testing.expect(second != first);
    try testing.expect(!fiber.claim(first));
    try testing.expect(fiber.cancelPark(second));
    try testing.expectEqual(State.running, fiber.stateNow());
}

test "failure mode 4: a wake before, during and after the commit reaches the fiber once" {
    for (0..3) |when| {
        var fiber: Fiber = .{};
        fiber.setState(.running);
        const epoch = fiber.beginPark(.receive, 0, 0);
        var queued: u32 = 0;
        switch (when) {
            0 => {
                try testing.expect(fiber.claim(epoch));
                if (fiber.deliver()) queued += 1;
                if (!fiber.commitPark()) queued += 1;
            },
            1 => {
                try testing.expect(fiber.claim(epoch));
                if (!fiber.commitPark()) queued += 1;
                if (fiber.deliver()) queued += 1;
            },
            else => {
                if (!fiber.commitPark()) queued += 1;
                try testing.expect(fiber.claim(epoch));
                if (fiber.deliver()) queued += 1;
            },
        }
        try testing.expectEqual(1, queued);
        try testing.expectEqual(State.ready, fiber.stateNow());
    }
}

test "failure mode 4, stress: claimers race for every wait of a fiber, one wins, nothing is lost" {
    const rounds = 20_000;
    const Shared = struct {
        fiber: Fiber = .{},
        epoch: std.atomic.Value(u32) = .init(0),
        wins: std.atomic.Value(u32) = .init(0),
        queue: std.atomic.Value(u32) = .init(0),
        stop: std.atomic.Value(bool) = .init(false),

        fn claimer(self: *@This()) void {
            while (!self.stop.load(.acquire)) {
                const epoch = self.epoch.load(.acquire);
                if (epoch == 0 or !self.fiber.claim(epoch)) {
                    std.Thread.yield() catch {};
                    continue;
                }
                _ = self.wins.fetchAdd(1, .monotonic);
                self.fiber.wake_tag += 1;
                if (self.fiber.deliver()) _ = self.queue.fetchAdd(1, .release);
            }
        }
    };
    single.announceThreads();
    var shared: Shared = .{};
    var threads: [3]std.Thread = undefined;
    for (&threads) |*thread| thread.* = try std.Thread.spawn(.{}, Shared.claimer, .{&shared});
    shared.fiber.setState(.running);
    for (0..rounds) |round| {
        const epoch = shared.fiber.beginPark(.receive, 0, 0);
        shared.epoch.store(epoch, .release);
        if (round % 3 == 0) std.Thread.yield() catch {};
        if (shared.fiber.commitPark()) {
            while (shared.queue.load(.acquire) == 0) std.Thread.yield() catch {};
            _ = shared.queue.fetchSub(1, .acquire);
        }
        try testing.expectEqual(State.ready, shared.fiber.stateNow());
        try testing.expectEqual(@as(i32, @intCast(round + 1)), shared.fiber.wake_tag);
        shared.fiber.setState(.running);
    }
    shared.stop.store(true, .release);
    for (threads) |thread| thread.join();
    try testing.expectEqual(rounds, shared.wins.load(.monotonic));
    try testing.expectEqual(0, shared.queue.load(.monotonic));
}
