// Values and continuations as bytes and back. Values of every kind keep what they are, what they share and their
// cycles; and no program can tell that its fibers moved at every suspension.
import { describe, expect, test } from "bun:test";
import { ptr } from "bun:ffi";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { filesMatching, ROOT } from "../../tests/runner/checkout.ts";
import { judge, readExpectations } from "../../tests/runner/expectations.ts";
import { run } from "../../tests/runner/process.ts";
import { Code, FIRST_LOCAL, PanicValue, type Resume } from "../eval/code.ts";
import { layoutOfStruct, layoutOfTuple, layoutOfVariant } from "../eval/layouts.ts";
import { newFrame } from "../eval/machine.ts";
import { freeze, FROZEN, isFrozen } from "../eval/snapshot.ts";
import { BOOL, F64, I64, STRING, TestProgram } from "../eval/testing.ts";
import {
  Cell, Closure, elementKind, ErrorValue, Failure, fromBig, Handle, HandleKind, MapValue, RangeValue, SetValue, Slice,
  Some,
} from "../eval/values.ts";
import {
  decode, decodeContinuation, encode, encodeContinuation, type Moving, OutOfMemory, useCodecHost,
} from "./codec.ts";
import { mapMemory } from "./memory.ts";
import { ELEMENT_BYTES } from "./shared.ts";

const SCRATCH = 8;
const SCRATCH_BYTES = 24 << 20;
const ARENA_BYTES = 32 << 20;

// ---------------------------------------------------------------- a core of its own: memory and names

const memory = new Uint8Array(ARENA_BYTES);
const names: string[] = [];
const codes: Code[] = [];
let next = SCRATCH + SCRATCH_BYTES;

function openMemory(): void {
  mapMemory(ptr(memory), ARENA_BYTES, ptr(memory), 64);
  useCodecHost({
    intern: (text) => (names.includes(text) ? names.indexOf(text) : names.push(text) - 1),
    interned: (id) => names[id]!,
    code: (id) => codes[id]!,
    codeId: (code) => (codes.includes(code) ? codes.indexOf(code) : codes.push(code) - 1),
    scratch: SCRATCH,
    scratchBytes: SCRATCH_BYTES,
    alloc: (bytes) => {
      const at = next;
      next += (bytes + 15) & ~7;
      return next > ARENA_BYTES ? 0 : at;
    },
    memory: (block) => block,
    keepMemory: () => {},
    wrap: (kind, reference) => new Handle(kind as HandleKind, reference, 0),
    reference: (handle) => handle.id,
  });
}

const program = new TestProgram();
const POINT = program.struct("Point", { x: F64, y: F64 });
const NODE = program.struct("Node", { value: I64 });
program.extend(NODE.decl, { next: { k: "optional", of: { k: "pointer", to: NODE } } });
const TREE = program.enum("Tree", { Leaf: [], Cons: [I64, STRING] });

const point = (x: number, y: number): any => layoutOfStruct(POINT.decl).construct([x, y]);
const link = (value: number, to: any): any => layoutOfStruct(NODE.decl).construct([value, to]);
const list = (...elements: any[]): Slice => new Slice(elements, 0);

function throughMessage(v: any): any {
  openMemory();
  encode(v);
  return decode(SCRATCH);
}

/** The same shape: parts equal, and what was one object is one object. */
function same(a: any, b: any, met = new Map<any, any>()): boolean {
  if (typeof a !== "object" || a === null) return Object.is(a, b);
  if (met.has(a)) return met.get(a) === b;
  met.set(a, b);
  if (b === null || typeof b !== "object" || a.constructor !== b.constructor) return false;
  if (a instanceof Slice) {
    if (a.len !== b.len || a.kind !== b.kind) return false;
    for (let i = 0; i < a.len; i++) if (!same(a.at(i), b.at(i), met)) return false;
    return true;
  }
  if (a instanceof MapValue || a instanceof SetValue) {
    const [x, y] = [[...a.entries], [...b.entries]];
    return x.length === y.length && x.every((entry, i) => same(entry, y[i], met));
  }
  if (a instanceof Closure && a.code !== b.code) return false;
  if (a instanceof Code) return a === b;
  const keys = Object.keys(a).filter((k) => k !== "mark" && k !== "root" && k !== "code");
  return keys.every((k) => same(a[k], b[k], met));
}

