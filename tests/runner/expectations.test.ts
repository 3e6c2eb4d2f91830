// The judge of test programs, judged: each rule must be able to fail.

import { describe, expect, test } from "bun:test";
import { judgeConditions, judgeOutput } from "./acceptance.ts";
import { judge, printedErrors, readExpectations } from "./expectations.ts";
import type { Outcome } from "./process.ts";
import { readJUnit } from "./unit.ts";
import { readSummary } from "./zig.ts";

function outcome(part: Partial<Outcome>): Outcome {
  return { status: 0, signal: null, stdout: "", stderr: "", timedOut: false, seconds: 0.1, ...part };
}

function problems(source: string, part: Partial<Outcome>): string[] {
  return judge(readExpectations(source), outcome(part), "a.jan");
}

describe("standard output", () => {
  const source = 'println("one")  // expect: one\nprintln("two")  // expect: two\n';
  test("exactly the expected lines pass", () => expect(problems(source, { stdout: "one\ntwo\n" })).toEqual([]));
  test("another order fails", () => expect(problems(source, { stdout: "two\none\n" })[0]).toContain("line 1"));
  test("a missing line fails", () => expect(problems(source, { stdout: "one\n" })[0]).toContain("(no more)"));
  test("a line too many fails", () => expect(problems(source, { stdout: "one\ntwo\nthree\n" })[0]).toContain("three"));
  test("an expected empty line counts", () => {
    expect(problems("// expect:\n// expect: x\n", { stdout: "\nx\n" })).toEqual([]);
    expect(problems("// expect:\n// expect: x\n", { stdout: "x\n" })).not.toEqual([]);
  });
  test("unordered lines may stand anywhere, but must be there", () => {
    const mixed = "// expect: a\n// expect unordered: x\n// expect unordered: x\n// expect: b\n";
    expect(problems(mixed, { stdout: "x\na\nb\nx\n" })).toEqual([]);
    expect(problems(mixed, { stdout: "x\na\nb\n" })[0]).toContain("lacks the line: x");
    expect(problems(mixed, { stdout: "x\nb\na\nx\n" })).not.toEqual([]);
  });
});

describe("how it ends", () => {
  test("another exit status fails", () => {
    expect(problems("// expect exit: 101\n", { status: 101 })).toEqual([]);
    expect(problems("// expect exit: 101\n", { status: 1 })[0]).toContain("expected 101");
    expect(problems("// expect: x\n", { status: 1, stdout: "x\n" })[0]).toContain("expected 0");
  });
  test("a signal and a time-out fail", () => {
    expect(problems("// expect exit: 0\n", { status: null, signal: "SIGSEGV" })[0]).toContain("SIGSEGV");
    const late = { status: null, signal: "SIGKILL", timedOut: true };
    expect(problems("// expect exit: 0\n", late)[0]).toContain("time limit");
  });
  test("unexpected standard error fails", () => {
    expect(problems("// expect: x\n", { stdout: "x\n", stderr: "leaked 1 fiber\n" })[0]).toContain("empty");
  });
});

describe("errors at their lines", () => {
  const source = "let a = 1\na = 2  // expect error: cannot assign\n";
  const printed = "error[J0210]: cannot assign to `a`\n --> dir/a.jan:2:1\n  |\nhint: a.jan:1\n\n1 error\n";
  test("the right line and text pass, exit 1", () => {
    expect(problems(source, { status: 1, stderr: printed })).toEqual([]);
  });
  test("another line fails", () => {
    const moved = printed.replace("a.jan:2:1", "a.jan:1:1");
    expect(problems(source, { status: 1, stderr: moved })[0]).toContain("no error at line 2");
  });
  test("another text fails", () => {
    const other = printed.replace("cannot assign", "no");
    expect(problems(source, { status: 1, stderr: other })[0]).toContain("cannot assign");
  });
  test("an error too many fails", () => {
    const two = `${printed}error[J0001]: odd\n --> a.jan:1:1\n`;
    expect(problems(source, { status: 1, stderr: two })[0]).toContain("not expected");
  });
  test("a file whose name only ends the same is another file", () => {
    expect(printedErrors("error: x\n --> extra.jan:3:1\n --> ra.jan:4\n", "a.jan")[0]?.places).toEqual([]);
  });
});

describe("expectations that cannot be meant", () => {
  test("none at all", () => expect(() => readExpectations("let a = 1\n")).toThrow("no expectation"));
  test("an unknown form", () => {
    expect(() => readExpectations("// expect output: x\n")).toThrow("no expectation 'expect output:'");
  });
  test("not a number", () => expect(() => readExpectations("// expect exit: one\n")).toThrow("not a number"));
});

describe("acceptance files", () => {
  test("output is compared byte for byte", () => {
    expect(judgeOutput("a\n", outcome({ stdout: "a\n" }))).toEqual([]);
    expect(judgeOutput("a\n", outcome({ stdout: "a" }))).not.toEqual([]);
    expect(judgeOutput("a\n", outcome({ stdout: "a\n", status: 1 }))).not.toEqual([]);
  });
  test("each kind of condition can fail", () => {
    const conditions = "exit 101\nP010\nstdout a\n!stdout b\n";
    const good = outcome({ status: 101, stdout: "a\n", stderr: "PANIC P010\n" });
    expect(judgeConditions(conditions, good)).toEqual([]);
    for (const bad of [{ status: 1 }, { stderr: "" }, { stdout: "" }, { stdout: "a b" }]) {
      expect(judgeConditions(conditions, { ...good, ...bad })).not.toEqual([]);
    }
  });
});

describe("counts taken from other tools", () => {
  test("zig's summary", () => {
    const text = "Build Summary: 3/3 steps succeeded; 45/46 tests passed; 1 skipped\n";
    expect(readSummary(text)).toEqual({ passed: 45, total: 46 });
    expect(readSummary("Build Summary: 3/3 steps succeeded\n")).toBeNull();
  });
  test("JUnit", () => {
    const head = '<testsuites name="bun test" tests="7" assertions="9" failures="2" skipped="1" time="0.1">';
    expect(readJUnit(head)).toEqual({ tests: 7, failures: 2, skipped: 1 });
    expect(readJUnit("")).toBeNull();
  });
});
