//! Channels, select, await, cancellation and nurseries against the model of fuzz_model.zig: fibers with random scripts
//! run on one worker of a real runtime (seeded, so that it chooses who runs next), every answer and every wake-up is
//! compared, and at the end nothing is left behind.

const std = @import("std");
const cancel_mod = @import("cancel.zig");
const channel = @import("channel.zig");
const dump = @import("dump.zig");
const fuzz = @import("fuzz.zig");
const layout = @import("layout.zig");
const model = @import("fuzz_model.zig");
const nursery_mod = @import("nursery.zig");
const runtime_mod = @import("runtime.zig");
const scheduler = @import("scheduler.zig");
const select_mod = @import("select.zig");
const task = @import("task.zig");
const Answer = model.Answer;
const Event = layout.Event;
const Runtime = runtime_mod.Runtime;
const Status = layout.Status;
const Tag = layout.Tag;
const Worker = @import("worker.zig").Worker;
const testing = std.testing;

fn num(n: u32) runtime_mod.Value {
    return .{ .tag = Tag.num, .payload = @floatFromInt(n) };
}

const Play = struct {
    rt: *Runtime,
    worker: *Worker,
    m: model.Model,
    prng: std.Random.DefaultPrng,
    channels: [model.channels_max]u32 = undefined,
    channels_len: u8,
    fibers: [model.fibers_max]u32 = @splat(0),
    generations: [model.fibers_max]u32 = @splat(0),
    fibers_len: u8,
    spawned: u8 = 0,
    main: u32 = 0,
    nursery: u32 = 0,
    joining: bool = false,
    next_value: u32 = 1,
    ops_left: u32,

    fn random(p: *Play) std.Random {
        return p.prng.random();
    }

    fn below(p: *Play, n: u32) u32 {
        return p.random().uintLessThan(u32, n);
    }

    fn index(p: *const Play, number: u32) !u8 {
        for (p.fibers[0..p.spawned], 0..) |other, i| if (other == number) return @intCast(i);
        return error.UnknownFiber;
    }

    /// What the running fiber's record holds after `status`.
    fn told(p: *Play, number: u32, status: i32) Answer {
        const fiber = p.rt.table.at(number);
        const value: ?u32 = if (fiber.wake_tag == Tag.num and fiber.wake_payload >= 0)
            @intFromFloat(fiber.wake_payload)
        else
            null;
        return .{ .status = status, .value = value, .case = @bitCast(fiber.aux) };
    }

    fn same(expected: Answer, got: Answer) !void {
        if (expected.status != got.status) {
            return error.OtherStatus;
        }
        if (expected.value) |value| if (got.value != value) return error.OtherValue;
        if (expected.case) |case| if (got.case != case) return error.OtherCase;
    }

    fn loop(p: *Play) !void {
        while (true) {
            const event = scheduler.next(p.rt, p.worker);
            const number: u32 = @bitCast(p.worker.area.ev[0]);
            switch (event) {
                Event.start, Event.@"resume" => {
                    try p.notice(number);
                    if (number == p.main) {
                        if (try p.owner(event == Event.start)) return;
                    } else try p.child(number, event == Event.start);
                },
                Event.turn => {},
                Event.deadlock => {
                    try p.notice(0);
                    for (p.m.fibers[0..p.spawned]) |f| {
                        const waits = f.state == .parked or f.state == .retrying;
                        if (!waits and f.state != .finished) return error.NotADeadlock;
                    }
                    p.m.cancelNursery();
                    cancel_mod.cancel(p.rt, p.worker, p.object(), layout.CancelReason.request);
                },
                else => return error.UnexpectedEvent,
            }
        }
    }

    fn object(p: *Play) *nursery_mod.Nursery {
        return p.rt.object(nursery_mod.Nursery, p.nursery).?;
    }

    /// Fibers that were cancelled before they began, and have ended; selects that looked again meanwhile, and wait.
    fn notice(p: *Play, running: u32) !void {
        for (p.fibers[0..p.spawned], 0..) |number, i| {
            if (!p.m.endsUnstarted(@intCast(i))) continue;
            if (p.rt.table.at(number).stateNow() != .finished) continue;
            p.m.finish(@intCast(i), .{ .status = Status.cancelled_task });
        }
        var again: u32 = 0;
        for (p.m.fibers[0..p.spawned], 0..) |*f, i| {
            if (f.state != .retrying or p.fibers[i] == running) continue;
            if (p.rt.table.at(p.fibers[i]).stateNow() != .parked) continue;
            const cases = f.cases;
            const answer = try p.m.select(@intCast(i), cases[0..f.cases_len], false, .{ .status = Status.parked });
            try same(answer, .{ .status = Status.parked });
            again += 1;
        }
        // In which order two of them came back is not to be seen from here.
        if (again > 1) return error.SkipSeed;
    }

    /// The fiber that opened the nursery: it spawns, and waits for all. True when it has ended.
    fn owner(p: *Play, is_start: bool) !bool {
        const rt = p.rt;
        if (is_start) {
            p.nursery = @intCast(nursery_mod.open(rt, p.worker, p.main, -1, p.m.limit, 0));
        } else if (p.joining) {
            try p.leave(rt.table.at(p.main).wake_status);
            return true;
        }
        while (p.spawned < p.fibers_len) {
            if (p.m.limit != 0) {
                const expected: i32 = if (!p.m.isFull()) Status.ok else if (p.m.nursery_cancelled)
                    Status.cancelled
                else
                    Status.parked;
                const status = nursery_mod.waitRoom(rt, p.worker, p.main, p.nursery, 0);
                try same(.{ .status = expected }, .{ .status = status });
                if (status == Status.parked) return false;
                if (status == Status.cancelled) break;
            }
            const number = scheduler.spawn(rt, p.worker, .{
                .nursery = p.nursery,
                .code = 1,
                .thunk = num(p.spawned),
                .keep_task = true,
                .stack_bytes = 64 << 10,
                .site = 0,
            });
            const answer = p.m.spawned(p.spawned);
            try same(.{ .status = answer }, .{ .status = if (number > 0) Status.ok else -number });
            if (answer != Status.ok) break;
            p.fibers[p.spawned] = @intCast(number);
            p.generations[p.spawned] = rt.table.at(@intCast(number)).generation;
            p.spawned += 1;
        }
        p.joining = true;
        const status = nursery_mod.join(rt, p.worker, p.main, p.nursery);
        if (status == Status.parked) {
            if (p.m.live == 0) return error.WaitsForNobody;
            return false;
        }
        try p.leave(status);
        return true;
    }

    /// The nursery has ended with the status; so does the fiber that opened it.
    fn leave(p: *Play, status: i32) !void {
        try same(p.m.joined(), .{ .status = status });
        const failed = status == Status.failed or status == Status.panicked;
        var offset: u32 = if (failed) @bitCast(p.rt.table.at(p.main).aux) else 0;
        for (p.m.failures.slice()) |expected| {
            if (offset == 0) return error.FailureLost;
            const node = p.rt.arena.at(nursery_mod.FailureNode, offset).*;
            try same(expected, .{ .status = node.status, .value = @intFromFloat(node.payload) });
            p.rt.arena.free(&p.worker.arena, offset);
            offset = node.next;
        }
        if (offset != 0) return error.FailureFromNowhere;
        for (p.fibers[0..p.spawned]) |number| p.rt.dropFiber(p.worker, number);
        const finished = scheduler.finish(p.rt, p.worker, p.main, layout.Outcome.value, num(0));
        try testing.expectEqual(Status.ok, finished);
    }

    fn child(p: *Play, number: u32, is_start: bool) !void {
        const f = try p.index(number);
        const fiber = &p.m.fibers[f];
        if (!is_start) {
            const got = p.told(number, p.rt.table.at(number).wake_status);
            switch (fiber.state) {
                .ready => if (fiber.answer) |answer| try same(answer, got),
                .retrying => {
                    const cases = fiber.cases;
                    try same(try p.m.select(f, cases[0..fiber.cases_len], false, got), got);
                },
                else => return error.RunsWithoutReason,
            }
        } else if (fiber.state != .ready or fiber.started) {
            return error.StartsTwice;
        } else if (fiber.cancelled) {
            return error.StartsCancelled;
        }
        fiber.started = true;
        fiber.state = .running;
        fiber.answer = null;
        fiber.is_select = false;
        while (p.m.fibers[f].state == .running) try p.operation(f, number);
    }

    fn operation(p: *Play, f: u8, number: u32) !void {
        const rt = p.rt;
        const c: u8 = @intCast(p.below(p.channels_len));
        const handle = p.channels[c];
        if (p.ops_left == 0) return p.finish(f, number);
        p.ops_left -= 1;
        switch (p.below(24)) {
            0...4 => {
                const value = p.fresh();
                const expected = p.m.send(f, c, value);
                try same(expected, .{ .status = channel.send(rt, p.worker, number, handle, num(value), 0) });
            },
            5...9 => {
                const expected = p.m.receive(f, c);
                try same(expected, p.told(number, channel.receive(rt, p.worker, number, handle, 0)));
            },
            10 => {
                const value = p.fresh();
                const ch = rt.object(channel.Channel, handle).?;
                const expected = p.m.trySend(c, value);
                try testing.expectEqual(expected, channel.trySendOn(rt, p.worker, ch, num(value)));
            },
            11 => {
                const ch = rt.object(channel.Channel, handle).?;
                const expected = p.m.tryReceive(c);
                try same(expected, p.told(number, channel.tryReceiveOn(rt, p.worker, number, ch)));
            },
            12...17 => try p.select(f, number),
            18 => if (p.below(3) == 0) {
                p.m.close(c);
                channel.close(rt, p.worker, rt.object(channel.Channel, handle).?, 0);
            },
            19 => {
                p.m.fibers[f].state = .ready;
                p.m.fibers[f].answer = null;
                scheduler.yield(rt, p.worker, number);
            },
            20 => {
                const target: u8 = @intCast(p.below(p.spawned));
                if (target == f) return;
                const expected = p.m.await(f, target);
                const status = task.await(rt, p.worker, number, p.fibers[target], p.generations[target], 0);
                try same(expected, p.told(number, status));
            },
            21 => if (p.below(3) == 0) {
                const target: u8 = @intCast(p.below(p.spawned));
                p.m.cancel(target);
                _ = task.cancel(rt, p.worker, p.fibers[target], p.generations[target], 0);
            },
            22 => if (p.below(12) == 0) {
                p.m.cancelNursery();
                cancel_mod.cancel(rt, p.worker, p.object(), layout.CancelReason.request);
            },
            else => if (p.below(2) == 0) return p.finish(f, number),
        }
        const ch = rt.object(channel.Channel, handle).?;
        if (ch.len() != p.m.channels[c].buffer.len) return error.OtherLength;
        if (ch.isClosed() != p.m.channels[c].closed) return error.OtherClosed;
    }

    fn fresh(p: *Play) u32 {
        p.next_value += 1;
        return p.next_value;
    }

    fn select(p: *Play, f: u8, number: u32) !void {
        var cases: [model.cases_max]model.Case = undefined;
        const len = 1 + p.below(model.cases_max);
        for (cases[0..len], 0..) |*case, i| {
            case.* = .{
                .kind = @fromBackingInt(@as(i32, @intCast(p.below(3)))),
                .channel = @intCast(p.below(p.channels_len)),
                .value = p.fresh(),
            };
            p.worker.area.cases[i] = .{
                .kind = @backingInt(case.kind),
                .channel = p.channels[case.channel],
                .tag = Tag.num,
                .padding = 0,
                .payload = @floatFromInt(case.value),
            };
        }
        const has_default = p.below(4) == 0;
        const status = select_mod.select(p.rt, p.worker, number, len, has_default, -1, 0);
        const got = p.told(number, status);
        try same(try p.m.select(f, cases[0..len], has_default, got), got);
    }

    fn finish(p: *Play, f: u8, number: u32) !void {
        const value = p.fresh();
        const way: u32 = switch (p.below(12)) {
            0 => layout.Outcome.failure,
            1 => layout.Outcome.panic,
            2 => layout.Outcome.cancelled,
            else => layout.Outcome.value,
        };
        const status = ([_]i32{ Status.ok, Status.failed, Status.panicked, Status.cancelled_task })[way];
        p.m.finish(f, .{ .status = status, .value = value });
        const finished = scheduler.finish(p.rt, p.worker, number, way, num(value));
        try testing.expectEqual(Status.ok, finished);
    }
};

