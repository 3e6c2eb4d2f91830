// Conversions as written: `x as T`, `T(x)`. Implicit ones are in conversions.ts.
import type { Cast, Type } from "../../syntax/ast.ts";
import { copyOf } from "../clone.ts";
import { May } from "../code.ts";
import { concrete } from "../dynamic.ts";
import type { Inline } from "../fuse/plain.ts";
import type { Node } from "../fuse/text.ts";
import { convert } from "../integers.ts";
import { type Dynamic, Some } from "../values.ts";
import type { Builder } from "./builder.ts";
import { nullable, operandType, owned, read } from "./conversions.ts";
import { faultAt } from "./limits.ts";

export function cast(b: Builder, e: Cast): Node {
  if (e.checked === true) return castObject(b, e);
  return conversion(b, owned(b, e.operand), operandType(b, e.operand), b.typeOf(e), b.site(e.span));
}

/** `x as? T`: what a trait object holds, null when that is no T. */
function castObject(b: Builder, e: Cast): Node {
  const { of: to } = b.typeOf(e) as Type & { k: "optional" };
  const { key } = concrete(to);
  const boxed = nullable(to);
  return b.apply1(read(b, e.operand), (object: Dynamic) => {
    if (object.of.key !== key) return null;
    const value = copyOf(to)(object.v);
    return boxed ? new Some(value) : value;
  }, May.Never);
}

export function conversion(b: Builder, operand: Node, from: Type, to: Type, site: number): Node {
  const fn = convert(from, to, faultAt(site));
  if (fn === null) return operand;
  // a plain number is a float already; a BigInt is rounded
  const isWidening = from.k === "int" && to.k === "float" && to.bits === 64;
  const inline: Inline | undefined = isWidening
    ? (t, x) => t.set(`typeof ${x} === "number" ? ${x} : ${t.bind(fn)}(${x})`)
    : undefined;
  return b.apply1(operand, fn, isWidening ? May.Never : May.Stop, inline);
}
