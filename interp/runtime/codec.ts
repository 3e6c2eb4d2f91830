// Values as bytes: what crosses from fiber to fiber, and what a continuation becomes when it moves to another worker.
// Sharing and cycles inside one value are kept. Words of 8 bytes: a number is itself; everything else is a NaN whose
// upper half carries a tag and whose lower half carries a count, a length or an index.
//
// Two modes. A *message* copies: a view of a slice becomes a slice of its own elements. A *continuation* moves: views
// stay views, frames and what they share stay shared.
import { Code, type Frame, PanicValue, type Resume } from "../eval/code.ts";
import { concreteByKey } from "../eval/dynamic.ts";
import { type ClassLayout, layoutByKey } from "../eval/layouts.ts";
import { machine, newFrame } from "../eval/machine.ts";
import { freezeAll, FROZEN, isFrozen, isSharedMemory } from "../eval/snapshot.ts";
import {
  Cell, Closure, Dynamic, ErrorValue, Failure, Handle, MapValue, RangeValue, SetValue, Slice, Some,
} from "../eval/values.ts";
import { arenaBytes, arenaF64, arenaI32, arenaU32 } from "./memory.ts";
import { ELEMENT_BYTES, SharedMemory } from "./shared.ts";

/** Upper half of a word that is no number. A number's NaN is 0x7ff80000: it never looks like this. */
const TAGGED = 0xfffc0000 | 0;

const enum Tag {
  Null = 0,
  False = 1,
  True = 2,
  String = 3, // lower: bytes
  Big = 4, // then 8 bytes
  Again = 5, // lower: position of an object already written
  Record = 6, // lower: layout's number, then the fields
  Slice = 7, // lower: their number; then kind, elements
  View = 8, // then kind, off, len, root
  Shared = 9, // lower: arena offset of the block; then kind, its elements, off, len, handle
  Map = 10, // lower: entries; then key under which it stands, key, value
  Set = 11,
  Closure = 12, // lower: code's number; then count, captured
  Cell = 13,
  Some = 14,
  Error = 15, // then name, set, tag, payload
  Failure = 16, // the task it was awaited from; then error, trace
  Handle = 17, // lower: kind; then the core's number
  Range = 18,
  List = 19, // lower: elements (the evaluator's own lists)
  Frame = 20, // lower: code's number; then captured, slots
  Panic = 21,
  Undefined = 22,
  /** before an object that is frozen in a continuation, though what it stands in is not (eval/snapshot.ts). */
  Frozen = 23,
  /** before a slice that has got shorter, with what its views keep. lower: its length; the slice itself is longer */
  Cut = 24,
  // an object whose parts come later, after everything around it: what nests deep needs no deep host stack
  LaterRecord = 25, // lower: layout's number
  LaterSlice = 26, // lower: its number of elements; then kind
  LaterMap = 27,
  LaterSet = 28,
  LaterCell = 29,
  Dynamic = 30, // lower: number of its type's key; then the value
  LaterClosure = 31, // lower: code's number; then count
  LaterError = 32, // then name, set, tag, size of the payload
}

/** Objects that nest deeper than this in an encoding are written behind it. */
const NESTING_MAX = 400;

/** What the codec needs of the core: numbers for names that mean the same in every VM, blocks, references. */
export interface CodecHost {
  /** number of a text: the same in every VM. */
  intern(text: string): number;
  interned(id: number): string;
  /** the code with this interned key. */
  code(id: number): Code;
  codeId(code: Code): number;
  /** where encoding may write: byte offset and size. */
  scratch: number;
  scratchBytes: number;
  alloc(bytes: number): number;
  /** makes a block memory that fibers share: its handle, 0 when there is no room. */
  memory(block: number): number;
  /** keeps memory alive for as long as `owner` lives. fresh: the handle's first reference becomes the owner's. */
  keepMemory(handle: number, owner: object, fresh: boolean): void;
  /** a handle met while encoding or decoding. */
  wrap(kind: number, reference: number): Handle;
  /** the number by which the core counts references to it. */
  reference(handle: Handle): number;
}

export class OutOfMemory extends Error {}

/** A closure that captures a reference, met in a message or a spawn: its message says so. */
export class Uncrossable extends Error {}

