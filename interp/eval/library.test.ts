// The standard library as a whole has no error of types: std is checked only as far as a program uses it, so here every
// body of it is. That its examples do what they say is tests/std-examples.test.ts.
import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { checkStdUnit } from "../sema/index.ts";
import { Sources } from "../sema/sources.ts";

const STD = join(import.meta.dir, "../../std");

describe("std", () => {
  for (const file of [...new Bun.Glob("**/*.jan").scanSync(STD)].sort()) {
    test(`${file} checks clean, every body of it`, () => {
      const problems = checkStdUnit(`std/${file}`, new Sources(STD));
      expect(problems.map((d) => `${d.code} ${d.message}`)).toEqual([]);
    });
  }
});
