// A whole program from a seed: types, functions, cases, and a `main` that runs the cases as fibers, several rounds of
// them, so that functions get hot and the second worker has something to do. What it prints is known.
import { Expressions } from "./expressions.ts";
import type { Func, World } from "./literals.ts";
import {
  beginSteps, type Cell, type Declaration, Frame, indented, needed, Panic, type Stmt, TooMuch, type Variable,
} from "./nodes.ts";
import { helpers, usedBy } from "./prelude.ts";
import { Random } from "./random.ts";
import { called, Statements } from "./statements.ts";
import { anyType, type EnumType, I64, STRING, type StructType, type Type, typeText } from "./types.ts";

export interface Case {
  name: string;
  body: Stmt[];
  run(): string;
  text(): string[];
}

export interface Program {
  cases: Case[];
  /** Every list of statements, of cases and functions: what may be taken away. */
  lists: Stmt[][];
}

const ROUNDS = 3;
const REPAIRS_MAX = 60;

function makeWorld(seed: number): World {
  const counts = new Map<string, number>();
  return {
    r: new Random(seed), structs: [], enums: [], functions: [], declared: new Map(helpers), digests: new Map(),
    bumps: new Map(),
    trouble: { k: "enum", name: "Trouble", variants: [{ name: "Broken", types: [] }, { name: "Code", types: [I64] },
      { name: "Said", types: [STRING, I64] }] },
    nextName(prefix) {
      const count = (counts.get(prefix) ?? 0) + 1;
      counts.set(prefix, count);
      return `${prefix}${count}`;
    },
  };
}

const emptyScope = { variables: [] as Variable[], result: null, fails: false, loops: [], self: null };

function addTypes(world: World): void {
  const { r, trouble } = world;
  const declare = (name: string, text: () => string[]): void => void world.declared.set(name, { name, text });
  declare("Trouble", () => ["error Trouble {", ...trouble.variants.map((v) =>
    `    ${v.name}${v.types.length === 0 ? "" : `(${v.types.map(typeText).join(", ")})`},`), "}"]);
  for (let n = 0; n < 2; n++) {
    const variants = Array.from({ length: r.between(2, 4) }, (_, i) => ({ name: `V${i}`,
      types: Array.from({ length: i === 0 ? 0 : r.below(3) }, () => anyType(r, world.structs, 1)) }));
    const t: EnumType = { k: "enum", name: `Enum${n}`, variants };
    declare(t.name, () => [`enum ${t.name} {`, ...t.variants.map((v) => `    ${v.name}`
      + `${v.types.length === 0 ? "" : `(${v.types.map((of) => needType(world, of)).join(", ")})`},`), "}"]);
    world.enums.push(t);
    addStruct(world, `Point${n}`);
  }
}

function needType(world: World, t: Type): string {
  return new Expressions(world, emptyScope).written(t);
}

/** A struct with a method of a trait, and one that changes it. */
function addStruct(world: World, name: string): void {
  const { r } = world;
  const fields = Array.from({ length: r.between(1, 4) }, (_, i) => ({ name: `f${i}`,
    type: i === 0 ? I64 : anyType(r, [...world.structs, ...world.enums], 2) }));
  const t: StructType = { k: "struct", name, fields };
  const self: Variable = { name: "self", type: t, mutable: false };
  const digest = new Expressions(world, { ...emptyScope, variables: [self] }).make(I64, 2);
  const receiver: Variable = { name: "self", type: t, mutable: true, receiver: true };
  const by: Variable = { name: "by", type: I64, mutable: false };
  const body = new Statements(world, { ...emptyScope, variables: [receiver, by] }, null, 0).list(r.between(1, 2));
  world.declared.set(name, { name, text: () => [
    `struct ${name} { ${fields.map((f) => `${f.name}: ${needType(world, f.type)}`).join(", ")} }`,
    `impl Digest for ${name} {`, `    func digest(self) -> i64 do return ${digest.text()} end`, "}",
    `impl ${name} {`, `    func bump(self: *${name}, by: i64) do`, ...indented(body).map((l) => `    ${l}`),
    "    end", "}",
  ] });
  world.digests.set(t, ([value]) => {
    const frame = new Frame(null);
    frame.set(self, value);
    return digest.run(frame);
  });
  world.bumps.set(t, (cell: Cell, amount: bigint) => {
    const frame = new Frame(null);
    frame.cells.set(receiver, cell);
    frame.set(by, amount);
    called(body, { text: () => "", run: () => null }, frame);
  });
  world.structs.push(t);
}

