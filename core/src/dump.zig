//! What is going on: the tree of nurseries and fibers, and the counters, as JSON in a block.
//!
//! Taken while everybody works: each record is read as it stands, so a fiber may appear in a state it has just left.
//! Only records and live handles are followed, and neither is ever unmapped.
//! A dump of the Janus stacks needs the VMs: `request` asks every other one, each answers with a block of its own
//! making, and worker 0 gets the answers as events.

const std = @import("std");
const fiber_mod = @import("fiber.zig");
const handles_mod = @import("handles.zig");
const layout = @import("layout.zig");
const cause = @import("cause.zig");
const channel = @import("channel.zig");
const nursery_mod = @import("nursery.zig");
const reach = @import("reach.zig");
const runtime_mod = @import("runtime.zig");
const sync = @import("sync.zig");
const worker_mod = @import("worker.zig");
const Mutex = @import("mutex.zig").Mutex;
const Worker = worker_mod.Worker;
const Runtime = runtime_mod.Runtime;
const Status = layout.Status;

/// Fibers of one page.
const page_fibers = 4096;
/// Nurseries of one fiber that are told.
const nurseries_listed_max = 256;

/// Requests for stacks, and the answers that worker 0 has not been given yet.
pub const Requests = struct {
    /// Bit w: worker w is asked for its fibers' stacks; bit 0: there is an answer for worker 0.
    wanted: std.atomic.Value(u64) = .init(0),
    mutex: Mutex = .{},
    answers: [layout.workers_max]Answer = undefined,
    answers_count: u32 = 0,
    outstanding: u32 = 0,

    const Answer = struct { worker: u32, block: u32 };

    pub fn isWanted(self: *const Requests, worker: u32) bool {
        return self.wanted.load(.seq_cst) >> @intCast(worker) & 1 != 0;
    }
};

/// Worker 0 asks all other VMs; how many were asked.
pub fn request(rt: *Runtime) i32 {
    const requests = &rt.dump;
    requests.mutex.lock();
    defer requests.mutex.unlock();
    if (requests.outstanding > 0) return -Status.full;
    const asked = rt.entered.load(.seq_cst) & ~@as(u64, 1);
    requests.outstanding = @popCount(asked);
    _ = requests.wanted.fetchOr(asked, .seq_cst);
    for (rt.workers) |*worker| {
        if (asked >> @intCast(worker.index) & 1 != 0) rt.rouse(worker);
    }
    return @intCast(requests.outstanding);
}

/// The `dump` event for this worker, when one is due: for worker 0 an answer (ev[0] whose, ev[1] the block, ev[2] how
/// many are still to come), for the others the question (ev[1] 0).
pub fn event(rt: *Runtime, worker: *Worker) ?i32 {
    const requests = &rt.dump;
    requests.mutex.lock();
    defer requests.mutex.unlock();
    const bit = @as(u64, 1) << @intCast(worker.index);
    if (worker.index != 0) {
        _ = requests.wanted.fetchAnd(~bit, .seq_cst);
        worker.area.ev[0] = @intCast(worker.index);
        worker.area.ev[1] = 0;
        return layout.Event.dump;
    }
    if (requests.answers_count == 0) {
        _ = requests.wanted.fetchAnd(~bit, .seq_cst);
        return null;
    }
    requests.answers_count -= 1;
    if (requests.answers_count == 0) _ = requests.wanted.fetchAnd(~bit, .seq_cst);
    const answer = requests.answers[requests.answers_count];
    worker.area.ev[0] = @intCast(answer.worker);
    worker.area.ev[1] = @bitCast(answer.block);
    worker.area.ev[2] = @intCast(requests.outstanding + requests.answers_count);
    return layout.Event.dump;
}

/// A VM's stacks, for worker 0. The block's ownership moves.
pub fn answered(rt: *Runtime, worker: *Worker, block: u32) i32 {
    const requests = &rt.dump;
    {
        requests.mutex.lock();
        defer requests.mutex.unlock();
        if (requests.outstanding == 0 or requests.answers_count == requests.answers.len) return Status.invalid;
        requests.outstanding -= 1;
        requests.answers[requests.answers_count] = .{ .worker = worker.index, .block = block };
        requests.answers_count += 1;
        _ = requests.wanted.fetchOr(1, .seq_cst);
    }
    rt.rouse(&rt.workers[0]);
    return Status.ok;
}

/// Longer names are cut in the tree.
const name_bytes_max = 80;

const Text = std.ArrayList(u8);

/// A block that says who could wake whom (reach.zig); 0 without memory, or with too many fibers to look through.
pub fn reachable(rt: *Runtime, worker: *Worker) u32 {
    if (rt.liveFibers() > reach.fibers_max) return 0;
    var text: Text = .empty;
    reach.write(rt, &text) catch {
        text.deinit(std.heap.page_allocator);
        return 0;
    };
    return toBlock(rt, worker, &text);
}

