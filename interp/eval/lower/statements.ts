// Statements: bindings, assignment, and blocks with their cleanups.
import type { Local, Type } from "../../syntax/annotations.ts";
import type { BinaryOp, Block, Condition, Expr, Pattern, Stmt } from "../../syntax/ast.ts";
import { keyOf } from "../hashing.ts";
import { assignInto } from "../clone.ts";
import { machine } from "../machine.ts";
import { emitBlock, emitStore } from "../fuse/flow.ts";
import {
  emitStrict, inlineElement, inlineField, inlineFieldStore, inlineStore, type Inline,
} from "../fuse/plain.ts";
import type { Cleanup } from "../steps/cleanup.ts";
import { Cell, Closure, VOID, type Slice } from "../values.ts";
import { VOID_NODE, constantNode, type Builder } from "./builder.ts";
import { callFunction } from "./calls.ts";
import { ownedTask } from "./concurrency.ts";
import { isValueType, lent, nullable, owned, read } from "./conversions.ts";
import { choose, returned, tailExpression } from "./control.ts";
import { snapshotChanged } from "./limits.ts";
import { applyN } from "./literals.ts";
import { forLoop, whileLoop } from "./loops.ts";
import { behind, fieldIndex } from "./names.ts";
import { operandType, operation } from "./operators.ts";
import { localOf, plainSlot } from "./patterns.ts";
import { May, node, type Node } from "./node.ts";

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
        return whileLoop(b, cond, b.block(s.body, false), loop);
      });
    case "Loop":
      return b.inLoop(s.label, (loop) => whileLoop(b, constantNode(true), b.block(s.body, false), loop));
    case "For": return forLoop(b, s);
    case "FuncStmt": return localFunction(b, s);
    case "Using": return using(b, s);
    case "Defer": throw new Error("a defer outside a block");
  }
}

/** Stores an evaluated value where a pattern says. */
export function binding(b: Builder, p: Pattern, value: Node, type: Type): Node {
  if (p.kind === "BindPattern" && p.variant === undefined && !p.local!.boxed) {
    const slot = b.slotOf(p.local!);
    return store(b, slot, value);
  }
  const bind = p.kind === "BindPattern" && p.variant === undefined ? boxedBinder(b, p.local!) : b.pattern(p, type);
  return b.apply1(value, (v, f) => (bind(v, f), VOID), May.Never);
}

function store(b: Builder, slot: number, value: Node): Node {
  const waits = value.may === May.Suspend;
  const run = waits ? b.tier.control.store(b.reg, slot, value.run) : b.tier.control.storePlain(slot, value.run);
  return b.fused(node(run, May.Never, value), waits ? 1 : 0, (resumes) => emitStore(resumes, slot, value));
}

function boxedBinder(b: Builder, local: Local) {
  const bind = b.binder(local);
  return (v: any, f: any) => bind(f, v);
}

// ---------------------------------------------------------------- conditions

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

// ---------------------------------------------------------------- assignment

/** A place made ready: the operands to evaluate first, and how to read and write with their values. */
interface Place {
  operands: Node[];
  type: Type;
  read(values: any[], f: any): any;
  write(values: any[], f: any, v: any): any;
  /** reading and writing as text, from the operands and the new value. */
  inlineRead?: Inline;
  inlineWrite?: Inline;
}

