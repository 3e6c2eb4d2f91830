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
  if (token.kind === "=>") return closure;
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
  if (token.kind === "word" && token.text === "is") return isHabit(token, text);
  if (token.kind === "word" && token.text === "instanceof") return typeHabit("instanceof");
  if (token.kind === "not" && /^not\s+in\b/.test(text.slice(token.start, token.start + 40))) {
    return { code: "J0111", message: "there is no operator `in`",
      hint: "write `not xs.contains(x)`, of a map `not m.has(key)`" };
  }
  const operator = token.kind === "word" ? wordOperators.get(token.text) : undefined;
  if (operator !== undefined && isSameLine(previous, token, text)) {
    return { code: "J0111", message: `\`${token.text}\` is no operator of Janus`, hint: `write \`${operator}\`` };
  }
  if (isTouching(token, text, /^(~=|\/=|=\/=)/)) {
    return { code: "J0111", message: "what differs is told by `!=`", hint: "write `!=`" };
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

/** Operators that are words elsewhere. */
const wordOperators: ReadonlyMap<string, string> = new Map([
  ["div", "/"], ["mod", "%"], ["xor", "^"], ["eq", "=="], ["ne", "!="], ["shl", "<<"], ["shr", ">>"],
]);

const typeHabit = (word: string): Habit => ({ code: "J0111", message: `\`${word}\` is no operator of Janus`,
  hint: "a type is known before anything runs; that of a trait object is asked for with `x as? Circle`" });

/** `x is 3`, `x is not null`, `x is Variant`. */
function isHabit(token: Token, text: string): Habit {
  const [, negated, word] = /^is(\s+not)?\s+\.?([\w.]*)/.exec(text.slice(token.start, token.start + 80)) ?? [];
  const isVariant = /(^|\.)[A-Z]/.test(word ?? "") && word !== "None" && word !== "True" && word !== "False";
  return { code: "J0111", message: "`is` is no operator of Janus",
    hint: isVariant ? "ask with `==` for a variant without values, as in `light == .Red`, and with "
      + "`if let .Circle(r) = shape do … end` for one that has some"
      : negated === undefined ? "write `==`" : "write `!=`" };
}

const isTouching = (token: Token, text: string, marks: RegExp): boolean =>
  marks.test(text.slice(token.start, token.start + 3));

function isSameLine(previous: Token | undefined, token: Token, text: string): boolean {
  return previous !== undefined && !text.slice(previous.end, token.start).includes("\n");
}

/** What Python's `print` may be told, and how Janus prints so; `callee` is what is called. */
export function printOption(callee: string, option: string): Habit | null {
  if (!/^e?print(ln)?$/.test(callee)) return null;
  const message = `\`${callee}\` takes values to print, and has no \`${option}\``;
  const hint = option === "end" ? "`print(…)` ends no line, `println(…)` does"
    : option === "sep" ? "join the values: `println(parts.join(\", \"))`"
    : "`eprintln(…)` prints on the error output; leave the name out";
  return { code: "J0112", message, hint };
}
