// Unification: makes two types equal by binding inference variables. Every binding goes on a trail, so that a trial
// can be taken back. Promises: terminates (occurs check), binds nothing when it fails, and treats `unknown` as equal
// to everything, so that one error has no consequences. After Robinson, with integer and float literals as variables
// that only number types can fill.
import type { Type } from "../syntax/ast.ts";
import { equalErrors, prune, type Var } from "./types.ts";

let nextId = 0;
const trail: Var[] = [];

/** A fresh inference variable; `literal` limits what may fill it. */
export function freshVar(literal: "int" | "float" | null = null): Var {
  return { k: "var", id: nextId++, bound: null, literal };
}

/** A point to which `undo` can go back. */
export function mark(): number {
  return trail.length;
}

export function undo(to: number): void {
  while (trail.length > to) trail.pop()!.bound = null;
}

/** Forgets the trail; for the end of a body, when nothing can be taken back any more. */
export function settle(): void {
  trail.length = 0;
}

function occurs(v: Var, t: Type): boolean {
  t = prune(t);
  switch (t.k) {
    case "var": return t === v;
    case "optional": case "slice": case "array": return occurs(v, t.of);
    case "pointer": return occurs(v, t.to);
    case "tuple": return t.elems.some((e) => occurs(v, e));
    case "func": return t.params.some((p) => occurs(v, p)) || occurs(v, t.result);
    case "struct": case "builtin": case "enum": case "any": return t.args.some((a) => occurs(v, a));
    case "result": return occurs(v, t.ok);
    default: return false;
  }
}

export function bind(v: Var, t: Type): boolean {
  if (v.literal !== null) {
    if (t.k === "var") {
      if (t.literal === null) return bind(t, v);
      if (t.literal !== v.literal) return false;
    } else if (t.k === "unknown") {
      // an error was reported; the literal keeps its own default
      return true;
    } else if (v.literal === "int" ? t.k !== "int" : t.k !== "float") {
      return false;
    }
  }
  if (occurs(v, t)) return false;
  v.bound = t;
  trail.push(v);
  return true;
}

function unifyLists(a: Type[], b: Type[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!step(a[i]!, b[i]!)) return false;
  return true;
}

function step(x: Type, y: Type): boolean {
  const a = prune(x);
  const b = prune(y);
  if (a === b) return true;
  if (a.k === "unknown" || b.k === "unknown") {
    // what is joined with an error is one: nothing more is asked of it
    if (a.k === "var" && a.literal === null) bind(a, b);
    else if (b.k === "var" && b.literal === null) bind(b, a);
    return true;
  }
  // the newer of two variables points to the older, so that chains stay short however often one is used
  if (a.k === "var" && b.k === "var") return a.id < b.id ? bind(b, a) : bind(a, b);
  if (a.k === "var") return bind(a, b);
  if (b.k === "var") return bind(b, a);
  switch (a.k) {
    case "int": return b.k === "int" && a.name === b.name;
    case "float": return b.k === "float" && a.bits === b.bits;
    case "optional": case "slice": return b.k === a.k && step(a.of, b.of);
    case "array": return b.k === "array" && a.length === b.length && step(a.of, b.of);
    case "tuple": return b.k === "tuple" && unifyLists(a.elems, b.elems);
    case "func": return b.k === "func" && unifyLists(a.params, b.params) && step(a.result, b.result);
    case "pointer": return b.k === "pointer" && step(a.to, b.to);
    case "struct": case "builtin": return b.k === a.k && a.decl === b.decl && unifyLists(a.args, b.args);
    case "enum": return b.k === "enum" && a.decl === b.decl && unifyLists(a.args, b.args);
    case "any": return b.k === "any" && a.decl === b.decl && unifyLists(a.args, b.args);
    case "error": return b.k === "error" && a.decl === b.decl;
    case "result": return b.k === "result" && step(a.ok, b.ok) && equalErrors(a.error, b.error);
    case "param": return b.k === "param" && a.param === b.param;
    default: return a.k === b.k;
  }
}

/** Makes two types equal if it can; otherwise leaves every variable as it was. */
export function unify(a: Type, b: Type): boolean {
  const start = mark();
  if (step(a, b)) return true;
  undo(start);
  return false;
}

/** Whether the two could be made equal; binds nothing. */
export function couldUnify(a: Type, b: Type): boolean {
  const start = mark();
  const ok = step(a, b);
  undo(start);
  return ok;
}