let host: CodecHost;
export function useCodecHost(h: CodecHost): void {
  // their numbers are the core's, and another runtime's are others
  layouts.length = 0;
  layoutIds.clear();
  host = h;
}

const layouts: ClassLayout[] = [];
const layoutIds = new Map<ClassLayout, number>();

function layoutId(layout: ClassLayout): number {
  let id = layoutIds.get(layout);
  if (id === undefined) {
    id = host.intern(layout.key);
    layoutIds.set(layout, id);
    layouts[id] = layout;
  }
  return id;
}

// ---------------------------------------------------------------- encoding

/** Position of the next word, in words. */
let at = 0;
let limit = 0;
let first = 0;
/** Objects written since `base`: an object whose mark is ≥ base was written in this encoding, as number mark - base. */
let base = 1 - FROZEN;
let count = 0;
let moving = false;
let owning = false;
/** What is written stands in a frozen object, and its reader knows. */
let withinFrozen = false;
/** How deep the object being written nests; the objects whose parts are still to be written, in order. */
let nesting = 0;
let later: any[] = [];
/** Handles met: the block that this becomes keeps them alive. */
let handles: number[] = [];

function word(tag: Tag, low: number): void {
  if (at >= limit) throw new OutOfMemory();
  arenaI32[at * 2 + 1] = TAGGED | tag;
  arenaI32[at * 2] = low;
  at++;
}

function number(x: number): void {
  if (at >= limit) throw new OutOfMemory();
  arenaF64[at++] = x;
}

/** True when the object was written before; else it is marked as written now. A frozen one's mark is negative. */
function seen(v: { mark: number }): boolean {
  const frozen = isFrozen(v);
  const mark = frozen ? -v.mark : v.mark;
  if (mark >= base) {
    word(Tag.Again, mark - base);
    return true;
  }
  const now = base + count++;
  v.mark = frozen ? -now : now;
  return false;
}

function string(s: string): void {
  const words = (s.length + 7) >>> 3;
  if (at + 1 + words > limit) throw new OutOfMemory();
  word(Tag.String, s.length);
  arenaBytes.latin1Write(s, at * 8, s.length);
  at += words;
}

function write(v: any): void {
  switch (typeof v) {
    case "number":
      number(v);
      return;
    case "boolean":
      word(v ? Tag.True : Tag.False, 0);
      return;
    case "string":
      string(v);
      return;
    case "bigint":
      word(Tag.Big, v < 0n ? 1 : 0);
      word(Tag.Null, 0);
      arenaI32[at * 2 - 2] = Number(BigInt.asIntN(32, v));
      arenaI32[at * 2 - 1] = Number(BigInt.asIntN(32, v >> 32n));
      return;
    case "undefined":
      word(Tag.Undefined, 0);
      return;
    default:
      if (v === null) {
        word(Tag.Null, 0);
      } else if (moving && !withinFrozen && isFrozen(v)) {
        // what it leads to is frozen with it
        word(Tag.Frozen, 0);
        withinFrozen = true;
        write(v);
        withinFrozen = false;
      } else if (nesting < NESTING_MAX) {
        nesting++;
        writeObject(v);
        nesting--;
      } else {
        writeDeep(v);
      }
  }
}

/** An object that nests too deep: what decoding needs to make it, its parts later. */
function writeDeep(v: any): void {
  if (v.layout !== undefined && v.layout.shared === null) {
    if (v.layout.marked && seen(v)) return;
    word(Tag.LaterRecord, layoutId(v.layout));
  } else if (v instanceof Slice && (!isSharedMemory(v.root) || moving) && v.root === v && v.shared === null) {
    if (seen(v)) return;
    word(Tag.LaterSlice, kept(v));
    number(v.kind);
  } else if (v instanceof MapValue) {
    if (seen(v)) return;
    word(Tag.LaterMap, 0);
  } else if (v instanceof SetValue) {
    if (seen(v)) return;
    word(Tag.LaterSet, 0);
  } else if (v instanceof Cell && !(v instanceof Dynamic)) {
    if (seen(v)) return;
    word(Tag.LaterCell, 0);
  } else if (v instanceof Closure) {
    if (!moving && v.code.keeps !== "") throw new Uncrossable(v.code.keeps);
    if (seen(v)) return;
    word(Tag.LaterClosure, host.codeId(v.code));
    number(v.captured.length);
  } else if (v instanceof ErrorValue) {
    word(Tag.LaterError, 0);
    string(v.name);
    string(v.set);
    number(v.tag);
    number(v.payload.length);
  } else {
    // of these only so many can stand between two of the others
    writeObject(v);
    return;
  }
  later.push(v);
}

