// Matches of fifty thousand arms: what is covered is found in about linear time, whatever the arms look at.
import { describe, expect, test } from "bun:test";
import { checkText, cpuMs, shown } from "./testing.ts";

const ARMS = 50_000;
/** Each takes some 0.7 s; where every arm is compared with every other, it is 10 and more. */
const TIME_MS_MAX = 4000;

const times = (count: number, text: (i: number) => string): string => Array.from({ length: count }, (_, i) =>
  text(i)).join("\n");
const match = (type: string, arms: string): string =>
  `func f(x: ${type}) -> i64 do\nreturn match x {\n${arms}\n}\nend\nfunc main() do\nend\n`;
/** A permutation. */
const mixed = (i: number): number => (i * 7919) % ARMS;

const enumOf = (payload: string, count: number): string =>
  `enum E {\n${times(count, (i) => `V${i}${payload},`)}\n}\n`;

const matches: Record<string, [text: string, found: string[]]> = {
  "numbers": [match("i64", `${times(ARMS, (i) => `${mixed(i)} => 1,`)}\n_ => 0,`), []],
  "ranges in any order": [match("i64", `${times(ARMS, (i) => `${mixed(i) * 9}..=${mixed(i) * 9 + 8} => 1,`)}\n_ => 0,`),
    []],
  "one range missing": [match("u32", times(ARMS, (i) => `${i * 10}..${i === ARMS - 1 ? "=4294967295"
    : `=${i * 10 + (i === 70 ? 7 : 9)}`} => 1,`)), ["2 J0210 this match does not cover `708..=709`"]],
  "one number twice": [match("i64", `${times(ARMS, (i) => `${i} => 1,`)}\n123 => 1,\n_ => 0,`),
    [`${ARMS + 3} J0211 this arm is never reached: those before it match all it would`]],
  "alternatives": [match("i64", `${times(ARMS, (i) => `${i} |`)} ${ARMS} => 1,\n_ => 0,`), []],
  "texts": [match("string", `${times(ARMS, (i) => `"k${mixed(i)}" => 1,`)}\n_ => 0,`), []],
  "variants": [enumOf("", ARMS) + match("E", times(ARMS, (i) => `.V${mixed(i)} => 1,`)), []],
  "variants with null": [enumOf("(?i64)", ARMS / 2) +
    match("E", times(ARMS / 2, (i) => `.V${i}(null) => 1,\n.V${i}(n) => n,`)), []],
  "tuples": [match("(i64, string)", `${times(ARMS, (i) => `(${i}, "${mixed(i)}") => 1,`)}\n_ => 0,`), []],
  "a square of tuples": [match("(u16, u16)", `${times(ARMS, (i) => `(${i % 200}, ${Math.floor(i / 200)}) => 1,`)}
_ => 0,`), []],
  "rows and columns": [match("(i64, i64)", `${times(ARMS / 2, (i) => `(${i}, _) => 1,\n(_, ${i}) => 1,`)}`),
    ["2 J0210 this match does not cover `(_, _)`"]],
  "slices": [match("[]i64", `${times(ARMS, (i) => `[${i}, ${mixed(i)}] => 1,`)}\n_ => 0,`), []],
};

describe("fifty thousand arms", () => {
  for (const [name, [text, found]] of Object.entries(matches)) {
    test(name, () => {
      const begin_ms = cpuMs();
      expect(shown(checkText(text).diagnostics)).toEqual(found);
      expect(cpuMs() - begin_ms).toBeLessThan(TIME_MS_MAX);
    }, 60_000);
  }
});

test("what would take for ever is told as too involved", () => {
  const columns = 24;
  const arms = times(columns, (i) => `(${Array.from({ length: columns }, (_, k) =>
    (k === i ? "true" : k === (i + 1) % columns ? "false" : "_")).join(", ")}) => 1,`);
  const text = match(`(${Array(columns).fill("bool").join(", ")})`, arms);
  const [first] = shown(checkText(text).diagnostics);
  expect(first).toMatch(/too involved|does not cover/);
}, 60_000);
