// Patterns, of `match` arms, `let`, `if let`, `for` and `recv`.
import type { Expr, FieldPattern, Pattern, TypeExpr } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { parsePrimaryLiteral } from "./scalars.ts";
import { describe, isWord } from "./token.ts";
import { parseTypeArgs } from "./types.ts";

/** Alternatives joined by `|`. */
export function parsePattern(p: Cursor): Pattern {
  const start = p.token.start;
  if (!p.enter()) return errorPattern(start);
  const first = parseSinglePattern(p);
  let result = first;
  if (p.at("|")) {
    const alternatives = [first];
    while (p.eat("|")) alternatives.push(parseSinglePattern(p));
    result = { kind: "OrPattern", alternatives, span: p.spanFrom(start) };
  }
  p.leave();
  return result;
}

/** One pattern without `|`: what stands between the bars of `|v|`, and in `for`. */
export function parseSinglePattern(p: Cursor): Pattern {
  const { token } = p;
  const { start } = token;
  switch (token.kind) {
    case "int": case "float": case "char": case "-":
      return parseRangeOrLiteral(p, start);
    case "string": case "true": case "false": case "null":
      return { kind: "LiteralPattern", value: parsePrimaryLiteral(p), span: p.spanFrom(start) };
    case "(":
      return parseTuplePattern(p, start);
    case "[":
      return parseSlicePattern(p, start);
    case ".": {
      p.advance();
      const name = isWord(p.token) ? p.advance().text : (p.expectName("the name of a variant after `.`"), "");
      return parseVariantPayload(p, start, [], name);
    }
    case "else":
      p.advance();
      return { kind: "WildcardPattern", span: p.spanFrom(start) };
    case "word":
      return parseNamePattern(p, start);
    default:
      if (isWord(token) && [":=", "=", ":", "in"].includes(p.peek().kind)) {
        // a word of the language as the name of a variable: what follows can be read
        p.expectName("a name");
        p.advance();
        p.recovering = false;
      } else p.report("J0117", p.spanOf(token), `expected a pattern, found ${describe(token)}`);
      return errorPattern(start);
  }
}

/** Stands where no pattern could be read; matches everything, so nothing follows from it. */
function errorPattern(start: number): Pattern {
  return { kind: "WildcardPattern", span: { start, end: start } };
}

function parsePatternNumber(p: Cursor): Expr {
  const start = p.token.start;
  if (!p.eat("-")) return parsePrimaryLiteral(p);
  const operand = parsePrimaryLiteral(p);
  return { kind: "Unary", op: "-", operand, span: p.spanFrom(start) };
}

function parseRangeOrLiteral(p: Cursor, start: number): Pattern {
  const low = parsePatternNumber(p);
  if (p.at("..") || p.at("..<") || p.at("..=")) {
    const inclusive = p.advance().kind === "..=";
    const high = parsePatternNumber(p);
    return { kind: "RangePattern", low, high, inclusive, span: p.spanFrom(start) };
  }
  return { kind: "LiteralPattern", value: low, span: p.spanFrom(start) };
}

function parseTuplePattern(p: Cursor, start: number): Pattern {
  const opener = p.advance();
  const elems: Pattern[] = [];
  let comma = false;
  while (!p.at(")") && !p.at("eof")) {
    elems.push(parsePattern(p));
    comma = p.eat(",");
    if (!comma) break;
  }
  p.expectClosing(")", opener);
  if (elems.length === 1 && !comma) return elems[0]!;
  return { kind: "TuplePattern", elems, span: p.spanFrom(start) };
}

/** `[]`, `[a, b]`, `[first, ..rest]`, `[.., last]`: elements, and at most once a rest. */
function parseSlicePattern(p: Cursor, start: number): Pattern {
  const opener = p.advance();
  const before: Pattern[] = [];
  const after: Pattern[] = [];
  let rest: Pattern | null = null;
  while (!p.at("]") && !p.at("eof")) {
    const dots = p.token;
    if (!p.eat("..")) {
      (rest === null ? before : after).push(parsePattern(p));
    } else {
      if (rest !== null) p.note("J0117", p.spanOf(dots), "a slice pattern has one `..`");
      rest = p.at("word") ? parseRestName(p) : { kind: "WildcardPattern", span: p.spanOf(dots) };
    }
    if (!p.eat(",")) break;
  }
  p.expectClosing("]", opener);
  return { kind: "SlicePattern", before, rest, after, span: p.spanFrom(start) };
}

function parseRestName(p: Cursor): Pattern {
  const { text: name, start } = p.advance();
  const span = p.spanFrom(start);
  return name === "_" ? { kind: "WildcardPattern", span } : { kind: "BindPattern", name, span };
}

