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
import type { Local } from "../syntax/annotations.ts";
import { Failure, STOP, VOID, type ChildFailure, type Slice } from "./values.ts";
import type { Host } from "./host.ts";

/** frame[0] its Code, frame[1] the codec's mark, frame[2] what the closure captured; locals from FIRST_LOCAL. */
export type Frame = any[];
export const FIRST_LOCAL = 3;

export type Step = (frame: Frame) => any;
export type Resume = ((frame: any, state: any, value: any) => any) & {
  /** position in code.resumes: with the code's key, the name of this point in every VM. */
  id?: number;
  code?: Code;
  /** place in the source shown in traces; 0: none. */
  site?: number;
};

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
/** Resumptions after which a code that waits again and again is: it never uses up a slice. */
export const HOT_RESUMES = 1000;
/**
 * Weight of host stack after which a call continues from the heap. A call weighs as many units as its body nests, so
 * that one unit is one host frame: the main thread takes some 100 000 of them, a Worker fewer; see evaluator.test.ts.
 */
export const DEPTH_LIMIT = 6000;
/** A Janus call is charged 64 bytes and 16 for each local (language reference, Fibers). */
export const CALL_BYTES = 64;
export const LOCAL_BYTES = 16;

/** A panic on its way: the code and message people see, and the places it passed, innermost first. */
export class PanicValue {
  readonly code: string;
  readonly message: string;
  readonly trace: number[];
  /** raised by a nursery: all of its children that failed. */
  children: ChildFailure[] | null = null;
  /** raised at the `await` of this task; 0: at none. */
  ofTask = 0;
  constructor(code: string, message: string, trace: number[]) {
    this.code = code;
    this.message = message;
    this.trace = trace;
  }
}

/** One function instance, closure, initialiser or REPL entry: its steps and what the worker needs to run it. */
export class Code {
  readonly key: string;
  readonly name: string;
  /** number of slots of a frame. */
  slots = FIRST_LOCAL;
  params = 0;
  /** where each local of the body lives. */
  locals: ReadonlyMap<Local, number> = new Map();
  /** slots that may hold references: cleared when the frame goes back to the pool. */
  refs: number[] = [];
  body: Step;
  /** slots whose task handle ends with the frame (lower/tasks.ts). */
  tasks: number[] = [];
  /** charged against the fiber's stack by each call, bytes. */
  cost = CALL_BYTES;
  /** host frames that one activation may need, before its callees. */
  weight = 4;
  pool: Frame[] = [];
  resumes: Resume[] = [];
  /** closures made in this body, in order: their keys are this key and their position. */
  closures: Code[] = [];
  calls = 0;
  /** slices that its loops have used up on the shared tier. */
  slices = 0;
  /** resumptions of its steps on the shared tier. */
  resumed = 0;
  /** -1: not built; 0: on the shared tier; 1: on its own. */
  tier = -1;
  build: (code: Code) => void = () => {};
  /** the core's number for the key; -1 until first asked. */
  interned = -1;
  site = 0;
  constructor(key: string, name: string, body: Step) {
    this.key = key;
    this.name = name;
    this.body = body;
  }

  /** Builds the steps when the first frame is asked for. */
  prepare(): void {
    this.tier = machine.firstTier;
    this.build(this);
  }

  /** A resume function as it is now: the code may have moved to a tier of its own since the fiber left. */
  current(left: Resume): Resume {
    if (this.tier === 0 && ++this.resumed === HOT_RESUMES) this.promote();
    return this.resumes[left.id!]!;
  }

  /** Rebuilds a hot code on a tier of its own. Activations that wait go on in the new steps: same numbers. */
  promote(): void {
    this.tier = 1;
    this.build(this);
  }
}

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
  /** the operation it is parked in (host's own code), so that its result is read the right way. */
  op = 0;
  /** what that operation needs to read its result. */
  opState: any = null;
  /** values of std.task's Local, inherited and set: pairs of its number and the value, the innermost last. */
  locals: readonly any[] = NO_LOCALS;
  constructor(id: number, stack: number) {
    this.id = id;
    this.stack = stack;
  }
}

export class Machine {
  kind: Kind = Kind.None;
  /** Return: the value. Panic: a PanicValue. Break, Continue: the loop's number. */
  value: any = null;
  /** while a cleanup runs: the way out that it answers to. */
  unwinding: Kind = Kind.None;
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
  if (code.tier < 0) code.prepare();
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

export const isFailure = (v: any): v is Failure => v instanceof Failure;
export { STOP, VOID };
export type { Slice };
