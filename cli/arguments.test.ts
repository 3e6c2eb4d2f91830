// The command line, read strictly.

import { describe, expect, test } from "bun:test";
import { isNear, readArguments } from "./arguments.ts";

const described = {
  file: { type: "positional", required: true, valueHint: "FILE" },
  workers: { type: "string", valueHint: "N", alias: "w" },
  trace: { type: "string", valueHint: "OUT.json" },
  stats: { type: "boolean", default: false },
} as const;

describe("a command line for a program", () => {
  const read = (...args: string[]) => readArguments(args, described, true);
  test("options before and after the file, in every spelling", () => {
    const wanted = { values: { file: "a.jan", workers: 2, stats: true }, rest: [] };
    expect(read("--workers", "2", "--stats", "a.jan")).toEqual(wanted);
    expect(read("--workers=2", "a.jan", "--stats")).toEqual(wanted);
    expect(read("a.jan", "-w", "2", "--stats")).toEqual(wanted);
  });
  test("what is not ours after the file is the program's", () => {
    expect(read("a.jan", "x", "--verbose", "-n", "--stats").rest).toEqual(["x", "--verbose", "-n"]);
    expect(read("a.jan", "--", "--stats", "--").rest).toEqual(["--stats", "--"]);
    expect(read("a.jan", "--", "--stats").values.stats).toBe(false);
  });
  test("switched off again", () => expect(read("--stats", "--no-stats", "a.jan").values.stats).toBe(false));
  test("what cannot be meant", () => {
    expect(() => read()).toThrow("FILE is missing");
    expect(() => read("--worker", "2", "a.jan")).toThrow("no option --worker");
    expect(() => read("a.jan", "--workers")).toThrow("needs a value: N");
    expect(() => read("a.jan", "--workers", "two")).toThrow("whole number, not 'two'");
    expect(() => read("a.jan", "--stats=yes")).toThrow("takes no value");
  });
});

describe("a command line without a program", () => {
  const read = (...args: string[]) => readArguments(args, described);
  test("one word too many", () => expect(() => read("a.jan", "b.jan")).toThrow("too many: b.jan"));
  test("a file whose name starts with a dash", () => expect(read("--", "-a.jan").values.file).toBe("-a.jan"));
});

test("names that are near", () => {
  for (const word of ["worker", "wrkers", "workes", "workers2"]) expect(isNear("workers", word)).toBe(true);
  for (const word of ["w", "stats", "trace", "zorkerz"]) expect(isNear("workers", word)).toBe(false);
});