// ---------------------------------------------------------------- values

describe("values cross", () => {
  const big = [9007199254740993n, -9007199254740993n, 9223372036854775807n, -9223372036854775808n,
    18446744073709551615n, 9007199254740992n];
  const samples: Record<string, any> = {
    "whole numbers": list(0, 1, -1, 2 ** 53 - 1, -(2 ** 53) + 1, 4294967296, -2147483649),
    "wide numbers": list(...big.map(fromBig)),
    "floats": list(0.5, -0, NaN, Infinity, -Infinity, 5e-324, 1.7976931348623157e308),
    "truth and absence": list(true, false, null),
    "strings": list("", "a", "\u00c3\u00a9", "\u0000\u00ff", "x".repeat(100000)),
    "an optional of an optional": list(new Some(null), new Some(new Some(3)), null),
    "a struct": point(1.5, -0),
    "tuples": layoutOfTuple(3).construct([1, "b", null]),
    "variants": list(layoutOfVariant(TREE.decl, 0).construct([]), layoutOfVariant(TREE.decl, 1).construct([7, "s"])),
    "nested slices": list(list(1, 2), list(), list(list("deep"))),
    "a map": new MapValue(new Map<any, any>([["k", ["k", list(1)]], [3, [3, null]]])),
    "a set": new SetValue(new Map<any, any>([["k", "k"], [1, 1]])),
    "a range": new RangeValue(-5, 10),
    "a wide range": new RangeValue(9223372036854775806n, 9223372036854775808n),
    "an error": new ErrorValue("Bad", "0.1", 2, [1, "x"]),
    "a failure": new Failure(new ErrorValue("Bad", "", -1, []), [1, 2, 3]),
    "handles": list(new Handle(HandleKind.Channel, 5, 0), new Handle(HandleKind.Mutex, 6, 0)),
    "a panic": new PanicValue("P001", "index 3", [4, 5]),
    "a cell": new Cell(list(1)),
  };
  for (const [name, value] of Object.entries(samples)) {
    test(name, () => expect(same(value, throughMessage(value))).toBe(true));
  }

  test("a variant without payload is the shared one", () => {
    const leaf = layoutOfVariant(TREE.decl, 0).construct([]);
    expect(throughMessage(list(leaf)).at(0)).toBe(leaf);
  });

  test("a closure with what it captured", () => {
    const code = new Code("f0.1/0", "closure", () => 1);
    const got = throughMessage(new Closure(code, [1, new Cell("v")]));
    expect(got.code).toBe(code);
    expect(got.captured[1].v).toBe("v");
  });

  test("attached failures", () => {
    const failure = new Failure(new ErrorValue("A", "", -1, []), [1]);
    failure.error.children = [["A", false, "loader", 7, [1]], ["B", true, "", 8, [2]]];
    failure.ofTask = 5;
    const { error, ofTask } = throughMessage(failure);
    expect(error.children).toEqual(failure.error.children);
    expect(ofTask).toBe(5);
  });
});

