//! Why something is cancelled: what it was, and where in the program. The first cause of a nursery stays, and goes with
//! the cancellation into all that is below. A fiber that is cancelled by itself, not with its nursery, has it in a
//! table: that is rare, and its record is full.

const std = @import("std");
const fiber_mod = @import("fiber.zig");
const layout = @import("layout.zig");
const nursery_mod = @import("nursery.zig");
const runtime_mod = @import("runtime.zig");
const Mutex = @import("mutex.zig").Mutex;
const Kind = layout.CancelCause;
const Nursery = nursery_mod.Nursery;
const Reason = layout.CancelReason;
const Runtime = runtime_mod.Runtime;

/// A kind (`CancelCause`) above a place; 0 for none.
pub const Cause = u64;
pub const none: Cause = 0;

pub fn make(kind: u32, site: u32) Cause {
    return @as(u64, kind) << 32 | site;
}

/// As it crosses the boundary: kinds are few, so a double has room for both.
pub fn number(cause: Cause) f64 {
    return @floatFromInt(cause);
}

/// The cause of a nursery's cancellation that nobody has told more of.
pub fn ofReason(rt: *Runtime, nursery: *Nursery, reason: u32) Cause {
    return switch (reason) {
        Reason.deadline => make(Kind.deadline, nursery.site),
        Reason.budget => make(Kind.budget, rt.arena.at(@import("budget.zig").Budget, nursery.account).site),
        Reason.failure => make(Kind.block, nursery.site),
        else => make(Kind.request, 0),
    };
}

const Entry = struct { generation: u32, cause: Cause };

/// Causes of fibers that were cancelled by themselves, by number.
pub const Table = struct {
    mutex: Mutex = .{},
    entries: std.AutoHashMapUnmanaged(u32, Entry) = .empty,
    count: std.atomic.Value(u32) = .init(0),

    pub fn deinit(self: *Table) void {
        self.entries.deinit(std.heap.page_allocator);
    }
};

/// A fiber is about to be cancelled by itself. The first cause stays; without memory there is none.
pub fn note(rt: *Runtime, fiber_number: u32, cause: Cause) void {
    const fiber = rt.table.at(fiber_number);
    if (fiber.cancel_any.load(.acquire) & fiber_mod.cancel_self != 0) return;
    rt.causes.mutex.lock();
    defer rt.causes.mutex.unlock();
    const slot = rt.causes.entries.getOrPut(std.heap.page_allocator, fiber_number) catch return;
    if (slot.found_existing and slot.value_ptr.generation == fiber.generation) return;
    slot.value_ptr.* = .{ .generation = fiber.generation, .cause = cause };
    rt.causes.count.store(rt.causes.entries.count(), .release);
}

/// The fiber has ended.
pub fn forget(rt: *Runtime, fiber_number: u32) void {
    if (rt.causes.count.load(.acquire) == 0) return;
    rt.causes.mutex.lock();
    defer rt.causes.mutex.unlock();
    _ = rt.causes.entries.remove(fiber_number);
    rt.causes.count.store(rt.causes.entries.count(), .release);
}

fn noted(rt: *Runtime, fiber_number: u32, generation: u32) Cause {
    if (rt.causes.count.load(.acquire) == 0) return none;
    rt.causes.mutex.lock();
    defer rt.causes.mutex.unlock();
    const entry = rt.causes.entries.get(fiber_number) orelse return none;
    return if (entry.generation == generation) entry.cause else none;
}

/// Why a fiber as a whole is cancelled: by itself, with its nursery, or as a daemon whose others have ended.
pub fn ofFiber(rt: *Runtime, fiber_number: u32) Cause {
    const fiber = rt.table.at(fiber_number);
    if (fiber.cancel_any.load(.acquire) & fiber_mod.cancel_self == 0) return none;
    const own = noted(rt, fiber_number, fiber.generation);
    if (own != none) return own;
    const nursery = rt.object(Nursery, fiber.nursery) orelse return none;
    const cause = nursery.cause.load(.acquire);
    if (cause == none and fiber.flags & fiber_mod.flag_daemon != 0) return make(Kind.others_ended, nursery.site);
    return cause;
}

/// Why a fiber is cancelled where it is: the innermost cancelled nursery's cause, or its own. From another worker, for
/// a dump, it is what can be seen.
pub fn seen(rt: *Runtime, fiber_number: u32) Cause {
    const fiber = rt.table.at(fiber_number);
    if (fiber.cancel_any.load(.acquire) == 0) return none;
    var handle = fiber.open_nursery;
    while (rt.object(Nursery, handle)) |nursery| : (handle = nursery.outer) {
        if (nursery.cancelled.load(.acquire) != Reason.none) return nursery.cause.load(.acquire);
    }
    return ofFiber(rt, fiber_number);
}
