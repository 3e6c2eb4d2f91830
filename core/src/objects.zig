//! What a handle can name, and how each is freed when its last reference goes.

const handles_mod = @import("handles.zig");
const runtime_mod = @import("runtime.zig");
const channel = @import("channel.zig");
const layout = @import("layout.zig");
const sockets = @import("sockets.zig");
const sync = @import("sync.zig");
const Runtime = runtime_mod.Runtime;
const Worker = @import("worker.zig").Worker;

/// Frees an object, and drops the references it held. Called from release.zig alone, so that this never nests.
pub fn free(rt: *Runtime, worker: *Worker, kind: handles_mod.Kind, object: u32) void {
    switch (kind) {
        .none => unreachable,
        .channel, .ring, .parker => channel.free(rt, worker, object),
        .mutex => {
            const mutex = rt.arena.at(sync.Mutex, object);
            rt.releaseValue(worker, .{ .tag = mutex.tag, .payload = mutex.payload });
            mutex.tag = layout.Tag.void_;
            channel.free(rt, worker, object);
        },
        .token => {
            const parent = rt.arena.at(sync.Token, object).parent;
            rt.arena.free(&worker.arena, object);
            if (parent != 0) _ = rt.releaseHandle(worker, parent);
        },
        .nursery, .atomic, .grace => rt.arena.free(&worker.arena, object),
        .memory => rt.releaseBlock(worker, object),
        .socket => sockets.free(rt, worker, object),
    }
}
