// A short run of absurd calls, from a seed that is fixed; that nothing of std is forgotten; and that what the calls are
// there for is noticed.
import { expect, test } from "bun:test";
import { readStd } from "../../tools/std-docs.ts";
import { Random } from "../fuzz/random.ts";
import type { Outcome } from "../runner/process.ts";
import { readLibrary } from "./callees.ts";
import { MARK, programOf, writeCalls } from "./programs.ts";
import { emptyTally, judge, round } from "./run.ts";
import { SAFE } from "./safe.ts";

const library = readLibrary();
/** One function of so many is called here; a campaign calls all. */
const STRIDE = 5;

test("every public function and method of std is called", () => {
  const inReference = readStd().flatMap(({ file, names }) =>
    names.filter(({ signature }) => /^(async )?func /.test(signature))
      .map(({ name }) => `${file.slice(0, -".jan".length).replaceAll("/", ".")}: ${name}`));
  const called = new Set(library.callees.map(({ name }) => name));
  expect([...new Set(inReference)].sort()).toEqual([...called].sort());
  expect(called.size).toBeGreaterThan(700);
});

test("the checker takes a call of each, and the same seed makes the same", () => {
  const { calls, refused } = writeCalls(library, library.callees, new Random(7));
  expect(refused).toEqual([]);
  expect(calls.length).toBe(library.callees.length);
  const few = library.callees.slice(0, 20);
  const texts = [1, 2].map(() => programOf(library, writeCalls(library, few, new Random(7)).calls));
  expect(texts[0]).toBe(texts[1]!);
}, 60_000);

test("absurd arguments end as a value, an error, or a panic with its code and trace", async () => {
  const tally = emptyTally();
  const alone = library.callees.filter(({ name }) => SAFE.alone.some(({ where }) => where.test(name)));
  const some = library.callees.filter((callee, i) => i % STRIDE === 0 && !alone.includes(callee));
  await round(library, [...some, ...alone], 1, tally);
  expect(tally.findings).toEqual([]);
  expect(tally.functions).toBe(some.length + alone.length);
  expect(Math.min(tally.value, tally.error, tally.panic)).toBeGreaterThan(0);
}, 120_000);

test("a safe variant is for something that is there", () => {
  const roles = library.callees.flatMap(({ name, params }) => params.map((p) => `${name}(${p.name})`));
  for (const { where } of [...SAFE.values, SAFE.walks]) expect(roles.some((role) => where.test(role))).toBe(true);
  for (const { where } of SAFE.alone) expect(library.callees.some(({ name }) => where.test(name))).toBe(true);
});

test("what ends otherwise is noticed, at its call", () => {
  const told = (...lines: string[]): Outcome => ({
    status: 0, signal: null, stdout: lines.map((line) => `${MARK}${line}\n`).join("\n"), stderr: "", timedOut: false,
    seconds: 0,
  });
  const panic = (text: string, trace: string): string => `panic 0 ${JSON.stringify(text)} ${JSON.stringify(trace)}`;
  const sound = panic('Panicked("P009: no")', "at repeat (std/core/string.jan:1:1) | at call_0 (absurd.jan:4:9)");
  const problem = (outcome: Outcome, calls = 1) => judge(outcome, calls).wrong;
  expect(judge(told("begin 0", "value 0", "begin 1", 'error 1 "NotFound" ""', "begin 2", sound.replace("0", "2")), 3))
    .toEqual({ endings: { value: 1, error: 1, panic: 1 }, wrong: null });
  expect(problem(told("begin 0", panic('Panicked("no code")', "at call_0 (a.jan:1:1)")))?.problem).toContain("code");
  expect(problem(told("begin 0", panic('Panicked("P009: no")', "")))?.problem).toContain("trace");
  expect(problem(told("begin 0", 'error 0 "TypeError: x" ""'))?.problem).toContain("TypeError");
  expect(problem(told("begin 0", "value 0", "begin 1"), 2)).toEqual({ call: 1, problem: "ends untold" });
  const cut = told("begin 0", "value 0", "begin 1");
  expect(problem({ ...cut, status: null, timedOut: true }, 2)).toEqual({ call: 1, problem: "hangs" });
  expect(problem({ ...cut, status: null, signal: "SIGSEGV" }, 2)?.problem).toContain("SIGSEGV");
  expect(problem({ ...cut, status: 70 }, 2)?.problem).toBe("internal error");
  expect(problem({ ...cut, status: 101 }, 2)?.problem).toContain("takes the program with it");
  expect(problem({ ...cut, stderr: "undefined is not an object" }, 2)?.problem).toContain("undefined is not");
});
