//! Budgets, tokens and graces through the exports, one step at a time; and under load, on all workers: what is handed
//! over while its receiver is cancelled, or its time runs out, is counted, and nothing is lost or doubled.

const std = @import("std");
const abi = @import("abi.zig");
const layout = @import("layout.zig");
const Session = @import("abi_test.zig").Session;
const Status = layout.Status;
const Event = layout.Event;
const Flag = layout.Flag;
const Kind = layout.BudgetKind;
const Tag = layout.Tag;
const testing = std.testing;

fn spawn(parent: u32, nursery: u32) i32 {
    return abi.janus_spawn(0, parent, nursery, 1, Tag.void_, 0, 0, 0, 50);
}

test "a budget counts what all below do; the first breach cancels the nursery that set it, and is told" {
    var session: Session = try .open(false);
    const main = session.main;
    const outer: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 0, 0));
    try testing.expectEqual(Status.ok, abi.janus_nursery_budget(0, outer, 100, -1, 3));
    try testing.expectEqual(Status.invalid, abi.janus_nursery_budget(0, outer, 1, 1, 1)); // it has one
    const inner: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 0, 0));
    try testing.expectEqual(Status.ok, abi.janus_nursery_budget(0, inner, 2, 64, -1));
    try testing.expect(spawn(main, inner) > 0);
    try testing.expect(spawn(main, inner) > 0);
    try testing.expectEqual(-Status.over_budget, spawn(main, inner));
    try testing.expectEqual(1, abi.janus_is_cancelled(0, main));
    // Cancelled, it starts no more; its children, which had not begun, end without.
    try testing.expectEqual(-Status.cancelled, spawn(main, inner));
    try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, main, inner));
    try testing.expectEqual(Event.@"resume", session.next());
    try testing.expectEqual(Status.over_budget, session.record().wake_status);
    try testing.expectEqual(@as(i32, Kind.spawns), session.record().aux);
    try testing.expectEqual(2, session.record().wake_payload);
    try testing.expectEqual(50, session.record().site_wait);
    try testing.expectEqual(0, abi.janus_is_cancelled(0, main));

    // The outer budget has room; its children's channel operations count, the owner's own do not.
    const ch: u32 = @intCast(abi.janus_channel_new(0, 8, 0));
    for (0..5) |_| try testing.expectEqual(Status.ok, abi.janus_try_send(0, ch, Tag.num, 1));
    try testing.expect(spawn(main, outer) > 0);
    try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, main, outer));
    try testing.expectEqual(Event.start, session.next());
    const child: u32 = @bitCast(session.area.ev[0]);
    for (0..3) |_| try testing.expectEqual(Status.ok, abi.janus_recv(0, child, ch, 7));
    // In a shield it is counted, and not refused.
    try testing.expectEqual(Status.ok, abi.janus_shield(0, child, 1));
    try testing.expectEqual(Status.ok, abi.janus_recv(0, child, ch, 8));
    try testing.expectEqual(Status.ok, abi.janus_shield(0, child, -1));
    try testing.expectEqual(Status.over_budget, abi.janus_recv(0, child, ch, 9));
    try testing.expectEqual(Status.ok, abi.janus_finish(0, child, layout.Outcome.cancelled, Tag.void_, 0));
    try testing.expectEqual(Event.@"resume", session.next());
    try testing.expectEqual(Status.over_budget, session.record().wake_status);
    try testing.expectEqual(@as(i32, Kind.operations), session.record().aux);
    try testing.expectEqual(9, session.record().site_wait);
    try testing.expectEqual(Status.ok, abi.janus_handle_release(0, ch));
    try session.close();
}

test "a block that a budget has no room for is refused, until another one is given back" {
    var session: Session = try .open(false);
    const nursery: u32 = @intCast(abi.janus_nursery_open(0, session.main, -1, 0, 0));
    try testing.expectEqual(Status.ok, abi.janus_nursery_budget(0, nursery, -1, 64, -1));
    try testing.expect(spawn(session.main, nursery) > 0);
    try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, session.main, nursery));
    try testing.expectEqual(Event.start, session.next());
    const child: u32 = @bitCast(session.area.ev[0]);
    const block = abi.janus_alloc(0, 60);
    try testing.expect(block != 0);
    try testing.expectEqual(0, abi.janus_alloc(0, 60));
    try testing.expectEqual(1, abi.janus_was_refused(0));
    try testing.expectEqual(0, abi.janus_was_refused(0));
    try testing.expectEqual(Status.ok, abi.janus_free(0, block));
    const again = abi.janus_alloc(0, 60);
    try testing.expect(again != 0);
    try testing.expectEqual(Status.ok, abi.janus_free(0, again));
    try testing.expectEqual(Status.ok, abi.janus_finish(0, child, layout.Outcome.cancelled, Tag.void_, 0));
    try testing.expectEqual(Event.@"resume", session.next());
    try testing.expectEqual(Status.over_budget, session.record().wake_status);
    try session.close();
}

