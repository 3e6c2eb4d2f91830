// How a Janus value looks inside the evaluator. Read this before any other file of eval.
//
//   integers (every width)   a JS number while |x| ≤ 2^53-1, a BigInt beyond: one representation for each value, always
//   f64, f32                 a JS number (f32 rounded by Math.fround)
//   bool                     true, false
//   void                     VOID
//   string                   a JS string whose code units are the UTF-8 *bytes*: `.len`, indexing and slicing by bytes
//                            are the host's own, and crossing a boundary is one latin1 copy. text()/bytes() convert.
//   ?T                       null or the value itself; a Some box only where T can itself be null: ?(?T)
//   T ! E                    the value itself or a Failure
//   struct, tuple            an instance of a class made by layouts.ts: fields f0, f1, …; a value type: copied when a
//                            mutable place is read into another place. *T is a reference to the same object
//   *T of a non-struct       a Cell
//   enum                     an instance with `tag` (position of the variant) and f0, f1, …; shared without payload
//   []T, [N]T                a Slice
//   any Trait                a Dynamic: the value and its type; a value type
//   func                     a Closure
//   Map, Set                 MapValue, SetValue
//   a..b                     RangeValue
//   shared handles           a Handle
//
// No Janus value is ever `undefined`: that is STOP, what a step gives back when it has no value to give (suspended or
// unwinding: machine.ts). Nothing but these may stand inside a Janus value.

import type { Type } from "../syntax/ast.ts";

export const STOP = undefined;
export const VOID = 0;

export const MAX_SAFE = Number.MAX_SAFE_INTEGER;

/** What is known of a struct, tuple or variant from outside: its name and its fields, in order. */
export interface Layout {
  /** shown by print: `P`, `Circle`; "" for a tuple. */
  name: string;
  /** field names; "0", "1", … for positional ones. */
  fields: string[];
  positional: boolean;
  /** the same in every VM: what stands for the class in encoded bytes. */
  key: string;
  /** position of the variant; -1 for structs and tuples. */
  tag: number;
  construct(fields: any[]): Record_;
}

/** A struct, tuple, or enum value: fields f0, f1, …; its class carries the layout. */
export interface Record_ {
  readonly layout: Layout;
  [field: `f${number}`]: any;
  /** enums only */
  readonly tag?: number;
  /** structs and tuples: epoch mark of the codec; negative: frozen (snapshot.ts). */
  mark: number;
}

/** A variable that a closure shares with its function, or the target of a pointer to a non-struct. */
export class Cell {
  v: any;
  mark = 0;
  constructor(v: any) {
    this.v = v;
  }
}

/** A type behind trait objects: one object for each in a program. */
export interface Concrete {
  readonly type: Type;
  readonly key: string;
}

/** A trait object: a value and its type. To a method that changes its receiver it is the receiver's cell. */
export class Dynamic extends Cell {
  of: Concrete;
  constructor(v: any, of: Concrete) {
    super(v);
    this.of = of;
  }
}

/** The box of ?(?T). */
export class Some {
  readonly v: any;
  constructor(v: any) {
    this.v = v;
  }
}

/** A value of an error set: `NotFound`, `Bad("x")`. */
export class ErrorValue {
  readonly name: string;
  /** key of the declaring set, "" for an open error. */
  readonly set: string;
  readonly tag: number;
  readonly payload: any[];
  /** raised by a nursery: all of its children that failed; not part of the value. */
  children: ChildFailure[] | null = null;
  /** what it is about, as the program gave it (a path, an address) and print shows it; null: nothing; not its value. */
  about: string | null = null;
  constructor(name: string, set: string, tag: number, payload: any[]) {
    this.name = name;
    this.set = set;
    this.tag = tag;
    this.payload = payload;
  }

  /** The same error with other values. */
  withPayload(payload: any[]): ErrorValue {
    const error = new ErrorValue(this.name, this.set, this.tag, payload);
    error.children = this.children;
    error.about = this.about;
    return error;
  }
}

/**
 * How a child of a nursery failed: what print shows of it (bytes), whether that is a panic, the child's name (bytes, ""
 * for none), the place where it was spawned (0: no child's, but of a block, a cleanup or a deadline), and the places it
 * passed, innermost first. The first one of a list is what was raised.
 */
