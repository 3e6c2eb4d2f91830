// Slices. What stores an element stores a copy where the type is a value type; what takes one out moves it.
// A view that grows or shrinks gets elements of its own first; elements that have moved to memory shared between
// fibers cannot grow or shrink at all.
import type { Type } from "../../syntax/ast.ts";
import { copier, copyAll } from "../clone.ts";
import { type Fault, type Intrinsic, readOnly, type Site } from "../faults.ts";
import { add, mul } from "../integers.ts";
import { showOf } from "../show.ts";
import { machine } from "../machine.ts";
import { isFrozen } from "../snapshot.ts";
import { roomForText } from "./strings.ts";
import { elementKind, Slice, Some, VOID } from "../values.ts";
import { roomFor, WORD } from "../room.ts";

export const FIXED = "P013";

/** The type of the elements of the first argument. */
function elementType(site: Site): Type {
  const t = site.types[0]!;
  const slice = t.k === "pointer" ? t.to : t;
  if (slice.k === "slice" || slice.k === "array") return slice.of;
  throw new Error(`an intrinsic of slices on ${t.k}`);
}

const ownCopy = (site: Site): ((v: any) => any) => copier(elementType(site)) ?? ((v) => v);

/** May the elements change? They may not in what a spawn carried in and in module-level values. */
function changeable(s: Slice, fault: Fault): boolean {
  if (!isFrozen(s.root)) return true;
  readOnly(fault, s);
  return false;
}

/** Makes the slice ready to change its length: true unless it cannot. */
function resizable(s: Slice, fault: Fault): boolean {
  if (!changeable(s, fault)) return false;
  if (s.root.fixed && s.root !== s) {
    fault(FIXED, "this slice is that of a fixed array, so its length is fixed: clone() it first");
    return false;
  }
  if (s.root === s) {
    if (s.shared === null) return true;
    fault(FIXED, "this slice is shared between fibers, so its length is fixed: clone() it first");
    return false;
  }
  s.detach();
  return true;
}

const outOfBounds = (fault: Fault, i: any, len: number): undefined =>
  fault("P001", `index ${i} is out of bounds: the length is ${len}`);

function sliceOf(fault: Fault): (s: Slice, i: number, j: number) => Slice | undefined {
  return (s, i, j) => {
    if (!(i >= 0 && i <= j && j <= s.len)) {
      return fault("P001", `slice ${i}..${j} is out of bounds: the length is ${s.len}`);
    }
    return s.view(s.kind, i, j - i);
  };
}

/** `xs ++ ys`: a new slice of copies. */
export function concatOf(of: Type, fault: Fault): (s: Slice, other: Slice) => Slice | undefined {
  const copy = copyAll(of);
  return (s, other) => {
    if (!roomFor(WORD * (s.len + other.len), fault)) return undefined;
    return new Slice(copy(s.toArray().concat(other.toArray())), s.kind);
  };
}

// ---------------------------------------------------------------- order

const smaller = (a: any, b: any): number => (a < b ? -1 : a > b ? 1 : 0);

/** Sorts the elements of a scalar type in place; numbers in one typed array when all are plain. */
function sortElements(t: Type, elements: any[]): any[] {
  if (t.k === "string") return elements.sort(smaller);
  if (elements.length < 32 || t.k === "bool" || elements.some((x) => typeof x !== "number")) {
    return elements.sort(t.k === "float" ? (a, b) => floatOrder(a, b) : smaller);
  }
  const numbers = Float64Array.from(elements).sort();
  for (let i = 0; i < numbers.length; i++) elements[i] = numbers[i]!;
  return elements;
}

/** As typed arrays sort: NaN last, -0.0 before 0.0. */
function floatOrder(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return a !== 0 ? 0 : Object.is(a, b) ? 0 : Object.is(a, -0) ? -1 : 1;
  return Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : -1;
}

const isScalar = (t: Type): boolean => t.k === "int" || t.k === "float" || t.k === "string" || t.k === "bool";

function writeBack(s: Slice, elements: any[], at = 0): void {
  if (s.root.shared === null && s.off === 0) {
    for (let i = 0; i < elements.length; i++) s.a[at + i] = elements[i];
  } else {
    for (let i = 0; i < elements.length; i++) s.put(at + i, elements[i]);
  }
}

