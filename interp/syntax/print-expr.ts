// Expressions in canonical form, with the parentheses that reading them back needs and no others.
import type { Arg, Call, Catch, Closure, Condition, Expr, If, Match, Select, SelectCase } from "./ast.ts";
import { infixPrecedence, precedence } from "./precedence.ts";
import { escaped, printPattern, printSinglePattern, printType, quoted } from "./print-types.ts";
import { printAttributes, type Printer } from "./printer.ts";

interface Context {
  /** Operators looser than this need parentheses around them. */
  min: number;
  /** Nothing follows that an open-ended expression (`return x`, `a..`) would take for its own. */
  tail: boolean;
  /** A statement: calls may stand without parentheses, `if` may be a postfix `when`. */
  statement: boolean;
}

const loosest: Context = { min: 0, tail: true, statement: false };

export function printExpr(printer: Printer, expr: Expr, context: Partial<Context> = {}): string {
  return print(printer, expr, { ...loosest, ...context });
}

/** A condition or iterable: what would be taken for the statement's block stands in parentheses. */
export function printHead(printer: Printer, cond: Condition): string {
  const value = cond.kind === "Test" ? cond.expr : cond.value;
  const printed = holdsBlock(value) ? `(${printExpr(printer, value)})` : printExpr(printer, value);
  if (cond.kind === "Test") return printed;
  return `${cond.mutable ? "var" : "let"} ${printPattern(printer, cond.pattern)} = ${printed}`;
}

const holding = new Set(["StructLit", "MapLit", "Closure", "Block", "Catch", "If", "Match", "Nursery", "Shield",
  "Select",
  "Spawn"]);

/** Is there a brace or a `do` anywhere in the expression? */
function holdsBlock(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsBlock);
  const node = value as Record<string, unknown>;
  if (typeof node["kind"] === "string" && holding.has(node["kind"])) return true;
  const open = (node["kind"] === "Return" && node["value"] === null)
    || (node["kind"] === "Range" && node["high"] === null);
  if (open) return true;
  for (const key in node) {
    if (key !== "span" && key !== "ty" && key !== "coerce" && holdsBlock(node[key])) return true;
  }
  return false;
}

