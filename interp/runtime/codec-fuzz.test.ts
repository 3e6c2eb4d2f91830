// Random values as bytes and back: graphs of slices, maps, tuples, structs, optionals and cells, whose parts are shared
// and whose cycles close, must come back with the same shape; and what was one object is one object afterwards.
import { expect, test } from "bun:test";
import { ptr } from "bun:ffi";
import fc from "fast-check";
import { layoutOfStruct, layoutOfTuple } from "../eval/layouts.ts";
import { I64, STRING, TestProgram } from "../eval/testing.ts";
import { Cell, fromBig, MapValue, RangeValue, SetValue, Slice, Some } from "../eval/values.ts";
import { decode, encode, useCodecHost } from "./codec.ts";
import { mapMemory } from "./memory.ts";

const SCRATCH = 8;
const SCRATCH_BYTES = 1 << 20;
const ARENA_BYTES = 4 << 20;
const memory = new Uint8Array(ARENA_BYTES);
const names: string[] = [];

function openMemory(): void {
  const none = (): never => {
    throw new Error("these values hold neither code nor handles");
  };
  mapMemory(ptr(memory), ARENA_BYTES, ptr(memory), 64);
  useCodecHost({
    intern: (text) => (names.includes(text) ? names.indexOf(text) : names.push(text) - 1),
    interned: (id) => names[id]!,
    code: none, codeId: none, wrap: none, reference: none, keepMemory: none, memory: none, alloc: none,
    scratch: SCRATCH, scratchBytes: SCRATCH_BYTES,
  });
}

const program = new TestProgram();
const PAIR = layoutOfStruct(program.struct("Pair", { a: I64, b: STRING }).decl);

/** A struct is behind every reference to it. */
const IDENTITIES: any[] = [Slice, MapValue, SetValue, Cell, PAIR.construct([0, ""]).constructor];

const scalar: fc.Arbitrary<any> = fc.oneof(
  fc.integer(), fc.double(), fc.boolean(), fc.constant(null),
  fc.string({ unit: "binary-ascii", maxLength: 20 }).map((text) => `${text}\u00ff`),
  fc.bigInt({ min: -(1n << 63n), max: (1n << 64n) - 1n }).map(fromBig),
  fc.tuple(fc.integer(), fc.integer()).map(([low, high]) => new RangeValue(low, high)),
);

const KINDS = ["slice", "map", "set", "cell", "tuple", "struct", "some"] as const;

/** A node of a graph: what it is, and which nodes (by number, whatever their place) or scalars are its parts. */
const node = fc.record({
  kind: fc.constantFrom(...KINDS),
  parts: fc.array(fc.oneof(fc.record({ to: fc.nat({ max: 30 }) }), fc.record({ scalar })), { maxLength: 5 }),
});

/** Nodes that may be changed close cycles; the others hold earlier nodes only. */
function build(nodes: { kind: (typeof KINDS)[number]; parts: ({ to: number } | { scalar: any })[] }[]): any {
  const open: any[] = nodes.map(({ kind }) => (kind === "slice" ? new Slice([], 0) : kind === "map" ? new MapValue()
    : kind === "set" ? new SetValue() : kind === "cell" ? new Cell(null) : undefined));
  nodes.forEach(({ kind, parts }, i) => {
    if (open[i] !== undefined) return;
    const values = parts.map((part) => ("scalar" in part ? part.scalar : open[part.to % nodes.length] ?? null));
    open[i] = kind === "tuple" ? layoutOfTuple(values.length + 2).construct([1, "t", ...values])
      : kind === "struct" ? PAIR.construct([values[0] ?? 0, values[1] ?? ""]) : new Some(values[0] ?? null);
  });
  nodes.forEach(({ parts }, i) => {
    const made = open[i];
    const values = parts.map((part) => ("scalar" in part ? part.scalar : open[part.to % nodes.length]));
    if (made instanceof Slice) {
      made.a.push(...values);
      made.len = values.length;
    } else if (made instanceof MapValue) values.forEach((value, at) => made.entries.set(at, [at, value]));
    else if (made instanceof SetValue) values.forEach((_, at) => made.entries.set(`${at}`, `${at}`));
    else if (made instanceof Cell) made.v = values[0] ?? null;
  });
  return new Slice(open, 0);
}

/** The value as text: every object has a number, and stands for that number from its second place on. */
function shape(value: any, met = new Map<any, number>()): string {
  if (typeof value !== "object" || value === null) {
    return Object.is(value, -0) ? "-0" : typeof value === "string" ? JSON.stringify(value) : String(value);
  }
  // Of a tuple, an optional and a range nobody can tell whether it is one object.
  if (IDENTITIES.some((kind) => value instanceof kind)) {
    const before = met.get(value);
    if (before !== undefined) return `#${before}`;
    met.set(value, met.size);
  }
  const parts = value instanceof Slice ? value.toArray()
    : value instanceof MapValue || value instanceof SetValue ? [...value.entries].flat(2)
    : Object.entries(value).filter(([key]) => key !== "mark" && key !== "root").map(([, part]) => part);
  return `${value.constructor.name}(${parts.map((part: any) => shape(part, met)).join(",")})`;
}

test("any value comes back with the shape it had", () => {
  let shared = 0;
  fc.assert(fc.property(fc.array(node, { minLength: 1, maxLength: 31 }), (nodes) => {
    openMemory();
    const value = build(nodes);
    const before = shape(value);
    if (before.includes("#")) shared += 1;
    encode(value);
    expect(shape(decode(SCRATCH))).toBe(before);
    expect(shape(value)).toBe(before);
  }), { seed: 20261120, numRuns: 1500 });
  expect(shared).toBeGreaterThan(500);
}, 60_000);
