// Value semantics and implicit conversions: when a value is copied, and what a coercion does to it.
//
// Structs, tuples and fixed arrays are values. A copy is made where a *place* is read into another place, unless both
// can never change. What a call, a literal or an operator gives is nobody else's: it is not copied. `??`, `catch`, `?`
// and casts hand on what their operand gives, so that is a copy already.
import type { Catch, Expr, Type } from "../../syntax/ast.ts";
import { copyOf } from "../clone.ts";
import { May } from "../code.ts";
import { concrete } from "../dynamic.ts";
import type { Node } from "../fuse/text.ts";
import { Dynamic, elementKind, Failure, Slice, Some } from "../values.ts";
import type { Builder } from "./builder.ts";

/** Can a value of this type be null, so that ?T needs a box? */
export function nullable(t: Type): boolean {
  return t.k === "optional" || t.k === "null";
}

export function isValueType(t: Type): boolean {
  if (t.k === "struct" || t.k === "array" || t.k === "tuple" || t.k === "any") return true;
  if (t.k === "optional") return isValueType(t.of);
  return t.k === "result" && isValueType(t.ok);
}

function isPlace(e: Expr): boolean {
  switch (e.kind) {
    case "Name": return e.ref?.k === "local" || e.ref?.k === "global";
    case "Member": return e.ref === undefined || e.ref.k === "global";
    case "Index": return e.ref === undefined;
    case "Deref": return true;
    case "Unwrap": return isPlace(e.operand);
    default: return false;
  }
}

/** Can what stands at this place change while somebody else still holds the value read from it? */
function mayChange(e: Expr): boolean {
  switch (e.kind) {
    case "Name": return e.ref?.k === "local" && (e.ref.local.mutable || e.ref.local.addressed === true);
    case "Member": return e.object.ty?.k === "pointer" || mayChange(e.object);
    case "Unwrap": return mayChange(e.operand);
    default: return true;
  }
}

function apply(b: Builder, n: Node, fn: (v: any) => any): Node {
  return b.apply1(n, fn, May.Never);
}

function copied(b: Builder, n: Node, type: Type): Node {
  return apply(b, n, copyOf(type));
}

/** The expression with its coercions. borrow: the value is only looked at, or goes where nothing can change it. */
function converted(b: Builder, e: Expr, borrow: boolean): Node {
  let n = b.expr(e);
  const t = b.typeOf(e);
  // seen through a reference or as a slice it stays where it is: what is written that way is written into the place
  const first = e.coerce?.[0]?.k;
  const inPlace = first === "ref" || first === "slice";
  if (!inPlace && isValueType(t) && isPlace(e) && (!borrow || mayChange(e))) n = copied(b, n, t);
  if (e.coerce === undefined) return n;
  let from = t;
  for (const c of e.coerce) {
    const to = b.type(c.to);
    if (c.k === "some" && to.k === "optional" && nullable(to.of)) n = apply(b, n, (v) => new Some(v));
    else if (c.k === "deref") n = copied(b, n, to);
    else if (c.k === "slice" && to.k === "slice") n = apply(b, n, viewAs(elementKind(to.of)));
    else if (c.k === "any" && from.k !== "any") {
      const of = concrete(from);
      n = apply(b, n, (v) => new Dynamic(v, of));
    }
    from = to;
  }
  return n;
}

/** A fixed array seen as a slice. Its elements stay a value's own: they are copied when they cross between fibers. */
const viewAs = (kind: number) => (v: Slice): Slice => v.lend(kind, 0, v.len);

/** For a place that may change or outlive its source: a variable, a field, an element, a result. */
export const owned = (b: Builder, e: Expr): Node => converted(b, e, false);

/** For a place that never changes: a `let` to which no reference is taken, a parameter (see Builder.finish). */
export const lent = (b: Builder, e: Expr): Node => converted(b, e, true);

/** Only looked at, at once: an operand, a condition, the object of a field access. */
export function read(b: Builder, e: Expr): Node {
  return e.coerce === undefined ? b.expr(e) : converted(b, e, true);
}

/** The same, read out of the cells that references to what is no struct are. */
export function readBehind(b: Builder, e: Expr): Node {
  let n = read(b, e);
  for (let t = operandType(b, e); t.k === "pointer"; t = t.to) {
    if (t.to.k !== "struct") n = apply(b, n, (cell) => cell.v);
  }
  return n;
}

/** The operand of a `catch` whose handler may give null: a value that may itself be null is boxed, a failure is not. */
export function lifted(b: Builder, e: Catch): Node {
  const operand = owned(b, e.operand);
  const type = b.typeOf(e);
  if (type.k !== "optional" || !nullable(type.of)) return operand;
  return apply(b, operand, (v) => (v instanceof Failure ? v : new Some(v)));
}

/** The type an operand has after its coercions. */
export function operandType(b: Builder, e: Expr): Type {
  return e.coerce?.length ? b.type(e.coerce.at(-1)!.to) : b.typeOf(e);
}
