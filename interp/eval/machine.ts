// The evaluator's registers and its one protocol. A *step* is a closure `(frame) => value`. A step that cannot give a
// value returns STOP, and `machine.kind` says why:
//
//   SUSPEND            the fiber gives its worker away. Each step on the way out pushes one resumption
//                      (resume, frame, state) on `machine.cont`, innermost first, and returns STOP too. Later the
//                      worker loop pops the innermost and calls resume(frame, state, value); what that gives feeds
//                      the next.
//   RETURN … CANCEL    the fiber unwinds: steps that do not handle it return STOP and push nothing. A resume function
//                      is called with value STOP when what it waited for ended in unwinding.
//
// One Machine for each VM; it belongs to the fiber that runs at the moment.
import { type Code, FIRST_LOCAL, type Frame, PanicValue } from "./code.ts";
import type { Host } from "./host.ts";
import { type Slice, STOP, VOID } from "./values.ts";

export const enum Kind {
  None = 0,
  Suspend = 1,
  Return = 2,
  Break = 3,
  Continue = 4,
  Panic = 5,
  Cancel = 6,
}

/** Why a suspended fiber left. */
export const enum Why {
  Parked = 0, // the core holds it until its operation is done
  Preempted = 1, // its slice is over
  Depth = 2, // the host's stack is nearly used: go on from the heap at once
}

/** Reductions (calls and loop back edges) in one slice: 10 to 100 µs of work. */
export const SLICE = 4000;
/** Reductions between two looks at the clock: calls of std may be long. */
export const CHUNK = 500;
/** A slice ends after this time, however few its reductions were. */
const SLICE_NS = 1_000_000;
/** Reductions that one round of a loop of closures is charged: it takes so much longer than a fused one. */
export const COLD_ROUND = 64;
/** Slices after which a looping code is rebuilt on a tier of its own. */
const HOT_SLICES = 1;
/**
 * Weight of host stack after which a call continues from the heap. A call weighs as many units as its body nests, so
 * that one unit is one host frame: the main thread takes some 100 000 of them, a Worker fewer; see evaluator.test.ts.
 */
export const DEPTH_LIMIT = 6000;

export const NO_LOCALS: readonly any[] = [];

/** The continuation of a fiber that has not waited yet: the entries of its first wait are gathered elsewhere. */
export const NO_ENTRIES: any[] = [];

/** What a VM keeps of a fiber whose continuation it holds. */
export class Fiber {
  /** number of the record in the core. The object is used again for another fiber when this one has ended. */
  id: number;
  /** triples (resume, frame, state), outermost first. NO_ENTRIES until it first waits. */
  cont: any[] = NO_ENTRIES;
  /** bytes of its stack still free. */
  stack: number;
  /** of its first function: goes back to the pool when the fiber ends here. */
  frame: Frame | null = null;
  /** the operation it is parked in (the host's own number), or that with what it needs to read its result; 0: none. */
  wait: number | [op: number, state: any] = 0;
  /** values of std.task's Local, inherited and set: pairs of its number and the value, the innermost last. */
  locals: readonly any[] = NO_LOCALS;
  /** while a cleanup runs: the way out that it answers to. */
  unwinding: Kind = Kind.None;
  constructor(id: number, stack: number) {
    this.id = id;
    this.stack = stack;
  }
}

export class Machine {
  kind: Kind = Kind.None;
  /** Return: the value. Panic: a PanicValue. Break, Continue: the loop's number. */
  value: any = null;
  why: Why = Why.Parked;
  /** the running fiber's continuation stack. */
  cont: any[] = [];
  /** reductions left until the next look at the clock. */
  red = CHUNK;
  /** chunks used up in this slice, and when the first one was; 0: it is not over. */
  chunks = 0;
  private sliceFromNs = 0;
  depth = 0;
  stack = 0;
  fiber: Fiber = new Fiber(0, 0);
  /** 1: every code starts on a tier of its own. Tests see fused steps so without having to be hot. */
  firstTier: 0 | 1 = 0;
  host!: Host;
  /** told of every call of the library, when a watchdog runs: from which place, and that it is over. */
  watch: { enter(place: number): void; leave(): void } | null = null;
  /** the fiber gives way at the next point where it can: somebody wants to see its stack. */
  hurry = false;

