// Expressions of other languages: each is told once, with how Janus writes it, and read over, so that what stands
// behind it is looked at. What cannot go on as it does is in foreign.ts, what statements begin with in habits.ts.
import type { Expr } from "./ast.ts";
import type { Cursor } from "./cursor.ts";
import { printOption } from "./foreign.ts";
import { parseExpr, parseNested } from "./grammar.ts";
import { isWord } from "./token.ts";

const mark = "J0111";

/** Tokens that are looked at, so that reading stays linear. */
const lookahead_max = 200;

/** As much of the program as a hint repeats. */
const shown_max = 40;

function shown(p: Cursor, from: number, to: number): string {
  const words = p.source.text.slice(from, to);
  return words.length > shown_max || words.includes("\n") ? "…" : words;
}

const textOf = (p: Cursor, e: Expr): string => shown(p, e.span.start, e.span.end);

/** Words that may follow a `?` which passes an error on. */
const afterPropagation = new Set(["when", "then", "orelse", "rescue", "is", "of", "step", "by", "to", "as"]);

/** At the `?` of `condition ? a : b`. One that passes an error on has no value behind it. */
export function atChoice(p: Cursor): boolean {
  const next = p.peek();
  if (!p.at("?") || next.newline) return false;
  switch (next.kind) {
    case "word": return !afterPropagation.has(next.text);
    case "int": case "float": case "string": case "template": case "char": case "true": case "false": case "null":
      return true;
    case "-": case "(": case "[": case "!": case "not": case ".": return p.lastEnd < p.token.start && hasColon(p);
    default: return false;
  }
}

/** Whether a `:` stands on this line or at the start of the next, outside of brackets that open on the way. */
function hasColon(p: Cursor): boolean {
  let open = 0;
  for (let ahead = 1; ahead < lookahead_max; ahead++) {
    const { kind, newline } = p.peek(ahead);
    if (open === 0 && kind === ":") return true;
    if (newline || kind === "eof" || kind === ";") return false;
    if (kind === "(" || kind === "[" || kind === "{") open += 1;
    else if (kind === ")" || kind === "]" || kind === "}") open -= 1;
    if (open < 0 || (open === 0 && kind === ",")) return false;
  }
  return false;
}

/** `condition ? a : b`: past the condition, at the `?`. */
export function readChoice(p: Cursor, condition: Expr): Expr {
  const question = p.advance();
  // one in the other belongs to this message
  const before = p.recovering;
  p.recovering = true;
  const chosen = parseExpr(p);
  const other = p.eat(":") ? parseExpr(p) : null;
  p.recovering = before;
  const text = (e: Expr | null): string => (e === null || textOf(p, e).includes("?") ? "…" : textOf(p, e));
  const [a, b] = [text(chosen), text(other)];
  p.note(mark, p.spanOf(question), "there is no `? :` operator",
    { hint: `write \`if ${textOf(p, condition)} do ${a} else ${b} end\`` });
  return p.errorExpr(condition.span.start);
}

/** At `<-`, two marks that touch. */
export function atReceive(p: Cursor): boolean {
  const minus = p.peek();
  return p.at("<") && minus.kind === "-" && p.adjacent(p.token, minus);
}

/** `<-ch`, where an operand is expected. */
export function readReceive(p: Cursor): Expr | null {
  if (!atReceive(p)) return null;
  const { start } = p.token;
  const minus = p.peek();
  p.advance();
  p.advance();
  const from = parseNested(p);
  p.note(mark, { start, end: minus.end }, "`<-` is no operator of Janus",
    { hint: `write \`${textOf(p, from)}.recv()\`` });
  return p.errorExpr(start);
}

/** `|x| x + 1`, `|x: i64| x + 1`, a closure without braces, where an operand is expected. */
export function readBareClosure(p: Cursor): Expr | null {
  const { start } = p.token;
  if (p.at("|")) {
    const closing = closingBar(p);
    if (closing < 0) return null;
    for (let read = 0; read <= closing; read++) p.advance();
  } else if (!p.at("||") || p.token.newline) return null;
  else p.advance();
  parseExpr(p);
  p.note(mark, p.spanFrom(start), "a closure stands between braces",
    { hint: `write \`{ ${shown(p, start, p.lastEnd)} }\`` });
  return p.errorExpr(start);
}

/** How far ahead the bar stands that closes the parameters which begin here; -1. */
function closingBar(p: Cursor): number {
  for (let ahead = 1; ahead < lookahead_max; ahead++) {
    const { kind, newline } = p.peek(ahead);
    if (kind === "|") return ahead > 1 ? ahead : -1;
    if (newline || !["word", ",", ":", "[", "]", "?", "*", "&", "(", ")", "."].includes(kind)) return -1;
  }
  return -1;
}

