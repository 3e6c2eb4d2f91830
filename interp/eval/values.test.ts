// Operations on values by type: layouts, equality, keys, copies, and what print shows.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Type } from "../syntax/ast.ts";
import { formatProblem, parseFormat } from "../sema/formats.ts";
import { optional, pointer, slice, tuple } from "../sema/types.ts";
import { assignInto, clone, copyOf } from "./clone.ts";
import { equalOf } from "./equality.ts";
import { formatOf } from "./format.ts";
import { keyOf } from "./hashing.ts";
import { layoutByKey, layoutOfStruct, layoutOfTuple, layoutOfVariant } from "./layouts.ts";
import { quote, showFloat, showFloat32, showOf } from "./show.ts";
import { BOOL, F32, F64, I32, I64, STRING, TestProgram, U64, U8, VOID } from "./testing.ts";
import {
  bytes, Cell, elementKind, ErrorValue, Failure, MapValue, RangeValue, SetValue, Slice, Some, text,
} from "./values.ts";

const program = new TestProgram();
const P = program.struct("P", { x: I64, name: STRING });
const Shape = program.enum("Shape", { Point: [], Add: [I64], Rect: { w: F64, h: F64 } });
const E = program.error("E", { NotFound: [], Bad: [STRING] });
const MAP = program.builtin("Map", STRING, I64);
const SET = program.builtin("Set", I64);
const TASK = program.builtin("Task", I64);
const list = (of: Type, ...elements: any[]): Slice => new Slice(elements, elementKind(of));
const point = (x: number, name: string) => layoutOfStruct(P.decl).construct([x, name]);

describe("layouts", () => {
  test("one class for each declaration, found again by its key", () => {
    const layout = layoutOfStruct(P.decl);
    expect(layoutOfStruct(P.decl)).toBe(layout);
    expect(layoutByKey(layout.key)).toBe(layout);
    expect(point(1, "a").layout).toBe(layout);
    expect(layoutByKey(layoutOfTuple(3).key)).toBe(layoutOfTuple(3));
    const add = layoutOfVariant(Shape.decl, 1);
    expect(layoutByKey(add.key)).toBe(add);
    expect(add.construct([5]).tag).toBe(1);
    expect(() => layoutByKey("s9.9")).toThrow();
  });

  test("a variant without payload is one frozen object", () => {
    const layout = layoutOfVariant(Shape.decl, 0);
    expect(layout.construct([])).toBe(layout.construct([]));
    expect(Object.isFrozen(layout.construct([]))).toBe(true);
  });
});