/** The first `count` elements of two sorted lists, of equal ones those of the first; and how many are from there. */
function merge(a: any[], b: any[], count: number, isFloat: boolean): { elements: any[]; fromFirst: number } {
  const elements = new Array(count);
  let i = 0;
  let j = 0;
  for (let k = 0; k < count; k++) {
    const takesFirst = i < a.length && (j >= b.length || (isFloat ? floatOrder(a[i], b[j]) <= 0 : a[i] <= b[j]));
    elements[k] = takesFirst ? a[i++] : b[j++];
  }
  return { elements, fromFirst: i };
}

/** Elements that are sorted at one go: a few milliseconds. The fiber may give way between two such calls. */
const RUN_OF_NUMBERS = 65_536;
const RUN_OF_STRINGS = 4096;

// ---------------------------------------------------------------- numbers

function fold(site: Site, start: number, op: "+" | "*"): (s: Slice) => any {
  const t = elementType(site);
  if (t.k === "float") {
    const step = op === "+" ? (a: number, b: number) => a + b : (a: number, b: number) => a * b;
    const round = t.bits === 32 ? Math.fround : (x: number) => x;
    return (s) => {
      let acc = start;
      for (let i = 0; i < s.len; i++) acc = round(step(acc, s.at(i)));
      return acc;
    };
  }
  if (t.k !== "int") throw new Error(`no sum of ${t.k}`);
  const step = (op === "+" ? add : mul)(t, site.rt.panic);
  return (s) => {
    let acc: any = start;
    for (let i = 0; i < s.len && acc !== undefined; i++) acc = step(acc, s.at(i));
    return acc;
  };
}

/** The value that memory set to zero would hold; undefined for types that have none. */
function zeroOf(t: Type): any {
  switch (t.k) {
    case "int": case "float": return 0;
    case "bool": return false;
    case "string": return "";
    case "optional": return null;
    default: return undefined;
  }
}

const MOST_ELEMENTS = 2 ** 31;

