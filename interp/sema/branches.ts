// Branches: `if` and `match`. Promises: what is known on each path is put together behind them; an arm knows what holds
// whichever guards before it were looked at.
import type { Expr, If, Match, Pattern, Type } from "../syntax/ast.ts";
import { isVoidish } from "./blocks.ts";
import { setType } from "./coerce.ts";
import { checkCondition, checkTest } from "./conditions.ts";
import { anyOf } from "./constructors.ts";
import { joinReturns } from "./context.ts";
import { errorsNamed } from "./error-names.ts";
import { Arms, checkExhaustive } from "./exhaustiveness.ts";
import { inferHandled } from "./exits.ts";
import { check, DISCARD, infer } from "./infer.ts";
import { Matched } from "./matched.ts";
import { asOptional, meet } from "./narrowing.ts";
import { bindPattern } from "./patterns.ts";
import { type Checker, inBlock, type Narrowed } from "./scope.ts";
import { known } from "./solve.ts";
import { NEVER, prune, showType, VOID } from "./types.ts";

interface Branch {
  expr: Expr;
  type: Type;
}

/** Brings the branches of an expression to one type. */
function joinBranches(c: Checker, branches: Branch[]): Type {
  const live = branches.filter((b) => prune(b.type).k !== "never");
  if (live.length === 0) return branches.length === 0 ? VOID : NEVER;
  if (live.every((b) => prune(b.type).k === "void")) return VOID;
  return joinReturns(c, live.map((b) => ({ ...b, span: b.expr.span })));
}

export function inferIf(c: Checker, e: If, want: Type | null, hint: Type | null = null): Type {
  let otherwise = c.narrowed;
  const branches: Branch[] = [];
  const paths: Narrowed[] = [];
  const drop = want === DISCARD || (want === null && e.otherwise === null);
  const branch = (body: Expr): void => {
    const type = drop ? (check(c, body, DISCARD), prune(body.ty ?? VOID))
      : want !== null ? (check(c, body, want), prune(body.ty ?? VOID)) : infer(c, body, hint);
    branches.push({ expr: body, type });
    if (prune(type).k !== "never") paths.push(c.narrowed);
  };
  inBlock(c, () => {
    const { yes, no } = checkCondition(c, e.cond);
    otherwise = no;
    c.narrowed = yes;
    branch(e.then);
  });
  c.narrowed = otherwise;
  if (e.otherwise !== null) branch(e.otherwise);
  else paths.push(c.narrowed);
  c.narrowed = paths.length === 0 ? otherwise : meet(paths);
  if (e.otherwise === null) {
    if (want !== null && want !== DISCARD && !isVoidish(want) && prune(want).k !== "unknown") {
      const type = showType(want);
      c.error(e.span, "J0212", `this \`if\` gives no value when its condition is false, expected \`${type}\``, {
        hint: "add an `else`, or `return` a value after it",
      });
    }
    return setType(c, e, drop || want === null ? VOID : want);
  }
  if (branches.every((b) => prune(b.type).k === "never")) return setType(c, e, NEVER);
  if (drop) return setType(c, e, VOID);
  return setType(c, e, want ?? joinBranches(c, branches));
}

/** Whether a match looks at both sides of a result. */
function looksAtResult(p: Pattern): boolean {
  switch (p.kind) {
    case "VariantPattern": return p.path.length === 0 && (p.name === "Ok" || p.name === "Err");
    case "OrPattern": return p.alternatives.some(looksAtResult);
    case "AtPattern": return looksAtResult(p.pattern);
    default: return false;
  }
}

function takesNull(p: Pattern): boolean {
  if (p.kind === "OrPattern") return p.alternatives.some(takesNull);
  return p.kind === "LiteralPattern" && p.value.kind === "NullLit";
}

export function inferMatch(c: Checker, e: Match, want: Type | null, hint: Type | null = null): Type {
  const both = e.arms.some((arm) => looksAtResult(arm.pattern));
  let subject = both ? inferHandled(c, e.subject, null) : known(c, infer(c, e.subject, null));
  if (e.arms.some((arm) => takesNull(arm.pattern))) subject = asOptional(c, e.subject, subject);
  const named = errorsNamed(e.subject);
  if (named !== null && subject.k === "error-any") e.subject.ty = subject = prune(anyOf(named));
  if (subject.k === "null") {
    c.error(e.subject.span, "J0220", "the type of this null is not known");
  }
  const matched = new Matched(c, e, subject);
  // what holds when none of the arms so far was taken
  let before = c.narrowed;
  const branches: Branch[] = [];
  const paths: Narrowed[] = [];
  let misfit = false;
  const arms = new Arms(c, e.arms);
  for (const arm of e.arms) {
    c.narrowed = before;
    inBlock(c, () => {
      const errors = c.errors;
      const sets = c.errorSets;
      if (named !== null) c.errorSets = named.sets;
      bindPattern(c, arm.pattern, subject, false);
      c.errorSets = sets;
      misfit ||= c.errors > errors;
      if (!misfit) {
        arms.refine(arm.pattern, subject);
        matched.refine(arm.pattern);
      }
      if (arm.guard !== null) {
        const { yes, no } = checkTest(c, arm.guard);
        before = meet([before, no]);
        c.narrowed = yes;
      } else if (!misfit) {
        arms.add(arm.pattern, subject);
        before = matched.behind(arms, before);
      }
      const type = want !== null ? (check(c, arm.body, want), prune(arm.body.ty ?? VOID)) : infer(c, arm.body, hint);
      branches.push({ expr: arm.body, type });
      if (prune(type).k !== "never") paths.push(c.narrowed);
    });
  }
  c.narrowed = paths.length === 0 ? before : meet(paths);
  // a pattern that does not fit says nothing about what the others leave out
  if (!misfit) c.atEnd.push(() => checkExhaustive(c, e));
  if (branches.length > 0 && branches.every((b) => prune(b.type).k === "never")) return setType(c, e, NEVER);
  if (want === DISCARD) return setType(c, e, VOID);
  return setType(c, e, want ?? joinBranches(c, branches));
}
