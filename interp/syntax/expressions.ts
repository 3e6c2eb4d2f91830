// Expressions: operators by precedence, prefix forms, and the literals. What follows an operand (calls, members,
// trailing blocks) is in postfix.ts, what begins with a word of the language in control.ts and concurrency.ts.
import type { BinaryOp, Expr, Param, Stmt } from "./ast.ts";
import { parseBody, parseStatements, withBlock, closeBlock } from "./blocks.ts";
import { parseAsync, parseNursery, parseSelect, parseShield, parseSpawn, startsBlockWord } from "./concurrency.ts";
import { parseIf, parseMatch } from "./control.ts";
import { nesting_max, type Cursor } from "./cursor.ts";
import { parseFuncClosure } from "./declarations.ts";
import { infixPrecedence, precedence } from "./precedence.ts";
import { parseOperand, parsePostfix } from "./postfix.ts";
import { parseCastType, parseType } from "./types.ts";
import { describe, isWord, type TemplatePiece, type Token } from "./token.ts";

export function parseExpr(p: Cursor): Expr {
  return parseBinary(p, precedence.pipe);
}

/** An expression in which neither a head nor an arm around it matters: inside brackets. */
export function parseNested(p: Cursor): Expr {
  const { inHead, inArm, inCommand } = p;
  p.inHead = false;
  p.inArm = false;
  p.inCommand = false;
  const expr = parseExpr(p);
  p.inHead = inHead;
  p.inCommand = inCommand;
  p.inArm = inArm;
  return expr;
}

/** The expression in the head of a statement: `{` and `do` after it open the statement's block. */
export function parseHead(p: Cursor, min: number = precedence.pipe): Expr {
  const { inHead, inArm } = p;
  p.inHead = true;
  p.inArm = false;
  const expr = parseBinary(p, min);
  p.inHead = inHead;
  p.inArm = inArm;
  return expr;
}

export function parseBinary(p: Cursor, min: number): Expr {
  if (!p.enter()) return p.errorExpr();
  const outerHeight = p.height;
  p.height = 0;
  const left = parseUnary(p);
  const result = continueBinary(p, left, min);
  p.height = Math.max(outerHeight, p.height);
  p.leave();
  return result;
}

/** The operators after a first operand, of at least the given strength. */
export function continueBinary(p: Cursor, first: Expr, min: number): Expr {
  let left = first;
  for (;;) {
    const operator = p.token;
    const strength = infixPrecedence(operator.kind);
    if (strength === 0 || strength < min) return left;
    if (operator.newline && operator.kind === "-") return left;
    left = parseInfix(p, left, operator, strength);
    p.height += 1;
    if (p.height > nesting_max) {
      p.refuseDepth();
      return left;
    }
  }
}

function parseInfix(p: Cursor, left: Expr, operator: Token, strength: number): Expr {
  const { start } = left.span;
  p.advance();
  switch (operator.kind) {
    case "|>": {
      const right = parseBinary(p, strength + 1);
      return { kind: "Pipe", left, right, span: p.spanFrom(start) };
    }
    case "catch":
      return parseCatch(p, left);
    case "or":
      if (opensHandler(p)) {
        const closure = parseBracedClosure(p);
        if (closure.kind === "Closure") return catchWith(p, left, closure.params, closure.body);
      }
      break;
    case "..": case "..<": case "..=": {
      const high = endsJump(p) ? null : parseBinary(p, strength + 1);
      return { kind: "Range", low: left, high, inclusive: operator.kind === "..=", span: p.spanFrom(start) };
    }
    case "&&": foreign(p, operator, "and"); break;
    case "||": foreign(p, operator, "or"); break;
    case "===": foreign(p, operator, "=="); break;
    case "!==": foreign(p, operator, "!="); break;
  }
  const rightMin = operator.kind === "**" || operator.kind === "??" ? strength : strength + 1;
  if (operator.kind === "++" && !startsExpr(p, p.token)) {
    p.report("J0111", p.spanOf(operator), "`++` joins two strings or arrays", { hint: "to count up write `x += 1`" });
  }
  const right = parseBinary(p, rightMin);
  if (strength === precedence.compare && infixPrecedence(p.token.kind) === precedence.compare && !p.recovering) {
    p.report("J0114", p.spanOf(p.token), "comparisons do not chain", {
      hint: "write `a < b and b < c`",
      notes: [{ unit: p.source, span: p.spanOf(operator), message: "the first comparison" }],
    });
  }
  const op = (foreignOperators[operator.kind] ?? operator.kind) as BinaryOp;
  return { kind: "Binary", op, left, right, opSpan: p.spanOf(operator), span: p.spanFrom(start) };
}

