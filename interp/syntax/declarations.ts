// Declarations, each by its first word; module-level values, aliases, tests, `use`. Functions are in functions.ts, the
// declarations of types in typedecls.ts.
import type { AliasDecl, Decl, GlobalDecl, TestDecl, UseDecl } from "./ast.ts";
import { parseBlock } from "./blocks.ts";
import type { Cursor } from "./cursor.ts";
import { atAttributes, parseFunc, parsePrelude, parseTypeParams, type Prelude } from "./functions.ts";
import { parseExpr } from "./grammar.ts";
import { isWord } from "./token.ts";
import { parseEnum, parseError, parseImpl, parseStruct, parseTrait } from "./typedecls.ts";
import { parseType } from "./types.ts";

// ---------------------------------------------------------------- dispatch

/** True where a declaration of a file begins (what begins a statement of a REPL entry is none). */
export function atDeclaration(p: Cursor): boolean {
  const next = p.peek();
  switch (p.token.kind) {
    case "pub": case "struct": case "enum": case "trait": case "impl": return true;
    case "func": return next.kind !== "(";
    case "const": return true;
    case "{": return atAttributes(p);
    case "word": break;
    default: return false;
  }
  switch (p.token.text) {
    case "async": return (next.kind === "func" || ["fn", "def", "function", "fun"].includes(next.text))
      && p.peek(2).kind !== "(";
    case "use": case "import": return (next.kind === "word" || next.kind === "string") && !next.newline;
    case "type": return next.kind === "word" && !next.newline && ["=", "["].includes(p.peek(2).kind);
    case "error":
      return next.kind === "word" && next.text !== "when" && !next.newline && ["{", "do"].includes(p.peek(2).kind);
    case "test": return next.kind === "string" && !next.newline;
    case "fn": case "def": case "function": case "fun": case "proc":
      return next.kind === "word" && p.peek(2).kind === "(";
    default: return false;
  }
}

/** One declaration; null, after a report, where none begins. */
export function parseDeclaration(p: Cursor): Decl | null {
  const prelude = parsePrelude(p);
  const { token } = p;
  switch (token.kind) {
    case "func": return parseFunc(p, prelude, "module");
    case "struct": return parseStruct(p, prelude);
    case "enum": return parseEnum(p, prelude);
    case "trait": return parseTrait(p, prelude);
    case "impl": return parseImpl(p, prelude);
    case "const": case "let": case "var": return parseGlobal(p, prelude);
  }
  switch (token.kind === "word" ? token.text : "") {
    case "async": case "fn": case "def": case "function": case "fun": case "proc":
      return parseFunc(p, prelude, "module");
    case "use": case "import": return parseUse(p, prelude);
    case "type": return parseAlias(p, prelude);
    case "error": return parseError(p, prelude);
    case "test": return parseTest(p, prelude);
  }
  if (token.kind === "word" && p.peek().kind === ":=") return parseGlobalWalrus(p, prelude);
  if (prelude.attributes.length > 0) {
    p.report("J0125", prelude.attributes[0]!.span, "no declaration follows this attribute");
  } else {
    p.unexpected("a declaration");
  }
  return null;
}

/** A declaration that belongs to the top level: reported, read, and dropped. */
export function parseMisplacedDecl(p: Cursor): void {
  const { token } = p;
  const word = token.kind === "word" ? token.text : token.kind;
  p.note("J0122", p.spanOf(token), `\`${word}\` stands at the top level of a file only`, {
    hint: "move it out of the block; if it already is, an `end` is missing before it",
  });
  parseDeclaration(p);
}

// ---------------------------------------------------------------- globals, aliases, tests, use

function parseGlobal(p: Cursor, prelude: Prelude): GlobalDecl {
  const word = p.advance();
  const keyword = word.kind as "const" | "let" | "var";
  if (p.at("(") && keyword !== "const") {
    p.report("J0118", p.spanOf(p.token), "a module-level value has one name", {
      hint: "name the tuple, and take it apart in a function",
    });
    // the names are not told as unknown where they are used
    for (let ahead = 1; !p.peek(ahead).newline && ["word", ",", "("].includes(p.peek(ahead).kind); ahead++) {
      if (p.peek(ahead).kind === "word") p.lost.add(p.peek(ahead).text);
    }
  }
  const name = p.expectName("the name of the value");
  const type = p.eat(":") ? parseType(p) : null;
  let value;
  if (p.eat("=") || (type === null && p.eat(":="))) {
    value = parseExpr(p);
  } else {
    if (!p.recovering && name !== null && (p.token.newline || p.at("eof"))) {
      p.report("J0130", name.span, `\`${name.name}\` needs a value`);
    } else {
      p.unexpected("`=` and a value");
    }
    value = p.errorExpr();
  }
  return { kind: "GlobalDecl", doc: prelude.doc, pub: prelude.pub, attributes: prelude.attributes, keyword,
    name: name?.name ?? "", nameSpan: name?.span ?? p.spanOf(word), type, value, span: p.spanFrom(prelude.start) };
}

