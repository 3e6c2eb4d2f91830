// Maps and sets. Entries are filed under canonical keys (hashing.ts); what is stored or given out is a copy where its
// type is a value type, so that nothing outside can change what the map holds.
import type { Type } from "../../syntax/ast.ts";
import { copier } from "../clone.ts";
import { type Intrinsic, readOnly, type Site } from "../faults.ts";
import { itself, keyCopier, keyOf } from "../hashing.ts";
import { isFrozen } from "../snapshot.ts";
import { elementKind, MapValue, SetValue, Slice, Some, VOID } from "../values.ts";

/** The type arguments of the map or set: of the receiver, or of the result for `new`. */
function argumentTypes(site: Site): Type[] {
  const t = site.types[0] ?? site.result;
  const owner = t.k === "pointer" ? t.to : t;
  if (owner.k !== "builtin") throw new Error(`an intrinsic of maps on ${t.k}`);
  return owner.args;
}

const copyOrSame = (t: Type): ((v: any) => any) => copier(t) ?? ((v) => v);
const copyOrSameKey = (t: Type): ((v: any) => any) => keyCopier(t) ?? ((v) => v);
/** Neither copied when it is stored nor boxed in an optional. */
const isPlain = (t: Type): boolean => copier(t) === null && t.k !== "optional" && t.k !== "null";
/** What an optional of the type holds: a box where the value itself can be null. */
const wrapped = (t: Type): ((v: any) => any) => (t.k === "optional" || t.k === "null" ? (v) => new Some(v) : (v) => v);

export const mapIntrinsics: Record<string, Intrinsic> = {
  "map.new": () => () => new MapValue(),

  "map.get": (site) => {
    const [k, v] = argumentTypes(site) as [Type, Type];
    const key = keyOf(k);
    if (key === itself && isPlain(v)) {
      return (m: MapValue, at: any) => {
        const entry = m.entries.get(at);
        return entry === undefined ? null : entry[1];
      };
    }
    const copy = copyOrSame(v);
    const wrap = wrapped(v);
    return (m: MapValue, at: any) => {
      const entry = m.entries.get(key(at));
      return entry === undefined ? null : wrap(copy(entry[1]));
    };
  },

  "map.set": (site) => {
    const { panic } = site.rt;
    const [k, v] = argumentTypes(site) as [Type, Type];
    const key = keyOf(k);
    if (key === itself && isPlain(v)) {
      return (m: MapValue, at: any, value: any) => {
        if (isFrozen(m)) return readOnly(panic, m);
        const entry = m.entries.get(at);
        if (entry === undefined) m.entries.set(at, [at, value]);
        else entry[1] = value;
        return VOID;
      };
    }
    const copyKey = copyOrSameKey(k);
    const copy = copyOrSame(v);
    return (m: MapValue, at: any, value: any) => {
      if (isFrozen(m)) return readOnly(panic, m);
      const filed = key(at);
      const entry = m.entries.get(filed);
      if (entry === undefined) m.entries.set(filed, [copyKey(at), copy(value)]);
      else entry[1] = copy(value);
      return VOID;
    };
  },

  "map.has": (site) => {
    const key = keyOf(argumentTypes(site)[0]!);
    if (key === itself) return (m: MapValue, at: any) => m.entries.has(at);
    return (m: MapValue, at: any) => m.entries.has(key(at));
  },

  "map.remove": (site) => {
    const [k, v] = argumentTypes(site) as [Type, Type];
    const key = keyOf(k);
    const wrap = wrapped(v);
    return (m: MapValue, at: any) => {
      if (isFrozen(m)) return readOnly(site.rt.panic, m);
      const filed = key(at);
      const entry = m.entries.get(filed);
      if (entry === undefined) return null;
      m.entries.delete(filed);
      return wrap(entry[1]);
    };
  },

  "map.keys": (site) => {
    const [k] = argumentTypes(site);
    const copy = copyOrSameKey(k!);
    const kind = elementKind(k!);
    return (m: MapValue) => new Slice([...m.entries.values()].map((entry) => copy(entry[0])), kind);
  },

  "map.values": (site) => {
    const v = argumentTypes(site)[1]!;
    const copy = copyOrSame(v);
    const kind = elementKind(v);
    return (m: MapValue) => new Slice([...m.entries.values()].map((entry) => copy(entry[1])), kind);
  },

  "map.len": () => (m: MapValue) => m.entries.size,

  "map.clear": (site) => (m: MapValue) => {
    if (isFrozen(m)) return readOnly(site.rt.panic, m);
    m.entries.clear();
    return VOID;
  },

  "set.new": () => () => new SetValue(),

  "set.add": (site) => {
    const [t] = argumentTypes(site);
    const key = keyOf(t!);
    const copy = copyOrSameKey(t!);
    return (s: SetValue, value: any) => {
      if (isFrozen(s)) return readOnly(site.rt.panic, s);
      const filed = key(value);
      if (s.entries.has(filed)) return false;
      s.entries.set(filed, copy(value));
      return true;
    };
  },

  "set.has": (site) => {
    const key = keyOf(argumentTypes(site)[0]!);
    return (s: SetValue, value: any) => s.entries.has(key(value));
  },

  "set.remove": (site) => {
    const key = keyOf(argumentTypes(site)[0]!);
    return (s: SetValue, value: any) => (isFrozen(s) ? readOnly(site.rt.panic, s) : s.entries.delete(key(value)));
  },

  "set.values": (site) => {
    const [t] = argumentTypes(site);
    const copy = copyOrSameKey(t!);
    const kind = elementKind(t!);
    return (s: SetValue) => new Slice([...s.entries.values()].map(copy), kind);
  },

  "set.len": () => (s: SetValue) => s.entries.size,

  "set.clear": (site) => (s: SetValue) => {
    if (isFrozen(s)) return readOnly(site.rt.panic, s);
    s.entries.clear();
    return VOID;
  },
};
