// Expressions in canonical form, with the parentheses that reading them back needs, and those that their author put
// around an operand that is an operation itself: `(a * b) + c`.
import type {
  Arg, Attribute, Call, Catch, Closure, Condition, Expr, If, InterpString, Match, Select, SelectCase,
} from "./ast.ts";
import {
  beginning, closer, type Doc, ending, flat, group, item, join, kept, keptTight, listed, nest, oneLine, statement,
} from "./doc.ts";
import type { Page } from "./page.ts";
import { infixPrecedence, precedence } from "./precedence.ts";
import { escaped, printPattern, printSinglePattern, printType, quoted } from "./print-types.ts";

interface Context {
  /** Operators looser than this need parentheses around them. */
  min: number;
  /** Nothing follows that an open-ended expression (`return x`, `a..`) would take for its own. */
  tail: boolean;
  /** A statement: calls may stand without parentheses, `if` may be a postfix `when`. */
  statement: boolean;
}

const loosest: Context = { min: 0, tail: true, statement: false };

export function printExpr(page: Page, expr: Expr, context: Partial<Context> = {}): Doc {
  return print(page, expr, { ...loosest, ...context });
}

export function printAttributes(page: Page, attributes: Attribute[]): Doc {
  const shown = attributes.map((a): Doc => (a.value === null ? a.name : [a.name, ": ", printExpr(page, a.value)]));
  return ["{. ", join(shown, ", "), " .}"];
}

/** A condition or iterable: what would be taken for the statement's block stands in parentheses. */
export function printHead(page: Page, cond: Condition): Doc {
  const value = cond.kind === "Test" ? cond.expr : cond.value;
  const printed = holdsBlock(value) ? parenthesized(printExpr(page, value)) : printExpr(page, value);
  if (cond.kind === "Test") return printed;
  return [cond.mutable ? "var " : "let ", printPattern(page, cond.pattern), " = ", printed];
}

/** A value that is tested, as `printHead` prints it. */
export function printTested(page: Page, expr: Expr): Doc {
  return printHead(page, { kind: "Test", expr, span: expr.span });
}

function parenthesized(doc: Doc): Doc {
  return ["(", doc, ")"];
}

const holding = new Set(["StructLit", "MapLit", "Closure", "Block", "Catch", "If", "Match", "Nursery", "Shield",
  "Select", "Spawn"]);

/** What of an expression stands in no brackets of its own. */
function outsideBrackets(e: Expr): unknown {
  switch (e.kind) {
    case "ArrayLit": case "ArrayFill": case "TupleLit": case "InterpString": return null;
    case "Index": return e.object;
    case "Call": {
      const last = e.args.at(-1);
      const isTrailing = last?.name === null && last.value.kind === "Closure" && last.value.form !== "func";
      return [e.callee, isTrailing ? last : null];
    }
    default: return e;
  }
}

/** What keeps the parentheses of its operands, see `print`. */
const operations = new Set(["Binary", "Unary", "Pipe", "Member", "Unwrap", "Cast"]);

/** Is there a brace or a `do` in the expression, outside of brackets? `isOperand`: its own parentheses stay. */
function holdsBlock(value: unknown, isOperand = false): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some((one) => holdsBlock(one));
  if (isOperand && (value as Expr).grouped === true) return false;
  const outside = outsideBrackets(value as Expr);
  if (outside !== value) return holdsBlock(outside);
  const node = value as Record<string, unknown>;
  if (typeof node["kind"] === "string" && holding.has(node["kind"])) return true;
  const open = (node["kind"] === "Return" && node["value"] === null)
    || (node["kind"] === "Range" && node["high"] === null);
  if (open) return true;
  for (const key in node) {
    const isTree = key !== "span" && key !== "ty" && key !== "coerce";
    if (isTree && holdsBlock(node[key], operations.has(node["kind"] as string))) return true;
  }
  return false;
}

function print(page: Page, expr: Expr, context: Context): Doc {
  if (context.statement && expr.kind === "If") return bare(page, expr, context);
  const strength = strengthOf(expr);
  const open = isOpenEnded(expr) && !context.tail;
  const isClarified = expr.grouped === true && context.min > precedence.pipe
    && (strength < precedence.postfix || holdsBlock(expr));
  if (strength < context.min || open || isClarified) return parenthesized(bare(page, expr, loosest));
  return bare(page, expr, context);
}