fn toBlock(rt: *Runtime, worker: *Worker, text: *Text) u32 {
    defer text.deinit(std.heap.page_allocator);
    const len = std.math.cast(u32, text.items.len) orelse return 0;
    const offset = rt.arena.alloc(&worker.arena, len);
    if (offset != 0) @memcpy(rt.arena.payloadSlice(offset), text.items);
    return offset;
}

/// A block with a page of the fibers from number `from` on, as JSON; 0 without memory.
pub fn page(rt: *Runtime, worker: *Worker, from: u32) u32 {
    var text: Text = .empty;
    writePage(rt, &text, from) catch {
        text.deinit(std.heap.page_allocator);
        return 0;
    };
    return toBlock(rt, worker, &text);
}

/// `{"now_ns":…,"fibers":[…],"next":…}`; `next` 0: this was the last page.
fn writePage(rt: *Runtime, text: *Text, from: u32) error{OutOfMemory}!void {
    const allocator = std.heap.page_allocator;
    try text.print(allocator, "{{\"now_ns\":{d},\"fibers\":[", .{rt.nowNs()});
    var listed: u32 = 0;
    var number = @max(from, 1);
    while (number < rt.fibers.highWater() and listed < page_fibers) : (number += 1) {
        const state = rt.table.at(number).stateNow();
        if (state == .free or state == .finished) continue;
        if (listed > 0) try text.append(allocator, ',');
        listed += 1;
        try writeFiber(rt, text, number, state);
    }
    const next = if (number < rt.fibers.highWater()) number else 0;
    try text.print(allocator, "],\"next\":{d}}}", .{next});
}

/// The nurseries a fiber has open, innermost first. One that is freed meanwhile ends the list: its handle is stale.
fn writeNurseries(rt: *Runtime, text: *Text, innermost: u32) error{OutOfMemory}!void {
    const allocator = std.heap.page_allocator;
    var handle = innermost;
    for (0..nurseries_listed_max) |i| {
        const nursery = rt.object(nursery_mod.Nursery, handle) orelse return;
        if (i > 0) try text.append(allocator, ',');
        const children: u32 = @truncate(nursery.live.load(.monotonic));
        try text.print(allocator, "{{\"id\":{d},\"site\":{d},\"children\":{d}}}", .{ handle, nursery.site, children });
        handle = nursery.outer;
        if (handle == 0) return;
    }
}

/// When it began, from the coarse time of the record.
fn sinceNs(now_ns: u64, since: u32) u64 {
    if (since == 0) return 0;
    return now_ns -| @as(u64, fiber_mod.coarse(now_ns) -% since) << 20;
}

fn writeFiber(rt: *Runtime, text: *Text, number: u32, state: fiber_mod.State) error{OutOfMemory}!void {
    const allocator = std.heap.page_allocator;
    // A copy of what may change while we write; unsynchronised, as the head of this file says.
    const fiber = rt.table.at(number);
    const wait_kind = @atomicLoad(u32, @as(*u32, @ptrCast(&fiber.wait_kind)), .monotonic);
    const wait_object = @atomicLoad(u32, &fiber.wait_object, .monotonic);
    const wait = std.enums.fromInt(fiber_mod.Wait, wait_kind) orelse .nothing;
    const mutex = if (wait == .mutex) rt.object(sync.Mutex, wait_object) else null;
    const object_site: u32 = switch (wait) {
        .send, .receive => if (rt.object(channel.Channel, wait_object)) |ch| ch.site else 0,
        .mutex => if (mutex) |m| m.channel.site else 0,
        else => 0,
    };
    const holder: u32 = if (mutex) |m| @atomicLoad(u32, &m.holder, .monotonic) else 0;
    const held_site: u32 = if (mutex) |m| @atomicLoad(u32, &m.site, .monotonic) else 0;
    try text.print(
        allocator,
        "{{\"fiber\":{d},\"state\":\"{t}\",\"worker\":{d},\"site_spawn\":{d}",
        .{
            number,
            state,
            @atomicLoad(i32, &fiber.worker, .monotonic),
            @atomicLoad(u32, &fiber.site_spawn, .monotonic),
        },
    );
    try text.print(
        allocator,
        ",\"wait\":\"{t}\",\"wait_object\":{d},\"object_site\":{d},\"site_wait\":{d},\"since_ns\":{d}",
        .{
            wait,
            wait_object,
            object_site,
            @atomicLoad(u32, &fiber.site_wait, .monotonic),
            sinceNs(rt.nowNs(), @atomicLoad(u32, &fiber.since, .monotonic)),
        },
    );
    try text.print(allocator, ",\"held_site\":{d}", .{held_site});
    try text.print(allocator, ",\"holder\":{d},\"nursery\":{d},\"cancel\":{d},\"daemon\":{}", .{
        holder,
        @atomicLoad(u32, &fiber.nursery, .monotonic),
        fiber.cancel_any.load(.monotonic),
        fiber.flags & fiber_mod.flag_daemon != 0,
    });
    const why = cause.seen(rt, number);
    if (why != cause.none) try text.print(allocator, ",\"cause\":{d}", .{why});
    const name = @atomicLoad(u32, &fiber.name, .monotonic);
    if (name != 0 and rt.arena.isLive(name)) {
        const shown = rt.arena.payloadSlice(name);
        try text.print(allocator, ",\"name\":{f}", .{std.json.fmt(shown[0..@min(shown.len, name_bytes_max)], .{})});
    }
    try text.appendSlice(allocator, ",\"open\":[");
    try writeNurseries(rt, text, @atomicLoad(u32, &fiber.open_nursery, .monotonic));
    try text.appendSlice(allocator, "]}");
}