export const arrayIntrinsics: Record<string, Intrinsic> = {
  "array.len": () => (s: Slice) => s.len,

  "array.push": (site) => {
    const copy = copier(elementType(site));
    const { panic } = site.rt;
    return (s: Slice, v: any) => {
      if ((s.root !== s || s.shared !== null || isFrozen(s)) && !resizable(s, panic)) return undefined;
      s.push(copy === null ? v : copy(v));
      return VOID;
    };
  },

  "array.pop": (site) => {
    const { panic } = site.rt;
    const copy = ownCopy(site);
    const boxed = elementType(site).k === "optional";
    return (s: Slice) => {
      if (s.len === 0) return null;
      if ((s.root !== s || s.shared !== null || isFrozen(s)) && !resizable(s, panic)) return undefined;
      const v = s.remove(s.len - 1, copy);
      return boxed ? new Some(v) : v;
    };
  },

  "array.insert": (site) => {
    const copy = ownCopy(site);
    const { panic } = site.rt;
    return (s: Slice, i: number, v: any) => {
      if (!(i >= 0 && i <= s.len)) return outOfBounds(panic, i, s.len);
      if (!resizable(s, panic)) return undefined;
      s.insert(i, copy(v));
      return VOID;
    };
  },

  "array.remove": (site) => {
    const copy = ownCopy(site);
    const { panic } = site.rt;
    return (s: Slice, i: number) => {
      if (!(i >= 0 && i < s.len)) return outOfBounds(panic, i, s.len);
      if (!resizable(s, panic)) return undefined;
      return s.remove(i, copy);
    };
  },

  "array.clear": (site) => (s: Slice) => {
    if (!resizable(s, site.rt.panic)) return undefined;
    s.truncate(0);
    return VOID;
  },

  "array.truncate": (site) => (s: Slice, n: number) => {
    if (n < 0) return outOfBounds(site.rt.panic, n, s.len);
    if (n >= s.len) return VOID;
    if (!resizable(s, site.rt.panic)) return undefined;
    s.truncate(n);
    return VOID;
  },

  "array.extend": (site) => {
    const copy = copyAll(elementType(site));
    return (s: Slice, other: Slice) => {
      if (!roomFor(WORD * other.len, site.rt.panic)) return undefined;
      const more = copy(other.toArray());
      if (!resizable(s, site.rt.panic)) return undefined;
      for (let i = 0; i < more.length; i++) s.push(more[i]);
      return VOID;
    };
  },

  "array.reverse": (site) => (s: Slice) => {
    if (!changeable(s, site.rt.panic)) return undefined;
    writeBack(s, s.toArray().reverse());
    return s;
  },

  "array.slice": (site) => sliceOf(site.rt.panic),

  "array.copy": (site) => {
    const copy = copyAll(elementType(site));
    return (s: Slice) => {
      if (!roomFor(WORD * s.len, site.rt.panic)) return undefined;
      return new Slice(copy(s.toArray()), s.kind);
    };
  },

  "array.concat": (site) => concatOf(elementType(site), site.rt.panic),

  "array.join": (site) => {
    const of = elementType(site);
    const show = showOf(of);
    return (s: Slice, separator: string) => {
      // the host's own join makes one flat string, where adding piece by piece leaves a rope
      const parts: string[] = s.off === 0 && s.len === s.a.length && s.root.shared === null ? s.a : s.toArray();
      const shown = of.k === "string" ? parts : parts.map(show);
      let length = separator.length * s.len;
      for (let i = 0; i < shown.length; i++) length += shown[i]!.length;
      if (!roomForText(length, "the joined string is too long", site.rt.panic)) return undefined;
      return shown.join(separator);
    };
  },

  "array.sort_scalars": (site) => {
    const t = elementType(site);
    if (!isScalar(t)) return () => false;
    return (s: Slice, from = 0, to = s.len) => {
      if (!changeable(s, site.rt.panic)) return undefined;
      machine.red -= to - from;
      writeBack(s, sortElements(t, s.toArray(from, to)), from);
      return true;
    };
  },

  "array.sort_run": (site) => {
    const t = elementType(site);
    const run = !isScalar(t) ? 0 : t.k === "string" ? RUN_OF_STRINGS : RUN_OF_NUMBERS;
    return () => run;
  },

  // of two sorted runs of `from` the next `count` elements, to `to`: gives where the left run goes on
  "array.merge_scalars": (site) => {
    const isFloat = elementType(site).k === "float";
    return (from: Slice, to: Slice, left: number, middle: number, right: number, high: number, count: number) => {
      machine.red -= count;
      const out = left + right - middle;
      const rest = Math.min(high, right + count);
      const first = from.toArray(left, Math.min(middle, left + count));
      const merged = merge(first, from.toArray(right, rest), count, isFloat);
      writeBack(to, merged.elements, out);
      return left + merged.fromFirst;
    };
  },

  "array.scalar_position": (site) => {
    if (!isScalar(elementType(site))) return () => -2;
    return (s: Slice, value: any) => {
      if (s.shared === null && s.len === s.a.length) return s.a.indexOf(value);
      for (let i = 0; i < s.len; i++) if (s.at(i) === value) return i;
      return -1;
    };
  },

  "array.same": () => (a: Slice, b: Slice) => a.root === b.root && a.off === b.off && a.len === b.len,

  "array.sum": (site) => fold(site, 0, "+"),
  "array.product": (site) => fold(site, 1, "*"),

  "array.create": (site) => {
    const result = site.result;
    const of: Type = result.k === "slice" ? result.of : site.typeArgs[0]!;
    const zero = zeroOf(of);
    const kind = elementKind(of);
    return (n: number) => {
      if (zero === undefined) return site.rt.panic("P005", "elements of this type have no zero: use Array.filled");
      if (!(n >= 0)) return site.rt.panic("P009", `an array of ${n} elements`);
      if (n > MOST_ELEMENTS) return site.rt.panic("P006", `out of memory: an array of ${n} elements`);
      if (!roomFor(WORD * n, site.rt.panic)) return undefined;
      return new Slice(new Array(n).fill(zero), kind);
    };
  },
};