describe("show", () => {
  const shown = (t: Type, v: any) => text(showOf(t)(v));

  test("numbers read back", () => {
    expect(showFloat(1)).toBe("1.0");
    expect(showFloat(-0)).toBe("-0.0");
    expect(showFloat(1e21)).toBe("1e21");
    expect(showFloat(1.5e-7)).toBe("1.5e-7");
    expect(showFloat(123456789012345680000)).toBe("123456789012345680000.0");
    expect(showFloat32(Math.fround(0.1))).toBe("0.1");
    expect(showFloat32(Math.fround(16777216))).toBe("16777216.0");
    expect(shown(U64, 18446744073709551615n)).toBe("18446744073709551615");
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => {
      expect(Object.is(Number(showFloat(x)), x)).toBe(true);
      const single = Math.fround(x);
      if (Number.isFinite(single)) expect(Math.fround(Number(showFloat32(single)))).toBe(single);
    }));
  });

  test("each kind of value", () => {
    expect(shown(STRING, "a\nb")).toBe("a\nb");
    expect(shown(slice(STRING), list(STRING, "a\n", 'q"'))).toBe('["a\\n", "q\\""]');
    expect(shown(slice(I64), list(I64, 1, 2))).toBe("[1, 2]");
    expect(shown(P, point(1, "é"))).toBe('P { x: 1, name: "é" }'.replace("é", text("é")));
    expect(shown(Shape, layoutOfVariant(Shape.decl, 0).construct([]))).toBe("Point");
    expect(shown(Shape, layoutOfVariant(Shape.decl, 1).construct([3]))).toBe("Add(3)");
    expect(shown(Shape, layoutOfVariant(Shape.decl, 2).construct([1, 2.5]))).toBe("Rect { w: 1.0, h: 2.5 }");
    expect(shown(tuple([I64, STRING]), layoutOfTuple(2).construct([1, "x"]))).toBe('(1, "x")');
    expect(shown(MAP, new MapValue(new Map([["a", ["a", 1]]])))).toBe('{"a": 1}');
    expect(shown(SET, new SetValue(new Map([[1, 1], [2, 2]])))).toBe("{1, 2}");
    expect(shown(optional(STRING), "a")).toBe("a");
    expect(shown(optional(STRING), null)).toBe("null");
    expect(shown(optional(optional(I64)), new Some(null))).toBe("null");
    expect(shown(E, new ErrorValue("NotFound", "0.2", 0, []))).toBe("NotFound");
    expect(shown(E, new ErrorValue("Bad", "0.2", 1, ["x"]))).toBe('Bad("x")');
    expect(shown({ k: "range" }, new RangeValue(0, 5))).toBe("0..5");
    expect(shown(BOOL, true)).toBe("true");
    expect(shown(VOID, 0)).toBe("void");
    expect(shown(TASK, {})).toBe("Task[i64]");
  });

  test("what refers to itself ends", () => {
    const Node = program.struct("Node", { value: I64 });
    const link = optional(pointer(Node));
    program.extend(Node.decl, { next: link, back: link });
    const make = layoutOfStruct(Node.decl);
    const nodes = Array.from({ length: 50 }, (_, i) => make.construct([i, null, null]));
    nodes.forEach((node, i) => {
      node.f1 = nodes[(i + 1) % nodes.length];
      node.f2 = nodes[(i + nodes.length - 1) % nodes.length];
    });
    const out = shown(Node, nodes[0]);
    expect(out.startsWith("Node { value: 0, next: Node { value: 1,")).toBe(true);
    expect(out).toContain("…");
    expect(out.length).toBeLessThan(10_000);
    // and a chain that is longer than any stack
    let first = null;
    for (let i = 0; i < 100_000; i++) first = make.construct([i, first, null]);
    expect(shown(Node, first)).toContain("…");
  });

  test("a quoted string is a literal", () => {
    expect(quote("\t\u0001\\")).toBe('"\\t\\u{1}\\\\"');
  });
});

describe("format", () => {
  const as = (t: Type, spec: string, v: any) => text(formatOf(t, spec)(v));

  test("numbers", () => {
    expect(as(F64, ".2f", 3.14159)).toBe("3.14");
    expect(as(F64, ".2", 2.5)).toBe("2.50");
    expect(as(F64, "8.1f", -2.25)).toBe("    -2.2");
    expect(as(F64, "+.0f", 1e22)).toBe("+10000000000000000000000");
    expect(as(F64, ".1%", 0.256)).toBe("25.6%");
    expect(as(F64, ".2e", 12345)).toBe("1.23e4");
    expect(as(I64, "x", 255)).toBe("ff");
    expect(as(I64, "#X", 255)).toBe("0xFF");
    expect(as(I64, "08b", 5)).toBe("00000101");
    expect(as(I64, "05", -42)).toBe("-0042");
    expect(as(I64, "#010x", 255)).toBe("0x000000ff");
    expect(as(U64, "x", 18446744073709551615n)).toBe("ffffffffffffffff");
    expect(as(I64, "6", 42)).toBe("    42");
    expect(as(I64, "<6", 42)).toBe("42    ");
    expect(as(I64, "c", 233)).toBe("é");
    expect(as(I64, ".1f", 3)).toBe("3.0");
  });

  test("texts by characters", () => {
    expect(as(STRING, "5", bytes("é"))).toBe("é    ");
    expect(as(STRING, "*^5", "a")).toBe("**a**");
    expect(as(STRING, ".2", bytes("éab"))).toBe("éa");
    expect(as(slice(I64), ">8", list(I64, 1))).toBe("     [1]");
  });

  test("what does not fit is found before anything is shown", () => {
    expect(parseFormat("zz")).toBe(null);
    expect(formatProblem(STRING, "x")).not.toBe(null);
    expect(formatProblem(F64, "x")).not.toBe(null);
    expect(formatProblem(STRING, ".2f")).not.toBe(null);
    expect(formatProblem(I64, ".2")).not.toBe(null);
    expect(formatProblem(I64, "08b")).toBe(null);
  });
});