test "a cancelled fiber starts nothing; one that has not begun ends, and gives back what it was given" {
    var session: Session = try .open(false);
    const main = session.main;
    const nursery: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 0, 0));
    const given = abi.janus_channel_new(0, 1, 0);
    try testing.expectEqual(Status.ok, abi.janus_handle_retain(@intCast(given)));
    const carried: f64 = @floatFromInt(given);
    const child = abi.janus_spawn(0, main, nursery, 1, Tag.handle, carried, Flag.spawn_task, 0, 0);
    try testing.expect(child > 0);
    const generation = session.records[@intCast(child)].generation;
    try testing.expectEqual(Status.ok, abi.janus_nursery_cancel(0, nursery, layout.CancelReason.request, 7));
    try testing.expectEqual(Status.ok, abi.janus_spawn_name(0, abi.janus_alloc(0, 4)));
    try testing.expectEqual(-Status.cancelled, spawn(main, nursery));
    // In a shield it starts, and there it runs: nothing has cancelled that nursery. The name was not this one's.
    try testing.expectEqual(Status.ok, abi.janus_shield(0, main, 1));
    const shielded: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 0, 0));
    const other = spawn(main, shielded);
    try testing.expect(other > 0);
    try testing.expectEqual(0, session.records[@intCast(other)].name);
    try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, main, shielded));
    try testing.expectEqual(Event.start, session.next());
    try testing.expectEqual(other, session.area.ev[0]);
    // The one before it has ended: it was cancelled.
    try testing.expectEqual(4, abi.janus_task_state(@intCast(child), generation));
    try testing.expectEqual(Status.ok, abi.janus_finish(0, @intCast(other), layout.Outcome.value, Tag.void_, 0));
    try testing.expectEqual(Event.@"resume", session.next());
    try testing.expectEqual(Status.ok, abi.janus_shield(0, main, -1));
    try testing.expectEqual(Status.cancelled, abi.janus_nursery_join(0, main, nursery));
    try testing.expectEqual(Status.ok, abi.janus_task_release(0, @intCast(child), generation));
    // This is the last reference: what the child was given is not kept.
    try testing.expectEqual(Status.ok, abi.janus_handle_release(0, @intCast(given)));
    try testing.expectEqual(Status.stale, abi.janus_handle_retain(@intCast(given)));
    try session.close();
}

test "a cancellation reaches the fibers at the end of a tree that waits, at once" {
    var session: Session = try .open(false);
    var parent = session.main;
    const outer: u32 = @intCast(abi.janus_nursery_open(0, parent, -1, 0, 0));
    var nursery = outer;
    // A chain: each fiber starts the next one and waits for it. The last one is new.
    for (0..5) |_| {
        try testing.expect(spawn(parent, nursery) > 0);
        try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, parent, nursery));
        try testing.expectEqual(Event.start, session.next());
        parent = @bitCast(session.area.ev[0]);
        nursery = @intCast(abi.janus_nursery_open(0, parent, -1, 0, 0));
    }
    try testing.expectEqual(0, abi.janus_is_cancelled(0, parent));
    try testing.expectEqual(Status.ok, abi.janus_nursery_cancel(0, outer, layout.CancelReason.request, 7));
    // Those between have not run since: the fiber at the end knows, and starts nothing more.
    try testing.expectEqual(1, abi.janus_is_cancelled(0, parent));
    try testing.expectEqual(-Status.cancelled, spawn(parent, nursery));
    try testing.expectEqual(Status.cancelled, abi.janus_nursery_join(0, parent, nursery));
    while (parent != session.main) {
        try testing.expectEqual(Status.ok, abi.janus_finish(0, parent, layout.Outcome.cancelled, Tag.void_, 0));
        try testing.expectEqual(Event.@"resume", session.next());
        parent = @bitCast(session.area.ev[0]);
    }
    try testing.expectEqual(Status.cancelled, session.record().wake_status);
    try session.close();
}

test "a counted block outlives its nursery, and the budget outlives the block" {
    var session: Session = try .open(false);
    const main = session.main;
    const nursery: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 0, 0));
    try testing.expectEqual(Status.ok, abi.janus_nursery_budget(0, nursery, -1, 1000, -1));
    try testing.expect(spawn(main, nursery) > 0);
    try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, main, nursery));
    try testing.expectEqual(Event.start, session.next());
    const child: u32 = @bitCast(session.area.ev[0]);
    const block = abi.janus_alloc(0, 100);
    try testing.expectEqual(Status.ok, abi.janus_block_retain(block));
    try testing.expectEqual(Status.ok, abi.janus_free(0, block));
    try testing.expectEqual(Status.ok, abi.janus_finish(0, child, layout.Outcome.value, Tag.void_, 0));
    try testing.expectEqual(Event.@"resume", session.next());
    try testing.expectEqual(Status.ok, session.record().wake_status);
    try testing.expectEqual(Status.ok, abi.janus_free(0, block));
    try session.close();
}

