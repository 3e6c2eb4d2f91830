// Exact integers of every width, on the one representation of values.ts: a number while it is safe, a BigInt beyond.
// The evaluator has the common paths inlined and calls these for the rest; they are complete by themselves all the
// same. Promises: the result is canonical (never a BigInt for a safe value, never -0), and an operation that has no
// result calls `fault` and gives undefined.
import type { BinaryOp, Type } from "../syntax/ast.ts";
import type { Fault } from "./faults.ts";
import { fromBig, MAX_SAFE } from "./values.ts";

export type Integer = number | bigint;
export type IntType = Extract<Type, { k: "int" }>;
export type Binary = (a: Integer, b: Integer) => Integer | undefined;

const TWO_32 = 4294967296;

/** Smallest and largest value of a type. */
export function bounds(t: IntType): { low: bigint; high: bigint } {
  const bits = BigInt(t.bits);
  return t.signed
    ? { low: -(1n << (bits - 1n)), high: (1n << (bits - 1n)) - 1n }
    : { low: 0n, high: (1n << bits) - 1n };
}

/** Is an exact integer a value of the type? */
export function fits(t: IntType): (x: Integer) => boolean {
  const { low, high } = bounds(t);
  if (t.bits < 64) {
    const least = Number(low);
    const greatest = Number(high);
    return (x) => x >= least && x <= greatest;
  }
  // every safe number is an i64
  return t.signed
    ? (x) => typeof x === "number" || (x >= low && x <= high)
    : (x) => (typeof x === "number" ? x >= 0 : x >= low && x <= high);
}

/** Cuts an exact integer down to the type's bits, as wrapping arithmetic does. */
function wrapBig(t: IntType, x: bigint): Integer {
  return fromBig(t.signed ? BigInt.asIntN(t.bits, x) : BigInt.asUintN(t.bits, x));
}

function overflow(t: IntType, fault: Fault, a: Integer, op: string, b: Integer): undefined {
  return fault("P002", `integer overflow: ${a} ${op} ${b} does not fit in ${t.name}`);
}

// ---------------------------------------------------------------- + - *

const WELL_ABOVE_SAFE = 2 ** 54;
const WELL_BELOW_I64 = 2 ** 62;

type Safe = (a: number, b: number) => number;
type Big = (a: bigint, b: bigint) => bigint;

/** `+ 0` turns -0 (from 0 * -1) into 0. A sum or product of numbers that is safe is exact. */
function checked(t: IntType, fault: Fault, op: string, safe: Safe, big: Big): Binary {
  const { low, high } = bounds(t);
  if (t.bits < 64) {
    const least = Number(low);
    const greatest = Number(high);
    return (a, b) => {
      const r = safe(a as number, b as number);
      return r >= least && r <= greatest ? r + 0 : overflow(t, fault, a, op, b);
    };
  }
  const least = t.signed ? -MAX_SAFE : 0;
  return (a, b) => {
    if (typeof a === "number" && typeof b === "number") {
      const r = safe(a, b);
      if (r >= least && r <= MAX_SAFE) return r + 0;
      // so far from every bound that the rounded result decides: the exact one is neither safe nor out of range
      if (r > WELL_ABOVE_SAFE && r < WELL_BELOW_I64) return big(BigInt(a), BigInt(b));
    }
    const r = big(BigInt(a), BigInt(b));
    return r >= low && r <= high ? fromBig(r) : overflow(t, fault, a, op, b);
  };
}

export const add = (t: IntType, fault: Fault): Binary => checked(t, fault, "+", (a, b) => a + b, (a, b) => a + b);
export const sub = (t: IntType, fault: Fault): Binary => checked(t, fault, "-", (a, b) => a - b, (a, b) => a - b);
export const mul = (t: IntType, fault: Fault): Binary => checked(t, fault, "*", (a, b) => a * b, (a, b) => a * b);

