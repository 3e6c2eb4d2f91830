// Conditions: tests, and what they tell of optionals. Promises: what is known when a test holds, and when it does not,
// is what is known after its last operand has been evaluated on that way; nothing that an operand undoes is left.
import type { Arg, Condition, Expr, Pattern, Type } from "../syntax/ast.ts";
import { setType } from "./coerce.ts";
import { check, infer } from "./infer.ts";
import { asOptional, meet, type Outcome, outcomeOf } from "./narrowing.ts";
import { bindPattern } from "./patterns.ts";
import type { Checker } from "./scope.ts";
import { known } from "./solve.ts";
import { asksForType } from "./type-patterns.ts";
import { BOOL, optional, showType, UNKNOWN } from "./types.ts";
import { freshVar, unify } from "./unify.ts";

/** Checks a test. Whoever asks goes on with one of its outcomes, or with what they have in common. */
export function checkTest(c: Checker, e: Expr): Outcome {
  if (!c.settled.has(e) || e.ty === undefined) {
    if (e.kind === "Unary" && e.op === "not") {
      const { yes, no } = checkTest(c, e.operand);
      setType(c, e, BOOL);
      return { yes: no, no: yes };
    }
    if (e.kind === "Binary" && (e.op === "and" || e.op === "or")) {
      const left = checkTest(c, e.left);
      c.narrowed = e.op === "and" ? left.yes : left.no;
      const right = checkTest(c, e.right);
      // a word that stands where a value should be is no operator
      setType(c, e, e.left.kind === "ErrorExpr" ? UNKNOWN : BOOL);
      return e.op === "and" ? { yes: right.yes, no: meet([left.no, right.no]) }
        : { yes: meet([left.yes, right.yes]), no: right.no };
    }
  }
  check(c, e, BOOL);
  return outcomeOf(c, e);
}

/** `a and b`, `not a` as values: behind them holds what holds however they came out. */
export function inferTest(c: Checker, e: Expr): Type {
  const { yes, no } = checkTest(c, e);
  c.narrowed = meet([yes, no]);
  return e.ty ?? BOOL;
}

/**
 * Checks the condition of an `assert`, before its arguments as such; the function given back is to be called behind
 * them, where the condition holds. The message is made before it is known whether it does.
 */
export function checkAsserted(c: Checker, args: readonly Arg[]): () => void {
  const first = args[0];
  if (first === undefined || (first.name !== null && first.name !== "condition")) return () => {};
  const condition = first.value;
  const { yes, no } = checkTest(c, condition);
  c.settled.add(condition);
  c.narrowed = meet([yes, no]);
  // what a message assigns stands in a block where a value is wanted, and is forgotten after every call
  return () => void (c.narrowed = yes);
}

/** Whether the shape of a pattern says that it need not fit. */
function isRefutable(p: Pattern): boolean {
  switch (p.kind) {
    case "SlicePattern": case "VariantPattern": case "LiteralPattern": case "RangePattern": return true;
    case "TuplePattern": return p.elems.some(isRefutable);
    case "StructPattern": return p.fields.some((field) => isRefutable(field.pattern));
    case "AtPattern": return isRefutable(p.pattern);
    case "OrPattern": return p.alternatives.every(isRefutable);
    default: return false;
  }
}

/** Checks the head of `if` or `while`; the names it binds are in scope for the block that follows. */
export function checkCondition(c: Checker, cond: Condition): Outcome {
  if (cond.kind === "Test") return checkTest(c, cond.expr);
  const t = asOptional(c, cond.value, known(c, infer(c, cond.value, null)));
  let of: Type = UNKNOWN;
  if (t.k === "optional") of = t.of;
  else if (t.k === "var") {
    of = freshVar();
    unify(t, optional(of));
  } else if ((isRefutable(cond.pattern) && t.k !== "result") || (t.k === "any" && asksForType(c, cond.pattern))) {
    of = t; // `if let [first, ..] = xs`: a pattern that may not fit asks whether it does
  } else if (t.k !== "unknown" && t.k !== "never") {
    const chained = cond.pattern.kind === "BindPattern" && cond.pattern.name === "?.";
    const mark = chained ? "?." : "let";
    c.error(cond.value.span, "J0235", `\`${mark}\` here needs an optional, found \`${showType(t)}\``, {
      hint: chained ? "write `.`" : t.k === "result" ? "it may fail: pass the error on with `?` first" : undefined,
    });
  }
  bindPattern(c, cond.pattern, of, cond.mutable);
  return { yes: c.narrowed, no: c.narrowed };
}
