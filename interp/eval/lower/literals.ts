// Literals: numbers, text, arrays, tuples, maps, structs, variants, ranges.
import type {
  ArrayFill, ArrayLit, FieldDecl, FloatLit, InterpString, MapLit, Range, StructDecl, StructLit, TupleLit, Type,
  VariantRef,
} from "../../syntax/ast.ts";
import { clone } from "../clone.ts";
import { May } from "../code.ts";
import { nearestFloat32 } from "../decimals.ts";
import { errorSetKey } from "../declarations.ts";
import { formatOf } from "../format.ts";
import type { Fault } from "../faults.ts";
import { type Inline, inlineConstruct, inlineSlice } from "../fuse/plain.ts";
import type { Node, Text } from "../fuse/text.ts";
import { itself, keyCopier, keyOf } from "../hashing.ts";
import { toFloat32 } from "../integers.ts";
import { type ClassLayout, layoutOfStruct, layoutOfTuple, layoutOfVariant } from "../layouts.ts";
import { machine } from "../machine.ts";
import { showOf } from "../show.ts";
import {
  bytes, elementKind, END_OF_INTEGERS, ErrorValue, fromBig, MapValue, RangeValue, Slice, successor,
} from "../values.ts";
import { type Builder, constantNode } from "./builder.ts";
import { owned, read } from "./conversions.ts";
import { ELEMENTS_MAX, STRING_MAX, tooLong } from "./limits.ts";
import { roomFor, WORD } from "../room.ts";

export function intLiteral(value: bigint, type: Type): Node {
  if (type.k === "float") return constantNode(type.bits === 32 ? toFloat32(fromBig(value)) : Number(value));
  return constantNode(fromBig(value));
}

/** A number with a point is of the width of its place, rounded once. */
export function floatValue(e: FloatLit, type: Type): number {
  const isNarrow = type.k === "float" && type.bits === 32;
  return isNarrow ? nearestFloat32(e.value, e.text.replaceAll("_", "")) : e.value;
}

export function interpolation(b: Builder, e: InterpString): Node {
  const site = b.site(e.span);
  const operands: Node[] = [];
  const pieces: Piece[] = [];
  for (const part of e.parts) {
    if (typeof part === "string") {
      pieces.push({ text: bytes(part) });
      continue;
    }
    operands.push(read(b, part.expr));
    const type = part.expr.coerce?.length ? b.type(part.expr.coerce.at(-1)!.to) : b.typeOf(part.expr);
    const plain = part.format === null && (type.k === "int" || type.k === "string") ? type.k : null;
    pieces.push({ show: part.format === null ? showOf(type) : formatOf(type, part.format), plain });
  }
  return b.applyN(operands, (values) => {
    let out = "";
    let next = 0;
    for (const piece of pieces) {
      const more = "text" in piece ? piece.text : piece.show(values[next++]);
      if (out.length + more.length > STRING_MAX) return tooLong(site);
      out += more;
    }
    return out;
  }, May.Stop, inlinePieces(pieces, () => tooLong(site)));
}

/** A piece of an interpolated string. plain: JavaScript's own conversion shows it. */
type Piece = { text: string } | { show: (v: any) => string; plain: "int" | "string" | null };

const inlinePieces = (pieces: Piece[], long: () => undefined): Inline => (t, ...values) => {
  const shown = pieces.map((piece) => {
    if ("text" in piece) return t.bind(piece.text);
    const v = values.shift()!;
    return piece.plain !== null ? v : t.set(`${t.bind(piece.show)}(${v})`);
  });
  const isShort = (piece: Piece) => "text" in piece || piece.plain === "int";
  const lengths = shown.filter((_, i) => !isShort(pieces[i]!)).map((name) => `${name}.length`);
  // what is not text of unknown length stays far below the limit
  if (lengths.length > 0) {
    const most = STRING_MAX - shown.length * 32 - pieces.reduce((sum, p) => sum + ("text" in p ? p.text.length : 0), 0);
    t.line(`if (${lengths.join(" + ")} > ${most}) return ${t.bind(long)}();`);
  }
  return t.set(`"" + ${shown.join(" + ")}`);
};

