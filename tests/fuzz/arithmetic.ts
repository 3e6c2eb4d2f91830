// Arithmetic of the reference evaluator, on BigInt: as docs/language.md says it, and as simple as can be.
import { high, type IntType, low, type Type, type Value, wrap } from "./types.ts";

/** The value, or the code of the panic. */
export function arithmetic(t: IntType, op: string, a: bigint, b: bigint): bigint | string {
  const checked = (x: bigint): bigint | string => (x >= low(t) && x <= high(t) ? x : "P002");
  switch (op) {
    case "+": return checked(a + b);
    case "-": return checked(a - b);
    case "*": return checked(a * b);
    case "+%": return wrap(t, a + b);
    case "-%": return wrap(t, a - b);
    case "*%": return wrap(t, a * b);
    case "/": return b === 0n ? "P003" : checked(a / b);
    case "%": return b === 0n ? "P003" : checked(a % b);
    case "&": return wrap(t, a & b);
    case "|": return wrap(t, a | b);
    case "^": return wrap(t, a ^ b);
    case "<<": return b < 0n || b >= BigInt(t.bits) ? "P002" : wrap(t, a << b);
    case ">>": return b < 0n || b >= BigInt(t.bits) ? "P002" : a >> b;
    case "**": return b < 0n ? "P002" : checked(a ** b);
    default: throw new Error(`no arithmetic for ${op}`);
  }
}

/** `as`: null when the target cannot hold the value. */
export function convert(from: Type, to: IntType, value: Value): bigint | null {
  if (from.k === "bool") return value ? 1n : 0n;
  if (from.k === "f64") {
    if (!Number.isFinite(value)) return null;
    const whole = BigInt(Math.trunc(value));
    return whole >= low(to) && whole <= high(to) ? whole : null;
  }
  return value >= low(to) && value <= high(to) ? value : null;
}

/** Strings compare by their bytes. */
export function compare(t: Type, op: string, a: Value, b: Value): boolean {
  if (t.k === "string") {
    return compare({ k: "f64" }, op, Buffer.compare(Buffer.from(a), Buffer.from(b)), 0);
  }
  switch (op) {
    case "<": return a < b;
    case "<=": return a <= b;
    case ">": return a > b;
    case ">=": return a >= b;
    case "==": return a === b;
    default: return a !== b;
  }
}
