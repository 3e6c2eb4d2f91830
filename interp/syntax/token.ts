// Tokens. A punctuation mark and a reserved word have their own text as kind; every other word is kind "word", so a
// contextual keyword (`recv`, `timeout`, `test`, …) is a name until the parser stands where it means something.
// Line ends are no tokens: each token knows whether a new line began before it.

export class Token {
  /** Punctuation and reserved words: the text itself. Else "word", "int", "float", "char", "string", "eof" … */
  kind: string;
  start: number;
  end: number;
  /** A line end stands between this token and the one before. */
  newline: boolean;
  /** Words: their text. Numbers: as written. Texts of several lines: as written, without their indentation. */
  text: string;
  value: TokenValue;
  /** `///` lines right before the token. */
  doc: string | null;

  constructor(kind: string, start: number, end: number, newline: boolean, text: string, value: TokenValue,
    doc: string | null) {
    this.kind = kind;
    this.start = start;
    this.end = end;
    this.newline = newline;
    this.text = text;
    this.value = value;
    this.doc = doc;
  }
}

/**
 * An interpolated string is a run of tokens: "template" (the text up to the first `{`), the expression's tokens,
 * "template-part" (the format of that expression, the text up to the next `{`) …; `last` closes the run.
 */
export interface TemplatePiece {
  text: string;
  format: string | null;
  last: boolean;
  /** In a text of several lines: as written, without its indentation; with the opener, with the closer. */
  written?: string;
}

export type TokenValue = null | bigint | number | string | TemplatePiece;

const reserved = new Set([
  "and", "as", "await", "break", "catch", "const", "continue", "defer", "do", "else", "end", "enum", "errdefer", "fail",
  "false", "for", "func", "if", "impl", "in", "let", "match", "not", "null", "or", "pub", "return", "select", "spawn",
  "struct", "trait", "true", "try", "var", "while",
]);

/** All of them, for completion. */
export const reservedWords = (): string[] => [...reserved];

export function isReserved(word: string): boolean {
  return reserved.has(word);
}

/** A word, reserved or not: what may follow a point, or name a field or an argument. */
export function isWord(token: Token): boolean {
  return token.kind === "word" || (token.text !== "" && reserved.has(token.kind));
}

/** How a message names a token. */
export function describe(token: Token): string {
  switch (token.kind) {
    case "eof":
      return "the end of the file";
    case "word":
    case "int":
    case "float":
      return `\`${token.text}\``;
    case "char":
      return "a character literal";
    case "string":
      return "a string";
    case "template":
      return "an interpolated string";
    case "template-part":
      return "the end of the interpolation";
    default:
      return `\`${token.kind}\``;
  }
}
