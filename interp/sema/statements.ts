// Statements. Promises: each says whether what follows it can run; loops forget what their bodies may change before
// they look at the body.
import type { BinaryOp, Expr, ForKind, Member, Pattern, Span, Stmt, Type } from "../syntax/ast.ts";
import type { Note } from "../syntax/diagnostic.ts";
import { checkBlockAs } from "./blocks.ts";
import { findOf } from "./candidates.ts";
import { keepsClosure } from "./changes.ts";
import { checkNested } from "./closures.ts";
import { coerce, doubtResult } from "./coerce.ts";
import { checkCondition } from "./conditions.ts";
import { raise } from "./context.ts";
import { entityOf } from "./entities.ts";
import { check, checkStmt, DISCARD, infer } from "./infer.ts";
import { bindCloser } from "./methods.ts";
import { preludeDecl } from "./modules.ts";
import { forget, forgetNames, forgetShared, narrow, setUnstable } from "./narrowing.ts";
import { checkOperator } from "./operators.ts";
import { bindIrrefutable, refuseTwice } from "./patterns.ts";
import { inferTarget } from "./places.ts";
import { plural, resolveType } from "./resolve.ts";
import { atomicChange, changedEntry, isAtomic, reportCommand, warnDroppedChange } from "./slips.ts";
import { type Checker, declareLocal, findLocal, inBlock, type LoopContext, tracedVar, useLocal } from "./scope.ts";
import { selfParam, signatureOf } from "./shapes.ts";
import { known, useFunc } from "./solve.ts";
import { I64, optional, prune, showType, substitute, UNKNOWN, VOID } from "./types.ts";
import { unify } from "./unify.ts";
import { changedInLoop, rewrite } from "./walk.ts";

type StmtOf<K extends Stmt["kind"]> = Extract<Stmt, { kind: K }>;

/** As checkStmt of infer.ts, by the kind of statement. */
export function checkStatement(c: Checker, stmt: Stmt, tail: ((e: Expr) => Type) | null): boolean {
  switch (stmt.kind) {
    case "ExprStmt":
      if (reportCommand(c, stmt.expr)) return false;
      check(c, stmt.expr, DISCARD);
      warnDroppedChange(c, stmt.expr);
      return prune(stmt.expr.ty ?? VOID).k === "never";
    case "Let": return checkLet(c, stmt);
    case "Assign": return checkAssign(c, stmt);
    case "While": {
      let after = c.narrowed;
      const loop = inLoop(c, stmt.label, [stmt.body, stmt.cond], () => {
        const { yes, no } = checkCondition(c, stmt.cond);
        after = no;
        c.narrowed = yes;
        checkBlockAs(c, stmt.body, DISCARD);
      });
      if (stmt.cond.kind === "Test" && stmt.cond.expr.kind === "BoolLit" && stmt.cond.expr.value) return !loop.broken;
      // left by its condition only, it is left with what that says
      if (!loop.broken) c.narrowed = after;
      return false;
    }
    case "Loop":
      return !inLoop(c, stmt.label, [stmt.body], () => checkBlockAs(c, stmt.body, DISCARD)).broken;
    case "For": checkFor(c, stmt); return false;
    case "Defer": {
      c.fn.info.hasDefer = true;
      const { cleanup } = c.fn;
      c.fn.cleanup = { word: stmt.onError ? "errdefer" : "defer", loops: c.fn.loops.length };
      check(c, stmt.body, DISCARD);
      c.fn.cleanup = cleanup;
      return false;
    }
    case "Using": return checkUsing(c, stmt, tail);
    case "FuncStmt":
      stmt.local = checkNested(c, stmt.decl) ?? undefined;
      if (stmt.local !== undefined) keepsClosure(stmt.local, stmt.decl);
      return false;
  }
}

/** Runs the body of a loop. What it may assign is not known at its start, nor after it. */
function inLoop(c: Checker, label: string | null, parts: object[], f: () => void): LoopContext {
  const loop: LoopContext = { label, broken: false };
  const { assigned, addressed } = changedInLoop(label, parts);
  forgetNames(c, assigned);
  forgetShared(c);
  for (const name of addressed) {
    // a reference taken in one round reaches the variable in the next
    const entry = findLocal(c, name);
    if (entry !== null) setUnstable(c, entry.local);
  }
  const before = c.narrowed;
  c.fn.loops.push(loop);
  inBlock(c, f);
  c.fn.loops.pop();
  c.narrowed = before;
  return loop;
}

