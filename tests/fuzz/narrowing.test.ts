// A short run of the programs about optionals, from a seed that is fixed; and that a null is noticed.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { campaign, finding, makeProgram } from "./narrowing.ts";

const keep = mkdtempSync(join(tmpdir(), "janus-narrowing-"));
process.on("exit", () => rmSync(keep, { recursive: true, force: true }));

test("what the checker accepts meets no null where it promised none", async () => {
  const { functions, findings } = await campaign({ from: 20261129, seeds: 6, minutes: 3, keep, say: () => {} });
  expect(findings).toEqual([]);
  expect(functions).toBeGreaterThan(60);
}, 240_000);

test("a seed makes the same program each time, and another seed another", () => {
  expect(makeProgram(7)).toEqual(makeProgram(7));
  expect(makeProgram(7).text).not.toBe(makeProgram(8).text);
}, 60_000);

test("a program that unwraps a null is found", async () => {
  const path = join(keep, "canary.jan");
  writeFileSync(path, "func main() do\n    let x: ?i64 = null\n    println(x.? == 1)\nend\n");
  expect(await finding(path)).toContain("P008");
}, 60_000);
