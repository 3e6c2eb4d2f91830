// The parser's position: tokens with lookahead, error reports, recovery, and the bound on nesting. The grammar is in
// the files beside this one, each a set of functions over a Cursor.
//
// Recovery. The first error of a statement is reported and sets `recovering`; until the statement ends (`settle`) all
// further complaints are consequences and stay silent. A block opened after the error starts afresh.
import type { ErrorExpr, FuncDecl, SourceText, Span, TypeParam } from "./ast.ts";
import { syntaxError, type Diagnostic, type DiagnosticExtras, type SyntaxCode } from "./diagnostic.ts";
import { habitBetween } from "./foreign.ts";
import { lineIndex, lineStarts } from "./source.ts";
import { describe, isWord, type TemplatePiece, type Token } from "./token.ts";

/** Height a tree may have; every stage after this one recurses over trees. */
export const nesting_max = 1000;

/** How many tokens recovery looks ahead for a closing bracket, so that it stays linear. */
const lookahead_max = 500;

/** A block or body being read: what opened it and what closes it. */
export interface OpenBlock {
  opener: Token;
  closer: "end" | "}";
  /** The token that begins the statement or declaration the block belongs to. */
  owner: Token;
  /** What a message calls it: "`if`", "`func`". */
  what: string;
  /** The token after the opener, once the body is being read. */
  first?: Token;
}

/** How a block was closed, kept to find the one whose `end` is missing. */
export interface ClosedBlock {
  block: OpenBlock;
  closer: Token;
}

export class Cursor {
  readonly source: SourceText;
  readonly tokens: Token[];
  readonly diagnostics: Diagnostic[];
  /** Index of the current token. */
  index = 0;
  /** functions with type parameters inside blocks: they belong to no declaration of the file */
  readonly generics: FuncDecl[] = [];
  /** Names of what was read over as another language's: nobody is told that they are unknown. */
  readonly lost = new Set<string>();
  token: Token;
  /** End offset of the token before the current one. */
  lastEnd = 0;
  recovering = false;
  /** The first error stood at the end of the text: more input could repair it. */
  endedEarly = false;
  /** In the head of `if`, `for` …: `{` and `do` open the block and cannot belong to the expression. */
  inHead = false;
  /** In the arguments of a call without parentheses: a `do` belongs to that call. */
  inCommand = false;
  /** In the body of a `match` arm: a comma ends it, and a line that begins with `.` may be the next arm. */
  inArm = false;
  /** Column heuristics found that the blocks up to the enclosing declaration were left open: leave them all. */
  abandoning = false;
  readonly blocks: OpenBlock[] = [];
  readonly closed: ClosedBlock[] = [];
  /** Round and square brackets open within the innermost block. */
  openParens = 0;
  /** The same of all blocks around that one. */
  parensAround = 0;
  /** A `{` was read that may be a map's: the first statement may turn out to be its first key. */
  mapKeyAllowed = false;
  /** `<` may open the arguments of a type; not after `as`, where it compares. */
  angleTypes = true;
  /** In the head of an `impl`: its type parameters, which may be declared where the type names them. */
  headParams: TypeParam[] | null = null;
  /** Levels of recursion now, and the height of the tree made so far within the current operand. */
  depth = 0;
  height = 0;
  /** Where the end of the file cuts something off, which the lexer told: what is wrong from there on follows. */
  private readonly openFrom: number;
  private tooDeep = false;
  private readonly lexicalErrors: number[];
  private statementStart = 0;

  constructor(source: SourceText, tokens: Token[], diagnostics: Diagnostic[], openFrom: number) {
    this.source = source;
    this.openFrom = openFrom;
    this.tokens = tokens;
    this.token = tokens[0]!;
    this.diagnostics = diagnostics;
    this.lexicalErrors = diagnostics.map((d) => d.span.start);
  }

  // ------------------------------------------------------------ tokens

  peek(ahead = 1): Token {
    const { tokens } = this;
    const i = this.index + ahead;
    return i < tokens.length ? tokens[i]! : tokens[tokens.length - 1]!;
  }

  advance(): Token {
    const { token } = this;
    if (token.kind !== "eof") {
      this.lastEnd = token.end;
      this.token = this.tokens[++this.index]!;
    }
    return token;
  }

  at(kind: string): boolean {
    return this.token.kind === kind;
  }

