// Programs that are almost right: every mutation of a good program is checked to its end, without a crash and within a
// bound, and one that checks clean is annotated in full. The seed is fixed, so that a failure can be had again.
import { expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fuzz } from "../syntax/fuzz.ts";
import { checkWhole } from "./fuzz.ts";
import { checkText, cpuMs, gaps } from "./testing.ts";

const acceptance = join(import.meta.dir, "../../tests/acceptance");
const texts = [
  readFileSync(join(import.meta.dir, "testdata/everything.jan"), "utf8"),
  ...readdirSync(acceptance).filter((f) => f.endsWith(".jan")).sort()
    .map((f) => readFileSync(join(acceptance, f), "utf8")),
];
const words = texts.join(" ").match(/\w+|[^\s\w]/g)!;

/** Numbers in [0, 1) that depend on the seed alone (Numerical Recipes' linear congruential generator). */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function mutate(random: () => number): string {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)]!;
  const tokens = pick(texts).match(/\/\/.*|\w+|"[^"]*"|\s+|[^\s\w]/g)!.slice();
  for (let left = 1 + Math.floor(random() * 4); left > 0;) {
    const at = Math.floor(random() * tokens.length);
    if (/^\s+$/.test(tokens[at]!)) continue;
    left--;
    const way = random();
    if (way < 0.3) tokens.splice(at, 1);
    else if (way < 0.7) tokens[at] = pick(words);
    else if (way < 0.85) tokens.splice(at, 0, pick(words));
    else tokens[at] = tokens[Math.floor(random() * tokens.length)]!;
  }
  return tokens.join("");
}

test("mutated programs are checked to their end", () => {
  const random = generator(20261120);
  let rejected = 0;
  for (let i = 0; i < 200; i++) {
    const text = mutate(random);
    const start = cpuMs();
    const { program, diagnostics } = checkText(text);
    expect(cpuMs() - start).toBeLessThan(2000);
    if (diagnostics.length > 0) {
      rejected++;
      for (const d of diagnostics) {
        expect(d.span.start).toBeGreaterThanOrEqual(0);
        expect(d.span.end).toBeLessThanOrEqual(d.unit.text.length);
      }
      continue;
    }
    const unit = program.units.find((u) => u.source.name === "main.jan")!;
    expect(gaps(unit.decls, text)).toEqual([]);
  }
  // a canary: mutations that nobody notices would mean that nothing is checked
  expect(rejected).toBeGreaterThan(100);
}, 60_000);

test("damaged programs and random tokens: no crash, bounded work, a place for every rejection", () => {
  const { tried, accepted, failure } = fuzz(20261120, 5000, checkWhole, 400);
  expect(failure).toBeNull();
  expect(tried).toBeGreaterThan(20);
  expect(accepted).toBeGreaterThan(0);
  expect(accepted).toBeLessThan(tried);
}, 60_000);
