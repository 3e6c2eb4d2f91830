// Blocks, branches, ways out: what gives a value, what never goes on, what is known on each path. Promises:
// unreachable code and missing values are reported once, where they stand; an optional compared with null is known
// not to be null on the path where that holds, until it is assigned.
import type { ErrorSet, Type } from "../syntax/annotations.ts";
import type {
  Block, Break, Catch, Condition, Continue, Expr, Fail, If, Match, Pattern, Propagate, Return, Span, Stmt,
} from "../syntax/ast.ts";
import { joinReturns } from "./closures.ts";
import { callVariantNamed } from "./calls.ts";
import { check, infer } from "./expressions.ts";
import { setType } from "./coerce.ts";
import { inferNursery } from "./concurrency.ts";
import { entityOf, findVariant, openVariant, variantRef } from "./entities.ts";
import { didYouMean } from "./errors.ts";
import { checkExhaustive } from "./exhaustiveness.ts";
import { variantLiteral } from "./literals.ts";
import { lookup, visibleNames } from "./modules.ts";
import { assume, meet, type Narrowed } from "./narrowing.ts";
import { bindPattern, bindPresent } from "./patterns.ts";
import { payloadOf } from "./resolve.ts";
import {
  type Checker, declareLocal, findLocal, type FnContext, inBlock, type LoopContext,
} from "./scope.ts";
import { known } from "./solve.ts";
import { checkStmt } from "./statements.ts";
import {
  addErrors, BOOL, ERROR_ANY, errorsFit, errorsOfValue, errorValueType, NEVER, optional, prune, result,
  showErrors, showType, UNKNOWN, VOID,
} from "./types.ts";
import { freshVar, unify } from "./unify.ts";

/** Asked for where a value is dropped: a void that is told apart from a written one. */
export const DISCARD: Type = { k: "void" };

/** Whether nothing has to be given: `void`, or `void ! E`. */
function isVoidish(t: Type): boolean {
  t = prune(t);
  return t.k === "void" || t.k === "unknown" || (t.k === "result" && isVoidish(t.ok));
}

// ---------------------------------------------------------------- blocks

/** Checks the statements of a block; `tail` handles the last one when it is an expression. Gives whether it goes on. */
function runStmts(c: Checker, stmts: Stmt[], tail: ((e: Expr) => Type) | null): { type: Type; ends: boolean } {
  let type: Type = VOID;
  let ends = false;
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
      return { type: NEVER, ends: true };
    }
    if (tail !== null && i === stmts.length - 1 && stmt.kind === "ExprStmt") {
      type = tail(stmt.expr);
      ends = prune(stmt.expr.ty ?? VOID).k === "never";
    } else if (tail !== null && i === stmts.length - 1 && stmt.kind === "Using") {
      // `using f := open(p)?` to the end of the block: the block's value is that of what follows
      ends = checkStmt(c, stmt, tail);
      type = stmt.body.ty ?? VOID;
    } else {
      ends = checkStmt(c, stmt);
    }
  }
  return { type: ends ? NEVER : type, ends };
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

