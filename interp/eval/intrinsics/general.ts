// What works on values of many types: len, clone, type_name; and ranges.
import type { Type } from "../../syntax/ast.ts";
import { showType } from "../../sema/types.ts";
import { clone } from "../clone.ts";
import type { Fault, Intrinsic } from "../faults.ts";
import { fits, type IntType } from "../integers.ts";
import { I64 } from "../../sema/types.ts";
import { bytes, type Dynamic, fromBig, type MapValue, type RangeValue, type Slice } from "../values.ts";

const isI64 = fits(I64 as IntType);

/** How many numbers a range has; P002 for more than an i64 counts. */
export const lengthOfRange = (fault: Fault) => (r: RangeValue): number | bigint | undefined => {
  if (!(r.end > r.low)) return 0;
  const length = fromBig(BigInt(r.end) - BigInt(r.low));
  if (isI64(length)) return length;
  return fault("P002", `integer overflow: the length ${length} of a range does not fit in i64`);
};

/** How a value of the type is measured; null when it has no length. */
function lengthOf(t: Type, fault: Fault): ((v: any) => number | bigint | undefined) | null {
  switch (t.k) {
    case "string": return (v: string) => v.length;
    case "slice": return (v: Slice) => v.len;
    case "array": return () => t.length;
    case "range": return lengthOfRange(fault);
    case "builtin":
      return t.decl.name === "Map" || t.decl.name === "Set" ? (v: MapValue) => v.entries.size : null;
    default: return null;
  }
}

export const generalIntrinsics: Record<string, Intrinsic> = {
  len: ({ types, rt }) => {
    const t = types[0]!;
    return lengthOf(t, rt.panic) ?? (() => rt.panic("P005", `a value of type ${showType(t)} has no len`));
  },
  clone: () => clone,
  type_name: ({ types }) => {
    const type = types[0]!;
    if (type.k === "any") return (object: Dynamic) => bytes(showType(object.of.type));
    const name = bytes(showType(type));
    return () => name;
  },
  "range.len": ({ rt }) => lengthOfRange(rt.panic),
  "range.behind": () => (r: RangeValue, n: number | bigint) => {
    if (!(n > 0 && r.end > r.low)) return r.low;
    const at = BigInt(r.low) + BigInt(n);
    return at < r.end ? fromBig(at) : r.end;
  },
  "range.low": () => (r: RangeValue) => r.low,
  "range.end": () => (r: RangeValue) => r.end,
};