/// A block with the counters of one worker, or of all together (-1); 0 without memory or for a worker there is not.
pub fn stats(rt: *Runtime, worker: *Worker, which: i32) u32 {
    if (which >= @as(i64, @intCast(rt.workers.len)) or which < -1) return 0;
    var text: Text = .empty;
    writeStats(rt, &text, which) catch {
        text.deinit(std.heap.page_allocator);
        return 0;
    };
    return toBlock(rt, worker, &text);
}

/// What is in use now. All but the globals' blocks and the host's is zero when a program has cleaned up.
pub const Live = struct { fibers: u64, handles: u64, blocks: u64, bytes: u64, stacks: u64 };

/// Bytes of the blocks in use: what the VMs' wrappers keep, beside what fibers hold.
pub fn bytesInUse(rt: *Runtime) u64 {
    const foreign = &rt.foreign_cache;
    var bytes = foreign.bytes_allocated.load(.monotonic) -% foreign.bytes_freed.load(.monotonic);
    for (rt.workers) |*worker| {
        bytes +%= worker.arena.bytes_allocated.load(.monotonic) -% worker.arena.bytes_freed.load(.monotonic);
    }
    // A block freed between two of the loads may have been seen freed and not allocated.
    return if (bytes > std.math.maxInt(i64)) 0 else bytes;
}

pub fn live(rt: *Runtime) Live {
    var handles: u64 = 0;
    var blocks: u64 = 0;
    var bytes: u64 = 0;
    const foreign = &rt.foreign_cache;
    blocks +%= foreign.blocks_allocated.load(.monotonic) -% foreign.blocks_freed.load(.monotonic);
    bytes +%= foreign.bytes_allocated.load(.monotonic) -% foreign.bytes_freed.load(.monotonic);
    for (rt.workers) |*worker| {
        handles +%= worker.counters.handles_created.get() -% worker.counters.handles_destroyed.get();
        blocks +%= worker.arena.blocks_allocated.load(.monotonic) -% worker.arena.blocks_freed.load(.monotonic);
        bytes +%= worker.arena.bytes_allocated.load(.monotonic) -% worker.arena.bytes_freed.load(.monotonic);
    }
    var stacks: u64 = 0;
    for (&rt.stacks.pools) |*pool| stacks += pool.statistics().in_use;
    return .{ .fibers = rt.liveFibers(), .handles = handles, .blocks = blocks, .bytes = bytes, .stacks = stacks };
}

fn writeStats(rt: *Runtime, text: *Text, which: i32) error{OutOfMemory}!void {
    const allocator = std.heap.page_allocator;
    const names = @typeInfo(worker_mod.Counters).@"struct".field_names;
    try text.append(allocator, '{');
    inline for (names) |name| {
        var sum: u64 = 0;
        for (rt.workers) |*worker| {
            if (which < 0 or worker.index == which) sum += @field(worker.counters, name).get();
        }
        try text.print(allocator, "\"{s}\":{d},", .{ name, sum });
    }
    const now = live(rt);
    try text.print(
        allocator,
        "\"live_fibers\":{d},\"live_handles\":{d},\"live_blocks\":{d},\"live_bytes\":{d},\"live_stacks\":{d}," ++
            "\"timers\":{d},\"outside\":{d},\"entered\":{d}}}",
        .{
            now.fibers,
            now.handles,
            now.blocks,
            now.bytes,
            now.stacks,
            rt.timers.count(),
            rt.outside.load(.monotonic),
            @popCount(rt.entered.load(.monotonic)),
        },
    );
}
