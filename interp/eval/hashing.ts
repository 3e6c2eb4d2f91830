// Canonical keys: what a value is filed under in a Map or Set. Equal values have equal keys, unequal ones do not.
// Scalars and strings are their own keys; compound values become text with every length written, so that no two
// values can run together. References, functions and handles are keys by identity.
import type { Type } from "../syntax/ast.ts";
import { typeKey } from "../sema/types.ts";
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
      if (t.of.k === "optional" || t.of.k === "null") return writer(t);
      const inner = keyOf(t.of);
      return inner === itself ? itself : (v) => (v === null ? null : inner(v));
    }
    default: return writer(t);
  }
}

const cache = programCache<Writer>();

const DEEP = 1000;
let depth = 0;

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
    let made: Writer | null = null;
    found = (v) => {
      if (depth >= DEEP) return identity(v);
      depth++;
      const out = (made ??= build(t))(v);
      depth--;
      return out;
    };
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
    const parts = [...v.entries.values()].map(([k, x]) => key(k) + value(x)).sort();
    return `${parts.length}{${parts.join("")}`;
  };
}

function set(element: Writer): Writer {
  return (v: SetValue) => {
    const parts = [...v.entries.values()].map(element).sort();
    return `${parts.length}{${parts.join("")}`;
  };
}

/** By name and payload, as equality is. */
function writeError(e: ErrorValue): string {
  const types = errorPayload(e.set, e.tag);
  const parts = e.payload.map((v, i) => (types === null ? writeLoose(v) : writer(types[i]!)(v)));
  return `${writeString(e.name)}${parts.length}(${parts.join("")}`;
}

/** Without a static type: only for the payloads of open errors. */
function writeLoose(v: any): string {
  return typeof v === "string" ? writeString(v) : typeof v === "object" ? identity(v) : `${v};`;
}
