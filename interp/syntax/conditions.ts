// The condition of `if` and `while`: an expression, or `let pattern = value`.
import type { Condition } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { parseHead } from "./grammar.ts";
import { parsePattern } from "./patterns.ts";

/** `c`, or `let pattern = value`. */
export function parseCondition(p: Cursor): Condition {
  const { start } = p.token;
  if (p.at("let") || p.at("var")) {
    const mutable = p.advance().kind === "var";
    const pattern = parsePattern(p);
    if (!p.eat("=") && !p.eat(":=")) p.unexpected("`=` after the pattern");
    const value = parseHead(p);
    return { kind: "Let", pattern, mutable, value, span: p.spanFrom(start) };
  }
  const expr = parseHead(p);
  if (p.at("=")) {
    const span = p.spanOf(p.token);
    p.note("J0113", span, "`=` assigns and has no value", {
      hint: "write `==` to compare, or `if let x = value do` to test an optional",
    });
    p.advance();
    parseHead(p);
  }
  return { kind: "Test", expr, span: p.spanFrom(start) };
}
