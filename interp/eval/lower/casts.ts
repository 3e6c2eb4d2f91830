// Conversions as written: `x as T`, `T(x)`. Implicit ones are in conversions.ts.
import type { Cast, Type } from "../../syntax/ast.ts";
import { May } from "../code.ts";
import type { Inline } from "../fuse/plain.ts";
import type { Node } from "../fuse/text.ts";
import { convert } from "../integers.ts";
import type { Builder } from "./builder.ts";
import { operandType, read } from "./conversions.ts";
import { faultAt } from "./limits.ts";

export function cast(b: Builder, e: Cast): Node {
  return conversion(b, read(b, e.operand), operandType(b, e.operand), b.typeOf(e), b.site(e.span));
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
