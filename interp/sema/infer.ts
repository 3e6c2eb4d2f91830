// The doors between the rules: `infer` finds the type of an expression from the inside (a hint may help, and is not
// enforced); `check` asks for a type from the outside and records the conversion; `checkStmt` checks a statement. The
// rules themselves, one for each kind of node, are in rules.ts, which stands above them all: a rule calls its parts
// through these doors and so imports no other family of rules. Promises: every node gets a `ty`, after an error
// `unknown`, which nothing complains about. After Pierce and Turner, "Local Type Inference".
import type { Expr, FuncDecl, GlobalDecl, Stmt, Type } from "../syntax/ast.ts";
import type { Note } from "../syntax/diagnostic.ts";
import { coerce } from "./coerce.ts";
import type { Checker } from "./scope.ts";
import { unify } from "./unify.ts";
import { BOOL, prune, showType, UNKNOWN, VOID } from "./types.ts";
import type { World } from "./world.ts";

/** Asked for where a value is dropped: a void that is told apart from a written one. */
export const DISCARD: Type = { k: "void" };

/** What takes the type that its place asks for into its branches. */
export type Branching = Extract<Expr, {
  kind: "If" | "Match" | "Block" | "Nursery" | "Shield" | "Select" | "Catch";
}>;

/** What rules.ts knows: the rule for each kind of node. */
export interface Rules {
  infer(c: Checker, e: Expr, hint: Type | null): Type;
  /** `want` is DISCARD for what is dropped; of a `catch` nothing else is asked here. */
  checkAs(c: Checker, e: Branching, want: Type): Type;
  checkStmt(c: Checker, stmt: Stmt, tail: ((e: Expr) => Type) | null): boolean;
  checkNeeded(w: World, decl: FuncDecl | GlobalDecl): void;
}

let rules: Rules;

/** Called once, by rules.ts, before anything is checked. */
export function useRules(all: Rules): void {
  rules = all;
}

/** Checks a statement; true when what follows it can never run. `tail` takes the block of a `using` for its value. */
export function checkStmt(c: Checker, stmt: Stmt, tail: ((e: Expr) => Type) | null = null): boolean {
  return rules.checkStmt(c, stmt, tail);
}

/** Checks a declaration that another one names, when what it names itself has been. */
export function checkNeeded(w: World, decl: FuncDecl | GlobalDecl): void {
  rules.checkNeeded(w, decl);
}

/** Checks an expression against a type and records how its value is converted. */
export function check(c: Checker, e: Expr, expected: Type, notes: Note[] = []): Type {
  const want = prune(expected);
  if (c.settled.size > 0 && c.settled.has(e) && e.ty !== undefined) {
    coerce(c, e, e.ty, expected, notes);
    return expected;
  }
  switch (e.kind) {
    case "If": case "Match": case "Block": case "Nursery": case "Shield": case "Select": {
      // a variable still open learns its type from the branches together
      if (want !== DISCARD && want.k === "var") break;
      return rules.checkAs(c, e, want);
    }
    default:
  }
  if (e.kind === "Catch" && (want === DISCARD || (want.k === "result" && prune(want.ok).k === "void"))) {
    rules.checkAs(c, e, DISCARD);
    return expected;
  }
  if (want === DISCARD) {
    discard(c, e, infer(c, e, null));
    return VOID;
  }
  const found = infer(c, e, want);
  if (want.k === "result" && prune(want.ok).k === "void" && prune(found).k !== "result") {
    // the end of a function without a value: what its last statement gives is dropped
    if (prune(found).k !== "never") discard(c, e, found);
    return expected;
  }
  coerce(c, e, found, expected, notes);
  return expected;
}

/** What a statement's value may be dropped as: anything but an unhandled failure. */
export function discard(c: Checker, e: Expr, t: Type): void {
  if (e.kind === "Spawn") e.isUnnamed = true;
  const found = prune(t);
  // nobody asks what would have been in `[]`
  if (found.k === "slice" && prune(found.of).k === "var") unify(found.of, BOOL);
  if (found.k !== "result") return;
  c.error(e.span, "J0214", `the result of a call that may fail is dropped: \`${showType(found)}\``, {
    label: "this may fail",
    hint: "pass the error on with `?`, or handle it with `catch` or `match`",
  });
}

/** Finds the type of an expression; `hint` is what its place would like. */
export function infer(c: Checker, e: Expr, hint: Type | null): Type {
  // a node that a rewritten parent takes over has been checked already
  if (c.settled.size > 0 && c.settled.has(e) && e.ty !== undefined) return e.ty;
  if (hint !== null) {
    hint = prune(hint);
    if (hint.k === "unknown" || hint.k === "void" || (hint.k === "var" && hint.literal === null)) hint = null;
  }
  const { w } = c;
  if (w.depth > DEPTH_MAX) return refuseDepth(c, e);
  w.depth += 1;
  const t = rules.infer(c, e, hint);
  w.depth -= 1;
  return t;
}

/**
 * Expressions that may be open at once, over all bodies whose checks wait for one another. What one body nests is
 * bounded by the parser, below this; chains of names are checked from their end (needs.ts). The host's stack holds
 * twice as many, with what stands between them.
 */
const DEPTH_MAX = 2000;

function refuseDepth(c: Checker, e: Expr): Type {
  c.error(e.span, "J0242", "to check this, too many other declarations have to be checked first, one for another", {
    hint: "write the types of some of them: the errors of a function (`-> T ! E`), the type of a constant",
  });
  e.ty = UNKNOWN;
  return UNKNOWN;
}

/** The same for a node that has just been rewritten, whatever was known of it before. */
export function inferAnew(c: Checker, e: Expr, hint: Type | null): Type {
  return rules.infer(c, e, hint);
}
