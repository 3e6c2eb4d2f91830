// The intrinsics, called as the evaluator calls them; and that std and the tables name the same ones.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { optional, slice } from "../../sema/types.ts";
import type { Type } from "../../syntax/ast.ts";
import { layoutOfStruct } from "../layouts.ts";
import { FROZEN } from "../snapshot.ts";
import { BOOL, F32, F64, I32, I64, STRING, TestProgram, TestRt, U64, U8, VOID } from "../testing.ts";
import {
  bytes, elementKind, MapValue, RangeValue, SetValue, type SharedElements, Slice, Some, text,
} from "../values.ts";
import { ioError } from "./errors.ts";
import { pureIntrinsics } from "./index.ts";
import { splitCharacters } from "./strings.ts";

const program = new TestProgram();
const P = program.struct("P", { x: I64, name: STRING });
const MAP = program.builtin("Map", STRING, P);
const SET = program.builtin("Set", I64);
const IO = program.error("IoError", { NotFound: [], Other: [STRING] });
const list = (of: Type, ...elements: any[]): Slice => new Slice(elements, elementKind(of));
const point = (x: number) => layoutOfStruct(P.decl).construct([x, "p"]);

/** Calls an intrinsic once; gives its value, or the code of its panic. */
function call(name: string, types: Type[], result: Type, ...args: any[]): any {
  const rt = new TestRt();
  const value = pureIntrinsics[name]!({ types, result, typeArgs: [], rt })(...args);
  if (rt.panics.length === 0) expect(value).not.toBe(undefined);
  return rt.panics.length > 0 ? rt.panics[0]!.slice(0, 4) : value;
}

const XS = slice(I64);
const str = (name: string, ...args: any[]): any => {
  const types = args.map((a): Type => (typeof a === "string" ? STRING : I64));
  return call(`string.${name}`, types, VOID, ...args.map((a) => (typeof a === "string" ? bytes(a) : a)));
};

describe("std and the tables", () => {
  /** Those that the runtime brings, because they wait or ask the core. */
  const NAMES = ["assert", "panic", "unreachable", "sleep", "is_cancelled", "cancel_reason", "flush", "random.entropy"];
  const GROUPS = ["channel", "task", "token", "nursery", "atomic", "parker", "mutex", "ring", "native", "time", "net"];
  const ofRuntime = (name: string): boolean =>
    NAMES.includes(name) || GROUPS.includes(name.split(".")[0]!) || /^os\.(args|exit|cpu_count)$/.test(name);
  const std = join(import.meta.dir, "../../../std");
  const declared = new Set<string>();
  for (const file of new Bun.Glob("**/*.jan").scanSync(std)) {
    for (const m of readFileSync(join(std, file), "utf8").matchAll(/intrinsic: "([^"]+)"/g)) declared.add(m[1]!);
  }

  test("every intrinsic that std declares has somebody to run it", () => {
    expect(declared.size).toBeGreaterThan(100);
    const missing = [...declared].filter((name) => pureIntrinsics[name] === undefined && !ofRuntime(name));
    expect(missing).toEqual([]);
  });

  test("no intrinsic is left that std does not declare, and none is in both tables", () => {
    expect(Object.keys(pureIntrinsics).filter((name) => !declared.has(name))).toEqual([]);
    expect(Object.keys(pureIntrinsics).filter((name) => ofRuntime(name))).toEqual([]);
  });
});