export const applyN = (b: Builder, operands: Node[], fn: (values: any[], f: any) => any, may = May.Stop): Node =>
  b.applyN(operands, fn, may);

export function arrayLiteral(b: Builder, e: ArrayLit): Node {
  const type = b.typeOf(e);
  const kind = type.k === "slice" ? elementKind(type.of) : 0;
  return b.applyN(e.elems.map((x) => owned(b, x)), (values) => new Slice(values, kind), May.Never, inlineSlice(kind));
}

/** `[x; n]`: x is evaluated once; elements that could be changed in place are copies, so that none is another's. */
export function arrayFill(b: Builder, e: ArrayFill): Node {
  const type = b.typeOf(e) as Type & { k: "slice" | "array" };
  const kind = type.k === "slice" ? elementKind(type.of) : 0;
  const isShared = type.of.k === "int" || type.of.k === "float" || type.of.k === "pointer" || type.of.k === "func";
  const site = b.site(e.span);
  const panic: Fault = (code, message) => machine.panic(code, message, site);
  return b.apply2(owned(b, e.value), read(b, e.count), (value: any, count: number) => {
    if (!(count >= 0)) return panic("P009", `an array of ${count} elements`);
    if (count > ELEMENTS_MAX) return panic("P006", `out of memory: an array of ${count} elements`);
    if (!roomFor(WORD * count, panic)) return undefined;
    const isPlain = isShared || typeof value !== "object" || value === null;
    return new Slice(isPlain ? new Array(count).fill(value) : Array.from({ length: count }, () => clone(value)), kind);
  }, May.Stop);
}

export function tupleLiteral(b: Builder, e: TupleLit): Node {
  const layout = layoutOfTuple(e.elems.length);
  return b.applyN(e.elems.map((x) => owned(b, x)), (values) => layout.construct(values), May.Never,
    inlineConstruct(layout.cls));
}

export function mapLiteral(b: Builder, e: MapLit): Node {
  const type = b.typeOf(e);
  const [of] = (type as Type & { k: "builtin" }).args;
  const key = keyOf(of!);
  const copy = keyCopier(of!) ?? itself;
  const operands = e.entries.flatMap((x) => [owned(b, x.key), owned(b, x.value)]);
  return applyN(b, operands, (values) => {
    const map = new MapValue();
    for (let i = 0; i < values.length; i += 2) map.entries.set(key(values[i]), [copy(values[i]), values[i + 1]]);
    return map;
  }, May.Never);
}

export function range(b: Builder, e: Range): Node {
  const low = read(b, e.low!);
  if (e.high === null) return b.apply1(low, (x: any) => new RangeValue(x, END_OF_INTEGERS), May.Never);
  const high = read(b, e.high);
  const make = e.inclusive ? (x: any, y: any) => new RangeValue(x, successor(y))
    : (x: any, y: any) => new RangeValue(x, y);
  return b.apply2(low, high, make, May.Never);
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

/** How a variant of an enum with a payload is made, as text. */
export function inlineVariant(v: VariantRef): Inline | undefined {
  if (v.type.k !== "enum") return undefined;
  const layout = layoutOfVariant(v.type.decl, v.index);
  return layout.shared === null ? inlineConstruct(layout.cls) : undefined;
}

export function variantConstant(v: VariantRef): Node {
  return constantNode(variantMaker(v)([]));
}

/** Where the fields of a literal go, and the defaults of those it leaves out. */
export function structLiteral(b: Builder, e: StructLit): Node {
  let layout: ClassLayout | null = null;
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
  const construct = layout === null || layout.shared !== null ? undefined : inlineConstruct(layout.cls);
  if (inOrder) return b.applyN(operands, make, May.Never, construct);
  const sorted = construct === undefined ? undefined : (t: Text, ...values: string[]) =>
    construct(t, ...places.map((_, i) => values[places.indexOf(i)]!));
  return b.applyN(operands, (values) => {
    const fields = new Array(values.length);
    for (let i = 0; i < places.length; i++) fields[places[i]!] = values[i];
    return make(fields);
  }, May.Never, sorted);
}
