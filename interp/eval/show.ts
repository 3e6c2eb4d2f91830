// What print shows, by static type, as Janus strings (bytes). Promises: numbers read back exactly; a string inside
// something else is quoted; an error is its bare name; data that refers to itself ends in `…`. Built once a type.
import type { Type } from "../syntax/ast.ts";
import { showType, typeKey } from "../sema/types.ts";
import { errorFields, fieldTypes, payloadTypes, programCache } from "./declarations.ts";
import {
  bytes, Cell, Dynamic, type ErrorValue, Failure, Handle, type MapValue, RangeValue, type Record_, type SetValue, Slice,
  Some,
} from "./values.ts";

/** The text of a value standing inside another one. */
type Shower = (v: any) => string;

const ELLIPSIS = bytes("…");
/** Values inside one another that are shown before the rest is left out. */
const DEEP = 1000;

const cache = programCache<Shower>();

/** The text of a value by itself: strings as they are. */
export function showOf(t: Type): (v: any) => string {
  switch (t.k) {
    case "string": return (v: string) => v;
    case "any": return (v: Dynamic) => showOf(v.of.type)(v.v);
    case "optional": {
      const of = showOf(t.of);
      if (t.of.k === "optional") return (v) => (v === null ? "null" : of((v as Some).v));
      return (v) => (v === null ? "null" : of(v));
    }
    case "result":
      if (t.ok.k === "string") return (v) => (v instanceof Failure ? showError(v.error) : v);
  }
  return inside(t);
}

// ---------------------------------------------------------------- numbers and strings

/** The shortest text that reads back as the same f64, with a point or an exponent. */
export function showFloat(x: number): string {
  if (Number.isInteger(x)) {
    if (Object.is(x, -0)) return "-0.0";
    const s = String(x);
    return s.includes("e") ? s.replace("e+", "e") : `${s}.0`;
  }
  if (Number.isNaN(x)) return "nan";
  if (x === Infinity) return "inf";
  if (x === -Infinity) return "-inf";
  return String(x);
}

/** The shortest text that reads back as the same f32. */
export function showFloat32(x: number): string {
  if (!Number.isFinite(x) || Number.isInteger(x) && Math.abs(x) < 16777216) return showFloat(x);
  for (let digits = 1; digits < 9; digits++) {
    const near = Number(x.toPrecision(digits));
    if (Math.fround(near) === x) return showFloat(near);
  }
  return showFloat(Number(x.toPrecision(9)));
}

const ESCAPES: Record<string, string> = {
  "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0", "\\": "\\\\", '"': '\\"',
};

/** A string as a Janus literal. */
export function quote(s: string): string {
  let plain = true;
  for (let i = 0; i < s.length && plain; i++) {
    const c = s.charCodeAt(i);
    plain = c >= 32 && c !== 34 && c !== 92 && c !== 127;
  }
  if (plain) return `"${s}"`;
  let out = '"';
  for (const c of s) {
    const code = c.charCodeAt(0);
    out += ESCAPES[c] ?? (code < 32 || code === 127 ? `\\u{${code.toString(16)}}` : c);
  }
  return `${out}"`;
}

// ---------------------------------------------------------------- by type

/** The text of a value as it stands inside another one: strings are quoted. */
export const showInside = (t: Type): (v: any) => string => inside(t);

function inside(t: Type): Shower {
  switch (t.k) {
    case "int": return (v) => `${v}`;
    case "float": return t.bits === 64 ? showFloat : showFloat32;
    case "bool": return (v) => (v ? "true" : "false");
    case "string": return quote;
    case "void": return () => "void";
    case "null": return () => "null";
    case "range": return (v: RangeValue) => `${v.low}..${v.end}`;
    case "error": case "error-any": return showError;
    case "func": return constant(t);
    case "builtin": if (t.decl.name !== "Map" && t.decl.name !== "Set") return constant(t);
  }
  const key = typeKey(t);
  let found = cache.get(key);
  if (found === undefined) {
    let made: Shower | null = null;
    found = bounded((v) => (made ??= build(t))(v));
    cache.set(key, found);
  }
  return found;
}

function constant(t: Type): Shower {
  const name = bytes(showType(t));
  return () => name;
}

