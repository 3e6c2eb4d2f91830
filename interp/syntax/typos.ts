// Misspelt words of the language: `fnuc`, `edn`, `elt x = 1`. Looked for only in a text that could not be read, where a
// word that stands nowhere else takes the place of a keyword; read as that, one message says it. Linear in the text.
import type { Token } from "./token.ts";

/** Words that begin something, in the order in which they are tried. */
const BEGINNINGS = ["let", "var", "func", "return", "for", "while", "if", "match", "struct", "enum", "trait", "impl",
  "const", "pub", "defer", "fail", "spawn"];
/** What may follow such a word on its line. */
const FOLLOWING = new Set(["word", "int", "float", "string", "template", "char", "match", "func", "struct", "enum",
  "trait", "await", "spawn", "true", "false", "null", "not", "if"]);

/** Whether a word is another one with two letters exchanged, one left out or one too many. */
function isSlip(word: string, of: string): boolean {
  if (word === of || Math.abs(word.length - of.length) > 1) return false;
  let at = 0;
  while (at < word.length && word[at] === of[at]) at += 1;
  const [rest, left] = [word.slice(at), of.slice(at)];
  if (word.length === of.length) return rest[0] === left[1] && rest[1] === left[0] && rest.slice(2) === left.slice(2);
  return of.length > 3 && (word.length < of.length ? rest === left.slice(1) : rest.slice(1) === left);
}

/** The word of the language that a name with a typing error was meant to be. */
export const meantWord = (name: string): string | undefined => BEGINNINGS.find((word) => isSlip(name, word));

/** The misspelt keywords of a text, and what was meant. */
export function misspelt(tokens: readonly Token[]): Map<number, string> {
  const count = new Map<string, number>();
  for (const { kind, text } of tokens) if (kind === "word") count.set(text, (count.get(text) ?? 0) + 1);
  const found = new Map<number, string>();
  tokens.forEach((token, i) => {
    if (token.kind !== "word" || token.text.length > 7 || count.get(token.text) !== 1) return;
    const next = tokens[i + 1]!;
    const isLast = next.newline || ["eof", "catch", ")", "}"].includes(next.kind);
    const before = tokens[i - 1];
    const isFirst = token.newline || before === undefined || before.kind === "pub" || before.text === "async";
    const stands = isFirst || before.kind === ")" || before.kind === "]" || before.kind === "}";
    if (isLast && stands && isSlip(token.text, "end")) found.set(i, "end");
    else if (isFirst && !next.newline && FOLLOWING.has(next.kind)) {
      const meant = meantWord(token.text);
      if (meant !== undefined) found.set(i, meant);
    }
  });
  return found;
}
