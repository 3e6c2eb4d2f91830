// The examples of the documents: every block of Janus code is run, and prints what the block of text below it says.
//
// A block without a `main` is the body of one. A `text` block is the whole output; a `text fails` block, below a
// program that ends badly on purpose, holds the conditions of an .err file (tests/README.md).

import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { judgeConditions, judgeOutput } from "./runner/acceptance.ts";
import { JANUS, PLAIN_ENV, ROOT } from "./runner/checkout.ts";
import { examplesOf, programOf } from "./runner/examples.ts";
import { run } from "./runner/process.ts";

const TIMEOUT_SECONDS = 60;
const DOCUMENTS = ["docs/language.md", "README.md"];
const TRANSCRIPTS = ["docs/testing.md"];

/** Every block of Janus code in a document whose commands are shown below it, with those and what they print. */
export function transcriptsOf(document: string): { line: number; code: string; commands: [string, string][] }[] {
  const fence = /^```janus\n(.*?)^```\n```console\n(.*?)^```$/gms;
  return [...document.matchAll(fence)].map((match) => ({
    line: document.slice(0, match.index).split("\n").length + 1,
    code: match[1]!,
    commands: match[2]!.split(/^\$ /m).slice(1).map((one) => {
      const end = one.indexOf("\n");
      return [one.slice(0, end), one.slice(end + 1)];
    }),
  }));
}

describe.each(DOCUMENTS)("%s", (path) => {
  const examples = examplesOf(readFileSync(join(ROOT, path), "utf8"));

  test("has examples, each with what it prints", () => {
    expect(examples.length).toBeGreaterThan(0);
    expect(examples.filter((one) => one.expected === null).map((one) => `${path}:${one.line}`)).toEqual([]);
  });

  test.each(examples.map((one) => [one.line, one] as const))("line %d", async (_, { code, expected, fails }) => {
    const folder = mkdtempSync(join(tmpdir(), "janus-docs-"));
    try {
      writeFileSync(join(folder, "example.jan"), programOf(code));
      const options = { cwd: folder, env: PLAIN_ENV, timeoutSeconds: TIMEOUT_SECONDS };
      const outcome = await run([JANUS, "run", "example.jan"], options);
      const problems = fails ? judgeConditions(expected ?? "", outcome) : judgeOutput(expected ?? "", outcome);
      expect(problems).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, (TIMEOUT_SECONDS + 5) * 1000);
});

describe.each(TRANSCRIPTS)("%s", (path) => {
  const transcripts = transcriptsOf(readFileSync(join(ROOT, path), "utf8"));

  test("shows commands, all of them run here", () => {
    expect(transcripts.length).toBeGreaterThan(0);
    const shown = transcripts.flatMap((one) => one.commands.map(([command]) => command));
    expect(shown.filter((command) => !command.startsWith("janus "))).toEqual([]);
  });

  test.each(transcripts.map((one) => [one.line, one] as const))("line %d", async (_, { code, commands }) => {
    const folder = mkdtempSync(join(tmpdir(), "janus-docs-"));
    try {
      writeFileSync(join(folder, "example.jan"), code);
      const options = { cwd: folder, env: PLAIN_ENV, timeoutSeconds: TIMEOUT_SECONDS };
      for (const [command, printed] of commands) {
        const outcome = await run([JANUS, ...command.split(" ").slice(1)], options);
        expect({ command, printed: outcome.stdout + outcome.stderr }).toEqual({ command, printed });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, (TIMEOUT_SECONDS + 5) * 1000);
});

test("an example is its code and the text below it", () => {
  const whole = "```janus\nfunc main() do end\n```\n";
  const document = `a\n\`\`\`janus\nlet x = 1\n\nprintln(x)\n\`\`\`\n\`\`\`text fails\nexit 1\n\`\`\`\n${whole}`;
  expect(examplesOf(document)).toEqual([
    { line: 3, code: "let x = 1\n\nprintln(x)\n", expected: "exit 1\n", fails: true },
    { line: 11, code: "func main() do end\n", expected: null, fails: false },
  ]);
  expect(programOf("let x = 1\n\nprintln(x)\n")).toBe("func main() do\n    let x = 1\n\n    println(x)\nend\n");
  expect(programOf("func main() do end\n")).toBe("func main() do end\n");
});
