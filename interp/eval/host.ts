// What the evaluator asks of the runtime that carries its fibers. Implemented in runtime/; tests may bring their own.
// Every operation that may wait follows machine.ts's protocol: it gives its value, or STOP after suspending or starting
// to unwind. A suspended operation's value reaches the resume function of the step that called it, already decoded.
import type { Code, Frame, PanicValue } from "./code.ts";
import type { ChildFailure, Failure, Handle } from "./values.ts";

/** One case of a select, with its operands evaluated. */
export interface SelectOperand {
  kind: "recv" | "send" | "closed";
  channel: Handle;
  value: any;
}

/** What becomes of a spawned task's handle. */
export const enum Wanted {
  Not = 0,
  /** anybody may keep it: it is given back when it is collected. */
  Kept = 1,
  /** the evaluator gives it back itself (releaseTask). */
  Owned = 2,
}

/** A nursery's options; null for what is not given. */
export interface NurseryOptions {
  /** milliseconds from now, or nanoseconds on the monotonic clock. */
  deadlineMs: number | null;
  deadlineAtNs: number | null;
  limit: number | null;
  token: Handle | null;
  /** [spawns, bytes, channel operations] of all below it; null: no bound, no budget. */
  budget: [spawns: number | null, bytes: number | null, operations: number | null] | null;
  /** a child's failure is its own: whoever awaits it learns of it, nobody else. Only in std. */
  lenient: boolean;
}

export const NO_OPTIONS: NurseryOptions = {
  deadlineMs: null, deadlineAtNs: null, limit: null, token: null, budget: null, lenient: false,
};

/** What a spawn says beside what is called. */
export interface SpawnHow {
  wanted: Wanted;
  /** bytes; 0: the profile's default. */
  stack: number;
  /** it serves the others, and is cancelled when they have ended. */
  daemon: boolean;
  site: number;
}

/** A failed child by its number. reports: how it failed, and what is attached to that; see attached.ts. */
export interface FailedChild {
  task: number;
  reports: ChildFailure[];
}

/** A bound of the nursery's own that was passed. */
export type Bound =
  | { ended: "ok" }
  | { ended: "deadline" }
  /** its budget was exceeded: which, in words (bytes), and by the operation at which place. */
  | { ended: "budget"; what: string; site: number };

/**
 * How a nursery's children ended, once all have. children: those that failed, in the order in which they did, but the
 * first panic before every error; bound: what else ended the nursery.
 */
export type JoinOutcome =
  | Bound
  | { ended: "failed"; failure: Failure; children: FailedChild[]; bound: Bound }
  | { ended: "panicked"; panic: PanicValue; children: FailedChild[]; bound: Bound }
  | { ended: "cancelled" };

export interface Host {
  /** A call found the fiber's stack used up: starts the panic P007. */
  stackOverflow(code: Code, site: number): undefined;
  /** Is anything waiting for this worker, so that the running fiber should give way? */
  surplus(): boolean;
  /** A long call is about to hold this worker: what it holds up goes where another worker can run it. */
  offer(): void;
  /** Why so many bytes must not be made at one go: the program's memory budget, in words. null: they may. */
  refuse(bytes: number): string | null;
  /** The monotonic clock; virtual in a seeded run. */
  nowNs(): number;
  /**
   * Starts a child of the innermost nursery. frame: its first, with its arguments and what its closure captured, which
   * are encoded now; the frame goes back to its pool. name: bytes; null for none.
   */
  spawn(frame: Frame, how: SpawnHow, name: string | null): any;
  /** Gives back an owned handle. */
  releaseTask(task: Handle): void;
  /** The task's value, or a Failure; panics P012 when it was cancelled. */
  awaitTask(task: Handle, site: number): any;
  /** Gives the nursery's Handle. */
  openNursery(options: NurseryOptions, site: number): any;
  /** The open nursery as a value of the program's, which may outlive it. */
  nurseryValue(nursery: Handle): Handle;
  /** failed: its body ends by a failure; else because it was asked to. */
  cancelNursery(nursery: Handle, failed: boolean): void;
  /** Waits for all children. Gives a JoinOutcome. */
  joinNursery(nursery: Handle): any;
  isCancelled(): boolean;
  shield(delta: 1 | -1): void;
  /** Enters a shield that ends by itself: gives what leaveGrace takes. */
  enterGrace(ms: number, site: number): any;
  leaveGrace(shield: number): void;
  /** Gives the value of a `recv` case, VOID else; selectedCase() then tells which: position, -1 default, -2 timeout. */
  select(cases: SelectOperand[], hasDefault: boolean, timeoutMs: number | null, site: number): any;
  selectedCase(): number;
  /** boxed: null is a value too, so what was received comes in a Some. */
  receive(channel: Handle, site: number, boxed?: boolean): any;
  /** fd 1: output, 2: errors; whole lines stay whole. */
  write(fd: 1 | 2, bytes: string, site: number): any;
  /**
   * A value that every fiber sees has been made: from now on nothing in it changes. STOP when that cannot be had; what
   * says which value it is.
   */
  freezeShared(value: any, what: string, site: number): any;
  /** Reads a module-level value that has been evaluated, maybe in another VM; undefined before that. */
  global(index: number): any;
}
