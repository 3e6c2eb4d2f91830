// The lexer: from text to tokens, in one pass and linear time. Every character belongs to a token, a comment or an
// error with its place; after an error lexing goes on. Literals (numbers, escapes) are read in literals.ts.
import type { SourceText } from "./ast.ts";
import { syntaxError, type Diagnostic, type DiagnosticExtras, type SyntaxCode } from "./diagnostic.ts";
import { isDigit, isWordPart, isWordStart, readEscape, readNumber } from "./literals.ts";
import { DELIMITER, LONE_BRACE, type MultiLine, readLines, stretchEnd } from "./multiline.ts";
import { isReserved, type TemplatePiece, Token, type TokenValue } from "./token.ts";

export interface Lexed {
  tokens: Token[];
  diagnostics: Diagnostic[];
  /** Where a comment or text of several lines begins that the file's end cuts off: more input could complete it. */
  openFrom: number;
}

/** An interpolation being read: brackets opened inside its expression, and where its string began. */
interface Interpolation {
  depth: number;
  /** How many `?` of `condition ? a : b` wait for their `:`. */
  choices: number;
  stringStart: number;
  /** Where its `{` stands. */
  brace: number;
  /** The text of several lines that it stands in, if that is none of one line. */
  lines: MultiLine | null;
}

export function lex(source: SourceText): Lexed {
  return new Lexer(source).run();
}

/** How far down a text is followed that is not closed on its line. */
const MULTILINE_MAX = 50;
const SEVERAL_LINES = "write a text of several lines between `\"\"\"`, on lines of their own";

// Longest first for each first character. Kept as one string a character so that start-up builds nothing.
const operators: Record<string, string[]> = {
  "+": ["+%=", "++=", "+%", "++", "+=", "+"],
  "-": ["-%=", "-%", "->", "-=", "-"],
  "*": ["**=", "*%=", "**", "*%", "*=", "*"],
  "/": ["/=", "/"],
  "%": ["%=", "%"],
  "=": ["===", "==", "=>", "="],
  "!": ["!==", "!=", "!"],
  "<": ["<<=", "<<", "<=", "<"],
  ">": [">>=", ">>", ">=", ">"],
  "&": ["&&", "&=", "&"],
  "|": ["||", "|>", "|=", "|"],
  "^": ["^=", "^"],
  "~": ["~"],
  "?": ["??=", "??", "?.", "?"],
  ".": ["...", "..<", "..=", "..", ".?", ".*", "."],
  ":": [":=", ":"],
  "@": ["@"],
  ",": [","],
  ";": [";"],
  "(": ["("],
  ")": [")"],
  "[": ["["],
  "]": ["]"],
  "{": ["{"],
  "}": ["}"],
};

export class Lexer {
  readonly text: string;
  readonly tokens: Token[] = [];
  readonly diagnostics: Diagnostic[] = [];
  at = 0;
  private readonly source: SourceText;
  private newline = true;
  private doc: string | null = null;
  private openFrom = Number.POSITIVE_INFINITY;
  private readonly interpolations: Interpolation[] = [];

  constructor(source: SourceText) {
    this.source = source;
    this.text = source.text;
  }

  run(): Lexed {
    const { text } = this;
    if (text.charCodeAt(0) === 0xfeff) this.at = 1; // a byte order mark
    if (text.startsWith("#!", this.at)) this.skipLine();
    while (this.at < text.length) this.step();
    if (this.interpolations.length > 0) this.unclosedAtEnd();
    this.push("eof", this.at, "", null);
    // What is wrong in a text of several lines is known at its end, after what its interpolations hold.
    this.diagnostics.sort((a, b) => a.span.start - b.span.start);
    return { tokens: this.tokens, diagnostics: this.diagnostics, openFrom: this.openFrom };
  }

  error(code: SyntaxCode, start: number, end: number, message: string, extras?: DiagnosticExtras): void {
    this.diagnostics.push(syntaxError(code, this.source, { start, end }, message, extras));
  }

  private push(kind: string, start: number, text: string, value: TokenValue): void {
    this.tokens.push(new Token(kind, start, this.at, this.newline, text, value, this.doc));
    this.newline = false;
    this.doc = null;
  }