describe("printing", () => {
  test("joins its arguments and writes once", () => {
    const rt = new TestRt();
    const site = { types: [STRING, F64, slice(STRING)], result: VOID, typeArgs: [], rt };
    pureIntrinsics.println!(site)("x ", 1, list(STRING, "a"));
    pureIntrinsics.print!({ ...site, types: [I64] })(7);
    pureIntrinsics.print_float!({ ...site, types: [F64] })(-1.5);
    pureIntrinsics.eprintln!({ ...site, types: [] })();
    expect(rt.output).toBe('x 1.0["a"]\n7-1.500000\n');
    expect(rt.errors).toBe("\n");
  });

  test("log lines name their fields", () => {
    const rt = new TestRt();
    const names = [null, "port", null, "who"];
    const site = { types: [STRING, I64, STRING, STRING], result: VOID, typeArgs: [], rt, names };
    pureIntrinsics["log.warn"]!(site)("started", 80, "free", "a b");
    expect(rt.errors).toBe('WARN  started port=80 free who="a b"\n');
    pureIntrinsics["log.debug"]!(site)("quiet", 80, "", "");
    expect(rt.errors).toBe('WARN  started port=80 free who="a b"\n');
  });
});

describe("slices", () => {
  test("grow and shrink", () => {
    const xs = list(I64, 1, 2, 3);
    call("array.push", [XS, I64], VOID, xs, 4);
    call("array.insert", [XS, I64, I64], VOID, xs, 0, 0);
    expect(call("array.remove", [XS, I64], I64, xs, 1)).toBe(1);
    expect(call("array.pop", [XS], optional(I64), xs)).toBe(4);
    call("array.extend", [XS, XS], VOID, xs, xs);
    expect(xs.toArray()).toEqual([0, 2, 3, 0, 2, 3]);
    expect(xs.len).toBe(6);
    call("array.truncate", [XS, I64], VOID, xs, 2);
    expect(xs.toArray()).toEqual([0, 2]);
    call("array.clear", [XS], VOID, xs);
    expect([xs.len, call("array.pop", [XS], optional(I64), xs)]).toEqual([0, null]);
    expect(call("array.insert", [XS, I64, I64], VOID, xs, 1, 0)).toBe("P001");
    expect(call("array.remove", [XS, I64], I64, xs, 0)).toBe("P001");
  });

  test("an optional taken out of an array of optionals keeps its two levels", () => {
    const t = slice(optional(I64));
    const xs = list(VOID, 1, null);
    expect(call("array.pop", [t], optional(optional(I64)), xs)).toEqual(new Some(null));
    expect(call("array.pop", [t], optional(optional(I64)), xs)).toEqual(new Some(1));
    expect(call("array.pop", [t], optional(optional(I64)), xs)).toBe(null);
  });

  test("a view that grows gets elements of its own", () => {
    const xs = list(I64, 1, 2, 3, 4);
    const view: Slice = call("array.slice", [XS, I64, I64], XS, xs, 1, 3);
    expect(view.toArray()).toEqual([2, 3]);
    view.put(0, 20);
    expect(xs.at(1)).toBe(20);
    call("array.push", [XS, I64], VOID, view, 9);
    view.put(0, 30);
    expect([xs.toArray(), view.toArray()]).toEqual([[1, 20, 3, 4], [30, 3, 9]]);
    expect(call("array.slice", [XS, I64, I64], XS, xs, 3, 5)).toBe("P001");
    expect(call("array.slice", [XS, I64, I64], XS, xs, 3, 2)).toBe("P001");
  });

  // What the reference promises of views: elements are places, a view sees the same places whatever becomes of its
  // array's length, and in those behind the end stands what stood there last.
  describe("against places in a row", () => {
    type Operation = [kind: "push" | "pop" | "insert" | "remove" | "truncate" | "clear" | "extend" | "view" | "put"
      | "reverse", n: number];
    const operations = fc.array(fc.tuple(
      fc.constantFrom<Operation[0]>("push", "push", "pop", "insert", "insert", "remove", "truncate", "clear", "extend",
        "view", "put", "reverse"),
      fc.nat(1000),
    ), { minLength: 1, maxLength: 40 });

    interface Elements { type: Type; make(n: number): any; number(v: any): number }
    const kinds: Record<string, Elements> = {
      scalars: { type: I64, make: (n) => n, number: (v) => v },
      "values that are copied": { type: P, make: point, number: (v) => v.f0 },
    };

    /** Does the operations on an array and on the model; views: whether there are any. */
    function follow(of: Elements, list: Operation[], views: boolean): void {
      const T = slice(of.type);
      let next = 1;
      const places: number[] = [next++, next++, next++];
      let len = 3;
      let longest = 3;
      const xs = new Slice(places.map(of.make), elementKind(of.type));
      const seen: { view: Slice; from: number; to: number }[] = [];
      for (const [kind, n] of list) {
        const some = next++;
        const at = len === 0 ? 0 : n % len;
        switch (kind) {
          case "push":
            call("array.push", [T, of.type], VOID, xs, of.make(some));
            places[len++] = some;
            break;
          case "insert":
            call("array.insert", [T, I64, of.type], VOID, xs, n % (len + 1), of.make(some));
            for (let i = len++; i > n % len; i--) places[i] = places[i - 1]!;
            places[n % len] = some;
            break;
          case "extend":
            call("array.extend", [T, T], VOID, xs, xs);
            for (let i = 0, had = len; i < had; i++) places[len++] = places[i]!;
            break;
          case "pop": case "remove": {
            if (len === 0) break;
            const i = kind === "pop" ? len - 1 : at;
            const v = call(`array.${kind}`, [T, I64], kind === "pop" ? optional(of.type) : of.type, xs, i);
            expect(of.number(v)).toBe(places[i]!);
            expect(typeof v === "object" && xs.a.includes(v)).toBe(false);
            for (let k = i; k < len - 1; k++) places[k] = places[k + 1]!;
            len--;
            break;
          }
          case "truncate": case "clear": {
            const rest = kind === "clear" ? 0 : Math.min(len, n % 8);
            call(`array.${kind}`, [T, I64], VOID, xs, rest);
            len = rest;
            break;
          }
          case "view":
            if (views) seen.push({ view: call("array.slice", [T, I64, I64], T, xs, at, len), from: at, to: len });
            break;
          case "put":
            if (len > 0) xs.put(at, of.make((places[at] = some)));
            break;
          case "reverse": {
            call("array.reverse", [T], T, xs);
            places.splice(0, len, ...places.slice(0, len).reverse());
            break;
          }
        }
        longest = Math.max(longest, len);
        expect(xs.len).toBe(len);
        expect(xs.toArray().map(of.number)).toEqual(places.slice(0, len));
        for (const { view, from, to } of seen) {
          expect(view.toArray().map(of.number)).toEqual(places.slice(from, to));
        }
        // no element stands in two places, and no place is left for nothing
        if (of.type !== I64) expect(new Set(xs.a).size).toBe(xs.a.length);
        expect(xs.a.length).toBeLessThanOrEqual(seen.length > 0 ? longest : len);
        if (len > 200) return;
      }
    }

    for (const [name, of] of Object.entries(kinds)) {
      for (const views of [false, true]) {
        test(`${name}, ${views ? "with" : "without"} views`, () => {
          fc.assert(fc.property(operations, (list) => follow(of, list, views)), { seed: 1, numRuns: 500 });
        });
      }
    }

    test("an array of which there was a view does not grow by what comes and goes", () => {
      const xs = list(I64, 1, 2, 3);
      call("array.slice", [XS, I64, I64], XS, xs, 0, 1);
      for (let i = 0; i < 1000; i++) {
        call("array.insert", [XS, I64, I64], VOID, xs, 0, i);
        call("array.pop", [XS], optional(I64), xs);
      }
      expect([xs.len, xs.a.length]).toEqual([3, 4]);
    });
  });

  test("shared memory keeps its length, and is sorted where it is", () => {
    const memory = [3, 1, 2];
    const shared: SharedElements = {
      kind: 8, length: 3, offset: 0,
      get: (i) => memory[i],
      set: (i, v) => void (memory[i] = v),
    };
    const xs = new Slice([], 8, 0, 3);
    xs.shared = shared;
    expect(call("array.push", [XS, I64], VOID, xs, 4)).toBe("P013");
    expect(call("array.pop", [XS], VOID, xs)).toBe("P013");
    expect(call("array.sort_scalars", [XS], BOOL, xs)).toBe(true);
    expect(memory).toEqual([1, 2, 3]);
    expect(call("array.sum", [XS], I64, xs)).toBe(6);
    expect(call("array.scalar_position", [XS, I64], I64, xs, 2)).toBe(1);
    expect(call("array.scalar_position", [XS, I64], I64, xs, 9)).toBe(-1);
  });

  test("a search stays inside its view", () => {
    const xs = list(I64, 1, 2, 3, 1n << 60n);
    const view: Slice = call("array.slice", [XS, I64, I64], XS, xs, 1, 3);
    const find = (s: Slice, x: any) => call("array.scalar_position", [XS, I64], I64, s, x);
    expect([find(view, 1), find(view, 3), find(view, 1n << 60n), find(xs, 1n << 60n)]).toEqual([-1, 1, -1, 3]);
    expect(call("array.scalar_position", [slice(P), P], I64, list(P), point(1))).toBe(-2);
  });

  test("what is stored is a copy of a value type", () => {
    const t = slice(P);
    const xs = list(P);
    const p = point(1);
    call("array.push", [t, P], VOID, xs, p);
    p.f0 = 2;
    expect(xs.at(0).f0).toBe(1);
    const copy: Slice = call("array.copy", [t], t, xs);
    copy.at(0).f0 = 9;
    expect(xs.at(0).f0).toBe(1);
  });

  test("scalars are sorted by their own order", () => {
    const integers = fc.array(fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }), { maxLength: 80 });
    fc.assert(fc.property(integers, (big) => {
      const exact = big.map((x) => (x >= -9007199254740991n && x <= 9007199254740991n ? Number(x) : x));
      const xs = list(I64, ...exact);
      call("array.sort_scalars", [XS], BOOL, xs);
      expect(xs.toArray().map(BigInt)).toEqual([...big].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
    }));
    for (const n of [3, 50]) {
      const floats = [NaN, 1, -0, 0, -1, ...Array.from({ length: n }, (_, i) => i + 2)];
      const xs = list(F64, ...floats);
      call("array.sort_scalars", [slice(F64)], BOOL, xs);
      const sorted = xs.toArray();
      expect(Object.is(sorted[1], -0) && Object.is(sorted[2], 0)).toBe(true);
      expect(sorted.at(-1)).toBeNaN();
    }
    const names = list(STRING, "b", "", "a");
    call("array.sort_scalars", [slice(STRING)], BOOL, names);
    expect(names.toArray()).toEqual(["", "a", "b"]);
    expect(call("array.sort_scalars", [slice(P)], BOOL, list(P))).toBe(false);
  });

  test("sums overflow as additions do", () => {
    expect(call("array.sum", [slice(U8)], U8, list(U8, 200, 56))).toBe("P002");
    expect(call("array.sum", [XS], I64, list(I64, 9007199254740991, 1))).toBe(9007199254740992n);
    expect(call("array.product", [XS], I64, list(I64))).toBe(1);
    expect(call("array.sum", [slice(F32)], F32, list(F32, 0.5, 0.25))).toBe(0.75);
  });

  test("join, reverse, create", () => {
    expect(call("array.join", [XS, STRING], STRING, list(I64, 1, 2), ", ")).toBe("1, 2");
    expect(call("array.join", [slice(STRING), STRING], STRING, list(STRING, "a", "b"), "")).toBe("ab");
    const xs = list(I64, 1, 2, 3);
    expect(call("array.reverse", [XS], XS, xs)).toBe(xs);
    expect(xs.toArray()).toEqual([3, 2, 1]);
    expect(call("array.create", [I64], slice(STRING), 2).toArray()).toEqual(["", ""]);
    expect(call("array.create", [I64], slice(P), 2)).toBe("P005");
    expect(call("array.create", [I64], XS, -1)).toBe("P009");
  });
});

