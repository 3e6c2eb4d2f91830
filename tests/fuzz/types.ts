// The types of generated programs and their values in the reference evaluator: how a value is copied, compared, shown.
//
// Values: bigint for integers, number for floats, Text for strings, an array for what has parts (fixed array, tuple,
// struct), a Sequence for a slice (a reference), a Table for a map or a set, null or a Present for an optional.
import type { Random } from "./random.ts";

export interface StructType { k: "struct"; name: string; fields: { name: string; type: Type }[] }
export interface EnumType { k: "enum"; name: string; variants: { name: string; types: Type[] }[] }
export interface IntType { k: "int"; name: string; bits: number; signed: boolean }
export interface FuncType { k: "func"; params: Type[]; result: Type }
export type Type = IntType | { k: "f64" } | { k: "bool" } | { k: "string" } | { k: "slice"; of: Type }
  | { k: "fixed"; of: Type; length: number } | { k: "tuple"; of: Type[] } | { k: "optional"; of: Type }
  | { k: "map"; key: Type; of: Type } | { k: "set"; of: Type } | StructType | EnumType | FuncType;

// Which of them a value is, its type knows.
export type Value = any;
export class Sequence { constructor(public items: Value[]) {} }
export class Present { constructor(public readonly value: Value) {} }
/** Entries in order of insertion, found by the text of the key. */
export class Table { entries = new Map<string, [Value, Value]>(); }
export interface Variant { index: number; parts: Value[] }

const int = (name: string, bits: number, signed: boolean): IntType => ({ k: "int", name, bits, signed });
export const I64 = int("i64", 64, true);
export const U64 = int("u64", 64, false);
export const U8 = int("u8", 8, false);
export const INTS: IntType[] = [int("i8", 8, true), int("i16", 16, true), int("i32", 32, true), I64,
  int("isize", 64, true), U8, int("u16", 16, false), int("u32", 32, false), U64, int("usize", 64, false)];
export const F64: Type = { k: "f64" };
export const BOOL: Type = { k: "bool" };
export const STRING: Type = { k: "string" };
export const slice = (of: Type): Type => ({ k: "slice", of });
export const optional = (of: Type): Type => ({ k: "optional", of });

export const low = (t: IntType): bigint => (t.signed ? -(1n << BigInt(t.bits - 1)) : 0n);
export const high = (t: IntType): bigint => (1n << BigInt(t.signed ? t.bits - 1 : t.bits)) - 1n;
export const wrap = (t: IntType, x: bigint): bigint => (t.signed ? BigInt.asIntN(t.bits, x)
  : BigInt.asUintN(t.bits, x));

/** How the type is written; also what makes two types the same. */
export function typeText(t: Type): string {
  switch (t.k) {
    case "int": case "struct": case "enum": return t.name;
    case "slice": return `[]${typeText(t.of)}`;
    case "fixed": return `[${t.length}]${typeText(t.of)}`;
    case "tuple": return `(${t.of.map(typeText).join(", ")})`;
    case "optional": return `?${typeText(t.of)}`;
    case "map": return `Map[${typeText(t.key)}, ${typeText(t.of)}]`;
    case "set": return `Set[${typeText(t.of)}]`;
    case "func": return `func(${t.params.map(typeText).join(", ")}) -> ${typeText(t.result)}`;
    default: return t.k;
  }
}

export const same = (a: Type, b: Type): boolean => a === b || typeText(a) === typeText(b);

/** Types inside a type, itself included. */
export function within(t: Type): Type[] {
  switch (t.k) {
    case "slice": case "fixed": case "optional": case "set": return [t, ...within(t.of)];
    case "map": return [t, ...within(t.key), ...within(t.of)];
    case "tuple": return [t, ...t.of.flatMap(within)];
    case "struct": return [t, ...t.fields.flatMap((f) => within(f.type))];
    case "enum": return [t, ...t.variants.flatMap((v) => v.types.flatMap(within))];
    case "func": return [t, ...t.params.flatMap(within), ...within(t.result)];
    default: return [t];
  }
}

const isScalar = (t: Type): boolean => t.k === "int" || t.k === "f64" || t.k === "bool";

/** May a fiber take it along without a trace? A slice of scalars that crosses keeps its length for ever. */
export const canCross = (t: Type): boolean =>
  within(t).every((part) => part.k !== "func" && !(part.k === "slice" && isScalar(part.of)));

/** The copy that assigning, passing and capturing by a fiber make: parts of values are copied, references are not. */
export function copied(t: Type, v: Value): Value {
  switch (t.k) {
    case "fixed": return v.map((x: Value) => copied(t.of, x));
    case "tuple": return v.map((x: Value, i: number) => copied(t.of[i]!, x));
    case "struct": return v.map((x: Value, i: number) => copied(t.fields[i]!.type, x));
    case "optional": return v === null ? null : new Present(copied(t.of, v.value));
    case "enum": return { index: v.index, parts: v.parts.map((x: Value, i: number) =>
      copied(t.variants[v.index]!.types[i]!, x)) };
    default: return v;
  }
}

/** A value in which nothing is a reference. */
export const isPlain = (t: Type): boolean =>
  within(t).every((part) => part.k !== "func" && part.k !== "slice" && part.k !== "map" && part.k !== "set");

