// The examples of a document: blocks of Janus code, each with the block of text below it, and the program that each
// one is. Pure functions; tests/docs.test.ts says what the blocks mean.

export interface Example {
  /** Line of the document on which the code begins. */
  line: number;
  code: string;
  /** null: there is no block of text below. */
  expected: string | null;
  fails: boolean;
}

/** Every block of Janus code in a document, with the block of text below it. */
export function examplesOf(document: string): Example[] {
  const found: Example[] = [];
  const fence = /^```janus\n(.*?)^```\n(?:```text( fails)?\n(.*?)^```$)?/gms;
  for (const match of document.matchAll(fence)) {
    const line = document.slice(0, match.index).split("\n").length + 1;
    found.push({ line, code: match[1] ?? "", expected: match[3] ?? null, fails: match[2] !== undefined });
  }
  return found;
}

/** The program of an example; its own lines keep their distance from one another. */
export function programOf(code: string): string {
  if (/^(async )?func main\(/m.test(code)) return code;
  const body = code.trimEnd().split("\n").map((line) => (line === "" ? "" : `    ${line}`));
  return `func main() do\n${body.join("\n")}\nend\n`;
}