function checkLet(c: Checker, stmt: StmtOf<"Let">): boolean {
  let t: Type;
  if (stmt.type !== null) {
    t = resolveType(c.w, stmt.type, c.typeScope);
    // what is not known of the value follows
    if (prune(t).k === "unknown") c.errors++;
    check(c, stmt.value, t);
  } else {
    t = infer(c, stmt.value, null);
    const found = prune(t);
    if (found.k === "null") {
      t = optional(tracedVar(c, stmt.value.span, "the type of this null", "write it: `let x: ?T = null`"));
      coerce(c, stmt.value, found, t);
    } else if (found.k === "void" && stmt.pattern.kind !== "WildcardPattern") {
      c.error(stmt.value.span, "J0202", "this gives no value to keep");
      t = UNKNOWN;
    } else if (found.k === "never") {
      t = UNKNOWN;
    }
  }
  bindIrrefutable(c, stmt.pattern, t, stmt.mutable);
  const local = stmt.pattern.kind === "BindPattern" ? stmt.pattern.local : undefined;
  if (local !== undefined && stmt.type === null) c.guessed.add(local);
  if (local !== undefined && !stmt.mutable && stmt.value.kind === "Closure") keepsClosure(local, stmt.value);
  if (local !== undefined && !stmt.mutable && stmt.value.kind === "Spawn") c.fn.nursery?.tasks.add(local);
  const never = prune(stmt.value.ty ?? VOID).k === "never";
  return never;
}

function checkAssign(c: Checker, stmt: StmtOf<"Assign">): boolean {
  const [target, value] = [stmt.targets[0]!, stmt.values[0]!];
  if (stmt.targets.length === 1 && stmt.values.length === 1) {
    if (target.kind === "Index" && stmt.op === null && assignToMap(c, stmt, target, value)) return false;
    if (stmt.op !== null && refuseOperator(c, target, stmt.op, value)) return false;
    const t = inferTarget(c, target);
    const { errors } = c;
    if (stmt.op !== null) checkOperator(c, stmt, stmt.op, t, value);
    else check(c, value, t, declarationNotes(c, target));
    if (c.errors > errors && target.kind === "Name" && target.ref?.k === "local" && c.guessed.has(target.ref.local)) {
      c.doubtful.add(target.ref.local);
    }
    forgetTarget(c, target);
    if (stmt.op !== null) return false;
    if (target.kind === "Name" && target.ref?.k === "local") {
      const into = prune(target.ref.local.ty);
      const from = prune(value.ty ?? UNKNOWN);
      if (into.k === "optional" && value.coerce?.some((step) => step.k === "some" && step.to === into) &&
        from.k !== "optional") narrow(c, target.ref.local, into.of);
    }
    return prune(value.ty ?? VOID).k === "never";
  }
  if (stmt.op !== null) {
    c.error(stmt.span, "J0237", "several places cannot be changed with one operator");
    return false;
  }
  const targets = stmt.targets.map((e) => inferTarget(c, e));
  if (stmt.values.length === 1) {
    const t = known(c, infer(c, value, null));
    if (t.k === "tuple" && t.elems.length === targets.length) {
      t.elems.forEach((elem, i) => {
        const place = stmt.targets[i]!;
        if (prune(targets[i]!).k !== "unknown" && !unify(elem, targets[i]!)) {
          c.error(place.span, "J0202", `expected \`${showType(targets[i]!)}\`, found \`${showType(elem)}\``);
        }
      });
    } else if (t.k !== "unknown") {
      c.error(value.span, "J0202", `${plural(targets.length, "value")} are needed, found \`${showType(t)}\``);
    }
    stmt.targets.forEach((e) => forgetTarget(c, e));
    return false;
  }
  if (stmt.values.length !== targets.length) {
    c.error(stmt.span, "J0208", `${plural(targets.length, "place")} and ${plural(stmt.values.length, "value")}`);
    stmt.values.forEach((v) => infer(c, v, null));
    return false;
  }
  stmt.values.forEach((v, i) => check(c, v, targets[i]!));
  stmt.targets.forEach((e) => forgetTarget(c, e));
  return false;
}

