// Names, fields, elements, and what stands behind references: everything that reads a place.
import type {
  AddressOf, Deref, Expr, Index, IntLit, Member, Name, NameRef, Span, StructDecl, Type, Unwrap,
} from "../../syntax/ast.ts";
import { May } from "../code.ts";
import { emitIfPresent } from "../fuse/flow.ts";
import { emitApply1, emitStrict, type Inline, inlineElement, inlineField, inlineLength } from "../fuse/plain.ts";
import type { Node } from "../fuse/text.ts";
import { keyOf } from "../hashing.ts";
import { lengthOfRange } from "../intrinsics/general.ts";
import { machine } from "../machine.ts";
import { Cell, Closure, elementKind } from "../values.ts";
import { type Builder, constantNode, VOID_NODE } from "./builder.ts";
import { nullable, read, readBehind } from "./conversions.ts";
import { faultAt } from "./limits.ts";
import { variantConstant } from "./literals.ts";
import { node } from "./node.ts";

export function reference(b: Builder, ref: NameRef, e: Expr): Node {
  switch (ref.k) {
    case "local": {
      const n = b.readLocal(ref.local);
      // narrowed from ?(?T): the box comes off
      const stored = b.type(ref.local.ty);
      if (stored.k === "optional" && nullable(stored.of) && !sameDepth(stored, b.typeOf(e))) {
        return b.apply1(n, (v) => v.v, May.Never);
      }
      return n;
    }
    case "global": {
      const instances = b.instances;
      const index = instances.indexOfGlobal(ref.decl);
      const known = instances.embedGlobal(index, b.code);
      if (known !== undefined) return constantNode(known);
      const { name } = ref.decl;
      const site = b.site(e.span);
      return node(() => instances.readGlobal(index, name, site), May.Stop);
    }
    case "func": {
      const code = b.instances.ofFunction(ref.decl, ref.args.map((t) => b.type(t)));
      return constantNode(new Closure(code, []));
    }
    case "variant":
      return variantConstant(ref.variant);
    default:
      return VOID_NODE; // a type or a module: only ever the left side of a dot
  }
}

function sameDepth(a: Type, t: Type): boolean {
  let x = 0;
  let y = 0;
  for (let u: Type = a; u.k === "optional"; u = u.of) x++;
  for (let u: Type = t; u.k === "optional"; u = u.of) y++;
  return x === y;
}

export const name = (b: Builder, e: Name): Node => stillThere(b, e, reference(b, e.ref!, e));

/** A read of what the checker takes to be not null: it is looked at again, so that a mistake there is a panic here. */
function stillThere(b: Builder, e: Name | Member, n: Node): Node {
  if (e.narrowed !== true) return n;
  const site = b.site(e.span);
  const look = (v: any): any => v === null
    ? machine.panic("P008", `\`${e.name}\` was not null when it was tested, and is now`, site) : v;
  return b.apply1(n, look, May.Stop, (t, v) => {
    t.line(`if (${v} === null) return ${t.bind(look)}(null);`);
    return v;
  });
}

/** The type behind references. */
export const behind = (t: Type): Type => (t.k === "pointer" ? behind(t.to) : t);

export function member(b: Builder, e: Member): Node {
  if (e.ref !== undefined && e.ref.k !== "local") return reference(b, e.ref, e);
  if (e.optional) return optionalMember(b, e);
  return stillThere(b, e, fieldOf(b, readBehind(b, e.object), behind(b.typeOf(e.object)), e.name, e.span));
}

/** The field of an evaluated object; `len` of what has elements. span: where that is read. */
export function fieldOf(b: Builder, object: Node, type: Type, field: string, span: Span): Node {
  const apply = (fn: (x: any) => any, inline?: Inline): Node =>
    b.fused(node(b.tier.access.field(b.reg, object.run, fn), May.Never, object), 1,
      (resumes) => emitApply1(resumes, object, { fn, own: May.Never, inline }));
  if (type.k === "struct" || type.k === "tuple") {
    const i = type.k === "tuple" ? Number(field) : fieldIndex(type.decl, field);
    const steps = b.tier.field(i);
    if (object.slot >= 0) {
      return b.fused(node(steps.ofSlot(object.slot), May.Never, object), 0, () => emitStrict([object], inlineField(i)));
    }
    return b.fused(node(steps.of(b.reg, object.run), May.Never, object), 1,
      (resumes) => emitApply1(resumes, object, { fn: steps.read, own: May.Never, inline: inlineField(i) }));
  }
  if (field === "len") {
    if (type.k === "slice" || type.k === "array") return apply((x) => x.len, inlineLength("len"));
    if (type.k === "string") return apply((x) => x.length, inlineLength("length"));
    if (type.k === "builtin") return apply((x) => x.entries.size);
    if (type.k === "range") return b.apply1(object, lengthOfRange(faultAt(b.site(span))), May.Stop);
  }
  throw new Error(`field ${field} of ${type.k}`);
}

export function fieldIndex(decl: StructDecl, field: string): number {
  return decl.fields.findIndex((f) => f.name === field);
}