describe("strings", () => {
  test("split, words, lines", () => {
    expect(str("split", "a,,b", ",").toArray()).toEqual(["a", "", "b"]);
    expect(str("split", "aé", "").toArray().map(text)).toEqual(["a", "é"]);
    expect(str("split_whitespace", " a \t b\n").toArray()).toEqual(["a", "b"]);
    expect(str("lines", "a\r\nb\n\nc\n").toArray()).toEqual(["a", "b", "", "c"]);
    expect(str("lines", "").toArray()).toEqual([]);
  });

  test("bytes and characters of other scripts", () => {
    expect(text(str("to_upper", "straße é"))).toBe("STRASSE É");
    expect(text(str("reverse", "añb"))).toBe("bña");
    expect(text(str("trim", "\u00a0 é "))).toBe("\u00a0 é");
    expect(str("code_points", "a😀").toArray()).toEqual([97, 0x1f600]);
    expect(text(str("from_char", 0x1f600))).toBe("😀");
    expect(str("from_char", 0xd800)).toBe("P009");
    expect(text(str("pad_left", "é", 3, "*"))).toBe("**é");
    expect(str("pad_right", "abc", 2, " ")).toBe("abc");
    expect(str("bytes", "é").toArray()).toEqual([0xc3, 0xa9]);
    expect(call("string.from_bytes", [slice(U8)], STRING, str("bytes", "é"))).toBe(bytes("é"));
  });

  test("any bytes split into characters and join again", () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 255 })), (raw) => {
      const s = Buffer.from(raw).latin1Slice();
      expect(splitCharacters(s).join("")).toBe(s);
    }));
    fc.assert(fc.property(fc.string({ unit: "grapheme" }), (s) => {
      expect(splitCharacters(bytes(s)).map(text)).toEqual([...s]);
    }));
  });

  test("search", () => {
    expect(str("index_of", "hello", "l", 0)).toBe(2);
    expect(str("index_of", "hello", "l", 4)).toBe(null);
    expect(str("index_of", "hello", "", 9)).toBe(null);
    expect(str("last_index_of", "hello", "l")).toBe(3);
    expect(str("count", "aaaa", "aa")).toBe(2);
    expect(str("replace", "a-b-c", "-", "$&")).toBe("a$&b$&c");
    expect(str("slice", "hello", 1, 3)).toBe("el");
    expect(str("slice", "hello", 3, 9)).toBe("P001");
    expect(str("byte_at", "a", 1)).toBe("P001");
    expect(str("repeat", "ab", 3)).toBe("ababab");
    expect(str("repeat", "ab", -1)).toBe("P009");
    expect(str("repeat", "ab", 2 ** 40)).toBe("P006");
  });

  test("numbers", () => {
    expect(str("parse_int", "-9223372036854775808", 10)).toBe(-(1n << 63n));
    expect(str("parse_int", "9223372036854775808", 10)).toBe(null);
    expect(str("integer_shaped", "9223372036854775808", 10)).toBe(true);
    expect(str("integer_shaped", "12x", 10)).toBe(false);
    expect(str("parse_int", "zz", 36)).toBe(1295);
    expect(str("parse_int", "1", 99)).toBe("P009");
    for (const [s, x] of [["1", 1], ["-1.5e3", -1500], [".5", 0.5], ["1_000.0", 1000], ["inf", Infinity]] as const) {
      expect(str("parse_float", s)).toBe(x);
    }
    for (const bad of ["", "1.", "e5", "0x10", "1e", " 1", "Infinity", "1..2"]) {
      expect(str("parse_float", bad)).toBe(null);
    }
  });
});

