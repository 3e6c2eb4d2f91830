// Statements: variables, assignments, loops, `defer`, `using`, calls without parentheses, postfix `when`.
import type { BinaryOp, Block, Expr, Pattern, Stmt, TypeExpr } from "./ast.ts";
import { atBlock, openBlock, parseBlock, parseBody, parseStatements } from "./blocks.ts";
import { parseCondition } from "./conditions.ts";
import type { Cursor } from "./cursor.ts";
import { parseMisplacedDecl } from "./declarations.ts";
import { foreignTypes } from "./foreign-types.ts";
import { atAttributes, atFuncDecl, parseNestedFunc } from "./functions.ts";
import { parseExpr, parseHead } from "./grammar.ts";
import { opensBelow } from "./lookahead.ts";
import { continueBinary } from "./operators.ts";
import { parsePattern, parseSinglePattern } from "./patterns.ts";
import { parseCommand, startsCommand } from "./postfix.ts";
import { precedence } from "./precedence.ts";
import type { Token } from "./token.ts";
import { parseType } from "./types.ts";

/** As parseStatement of grammar.ts. */
export function readStatement(p: Cursor, stmts: Stmt[], elseEnds: boolean): void {
  if (!p.enter()) return;
  const stmt = parseOne(p, elseEnds);
  if (stmt !== null) stmts.push(stmt);
  p.leave();
}

function parseOne(p: Cursor, elseEnds: boolean): Stmt | null {
  const { token } = p;
  switch (token.kind) {
    case "while": case "for": return parseLoop(p, null, token);
    case "func": case "pub": case "struct": case "enum": case "trait": case "impl":
      if (atFuncDecl(p)) return parseNestedFunc(p);
      if (token.kind === "func") break;
      parseMisplacedDecl(p);
      return null;
    case "{":
      if (atAttributes(p)) return parseNestedFunc(p);
      break;
    case "word":
      return parseWordStatement(p, token, elseEnds);
  }
  return parseSimple(p);
}

/** Words that mean something only at the start of a statement. */
function parseWordStatement(p: Cursor, token: Token, elseEnds: boolean): Stmt | null {
  const next = p.peek();
  switch (token.text) {
    case "loop":
      if (next.kind === "do" || next.kind === "{" || opensBelow(p)) return parseLoop(p, null, token);
      break;
    case "using":
      if (next.kind === "word" && !next.newline) return parseUsing(p, elseEnds);
      break;
    case "async": if (atFuncDecl(p)) return parseNestedFunc(p); break;
    case "test": case "error": case "use": case "import": case "type":
      if (!next.newline && (next.kind === "string" ? token.text === "test" : next.kind === "word"
        && next.text !== "when" && (token.text === "error" ? p.peek(2).kind === "{" : token.text === "type"
          ? p.peek(2).kind === "=" : true)
        && token.text !== "test")) {
        parseMisplacedDecl(p);
        return null;
      }
      break;
    case "fn": case "def": case "function": case "fun": case "proc":
      if (next.kind === "word" && p.peek(2).kind === "(") return parseNestedFunc(p);
      break;
  }
  if (next.kind === ":" && ["while", "for", "loop"].includes(p.peek(2).text)) {
    p.advance();
    p.advance();
    return parseLoop(p, token.text, token);
  }
  return parseSimple(p);
}

// ---------------------------------------------------------------- loops

function parseLoop(p: Cursor, label: string | null, first: Token): Stmt {
  const owner = p.advance();
  const { start } = first;
  if (owner.kind === "while") {
    const cond = parseCondition(p);
    const body = parseBlock(p, { what: "`while`", owner, head: true });
    return { kind: "While", label, cond, body, span: p.spanFrom(start) };
  }
  if (owner.kind === "word") {
    const body = parseBlock(p, { what: "`loop`", owner });
    return { kind: "Loop", label, body, span: p.spanFrom(start) };
  }
  const bindings: Pattern[] = [parseSinglePattern(p)];
  while (p.eat(",")) bindings.push(parseSinglePattern(p));
  if (p.atWord("of")) {
    p.note("J0112", p.spanOf(p.token), "what is gone over stands behind `in`", { hint: "write `in` for `of`" });
    p.advance();
  } else if (p.at("=")) {
    p.report("J0112", p.spanOf(p.token), "a counting loop goes over a range",
      { hint: "write `for i in 1..=10 do … end`" });
  } else if (!p.eat("in")) p.unexpected("`in` after the loop's variable");
  const iterable = parseHead(p);
  const body = parseBlock(p, { what: "`for`", owner, head: true });
  return { kind: "For", label, bindings, iterable, body, span: p.spanFrom(start) };
}

