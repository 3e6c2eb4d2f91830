// The command line, read strictly.

import { describe, expect, test } from "bun:test";
import { HelpWanted, isNear, readArguments } from "./arguments.ts";

const described = {
  file: { type: "positional", required: true },
  workers: { type: "string", valueHint: "N", alias: "w" },
  trace: { type: "string", valueHint: "OUT.json" },
  stats: { type: "boolean", default: false },
} as const;

describe("a command line for a program", () => {
  const read = (...args: string[]) => readArguments(args, described, "program");
  test("options before the file, in every spelling", () => {
    const wanted = { values: { file: "a.jan", workers: 2, stats: true }, rest: [] };
    expect(read("--workers", "2", "--stats", "a.jan")).toEqual(wanted);
    expect(read("--workers=2", "--stats", "a.jan")).toEqual(wanted);
    expect(read("-w", "2", "--stats", "--", "a.jan")).toEqual(wanted);
  });
  test("everything after the file is the program's", () => {
    const given = read("a.jan", "x", "--verbose", "--stats", "--", "-w");
    expect(given.rest).toEqual(["x", "--verbose", "--stats", "--", "-w"]);
    expect(given.values.stats).toBe(false);
  });
  test("switched off again", () => expect(read("--stats", "--no-stats", "a.jan").values.stats).toBe(false));
  test("help, unless it is the program's", () => {
    expect(() => read("--stats", "--help", "a.jan")).toThrow(HelpWanted);
    expect(() => read("-h")).toThrow(HelpWanted);
    expect(read("a.jan", "--help").rest).toEqual(["--help"]);
  });
  test("what cannot be meant", () => {
    expect(() => read()).toThrow("FILE is missing");
    expect(() => read("--worker", "2", "a.jan")).toThrow("no option --worker");
    expect(() => read("--workers")).toThrow("needs a value: N");
    expect(() => read("--workers", "two", "a.jan")).toThrow("whole number, not 'two'");
    expect(() => read("--workers", "-1", "a.jan")).toThrow("whole number, not '-1'");
    expect(() => read("--stats=yes", "a.jan")).toThrow("takes no value");
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