/** Types with a generator for their values. */
const samples: [string, Type, fc.Arbitrary<any>][] = [];
{
  const leaf: [Type, fc.Arbitrary<any>][] = [
    [I64, fc.integer({ min: -3, max: 3 })],
    [STRING, fc.constantFrom("", "a", ";", "1:", "a;1:", "[")],
    [BOOL, fc.boolean()],
    [F64, fc.constantFrom(0, 1, 1.5, -1)],
  ];
  for (const [t, values] of leaf) {
    samples.push([t.k, t, values]);
    samples.push([`[]${t.k}`, slice(t), fc.array(values, { maxLength: 3 }).map((a) => list(t, ...a))]);
    samples.push([`?${t.k}`, optional(t), fc.option(values)]);
    samples.push([`??${t.k}`, optional(optional(t)), fc.option(fc.option(values).map((v) => new Some(v)))]);
    samples.push([`(${t.k}, string)`, tuple([t, STRING]),
      fc.tuple(values, leaf[1]![1]).map((parts) => layoutOfTuple(2).construct(parts))]);
    samples.push([`[](${t.k}, []string)`, slice(tuple([t, slice(STRING)])),
      fc.array(fc.tuple(values, fc.array(leaf[1]![1], { maxLength: 2 })), { maxLength: 2 }).map((rows) =>
        list(VOID, ...rows.map(([v, s]) => layoutOfTuple(2).construct([v, list(STRING, ...s)]))))]);
  }
  samples.push(["P", P, fc.tuple(leaf[0]![1], leaf[1]![1]).map(([x, name]) => point(x, name))]);
  samples.push(["Shape", Shape, fc.oneof(
    fc.constant(layoutOfVariant(Shape.decl, 0).construct([])),
    leaf[0]![1].map((n) => layoutOfVariant(Shape.decl, 1).construct([n])),
    fc.tuple(leaf[3]![1], leaf[3]![1]).map((wh) => layoutOfVariant(Shape.decl, 2).construct(wh)))]);
  samples.push(["Map", MAP, fc.array(fc.tuple(leaf[1]![1], leaf[0]![1]), { maxLength: 3 }).map((pairs) =>
    new MapValue(new Map(pairs.map(([k, v]) => [k, [k, v]]))))]);
}

describe("equality, keys and copies agree", () => {
  for (const [name, t, values] of samples) {
    test(name, () => {
      const equal = equalOf(t);
      const key = keyOf(t);
      const shown = showOf(t);
      fc.assert(fc.property(values, values, (a, b) => {
        expect(equal(a, a)).toBe(true);
        expect(equal(a, b)).toBe(equal(b, a));
        expect(equal(a, b)).toBe(Object.is(key(a), key(b)) || key(a) === key(b));
        // a map's text depends on the order of insertion, its equality does not
        if (t !== MAP && !name.startsWith("??")) expect(equal(a, b)).toBe(shown(a) === shown(b));
        expect(equal(clone(a), a)).toBe(true);
        expect(equal(copyOf(t)(a), a)).toBe(true);
      }));
    });
  }
});

describe("copies", () => {
  const Line = program.struct("Line", { from: P, to: P, marks: slice(I64) });
  const line = () => layoutOfStruct(Line.decl).construct([point(1, "a"), point(2, "b"), list(I64, 1, 2)]);

  test("a copy has its own values and shares what is referred to", () => {
    const original = line();
    const copy = copyOf(Line)(original);
    copy.f0.f0 = 9;
    expect(original.f0.f0).toBe(1);
    expect(copy.f2).toBe(original.f2);
    const fixed: Type = { k: "array", length: 2, of: P };
    const array = list(P, point(1, "a"), point(2, "b"));
    const other = copyOf(fixed)(array);
    other.at(0).f0 = 5;
    expect(array.at(0).f0).toBe(1);
  });

  test("assignment in place is seen through references", () => {
    const target = point(1, "a");
    assignInto(target, point(7, "z"));
    expect([target.f0, target.f1]).toEqual([7, "z"]);
  });

  test("a clone shares nothing, and keeps sharing and cycles inside", () => {
    const original = line();
    const copy = clone(original);
    copy.f2.put(0, 99);
    expect(original.f2.at(0)).toBe(1);
    const shared = list(I64, 1);
    const both = clone(list(slice(I64), shared, shared));
    expect(both.at(0)).toBe(both.at(1));
    expect(both.at(0)).not.toBe(shared);
    const cell = new Cell(null);
    cell.v = cell;
    const turned = clone(cell);
    expect(turned.v).toBe(turned);
    expect(turned).not.toBe(cell);
    const view = new Slice([1, 2, 3, 4], elementKind(I64));
    const part = clone(new Slice(view.a, view.kind, 1, 2, view));
    expect([part.len, part.at(0), part.root === part]).toEqual([2, 2, true]);
  });

  test("a chain of a million references does not use the stack", () => {
    const Node = program.struct("Chain", { value: I64 });
    program.extend(Node.decl, { next: optional(pointer(Node)) });
    const make = layoutOfStruct(Node.decl);
    let first: any = null;
    for (let i = 0; i < 200_000; i++) first = make.construct([i, first]);
    expect(clone(first).f0).toBe(199_999);
  });
});

