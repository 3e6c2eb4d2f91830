// The page that a tree is printed on, as the printers of expressions, types and patterns see it: what it prints for
// them, and how much room there is. printer.ts has the page itself.
import type { Block, Expr, Param, Span, Stmt } from "./ast.ts";

export interface Page {
  /** The blanks before a line. */
  readonly pad: string;
  /** Everything has to stand on one line. */
  readonly isFlat: boolean;
  /** Runs with everything on one line, as inside an interpolated string. */
  flat(print: () => string): string;
  fits(text: string): boolean;
  /** Did a line end between these two places? */
  wasBroken(from: number, to: number): boolean;
  /** Was this piece written on one line? Unknown pieces were not. */
  wasInline(span: Span): boolean;
  expr(expr: Expr): string;
  stmt(stmt: Stmt): string;
  param(param: Param): string;
  /** `do … end`; on one line where it was and fits. `open`: what stands before the statements, `do |x|`. */
  block(block: Block, open?: string, close?: string): string;
  /** The statements of a block, indented, from the line end before them to the indentation of the closer. */
  lines(block: Block): string;
  /**
   * Items on lines of their own, with their comments and the blank lines between them; where everything has to stand
   * on one line, joined by `separator`.
   */
  list<T extends { span: Span }>(items: T[], end: number, separator: string, print: (item: T) => string): string;
}