  private step(): void {
    const { text } = this;
    const start = this.at;
    const c = text.charCodeAt(start);
    if (c === 32 || c === 9) {
      this.at += 1;
    } else if (c === 10 || c === 13) {
      if (this.isInLine) this.unclosedTemplate();
      this.newline = true;
      this.at += 1;
    } else if (isWordStart(c)) {
      this.word(start);
    } else if (isDigit(c)) {
      this.number(start);
    } else if (c === 34) {
      if (text.startsWith(DELIMITER, start)) {
        this.multiLine(start, false);
      } else {
        this.at += 1;
        this.push("string", start, "", this.stringBody(start, false));
      }
    } else if (c === 39) {
      this.char(start);
    } else if (c === 36 && text.charCodeAt(start + 1) === 34) {
      if (text.startsWith(DELIMITER, start + 1)) {
        this.multiLine(start, true);
      } else {
        this.at += 2;
        this.template(start, start, "template", null);
      }
    } else if (c === 35) {
      this.skipLine();
    } else if (c === 47 && text.charCodeAt(start + 1) === 47) {
      this.lineComment(start);
    } else if (c === 47 && text.charCodeAt(start + 1) === 42) {
      this.blockComment(start);
    } else {
      this.punctuation(start);
    }
  }

  private word(start: number): void {
    const { text } = this;
    let at = start + 1;
    while (at < text.length && isWordPart(text.charCodeAt(at))) at += 1;
    this.at = at;
    const word = text.slice(start, at);
    if ((word === "f" || word === "F") && text.charCodeAt(at) === 34) {
      this.error("J0112", start, at + 1, "an interpolated string begins with `$`", { hint: "write `$\"…\"`" });
      this.at += 1;
      this.template(start, start, "template", null);
      return;
    }
    this.push(isReserved(word) ? word : "word", start, word, null);
  }

  private number(start: number): void {
    const { text } = this;
    let end = start + 1;
    while (isDigit(text.charCodeAt(end))) end += 1;
    const next = text.charCodeAt(end);
    if (end - start < 16 && next !== 46 && next !== 95 && !isWordStart(next)) {
      // Nearly every number: decimal digits and nothing else.
      this.at = end;
      const digits = text.slice(start, end);
      this.push("int", start, digits, BigInt(digits));
      return;
    }
    const before = this.tokens[this.tokens.length - 1];
    // `t.0.1` selects twice; it holds no float.
    const selector = before !== undefined && before.end === start && (before.kind === "." || before.kind === "?.");
    const number = readNumber(text, start, selector);
    this.at = number.end;
    if (number.problem !== null) {
      this.error("J0105", start, number.end, number.problem, number.hint === null ? {} : { hint: number.hint });
    }
    this.push(number.kind, start, text.slice(start, number.end), number.value);
  }

  private char(start: number): void {
    const { text } = this;
    this.at = start + 1;
    const c = text.codePointAt(this.at);
    let value = 0;
    if (c === undefined || c === 10 || c === 13 || c === 39) {
      if (c === 39) this.at += 1;
      this.error("J0107", start, this.at, c === 39 ? "a character literal is empty"
        : "a character literal is not closed");
      this.push("char", start, "", 0);
      return;
    }
    if (c === 92) value = this.escape(false);
    else {
      value = c;
      this.at += c > 0xffff ? 2 : 1;
    }
    if (text.charCodeAt(this.at) === 39) {
      this.at += 1;
    } else {
      // Take the rest of a quoted text on this line, so that one mistake is one message.
      let close = this.at;
      while (close < text.length && text.charCodeAt(close) !== 39 && text.charCodeAt(close) !== 10) close += 1;
      if (text.charCodeAt(close) === 39) {
        this.at = close + 1;
        this.error("J0107", start, this.at, "a character literal holds one character", {
          hint: "texts stand in double quotes",
        });
      } else {
        this.error("J0107", start, this.at, "a character literal is not closed");
      }
    }
    this.push("char", start, "", value);
  }

  /** At a backslash: the code point it stands for; a bad escape is reported and stands for its character. */
  private escape(template: boolean): number {
    const escape = readEscape(this.text, this.at, template);
    if (escape.problem !== null) this.error("J0106", this.at, escape.end, escape.problem);
    this.at = escape.end;
    return escape.value;
  }