const foreignOperators: Record<string, BinaryOp> = { "&&": "and", "||": "or", "===": "==", "!==": "!=" };

function foreign(p: Cursor, operator: Token, word: string): void {
  p.note("J0111", p.spanOf(operator), `\`${operator.kind}\` is no operator of Janus`, { hint: `write \`${word}\`` });
}

/** After `or`: a block that handles the error, `do |err| … end` or `{ |err| … }`. */
function opensHandler(p: Cursor): boolean {
  if (p.inHead) return false;
  return p.at("do") || (p.at("{") && (p.peek().kind === "|" || p.peek().kind === "||"));
}

function catchWith(p: Cursor, operand: Expr, params: Param[], handler: Expr): Expr {
  if (params.length > 1) {
    p.note("J0101", params[1]!.span, "a handler takes the error, and nothing else");
  }
  return { kind: "Catch", operand, binding: params[0]?.name ?? null, handler, span: p.spanFrom(operand.span.start) };
}

/** After `catch`: `|err| handler`, `err do … end`, a block, or the value instead. */
function parseCatch(p: Cursor, operand: Expr): Expr {
  const { start } = operand.span;
  let binding: string | null = null;
  const owner = p.token;
  if (p.eat("|")) {
    binding = p.expectName("the name of the error")?.name ?? null;
    p.expect("|", "after the name of the error");
    if (!p.at("do") && !p.at("{")) {
      const handler = parseBinary(p, precedence.orElse);
      return { kind: "Catch", operand, binding, handler, span: p.spanFrom(start) };
    }
  } else if (p.at("word") && !p.inHead && !startsBlockWord(p)) {
    const next = p.peek();
    if (!next.newline && (next.kind === "do" || (next.kind === "{" && !opensFields(p.peek(2), p.peek(3))
      && !/^[A-Z]/.test(p.token.text)))) {
      binding = p.advance().text;
    }
  }
  if (p.at("{") || p.at("do")) {
    if (binding === null && (p.peek().kind === "|" || p.peek().kind === "||")) {
      const closure = parseBracedClosure(p);
      if (closure.kind === "Closure") return catchWith(p, operand, closure.params, closure.body);
    }
    const from = p.token.start;
    const opener = p.advance();
    const closer = opener.kind === "{" ? "}" : "end";
    const stmts = parseBody(p, { opener, closer, owner, what: "`catch`" });
    const handler: Expr = { kind: "Block", stmts, span: p.spanFrom(from) };
    return { kind: "Catch", operand, binding, handler, span: p.spanFrom(start) };
  }
  const handler = parseBinary(p, precedence.orElse);
  return { kind: "Catch", operand, binding, handler, span: p.spanFrom(start) };
}

/** What stands after `{` makes it the fields of a struct literal: `name:` or `..`. */
export function opensFields(first: Token, second: Token): boolean {
  return first.kind === ".." || (isWord(first) && second.kind === ":");
}

// ---------------------------------------------------------------- prefix forms

export function parseUnary(p: Cursor): Expr {
  const { token } = p;
  const { start } = token;
  switch (token.kind) {
    case "-": case "~": case "!": {
      const operand = prefixOperand(p, null);
      return { kind: "Unary", op: token.kind === "!" ? "not" : token.kind, operand, span: p.spanFrom(start) };
    }
    case "not": {
      const operand = prefixOperand(p, precedence.compare);
      return { kind: "Unary", op: "not", operand, span: p.spanFrom(start) };
    }
    case "&":
      return { kind: "AddressOf", operand: prefixOperand(p, null), span: p.spanFrom(start) };
    case "try":
      return { kind: "Propagate", operand: prefixOperand(p, null), prefix: true, span: p.spanFrom(start) };
    case "await":
      return parseAwait(p);
    case "*":
      p.report("J0111", p.spanOf(token), "there is no prefix `*`",
        { hint: "write `p.*` for what a reference refers to" });
      return prefixOperand(p, null);
    case "++": case "-=": case "+=":
      p.report("J0111", p.spanOf(token), `there is no prefix \`${token.kind}\``,
        { hint: "to count up write `x += 1`" });
      return prefixOperand(p, null);
    case "..": case "..<": case "..=": {
      p.advance();
      const high = endsJump(p) ? null : parseBinary(p, precedence.add);
      return { kind: "Range", low: null, high, inclusive: token.kind === "..=", span: p.spanFrom(start) };
    }
    default:
      return parseCast(p);
  }
}

