// The catalogues of codes are whole: each code has a program that pins it, each program a code that exists, and the
// two examples that `janus explain` shows are wrong and right as they say.

import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { examples, explain, explanations } from "../interp/explain.ts";
import { checkProgram } from "../interp/sema/index.ts";
import { Sources } from "../interp/sema/sources.ts";
import { filesMatching, JANUS, PLAIN_ENV, ROOT } from "./runner/checkout.ts";
import { programOf } from "./runner/examples.ts";
import { readExpectations } from "./runner/expectations.ts";
import { run } from "./runner/process.ts";

const TIMEOUT_SECONDS = 60;
/** Pinned by its example alone: its program would be a file of two megabytes. */
const TOO_LARGE = ["J0132"];

const codes = Object.keys(explanations).sort();
const errors = codes.filter((code) => code.startsWith("J"));
const panics = codes.filter((code) => code.startsWith("P"));

/** The codes that a program's expectations name, and what else each says of the message. */
function expectedErrors(path: string): string[] {
  return readExpectations(readFileSync(join(ROOT, path), "utf8")).errors.map((error) => error.text);
}

describe("each code has its programs", () => {
  const pinned = filesMatching("tests/programs/codes/*.jan");

  test("every error one of its name in tests/programs/codes, and no program without a code", () => {
    expect([...new Set(pinned.map((path) => basename(path, ".jan").slice(0, 5)))].sort())
      .toEqual(errors.filter((code) => !TOO_LARGE.includes(code)));
  });

  test.each(pinned)("%s expects its code and what it says", (path) => {
    const code = basename(path, ".jan").slice(0, 5);
    const expected = expectedErrors(path);
    expect(expected.some((text) => text.startsWith(code))).toBe(true);
    // the code alone would not notice a message that has become another
    expect(expected.filter((text) => /^J\d{4}\s*$/.test(text))).toEqual([]);
  });

  test("every panic a program somewhere, and no program a panic that does not exist", () => {
    const named = filesMatching("tests/programs/**/*.jan").flatMap((path) => {
      const text = readFileSync(join(ROOT, path), "utf8");
      return [...text.matchAll(/\/\/ expect (?:error|stderr): .*?\b(P\d{3})\b/g)].map((match) => match[1] ?? "");
    });
    expect([...new Set(named)].sort()).toEqual(panics);
  });
});

describe("what explain shows", () => {
  const codesOf = (text: string): string[] => {
    const sources = new Sources(join(ROOT, "std"));
    const { diagnostics } = checkProgram(sources.entry("example.jan", programOf(text)), sources, {});
    return diagnostics.map((diagnostic) => diagnostic.code);
  };

  test.each(codes)("%s: a title, a text, a wrong and a right program, in 80 columns", (code) => {
    const text = explain(code) ?? "";
    expect(text).toStartWith(`${code}: `);
    expect(text).toContain("\n\nWrong:\n\n    ");
    expect(text).toContain("\n\nRight:\n\n    ");
    const { wrong, right } = examples[code]!;
    for (const line of `${wrong}\n${right}`.split("\n")) if (line.length < 1000) expect(line.length).toBeLessThan(77);
  });

  test.each(errors)("%s: the wrong program has this error and no other, the right one none", (code) => {
    const { wrong, right } = examples[code]!;
    expect([...new Set(codesOf(wrong))]).toEqual([code]);
    expect(codesOf(right)).toEqual([]);
  });

  test.each(panics)("%s: the wrong program ends with it, the right one well", async (code) => {
    const { wrong, right } = examples[code]!;
    expect(codesOf(wrong)).toEqual([]);
    const folder = mkdtempSync(join(tmpdir(), "janus-explain-"));
    try {
      writeFileSync(join(folder, "wrong.jan"), programOf(wrong));
      writeFileSync(join(folder, "right.jan"), programOf(right));
      const options = { cwd: folder, env: PLAIN_ENV, timeoutSeconds: TIMEOUT_SECONDS };
      const bad = await run([JANUS, "run", "wrong.jan"], options);
      expect(bad.stderr).toStartWith(`PANIC ${code}: `);
      const good = await run([JANUS, "run", "right.jan"], options);
      expect([good.status, good.stderr]).toEqual([0, ""]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, (2 * TIMEOUT_SECONDS + 5) * 1000);

  test("no code, no explanation", () => {
    expect(explain("J9999")).toBe(null);
    expect(Object.keys(examples).sort()).toEqual(codes);
  });
});