/** What a body gives back as written: `T`, or `T ! E`. */
export function wholeResult(fn: FnContext): Type {
  return fn.declared === null ? fn.ok : result(fn.ok, fn.declared);
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

// ---------------------------------------------------------------- errors leaving a body

/** Errors leave the current body: as declared, inferred, or reported. */
export function raise(c: Checker, errors: ErrorSet, span: Span): void {
  const fn = c.fn;
  addErrors(fn.raised, errors);
  if (fn.mayFail) return;
  if (fn.declared === null) {
    if (prune(fn.ok).k === "unknown") return;
    fn.undeclared.push({ errors: showErrors(errors), span });
    const of = showType(fn.ok);
    c.error(span, "J0215", `an error (\`${showErrors(errors)}\`) would leave ${fn.what}, whose type admits none`, {
      hint: `write \`-> ${of} ! ${errors.sets.length === 1 ? errors.sets[0]!.name : "E"}\`, or handle it with ` +
        "`catch` or `match`",
      notes: fn.signature === null ? [] : [{ unit: c.source, span: fn.signature, message: "declared here" }],
    });
    return;
  }
  const declared = fn.declared;
  if (errorsFit(errors, declared)) return;
  fn.undeclared.push({ errors: showErrors(errors), span });
  // an open name that a declared set has counts as that set's
  const left: ErrorSet = {
    any: errors.any, sets: errors.sets.filter((s) => !declared.sets.includes(s)),
    open: errors.open.filter((name) => !declared.open.includes(name)),
  };
  const allowed = showErrors(declared);
  c.error(span, "J0215", `\`${showErrors(left)}\` would leave ${fn.what}, which may only fail with \`${allowed}\``, {
    hint: "handle it with `catch` or `match`, or declare it",
    notes: fn.signature === null ? [] : [{ unit: c.source, span: fn.signature, message: "declared here" }],
  });
}

/** The operand of `?`, `try`, `catch`, `match`: an `await` or a nursery gives its failure as a value there. */
export function inferHandled(c: Checker, e: Expr, hint: Type | null): Type {
  if (e.kind === "Await" || e.kind === "Nursery" || e.kind === "Call" || e.kind === "Pipe") e.handled = true;
  return known(c, infer(c, e, hint));
}

export function inferPropagate(c: Checker, e: Propagate, hint: Type | null): Type {
  if (c.awaited.has(e)) c.awaited.add(e.operand);
  const t = inferHandled(c, e.operand, hint);
  if (t.k === "result") {
    raise(c, t.error, e.span);
    return setType(c, e, t.ok);
  }
  if (t.k !== "unknown" && t.k !== "never") {
    const mark = e.prefix ? "try" : "?";
    c.error(e.span, "J0235", `\`${mark}\` passes an error on, and this cannot fail: \`${showType(t)}\``, {
      hint: t.k === "optional" ? "for an optional write `?? return …`, `.?` or `if let`" : undefined,
    });
  }
  return setType(c, e, t.k === "never" ? NEVER : UNKNOWN);
}

/** `e catch d`; `drop` when its value is not wanted, so that neither side has to give one. */
export function inferCatch(c: Checker, e: Catch, hint: Type | null, drop = false): Type {
  let t: Type;
  if (drop && e.operand.kind === "Nursery") {
    e.operand.handled = true;
    t = prune(inferNursery(c, e.operand, DISCARD));
  } else {
    t = inferHandled(c, e.operand, hint);
  }
  if (t.k !== "result" && t.k !== "unknown" && t.k !== "never") {
    c.error(e.operand.span, "J0235", `\`catch\` handles an error, and this cannot fail: \`${showType(t)}\``, {
      hint: t.k === "optional" ? "for an optional write `?? default`" : undefined,
    });
  }
  let ok = t.k === "result" ? t.ok : UNKNOWN;
  const before = c.narrowed;
  inBlock(c, () => {
    if (e.binding !== null) {
      e.local = declareLocal(c, e.binding, t.k === "result" ? errorValueType(t.error) : UNKNOWN, false, e.span);
    }
    if (drop || prune(ok).k === "void") check(c, e.handler, DISCARD);
    else if (prune(ok).k === "optional" || !mayGiveNull(e.handler)) check(c, e.handler, ok);
    else {
      // where the handler may give null, the value beside it is an optional, too
      e.lifted = prune(ok).k !== "unknown";
      ok = e.lifted ? optional(ok) : UNKNOWN;
      check(c, e.handler, ok);
    }
  });
  c.narrowed = meet([before, c.narrowed]);
  return setType(c, e, drop ? VOID : ok);
}

/** Is a `null` written where this gives its value? */
function mayGiveNull(e: Expr): boolean {
  switch (e.kind) {
    case "NullLit": return true;
    case "Block": {
      const last = e.stmts.at(-1);
      return last?.kind === "ExprStmt" && mayGiveNull(last.expr);
    }
    case "If": return mayGiveNull(e.then) || (e.otherwise !== null && mayGiveNull(e.otherwise));
    case "Match": return e.arms.some((arm) => mayGiveNull(arm.body));
    default: return false;
  }
}

/** `fail X`: what X names, looked for among the errors the body declares, then among all in scope. */
export function inferFail(c: Checker, e: Fail): Type {
  const errors = failValue(c, e.value);
  if (errors !== null) raise(c, errors, e.span);
  return setType(c, e, NEVER);
}

function failName(c: Checker, e: Expr): string | null {
  if (e.kind === "Name" || e.kind === "ShortVariant") return e.name;
  if (e.kind === "StructLit") return failName(c, e.head);
  return e.kind === "Call" ? failName(c, e.callee) : null;
}

function failValue(c: Checker, e: Expr): ErrorSet | null {
  const name = failName(c, e);
  const head = e.kind === "Call" ? e.callee : e.kind === "StructLit" ? e.head : e;
  const isShort = head.kind === "ShortVariant";
  if (name !== null && (isShort || findLocal(c, name) === null)) {
    const declared = c.fn.declared?.sets ?? [];
    let sets = declared.filter((set) => findVariant(set, name) !== null);
    if (sets.length === 0 && (isShort || entityOf(c, head) === null)) {
      sets = errorDeclsWith(c, name);
    }
    if (sets.length > 1) {
      c.error(e.span, "J0201", `\`${name}\` is an error of ${sets.map((s) => `\`${s.name}\``).join(" and ")}`, {
        hint: `write \`${sets[0]!.name}.${name}\``,
      });
      setType(c, e, UNKNOWN);
      return null;
    }
    const set = sets[0];
    if (set !== undefined) {
      const found = findVariant(set, name)!;
      const type: Type = { k: "error", decl: set };
      const ref = variantRef(c, type, set, found.decl, name, found.index);
      if (e.kind === "Call") callVariantNamed(c, e, ref);
      else if (e.kind === "StructLit") variantLiteral(c, e, type, found.index);
      else {
        if (e.kind === "Name") e.ref = { k: "variant", variant: ref };
        else if (e.kind === "ShortVariant") e.variant = ref;
        setType(c, e, type);
        if (payloadOf(c.w, set, found.decl).kind !== "none") {
          c.error(e.span, "J0208", `\`${name}\` carries values, and none are given`, { hint: `write \`${name}(…)\`` });
        }
      }
      return { sets: [set], open: [], any: false };
    }
    const isOpen = c.fn.declared === null || c.fn.declared.any || c.fn.declared.open.includes(name);
    const isUnknown = head.kind === "Name" && entityOf(c, head) === null;
    if ((isUnknown && (e === head || !isOpen)) || e.kind === "ShortVariant") {
      if (isOpen && e.kind !== "Call" && e.kind !== "StructLit") {
        const ref = openVariant(c, name);
        if (e.kind === "Name") e.ref = { k: "variant", variant: ref };
        else if (e.kind === "ShortVariant") e.variant = ref;
        setType(c, e, ERROR_ANY);
        return { sets: [], open: [name], any: false };
      }
      c.error(head.span, "J0201", `no declared error is called \`${name}\``, {
        hint: didYouMean(name, declared.flatMap((s) => s.variants.map((v) => v.name))) ??
          `declare it: \`error E { ${name} }\``,
      });
      if (e.kind === "Call") for (const arg of e.args) infer(c, arg.value, null);
      if (e.kind === "StructLit") for (const field of e.fields) infer(c, field.value, null);
      setType(c, e, UNKNOWN);
      return null;
    }
  }
  const t = known(c, infer(c, e, c.fn.declared !== null ? errorValueType(c.fn.declared) : ERROR_ANY));
  if (t.k === "error" || t.k === "error-any") {
    // the error handled here is one of those the operand declared; re-raised it is any of them
    return errorsOfValue(t);
  }
  if (t.k !== "unknown") {
    c.error(e.span, "J0202", `\`fail\` needs an error, found \`${showType(t)}\``, {
      hint: "declare errors with `error E { A, B }` and write `fail E.A`",
    });
  }
  return null;
}

