//! Nurseries that a token cancels: `nursery(token: t)`.
//!
//! A list under one lock holds the open ones. Whoever cancels a token, or a nursery that tokens hang below, looks
//! through it; who has none of these pays nothing.

const std = @import("std");
const cancellation = @import("cancel.zig");
const layout = @import("layout.zig");
const Mutex = @import("mutex.zig").Mutex;
const nursery_mod = @import("nursery.zig");
const sync = @import("sync.zig");
const Runtime = @import("runtime.zig").Runtime;
const Worker = @import("worker.zig").Worker;
const Nursery = nursery_mod.Nursery;
const Status = layout.Status;
const assert = std.debug.assert;

pub const Watched = struct {
    mutex: Mutex = .{},
    /// Handles of nurseries with a token.
    nurseries: std.ArrayList(u32) = .empty,

    pub fn deinit(self: *Watched) void {
        self.nurseries.deinit(std.heap.page_allocator);
    }
};

/// The nursery is cancelled when the token is, at once if it is already. `ok`, `stale`, `invalid` or `out_of_memory`.
pub fn join(rt: *Runtime, worker: *Worker, nursery: *Nursery, token: u32) i32 {
    if (rt.object(sync.Token, token) == null) return Status.stale;
    if (nursery.token != 0) return Status.invalid;
    if (!rt.retainHandle(token)) return Status.stale;
    {
        rt.watched.mutex.lock();
        defer rt.watched.mutex.unlock();
        rt.watched.nurseries.append(std.heap.page_allocator, nursery.handle) catch {
            _ = rt.releaseHandle(worker, token);
            return Status.out_of_memory;
        };
        nursery.token = token;
        nursery.watched = @intCast(rt.watched.nurseries.items.len);
    }
    // After it joined: a canceller either finds it in the list, or has set what is seen here.
    if (sync.tokenState(rt, token) == 1) byToken(rt, worker, nursery);
    return Status.ok;
}

/// The nursery is being left.
pub fn leave(rt: *Runtime, worker: *Worker, nursery: *Nursery) void {
    if (nursery.token == 0) return;
    {
        rt.watched.mutex.lock();
        defer rt.watched.mutex.unlock();
        const list = &rt.watched.nurseries;
        const index = nursery.watched - 1;
        assert(list.items[index] == nursery.handle);
        _ = list.swapRemove(index);
        if (index < list.items.len) rt.object(Nursery, list.items[index]).?.watched = index + 1;
    }
    _ = rt.releaseHandle(worker, nursery.token);
    nursery.token = 0;
}

/// A token has been cancelled, or a nursery that tokens hang below: cancels the nurseries that listen to them.
pub fn spread(rt: *Runtime, worker: *Worker) void {
    while (true) {
        const handle = next(rt) orelse return;
        byToken(rt, worker, rt.object(Nursery, handle).?);
        _ = rt.releaseHandle(worker, handle);
    }
}

fn byToken(rt: *Runtime, worker: *Worker, nursery: *Nursery) void {
    const why = sync.tokenCause(rt, nursery.token);
    cancellation.cancelBy(rt, worker, nursery, layout.CancelReason.request, why);
}

/// A nursery whose token is cancelled and which is not, with a reference.
fn next(rt: *Runtime) ?u32 {
    rt.watched.mutex.lock();
    defer rt.watched.mutex.unlock();
    for (rt.watched.nurseries.items) |handle| {
        // In the list it is open: its owner waits for this lock before it lets go.
        const nursery = rt.object(Nursery, handle).?;
        if (nursery.cancelled.load(.acquire) != layout.CancelReason.none) continue;
        if (sync.tokenState(rt, nursery.token) != 1) continue;
        const retained = rt.retainHandle(handle);
        assert(retained);
        return handle;
    }
    return null;
}
