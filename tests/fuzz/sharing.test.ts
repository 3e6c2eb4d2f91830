// A short run of the programs that try to share, from a seed that is fixed.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waysFor } from "./oracle.ts";
import { campaign } from "./run.ts";
import { makeSharing } from "./sharing.ts";

const folder = mkdtempSync(join(tmpdir(), "janus-sharing-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

test("failure mode 23: programs that try to share are refused, or do the same, in every way", async () => {
  const { programs, runs, failures } = await campaign({
    from: 20261129, seeds: 4, minutes: 5, ways: "", keep: folder, sharing: true, shrinks: false, say: () => {},
  });
  expect(failures.map(({ seed, finding }) => `seed ${seed}, ${finding.text}`)).toEqual([]);
  expect(programs).toBe(4);
  expect(runs).toBe(programs * waysFor(0).length);
}, 120_000);

test("programs that try to share know every way to cross and every kind of value", () => {
  const texts = Array.from({ length: 200 }, (_, seed) => makeSharing(seed).text).join("\n");
  for (const part of ["Local.new", "Mutex.new", "chan_with_capacity", "select do", "GLOBAL_", ".bump()", ".* = ",
    "let ended = nursery", ": []i64 = ", ".set(", ".add(", "(i64, "]) expect(texts).toContain(part);
});
