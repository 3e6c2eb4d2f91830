//! Tries every interleaving of a few threads, up to a number of preemptions, and shows the one that goes wrong.
//!
//! A case gives its actors and says what has to hold when they have ended; the search (schedule.zig) runs it again and
//! again, each time with another order of the accesses to shared words, until all orders were tried in which at most
//! `preemptions` times somebody who could go on was not let. Runs start from the same state, so a list of choices is a
//! schedule, and following it again gives the same run: that is how a failure is printed, step by step.
//!
//! `JANUS_PREEMPTIONS` raises the bound (`zig build interleavings -Dpreemptions=3`).
//! Not shown: what weaker memory orders allow beyond sequential consistency (schedule.zig).

const std = @import("std");
const context = @import("context.zig");
const schedule = @import("schedule.zig");
const linux = std.os.linux;
const testing = std.testing;

pub const Actor = schedule.Actor;
pub const Flaw = schedule.Flaw;

/// Enough for the deepest of the core, and for a failed assertion's report.
const stack_bytes = 256 * 1024;
const schedules_max = 50_000_000;

/// What a search came to.
const Found = struct { schedules: u64, failure: ?anyerror };

/// Every schedule of the case must pass. `Case` has `begin(*Case) !void`, `actors(*Case, *[8]Actor) []Actor` and
/// `end(*Case) !void`, which checks the result and tidies up.
pub fn all(comptime name: []const u8, case: anytype) !void {
    var search: schedule.Search = .{ .allocator = testing.allocator, .preemptions_max = try preemptions() };
    defer search.deinit();
    const found = try explore(&search, .none, case);
    const failure = found.failure orelse {
        if (testing.environ.getPosix("JANUS_PREEMPTIONS") != null) {
            std.debug.print("{s}: {d} schedules\n", .{ name, found.schedules });
        }
        return;
    };
    std.debug.print("{s}: {t} in schedule {d}:\n", .{ name, failure, found.schedules });
    try show(&search, case);
    return failure;
}

/// A canary: with this flaw some schedule of the case must fail, or the case is blind to it. A failure may be a failed
/// assertion, so the search runs in a process of its own. (What word it is, is known after `begin`.)
pub fn finds(case: anytype, comptime flawOf: fn (@TypeOf(case)) Flaw) !void {
    try findsWithin(2, case, flawOf);
}

/// As `finds`, for a flaw that takes so many preemptions to do harm.
pub fn findsWithin(preemptions_max: u32, case: anytype, comptime flawOf: fn (@TypeOf(case)) Flaw) !void {
    const child = linux.fork();
    if (linux.errno(child) != .SUCCESS) return error.CannotFork;
    if (child == 0) {
        const silence = linux.open("/dev/null", .{ .ACCMODE = .WRONLY }, 0);
        _ = linux.dup2(@intCast(silence), 2);
        linux.exit_group(if (survives(preemptions_max, case, flawOf)) 0 else 1);
    }
    var status: i32 = 0;
    while (linux.errno(linux.waitpid(@intCast(child), &status, 0)) == .INTR) {}
    if (status == 0) return error.CanaryLives;
}

fn survives(preemptions_max: u32, case: anytype, comptime flawOf: fn (@TypeOf(case)) Flaw) bool {
    var search: schedule.Search = .{ .allocator = std.heap.page_allocator, .preemptions_max = preemptions_max };
    const found = explore(&search, flawOf, case) catch return true; // not what was looked for
    return found.failure == null;
}

/// The bound of `all`.
pub fn preemptions() !u32 {
    const text = testing.environ.getPosix("JANUS_PREEMPTIONS") orelse return 2;
    return std.fmt.parseInt(u32, text, 10);
}

fn explore(search: *schedule.Search, flaw: anytype, case: anytype) !Found {
    for (1..schedules_max) |n| {
        once(search, flaw, case) catch |err| switch (err) {
            error.OutOfMemory, error.NotDeterministic => return err,
            else => return .{ .schedules = n, .failure = err },
        };
        if (!search.advance()) return .{ .schedules = n, .failure = null };
    }
    return error.TooManySchedules;
}

var stacks: [schedule.actors_max * stack_bytes]u8 align(context.stack_alignment) = undefined;

fn once(search: *schedule.Search, flaw: anytype, case: anytype) anyerror!void {
    try case.begin();
    var buffer: [schedule.actors_max]Actor = undefined;
    const actors = case.actors(&buffer);
    const wrong: Flaw = if (@TypeOf(flaw) == @TypeOf(.none)) .none else flaw(case);
    const ran = schedule.follow(search, wrong, actors, stacks[0 .. actors.len * stack_bytes]);
    const ended = case.end(if (ran) |_| true else |_| false);
    try ran;
    try ended;
}

const frames_max = 8;
const Step = struct { actor: usize, frames: [frames_max]usize, len: usize };
var steps: std.ArrayList(Step) = .empty;

fn note(actor: usize) void {
    var step: Step = .{ .actor = actor, .frames = undefined, .len = 0 };
    step.len = std.debug.captureCurrentStackTrace(.{}, &step.frames).return_addresses.len;
    steps.append(std.heap.page_allocator, step) catch {};
}

/// Runs the schedule again and prints it: whose turn it is, and where each step is taken.
fn show(search: *schedule.Search, case: anytype) !void {
    search.rewind();
    search.on_step = note;
    once(search, .none, case) catch {};
    var buffer: [schedule.actors_max]Actor = undefined;
    const actors = case.actors(&buffer);
    var last: usize = actors.len;
    for (steps.items) |*step| {
        if (step.actor != last) std.debug.print("  {s}\n", .{actors[step.actor].name});
        last = step.actor;
        std.debug.print("     ", .{});
        var places: u32 = 0;
        for (step.frames[0..step.len]) |address| {
            if (places < 2 and printPlace(address)) places += 1;
        }
        std.debug.print("\n", .{});
    }
    steps.clearAndFree(std.heap.page_allocator);
    std.debug.print("  choices:", .{});
    for (search.choices.items) |choice| std.debug.print(" {d}", .{choice.taken});
    std.debug.print("\n", .{});
}

/// Prints a place in the code, except in the machinery of an access: then false.
fn printPlace(return_address: usize) bool {
    var arena: std.heap.ArenaAllocator = .init(std.heap.page_allocator);
    defer arena.deinit();
    const a = arena.allocator();
    var symbols: std.ArrayList(std.debug.Symbol) = .empty;
    const info = std.debug.getSelfDebugInfo() catch return false;
    info.getSymbols(std.Options.debug_io, a, a, return_address - 1, true, &symbols) catch return false;
    if (symbols.items.len == 0) return false;
    const place = symbols.items[0].source_location orelse return false;
    const file = std.fs.path.basename(place.file_name);
    for ([_][]const u8{ "raced.zig", "schedule.zig", "interleave.zig", "debug.zig" }) |name| {
        if (std.mem.eql(u8, file, name)) return false;
    }
    std.debug.print(" {s}:{d} {s}", .{ file, place.line, symbols.items[0].name orelse "" });
    return true;
}
