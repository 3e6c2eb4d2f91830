// Binary operators on i64 and f64, made from one text for each (operator, shape of the operands): that is what keeps
// `n < 2` or `a[i] + 1` one closure with no dead branch in it, and lets tier-up copy just the shapes a function uses.
//
// Shapes: slot  a local in the frame;  const  a constant;  never  a step that cannot stop;
//         stops  a step that may panic but not suspend;  suspends  any step.
import type { Step } from "../code.ts";
import { MAX_SAFE } from "../values.ts";
import type { Kit, Register } from "./kit.ts";

export type Shape = "slot" | "const" | "never" | "stops" | "suspends";
/** operand: a slot number, a constant, or a Step, as the shape says. */
export type BinaryMaker = (reg: Register, a: any, b: any, slow: (x: any, y: any) => any) => Step;

export type FusedOp = "+" | "-" | "*" | "/" | "<" | "<=" | ">" | ">=" | "==" | "!=";

const comparison = new Set(["<", "<=", ">", ">=", "==", "!="]);

/** The source of a maker; `uid` makes the text unique, so that the host does not share its caches with another copy. */
export function binarySource(type: "i64" | "f64", op: FusedOp, left: Shape, right: Shape, uid: number): string {
  const read = (shape: Shape, v: string) =>
    shape === "slot" ? `f[${v}]` : shape === "const" ? v : `${v}(f)`;
  const mayStop = (shape: Shape) => shape === "stops" || shape === "suspends";
  const jsOp = op === "==" ? "===" : op === "!=" ? "!==" : op;
  let result: string;
  if (comparison.has(op) || type === "f64") {
    result = `return x ${jsOp} y;`;
  } else {
    // the slow path takes BigInts and everything out of range
    // 0 * -1 is 0
    const r = op === "*" ? "x * y + 0" : `x ${op} y`;
    result = `if (typeof x === "number" && typeof y === "number") { const r = ${r}; ` +
      `if (r <= ${MAX_SAFE} && r >= -${MAX_SAFE}) return r; } return slow(x, y);`;
  }
  const stopLeft = left === "suspends"
    ? `if (x === undefined) { if (S.kind === SUSPEND) S.cont.push(ra, f, 0); return undefined; }`
    : left === "stops" ? `if (x === undefined) return undefined;` : "";
  const stopRight = right === "suspends"
    ? `if (y === undefined) { if (S.kind === SUSPEND) S.cont.push(rb, f, x); return undefined; }`
    : right === "stops" ? `if (y === undefined) return undefined;` : "";
  const resumeRight = right === "suspends"
    ? `const rb = reg((f, x, y) => { if (y === undefined) return undefined; ${result} });` : "";
  const resumeLeft = left === "suspends"
    ? `const ra = reg((f, s, x) => { if (x === undefined) return undefined; const y = ${read(right, "b")}; ` +
      `${stopRight} ${result} });` : "";
  const order = mayStop(left) ? `const x = ${read(left, "a")}; ${stopLeft} const y = ${read(right, "b")};`
    : `const x = ${read(left, "a")}, y = ${read(right, "b")};`;
  return `/* ${uid} */ const { S, SUSPEND } = kit; return (reg, a, b, slow) => { ${resumeRight} ${resumeLeft} ` +
    `return (f) => { ${order} ${stopRight} ${result} }; };`;
}

export function makeBinary(kit: Kit, type: "i64" | "f64", op: FusedOp, left: Shape, right: Shape,
  uid: number): BinaryMaker {
  return new Function("kit", binarySource(type, op, left, right, uid))(kit) as BinaryMaker;
}
