// Literals: numbers, text, arrays, tuples, maps, structs, variants, ranges.
import type { Type, VariantRef } from "../../syntax/annotations.ts";
import type {
  ArrayLit, FieldDecl, InterpString, MapLit, Range, StructDecl, StructLit, TupleLit,
} from "../../syntax/ast.ts";
import { errorSetKey } from "../declarations.ts";
import { keyOf } from "../hashing.ts";
import { layoutOfStruct, layoutOfTuple, layoutOfVariant } from "../layouts.ts";
import { formatOf } from "../format.ts";
import { showOf } from "../show.ts";
import {
  ErrorValue, MapValue, RangeValue, Slice, bytes, elementKind, fromBig, successor, type Layout,
} from "../values.ts";
import { constantNode, type Builder } from "./builder.ts";
import { owned, read } from "./conversions.ts";
import { STRING_MAX, tooLong } from "./limits.ts";
import { May, node, type Node } from "./node.ts";

export function intLiteral(value: bigint, type: Type): Node {
  return constantNode(type.k === "float" ? Number(value) : fromBig(value));
}

export function interpolation(b: Builder, e: InterpString): Node {
  const site = b.site(e.span);
  const operands: Node[] = [];
  const pieces: (string | ((v: any) => string))[] = [];
  for (const part of e.parts) {
    if (typeof part === "string") {
      pieces.push(bytes(part));
      continue;
    }
    operands.push(read(b, part.expr));
    const type = part.expr.coerce?.length ? b.type(part.expr.coerce.at(-1)!.to) : b.typeOf(part.expr);
    pieces.push(part.format === null ? showOf(type) : formatOf(type, part.format));
  }
  return applyN(b, operands, (values) => {
    let out = "";
    let next = 0;
    for (const piece of pieces) {
      const more = typeof piece === "string" ? piece : piece(values[next++]);
      if (out.length + more.length > STRING_MAX) return tooLong(site);
      out += more;
    }
    return out;
  });
}

export function applyN(b: Builder, operands: Node[], fn: (values: any[], f: any) => any, may = May.Stop): Node {
  return node(b.tier.apply.applyN(b.reg, operands.map((n) => n.run), fn), may, ...operands);
}

export function arrayLiteral(b: Builder, e: ArrayLit): Node {
  const type = b.typeOf(e);
  const kind = type.k === "slice" ? elementKind(type.of) : 0;
  return applyN(b, e.elems.map((x) => owned(b, x)), (values) => new Slice(values, kind), May.Never);
}

export function tupleLiteral(b: Builder, e: TupleLit): Node {
  const layout = layoutOfTuple(e.elems.length);
  return applyN(b, e.elems.map((x) => owned(b, x)), (values) => layout.construct(values), May.Never);
}

export function mapLiteral(b: Builder, e: MapLit): Node {
  const type = b.typeOf(e);
  const key = keyOf((type as Type & { k: "builtin" }).args[0]!);
  const operands = e.entries.flatMap((x) => [owned(b, x.key), owned(b, x.value)]);
  return applyN(b, operands, (values) => {
    const map = new MapValue();
    for (let i = 0; i < values.length; i += 2) map.entries.set(key(values[i]), [values[i], values[i + 1]]);
    return map;
  }, May.Never);
}

export function range(b: Builder, e: Range): Node {
  const low = read(b, e.low!);
  const high = read(b, e.high!);
  const make = e.inclusive ? (x: any, y: any) => new RangeValue(x, successor(y))
    : (x: any, y: any) => new RangeValue(x, y);
  return node(b.tier.apply.apply2(b.reg, low.run, high.run, make), May.Never, low, high);
}

/** A variant or error without payload, or the maker of one with it. */
export function variantMaker(v: VariantRef): (payload: any[]) => any {
  const type = v.type;
  if (type.k === "enum") {
    const layout = layoutOfVariant(type.decl, v.index);
    return (payload) => layout.construct(payload);
  }
  const set = type.k === "error" ? errorSetKey(type.decl) : "";
  return (payload) => new ErrorValue(v.name, set, v.index, payload);
}

export function variantConstant(v: VariantRef): Node {
  return constantNode(variantMaker(v)([]));
}

/** Where the fields of a literal go, and the defaults of those it leaves out. */
export function structLiteral(b: Builder, e: StructLit): Node {
  let layout: Layout | null = null;
  let declared: FieldDecl[];
  if (e.variant !== undefined) {
    declared = e.variant.decl!.fields!;
    if (e.variant.type.k === "enum") layout = layoutOfVariant(e.variant.type.decl, e.variant.index);
  } else {
    const type = b.typeOf(e) as Type & { k: "struct" };
    declared = (type.decl as StructDecl).fields;
    layout = layoutOfStruct(type.decl);
  }
  const position = new Map(declared.map((d, i) => [d.name, i]));
  const operands: Node[] = [];
  const places: number[] = [];
  if (e.spread !== null) operands.push(owned(b, e.spread));
  for (const field of e.fields) {
    operands.push(owned(b, field.value));
    places.push(position.get(field.name)!);
  }
  if (e.spread === null) {
    declared.forEach((d, i) => {
      if (d.default === null || places.includes(i)) return;
      operands.push(owned(b, d.default));
      places.push(i);
    });
  } else {
    return applyN(b, operands, (values) => {
      const fresh = values[0];
      for (let i = 0; i < places.length; i++) fresh[`f${places[i]!}`] = values[i + 1];
      return fresh;
    }, May.Never);
  }
  const make = layout === null ? variantMaker(e.variant!) : (fields: any[]) => layout.construct(fields);
  const inOrder = places.every((p, i) => p === i);
  if (inOrder) return applyN(b, operands, make, May.Never);
  return applyN(b, operands, (values) => {
    const fields = new Array(values.length);
    for (let i = 0; i < places.length; i++) fields[places[i]!] = values[i];
    return make(fields);
  }, May.Never);
}
