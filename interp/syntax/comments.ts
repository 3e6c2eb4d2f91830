// Comments with their places, for the printer. The parser has no use for them, so they are read again here, by the
// lexer's own rules: whatever lies between two tokens of a text without errors is blanks and comments.
import type { SourceText } from "./ast.ts";
import { lex } from "./lexer.ts";

export interface Comment {
  start: number;
  end: number;
  /** As written, `#` comments as `//`. */
  text: string;
  /** Nothing but blanks stands before it on its line. */
  ownLine: boolean;
  blankBefore: boolean;
  blankAfter: boolean;
}

/** All comments, `///` documentation too: it stands before more things than the tree has room for. */
export function commentsOf(source: SourceText): Comment[] {
  const made: Comment[] = [];
  const { text } = source;
  let end = 0;
  for (const token of lex(source).tokens) {
    if (token.start > end) scanGap(text, end, token.start, made);
    end = token.end;
  }
  return made;
}

function scanGap(text: string, from: number, to: number, made: Comment[]): void {
  let at = from;
  while (at < to) {
    const c = text[at]!;
    if (c !== "/" && c !== "#") {
      at += 1;
      continue;
    }
    const start = at;
    if (c === "/" && text[at + 1] === "*") {
      at = blockEnd(text, at, to);
    } else {
      while (at < to && text[at] !== "\n" && text[at] !== "\r") at += 1;
    }
    let shown = text.slice(start, at).trimEnd();
    if (c === "#" && !(start === 0 && text[1] === "!")) shown = `//${shown.slice(1)}`;
    const before = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
    made.push({ start, end: at, text: shown, ownLine: before.trim() === "",
      blankBefore: /\n[ \t\r]*\n[ \t]*$/.test(text.slice(Math.max(from, start - 200), start)),
      blankAfter: /^[ \t\r]*\n[ \t\r]*\n/.test(text.slice(at, at + 200)) });
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
