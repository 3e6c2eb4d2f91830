// Which calls of the library may hold their worker for a millisecond and more, told by what they are given. The host
// does each of them in one piece, so what lies in this VM would wait until it is done; before such a call it is offered
// to workers that have nothing to do (core/src/scheduler.zig, `offer`).
import { MapValue, SetValue, Slice } from "../values.ts";

/** An element takes 10 to 100 ns. */
const MANY_ELEMENTS = 20_000;
/** A byte takes 1 to 20 ns. */
const MANY_BYTES = 100_000;

function isLarge(v: any): boolean {
  if (typeof v === "string") return v.length >= MANY_BYTES;
  if (v instanceof Slice) return v.len >= MANY_ELEMENTS;
  if (v instanceof MapValue || v instanceof SetValue) return v.entries.size >= MANY_ELEMENTS;
  return false;
}

const first = (v: any): boolean => isLarge(v);
const either = (v: any, w: any): boolean => isLarge(v) || isLarge(w);
const any = (...values: any[]): boolean => values.some(isLarge);

/** By the name of the intrinsic: whether a call with these arguments is long. */
export const longCalls: Record<string, (...values: any[]) => boolean> = {
  "str": any,
  "println": any,
  "print": any,
  "eprintln": any,
  "clone": first,
  "array.insert": first,
  "array.remove": first,
  "array.extend": (_, more) => isLarge(more),
  "array.reverse": first,
  "array.copy": first,
  "array.concat": either,
  "array.join": first,
  "array.scalar_position": first,
  "array.sum": first,
  "array.product": first,
  "array.create": (n) => n >= MANY_ELEMENTS,
  "string.split": first,
  "string.split_whitespace": first,
  "string.lines": first,
  "string.chars": first,
  "string.bytes": first,
  "string.to_upper": first,
  "string.to_lower": first,
  "string.contains": first,
  "string.index_of_any": first,
  "string.to_ascii_lower": first,
  "string.code_points": first,
  "string.from_bytes": first,
  "string.to_utf8": first,
  "string.quote": first,
  "string.replace": first,
  "string.reverse": first,
  "string.count": first,
  "string.index_of": first,
  "string.last_index_of": first,
  "string.repeat": (s, n) => s.length * Number(n) >= MANY_BYTES,
  "hash.sha256": first,
  "map.keys": first,
  "map.values": first,
  "set.values": first,
};
