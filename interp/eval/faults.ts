// How an operation on values says that it has no value to give. It calls one of these and returns what that gives,
// always STOP: the evaluator then unwinds the fiber. Nothing here throws.
import type { Type } from "../syntax/ast.ts";
import { whyFrozen } from "./snapshot.ts";
import type { ErrorValue } from "./values.ts";

/** Starts a panic: a code of the language reference (P001 …) and a sentence. */
export type Fault = (code: string, message: string) => undefined;

/** A write to a frozen object (snapshot.ts). */
export const readOnly = (fault: Fault, object: unknown): undefined => fault("P014", whyFrozen(object));

export interface Faults {
  panic: Fault;
  /** Leaves the running function with an error, as `fail` does. */
  fail(error: ErrorValue): any;
}

/** What intrinsics that need no scheduler ask of the runtime. */
export interface Rt extends Faults {
  /** fd 1: output, 2: errors. Whole lines stay whole whichever worker prints them. */
  /** Gives VOID, or STOP: the fiber may wait for the reader. */
  write(fd: 1 | 2, bytes: string): any;
}

/** One call of an intrinsic, as the checker saw it, type arguments put in. */
export interface Site {
  /** of the arguments: the receiver first, each variadic one. */
  types: Type[];
  result: Type;
  typeArgs: Type[];
  rt: Rt;
  /** names the arguments were given by, where the intrinsic takes any: `log.info "started", port: 8080`. */
  names?: (string | null)[];
}

/** Built once for each call site; gives undefined (STOP) after a fault. */
export type Intrinsic = (site: Site) => (...args: any[]) => any;
