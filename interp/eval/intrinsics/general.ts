// What works on values of many types: len, clone, type_name; and ranges.
import type { Type } from "../../syntax/ast.ts";
import { showType } from "../../sema/types.ts";
import { clone } from "../clone.ts";
import type { Intrinsic } from "../faults.ts";
import { bytes, type Dynamic, fromBig, type MapValue, type RangeValue, type Slice } from "../values.ts";

export const lengthOfRange = (r: RangeValue): number | bigint =>
  r.end > r.low ? fromBig(BigInt(r.end) - BigInt(r.low)) : 0;

/** How a value of the type is measured; null when it has no length. */
function lengthOf(t: Type): ((v: any) => number | bigint) | null {
  switch (t.k) {
    case "string": return (v: string) => v.length;
    case "slice": return (v: Slice) => v.len;
    case "array": return () => t.length;
    case "range": return lengthOfRange;
    case "builtin":
      return t.decl.name === "Map" || t.decl.name === "Set" ? (v: MapValue) => v.entries.size : null;
    default: return null;
  }
}

export const generalIntrinsics: Record<string, Intrinsic> = {
  len: ({ types, rt }) => {
    const t = types[0]!;
    return lengthOf(t) ?? (() => rt.panic("P005", `a value of type ${showType(t)} has no len`));
  },
  clone: () => clone,
  type_name: ({ types }) => {
    const type = types[0]!;
    if (type.k === "any") return (object: Dynamic) => bytes(showType(object.of.type));
    const name = bytes(showType(type));
    return () => name;
  },
  "range.len": () => lengthOfRange,
  "range.low": () => (r: RangeValue) => r.low,
  "range.end": () => (r: RangeValue) => r.end,
};
