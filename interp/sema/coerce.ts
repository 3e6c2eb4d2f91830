// Implicit conversions: makes the value of an expression fit the type its place asks for, and records how. Promises:
// each expression's list of coercions is written once, innermost first; a value that does not fit is reported with
// what was expected and found, and nothing is reported about a value of unknown type.
import type { Coercion, Expr, Span, Type } from "../syntax/ast.ts";
import type { Note } from "../syntax/diagnostic.ts";
import { extendsTrait, satisfies } from "./impls.ts";
import { lendElements } from "./roots.ts";
import type { Checker } from "./scope.ts";
import {
  addErrors, emptyErrors, errorsFit, F64, hasUnknown, I64, isNominal, isNumeric, isTooLarge, LENGTHS, optional, prune,
  showErrors, showType, TYPE_PARTS_MAX, UNKNOWN, widens,
} from "./types.ts";
import { couldUnify, freshVar, mark, undo, unify } from "./unify.ts";
import type { World } from "./world.ts";

/** Gives an expression its type. */
export function setType(c: Checker, e: Expr, t: Type): Type {
  if (isTooLarge(t)) {
    c.error(e.span, "J0234", `the type of this has more than ${TYPE_PARTS_MAX} parts`, {
      hint: "name a part of it with a `struct`, and use that",
    });
    t = UNKNOWN;
  }
  e.ty = t;
  c.typed.push(e);
  return t;
}

/** Finds the conversions from one type to another, innermost first; null when there are none that lose nothing. */
function convert(w: World, from: Type, to: Type, steps: Coercion[]): boolean {
  const a = prune(from);
  const b = prune(to);
  if (a === b || a.k === "unknown" || b.k === "unknown" || a.k === "never") return true;
  if (b.k === "optional") {
    if (a.k === "null") return true;
    if (a.k === "optional" && unify(a, b)) return true;
    if (a.k === "var" && a.literal === null) return unify(a, b);
    const inner: Coercion[] = [];
    if (!convert(w, a, b.of, inner)) return false;
    steps.push(...inner, { k: "some", to: b });
    return true;
  }
  if (b.k === "result") {
    if (a.k === "result") return errorsFit(a.error, b.error) && unify(a.ok, b.ok);
    if (a.k === "var" && a.literal === null) return unify(a, b.ok) && (steps.push({ k: "ok", to: b }), true);
    const inner: Coercion[] = [];
    if (!convert(w, a, b.ok, inner)) return false;
    steps.push(...inner, { k: "ok", to: b });
    return true;
  }
  if (b.k === "any") return intoObject(w, a, b, steps);
  if (a.k === "null" && b.k === "var") return b.literal === null && unify(b, optional(freshVar()));
  if (unify(a, b)) return true;
  if (widens(a, b)) {
    steps.push({ k: "widen", to: b });
    return true;
  }
  if (a.k === "array" && b.k === "slice" && unify(a.of, b.of)) {
    steps.push({ k: "slice", to: b });
    return true;
  }
  if (a.k === "pointer" && b.k === "struct" && unify(a.to, b)) {
    steps.push({ k: "deref", to: b });
    return true;
  }
  if (b.k === "error-any" && a.k === "error") return true;
  if (a.k === "func" && b.k === "func" && a.params.length === b.params.length) {
    const start = mark();
    if (a.params.every((p, i) => unify(p, b.params[i]!))) {
      const from = prune(a.result);
      const into = prune(b.result);
      if (from.k === "never") return true;
      if (from.k === "result" && into.k === "result" && unify(from.ok, into.ok)) {
        return errorsFit(from.error, into.error);
      }
      // what cannot fail does where what may fail is called: a value is a result as it is
      if (from.k !== "result" && into.k === "result" && unify(from, into.ok)) return true;
    }
    undo(start);
  }
  return false;
}

/** A value of a type that implements the trait becomes a trait object; so does a copy of what a reference refers to. */
function intoObject(w: World, a: Type, b: Extract<Type, { k: "any" }>, steps: Coercion[]): boolean {
  if (unify(a, b)) return true;
  if (a.k === "var" && !unify(a, a.literal === "float" ? F64 : I64)) return false;
  const trait = { decl: b.decl, args: b.args };
  const from = prune(a);
  // an object becomes one of a trait that its own extends; what it implements itself, the type behind it need not have
  if (from.k === "any") return extendsTrait(w, from, trait);
  if (satisfies(w, from, trait)) {
    steps.push({ k: "any", to: b });
    return true;
  }
  if (from.k !== "pointer" || prune(from.to).k !== "struct" || !satisfies(w, from.to, trait)) return false;
  steps.push({ k: "deref", to: from.to }, { k: "any", to: b });
  return true;
}

