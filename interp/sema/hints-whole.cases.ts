// Hints that need more than one text, or a large one: programs of several files, entries of a session, and what goes
// beyond a bound of the checker. As in hints.cases.ts: what is told the hint, and the same after it was followed.
import type { HintCase } from "./hints.cases.ts";

const several = (count: number, one: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => one(i)).join("");

/** Functions whose errors are inferred, each from the next. */
const chain = several(1000, (i) => `async func f${i}() -> i64 do return await f${i + 1}() end\n`);

/** A default that fills in more values than can be written out. */
const filled = `struct Large { ${several(1100, (i) => `x${i}: i64 = one(), `)} }
func one(n: i64 = 1) -> i64 do return n end
`;

/**
 * Pigeons, and one hole less: each arm is a way in which a placing of them is none, so that all arms together take
 * every value, which no search by columns finds soon (Haken, The intractability of resolution, 1985).
 */
function pigeons(count: number, last: string): string {
  const holes = count - 1;
  const row = (of: ReadonlyMap<number, boolean>): string =>
    `(${Array.from({ length: count * holes }, (_, k) => of.get(k) ?? "_").join(", ")}) => 1,\n`;
  const unplaced = several(count, (p) => row(new Map(Array.from({ length: holes }, (_, h) => [p * holes + h, false]))));
  const shared = several(holes, (h) => several(count, (p) => several(p, (q) =>
    row(new Map([[p * holes + h, true], [q * holes + h, true]])))));
  return `func f(x: (${Array(count * holes).fill("bool").join(", ")})) -> i64 do\n`
    + `return match x {\n${unplaced}${shared}${last}}\nend\n`;
}

export const LARGE: HintCase[] = [
  [pigeons(9, ""), pigeons(9, "else => 2,\n")],
  [`${chain}async func f1000() -> i64 do return await f0() end\n`,
    `error E { A }\n${chain.replace("-> i64", "-> i64 ! E")}async func f1000() -> i64 do return await f0()? end\n`],
  [`${filled}func f(a: Large = Large {}) do println(a) end\nfunc main() do f() end`,
    `${filled}func make() -> Large do return Large {} end\n`
      + `func f(a: Large = make()) do println(a) end\nfunc main() do f() end`],
];

/** Programs of several files, by their paths; `main.jan` is the one that is run. */
export type Files = Record<string, string>;

export const SEVERAL: [wrong: Files, right: Files][] = [
  [{ "main.jan": "use a\nfunc main() do println(a.one()) end",
    "a.jan": "use b\npub func one() -> i64 do return two() end",
    "b.jan": "use a\npub const K = 2\npub func two() -> i64 do return K end" },
  { "main.jan": "use a\nfunc main() do println(a.one()) end",
    "a.jan": "use b\npub func one() -> i64 do return two() end",
    "b.jan": "use c\npub func two() -> i64 do return K end", "c.jan": "pub const K = 2" }],
  [{ "main.jan": "use \"./shapes/round\"\nfunc main() do println(circle()) end",
    "shapes/round.jan": "pub func circle() -> i64 do return 1 end" },
  { "main.jan": "use shapes.round\nfunc main() do println(circle()) end",
    "shapes/round.jan": "pub func circle() -> i64 do return 1 end" }],
];

/** Entries of a session; of the wrong ones the last is told. */
export const SESSIONS: [wrong: string[], right: string[]][] = [
  [["struct P { x: i64 }", "let by = 2", "impl P { func times(self) -> i64 do return self.x * by end }"],
    ["struct P { x: i64 }", "let by = 2", "impl P { func times(self, by: i64) -> i64 do return self.x * by end }",
      "P { x: 1 }.times(by)"]],
];