function parseGlobalWalrus(p: Cursor, prelude: Prelude): GlobalDecl {
  const word = p.advance();
  p.advance();
  const value = parseExpr(p);
  return { kind: "GlobalDecl", doc: prelude.doc, pub: prelude.pub, attributes: prelude.attributes, keyword: "let",
    name: word.text, nameSpan: p.spanOf(word), type: null, value, span: p.spanFrom(prelude.start) };
}

function parseAlias(p: Cursor, prelude: Prelude): AliasDecl {
  const word = p.advance();
  const name = p.expectName("the name of the type");
  const typeParams = parseTypeParams(p);
  p.expect("=", "after the name of the type");
  const type = parseType(p);
  return { kind: "AliasDecl", doc: prelude.doc, pub: prelude.pub, attributes: prelude.attributes,
    name: name?.name ?? "", nameSpan: name?.span ?? p.spanOf(word), typeParams, type, span: p.spanFrom(prelude.start) };
}

function parseTest(p: Cursor, prelude: Prelude): TestDecl {
  const owner = p.advance();
  const name = p.advance().value as string;
  const body = parseBlock(p, { what: "`test`", owner });
  return { kind: "TestDecl", doc: prelude.doc, pub: prelude.pub, attributes: prelude.attributes, name, body,
    span: p.spanFrom(prelude.start) };
}

/** `use a.b.c`, `use a.b as c`, `use a.{x, y as z}`. */
function parseUse(p: Cursor, prelude: Prelude): UseDecl {
  p.advance();
  const path: string[] = [];
  let alias: string | null = null;
  let names: UseDecl["names"] = null;
  if (p.at("string")) path.push(...quotedPath(p));
  else {
    const first = p.expectName("the path of a module");
    if (first !== null) path.push(first.name);
  }
  while (p.at(".") && !p.token.newline) {
    p.advance();
    if (p.at("{")) {
      names = parseUsedNames(p);
      break;
    }
    if (!isWord(p.token)) {
      p.expectName("the next part of the path");
      break;
    }
    path.push(p.advance().text);
  }
  if (p.at(":") && p.peek().kind === ":") {
    p.note("J0111", p.spanOf(p.token), "the parts of a path are joined with `.`", { hint: "write `.` for `::`" });
    while (p.at(":") && p.peek().kind === ":") {
      p.advance();
      p.advance();
      if (isWord(p.token)) path.push(p.advance().text);
      else if (p.at("{")) names = parseUsedNames(p);
    }
  }
  if (p.eat("as")) alias = p.expectName("the module's name here")?.name ?? null;
  return { kind: "UseDecl", doc: prelude.doc, pub: prelude.pub, attributes: prelude.attributes, path, alias, names,
    span: p.spanFrom(prelude.start) };
}

/** Modules of other languages that nothing stands for, or that std has under the same name. */
const GO_NAMES: ReadonlySet<string> = new Set(["fmt", "strings", "strconv", "errors", "sort", "bufio", "stdio.h"]);
const PLAIN_STD: ReadonlySet<string> =
  new Set(["fs", "hash", "http", "io", "json", "log", "math", "net", "os", "random", "time", "testing"]);

/** `use "./geometry/shapes.jan"`: told how it is written, and taken as that. */
function quotedPath(p: Cursor): string[] {
  const span = p.spanOf(p.token);
  const text = p.source.text.slice(span.start + 1, span.end - 1).replace(/^\.\//, "").replace(/\.jan$/, "");
  const parts = text.split(/[/.]/);
  const isPath = parts.every((part) => /^[A-Za-z_]\w*$/.test(part));
  p.note("J0118", span, "a module is named by its path, without quotes", {
    hint: GO_NAMES.has(text) ? "leave the line out: `println` is always in scope, and texts have methods"
      : isPath && PLAIN_STD.has(parts[0]!) ? `write \`use std.${parts.join(".")}\``
      : isPath ? `write \`use ${parts.join(".")}\``
      : "`use geometry.shapes` finds geometry/shapes.jan beside the file",
  });
  p.advance();
  if (GO_NAMES.has(text)) return [];
  return isPath && PLAIN_STD.has(parts[0]!) ? ["std", ...parts] : isPath ? parts : [];
}

function parseUsedNames(p: Cursor): NonNullable<UseDecl["names"]> {
  const opener = p.advance();
  const made: NonNullable<UseDecl["names"]> = [];
  while (!p.at("}") && !p.at("eof")) {
    const name = p.expectName("a name of the module");
    if (name === null) break;
    const alias = p.eat("as") ? (p.expectName("the name here")?.name ?? null) : null;
    made.push({ name: name.name, alias, span: p.spanFrom(name.span.start) });
    if (!p.eat(",")) break;
  }
  p.expectClosing("}", opener);
  return made;
}
