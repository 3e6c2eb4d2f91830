// Generated programs that try to share what fibers may not share: a value of a random shape is taken to another fiber
// in some way, and written there through some path. What a spawn carried in, what a module-level value holds and what a
// closure captured refuses every write (P014); what was received is the receiver's own; and the giver's value stays as
// it was, always. So the output is known, and the same in every way a program can be run.
import { Random } from "./random.ts";

const indented = (lines: string[]): string[] => lines.map((line) => `    ${line}`);

/** A shape with a value of it, and every way to change a place that holds it, as lines over the place's text. */
interface Shape {
  type: string;
  value: string;
  /** `fresh` gives names that no other line has. */
  writes: ((place: string, fresh: () => string) => string[])[];
}

interface Made {
  /** structs, by their text */
  declarations: string[];
  names: number;
}

/** How a value gets to where it is written: an expression of type bool over `x`, the giver's, and `write`. */
interface Crossing {
  frozen: boolean;
  lines(type: string, write: string): string[];
}

const NUMBER: Shape = {
  type: "i64", value: "5",
  writes: [(p) => [`${p} = 77`], (p) => [`${p} += 1`], (p) => [`${p}, ${p} = 78, 79`]],
};

const STRINGS: Shape = {
  type: "[]string", value: `["b", "a"]`,
  writes: [
    (p) => [`${p}[0] = "z"`], (p) => [`${p}.push("z")`], (p) => [`${p}.insert(0, "z")`], (p) => [`${p}.reverse()`],
    (p) => [`${p}.sort()`], (p) => [`${p}.clear()`], (p) => [`${p}[0], ${p}[1] = ${p}[1], ${p}[0]`],
    (p, fresh) => {
      const view = fresh();
      return [`let ${view} = ${p}[0..1]`, `${view}[0] = "v"`];
    },
  ],
};

const FIXED: Shape = {
  type: "[3]i64", value: "[3, 2, 1]",
  writes: [
    (p) => [`${p}[1] = 77`], (p) => [`${p}[0] += 1`], (p) => [`${p}.sort()`], (p) => [`lent(${p})`],
    (p, fresh) => {
      const view = fresh();
      return [`let ${view}: []i64 = ${p}`, `${view}[2] = 77`];
    },
    (p, fresh) => {
      const view = fresh();
      return [`let ${view} = ${p}[1..3]`, `${view}[0] = 77`];
    },
  ],
};

const MAP: Shape = {
  type: "Map[string, i64]", value: `{ "a": 1 }`,
  writes: [(p) => [`${p}.set("z", 1)`], (p) => [`${p}.remove("a")`], (p) => [`${p}.clear()`]],
};

const SET: Shape = { type: "Set[i64]", value: "Set.of([1])", writes: [(p) => [`${p}.add(2)`]] };

const NODE: Shape = {
  type: "*Node", value: "&Node { n: 1 }",
  writes: [
    (p) => [`${p}.n = 77`], (p) => [`${p}.bump()`], (p) => [`${p}.* = Node { n: 9 }`],
    (p, fresh) => {
      const alias = fresh();
      return [`let ${alias} = ${p}`, `${alias}.n += 1`];
    },
  ],
};

/** A struct around other shapes: what can be changed of them can be changed through its fields, and it as a whole. */
function struct(r: Random, made: Made, depth: number): Shape {
  const name = `S${made.declarations.length}`;
  made.declarations.push("");
  const at = made.declarations.length - 1;
  const fields = Array.from({ length: r.between(1, 3) }, () => shape(r, made, depth - 1, true));
  const written = fields.map((f, i) => `f${i}: ${f.type}`).join(", ");
  made.declarations[at] = [`struct ${name} { n: i64, ${written} }`,
    `impl ${name} { func bump(self: *${name}) do self.n += 1 end }`].join("\n");
  const value = (n: number): string => `${name} { n: ${n}, ${fields.map((f, i) => `f${i}: ${f.value}`).join(", ")} }`;
  return {
    type: name, value: value(0),
    writes: [
      ...fields.flatMap((f, i) => f.writes.map((write): Shape["writes"][number] =>
        (p, fresh) => write(`${p}.f${i}`, fresh))),
      (p) => [`${p}.n = 77`], (p) => [`${p}.bump()`], (p) => [`${p} = ${value(4)}`],
      (p, fresh) => {
        const reference = fresh();
        return [`let ${reference} = &${p}`, `${reference}.n += 1`];
      },
      (p, fresh) => {
        const reference = fresh();
        return [`let ${reference} = &${p}`, `${reference}.* = ${value(5)}`];
      },
    ],
  };
}

