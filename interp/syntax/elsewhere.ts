// Expressions of other languages: each is told once, with how Janus writes it, and read over, so that what stands
// behind it is looked at. What cannot go on as it does is in foreign.ts, what statements begin with in habits.ts.
import type { Expr } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { parseExpr, parseNested } from "./grammar.ts";
import { isWord } from "./token.ts";

const mark = "J0111";

function shown(p: Cursor, from: number, to: number): string {
  const words = p.source.text.slice(from, to);
  return words.length > 40 || words.includes("\n") ? "…" : words;
}

const textOf = (p: Cursor, e: Expr): string => shown(p, e.span.start, e.span.end);

/** `<-ch`, where an operand is expected. */
export function readReceive(p: Cursor): Expr | null {
  const minus = p.peek();
  if (!p.at("<") || minus.kind !== "-" || !p.adjacent(p.token, minus)) return null;
  const { start } = p.token;
  p.advance();
  p.advance();
  const from = parseNested(p);
  p.note(mark, { start, end: minus.end }, "`<-` is no operator of Janus",
    { hint: `write \`${textOf(p, from)}.recv()\`` });
  return p.errorExpr(start);
}

/** `|x| x + 1`, a closure without braces, where an operand is expected. */
export function readBareClosure(p: Cursor): Expr | null {
  const { start } = p.token;
  if (p.at("|")) {
    let ahead = 1;
    while (p.peek(ahead).kind === "word" && p.peek(ahead + 1).kind === ",") ahead += 2;
    if (p.peek(ahead).kind !== "word" || p.peek(ahead + 1).kind !== "|") return null;
    for (let read = 0; read < ahead + 2; read++) p.advance();
  } else if (!p.at("||") || p.token.newline) return null;
  else p.advance();
  parseExpr(p);
  p.note(mark, p.spanFrom(start), "a closure stands between braces",
    { hint: `write \`{ ${shown(p, start, p.lastEnd)} }\`` });
  return p.errorExpr(start);
}

/** `P::new`: past the name of the type. Gives what it is read as, or null. */
export function readPathMark(p: Cursor, object: Expr): Expr | null {
  const [second, name] = [p.peek(), p.peek(2)];
  if (!p.at(":") || p.token.newline || second.kind !== ":" || !p.adjacent(p.token, second)) return null;
  if (!isWord(name) || object.kind !== "Name" || object.span.end !== p.token.start) return null;
  p.note(mark, { start: p.token.start, end: second.end }, "`::` is no operator of Janus",
    { hint: `write \`${object.name}.${name.text}\`` });
  p.advance();
  p.advance();
  p.advance();
  return p.errorExpr(object.span.start);
}

/** `xs[1:]`, `xs[:n]`, `xs[a:b]`: within the brackets, at the colon. */
export function readSliceMark(p: Cursor, object: Expr, low: Expr | null): Expr {
  const colon = p.advance();
  const high = p.at("]") ? null : parseNested(p);
  const part = (e: Expr | null): string => (e === null ? "" : textOf(p, e));
  p.note(mark, p.spanOf(colon), "a part is taken with a range", {
    hint: `write \`${textOf(p, object)}[${part(low)}..${part(high)}]\``,
  });
  return { kind: "Range", low, high, inclusive: false, span: p.spanFrom(low?.span.start ?? colon.start) };
}

/** `return a, b`: past the first value, at the comma. */
export function readMoreResults(p: Cursor, first: Expr): Expr {
  const elems = [first];
  const comma = p.token;
  while (p.eat(",")) elems.push(parseExpr(p));
  const { start } = first.span;
  p.note("J0112", p.spanOf(comma), "a function gives one value; several of them are a tuple",
    { hint: `write \`return (${elems.map((e) => textOf(p, e)).join(", ")})\`` });
  return { kind: "TupleLit", elems, span: p.spanFrom(start) };
}
