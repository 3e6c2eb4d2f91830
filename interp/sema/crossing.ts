// Which values may cross from one fiber into another, by their types; and the instances of functions with type
// parameters, through which a type that may not could still come. Promises: one predicate, `bareReference`, which the
// checker asks for what is written and for each instance, and the evaluator again for each instance that it builds.
import type { FuncDecl, Span, Type } from "../syntax/ast.ts";
import type { Checker } from "./scope.ts";
import { argsOf, fieldsOf } from "./shapes.ts";
import { final } from "./solve.ts";
import { isTooLarge, prune, showType, substitute, typeKey } from "./types.ts";
import type { Crossing, World } from "./world.ts";

/** The types of what a value of this type holds in itself. What a declared type keeps behind its fields is its own. */
function held(t: Type): readonly Type[] {
  switch (t.k) {
    case "optional": case "slice": case "array": return [t.of];
    case "tuple": return t.elems;
    case "result": return [t.ok];
    case "struct": case "enum": case "builtin": return t.args;
    default: return [];
  }
}

/** Whether values of a type stay in the fiber that made them, as std says of the guard of a lock. */
const isBound = (t: Type): boolean =>
  (t.k === "struct" || t.k === "enum") && t.decl.attributes.some((a) => a.name === "bound");

/** A bound value among the fields of what a type declares, which no copy of the struct may take along. */
function boundWithin(w: World, t: Type, seen: Set<object> = new Set()): Type | null {
  t = prune(t);
  if (isBound(t)) return t;
  const parts = [...held(t)];
  if (t.k === "struct" && !seen.has(t.decl)) {
    seen.add(t.decl);
    for (const field of fieldsOf(w, t.decl)) parts.push(substitute(field.type, argsOf(t)));
  }
  for (const part of parts) {
    const found = boundWithin(w, part, seen);
    if (found !== null) return found;
  }
  return null;
}

/**
 * The reference that stands bare in a type, as itself, in an optional, tuple, slice, array, or as a type argument; null
 * where there is none, and the type may cross. A struct that declares fields which are references is a linked
 * structure: it crosses whole, as a copy. A type of std that is bound to its fiber, a lock's guard, counts as one.
 */
export function bareReference(t: Type): Type | null {
  t = prune(t);
  if (t.k === "pointer" || isBound(t)) return t;
  for (const part of held(t)) {
    const found = bareReference(part);
    if (found !== null) return found;
  }
  return null;
}

function hasParam(t: Type): boolean {
  t = prune(t);
  return t.k === "param" || held(t).some(hasParam);
}

function listed<K, V>(all: Map<K, V[]>, key: K): V[] {
  let list = all.get(key);
  if (list === undefined) all.set(key, (list = []));
  return list;
}

function reportReference(w: World, { unit, span, what, type }: Crossing, via: Crossing | null): void {
  const t = prune(type);
  const notes = via === null ? [] : [{ unit: via.unit, span: via.span, message: "it would cross here" }];
  const guard = boundWithin(w, t);
  if (guard !== null) {
    const is = guard === t ? "is" : "holds";
    w.reporter.error(unit, span, "J0207", `${what} ${is} a \`${showType(guard)}\`, which stays in the fiber that took `
      + "the lock", { hint: "send the `Mutex`, and let each fiber take the lock itself", notes });
    return;
  }
  const reference = bareReference(t)!;
  const isAlone = t.k === "pointer" || (t.k === "optional" && prune(t.of).k === "pointer");
  const is = isAlone ? `is a reference (\`${showType(t)}\`)`
    : `holds a reference (\`${showType(reference)}\`)`;
  w.reporter.error(unit, span, "J0207", `${what} ${is}, and references stay within one fiber`, {
    hint: "pass a copy of the struct, or share it through `Mutex[T]`",
    notes,
  });
}

/** Checks, when the body's types are known, that a value of this type may cross here. */
export function checkCrossing(c: Checker, span: Span, what: string, type: Type): void {
  c.atEnd.push(() => {
    const t = final(c, type);
    if (bareReference(t) !== null || boundWithin(c.w, t) !== null) {
      reportReference(c.w, { type: t, what, unit: c.source, span }, null);
      c.errors++;
    } else if (hasParam(t)) {
      listed(c.w.crossings, c.root).push({ type: t, what, unit: c.source, span });
    }
  });
}

/** Notes a function that is called, or kept, with type arguments. */
export function noteInstance(c: Checker, decl: FuncDecl, args: Type[], span: Span): void {
  if (args.length === 0) return;
  c.atEnd.push(() => {
    const instance = { decl, args: args.map((t) => final(c, t)), unit: c.source, span };
    if (instance.args.some((t) => bareReference(t) !== null)) c.w.instances.push(instance);
    if (instance.args.some(hasParam)) listed(c.w.calls, c.root).push(instance);
  });
}

/**
 * Checks every instance that is made with a reference as a type argument, and those that it makes in turn, against the
 * crossings in their bodies. Each is visited once; types that grow without end are left alone.
 */
export function checkInstances(w: World): void {
  for (let made = w.instances.pop(); made !== undefined; made = w.instances.pop()) {
    const { decl, args, unit, span } = made;
    const key = args.map(typeKey).join(";");
    const seen = listed(w.checkedInstances, decl);
    if (args.some(isTooLarge) || seen.includes(key)) continue;
    const params = w.signatures.get(decl)?.typeParams ?? [];
    const s = new Map(params.map((p, i) => [p, args[i]!]));
    const crossing = w.crossings.get(decl)?.find(({ type }) => bareReference(substitute(type, s)) !== null);
    if (crossing !== undefined) {
      const what = `what \`${decl.name}\`, with these types, takes from one fiber to another`;
      reportReference(w, { type: substitute(crossing.type, s), what, unit, span }, crossing);
      continue;
    }
    seen.push(key);
    for (const call of w.calls.get(decl) ?? []) {
      const inner = call.args.map((t) => substitute(t, s));
      if (inner.some((t) => bareReference(t) !== null)) w.instances.push({ decl: call.decl, args: inner, unit, span });
    }
  }
}