function mismatchHint(from: Type, to: Type): string | undefined {
  const a = prune(from);
  const b = prune(to);
  if (a.k === "result" && b.k !== "result") {
    return "it may fail: pass the error on with `?`, or handle it with `catch` or `match`";
  }
  if (a.k === "optional" && couldUnify(a.of, b)) {
    return "it may be null: use `?? default`, `.?`, or `if let`";
  }
  if (b.k === "bool") return howToAsk(a);
  if (isNumeric(a) && isNumeric(b)) return `convert it: \`… as ${showType(b)}\``;
  if (b.k === "string" && a.k !== "null") return "make a text of it: `str(…)` or `$\"{…}\"`";
  if (a.k === "string" && (b.k === "int" || b.k === "float")) {
    return b.k === "int" ? "read a number from it: `.parse_int()`" : "read a number from it: `.parse_float()`";
  }
  if (b.k === "any" && a.k === "any") {
    return `only what a trait extends is had without asking: \`trait ${a.decl.name}: ${b.decl.name}\`; or ask with`
      + ` \`as? ${showType(b)}\``;
  }
  if (b.k === "any" && isNominal(a)) return `implement the trait: \`impl ${b.decl.name} for ${showType(a)} { … }\``;
  if (b.k === "pointer" && couldUnify(a, b.to)) return "take a reference: `&…`";
  if (a.k === "null") return `only optionals can be null: the type would be \`?${showType(b)}\``;
  return undefined;
}

/** What is no truth value is asked for one. */
function howToAsk(t: Type): string | undefined {
  if (t.k === "optional") return "only a `bool` is true or false: ask with `!= null`, or take a default with `??`";
  if (isNumeric(t)) return "only a `bool` is true or false: compare the number, as in `n != 0`";
  if (LENGTHS.has(t.k) || (t.k === "builtin" && ["Map", "Set"].includes(t.decl.name))) {
    return "only a `bool` is true or false: ask with `not xs.is_empty()`";
  }
  return undefined;
}

/** Two types that read the same and are not: where each is declared. */
function namesakes(c: Checker, a: Type, b: Type): Note[] {
  if (!isNominal(a) || !isNominal(b) || a.decl === b.decl || a.decl.name !== b.decl.name) return [];
  return [[b, "expected"] as const, [a, "found"] as const].map(([{ decl }, which]) => ({
    unit: c.w.home(decl).module.source, span: decl.nameSpan, message: `the \`${decl.name}\` that is ${which}`,
  }));
}

export function reportMismatch(
  c: Checker, span: Span, from: Type, to: Type, notes: Note[] = [], hint?: string,
): void {
  if (hasUnknown(from) || hasUnknown(to)) return;
  const a = prune(from);
  const b = prune(to);
  if (a.k === "result" && b.k === "result" && couldUnify(a.ok, b.ok)) {
    const extra = emptyErrors();
    addErrors(extra, a.error);
    c.error(span, "J0215", `errors \`${showErrors(extra)}\` do not fit \`${showErrors(b.error)}\``, {
      hint: "handle them with `catch`, or widen the declared errors",
    });
    return;
  }
  c.error(span, "J0202", `expected \`${showType(b)}\`, found \`${showType(a)}\``, {
    label: `this is \`${showType(a)}\``,
    hint: hint ?? mismatchHint(a, b),
    notes: [...notes, ...namesakes(c, a, b)],
  });
}

/** Whether a value of one type fits another place; takes every binding back. */
export function wouldFit(c: Checker, from: Type, to: Type): boolean {
  const start = mark();
  const ok = convert(c.w, from, to, []);
  undo(start);
  return ok;
}

/** The expression that gives a block its value. */
export function valueOf(e: Expr): Expr {
  const last = e.kind === "Block" ? e.stmts[e.stmts.length - 1] : undefined;
  return last?.kind === "ExprStmt" ? valueOf(last.expr) : e;
}

/** A variable that holds a result was told not to be its value: its `let` lacks a `?`, and other uses follow. */
export function doubtResult(c: Checker, e: Expr): void {
  if (e.kind !== "Name" || e.ref?.k !== "local" || !c.guessed.has(e.ref.local)) return;
  if (prune(e.ref.local.ty).k === "result") c.doubtful.add(e.ref.local);
}

/** `'a'` where a text is wanted: a number in Janus. */
export function characterAsText(c: Checker, { span }: Expr): string {
  const inside = c.source.text.slice(span.start + 1, span.end - 1);
  return `write \`"${inside === '"' ? '\\"' : inside}"\``;
}

/** Makes an expression of type `from` fit `to`, records how, and reports when it does not. */
export function coerce(c: Checker, e: Expr, from: Type, to: Type, notes: Note[] = []): boolean {
  const steps: Coercion[] = [];
  const start = mark();
  if (!convert(c.w, from, to, steps)) {
    undo(start);
    const value = valueOf(e);
    if (prune(to).k !== "result") doubtResult(c, value);
    const isText = value.kind === "CharLit" && prune(to).k === "string";
    reportMismatch(c, value.span, from, to, notes, isText ? characterAsText(c, value) : undefined);
    return false;
  }
  const given = prune(from);
  const wanted = prune(to);
  if (given.k === "result" && wanted.k === "result" && wanted.error === c.fn.declared) {
    // what a function passes on as its own result is among its errors
    addErrors(c.fn.raised, given.error);
  }
  if (prune(from).k === "null" && prune(to).k !== "unknown") e.ty = prune(to).k === "result" ? nullInside(to) : to;
  if (steps.length > 0) {
    e.coerce = e.coerce === undefined ? steps : [...e.coerce, ...steps];
    c.coercions.push(...steps);
    if (steps.some((step) => step.k === "slice")) lendElements(valueOf(e));
  }
  return true;
}

/** The optional inside `?T ! E`, which a null literal there has. */
function nullInside(t: Type): Type {
  const r = prune(t);
  return r.k === "result" ? nullInside(r.ok) : r;
}
