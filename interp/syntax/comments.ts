// Comments with their places, for the printer. The parser has no use for them, so they are read again here, by the
// lexer's own rules: whatever lies between two tokens of a text without errors is blanks and comments.
import type { Token } from "./token.ts";

export interface Comment {
  start: number;
  end: number;
  /** As written, `#` comments as `//`. */
  text: string;
  /** Index of the token that follows it. */
  before: number;
  /** Nothing but blanks stands before it on its line. */
  beginsLine: boolean;
  /** Nothing but blanks follows it on its line. */
  endsLine: boolean;
}

/** All comments, `///` documentation too: it stands before more things than the tree has room for. */
export function commentsOf(text: string, tokens: readonly Token[]): Comment[] {
  const made: Comment[] = [];
  let end = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.start > end) scanGap(text, end, token.start, index, made);
    end = token.end;
  }
  return made;
}

function scanGap(text: string, from: number, to: number, before: number, made: Comment[]): void {
  let at = from;
  let beginsLine = from === 0;
  while (at < to) {
    const c = text[at]!;
    if (c === "\n" || c === "\r") beginsLine = true;
    if (c !== "/" && c !== "#") {
      at += 1;
      continue;
    }
    const start = at;
    if (c === "/" && text[at + 1] === "*") at = blockEnd(text, at, to);
    else while (at < to && text[at] !== "\n" && text[at] !== "\r") at += 1;
    let shown = text.slice(start, at).trimEnd();
    if (c === "#" && !(start === 0 && text[1] === "!")) shown = `//${shown.slice(1)}`;
    let next = at;
    while (text[next] === " " || text[next] === "\t") next += 1;
    const endsLine = next >= text.length || text[next] === "\n" || text[next] === "\r";
    made.push({ start, end: at, text: shown, before, beginsLine, endsLine });
    beginsLine = false;
  }
}

function blockEnd(text: string, start: number, to: number): number {
  let depth = 0;
  let at = start;
  while (at < to) {
    if (text[at] === "/" && text[at + 1] === "*") {
      depth += 1;
      at += 2;
    } else if (text[at] === "*" && text[at + 1] === "/") {
      depth -= 1;
      at += 2;
      if (depth === 0) return at;
    } else {
      at += 1;
    }
  }
  return to;
}
