// The heads of loops in other languages: `for (const x of xs)`, `for i from 1 to 10`, `for i := range xs`, `for {`.
// Each is told by one message, whose hint has the program's own names.
import type { Cursor } from "./cursor.ts";
import { type Habit, keyword } from "./foreign.ts";
import type { Token } from "./token.ts";

/** Tokens of a head that are looked at, so that reading stays linear. */
const head_max = 200;

/** Words that introduce the variable of a loop elsewhere. */
const introducing = new Set(["let", "const", "var", "auto", "final", "each", "mut", "int", "val"]);
const comparing = new Set(["<", "<=", ">", ">=", "==", "!=", "and", "or", "not", "&&", "||", "!", "true"]);
const OPEN = new Set(["(", "[", "{"]);
const CLOSE = new Set([")", "]", "}"]);

/** The tokens from behind the word to the block, or to the end of the line. */
function headOf(p: Cursor): Token[] {
  const head: Token[] = [];
  let open = 0;
  for (let ahead = 1; ahead < head_max; ahead++) {
    const token = p.peek(ahead);
    if (token.kind === "eof" || (open === 0 && (token.newline || token.kind === "do" || token.kind === "{"))) break;
    if (OPEN.has(token.kind)) open += 1;
    else if (CLOSE.has(token.kind)) open -= 1;
    head.push(token);
  }
  return head;
}

/** What stands in the parentheses, where they hold the whole head. */
function unwrapped(head: Token[]): Token[] | null {
  if (head[0]?.kind !== "(") return null;
  let open = 0;
  for (const [at, { kind }] of head.entries()) {
    if (OPEN.has(kind)) open += 1;
    else if (CLOSE.has(kind) && --open === 0) return at === head.length - 1 ? head.slice(1, -1) : null;
  }
  return null;
}

/** Where the first token that fits stands outside of brackets; -1. */
function find(tokens: Token[], fits: (token: Token) => boolean): number {
  let open = 0;
  for (const [at, token] of tokens.entries()) {
    if (open === 0 && fits(token)) return at;
    if (OPEN.has(token.kind)) open += 1;
    else if (CLOSE.has(token.kind)) open -= 1;
  }
  return -1;
}

const isWordIn = (words: string[]) => (token: Token): boolean => token.kind === "word" && words.includes(token.text);

const goesOver = (names: string, over: string): Habit =>
  keyword("`for` goes over a range, or over what can be gone over", `write \`for ${names} in ${over} do … end\``);

/** At `for` or `foreach`: what is foreign in its head. */
export function loopHabit(p: Cursor): Habit | null {
  const head = headOf(p);
  const inner = unwrapped(head);
  const text = (tokens: Token[]): string =>
    tokens.length === 0 ? "" : p.source.text.slice(tokens[0]!.start, tokens[tokens.length - 1]!.end);
  let tokens = inner ?? head;
  if (find(tokens, ({ kind }) => kind === ";" || kind === ":=") >= 0) return countingHabit(tokens, text);
  const isIntroduced = introducing.has(tokens[0]?.text ?? "") && tokens[1]?.kind === "word";
  if (isIntroduced) tokens = tokens.slice(1);
  const isJoined = isWordIn(["of", "from"]);
  const at = find(tokens, (t) => t.kind === "in" || (t.kind === ":" && p.token.kind === "for") || isJoined(t));
  if (at <= 0) {
    if (head.length === 0 && p.token.kind === "for") {
      return keyword("a loop without an end is written `loop`", "write `loop do … end`");
    }
    const isCondition = p.token.kind === "for" && !tokens.some(({ kind }) => kind === "=")
      && find(tokens, ({ kind }) => comparing.has(kind)) >= 0;
    if (!isCondition) return null;
    return keyword("a loop with a condition is written `while`", `write \`while ${text(tokens)} do … end\``);
  }
  const range = rangeOf(tokens.slice(at + 1), text);
  const isForeign = inner !== null || isIntroduced || p.token.text === "foreach" || range !== null
    || tokens[at]!.kind === ":" || tokens[at]!.text === "from";
  if (!isForeign) return null;
  return goesOver(text(tokens.slice(0, at)), range ?? text(tokens.slice(at + 1)));
}

const isOperand = (token: Token | undefined, brackets: string[]): boolean =>
  token !== undefined && (token.kind === "int" || token.kind === "word" || brackets.includes(token.kind));

/** `1 to 10`, `1 until 10`, `10 downto 1` as a range. */
function rangeOf(tokens: Token[], text: (tokens: Token[]) => string): string | null {
  const at = find(tokens, isWordIn(["to", "until", "downto"]));
  // the words are names, too
  const isBetween = at > 0 && isOperand(tokens[at - 1]!, [")", "]"]) && isOperand(tokens[at + 1], ["(", "-"]);
  if (!isBetween) return null;
  const [low, high] = [text(tokens.slice(0, at)), text(tokens.slice(at + 1))];
  switch (tokens[at]!.text) {
    case "to": return `${low}..=${high}`;
    case "until": return `${low}..${high}`;
    default: return `(${high}..=${low}).to_array().reverse()`;
  }
}

/** `i = 0; i < n; i++` and `i, x := range xs`. */
function countingHabit(tokens: Token[], text: (tokens: Token[]) => string): Habit {
  const range = tokens.findIndex((t) => t.kind === "word" && t.text === "range");
  if (range > 0) {
    const over = text(tokens.slice(range + 1));
    const names = tokens.slice(0, range).filter((t) => t.kind === "word").map((t) => t.text);
    if (names.length === 2) return goesOver(names[0] === "_" ? names[1]! : names.join(", "), over);
    return goesOver(names[0] ?? "i", `0..${over}.len`);
  }
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === ";") parts.push([]);
    else parts[parts.length - 1]!.push(token);
  }
  const [from, until, step] = parts as [Token[], Token[] | undefined, Token[] | undefined];
  const assigns = from.findIndex((t) => t.kind === "=" || t.kind === ":=");
  const name = from[assigns - 1]?.text;
  const compared = until?.[1]?.kind;
  const counts = step?.some((t) => t.kind === "++" || t.kind === "+") === true;
  if (assigns > 0 && until?.[0]?.text === name && counts && (compared === "<" || compared === "<=")) {
    const [low, high] = [text(from.slice(assigns + 1)), text(until!.slice(2))];
    return goesOver(name!, `${low}${compared === "<" ? ".." : "..="}${high}`);
  }
  return goesOver("i", "0..10");
}
