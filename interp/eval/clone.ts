// Copies. `copyOf(t)` is value semantics: what assignment does to a struct, tuple or fixed array: the value and the
// values inside it are copied, references (slices, maps, *T, handles) are not. `clone` is the function of std: a deep
// copy that shares nothing with its argument but strings, functions and handles, and keeps sharing and cycles inside.
import type { Type } from "../syntax/ast.ts";
import { typeKey } from "../sema/types.ts";
import { fieldTypes, programCache } from "./declarations.ts";
import { type ClassLayout, layoutOfStruct, layoutOfTuple } from "./layouts.ts";
import { Cell, Dynamic, ErrorValue, Failure, MapValue, type Record_, SetValue, Slice, Some } from "./values.ts";

export type Copy = (v: any) => any;

const cache = programCache<Copy | null>();

const identity: Copy = (v) => v;

/** How a value of this type is copied by assignment; the value itself where nothing has to be. */
export const copyOf = (t: Type): Copy => copier(t) ?? identity;

/** The same, null where the value itself will do. */
export function copier(t: Type): Copy | null {
  switch (t.k) {
    case "struct": case "tuple": case "array": break;
    case "any": return copyObject;
    case "optional": {
      const inner = copier(t.of);
      if (inner === null) return null;
      if (t.of.k === "optional") return (v: Some | null) => (v === null ? null : new Some(inner(v.v)));
      return (v) => (v === null ? null : inner(v));
    }
    case "result": {
      const inner = copier(t.ok);
      return inner === null ? null : (v) => (v instanceof Failure ? v : inner(v));
    }
    default: return null;
  }
  const key = typeKey(t);
  let found = cache.get(key);
  if (found === undefined) {
    if (t.k === "struct" && open.size >= TYPES_OPEN_MAX) return copyLater(t);
    // a struct may hold itself, as an optional: what asks for its copy while that is being made gets it later
    let isRecursive = false;
    cache.set(key, (v) => cache.get(key)!(v));
    open.set(key, () => (isRecursive = true));
    found = build(t, () => isRecursive);
    open.delete(key);
    cache.set(key, found);
  } else {
    open.get(key)?.();
  }
  return found;
}

/** A trait object is the value in it. */
const copyObject: Copy = (v: Dynamic) => new Dynamic(copyOf(v.of.type)(v.v), v.of);

/** The types whose copies are being made, and whom to tell that they are met inside themselves. */
const open = new Map<string, () => void>();

function build(t: Extract<Type, { k: "struct" | "tuple" | "array" }>, isRecursive: () => boolean): Copy {
  if (t.k === "array") return copyElements(copier(t.of));
  const types = t.k === "struct" ? fieldTypes(t) : t.elems;
  const layout = t.k === "struct" ? layoutOfStruct(t.decl) : layoutOfTuple(t.elems.length);
  const nested = types.map(copier);
  if (nested.every((copy) => copy === null)) return layout.copy;
  const copy = copyFields(layout, nested);
  return isRecursive() ? inSteps((part) => copyParts(part, nested), copy) : copy;
}

/** Types inside one another whose copies are made at once. */
const TYPES_OPEN_MAX = 20;

/** The copy of a struct that is made when the first value is copied: types may nest deeper than the host's stack. */
function copyLater(t: Extract<Type, { k: "struct" }>): Copy {
  let direct: Copy | null = null;
  let nested: (Copy | null)[] | null = null;
  return inSteps((part) => copyParts(part, nested ??= fieldTypes(t).map(copier)), (v) => (direct ??= copyOf(t))(v));
}

/** Values inside one another that are copied by recursion; the rest is copied from a list. */
const RECURSION_MAX = 60;
let depth = 0;
/** Copies whose parts are still those of the original, and what copies them. */
const pending: [Record_, (part: Record_) => void][] = [];

/** The copy of a type whose values may be nested deeper than the host's stack. */
function inSteps(copyPartsOf: (part: Record_) => void, direct: Copy): Copy {
  return (v: Record_) => {
    if (depth >= RECURSION_MAX) {
      const shallow = (v.layout as ClassLayout).copy(v);
      pending.push([shallow, copyPartsOf]);
      return shallow;
    }
    depth += 1;
    const made = direct(v);
    if (depth === 1) for (let next = pending.pop(); next !== undefined; next = pending.pop()) next[1](next[0]);
    depth -= 1;
    return made;
  };
}

function copyParts(part: Record_, nested: (Copy | null)[]): void {
  for (let i = 0; i < nested.length; i++) {
    const copy = nested[i]!;
    if (copy !== null) part[`f${i}`] = copy(part[`f${i}`]);
  }
}

