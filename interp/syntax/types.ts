// Types as written: names with arguments in `[…]` or `<…>`, slices, arrays, optionals before or after, references,
// tuples, functions and error unions.
import type { Expr, TypeExpr } from "./ast.ts";
import { type Cursor, nesting_max } from "./cursor.ts";
import { foreignTypes } from "./foreign-types.ts";
import { parseExpr } from "./grammar.ts";
import { describe, Token } from "./token.ts";

/** `T`, `T ! E`, `!T`. */
export function parseType(p: Cursor): TypeExpr {
  const start = p.token.start;
  if (p.at("!")) {
    p.advance();
    const ok = parsePlainType(p);
    return { kind: "ErrorUnionType", ok, error: null, span: p.spanFrom(start) };
  }
  const ok = parsePlainType(p);
  if (p.at("!") && !p.token.newline) {
    p.advance();
    const error = parsePlainType(p);
    return { kind: "ErrorUnionType", ok, error, span: p.spanFrom(start) };
  }
  return ok;
}

/** What a function gives. `T ! A | B` is told how it is written, and taken as `T ! (A, B)`. */
export function parseResultType(p: Cursor): TypeExpr {
  const type = parseType(p);
  if (type.kind !== "ErrorUnionType" || type.error === null || !atBar(p)) return type;
  const elems = [type.error];
  while (atBar(p)) {
    if (elems.length === 1) noteBar(p);
    p.advance();
    elems.push(parsePlainType(p));
  }
  const span = { start: type.error.span.start, end: p.tokens[p.index - 1]!.end };
  return { ...type, error: { kind: "TupleType", elems, span }, span: { start: type.span.start, end: span.end } };
}

const atBar = (p: Cursor): boolean => p.at("|") && !p.token.newline;

function noteBar(p: Cursor): void {
  p.note("J0101", p.spanOf(p.token), "expected `,`, found `|`", {
    hint: "the error sets of a function stand in parentheses: `-> T ! (A, B)`",
  });
}

function parsePlainType(p: Cursor): TypeExpr {
  const start = p.token.start;
  if (!p.enter()) return errorType(start);
  let type = parsePrefixType(p);
  let marks = 0;
  while ((p.at("?") || p.at("??")) && !p.token.newline) {
    marks += p.at("??") ? 2 : 1;
    p.advance();
    type = { kind: "OptionalType", of: type, span: p.spanFrom(start) };
    if (p.tokens[p.index - 1]!.kind === "??") type = { kind: "OptionalType", of: type, span: p.spanFrom(start) };
    if (p.depth + marks > nesting_max) {
      p.refuseDepth();
      break;
    }
  }
  p.leave();
  return type;
}

/** The type after `as`: what follows it is an operator, so neither `<` nor `?` belongs to it. */
export function parseCastType(p: Cursor): TypeExpr {
  p.angleTypes = false;
  const type = prefixOperand(p);
  p.angleTypes = true;
  return type;
}

/** Stands where no type could be read; an empty path, which no source can write. */
function errorType(start: number): TypeExpr {
  return { kind: "NamedType", path: [], args: [], span: { start, end: start } };
}

function parsePrefixType(p: Cursor): TypeExpr {
  const { token } = p;
  const { start } = token;
  switch (token.kind) {
    case "?":
      p.advance();
      return { kind: "OptionalType", of: prefixOperand(p), span: p.spanFrom(start) };
    case "??": {
      p.advance();
      const of: TypeExpr = { kind: "OptionalType", of: prefixOperand(p), span: p.spanFrom(start + 1) };
      return { kind: "OptionalType", of, span: p.spanFrom(start) };
    }
    case "*":
      p.advance();
      return { kind: "PointerType", to: prefixOperand(p), span: p.spanFrom(start) };
    case "**": {
      p.advance();
      const to: TypeExpr = { kind: "PointerType", to: prefixOperand(p), span: p.spanFrom(start + 1) };
      return { kind: "PointerType", to, span: p.spanFrom(start) };
    }
    case "[":
      return parseBracketType(p, start);
    case "(":
      return parseTupleType(p, start);
    case "func":
      return parseFuncType(p, start);
    case "...":
      p.advance();
      return { kind: "VariadicType", of: prefixOperand(p), span: p.spanFrom(start) };
    case "word":
      if (atAny(p)) {
        p.advance();
        return { kind: "AnyType", trait: parseNamedType(p, p.token.start), span: p.spanFrom(start) };
      }
      return parseNamedType(p, start);
    case "&":
      if (["str", "String", "string"].includes(p.peek().text)) {
        p.note("J0116", { start, end: p.peek().end }, "a text is never changed, and has no `&`",
          { hint: "write `string`" });
        p.advance();
        p.advance();
        return { kind: "NamedType", path: ["string"], args: [], span: p.spanFrom(start) };
      }
      p.note("J0116", p.spanOf(token), "a reference type is written `*T`", { hint: "write `*` for `&`" });
      p.advance();
      p.eatWord("mut");
      return { kind: "PointerType", to: prefixOperand(p), span: p.spanFrom(start) };
    default:
      p.report("J0116", p.spanOf(token), `expected a type, found ${describe(token)}`);
      return errorType(start);
  }
}