/** Cuts a 32-bit pattern down to a type of at most 32 bits: one machine operation. */
function narrow(t: IntType): (x: number) => number {
  switch (t.name) {
    case "u32": return (x) => x >>> 0;
    case "i32": return (x) => x | 0;
    case "u16": return (x) => x & 0xffff;
    case "i16": return (x) => (x << 16) >> 16;
    case "u8": return (x) => x & 0xff;
    default: return (x) => (x << 24) >> 24;
  }
}

/** `small` need only be right modulo 2^32. */
function wrapping(t: IntType, small: Safe, safe: Safe, big: Big): (a: Integer, b: Integer) => Integer {
  if (t.bits < 64) {
    const cut = narrow(t);
    return (a, b) => cut(small(a as number, b as number));
  }
  const least = t.signed ? -MAX_SAFE : 0;
  return (a, b) => {
    if (typeof a === "number" && typeof b === "number") {
      const r = safe(a, b);
      if (r >= least && r <= MAX_SAFE) return r + 0;
    }
    return wrapBig(t, big(BigInt(a), BigInt(b)));
  };
}

type Total = (t: IntType) => (a: Integer, b: Integer) => Integer;
const plus: Safe = (a, b) => a + b;
const minus: Safe = (a, b) => a - b;

export const wrapAdd: Total = (t) => wrapping(t, plus, plus, (a, b) => a + b);
export const wrapSub: Total = (t) => wrapping(t, minus, minus, (a, b) => a - b);
export const wrapMul: Total = (t) => wrapping(t, Math.imul, (a, b) => a * b, (a, b) => a * b);

// ---------------------------------------------------------------- / % ** -

/**
 * Truncating division. trunc(a / b) is exact for safe integers: with |a| < 2^53 the true quotient lies farther from the
 * next integer than half the spacing of doubles there.
 */
export function div(t: IntType, fault: Fault): Binary {
  const { high } = bounds(t);
  const greatest = t.bits < 64 ? Number(high) : MAX_SAFE;
  return (a, b) => {
    if (b === 0) return fault("P003", `division by zero: ${a} / 0`);
    if (typeof a === "number" && typeof b === "number") {
      const q = Math.trunc(a / b) + 0;
      // only the smallest value divided by -1 leaves the type
      return q <= greatest ? q : overflow(t, fault, a, "/", b);
    }
    const q = BigInt(a) / BigInt(b);
    return q <= high ? fromBig(q) : overflow(t, fault, a, "/", b);
  };
}

/** The remainder with the sign of the dividend, so that (a / b) * b + a % b == a. */
export function rem(_t: IntType, fault: Fault): Binary {
  return (a, b) => {
    if (b === 0) return fault("P003", `division by zero: ${a} % 0`);
    if (typeof a === "number" && typeof b === "number") return (a % b) + 0;
    return fromBig(BigInt(a) % BigInt(b));
  };
}

export function neg(t: IntType, fault: Fault): (a: Integer) => Integer | undefined {
  const inside = fits(t);
  return (a) => {
    const r = typeof a === "number" ? 0 - a : fromBig(-a);
    return inside(r) ? r : fault("P002", `integer overflow: -(${a}) does not fit in ${t.name}`);
  };
}

export function abs(t: IntType, fault: Fault): (a: Integer) => Integer | undefined {
  const negate = neg(t, fault);
  return (a) => (a < 0 ? negate(a) : a);
}

/** a ** b by squaring; a power beyond the type is found before it grows large. */
export function pow(t: IntType, fault: Fault): Binary {
  const inside = fits(t);
  return (a, b) => {
    if (b < 0) return fault("P002", `${a} ** ${b} is no integer`);
    if (a === 0 || a === 1) return b === 0 ? 1 : a;
    if (a === -1) return BigInt(b) % 2n === 0n ? 1 : -1;
    if (b > 64) return overflow(t, fault, a, "**", b);
    const r = fromBig(BigInt(a) ** BigInt(b));
    return inside(r) ? r : overflow(t, fault, a, "**", b);
  };
}

// ---------------------------------------------------------------- bits

/** Upper half of a safe integer's two's complement, sign kept. */
const upper = (x: number): number => Math.floor(x / TWO_32);

