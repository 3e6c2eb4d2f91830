// What every family of steps is made from. A family is one function of the Kit that refers to nothing outside it, so
// that tier.ts can make further copies of it from its own text: a copy has its own inline caches (ARCHITECTURE.md,
// tier-up). STOP is written `undefined` in them for that reason.
import { attach, reportsOf } from "../attached.ts";
import { CALL_BYTES, type Code, type Frame, type Resume } from "../code.ts";
import { COLD_ROUND, DEPTH_LIMIT, Kind, machine, type Machine, newFrame, releaseFrame, Why } from "../machine.ts";
import { refusedByEngine } from "../room.ts";
import { stdError } from "../std-errors.ts";
import {
  Cell, Closure, Failure, fromBig, RangeValue, Slice, Some, VOID,
} from "../values.ts";

/** Gives a resume function its number within the code, and the place it shows in traces. */
export type Register = (resume: (frame: any, state: any, value: any) => any, site?: number) => Resume;

/** Numbers the resume functions of a code that is put together by hand: boot, a REPL session. */
export const registerIn = (code: Code): Register => (resume, site = 0) => {
  const r = resume as Resume;
  r.id = code.resumes.length;
  r.code = code;
  r.site = site;
  code.resumes.push(r);
  return r;
};

export interface Kit {
  S: Machine;
  SUSPEND: Kind.Suspend;
  RETURN: Kind.Return;
  BREAK: Kind.Break;
  CONTINUE: Kind.Continue;
  PANIC: Kind.Panic;
  CANCEL: Kind.Cancel;
  PREEMPTED: Why.Preempted;
  DEPTH: Why.Depth;
  VOID: typeof VOID;
  DEPTH_LIMIT: number;
  COLD_ROUND: number;
  newFrame: (code: Code) => Frame;
  releaseFrame: (code: Code, frame: Frame) => void;
  Cell: typeof Cell;
  Closure: typeof Closure;
  Failure: typeof Failure;
  stdError: typeof stdError;
  RangeValue: typeof RangeValue;
  Slice: typeof Slice;
  Some: typeof Some;
  fromBig: typeof fromBig;
  attach: typeof attach;
  reportsOf: typeof reportsOf;
  refusedByEngine: typeof refusedByEngine;
}

export const kit: Kit = {
  S: machine,
  SUSPEND: Kind.Suspend,
  RETURN: Kind.Return,
  BREAK: Kind.Break,
  CONTINUE: Kind.Continue,
  PANIC: Kind.Panic,
  CANCEL: Kind.Cancel,
  PREEMPTED: Why.Preempted,
  DEPTH: Why.Depth,
  VOID,
  DEPTH_LIMIT,
  COLD_ROUND,
  newFrame,
  releaseFrame,
  Cell,
  Closure,
  Failure,
  stdError,
  RangeValue,
  Slice,
  Some,
  fromBig,
  attach,
  reportsOf,
  refusedByEngine,
};

export { CALL_BYTES };
