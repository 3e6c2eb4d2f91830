// Traces that came through very many fibers.
import { expect, test } from "bun:test";
import { shorten } from "./traces.ts";

/** Places 1 to n; those of spawns are negative. */
const places = (n: number, isSpawn: (i: number) => boolean): number[] =>
  Array.from({ length: n }, (_, i) => (isSpawn(i + 1) ? -(i + 1) : i + 1));

test("the middle of a trace through many fibers is left out, both ends stay", () => {
  const trace = places(100_000, (i) => i % 2 === 0);
  shorten(trace);
  expect(trace.length).toBeLessThan(10_000);
  expect(trace.slice(0, 4)).toEqual([1, -2, 3, -4]);
  expect(trace.slice(-2)).toEqual([99_999, -100_000]);
  const kept = trace.length;
  trace.unshift(7, -8);
  shorten(trace);
  expect([trace.length, trace[0]]).toEqual([kept, 7]);
});

test("one of calls only stays whole, however long", () => {
  const trace = places(100_000, () => false);
  shorten(trace);
  expect(trace.length).toBe(100_000);
});