/** The parts of the objects that were put off, which may put off more. */
function writeLater(): void {
  for (let i = 0; i < later.length; i++) {
    const v = later[i];
    if (v.layout !== undefined) {
      const n = v.layout.fields.length;
      for (let f = 0; f < n; f++) write(v[FIELD[f] ?? `f${f}`]);
    } else if (v instanceof Slice) {
      const n = moving ? v.a.length : v.len;
      for (let e = 0; e < n; e++) write(v.a[e]);
    } else if (v instanceof MapValue) {
      number(v.entries.size);
      for (const [key, [k, x]] of v.entries) {
        write(key);
        write(k);
        write(x);
      }
    } else if (v instanceof SetValue) {
      number(v.entries.size);
      for (const [key, x] of v.entries) {
        write(key);
        write(x);
      }
    } else if (v instanceof Closure) {
      for (const c of v.captured) write(c);
    } else if (v instanceof ErrorValue) {
      for (const x of v.payload) write(x);
      write(v.children);
      write(v.about);
    } else {
      write(v.v);
    }
  }
}

function writeObject(v: any): void {
  if (v.layout !== undefined) {
    const layout: ClassLayout = v.layout;
    if (layout.marked && seen(v)) return;
    word(Tag.Record, layoutId(layout));
    const n = layout.fields.length;
    for (let i = 0; i < n; i++) write(v[FIELD[i] ?? `f${i}`]);
  } else if (v instanceof Slice) {
    slice(v);
  } else if (v instanceof Handle) {
    handle(v);
  } else if (v instanceof Closure) {
    if (!moving && v.code.keeps !== "") throw new Uncrossable(v.code.keeps);
    if (seen(v)) return;
    word(Tag.Closure, host.codeId(v.code));
    number(v.captured.length);
    for (const c of v.captured) write(c);
  } else if (v instanceof Dynamic) {
    if (seen(v)) return;
    word(Tag.Dynamic, host.intern(v.of.key));
    write(v.v);
  } else if (v instanceof Cell) {
    if (seen(v)) return;
    word(Tag.Cell, 0);
    write(v.v);
  } else if (v instanceof MapValue) {
    if (seen(v)) return;
    word(Tag.Map, v.entries.size);
    for (const [key, [k, x]] of v.entries) {
      write(key);
      write(k);
      write(x);
    }
  } else if (v instanceof SetValue) {
    if (seen(v)) return;
    word(Tag.Set, v.entries.size);
    for (const [key, x] of v.entries) {
      write(key);
      write(x);
    }
  } else if (v instanceof Some) {
    word(Tag.Some, 0);
    write(v.v);
  } else if (v instanceof ErrorValue) {
    word(Tag.Error, 0);
    string(v.name);
    string(v.set);
    number(v.tag);
    write(v.payload);
    write(v.children);
    write(v.about);
  } else if (v instanceof Failure) {
    word(Tag.Failure, v.ofTask);
    write(v.error);
    write(v.trace);
  } else if (v instanceof RangeValue) {
    word(Tag.Range, 0);
    write(v.low);
    write(v.end);
  } else if (v instanceof PanicValue) {
    word(Tag.Panic, v.ofTask);
    string(v.code);
    write(v.message);
    write(v.trace);
    write(v.children);
  } else if (Array.isArray(v)) {
    if (v[0] instanceof Code) frame(v);
    else {
      word(Tag.List, v.length);
      for (const x of v) write(x);
    }
  } else {
    throw new Error("a value that is no Janus data cannot cross");
  }
}

const FIELD = Array.from({ length: 16 }, (_, i) => `f${i}`);

function frame(f: Frame): void {
  if (f[1] >= base) {
    word(Tag.Again, f[1] - base);
    return;
  }
  f[1] = base + count++;
  const code: Code = f[0];
  word(Tag.Frame, host.codeId(code));
  write(f[2]);
  for (let i = 3; i < code.slots; i++) write(f[i]);
}

