// Statements, each by its kind; functions declared in a block, and `using`.
import type { Expr, Stmt } from "../../syntax/ast.ts";
import { May } from "../code.ts";
import type { Node } from "../fuse/text.ts";
import { Cell, Closure, VOID } from "../values.ts";
import { assign } from "./assignment.ts";
import { binding, condition } from "./bindings.ts";
import { withCleanups } from "./blocks.ts";
import { type Builder, constantNode, VOID_NODE } from "./builder.ts";
import { callFunction } from "./calls.ts";
import { ownedTask } from "./concurrency.ts";
import { lent, operandType, owned } from "./conversions.ts";
import { whyKept } from "./crossing.ts";
import { forLoop, whileLoop } from "./loops.ts";
import { node } from "./node.ts";
import { localOf } from "./patterns.ts";

export function statement(b: Builder, s: Stmt): Node {
  switch (s.kind) {
    case "ExprStmt": return b.expr(s.expr);
    case "Let": {
      if (s.pattern.kind === "BindPattern" && b.owned.has(s.pattern.local!)) {
        return ownedTask(b, s.value as Expr & { kind: "Spawn" }, b.slotOf(s.pattern.local!));
      }
      const changes = s.mutable || localOf(s.pattern)?.addressed === true;
      return binding(b, s.pattern, changes ? owned(b, s.value) : lent(b, s.value), operandType(b, s.value));
    }
    case "Assign": return assign(b, s);
    case "While":
      return b.inLoop(s.label, (loop) => {
        const cond = condition(b, s.cond);
        return whileLoop(b, cond, b.block(s.body, false), loop, s.span);
      });
    case "Loop":
      return b.inLoop(s.label, (loop) => whileLoop(b, constantNode(true), b.block(s.body, false), loop, s.span));
    case "For": return forLoop(b, s);
    case "FuncStmt": return localFunction(b, s);
    case "Using": return using(b, s);
    case "Defer": throw new Error("a defer outside a block");
  }
}

/** A function declared in a block: a closure that may capture itself. */
function localFunction(b: Builder, s: Stmt & { kind: "FuncStmt" }): Node {
  const { local } = s;
  // with type parameters it is a function of its own, built when it is called
  if (local === undefined) return VOID_NODE;
  const code = b.closure((key) => b.instances.ofLocalFunction(key, s.decl, b));
  const captures = s.decl.fn!.captures.map((l) => b.captureValue(l));
  code.keeps = whyKept(b, s.decl.fn!.captures);
  const self = s.decl.fn!.captures.indexOf(local);
  const slot = b.slotOf(local);
  return node((f) => {
    if (local.boxed) f[slot] = new Cell(null);
    const closure = new Closure(code, captures.map((capture) => capture(f)));
    if (local.boxed) f[slot].v = closure;
    else {
      f[slot] = closure;
      if (self >= 0) closure.captured[self] = closure;
    }
    return VOID;
  }, May.Never);
}

function using(b: Builder, s: Stmt & { kind: "Using" }): Node {
  const value = owned(b, s.value);
  const body = b.block(s.body, false);
  const self: Expr = {
    kind: "Name", name: s.name, span: s.value.span, ty: s.local!.ty, ref: { k: "local", local: s.local! },
  };
  let close = callFunction(b, s.close as any, [self], s.value.span);
  if (s.closeFails === true) {
    close = node(b.tier.outcome.propagate(b.reg, close.run, b.site(s.value.span)), May.Stop, close);
  }
  const open = binding(b, { kind: "BindPattern", name: s.name, span: s.value.span, local: s.local! }, value,
    b.type(s.local!.ty));
  const inner = withCleanups(b, [VOID_NODE, body], [close, null], [false, false]);
  return node(b.tier.control.block2(b.reg, open.run, inner.run), May.Never, open, inner);
}