function place(b: Builder, e: Expr): Place {
  const type = b.typeOf(e);
  if (e.kind === "Name" && e.ref?.k === "local") {
    const local = e.ref.local;
    const get = b.readLocal(local).run;
    const write = variableWriter(b, local, isValueType(type) && type.k === "struct");
    return { operands: [], type, read: (_v, f) => get(f), write: (_v, f, v) => (write(f, v), VOID) };
  }
  if (e.kind === "Member") {
    const owner = behind(b.typeOf(e.object));
    const i = owner.k === "tuple" ? Number(e.name) : fieldIndex((owner as Type & { k: "struct" }).decl as any, e.name);
    const field = b.tier.field(i);
    return {
      operands: [b.expr(e.object)], type,
      read: ([x]) => field.read(x),
      write: ([x], _f, v) => field.write(x, v),
      inlineRead: inlineField(i),
      inlineWrite: inlineFieldStore(i),
    };
  }
  if (e.kind === "Index") {
    const owner = behind(b.typeOf(e.object));
    const operands = [b.expr(e.object), read(b, e.args[0]!)];
    if (owner.k === "builtin") {
      const key = keyOf(owner.args[0]!);
      return {
        operands, type,
        read: ([m, k]) => m.entries.get(key(k))?.[1]
          ?? machine.panic("P001", "the map has no such key", b.site(e.span)),
        write: ([m, k], _f, v) => (m.frozen ? snapshotChanged(b.site(e.span)) : (m.entries.set(key(k), [k, v]), VOID)),
      };
    }
    const site = b.site(e.span);
    const get = (x: any, i: any): any => (i >= 0 && i < x.len ? x.at(Number(i)) : outside(x, i, site));
    const put = (x: any, i: any, v: any): any => {
      if (!(i >= 0 && i < x.len)) return outside(x, i, site);
      if (x.root.frozen) return snapshotChanged(site);
      x.put(Number(i), v);
      return VOID;
    };
    return {
      operands, type,
      read: ([x, i]) => get(x, i),
      write: ([x, i], _f, v) => put(x, i, v),
      inlineRead: inlineElement(get),
      inlineWrite: inlineStore(put),
    };
  }
  if (e.kind === "Deref") {
    const struct = type.k === "struct";
    return {
      operands: [read(b, e.operand)], type,
      read: ([p]) => (struct ? p : p.v),
      write: ([p], _f, v) => {
        if (struct) assignInto(p, v);
        else p.v = v;
        return VOID;
      },
    };
  }
  throw new Error(`assignment to ${e.kind}`);
}

const outside = (x: Slice, i: any, site: number): undefined =>
  machine.panic("P001", `index ${i} is out of bounds: the length is ${x.len}`, site);

/** A struct variable is written in place: a reference to it goes on seeing it. */
function variableWriter(b: Builder, local: Local, inPlace: boolean): (f: any, v: any) => void {
  if (!b.owns(local)) {
    const i = b.captureOf(local);
    return inPlace ? (f, v) => assignInto(f[2][i].v, v) : (f, v) => void (f[2][i].v = v);
  }
  const slot = b.slotOf(local);
  if (local.boxed) return inPlace ? (f, v) => assignInto(f[slot].v, v) : (f, v) => void (f[slot].v = v);
  return inPlace ? (f, v) => assignInto(f[slot], v) : (f, v) => void (f[slot] = v);
}