/** Slices of what crosses as a copy; slices of numbers would be shared memory, as they are meant to be. */
function slice(of: Shape): Shape {
  return {
    type: `[]${of.type}`, value: `[${of.value}]`,
    writes: [
      ...of.writes.map((write): Shape["writes"][number] => (p, fresh) => write(`${p}[0]`, fresh)),
      (p) => [`${p}.push(${of.value})`], (p) => [`${p}.pop()`], (p) => [`${p}.clear()`],
      (p, fresh) => {
        const alias = fresh();
        return [`let ${alias} = ${p}`, `${alias}.extend([${of.value}])`];
      },
    ],
  };
}

function tuple(parts: Shape[]): Shape {
  return {
    type: `(${parts.map((p) => p.type).join(", ")})`, value: `(${parts.map((p) => p.value).join(", ")})`,
    writes: parts.flatMap((part, i) => part.writes.map((write): Shape["writes"][number] =>
      (p, fresh) => write(`${p}.${i}`, fresh))),
  };
}

/** isField: a reference may stand there, since the struct around it crosses whole. */
function shape(r: Random, made: Made, depth: number, isField = false): Shape {
  const leaves = [STRINGS, FIXED, MAP, SET, ...(isField ? [NUMBER, NODE] : [])];
  if (depth <= 0) return r.pick(leaves);
  switch (r.below(isField ? 5 : 3)) {
    case 0: return struct(r, made, depth);
    case 1: return slice(compound(r, made, depth - 1));
    case 2: return tuple([NUMBER, compound(r, made, depth - 1)]);
    default: return r.pick(leaves);
  }
}

/** What is no number and no reference. */
const compound = (r: Random, made: Made, depth: number): Shape => shape(r, made, depth);

const CROSSINGS: Crossing[] = [
  { frozen: true, lines: (_t, w) => [`${w}(x)`] },
  { frozen: true, lines: (_t, w) => ["let f = func() -> bool do", `    return ${w}(x)`, "end", "f()"] },
  { frozen: true, lines: (t, w) => ["let ended = nursery do", `    await spawn passed(x, func(y: ${t}) -> bool do`,
    `        return ${w}(y)`, "    end)", "end", "ended"] },
  { frozen: true, lines: (_t, w) => ["nursery do", `    return await spawn ${w}(x)`, "end"] },
  { frozen: true, lines: (_t, w) => ["nursery do", "    return await spawn func() -> bool do",
    "        nursery do", `            return await spawn func() -> bool do return ${w}(x) end`, "        end",
    "    end", "end"] },
  { frozen: true, lines: (_t, w) => ["let ch = channel[func() -> bool](1)",
    `ch.send(func() -> bool do return ${w}(x) end)`, "let f = ch.recv().?", "f()"] },
  { frozen: true, lines: (_t, w) => ["let ch = channel[Job](1)",
    `ch.send(Job { run: func() -> bool do return ${w}(x) end })`, "let job = ch.recv().?", "(job.run)()"] },
  { frozen: true, lines: (_t, w) => ["let m = Mutex.new([Job { run: func() -> bool do",
    `    return ${w}(x)`, "end }])", "m.with { |jobs| (jobs[0].run)() }"] },
  { frozen: true, lines: (_t, w) => ["nursery do", "    let f = await spawn func() -> func() -> bool do",
    `        return func() -> bool do return ${w}(x) end`, "    end", "    return f()", "end"] },
  { frozen: true, lines: (_t, w) => ["let l = task.Local.new(x)", `l.with(x) { || ${w}(l.get()) }`] },
  { frozen: true, lines: (t, w) => [`let ch = channel[${t}](1)`, "ch.send(x)", "let own = ch.recv().?", "nursery do",
    `    return await spawn ${w}(own)`, "end"] },
  { frozen: false, lines: (t, w) => [`let ch = channel[${t}](1)`, "ch.send(x)", `${w}(ch.recv().?)`] },
  { frozen: false, lines: (t, w) => [`let ch = channel[${t}](0)`, "nursery do", "    spawn func() do ch.send(x) end",
    "    select do", `        recv ch |own| do return ${w}(own) end`, "    end", "end"] },
  { frozen: false, lines: (t, w) => [`let ch = channel[(i64, ?${t})](1)`, "nursery do",
    "    let seen = spawn func() -> bool do", "        let (_, own) = ch.recv().?", `        return ${w}(own.?)`,
    "    end", "    ch.send((1, x))", "    return await seen", "end"] },
  { frozen: false, lines: (t, w) => ["nursery do", `    let own = await spawn func() -> ${t} do return x end`,
    `    return ${w}(own)`, "end"] },
  { frozen: false, lines: (_t, w) => ["let m = Mutex.new(x)", `let first = m.with { |own| ${w}(own) }`,
    `first and m.with { |own| str(own) } != str(x)`] },
  { frozen: false, lines: (t, w) => [`let c: Chan[${t}] = chan_with_capacity(1)`, "c.chan_send(x)",
    `${w}(c.chan_recv().?)`] },
  { frozen: false, lines: (_t, w) => ["nursery do", "    return await spawn func() -> bool do",
    `        return ${w}(clone(x))`, "    end", "end"] },
];