/** Past the prefix token: its operand, of the given strength or (null) another prefix form. */
function prefixOperand(p: Cursor, min: number | null): Expr {
  p.advance();
  if (!p.enter()) return p.errorExpr();
  const operand = min === null ? parseUnary(p) : parseBinary(p, min);
  p.height += 1;
  p.leave();
  return operand;
}

/** `await h`; a `?` after it passes on the error that awaiting brought, so it applies to the whole. */
function parseAwait(p: Cursor): Expr {
  const { start } = p.token;
  p.advance();
  if (!p.enter()) return p.errorExpr();
  const operand = isPrefix(p.token.kind) ? parseUnary(p) : parseOperand(p, true);
  p.leave();
  p.height += 1;
  const awaited: Expr = { kind: "Await", operand, span: p.spanFrom(start) };
  return castAfter(p, parsePostfix(p, awaited, false));
}

function isPrefix(kind: string): boolean {
  return kind === "await" || kind === "try" || kind === "not" || kind === "-" || kind === "!";
}

function parseCast(p: Cursor): Expr {
  return castAfter(p, parseOperand(p, false));
}

function castAfter(p: Cursor, operand: Expr): Expr {
  let made = operand;
  while (p.at("as")) {
    p.advance();
    made = { kind: "Cast", operand: made, type: parseCastType(p), span: p.spanFrom(operand.span.start) };
    p.height += 1;
    if (p.height > nesting_max) p.refuseDepth();
  }
  return made;
}

/** Could this token begin an expression here? */
export function startsExpr(p: Cursor, token: Token): boolean {
  switch (token.kind) {
    case "word": case "int": case "float": case "char": case "string": case "template":
    case "true": case "false": case "null": case "(": case "[": case "-": case "~": case "!": case "&": case ".":
    case "not": case "try": case "await": case "func": case "if": case "match": case "spawn": case "select":
    case "return": case "break": case "continue": case "fail": case "..": case "..<": case "..=":
      return true;
    case "{": case "do":
      return !p.inHead;
    default:
      return false;
  }
}

// ---------------------------------------------------------------- primaries

export function parsePrimary(p: Cursor): Expr {
  const { token } = p;
  const { start } = token;
  switch (token.kind) {
    case "int": case "float": case "char": case "string": case "true": case "false": case "null":
      return parsePrimaryLiteral(p);
    case "template": return parseTemplate(p);
    case "word": return parseWord(p);
    case "(": return parseParens(p);
    case "[": return parseArray(p);
    case "{": if (p.inHead) break; return parseBraces(p);
    case "do": {
      if (p.inHead) break;
      return parseDoBlock(p);
    }
    case ".": {
      const name = p.peek();
      if (!isWord(name)) break;
      p.advance();
      p.advance();
      return { kind: "ShortVariant", name: name.text, span: p.spanFrom(start) };
    }
    case "func": return parseFuncClosure(p);
    case "if": return parseIf(p);
    case "match": return parseMatch(p);
    case "spawn": return parseSpawn(p);
    case "select": return parseSelect(p);
    case "return": {
      p.advance();
      const value = endsJump(p) ? null : parseExpr(p);
      return { kind: "Return", value, span: p.spanFrom(start) };
    }
    case "fail": {
      p.advance();
      const value = parseExpr(p);
      return { kind: "Fail", value, span: p.spanFrom(start) };
    }
    case "break": case "continue": {
      p.advance();
      const label = p.at("word") && !p.token.newline && !p.atWord("when") ? p.advance().text : null;
      return { kind: token.kind === "break" ? "Break" : "Continue", label, span: p.spanFrom(start) };
    }
  }
  return expected(p);
}

