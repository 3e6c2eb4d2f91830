// The cases of `switch`, `match` and `select` as other languages write them, `case 1:` and what follows on the lines
// below it. What they hold cannot be told from the next case, so the whole block is one message, and read over.
import type { Cursor } from "./cursor.ts";
import { keyword } from "./foreign.ts";
import type { Token } from "./token.ts";

const OPEN = new Set(["(", "[", "{", "do"]);
const CLOSE = new Set([")", "]", "}", "end"]);
/** With what the head of a case, as other languages write it, does not go on. */
const endsHead = new Set(["eof", "do", "{", "}", "end", "func", "template", "template-part"]);
/** Tokens of a case's head that are looked at. */
const head_max = 200;

/** The head of a case that ends in a colon (or, of `select`, an arrow), without that; null for any other. */
function headOf(p: Cursor, marks: string[]): Token[] | null {
  const head: Token[] = [];
  let open = 0;
  for (let ahead = 0; ahead < head_max; ahead++) {
    const token = p.peek(ahead);
    if ((ahead > 0 && token.newline) || endsHead.has(token.kind)) return null;
    if (open === 0 && marks.includes(token.kind)) return token.kind === ":" && arrowFollows(p, ahead) ? null : head;
    if (token.kind === "(" || token.kind === "[") open += 1;
    else if (token.kind === ")" || token.kind === "]") open -= 1;
    if (open < 0) return null;
    head.push(token);
  }
  return null;
}

/** Whether the line has an arrow, too: its colon is no end of a head then. */
function arrowFollows(p: Cursor, from: number): boolean {
  for (let ahead = from + 1; ahead < from + head_max; ahead++) {
    const { kind, newline } = p.peek(ahead);
    if (newline || kind === "eof" || OPEN.has(kind)) return false;
    if (kind === "=>" || kind === "->") return true;
  }
  return false;
}

/** To what closes the block that is being read. */
function skipToCloser(p: Cursor): void {
  const { closer } = p.blocks[p.blocks.length - 1]!;
  for (let open = 0; !p.at("eof") && !(open === 0 && p.at(closer)); p.advance()) {
    if (OPEN.has(p.token.kind) || p.atWord("then")) open += 1;
    else if (CLOSE.has(p.token.kind)) open -= 1;
  }
  p.recovering = false;
}

const textOf = (p: Cursor, tokens: Token[]): string =>
  tokens.length === 0 ? "" : p.source.text.slice(tokens[0]!.start, tokens[tokens.length - 1]!.end);

/** `case 1:`, `default:`, `1:` where an arm of `match` begins. */
export function readForeignArm(p: Cursor): boolean {
  const head = headOf(p, [":"]);
  if (head === null || head.length === 0) return false;
  const isDefault = head.length === 1 && head[0]!.text === "default";
  const pattern = isDefault ? "else" : textOf(p, head[0]!.text === "case" ? head.slice(1) : head);
  const { message, hint } = keyword("an arm of `match` has an arrow, and a block where it does more than one thing",
    `write \`${pattern === "" ? "_" : pattern} => …\``);
  p.report("J0112", p.spanOf(head[0]!), message, { hint });
  skipToCloser(p);
  return true;
}

/** `case x := <-ch:`, `default:`, `recv ch |x| => …` where a case of `select` begins. */
export function readForeignCase(p: Cursor): boolean {
  const head = headOf(p, [":", "=>", "->"]);
  if (head === null || head.length === 0) return false;
  const { message, hint } = keyword("a case of `select` says what it waits for, and has a block",
    `write \`${waitsFor(p, head[0]!.text === "case" ? head.slice(1) : head)} do … end\``);
  p.report("J0112", p.spanOf(head[0]!), message, { hint });
  skipToCloser(p);
  return true;
}

/** What a case of another language waits for, as Janus says it. */
function waitsFor(p: Cursor, head: Token[]): string {
  const arrow = head.findIndex(({ kind, end }, at) =>
    kind === "<" && head[at + 1]?.kind === "-" && head[at + 1]!.start === end);
  if (arrow < 0) return textOf(p, head);
  const behind = textOf(p, head.slice(arrow + 2));
  if (arrow > 0 && head[arrow - 1]!.kind !== ":=" && head[arrow - 1]!.kind !== "=") {
    return `send ${textOf(p, head.slice(0, arrow))}, ${behind}`;
  }
  const name = head[0]!.kind === "word" && arrow > 0 ? ` |${head[0]!.text}|` : "";
  return `recv ${behind}${name}`;
}