function print(printer: Printer, expr: Expr, context: Context): string {
  if (context.statement && expr.kind === "If") return bare(printer, expr, context);
  const strength = strengthOf(expr);
  const open = isOpenEnded(expr) && !context.tail;
  if (strength < context.min || open) return `(${bare(printer, expr, loosest)})`;
  return bare(printer, expr, context);
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

function bare(printer: Printer, expr: Expr, context: Context): string {
  const nested = (e: Expr): string => print(printer, e, loosest);
  const at = (e: Expr, min: number, tail = false): string => print(printer, e, { min, tail, statement: false });
  switch (expr.kind) {
    case "IntLit": case "FloatLit": return expr.text;
    case "CharLit": return charLiteral(expr.value);
    case "StringLit": return quoted(expr.value);
    case "BoolLit": return String(expr.value);
    case "NullLit": return "null";
    case "InterpString": return interpolated(printer, expr.parts);
    case "Name": return expr.name;
    case "ShortVariant": return `.${expr.name}`;
    case "ArrayLit": return `[${expr.elems.map(nested).join(", ")}]`;
    case "TupleLit": return `(${expr.elems.map(nested).join(", ")}${expr.elems.length === 1 ? "," : ""})`;
    case "MapLit": {
      if (expr.entries.length === 0) return "{}";
      return `{ ${expr.entries.map(({ key, value }) => `${at(key, 1)}: ${nested(value)}`).join(", ")} }`;
    }
    case "StructLit": {
      const shorthand = /^\.|(^|\.)[A-Z]\w*$/.test(bare(printer, expr.head, loosest));
      const fields = expr.fields.map(({ name, value }) => (shorthand && value.kind === "Name" && value.name === name
        ? name : `${name}: ${nested(value)}`));
      if (expr.spread !== null) fields.unshift(`..${afterDots(nested(expr.spread))}`);
      return `${at(expr.head, precedence.postfix)} ${fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`}`;
    }
    case "TypeValue": return printType(printer, expr.type);
    case "Unary": {
      const min = expr.op === "not" ? precedence.compare : precedence.unary;
      const operand = at(expr.operand, min, context.tail);
      if (expr.op === "not") return `not ${operand}`;
      // Two signs in a row could read as another operator.
      return /^[-+~.]/.test(operand) ? `${expr.op}(${operand})` : `${expr.op}${operand}`;
    }
    case "Binary": {
      const strength = infixPrecedence(expr.op);
      const rightAssociative = expr.op === "**" || expr.op === "??";
      const compares = strength === precedence.compare;
      const left = at(expr.left, rightAssociative || compares ? strength + 1 : strength);
      let right = at(expr.right, rightAssociative ? strength : strength + 1, context.tail);
      if (expr.op === "or" && /^(do\b|\{)/.test(right)) right = `(${right})`;
      return `${left} ${expr.op} ${right}`;
    }
    case "Pipe": return `${at(expr.left, precedence.pipe)} |> ${at(expr.right, precedence.pipe + 1, context.tail)}`;
    case "Range": {
      const sign = expr.inclusive ? "..=" : "..";
      const low = expr.low === null ? "" : at(expr.low, precedence.add);
      return `${low}${sign}${expr.high === null ? "" : afterDots(at(expr.high, precedence.add, context.tail))}`;
    }
    case "Call": return call(printer, expr, context);
    case "Index": {
      const shown = expr.args.map((arg) => indexArg(printer, arg)).join(", ");
      const object = expr.object.kind === "IntLit" ? expr.object.text : postfixObject(printer, expr.object);
      return `${object}[${shown}]`;
    }
    case "Member": {
      // `1.e5` and `1.0` would be floats; and a command's argument must not begin with a parenthesis
      const isPlain = expr.object.kind === "IntLit" && !expr.optional && !/^e?\d/i.test(expr.name);
      const object = isPlain ? print(printer, expr.object, loosest) : postfixObject(printer, expr.object);
      return `${object}${expr.optional ? "?." : "."}${expr.name}`;
    }
    case "Unwrap": return `${postfixObject(printer, expr.operand)}.?`;
    case "Deref": return `${postfixObject(printer, expr.operand)}.*`;
    case "AddressOf": {
      const operand = at(expr.operand, precedence.unary, context.tail);
      return operand.startsWith("&") ? `&(${operand})` : `&${operand}`;
    }
    case "Propagate":
      if (expr.prefix) return `try ${at(expr.operand, precedence.unary, context.tail)}`;
      if (awaits(expr.operand)) return `${bare(printer, expr.operand, loosest)}?`;
      return `${postfixObject(printer, expr.operand)}?`;
    case "Catch": return handled(printer, expr, context);
    case "Cast": return `${at(expr.operand, precedence.cast)} as ${castType(printer, expr.type)}`;
    case "Closure": return closure(printer, expr, false);
    case "If": return condition(printer, expr, context);
    case "Match": return match(printer, expr);
    case "Block": return printer.block(expr);
    case "Nursery": {
      const options = expr.options.length === 0 ? "" : `(${args(printer, expr.options)})`;
      return `nursery${options}${expr.binding === null ? "" : ` |${expr.binding}|`} ${printer.block(expr.body)}`;
    }
    case "Shield": {
      const options = expr.options.length === 0 ? "" : `(${args(printer, expr.options)})`;
      return `shield${options} ${printer.block(expr.body)}`;
    }
    case "Spawn": {
      const attributes = expr.attributes.length === 0 ? "" : `${printAttributes(printer, expr.attributes)} `;
      return `${expr.form} ${attributes}${at(expr.call, precedence.postfix)}`;
    }
    case "Await": {
      const { operand } = expr;
      const prefix = operand.kind === "Await" || (operand.kind === "Propagate" && operand.prefix);
      const shown = prefix ? at(operand, precedence.unary, context.tail)
        : endsInQuestion(operand) ? `(${nested(operand)})` : at(operand, precedence.postfix);
      return `await ${shown}`;
    }
    case "Select": return select(printer, expr);
    case "Yield": return "yield";
    case "Fail": return `fail ${nested(expr.value)}`;
    case "Return": return expr.value === null ? "return" : `return ${nested(expr.value)}`;
    case "Break": return expr.label === null ? "break" : `break ${expr.label}`;
    case "Continue": return expr.label === null ? "continue" : `continue ${expr.label}`;
    case "ErrorExpr": return "(/* unreadable */)";
  }
}

/** One dot more would make another operator. */
function afterDots(shown: string): string {
  return shown.startsWith(".") ? `(${shown})` : shown;
}

/** What begins like a type in brackets is read as one. */
function indexArg(printer: Printer, arg: Expr): string {
  const open = arg.kind === "Range" && (arg.low === null || arg.high === null);
  const shown = open ? bare(printer, arg, loosest) : print(printer, arg, loosest);
  return shown.startsWith("[") && arg.kind !== "TypeValue" && arg.kind !== "ArrayLit" ? `(${shown})` : shown;
}

/** What stands before `.`: `1.x` would lex as a number, `e?.x` as another operator. */
function postfixObject(printer: Printer, object: Expr): string {
  if (object.kind === "IntLit" || endsInQuestion(object)) return `(${print(printer, object, loosest)})`;
  return print(printer, object, { min: precedence.postfix, tail: false, statement: false });
}

function castType(printer: Printer, type: Parameters<typeof printType>[1]): string {
  const shown = printType(printer, type);
  return type.kind === "FuncType" || type.kind === "ErrorUnionType" ? `(${shown})` : shown;
}

function charLiteral(value: number): string {
  return `'${escaped(String.fromCodePoint(value), "'")}'`;
}

function interpolated(printer: Printer, parts: (string | { expr: Expr; format: string | null })[]): string {
  let made = "";
  for (const part of parts) {
    if (typeof part === "string") {
      for (const piece of part.split(/([{}])/)) {
        made += piece === "{" || piece === "}" ? piece + piece : escaped(piece, '"');
      }
      continue;
    }
    // A string ends on its line, and so do the expressions in it.
    let shown = printer.flat(() => printExpr(printer, part.expr));
    // A colon outside of brackets would begin the format.
    if (shown.startsWith("{") || (shown.includes(":") && /\bdo\b/.test(shown))) shown = `(${shown})`;
    made += `{${shown}${part.format === null ? "" : `:${part.format}`}}`;
  }
  return `$"${made}"`;
}

// ---------------------------------------------------------------- calls

function args(printer: Printer, list: Arg[]): string {
  return list.map((arg) => `${arg.name === null ? "" : `${arg.name}: `}${printExpr(printer, arg.value)}`).join(", ");
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
function commandArg(printer: Printer, arg: Arg): string {
  if (!endsInDo(arg.value)) return args(printer, [arg]);
  return `${arg.name === null ? "" : `${arg.name}: `}(${printExpr(printer, arg.value)})`;
}

/** A closure in braces or `do` stands after the parentheses, and replaces empty ones. */
function call(printer: Printer, expr: Call, context: Context): string {
  const callee = expr.callee.kind === "Call" || expr.callee.kind === "Propagate" || expr.callee.kind === "Closure"
    ? calleeOf(printer, expr.callee) : print(printer, expr.callee, { min: precedence.postfix, tail: false,
      statement: false });
  const last = expr.args[expr.args.length - 1];
  const trailing = last !== undefined && last.name === null && last.value.kind === "Closure"
    && last.value.form !== "func" ? last.value : null;
  if (expr.command && context.statement) {
    const inDo = trailing !== null && trailing.form === "do" && expr.args.length > 1;
    const plain = (inDo ? expr.args.slice(0, -1) : expr.args).map((arg) => commandArg(printer, arg)).join(", ");
    if (plain !== "" && !/^[-([{.&]/.test(plain)) {
      return `${callee} ${plain}${inDo ? ` ${closure(printer, trailing, true)}` : ""}`;
    }
  }
  if (trailing === null) return `${callee}(${args(printer, expr.args)})`;
  const others = args(printer, expr.args.slice(0, -1));
  const named = expr.callee.kind === "Name" || expr.callee.kind === "Member";
  const parens = others !== "" || !named || trailing.params.length === 0 ? `(${others})` : "";
  return `${callee}${parens} ${closure(printer, trailing, true)}`;
}

/** A callee that is a call itself keeps its own trailing block apart by parentheses. */
function calleeOf(printer: Printer, expr: Expr): string {
  const shown = print(printer, expr, loosest);
  return /(\)|\])$/.test(shown) && expr.kind === "Call" ? shown : `(${shown})`;
}

function closure(printer: Printer, expr: Closure, trailing: boolean): string {
  const params = expr.params.map((param) => printer.param(param)).join(", ");
  if (expr.form === "func") {
    const result = expr.result === null ? "" : ` -> ${printType(printer, expr.result)}`;
    return `func(${params})${result} ${printer.block(expr.body)}`;
  }
  const bars = params === "" ? (trailing ? "" : " ||") : ` |${params}|`;
  return expr.form === "brace" ? printer.block(expr.body, `{${bars}`, "}") : printer.block(expr.body, `do${bars}`,
    "end");
}

function handled(printer: Printer, expr: Catch, context: Context): string {
  const operand = print(printer, expr.operand, { min: precedence.orElse + 1, tail: false, statement: false });
  const binding = expr.binding === null ? "" : ` |${expr.binding}|`;
  if (expr.handler.kind === "Block") return `${operand} catch${binding} ${printer.block(expr.handler)}`;
  const handler = print(printer, expr.handler, { min: precedence.orElse, tail: context.tail, statement: false });
  const confusing = /^(do\b|\{|\w+ (do\b|\{)|\w+$)/.test(handler) && !/^\w+$/.test(handler);
  return `${operand} catch${binding} ${confusing ? `(${handler})` : handler}`;
}

// ---------------------------------------------------------------- if, match, select

function condition(printer: Printer, expr: If, context: Context): string {
  if (expr.postfix && expr.cond.kind === "Test" && expr.then.stmts.length === 1) {
    const test = print(printer, expr.cond.expr, { ...loosest, tail: context.tail });
    return `${printer.stmt(expr.then.stmts[0]!)} when ${test}`;
  }
  if (printer.isFlat) return chain(printer, expr, true);
  if (expr.then.stmts.length <= 1 && printer.wasInline(expr.span)) {
    const inline = chain(printer, expr, true);
    if (!inline.includes("\n") && printer.fits(inline)) return inline;
  }
  return chain(printer, expr, false);
}

function chain(printer: Printer, first: Expr, inline: boolean): string {
  let made = "";
  let current: Expr | null = first;
  while (current !== null && current.kind === "If" && !current.postfix) {
    made += `if ${printHead(printer, current.cond)} do${chainBody(printer, current.then, inline)}`;
    current = current.otherwise;
    if (current !== null) made += "else ";
  }
  if (current !== null && current.kind === "Block") {
    made = made.slice(0, -1) + chainBody(printer, current, inline);
  } else if (current !== null) {
    made += `${printExpr(printer, current)}${inline ? " " : `\n${printer.pad}`}`;
  }
  return `${made}end`;
}

function chainBody(printer: Printer, block: Extract<Expr, { kind: "Block" }>, inline: boolean): string {
  if (!inline) return printer.lines(block);
  const body = block.stmts.map((stmt) => printer.stmt(stmt)).join("; ");
  return body === "" ? " " : ` ${body} `;
}

function match(printer: Printer, expr: Match): string {
  const subject = printHead(printer, { kind: "Test", expr: expr.subject, span: expr.subject.span });
  const arms = printer.list(expr.arms, expr.span.end, " ", (arm) => {
    const guard = arm.guard === null ? ""
      : ` when ${printHead(printer, { kind: "Test", expr: arm.guard, span: arm.guard.span })}`;
    const body = printExpr(printer, arm.body, { statement: true });
    // `=> {}` is an arm that does nothing.
    return `${printPattern(printer, arm.pattern)}${guard} => ${body.startsWith("{}") ? `(${body})` : body},`;
  });
  return `match ${subject} {${arms}}`;
}

function select(printer: Printer, expr: Select): string {
  const cases = printer.list(expr.cases, expr.span.end, "; ",
    (one) => `${selectCase(printer, one)} ${printer.block(one.body)}`);
  return `select do${cases}end`;
}

/** The channel of a case: an operand, or an expression in parentheses. */
function selectCase(printer: Printer, one: SelectCase): string {
  const head = (value: Expr): string => (holdsBlock(value) ? `(${printExpr(printer, value)})`
    : print(printer, value, { min: precedence.bitXor, tail: false, statement: false }));
  switch (one.kind) {
    case "Recv": {
      const binding = one.binding === null ? "" : ` |${printSinglePattern(printer, one.binding)}|`;
      return `recv ${head(one.channel)}${binding}`;
    }
    case "Send": return `send ${head(one.channel)}, ${head(one.value)}`;
    case "Timeout": return `timeout ${head(one.ms)}`;
    case "Closed": return `closed ${head(one.channel)}`;
    case "Default": return "default";
  }
}