  /** A contextual keyword, which lexes as a plain word. */
  atWord(word: string): boolean {
    return this.token.kind === "word" && this.token.text === word;
  }

  eat(kind: string): boolean {
    if (this.token.kind !== kind) return false;
    this.advance();
    return true;
  }

  eatWord(word: string): boolean {
    if (!this.atWord(word)) return false;
    this.advance();
    return true;
  }

  /** The next token, if it stands on the same line as the current one. */
  peekSameLine(): Token | null {
    const next = this.peek();
    return next.newline || next.kind === "eof" ? null : next;
  }

  adjacent(first: Token, second: Token): boolean {
    return first.end === second.start;
  }

  spanFrom(start: number): Span {
    return { start, end: this.lastEnd < start ? start : this.lastEnd };
  }

  spanOf(token: Token): Span {
    return { start: token.start, end: token.end };
  }

  /** Width of the blanks before the first token on the line of a token. */
  lineColumn(token: Token): number {
    const { text } = this.source;
    const from = lineStarts(this.source)[lineIndex(this.source, token.start)]!;
    let at = from;
    while (text[at] === " " || text[at] === "\t") at += 1;
    return at - from;
  }

  // ------------------------------------------------------------ errors

  /** Reports unless this statement already has its error, from the parser or from the lexer. */
  report(code: SyntaxCode, span: Span, message: string, extras?: DiagnosticExtras): void {
    const follows = this.recovering || this.token.start >= this.openFrom;
    if (!follows && !this.lexicalErrorIn(this.statementStart, span.end)) {
      if (this.token.kind === "eof" && this.diagnostics.length === 0) this.endedEarly = true;
      this.diagnostics.push(syntaxError(code, this.source, span, message, extras));
    }
    this.recovering = true;
  }

  /** Reports without disturbing the parse: what was meant is clear and is taken as that. */
  note(code: SyntaxCode, span: Span, message: string, extras?: DiagnosticExtras): void {
    const before = this.recovering;
    this.report(code, span, message, extras);
    this.recovering = before;
  }

  unexpected(expected: string, extras?: DiagnosticExtras): void {
    const { token } = this;
    this.report("J0101", this.spanOf(token), `expected ${expected}, found ${describe(token)}`, extras);
  }

  errorExpr(start = this.token.start): ErrorExpr {
    return { kind: "ErrorExpr", span: this.spanFrom(start) };
  }

  expect(kind: string, context: string): boolean {
    if (this.eat(kind)) return true;
    this.unexpected(`\`${kind}\` ${context}`);
    return false;
  }

  /** A closing bracket; the note shows the opening one. */
  expectClosing(kind: ")" | "]" | "}", opener: Token): boolean {
    if (this.eat(kind)) return true;
    const { token } = this;
    const foreign = habitBetween(this.tokens[this.index - 1], token, this.source.text);
    const notes = [{ unit: this.source, span: this.spanOf(opener), message: "opened here" }];
    if (token.newline || token.kind === "eof" || token.kind === "template-part") {
      // `println(7 // 2)`
      const line = /^[ \t]*\/\/[^\n]*/.exec(this.source.text.slice(this.lastEnd, this.lastEnd + 200))?.[0] ?? "";
      const hint = line.includes(kind) ? "`//` begins a comment; whole numbers are divided by `/`" : undefined;
      this.report("J0109", this.spanOf(token), `expected \`${kind}\`, found ${describe(token)}`,
        hint === undefined ? { notes } : { notes, hint });
    } else if (foreign !== null) {
      this.report(foreign.code, this.spanOf(token), foreign.message, { hint: foreign.hint });
    } else {
      this.report("J0101", this.spanOf(token), `expected \`,\` or \`${kind}\`, found ${describe(token)}`, { notes });
    }
    // The rest inside the brackets belongs to this error; what follows them can be read on.
    return this.skipPast(kind);
  }