/** At `any Shape`; `any` alone is a name. from: tokens ahead of the current one. */
export function atAny(p: Cursor, from = 0): boolean {
  const [any, trait] = [p.peek(from), p.peek(from + 1)];
  return any.kind === "word" && any.text === "any" && trait.kind === "word" && !trait.newline;
}

function prefixOperand(p: Cursor): TypeExpr {
  if (!p.enter()) return errorType(p.token.start);
  const type = parsePrefixType(p);
  p.leave();
  return type;
}

function parseBracketType(p: Cursor, start: number): TypeExpr {
  const opener = p.advance();
  if (p.eat("]")) return { kind: "SliceType", elem: prefixOperand(p), span: p.spanFrom(start) };
  const inHead = p.inHead;
  p.inHead = false;
  const length: Expr = parseExpr(p);
  p.inHead = inHead;
  if (p.at(";")) return bracketHabit(p, start, length);
  p.expectClosing("]", opener);
  if (!p.recovering && endsType(p)) return bracketHabit(p, start, length);
  return { kind: "FixedArrayType", length, elem: prefixOperand(p), span: p.spanFrom(start) };
}

function parseTupleType(p: Cursor, start: number): TypeExpr {
  const opener = p.advance();
  const elems: TypeExpr[] = [];
  while (!p.at(")") && !p.at("eof")) {
    elems.push(parseType(p));
    if (atBar(p)) {
      noteBar(p);
      p.advance();
    } else if (!p.eat(",")) break;
  }
  p.expectClosing(")", opener);
  if (elems.length === 0) return { kind: "NamedType", path: ["void"], args: [], span: p.spanFrom(start) };
  if (elems.length === 1 && p.tokens[p.index - 2]?.kind !== ",") return elems[0]!;
  return { kind: "TupleType", elems, span: p.spanFrom(start) };
}

function parseFuncType(p: Cursor, start: number, hasWord = true): TypeExpr {
  if (hasWord) p.advance();
  const opener = p.token;
  const params: TypeExpr[] = [];
  if (p.expect("(", "after `func`, a function type")) {
    while (!p.at(")") && !p.at("eof")) {
      // A parameter's name says something to the reader only.
      if (p.at("word") && p.peek().kind === ":") {
        p.advance();
        p.advance();
      }
      params.push(parseType(p));
      if (!p.eat(",")) break;
    }
    p.expectClosing(")", opener);
  }
  const result = p.at("->") && !p.token.newline ? (p.advance(), parseType(p)) : null;
  return { kind: "FuncType", params, result, span: p.spanFrom(start) };
}

function parseNamedType(p: Cursor, start: number): TypeExpr {
  const path = [p.advance().text];
  while (p.at(".") && !p.token.newline && p.peek().kind === "word") {
    p.advance();
    path.push(p.advance().text);
  }
  return parseTypeArgs(p, start, path);
}

/** A named type whose name has been read. */
export function parseTypeArgs(p: Cursor, start: number, path: string[]): TypeExpr {
  let args: TypeExpr[] = [];
  if (path.length === 1 && atForeignType(p, path[0]!)) return parseForeignType(p, start, path[0]!);
  if (p.at("[") && !p.token.newline) {
    const opener = p.advance();
    args = parseTypeList(p, "]");
    p.expectClosing("]", opener);
  } else if (p.angleTypes && p.at("<") && !p.token.newline) {
    p.advance();
    args = parseTypeList(p, ">");
    if (!eatClosingAngle(p)) p.unexpected("`,` or `>` in the type's arguments");
  }
  if (path.length === 1 && path[0] === "map" && args.length === 1 && startsType(p)) {
    const value = prefixOperand(p);
    const hint = `write \`Map[${written(p, args[0]!)}, ${written(p, value)}]\``;
    p.note("J0116", p.spanFrom(start), "the type of a map has both of its types between brackets", { hint });
    return { kind: "NamedType", path: ["Map"], args: [args[0]!, value], span: p.spanFrom(start) };
  }
  return { kind: "NamedType", path, args, span: p.spanFrom(start) };
}

// ---------------------------------------------------------------- types as they are written elsewhere

/** What stands behind a type, and begins none. */
const endsType = (p: Cursor): boolean =>
  p.token.newline || ["=", ",", ")", "]", "}", "{", "do", ">", "eof", ";", "end", ":="].includes(p.token.kind);