function bitwise(t: IntType, small: Safe, big: Big): (a: Integer, b: Integer) => Integer {
  if (t.bits < 64) {
    // the bits above a narrow type are copies of its sign, or zeros, on both sides
    return t.name === "u32"
      ? (a, b) => small(a as number, b as number) >>> 0
      : (a, b) => small(a as number, b as number);
  }
  return (a, b) => {
    if (typeof a === "number" && typeof b === "number") {
      if ((a | 0) === a && (b | 0) === b) return small(a, b);
      // both halves apart: ToInt32 takes the lower one modulo 2^32. The result may be -2^53, the one unsafe value
      const r = small(upper(a), upper(b)) * TWO_32 + (small(a, b) >>> 0);
      return r >= -MAX_SAFE ? r : BigInt(r);
    }
    return wrapBig(t, big(BigInt(a), BigInt(b)));
  };
}

export const and: Total = (t) => bitwise(t, (a, b) => a & b, (a, b) => a & b);
export const or: Total = (t) => bitwise(t, (a, b) => a | b, (a, b) => a | b);
export const xor: Total = (t) => bitwise(t, (a, b) => a ^ b, (a, b) => a ^ b);

export function not(t: IntType): (a: Integer) => Integer {
  if (t.signed) return (a) => (typeof a === "number" && a < MAX_SAFE ? -a - 1 : fromBig(~BigInt(a)));
  if (t.bits < 64) {
    const mask = 2 ** t.bits - 1;
    return (a) => mask - (a as number);
  }
  return (a) => wrapBig(t, ~BigInt(a));
}

function badShift(t: IntType, fault: Fault, n: Integer): undefined {
  return fault("P002", `shift by ${n}: a ${t.name} has ${t.bits} bits`);
}

/** 2^n for every shift. */
const POWERS = Array.from({ length: 64 }, (_, n) => 2 ** n);

/** Bits shifted out at the top are lost, as everywhere; a shift by more than the type's bits is an overflow. */
export function shl(t: IntType, fault: Fault): Binary {
  const bits = t.bits;
  if (bits < 64) {
    const cut = narrow(t);
    return (a, n) => (n >= 0 && n < bits ? cut((a as number) << (n as number)) : badShift(t, fault, n));
  }
  return (a, n) => {
    if (!(n >= 0 && n < 64)) return badShift(t, fault, n);
    if (typeof a === "number") {
      const r = a * POWERS[n as number]!;
      if (r <= MAX_SAFE && r >= -MAX_SAFE) return r;
    }
    return wrapBig(t, BigInt(a) << BigInt(n));
  };
}

/** Keeps the sign of signed types. */
export function shr(t: IntType, fault: Fault): Binary {
  const bits = t.bits;
  if (bits < 64) {
    return t.name === "u32"
      ? (a, n) => (n >= 0 && n < bits ? (a as number) >>> (n as number) : badShift(t, fault, n))
      : (a, n) => (n >= 0 && n < bits ? (a as number) >> (n as number) : badShift(t, fault, n));
  }
  return (a, n) => {
    if (!(n >= 0 && n < 64)) return badShift(t, fault, n);
    if (typeof a === "number") return Math.floor(a / POWERS[n as number]!) + 0;
    return fromBig(a >> BigInt(n));
  };
}

/** The value's bits as an unsigned number of the type's width. */
function rawBits(t: IntType): (x: Integer) => bigint {
  return (x) => BigInt.asUintN(t.bits, BigInt(x));
}

export function countOnes(t: IntType): (x: Integer) => number {
  const raw = rawBits(t);
  return (x) => {
    let n = 0;
    for (let bits = raw(x); bits !== 0n; bits &= bits - 1n) n++;
    return n;
  };
}

export function leadingZeros(t: IntType): (x: Integer) => number {
  const raw = rawBits(t);
  return (x) => {
    const bits = raw(x);
    return bits === 0n ? t.bits : t.bits - bits.toString(2).length;
  };
}

export function trailingZeros(t: IntType): (x: Integer) => number {
  const raw = rawBits(t);
  return (x) => {
    const bits = raw(x);
    return bits === 0n ? t.bits : (bits & -bits).toString(2).length - 1;
  };
}