  /** The rest of a string after its opening quote, up to and with the closing one. */
  private stringBody(start: number, template: boolean): string {
    const { text } = this;
    let made = "";
    let from = this.at;
    for (;;) {
      const c = this.at < text.length ? text.charCodeAt(this.at) : 10;
      if (c === 34) {
        made += text.slice(from, this.at);
        this.at += 1;
        return made;
      }
      if (c === 92) {
        made += text.slice(from, this.at);
        made += String.fromCodePoint(this.escape(template));
        from = this.at;
      } else if (c === 10 || c === 13) {
        made += text.slice(from, this.at);
        // Inside an interpolation the line end breaks the outermost string too, which is then the one reported.
        const end = this.isInLine || template ? null : this.closingLine();
        if (!this.isInLine) {
          this.error("J0103", start, start + 1, "the string is not closed on its line", { label: "opened here",
            ...(end === null ? {} : { hint: SEVERAL_LINES }) });
        }
        if (end !== null) this.at = end;
        return made;
      } else {
        this.at += 1;
      }
    }
  }

  /**
   * At the end of a line in an open string: past the quote that closes it further down, where the text seems to go on
   * over lines; null where the quote was forgotten.
   */
  private closingLine(): number | null {
    const { text } = this;
    let line = this.at + 1;
    for (let read = 0; read < MULTILINE_MAX && line < text.length; read++) {
      const end = text.indexOf("\n", line) < 0 ? text.length : text.indexOf("\n", line);
      const words = text.slice(line, end);
      const quote = words.indexOf('"');
      if (quote >= 0) {
        const goesOn = /^\s*($|[)\],;.}+])/.test(words.slice(quote + 1));
        const opens = /[(=,+[]\s*\$?$/.test(words.slice(0, quote));
        const isClosing = goesOn && !opens && words.indexOf('"', quote + 1) < 0;
        return isClosing ? line + quote + 1 : null;
      }
      if (/^\s*(end|func|let|var|\})\b/.test(words)) return null;
      line = end + 1;
    }
    return null;
  }

  /** A piece of an interpolated string: text up to `{` (which opens an expression) or to the closing quote. */
  private template(stringStart: number, tokenStart: number, kind: string, format: string | null): void {
    const { text } = this;
    let made = "";
    let from = this.at;
    for (;;) {
      const c = this.at < text.length ? text.charCodeAt(this.at) : 10;
      if (c === 34 || c === 10 || c === 13) {
        made += text.slice(from, this.at);
        if (c === 34) this.at += 1;
        else if (!this.isInLine) {
          this.error("J0103", stringStart, stringStart + 2, "the string is not closed on its line",
            { label: "opened here" });
        }
        this.push(kind, tokenStart, "", { text: made, format, last: true });
        return;
      }
      if (c === 92) {
        made += text.slice(from, this.at);
        made += String.fromCodePoint(this.escape(true));
        from = this.at;
      } else if (c === 123 || c === 125) {
        const doubled = text.charCodeAt(this.at + 1) === c;
        if (c === 123 && !doubled) {
          made += text.slice(from, this.at);
          this.at += 1;
          this.push(kind, tokenStart, "", { text: made, format, last: false });
          this.interpolations.push({ depth: 0, choices: 0, stringStart, brace: this.at - 1, lines: null });
          return;
        }
        if (!doubled) this.error("J0126", this.at, this.at + 1, ...LONE_BRACE);
        made += text.slice(from, this.at + 1);
        this.at += doubled ? 2 : 1;
        from = this.at;
      } else {
        this.at += 1;
      }
    }
  }

  /** The `}` or `:` that ends an interpolated expression: reads its format, goes on with the text. */
  private templateResume(open: Interpolation): void {
    const { text } = this;
    const start = this.at;
    let format: string | null = null;
    if (text.charCodeAt(start) === 58) {
      let end = start + 1;
      while (end < text.length && !'}"\n\r'.includes(text[end]!)) end += 1;
      format = text.slice(start + 1, end);
      this.at = end;
      if (text[end] !== "}") {
        if (open.lines !== null) return this.unclosedFormat(start, open);
        this.unclosedTemplate();
        if (text[end] === '"') this.at += 1;
        return;
      }
      if (format.trim() === "") {
        this.error("J0126", start, end, "the format after `:` is empty", { hint: "a format reads like `.2f` or `x`" });
        format = null;
      }
    }
    this.at += 1;
    this.interpolations.pop();
    if (open.lines === null) this.template(open.stringStart, start, "template-part", format);
    else this.lines(open.lines, start, "template-part", format);
  }

  /** Within an interpolation of a string of one line. */
  private get isInLine(): boolean {
    return this.interpolations.length > 0 && this.interpolations[this.interpolations.length - 1]!.lines === null;
  }

  private unclosedTemplate(): void {
    // All enclosing interpolations on this line break with the innermost.
    let outermost = this.interpolations.length - 1;
    while (outermost > 0 && this.interpolations[outermost - 1]!.lines === null) outermost -= 1;
    const { stringStart } = this.interpolations[outermost]!;
    this.error("J0103", stringStart, stringStart + 2, "the interpolated string is not closed on its line",
      { label: "opened here" });
    this.abandon(outermost);
  }

  /** Ends the interpolations from this one inwards. */
  private abandon(outermost: number): void {
    const count = this.interpolations.length - outermost;
    this.interpolations.length = outermost;
    for (let i = 0; i < count; i++) this.push("template-part", this.at, "", { text: "", format: null, last: true });
  }

  /** The text is over in an interpolation: whatever is missing, all was read as part of the outermost. */
  private unclosedAtEnd(): void {
    const outermost = this.interpolations.findIndex((open) => open.lines !== null);
    if (outermost < 0) return this.unclosedTemplate();
    const { brace, lines } = this.interpolations[outermost]!;
    this.openFrom = brace;
    this.error("J0103", brace, brace + 1, "the interpolation is not closed by a `}`", {
      label: "opened here",
      notes: [{ unit: this.source, span: { start: lines!.start, end: lines!.start + 4 }, message: "in this text" }],
    });
    this.abandon(0);
  }

  // ------------------------------------------------------------ texts of several lines

  private multiLine(start: number, isTemplate: boolean): void {
    if (this.isInLine) {
      this.error("J0133", start, start + (isTemplate ? 4 : 3), "a string of one line holds no text of several lines",
        { hint: 'give the text a name with `let`, or write the outer string as `$"""` … `"""`' });
    }
    this.at += isTemplate ? 4 : 3;
    this.lines({ start, isTemplate, pieces: [] }, start, isTemplate ? "template" : "string", null);
  }

  /** A piece of a text of several lines: up to a `{` that opens an expression, or to its closer. */
  private lines(lines: MultiLine, tokenStart: number, kind: string, format: string | null): void {
    const { text, at: from } = this;
    const end = stretchEnd(text, from, lines.isTemplate);
    const piece: TemplatePiece = { text: "", format, last: text[end] !== "{" };
    lines.pieces.push({ start: from, end, piece });
    if (!piece.last) {
      this.at = end + 1;
      this.interpolations.push({ depth: 0, choices: 0, stringStart: lines.start, brace: end, lines });
    } else if (end < text.length) {
      this.at = end + DELIMITER.length;
      readLines(text, lines, (...problem) => this.error(...problem));
    } else {
      this.at = end;
      this.unclosedLines(lines);
    }
    if (kind === "string") this.push(kind, tokenStart, piece.written ?? "", piece.text);
    else this.push(kind, tokenStart, "", piece);
  }

  private unclosedLines(lines: MultiLine): void {
    // Within an interpolation, that is what lacks its end.
    if (this.interpolations.some((open) => open.lines !== null)) return;
    this.openFrom = lines.start;
    this.error("J0103", lines.start, lines.start + (lines.isTemplate ? 4 : 3),
      `\`${DELIMITER}\` is missing at the end of this text`, { label: "opened here" });
  }

  /** A format that its line's end or a quotation mark cuts off: as if its `}` stood there. */
  private unclosedFormat(start: number, open: Interpolation): void {
    this.error("J0126", start, this.at, "the format is not closed by a `}`");
    this.interpolations.pop();
    this.lines(open.lines!, start, "template-part", null);
  }

  private punctuation(start: number): void {
    const { text } = this;
    const open = this.interpolations[this.interpolations.length - 1];
    const c = text[start]!;
    if (open !== undefined) {
      // the `:` of a `? :`, which the parser tells, begins no format
      const isChoice = open.depth === 0 && c === "?" && text[start - 1] === " " && text[start + 1] === " ";
      if (isChoice) open.choices += 1;
      else if (open.depth === 0 && c === ":" && open.choices > 0) open.choices -= 1;
      else if (open.depth === 0 && (c === "}" || (c === ":" && text[start + 1] !== "="))) {
        this.templateResume(open);
        return;
      }
      if (c === "(" || c === "[" || c === "{") open.depth += 1;
      else if ((c === ")" || c === "]" || c === "}") && open.depth > 0) open.depth -= 1;
    }
    const candidates = operators[c];
    if (candidates !== undefined) {
      for (const operator of candidates) {
        if (operator === "?." && text[start + 2] === ".") continue; // `e?..n` passes an error on, then makes a range
        if (operator.length === 1 || text.startsWith(operator, start)) {
          this.at = start + operator.length;
          this.push(operator, start, "", null);
          return;
        }
      }
    }
    this.badCharacter(start);
  }

  private badCharacter(start: number): void {
    const code = this.text.codePointAt(start)!;
    const shown = String.fromCodePoint(code);
    this.at = start + shown.length;
    // A run of the same stray character is one mistake.
    while (this.text.startsWith(shown, this.at)) this.at += shown.length;
    if (shown === "`") {
      let close = this.at;
      while (close < this.text.length && this.text[close] !== "`" && this.text[close] !== "\n") close += 1;
      if (this.text[close] === "`") {
        const value = this.text.slice(this.at, close);
        this.at = close + 1;
        this.error("J0102", start, this.at, "a string stands between double quotes", {
          hint: value.includes("${") ? "write `$\"…{name}…\"`" : 'write `"…"`',
        });
        this.push("string", start, "", value);
        return;
      }
    }
    if (shown === "“" || shown === "„") {
      // A whole text in typographic quotes is one mistake, and a string.
      let close = this.at;
      while (close < this.text.length && !"“”\n".includes(this.text[close]!)) close += 1;
      if (this.text[close] === "“" || this.text[close] === "”") {
        const value = this.text.slice(this.at, close);
        this.at = close + 1;
        this.error("J0102", start, this.at, "a string stands between straight quotes", { hint: 'write `"…"`' });
        this.push("string", start, "", value);
        return;
      }
    }
    const blank = code < 32 || (code >= 0x7f && code < 0xa1) || code === 0x200b || code === 0xfeff;
    const name = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
    let hint: string | undefined;
    if ("“”„«»".includes(shown)) hint = 'strings stand between straight quotes: "…"';
    else if ("‘’`´".includes(shown)) hint = "a character literal stands between straight quotes: 'a'";
    else if ("–—−".includes(shown)) hint = "minus is the plain `-`";
    else if (shown === "$") hint = 'an interpolated string begins with `$"`';
    else if (shown === "\\") hint = "a line that ends in an operator or a comma continues by itself";
    this.error("J0102", start, this.at, `no token begins with ${blank ? name : `\`${shown}\` (${name})`}`,
      hint === undefined ? {} : { hint });
  }

  private skipLine(): void {
    const { text } = this;
    let at = this.at;
    while (at < text.length && text.charCodeAt(at) !== 10 && text.charCodeAt(at) !== 13) at += 1;
    this.at = at;
  }

  private lineComment(start: number): void {
    this.skipLine();
    const { text } = this;
    if (text[start + 2] !== "/" || text[start + 3] === "/") return;
    const line = text.slice(start + (text[start + 3] === " " ? 4 : 3), this.at).trimEnd();
    this.doc = this.doc === null ? line : `${this.doc}\n${line}`;
  }

  private blockComment(start: number): void {
    const { text } = this;
    let depth = 1;
    let at = start + 2;
    while (at < text.length) {
      const c = text.charCodeAt(at);
      if (c === 42 && text.charCodeAt(at + 1) === 47) {
        depth -= 1;
        at += 2;
        if (depth === 0) break;
      } else if (c === 47 && text.charCodeAt(at + 1) === 42) {
        depth += 1;
        at += 2;
      } else {
        if (c === 10) this.newline = true;
        at += 1;
      }
    }
    this.at = at;
    if (depth > 0) {
      this.openFrom = start;
      this.error("J0104", start, start + 2, "the comment is not closed", {
        label: "opened here",
        ...(depth > 1 ? { hint: `comments nest: ${depth} \`*/\` are missing` } : {}),
      });
    }
  }
}
