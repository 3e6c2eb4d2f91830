// What `==` and the keys of maps and sets compare. Promises: where a type would be compared otherwise than it says of
// itself, or without a meaning, that is refused where it is written and for each instance of a function with type
// parameters: functions have no equality, and an `eq` of a type's own is asked only for the type itself, not for what
// holds it, and not for keys.
import type { Span, Type } from "../syntax/ast.ts";
import { findMethod } from "./candidates.ts";
import { partsOf } from "./impls.ts";
import { checkUse, type InstanceRule } from "./instances.ts";
import { preludeDecl } from "./modules.ts";
import type { Checker } from "./scope.ts";
import { argsOf } from "./shapes.ts";
import { prune, showType, substitute } from "./types.ts";
import type { TypeUse, World } from "./world.ts";

/** Whether a type says itself what `==` means. */
function hasOwnEq(w: World, t: Type): boolean {
  if (t.k !== "struct" && t.k !== "enum") return false;
  const decl = preludeDecl(w, "Eq");
  return decl?.kind === "TraitDecl" && findMethod(w, t, "eq", null, { decl, args: [] }) !== null;
}

/** What is compared where values of a type are, by their parts. */
function comparedIn(w: World, t: Type): Type[] {
  switch (t.k) {
    case "optional": case "slice": case "array": return [t.of];
    case "tuple": return t.elems;
    case "result": return [t.ok];
    case "builtin": return t.decl.name === "Map" || t.decl.name === "Set" ? t.args : [];
    case "struct": case "enum": {
      const s = argsOf(t);
      return partsOf(w, t).map((part) => substitute(part, s));
    }
    default: return [];
  }
}

/** A part of a type that has no equality, or another than that of its parts; at any depth. */
function misjudged(w: World, open: Type[]): Type | null {
  const seen = new Set<object>();
  for (let part = open.pop(); part !== undefined; part = open.pop()) {
    const t = prune(part);
    if (t.k === "func" || hasOwnEq(w, t)) return t;
    if (t.k === "struct" || t.k === "enum") {
      if (seen.has(t.decl)) continue;
      seen.add(t.decl);
    }
    open.push(...comparedIn(w, t));
  }
  return null;
}

/** Of what `==` is written for: the type itself may have an `eq`. */
const misjudgedByEquals = (w: World, t: Type): Type | null => {
  t = prune(t);
  return hasOwnEq(w, t) ? null : misjudged(w, [t]);
};

const misjudgedAsKey = (w: World, t: Type): Type | null => misjudged(w, [t]);

function report(w: World, use: TypeUse, part: Type, by: { name: string; within: TypeUse } | null): void {
  const t = showType(use.type);
  const isWhole = prune(use.type) === part;
  const where = by === null ? `this ${use.what}` : `\`${by.name}\`, with these types, ${by.within.what}`;
  const notes = by === null ? [] : [{ unit: by.within.unit, span: by.within.span, message: "it is compared here" }];
  if (part.k === "func") {
    const what = by === null ? `\`${t}\` holds functions, which cannot be compared`
      : `${where} \`${t}\`, which holds functions, and these cannot be compared`;
    w.reporter.error(use.unit, use.span, "J0223", what, { notes });
    return;
  }
  const what = isWhole ? `\`${t}\`` : `\`${t}\`, which holds a \`${showType(part)}\`,`;
  w.reporter.error(use.unit, use.span, "J0223", `${where} ${what} by its fields, and not by the \`eq\` of that type`, {
    hint: "compare what decides: the field or the value that `eq` looks at", notes,
  });
}

const ruleOf = (find: (w: World, t: Type) => Type | null): InstanceRule => ({
  refuses: (w, t) => find(w, t) !== null,
  report: (w, use, by) => report(w, use, find(w, use.type)!, by),
});

export const EQUALS = ruleOf(misjudgedByEquals);
export const KEYS = ruleOf(misjudgedAsKey);

/** Checks what `==` or `!=` compares. */
export const checkEquality = (c: Checker, span: Span, type: Type): void =>
  checkUse(c, EQUALS, span, "compares", type);

/** Methods of maps and sets that look for a key, or file something under one. */
const KEYED = new Set(["map.get", "map.set", "map.has", "map.remove", "set.add", "set.has", "set.remove"]);

/** Checks a call of a method of std that takes a key. */
export function checkKeyed(c: Checker, intrinsic: string | null, args: readonly Type[], span: Span): void {
  if (intrinsic !== null && KEYED.has(intrinsic)) checkKey(c, args[0]!, span);
}

export const checkKey = (c: Checker, key: Type, span: Span): void => checkUse(c, KEYS, span, "files under keys", key);
