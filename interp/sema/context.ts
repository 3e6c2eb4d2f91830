// The body being checked: how one is entered, what its value and its errors make its result, and which errors may leave
// it. Promises: an error leaves a body as its type declares, is inferred into it, or is reported where it is raised.
import type { ErrorSet, Expr, Span, Type } from "../syntax/ast.ts";
import { coerce, valueOf } from "./coerce.ts";
import { allErrors } from "./inferred.ts";
import { forget, forgetVariables } from "./narrowing.ts";
import { type Checker, type FnContext, inBlock, newFnInfo } from "./scope.ts";
import {
  addErrors, emptyErrors, errorsFit, isEmptyErrors, NEVER, optional, prune, result, showErrors, showType, UNKNOWN, VOID,
} from "./types.ts";
import { freshVar, unify } from "./unify.ts";

export function makeFn(
  parent: FnContext | null, what: string, ok: Type, options: Partial<FnContext> = {},
): FnContext {
  return {
    info: newFnInfo(ok), parent, what, ok, declared: null, raised: emptyErrors(), mayFail: false, undeclared: [],
    spawned: false,
    nursery: null, loops: [], cleanup: null, signature: null, standsAlone: false, body: null, hidden: null,
    inferring: null, ...options,
  };
}

/** Runs `f` inside another body: its own loops, its own narrowings of what can change. */
export function inFn<T>(c: Checker, fn: FnContext, f: () => T): T {
  const { fn: outer, narrowed } = c;
  c.fn = fn;
  // what is known of a `var` may no longer hold when the closure runs
  forgetVariables(c);
  try {
    return inBlock(c, f);
  } finally {
    c.fn = outer;
    c.narrowed = narrowed;
    for (const local of c.unstable) forget(c, local);
  }
}

/** The result type of a body from its value and its errors. */
export function resultOf(ok: Type, errors: ErrorSet): Type {
  if (isEmptyErrors(errors)) return ok;
  const t = prune(ok);
  if (t.k === "result") {
    const all = emptyErrors();
    addErrors(all, t.error);
    addErrors(all, errors);
    return result(t.ok, all);
  }
  return result(t.k === "never" ? VOID : ok, errors);
}

/** Brings the values of all ways out of an inferred body to one type; after an error, which one is not known. */
export function joinReturns(c: Checker, returns: { expr: Expr | null; type: Type; span: Span }[]): Type {
  const errors = emptyErrors();
  let fails = false;
  let nullable = false;
  let main: Type | null = null;
  let first: Expr | null = null;
  for (const { expr, type } of returns) {
    let t = prune(type);
    if (t.k === "result") {
      fails = true;
      addErrors(errors, t.error);
      t = prune(t.ok);
    }
    if (t.k === "null") nullable = true;
    else if (t.k !== "never" && (main === null || prune(main).k === "unknown")) [main, first] = [t, expr];
    else if (t.k === "optional" && main !== null && prune(main).k !== "optional") main = t;
  }
  if (main === null) {
    if (returns.length > 0 && returns.every((r) => prune(r.type).k === "never")) return NEVER;
    main = nullable ? freshVar() : VOID;
  }
  if (nullable && prune(main).k !== "optional") main = optional(main);
  const joined = fails ? result(main, errors) : main;
  const notes = first === null ? []
    : [{ unit: c.source, span: valueOf(first).span, message: `this gives \`${showType(main)}\`` }];
  let fits = true;
  for (const { expr, type, span } of returns) {
    if (expr !== null) fits = coerce(c, expr, type, joined, notes) && fits;
    else if (!unify(type, joined) && !(prune(joined).k === "result" && unify(type, main))) {
      c.error(span, "J0202", `this gives no value, but other ways out give \`${showType(joined)}\``);
    }
  }
  return fits ? joined : UNKNOWN;
}

/** What a body gives back as written: `T`, or `T ! E`. */
export function wholeResult(fn: FnContext): Type {
  return fn.declared === null ? fn.ok : result(fn.ok, fn.declared);
}

/** Cleanup runs to its end: what it answers to, a failure or a cancellation, would be lost by another way out. */
export function leavesCleanup(c: Checker, span: Span, what: string, hint: string, { word } = c.fn.cleanup!): void {
  c.error(span, "J0241", `${what} cannot leave ${word === "defer" ? "a" : "an"} \`${word}\``, {
    label: "cleanup runs to its end",
    hint,
  });
}

/** Errors leave the current body: as declared, inferred, or reported. */
export function raise(c: Checker, errors: ErrorSet, span: Span): void {
  const fn = c.fn;
  const { cleanup } = fn;
  if (cleanup === null) {
    addErrors(fn.raised, errors);
    if (fn.mayFail || fn.declared?.any === true) return;
  }
  const refused = (all: ErrorSet): void => {
    if (cleanup === null) refuse(c, fn, all, span);
    else {
      const hint = "handle it here: `… catch |err| do … end`";
      leavesCleanup(c, span, `an error (\`${showErrors(all)}\`)`, hint, cleanup);
    }
  };
  if (errors.pending === undefined) return refused(errors);
  // those of a circle are known when all of it has been checked
  c.w.late.push(() => {
    const all = allErrors(errors);
    if (!isEmptyErrors(all)) refused(all);
  });
}

/** Reports errors that may not leave a body. */
function refuse(c: Checker, fn: FnContext, errors: ErrorSet, span: Span): void {
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
