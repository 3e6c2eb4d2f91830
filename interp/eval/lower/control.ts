// Choice and leaving: if, match, return, fail, break, `?`, catch; and what it means to stand last in a function, where
// a return is simply the value.
import type {
  Block, Break, Catch, Continue, Expr, Fail, If, Match, Propagate, Return, Type,
} from "../../syntax/ast.ts";
import { May } from "../code.ts";
import {
  type ArmNodes, emitCatch, emitChoose, emitJump, emitLeave, emitMatch, emitPassOn, emitPropagate,
} from "../fuse/flow.ts";
import type { Node } from "../fuse/text.ts";
import { Kind, machine } from "../machine.ts";
import { Failure, VOID } from "../values.ts";
import { binding, condition, inOrder } from "./bindings.ts";
import { type Builder, VOID_NODE } from "./builder.ts";
import { lifted, operandType, owned, read } from "./conversions.ts";
import { node } from "./node.ts";

const isVoidResult = (t: Type): boolean => t.k === "void" || (t.k === "result" && t.ok.k === "void");

/** A value that leaves the function by standing last: a function without a result gives VOID whatever stood there. */
export function returned(b: Builder, n: Node): Node {
  if (!isVoidResult(b.type(b.fn.result)) || n === VOID_NODE) return n;
  return b.apply1(n, (v) => (v instanceof Failure ? v : VOID), May.Never,
    (t, v) => t.set(`${v} instanceof Failure ? ${v} : 0`));
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
  return choose(b, cond, then, otherwise);
}

export function choose(b: Builder, cond: Node, then: Node, otherwise: Node | null): Node {
  const run = b.tier.control.choose(b.reg, cond.run, then.run, otherwise === null ? null : otherwise.run);
  const n = node(run, May.Never, cond, then, ...(otherwise === null ? [] : [otherwise]));
  return b.fused(n, 1, (resumes) => emitChoose(resumes, cond, then, otherwise));
}

export function match(b: Builder, e: Match, body: (x: Expr) => Node): Node {
  const subject = read(b, e.subject);
  const type = operandType(b, e.subject);
  const slot = b.hidden();
  const parts: Node[] = [subject];
  const written: ArmNodes[] = [];
  const arms = e.arms.map((arm) => {
    const test = b.pattern(arm.pattern, type);
    const guard = arm.guard === null ? null : read(b, arm.guard);
    const inner = body(arm.body);
    parts.push(inner);
    if (guard !== null) parts.push(guard);
    written.push({ test, guard, body: inner });
    return { test, guard: guard === null ? null : guard.run, body: inner.run };
  });
  const n = node(b.tier.match.match(b.reg, subject.run, slot, arms, firstArms(e, type)), May.Stop, ...parts);
  const none = (): undefined => machine.panic("P005", "no arm of the match fits");
  return b.fused(n, 2, (resumes) => emitMatch(resumes, subject, slot, written, none));
}

/** For a match over an enum: the first arm that each variant can reach. */
function firstArms(e: Match, type: Type): number[] | null {
  if (type.k !== "enum") return null;
  const first = new Map<number, number>();
  let open = e.arms.length;
  for (const [i, { pattern: p }] of e.arms.entries()) {
    if ((p.kind !== "VariantPattern" && p.kind !== "BindPattern") || p.variant === undefined) {
      open = i;
      break;
    }
    if (!first.has(p.variant.index)) first.set(p.variant.index, i);
  }
  return type.decl.variants.map((_, tag) => first.get(tag) ?? open);
}

export function returnStatement(b: Builder, e: Return): Node {
  const value = e.value === null ? VOID_NODE : returned(b, owned(b, e.value));
  return leave(b, value);
}

function leave(b: Builder, value: Node): Node {
  return b.fused(node(b.tier.control.leave(b.reg, value.run), May.Stop, value), 1,
    (resumes) => emitLeave(resumes, value));
}

/** The Failure that `fail e` leaves with. */
function failure(b: Builder, e: Fail): Node {
  const error = owned(b, e.value);
  const site = b.site(e.span);
  const make = (v: any): Failure => (v instanceof Failure ? v : new Failure(v, [site]));
  return b.apply1(error, make, May.Never);
}

export function fail(b: Builder, e: Fail): Node {
  return leave(b, failure(b, e));
}

export function breakTo(b: Builder, e: Break): Node {
  const loop = b.loopNamed(e.label);
  return b.fused(node(b.tier.control.breakTo(loop), May.Stop), 0, () => emitJump(Kind.Break, loop));
}

export function continueTo(b: Builder, e: Continue): Node {
  const loop = b.loopNamed(e.label);
  return b.fused(node(b.tier.control.continueTo(loop), May.Stop), 0, () => emitJump(Kind.Continue, loop));
}

export function propagate(b: Builder, e: Propagate): Node {
  const operand = owned(b, e.operand);
  // an intrinsic has no body: the trace of its failure begins where it is called, which is here
  if (e.operand.kind === "Call" && e.operand.target?.k === "func" && e.operand.target.decl.body === null) {
    return b.fused(node(b.tier.outcome.passOn(b.reg, operand.run), May.Stop, operand), 1,
      (resumes) => emitPassOn(resumes, operand));
  }
  const site = b.site(e.span);
  return b.fused(node(b.tier.outcome.propagate(b.reg, operand.run, site), May.Stop, operand), 1,
    (resumes) => emitPropagate(resumes, operand, site));
}

export function catchExpression(b: Builder, e: Catch): Node {
  const operand = e.lifted === true ? lifted(b, e) : owned(b, e.operand);
  if (e.local === undefined) {
    return caught(b, operand, -1, owned(b, e.handler));
  }
  const slot = e.local.boxed ? b.hidden() : b.slotOf(e.local);
  const handler = owned(b, e.handler);
  if (!e.local.boxed) return caught(b, operand, slot, handler);
  const bound = binding(b, { kind: "BindPattern", name: e.binding!, span: e.span, local: e.local }, b.readHidden(slot),
    b.type(e.local.ty));
  return caught(b, operand, slot, inOrder(b, [bound, handler]));
}

function caught(b: Builder, operand: Node, slot: number, handler: Node): Node {
  const run = b.tier.outcome.catchFailure(b.reg, operand.run, slot, handler.run);
  return b.fused(node(run, May.Never, operand, handler), 1, (resumes) => emitCatch(resumes, operand, slot, handler));
}
