// Every hint, followed, is a program that checks: the table of hints.cases.ts has an example of each hint that the
// sources of the parser and the checker hold.
import { describe, expect, test } from "bun:test";
import { hintSites, siteOf } from "./hint-sites.ts";
import { FILES, LINES, PREAMBLE } from "./hints.cases.ts";
import { type Files, LARGE, SESSIONS, SEVERAL } from "./hints-whole.cases.ts";
import type { Diagnostic } from "../syntax/diagnostic.ts";
import { Session } from "./session.ts";
import { checkText, TestLoader } from "./testing.ts";

const sites = hintSites();
const met = new Set<string>();

/** A function with a variable of each kind around the lines. */
function aroundLines(lines: string): string {
  const indented = lines.split("\n").map((line) => `    ${line}`).join("\n");
  return `${PREAMBLE}func main() do
    var n = 5
    var xs = [1, 2]
    var s = "abc"
    var m = Map[string, i64].new()
    let ch = channel[i64](1)
${indented}
    n += xs.len
    println(n, xs, s, m, ch.len)
end
`;
}

const withMain = (text: string): string =>
  text.includes("func main") || text.startsWith("println") ? text : `${text}\nfunc main() do end\n`;

/** The pieces of code that a hint shows, without what it leaves open. */
function codeIn(hint: string): string[][] {
  return [...hint.matchAll(/`([^`]+)`/g)].map(([, code]) =>
    code!.split("…").map((piece) => piece.replace(/\s+/g, " ").trim()).filter((piece) => piece !== ""));
}

/** One message is told of `wrong`, with a hint from the sources, and none of `right`; what it shows is `written`. */
function check(wrong: Diagnostic[], right: Diagnostic[], written: string): void {
  expect(wrong.map((d) => `${d.message} = ${d.hint}`)).toEqual([expect.any(String)]);
  const hint = wrong[0]!.hint ?? "";
  const site = siteOf(sites, hint);
  expect({ hint, isKnown: site !== undefined }).toEqual({ hint, isKnown: true });
  met.add(site!.text);
  expect(right.map((d) => d.message)).toEqual([]);
  // what is told to be written is in what was written, where nothing in it stands for something else
  const toWrite = /^write `([^`…]+)`$/.exec(hint);
  if (toWrite === null || /\bT\b|condition/.test(toWrite[1]!)) return;
  const [pieces] = codeIn(hint);
  expect({ written, has: pieces!.every((piece) => written.replace(/\s+/g, " ").includes(piece)), hint })
    .toEqual({ written, has: true, hint });
}

const checkTexts = (wrong: string, right: string): void =>
  check(checkText(wrong).diagnostics, checkText(right).diagnostics, right);

const ofFiles = (files: Files): Diagnostic[] => checkText(files["main.jan"]!, {}, files).diagnostics;

function ofEntries(entries: string[]): Diagnostic[] {
  const session = new Session(new TestLoader());
  return entries.flatMap((text, id) => session.add({ name: `<entry ${id}>`, text, id }).diagnostics);
}

describe("a hint, followed, checks", () => {
  for (const [wrong, right] of LINES) test(wrong, () => checkTexts(aroundLines(wrong), aroundLines(right)));
  for (const [wrong, right] of FILES) test(wrong, () => checkTexts(withMain(wrong), withMain(right)));
  for (const [i, [wrong, right]] of LARGE.entries()) {
    test(`beyond a bound ${i}`, () => checkTexts(withMain(wrong), withMain(right)), 60_000);
  }
  for (const [wrong, right] of SEVERAL) {
    test(Object.keys(wrong).join(" "), () => check(ofFiles(wrong), ofFiles(right), Object.values(right).join("\n")));
  }
  for (const [wrong, right] of SESSIONS) {
    test(wrong.at(-1)!, () => check(ofEntries(wrong), ofEntries(right), right.join("\n")));
  }

  test("every hint in the sources has an example", () => {
    expect(sites.length).toBeGreaterThan(280);
    expect(sites.filter(({ text }) => !met.has(text)).map(({ text }) => text.replaceAll("\0", "<>"))).toEqual([]);
  });
});
