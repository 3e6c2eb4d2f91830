// `==` by static type: structural on everything but references, handles and functions, which are equal when they are
// the same. Built once for each type. Promises: no value makes it loop or use up the host's stack, however deep it
// is or wherever it contains itself.
import type { Type } from "../syntax/ast.ts";
import { typeKey } from "../sema/types.ts";
import { errorPayload, fieldTypes, payloadTypes, programCache } from "./declarations.ts";
import {
  Cell, Dynamic, ErrorValue, Failure, Handle, MapValue, SetValue, Slice, Some, type RangeValue, type Record_,
} from "./values.ts";

export type Equal = (a: any, b: any) => boolean;

const same: Equal = (a, b) => a === b;
const cache = programCache<Equal>();

/** Structural equality of two values of a type. */
export function equalOf(t: Type): Equal {
  switch (t.k) {
    case "int": case "float": case "bool": case "string": case "pointer": case "func": return same;
    case "void": case "null": return () => true;
    case "range": return (a: RangeValue, b: RangeValue) => a.low === b.low && a.end === b.end;
    case "error": case "error-any": return equalErrors;
    case "builtin": if (t.decl.name !== "Map" && t.decl.name !== "Set") return equalHandles;
  }
  const key = typeKey(t);
  let found = cache.get(key);
  if (found === undefined) {
    // a type may contain itself: the entry stands before its parts are made
    let made: Equal | null = null;
    found = (a, b) => (made ??= build(t))(a, b);
    cache.set(key, found);
  }
  return found;
}

function build(t: Type): Equal {
  switch (t.k) {
    case "optional": return optional(t.of);
    case "result": return result(t.ok);
    case "slice": case "array": return guarded(slices(equalOf(t.of)));
    case "tuple": return nested(t.elems.map(equalOf));
    case "struct": return nested(fieldTypes(t).map(equalOf));
    case "enum": return guarded(enums(t));
    case "any": return guarded((a: Dynamic, b: Dynamic) => a.of.key === b.of.key && equalOf(a.of.type)(a.v, b.v));
    case "builtin": return t.decl.name === "Map" ? guarded(maps(t)) : guarded(sets());
    default: throw new Error(`no equality for ${t.k}`);
  }
}

function optional(of: Type): Equal {
  const inner = equalOf(of);
  const boxed = of.k === "optional" || of.k === "null";
  if (boxed) return (a: Some | null, b: Some | null) => (a === null || b === null ? a === b : inner(a.v, b.v));
  return inner === same ? same : (a, b) => (a === null || b === null ? a === b : inner(a, b));
}

function result(ok: Type): Equal {
  const inner = equalOf(ok);
  return (a, b) => {
    const left = a instanceof Failure;
    const right = b instanceof Failure;
    return left || right ? left && right && equalErrors(a.error, b.error) : inner(a, b);
  };
}

function slices(inner: Equal): Equal {
  return (a: Slice, b: Slice) => {
    const n = a.len;
    if (n !== b.len) return false;
    if (a.root === b.root && a.off === b.off) return true;
    for (let i = 0; i < n; i++) if (!inner(a.at(i), b.at(i))) return false;
    return true;
  };
}

function records(fields: Equal[]): Equal {
  return (a: Record_, b: Record_) => {
    if (a === b) return true;
    for (let i = 0; i < fields.length; i++) if (!fields[i]!(a[`f${i}`], b[`f${i}`])) return false;
    return true;
  };
}

/** Records that hold nothing but scalars and references nest no deeper. */
function nested(fields: Equal[]): Equal {
  return fields.every((equal) => equal === same) ? records(fields) : guarded(records(fields));
}

function enums(t: Extract<Type, { k: "enum" }>): Equal {
  const variants: (Equal | undefined)[] = t.decl.variants.map(() => undefined);
  return (a: Record_, b: Record_) => {
    const tag = a.tag!;
    if (tag !== b.tag) return false;
    return (variants[tag] ??= records(payloadTypes(t, tag).map(equalOf)))(a, b);
  };
}

function maps(t: Extract<Type, { k: "builtin" }>): Equal {
  const inner = equalOf(t.args[1]!);
  return (a: MapValue, b: MapValue) => {
    if (a === b) return true;
    if (a.entries.size !== b.entries.size) return false;
    for (const [key, entry] of a.entries) {
      const other = b.entries.get(key);
      if (other === undefined || !inner(entry[1], other[1])) return false;
    }
    return true;
  };
}

function sets(): Equal {
  return (a: SetValue, b: SetValue) => {
    if (a.entries.size !== b.entries.size) return false;
    for (const key of a.entries.keys()) if (!b.entries.has(key)) return false;
    return true;
  };
}

function equalHandles(a: any, b: any): boolean {
  if (a === b) return true;
  return a instanceof Handle && b instanceof Handle && a.kind === b.kind && a.id === b.id &&
    a.generation === b.generation;
}

/** Errors are equal by name and payload; an open error equals a declared one of that name. */
export function equalErrors(a: ErrorValue, b: ErrorValue): boolean {
  if (a.name !== b.name || a.payload.length !== b.payload.length) return false;
  if (a.set !== "" && b.set !== "" && a.set !== b.set) return false;
  if (a.payload.length === 0) return true;
  const declared = a.set === "" ? b : a;
  const types = errorPayload(declared.set, declared.tag);
  return a.payload.every((v, i) => (types === null ? equalLoose : equalOf(types[i]!))(v, b.payload[i]));
}

/** Equality without a static type, by what the values are: only for the payloads of errors of unknown sets. */
function equalLoose(a: any, b: any): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a.constructor !== b.constructor) return false;
  if (a instanceof Handle) return equalHandles(a, b);
  if (a instanceof Dynamic) return a.of.key === b.of.key && equalOf(a.of.type)(a.v, b.v);
  if (a instanceof Cell) return false;
  if (a instanceof Some) return equalLoose(a.v, b.v);
  if (a instanceof ErrorValue) return equalErrors(a, b);
  if (a instanceof Slice) return slices(equalLoose)(a, b);
  if (a instanceof SetValue) return sets()(a, b);
  const layout = a.layout;
  if (layout === undefined) return false;
  return a.tag === b.tag && layout.fields.every((_: string, i: number) => equalLoose(a[`f${i}`], b[`f${i}`]));
}

// ---------------------------------------------------------------- depth

const DEEP = 500;
let depth = 0;
/** Pairs found deeper than DEEP, compared when the outermost call is done with what lies above them. */
let pending: [Equal, object, object][] = [];
/** Those that have been pending once: found again inside themselves they count as equal, so that cycles end. */
let seen: Map<object, Set<object>> | null = null;

/** Keeps the host's stack bounded: every comparison here asks that all parts be equal, so deep ones can wait. */
function guarded(compare: Equal): Equal {
  return (a, b) => {
    if (depth >= DEEP) {
      if (a !== b && isNew(a, b)) pending.push([compare, a, b]);
      return true;
    }
    depth++;
    let answer = compare(a, b);
    depth--;
    if (depth === 0 && pending.length > 0) {
      answer &&= allPending();
      pending = [];
      seen = null;
    }
    return answer;
  };
}

function isNew(a: object, b: object): boolean {
  seen ??= new Map();
  let partners = seen.get(a);
  if (partners === undefined) seen.set(a, (partners = new Set()));
  if (partners.has(b)) return false;
  partners.add(b);
  return true;
}

function allPending(): boolean {
  depth = 1;
  let answer = true;
  while (answer && pending.length > 0) {
    const [compare, a, b] = pending.pop()!;
    answer = compare(a, b);
  }
  depth = 0;
  return answer;
}
