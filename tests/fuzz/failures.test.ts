// A short run of the generator of failing nurseries; campaigns of any length: see failures.ts.
import { expect, test } from "bun:test";
import { judge } from "./failures.ts";

const SEEDS = 24;

test("no failure is lost in generated trees of nurseries, on one worker and on two", async () => {
  const found: string[] = [];
  let raised = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const judged = await judge(seed, 1 + seed % 2);
    raised += judged.raised;
    if (judged.wrong !== null) found.push(judged.wrong);
  }
  expect(found).toEqual([]);
  expect(raised).toBeGreaterThan(2 * SEEDS);
}, 120_000);