export function rotateLeft(t: IntType): (x: Integer, n: Integer) => Integer {
  const raw = rawBits(t);
  const width = BigInt(t.bits);
  return (x, n) => {
    const by = ((BigInt(n) % width) + width) % width;
    const bits = raw(x);
    return wrapBig(t, (bits << by) | (bits >> (width - by)));
  };
}

/** The largest integer whose square is not larger. */
export function squareRoot(x: Integer): Integer {
  let r = BigInt(Math.floor(Math.sqrt(Number(x))));
  const exact = BigInt(x);
  while (r * r > exact) r--;
  while ((r + 1n) * (r + 1n) <= exact) r++;
  return fromBig(r);
}

// ---------------------------------------------------------------- conversions

/** An integer as f32, rounded once: a sticky bit stands for what 53 bits cannot hold. */
export function toFloat32(x: Integer): number {
  if (typeof x === "number") return Math.fround(x);
  const negative = x < 0n;
  const size = negative ? -x : x;
  const kept = (size >> 11n) | ((size & 2047n) === 0n ? 0n : 1n);
  const rounded = Math.fround(Number(kept)) * 2048;
  return negative ? -rounded : rounded;
}

export function floatToInt(t: IntType, fault: Fault): (x: number) => Integer | undefined {
  const inside = fits(t);
  return (x) => {
    const whole = Math.trunc(x) + 0;
    if (!Number.isFinite(whole)) return fault("P009", `cast out of range: ${showRaw(x)} is no ${t.name}`);
    const exact: Integer = Number.isSafeInteger(whole) ? whole : fromBig(BigInt(whole));
    return inside(exact) ? exact : fault("P009", `cast out of range: ${showRaw(x)} is no ${t.name}`);
  };
}

function showRaw(x: number): string {
  return Number.isNaN(x) ? "nan" : x === Infinity ? "inf" : x === -Infinity ? "-inf" : String(x);
}

/** `x as T`; null: every value of the one type is the same value of the other. undefined: there is no such cast. */
export function cast(from: Type, to: Type, fault: Fault): ((v: any) => any) | null | undefined {
  if (from.k === "int" && to.k === "int") {
    const source = bounds(from);
    const target = bounds(to);
    if (source.low >= target.low && source.high <= target.high) return null;
    const inside = fits(to);
    return (x: Integer) => (inside(x) ? x : fault("P009", `cast out of range: ${x} is no ${to.name}`));
  }
  if (from.k === "int" && to.k === "float") return to.bits === 32 ? toFloat32 : (x: Integer) => Number(x);
  if (from.k === "float" && to.k === "int") return floatToInt(to, fault);
  if (from.k === "float" && to.k === "float") return to.bits === 32 && from.bits === 64 ? Math.fround : null;
  if (from.k === "bool" && to.k === "int") return (x: boolean) => (x ? 1 : 0);
  if (from.k === "enum" && to.k === "int") {
    const inside = fits(to);
    const numbers = from.decl.variants.map((v, i) => fromBig(v.number ?? BigInt(i)));
    return (x: { tag: number }) => {
      const n = numbers[x.tag]!;
      return inside(n) ? n : fault("P009", `cast out of range: ${n} is no ${to.name}`);
    };
  }
  // what is none of these fits as it is: the checker says so of every other cast
  return to.k === "int" || to.k === "float" ? undefined : null;
}

/** `x as T` for types the checker lets through. null: the value stays what it is. */
export function convert(from: Type, to: Type, fault: Fault): ((v: any) => any) | null {
  const fn = cast(from, to, fault);
  if (fn === undefined) throw new Error(`no cast from ${from.k} to ${to.k}`);
  return fn;
}

// ---------------------------------------------------------------- by operator

type Factory = (t: IntType, fault: Fault) => (a: any, b: any) => any;

const ON_INTEGERS: Partial<Record<BinaryOp, Factory>> = {
  "+": add, "-": sub, "*": mul, "/": div, "%": rem, "**": pow, "+%": wrapAdd, "-%": wrapSub, "*%": wrapMul,
  "<<": shl, ">>": shr, "&": and, "|": or, "^": xor,
};