export type ChildFailure = [
  what: string, panicked: boolean, name: string, spawned: number, trace: number[],
];

/** The error half of T ! E. trace: places (see machine.ts) that it passed through, innermost first. */
export class Failure {
  readonly error: ErrorValue;
  readonly trace: number[];
  /** raised at the `await` of this task: when the task's own nursery is left by it, it is the nursery's failure. */
  ofTask = 0;
  constructor(error: ErrorValue, trace: number[]) {
    this.error = error;
    this.trace = trace;
  }
}

/**
 * Elements of a slice of scalars in the core's arena, once it has crossed a fiber boundary: fixed length, one memory.
 */
export interface SharedElements {
  readonly kind: number; // element kind, as in the core's manifest
  readonly length: number;
  /** arena offset of the first element; the block is kept alive by this object. */
  readonly offset: number;
  get(i: number): any;
  set(i: number, v: any): void;
}

/**
 * []T and [N]T: `len` elements from `off` of the array `a`. A view (`a[i..j]`) shares `a` with its root. When a root of
 * scalars crosses a fiber boundary its elements move to shared memory and `a` is emptied, so an element that reads as
 * undefined sends every reader, views too, to the slow path that looks at root.shared.
 */
export class Slice {
  a: any[];
  /**
   * what the elements are when they are scalars (elementKind), so that they can be shared; 0: copied when they cross.
   */
  kind: number;
  off: number;
  len: number;
  root: Slice;
  shared: SharedElements | null = null; // roots only
  /** Of a root: there may be views of it (see "A root's length" below). */
  private viewed = false;
  /** Of a root: it is a fixed array, seen as a slice. */
  fixed = false;
  /** epoch mark of the codec; of a root that is negative: frozen (snapshot.ts). */
  mark = 0;
  constructor(a: any[], kind: number, off = 0, len = a.length, root: Slice | null = null) {
    this.a = a;
    this.kind = kind;
    this.off = off;
    this.len = len;
    this.root = root ?? this;
  }

  /** Element i, 0 ≤ i < len checked by the caller. */
  at(i: number): any {
    const v = this.a[this.off + i];
    if (v !== undefined) return v;
    const shared = this.root.shared;
    return shared === null ? undefined : shared.get(this.off + i);
  }

  put(i: number, v: any): void {
    const shared = this.root.shared;
    if (shared === null) this.a[this.off + i] = v;
    else shared.set(this.off + i, v);
  }

  /** The elements from `off` on as a slice of the same memory. */
  view(kind: number, off: number, len: number): Slice {
    this.root.viewed = true;
    return new Slice(this.a, kind, this.off + off, len, this.root);
  }

  /** The elements of a fixed array as a slice of the same memory, whose length stays what it is. */
  lend(kind: number, off: number, len: number): Slice {
    this.root.fixed = true;
    return this.view(kind, off, len);
  }

  // A root's length. The elements of one that there may be views of are memory that only ever gets longer: its first
  // `len` places are the root's. What makes it shorter leaves the places behind its end as they are, for its views to
  // keep; what makes it longer overwrites them, and adds a place only when there is none. So `a` is as long as the root
  // has been at most. Without views `a` holds the root's elements and no more.

  /** Puts an element behind the last. Constant. */
  push(v: any): void {
    if (this.viewed) this.a[this.len] = v;
    else this.a.push(v);
    this.len++;
  }

  /** Takes out element i; those behind it move down. copy: for what stands in two places then. Linear from i. */
  remove(i: number, copy: (v: any) => any): any {
    this.len--;
    if (!this.viewed) return i === this.len ? this.a.pop() : this.a.splice(i, 1)[0];
    const last = copy(this.a[this.len]);
    const [v] = this.a.splice(i, 1);
    this.a.splice(this.len, 0, last);
    return v;
  }

  /** Puts an element at i, 0 ≤ i ≤ len; those from there on move up. Linear from i. */
  insert(i: number, v: any): void {
    this.a.splice(i, 0, v);
    this.len++;
    // the place behind the old end is overwritten, and those behind it stay where they were
    if (this.viewed) this.a.splice(this.len, 1);
  }