/** The declared error sets in scope that have a variant of this name. */
function errorDeclsWith(c: Checker, name: string) {
  const sets = new Set<Extract<ReturnType<typeof asErrorDecl>, object>>();
  for (const visible of visibleNames(c.w, c.module)) {
    const decl = asErrorDecl(c, visible);
    if (decl !== null && findVariant(decl, name) !== null) sets.add(decl);
  }
  const own = [...sets].filter((set) => !c.w.home(set).module.std);
  return own.length > 0 ? own : [...sets];
}

function asErrorDecl(c: Checker, name: string) {
  const found = lookup(c.w, c.module, name);
  return found?.k === "decl" && found.decl.kind === "ErrorDecl" ? found.decl : null;
}

// ---------------------------------------------------------------- return, break, continue

export function inferReturn(c: Checker, e: Return): Type {
  const fn = c.fn;
  if (fn.inferring !== null) {
    const type = e.value === null ? VOID : infer(c, e.value, prune(fn.ok).k === "var" ? null : fn.ok);
    fn.inferring.push({ expr: e.value, type, span: e.span });
    return setType(c, e, NEVER);
  }
  const want = wholeResult(fn);
  if (e.value === null) {
    if (!isVoidish(want)) {
      c.error(e.span, "J0212", `${fn.what} gives \`${showType(want)}\`, and this \`return\` has no value`);
    }
  } else if (prune(want).k === "void") {
    const t = prune(infer(c, e.value, null));
    if (t.k !== "void" && t.k !== "never" && t.k !== "unknown") {
      c.error(e.value.span, "J0202", `${fn.what} gives no value, and this returns \`${showType(t)}\``, {
        hint: fn.signature === null ? undefined : `write its result: \`-> ${showType(t)}\``,
        notes: fn.signature === null ? [] : [{ unit: c.source, span: fn.signature, message: "declared here" }],
      });
    }
  } else {
    check(c, e.value, want, fn.signature === null ? []
      : [{ unit: c.source, span: fn.signature, message: "declared here" }]);
  }
  return setType(c, e, NEVER);
}