function strengthOf(expr: Expr): number {
  switch (expr.kind) {
    case "Pipe": return precedence.pipe;
    case "Binary": return infixPrecedence(expr.op);
    case "Catch": return precedence.orElse;
    case "Range": return expr.low === null || expr.high === null ? precedence.pipe : precedence.range;
    case "Unary": return expr.op === "not" ? precedence.not : precedence.unary;
    case "AddressOf": case "Await": return precedence.unary;
    case "Propagate": return expr.prefix || awaits(expr.operand) ? precedence.unary : precedence.postfix;
    case "Cast": return precedence.cast;
    case "Spawn": return precedence.unary;
    case "If": return expr.postfix ? -1 : precedence.postfix;
    default: return precedence.postfix;
  }
}

function isOpenEnded(expr: Expr): boolean {
  return expr.kind === "Return" || expr.kind === "Fail" || expr.kind === "Yield" || expr.kind === "Break"
    || expr.kind === "Continue" || (expr.kind === "Range" && (expr.low === null || expr.high === null));
}

/** `await h?` passes on what awaiting brought: the await's operand must then be no prefix form itself. */
function awaits(expr: Expr): boolean {
  return expr.kind === "Await" && strengthOf(expr.operand) === precedence.postfix && !endsInQuestion(expr.operand);
}

function endsInQuestion(expr: Expr): boolean {
  return expr.kind === "Propagate" && !expr.prefix;
}

