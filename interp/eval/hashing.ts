// Canonical keys: what a value is filed under in a Map or Set. Equal values have equal keys, unequal ones do not.
// Scalars and strings are their own keys; compound values become text with every length written, so that no two
// values can run together. References, functions and handles are keys by identity.
import type { Type } from "../syntax/ast.ts";
import { isTooLarge, typeKey } from "../sema/types.ts";
import { clone, copier, type Copy } from "./clone.ts";
import { errorPayload, fieldTypes, payloadTypes, programCache } from "./declarations.ts";
import { type Dynamic, type ErrorValue, Failure, type Handle, type MapValue, type RangeValue, type Record_,
  type SetValue, type Slice, type Some } from "./values.ts";

export type KeyOf = (v: any) => any;
type Writer = (v: any) => string;

/** The keyOf of types whose values are their own keys. */
export const itself: KeyOf = (v) => v;

/** From a value to its key. */
export function keyOf(t: Type): KeyOf {
  switch (t.k) {
    case "int": case "bool": case "string": case "float": case "pointer": case "func": case "null": case "void":
      return itself;
    case "optional": {
      // null is no key of T, so T's own keys serve
      if (t.of.k === "optional" || t.of.k === "null") return whole(writer(t));
      const inner = keyOf(t.of);
      return inner === itself ? itself : (v) => (v === null ? null : inner(v));
    }
    default: return whole(writer(t));
  }
}

/**
 * What a map or set keeps of a key, and what it gives of it: a copy of its own where somebody could change in place
 * what it is filed under. Null where the value itself will do. Keys with references in them are filed by what these
 * are, and keep them.
 */
export function keyCopier(t: Type): Copy | null {
  const key = typeKey(t);
  let found = copiers.get(key);
  if (found === undefined) copiers.set(key, (found = makeKeyCopier(t)));
  return found;
}

function makeKeyCopier(t: Type): Copy | null {
  // what they hold is known of each value only
  if (t.k === "any") {
    const copy = copier(t)!;
    return (v: Dynamic) => (holdsElements(v.of.type) ? clone(v) : copy(v));
  }
  if (t.k === "error" || t.k === "error-any") {
    return (v: ErrorValue) => (errorPayload(v.set, v.tag)?.some(holdsElements) === true ? clone(v) : v);
  }
  return holdsElements(t) ? clone : copier(t);
}

const copiers = programCache<Copy | null>();

/** Whether values of a type hold slices, maps or sets, and no references. */
function holdsElements(t: Type): boolean {
  let found = false;
  const seen = new Set<string>();
  const pending = [t];
  for (let type = pending.pop(); type !== undefined; type = pending.pop()) {
    if (type.k === "pointer" || type.k === "func" || type.k === "any") return false;
    if (type.k === "slice" || type.k === "builtin") found = true;
    const key = typeKey(type);
    if (seen.has(key) || isTooLarge(type)) continue;
    seen.add(key);
    pending.push(...partTypes(type));
  }
  return found;
}

function partTypes(t: Type): Type[] {
  switch (t.k) {
    case "slice": case "array": case "optional": return [t.of];
    case "tuple": return t.elems;
    case "result": return [t.ok];
    case "struct": return fieldTypes(t);
    case "enum": return t.decl.variants.flatMap((_, tag) => payloadTypes(t, tag));
    case "builtin": return t.args;
    default: return [];
  }
}

const cache = programCache<Writer>();

/** Levels of a value that are written by recursion; the text of what lies deeper is made first, from a list. */
const DEEP = 500;
let depth = 0;
/** Parts written in this text. Where there are very many, they may be the same again and again: texts are then kept. */
let parts = 0;
const MANY = 100_000;
/** Texts that are known, of objects of this key. */
let known = new Map<object, string>();
/** Objects whose text is being made. One that is met in itself stands there by its identity. */
let open = new Set<object>();
/** Objects that lie too deep and have no text yet. */
let needed: [Writer, object][] = [];

/** The whole text of a value, however deep it nests. */
function whole(write: Writer): KeyOf {
  return (v) => {
    parts = 0;
    const text = write(v);
    if (needed.length === 0 && parts <= MANY) return text;
    const work: [Writer, object][] = [[write, v]];
    let made = text;
    while (work.length > 0) {
      const [writeNext, next] = work[work.length - 1]!;
      needed = [];
      open.delete(next);
      made = known.get(next) ?? writeNext(next);
      if (needed.length === 0) {
        known.set(next, made);
        work.pop();
      } else {
        open.add(next);
        work.push(...needed);
      }
    }
    known = new Map();
    open = new Set();
    return made;
  };
}

function guarded(write: Writer): Writer {
  const whenDeep: Writer = (v: object) => {
    const text = known.get(v);
    if (text !== undefined) return text;
    if (open.has(v)) return `${identity(v)};`;
    if (depth < DEEP) {
      open.add(v);
      depth++;
      const made = write(v);
      depth--;
      open.delete(v);
      if (needed.length === 0) known.set(v, made);
      return made;
    }
    needed.push([guardedWrite, v]);
    return "";
  };
  const guardedWrite: Writer = (v) => {
    if (++parts > MANY || depth >= DEEP) return whenDeep(v);
    depth++;
    const made = write(v);
    depth--;
    return made;
  };
  return guardedWrite;
}

