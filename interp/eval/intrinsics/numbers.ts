// Numbers: the intrinsics behind the methods of std/core/number.jan. Each is built for the type of its first argument.
import type { Type } from "../../syntax/ast.ts";
import type { Fault, Intrinsic } from "../faults.ts";
import { fixed } from "../decimals.ts";
import {
  abs, add, countOnes, type IntType, leadingZeros, mul, pow, rotateLeft, squareRoot, sub, toBase, trailingZeros,
} from "../integers.ts";

const intType = (t: Type): IntType => {
  if (t.k !== "int") throw new Error(`an intrinsic of integers on ${t.k}`);
  return t;
};

const cmp = (a: any, b: any): number => (a < b ? -1 : a > b ? 1 : 0);
/** NaN loses: the other number is the answer. */
const least = (a: any, b: any): any => (b < a || a !== a ? b : a);
const greatest = (a: any, b: any): any => (b > a || a !== a ? b : a);

type Checked = (t: IntType, fault: Fault) => (a: any, b: any) => any;

/** The result, or null where it does not fit. */
function orNull(make: Checked): Intrinsic {
  return (site) => {
    const op = make(intType(site.types[0]!), () => undefined);
    return (a, b) => op(a, b) ?? null;
  };
}

/** Halves away from zero, as C's round and Rust's. */
export function roundHalfAway(x: number): number {
  const whole = Math.trunc(x);
  return Math.abs(x - whole) >= 0.5 ? whole + Math.sign(x) : Object.is(whole, -0) || x < 0 ? whole : whole + 0;
}

/** A function of floats, rounded to the type's width. */
function float(f: (...args: number[]) => number): Intrinsic {
  return ({ types }) => {
    const t = types[0]!;
    return t.k === "float" && t.bits === 32 ? (...args) => Math.fround(f(...args)) : f;
  };
}

const integer = (make: (t: IntType) => (...args: any[]) => any): Intrinsic => ({ types }) => make(intType(types[0]!));

export const numberIntrinsics: Record<string, Intrinsic> = {
  abs: ({ types, rt }) => (types[0]!.k === "int" ? abs(intType(types[0]!), rt.panic) : Math.abs),
  "number.cmp": () => cmp,
  "number.sign": () => (x: any) => (x < 0 ? -1 : x > 0 ? 1 : 0),
  "number.min": () => least,
  "number.max": () => greatest,
  "int.pow": ({ types, rt }) => pow(intType(types[0]!), rt.panic),
  "int.bit": () => (x: any, i: any) => ((BigInt(x) >> BigInt(i)) & 1n) === 1n,
  "int.count_ones": integer(countOnes),
  "int.leading_zeros": integer(leadingZeros),
  "int.trailing_zeros": integer(trailingZeros),
  "int.rotate_left": integer(rotateLeft),
  "int.sqrt": ({ rt }) => (x: any) => (x < 0 ? rt.panic("P009", `${x} has no square root`) : squareRoot(x)),
  "int.checked_add": orNull(add),
  "int.checked_sub": orNull(sub),
  "int.checked_mul": orNull(mul),
  "int.to_base": ({ rt }) => (x: any, base: any) =>
    base >= 2 && base <= 36 ? toBase(x, Number(base)) : rt.panic("P009", `there is no base ${base}`),
  "float.pow": float((x, y) => x ** y),
  "float.sqrt": float(Math.sqrt),
  "float.floor": float(Math.floor),
  "float.ceil": float(Math.ceil),
  "float.round": float(roundHalfAway),
  "float.trunc": float(Math.trunc),
  "float.is_finite": () => Number.isFinite,
  "float.to_fixed": ({ rt }) => (x: number, digits: number) =>
    digits >= 0 && digits <= 100
      ? (x < 0 || Object.is(x, -0) ? "-" : "") + fixed(Math.abs(x), digits)
      : rt.panic("P009", `${digits} digits after the point: 0 to 100 are possible`),
};
