// The library that programs run on has every check of the core in it: one that does not hold ends the process and names
// the fibers that ran, instead of going on with what it found.
import { expect, test } from "bun:test";
import { core, openLibrary } from "../../interp/runtime/library.ts";

test("the native core is built with its checks", () => {
  openLibrary(`${import.meta.dir}/../..`);
  expect(core.janus_is_checked()).toBe(1);
});
