//! The numbers and layouts both sides of the boundary know: statuses, events, tags, and what a worker's event record
//! looks like. `manifest.zig` turns this file and `fiber.zig` into the TypeScript binding; nothing is written twice.

const std = @import("std");
const assert = std.debug.assert;

/// What an operation says. Never negative; an export that gives a number gives the negated status on failure.
pub const Status = struct {
    pub const ok: i32 = 0;
    /// Unwind to the worker loop; the result will be in the fiber's record when it is resumed.
    pub const parked: i32 = 1;
    pub const cancelled: i32 = 2;
    pub const closed: i32 = 3;
    pub const stale: i32 = 4;
    /// Try operations: it could not be done at once. Sends say `full`, everything else `empty`: one number.
    pub const full: i32 = 5;
    pub const empty: i32 = 5;
    pub const out_of_memory: i32 = 6;
    pub const timeout: i32 = 7;
    pub const poisoned: i32 = 8;
    pub const all_closed: i32 = 9;
    pub const failed: i32 = 10;
    pub const panicked: i32 = 11;
    pub const invalid: i32 = 12;
    pub const cancelled_task: i32 = 13;
    /// Refused: a nursery around the fiber allows no more. Of a join: its children went beyond its budget.
    pub const over_budget: i32 = 15;
    /// Inside the core only: a claimed wait that could not be served; it is entered again.
    pub const retry: i32 = 14;
};

pub const Event = struct {
    pub const start: i32 = 1;
    pub const @"resume": i32 = 2;
    pub const unpack: i32 = 3;
    pub const pack_ready: i32 = 4;
    pub const pack_parked: i32 = 5;
    pub const turn: i32 = 6;
    pub const start_workers: i32 = 7;
    pub const signal: i32 = 8;
    pub const deadlock: i32 = 9;
    pub const host: i32 = 10;
    pub const exit: i32 = 11;
    pub const dump: i32 = 12;
    /// Worker 0: nothing has run for a while, and nothing will before a timer or the outside says so. ev[1]: the low
    /// half of the switches until now.
    pub const quiet: i32 = 13;
};

pub const Tag = struct {
    pub const block_bit: i32 = 0x100;
    pub const handle_bit: i32 = 0x200;
    pub const void_: i32 = 0;
    pub const null_: i32 = 1;
    pub const false_: i32 = 2;
    pub const true_: i32 = 3;
    pub const num: i32 = 4;
    pub const big: i32 = 5 | block_bit;
    pub const str: i32 = 6 | block_bit;
    pub const data: i32 = 7 | block_bit;
    pub const handle: i32 = 8 | handle_bit;
};

pub const Flag = struct {
    /// `janus_open`: one worker, virtual clock, choices from the seed.
    pub const open_seeded: u32 = 1;
    /// `janus_open`: check the runtime's invariants whenever it is idle.
    pub const open_debug: u32 = 2;
    /// `janus_spawn`: keep a handle (`Task`) to the fiber.
    pub const spawn_task: u32 = 1;
    /// `janus_spawn`: the fiber serves the others, and ends when they have ended.
    pub const spawn_daemon: u32 = 2;
};

/// Outcomes `janus_finish` takes.
pub const Outcome = struct {
    pub const value: u32 = 0;
    pub const failure: u32 = 1;
    pub const panic: u32 = 2;
    pub const cancelled: u32 = 3;
};

/// What a cancellation comes from, whatever it went through on its way (cause.zig); with each goes a place.
pub const CancelCause = struct {
    /// `cancel()` of a nursery, of a task, of a token: the place of the call.
    pub const request: u32 = 1;
    pub const task: u32 = 2;
    pub const token: u32 = 3;
    /// A child failed: where it was spawned.
    pub const failure: u32 = 4;
    /// A nursery's block failed: the nursery.
    pub const block: u32 = 5;
    /// The nursery.
    pub const deadline: u32 = 6;
    /// Where more than a budget allows was asked for.
    pub const budget: u32 = 7;
    /// Of a daemon, when the others have ended: the nursery.
    pub const others_ended: u32 = 8;
    /// A signal.
    pub const signal: u32 = 9;
    /// A fault that a seeded run was asked for.
    pub const fault: u32 = 10;
    /// The other side of a connection has gone: where that was watched for.
    pub const disconnect: u32 = 11;
    /// Of the fiber that ends the program: where it asked for that.
    pub const exit: u32 = 12;
};

/// Why a nursery was cancelled. The first reason stays.
pub const CancelReason = struct {
    pub const none: u32 = 0;
    /// Its `cancel()`.
    pub const request: u32 = 1;
    /// A child failed.
    pub const failure: u32 = 2;
    pub const deadline: u32 = 3;
    /// The fiber that opened it was cancelled.
    pub const parent: u32 = 4;
    /// Its children went beyond its budget.
    pub const budget: u32 = 5;
};

/// What a nursery's budget bounds.
pub const BudgetKind = struct {
    /// Fibers started.
    pub const spawns: u32 = 0;
    /// Bytes of the arena held at one time.
    pub const memory: u32 = 1;
    /// Channel operations.
    pub const operations: u32 = 2;
    pub const count: u32 = 3;
};

pub const select_cases_max: u32 = 64;

pub const SelectKind = struct {
    pub const receive: i32 = 0;
    pub const send: i32 = 1;
    pub const closed: i32 = 2;
};

pub const SelectCase = extern struct {
    kind: i32,
    channel: u32,
    tag: i32,
    padding: u32,
    payload: f64,
};

/// Where a worker's events, small results and select cases lie; one a worker, in the arena.
pub const Area = extern struct {
    ev: [16]i32,
    ev_payload: [4]f64,
    /// Grows whenever the worker comes to a point where its fiber could give way; the fiber that runs, or 0; and where
    /// in the source its VM calls the library, or 0. For the watchdog, which reads them from a thread of its own.
    beat: u32,
    running: u32,
    place: u32,
    /// For the memory budget of the process (interp/runtime/memory-budget.ts, `sightOf`). Of worker 0: how often a
    /// collection was asked of all VMs. `ask` adds one (Atomics.add), and each VM finds it at its next look, ten
    /// milliseconds later at the most when it runs anything (Atomics.load in `asked`, which pairs with the add).
    /// Nothing else is told by it: who reads it late collects late, within the patience of the one that asked.
    collections: u32,
    /// Of worker 0: the budget in bytes. Written once (`setBudget`), before there is another worker: their start, which
    /// passes a message to a new thread, orders it before every read.
    budget: f64,
    /// Of each: bytes of its VM's heap after its last collection. Written by its own VM (`collect`) and read by all
    /// (`heaps`), both plainly, and paired with nothing: a whole word of eight bytes, which tears on neither processor,
    /// and an estimate that may be as old as the last collection anyway.
    heap: f64,
    reserved: [32]u32,
    cases: [select_cases_max]SelectCase,

    comptime {
        assert(@offsetOf(Area, "cases") == 256);
        assert(@sizeOf(SelectCase) == 24);
    }
};

pub const scratch_bytes: u32 = 16 << 20;
pub const workers_max: u32 = 64;
pub const globals_max: u32 = 64 * 1024;
pub const pack_max: u32 = 8;
