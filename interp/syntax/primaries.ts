// Primaries: what an operand begins with, names, literals, brackets and ways out. What follows it (calls, members,
// trailing blocks) is in postfix.ts, what begins with a word of the language in control.ts and concurrency.ts.
import type { Expr, Stmt } from "./ast.ts";
import { closeBlock, parseBody, parseStatements, withBlock } from "./blocks.ts";
import { parseBracedClosure } from "./closures.ts";
import { parseAsync, parseNursery, parseSelect, parseShield, parseSpawn } from "./concurrency.ts";
import { parseIf, parseMatch } from "./control.ts";
import type { Cursor } from "./cursor.ts";
import { readBareClosure, readFunctionWord, readMoreResults, readReceive, readThunk } from "./elsewhere.ts";
import { parseFuncClosure } from "./functions.ts";
import { parseExpr, parseNested } from "./grammar.ts";
import { endsJump, startsBlockWord, startsExpr } from "./lookahead.ts";
import { parsePrimaryLiteral } from "./scalars.ts";
import { describe, isWord, type TemplatePiece } from "./token.ts";

/** As parsePrimary of grammar.ts. */
export function readPrimary(p: Cursor): Expr {
  const { token } = p;
  const { start } = token;
  switch (token.kind) {
    case "int": case "float": case "char": case "string": case "true": case "false": case "null":
      return parsePrimaryLiteral(p);
    case "template": return parseTemplate(p);
    case "word": return parseWord(p);
    case "(": return readThunk(p) ?? parseParens(p);
    case "[": return parseArray(p);
    case "{": if (p.inHead && !readBracesInHead(p)) break; return parseBraces(p);
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
      const given = endsJump(p) ? null : parseExpr(p);
      const goesOn = given !== null && p.at(",") && !p.inArm && p.beginsStatement(token);
      const value = goesOn ? readMoreResults(p, given) : given;
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
  return readReceive(p) ?? readBareClosure(p) ?? readThunk(p) ?? expected(p);
}

function expected(p: Cursor): Expr {
  const { token } = p;
  let hint: string | undefined;
  if (token.kind === "=") hint = "`=` assigns; `==` compares";
  else if (token.kind === "{" && p.inHead) hint = "what stands in the head comes first: `if n > 3 { … }`";
  else if (token.kind === "while" || token.kind === "for") hint = `\`${token.kind}\` is a statement and has no value`;
  p.report("J0115", p.spanOf(token), `expected an expression, found ${describe(token)}`,
    hint === undefined ? {} : { hint });
  return p.errorExpr();
}

function parseTemplate(p: Cursor): Expr {
  const { start } = p.token;
  const parts: (string | { expr: Expr; format: string | null })[] = [];
  const written: string[] = [];
  let piece = p.advance().value as TemplatePiece;
  const read = (): void => {
    if (piece.text !== "") parts.push(piece.text);
    if (piece.written !== undefined) written.push(piece.written);
  };
  read();
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
    read();
  }
  p.openParens -= 1;
  return { kind: "InterpString", parts, ...(written.length === 0 ? {} : { written }), span: p.spanFrom(start) };
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
    case "fn": case "fun": case "function": case "lambda": {
      const read = readFunctionWord(p);
      if (read !== null) return read;
      break;
    }
    case "move": {
      const bars = p.peekSameLine()?.kind;
      if (bars === "|" || bars === "||") p.advance();
      if (p.token !== token) return readBareClosure(p) ?? p.errorExpr(start);
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
  if (elems.length === 1 && !comma) {
    elems[0]!.grouped = true;
    return elems[0]!;
  }
  return { kind: "TupleLit", elems, span: p.spanFrom(opener.start) };
}

function parseArray(p: Cursor): Expr {
  const opener = p.advance();
  const elems: Expr[] = [];
  p.openParens += 1;
  while (!p.at("]") && !p.at("eof")) {
    elems.push(parseNested(p));
    if (elems.length === 1 && p.eat(";")) {
      const count = parseNested(p);
      p.openParens -= 1;
      p.expectClosing("]", opener);
      return { kind: "ArrayFill", value: elems[0]!, count, span: p.spanFrom(opener.start) };
    }
    if (!p.eat(",")) break;
  }
  p.openParens -= 1;
  p.expectClosing("]", opener);
  return { kind: "ArrayLit", elems, span: p.spanFrom(opener.start) };
}

/** `{}` or `{ key: …` in the head of a statement, where a block would open: a map is meant, and told. */
function readBracesInHead(p: Cursor): boolean {
  const first = p.peek();
  const isKey = first.kind === "string" || first.kind === "int" || first.kind === "word";
  if (first.newline || (first.kind !== "}" && !(isKey && p.peek(2).kind === ":"))) return false;
  p.note("J0131", p.spanOf(p.token), "a map in the head of a statement needs parentheses", {
    hint: "put them around the map: `for k, v in ({ \"a\": 1 }) do`",
  });
  return true;
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