function build(t: Type): Shower {
  switch (t.k) {
    case "optional": {
      const inner = inside(t.of);
      if (t.of.k === "optional" || t.of.k === "null") return (v) => (v === null ? "null" : inner((v as Some).v));
      return (v) => (v === null ? "null" : inner(v));
    }
    case "result": {
      const inner = inside(t.ok);
      return (v) => (v instanceof Failure ? showError(v.error) : inner(v));
    }
    case "slice": case "array": {
      const inner = inside(t.of);
      return (v: Slice) => {
        const parts: string[] = [];
        for (let i = 0; i < v.len; i++) parts.push(inner(v.at(i)));
        return `[${parts.join(", ")}]`;
      };
    }
    case "tuple": {
      const fields = t.elems.map(inside);
      return (v: Record_) => `(${fields.map((f, i) => f(v[`f${i}`])).join(", ")})`;
    }
    case "struct": {
      const names = t.decl.fields.map((field) => field.name);
      return record(bytes(t.decl.name), names, false, fieldTypes(t).map(inside));
    }
    case "enum": {
      const variants: (Shower | undefined)[] = t.decl.variants.map(() => undefined);
      return (v: Record_) => {
        const layout = v.layout;
        const tag = v.tag!;
        if (layout.fields.length === 0) return bytes(layout.name);
        return (variants[tag] ??=
          record(bytes(layout.name), layout.fields, layout.positional, payloadTypes(t, tag).map(inside)))(v);
      };
    }
    case "any": return (v: Dynamic) => inside(v.of.type)(v.v);
    case "pointer": {
      const to = inside(t.to);
      return reference(t.to.k === "struct" ? to : (v: Cell) => to(v.v));
    }
    case "builtin": {
      const first = inside(t.args[0]!);
      return t.decl.name === "Map" ? map(first, inside(t.args[1]!)) : set(first);
    }
    default: return constant(t);
  }
}

function record(name: string, names: string[], positional: boolean, fields: Shower[]): Shower {
  if (positional) return (v: Record_) => `${name}(${fields.map((f, i) => f(v[`f${i}`])).join(", ")})`;
  if (names.length === 0) return () => `${name} {}`;
  const labels = names.map((field, i) => `${i === 0 ? "" : ", "}${bytes(field)}: `);
  return (v: Record_) => {
    let out = `${name} { `;
    for (let i = 0; i < fields.length; i++) out += labels[i]! + fields[i]!(v[`f${i}`]);
    return `${out} }`;
  };
}

function map(key: Shower, value: Shower): Shower {
  return (v: MapValue) => {
    const parts: string[] = [];
    for (const [k, x] of v.entries.values()) parts.push(`${key(k)}: ${value(x)}`);
    return `{${parts.join(", ")}}`;
  };
}

function set(element: Shower): Shower {
  return (v: SetValue) => `{${[...v.entries.values()].map(element).join(", ")}}`;
}

/** An error by its bare name, with what it carries, and behind that what it is about. */
export function showError(e: ErrorValue): string {
  const shown = showBare(e);
  return e.about === null ? shown : `${shown}: ${e.about}`;
}

function showBare(e: ErrorValue): string {
  const name = bytes(e.name);
  if (e.payload.length === 0) return name;
  const fields = errorFields(e.set, e.tag);
  const parts = e.payload.map((v, i) => (fields === null ? showLoose(v) : inside(fields[i]!.type)(v)));
  // positional values are named by their numbers
  if (fields === null || fields[0]!.name === "0") return `${name}(${parts.join(", ")})`;
  return `${name} { ${parts.map((part, i) => `${bytes(fields[i]!.name)}: ${part}`).join(", ")} }`;
}

/** Without a static type, by what the value is: only for the payloads of open errors. */
function showLoose(v: any): string {
  if (typeof v === "string") return quote(v);
  if (typeof v === "number") return Number.isInteger(v) ? String(v) : showFloat(v);
  if (typeof v !== "object" || v === null) return String(v);
  if (v instanceof Slice) return `[${v.toArray().map(showLoose).join(", ")}]`;
  if (v instanceof Dynamic) return inside(v.of.type)(v.v);
  if (v instanceof Some) return showLoose(v.v);
  if (v instanceof RangeValue) return `${v.low}..${v.end}`;
  if (v instanceof Handle) return "handle";
  return bytes((v as Record_).layout?.name ?? "value");
}

// ---------------------------------------------------------------- cycles

let depth = 0;
const path = new Set<object>();
/** References shown so far by the outermost call: bounds what a graph with many ways through it can print. */
let followed = 0;
const MOST_REFERENCES = 10_000;

function bounded(shower: Shower): Shower {
  return (v) => {
    if (depth >= DEEP) return ELLIPSIS;
    if (depth === 0) followed = 0;
    depth++;
    const out = shower(v);
    depth--;
    return out;
  };
}

/** What a reference refers to; `…` when it is being shown already. */
function reference(shower: Shower): Shower {
  return (v: object) => {
    if (path.has(v) || ++followed > MOST_REFERENCES) return ELLIPSIS;
    path.add(v);
    const out = shower(v);
    path.delete(v);
    return out;
  };
}
