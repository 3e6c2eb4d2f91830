// Unary and binary operators: the fused steps for i64 and f64, the exact arithmetic of integers.ts for the rest.
import type { Binary, BinaryOp, CallTarget, Type, Unary } from "../../syntax/ast.ts";
import { May } from "../code.ts";
import { equalOf } from "../equality.ts";
import { emitCoalesce, emitLogical } from "../fuse/flow.ts";
import { type Inline, inlineInteger, inlineOperator } from "../fuse/plain.ts";
import type { Node } from "../fuse/text.ts";
import { arithmetic, type IntType, invert, negate } from "../integers.ts";
import { concatOf } from "../intrinsics/arrays.ts";
import type { FusedOp } from "../steps/operators.ts";
import { type Builder, constantNode } from "./builder.ts";
import { callFunction } from "./calls.ts";
import { nullable, operandType, owned, read } from "./conversions.ts";
import { faultAt, STRING_MAX, tooLong } from "./limits.ts";
import { floatValue, intLiteral } from "./literals.ts";
import { node, operandOf, shapeOf } from "./node.ts";

const FUSED_I64 = new Set<BinaryOp>(["+", "-", "*", "<", "<=", ">", ">=", "==", "!="]);
const FUSED_F64 = new Set<BinaryOp>(["+", "-", "*", "/", "<", "<=", ">", ">=", "==", "!="]);
const ORDER = new Set<BinaryOp>(["<", "<=", ">", ">="]);

type TraitTarget = CallTarget & { k: "func" | "trait" };

export function binary(b: Builder, e: Binary): Node {
  const site = b.site(e.opSpan);
  if (e.op === "and" || e.op === "or") {
    const left = read(b, e.left);
    const right = read(b, e.right);
    const isAnd = e.op === "and";
    const make = isAnd ? b.tier.control.and : b.tier.control.or;
    return b.fused(node(make(b.reg, left.run, right.run), May.Never, left, right), 1,
      (resumes) => emitLogical(resumes, left, right, isAnd));
  }
  if (e.op === "??") {
    const left = owned(b, e.left);
    const right = owned(b, e.right);
    const type = operandType(b, e.left);
    const boxed = type.k === "optional" && nullable(type.of);
    return b.fused(node(b.tier.outcome.coalesce(b.reg, left.run, right.run, boxed), May.Never, left, right), 1,
      (resumes) => emitCoalesce(resumes, left, right, boxed));
  }
  // null: once the type parameter is known, the operator is the language's own
  if (e.target !== undefined && b.instances.resolve(e.target as TraitTarget, b) !== null) return byTrait(b, e);
  const left = read(b, e.left);
  const right = read(b, e.right);
  return operation(b, e.op, operandType(b, e.left), left, right, site);
}

/** `<` on a type with its own cmp, `==` on one with its own eq. */
function byTrait(b: Builder, e: Binary): Node {
  const call = callFunction(b, e.target as TraitTarget, [e.left, e.right], e.span);
  const order = ORDER.has(e.op);
  const test = order
    ? { "<": (c: any) => c < 0, "<=": (c: any) => c <= 0, ">": (c: any) => c > 0, ">=": (c: any) => c >= 0 }[
      e.op as "<" | "<=" | ">" | ">="]
    : e.op === "==" ? null : (v: any) => !v;
  return test === null ? call : b.apply1(call, test, May.Never);
}