  /** Keeps the first n elements, n ≤ len. */
  truncate(n: number): void {
    if (!this.viewed) this.a.length = n;
    this.len = n;
  }

  /** Makes a view a root with elements of its own. */
  detach(): void {
    this.a = this.toArray();
    this.off = 0;
    this.root = this;
  }

  /** A fresh JS array of the elements, or of those from `start` to before `end`. */
  toArray(start = 0, end = this.len): any[] {
    if (this.root.shared === null) return this.a.slice(this.off + start, this.off + end);
    const out = new Array(end - start);
    for (let i = start; i < end; i++) out[i - start] = this.at(i);
    return out;
  }
}

/** Numbers of the core's manifest for elements of shared memory. */
const KINDS: Record<string, number> = { u8: 1, i8: 2, u16: 3, i16: 4, u32: 5, i32: 6, u64: 7, i64: 8 };

/** The kind of the elements of a []T; 0 when T is no scalar. */
export function elementKind(t: Type): number {
  if (t.k === "int") return KINDS[t.name]!;
  if (t.k === "float") return t.bits === 32 ? 9 : 10;
  return t.k === "bool" ? 11 : 0;
}

/** One above the largest i64: the end of a range that has none. */
export const END_OF_INTEGERS = 2n ** 63n;

/** a..b over integers: end excluded, so it may lie one above the largest i64. */
export class RangeValue {
  readonly low: number | bigint;
  readonly end: number | bigint;
  constructor(low: number | bigint, end: number | bigint) {
    this.low = low;
    this.end = end;
  }
}

/**
 * Insertion-ordered map. `entries` is keyed by the value itself for scalars and strings, by its canonical text for
 * compound keys (hashing.ts); each entry holds the key as given and the value.
 */
export class MapValue {
  entries: Map<any, [any, any]>;
  mark = 0;
  constructor(entries: Map<any, [any, any]> = new Map()) {
    this.entries = entries;
  }
}

export class SetValue {
  entries: Map<any, any>;
  mark = 0;
  constructor(entries: Map<any, any> = new Map()) {
    this.entries = entries;
  }
}

/**
 * A function value: code is machine.ts's Code; cells and copies of what it captures, in the order of FnInfo.captures.
 */
export class Closure {
  readonly code: any;
  readonly captured: any[];
  mark = 0;
  constructor(code: any, captured: any[]) {
    this.code = code;
    this.captured = captured;
  }
}

/** What a Handle stands for. */
export const enum HandleKind {
  Channel = 0,
  Task = 1,
  Token = 2,
  Atomic = 3,
  Parker = 4,
  Mutex = 5,
  Ring = 6,
  Nursery = 7,
  Socket = 8,
}

/**
 * A shared handle: the only thing that two fibers may both hold and change. id: the core's, checked at every use; of a
 * task, its record's number, with the generation of the record.
 */
export class Handle {
  readonly kind: HandleKind;
  readonly id: number;
  readonly generation: number;
  constructor(kind: HandleKind, id: number, generation: number) {
    this.kind = kind;
    this.id = id;
    this.generation = generation;
  }
}

// ---------------------------------------------------------------- integers

/** The one representation of an exact integer. */
export function fromBig(x: bigint): number | bigint {
  // rounding takes no unsafe value to a safe one
  const n = Number(x);
  return n <= MAX_SAFE && n >= -MAX_SAFE ? n : x;
}

/** The next integer, exactly. */
export const successor = (x: number | bigint): number | bigint =>
  typeof x === "number" && x < MAX_SAFE ? x + 1 : fromBig(BigInt(x) + 1n);

// ---------------------------------------------------------------- strings

/** A byte order mark is a character like any other. */
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Janus string (bytes) → JS text. */
export function text(s: string): string {
  for (let i = 0; i < s.length; i++) {
    if (s.charCodeAt(i) > 127) return utf8.decode(Buffer.from(s, "latin1"));
  }
  return s;
}

/** JS text → Janus string (bytes). */
export function bytes(t: string): string {
  for (let i = 0; i < t.length; i++) {
    if (t.charCodeAt(i) > 127) return Buffer.from(t, "utf8").latin1Slice();
  }
  return t;
}