const HEAD = [
  "use std.task", "use std.sync", "use std.sync.chan", "",
  "struct Node { n: i64 }", "impl Node { func bump(self: *Node) do self.n += 1 end }",
  "struct Job { run: func() -> bool }",
  "func lent(xs: []i64) do xs[0] = 78 end",
  "func passed[T](x: T, f: func(T) -> bool) -> bool do return f(x) end",
  "func tried(f: func() -> bool) -> string do",
  "    let ended = task.collect([0]) { |_| f() }",
  "    return match ended[0] {",
  `        Ok(changed) => if changed do "changed" else do "the same" end,`,
  `        Err(err) => if str(err).contains("P014") do "P014" else do str(err) end,`,
  "    }", "end", "",
];

/** Calls after which a function is written as one text. */
const HOT = 30;

/** A program that tries to share, from a seed, and what it prints. */
export function makeSharing(seed: number): { text: string; output: string } {
  const r = new Random(seed);
  const made: Made = { declarations: [], names: 0 };
  const fresh = (): string => `v${made.names++}`;
  const cases: string[][] = [];
  const output: string[] = [];
  const count = r.between(6, 14);
  for (let k = 0; k < count; k++) {
    // the root is a slice: what it holds can be changed whatever holds the slice
    const root = slice(compound(r, made, r.between(0, 3)));
    const isGlobal = r.chance(25);
    const isHot = r.chance(40);
    const crossing = r.pick(CROSSINGS);
    const write = r.pick(root.writes);
    cases.push([
      `func make_${k}() -> ${root.type} do`, `    let made: ${root.type} = ${root.value}`, "    return made", "end",
      ...(isGlobal ? [`let GLOBAL_${k}: ${root.type} = make_${k}()`] : []),
      `func write_${k}(x: ${root.type}) -> bool do`, "    let before = str(x)", ...indented(write("x", fresh)),
      "    yield", "    return str(x) != before", "end",
      // through a value, so that the text does not show who writes: that would not even check
      `func given_${k}(x: ${root.type}) -> bool do`, `    let f = write_${k}`, "    return f(x)", "end",
      `func case_${k}() -> string do`,
      ...(isHot ? [`    for _ in 0..${HOT} do write_${k}(make_${k}()) end`] : []),
      `    let x = ${isGlobal ? `GLOBAL_${k}` : `make_${k}()`}`, "    let before = str(x)",
      "    let got = tried(func() -> bool do", ...indented(indented(crossing.lines(root.type, `given_${k}`))),
      "    end)", `    return $"${k} {got} {str(x) == before}"`, "end", "",
    ]);
    output.push(`${k} ${crossing.frozen ? "P014" : "changed"} true`);
  }
  const main = [
    "func main() do", "    let lines = nursery do",
    `        let tasks = [${cases.map((_, k) => `spawn case_${k}()`).join(", ")}]`,
    "        tasks.map { |t| await t }", "    end", "    for line in lines do println(line) end", "end",
  ];
  const declared = made.declarations.flatMap((text) => text.split("\n"));
  return { text: [...HEAD, ...declared, "", ...cases.flat(), ...main, ""].join("\n"),
    output: output.map((line) => `${line}\n`).join("") };
}