type OnFloats = (a: number, b: number) => number;

/** C's and Rust's `%`: the sign of the dividend; and Math.pow. */
const ON_FLOATS: Partial<Record<BinaryOp, OnFloats>> = {
  "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b,
  "%": (a, b) => a % b, "**": (a, b) => a ** b,
};

const ON_FLOATS_32: Partial<Record<BinaryOp, OnFloats>> = {
  "+": (a, b) => Math.fround(a + b), "-": (a, b) => Math.fround(a - b), "*": (a, b) => Math.fround(a * b),
  "/": (a, b) => Math.fround(a / b), "%": (a, b) => Math.fround(a % b), "**": (a, b) => Math.fround(a ** b),
};

/** An arithmetic or bit operator on two values of one number type. */
export function arithmetic(t: Type, op: BinaryOp, fault: Fault): (a: any, b: any) => any {
  if (t.k === "int") {
    const make = ON_INTEGERS[op];
    if (make !== undefined) return make(t, fault);
  } else if (t.k === "float") {
    const on = (t.bits === 32 ? ON_FLOATS_32 : ON_FLOATS)[op];
    if (on !== undefined) return on;
  }
  throw new Error(`no operator ${op} on ${t.k}`);
}

/** Unary `-`. */
export function negate(t: Type, fault: Fault): (a: any) => any {
  if (t.k === "int") return neg(t, fault);
  if (t.k === "float") return (a: number) => -a;
  throw new Error(`no operator - on ${t.k}`);
}

/** Unary `~`. */
export function invert(t: Type): (a: any) => any {
  if (t.k === "int") return not(t);
  throw new Error(`no operator ~ on ${t.k}`);
}

// ---------------------------------------------------------------- text

const PREFIXES: Record<string, number> = { "0x": 16, "0b": 2, "0o": 8 };

/** Are these digits of the base, at least one, with single `_` between them? */
function digitsOf(s: string, base: number): string | null {
  if (s === "" || s.startsWith("_") || s.endsWith("_") || s.includes("__")) return null;
  const digits = s.replaceAll("_", "").toLowerCase();
  for (let i = 0; i < digits.length; i++) {
    const c = digits.charCodeAt(i);
    const value = c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 122 ? c - 87 : 99;
    if (value >= base) return null;
  }
  return digits;
}

/** Reads an integer of any size: sign, digits of the base, and 0x 0b 0o before them in base 10. null: it is none. */
export function parseExact(text: string, base: number): bigint | null {
  let s = text;
  const negative = s.startsWith("-");
  if (negative || s.startsWith("+")) s = s.slice(1);
  const prefix = base === 10 ? PREFIXES[s.slice(0, 2).toLowerCase()] : undefined;
  const radix = prefix ?? base;
  const digits = digitsOf(prefix === undefined ? s : s.slice(2), radix);
  if (digits === null) return null;
  let value: bigint;
  if (radix === 10) value = BigInt(digits);
  else if (radix === 16) value = BigInt(`0x${digits}`);
  else {
    value = 0n;
    for (let i = 0; i < digits.length; i++) value = value * BigInt(radix) + BigInt(parseInt(digits[i]!, radix));
  }
  return negative ? -value : value;
}

/** Reads an integer of a type; null when it is none or does not fit. */
export function parseIntOf(t: IntType, text: string, base: number): Integer | null {
  // a plain short decimal needs no BigInt
  if (base === 10 && text.length > 0 && text.length < 16) {
    let n = 0;
    let i = 0;
    for (; i < text.length; i++) {
      const digit = text.charCodeAt(i) - 48;
      if (digit < 0 || digit > 9) break;
      n = n * 10 + digit;
    }
    if (i === text.length) return fits(t)(n) ? n : null;
  }
  const exact = parseExact(text, base);
  if (exact === null) return null;
  const value = fromBig(exact);
  return fits(t)(value) ? value : null;
}

/** The digits in a base from 2 to 36, a minus sign before a negative number. */
export function toBase(x: Integer, base: number): string {
  return x.toString(base);
}