/** `using f := open(p)? do … end`, `using x = e do … end`, `using x := e` to the end of the enclosing block. */
function parseUsing(p: Cursor, elseEnds: boolean): Stmt | null {
  const owner = p.advance();
  const name = p.advance().text;
  if (!p.eat(":=") && !p.eat("=")) p.unexpected("`:=` after the name");
  const value = parseHead(p);
  const from = p.token.start;
  let body: Block;
  const hasBlock = atBlock(p) && !p.token.newline;
  if (hasBlock) {
    const block = openBlock(p, { what: "`using`", owner, head: true });
    body = { kind: "Block", stmts: block === null ? [] : parseBody(p, block), span: p.spanFrom(from) };
  } else {
    const stmts: Stmt[] = [];
    if (p.recovering || p.token.newline || p.at(";")) {
      if (p.recovering) p.synchronize();
      parseStatements(p, stmts, elseEnds);
    }
    body = { kind: "Block", stmts, span: p.spanFrom(from) };
  }
  return { kind: "Using", name, value, body, hasBlock, span: p.spanFrom(owner.start) };
}

/** What may follow `=>` and `defer`: a simple statement, or a loop. */
export function parseSingle(p: Cursor): Stmt {
  const { token } = p;
  const next = p.peek().kind;
  const isLoop = token.kind === "word" && token.text === "loop" && (next === "do" || next === "{");
  return isLoop || p.at("while") || p.at("for") ? parseLoop(p, null, token) : parseSimple(p);
}

// ---------------------------------------------------------------- simple statements

/** A statement without a block of its own, which may carry a postfix `when`. */
function parseSimple(p: Cursor): Stmt {
  const { start } = p.token;
  const stmt = parseUnconditional(p);
  if (!p.atWord("when") || p.token.newline) return stmt;
  p.advance();
  const from = p.token.start;
  const test = parseExpr(p);
  const then: Block = { kind: "Block", stmts: [stmt], span: stmt.span };
  const expr: Expr = { kind: "If", cond: { kind: "Test", expr: test, span: p.spanFrom(from) }, then, otherwise: null,
    postfix: true, span: p.spanFrom(start) };
  return { kind: "ExprStmt", expr, span: expr.span };
}

function parseUnconditional(p: Cursor): Stmt {
  const { token } = p;
  switch (token.kind) {
    case "let": case "var": case "const": return parseLet(p);
    case "defer": case "errdefer": {
      p.advance();
      const inner = parseSingle(p);
      const body: Expr = inner.kind === "ExprStmt" ? inner.expr
        : { kind: "Block", stmts: [inner], span: inner.span };
      return { kind: "Defer", onError: token.kind === "errdefer", body, span: p.spanFrom(token.start) };
    }
  }
  return parseExprStatement(p);
}

