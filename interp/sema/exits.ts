// Ways out: `?`, `catch`, `fail`, `return`, `break`, `continue`. Promises: only `?` and `catch` give a value; what
// `fail` names is looked for among the errors that the body declares first.
import type { Break, Catch, Continue, ErrorSet, Expr, Fail, Propagate, Return, Type } from "../syntax/ast.ts";
import { isVoidish } from "./blocks.ts";
import { callVariantNamed } from "./calls.ts";
import { setType } from "./coerce.ts";
import { leavesCleanup, raise, wholeResult } from "./context.ts";
import { entityOf, findVariant, openVariant, variantRef } from "./entities.ts";
import { errorsNamed, noteErrors } from "./error-names.ts";
import { didYouMean } from "./errors.ts";
import { check, DISCARD, infer } from "./infer.ts";
import { variantLiteral } from "./literals.ts";
import { lookup, visibleNames } from "./modules.ts";
import { meet } from "./narrowing.ts";
import { type Checker, declareLocal, findLocal, inBlock, type LoopContext } from "./scope.ts";
import { payloadOf } from "./shapes.ts";
import { known } from "./solve.ts";
import { ERROR_ANY, errorsOfValue, errorValueType, NEVER, optional, prune, showType, UNKNOWN, VOID } from "./types.ts";

// ---------------------------------------------------------------- failures

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
    t = prune(check(c, e.operand, DISCARD));
  } else {
    t = inferHandled(c, e.operand, hint);
  }
  if (t.k !== "result" && t.k !== "unknown" && t.k !== "never") {
    c.error(e.operand.span, "J0235", `\`catch\` handles an error, and this cannot fail: \`${showType(t)}\``, {
      hint: t.k === "optional" ? "for an optional write `?? default`" : undefined,
    });
  }
  let ok = t.k === "result" ? t.ok : UNKNOWN;
  const never = prune(ok).k === "never";
  const before = c.narrowed;
  inBlock(c, () => {
    if (e.binding !== null) {
      e.local = declareLocal(c, e.binding, t.k === "result" ? errorValueType(t.error) : UNKNOWN, false, e.span);
      if (t.k === "result") noteErrors(e.local, t.error);
    }
    if (never && !drop) ok = infer(c, e.handler, hint);
    else if (drop || prune(ok).k === "void") check(c, e.handler, DISCARD);
    else if (prune(ok).k === "optional" || !mayGiveNull(e.handler)) check(c, e.handler, ok);
    else {
      // where the handler may give null, the value beside it is an optional, too
      e.lifted = prune(ok).k !== "unknown";
      ok = e.lifted ? optional(ok) : UNKNOWN;
      check(c, e.handler, ok);
    }
  });
  const handles = prune(e.handler.ty ?? VOID).k !== "never";
  // only the way through the handler goes on behind what never ends
  if (!never) c.narrowed = handles ? meet([before, c.narrowed]) : before;
  return setType(c, e, never && !handles ? NEVER : drop ? VOID : ok);
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
    return errorsNamed(e) ?? errorsOfValue(t);
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
  if (fn.standsAlone) {
    c.error(e.span, "J0224", "`return` stands outside a function");
    if (e.value !== null) infer(c, e.value, null);
    return setType(c, e, UNKNOWN);
  }
  if (fn.cleanup !== null) {
    leavesCleanup(c, e.span, "`return`", "use `if`, or put the code into a function and call that");
    if (e.value !== null) infer(c, e.value, null);
    return setType(c, e, NEVER);
  }
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
  // one that is refused leaves its loop, too, in the eyes of what stands behind it: that is told no second time
  if (e.kind === "Break") loop.broken = true;
  if (c.fn.cleanup !== null && loops.indexOf(loop) < c.fn.cleanup.loops) {
    leavesCleanup(c, e.span, `\`${word}\``, "only a loop that stands inside it can be left here: use `if`");
    return setType(c, e, NEVER);
  }
  return setType(c, e, NEVER);
}