function parseNamePattern(p: Cursor, start: number): Pattern {
  const first = p.advance();
  if (first.text === "_" && !p.at("@")) return { kind: "WildcardPattern", span: p.spanFrom(start) };
  if (p.eat("@")) {
    if (!p.enter()) return errorPattern(start);
    const pattern = parseSinglePattern(p);
    p.leave();
    return { kind: "AtPattern", name: first.text, pattern, span: p.spanFrom(start) };
  }
  const path = [first.text];
  while (p.at(".") && !p.token.newline && isWord(p.peek())) {
    p.advance();
    path.push(p.advance().text);
  }
  if (p.at("[") && !p.token.newline) return parseTypePattern(p, start, path);
  if (foreignName(p)) return parseForeignTyped(p, start, path);
  const opensPayload = (p.at("(") || (p.at("{") && !p.inHead)) && !p.token.newline;
  if (path.length === 1 && !opensPayload) return { kind: "BindPattern", name: first.text, span: p.spanFrom(start) };
  if (path.length === 1 && p.at("{")) {
    const { fields, rest } = parseFieldPatterns(p);
    return { kind: "StructPattern", path, fields, rest, span: p.spanFrom(start) };
  }
  const name = path.pop()!;
  return parseVariantPayload(p, start, path, name);
}

/** `Of[i64]`, `Of[i64] { value }`. */
function parseTypePattern(p: Cursor, start: number, path: string[]): Pattern {
  const type = parseTypeArgs(p, start, path);
  let pattern: Pattern | null = null;
  if (p.at("{") && !p.token.newline && !p.inHead) {
    const from = p.token.start;
    pattern = { kind: "StructPattern", path, ...parseFieldPatterns(p), span: p.spanFrom(from) };
  }
  return { kind: "TypePattern", type, pattern, span: p.spanFrom(start) };
}

const BEHIND_PATTERN = new Set(["=>", "->", "when", "if"]);

/** At the second word of `Circle c =>`, or the colon of `c: Circle =>`. */
function foreignName(p: Cursor): boolean {
  const [mark, name, behind] = [p.token, p.peek(), p.peek(2)];
  if (mark.newline) return false;
  const ends = (token: typeof mark): boolean => BEHIND_PATTERN.has(token.kind) || BEHIND_PATTERN.has(token.text);
  return mark.kind === ":" ? name.kind === "word" && ends(behind)
    : mark.kind === "word" && !ends(mark) && ends(name);
}

/** What other languages write for `c @ Circle`: said, and taken as that. */
function parseForeignTyped(p: Cursor, start: number, path: string[]): Pattern {
  const first = { path, span: p.spanFrom(start) };
  const isColon = p.eat(":");
  const token = p.advance();
  const second = { path: [token.text], span: p.spanOf(token) };
  if (!isColon && path.length === 1 && path[0] === "any") {
    // no type of a value: the checker says so
    const trait: TypeExpr = { kind: "NamedType", path: second.path, args: [], span: second.span };
    const span = p.spanFrom(start);
    return { kind: "TypePattern", type: { kind: "AnyType", trait, span }, pattern: null, span };
  }
  const [name, type] = isColon ? [first, second] : [second, first];
  p.note("J0117", p.spanFrom(start), "a pattern has no type beside its name", {
    hint: `write \`${name.path.join(".")} @ ${type.path.join(".")}\``,
  });
  const pattern: Pattern = {
    kind: "TypePattern", type: { kind: "NamedType", path: type.path, args: [], span: type.span }, pattern: null,
    span: type.span,
  };
  return { kind: "AtPattern", name: name.path.join("."), pattern, span: p.spanFrom(start) };
}

function parseVariantPayload(p: Cursor, start: number, path: string[], name: string): Pattern {
  let args: Pattern[] | null = null;
  let fields: FieldPattern[] | null = null;
  let rest = false;
  if (p.at("(") && !p.token.newline) {
    const opener = p.advance();
    args = [];
    while (!p.at(")") && !p.at("eof")) {
      if (p.eat("..")) rest = true;
      else args.push(parsePattern(p));
      if (!p.eat(",")) break;
    }
    p.expectClosing(")", opener);
  } else if (p.at("{") && !p.token.newline && !p.inHead) {
    ({ fields, rest } = parseFieldPatterns(p));
  }
  return { kind: "VariantPattern", path, name, args, fields, rest, span: p.spanFrom(start) };
}

function parseFieldPatterns(p: Cursor): { fields: FieldPattern[]; rest: boolean } {
  const opener = p.advance();
  const fields: FieldPattern[] = [];
  let rest = false;
  while (!p.at("}") && !p.at("eof")) {
    const start = p.token.start;
    if (p.eat("..")) {
      rest = true;
    } else if (isWord(p.token)) {
      const token = p.advance();
      const span = p.spanOf(token);
      const pattern: Pattern = p.eat(":") ? parsePattern(p) : { kind: "BindPattern", name: token.text, span };
      fields.push({ name: token.text, pattern, span: p.spanFrom(start) });
    } else {
      p.expectName("the name of a field");
      break;
    }
    if (!p.eat(",") && !p.token.newline) break;
  }
  p.expectClosing("}", opener);
  return { fields, rest };
}
