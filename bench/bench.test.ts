// The arithmetic and the form of the benchmark tables.

import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { janusRun } from "./janus.ts";
import { compare, findPeers, geometricMean, PEERS, renderSequential } from "./sequential.ts";
import { summarize } from "./statistics.ts";
import { check, program } from "./front-end.ts";
import { bar, headlineRows, renderHeadline, table, verdict } from "./table.ts";

test("a median of odd and even many", () => {
  expect(summarize("a", [3, 1, 2])).toEqual({ name: "a", median: 2, min: 1, max: 3, runs: 3 });
  expect(summarize("a", [4, 1, 2, 3]).median).toBe(2.5);
  expect(() => summarize("a", [])).toThrow("nothing was measured");
});

test("a bar is full at the target and says when it goes on", () => {
  expect(bar(60, 60)).toBe(`${"█".repeat(12)} `);
  expect(bar(61, 60)).toBe(`${"█".repeat(12)}▶`);
  expect(bar(30, 60).trimEnd()).toBe("█".repeat(6));
  expect(bar(0, 60).trim()).toBe("");
});

test("every measurement has a place: a row, or the rest", () => {
  const one = (name: string) => summarize(name, [10]);
  const { rows, others, missing } = headlineRows([one("fiber_switch_2"), one("deque_push_pop")], [one("switch_2")]);
  expect(rows.map((row) => row.level)).toEqual(["core", "Janus"]);
  expect(others.map((each) => each.name)).toEqual(["deque_push_pop"]);
  expect(missing).toContain("await of a finished task (core)");
  expect(missing).not.toContain("context switch, 2 fibers (core)");
  expect(renderHeadline(rows)).toContain("≤ 80  met");
});

test("a target is met from its side: a time from below, a speed-up from above", () => {
  const met = (name: string, value: number) => {
    const { rows } = headlineRows([], [summarize(name, [value])]);
    return verdict(rows).startsWith("1 of 1 ");
  };
  expect([met("switch_2", 80), met("switch_2", 81)]).toEqual([true, false]);
  expect([met("fan_out", 1.8), met("fan_out", 1.7)]).toEqual([true, false]);
});

test("the program for the front end is as long as it says, and right", () => {
  const text = program(1_000);
  expect(text.split("\n").length).toBeGreaterThan(1_000);
  expect(check(text).diagnostics).toEqual([]);
});

test("columns line up", () => {
  expect(table(["a", "n"], [["x", "1"], ["long", "22"]], [1])).toBe("a      n\n────  ──\nx      1\nlong  22");
});

test("a geometric mean", () => {
  expect(geometricMean([0.5, 2])).toBeCloseTo(1);
  expect(geometricMean([0.1, 0.1, 0.1])).toBeCloseTo(0.1);
});

test("ratios are of medians, Janus over the other", () => {
  const figures = compare(new Map([
    ["a", new Map([["janus", [1, 2, 30]], ["lua", [4, 4, 4]]])],
    ["b", new Map([["janus", [8, 8, 8]], ["lua", [1, 1, 1]]])],
  ]));
  expect(figures.programs.map(({ ratios }) => ratios["lua"])).toEqual([0.5, 8]);
  expect(figures.geometricMeans["lua"]).toBeCloseTo(2);
  const lua = { name: "Lua", option: "lua", file: "main.lua", command: ["lua"], version: "5" };
  const text = renderSequential({ ...figures, fibPeakMegabytes: summarize("fib_peak_mb", [50]) }, [lua]);
  expect(text).toContain("0.50");
  expect(text).not.toContain("CPython");
});

test("every sequential program is there in every language, with what it prints", () => {
  const files = ["expected.txt", "main.jan", ...PEERS.map(({ file }) => file)].sort();
  const folder = join(import.meta.dir, "sequential");
  const programs = readdirSync(folder);
  expect(programs.length).toBe(12);
  for (const program of programs) {
    expect([program, readdirSync(join(folder, program)).sort()]).toEqual([program, files]);
  }
});

test("a language that is not there is named with the way to install it", () => {
  const path = process.env["PATH"];
  process.env["PATH"] = "/nowhere";
  try {
    const { found, skipped } = findPeers(["lua"]);
    expect(found).toEqual([]);
    expect(skipped).toEqual(["Lua is skipped: no lua5.4 or lua on PATH (apt-get install lua5.4)"]);
  } finally {
    process.env["PATH"] = path;
  }
});

test("the memory that the bench is given is what its programs may use", () => {
  const folder = mkdtempSync(join(tmpdir(), "janus-bench-"));
  try {
    const file = join(folder, "hungry.jan");
    writeFileSync(file, "func main() do\n    let kept: []string = []\n" +
      "    loop do kept.push(\"x\".repeat(1000000)) end\nend\n");
    const { exitCode, stderr } = Bun.spawnSync([...janusRun(96 << 20), file], { timeout: 60_000 });
    expect(stderr.toString()).toContain("of the 96 MiB that it may");
    expect(exitCode).toBe(101);
    expect(janusRun(null)).not.toContain("--memory");
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