describe("maps and sets", () => {
  test("a map gives and takes copies, and keeps the order of insertion", () => {
    const m = call("map.new", [], MAP);
    expect(m).toBeInstanceOf(MapValue);
    const p = point(1);
    call("map.set", [MAP, STRING, P], VOID, m, "b", p);
    p.f0 = 5;
    call("map.set", [MAP, STRING, P], VOID, m, "a", point(2));
    call("map.set", [MAP, STRING, P], VOID, m, "b", point(3));
    const got = call("map.get", [MAP, STRING], optional(P), m, "b");
    expect(got.f0).toBe(3);
    got.f0 = 8;
    expect(call("map.get", [MAP, STRING], optional(P), m, "b").f0).toBe(3);
    expect(call("map.keys", [MAP], slice(STRING), m).toArray()).toEqual(["b", "a"]);
    expect(call("map.get", [MAP, STRING], optional(P), m, "z")).toBe(null);
    expect(call("map.remove", [MAP, STRING], optional(P), m, "b").f0).toBe(3);
    expect([call("map.len", [MAP], I64, m), call("map.has", [MAP, STRING], BOOL, m, "b")]).toEqual([1, false]);
    call("map.clear", [MAP], VOID, m);
    expect(m.entries.size).toBe(0);
  });

  test("an optional value under a key is no missing key", () => {
    const t = program.builtin("Map", STRING, optional(I64));
    const m = new MapValue();
    call("map.set", [t, STRING, optional(I64)], VOID, m, "a", null);
    expect(call("map.get", [t, STRING], optional(optional(I64)), m, "a")).toEqual(new Some(null));
    expect(call("map.get", [t, STRING], optional(optional(I64)), m, "b")).toBe(null);
  });

  test("compound keys by value", () => {
    const t = program.builtin("Set", P);
    const s = call("set.new", [], t);
    expect(call("set.add", [t, P], BOOL, s, point(1))).toBe(true);
    expect(call("set.add", [t, P], BOOL, s, point(1))).toBe(false);
    expect(call("set.has", [t, P], BOOL, s, point(1))).toBe(true);
    expect(call("set.remove", [t, P], BOOL, s, point(1))).toBe(true);
    const big = new SetValue();
    call("set.add", [SET, I64], BOOL, big, 1n << 60n);
    expect(call("set.has", [SET, I64], BOOL, big, 1n << 60n)).toBe(true);
    expect(call("set.values", [SET], XS, big).toArray()).toEqual([1n << 60n]);
  });
});

