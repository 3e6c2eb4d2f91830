// Operators by precedence, prefix forms, `catch` and casts. What stands between operators is in postfix.ts and
// primaries.ts.
import type { BinaryOp, Expr, Param } from "./ast.ts";
import { parseBody } from "./blocks.ts";
import { parseBracedClosure } from "./closures.ts";
import { type Cursor, nesting_max } from "./cursor.ts";
import { atChoice, atReceive, readChoice } from "./elsewhere.ts";
import { endsJump, opensFields, startsBlockWord, startsExpr } from "./lookahead.ts";
import { parseOperand, parsePostfix } from "./postfix.ts";
import { infixPrecedence, precedence } from "./precedence.ts";
import type { Token } from "./token.ts";
import { parseCastType } from "./types.ts";

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
    if (strength === 0 && min <= precedence.orElse && (atChoice(p) || atOtherwise(p))) {
      left = p.at("?") ? readChoice(p, left) : readOtherwise(p, left);
      continue;
    }
    if (strength === 0 || strength < min) return left;
    if (operator.newline && (operator.kind === "-" || atReceive(p))) return left;
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

/** `e() orelse 3`, `e() rescue 3`: an operator of other languages, and a value behind it. */
function atOtherwise(p: Cursor): boolean {
  const next = p.peek();
  return (p.atWord("orelse") || p.atWord("rescue")) && !p.token.newline && !next.newline && startsExpr(p, next);
}

function readOtherwise(p: Cursor, left: Expr): Expr {
  const word = p.advance();
  parseBinary(p, precedence.orElse);
  p.note("J0111", p.spanOf(word), `\`${word.text}\` is no operator of Janus`,
    { hint: "write `catch` where it may fail, `??` where it may be null" });
  return p.errorExpr(left.span.start);
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
    const word = p.advance();
    const checked = p.at("?") && p.adjacent(word, p.token);
    if (checked) p.advance();
    made = { kind: "Cast", operand: made, type: parseCastType(p), ...(checked ? { checked } : {}),
      span: p.spanFrom(operand.span.start) };
    p.height += 1;
    if (p.height > nesting_max) p.refuseDepth();
  }
  return made;
}
