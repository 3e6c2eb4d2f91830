// Functions, parameters, attributes and globals; the declarations of types are in typedecls.ts.
import type { AliasDecl, Attribute, Closure, Decl, FuncDecl, GlobalDecl, Param, Stmt, TestDecl, TypeExpr, TypeParam,
  UseDecl } from "./ast.ts";
import { atBlock, parseBlock } from "./blocks.ts";
import type { Cursor } from "./cursor.ts";
import { parseNested, parseExpr } from "./expressions.ts";
import { parseEnum, parseError, parseImpl, parseStruct, parseTrait } from "./typedecls.ts";
import { parseResultType, parseType } from "./types.ts";
import { describe, isWord } from "./token.ts";

/** What stands before a declaration. */
export interface Prelude {
  start: number;
  doc: string | null;
  pub: boolean;
  attributes: Attribute[];
}

// ---------------------------------------------------------------- attributes

/** At `{.`: an attribute, where a declaration or a spawned call follows. */
export function atAttributes(p: Cursor): boolean {
  return p.at("{") && p.peek().kind === "." && p.adjacent(p.token, p.peek());
}

/** `{. name .}`, `{. name: value, other .}`. */
export function parseAttributes(p: Cursor): Attribute[] {
  const made: Attribute[] = [];
  const opener = p.advance();
  p.advance();
  const closes = (): boolean => (p.at(".") && p.peek().kind === "}") || p.at("}");
  while (!closes() && !p.at("eof")) {
    const { token } = p;
    if (!isWord(token)) {
      p.expectName("the name of an attribute");
      break;
    }
    p.advance();
    const value = p.eat(":") ? parseNested(p) : null;
    made.push({ name: token.text, value, span: p.spanFrom(token.start) });
    if (!p.eat(",")) break;
  }
  if (!closes() && p.recovering) while (!closes() && !p.at("eof") && !p.token.newline) p.advance();
  if (p.at(".") && p.peek().kind === "}") {
    p.advance();
    p.advance();
  } else {
    p.report("J0101", p.spanOf(p.token), `expected \`.}\` after the attribute, found ${describe(p.token)}`, {
      notes: [{ unit: p.source, span: p.spanOf(opener), message: "opened here" }],
    });
    p.eat("}");
  }
  return made;
}

export function parsePrelude(p: Cursor): Prelude {
  const { start } = p.token;
  let doc: string | null = null;
  const attributes: Attribute[] = [];
  // The documentation may stand before, between and after the attributes; the first there is counts.
  const eatAttributes = (): void => {
    doc ??= p.token.doc;
    while (atAttributes(p)) {
      attributes.push(...parseAttributes(p));
      doc ??= p.token.doc;
    }
  };
  eatAttributes();
  const pub = p.eat("pub");
  eatAttributes();
  return { start, doc, pub, attributes };
}

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
    case "async": return next.kind === "func" && p.peek(2).kind !== "(";
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

// ---------------------------------------------------------------- functions

const foreignFunc = ["fn", "def", "function", "fun", "proc"];

/** At `func name` or `async func name`, also in the spelling of another language. */
export function atFuncDecl(p: Cursor): boolean {
  let ahead = 0;
  if (p.token.kind === "pub") ahead += 1;
  const first = p.peek(ahead);
  if (first.kind === "word" && first.text === "async") ahead += 1;
  return p.peek(ahead).kind === "func" && isWord(p.peek(ahead + 1));
}

/**
 * `where` decides what may be left out: a required method of a trait has no body, nor has one that an attribute
 * declares as provided by the runtime.
 */