describe("what a spawn carried in", () => {
  test("cannot be changed, and a clone of it can", () => {
    const xs = list(I64, 3, 1, 2);
    xs.mark = FROZEN;
    const view = new Slice(xs.a, xs.kind, 0, 2, xs);
    for (const s of [xs, view]) {
      expect(call("array.push", [XS, I64], VOID, s, 4)).toBe("P014");
      expect(call("array.insert", [XS, I64, I64], VOID, s, 0, 4)).toBe("P014");
      expect(call("array.remove", [XS, I64], I64, s, 0)).toBe("P014");
      expect(call("array.extend", [XS, XS], VOID, s, xs)).toBe("P014");
      for (const name of ["pop", "clear", "reverse", "sort_scalars"]) {
        expect(call(`array.${name}`, [XS], VOID, s)).toBe("P014");
      }
      expect(call("array.truncate", [XS, I64], VOID, s, 1)).toBe("P014");
    }
    expect(xs.toArray()).toEqual([3, 1, 2]);
    for (const t of [MAP, program.builtin("Map", STRING, I64)]) {
      const m = new MapValue(new Map([["a", ["a", 1]]]));
      m.mark = FROZEN;
      expect(call("map.set", [t, STRING, I64], VOID, m, "a", 2)).toBe("P014");
      expect(call("map.remove", [t, STRING], VOID, m, "a")).toBe("P014");
      expect(call("map.clear", [t], VOID, m)).toBe("P014");
      expect(call("map.len", [t], I64, m)).toBe(1);
    }
    const set = new SetValue(new Map([[1, 1]]));
    set.mark = FROZEN;
    expect(call("set.add", [SET, I64], BOOL, set, 2)).toBe("P014");
    expect(call("set.remove", [SET, I64], BOOL, set, 1)).toBe("P014");
    expect(call("set.clear", [SET], VOID, set)).toBe("P014");
    const own: Slice = call("clone", [XS], XS, xs);
    call("array.push", [XS, I64], VOID, own, 4);
    expect(own.toArray()).toEqual([3, 1, 2, 4]);
  });
});

