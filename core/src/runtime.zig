//! The runtime: one root that owns everything, passed explicitly. Several can live in one process.
//!
//! This file makes and ends it, finds its parts, and knows what a value is: a tag and a number, where the tag may say
//! that the number is a block of the arena or a handle, one reference of which moves with the value.

const std = @import("std");
const os = std.os.linux;
const arena_mod = @import("arena.zig");
const budget_mod = @import("budget.zig");
const fiber_mod = @import("fiber.zig");
const handles_mod = @import("handles.zig");
const layout = @import("layout.zig");
const pool = @import("pool.zig");
const futex = @import("futex.zig");
const Mutex = @import("mutex.zig").Mutex;
const Timers = @import("timer.zig").Timers;
const Stream = @import("output.zig").Stream;
const Texts = @import("text.zig").Texts;
const worker_mod = @import("worker.zig");
const Reactor = @import("reactor.zig").Reactor;
const Worker = worker_mod.Worker;
const Deque = @import("deque.zig").Deque;
const Oracle = @import("oracle.zig").Oracle;
const release_mod = @import("release.zig");
const raced = @import("raced.zig");
const single = @import("single.zig");
const stack_mod = @import("stack.zig");
const trace_mod = @import("trace.zig");
const Fiber = fiber_mod.Fiber;
const Tag = layout.Tag;
const assert = std.debug.assert;

/// How long fibers may have waited before it is asked whether anybody can still wake them.
const quiet_first_ns = std.time.ns_per_s;

/// Native calls that may be under way at once, for each size of stack.
const stacks_max = 200_000;

/// What crosses a boundary.
pub const Value = struct {
    tag: i32 = Tag.void_,
    payload: f64 = 0,

    pub const nothing: Value = .{};

    pub fn isBlock(self: Value) bool {
        return self.tag & Tag.block_bit != 0;
    }

    pub fn isHandle(self: Value) bool {
        return self.tag & Tag.handle_bit != 0;
    }
};

/// The payload as the 32-bit number it must be for a block or a handle; null for anything else.
pub fn numberOf(payload: f64) ?u32 {
    if (!(payload >= 0 and payload <= 0xffff_ffff)) return null;
    const number: u32 = @intFromFloat(payload);
    return if (@as(f64, @floatFromInt(number)) == payload) number else null;
}

pub const Options = struct {
    workers_max: u32 = 1,
    arena_megabytes: u32 = 0,
    seeded: bool = false,
    debug: bool = false,
    seed: u32 = 0,
};

const Global = extern struct {
    published: std.atomic.Value(u32),
    tag: i32,
    payload: f64,
};

