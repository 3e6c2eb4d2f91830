// Every operation on integers of every width against the same operation on BigInt.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { BinaryOp } from "../syntax/ast.ts";
import {
  arithmetic, bounds, cast, countOnes, floatToInt, type IntType, leadingZeros, negate, not, parseIntOf, rotateLeft,
  squareRoot, trailingZeros,
} from "./integers.ts";
import { F32, F64, I64, INTS, U64 } from "./testing.ts";
import { fromBig } from "./values.ts";

/** Values that matter: near both ends, near zero, near 2^31, 2^32 and 2^53. */
function valueOf(t: IntType): fc.Arbitrary<bigint> {
  const { low, high } = bounds(t);
  const inside = (x: bigint): boolean => x >= low && x <= high;
  const corners = [0n, 1n << 31n, 1n << 32n, 1n << 53n, -(1n << 31n), -(1n << 32n), -(1n << 53n), low, high]
    .flatMap((x) => [x - 2n, x - 1n, x, x + 1n, x + 2n]).filter(inside);
  return fc.oneof(fc.constantFrom(...corners), fc.bigInt({ min: low, max: high }),
    fc.bigInt({ min: -300n, max: 300n }).filter(inside));
}

/** The value, or the code of the panic. */
function outcome<T>(run: (fault: (code: string, message: string) => undefined) => T): T | string {
  let panicked = "";
  const value = run((code) => {
    panicked = code;
    return undefined;
  });
  return panicked === "" ? value : panicked;
}

function model(t: IntType, op: BinaryOp, a: bigint, b: bigint): number | bigint | string {
  const { low, high } = bounds(t);
  const wrap = (x: bigint): bigint => (t.signed ? BigInt.asIntN(t.bits, x) : BigInt.asUintN(t.bits, x));
  const checked = (x: bigint): number | bigint | string => (x >= low && x <= high ? fromBig(x) : "P002");
  switch (op) {
    case "+": return checked(a + b);
    case "-": return checked(a - b);
    case "*": return checked(a * b);
    case "/": return b === 0n ? "P003" : checked(a / b);
    case "%": return b === 0n ? "P003" : checked(a % b);
    case "**": return b < 0n || (b > 70n && a !== 0n && a !== 1n && a !== -1n) ? "P002"
      : checked(b > 70n ? a ** (b % 2n + 2n) : a ** b);
    case "+%": return fromBig(wrap(a + b));
    case "-%": return fromBig(wrap(a - b));
    case "*%": return fromBig(wrap(a * b));
    case "&": return fromBig(wrap(a & b));
    case "|": return fromBig(wrap(a | b));
    case "^": return fromBig(wrap(a ^ b));
    case "<<": return b < 0n || b >= t.bits ? "P002" : fromBig(wrap(a << b));
    case ">>": return b < 0n || b >= t.bits ? "P002" : fromBig(a >> b);
    default: throw new Error(`no model of ${op}`);
  }
}

const OPS: BinaryOp[] = ["+", "-", "*", "/", "%", "**", "+%", "-%", "*%", "&", "|", "^", "<<", ">>"];