function assign(b: Builder, s: Stmt & { kind: "Assign" }): Node {
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
    const write = variableWriter(b, local, type.k === "struct");
    return b.apply1(value, (v, f) => (write(f, v), VOID), May.Never);
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

// ---------------------------------------------------------------- local functions, using, blocks

/** A function declared in a block: a closure that may capture itself. */
function localFunction(b: Builder, s: Stmt & { kind: "FuncStmt" }): Node {
  const { local } = s;
  // with type parameters it is a function of its own, built when it is called
  if (local === undefined) return VOID_NODE;
  const code = b.closure((key) => b.instances.ofLocalFunction(key, s.decl, b));
  const captures = s.decl.fn!.captures.map((l) => b.captureValue(l));
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
  const value = lent(b, s.value);
  const body = b.block(s.body, false);
  const self: Expr = {
    kind: "Name", name: s.name, span: s.value.span, ty: s.local!.ty, ref: { k: "local", local: s.local! },
  };
  const close = callFunction(b, s.close as any, [self], s.value.span);
  const open = binding(b, { kind: "BindPattern", name: s.name, span: s.value.span, local: s.local! }, value,
    b.type(s.local!.ty));
  const inner = withCleanups(b, [VOID_NODE, body], [close, null], [false, false]);
  return node(b.tier.control.block2(b.reg, open.run, inner.run), May.Never, open, inner);
}

function withCleanups(b: Builder, steps: Node[], bodies: (Node | null)[], onError: boolean[]): Node {
  const cleanups: Cleanup[] = bodies.map((n, i) => ({ body: n === null ? null : n.run, onError: onError[i]! }));
  const run = b.tier.cleanup.withCleanup(b.reg, steps.map((n) => n.run), cleanups, b.hidden(true));
  return node(run, May.Stop, ...steps, ...bodies.filter((n): n is Node => n !== null));
}

/** A block's value is its last expression's. tail: it is the function's too, so returns in it need not unwind. */
export function block(b: Builder, block: Block, tail: boolean): Node {
  const stmts = block.stmts;
  if (stmts.length === 0) return VOID_NODE;
  if (stmts.some((s) => s.kind === "Defer")) return blockWithDefers(b, block, tail);
  return sequence(b, block, 0, tail);
}

function sequence(b: Builder, block: Block, from: number, tail: boolean): Node {
  const stmts = block.stmts;
  const nodes: Node[] = [];
  for (let i = from; i < stmts.length; i++) {
    const s = stmts[i]!;
    const last = i === stmts.length - 1;
    if (s.kind === "ExprStmt") {
      // `if c do … return x end; rest` in tail position is a choice between two tails
      if (tail && !last && s.expr.kind === "If" && s.expr.otherwise === null && leaves(s.expr.then)) {
        const cond = condition(b, s.expr.cond);
        const then = b.block(s.expr.then, true);
        const rest = sequence(b, block, i + 1, true);
        nodes.push(choose(b, cond, then, rest));
        break;
      }
      if (last) {
        nodes.push(tail ? tailExpression(b, s.expr) : valueOfBlock(b, s.expr));
        break;
      }
    }
    nodes.push(b.stmt(s));
    if (last) nodes.push(tail ? returned(b, VOID_NODE) : VOID_NODE);
  }
  return inOrder(b, nodes);
}

function valueOfBlock(b: Builder, e: Expr): Node {
  return owned(b, e);
}

/** Does the block always end in leaving the function? */
function leaves(block: Block): boolean {
  const last = block.stmts.at(-1);
  if (last?.kind !== "ExprStmt") return false;
  const e = last.expr;
  if (e.kind === "Return" || e.kind === "Fail") return true;
  return e.kind === "If" && e.otherwise !== null && leaves(e.then) &&
    (e.otherwise.kind === "Block" ? leaves(e.otherwise) : e.otherwise.kind === "If" && chainLeaves(e.otherwise));
}

const chainLeaves = (e: Expr): boolean =>
  e.kind === "If" && e.otherwise !== null && leaves(e.then) &&
  (e.otherwise.kind === "Block" ? leaves(e.otherwise) : chainLeaves(e.otherwise));

export function inOrder(b: Builder, nodes: Node[]): Node {
  if (nodes.length === 1) return nodes[0]!;
  const { block: many, block2 } = b.tier.control;
  const run = nodes.length === 2
    ? block2(b.reg, nodes[0]!.run, nodes[1]!.run)
    : many(b.reg, nodes.map((n) => n.run));
  return b.fused(node(run, May.Never, ...nodes), 1, (resumes) => emitBlock(resumes, nodes));
}

function blockWithDefers(b: Builder, block: Block, tail: boolean): Node {
  const steps: Node[] = [];
  const bodies: (Node | null)[] = [];
  const onError: boolean[] = [];
  block.stmts.forEach((s, i) => {
    const last = i === block.stmts.length - 1;
    onError.push(s.kind === "Defer" && s.onError);
    if (s.kind === "Defer") {
      steps.push(VOID_NODE);
      bodies.push(b.expr(s.body));
    } else {
      // a return in here must run the cleanups: it unwinds
      steps.push(s.kind === "ExprStmt" && last ? valueOfBlock(b, s.expr) : b.stmt(s));
      bodies.push(null);
    }
  });
  const inner = withCleanups(b, steps, bodies, onError);
  return tail ? returned(b, inner) : inner;
}
