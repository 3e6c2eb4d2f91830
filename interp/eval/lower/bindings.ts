// Bindings: an evaluated value stored where a pattern says, and conditions, which may bind; steps one after the other.
import type { Condition, Local, Pattern, Type } from "../../syntax/ast.ts";
import { May } from "../code.ts";
import { emitBlock, emitStore } from "../fuse/flow.ts";
import type { Node } from "../fuse/text.ts";
import { VOID } from "../values.ts";
import type { Builder } from "./builder.ts";
import { lent, nullable, operandType, owned, read } from "./conversions.ts";
import { node } from "./node.ts";
import { plainSlot } from "./patterns.ts";

/** Stores an evaluated value where a pattern says. */
export function binding(b: Builder, p: Pattern, value: Node, type: Type): Node {
  if (p.kind === "BindPattern" && p.variant === undefined && !p.local!.boxed) {
    const slot = b.slotOf(p.local!);
    return store(b, slot, value);
  }
  const bind = p.kind === "BindPattern" && p.variant === undefined ? boxedBinder(b, p.local!) : b.pattern(p, type);
  return b.apply1(value, (v, f) => (bind(v, f), VOID), May.Never);
}

export function store(b: Builder, slot: number, value: Node): Node {
  const waits = value.may === May.Suspend;
  const run = waits ? b.tier.control.store(b.reg, slot, value.run) : b.tier.control.storePlain(slot, value.run);
  return b.fused(node(run, May.Never, value), waits ? 1 : 0, (resumes) => emitStore(resumes, slot, value));
}

function boxedBinder(b: Builder, local: Local) {
  const bind = b.binder(local);
  return (v: any, f: any) => bind(f, v);
}

/** A step that gives true or false, binding on the way for `let`. */
export function condition(b: Builder, c: Condition): Node {
  if (c.kind === "Test") return read(b, c.expr);
  const value = c.mutable ? owned(b, c.value) : lent(b, c.value);
  const type = operandType(b, c.value);
  const inner = type.k === "optional" ? type.of : type;
  const test = b.pattern(c.pattern, inner);
  const boxed = nullable(inner);
  const check = boxed
    ? (v: any, f: any) => v !== null && test(v.v, f)
    : (v: any, f: any) => v !== null && test(v, f);
  const slot = plainSlot(b, c.pattern, inner);
  return b.apply1(value, check, May.Never, slot < 0 ? undefined : (t, v) => {
    t.line(`if (${v} !== null) {`);
    t.writeSlot(slot, `${v}${boxed ? ".v" : ""}`);
    t.line(`}`);
    return t.set(`${v} !== null`);
  });
}

export function inOrder(b: Builder, nodes: Node[]): Node {
  if (nodes.length === 1) return nodes[0]!;
  const { block: many, block2 } = b.tier.control;
  const run = nodes.length === 2
    ? block2(b.reg, nodes[0]!.run, nodes[1]!.run)
    : many(b.reg, nodes.map((n) => n.run));
  return b.fused(node(run, May.Never, ...nodes), 1, (resumes) => emitBlock(resumes, nodes));
}