const asClosure = (params: string, body: string): string =>
  params.trim() === "" ? `write \`func() do return ${body} end\`` : `write \`{ |${params}| ${body} }\``;

/** `() => 1`, `() -> 1`, `-> 1`: functions without parameters, where an operand is expected. */
export function readThunk(p: Cursor): Expr | null {
  const isArrow = (kind: string): boolean => kind === "=>" || kind === "->";
  const { start } = p.token;
  const isEmpty = p.at("(") && p.peek().kind === ")" && isArrow(p.peek(2).kind);
  if (!isEmpty && !(isArrow(p.token.kind) && !p.token.newline)) return null;
  for (let read = isEmpty ? 3 : 1; read > 0; read--) p.advance();
  const body = parseExpr(p);
  p.note(mark, p.spanFrom(start), "a function as a value is written `func`", { hint: asClosure("", textOf(p, body)) });
  return p.errorExpr(start);
}

/** `lambda x: x + 1`, `fn(x) { x + 1 }`, `function(x) { … }`, `fn x -> x + 1 end`: at the word. */
export function readFunctionWord(p: Cursor): Expr | null {
  const { start } = p.token;
  const isLambda = p.atWord("lambda");
  const isInParens = !isLambda && p.peek().kind === "(";
  let ahead = isInParens ? 2 : 1;
  const from = ahead;
  // the name of a variable, with another value or argument behind it
  if (!isInParens && p.peek(from).kind === ",") return null;
  while (["word", ",", ":", "[", "]", "?", ".", "="].includes(p.peek(ahead).kind) && !p.peek(ahead).newline
    && !(isLambda && p.peek(ahead).kind === ":")) ahead += 1;
  const params = ahead === from ? "" : p.source.text.slice(p.peek(from).start, p.peek(ahead - 1).end);
  if (isInParens && p.peek(ahead++).kind !== ")") return null;
  const opener = p.peek(ahead);
  const after = p.peek(ahead + 1).kind;
  const isBlock = isInParens && (opener.kind === "{" || opener.kind === "do") && after !== "|" && after !== "||";
  const isArrow = opener.kind === "=>" || opener.kind === "->";
  if (!(isLambda ? opener.kind === ":" : isArrow || isBlock)) return null;
  if (isLambda && opener.newline) return null;
  while (ahead-- > 0) p.advance();
  const body = isBlock ? readBody(p) : readAfterMark(p, !isLambda);
  p.note(mark, { start, end: opener.start }, "a closure has its parameters between bars",
    { hint: asClosure(params, body) });
  return p.errorExpr(start);
}

/** At the block of a function: past it. Gives its one value as text. */
function readBody(p: Cursor): string {
  const opener = p.advance();
  const from = p.token.start;
  for (let open = 1; open > 0 && !p.at("eof"); p.advance()) {
    if (["{", "do", "(", "["].includes(p.token.kind)) open += 1;
    else if (["}", "end", ")", "]"].includes(p.token.kind)) open -= 1;
  }
  const text = p.source.text.slice(from, p.lastEnd - (opener.kind === "{" ? 1 : 3)).trim();
  const value = text.replace(/^return\s+/, "").replace(/;$/, "");
  return value === "" || value.includes("\n") || value.length > shown_max ? "…" : value;
}

/** At the mark before a value: past both, and past the `end` that some languages put there. */
function readAfterMark(p: Cursor, mayEnd: boolean): string {
  p.advance();
  const body = textOf(p, parseExpr(p));
  if (mayEnd && p.at("end") && !p.token.newline && p.openParens > 0) p.advance();
  return body;
}

/** `f(x = 1)`: at the name of an argument. Tells how it is named; past the `=`. */
export function readNamed(p: Cursor, callee: string): string {
  const name = p.advance();
  const equals = p.advance();
  const from = p.token.start;
  const end = argumentEnd(p);
  const option = printOption(callee, name.text);
  const { message, hint } = option ?? { message: "an argument is named with a colon",
    hint: `write \`${name.text}: ${shown(p, from, end)}\`` };
  p.note("J0112", option === null ? p.spanOf(equals) : p.spanOf(name), message, { hint });
  return name.text;
}

/** Where the argument ends that begins here. */
function argumentEnd(p: Cursor): number {
  let open = 0;
  for (let ahead = 0; ahead < lookahead_max; ahead++) {
    const { kind, end } = p.peek(ahead);
    const next = p.peek(ahead + 1).kind;
    if (kind === "(" || kind === "[" || kind === "{") open += 1;
    else if (kind === ")" || kind === "]" || kind === "}") open -= 1;
    if ((open <= 0 && (next === "," || next === ")")) || next === "eof") return end;
  }
  return p.token.end;
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
