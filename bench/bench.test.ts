// The arithmetic and the form of the benchmark tables.

import { expect, test } from "bun:test";
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