describe("sharing", () => {
  test("one slice held twice stays one", () => {
    const inner = list("x");
    const got = throughMessage(list(inner, inner, list("x")));
    expect(got.at(0)).toBe(got.at(1));
    expect(got.at(0)).not.toBe(got.at(2));
  });

  test("a cycle of references", () => {
    const a = link(1, null);
    const b = link(2, a);
    a.f1 = b;
    const got = throughMessage(a);
    expect(got.f1.f1).toBe(got);
    expect([got.f0, got.f1.f0]).toEqual([1, 2]);
  });

  test("a slice that holds itself", () => {
    const s = list(1);
    s.a.push(s);
    s.len = 2;
    const got = throughMessage(s);
    expect(got.at(1)).toBe(got);
  });

  test("two encodings know nothing of each other", () => {
    const inner = list("x");
    const first = throughMessage(list(inner));
    const second = throughMessage(list(inner));
    expect(same(first, second)).toBe(true);
  });

  test("an encoding that ran out of memory leaves no marks behind", () => {
    openMemory();
    const inner = list("x");
    const large = list(inner, ..."y".repeat(30).split("").map((c) => c.repeat(1 << 20)));
    expect(() => encode(large)).toThrow(OutOfMemory);
    expect(same(throughMessage(list(inner, inner)), list(inner, inner))).toBe(true);
  });

  test("chains of any length need no host stack", () => {
    let head: any = null;
    for (let i = 0; i < 300_000; i++) head = link(i, head);
    let at = throughMessage(head);
    for (let i = 299_999; i >= 0; i--) {
      if (at.f0 !== i) throw new Error(`link ${i} holds ${at.f0}`);
      at = at.f1;
    }
    expect(at).toBeNull();
  });

  test("deep nests of every kind of object", () => {
    let v: any = "core";
    for (let i = 0; i < 5000; i++) {
      v = [list(v, i), new Cell(v), new MapValue(new Map([["k", ["k", v]]])), new SetValue(new Map([["k", v]])),
        link(i, v), new Some(v)][i % 6];
    }
    expect(same(v, throughMessage(v))).toBe(true);
  });
});

describe("slices of scalars become one memory", () => {
  const kinds: [string, any, any[]][] = [
    ["u8", { k: "int", name: "u8", bits: 8, signed: false }, [0, 255]],
    ["i8", { k: "int", name: "i8", bits: 8, signed: true }, [-128, 127]],
    ["u16", { k: "int", name: "u16", bits: 16, signed: false }, [0, 65535]],
    ["i16", { k: "int", name: "i16", bits: 16, signed: true }, [-32768, 32767]],
    ["u32", { k: "int", name: "u32", bits: 32, signed: false }, [0, 4294967295]],
    ["i32", { k: "int", name: "i32", bits: 32, signed: true }, [-2147483648, 2147483647]],
    ["u64", { k: "int", name: "u64", bits: 64, signed: false },
      [0, 1, 2 ** 53 - 1, 9007199254740993n, 18446744073709551615n]],
    ["i64", I64, [-1, 2 ** 53 - 1, -(2 ** 53) + 1, -9007199254740993n, 9223372036854775807n, -9223372036854775808n]],
    ["f32", { k: "float", bits: 32 }, [0.5, -0, Infinity]],
    ["f64", F64, [0.1, NaN, -Infinity]],
    ["bool", BOOL, [true, false]],
  ];
  for (const [name, type, elements] of kinds) {
    test(`[]${name}`, () => {
      const mine = new Slice([...elements], elementKind(type));
      const theirs = throughMessage(mine);
      expect(theirs.toArray()).toEqual(elements);
      expect(mine.toArray()).toEqual(elements);
      theirs.put(0, elements[1]);
      expect(mine.at(0)).toEqual(elements[1]);
      expect(ELEMENT_BYTES[mine.kind]).toBeGreaterThan(0);
    });
  }

  test("a view crosses as a view of the same memory", () => {
    const root = new Slice([1, 2, 3, 4], elementKind(I64));
    const view = new Slice(root.a, root.kind, 1, 2, root);
    const theirs = throughMessage(view);
    theirs.put(0, 20);
    expect(root.toArray()).toEqual([1, 20, 3, 4]);
    expect(view.toArray()).toEqual([20, 3]);
  });

  test("an empty one", () => expect(throughMessage(new Slice([], elementKind(F64))).len).toBe(0));
});

// ---------------------------------------------------------------- random values

