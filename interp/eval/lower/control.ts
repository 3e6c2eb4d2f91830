// Choice and leaving: if, match, return, fail, break, `?`, catch; and what it means to stand last in a function, where
// a return is simply the value.
import type { Type } from "../../syntax/annotations.ts";
import type { Block, Break, Catch, Continue, Expr, Fail, If, Match, Propagate, Return } from "../../syntax/ast.ts";
import { Failure, VOID } from "../values.ts";
import { VOID_NODE, type Builder } from "./builder.ts";
import { lent, owned, read } from "./conversions.ts";
import { binding, condition } from "./statements.ts";
import { operandType } from "./operators.ts";
import { May, node, type Node } from "./node.ts";

const isVoidResult = (t: Type): boolean => t.k === "void" || (t.k === "result" && t.ok.k === "void");

/** A value that leaves the function by standing last: a function without a result gives VOID whatever stood there. */
export function returned(b: Builder, n: Node): Node {
  if (!isVoidResult(b.type(b.fn.result)) || n === VOID_NODE) return n;
  return node(b.tier.apply.apply1(b.reg, n.run, (v) => (v instanceof Failure ? v : VOID)), May.Never, n);
}

/** An expression in tail position: its branches are tails too, and `return e` is e. */
export function tailExpression(b: Builder, e: Expr): Node {
  if (e.coerce === undefined || e.coerce.every((c) => c.k === "ok" || c.k === "widen")) {
    switch (e.kind) {
      case "Return": return e.value === null ? VOID_NODE : returned(b, owned(b, e.value));
      case "Fail": return failure(b, e);
      case "If": return choice(b, e, (block) => b.block(block, true), (x) => tailExpression(b, x), true);
      case "Block": return b.block(e, true);
      case "Match": return match(b, e, (x) => tailExpression(b, x));
      default:
    }
  }
  return returned(b, owned(b, e));
}

/** if as a value or statement. */
export const ifExpression = (b: Builder, e: If): Node =>
  choice(b, e, (block) => b.block(block, false), (x) => owned(b, x), false);

function choice(b: Builder, e: If, block: (x: Block) => Node, other: (x: Expr) => Node, tail: boolean): Node {
  const cond = condition(b, e.cond);
  const then = block(e.then);
  const otherwise = e.otherwise === null ? (tail ? VOID_NODE : null)
    : e.otherwise.kind === "Block" && e.otherwise.coerce === undefined ? block(e.otherwise) : other(e.otherwise);
  const run = b.tier.control.choose(b.reg, cond.run, then.run, otherwise === null ? null : otherwise.run);
  return node(run, May.Never, cond, then, ...(otherwise === null ? [] : [otherwise]));
}

export function match(b: Builder, e: Match, body: (x: Expr) => Node): Node {
  const subject = read(b, e.subject);
  const type = operandType(b, e.subject);
  const slot = b.hidden();
  const parts: Node[] = [subject];
  const arms = e.arms.map((arm) => {
    const test = b.pattern(arm.pattern, type);
    const guard = arm.guard === null ? null : read(b, arm.guard);
    const inner = body(arm.body);
    parts.push(inner);
    if (guard !== null) parts.push(guard);
    return { test, guard: guard === null ? null : guard.run, body: inner.run };
  });
  return node(b.tier.match.match(b.reg, subject.run, slot, arms, firstArms(e, type)), May.Stop, ...parts);
}

/** For a match over an enum: the first arm that each variant can reach. */
function firstArms(e: Match, type: Type): number[] | null {
  if (type.k !== "enum") return null;
  return type.decl.variants.map((_, tag) => {
    const i = e.arms.findIndex(({ pattern: p }) =>
      !((p.kind === "VariantPattern" || p.kind === "BindPattern") && p.variant !== undefined)
        || p.variant.index === tag);
    return i < 0 ? e.arms.length : i;
  });
}

export function returnStatement(b: Builder, e: Return): Node {
  const value = e.value === null ? VOID_NODE : returned(b, owned(b, e.value));
  return node(b.tier.control.leave(b.reg, value.run), May.Stop, value);
}

/** The Failure that `fail e` leaves with. */
function failure(b: Builder, e: Fail): Node {
  const error = owned(b, e.value);
  const site = b.site(e.span);
  const make = (v: any): Failure => (v instanceof Failure ? v : new Failure(v, [site]));
  return node(b.tier.apply.apply1(b.reg, error.run, make), May.Never, error);
}

export function fail(b: Builder, e: Fail): Node {
  const value = failure(b, e);
  return node(b.tier.control.leave(b.reg, value.run), May.Stop, value);
}

export const breakTo = (b: Builder, e: Break): Node =>
  node(b.tier.control.breakTo(b.loopNamed(e.label)), May.Stop);

export const continueTo = (b: Builder, e: Continue): Node =>
  node(b.tier.control.continueTo(b.loopNamed(e.label)), May.Stop);

export function propagate(b: Builder, e: Propagate): Node {
  const operand = read(b, e.operand);
  return node(b.tier.outcome.propagate(b.reg, operand.run, b.site(e.span)), May.Stop, operand);
}

export function catchExpression(b: Builder, e: Catch): Node {
  const operand = read(b, e.operand);
  if (e.local === undefined) {
    const handler = lent(b, e.handler);
    return node(b.tier.outcome.catchFailure(b.reg, operand.run, -1, handler.run), May.Never, operand, handler);
  }
  const slot = e.local.boxed ? b.hidden() : b.slotOf(e.local);
  const handler = lent(b, e.handler);
  if (!e.local.boxed) {
    return node(b.tier.outcome.catchFailure(b.reg, operand.run, slot, handler.run), May.Never, operand, handler);
  }
  const bound = binding(b, { kind: "BindPattern", name: e.binding!, span: e.span, local: e.local }, b.readHidden(slot),
    b.type(e.local.ty));
  const both = b.tier.control.block2(b.reg, bound.run, handler.run);
  return node(b.tier.outcome.catchFailure(b.reg, operand.run, slot, both), May.Never, operand, handler, bound);
}
