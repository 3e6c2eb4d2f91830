// Places: made ready, read and written. A struct variable is written in place, so that a reference to it goes on seeing
// it. Nothing frozen is written.
import type { Expr, Local, Type } from "../../syntax/ast.ts";
import { assignInto } from "../clone.ts";
import { type Inline, inlineElement, inlineField, inlineFieldStore, inlineStore } from "../fuse/plain.ts";
import type { Node } from "../fuse/text.ts";
import { itself, keyCopier, keyOf } from "../hashing.ts";
import { machine } from "../machine.ts";
import { refusedByEngine } from "../room.ts";
import { isFrozen } from "../snapshot.ts";
import { type Slice, VOID } from "../values.ts";
import type { Builder } from "./builder.ts";
import { read, readBehind } from "./conversions.ts";
import { refusal } from "./limits.ts";
import { behind, fieldIndex } from "./names.ts";

/** A place made ready: the operands to evaluate first, and how to read and write with their values. */
export interface Place {
  operands: Node[];
  type: Type;
  read(values: any[], f: any): any;
  write(values: any[], f: any, v: any): any;
  /** reading and writing as text, from the operands and the new value. */
  inlineRead?: Inline;
  inlineWrite?: Inline;
}

export function place(b: Builder, e: Expr): Place {
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
      operands: [readBehind(b, e.object)], type,
      read: ([x]) => field.read(x),
      write: ([x], _f, v) => field.write(x, v, refuse),
      inlineRead: inlineField(i),
      inlineWrite: inlineFieldStore(i, refuse),
    };
  }
  if (e.kind === "Index") {
    const owner = behind(b.typeOf(e.object));
    const operands = [readBehind(b, e.object), read(b, e.args[0]!)];
    const site = b.site(e.span);
    const refuse = refusal(site);
    if (owner.k === "builtin") {
      const key = keyOf(owner.args[0]!);
      const copy = keyCopier(owner.args[0]!) ?? itself;
      return {
        operands, type,
        read: ([m, k]) => m.entries.get(key(k))?.[1]
          ?? machine.panic("P001", "the map has no such key", site),
        write: ([m, k], _f, v) => {
          if (isFrozen(m)) return refuse(m);
          try {
            m.entries.set(key(k), [copy(k), v]);
            return VOID;
          } catch (e) {
            return refusedByEngine(e, site);
          }
        },
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
export function variableWriter(b: Builder, local: Local, inPlace: boolean, site: number): (f: any, v: any) => any {
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
