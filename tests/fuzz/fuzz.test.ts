// A short run of the generated programs, from a seed that is fixed; and that the oracle notices what it is there for.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tryWay, waysFor } from "./oracle.ts";
import { makeProgram, rendered } from "./program.ts";
import { campaign } from "./run.ts";

const folder = mkdtempSync(join(tmpdir(), "janus-fuzz-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

test("generated programs do the same in every way, and what was computed beforehand", async () => {
  const { programs, runs, failures } = await campaign({
    from: 20261120, seeds: 3, minutes: 5, ways: "", keep: folder, sharing: false, shrinks: false, say: () => {},
  });
  expect(failures.map(({ seed, finding }) => `seed ${seed}, ${finding.text}`)).toEqual([]);
  expect(programs).toBeGreaterThan(1);
  expect(runs).toBe(programs * waysFor(0).length);
}, 120_000);

test("a seed makes the same program each time, and another seed another", () => {
  const text = (seed: number) => rendered(makeProgram(seed))!.text;
  expect(text(7)).toBe(text(7));
  expect(text(7)).not.toBe(text(8));
});

test("a program that prints something else, is refused, panics or hangs is found", async () => {
  const way = waysFor(1)[0]!;
  const kindOf = async (body: string): Promise<string | undefined> => {
    const path = join(folder, "canary.jan");
    writeFileSync(path, `func main() do\n${body}\nend\n`);
    return (await tryWay(way, path, "1\n"))?.kind;
  };
  expect(await kindOf("println(1)")).toBeUndefined();
  expect(await kindOf("println(2)")).toBe("output");
  expect(await kindOf("println(one)")).toBe("J0201");
  expect(await kindOf("println([1][1])")).toBe("P001");
  expect(await kindOf("eprintln(1)\nprintln(1)")).toBe("says something");
}, 60_000);