pub const Runtime = struct {
    arena: arena_mod.Arena,
    table: fiber_mod.Table,
    fibers: pool.Pool(fiber_mod.Table, fiber_mod.Links),
    handles: handles_mod.Handles,
    workers: []Worker,
    deques: []Deque(u32),
    timers: Timers = .{},
    reactor: Reactor,
    streams: [2]Stream,
    texts: Texts = .{},
    globals: []Global,

    options: Options,
    /// The oracle of the seeded mode. Worker 0 only.
    oracle: Oracle = .{},
    /// The main fiber's number, once it has been started.
    main: u32 = 0,
    /// The seeded mode's clock.
    virtual_ns: u64 = 0,

    /// How many workers have a VM or are getting one. Only grows.
    workers_allowed: std.atomic.Value(u32) = .init(1),
    stopping: raced.Value(bool) = .init(false),
    /// Bit n: signal n came and was not handed to worker 0 yet.
    signals: std.atomic.Value(u32) = .init(0),
    host_open: std.atomic.Value(bool) = .init(false),
    host_mutex: Mutex = .{},
    host_queue: worker_mod.Ready = .{},
    host_posted: std.atomic.Value(u32) = .init(0),
    foreign_mutex: Mutex = .{},
    foreign_cache: arena_mod.Cache = .{},

    /// Bit w: worker w is inside (has entered and not left).
    entered: raced.Value(u64) = .init(0),
    /// Bit w: worker w found nothing to do, and takes what it is handed. Stays while it sleeps.
    hungry: raced.Value(u64) = .init(0),
    /// Bit w: worker w is about to sleep or asleep, with nothing in any queue it knows.
    idle: raced.Value(u64) = .init(0),
    /// Counts the times a worker left `idle`.
    idle_version: raced.Value(u64) = .init(0),
    searchers: std.atomic.Value(u32) = .init(0),
    /// The worker that sleeps with the next deadline, plus one; 0 when none does.
    poller: raced.Value(u32) = .init(0),
    poller_deadline_ns: raced.Value(u64) = .init(0),
    /// 1: the poller gets up now and then to look for what busy workers have left over (scheduler.zig, `looksOut`).
    looks_out: raced.Value(u32) = .init(0),
    /// Native calls and descriptors that may still wake a fiber.
    outside: raced.Value(u32) = .init(0),
    deadlock_found: std.atomic.Value(bool) = .init(false),
    /// Written by worker 0 alone. Monotonic: the others only save themselves a wake of worker 0 by it.
    deadlock_told: std.atomic.Value(bool) = .init(false),
    workers_wanted: bool = false,
    dump: @import("dump.zig").Requests = .{},
    /// When to look next for fibers that nobody can wake (scheduler.zig); `never`: nothing has run since the last look.
    quiet_due_ns: std.atomic.Value(u64) = .init(std.math.maxInt(u64)),
    quiet_interval_ns: u64 = quiet_first_ns,
    quiet_switches: std.atomic.Value(u64) = .init(0),
    stdin: @import("stdin.zig").Stdin = .{},
    traces: trace_mod.Sink = .{},
    stacks: stack_mod.SizeClasses,
    charged: budget_mod.Charged = .{},
    causes: @import("cause.zig").Table = .{},
    watched: @import("watch.zig").Watched = .{},
    /// Daemons that have not ended.
    daemons: std.atomic.Value(u32) = .init(0),
    /// How often others than daemons had run when all of them waited, and when the last daemon that slept then will
    /// have run. Guarded by the lock of the timers.
    stuck_switches: u64 = 0,
    stuck_until_ns: u64 = 0,

    pub fn create(options: Options) error{OutOfMemory}!*Runtime {
        const allocator = std.heap.page_allocator;
        const workers_max = std.math.clamp(options.workers_max, 1, layout.workers_max);
        findVdso();
        const self = try allocator.create(Runtime);
        errdefer allocator.destroy(self);
        var arena: arena_mod.Arena = try .init(options.arena_megabytes);
        errdefer arena.deinit();
        var table: fiber_mod.Table = try .init();
        errdefer table.deinit();
        var handles: handles_mod.Handles = try .init();
        errdefer handles.deinit();
        const workers = try allocator.alloc(Worker, workers_max);
        errdefer allocator.free(workers);
        const deques = try allocator.alloc(Deque(u32), workers_max);
        errdefer allocator.free(deques);
        const globals = try allocator.alloc(Global, layout.globals_max);
        errdefer allocator.free(globals);
        var out: Stream = try .init(1);
        errdefer out.deinit();
        var err: Stream = try .init(2);
        errdefer err.deinit();
        var reactor: Reactor = try .init();
        errdefer reactor.deinit();
        self.* = .{
            .reactor = reactor,
            .stacks = .init(allocator, stacks_max),
            .arena = arena,
            .table = table,
            .fibers = .{ .table = table, .capacity = fiber_mod.capacity },
            .handles = handles,
            .workers = workers,
            .deques = deques,
            .streams = .{ out, err },
            .globals = globals,
            .options = options,
        };
        for (globals) |*global| global.* = .{ .published = .init(0), .tag = 0, .payload = 0 };
        var made: usize = 0;
        errdefer for (deques[0..made]) |*deque| deque.deinit();
        const scratch_spans = layout.scratch_bytes / arena_mod.span_bytes;
        for (workers, deques, 0..) |*worker, *deque, i| {
            const area_span = self.arena.takeSpans(1);
            const scratch_span = self.arena.takeSpans(scratch_spans);
            if (area_span == 0 or scratch_span == 0) return error.OutOfMemory;
            deque.* = try .init(allocator, 256);
            made += 1;
            const area_offset = area_span * arena_mod.span_bytes;
            const scratch_offset = scratch_span * arena_mod.span_bytes;
            worker.* = .{
                .index = @intCast(i),
                .area = self.arena.at(layout.Area, area_offset),
                .area_offset = area_offset,
                .scratch = (self.arena.base + scratch_offset)[0..layout.scratch_bytes],
                .scratch_offset = scratch_offset,
                .random = 0x9e37_79b9_7f4a_7c15 *% (i + 1) ^ options.seed,
            };
        }
        try self.oracle.begin(.{ .seed = options.seed });
        return self;
    }

    /// Frees everything. No worker may be inside any more.
    pub fn destroy(self: *Runtime) void {
        assert(self.entered.load(.acquire) == 0);
        const allocator = std.heap.page_allocator;
        for (&self.streams) |*stream| {
            _ = stream.flush(0, &self.signals, 0);
            stream.deinit();
        }
        self.stopTracing();
        for (self.workers) |*worker| worker.deinit();
        for (self.deques) |*deque| deque.deinit();
        self.timers.deinit();
        self.reactor.deinit();
        self.stdin.deinit();
        self.stacks.deinit();
        self.texts.deinit();
        self.charged.deinit();
        self.causes.deinit();
        self.watched.deinit();
        self.oracle.deinit();
        self.host_queue.deinit();
        allocator.free(self.globals);
        allocator.free(self.deques);
        allocator.free(self.workers);
        self.handles.deinit();
        self.table.deinit();
        self.arena.deinit();
        allocator.destroy(self);
    }

    /// Monotonic; virtual in the seeded mode.
    pub fn nowNs(self: *const Runtime) u64 {
        return if (self.options.seeded) self.virtual_ns else futex.current.nowNs();
    }

    /// Records what happens from now on, before any worker is inside. `fd` -1: only the newest `length` records of each
    /// worker are kept; else everything is appended to it.
    pub fn startTracing(self: *Runtime, length: u32, fd: i32) error{OutOfMemory}!void {
        assert(self.entered.load(.acquire) == 0);
        assert(self.workers[0].trace == null);
        self.traces.fd = fd;
        errdefer self.stopTracing();
        for (self.workers) |*worker| {
            const buffer = try std.heap.page_allocator.create(trace_mod.Buffer);
            errdefer std.heap.page_allocator.destroy(buffer);
            buffer.* = try .init(length);
            worker.trace = buffer;
        }
    }

    /// Appends what is not in the file yet to `fd`; the errno of the first failure, or 0. The other workers have left.
    pub fn flushTraces(self: *Runtime, fd: i32) u16 {
        const is_ring = self.traces.fd < 0;
        self.traces.fd = fd;
        for (self.workers) |*worker| {
            if (worker.trace) |buffer| buffer.flush(&self.traces, is_ring);
        }
        return self.traces.failure;
    }

    fn stopTracing(self: *Runtime) void {
        for (self.workers) |*worker| {
            const buffer = worker.trace orelse continue;
            buffer.deinit();
            std.heap.page_allocator.destroy(buffer);
            worker.trace = null;
        }
    }

    /// A record of the trace, when there is one. `detail` and `extra`: see `trace_mod.Kind`.
    pub inline fn note(
        self: *Runtime,
        worker: *Worker,
        kind: trace_mod.Kind,
        fiber: u32,
        more: struct { a: u32 = 0, b: u32 = 0, detail: u8 = 0, extra: u8 = 0 },
    ) void {
        if (worker.trace) |buffer| {
            @branchHint(.unlikely);
            buffer.add(&self.traces, .{
                .at_ns = self.nowNs(),
                .fiber = fiber,
                .a = more.a,
                .b = more.b,
                .kind = @backingInt(kind),
                .worker = @intCast(worker.index),
                .detail = more.detail,
                .extra = more.extra,
            });
        }
    }

    pub fn object(self: *const Runtime, comptime T: type, handle: u32) ?*T {
        return self.objectAs(T.kind, T, handle);
    }

    pub fn objectAs(self: *const Runtime, kind: handles_mod.Kind, comptime T: type, handle: u32) ?*T {
        const offset = self.handles.find(handle, kind);
        return if (offset == 0) null else self.arena.at(T, offset);
    }

    /// An object in the arena with its handle; null when memory or handles are used up.
    pub fn createObject(
        self: *Runtime,
        worker: *Worker,
        kind: handles_mod.Kind,
        comptime T: type,
        initial: T,
    ) ?struct { *T, u32 } {
        const offset = self.arena.alloc(&worker.arena, @sizeOf(T));
        if (offset == 0) return null;
        const handle = self.handles.create(&worker.handles, kind, offset);
        if (handle == 0) {
            self.arena.free(&worker.arena, offset);
            return null;
        }
        worker.counters.handles_created.add(1);
        const made = self.arena.at(T, offset);
        made.* = initial;
        return .{ made, handle };
    }

    /// Takes back an object that could not be completed: its memory and handle, and nothing it refers to.
    pub fn forgetObject(self: *Runtime, worker: *Worker, handle: u32) void {
        const last = self.handles.release(handle).last;
        self.arena.free(&worker.arena, last.object);
        self.handles.destroy(&worker.handles, handle);
        worker.counters.handles_destroyed.add(1);
    }

    /// True when the value is well formed: a block that lives, a handle that exists.
    pub fn isValid(self: *const Runtime, value: Value) bool {
        if (value.isBlock()) {
            const offset = numberOf(value.payload) orelse return false;
            return self.arena.isLive(offset);
        }
        if (value.isHandle()) {
            const handle = numberOf(value.payload) orelse return false;
            return self.handleExists(handle);
        }
        return true;
    }

    pub fn handleExists(self: *const Runtime, handle: u32) bool {
        if (handle & handles_mod.task_bit != 0) return self.taskOf(handle) != null;
        return self.handles.kindOf(handle) != .none;
    }

    /// The fiber a task handle names, if its record was not used again.
    pub fn taskOf(self: *const Runtime, handle: u32) ?u32 {
        assert(handle & handles_mod.task_bit != 0);
        const number = handles_mod.indexOf(handle);
        if (number == 0 or number >= self.fibers.highWater()) return null;
        const low: u32 = (1 << handles_mod.generation_bits) - 1;
        if (self.table.at(number).generation & low != (handle >> handles_mod.index_bits) & low) return null;
        return number;
    }

    /// One more reference to what the value names.
    pub fn retainValue(self: *Runtime, value: Value) void {
        if (value.isBlock()) {
            self.retainBlock(numberOf(value.payload).?);
        } else if (value.isHandle()) {
            const held = self.retainHandle(numberOf(value.payload).?);
            assert(held); // the value owns a reference, so it cannot be stale
        }
    }

    pub fn releaseValue(self: *Runtime, worker: *Worker, value: Value) void {
        if (value.isBlock()) {
            self.releaseBlock(worker, numberOf(value.payload).?);
        } else if (value.isHandle()) {
            _ = self.releaseHandle(worker, numberOf(value.payload).?);
        }
    }

    pub fn retainBlock(self: *Runtime, offset: u32) void {
        assert(self.arena.isLive(offset));
        const before = single.fetchAdd(u32, &self.arena.header(offset).refs, 1, .monotonic);
        assert(before > 0);
    }

    pub fn releaseBlock(self: *Runtime, worker: *Worker, offset: u32) void {
        assert(self.arena.isLive(offset));
        const header = self.arena.header(offset);
        // Release pairs with the acquire of the one that frees.
        const before = single.fetchSub(u32, &header.refs, 1, .acq_rel);
        assert(before & ~arena_mod.charged_bit > 0);
        if (before & ~arena_mod.charged_bit > 1) return;
        if (before & arena_mod.charged_bit != 0) budget_mod.freed(self, worker, offset);
        release_mod.discard(self, worker, .block, offset);
    }

    /// How many handles a block lists at its beginning.
    pub fn listedHandles(self: *const Runtime, offset: u32) u32 {
        const header = self.arena.header(offset);
        // Written by JavaScript, so not trusted: never read past the payload.
        return @min(header.handle_count.load(.monotonic), header.bytes / 4);
    }

    pub fn retainHandle(self: *Runtime, handle: u32) bool {
        if (handle & handles_mod.task_bit == 0) return self.handles.retain(handle);
        const number = self.taskOf(handle) orelse return false;
        const before = single.fetchAdd(u32, &self.table.at(number).refs, 1, .monotonic);
        assert(before > 0);
        return true;
    }

    /// False when the handle is stale.
    pub inline fn releaseHandle(self: *Runtime, worker: *Worker, handle: u32) bool {
        return self.handles.releaseOneOfSeveral(handle) or self.releaseHandleSlow(worker, handle);
    }

    fn releaseHandleSlow(self: *Runtime, worker: *Worker, handle: u32) bool {
        if (handle & handles_mod.task_bit != 0) {
            const number = self.taskOf(handle) orelse return false;
            self.dropFiber(worker, number);
            return true;
        }
        return switch (self.handles.release(handle)) {
            .stale => false,
            .kept => true,
            .last => {
                release_mod.discard(self, worker, .handle, handle);
                return true;
            },
        };
    }

    /// Drops one reference to a record; the last one gives it back, with the result nobody took.
    pub fn dropFiber(self: *Runtime, worker: *Worker, number: u32) void {
        const fiber = self.table.at(number);
        // Release pairs with the acquire of the one that gives the record back.
        const before = single.fetchSub(u32, &fiber.refs, 1, .acq_rel);
        assert(before > 0);
        if (before > 1) return;
        release_mod.discard(self, worker, .record, number);
    }

    /// Called by the worker that claimed a fiber's wait, once the result is in the record: queues it where it can run.
    pub fn wake(self: *Runtime, worker: *Worker, number: u32) void {
        const fiber = self.table.at(number);
        self.note(worker, .woken, number, .{ .a = worker.current });
        if (!fiber.deliver()) {
            worker.counters.wakes_local.add(1);
            return; // its own worker finds it at the commit
        }
        self.makeReady(worker, number);
    }

    /// As `wake`, for a fiber whose continuation lives in no VM, to run on `target`.
    pub fn wakeOn(self: *Runtime, worker: *Worker, target: *Worker, number: u32) void {
        const fiber = self.table.at(number);
        if (target == worker or fiber.native != 0) return self.wake(worker, number);
        self.note(worker, .woken, number, .{ .a = worker.current });
        if (!fiber.deliver()) {
            worker.counters.wakes_local.add(1);
            return; // still being packed: its worker finds it at the commit
        }
        assert(fiber.worker < 0);
        worker.counters.wakes_foreign.add(1);
        target.post(self.table, number);
        self.rouse(target);
    }

    /// Queues a ready fiber: on this worker when it can run here, else in the inbox of the worker whose VM holds it.
    pub fn makeReady(self: *Runtime, worker: *Worker, number: u32) void {
        const fiber = self.table.at(number);
        assert(fiber.stateNow() == .ready);
        const home = fiber.worker;
        // A native call under way goes on anywhere; it is the VM's turn when the call has ended.
        if (home < 0 or home == worker.index or fiber.native != 0) {
            worker.counters.wakes_local.add(1);
            self.queue(worker, number);
        } else {
            worker.counters.wakes_foreign.add(1);
            const other = &self.workers[@intCast(home)];
            other.post(self.table, number);
            self.rouse(other);
        }
    }

    /// Own worker only: a fiber that can run here. One that can run anywhere goes where others can take it: who woke it
    /// may go on for long without coming back to its queues.
    pub fn queue(self: *Runtime, worker: *Worker, number: u32) void {
        if (!single.threaded() or !self.table.at(number).canMove()) return self.pushReady(worker, number);
        self.deques[worker.index].push(number) catch worker.post(self.table, number);
    }

    /// Own worker only. Never loses a fiber: without memory for the queue it goes to the inbox, which needs none.
    pub inline fn pushReady(self: *Runtime, worker: *Worker, number: u32) void {
        worker.ready.push(number) catch worker.post(self.table, number);
    }

    /// Wakes a worker that sleeps. Any thread, signal handlers too.
    pub fn rouse(self: *Runtime, worker: *Worker) void {
        // Sequentially consistent: pairs with the worker's store before its last look at its queues.
        if (worker.sleeping.load(.seq_cst) == worker_mod.awake) return;
        switch (worker.sleeping.swap(worker_mod.awake, .acq_rel)) {
            worker_mod.awake => {}, // somebody else wakes it
            worker_mod.asleep => worker.parker.unpark(),
            worker_mod.polling => self.reactor.interrupt(),
            else => unreachable,
        }
    }

    /// Live fibers: records in use that have not finished.
    pub fn liveFibers(self: *const Runtime) u64 {
        var started: u64 = 0;
        var finished: u64 = 0;
        // Finished first: the difference is then never too small.
        for (self.workers) |*worker| finished += worker.counters.fibers_finished.get();
        for (self.workers) |*worker| started += worker.counters.fibers_started.get();
        return started - finished;
    }
};

/// In a shared library nobody tells the standard library where the vDSO is; without it every look at the clock is a
/// system call.
var auxv_storage: [64]std.elf.Auxv = undefined;
var auxv_read: std.atomic.Value(u32) = .init(0);

fn findVdso() void {
    if (@import("builtin").link_libc or os.elf_aux_maybe != null) return;
    if (auxv_read.cmpxchgStrong(0, 1, .acquire, .monotonic) != null) return;
    const fd = os.openat(os.AT.FDCWD, "/proc/self/auxv", .{ .ACCMODE = .RDONLY, .CLOEXEC = true }, 0);
    if (os.errno(fd) != .SUCCESS) return;
    defer _ = os.close(@intCast(fd));
    const bytes = std.mem.asBytes(&auxv_storage);
    const n = os.read(@intCast(fd), bytes.ptr, bytes.len - @sizeOf(std.elf.Auxv));
    if (os.errno(n) != .SUCCESS or n < @sizeOf(std.elf.Auxv)) return;
    @memset(bytes[n..], 0); // AT_NULL
    os.elf_aux_maybe = &auxv_storage;
}
