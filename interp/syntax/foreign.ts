// Words and marks of other languages where something cannot go on as it does, and what Janus writes for them. What
// statements begin with is in habits.ts; types, names and members that there are not, in sema/habits.ts.
import type { SyntaxCode } from "./diagnostic.ts";
import type { Token } from "./token.ts";

/** What is said of something foreign. The hint holds Janus that checks. */
export interface Habit {
  code: SyntaxCode;
  message: string;
  hint: string;
}

export const keyword = (message: string, hint: string): Habit => ({ code: "J0112", message, hint });

const closure: Habit = { code: "J0111", message: "a closure has its parameters between bars",
  hint: "write `{ |x| x + 1 }`, or `func(x: i64) -> i64 do return x + 1 end`" };

/** What is foreign where a statement or a list goes on with a token that cannot follow the one before it. */
export function habitBetween(previous: Token | undefined, token: Token, text: string): Habit | null {
  if (token.kind === "=>" || (previous?.text === "lambda" && token.kind === "word")) return closure;
  if (token.kind === "!" && previous?.kind === "word" && token.start === previous.end) {
    const next = text[token.end];
    if (next !== "(" && next !== "[" && next !== "{") {
      return { code: "J0111", message: "there is no postfix `!`", hint: `write \`${previous.text}.?\`` };
    }
    return { code: "J0111", message: "there are no macros", hint: `write \`${previous.text}(…)\`, without \`!\`` };
  }
  if (previous?.text === "new" && token.kind === "word") {
    return keyword("a struct is made by its name and fields", `write \`${token.text} { x: 1 }\``);
  }
  if (token.kind === "for") {
    return { code: "J0111", message: "there are no comprehensions", hint: "write `xs.map { |x| x * 2 }`" };
  }
  if (token.kind === "word" && token.text === "is") {
    return { code: "J0111", message: "`is` is no operator of Janus", hint: "write `==`" };
  }
  if (previous?.kind === "?" && ["word", "int", "float", "string", "template"].includes(token.kind)) {
    return { code: "J0111", message: "there is no `? :` operator", hint: "write `if condition do a else b end`" };
  }
  if (token.kind === "->" && (previous?.kind === ")" || previous?.kind === "word")) return closure;
  if (token.kind === "...") {
    return { code: "J0111", message: "a range is written with two points",
      hint: "write `1..10`, or `1..=10` with its end" };
  }
  if (token.kind === "word" && token.text === "of") {
    return keyword("what is gone over stands behind `in`", "write `for x in xs do … end`");
  }
  if (token.kind === "in") {
    return { code: "J0111", message: "there is no operator `in`",
      hint: "write `xs.contains(x)`, of a map `m.has(key)`" };
  }
  if (token.kind === "word" && (token.text === "step" || token.text === "by") && isSameLine(previous, token, text)) {
    return keyword("a range counts by one; `step` makes the steps longer", "write `for i in (0..10).step(2) do … end`");
  }
  return null;
}

function isSameLine(previous: Token | undefined, token: Token, text: string): boolean {
  return previous !== undefined && !text.slice(previous.end, token.start).includes("\n");
}

/** Types of other languages as they stand before a name, `int x = 3`, and what they are here. */
export const foreignTypes: ReadonlyMap<string, string> = new Map(Object.entries({
  int: "i64", long: "i64", short: "i16", byte: "u8", uint: "u64", char: "i64", Int: "i64", Integer: "i64",
  float: "f64", double: "f64", number: "f64", Double: "f64",
  str: "string", String: "string", boolean: "bool", Bool: "bool", Boolean: "bool",
}));
