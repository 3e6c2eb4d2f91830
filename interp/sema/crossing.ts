// Which values may cross from one fiber into another, by their types; and the instances of functions with type
// parameters, through which a type that may not could still come. Promises: one predicate, `uncrossable`, which the
// checker asks for what is written and for each instance, and the evaluator again for each instance that it builds.
import type { FuncDecl, Span, Type, TypeParam } from "../syntax/ast.ts";
import type { Checker } from "./scope.ts";
import { argsOf, fieldsOf, payloadOf } from "./shapes.ts";
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

/** The types of what a type declares: fields, and what its variants carry. */
function declared(w: World, t: Type): Type[] {
  if (t.k !== "struct" && t.k !== "enum") return [];
  const types = t.k === "struct" ? fieldsOf(w, t.decl).map((f) => f.type)
    : t.decl.variants.flatMap((variant) => {
      const payload = payloadOf(w, t.decl, variant);
      return payload.kind === "none" ? [] : payload.kind === "tuple" ? payload.types
        : payload.fields.map((f) => f.type);
    });
  return types.map((type) => substitute(type, argsOf(t)));
}

/** A bound value in what a type holds or declares, at any depth, which no copy of it may take along. */
function boundWithin(w: World, t: Type): Type | null {
  const pending = [t];
  const seen = new Set<object>();
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    const type = prune(part);
    if (isBound(type)) return type;
    pending.push(...held(type));
    if ((type.k !== "struct" && type.k !== "enum") || seen.has(type.decl)) continue;
    seen.add(type.decl);
    pending.push(...declared(w, type));
  }
  return null;
}

/**
 * What keeps values of this type in their fiber; null when they may cross: a reference that stands bare in the type (as
 * itself, in an optional, tuple, slice, array, or as a type argument), or a value of std that is bound to its fiber, a
 * lock's guard, wherever it is held. A struct that declares fields which are references is a linked structure: it
 * crosses whole, as a copy.
 */
export function uncrossable(w: World, t: Type): Type | null {
  return bareReference(t) ?? boundWithin(w, t);
}

function bareReference(t: Type): Type | null {
  t = prune(t);
  if (t.k === "pointer") return t;
  for (const part of held(t)) {
    const found = bareReference(part);
    if (found !== null) return found;
  }
  return null;
}

function paramsIn(t: Type, found = new Set<TypeParam>()): Set<TypeParam> {
  t = prune(t);
  if (t.k === "param") found.add(t.param);
  for (const part of held(t)) paramsIn(part, found);
  return found;
}

/**
 * The function whose type arguments decide what these types are: the innermost one declared in this body with one of
 * these type parameters, else the body itself. Whoever makes an instance of a function in a block makes one of what is
 * around it, too.
 */
function decidedBy(c: Checker, types: readonly Type[]): object | null {
  const params = new Set<TypeParam>();
  for (const t of types) paramsIn(t, params);
  if (params.size === 0) return null;
  return [...c.generics.values()].findLast((decl) => decl.typeParams.some((p) => params.has(p))) ?? c.root;
}

function listed<K, V>(all: Map<K, V[]>, key: K): V[] {
  let list = all.get(key);
  if (list === undefined) all.set(key, (list = []));
  return list;
}

/** How a bound value is told. */
export const staysBehind = (guard: Type): string =>
  `a \`${showType(guard)}\`, which stays in the fiber that took the lock`;

function reportReference(w: World, { unit, span, what, type }: Crossing, via: Crossing | null): void {
  const t = prune(type);
  const notes = via === null ? [] : [{ unit: via.unit, span: via.span, message: "it would cross here" }];
  const kept = uncrossable(w, t)!;
  if (isBound(kept)) {
    const is = kept === t ? "is" : "holds";
    w.reporter.error(unit, span, "J0207", `${what} ${is} ${staysBehind(kept)}`, {
      hint: "send the `Mutex`, and let each fiber take the lock itself", notes,
    });
    return;
  }
  const isAlone = t.k === "pointer" || (t.k === "optional" && prune(t.of).k === "pointer");
  const is = isAlone ? `is a reference (\`${showType(t)}\`)`
    : `holds a reference (\`${showType(kept)}\`)`;
  w.reporter.error(unit, span, "J0207", `${what} ${is}, and references stay within one fiber`, {
    hint: "pass a copy of the struct, or share it through `Mutex[T]`",
    notes,
  });
}

/** Checks, when the body's types are known, that a value of this type may cross here. */
export function checkCrossing(c: Checker, span: Span, what: string, type: Type): void {
  c.atEnd.push(() => {
    const t = final(c, type);
    if (uncrossable(c.w, t) !== null) {
      reportReference(c.w, { type: t, what, unit: c.source, span }, null);
      c.errors++;
      return;
    }
    const by = decidedBy(c, [t]);
    if (by !== null) listed(c.w.crossings, by).push({ type: t, what, unit: c.source, span });
  });
}

/** Notes a function that is called, or kept, with type arguments. */
export function noteInstance(c: Checker, decl: FuncDecl, args: Type[], span: Span): void {
  if (args.length === 0) return;
  c.atEnd.push(() => {
    const instance = { decl, args: args.map((t) => final(c, t)), unit: c.source, span };
    if (instance.args.some((t) => uncrossable(c.w, t) !== null)) c.w.instances.push(instance);
    const by = decidedBy(c, instance.args);
    if (by !== null) listed(c.w.calls, by).push(instance);
  });
}

/**
 * Checks every instance that is made with a type argument that may not cross, and those that it makes in turn, against
 * the crossings in their bodies. Each is visited once; types that grow without end are left alone.
 */
export function checkInstances(w: World): void {
  for (let made = w.instances.pop(); made !== undefined; made = w.instances.pop()) {
    const { decl, args, unit, span } = made;
    const key = args.map(typeKey).join(";");
    let seen = w.checkedInstances.get(decl);
    if (seen === undefined) w.checkedInstances.set(decl, (seen = new Set()));
    if (args.some(isTooLarge) || seen.has(key)) continue;
    const params = w.signatures.get(decl)?.typeParams ?? [];
    const s = new Map(params.map((p, i) => [p, args[i]!]));
    const crossing = w.crossings.get(decl)?.find(({ type }) => uncrossable(w, substitute(type, s)) !== null);
    if (crossing !== undefined) {
      const what = `what \`${decl.name}\`, with these types, takes from one fiber to another`;
      reportReference(w, { type: substitute(crossing.type, s), what, unit, span }, crossing);
      continue;
    }
    seen.add(key);
    for (const call of w.calls.get(decl) ?? []) {
      const inner = call.args.map((t) => substitute(t, s));
      if (inner.some((t) => uncrossable(w, t) !== null)) w.instances.push({ decl: call.decl, args: inner, unit, span });
    }
  }
}
