// Closures and nested functions: bodies inside bodies. Promises: a closure's parameters take their types from where
// it is passed, its result and errors from its body, unless they are written; what it takes from around it is
// recorded as captures, all the way out.
import type { Closure, Expr, FuncDecl, Local, Type } from "../syntax/ast.ts";
import { checkBody } from "./blocks.ts";
import { setType } from "./coerce.ts";
import { inFn, makeFn, resultOf } from "./context.ts";
import { check } from "./infer.ts";
import { beginInferring, endInferring } from "./inferred.ts";
import { requireConcurrency } from "./profiles.ts";
import { plural, resolveType, typeParamScope } from "./resolve.ts";
import { holdsFailure } from "./rethrow.ts";
import { type Checker, declareLocal, tracedVar } from "./scope.ts";
import { boundsOf, makeSignature } from "./shapes.ts";
import { solve } from "./solve.ts";
import { emptyErrors, func, isEmptyErrors, prune, UNKNOWN, VOID } from "./types.ts";
import { freshVar } from "./unify.ts";
import { walk } from "./walk.ts";
import type { Signature } from "./world.ts";

/** Checks a closure; `spawned` when it runs as a fiber of its own. */
export function inferClosure(c: Checker, e: Closure, hint: Type | null, spawned: boolean): Type {
  let want = hint?.k === "func" ? hint : null;
  let misfit: Type | null = null;
  const lent = !spawned && c.lent.has(e);
  if (want !== null && want.params.length !== e.params.length && !(e.form !== "func" && e.params.length === 0)) {
    c.error(e.span, "J0208", `this closure takes ${plural(e.params.length, "argument")}, but is called with ` +
      `${want.params.length}`, { hint: want.params.length === 0 ? undefined : `\`{ |${want.params.map((_, i) =>
        String.fromCharCode(97 + i)).join(", ")}| … }\`` });
    misfit = want;
    want = null;
  }
  const written = e.result === null ? null : resolveType(c.w, e.result, c.typeScope);
  const wanted = written ?? (want === null ? null : prune(want.result));
  const fixed = wanted !== null && prune(wanted).k !== "var" && prune(wanted).k !== "unknown" ? prune(wanted) : null;
  const fn = makeFn(c.fn, spawned ? "this spawned closure" : "this closure", VOID, {
    spawned,
    // a closure runs within the nursery it stands in; a fiber has none until it opens one
    nursery: spawned ? null : c.fn.nursery,
    signature: e.span,
    body: e,
  });
  if (fixed === null) {
    fn.mayFail = true;
    fn.inferring = [];
    fn.ok = freshVar();
  } else if (fixed.k === "result") {
    fn.ok = fixed.ok;
    fn.declared = fixed.error;
  } else {
    fn.ok = fixed;
    // a written result says nothing of errors: closures infer theirs
    fn.mayFail = written !== null || lent;
  }
  e.fn = fn.info;
  const params: Type[] = [];
  const outcome = inFn(c, fn, () => {
    e.params.forEach((p, i) => {
      const from = want?.params[i];
      const t = p.type !== null ? resolveType(c.w, p.type, c.typeScope)
        : from ?? tracedVar(c, p.span, `the type of parameter \`${p.name}\``, `write it: \`${p.name}: T\``);
      params.push(t);
      p.local = declareLocal(c, p.name, t, false, p.span);
      if (p.name !== "_" && e.params.findIndex((other) => other.name === p.name) < i) {
        c.error(p.span, "J0219", `parameter \`${p.name}\` is declared twice`);
      }
      if (p.default !== null) c.error(p.span, "J0237", "parameters of closures have no defaults");
    });
    // a block without parameters may be passed where arguments are offered: it ignores them
    const extra: Closure["params"] = [];
    if (want !== null) for (let i = params.length; i < want.params.length && e.params.length === 0; i++) {
      params.push(want.params[i]!);
      const local = declareLocal(c, "_", want.params[i]!, false, e.span);
      extra.push({ name: "_", type: null, default: null, span: e.span, local });
    }
    e.params.push(...extra);
    return checkBody(c, e.body, e.span);
  });
  const ok = fixed === null ? outcome : fn.ok;
  if (lent) solve(c);
  // lent to a call, it fails with the call; unless a failure is one of its values anyway
  const rethrows = lent && fn.declared === null && !isEmptyErrors(fn.raised) && !holdsFailure(ok);
  if (rethrows) e.raises = fn.raised;
  const whole = fn.declared !== null ? fixed!
    : resultOf(ok, fn.mayFail && !rethrows ? fn.raised : emptyErrors());
  fn.info.result = whole;
  c.records.push(fn.info);
  // a closure of the wrong arity has been reported; it is what was asked for from here on
  return setType(c, e, misfit ?? func(params, whole));
}