const identities = new WeakMap<object, number>();
let nextIdentity = 1;

function identity(v: object | null): string {
  if (v === null) return "@0";
  let id = identities.get(v);
  if (id === undefined) identities.set(v, (id = nextIdentity++));
  return `@${id}`;
}

const writeString: Writer = (v: string) => `${v.length}:${v}`;
const writeHandle: Writer = (v: Handle) => `#${v.kind}.${v.id}.${v.generation};`;

/** Every text ends in a way that its own start announces: a list of them reads back in one way only. */
function writer(t: Type): Writer {
  switch (t.k) {
    case "int": case "bool": return (v) => `${v};`;
    case "float": return (v: number) => `${v + 0};`;
    case "string": return writeString;
    case "void": case "null": return () => ";";
    case "pointer": case "func": return (v) => `${identity(v)};`;
    case "range": return (v: RangeValue) => `${v.low}.${v.end};`;
    case "error": case "error-any": return writeError;
    case "builtin": if (t.decl.name !== "Map" && t.decl.name !== "Set") return writeHandle;
  }
  const key = typeKey(t);
  let found = cache.get(key);
  if (found === undefined) {
    // a type may contain itself: the entry stands before its parts are made
    let made: Writer | null = null;
    const write: Writer = (v) => (made ??= build(t))(v);
    // what an optional or a result holds is guarded itself
    found = t.k === "optional" || t.k === "result" ? write : guarded(write);
    cache.set(key, found);
  }
  return found;
}

function build(t: Type): Writer {
  switch (t.k) {
    case "optional": {
      const inner = writer(t.of);
      const boxed = t.of.k === "optional" || t.of.k === "null";
      return (v: any) => (v === null ? "n" : `s${inner(boxed ? (v as Some).v : v)}`);
    }
    case "result": {
      const inner = writer(t.ok);
      return (v: any) => (v instanceof Failure ? `e${writeError(v.error)}` : `o${inner(v)}`);
    }
    case "slice": case "array": {
      const inner = writer(t.of);
      return (v: Slice) => {
        let out = `${v.len}[`;
        for (let i = 0; i < v.len; i++) out += inner(v.at(i));
        return out;
      };
    }
    case "tuple": return record(t.elems.map(writer));
    case "struct": return record(fieldTypes(t).map(writer));
    case "any": return (v: Dynamic) => writeString(v.of.key) + writer(v.of.type)(v.v);
    case "enum": {
      const variants: (Writer | undefined)[] = t.decl.variants.map(() => undefined);
      return (v: Record_) => {
        const tag = v.tag!;
        return `${tag}|${(variants[tag] ??= record(payloadTypes(t, tag).map(writer)))(v)}`;
      };
    }
    case "builtin": {
      const first = writer(t.args[0]!);
      return t.decl.name === "Map" ? map(first, writer(t.args[1]!)) : set(first);
    }
    default: throw new Error(`a value of type ${t.k} cannot be a key`);
  }
}

function record(fields: Writer[]): Writer {
  return (v: Record_) => {
    let out = "";
    for (let i = 0; i < fields.length; i++) out += fields[i]!(v[`f${i}`]);
    return out;
  };
}

/** Two maps are equal whatever their order of insertion: so their entries are sorted. */
function map(key: Writer, value: Writer): Writer {
  return (v: MapValue) => {
    return sorted([...v.entries.values()], ([k, x]) => key(k) + value(x));
  };
}

function sorted<T>(entries: T[], write: (entry: T) => string): string {
  const texts = entries.map(write);
  return `${texts.length}{${texts.length === 1 ? texts[0] : texts.sort().join("")}`;
}

function set(element: Writer): Writer {
  return (v: SetValue) => {
    return sorted([...v.entries.values()], element);
  };
}

/**
 * By set, name and payload. An error without a declaration, which `==` takes for a declared one of its name, has no
 * set: what equals errors of two sets that differ from each other can have no key of either.
 */
function writeError(e: ErrorValue): string {
  const types = errorPayload(e.set, e.tag);
  let out = `${e.set}|${writeString(e.name)}${e.payload.length}(`;
  const writers = types === null ? null : payloadWriters(types);
  for (let i = 0; i < e.payload.length; i++) out += (writers?.[i] ?? writeLoose)(e.payload[i]);
  return out;
}

const ofPayloads = new WeakMap<Type[], Writer[]>();

function payloadWriters(types: Type[]): Writer[] {
  let made = ofPayloads.get(types);
  if (made === undefined) ofPayloads.set(types, (made = types.map(writer)));
  return made;
}

/** Without a static type: only for the payloads of open errors. */
function writeLoose(v: any): string {
  return typeof v === "string" ? writeString(v) : typeof v === "object" ? identity(v) : `${v};`;
}