test("errors are equal by name and payload", () => {
  const equal = equalOf({ k: "error-any" });
  const bad = (s: string, set = "0.2") => new ErrorValue("Bad", set, 1, [s]);
  expect(equal(bad("a"), bad("a"))).toBe(true);
  expect(equal(bad("a"), bad("b"))).toBe(false);
  expect(equal(bad("a"), bad("a", ""))).toBe(true);
  expect(equal(bad("a"), bad("a", "0.9"))).toBe(false);
  // a payload is compared and filed by its declared type
  const Deep = program.error("Deep", { At: [MAP, slice(I64)] });
  const at = (n: number) => new ErrorValue("At", program.key(Deep.decl), 0,
    [new MapValue(new Map([["k", ["k", n]]])), list(I64, n)]);
  const key = keyOf(Deep);
  expect([equal(at(1), at(1)), equal(at(1), at(2))]).toEqual([true, false]);
  expect([key(at(1)) === key(at(1)), key(at(1)) === key(at(2))]).toEqual([true, false]);
  const result: Type = { k: "result", ok: I64, error: { sets: [E.decl], open: [], any: false } };
  expect(equalOf(result)(new Failure(bad("a"), []), 3)).toBe(false);
  expect(equalOf(result)(3, 3)).toBe(true);
});

test("data that contains itself can be compared", () => {
  const Tree = program.struct("Tree", { value: I64 });
  program.extend(Tree.decl, { children: slice(Tree) });
  const make = layoutOfStruct(Tree.decl);
  const loop = (): any => {
    const children = list(Tree);
    const node = make.construct([1, children]);
    children.a.push(node);
    children.len++;
    return node;
  };
  expect(equalOf(Tree)(loop(), loop())).toBe(true);
});

test("data deeper than any stack can be compared, and shown, and be a key", () => {
  const List = program.enum("List", { Nil: [], Cons: [] });
  // Cons carries a number and the rest of the list: an enum may contain itself
  const decl = List.decl;
  decl.variants[1]!.payload = [{ kind: "NamedType", path: ["_"], args: [], span: decl.span },
    { kind: "NamedType", path: ["_"], args: [], span: decl.span }];
  program.payload(decl, 1).push({ name: "0", type: I64 }, { name: "1", type: List });
  const make = (n: number, last: number): any => {
    let at = layoutOfVariant(decl, 0).construct([]);
    for (let i = 0; i < n; i++) at = layoutOfVariant(decl, 1).construct([i === 0 ? last : i, at]);
    return at;
  };
  const equal = equalOf(List);
  const [a, b, c] = [make(200_000, 1), make(200_000, 1), make(200_000, 2)];
  expect([equal(a, b), equal(a, c), equal(a, make(199_999, 1)), equal(a, b)]).toEqual([true, false, false, true]);
  expect(text(showOf(List)(a)).endsWith(`…${")".repeat(1000)}`)).toBe(true);
  const key = keyOf(List);
  expect([key(a) === key(make(200_000, 1)), key(a) === key(c), key(make(400, 1)) === key(make(400, 1))])
    .toEqual([true, false, true]);
});

test("f32, i32 and u8 elements have kinds of their own", () => {
  expect([F32, I32, U8, STRING].map(elementKind)).toEqual([9, 6, 1, 0]);
});