/** An operator on evaluated operands of one built-in type (also for `x += e`). */
export function operation(b: Builder, op: BinaryOp, type: Type, left: Node, right: Node, site: number): Node {
  const apply = (fn: (x: any, y: any) => any, may: May, inline?: Inline): Node =>
    b.apply2(left, right, fn, may, inline);
  const fuse = (kind: "i64" | "f64", slow: (x: any, y: any) => any, may: May): Node => {
    const shapes = [leftShape(left, right), shapeOf(right)] as const;
    const make = b.tier.binary(kind, op as FusedOp, ...shapes);
    const first = left.constant ? left.run : operandOf(left);
    const n = node(make(b.reg, first, operandOf(right), slow), may, left, right);
    const inline = may === May.Never ? inlineOperator(op) : inlineInteger(op, type as IntType, slow)!;
    const waits = shapes.filter((shape) => shape === "suspends").length;
    // the right operand's resumption is registered first
    return b.fused(n, waits, (resumes) => (t) => {
      const x = shapes[0] === "suspends" ? t.operand(left, resumes.at(-1)) : t.value(left);
      return inline(t, x, shapes[1] === "suspends" ? t.operand(right, resumes[0], x) : t.value(right));
    });
  };
  const plain = () => false;
  if (type.k === "int") {
    if (ORDER.has(op) || op === "==" || op === "!=") return fuse("i64", plain, May.Never);
    const exact = arithmetic(type, op, faultAt(site));
    if (type.name === "i64" && FUSED_I64.has(op)) return fuse("i64", exact, May.Stop);
    return apply(exact, May.Stop, inlineInteger(op, type, exact));
  }
  if (type.k === "float") {
    if (type.bits === 64 && FUSED_F64.has(op)) return fuse("f64", plain, May.Never);
    if (ORDER.has(op) || op === "==" || op === "!=") return fuse("f64", plain, May.Never);
    return apply(arithmetic(type, op, faultAt(site)), May.Stop);
  }
  if (op === "==" || op === "!=") {
    if (type.k === "bool" || type.k === "string") return fuse("f64", plain, May.Never);
    const equal = equalOf(type);
    return apply(op === "==" ? equal : (x, y) => !equal(x, y), May.Never);
  }
  if (type.k === "string") {
    if (op === "+" || op === "++") {
      const long = (): undefined => tooLong(site);
      return apply((x: string, y: string) => (x.length + y.length > STRING_MAX ? long() : x + y), May.Stop,
        (t, x, y) => {
          t.line(`if (${x}.length + ${y}.length > ${STRING_MAX}) return ${t.bind(long)}();`);
          return t.set(`${x} + ${y}`);
        });
    }
    return fuse("f64", plain, May.Never);
  }
  if (type.k === "slice" && (op === "++" || op === "+")) {
    return apply(concatOf(type.of, faultAt(site)), May.Stop);
  }
  if (type.k === "bool" && ORDER.has(op)) return fuse("f64", plain, May.Never);
  if (type.k === "bool" && op === "^") return apply((x, y) => x !== y, May.Never);
  if (type.k === "bool" && op === "&") return apply((x, y) => x && y, May.Never);
  if (type.k === "bool" && op === "|") return apply((x, y) => x || y, May.Never);
  throw new Error(`operator ${op} on ${type.k}`);
}

/** A left operand that may panic must be looked at before a right one with effects is evaluated. */
function leftShape(left: Node, right: Node) {
  const shape = shapeOf(left);
  return shape === "const" ? "never" : shape === "stops" && right.may === May.Suspend ? "suspends" : shape;
}

export function unary(b: Builder, e: Unary): Node {
  const type = b.typeOf(e);
  if (e.op === "-" && e.operand.kind === "IntLit") return intLiteral(-e.operand.value, type);
  if (e.op === "-" && e.operand.kind === "FloatLit") return constantNode(-floatValue(e.operand, type));
  const operand = read(b, e.operand);
  const apply = (fn: (x: any) => any, may: May, inline?: Inline): Node => b.apply1(operand, fn, may, inline);
  if (e.op === "not") return apply((x) => !x, May.Never, (t, x) => t.set(`!${x}`));
  if (e.op === "~") return apply(invert(type), May.Never);
  if (type.k === "float") return apply((x) => -x, May.Never, (t, x) => t.set(`-${x}`));
  return apply(negate(type, faultAt(b.site(e.span))), May.Stop);
}
