// Assignment: places made ready, read and written. A struct variable is written in place, so that a reference to it
// goes on seeing it.
import type { BinaryOp, Expr, Local, Stmt, Type } from "../../syntax/ast.ts";
import { assignInto } from "../clone.ts";
import { May } from "../code.ts";
import { emitStrict, type Inline, inlineElement, inlineField, inlineFieldStore, inlineStore } from "../fuse/plain.ts";
import type { Node } from "../fuse/text.ts";
import { keyOf } from "../hashing.ts";
import { machine } from "../machine.ts";
import { isFrozen } from "../snapshot.ts";
import { type Slice, VOID } from "../values.ts";
import { store } from "./bindings.ts";
import type { Builder } from "./builder.ts";
import { owned, read } from "./conversions.ts";
import { refusal } from "./limits.ts";
import { applyN } from "./literals.ts";
import { behind, fieldIndex } from "./names.ts";
import { node } from "./node.ts";
import { operation } from "./operators.ts";

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
    const write = variableWriter(b, local, type.k === "struct", b.site(e.span));
    return { operands: [], type, read: (_v, f) => get(f), write: (_v, f, v) => write(f, v) };
  }
  if (e.kind === "Member") {
    const owner = behind(b.typeOf(e.object));
    const i = owner.k === "tuple" ? Number(e.name) : fieldIndex((owner as Type & { k: "struct" }).decl as any, e.name);
    const field = b.tier.field(i);
    const refuse = refusal(b.site(e.span));
    return {
      operands: [b.expr(e.object)], type,
      read: ([x]) => field.read(x),
      write: ([x], _f, v) => field.write(x, v, refuse),
      inlineRead: inlineField(i),
      inlineWrite: inlineFieldStore(i, refuse),
    };
  }
  if (e.kind === "Index") {
    const owner = behind(b.typeOf(e.object));
    const operands = [b.expr(e.object), read(b, e.args[0]!)];
    const site = b.site(e.span);
    const refuse = refusal(site);
    if (owner.k === "builtin") {
      const key = keyOf(owner.args[0]!);
      return {
        operands, type,
        read: ([m, k]) => m.entries.get(key(k))?.[1]
          ?? machine.panic("P001", "the map has no such key", site),
        write: ([m, k], _f, v) => (isFrozen(m) ? refuse(m) : (m.entries.set(key(k), [k, v]), VOID)),
      };
    }
    const get = (x: any, i: any): any => (i >= 0 && i < x.len ? x.at(Number(i)) : outside(x, i, site));
    const put = (x: any, i: any, v: any): any => {
      if (!(i >= 0 && i < x.len)) return outside(x, i, site);
      if (isFrozen(x.root)) return refuse(x);
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
    const refuse = refusal(b.site(e.span));
    return {
      operands: [read(b, e.operand)], type,
      read: ([p]) => (struct ? p : p.v),
      write: ([p], _f, v) => {
        if (isFrozen(p)) return refuse(p);
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

/**
 * A struct variable is written in place: a reference to it goes on seeing it. Only a variable of the function around
 * can belong to another fiber.
 */
function variableWriter(b: Builder, local: Local, inPlace: boolean, site: number): (f: any, v: any) => any {
  if (!b.owns(local)) {
    const i = b.captureOf(local);
    const refuse = refusal(site);
    return (f, v) => {
      const cell = f[2][i];
      if (isFrozen(cell)) return refuse(cell);
      if (inPlace) assignInto(cell.v, v);
      else cell.v = v;
      return VOID;
    };
  }
  const slot = b.slotOf(local);
  if (local.boxed) return inPlace ? (f, v) => (assignInto(f[slot].v, v), VOID) : (f, v) => (f[slot].v = v, VOID);
  return inPlace ? (f, v) => (assignInto(f[slot], v), VOID) : (f, v) => (f[slot] = v, VOID);
}

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