/** `m[key] += 1` and `counter += 1` of an Atomic: what is changed is no place that an operator could change. */
function refuseOperator(c: Checker, target: Expr, op: BinaryOp, value: Expr): boolean {
  if (target.kind === "Name") {
    const entity = entityOf(c, target);
    if (entity?.k !== "local" || !isAtomic(c, entity.entry.local.ty)) return false;
    const hint = atomicChange(c, target.name, op, value);
    c.error(target.span, "J0223", `an \`Atomic\` is changed by its methods, not by \`${op}=\``, { hint });
    infer(c, target, null);
    infer(c, value, null);
    return true;
  }
  if (target.kind !== "Index" || target.args.length !== 1) return false;
  const object = known(c, infer(c, target.object, null));
  c.settled.add(target.object);
  if (object.k !== "builtin" || object.decl !== preludeDecl(c.w, "Map")) return false;
  c.error(target.span, "J0236", "an entry of a map may not be there, so no operator changes it in its place", {
    hint: changedEntry(c, target, op, value, object.args[1] ?? UNKNOWN),
  });
  infer(c, target.args[0]!, null);
  infer(c, value, null);
  return true;
}

/** Where the variable that is assigned got its type. */
function declarationNotes(c: Checker, target: Expr): Note[] {
  const entry = target.kind === "Name" ? findLocal(c, target.name) : null;
  return entry === null ? [] : [{ unit: entry.unit, span: entry.span, message: `\`${entry.name}\` is declared here` }];
}

/** What was known of a variable does not hold for its new value. */
function forgetTarget(c: Checker, target: Expr): void {
  if (target.kind === "Name" && target.ref?.k === "local") forget(c, target.ref.local);
}

/** `m[k] = v` is `m.set(k, v)`, through a reference to a map, too: the tree is made to say so. */
function assignToMap(
  c: Checker, stmt: StmtOf<"Assign">, target: Extract<Expr, { kind: "Index" }>, value: Expr,
): boolean {
  const root = target.object;
  let object = known(c, infer(c, root, null));
  c.settled.add(root);
  if (object.k === "pointer") object = known(c, object.to);
  if (object.k !== "builtin" || object.decl !== preludeDecl(c.w, "Map") || target.args.length !== 1) return false;
  const callee: Member = {
    kind: "Member", object: root, name: "set", nameSpan: target.span, optional: false, span: target.span,
  };
  const args = [target.args[0]!, value].map((v) => ({ name: null, value: v, span: v.span }));
  const expr: Expr = { kind: "Call", callee, args, command: false, span: stmt.span };
  rewrite(stmt, { kind: "ExprStmt", expr });
  checkStmt(c, stmt as unknown as Stmt);
  return true;
}

// ---------------------------------------------------------------- for

interface Iteration {
  how: ForKind;
  /** what a single binding takes; null where a round always gives two values */
  one: Type | null;
  /** what two bindings take: the round's number and that value, or a key and its value */
  two: [Type, Type];
}

function iteration(c: Checker, t: Type): Iteration | null {
  const counted = (how: ForKind, of: Type): Iteration => ({ how, one: of, two: [I64, of] });
  switch (t.k) {
    case "range": case "string": return counted(t.k, I64);
    case "slice": case "array": return counted(t.k, t.of);
    case "pointer": return iteration(c, prune(t.to));
    case "builtin":
      if (t.decl === preludeDecl(c.w, "Map")) return { how: "map", one: null, two: [t.args[0]!, t.args[1]!] };
      if (t.decl === preludeDecl(c.w, "Set")) return counted("set", t.args[0]!);
      if (t.decl === preludeDecl(c.w, "Channel")) return counted("channel", t.args[0]!);
      break;
    default:
  }
  const of = nextOf(c, t);
  return of === null ? null : counted("iterator", of);
}

