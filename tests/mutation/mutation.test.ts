// Every mutant still says something of the source as it is. Whether tests notice them is tried by run.ts.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesMatching, ROOT } from "../runner/checkout.ts";
import type { Mutant } from "./mutant.ts";

const sets = filesMatching("tests/mutation/*.ts").filter((path) => !/(run|mutant|\.test)\.ts$/.test(path));

for (const path of sets) {
  test(`the mutants of ${path} apply, and say which tests must notice`, async () => {
    const { mutants } = await import(join(ROOT, path)) as { mutants: Mutant[] };
    expect(mutants.length).toBeGreaterThanOrEqual(10);
    expect(new Set(mutants.map((m) => m.name)).size).toBe(mutants.length);
    const lost = mutants.filter(({ file, find }) => readFileSync(join(ROOT, file), "utf8").split(find).length !== 2);
    expect(lost.map((m) => m.name)).toEqual([]);
    expect(mutants.filter((m) => m.tests.length === 0)).toEqual([]);
  });
}