function slice(v: Slice): void {
  if (seen(v)) return;
  const root = v.root;
  // what moves with its fiber stays as it is: only a message makes memory of it that others share
  if (isSharedMemory(root) && !owning && (!moving || root.shared !== null)) {
    share(root);
    const shared = root.shared as SharedMemory;
    word(Tag.Shared, shared.offset);
    number(shared.kind);
    number(shared.length);
    number(v.off);
    number(v.len);
    number(shared.handle);
    handles.push(shared.handle);
    return;
  }
  if (moving && root !== v) {
    word(Tag.View, 0);
    number(v.kind);
    number(v.off);
    number(v.len);
    write(root);
    return;
  }
  const n = kept(v);
  word(Tag.Slice, n);
  number(v.kind);
  for (let i = 0; i < v.len; i++) write(v.at(i));
  for (let i = v.len; i < n; i++) write(v.a[i]);
}

/** The elements that are written of a root: where its views move with it, those that they keep, too. */
function kept(v: Slice): number {
  if (!moving || v.root !== v || v.shared !== null || v.a.length === v.len) return v.len;
  word(Tag.Cut, v.len);
  return v.a.length;
}

/** Moves the elements of a root to shared memory, once; from then on its length is fixed. */
export function share(root: Slice): void {
  if (root.shared !== null) return;
  const n = root.a.length; // with what views keep of one that has got shorter
  const bytes = n * ELEMENT_BYTES[root.kind]!;
  const offset = host.alloc(Math.max(bytes, 8));
  if (offset === 0) throw new OutOfMemory();
  const memory = host.memory(offset);
  if (memory === 0) throw new OutOfMemory();
  const shared = new SharedMemory(memory, root.kind, offset, n);
  for (let i = 0; i < n; i++) shared.set(i, root.a[i]);
  root.shared = shared;
  root.a.length = 0;
  host.keepMemory(memory, shared, true);
}

function handle(v: Handle): void {
  word(Tag.Handle, v.kind);
  const reference = host.reference(v);
  number(reference);
  handles.push(reference);
}

function begin(isMove: boolean): void {
  first = host.scratch >>> 3;
  at = first;
  limit = (host.scratch + host.scratchBytes) >>> 3;
  moving = isMove;
  owning = false;
  withinFrozen = false;
  // after an encoding that ran out of memory its marks must not look like this one's
  base += count;
  count = 0;
  nesting = 0;
  later = [];
  handles = [];
}

/** Ends an encoding: the bytes written, in the arena's scratch from host.scratch. */
function end(): Encoded {
  writeLater();
  later = [];
  base += count;
  count = 0;
  return { bytes: (at - first) * 8, handles };
}

export interface Encoded {
  bytes: number;
  handles: number[];
}

/** Encodes a value into the scratch area. own: it shares nothing, slices of scalars are copied too. */
export function encode(v: any, own = false): Encoded {
  begin(false);
  owning = own;
  write(v);
  const encoded = end();
  owning = false;
  return encoded;
}

/** What of a fiber moves with it besides its continuation. */
export interface Moving {
  stack: number;
  wait: number | [op: number, state: any];
  /** of its first function. A call in its last place leaves nothing of it in the continuation, so it moves by name. */
  frame: Frame | null;
  /** what it has inherited and set (machine.ts, Fiber.locals). */
  locals: readonly any[];
  /** the way out that its cleanup answers to. */
  unwinding: number;
  cont: any[];
}

export function encodeContinuation(m: Moving): Encoded {
  begin(true);
  number(m.stack);
  number(m.unwinding);
  write(m.wait);
  write(m.frame);
  write(m.locals);
  number(m.cont.length / 3);
  for (let i = 0; i < m.cont.length; i += 3) {
    const resume: Resume = m.cont[i];
    number(host.codeId(resume.code!));
    number(resume.id!);
    write(m.cont[i + 1]);
    write(m.cont[i + 2]);
  }
  return end();
}

// ---------------------------------------------------------------- decoding

let objects: any[] = [];
/** What is read is a snapshot, or a part of one. */
let freezing = false;
/** What an object that is being read is marked with. */
const fresh = (): number => (freezing ? FROZEN : 0);
/** Closures of a message: what they have captured is frozen when all of it is there. */
let closures: Closure[] = [];