export function parseFunc(p: Cursor, prelude: Prelude, where: "module" | "trait" | "type"): FuncDecl {
  const owner = p.token;
  const isAsync = p.eatWord("async");
  if (p.token.kind === "word" && foreignFunc.includes(p.token.text)) {
    p.note("J0112", p.spanOf(p.token), "a function is declared with `func`",
      { hint: `write \`func\` for \`${p.token.text}\`` });
    p.advance();
  } else {
    p.expect("func", "here");
  }
  const named = isWord(p.token) && ["(", "["].includes(p.peek().kind) ? p.advance() : null;
  const plain = named === null ? p.expectName("the name of the function") : { name: named.text, span: p.spanOf(named) };
  const typeParams = parseTypeParams(p);
  const params = parseParams(p, true);
  const result = parseResult(p);
  let body = null;
  const provided = where === "trait" || prelude.attributes.some((a) => a.name === "intrinsic");
  if (atBlock(p) && !atAttributes(p)) {
    body = parseBlock(p, { what: plain === null ? "a function" : `\`func ${plain.name}\``, owner });
  } else if (p.recovering) {
    body = parseBlock(p, { what: "a function", owner });
  } else if (!provided) {
    if (p.at("=") || p.at("=>")) {
      p.report("J0124", p.spanOf(p.token), "a function has a block", { hint: "write `do return … end`" });
    } else if (p.at("->") || p.at("!") || p.at(":")) {
      p.unexpected("`do` and the body of the function", p.at(":") ? { hint: "the result type follows `->`" } : {});
    } else if (p.token.newline && !startsLikeBody(p)) {
      p.report("J0124", plain?.span ?? p.spanOf(owner),
        `${plain === null ? "the function" : `\`${plain.name}\``} has no body`, {
        hint: "add `do … end`",
      });
      p.recovering = false;
    }
    if (p.recovering || !p.token.newline || startsLikeBody(p)) {
      body = parseBlock(p, { what: plain === null ? "a function" : `\`func ${plain.name}\``, owner });
    }
  }
  const receiver = params[0]?.name !== "self" ? null : params[0].type?.kind === "PointerType" ? "pointer" : "value";
  return { kind: "FuncDecl", doc: prelude.doc, pub: prelude.pub, attributes: prelude.attributes,
    name: plain?.name ?? "",
    nameSpan: plain?.span ?? p.spanOf(owner), isAsync, typeParams, receiver, params, result, body,
    span: p.spanFrom(prelude.start) };
}

/** The line after a head without `do` is indented deeper: most likely the body, whose `do` was forgotten. */
function startsLikeBody(p: Cursor): boolean {
  switch (p.token.kind) {
    case "let": case "var": case "return": case "if": case "while": case "for": case "match": return true;
    default: return false;
  }
}

/** `[T, U: Ordered + Eq]`, also `<T>`. */
export function parseTypeParams(p: Cursor): TypeParam[] {
  const made: TypeParam[] = [];
  if ((!p.at("[") && !p.at("<")) || p.token.newline) return made;
  const opener = p.advance();
  const closer = opener.kind === "[" ? "]" : ">";
  while (!p.at(closer) && !p.at("eof")) {
    const name = p.expectName("the name of a type parameter");
    if (name === null) break;
    const bounds: TypeExpr[] = [];
    if (p.eat(":")) {
      do bounds.push(parseType(p));
      while (p.eat("+"));
    }
    made.push({ name: name.name, bounds, span: p.spanFrom(name.span.start) });
    if (!p.eat(",")) break;
  }
  if (closer === "]") p.expectClosing("]", opener);
  else p.expect(">", "after the type parameters");
  return made;
}

/** `(a: T, b: U = default)`. `typed`: of a declared function, whose parameters need their types. */
function parseParams(p: Cursor, typed: boolean): Param[] {
  const made: Param[] = [];
  const opener = p.token;
  if (!p.expect("(", "and the parameters")) return made;
  p.openParens += 1;
  while (!p.at(")") && !p.at("eof")) {
    const param = parseParam(p, typed);
    if (param === null) break;
    made.push(param);
    if (!p.eat(",")) break;
  }
  p.openParens -= 1;
  p.expectClosing(")", opener);
  return made;
}

