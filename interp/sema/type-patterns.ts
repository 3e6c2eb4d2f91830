// Patterns that ask for the type of what a trait object holds: `Circle`, `c @ Circle`, `Circle { r }`, `Unit.Ten`,
// `Of[i64]`. Where an object is matched, a pattern that names a type is made a TypePattern, which says so.
import type { Expr, Pattern, Type, TypeExpr } from "../syntax/ast.ts";
import { entityOf, entityType } from "./entities.ts";
import { satisfies } from "./impls.ts";
import { resolveType } from "./resolve.ts";
import type { Checker } from "./scope.ts";
import { prune, showType } from "./types.ts";
import { rewrite } from "./walk.ts";

export type AnyType = Extract<Type, { k: "any" }>;

/** The trait object that is matched, in an optional too. */
export function objectOf(type: Type): AnyType | null {
  const t = prune(type);
  const of = t.k === "optional" ? prune(t.of) : t;
  return of.k === "any" ? of : null;
}

/** Reports a type that no object of the trait can hold. */
export function refuseNeverHeld(c: Checker, span: Expr["span"], object: AnyType, to: Type): void {
  if (satisfies(c.w, to, { decl: object.decl, args: object.args })) return;
  c.error(span, "J0232", `\`${showType(object)}\` never holds a \`${showType(to)}\`, which does not implement it`);
}

/** Where an object is matched, what names a type asks for it. */
export function readAsType(c: Checker, p: Pattern): void {
  switch (p.kind) {
    case "BindPattern": {
      const type = typeNamed(c, [p.name], p);
      if (type !== null) rewrite(p, { kind: "TypePattern", type, pattern: null });
      return;
    }
    case "VariantPattern": {
      if (p.path.length === 0) return;
      const isBare = p.args === null && p.fields === null;
      const whole = isBare ? typeNamed(c, [...p.path, p.name], p) : null;
      const type = whole ?? typeNamed(c, p.path, p);
      const inner = whole === null ? { ...p } : null;
      if (type !== null) rewrite(p, { kind: "TypePattern", type, pattern: inner });
      return;
    }
    case "StructPattern": {
      const type = typeNamed(c, p.path, p);
      if (type !== null) rewrite(p, { kind: "TypePattern", type, pattern: { ...p } });
      return;
    }
    default:
  }
}

/** Whether a pattern may not fit an object that it is matched with: it asks for a type. */
export function asksForType(c: Checker, p: Pattern): boolean {
  if (p.kind === "WildcardPattern") return false;
  return p.kind !== "BindPattern" || typeNamed(c, [p.name], p) !== null;
}

/** A path as a type, if it is the name of one. */
function typeNamed(c: Checker, path: string[], { span }: Pattern): TypeExpr | null {
  const [first, ...rest] = path;
  const name = rest.reduce<Expr>((object, part) =>
    ({ kind: "Member", object, name: part, nameSpan: span, optional: false, span }),
  { kind: "Name", name: first!, span });
  const entity = entityOf(c, name);
  if (entity === null || entityType(c, entity, span) === null) return null;
  return { kind: "NamedType", path, args: [], span };
}

/** The type that a pattern asks for: what a name before it, `c @ Circle`, stands for. */
export function typeAsked(p: Pattern): Type | null {
  return p.kind === "TypePattern" ? p.ty ?? null : p.kind === "AtPattern" ? typeAsked(p.pattern) : null;
}

/** Finds the type of a type pattern that is matched with `object`. */
export function resolveAsked(
  c: Checker, p: Extract<Pattern, { kind: "TypePattern" }>, object: AnyType,
): Type {
  const to = prune(resolveType(c.w, p.type, c.typeScope));
  p.ty = to;
  c.typed.push(p);
  if (to.k === "any") {
    c.error(p.span, "J0232", "a pattern asks for the type of a value, and this is a trait", {
      hint: "ask for each type that may be behind it",
    });
  } else if (to.k !== "unknown") {
    refuseNeverHeld(c, p.span, object, to);
  }
  return to;
}