test "a token cancels the nurseries that listen to it, to one above it, or to a nursery" {
    var session: Session = try .open(false);
    const main = session.main;
    const root: u32 = @intCast(abi.janus_token_new(0, 0));
    const leaf: u32 = @intCast(abi.janus_token_new(0, root));
    const other: u32 = @intCast(abi.janus_token_new(0, 0));
    const nursery: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 0, 0));
    try testing.expectEqual(Status.ok, abi.janus_nursery_token(0, nursery, leaf));
    try testing.expectEqual(Status.invalid, abi.janus_nursery_token(0, nursery, other));
    try testing.expectEqual(Status.ok, abi.janus_token_cancel(0, other, 0));
    try testing.expectEqual(0, abi.janus_is_cancelled(0, main));
    try testing.expectEqual(Status.ok, abi.janus_token_cancel(0, root, 0));
    try testing.expectEqual(1, abi.janus_is_cancelled(0, main));
    // A token below this nursery, listened to by one inside it, in a shield.
    const below: u32 = @intCast(abi.janus_token_new(0, nursery));
    try testing.expectEqual(Status.ok, abi.janus_shield(0, main, 1));
    const inside: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 0, 0));
    try testing.expectEqual(0, abi.janus_is_cancelled(0, main));
    try testing.expectEqual(Status.ok, abi.janus_nursery_token(0, inside, below));
    try testing.expectEqual(1, abi.janus_is_cancelled(0, main));
    try testing.expectEqual(Status.cancelled, abi.janus_nursery_join(0, main, inside));
    try testing.expectEqual(Status.ok, abi.janus_shield(0, main, -1));
    try testing.expectEqual(Status.cancelled, abi.janus_nursery_join(0, main, nursery));
    for ([_]u32{ root, leaf, other, below }) |token| {
        try testing.expectEqual(Status.ok, abi.janus_handle_release(0, token));
    }
    try session.close();
}

test "a shield with a grace ends by itself, for who is cancelled then or later" {
    // The clock is virtual: it jumps when nothing runs.
    for ([_]bool{ true, false }) |cancelled_first| {
        var session: Session = try .open(true);
        const main = session.main;
        const nursery: u32 = @intCast(abi.janus_nursery_open(0, main, -1, 0, 0));
        const child: u32 = @intCast(abi.janus_spawn(0, main, nursery, 1, Tag.void_, 0, Flag.spawn_task, 0, 0));
        const generation = session.records[child].generation;
        try testing.expectEqual(Status.parked, abi.janus_nursery_join(0, main, nursery));
        try testing.expectEqual(Event.start, session.next());
        const shield: u32 = @intCast(abi.janus_grace_enter(0, child, 1e6));
        if (cancelled_first) {
            try testing.expectEqual(Status.ok, abi.janus_task_cancel(0, child, generation, 2, 0));
            try testing.expectEqual(0, abi.janus_is_cancelled(0, child));
            try testing.expectEqual(Status.parked, abi.janus_sleep(0, child, 1e12, 0));
            try testing.expectEqual(Event.@"resume", session.next());
            try testing.expectEqual(Status.cancelled, session.records[child].wake_status);
            try testing.expect(abi.janus_now_ns() < 1e12);
        } else {
            try testing.expectEqual(Status.parked, abi.janus_sleep(0, child, 1e7, 0));
            try testing.expectEqual(Event.@"resume", session.next());
            try testing.expectEqual(Status.ok, session.records[child].wake_status);
            try testing.expectEqual(0, abi.janus_is_cancelled(0, child));
            try testing.expectEqual(Status.ok, abi.janus_task_cancel(0, child, generation, 2, 0));
        }
        try testing.expectEqual(1, abi.janus_is_cancelled(0, child));
        try testing.expectEqual(Status.ok, abi.janus_grace_leave(0, child, shield));
        try testing.expectEqual(Status.stale, abi.janus_grace_leave(0, child, shield));
        // A plain one holds again.
        try testing.expectEqual(Status.ok, abi.janus_shield(0, child, 1));
        try testing.expectEqual(0, abi.janus_is_cancelled(0, child));
        try testing.expectEqual(Status.ok, abi.janus_shield(0, child, -1));
        try testing.expectEqual(Status.ok, abi.janus_finish(0, child, layout.Outcome.cancelled, Tag.void_, 0));
        try testing.expectEqual(Status.ok, abi.janus_task_release(0, child, generation));
        try testing.expectEqual(Event.@"resume", session.next());
        try session.close();
    }
}
