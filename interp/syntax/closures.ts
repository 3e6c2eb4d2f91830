// Closures in both dresses: `{ |x| … }` and `do |x| … end`.
import type { Expr, Param } from "./ast.ts";
import { parseBody } from "./blocks.ts";
import type { Cursor } from "./cursor.ts";
import { parseType } from "./types.ts";

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