/** `let p = e`, `let p: T = e`, `let x := e`; `const` in a block is a `let`. */
function parseLet(p: Cursor): Stmt {
  const word = p.advance();
  const { start } = word;
  const isMut = p.atWord("mut") && p.peek().kind === "word";
  if (isMut) {
    p.note("J0112", p.spanOf(p.token), "a variable that changes is introduced with `var`",
      { hint: "write `var` for `let mut`" });
    p.advance();
  }
  const first = parsePattern(p);
  const names = p.at(",") && !p.token.newline && multipleAssignment(p) ? readNames(p, word, first) : null;
  const pattern = names ?? first;
  const type = p.eat(":") ? parseType(p) : readBareType(p, pattern);
  const mutable = word.kind === "var" || isMut;
  let form: "let" | "walrus" = "let";
  if (p.at(":=")) {
    if (type !== null) {
      p.note("J0112", p.spanOf(p.token), "behind a type stands `=`", { hint: "write `=` for `:=`" });
    } else form = "walrus";
    p.advance();
  } else if (!p.eat("=")) {
    if (!p.recovering && (p.token.newline || p.at("eof") || p.at(";") || p.at("end") || p.at("}"))) {
      p.report("J0130", pattern.span, "a variable needs a value", {
        hint: "begin with a value such as `0`, `\"\"`, `[]`, or with `null` and a type `?T`",
      });
    } else {
      p.unexpected("`=` and a value");
    }
    return { kind: "Let", mutable, pattern, type, value: p.errorExpr(), form, span: p.spanFrom(start) };
  }
  const value = parseExpr(p);
  if (p.at(",") && !p.token.newline && names === null && pattern.kind === "BindPattern" && !p.inArm) {
    const next = p.peek();
    if (next.kind === "word" && [":", "="].includes(p.peek(2).kind)) return readMoreNames(p, word, pattern, value);
  }
  if (p.at(",") && names !== null) {
    const elems = [value];
    while (p.eat(",")) elems.push(parseExpr(p));
    const tuple: Expr = { kind: "TupleLit", elems, span: p.spanFrom(value.span.start) };
    return { kind: "Let", mutable, pattern, type, value: tuple, form: "let", span: p.spanFrom(start) };
  }
  return { kind: "Let", mutable, pattern, type, value, form: mutable ? "let" : form, span: p.spanFrom(start) };
}

/** `var x i64 = 1`, `var x i64`: the type behind a name, without its colon. */
function readBareType(p: Cursor, pattern: Pattern): TypeExpr | null {
  const isType = p.at("word") || (p.at("[") && p.peek().kind === "]") || p.at("?") || p.at("*");
  if (pattern.kind !== "BindPattern" || !isType || p.token.newline || p.atWord("when")) return null;
  const from = p.token;
  const before = p.recovering;
  const type = parseType(p);
  p.recovering = before;
  const shown = p.source.text.slice(from.start, p.lastEnd);
  const janus = foreignTypes.get(shown) ?? shown;
  const hint = `write \`${pattern.name}: ${janus}\``;
  p.note("J0112", p.spanOf(from), "the type of a variable stands behind a colon", { hint });
  if (!p.at("=")) p.recovering = true;
  // what another language calls it has been told
  return foreignTypes.has(shown) ? { kind: "NamedType", path: [janus], args: [], span: type.span } : type;
}

/** `let a, b = …`: past the first name, at the comma. */
function readNames(p: Cursor, word: Token, first: Pattern): Pattern {
  const elems = [first];
  const comma = p.token;
  while (p.eat(",")) elems.push(parseSinglePattern(p));
  const span = p.spanFrom(first.span.start);
  const shown = elems.map((one) => p.source.text.slice(one.span.start, one.span.end)).join(", ");
  p.note("J0112", p.spanOf(comma), "several names are taken from a tuple", {
    hint: `write \`${word.kind} (${shown}) = …\`, and several values behind it as \`(1, 2)\``,
  });
  return { kind: "TuplePattern", elems, span };
}

/** `var a = 1, b = 2`: past the first value, at the comma. */
function readMoreNames(p: Cursor, word: Token, first: Pattern, value: Expr): Stmt {
  const [names, values] = [[first], [value]];
  const comma = p.token;
  while (p.eat(",") && p.at("word")) {
    names.push(parseSinglePattern(p));
    if (p.eat(":")) parseType(p);
    values.push(p.eat("=") ? parseExpr(p) : p.errorExpr());
  }
  const shown = names.map((one) => p.source.text.slice(one.span.start, one.span.end)).join(", ");
  p.note("J0112", p.spanOf(comma), "a statement introduces one variable", {
    hint: `write each on a line of its own, or \`${word.kind} (${shown}) = (…)\``,
  });
  const span = p.spanFrom(word.start);
  const pattern: Pattern = { kind: "TuplePattern", elems: names, span };
  return { kind: "Let", mutable: word.kind === "var", pattern, type: null,
    value: { kind: "TupleLit", elems: values, span }, form: "let", span };
}

