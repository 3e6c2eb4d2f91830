// Assignment, plain, by an operator, and of several places at once.
import type { BinaryOp, Expr, Stmt } from "../../syntax/ast.ts";
import { May } from "../code.ts";
import { emitStrict, type Inline, inlineStore } from "../fuse/plain.ts";
import type { Node } from "../fuse/text.ts";
import { VOID } from "../values.ts";
import { store } from "./bindings.ts";
import type { Builder } from "./builder.ts";
import { owned, read } from "./conversions.ts";
import { applyN } from "./literals.ts";
import { behind } from "./names.ts";
import { node } from "./node.ts";
import { operation } from "./operators.ts";
import { place, variableWriter } from "./places.ts";

export function assign(b: Builder, s: Stmt & { kind: "Assign" }): Node {
  if (s.targets.length === 1) return assignOne(b, s.targets[0]!, s.op, s.values[0]!);
  const places = s.targets.map((t) => place(b, t));
  const operands = places.flatMap((p) => p.operands);
  const n = operands.length;
  return applyN(b, [...operands, ...s.values.map((v) => owned(b, v))], (values, f) => {
    let from = 0;
    for (let i = 0; i < places.length; i++) {
      const p = places[i]!;
      const own = values.slice(from, (from += p.operands.length));
      if (p.write(own, f, values[n + i]) === undefined) return undefined;
    }
    return VOID;
  });
}

function assignOne(b: Builder, target: Expr, op: BinaryOp | null, valueExpr: Expr): Node {
  const type = b.typeOf(target);
  const site = b.site(target.span);
  if (target.kind === "Name" && target.ref?.k === "local") {
    const local = target.ref.local;
    const value = op === null ? owned(b, valueExpr)
      : operation(b, op, type, b.readLocal(local), read(b, valueExpr), site);
    if (b.owns(local) && !local.boxed && type.k !== "struct") {
      return store(b, b.slotOf(local), value);
    }
    const write = variableWriter(b, local, type.k === "struct", site);
    return b.apply1(value, (v, f) => write(f, v), b.owns(local) ? May.Never : May.Stop);
  }
  const p = place(b, target);
  const value = op === null ? owned(b, valueExpr) : read(b, valueExpr);
  if (op === null && target.kind === "Index" && behind(b.typeOf(target.object)).k !== "builtin" &&
    p.operands[0]!.may < May.Suspend && p.operands[1]!.may < May.Suspend && value.may < May.Suspend) {
    const slow = (x: any, i: any, v: any): any => p.write([x, i], null, v);
    const run = b.tier.access.storeElement(p.operands[0]!.run, p.operands[1]!.run, value.run, slow);
    return b.fused(node(run, May.Stop, ...p.operands, value), 0,
      () => emitStrict([...p.operands, value], inlineStore(slow)));
  }
  const n = p.operands.length;
  if (op === null) {
    return b.applyN([...p.operands, value], (values, f) => p.write(values, f, values[n]), May.Stop, p.inlineWrite);
  }
  // the operator works on two values that are there already: leaves over a little frame of their own
  const left = given(0);
  const right = given(1);
  const applied = operation(b, op, type, left, right, site);
  const apply = applied.run;
  const { inlineRead, inlineWrite } = p;
  const inline: Inline | undefined = inlineRead === undefined || inlineWrite === undefined ? undefined
    : (t, ...values) => {
      const places = values.slice(0, n);
      const old = inlineRead(t, ...places);
      left.emit = () => old;
      right.emit = () => values[n]!;
      return inlineWrite(t, ...places, t.value(applied));
    };
  return b.applyN([...p.operands, value], (values, f) => {
    const old = p.read(values, f);
    if (old === undefined) return undefined;
    const v = apply([old, values[n]]);
    return v === undefined ? undefined : p.write(values, f, v);
  }, May.Stop, inline);
}

/** A value that is there already, in a little frame of its own. */
function given(i: number): Node {
  return { run: (f) => f[i], may: May.Never, deep: 1, slot: -1, constant: false, value: null, emit: null };
}