for (const t of INTS) {
  describe(t.name, () => {
    for (const op of OPS) {
      test(`a ${op} b`, () => {
        const right = op === "<<" || op === ">>" ? fc.bigInt({ min: -1n, max: 66n })
          : op === "**" ? fc.bigInt({ min: -2n, max: 80n }) : valueOf(t);
        fc.assert(fc.property(valueOf(t), right, (a, b) => {
          const got = outcome((fault) => arithmetic(t, op, fault)(fromBig(a), fromBig(b)));
          expect(got).toBe(model(t, op, a, b));
        }), { numRuns: 300 });
      });
    }

    test("-a and ~a", () => {
      fc.assert(fc.property(valueOf(t), (a) => {
        const { low, high } = bounds(t);
        const negated = outcome((fault) => negate(t, fault)(fromBig(a)));
        expect(negated).toBe(-a >= low && -a <= high ? fromBig(-a) : "P002");
        const flipped = t.signed ? ~a : BigInt.asUintN(t.bits, ~a);
        expect(not(t)(fromBig(a))).toBe(fromBig(flipped));
      }));
    });

    test("casts into every other width", () => {
      for (const to of INTS) {
        fc.assert(fc.property(valueOf(t), (a) => {
          const { low, high } = bounds(to);
          const got = outcome((fault) => {
            const fn = cast(t, to, fault);
            return fn === null || fn === undefined ? fromBig(a) : fn(fromBig(a));
          });
          expect(got).toBe(a >= low && a <= high ? fromBig(a) : "P009");
        }), { numRuns: 50 });
      }
    });

    test("reads back what it prints, in every base", () => {
      fc.assert(fc.property(valueOf(t), fc.integer({ min: 2, max: 36 }), (a, base) => {
        expect(parseIntOf(t, fromBig(a).toString(base), base)).toBe(fromBig(a));
      }));
    });

    test("counts bits", () => {
      fc.assert(fc.property(valueOf(t), fc.integer({ min: 0, max: 200 }), (a, by) => {
        const bits = BigInt.asUintN(t.bits, a).toString(2).padStart(t.bits, "0");
        expect(countOnes(t)(fromBig(a))).toBe([...bits].filter((bit) => bit === "1").length);
        expect(leadingZeros(t)(fromBig(a))).toBe(bits.indexOf("1") < 0 ? t.bits : bits.indexOf("1"));
        expect(trailingZeros(t)(fromBig(a))).toBe(bits.includes("1") ? t.bits - 1 - bits.lastIndexOf("1") : t.bits);
        const turned = bits.slice(by % t.bits) + bits.slice(0, by % t.bits);
        const asInt = t.signed ? BigInt.asIntN(t.bits, BigInt(`0b${turned}`)) : BigInt(`0b${turned}`);
        expect(rotateLeft(t)(fromBig(a), by)).toBe(fromBig(asInt));
      }));
    });
  });
}

test("a square root is the largest integer whose square fits", () => {
  fc.assert(fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (a) => {
    const r = BigInt(squareRoot(fromBig(a)));
    expect(r * r <= a && (r + 1n) * (r + 1n) > a).toBe(true);
  }));
});

test("floats become integers by truncation, inside the type only", () => {
  const to = (t: IntType, x: number) => outcome((fault) => floatToInt(t, fault)(x));
  expect(to(I64 as IntType, -1.9)).toBe(-1);
  expect(to(I64 as IntType, -0.5)).toBe(0);
  expect(Object.is(to(I64 as IntType, -0.5), -0)).toBe(false);
  expect(to(I64 as IntType, 2 ** 60)).toBe(1n << 60n);
  expect(to(I64 as IntType, 2 ** 63)).toBe("P009");
  expect(to(U64 as IntType, 2 ** 63)).toBe(1n << 63n);
  expect(to(U64 as IntType, -1)).toBe("P009");
  expect(to(I64 as IntType, NaN)).toBe("P009");
  expect(to(I64 as IntType, Infinity)).toBe("P009");
});

test("a large integer becomes an f32 in one rounding", () => {
  const convert = cast(U64, F32, () => undefined)!;
  // halfway between two f32 once rounded to f64: 2^54 + 2^30 + 1 must go up
  expect(convert((1n << 54n) + (1n << 30n) + 1n)).toBe(2 ** 54 + 2 ** 31);
  expect(convert((1n << 54n) + (1n << 30n))).toBe(2 ** 54);
  expect(cast(I64, F64, () => undefined)!(-(1n << 60n))).toBe(-(2 ** 60));
});

test("texts that are no integers", () => {
  const t = I64 as IntType;
  for (const bad of ["", "-", "+", "_1", "1_", "1__0", "0x", "1.0", " 1", "1 ", "12a", "9223372036854775808", "--1"]) {
    expect(parseIntOf(t, bad, 10)).toBe(null);
  }
  expect(parseIntOf(t, "-9223372036854775808", 10)).toBe(-(1n << 63n));
  expect(parseIntOf(t, "0xFF", 10)).toBe(255);
  expect(parseIntOf(t, "-0b101", 10)).toBe(-5);
  expect(parseIntOf(t, "1_000", 10)).toBe(1000);
  expect(parseIntOf(t, "-0", 10)).toBe(0);
});
