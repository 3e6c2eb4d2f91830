// Every hint, followed, is a program that checks: the table of hints.cases.ts has an example of each hint that the
// sources of the parser and the checker hold.
import { describe, expect, test } from "bun:test";
import { hintSites, siteOf } from "./hint-sites.ts";
import { FILES, LINES, PREAMBLE, WITHOUT_EXAMPLE } from "./hints.cases.ts";
import { checkText } from "./testing.ts";

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

function check(wrong: string, right: string): void {
  const told = checkText(wrong).diagnostics;
  expect({ wrong, told: told.map((d) => `${d.message} = ${d.hint}`) }).toEqual({ wrong, told: [expect.any(String)] });
  const hint = told[0]!.hint ?? "";
  const site = siteOf(sites, hint);
  expect({ wrong, hint, isKnown: site !== undefined }).toEqual({ wrong, hint, isKnown: true });
  met.add(site!.text);
  const left = checkText(right).diagnostics;
  expect({ right, left: left.map((d) => d.message) }).toEqual({ right, left: [] });
  // what is told to be written is in what was written, where nothing in it stands for something else
  const toWrite = /^write `([^`…]+)`$/.exec(hint);
  if (toWrite === null || /\bT\b|condition/.test(toWrite[1]!)) return;
  const [pieces] = codeIn(hint);
  expect({ right, has: pieces!.every((piece) => right.replace(/\s+/g, " ").includes(piece)), hint })
    .toEqual({ right, has: true, hint });
}

describe("a hint, followed, checks", () => {
  for (const [wrong, right] of LINES) test(wrong, () => check(aroundLines(wrong), aroundLines(right)));
  for (const [wrong, right] of FILES) test(wrong, () => check(withMain(wrong), withMain(right)));

  test("every hint in the sources has an example, but for those that are listed", () => {
    expect(sites.length).toBeGreaterThan(280);
    const without = sites.filter(({ text }) => !met.has(text)).map(({ text }) => text.replaceAll("\0", "<>"));
    expect(without.sort()).toEqual([...WITHOUT_EXAMPLE].sort());
  });
});