function readNumber(): number {
  return arenaF64[at++]!;
}

function read(): any {
  const high = arenaI32[at * 2 + 1]!;
  if ((high & TAGGED) !== TAGGED) return arenaF64[at++];
  const low = arenaI32[at * 2]!;
  at++;
  switch ((high & 0xffff) as Tag) {
    case Tag.Null: return null;
    case Tag.False: return false;
    case Tag.True: return true;
    case Tag.Undefined: return undefined;
    case Tag.String: {
      const s = arenaBytes.latin1Slice(at * 8, at * 8 + low);
      at += (low + 7) >>> 3;
      return s;
    }
    case Tag.Big: {
      const lower = arenaU32[at * 2]!;
      const upper = low === 1 ? arenaI32[at * 2 + 1]! : arenaU32[at * 2 + 1]!;
      at++;
      return (BigInt(upper) << 32n) | BigInt(lower);
    }
    case Tag.Again: return objects[low];
    case Tag.Record: return readRecord(low);
    case Tag.Slice: {
      const kind = readNumber();
      const v = new Slice(new Array(low), kind);
      v.mark = fresh();
      objects.push(v);
      for (let i = 0; i < low; i++) v.a[i] = read();
      return v;
    }
    case Tag.View: {
      const position = objects.push(null) - 1;
      const kind = readNumber();
      const off = readNumber();
      const len = readNumber();
      const root: Slice = read();
      return (objects[position] = root.view(kind, off, len));
    }
    case Tag.Cut: {
      const v: Slice = read();
      v.len = low;
      return v;
    }
    case Tag.Shared: return readShared(low >>> 0);
    case Tag.Frozen: {
      // nothing frozen stands in what is already frozen
      freezing = true;
      const v = read();
      freezing = false;
      return v;
    }
    case Tag.Map: {
      const v = new MapValue();
      v.mark = fresh();
      objects.push(v);
      for (let i = 0; i < low; i++) {
        const key = read();
        const k = read();
        v.entries.set(key, [k, read()]);
      }
      return v;
    }
    case Tag.Set: {
      const v = new SetValue();
      v.mark = fresh();
      objects.push(v);
      for (let i = 0; i < low; i++) {
        const key = read();
        v.entries.set(key, read());
      }
      return v;
    }
    case Tag.Closure: {
      const v = new Closure(host.code(low), []);
      objects.push(v);
      closures.push(v);
      const n = readNumber();
      for (let i = 0; i < n; i++) v.captured.push(read());
      return v;
    }
    case Tag.Cell: {
      const v = new Cell(null);
      v.mark = fresh();
      objects.push(v);
      v.v = read();
      return v;
    }
    case Tag.Dynamic: {
      const v = new Dynamic(null, concreteByKey(host.interned(low)));
      v.mark = fresh();
      objects.push(v);
      v.v = read();
      return v;
    }
    case Tag.LaterRecord: {
      const layout = layoutOf(low);
      const v: any = layout.construct(new Array(layout.fields.length).fill(0));
      if (layout.marked) return putOff(v);
      later.push(v);
      return v;
    }
    case Tag.LaterSlice: {
      const kind = readNumber();
      return putOff(new Slice(new Array(low), kind));
    }
    case Tag.LaterMap: return putOff(new MapValue());
    case Tag.LaterSet: return putOff(new SetValue());
    case Tag.LaterCell: return putOff(new Cell(null));
    case Tag.LaterClosure: {
      const v = new Closure(host.code(low), new Array(readNumber()));
      objects.push(v);
      closures.push(v);
      later.push(v);
      return v;
    }
    case Tag.LaterError: {
      const name = read();
      const set = read();
      const tag = readNumber();
      const v = new ErrorValue(name, set, tag, new Array(readNumber()));
      later.push(v);
      return v;
    }
    case Tag.Some: return new Some(read());
    case Tag.Error: {
      const name = read();
      const set = read();
      const tag = readNumber();
      const error = new ErrorValue(name, set, tag, read());
      error.children = read();
      error.about = read();
      return error;
    }
    case Tag.Failure: {
      const failure = new Failure(read(), read());
      failure.ofTask = low;
      return failure;
    }
    case Tag.Handle: return host.wrap(low, readNumber());
    case Tag.Range: {
      const start = read();
      return new RangeValue(start, read());
    }
    case Tag.List: {
      const v = new Array(low);
      for (let i = 0; i < low; i++) v[i] = read();
      return v;
    }
    case Tag.Frame: {
      const code = host.code(low);
      const f = newFrame(code);
      objects.push(f);
      f[2] = read();
      for (let i = 3; i < code.slots; i++) f[i] = read();
      return f;
    }
    case Tag.Panic: {
      const code = read();
      const message = read();
      const panic = new PanicValue(code, message, read());
      panic.children = read();
      panic.ofTask = low;
      return panic;
    }
  }
}