  /** The fiber unwinds with a panic. */
  panic(code: string, message: string, site = 0): undefined {
    this.kind = Kind.Panic;
    this.value = new PanicValue(code, message, site === 0 ? [] : [site]);
    return STOP;
  }

  /** The fiber unwinds because it was cancelled. */
  cancel(): undefined {
    this.kind = Kind.Cancel;
    this.value = null;
    return STOP;
  }

  /** The function is left with a value (or a Failure). */
  leave(value: any): undefined {
    this.kind = Kind.Return;
    this.value = value;
    return STOP;
  }

  /** Why the last step gave STOP. */
  stopped(): Kind {
    return this.kind;
  }

  /** The innermost step of a suspension. */
  suspend(why: Why): undefined {
    this.kind = Kind.Suspend;
    this.why = why;
    return STOP;
  }

  /** A fiber begins a slice. */
  beginSlice(): void {
    this.red = CHUNK;
    this.chunks = 0;
    this.sliceFromNs = 0;
  }

  /** The fiber gives way at the next point where it can. */
  endSlice(): void {
    this.red = 0;
    this.chunks = SLICE / CHUNK;
  }

  /** A chunk is used up: is the slice? */
  private isSliceOver(): boolean {
    if (++this.chunks >= SLICE / CHUNK) return true;
    const now = this.host.nowNs();
    if (this.sliceFromNs === 0) this.sliceFromNs = now;
    return now - this.sliceFromNs >= SLICE_NS;
  }

  /**
   * Called when the reductions are used up, with the code that runs: true when the fiber must give way. A code that
   * uses up slices on the shared tier is hot: it moves to its own, and the fiber gives way once so that it goes on
   * there.
   */
  sliceOver(code: Code): boolean {
    if (this.hurry) return true;
    if (!this.isSliceOver()) {
      this.red = CHUNK;
      return false;
    }
    if (code.tier === 0 && ++code.slices >= HOT_SLICES) {
      code.promote();
      return true;
    }
    if (this.host.surplus()) return true;
    this.beginSlice();
    return false;
  }
}

export const machine = new Machine();

export function newFrame(code: Code): Frame {
  if (code.tier < 0) code.prepare(machine.firstTier);
  // literals: an array that grows by push takes more room than it needs, and there is one for every parked call
  switch (code.slots) {
    case 3: return [code, 0, null];
    case 4: return [code, 0, null, 0];
    case 5: return [code, 0, null, 0, 0];
    case 6: return [code, 0, null, 0, 0, 0];
    case 7: return [code, 0, null, 0, 0, 0, 0];
    case 8: return [code, 0, null, 0, 0, 0, 0, 0];
    default: {
      const frame: Frame = new Array(code.slots).fill(0);
      frame[0] = code;
      frame[2] = null;
      return frame;
    }
  }
}

/** A frame with what a closure captured and the arguments. */
export function frameWith(code: Code, captured: any[] | null, args: any[]): Frame {
  const frame = code.pool.pop() ?? newFrame(code);
  frame[2] = captured;
  for (let i = 0; i < args.length; i++) frame[FIRST_LOCAL + i] = args[i];
  return frame;
}

/** Frames that a code keeps for its next calls. */
export const POOL_MAX = 256;

/** The frame of a finished call goes back: nothing that it referred to is kept alive. */
export function releaseFrame(code: Code, frame: Frame): void {
  const tasks = code.tasks;
  for (let i = 0; i < tasks.length; i++) if (frame[tasks[i]!] !== 0) machine.host.releaseTask(frame[tasks[i]!]);
  const refs = code.refs;
  for (let i = 0; i < refs.length; i++) frame[refs[i]!] = 0;
  frame[2] = null;
  if (code.pool.length < POOL_MAX) code.pool.push(frame);
}

export { STOP, VOID };
export type { Slice };
