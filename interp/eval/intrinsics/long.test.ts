// The table of calls that may be long: names of the library, and sizes from which they are.
import { expect, test } from "bun:test";
import { pureIntrinsics } from "./index.ts";
import { longCalls } from "./long.ts";
import { MapValue, Slice } from "../values.ts";

test("what may be long is a function of the library", () => {
  for (const name of Object.keys(longCalls)) expect(Object.keys(pureIntrinsics)).toContain(name);
});

test("a call is long by what it is given", () => {
  const many = new Slice(new Array(50_000).fill(0), 8);
  const few = new Slice([1], 8);
  const map = new MapValue();
  for (let i = 0; i < 30_000; i++) map.entries.set(i, [i, i]);
  expect(longCalls["array.join"]!(many, ",")).toBe(true);
  expect(longCalls["array.join"]!(few, ",")).toBe(false);
  expect(longCalls["array.extend"]!(many, few)).toBe(false);
  expect(longCalls["array.concat"]!(few, many)).toBe(true);
  expect(longCalls["map.keys"]!(map)).toBe(true);
  expect(longCalls["string.chars"]!("x".repeat(100_000))).toBe(true);
  expect(longCalls["string.chars"]!("x")).toBe(false);
  expect(longCalls["string.repeat"]!("ab", 60_000)).toBe(true);
  expect(longCalls["str"]!(1, many)).toBe(true);
});