/**
 * Declares and checks a function in a block. Without type parameters it is a closure with a written signature, and the
 * local that holds it is given; with them it is a function like those of the file, named here only.
 */
export function checkNested(c: Checker, decl: FuncDecl): Local | null {
  const isGeneric = decl.typeParams.length > 0;
  const scope = typeParamScope(c.module, decl.typeParams, c.typeScope);
  const signature = makeSignature(c.w, decl, c.module, scope, null, null);
  if (signature.inferredBy === "body") signature.inferredBy = null;
  if (isGeneric) {
    signature.around = c.typeParams;
    signature.typeParams = [...c.typeParams, ...decl.typeParams];
  }
  if (decl.isAsync) requireConcurrency(c, decl.nameSpan, "an `async func`");
  const type = func(signature.params.map((p) => p.type), signature.result);
  const local = declareLocal(c, decl.name, type, false, decl.nameSpan);
  if (isGeneric) {
    c.fn.info.locals.pop();
    c.generics.set(local, decl);
  } else {
    c.localFuncs.set(local, signature);
  }
  for (const param of decl.typeParams) boundsOf(c.w, param);
  const { typeScope, typeParams } = c;
  Object.assign(c, { typeScope: scope, typeParams: signature.typeParams });
  checkNestedBody(c, decl, signature);
  // its errors are known now, where they are its body's
  local.ty = func(signature.params.map((p) => p.type), signature.result);
  Object.assign(c, { typeScope, typeParams });
  if (isGeneric) {
    refuseCaptures(c, decl);
    return null;
  }
  // it calls itself: its own variable must exist before its value does
  if (decl.fn!.captures.includes(local)) local.boxed = true;
  return local;
}

function checkNestedBody(c: Checker, decl: FuncDecl, signature: Signature): void {
  const whole = prune(signature.result);
  const fn = makeFn(c.fn, `\`${decl.name}\``, whole, { signature: decl.nameSpan, body: decl });
  if (whole.k === "result") {
    fn.ok = whole.ok;
    fn.declared = whole.error;
  }
  const inferring = signature.inferredBy === "async body" ? beginInferring(c.w, signature, whole, fn.raised) : null;
  if (inferring !== null) fn.mayFail = true;
  fn.info.result = whole;
  decl.fn = fn.info;
  inFn(c, fn, () => {
    decl.params.forEach((p, i) => {
      if (p.default !== null) check(c, p.default, signature.params[i]!.type);
      p.local = declareLocal(c, p.name, signature.params[i]?.type ?? UNKNOWN, false, p.span);
    });
    if (decl.body !== null) checkBody(c, decl.body, decl.nameSpan);
  });
  if (inferring !== null) endInferring(c.w, inferring);
}

/** A function with type parameters is one for each list of types, of which no one block could hold the variables. */
function refuseCaptures(c: Checker, decl: FuncDecl): void {
  const seen = new Set<Local>();
  walk(decl.body, (node) => {
    const name = node as Expr;
    if (name.kind !== "Name" || name.ref?.k !== "local") return;
    const { local } = name.ref;
    if (seen.has(local) || !decl.fn!.captures.includes(local)) return;
    seen.add(local);
    const what = `\`${decl.name}\` has type parameters`;
    c.error(name.span, "J0237", `${what}, and cannot use \`${name.name}\` of the function around it`, {
      hint: "pass it as an argument, or leave the type parameters out",
      notes: [{ unit: c.source, span: decl.nameSpan, message: "declared here" }],
    });
  });
}