/** One expression for each class, so that the copy is made by one construction. */
function copyFields(layout: ClassLayout, nested: (Copy | null)[]): Copy {
  const args = nested.map((copy, i) => (copy === null ? `v.f${i}` : `c${i}(v.f${i})`)).join(", ");
  const names = nested.flatMap((copy, i) => (copy === null ? [] : [`c${i}`]));
  const copies = nested.filter((copy) => copy !== null);
  const text = `/* ${layout.key.replaceAll("*/", "")} */ return (v) => new Record(${args});`;
  return new Function("Record", ...names, text)(layout.cls, ...copies) as Copy;
}

function copyElements(copy: Copy | null): Copy {
  if (copy === null) return (v: Slice) => new Slice(v.toArray(), v.kind);
  return (v: Slice) => {
    const elements = v.toArray();
    for (let i = 0; i < elements.length; i++) elements[i] = copy(elements[i]);
    return new Slice(elements, v.kind);
  };
}

/** Copies an array's elements in place, as values of type `of`. */
export function copyAll(of: Type): (elements: any[]) => any[] {
  const copy = copier(of);
  if (copy === null) return (elements) => elements;
  return (elements) => {
    for (let i = 0; i < elements.length; i++) elements[i] = copy(elements[i]);
    return elements;
  };
}

/** A struct, tuple or fixed array takes the parts of another, so that references to it see the change. */
export function assignInto(target: any, value: any): void {
  if (target === value) return;
  if (target instanceof Slice) {
    for (let i = 0; i < target.len; i++) target.put(i, value.at(i));
  } else {
    ((target as Record_).layout as ClassLayout).assign(target, value);
  }
}

// ---------------------------------------------------------------- clone

/** Deep copy by what the values are. Goes through long chains of references without using the host's stack. */
export function clone(value: any): any {
  if (typeof value !== "object" || value === null) return value;
  const made = new Map<object, object>();
  /** copies whose parts are still those of the original. */
  const pending: object[] = [];
  const copyRef = (v: any): any => {
    if (typeof v !== "object" || v === null) return v;
    const known = made.get(v);
    if (known !== undefined) return known;
    const copy = shell(v);
    if (copy === v) return v;
    made.set(v, copy);
    pending.push(copy);
    return copy;
  };
  const root = copyRef(value);
  while (pending.length > 0) fill(pending.pop()!, copyRef);
  return root;
}

/** A new object of the same kind that still holds the original's parts; the value itself when it is not copied. */
function shell(v: any): any {
  if (v instanceof Slice) return new Slice(v.toArray(), v.kind);
  if (v instanceof MapValue) return new MapValue(new Map(v.entries));
  if (v instanceof SetValue) return new SetValue(new Map(v.entries));
  if (v instanceof Dynamic) return new Dynamic(v.v, v.of);
  if (v instanceof Cell) return new Cell(v.v);
  if (v instanceof Some) return new Some(v.v);
  if (v instanceof Failure) return v;
  if (v instanceof ErrorValue) return v.payload.length === 0 ? v : v.withPayload(v.payload.slice());
  const layout = (v as Record_).layout as ClassLayout | undefined;
  // ranges, functions and handles never change
  if (layout === undefined) return v;
  return layout.copy(v);
}

function fill(v: any, copyRef: (part: any) => any): void {
  if (v instanceof Slice) {
    const elements = v.a;
    if (typeof elements[0] !== "object" && elements.every((x) => typeof x !== "object")) return;
    for (let i = 0; i < elements.length; i++) elements[i] = copyRef(elements[i]);
  } else if (v instanceof MapValue) {
    const entries = [...v.entries];
    v.entries.clear();
    // a key that is an object is a reference, filed under itself
    for (const [key, entry] of entries) v.entries.set(copyRef(key), [copyRef(entry[0]), copyRef(entry[1])]);
  } else if (v instanceof SetValue) {
    const entries = [...v.entries];
    v.entries.clear();
    for (const [key, element] of entries) v.entries.set(copyRef(key), copyRef(element));
  } else if (v instanceof ErrorValue) {
    for (let i = 0; i < v.payload.length; i++) v.payload[i] = copyRef(v.payload[i]);
  } else if (v instanceof Cell) {
    v.v = copyRef(v.v);
  } else if (v instanceof Some) {
    // the one class whose part cannot be replaced from outside its constructor
    (v as { v: any }).v = copyRef(v.v);
  } else {
    const n = (v as Record_).layout.fields.length;
    if (Object.isFrozen(v)) return;
    for (let i = 0; i < n; i++) v[`f${i}`] = copyRef(v[`f${i}`]);
  }
}
