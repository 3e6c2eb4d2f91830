// The parser's door: a text in, a tree and diagnostics out. It never throws; whatever it could not read is an error
// with its place. The grammar (expressions, statements, declarations, …) is in the files beside this one, recursive
// descent with operator precedence, all of it linear in the length of the text.
import type { SourceText, Unit } from "./ast.ts";
import { endStatement } from "./blocks.ts";
import { Cursor } from "./cursor.ts";
import { atDeclaration, parseDeclaration } from "./declarations.ts";
import { type Diagnostic, syntaxError } from "./diagnostic.ts";
import { atAttributes, parseAttributes } from "./functions.ts";
import { parseStatement, useGrammar } from "./grammar.ts";
import { readHabit } from "./habits.ts";
import { lex } from "./lexer.ts";
import { parseBinary } from "./operators.ts";
import { readPrimary } from "./primaries.ts";
import { SOURCE_LENGTH_MAX, sourceText } from "./source.ts";
import { readStatement } from "./statements.ts";
import { describe } from "./token.ts";
import { misspelt } from "./typos.ts";

useGrammar({ binary: parseBinary, primary: readPrimary, statement: readStatement });

export interface ParseOptions {
  /** Statements are allowed between declarations and go to `unit.stmts`, in order. */
  repl?: boolean;
}

export interface Parsed {
  unit: Unit;
  diagnostics: Diagnostic[];
}

export function parse(source: SourceText, options: ParseOptions = {}): Parsed {
  return read(source, options).parsed;
}

/** True for a REPL entry that is right so far and lacks its end: an open block, bracket, comment, text or operator. */
export function isIncomplete(text: string): boolean {
  const { cursor, isOpen } = read(sourceText("<entry>", text), { repl: true });
  return cursor.endedEarly || (isOpen && cursor.diagnostics.length === 1);
}

function read(source: SourceText, options: ParseOptions): { parsed: Parsed; cursor: Cursor; isOpen: boolean } {
  if (source.text.length > SOURCE_LENGTH_MAX) return readTooLong(source);
  const lexed = lex(source);
  const first = readTokens(source, lexed, options);
  const isOpen = Number.isFinite(lexed.openFrom);
  const { cursor } = first;
  const mended = cursor.diagnostics.length === 0 || cursor.gaveUp ? null : readMended(source, first, options);
  return { parsed: mended ?? first.parsed, cursor, isOpen };
}

function readTokens(
  source: SourceText, lexed: ReturnType<typeof lex>, options: ParseOptions,
): { parsed: Parsed; cursor: Cursor } {
  const cursor = new Cursor(source, lexed.tokens, lexed.diagnostics, lexed.openFrom);
  const unit: Unit = { source, profile: null, decls: [], generics: cursor.generics, lost: cursor.lost, stmts: [] };
  parseTop(cursor, unit, options.repl === true);
  const { diagnostics } = cursor;
  diagnostics.sort((a, b) => a.span.start - b.span.start);
  return { parsed: { unit, diagnostics }, cursor };
}

/** A text that could not be read, with its misspelt keywords as they were meant; null where that mends nothing. */
function readMended(
  source: SourceText, { parsed, cursor }: ReturnType<typeof readTokens>, options: ParseOptions,
): Parsed | null {
  const words = misspelt(cursor.tokens);
  if (words.size === 0) return null;
  const lexed = lex(source);
  const slips: Diagnostic[] = [];
  for (const [i, meant] of words) {
    const token = lexed.tokens[i]!;
    slips.push(syntaxError("J0112", source, { start: token.start, end: token.end },
      `there is no word \`${token.text}\` in the language`, { hint: `did you mean \`${meant}\`?` }));
    token.kind = meant;
  }
  const again = readTokens(source, lexed, options);
  const left = again.parsed.diagnostics;
  if (left.length >= parsed.diagnostics.length) return null;
  return { unit: again.parsed.unit, diagnostics: [...slips, ...left].sort((a, b) => a.span.start - b.span.start) };
}

/** A text that is too long is not looked at: nothing in it but its size is told. */
function readTooLong(source: SourceText): ReturnType<typeof read> {
  const span = { start: SOURCE_LENGTH_MAX, end: SOURCE_LENGTH_MAX };
  const error = syntaxError("J0132", source, span, `this file has ${source.text.length} characters, and the most is `
    + `${SOURCE_LENGTH_MAX}`, { hint: "split it into modules, or read the data from a file when the program runs" });
  const empty = read(sourceText(source.name, "", source.id), {});
  return { ...empty, parsed: { unit: { ...empty.parsed.unit, source }, diagnostics: [error] } };
}

function parseTop(p: Cursor, unit: Unit, repl: boolean): void {
  let strayStatements = false;
  for (;;) {
    while (p.eat(";"));
    p.abandoning = false;
    if (p.at("eof") || p.gaveUp) return;
    p.beginItem();
    p.blocks.length = 0;
    p.depth = 0;
    p.height = 0;
    const before = p.index;
    if (parseProfile(p, unit) || readHabit(p)) {
      strayStatements = false;
    } else if (repl ? atDeclaration(p) && !p.at("const") : atDeclaration(p) || atValue(p)) {
      const decl = parseDeclaration(p);
      if (decl !== null) unit.decls.push(decl);
      strayStatements = false;
    } else if (isCloser(p.token.kind)) {
      p.report("J0110", p.spanOf(p.token), `${describe(p.token)} closes nothing`, p.at("end") || p.at("}")
        ? { hint: "a block before it was closed twice, or its `do` is missing" } : {});
      // A run of closers is one mistake, however many there are.
      while (isCloser(p.token.kind)) p.advance();
      p.recovering = false;
      continue;
    } else if (repl) {
      parseStatement(p, unit.stmts, false);
    } else {
      if (!strayStatements) {
        p.note("J0123", p.spanOf(p.token), `expected a declaration, found ${describe(p.token)}`, {
          hint: "statements belong in a function: `func main() do … end`",
        });
      }
      strayStatements = true;
      parseStatement(p, [], false);
    }
    if (!p.abandoning) endStatement(p, before);
  }
}

/** `let`, `var` and `:=` at module level. */
function atValue(p: Cursor): boolean {
  return p.at("let") || p.at("var") || (p.at("word") && p.peek().kind === ":=");
}

function isCloser(kind: string): boolean {
  return kind === "end" || kind === "}" || kind === ")" || kind === "]" || kind === "else" || kind === "template-part";
}

/** `profile :service`, `{.profile: service.}`. */
function parseProfile(p: Cursor, unit: Unit): boolean {
  if (p.atWord("profile") && p.peek().kind === ":") {
    const { start } = p.advance();
    p.advance();
    const name = p.expectName("the name of a profile");
    if (name !== null) setProfile(p, unit, name.name, p.spanFrom(start));
    return true;
  }
  if (!atAttributes(p) || p.peek(2).text !== "profile") return false;
  for (const attribute of parseAttributes(p)) {
    const { value } = attribute;
    if (attribute.name === "profile" && value?.kind === "Name") setProfile(p, unit, value.name, attribute.span);
    else p.note("J0125", attribute.span, "only `{. profile: name .}` stands alone at the top of a file");
  }
  return true;
}

function setProfile(p: Cursor, unit: Unit, name: string, span: { start: number; end: number }): void {
  if (unit.profile !== null) {
    p.note("J0125", span, "the profile is declared twice", {
      notes: [{ unit: p.source, span: unit.profile.span, message: "first here" }],
    });
    return;
  }
  unit.profile = { name, span };
}
