// `if` with its chain, conditions, and `match`: expressions and statements alike.
import type { Block, Expr, If, Match, MatchArm, Pattern, Stmt } from "./ast.ts";
import {
  atForeignElse, atListEnd, closeBlock, openBlock, parseBlock, parseItems, parseStatements, withBlock,
} from "./blocks.ts";
import { parseCondition } from "./conditions.ts";
import type { Cursor, OpenBlock } from "./cursor.ts";
import { readForeignArm } from "./foreign-cases.ts";
import { parseHead } from "./grammar.ts";
import { startsExpr } from "./lookahead.ts";
import { parsePattern } from "./patterns.ts";
import { startsArm } from "./postfix.ts";
import { placeOf } from "./source.ts";
import { parseSingle } from "./statements.ts";
import { describe, type Token } from "./token.ts";

/** At `if`, or past `else` at the `if` that goes on with the chain. */
export function parseIf(p: Cursor): Expr {
  if (!p.enter()) return p.errorExpr();
  const owner = p.advance();
  const cond = parseCondition(p);
  const from = p.token.start;
  const block = openBlock(p, { what: "`if`", owner, allowThen: true, head: true });
  const made: If = { kind: "If", cond, then: emptyBlock(p, from), otherwise: null, postfix: false,
    span: p.spanFrom(owner.start) };
  if (block !== null) {
    if (block.closer === "}") {
      made.then = { kind: "Block", stmts: bodyOf(p, block, false).stmts, span: p.spanFrom(from) };
      if (p.at("else") && elseBelongsHere(p, owner)) made.otherwise = parseElse(p, owner, true);
      else if (atForeignElse(p)) made.otherwise = parseElse(p, owner, true);
    } else {
      const { stmts, continues } = bodyOf(p, block, true);
      made.then = { kind: "Block", stmts, span: p.spanFrom(from) };
      if (continues) made.otherwise = parseElse(p, owner, false);
      else if (p.at("else") && !p.token.newline) {
        p.note("J0110", p.spanOf(p.token), "`else` after the `end` of its `if`", {
          hint: "one `end` closes a whole `if … else …` chain; no `end` stands before `else`",
        });
        made.otherwise = parseElse(p, owner, false);
      }
    }
  }
  p.leave();
  made.span = p.spanFrom(owner.start);
  return made;
}

function emptyBlock(p: Cursor, start: number): Block {
  return { kind: "Block", stmts: [], span: p.spanFrom(start) };
}

/** Reads a body; `continues`: it ended at an `else`, which is still to be read. */
function bodyOf(p: Cursor, block: OpenBlock, elseEnds: boolean): { stmts: Stmt[]; continues: boolean } {
  const stmts: Stmt[] = [];
  let continues = false;
  withBlock(p, block, () => {
    do {
      parseStatements(p, stmts, elseEnds);
      if (elseEnds && !p.abandoning && (p.at("else") || atForeignElse(p))) {
        continues = true;
        return;
      }
    } while (!closeBlock(p));
  });
  return { stmts, continues };
}

/** After `}`: an `else` on a line of its own may belong to an enclosing `if … do`, whose column it then has. */
function elseBelongsHere(p: Cursor, owner: Token): boolean {
  if (!p.token.newline) return true;
  const around = p.blocks[p.blocks.length - 1];
  if (around === undefined || around.what !== "`if`" || around.closer !== "end") return true;
  const column = placeOf(p.source, p.token.start).column;
  return placeOf(p.source, owner.start).column === column || placeOf(p.source, around.owner.start).column !== column;
}

