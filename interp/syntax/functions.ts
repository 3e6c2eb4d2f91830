// Functions and what stands before any declaration: attributes, `pub`, type parameters, parameters, results.
import type { Attribute, Closure, FuncDecl, Param, Stmt, TypeExpr, TypeParam } from "./ast.ts";
import { atBlock, parseBlock, parseBody } from "./blocks.ts";
import type { Cursor } from "./cursor.ts";
import { foreignTypes, inOrder } from "./foreign-types.ts";
import { parseNested } from "./grammar.ts";
import { describe, isWord } from "./token.ts";
import { parseResultType, parseType } from "./types.ts";

/** What stands before a declaration. */
export interface Prelude {
  start: number;
  doc: string | null;
  pub: boolean;
  attributes: Attribute[];
}

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
  const isAsync = p.eatWord("async");
  const owner = p.token;
  if (p.token.kind === "word" && foreignFunc.includes(p.token.text)) {
    p.note("J0112", p.spanOf(p.token), "a function is declared with `func`",
      { hint: `write \`func\` for \`${p.token.text}\`, as in \`func twice(x: i64) -> i64 do return x * 2 end\`` });
    p.advance();
  } else {
    p.expect("func", "here");
  }
  const named = isWord(p.token) && ["(", "["].includes(p.peek().kind) ? p.advance() : null;
  const plain = named === null ? p.expectName("the name of the function") : { name: named.text, span: p.spanOf(named) };
  const typeParams = parseTypeParams(p);
  const params = parseParams(p, true, foreignFunc.includes(owner.text));
  const written = parseResult(p) ?? readBareResult(p, params, foreignFunc.includes(owner.text));
  // a head of another language may lack the type of its result
  const result: TypeExpr | null = written !== null || !foreignFunc.includes(owner.text) ? written
    : { kind: "NamedType", path: [], args: [], span: p.spanFrom(owner.start) };
  let body = null;
  const provided = where === "trait" || prelude.attributes.some((a) => a.name === "intrinsic");
  if (atBlock(p) && !atAttributes(p)) {
    body = parseBlock(p, { what: plain === null ? "a function" : `\`func ${plain.name}\``, owner });
  } else if (foreignFunc.includes(owner.text) && p.token.newline) {
    // another language's head, which has been told, ends with its line
    body = { kind: "Block" as const, stmts: parseBody(p, { opener: owner, closer: "end", owner, what: "a function" }),
      span: p.spanFrom(owner.start) };
  } else if (p.recovering) {
    body = parseBlock(p, { what: "a function", owner });
  } else if (!provided) {
    if (foreignFunc.includes(owner.text)) p.recovering = true; // its head has been told
    else if (p.at("=") || p.at("=>")) {
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
function parseParams(p: Cursor, typed: boolean, isForeign = false): Param[] {
  const made: Param[] = [];
  const opener = p.token;
  if (!p.expect("(", "and the parameters")) return made;
  p.openParens += 1;
  while (!p.at(")") && !p.at("eof")) {
    const told = isForeign || made.some((one) => one.type === null && one.name !== "self");
    const param = parseParam(p, typed, told);
    if (param === null) break;
    made.push(param);
    if (!p.eat(",")) break;
  }
  p.openParens -= 1;
  p.expectClosing(")", opener);
  return made;
}

function parseParam(p: Cursor, typed: boolean, toldBefore: boolean): Param | null {
  const { start } = p.token;
  if ((p.at("&") || p.at("*")) && [p.peek().text, p.peek(2).text].includes("self")) {
    if (!toldBefore) {
      p.note("J0111", p.spanOf(p.token), "a receiver that is changed is written `self: *T`", {
        hint: "with the name of the type for `T`",
      });
    }
    p.advance();
    p.eatWord("mut");
  }
  const isMarked = ["mut", "ref", "inout", "var", "let", "const", "final"].includes(p.token.text);
  if (isMarked && p.peek().kind === "word") {
    const word = p.advance();
    p.note("J0112", p.spanOf(word), "a parameter is a name and its type, and cannot be assigned to", {
      hint: `leave \`${word.text}\` out; what changes is a variable of the function's own`,
    });
  }
  const name = p.expectName("the name of a parameter");
  if (name === null) return null;
  const type = p.eat(":") ? parseType(p) : null;
  const value = p.eat("=") ? parseNested(p) : null;
  if (typed && type === null && name.name !== "self" && !p.recovering) {
    const foreign = p.at("word");
    if (!toldBefore) p.note("J0129", name.span, `the parameter \`${name.name}\` has no type`, {
      hint: foreign ? `write \`${inOrder(name.name, p.token.text)}\`` : `write \`${name.name}: T\``,
    });
    if (foreign) p.advance();
  }
  return { name: name.name, type, default: value, span: p.spanFrom(start) };
}

function parseResult(p: Cursor): TypeExpr | null {
  if (p.at("!") && !p.token.newline && isWord(p.peek())) {
    // `func main() ! E do`, as errors are written behind a result; or Zig's `!T`
    const { start } = p.token;
    const isSet = /^[A-Z]/.test(p.peek().text);
    p.note("J0112", p.spanOf(p.token), "what a function gives and how it fails stand behind `->`", {
      hint: isSet ? `write \`-> void ! ${p.peek().text}\`` : `write \`-> !${p.peek().text}\``,
    });
    p.advance();
    const error = parseType(p);
    const span = p.spanFrom(start);
    const nothing: TypeExpr = { kind: "NamedType", path: ["void"], args: [], span };
    return { kind: "ErrorUnionType", ok: isSet ? nothing : error, error: isSet ? error : null, span };
  }
  if (!p.at("->") || p.token.newline) return null;
  p.advance();
  return parseResultType(p);
}

/** `func f(x int) int {`, `fn f(): i64 {`: the result's type without its arrow. */
function readBareResult(p: Cursor, params: Param[], isForeign: boolean): TypeExpr | null {
  const isColon = isForeign && p.at(":") && ["word", "[", "(", "?", "*"].includes(p.peek().kind);
  if (p.token.newline || (!isColon && !p.at("word") && !p.at("("))) return null;
  if (p.atWord("where") || p.atWord("throws")) return null;
  const token = isColon ? p.advance() : p.token;
  const isTold = isForeign || params.some((param) => param.type === null && param.name !== "self");
  const from = p.token.start;
  const before = p.recovering;
  parseResultType(p);
  p.recovering = before;
  const shown = p.source.text.slice(from, p.lastEnd);
  if (!isTold) {
    p.note("J0101", p.spanOf(token), "the type of the result stands behind an arrow",
      { hint: `write \`-> ${foreignTypes.get(shown) ?? shown}\`` });
  }
  return { kind: "NamedType", path: [], args: [], span: p.spanFrom(from) };
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