  /** Skips to the closing bracket of the given kind, and past it; false, without moving, where none is near. */
  private skipPast(closer: string): boolean {
    let brackets = 0;
    let words = 0;
    for (let i = this.index; i < this.index + lookahead_max && i < this.tokens.length; i++) {
      const token = this.tokens[i]!;
      const { kind } = token;
      if (kind === "eof" || (words === 0 && brackets === 0 && kind === "end")) return false;
      if (words === 0 && this.startsLine(token)) return false;
      if (brackets === 0 && words === 0) {
        if (kind === closer) {
          this.index = i;
          this.token = token;
          this.advance();
          return true;
        }
        if (kind === ")" || kind === "]" || kind === "}" || kind === "template-part") return false;
      }
      if (kind === "(" || kind === "[" || kind === "{") brackets += 1;
      else if (kind === ")" || kind === "]" || kind === "}") brackets -= 1;
      else if (kind === "do") words += 1;
      else if (kind === "end") words -= 1;
      else if (kind === "template" && !(token.value as TemplatePiece).last) brackets += 1;
      else if (kind === "template-part" && (token.value as TemplatePiece).last) brackets -= 1;
    }
    return false;
  }

  /** A name that is declared or bound here. */
  expectName(what: string): { name: string; span: Span } | null {
    const { token } = this;
    if (token.kind === "word") {
      this.advance();
      return { name: token.text, span: this.spanOf(token) };
    }
    const hint = isWord(token) ? { hint: `\`${token.kind}\` is a word of the language; choose another name` } : {};
    this.report("J0118", this.spanOf(token), `expected ${what}, found ${describe(token)}`, hint);
    return null;
  }

  private lexicalErrorIn(from: number, to: number): boolean {
    const errors = this.lexicalErrors;
    let low = 0;
    let high = errors.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (errors[middle]! < from) low = middle + 1;
      else high = middle;
    }
    return low < errors.length && errors[low]! <= to;
  }

  // ------------------------------------------------------------ recovery

  /** Before each statement, declaration, arm, field: errors from here on are news again. */
  beginItem(): void {
    this.recovering = false;
    this.statementStart = this.token.start;
  }

  /** Whether the statement or declaration being read begins with this token. */
  beginsStatement(token: Token): boolean {
    return token.start === this.statementStart;
  }

  /** Words that begin a statement or close a block, where a line begins with them. */
  private startsLine(token: Token): boolean {
    if (!token.newline) return false;
    switch (token.kind) {
      case "let": case "var": case "const": case "func": case "return": case "for": case "while": case "struct":
      case "enum": case "trait": case "impl": case "pub": case "end": case "else": case "defer":
        return true;
      default:
        return false;
    }
  }

  /**
   * After an error: skips to where the next statement can begin: a new line or `;` outside of all brackets opened on
   * the way, a closer of an enclosing block, or `extra`. Blocks met on the way are skipped whole.
   */
  synchronize(extra: string | null = null): void {
    let words = 0;
    for (let first = true; ; first = false) {
      const { token } = this;
      const kind = token.kind;
      if (kind === "eof") return;
      if (words === 0) {
        if (token.newline && (!first || this.lastEnd > this.statementStart)) return;
        if (kind === ";" || kind === "end" || kind === "else" || kind === "}" || kind === extra) return;
      }
      this.advance();
      if (kind === "(" || kind === "[" || kind === "{") {
        this.skipPast(kind === "(" ? ")" : kind === "[" ? "]" : "}");
      } else if (kind === "do") {
        words += 1;
      } else if (kind === "end") {
        words -= 1;
      }
    }
  }

  // ------------------------------------------------------------ nesting

  /** Enters a level; false, after a report, where the bound is passed: the caller then makes an ErrorExpr. */
  enter(): boolean {
    if (this.depth < nesting_max) {
      this.depth += 1;
      return true;
    }
    this.refuseDepth();
    return false;
  }

  leave(): void {
    this.depth -= 1;
  }

  /** Says once that the tree grows too high, and gives the rest of the text up. */
  refuseDepth(): void {
    if (!this.tooDeep) {
      this.recovering = false;
      this.report("J0119", this.spanOf(this.token), `nested more than ${nesting_max} levels deep`, {
        hint: "name parts of it with `let`, or move them into functions",
      });
    }
    this.tooDeep = true;
    this.recovering = true;
    // Nothing after this place could be reported as independent: the brackets that are open are beyond counting.
    this.index = this.tokens.length - 1;
    this.token = this.tokens[this.index]!;
    this.lastEnd = this.token.start;
  }

  /** True once nesting was refused: the missing ends of all open blocks are its consequences. */
  get gaveUp(): boolean {
    return this.tooDeep;
  }
}