/** What `next` of an iterator gives, without its optional. */
function nextOf(c: Checker, t: Type): Type | null {
  const method = findOf(c.w, t, "Iterator", "next", c.module);
  if (method === null || method.decl.receiver !== "pointer" || method.decl.params.length !== 1) return null;
  const signature = signatureOf(c.w, method.decl);
  const s = method.k === "impl"
    ? new Map(method.instance.impl.typeParams.map((p, i) => [p, method.instance.args[i]!]))
    : new Map([[selfParam(c.w, method.trait.decl), t],
      ...method.trait.decl.typeParams.map((p, i) => [p, method.trait.args[i]!] as const)]);
  useFunc(c, method.decl);
  const r = prune(substitute(signature.result, s));
  return r.k === "optional" ? r.of : null;
}

function checkFor(c: Checker, stmt: StmtOf<"For">): void {
  if (stmt.iterable.kind === "Range") stmt.iterable.open = "high";
  let t = known(c, infer(c, stmt.iterable, null));
  if (t.k === "var" && t.literal === null) {
    // nothing says what is iterated yet: an array is what it can only be
    c.error(stmt.iterable.span, "J0220", "the type of what is iterated is not known here", { hint: "write it down" });
    t = UNKNOWN;
  }
  const found = t.k === "unknown" ? null : iteration(c, t);
  let types: Type[] = stmt.bindings.map(() => UNKNOWN);
  if (found !== null) {
    stmt.how = found.how;
    const given = stmt.bindings.length === 1 ? (found.one === null ? null : [found.one]) : found.two;
    if (given === null || given.length !== stmt.bindings.length) {
      c.error(spanOf(stmt.bindings), "J0231", `iterating \`${showType(t)}\` gives ` +
        `${found.one === null ? "two values" : "one or two values"} a round, not ${stmt.bindings.length}`, {
        hint: found.how === "map" ? "write `for key, value in …`" : "write `for x in …` or `for i, x in …`",
      });
    } else {
      types = given;
    }
  } else if (t.k !== "unknown") {
    doubtResult(c, stmt.iterable);
    c.error(stmt.iterable.span, "J0231", `\`${showType(t)}\` cannot be iterated`, {
      hint: t.k === "int" || t.k === "var" ? "iterate a range: `0..n`"
        : t.k === "optional" ? "it may be null: take the value out with `??`, `.?` or `if let`" : undefined,
    });
  }
  inLoop(c, stmt.label, [stmt.body], () => {
    stmt.bindings.forEach((p, i) => bindIrrefutable(c, p, types[i]!, false));
    if (stmt.bindings.length > 1) refuseTwice(c, stmt.bindings);
    checkBlockAs(c, stmt.body, DISCARD);
  });
}

function spanOf(patterns: Pattern[]): Span {
  return { start: patterns[0]!.span.start, end: patterns[patterns.length - 1]!.span.end };
}

// ---------------------------------------------------------------- using

function checkUsing(c: Checker, stmt: StmtOf<"Using">, tail: ((e: Expr) => Type) | null): boolean {
  c.fn.info.hasDefer = true;
  const t = known(c, infer(c, stmt.value, null));
  return inBlock(c, () => {
    // that it may fail is told once, and not where it is used
    stmt.local = declareLocal(c, stmt.name, t.k === "result" ? UNKNOWN : t, false, stmt.value.span);
    stmt.local.held = true;
    if (t.k === "result") {
      c.error(stmt.value.span, "J0214", "this may fail, so there may be nothing to close", {
        hint: "pass the error on: `using f := …?`",
      });
    } else if (t.k !== "unknown" && t.k !== "never") {
      const closer = bindCloser(c, t, stmt.value.span);
      if (closer !== null) {
        stmt.close = closer.target;
        // closed by a reference to the variable: a trait object's own method may replace what is in it
        if (t.k === "any" && closer.target.k === "func" && closer.target.byRef) {
          c.assigned.add(stmt.local);
          stmt.local.captured = true;
          useLocal(c, stmt.local);
        }
        stmt.closeFails = closer.errors !== null;
        if (closer.errors !== null) raise(c, closer.errors, stmt.value.span);
      }
    }
    if (tail === null) checkBlockAs(c, stmt.body, DISCARD);
    else tail(stmt.body);
    forgetShared(c);
    return prune(stmt.body.ty ?? VOID).k === "never";
  });
}
