// Blocks: statements one after the other, the last of which may give the value. Promises: unreachable code and missing
// values are reported once, where they stand.
import type { Block, Expr, Span, Stmt, Type } from "../syntax/ast.ts";
import { setType } from "./coerce.ts";
import { joinReturns, wholeResult } from "./context.ts";
import { check, checkStmt, DISCARD, infer } from "./infer.ts";
import { forgetNames, forgetShared } from "./narrowing.ts";
import { type Checker, inBlock } from "./scope.ts";
import { reportCommand, warnDroppedChange } from "./slips.ts";
import { NEVER, prune, showType, UNKNOWN, VOID } from "./types.ts";
import { unify } from "./unify.ts";
import { changedNames } from "./walk.ts";

/** Whether nothing has to be given: `void`, or `void ! E`. */
export function isVoidish(t: Type): boolean {
  t = prune(t);
  return t.k === "void" || t.k === "unknown" || (t.k === "result" && isVoidish(t.ok));
}

/** Checks the statements of a block; `tail` handles the last one when it is an expression. Gives whether it goes on. */
function runStmts(c: Checker, stmts: Stmt[], tail: ((e: Expr) => Type) | null): { type: Type; ends: boolean } {
  let type: Type = VOID;
  let ends = false;
  const defers = stmts.filter((stmt) => stmt.kind === "Defer");
  const assignedLast = defers.length === 0 ? null : lastAssigned(stmts);
  for (let i = 0; i < stmts.length; i++) {
    const stmt = stmts[i]!;
    if (ends) {
      c.error(stmt.span, "J0213", "this can never run: what stands before it does not go on", {
        label: "unreachable",
        notes: [{ unit: c.source, span: stmts[i - 1]!.span, message: "this never goes on" }],
      });
      // the rest is still checked, so that its own errors are seen in the same run
      ends = false;
      for (const rest of stmts.slice(i)) checkStmt(c, rest);
      ends = true;
      break;
    }
    if (stmt.kind === "Defer") {
      checkDefer(c, stmt, assignedLast!, i);
    } else if (tail !== null && i === stmts.length - 1 && stmt.kind === "ExprStmt") {
      type = reportCommand(c, stmt.expr) ? UNKNOWN : tail(stmt.expr);
      if (isVoidish(type)) warnDroppedChange(c, stmt.expr);
      ends = prune(stmt.expr.ty ?? VOID).k === "never";
    } else if (tail !== null && i === stmts.length - 1 && stmt.kind === "Using") {
      // `using f := open(p)?` to the end of the block: the block's value is that of what follows
      ends = checkStmt(c, stmt, tail);
      type = stmt.body.ty ?? VOID;
    } else {
      ends = checkStmt(c, stmt);
    }
  }
  if (defers.length > 0) {
    forgetNames(c, changedNames(defers).assigned);
    forgetShared(c);
  }
  return { type: ends ? NEVER : type, ends };
}

/** The names that statements assign, each with the position of the last one that does. */
function lastAssigned(stmts: Stmt[]): Map<string, number> {
  const last = new Map<string, number>();
  stmts.forEach((stmt, i) => {
    for (const name of changedNames(stmt).assigned) last.set(name, i);
  });
  return last;
}

/** A `defer` at position `i` of its block: it is run when the block is left, and finds what later statements made. */
function checkDefer(c: Checker, stmt: Stmt, assignedLast: Map<string, number>, i: number): void {
  const before = c.narrowed;
  forgetNames(c, new Set([...assignedLast].filter(([, last]) => last > i).map(([name]) => name)));
  forgetShared(c);
  checkStmt(c, stmt);
  c.narrowed = before;
}

/** Checks a block whose value must have a type, or is dropped (DISCARD). */
export function checkBlockAs(c: Checker, e: Block, want: Type): Type {
  return inBlock(c, () => {
    const last = e.stmts[e.stmts.length - 1];
    const { ends } = runStmts(c, e.stmts, (tail) => check(c, tail, want));
    if (ends) return setType(c, e, NEVER);
    if (want === DISCARD) return setType(c, e, VOID);
    if (last?.kind !== "ExprStmt" && last?.kind !== "Using" && !isVoidish(want)) {
      c.error(endOf(e), "J0212", `this block ends without a value, expected \`${showType(want)}\``, {
        hint: "end it with an expression, or `return` one",
      });
    }
    return setType(c, e, want);
  });
}

/** Finds the type of a block's value. */
export function inferBlock(c: Checker, e: Block, hint: Type | null): Type {
  return inBlock(c, () => setType(c, e, runStmts(c, e.stmts, (tail) => infer(c, tail, hint)).type));
}

/** The place where a block closes. */
function endOf(e: Block): Span {
  const end = e.span.end;
  return { start: Math.max(e.span.start, end - 3), end };
}

/** Checks the body of a function or closure; gives the type of its value, joined over all ways out when inferred. */
export function checkBody(c: Checker, body: Block, span: Span): Type {
  const fn = c.fn;
  if (fn.inferring !== null) {
    const type = inferBlock(c, body, null);
    const returns = fn.inferring;
    const t = prune(type);
    if (t.k === "void" && returns.some((r) => prune(r.type).k !== "void" && prune(r.type).k !== "never" &&
      prune(r.type).k !== "unknown")) {
      c.error(endOf(body), "J0212", `${fn.what} returns a value elsewhere, but its end can be reached without one`);
    } else {
      returns.push({ expr: body, type, span });
    }
    const joined = joinReturns(c, returns);
    if (!unify(fn.ok, joined)) fn.ok = joined;
    return joined;
  }
  const want = wholeResult(fn);
  if (prune(want).k === "void") {
    checkBlockAs(c, body, DISCARD);
    return VOID;
  }
  checkBlockAs(c, body, want);
  return fn.ok;
}
