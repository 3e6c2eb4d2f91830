// How a program that ended badly is told: a panic, an error that left main, a deadlock, a defect of ours. As text for
// people, or as one JSON object on one line for `--json`. Pure functions; launch.ts and the REPL decide where it goes.
import type { PanicValue } from "../eval/code.ts";
import { errorMeaning } from "../eval/declarations.ts";
import { showError } from "../eval/show.ts";
import { type ChildFailure, type Failure, text } from "../eval/values.ts";
import { childrenLines, traceLines, type TracePlace, tracePlaces, type Units } from "./traces.ts";
import type { FiberNode, FiberTree } from "./tree.ts";

/** The exit status for a defect of the interpreter itself (EX_SOFTWARE). */
export const INTERNAL_ERROR = 70;
/** Of a program that ends with a panic. */
export const PANICKED = 101;

export const DEADLOCK = "deadlock: every fiber waits, and nothing is left that could wake one";
export const ENDLESS = "the run does not end: it has taken more steps than a seeded run may; "
  + "with `--seed` or `--replay`, `--steps N` allows more";

/** Lines and columns count from 1; traces are whole, innermost place first. */
export interface JsonEnding {
  kind: "panic" | "error" | "deadlock";
  /** Of a panic or a deadlock: P001 …; null for an error. */
  code: string | null;
  /** Of an error: how it prints. */
  message: string;
  trace: TracePlace[];
  /** Of what a nursery raised: the failures of its other fibers. */
  attached: string[];
  /** Of a deadlock: the tree of fibers. */
  fibers: FiberNode[];
  /** The status the program exits with. */
  exit: number;
}

export function showPanic(units: Units, panic: PanicValue): string {
  const lines = [`PANIC ${panic.code}: ${text(panic.message)}`, ...traceLines(units, panic.trace)];
  return [...lines, ...childrenLines(units, panic.children)].join("\n");
}

export function showFailure(units: Units, failure: Failure): string {
  const meaning = errorMeaning(failure.error.set, failure.error.tag);
  const lines = [`error: ${text(showError(failure.error))}`, ...(meaning === null ? [] : [`  = ${meaning}`]),
    ...traceLines(units, failure.trace)];
  return [...lines, ...childrenLines(units, failure.error.children)].join("\n");
}

export function jsonPanic(units: Units, panic: PanicValue, exit: number): string {
  return line({ kind: "panic", code: panic.code, message: text(panic.message),
    trace: tracePlaces(units, panic.trace), attached: othersOf(panic.children), fibers: [], exit });
}

export function jsonFailure(units: Units, failure: Failure, exit: number): string {
  return line({ kind: "error", code: null, message: text(showError(failure.error)),
    trace: tracePlaces(units, failure.trace),
    attached: othersOf(failure.error.children), fibers: [], exit });
}

const othersOf = (children: readonly ChildFailure[] | null): string[] =>
  (children ?? []).slice(1).map(([what]) => text(what));

/** why: DEADLOCK or ENDLESS. */
export function showDeadlock(tree: readonly string[], why: string): string {
  return [`PANIC P010: ${why}`, ...tree].join("\n");
}

export function jsonDeadlock(tree: FiberTree, why: string, exit: number): string {
  return line({ kind: "deadlock", code: "P010", message: why, trace: [], attached: [], fibers: tree.roots, exit });
}

/** place: of the nursery. */
export function partialDeadlock(place: string): string {
  return `partial deadlock: the nursery at ${place} waits for ever, unless it is cancelled: ` +
    "its tasks wait for what nobody else can give";
}

/** What people are told of a defect of the interpreter; its own stack only when they ask for it. */
export function internalError(e: unknown): string {
  const message = e instanceof Error ? e.message : String(e);
  const stack = process.env["JANUS_DEBUG"] !== undefined && e instanceof Error ? `\n${e.stack}` : "";
  const advice = "this is a defect of the interpreter, not of the program: please report it";
  return `janus: internal error: ${message}\n  ${advice}${stack === "" ? " (JANUS_DEBUG=1 shows where)" : stack}`;
}

function line(ending: JsonEnding): string {
  return JSON.stringify(ending);
}