/** Nothing that follows on the line is a value: after `return`, after the `..` of an open range. */
function endsJump(p: Cursor): boolean {
  return p.token.newline || !startsExpr(p, p.token) || p.atWord("when");
}

function expected(p: Cursor): Expr {
  const { token } = p;
  let hint: string | undefined;
  if (token.kind === "=") hint = "`=` assigns; `==` compares";
  else if (token.kind === "{" && p.inHead) hint = "a struct literal in the head of a statement needs parentheses";
  else if (token.kind === "while" || token.kind === "for") hint = `\`${token.kind}\` is a statement and has no value`;
  p.report("J0115", p.spanOf(token), `expected an expression, found ${describe(token)}`,
    hint === undefined ? {} : { hint });
  return p.errorExpr();
}

export function parsePrimaryLiteral(p: Cursor): Expr {
  const { token } = p;
  const span = p.spanOf(token);
  switch (token.kind) {
    case "int": p.advance(); return { kind: "IntLit", value: token.value as bigint, text: token.text, span };
    case "float": p.advance(); return { kind: "FloatLit", value: token.value as number, text: token.text, span };
    case "char": p.advance(); return { kind: "CharLit", value: token.value as number, span };
    case "string": p.advance(); return { kind: "StringLit", value: token.value as string, span };
    case "true": p.advance(); return { kind: "BoolLit", value: true, span };
    case "false": p.advance(); return { kind: "BoolLit", value: false, span };
    case "null": p.advance(); return { kind: "NullLit", span };
    default:
      p.report("J0117", span, `expected a literal, found ${describe(token)}`);
      return p.errorExpr();
  }
}

function parseTemplate(p: Cursor): Expr {
  const { start } = p.token;
  const parts: (string | { expr: Expr; format: string | null })[] = [];
  let piece = p.advance().value as TemplatePiece;
  if (piece.text !== "") parts.push(piece.text);
  p.openParens += 1;
  while (!piece.last) {
    let expr: Expr;
    if (p.at("template-part")) {
      p.report("J0126", p.spanOf(p.token), "expected an expression between the braces", {
        hint: "write `{{}}` for the braces themselves",
      });
      expr = p.errorExpr();
    } else {
      expr = parseNested(p);
    }
    if (!p.at("template-part")) {
      p.unexpected("`}` or a format after `:`");
      skipToPart(p);
    }
    if (!p.at("template-part")) break;
    piece = p.advance().value as TemplatePiece;
    parts.push({ expr, format: piece.format });
    if (piece.text !== "") parts.push(piece.text);
  }
  p.openParens -= 1;
  return { kind: "InterpString", parts, span: p.spanFrom(start) };
}

/** After an error in an interpolation: to the end of this one, past nested strings. */
function skipToPart(p: Cursor): void {
  let open = 0;
  while (!p.at("eof") && !(open === 0 && p.at("template-part"))) {
    if (p.at("template") && !(p.token.value as TemplatePiece).last) open += 1;
    else if (p.at("template-part") && (p.token.value as TemplatePiece).last) open -= 1;
    p.advance();
  }
}

function parseWord(p: Cursor): Expr {
  const { token } = p;
  const { start } = token;
  switch (token.text) {
    case "nursery": if (startsBlockWord(p)) return parseNursery(p); break;
    case "shield": if (startsBlockWord(p)) return parseShield(p); break;
    case "async": {
      const next = p.peekSameLine();
      if (next !== null && (next.kind === "word" || next.kind === "func")) return parseAsync(p);
      break;
    }
    case "yield": {
      const next = p.peek();
      if (!next.newline && [".", "=", ":=", "["].includes(next.kind)) break;
      p.advance();
      if (next.kind === "(" && p.peek().kind === ")" && !next.newline) {
        p.advance();
        p.advance();
      }
      return { kind: "Yield", span: p.spanFrom(start) };
    }
  }
  p.advance();
  return { kind: "Name", name: token.text, span: p.spanOf(token) };
}