/** What crossing to another fiber and `clone` make: everything is copied. */
export function ownCopy(t: Type, v: Value): Value {
  switch (t.k) {
    case "slice": return new Sequence(v.items.map((x: Value) => ownCopy(t.of, x)));
    case "map": case "set": {
      const table = new Table();
      for (const [at, [key, x]] of v.entries) table.entries.set(at, [key, t.k === "map" ? ownCopy(t.of, x) : x]);
      return table;
    }
    case "fixed": return v.map((x: Value) => ownCopy(t.of, x));
    case "tuple": return v.map((x: Value, i: number) => ownCopy(t.of[i]!, x));
    case "struct": return v.map((x: Value, i: number) => ownCopy(t.fields[i]!.type, x));
    case "optional": return v === null ? null : new Present(ownCopy(t.of, v.value));
    case "enum": return { index: v.index, parts: v.parts.map((x: Value, i: number) =>
      ownCopy(t.variants[v.index]!.types[i]!, x)) };
    default: return v;
  }
}

/** A float as the shortest text that reads back. */
export function floatText(x: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "nan" : x > 0 ? "inf" : "-inf";
  if (Object.is(x, -0)) return "-0.0";
  const text = String(x).replace("e+", "e");
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function quoted(text: string): string {
  const escapes: Record<string, string> = { "\n": "\\n", "\t": "\\t", "\\": "\\\\", "\"": "\\\"" };
  return `"${text.replace(/[\n\t\\"]/g, (c) => escapes[c]!)}"`;
}

/** What `print` writes; a string inside something else is quoted. */
export function shown(t: Type, v: Value, inside = false): string {
  switch (t.k) {
    case "int": case "bool": return String(v);
    case "f64": return floatText(v);
    case "string": return inside ? quoted(v) : v;
    case "slice": return `[${v.items.map((x: Value) => shown(t.of, x, true)).join(", ")}]`;
    case "fixed": return `[${v.map((x: Value) => shown(t.of, x, true)).join(", ")}]`;
    case "tuple": return `(${v.map((x: Value, i: number) => shown(t.of[i]!, x, true)).join(", ")})`;
    case "optional": return v === null ? "null" : shown(t.of, v.value, inside);
    case "map": {
      const all = [...v.entries.values()].map(([key, x]: Value) =>
        `${shown(t.key, key, true)}: ${shown(t.of, x, true)}`);
      return `{${all.join(", ")}}`;
    }
    case "set": return `{${[...v.entries.values()].map(([x]: Value) => shown(t.of, x, true)).join(", ")}}`;
    case "struct": {
      const fields = t.fields.map((f, i) => `${f.name}: ${shown(f.type, v[i], true)}`);
      return `${t.name} { ${fields.join(", ")} }`;
    }
    case "enum": {
      const { name, types } = t.variants[v.index]!;
      if (types.length === 0) return name;
      return `${name}(${v.parts.map((x: Value, i: number) => shown(types[i]!, x, true)).join(", ")})`;
    }
    case "func": throw new Error("functions are not shown");
  }
}

/** Can values of the type be compared with `==`, so that equal values are shown the same? */
export const isComparable = (t: Type): boolean =>
  within(t).every((part) => part.k !== "func" && part.k !== "f64" && part.k !== "map" && part.k !== "set");

/** `==` on a comparable type. A null and the text "null" differ, hence the types. */
export function equal(t: Type, a: Value, b: Value): boolean {
  switch (t.k) {
    case "slice": return a.items.length === b.items.length
      && a.items.every((x: Value, i: number) => equal(t.of, x, b.items[i]));
    case "fixed": return a.every((x: Value, i: number) => equal(t.of, x, b[i]));
    case "tuple": return a.every((x: Value, i: number) => equal(t.of[i]!, x, b[i]));
    case "struct": return a.every((x: Value, i: number) => equal(t.fields[i]!.type, x, b[i]));
    case "optional": return a === null || b === null ? a === b : equal(t.of, a.value, b.value);
    case "enum": return a.index === b.index
      && a.parts.every((x: Value, i: number) => equal(t.variants[a.index]!.types[i]!, x, b.parts[i]));
    default: return a === b;
  }
}

/** A type for a variable or a part of one. */
export function anyType(r: Random, named: Type[], depth = 2): Type {
  const way = r.below(depth > 0 ? 20 : 9);
  const inner = (): Type => anyType(r, named, depth - 1);
  if (way < 3) return I64;
  if (way < 5) return r.pick(INTS);
  if (way < 6) return F64;
  if (way < 7) return BOOL;
  if (way < 9) return STRING;
  if (way < 12) return slice(inner());
  if (way < 13) return { k: "fixed", of: inner(), length: r.between(1, 4) };
  if (way < 14) return { k: "tuple", of: [inner(), inner()] };
  if (way < 16) {
    const of = inner();
    return of.k === "optional" ? of : optional(of);
  }
  if (way < 17) return { k: "map", key: r.pick([I64, STRING, U8]), of: inner() };
  if (way < 18) return { k: "set", of: r.pick([I64, STRING, U8]) };
  return named.length > 0 ? r.pick(named) : I64;
}