export function inferBreak(c: Checker, e: Break | Continue): Type {
  const word = e.kind === "Break" ? "break" : "continue";
  const { loops } = c.fn;
  const loop: LoopContext | undefined = e.label === null
    ? loops[loops.length - 1] : loops.findLast((l) => l.label === e.label);
  if (loop === undefined) {
    c.error(e.span, "J0224", e.label === null
      ? `\`${word}\` stands outside a loop` : `no loop around this carries the label \`${e.label}\``, {
        hint: e.label === null ? undefined
          : didYouMean(e.label, loops.flatMap((l) => l.label === null ? [] : [l.label])),
      });
    return setType(c, e, loops.length > 0 ? NEVER : UNKNOWN);
  }
  if (e.kind === "Break") loop.broken = true;
  return setType(c, e, NEVER);
}

/** Checks the head of `if` or `while`; the names it binds are in scope for the block that follows. */
export function checkCondition(c: Checker, cond: Condition): void {
  if (cond.kind === "Test") {
    check(c, cond.expr, BOOL);
    return;
  }
  const t = known(c, infer(c, cond.value, null));
  let of: Type = UNKNOWN;
  if (t.k === "optional") of = t.of;
  else if (t.k === "var") {
    of = freshVar();
    unify(t, optional(of));
  } else if (t.k !== "unknown" && t.k !== "never") {
    const chained = cond.pattern.kind === "BindPattern" && cond.pattern.name === "?.";
    const mark = chained ? "?." : "let";
    c.error(cond.value.span, "J0235", `\`${mark}\` here needs an optional, found \`${showType(t)}\``, {
      hint: chained ? "write `.`" : t.k === "result" ? "it may fail: pass the error on with `?` first" : undefined,
    });
  }
  bindPattern(c, cond.pattern, of, cond.mutable);
}

// ---------------------------------------------------------------- if and match

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
  const before = c.narrowed;
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
    checkCondition(c, e.cond);
    if (e.cond.kind === "Test") assume(c, e.cond.expr, true);
    branch(e.then);
  });
  c.narrowed = before;
  if (e.cond.kind === "Test") assume(c, e.cond.expr, false);
  if (e.otherwise !== null) branch(e.otherwise);
  else paths.push(c.narrowed);
  c.narrowed = paths.length === 0 ? before : meet(paths);
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
  const subject = both ? inferHandled(c, e.subject, null) : known(c, infer(c, e.subject, null));
  if (subject.k === "null") {
    c.error(e.subject.span, "J0220", "the type of this null is not known");
  }
  const before = c.narrowed;
  const branches: Branch[] = [];
  const paths: Narrowed[] = [];
  let misfit = false;
  let withoutNull = false;
  for (const arm of e.arms) {
    c.narrowed = before;
    inBlock(c, () => {
      const errors = c.errors;
      if (withoutNull) bindPresent(c, arm.pattern, subject);
      else bindPattern(c, arm.pattern, subject, false);
      misfit ||= c.errors > errors;
      if (arm.guard !== null) {
        check(c, arm.guard, BOOL);
        assume(c, arm.guard, true);
      } else {
        withoutNull ||= takesNull(arm.pattern);
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