function parseParam(p: Cursor, typed: boolean): Param | null {
  const { start } = p.token;
  if ((p.at("&") || p.at("*")) && [p.peek().text, p.peek(2).text].includes("self")) {
    p.note("J0111", p.spanOf(p.token), "a receiver that is changed is written `self: *T`", {
      hint: "with the name of the type for `T`",
    });
    p.advance();
    p.eatWord("mut");
  }
  const name = p.expectName("the name of a parameter");
  if (name === null) return null;
  const type = p.eat(":") ? parseType(p) : null;
  const value = p.eat("=") ? parseNested(p) : null;
  if (typed && type === null && name.name !== "self" && !p.recovering) {
    const foreign = p.at("word");
    p.note("J0129", name.span, `the parameter \`${name.name}\` has no type`, {
      hint: foreign ? `write the name first: \`${p.token.text}: ${name.name}\`` : `write \`${name.name}: T\``,
    });
    if (foreign) p.advance();
  }
  return { name: name.name, type, default: value, span: p.spanFrom(start) };
}

function parseResult(p: Cursor): TypeExpr | null {
  if (!p.at("->") || p.token.newline) return null;
  p.advance();
  return parseResultType(p);
}

/** `func(x: i64) -> i64 do … end` as a value. */
export function parseFuncClosure(p: Cursor): Closure | { kind: "ErrorExpr"; span: { start: number; end: number } } {
  const owner = p.advance();
  const { inHead } = p;
  if (isWord(p.token) && !p.at("do")) {
    p.report("J0122", p.spanOf(p.token), "a function as a value has no name", {
      hint: "declare it in a statement of its own, or leave the name out",
    });
    p.advance();
  }
  const params = parseParams(p, false);
  const result = parseResult(p);
  const body = parseBlock(p, { what: "`func`", owner });
  p.inHead = inHead;
  return { kind: "Closure", params, result, body, form: "func", span: p.spanFrom(owner.start) };
}

/** A function declared in a block. */
export function parseNestedFunc(p: Cursor): Stmt | null {
  const { start } = p.token;
  const prelude = parsePrelude(p);
  if (prelude.pub) p.note("J0122", { start, end: start + 3 }, "`pub` has no meaning inside a block");
  if (!p.at("func") && !(p.token.kind === "word" && [...foreignFunc, "async"].includes(p.token.text))) {
    p.report("J0125", { start, end: p.lastEnd }, "no declaration follows this attribute");
    return null;
  }
  const decl = parseFunc(p, { ...prelude, pub: false }, "module");
  if (decl.typeParams.length > 0) p.generics.push(decl);
  return { kind: "FuncStmt", decl, span: decl.span };
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
    p.note("J0111", p.spanOf(p.token), "the parts of a path are joined with `.`");
    while (p.at(":") && p.peek().kind === ":") {
      p.advance();
      p.advance();
      if (isWord(p.token)) path.push(p.advance().text);
    }
  }
  if (p.eat("as")) alias = p.expectName("the module's name here")?.name ?? null;
  return { kind: "UseDecl", doc: prelude.doc, pub: prelude.pub, attributes: prelude.attributes, path, alias, names,
    span: p.spanFrom(prelude.start) };
}

/** `use "./geometry/shapes.jan"`: told how it is written, and taken as that. */
function quotedPath(p: Cursor): string[] {
  const span = p.spanOf(p.token);
  const text = p.source.text.slice(span.start + 1, span.end - 1).replace(/^\.\//, "").replace(/\.jan$/, "");
  const parts = text.split(/[/.]/);
  const isPath = parts.every((part) => /^[A-Za-z_]\w*$/.test(part));
  p.note("J0118", span, "a module is named by its path, without quotes", {
    hint: isPath ? `write \`use ${parts.join(".")}\``
      : "`use geometry.shapes` finds geometry/shapes.jan beside the file",
  });
  p.advance();
  return isPath ? parts : [];
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