fn play(flaw: model.Flaw, seed: u64) anyerror!void {
    const rt: *Runtime = try .create(.{
        .workers_max = 1,
        .arena_megabytes = 64,
        .seeded = true,
        .debug = true,
        .seed = @truncate(seed),
    });
    const worker = &rt.workers[0];
    defer {
        // A game that was broken off leaves a fiber running.
        worker.current = 0;
        scheduler.shutdown(rt);
        _ = scheduler.leave(rt, worker);
        rt.destroy();
    }
    var p: Play = .{
        .rt = rt,
        .worker = worker,
        .m = .{ .flaw = flaw },
        .prng = .init(seed),
        .channels_len = 0,
        .fibers_len = 0,
        .ops_left = 0,
    };
    p.channels_len = @intCast(1 + p.below(model.channels_max));
    p.fibers_len = @intCast(2 + p.below(model.fibers_max - 1));
    p.ops_left = 10 + p.below(120);
    if (p.below(3) == 0) p.m.limit = 1 + p.below(4);
    for (p.channels[0..p.channels_len], p.m.channels[0..p.channels_len]) |*handle, *ch| {
        ch.capacity = p.below(4);
        handle.* = @intCast(channel.create(rt, worker, ch.capacity, 0));
    }
    if (!scheduler.enter(rt, worker)) return error.CannotEnter;
    p.main = @intCast(scheduler.spawnMain(rt, worker, 0, num(0), 8 << 20));
    p.loop() catch |err| return if (err == error.SkipSeed) {} else err;
    for (p.channels[0..p.channels_len]) |handle| _ = rt.releaseHandle(worker, handle);
    const nothing: dump.Live = .{ .fibers = 0, .handles = 0, .blocks = 0, .bytes = 0, .stacks = 0 };
    try testing.expectEqual(nothing, dump.live(rt));
}

fn faithful(seed: u64) anyerror!void {
    try play(.none, seed);
}

test "fuzz fibers: channels, select, await, cancellation and nurseries do what the model says" {
    try fuzz.seeds(faithful);
}

test "fuzz fibers: every canary is found" {
    for (std.enums.values(model.Flaw)) |flaw| {
        if (flaw == .none) continue;
        fuzz.finds(2_000, flaw, play) catch |err| {
            std.debug.print("not found: {t}\n", .{flaw});
            return err;
        };
    }
}
