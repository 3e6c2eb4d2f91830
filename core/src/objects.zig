//! What a handle can name, and how each is freed when its last reference goes.

const std = @import("std");
const handles_mod = @import("handles.zig");
const runtime_mod = @import("runtime.zig");
const channel = @import("channel.zig");
const Runtime = runtime_mod.Runtime;
const Worker = @import("worker.zig").Worker;

/// A request for the dump of every VM's stacks.
pub const Dump = struct {
    wanted: std.atomic.Value(u64) = .init(0),

    pub fn isWanted(self: *const Dump, worker: u32) bool {
        return self.wanted.load(.monotonic) >> @intCast(worker) & 1 != 0;
    }
};

pub fn free(rt: *Runtime, worker: *Worker, kind: handles_mod.Kind, object: u32) void {
    switch (kind) {
        .none => unreachable,
        .channel => channel.abandon(rt, worker, object),
        .nursery => rt.arena.free(&worker.arena, object),
        .atomic, .parker, .mutex, .ring, .token => unreachable,
    }
}
