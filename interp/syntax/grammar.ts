// The doors of the grammar: an expression holds statements, a statement holds expressions, so each calls the other
// through here, and the files of the grammar import downwards only. parser.ts, above them all, opens the doors.
import type { Expr, Stmt } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { precedence } from "./precedence.ts";

/** What the doors lead to. */
export interface Grammar {
  /** Operators of at least the given strength, and their operands. */
  binary(p: Cursor, min: number): Expr;
  /** What an operand begins with. */
  primary(p: Cursor): Expr;
  statement(p: Cursor, stmts: Stmt[], elseEnds: boolean): void;
}

let grammar: Grammar;

/** Called once, by parser.ts, before anything is read. */
export function useGrammar(all: Grammar): void {
  grammar = all;
}

/** What an operand begins with. */
export function parsePrimary(p: Cursor): Expr {
  return grammar.primary(p);
}

/** Reads one statement into the list. A `using` without a block takes the rest of the list as its body. */
export function parseStatement(p: Cursor, stmts: Stmt[], elseEnds: boolean): void {
  grammar.statement(p, stmts, elseEnds);
}

export function parseExpr(p: Cursor): Expr {
  return grammar.binary(p, precedence.pipe);
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
  const expr = grammar.binary(p, min);
  p.inHead = inHead;
  p.inArm = inArm;
  return expr;
}
