// Which values may cross from one fiber into another, by their types. Promises: one predicate, `uncrossable`, which the
// checker asks for what is written and for each instance, and the evaluator again for each instance that it builds.
import type { Span, Type } from "../syntax/ast.ts";
import { checkUse, held, type InstanceRule } from "./instances.ts";
import type { Checker } from "./scope.ts";
import { argsOf, fieldsOf, payloadOf } from "./shapes.ts";
import { prune, showType, substitute } from "./types.ts";
import type { TypeUse, World } from "./world.ts";

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

/** How a bound value is told. */
export const staysBehind = (guard: Type): string =>
  `a \`${showType(guard)}\`, which stays in the fiber that took the lock`;

function reportReference(w: World, { unit, span, what, type }: TypeUse, via: TypeUse | null): void {
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

/** For what is not written as a type here, but comes with a type argument (instances.ts). */
export const CROSSES: InstanceRule = {
  refuses: (w, t) => uncrossable(w, t) !== null,
  report(w, use, by) {
    const what = by === null ? use.what
      : `what \`${by.name}\`, with these types, takes from one fiber to another`;
    reportReference(w, { ...use, what }, by?.within ?? null);
  },
};

/** Checks, when the body's types are known, that a value of this type may cross here. */
export const checkCrossing = (c: Checker, span: Span, what: string, type: Type): void =>
  checkUse(c, CROSSES, span, what, type);
