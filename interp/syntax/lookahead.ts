// Where something begins: what the next tokens say, without reading them.
import type { Cursor } from "./cursor.ts";
import { isWord, type Token } from "./token.ts";

/** What stands after `{` makes it the fields of a struct literal: `name:` or `..`. */
export function opensFields(first: Token, second: Token): boolean {
  return first.kind === ".." || (isWord(first) && second.kind === ":");
}

/** Could this token begin an expression here? */
export function startsExpr(p: Cursor, token: Token): boolean {
  switch (token.kind) {
    case "word": case "int": case "float": case "char": case "string": case "template":
    case "true": case "false": case "null": case "(": case "[": case "-": case "~": case "!": case "&": case ".":
    case "not": case "try": case "await": case "func": case "if": case "match": case "spawn": case "select":
    case "return": case "break": case "continue": case "fail": case "..": case "..<": case "..=":
      return true;
    case "{": case "do":
      return !p.inHead;
    default:
      return false;
  }
}

/** Nothing that follows on the line is a value: after `return`, after the `..` of an open range. */
export function endsJump(p: Cursor): boolean {
  return p.token.newline || !startsExpr(p, p.token) || p.atWord("when");
}

/** With what a line begins that goes on with nothing before it. */
const beginsLine = new Set(["word", "let", "var", "const", "if", "for", "while", "match", "spawn", "select", "return",
  "break", "defer", "await"]);

/** Whether the next line is a statement and indented deeper than this one, as the lines of a block are. */
export function opensBelow(p: Cursor): boolean {
  const next = p.peek();
  return next.newline && beginsLine.has(next.kind) && p.lineColumn(next) > p.lineColumn(p.token);
}

/** At `nursery` or `shield`: does the word open its block here, or is it just a name? */
export function startsBlockWord(p: Cursor): boolean {
  const word = p.token.text;
  if (word !== "nursery" && word !== "shield") return false;
  const next = p.peek();
  if (next.kind === "do" || next.kind === "{") return true;
  if (next.newline) return p.token.newline && opensBelow(p);
  if (next.kind === "word") return word === "nursery" && ["do", "{"].includes(p.peek(2).kind) && !p.peek(2).newline;
  if (next.kind === "|") return word === "nursery" && p.peek(2).kind === "word" && p.peek(3).kind === "|";
  return next.kind === "(";
}