/** A type goes on at once: nothing stands between it and what was read. */
function startsType(p: Cursor): boolean {
  return p.lastEnd === p.token.start && (p.at("word") || p.at("[") || p.at("*") || p.at("?"));
}

/** Past the name: `int[]`, `chan int`, `fn(i64)`. */
function atForeignType(p: Cursor, name: string): boolean {
  if (p.token.newline) return false;
  if (p.at("[")) return p.peek().kind === "]" && p.lastEnd === p.token.start;
  return (name === "chan" && p.at("word")) || (name === "fn" && p.at("("));
}

function parseForeignType(p: Cursor, start: number, name: string): TypeExpr {
  if (name === "fn") {
    const type = parseFuncType(p, start, false);
    p.note("J0116", { start, end: start + 2 }, "the type of a function begins with `func`", { hint: "write `func`" });
    return type;
  }
  if (name === "chan") {
    const elem = parsePlainType(p);
    p.note("J0116", p.spanFrom(start), "the type of a channel is `Channel[T]`",
      { hint: `write \`Channel[${written(p, elem)}]\`` });
    return { kind: "NamedType", path: ["Channel"], args: [elem], span: p.spanFrom(start) };
  }
  const span = p.spanFrom(start);
  let elem: TypeExpr = { kind: "NamedType", path: [foreignTypes.get(name) ?? name], args: [], span };
  let shown = written(p, elem);
  while (p.at("[") && p.peek().kind === "]" && !p.token.newline) {
    p.advance();
    p.advance();
    elem = { kind: "SliceType", elem, span: p.spanFrom(start) };
    shown = `[]${shown}`;
  }
  p.note("J0116", p.spanFrom(start), "the brackets of an array's type stand before it",
    { hint: `write \`${shown}\`` });
  return elem;
}

/** `[T]` and `[T; 3]`, as an array's type is written elsewhere; `length`: what stands between the brackets. */
function bracketHabit(p: Cursor, start: number, length: Expr): TypeExpr {
  const { text } = p.source;
  const words = text.slice(length.span.start, length.span.end);
  const shown = foreignTypes.get(words) ?? words;
  const path = length.kind === "Name" ? [shown] : [];
  const elem: TypeExpr = { kind: "NamedType", path, args: [], span: length.span };
  if (p.eat(";")) {
    const count = parseExpr(p);
    p.eat("]");
    p.note("J0116", p.spanFrom(start), "the length of a fixed array stands between the brackets, before its type",
      { hint: `write \`[${text.slice(count.span.start, count.span.end)}]${shown}\`` });
    return { kind: "FixedArrayType", length: count, elem, span: p.spanFrom(start) };
  }
  p.note("J0116", p.spanFrom(start), "the brackets of an array's type stand before it",
    { hint: `write \`[]${shown}\`` });
  return { kind: "SliceType", elem, span: p.spanFrom(start) };
}

/** A type as Janus writes it. */
function written(p: Cursor, type: TypeExpr): string {
  const words = type.kind === "NamedType" && type.path.length === 1 && type.args.length === 0 ? type.path[0]!
    : p.source.text.slice(type.span.start, type.span.end);
  return foreignTypes.get(words) ?? words;
}

function parseTypeList(p: Cursor, closer: string): TypeExpr[] {
  const args: TypeExpr[] = [];
  while (!p.at(closer) && !p.at("eof")) {
    args.push(p.headParams !== null && p.at("word") && p.peek().kind === ":" ? declareInHead(p) : parseType(p));
    if (!p.eat(",")) break;
  }
  if (args.length === 0) p.report("J0116", p.spanOf(p.token), `expected a type, found ${describe(p.token)}`);
  return args;
}

/** `T: Ordered` among the arguments of the type that an `impl` is for: declares T there, and uses it. */
function declareInHead(p: Cursor): TypeExpr {
  const token = p.advance();
  p.advance();
  const bounds: TypeExpr[] = [];
  const params = p.headParams!;
  p.headParams = null;
  do bounds.push(parseType(p));
  while (p.eat("+"));
  p.headParams = params;
  const span = p.spanOf(token);
  const declared = params.find((param) => param.name === token.text);
  if (declared === undefined) params.push({ name: token.text, bounds, span: p.spanFrom(token.start) });
  else declared.bounds.push(...bounds);
  return { kind: "NamedType", path: [token.text], args: [], span };
}

/** A `>`, also as the first character of `>>`, `>=` or `>>=`, which is then split. */
function eatClosingAngle(p: Cursor): boolean {
  const { token } = p;
  if (token.kind === ">") {
    p.advance();
    return true;
  }
  if (token.kind !== ">>" && token.kind !== ">=" && token.kind !== ">>=") return false;
  const rest = new Token(token.kind.slice(1), token.start + 1, token.end, false, "", null, null);
  p.tokens[p.index] = rest;
  p.token = rest;
  p.lastEnd = token.start + 1;
  return true;
}