describe("numbers", () => {
  test("each width has its own ends", () => {
    expect(call("abs", [I32], I32, -2147483648)).toBe("P002");
    expect(call("abs", [I64], I64, -5)).toBe(5);
    expect(call("abs", [F64], F64, -5.5)).toBe(5.5);
    expect(call("int.pow", [U8, I64], U8, 2, 8)).toBe("P002");
    expect(call("int.checked_add", [U8, U8], optional(U8), 200, 100)).toBe(null);
    expect(call("int.checked_mul", [U8, U8], optional(U8), 20, 10)).toBe(200);
    expect(call("int.sqrt", [U64], U64, 18446744073709551615n)).toBe(4294967295);
    expect(call("int.sqrt", [I64], I64, -1)).toBe("P009");
    expect(call("int.to_base", [I64, I64], STRING, -255, 16)).toBe("-ff");
    expect(call("int.bit", [I64, I64], BOOL, -1, 63)).toBe(true);
    expect(call("number.min", [F64, F64], F64, NaN, 2)).toBe(2);
    expect(call("number.max", [I64, I64], I64, 1, 1n << 60n)).toBe(1n << 60n);
  });

  test("floats", () => {
    expect(call("float.round", [F64], F64, 2.5)).toBe(3);
    expect(call("float.round", [F64], F64, -2.5)).toBe(-3);
    expect(call("float.round", [F64], F64, 0.49999999999999994)).toBe(0);
    expect(call("float.sqrt", [F32], F32, 2)).toBe(Math.fround(Math.SQRT2));
    expect(call("float.to_fixed", [F64, I64], STRING, -1.25, 1)).toBe("-1.2");
    expect(call("float.to_fixed", [F64, I64], STRING, 1, 101)).toBe("P009");
    const bits = call("math.bits", [F64], U64, 1.5);
    expect(call("math.from_bits", [U64], F64, bits)).toBe(1.5);
  });
});

