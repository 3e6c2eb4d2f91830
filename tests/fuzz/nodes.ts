// What generated programs are made of. Each node is written twice, side by side: as Janus text, and as a function of
// the reference evaluator. A node that could panic carries a way to make itself safe, so that a program whose
// reference run panics is repaired instead of thrown away.
import type { Type, Value } from "./types.ts";

export interface Variable {
  name: string;
  type: Type;
  /** declared with `var`. */
  mutable: boolean;
  /** a reference `*T` to the variable behind it: read as `name.*`. */
  reference?: boolean;
  /** the receiver of a method: its parts can be assigned to, itself cannot. */
  receiver?: boolean;
}

export interface Cell { value: Value }

/** The variables of a call; a closure keeps the cells that were there when it was made. */
export class Frame {
  cells: Map<Variable, Cell>;

  constructor(around: Frame | null) {
    this.cells = new Map(around?.cells);
  }

  cell(variable: Variable): Cell {
    const cell = this.cells.get(variable);
    if (cell === undefined) throw new Unbound(variable.name);
    return cell;
  }

  set(variable: Variable, value: Value): void {
    this.cells.set(variable, { value });
  }
}

/** A statement that made the variable has been removed. */
export class Unbound extends Error {}
/** More work than a test should do. */
export class TooMuch extends Error {}
export class Panic extends Error {
  constructor(readonly code: string, readonly repair: () => void) {
    super(code);
  }
}
/** An error on its way to a `catch`. */
export class Failed {
  constructor(readonly variant: Value) {}
}
export class Returned {
  constructor(readonly value: Value) {}
}
export class Left {
  constructor(readonly how: "break" | "continue", readonly label: string | null) {}
}

/** Names whose declarations the text needs: filled while text is made. */
export const needed = new Set<Declaration>();

export interface Declaration {
  name: string;
  text(): string[];
}

export interface Expr {
  text(): string;
  run(frame: Frame): Value;
}

export interface Stmt {
  text(): string[];
  run(frame: Frame): void;
  /** Lists of statements inside, for making a failing program smaller. */
  lists: Stmt[][];
}

const STEPS_MAX = 30_000;
const TEXT_MAX = 4_000;
let steps = 0;

export function beginSteps(): void {
  steps = 0;
}

export function step(): void {
  if (++steps > STEPS_MAX) throw new TooMuch();
}

/** A text that a loop does not let grow without end. */
export function bounded(text: string): string {
  if (text.length > TEXT_MAX) throw new TooMuch();
  return text;
}

export const constant = (text: string, value: Value): Expr => ({ text: () => text, run: () => value });

export function runList(list: Stmt[], frame: Frame): void {
  for (const stmt of list) {
    step();
    stmt.run(frame);
  }
}

export const indented = (list: Stmt[]): string[] =>
  list.flatMap((stmt) => stmt.text()).map((line) => `    ${line}`);

/** Runs a block with its `defer`s: the frame's own list, run backwards on every way out. */
export function runBlock(list: Stmt[], frame: Frame): void {
  const outer = deferred.get(frame);
  const mine: (() => void)[] = [];
  deferred.set(frame, mine);
  try {
    runList(list, frame);
  } finally {
    for (const run of mine.reverse()) run();
    if (outer === undefined) deferred.delete(frame);
    else deferred.set(frame, outer);
  }
}

export const deferred = new WeakMap<Frame, (() => void)[]>();

/** As the index of an element: a negative number that stands there alone is refused before the program runs. */
export const index = (at: Expr): string => `0 + ${at.text()}`;