const assignments: Record<string, BinaryOp | null> = {
  "=": null, "+=": "+", "-=": "-", "*=": "*", "/=": "/", "%=": "%", "**=": "**", "++=": "++", "+%=": "+%", "-%=": "-%",
  "*%=": "*%", "<<=": "<<", ">>=": ">>", "&=": "&", "|=": "|", "^=": "^", "??=": "??",
};

function parseExprStatement(p: Cursor): Stmt {
  const { start } = p.token;
  const first = parseStatementExpr(p);
  if (p.recovering) return { kind: "ExprStmt", expr: first, span: first.span };
  const targets = [first];
  if (p.at(",") && !p.inArm && isTarget(first) && multipleAssignment(p)) {
    while (p.eat(",")) targets.push(parseExpr(p));
  }
  const { token } = p;
  if (token.kind === ":=" && !token.newline) return parseWalrus(p, targets, start);
  const op = assignments[token.kind];
  if (op === undefined || token.newline) return { kind: "ExprStmt", expr: first, span: first.span };
  for (const target of targets) {
    if (!isTarget(target) && target.kind !== "ErrorExpr") {
      p.note("J0120", target.span, "this cannot be assigned to");
    }
  }
  p.advance();
  if (op !== null && targets.length > 1) {
    p.note("J0120", p.spanOf(token), `\`${token.kind}\` changes one variable`, { hint: "assign to several with `=`" });
  }
  const values = [parseExpr(p)];
  while (targets.length > 1 && p.eat(",")) values.push(parseExpr(p));
  return { kind: "Assign", targets, op, values, span: p.spanFrom(start) };
}

/** The expression of a statement: an ordinary one, or a call without parentheses. */
function parseStatementExpr(p: Cursor): Expr {
  const outerHeight = p.height;
  p.height = 0;
  const expr = parseExpr(p);
  const made = startsCommand(p, expr) && !p.recovering
    ? continueBinary(p, parseCommand(p, expr, p.inArm), precedence.pipe) : expr;
  p.height = Math.max(outerHeight, p.height);
  return made;
}

function isTarget(expr: Expr): boolean {
  return expr.kind === "Name" || (expr.kind === "Member" && !expr.optional) || expr.kind === "Index"
    || expr.kind === "Deref";
}

/** `a, b = …`: looks for the `=` on this line, so that a stray comma is reported where it stands. */
function multipleAssignment(p: Cursor): boolean {
  let open = 0;
  for (let ahead = 0; ; ahead++) {
    const token = p.peek(ahead);
    if (token.kind === "eof" || (open === 0 && token.newline) || token.kind === ";") return false;
    if (token.kind === "(" || token.kind === "[" || token.kind === "{") open += 1;
    else if (token.kind === ")" || token.kind === "]" || token.kind === "}") {
      if (open === 0) return false;
      open -= 1;
    } else if (open === 0 && (token.kind === ":=" || assignments[token.kind] !== undefined)) return true;
  }
}

/** `x := e`, `a, b := pair`. */
function parseWalrus(p: Cursor, targets: Expr[], start: number): Stmt {
  const patterns: Pattern[] = targets.map((target): Pattern => {
    if (target.kind === "Name") {
      return target.name === "_" ? { kind: "WildcardPattern", span: target.span }
        : { kind: "BindPattern", name: target.name, span: target.span };
    }
    if (target.kind !== "ErrorExpr") {
      p.note("J0120", target.span, "`:=` introduces a variable, and this is no name", { hint: "assign with `=`" });
    }
    return { kind: "WildcardPattern", span: target.span };
  });
  const pattern: Pattern = patterns.length === 1 ? patterns[0]!
    : { kind: "TuplePattern", elems: patterns, span: p.spanFrom(start) };
  p.advance();
  const value = parseExpr(p);
  return { kind: "Let", mutable: false, pattern, type: null, value, form: "walrus", span: p.spanFrom(start) };
}