/** Small and seeded, so that a failure can be shown again (Marsaglia's xorshift, 2003). */
function random(seed: number): (below: number) => number {
  let x = seed;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

function anyValue(pick: (below: number) => number, depth: number, made: any[]): any {
  const inner = (): any => anyValue(pick, depth - 1, made);
  const keep = (v: any): any => (made.push(v), v);
  if (made.length > 0 && pick(6) === 0) return made[pick(made.length)];
  switch (depth <= 0 ? pick(5) : pick(13)) {
    case 0: return pick(1000) - 500;
    case 1: return fromBig(BigInt(pick(2 ** 31)) * 9007199254740993n % 9223372036854775807n);
    case 2: return String.fromCharCode(...Array.from({ length: pick(20) }, () => pick(256)));
    case 3: return pick(2) === 0;
    case 4: return null;
    case 5: return keep(list(...Array.from({ length: pick(4) }, inner)));
    case 6: return keep(link(pick(9), inner()));
    case 7: return point(pick(9), pick(9));
    case 8: return keep(new Cell(inner()));
    case 9: return new Some(inner());
    case 10: return layoutOfTuple(2).construct([inner(), inner()]);
    case 11: return keep(new MapValue(new Map<any, any>([["a", ["a", inner()]], [1, [1, inner()]]])));
    default: return new ErrorValue("E", "0.3", 1, [inner()]);
  }
}

test("two thousand random values, sharing included", () => {
  for (let seed = 1; seed <= 2000; seed++) {
    const value = anyValue(random(seed * 7919), 6, []);
    if (!same(value, throughMessage(value))) throw new Error(`the value of seed ${seed} changed`);
  }
});

// ---------------------------------------------------------------- continuations

describe("a continuation moves", () => {
  function codeWith(resumes: number): Code {
    const code = new Code("f0.2", "f", () => 0);
    code.tier = 0;
    code.slots = FIRST_LOCAL + 3;
    for (let i = 0; i < resumes; i++) {
      const resume: Resume = (_f, _s, v) => v;
      resume.id = i;
      resume.code = code;
      code.resumes.push(resume);
    }
    return code;
  }

  function moved(m: Moving): Moving {
    openMemory();
    encodeContinuation(m);
    return decodeContinuation(SCRATCH);
  }

  test("entries, frames, states; a frame shared by two entries stays one", () => {
    const code = codeWith(3);
    const frame = newFrame(code);
    frame[3] = 41;
    frame[4] = list("x");
    const inner = newFrame(code);
    inner[4] = frame[4];
    const cont = [code.resumes[0], frame, 7, code.resumes[2], frame, [1, "s"], code.resumes[1], inner, [inner, 2]];
    const got = moved({ stack: 1000, wait: [3, [1, 2]], frame: null, locals: [7, "a"], unwinding: 0, cont });
    expect([got.stack, got.wait, got.locals]).toEqual([1000, [3, [1, 2]], [7, "a"]]);
    expect([got.cont[0], got.cont[3], got.cont[6]]).toEqual([code.resumes[0], code.resumes[2], code.resumes[1]]);
    expect(got.cont[1]).toBe(got.cont[4]);
    expect(got.cont[1]).not.toBe(frame);
    expect(got.cont[1][3]).toBe(41);
    expect(got.cont[7][4]).toBe(got.cont[1][4]);
    expect(got.cont[8][0]).toBe(got.cont[7]);
  });

  test("the first function's frame moves along, whether or not anything goes on in it", () => {
    const code = codeWith(1);
    const first = newFrame(code);
    first[3] = 1;
    const callee = newFrame(code);
    callee[3] = 2;
    const parts = { stack: 0, wait: 0, frame: first, locals: [], unwinding: 0 };
    const last = moved({ ...parts, cont: [code.resumes[0], callee, 0] });
    expect([last.frame![3], last.cont[1][3]]).toEqual([1, 2]);
    const own = moved({ ...parts, cont: [code.resumes[0], first, 0] });
    expect(own.frame).toBe(own.cont[1]);
  });

  test("a view stays a view of its root, and nothing becomes shared memory", () => {
    const code = codeWith(1);
    const frame = newFrame(code);
    const root = new Slice([1, 2, 3], elementKind(I64));
    frame[3] = root;
    frame[4] = new Slice(root.a, root.kind, 1, 2, root);
    const got = moved({ stack: 0, wait: 0, frame: null, locals: [], unwinding: 0, cont: [code.resumes[0], frame, 0] });
    got.cont[1][4].put(0, 20);
    expect(got.cont[1][3].toArray()).toEqual([1, 20, 3]);
    expect(got.cont[1][3].shared).toBeNull();
    expect(root.shared).toBeNull();
  });

  test("what a view keeps of a root that has got shorter moves with them", () => {
    const code = codeWith(1);
    for (const nested of [0, 500]) {
      const frame = newFrame(code);
      const root = new Slice([1, 2, 3], elementKind(I64));
      // deep enough, the root's elements are written behind everything else
      let around: unknown = root;
      for (let i = 0; i < nested; i++) around = new Some(around);
      frame[3] = around;
      frame[4] = root.view(root.kind, 1, 2);
      root.len = 1;
      const cont = [code.resumes[0], frame, 0];
      const got = moved({ stack: 0, wait: 0, frame: null, locals: [], unwinding: 0, cont });
      const view: Slice = got.cont[1][4];
      expect(view.toArray()).toEqual([2, 3]);
      expect(view.root.toArray()).toEqual([1]);
      view.put(0, 20);
      expect(view.root.a).toEqual([1, 20, 3]);
    }
  });

  test("a cell shared by two closures stays one, and a snapshot stays read-only", () => {
    const code = codeWith(1);
    const frame = newFrame(code);
    const cell = new Cell(5);
    frame[3] = new Closure(code, [cell]);
    const frozen = list("a");
    frozen.mark = FROZEN;
    const map = new MapValue();
    map.mark = FROZEN;
    frame[4] = list(new Closure(code, [cell]), frozen, map);
    const inner = layoutOfTuple(1).construct([1]);
    const record = layoutOfTuple(2).construct([inner, new Cell(2)]);
    const view = new Slice(frozen.a, frozen.kind, 0, 1, frozen);
    freeze(record, null, true);
    frame[5] = list(record, inner, view);
    const parts = { stack: 0, wait: 0, frame: null, locals: [], unwinding: 0, cont: [code.resumes[0], frame, 0] };
    const got = moved(parts).cont[1];
    expect(got[4].at(0).captured[0]).toBe(got[3].captured[0]);
    expect(isFrozen(got[4].at(1))).toBe(true);
    expect(isFrozen(got[4].at(2))).toBe(true);
    expect(isFrozen(got[4])).toBe(false);
    expect(isFrozen(got[5].at(0))).toBe(true);
    expect(isFrozen(got[5].at(0).f1)).toBe(true);
    expect(got[5].at(1)).toBe(got[5].at(0).f0);
    expect(isFrozen(got[5].at(1))).toBe(true);
    expect(isFrozen(got[5].at(2).root)).toBe(true);
    expect(got[5].at(2).root).toBe(got[4].at(1));
    expect(isFrozen(got[3].captured[0])).toBe(false);
  });
});

// ---------------------------------------------------------------- programs

/**
 * Left out: parts of the language in which nothing suspends, and limits, whose large values would be copied thousands
 * of times. Every other program runs with fibers that never stay.
 */
const STILL = /^tests\/programs\/(values|syntax|dresses|types|checks|codes|limits)\//;
const REDUCTIONS = 5;

test("no program can tell that its fibers move at every suspension", async () => {
  const files = filesMatching("tests/programs/**/*.jan").filter((path) => !STILL.test(path));
  const wrong: string[] = [];
  let ran = 0;
  let at = 0;
  const worker = async () => {
    for (let path = files[at++]; path !== undefined; path = files[at++]) {
      const expected = readExpectations(readFileSync(join(ROOT, path), "utf8"));
      if (expected.importedBy !== undefined || expected.command.join() !== "run") continue;
      const driver = join(import.meta.dir, "testing.ts");
      const outcome = await run([process.execPath, driver, String(REDUCTIONS), path], {
        cwd: ROOT, stdin: expected.stdin, timeoutSeconds: expected.timeoutSeconds,
      });
      const problems = judge(expected, outcome, basename(path));
      if (problems.length > 0) wrong.push(`${path}\n${problems.join("\n")}`);
      ran++;
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  expect(wrong).toEqual([]);
  expect(ran).toBeGreaterThan(100);
}, 180_000);