const layoutOf = (id: number): ClassLayout => (layouts[id] ??= layoutByKey(host.interned(id)));

/** An object whose parts stand behind everything else. */
function putOff(v: { mark: number }): any {
  v.mark = fresh();
  objects.push(v);
  later.push(v);
  return v;
}

function readLater(): void {
  for (let i = 0; i < later.length; i++) {
    const v = later[i];
    if (v.layout !== undefined) {
      const n = v.layout.fields.length;
      for (let f = 0; f < n; f++) v[FIELD[f] ?? `f${f}`] = read();
    } else if (v instanceof Slice) {
      for (let e = 0; e < v.a.length; e++) v.a[e] = read();
    } else if (v instanceof MapValue) {
      for (let n = readNumber(); n > 0; n--) {
        const key = read();
        const k = read();
        v.entries.set(key, [k, read()]);
      }
    } else if (v instanceof SetValue) {
      for (let n = readNumber(); n > 0; n--) {
        const key = read();
        v.entries.set(key, read());
      }
    } else if (v instanceof Closure) {
      for (let c = 0; c < v.captured.length; c++) v.captured[c] = read();
    } else if (v instanceof ErrorValue) {
      for (let p = 0; p < v.payload.length; p++) v.payload[p] = read();
      v.children = read();
      v.about = read();
    } else {
      v.v = read();
    }
  }
  later = [];
}

function readRecord(id: number): any {
  const layout = layoutOf(id);
  const n = layout.fields.length;
  // a record may refer to itself through a reference: it must be there before its fields
  const v: any = layout.construct(new Array(n).fill(0));
  if (layout.marked) {
    v.mark = fresh();
    objects.push(v);
  }
  for (let i = 0; i < n; i++) v[FIELD[i] ?? `f${i}`] = read();
  return v;
}

/** Roots of shared slices of this VM by block, so that two views of one memory stay views of one memory. */
function readShared(offset: number): Slice {
  const position = objects.push(null) - 1;
  const kind = readNumber();
  const length = readNumber();
  const off = readNumber();
  const len = readNumber();
  const handle = readNumber();
  const shared = new SharedMemory(handle, kind, offset, length);
  host.keepMemory(handle, shared, false);
  const root = new Slice([], kind, 0, length);
  root.shared = shared;
  const v = off === 0 && len === length ? root : new Slice(root.a, kind, off, len, root);
  return (objects[position] = v);
}

function startReading(offset: number): void {
  at = offset >>> 3;
  objects = [];
  later = [];
  closures = [];
  freezing = false;
}

/**
 * Decodes the value at a byte offset of the arena. frozen: as a snapshot (eval/snapshot.ts). Else it is the reader's
 * own; but what a closure has captured belongs to whoever made it, and is frozen.
 */
export function decode(offset: number, frozen = false): any {
  startReading(offset);
  freezing = frozen;
  const v = read();
  readLater();
  freezing = false;
  if (!frozen && closures.length > 0) freezeAll(closures, null, true);
  closures = [];
  return v;
}

export function decodeContinuation(offset: number): Moving {
  startReading(offset);
  const stack = readNumber();
  const unwinding = readNumber();
  const wait: Moving["wait"] = read();
  const frame: Frame | null = read();
  const locals: any[] = read();
  const n = readNumber();
  const cont: any[] = [];
  for (let i = 0; i < n; i++) {
    const code = host.code(readNumber());
    if (code.tier < 0) code.prepare(machine.firstTier);
    const resume = code.resumes[readNumber()]!;
    cont.push(resume, read(), read());
  }
  readLater();
  return { stack, wait, frame, locals, unwinding, cont };
}
