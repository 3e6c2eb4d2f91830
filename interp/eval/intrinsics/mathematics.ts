// std.math: the functions of f64 that the host's own library computes; and the bits of floats.
import type { Intrinsic } from "../faults.ts";
import { fromBig } from "../values.ts";

const plain = (f: (...args: number[]) => number): Intrinsic => () => f;

const eight = new DataView(new ArrayBuffer(8));

export const mathIntrinsics: Record<string, Intrinsic> = {
  "math.sin": plain(Math.sin),
  "math.cos": plain(Math.cos),
  "math.tan": plain(Math.tan),
  "math.asin": plain(Math.asin),
  "math.acos": plain(Math.acos),
  "math.atan": plain(Math.atan),
  "math.atan2": plain(Math.atan2),
  "math.sinh": plain(Math.sinh),
  "math.cosh": plain(Math.cosh),
  "math.tanh": plain(Math.tanh),
  "math.exp": plain(Math.exp),
  "math.ln": plain(Math.log),
  "math.log2": plain(Math.log2),
  "math.log10": plain(Math.log10),
  "math.sqrt": plain(Math.sqrt),
  "math.cbrt": plain(Math.cbrt),
  "math.hypot": plain(Math.hypot),
  "math.bits": () => (x: number) => {
    eight.setFloat64(0, x);
    return fromBig(eight.getBigUint64(0));
  },
  "math.from_bits": () => (bits: number | bigint) => {
    eight.setBigUint64(0, BigInt(bits));
    return eight.getFloat64(0);
  },
};
