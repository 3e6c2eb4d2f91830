// The printers of expressions, types and patterns need those of statements and blocks, which need them: this is what
// they see of one another. printer.ts has the page itself.
import type { Block, Expr, Param, Stmt } from "./ast.ts";
import type { Doc } from "./doc.ts";

export interface Page {
  expr(expr: Expr): Doc;
  stmt(stmt: Stmt): Doc;
  param(param: Param): Doc;
  /** `do … end`; on one line where it was and fits. `open`: what stands before the statements, `do |x|`. */
  block(block: Block, open?: Doc, close?: string): Doc;
  /** The statements of a block, from the break before them to the one before its closer. */
  lines(block: Block): Doc;
}
