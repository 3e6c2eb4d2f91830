// A short run of hostile programs, from a seed that is fixed; and that what they are there for is noticed.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { calleeCount } from "./edges.ts";
import { campaign, judge, makeHostile, tryHostile } from "./hostile.ts";

const folder = mkdtempSync(join(tmpdir(), "janus-hostile-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

test("hostile programs end with a word of their own", async () => {
  const { programs, failures } = await campaign({ from: 1, seeds: 60, minutes: 2, keep: folder, say: () => {} });
  expect(failures).toEqual([]);
  expect(programs).toBeGreaterThan(30);
}, 180_000);

test("std is called whole, and the same seed makes the same program", () => {
  expect(calleeCount()).toBeGreaterThan(150);
  expect(makeHostile(4)).toEqual(makeHostile(4));
});

test("an internal error, a word of the host, a crash, a silent end and a hang are noticed", async () => {
  const hostile = { name: "", text: "func main() do end\n", mayLoop: false };
  const outcome = { status: 0, signal: null, stdout: "", stderr: "", timedOut: false, seconds: 0 };
  expect(judge(outcome, hostile)).toBeNull();
  expect(judge({ ...outcome, status: 101, stderr: "PANIC P001: …" }, hostile)).toBeNull();
  expect(judge({ ...outcome, status: 70, stderr: "janus: internal error" }, hostile)).toBe("internal error");
  expect(judge({ ...outcome, status: 1, stderr: "RangeError: …" }, hostile)).toContain("RangeError");
  expect(judge({ ...outcome, status: null, signal: "SIGSEGV" }, hostile)).toContain("SIGSEGV");
  expect(judge({ ...outcome, status: 1 }, hostile)).toContain("without a word");
  expect(judge({ ...outcome, status: null, timedOut: true, stderr: "main: ready" }, hostile)).toBe("hangs");
  const looping = { ...hostile, text: "func main() do\n    loop do end\nend\n", mayLoop: true };
  expect(await tryHostile(looping, join(folder, "looping.jan"))).toBeNull();
}, 30_000);