function optionalMember(b: Builder, e: Member): Node {
  const object = read(b, e.object);
  const outer = b.typeOf(e.object) as Type & { k: "optional" };
  const slot = b.hidden();
  const inner = b.readHidden(slot);
  const apply = fieldOf(b, inner, behind(outer.of), e.name, e.span);
  const boxed = nullable(outer.of);
  const run = b.tier.outcome.ifPresent(b.reg, object.run, slot, boxed, apply.run);
  return b.fused(node(run, May.Never, object, apply), 1,
    (resumes) => emitIfPresent(resumes, object, slot, boxed, apply));
}

const outOfBounds = (i: any, len: number, site: number): undefined =>
  machine.panic("P001", `index ${i} is out of bounds: the length is ${len}`, site);

/** a[i], a[i..j], s[i], s[i..j], m[k]. */
export function index(b: Builder, e: Index): Node {
  if (e.ref !== undefined) return reference(b, e.ref, e);
  const site = b.site(e.span);
  const type = behind(b.typeOf(e.object));
  const object = readBehind(b, e.object);
  const arg = e.args[0]!;
  if (type.k === "tuple") return fieldOf(b, object, type, String((arg as IntLit).value), e.span);
  if (arg.kind === "Range") return view(b, object, type, arg.low, arg.high, arg.inclusive, site);
  const i = read(b, arg);
  const apply = (fn: (x: any, y: any) => any, inline?: Inline): Node => b.apply2(object, i, fn, May.Stop, inline);
  if (type.k === "string") {
    return apply((s: string, at) => (at >= 0 && at < s.length ? s.charCodeAt(at) : outOfBounds(at, s.length, site)));
  }
  if (type.k === "builtin") {
    const key = keyOf(type.args[0]!);
    return apply((m, k) => {
      const entry = m.entries.get(key(k));
      return entry === undefined ? machine.panic("P001", "the map has no such key", site) : entry[1];
    });
  }
  const slow = (x: any, at: any): any => {
    if (x === undefined || at === undefined) return undefined;
    // null is an element like any other; undefined: the slice behind a view has become shorter than the view
    const element = at >= 0 && at < x.len ? x.at(Number(at)) : undefined;
    return element === undefined ? outOfBounds(at, x.len, site) : element;
  };
  if (object.slot >= 0 && i.slot >= 0) {
    return b.fused(node(b.tier.access.elementSlots(object.slot, i.slot, slow), May.Stop, object, i), 0,
      () => emitStrict([object, i], inlineElement(slow)));
  }
  if (object.may < May.Suspend && i.may < May.Suspend) {
    return b.fused(node(b.tier.access.element(object.run, i.run, slow), May.Stop, object, i), 0,
      () => emitStrict([object, i], inlineElement(slow)));
  }
  return apply(slow, inlineElement(slow));
}

/** A range as an index: a view of a slice, a piece of a string. */
function view(b: Builder, object: Node, type: Type, low: Expr | null, high: Expr | null, inclusive: boolean,
  site: number): Node {
  const from = low === null ? constantNode(0) : read(b, low);
  const to = high === null ? constantNode(-1) : read(b, high);
  const open = high === null;
  // of a fixed array, whose own elements have no kind: they stay with it
  const kind = type.k === "slice" || type.k === "array" ? elementKind(type.of) : 0;
  const cut = (x: any, i: any, j: any): any => {
    const len = type.k === "string" ? x.length : x.len;
    const end = open ? len : inclusive ? Number(j) + 1 : Number(j);
    if (!(i >= 0 && i <= end && end <= len)) {
      const exact = inclusive && !open ? BigInt(j) + 1n : open ? len : j;
      return machine.panic("P001", `range ${i}..${exact} is out of bounds: the length is ${len}`, site);
    }
    return type.k === "string" ? x.slice(Number(i), end)
      : type.k === "array" ? x.lend(kind, Number(i), end - Number(i)) : x.view(kind, Number(i), end - Number(i));
  };
  return b.applyN([object, from, to], ([x, i, j]) => cut(x, i, j), May.Stop, (t, x, i, j) => {
    const v = t.set(`${t.bind(cut)}(${x}, ${i}, ${j})`);
    t.stops(v, May.Stop);
    return v;
  });
}

export function unwrap(b: Builder, e: Unwrap): Node {
  const operand = read(b, e.operand);
  const type = b.typeOf(e.operand) as Type & { k: "optional" };
  const boxed = nullable(type.of);
  const site = b.site(e.span);
  const open = (v: any): any =>
    v === null ? machine.panic("P008", "a null was unwrapped", site) : boxed ? v.v : v;
  return b.apply1(operand, open, May.Stop);
}

/** p.*: the struct itself (copied where it is stored: conversions.ts), or what the cell holds. */
export function deref(b: Builder, e: Deref): Node {
  const operand = read(b, e.operand);
  if (b.typeOf(e).k === "struct") return operand;
  return b.apply1(operand, (cell) => cell.v, May.Never);
}

/** &x: a struct is its own reference, a variable its cell; what nobody else holds gets a cell. */
export function addressOf(b: Builder, e: AddressOf): Node {
  const { operand } = e;
  if (b.typeOf(operand).k === "struct") return b.expr(operand);
  if (operand.kind === "Name" && operand.ref?.k === "local") return node(b.captureValue(operand.ref.local), May.Never);
  return b.apply1(b.expr(operand), (v) => new Cell(v), May.Never);
}
