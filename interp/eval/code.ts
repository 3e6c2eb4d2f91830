// What the evaluator runs: steps, frames, and codes, which are the bodies built of them. A *step* is a closure
// `(frame) => value`; machine.ts says what it means that one gives none. Data, below the machine and the host alike.
import type { Local } from "../syntax/ast.ts";
import type { ChildFailure } from "./values.ts";

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
  /** the place of the loop that it goes on with. */
  loop?: number;
};

/** Resumptions after which a code that waits again and again is: it never uses up a slice. */
export const HOT_RESUMES = 1000;

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
  /** why its closures stay within their fiber: a reference that they capture (lower/crossing.ts); else "". */
  keeps = "";
  /** the core's number for the key; -1 until first asked. */
  interned = -1;
  /** place of its body; 0: none. */
  site = 0;
  constructor(key: string, name: string, body: Step) {
    this.key = key;
    this.name = name;
    this.body = body;
  }

  /** Builds the steps when the first frame is asked for, on this tier. */
  prepare(tier: number): void {
    this.tier = tier;
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

export const enum May {
  Never = 0, // always gives a value
  Stop = 1, // may panic or leave, never suspends
  Suspend = 2,
}
