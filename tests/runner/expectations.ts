// The expectations that a test program carries in its comments, and the judgement of a run by them. Pure functions; the
// forms are described for people in tests/README.md.

import { endedBadly, type Outcome } from "./process.ts";

export interface Expectations {
  /** Arguments of `janus` before the file; `run` unless the program says otherwise. */
  command: string[];
  stdin: string | undefined;
  exit: number;
  /** Lines of standard output in order. */
  stdout: string[];
  /** Lines of standard output that may come at any place. */
  unordered: string[];
  stderr: string[];
  /** Errors, each at the line of its comment. */
  errors: { line: number; text: string }[];
  timeoutSeconds: number;
  /** A file that another program imports: not run by itself. */
  importedBy: string | undefined;
}

const TIMEOUT_SECONDS = 60;
const DIRECTIVE = /\/\/ (expect(?: [a-z]+)?|command|stdin|timeout|imported by):(?: (.*))?$/;

/** Reads the expectations of a program; throws on a form that does not exist, so that a typing error cannot pass. */
export function readExpectations(source: string): Expectations {
  const found: Expectations = {
    command: ["run"],
    stdin: undefined,
    exit: 0,
    stdout: [],
    unordered: [],
    stderr: [],
    errors: [],
    timeoutSeconds: TIMEOUT_SECONDS,
    importedBy: undefined,
  };
  let count = 0;
  let exitSaid = false;
  for (const [index, line] of source.split("\n").entries()) {
    const match = DIRECTIVE.exec(line.trimEnd());
    if (!match) continue;
    const text = match[2] ?? "";
    count += 1;
    switch (match[1]) {
      case "expect":
        found.stdout.push(text);
        break;
      case "expect unordered":
        found.unordered.push(text);
        break;
      case "expect stderr":
        found.stderr.push(text);
        break;
      case "expect error":
        found.errors.push({ line: index + 1, text });
        break;
      case "expect exit":
        found.exit = number(text, index + 1);
        exitSaid = true;
        break;
      case "command":
        found.command = text.split(/\s+/).filter(Boolean);
        count -= 1;
        break;
      case "stdin":
        found.stdin = `${found.stdin ?? ""}${text}\n`;
        count -= 1;
        break;
      case "timeout":
        found.timeoutSeconds = number(text, index + 1);
        count -= 1;
        break;
      case "imported by":
        found.importedBy = text;
        break;
      default:
        throw new Error(`line ${index + 1}: there is no expectation '${match[1]}:'`);
    }
  }
  if (count === 0) throw new Error("the program has no expectation; see tests/README.md");
  if (found.errors.length > 0 && !exitSaid) found.exit = 1;
  return found;
}

function number(text: string, line: number): number {
  if (!/^\d+$/.test(text)) throw new Error(`line ${line}: '${text}' is not a number`);
  return Number(text);
}

/** The lines of a text, without white space at their ends and without the last empty one. */
function linesOf(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trimEnd());
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** One error as printed: from its headline to the next one's. */
interface PrintedError {
  text: string;
  places: number[];
}

/** Splits standard error into the errors it holds, with the lines of `file` (a base name) each one points at. */
export function printedErrors(stderr: string, file: string): PrintedError[] {
  const blocks: string[][] = [];
  for (const line of stderr.split("\n")) {
    if (/^(error\b|PANIC\b)/.test(line)) blocks.push([line]);
    else if (/^warning\b/.test(line)) blocks.push([]);
    else blocks.at(-1)?.push(line);
  }
  const place = new RegExp(`(?<![\\w-])${file.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}:(\\d+)`, "g");
  return blocks
    .filter((block) => block.length > 0 && /^(error\b|PANIC\b)/.test(block[0] ?? ""))
    .map((block) => {
      // A headline may name the place of a cause; the error's own comes below it.
      const [headline = "", ...below] = block;
      const linesIn = (text: string): number[] => [...text.matchAll(place)].map((match) => Number(match[1]));
      return { text: block.join("\n"), places: [...linesIn(below.join("\n")), ...linesIn(headline)] };
    });
}

/** Whether a printed error holds the text; its headline `error[J0203]: …` counts as `J0203: …`, too. */
function says(printed: string, text: string): boolean {
  return printed.includes(text) || printed.replace(/^error\[(J\d{4})\]/, "$1").includes(text);
}

/** The first line (from 0) in which the output is not the wanted one, shown. */
export function differenceAt(line: number, wanted: string[], got: string[]): string {
  const show = (lines: string[]) => lines[line] ?? "(no more)";
  return `standard output differs at line ${line + 1}\n  expected: ${show(wanted)}\n  got:      ${show(got)}`;
}

/** What a failed run said on standard error, if anything. */
export function standardErrorOf(outcome: Outcome): string[] {
  const text = outcome.stderr.trimEnd();
  return text === "" ? [] : [`standard error was:\n${text}`];
}

/** Everything in which a run differs from what was expected; empty when nothing does. */
export function judge(expected: Expectations, outcome: Outcome, file: string): string[] {
  const problems: string[] = [];
  const ended = endedBadly(outcome, expected.exit);
  if (ended !== null) problems.push(ended);

  const rest = linesOf(outcome.stdout);
  for (const line of expected.unordered) {
    const at = rest.indexOf(line.trimEnd());
    if (at < 0) problems.push(`standard output lacks the line: ${line}`);
    else rest.splice(at, 1);
  }
  const wanted = expected.stdout.map((line) => line.trimEnd());
  const differs = rest.findIndex((line, index) => line !== wanted[index]);
  if (differs >= 0 || rest.length !== wanted.length) {
    const at = differs >= 0 ? differs : rest.length;
    problems.push(differenceAt(at, wanted, rest));
  }

  const errors = printedErrors(outcome.stderr, file);
  const open = [...errors];
  for (const { line, text } of expected.errors) {
    const at = open.findIndex((error) => error.places[0] === line && says(error.text, text));
    if (at >= 0) open.splice(at, 1);
    else problems.push(`no error at line ${line} says: ${text}`);
  }
  if (expected.errors.length > 0) {
    for (const error of open) problems.push(`an error that was not expected:\n${error.text.trimEnd()}`);
  }
  for (const text of expected.stderr) {
    if (!outcome.stderr.includes(text)) problems.push(`standard error lacks: ${text}`);
  }
  const silent = expected.errors.length === 0 && expected.stderr.length === 0;
  if (silent && outcome.stderr.trim() !== "") problems.push("standard error should be empty");
  if (problems.length > 0) problems.push(...standardErrorOf(outcome));
  return problems;
}