function addFunction(world: World, lists: Stmt[][]): void {
  const { r } = world;
  const all = [...world.structs, ...world.enums];
  const [result, fails, recursive] = [anyType(r, all), r.chance(35), r.chance(40)];
  const params = [...(recursive ? [I64] : []), ...Array.from({ length: r.below(3) }, () => anyType(r, all))];
  const names = params.map((type): Variable => ({ name: world.nextName("a"), type, mutable: false }));
  const fn: Func = { name: world.nextName("f"), params, result, fails, recursive, call: () => null, text: () => [] };
  const self = recursive ? { fn, fuel: names[0]!, calls: 0 } : null;
  const variables = [...names];
  const base = new Expressions(world, { ...emptyScope, variables: [...names] }).make(result, 1);
  const scope = { variables, result, fails, loops: [], self };
  const body = new Statements(world, scope, null, 2).list(r.between(1, 4));
  const last = new Expressions(world, scope).make(result, 3);
  fn.text = () => {
    if (fails) needed.add(world.declared.get("Trouble")!);
    return [
      `func ${fn.name}(${names.map((n) => `${n.name}: ${needType(world, n.type)}`).join(", ")}) -> `
        + `${needType(world, result)}${fails ? " ! Trouble" : ""} do`,
      ...(recursive ? [`    if ${names[0]!.name} <= 0 do return ${base.text()} end`] : []),
      ...indented(body), `    return ${last.text()}`, "end",
    ];
  };
  fn.call = (args) => {
    const frame = new Frame(null);
    names.forEach((n, i) => frame.set(n, args[i]));
    if (recursive && args[0] <= 0n) return base.run(frame);
    return called(body, last, frame);
  };
  lists.push(body);
  world.functions.push(fn);
}

function makeCase(world: World): Case {
  const out: Variable = { name: "out", type: STRING, mutable: true };
  const name = world.nextName("case");
  const statements = new Statements(world, { ...emptyScope, variables: [out] }, out, 3);
  const body = statements.list(world.r.between(4, 10));
  const last = { text: () => "", run: (f: Frame) => f.cell(out).value };
  return {
    name, body,
    text: () => [`func ${name}() -> string do`, "    var out = \"\"", ...indented(body), "    return out", "end"],
    run() {
      beginSteps();
      const frame = new Frame(null);
      frame.set(out, "");
      return called(body, last, frame);
    },
  };
}

/** The case's output, after as many repairs as it takes; null for one that does too much, or cannot be repaired. */
export function settle(made: Case): string | null {
  for (let repairs = 0; repairs < REPAIRS_MAX; repairs++) {
    try {
      return made.run();
    } catch (e) {
      if (e instanceof Panic) e.repair();
      else if (e instanceof TooMuch || e instanceof RangeError) return null;
      else throw e;
    }
  }
  return null;
}

export function makeProgram(seed: number): Program {
  const world = makeWorld(seed);
  addTypes(world);
  const lists: Stmt[][] = [];
  for (let n = world.r.between(2, 6); n > 0; n--) addFunction(world, lists);
  const cases: Case[] = [];
  const wanted = world.r.between(2, 6);
  for (let tries = 0; cases.length < wanted && tries < 40; tries++) {
    const made = makeCase(world);
    if (settle(made) !== null) cases.push(made);
  }
  // A repair for one case changes what another one calls.
  for (let round = 0; round < 4; round++) {
    for (let i = cases.length - 1; i >= 0; i--) if (settle(cases[i]!) === null) cases.splice(i, 1);
  }
  return { cases, lists: [...lists, ...cases.map((one) => one.body)] };
}

/** The program's text and what it prints; null when its reference run does not come to an end any more. */
export function rendered({ cases }: Program): { text: string; output: string } | null {
  let outputs: string[];
  try {
    outputs = cases.map((one) => one.run());
  } catch {
    return null;
  }
  needed.clear();
  const texts = cases.map((one) => one.text());
  const declarations: string[][] = [];
  // Writing one declaration out may ask for others; the set grows while it is walked.
  for (const declaration of needed as Set<Declaration>) {
    for (const other of usedBy(declaration.name)) needed.add(other);
    if (/^Point/.test(declaration.name)) needed.add(helpers.get("Digest")!);
    declarations.push(declaration.text());
  }
  const names = cases.map((one) => one.name);
  const main = [
    "func main() do", `    for round in 0..${ROUNDS} do`, "        let results = nursery do",
    `            let tasks = [${names.map((name) => `spawn ${name}()`).join(", ")}]`,
    "            tasks.map { |task| await task }", "        end",
    "        if round == 0 do", "            for result in results do println(result) end", "        end",
    "        println(results.reduce(0) { |sum, text| (sum *% 31) +% text.len })", "    end", "end",
  ];
  const text = ["use std.sync.atomics", "use std.sync.mutex", "", ...[...declarations, ...texts, main]
    .flatMap((lines) => [...lines, ""])].join("\n");
  const digest = outputs.reduce((sum, one) => BigInt.asIntN(64, sum * 31n + BigInt(Buffer.byteLength(one))), 0n);
  const output = outputs.map((one) => `${one}\n`).join("") + `${digest}\n`.repeat(ROUNDS);
  return { text, output };
}