function parseParens(p: Cursor): Expr {
  const opener = p.advance();
  const elems: Expr[] = [];
  let comma = false;
  p.openParens += 1;
  do {
    if (comma && p.at(")")) break;
    elems.push(parseNested(p));
    comma = p.eat(",");
  } while (comma);
  p.openParens -= 1;
  p.expectClosing(")", opener);
  if (elems.length === 1 && !comma) return elems[0]!;
  return { kind: "TupleLit", elems, span: p.spanFrom(opener.start) };
}

function parseArray(p: Cursor): Expr {
  const opener = p.advance();
  const elems: Expr[] = [];
  p.openParens += 1;
  while (!p.at("]") && !p.at("eof")) {
    elems.push(parseNested(p));
    if (!p.eat(",")) break;
  }
  p.openParens -= 1;
  p.expectClosing("]", opener);
  return { kind: "ArrayLit", elems, span: p.spanFrom(opener.start) };
}

/** A `{` where a value stands: `{ |x| … }` a closure, `{}` and `{ key: value }` a map, else a block. */
function parseBraces(p: Cursor): Expr {
  const next = p.peek().kind;
  if (next === "|" || next === "||") return parseBracedClosure(p);
  const opener = p.advance();
  const { start } = opener;
  if (p.eat("}")) return { kind: "MapLit", entries: [], span: p.spanFrom(start) };
  const stmts: Stmt[] = [];
  const entries: { key: Expr; value: Expr }[] = [];
  const block = { opener, closer: "}" as const, owner: opener, what: "braces" };
  withBlock(p, block, () => {
    p.mapKeyAllowed = true;
    parseStatements(p, stmts, false);
    p.mapKeyAllowed = false;
    const key = stmts[0];
    if (stmts.length === 1 && key!.kind === "ExprStmt" && p.at(":")) {
      parseEntries(p, key!.expr, entries);
      if (!p.eat("}")) p.expectClosing("}", opener);
      return;
    }
    while (!closeBlock(p)) parseStatements(p, stmts, false);
  });
  if (entries.length > 0) return { kind: "MapLit", entries, span: p.spanFrom(start) };
  return { kind: "Block", stmts, span: p.spanFrom(start) };
}

function parseEntries(p: Cursor, firstKey: Expr, entries: { key: Expr; value: Expr }[]): void {
  let key = firstKey;
  for (;;) {
    if (!p.expect(":", "after the key")) return;
    entries.push({ key, value: parseExpr(p) });
    if (!p.eat(",") && !(p.token.newline && startsExpr(p, p.token))) return;
    if (p.at("}")) return;
    key = parseExpr(p);
  }
}

function parseDoBlock(p: Cursor): Expr {
  const next = p.peek().kind;
  if (next === "|" || next === "||") return parseBracedClosure(p);
  const opener = p.advance();
  const stmts = parseBody(p, { opener, closer: "end", owner: opener, what: "`do`" });
  return { kind: "Block", stmts, span: p.spanFrom(opener.start) };
}

/** `{ |x| … }` or `do |x| … end`; the parameters may be missing. */
export function parseBracedClosure(p: Cursor): Expr {
  const opener = p.advance();
  const params = parseBarParams(p);
  const from = p.token.start;
  const closer = opener.kind === "{" ? "}" : "end";
  const stmts = parseBody(p, { opener, closer, owner: opener, what: "a closure" });
  const span = p.spanFrom(opener.start);
  const body = { kind: "Block" as const, stmts, span: { start: Math.min(from, span.end), end: span.end } };
  return { kind: "Closure", params, result: null, body, form: opener.kind === "{" ? "brace" : "do", span };
}

/** `|a, b: i64|`, `||` or nothing. */
export function parseBarParams(p: Cursor): Param[] {
  if (p.eat("||")) return [];
  const params: Param[] = [];
  const opener = p.token;
  if (!p.eat("|")) return params;
  while (!p.at("|") && !p.at("eof")) {
    const start = p.token.start;
    const name = p.expectName("the name of a parameter");
    if (name === null) break;
    const type = p.eat(":") ? parseType(p) : null;
    params.push({ name: name.name, type, default: null, span: p.spanFrom(start) });
    if (!p.eat(",")) break;
  }
  if (!p.eat("|")) {
    p.unexpected("`|` after the parameters", {
      notes: [{ unit: p.source, span: p.spanOf(opener), message: "opened here" }],
    });
  }
  return params;
}