/** `braced`: the branch before it was, so a `{` belongs to this one even where it stands on the next line. */
function parseElse(p: Cursor, owner: Token, braced: boolean): Expr {
  const word = p.token;
  if (atForeignElse(p)) {
    p.note("J0112", p.spanOf(word), `\`${word.text}\` is written \`else if\``, { hint: "write `else if`" });
    return parseIf(p);
  }
  p.advance();
  if (p.at("if") && !p.token.newline) return parseIf(p);
  const start = p.token.start;
  if (p.at("{") && (braced || !p.token.newline)) return parseBlock(p, { what: "`else`", owner });
  const opener = p.at("do") && !p.token.newline ? p.advance() : word;
  const { stmts } = bodyOf(p, { opener, closer: "end", owner, what: "`else`" }, false);
  return { kind: "Block", stmts, span: p.spanFrom(start) };
}

// ---------------------------------------------------------------- match

export function parseMatch(p: Cursor): Match {
  const owner = p.advance();
  const subject = parseHead(p);
  const arms: MatchArm[] = [];
  const told = { isCase: false };
  parseItems(p, { what: "`match`", owner, head: true }, {
    one: () => {
      if (!readForeignArm(p)) arms.push(parseArm(p, told));
    },
    // `else` is a pattern here
    atEnd: () => atListEnd(p) && !p.at("else"),
    between: "`,` or a new line between the arms of `match`",
  });
  return { kind: "Match", subject, arms, span: p.spanFrom(owner.start) };
}

/** told: of one match it is said once that its arms have no `case`. */
function parseArm(p: Cursor, told: { isCase: boolean }): MatchArm {
  const { start } = p.token;
  if (p.atWord("case") && p.peek().kind !== "=>" && p.peek().kind !== "|" && p.peek().kind !== "@") {
    if (!told.isCase) {
      p.note("J0112", p.spanOf(p.token), "the arms of `match` begin with their pattern, without `case`",
        { hint: "leave `case` out" });
    }
    told.isCase = true;
    p.advance();
  }
  const bare = p.at("else");
  let pattern: Pattern = parsePattern(p);
  if (p.at(",") && !p.token.newline && startsArm(p)) pattern = readPatternList(p, pattern);
  let guard: Expr | null = null;
  if (p.at("if") || p.atWord("when")) {
    p.advance();
    guard = parseHead(p);
  }
  if (!p.eat("=>") && !p.eat("->") && !(bare && p.at("do"))) {
    const isMark = p.at(":") || p.at("=");
    p.unexpected("`=>` after the pattern", isMark ? { hint: "an arm reads `pattern => value`" } : {});
    if (isMark) p.advance();
    else return { pattern, guard, body: p.errorExpr(), span: p.spanFrom(start) };
  }
  return { pattern, guard, body: parseArmBody(p), span: p.spanFrom(start) };
}

/** `1, 2 => …`: past the first pattern, at the comma. */
function readPatternList(p: Cursor, first: Pattern): Pattern {
  const alternatives = [first];
  const comma = p.token;
  while (p.eat(",")) alternatives.push(parsePattern(p));
  const span = p.spanFrom(first.span.start);
  p.note("J0112", p.spanOf(comma), "the patterns of one arm are joined with `|`", {
    hint: `write \`${alternatives.map((one) => p.source.text.slice(one.span.start, one.span.end)).join(" | ")} => …\``,
  });
  return { kind: "OrPattern", alternatives, span };
}

/** An expression, a block, or one statement, which then is a block of its own. */
function parseArmBody(p: Cursor): Expr {
  if (p.at("{") && p.peek().kind === "}") {
    const { start } = p.advance();
    p.advance();
    return { kind: "Block", stmts: [], span: p.spanFrom(start) };
  }
  if (!startsExpr(p, p.token) && !p.at("let") && !p.at("var") && !p.at("for") && !p.at("while")) {
    p.report("J0115", p.spanOf(p.token), `expected the body of the arm, found ${describe(p.token)}`);
    return p.errorExpr();
  }
  const { inArm } = p;
  p.inArm = true;
  const stmt = parseSingle(p);
  p.inArm = inArm;
  if (stmt.kind === "ExprStmt") return stmt.expr;
  return { kind: "Block", stmts: [stmt], span: stmt.span };
}