test("len, clone, type_name, ranges", () => {
  expect(call("len", [STRING], I64, bytes("é"))).toBe(2);
  expect(call("len", [XS], I64, list(I64, 1, 2))).toBe(2);
  expect(call("len", [{ k: "array", length: 4, of: I64 }], I64, list(I64, 1, 2, 3, 4))).toBe(4);
  expect(call("len", [{ k: "range" }], I64, new RangeValue(5, 2))).toBe(0);
  expect(call("len", [I64], I64, 1)).toBe("P005");
  expect(call("type_name", [slice(optional(P))], STRING, list(P))).toBe("[]?P");
  const xs = list(I64, 1);
  const own = call("clone", [XS], XS, xs);
  own.put(0, 2);
  expect(xs.at(0)).toBe(1);
});

test("JSON literals and digests", () => {
  expect(call("hash.sha256", [STRING], STRING, "abc"))
    .toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("the operating system's numbers become variants", () => {
  const result: Type = { k: "result", ok: STRING, error: { sets: [IO.decl], open: [], any: false } };
  const missing = ioError(result, 2, "no such file");
  expect([missing.name, missing.set, missing.tag, missing.payload]).toEqual(["NotFound", program.key(IO.decl), 0, []]);
  const other = ioError(result, 5, "I/O error");
  expect([other.name, other.tag, other.payload]).toEqual(["Other", 1, ["I/O error"]]);
});