function bare(page: Page, expr: Expr, context: Context): Doc {
  const nested = (e: Expr): Doc => print(page, e, loosest);
  const at = (e: Expr, min: number, tail = false): Doc => print(page, e, { min, tail, statement: false });
  switch (expr.kind) {
    case "IntLit": case "FloatLit": return expr.text;
    case "CharLit": return charLiteral(expr.value);
    case "StringLit": return expr.written === undefined ? quoted(expr.value) : nest(expr.written);
    case "BoolLit": return String(expr.value);
    case "NullLit": return "null";
    case "InterpString": return interpolated(page, expr);
    case "Name": return expr.name;
    case "ShortVariant": return `.${expr.name}`;
    case "ArrayLit": return listed("[", expr.elems.map(nested), "]");
    case "ArrayFill": return ["[", nested(expr.value), "; ", nested(expr.count), "]"];
    case "TupleLit": {
      const isOne = expr.elems.length === 1;
      return expr.elems.length === 0 ? "()" : listed("(", expr.elems.map(nested), isOne ? ",)" : ")", "", !isOne);
    }
    case "MapLit": {
      const entries = expr.entries.map(({ key, value }): Doc => [at(key, 1), ": ", nested(value)]);
      return entries.length === 0 ? "{}" : listed("{", entries, "}", " ");
    }
    case "StructLit": {
      const shorthand = hasTypeName(expr.head);
      const fields = expr.fields.map(({ name, value }): Doc =>
        (shorthand && value.kind === "Name" && value.name === name ? name : [name, ": ", nested(value)]));
      if (expr.spread !== null) fields.unshift(["..", afterDots(nested(expr.spread))]);
      return [at(expr.head, precedence.postfix), " ", fields.length === 0 ? "{}" : listed("{", fields, "}", " ")];
    }
    case "TypeValue": return printType(page, expr.type);
    case "Unary": {
      const min = expr.op === "not" ? precedence.compare : precedence.unary;
      const operand = at(expr.operand, min, context.tail);
      if (expr.op === "not") return ["not ", operand];
      // Two signs in a row could read as another operator.
      return [expr.op, /^[-+~.]/.test(beginning(operand, 1)) ? parenthesized(operand) : operand];
    }
    case "Binary": {
      const strength = infixPrecedence(expr.op);
      const rightAssociative = expr.op === "**" || expr.op === "??";
      const compares = strength === precedence.compare;
      const left = at(expr.left, rightAssociative || compares ? strength + 1 : strength);
      let right = at(expr.right, rightAssociative ? strength : strength + 1, context.tail);
      if (expr.op === "or" && /^(do\b|\{)/.test(beginning(right, 3))) right = parenthesized(right);
      // A line that begins with a minus is a statement of its own.
      return nest([left, expr.op.startsWith("-") ? " " : kept, expr.op, kept, right]);
    }
    case "Pipe":
      return nest([at(expr.left, precedence.pipe), kept, "|>", kept,
        at(expr.right, precedence.pipe + 1, context.tail)]);
    case "Range": {
      const sign = expr.inclusive ? "..=" : "..";
      const low = expr.low === null ? "" : at(expr.low, precedence.add);
      return [low, sign, expr.high === null ? "" : afterDots(at(expr.high, precedence.add, context.tail))];
    }
    case "Call": return call(page, expr, context);
    case "Index": {
      const object = expr.object.kind === "IntLit" ? expr.object.text : postfixObject(page, expr.object);
      return [object, listed("[", expr.args.map((arg) => indexArg(page, arg)), "]", "", false)];
    }
    case "Member": {
      // `1.e5` and `1.0` would be floats; and a command's argument must not begin with a parenthesis
      const isPlain = expr.object.kind === "IntLit" && !expr.optional && !/^e?\d/i.test(expr.name);
      const object = isPlain ? print(page, expr.object, loosest) : postfixObject(page, expr.object);
      return nest([object, isPlain ? "" : keptTight, `${expr.optional ? "?." : "."}${expr.name}`]);
    }
    case "Unwrap": return [postfixObject(page, expr.operand), ".?"];
    case "Deref": return [postfixObject(page, expr.operand), ".*"];
    case "AddressOf": {
      const operand = at(expr.operand, precedence.unary, context.tail);
      return ["&", beginning(operand, 1).startsWith("&") ? parenthesized(operand) : operand];
    }
    case "Propagate":
      if (expr.prefix) return ["try ", at(expr.operand, precedence.unary, context.tail)];
      if (awaits(expr.operand)) return [bare(page, expr.operand, loosest), "?"];
      return [postfixObject(page, expr.operand), "?"];
    case "Catch": return handled(page, expr, context);
    case "Cast":
      return [at(expr.operand, precedence.cast), expr.checked === true ? " as? " : " as ", castType(page, expr.type)];
    case "Closure": return closure(page, expr, false);
    case "If": return condition(page, expr, context);
    case "Match": return match(page, expr);
    case "Block": return page.block(expr);
    case "Nursery": {
      const binding = expr.binding === null ? "" : ` |${expr.binding}|`;
      return ["nursery", options(page, expr.options), binding, " ", page.block(expr.body)];
    }
    case "Shield": return ["shield", options(page, expr.options), " ", page.block(expr.body)];
    case "Spawn": {
      const attributes = expr.attributes.length === 0 ? "" : [printAttributes(page, expr.attributes), " "];
      return [expr.form, " ", attributes, at(expr.call, precedence.postfix)];
    }
    case "Await": {
      const { operand } = expr;
      const prefix = operand.kind === "Await" || (operand.kind === "Propagate" && operand.prefix);
      const shown = prefix ? at(operand, precedence.unary, context.tail)
        : endsInQuestion(operand) ? parenthesized(nested(operand)) : at(operand, precedence.postfix);
      return ["await ", shown];
    }
    case "Select": return select(page, expr);
    case "Yield": return "yield";
    case "Fail": return ["fail ", nested(expr.value)];
    case "Return": return expr.value === null ? "return" : ["return ", nested(expr.value)];
    case "Break": return expr.label === null ? "break" : `break ${expr.label}`;
    case "Continue": return expr.label === null ? "continue" : `continue ${expr.label}`;
    case "ErrorExpr": return "(/* unreadable */)";
  }
}

/** Does a struct literal's head read as a type, so that a field may be written by its name alone? */
function hasTypeName(head: Expr): boolean {
  if (head.kind === "ShortVariant") return true;
  return (head.kind === "Name" || head.kind === "Member") && /^[A-Z]\w*$/.test(head.name);
}

/** One dot more would make another operator. */
function afterDots(shown: Doc): Doc {
  return beginning(shown, 1).startsWith(".") ? parenthesized(shown) : shown;
}

/** What begins like a type in brackets is read as one. */
function indexArg(page: Page, arg: Expr): Doc {
  const open = arg.kind === "Range" && (arg.low === null || arg.high === null);
  const shown = open ? bare(page, arg, loosest) : print(page, arg, loosest);
  const isPlain = arg.kind === "TypeValue" || arg.kind === "ArrayLit" || arg.kind === "ArrayFill";
  return beginning(shown, 1).startsWith("[") && !isPlain ? parenthesized(shown) : shown;
}

/** What stands before `.`: `1.x` would lex as a number, `e?.x` as another operator. */
function postfixObject(page: Page, object: Expr): Doc {
  if (object.kind === "IntLit" || endsInQuestion(object)) return parenthesized(print(page, object, loosest));
  return print(page, object, { min: precedence.postfix, tail: false, statement: false });
}

function castType(page: Page, type: Parameters<typeof printType>[1]): Doc {
  const shown = printType(page, type);
  return type.kind === "FuncType" || type.kind === "ErrorUnionType" ? parenthesized(shown) : shown;
}

function charLiteral(value: number): string {
  return `'${escaped(String.fromCodePoint(value), "'")}'`;
}

function interpolated(page: Page, { parts, written }: InterpString): Doc {
  const made: Doc[] = [written?.[0] ?? '$"'];
  let count = 0;
  for (const part of parts) {
    if (typeof part === "string") {
      if (written === undefined) made.push(bracesDoubled(part));
      continue;
    }
    let shown = printExpr(page, part.expr);
    const text = oneLine(shown);
    // A colon outside of brackets would begin the format.
    if (text.startsWith("{") || (text.includes(":") && /\bdo\b/.test(text))) shown = parenthesized(shown);
    // A string of one line ends on it, and so do the expressions in it.
    made.push("{", written === undefined ? flat(shown) : shown, part.format === null ? "" : `:${part.format}`, "}",
      written?.[++count] ?? "");
  }
  if (written === undefined) made.push('"');
  return nest(made);
}

function bracesDoubled(text: string): string {
  return text.split(/([{}])/).map((piece) => (piece === "{" || piece === "}" ? piece + piece : escaped(piece, '"')))
    .join("");
}

// ---------------------------------------------------------------- calls

function argument(page: Page, arg: Arg): Doc {
  return arg.name === null ? printExpr(page, arg.value) : [arg.name, ": ", printExpr(page, arg.value)];
}

/** Arguments in parentheses. */
function args(page: Page, list: Arg[]): Doc {
  return listed("(", list.map((arg) => argument(page, arg)), ")");
}

function options(page: Page, list: Arg[]): Doc {
  return list.length === 0 ? "" : args(page, list);
}

/** Is there a call with a trailing `do` that no bracket or block encloses? */
function endsInDo(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const node = value as Record<string, unknown>;
  if (node["kind"] === "Call") {
    const last = (node as unknown as Call).args.at(-1)?.value;
    if (last?.kind === "Closure" && last.form === "do") return true;
  }
  const spine = ["callee", "object", "operand", "left", "right", "low", "high", "handler", "value", "call", "head",
    "subject"];
  return spine.some((key) => endsInDo(node[key]));
}

/** Without parentheses around the arguments, a `do` would be taken for the command's own block. */
function commandArg(page: Page, arg: Arg): Doc {
  if (!endsInDo(arg.value)) return argument(page, arg);
  return [arg.name === null ? "" : `${arg.name}: `, parenthesized(printExpr(page, arg.value))];
}

/** A closure in braces or `do` stands after the parentheses, and replaces empty ones. */
function call(page: Page, expr: Call, context: Context): Doc {
  const callee = expr.callee.kind === "Call" || expr.callee.kind === "Propagate" || expr.callee.kind === "Closure"
    ? calleeOf(page, expr.callee)
    : print(page, expr.callee, { min: precedence.postfix, tail: false, statement: false });
  const last = expr.args[expr.args.length - 1];
  const trailing = last !== undefined && last.name === null && last.value.kind === "Closure"
    && last.value.form !== "func" ? last.value : null;
  if (expr.command && context.statement) {
    const inDo = trailing !== null && trailing.form === "do" && expr.args.length > 1;
    const plain = (inDo ? expr.args.slice(0, -1) : expr.args).map((arg) => commandArg(page, arg));
    if (plain.length > 0 && !/^[-([{.&]/.test(beginning(plain, 1))) {
      return nest([callee, " ", join(plain, [",", kept]), inDo ? [" ", closure(page, trailing, true)] : ""]);
    }
  }
  if (trailing === null) return [callee, args(page, expr.args)];
  const others = expr.args.slice(0, -1);
  const named = expr.callee.kind === "Name" || expr.callee.kind === "Member";
  const hasParens = others.length > 0 || !named || trailing.params.length === 0;
  return [callee, hasParens ? args(page, others) : "", " ", closure(page, trailing, true)];
}

/** A callee that is a call itself keeps its own trailing block apart by parentheses. */
function calleeOf(page: Page, expr: Expr): Doc {
  const shown = print(page, expr, loosest);
  return expr.kind === "Call" && /(\)|\])$/.test(ending(shown)) ? shown : parenthesized(shown);
}

function closure(page: Page, expr: Closure, trailing: boolean): Doc {
  const params = expr.params.map((param) => page.param(param));
  if (expr.form === "func") {
    const result = expr.result === null ? "" : [" -> ", printType(page, expr.result)];
    return ["func", listed("(", params, ")"), result, " ", page.block(expr.body)];
  }
  const bars: Doc = params.length === 0 ? (trailing ? "" : " ||") : [" |", join(params, ", "), "|"];
  return expr.form === "brace" ? page.block(expr.body, ["{", bars], "}") : page.block(expr.body, ["do", bars], "end");
}

function handled(page: Page, expr: Catch, context: Context): Doc {
  const operand = print(page, expr.operand, { min: precedence.orElse + 1, tail: false, statement: false });
  const binding = expr.binding === null ? "" : ` |${expr.binding}|`;
  if (expr.handler.kind === "Block") return nest([operand, kept, "catch", binding, " ", page.block(expr.handler)]);
  const handler = print(page, expr.handler, { min: precedence.orElse, tail: context.tail, statement: false });
  // What begins with a block, or with a word and a block, would be read as something else.
  const confusing = /^(do\b|\{|\w+ (do\b|\{))/.test(beginning(handler, 80));
  return nest([operand, kept, "catch", binding, " ", confusing ? parenthesized(handler) : handler]);
}

// ---------------------------------------------------------------- if, match, select

function condition(page: Page, expr: If, context: Context): Doc {
  if (expr.postfix && expr.cond.kind === "Test" && expr.then.stmts.length === 1) {
    const test = print(page, expr.cond.expr, { ...loosest, tail: context.tail });
    return [page.stmt(expr.then.stmts[0]!), " when ", test];
  }
  const made = chain(page, expr);
  return expr.then.stmts.length <= 1 ? group(made) : group(made, "broken");
}

function chain(page: Page, first: Expr): Doc {
  const made: Doc[] = [];
  let current: Expr | null = first;
  while (current !== null && current.kind === "If" && !current.postfix) {
    made.push("if ", printHead(page, current.cond), " do", page.lines(current.then));
    current = current.otherwise;
    if (current !== null) made.push("else");
    if (current !== null && current.kind !== "Block") made.push(" ");
  }
  if (current !== null && current.kind === "Block") made.push(page.lines(current));
  else if (current !== null) made.push(printExpr(page, current), closer);
  made.push("end");
  return made;
}

function match(page: Page, expr: Match): Doc {
  const arms = expr.arms.map((arm): Doc => {
    const guard = arm.guard === null ? "" : [" when ", printTested(page, arm.guard)];
    const body = printExpr(page, arm.body, { statement: true });
    // `=> {}` is an arm that does nothing.
    const isEmpty = beginning(body, 2).startsWith("{}");
    return [printPattern(page, arm.pattern), guard, " => ", isEmpty ? parenthesized(body) : body, ","];
  });
  return group(["match ", printTested(page, expr.subject), " {", indented(arms, item), "}"], "broken");
}

function select(page: Page, expr: Select): Doc {
  const cases = expr.cases.map((one): Doc => [selectCase(page, one), " ", page.block(one.body)]);
  return group(["select do", indented(cases, statement), "end"], "broken");
}

/** Each on a line of its own, indented, from the line before them to the closer. */
function indented(docs: Doc[], between: Doc): Doc {
  return nest([docs.length === 0 ? "" : [item, join(docs, between)], closer], true);
}

/** The channel of a case: an operand, or an expression in parentheses. */
function selectCase(page: Page, one: SelectCase): Doc {
  const head = (value: Expr): Doc => (holdsBlock(value) ? parenthesized(printExpr(page, value))
    : print(page, value, { min: precedence.bitXor, tail: false, statement: false }));
  switch (one.kind) {
    case "Recv":
      return ["recv ", head(one.channel),
        one.binding === null ? "" : [" |", printSinglePattern(page, one.binding), "|"]];
    case "Send": return ["send ", head(one.channel), ", ", head(one.value)];
    case "Timeout": return ["timeout ", head(one.ms)];
    case "Closed": return ["closed ", head(one.channel)];
    case "Default": return "default";
  }
}
