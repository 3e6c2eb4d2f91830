// Every public name of std says what it does and shows it: each example in a `///` comment is run, and does what the
// comment says. The forms of an example are in tools/std-docs.ts.
//
// The examples of a folder are the functions of one program, with a mark printed before each; one that panics is a
// program of its own.

import { describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "../interp/syntax/parser.ts";
import { type Example, type PublicName, readComment, readStd, type StdFile } from "../tools/std-docs.ts";
import { REFERENCE, reference } from "../tools/std-reference.ts";
import { JANUS, PLAIN_ENV } from "./runner/checkout.ts";
import { type Outcome, run } from "./runner/process.ts";

const TIMEOUT_SECONDS = 60;
const MARK = "\u0001";

interface Shown extends Example {
  of: PublicName;
}

const place = ({ of }: Shown): string => `${of.file}:${of.line} ${of.name}`;
const isProgram = ({ code }: Example): boolean => /^func main\(\) do$/m.test(code);
/** What ends the program needs one of its own. */
const isAlone = (one: Example): boolean => one.form === "panic" || /\bexit\(/.test(one.code);

/** The statements of an example, so that they print what it expects. */
function bodyOf({ form, code }: Example): string {
  if (form !== "value") return code;
  const head = "func example() do\n";
  const { unit } = parse({ name: "example", text: `${head}${code}\nend`, id: 0 });
  const [decl] = unit.decls;
  const last = decl?.kind === "FuncDecl" ? decl.body?.stmts.at(-1)?.span : undefined;
  if (last === undefined) throw new Error(`no statement in the example ${code}`);
  // from the separator on, as the span of `(1).f()` begins inside the parenthesis
  const start = code.lastIndexOf(";", last.start - head.length) + 1;
  const end = last.end - head.length;
  return `${code.slice(0, start)} println([${code.slice(start, end).trim()}])`;
}

/** An example as a function of this name. */
function functionOf(example: Example, name: string): string {
  if (!isProgram(example)) return `func ${name}() -> !void do\n${bodyOf(example)}\nend\n`;
  return example.code.replace(/^func main\(\) do$/m, `func ${name}() -> !void do`);
}

/** A program that runs examples in turn, a mark before each. */
function programOf(uses: (string | null)[], shown: Shown[]): string {
  const lines = new Set(uses.filter((line) => line !== null));
  const functions = shown.map((one, i) => {
    const code = one.code.replaceAll(/^(use [\w.]+);? */gm, (_, line: string) => (lines.add(line), ""));
    return functionOf({ ...one, code }, `example_${i}`);
  });
  const calls = shown.map((_, i) =>
    `    println("\\u{1}${i}")\n    example_${i}() catch |err| do println("failed: ", err) end\n`
  );
  return `${[...lines].join("\n")}\n${functions.join("\n")}\nfunc main() do\n${calls.join("")}end\n`;
}

const expectedOf = ({ form, expected }: Shown): string => (form === "value" ? `[${expected}]` : expected).trimEnd();

async function outcomeOf(program: string): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "janus-std-"));
  try {
    writeFileSync(join(folder, "example.jan"), program);
    const options = { cwd: folder, env: { ...PLAIN_ENV, TMPDIR: folder }, stdin: "", timeoutSeconds: TIMEOUT_SECONDS };
    return await run([JANUS, "run", "example.jan"], options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Where the output is not what the examples say, as text. */
async function problemsOf(uses: (string | null)[], shown: Shown[]): Promise<string[]> {
  if (shown.length === 0) return [];
  const { status, stdout, stderr } = await outcomeOf(programOf(uses, shown));
  const [only] = shown;
  if (only!.form === "panic") return stderr.includes(only!.expected) ? [] : [`${place(only!)}: ${stdout}${stderr}`];
  if (status !== 0) return [`exit ${status}\n${stderr}${stdout.slice(-200)}`];
  const printed = new Map(stdout.split(MARK).slice(1).map((piece) => {
    const [number, ...lines] = piece.split("\n");
    return [Number(number), lines.join("\n").trimEnd()] as const;
  }));
  return shown.flatMap((one, i) => {
    const seen = printed.get(i) ?? "nothing: it did not end";
    return seen === expectedOf(one) ? [] : [`${place(one)}: \`${one.code}\`: ${expectedOf(one)} | ${seen}`];
  });
}

/** The files of a folder share a program: nothing of the same name stands in two of them. */
function groups(): Map<string, StdFile[]> {
  const byFolder = new Map<string, StdFile[]>();
  for (const file of readStd()) {
    const folder = dirname(file.file) === "std" ? file.file : dirname(file.file);
    byFolder.set(folder, [...byFolder.get(folder) ?? [], file]);
  }
  return byFolder;
}

describe("the examples of std", () => {
  for (const [folder, files] of groups()) {
    test(folder, async () => {
      expect(files.flatMap((file) => file.problems)).toEqual([]);
      expect(files.filter((file) => file.about === "" || file.names.length === 0)).toEqual([]);
      const shown = files.flatMap((file) => file.names).flatMap((of) => of.examples.map((one) => ({ ...one, of })));
      const uses = files.map((file) => file.use);
      const alone = shown.filter(isAlone).map((one) => problemsOf(uses, [one]));
      const together = problemsOf(uses, shown.filter((one) => !isAlone(one)));
      expect((await Promise.all([together, ...alone])).flat()).toEqual([]);
    }, (TIMEOUT_SECONDS + 5) * 1000);
  }
});

test("an example expects something", () => {
  expect(readComment("Text\nof two.\nExample: `f(1); g()` is 3.\nExample: `h()`\n  prints `a b`.")).toEqual({
    text: "Text of two.",
    examples: [
      { form: "value", code: "f(1); g()", expected: "3" },
      { form: "output", code: "h()", expected: "a b" },
    ],
  });
  expect(readComment("```janus\np(1) //=> 1\np(2)   //=> 2\n```").examples).toEqual([
    { form: "block", code: "p(1) //=> 1\np(2)   //=> 2\n", expected: "1\n2" },
  ]);
  expect(() => readComment("Example: `f()`")).toThrow("in no form");
  expect(() => readComment("```janus\nf()\n```")).toThrow("expects nothing");
});

test("docs/std.md is what std says of itself", () => {
  const said = reference(readStd()) === readFileSync(REFERENCE, "utf8");
  expect(said ? "" : "write it anew: sh tools/with-bun tools/std-reference.ts").toBe("");
});
