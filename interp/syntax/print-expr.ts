// Expressions in canonical form, with the parentheses that reading them back needs and no others.
import type {
  Arg, Attribute, Call, Catch, Closure, Condition, Expr, If, Match, Select, SelectCase, Span,
} from "./ast.ts";
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

export function printExpr(page: Page, expr: Expr, context: Partial<Context> = {}): string {
  return print(page, expr, { ...loosest, ...context });
}

export function printAttributes(page: Page, attributes: Attribute[]): string {
  const shown = attributes.map((a) => (a.value === null ? a.name : `${a.name}: ${printExpr(page, a.value)}`));
  return `{. ${shown.join(", ")} .}`;
}

/** A condition or iterable: what would be taken for the statement's block stands in parentheses. */
export function printHead(page: Page, cond: Condition): string {
  const value = cond.kind === "Test" ? cond.expr : cond.value;
  const printed = holdsBlock(value) ? `(${printExpr(page, value)})` : printExpr(page, value);
  if (cond.kind === "Test") return printed;
  return `${cond.mutable ? "var" : "let"} ${printPattern(page, cond.pattern)} = ${printed}`;
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

function print(page: Page, expr: Expr, context: Context): string {
  if (context.statement && expr.kind === "If") return bare(page, expr, context);
  const strength = strengthOf(expr);
  const open = isOpenEnded(expr) && !context.tail;
  if (strength < context.min || open) return `(${bare(page, expr, loosest)})`;
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

function bare(page: Page, expr: Expr, context: Context): string {
  const nested = (e: Expr): string => print(page, e, loosest);
  const at = (e: Expr, min: number, tail = false): string => print(page, e, { min, tail, statement: false });
  switch (expr.kind) {
    case "IntLit": case "FloatLit": return expr.text;
    case "CharLit": return charLiteral(expr.value);
    case "StringLit": return quoted(expr.value);
    case "BoolLit": return String(expr.value);
    case "NullLit": return "null";
    case "InterpString": return interpolated(page, expr.parts);
    case "Name": return expr.name;
    case "ShortVariant": return `.${expr.name}`;
    case "ArrayLit": return `[${elements(page, expr.elems.map((e) => [e.span, nested(e)]))}]`;
    case "TupleLit": {
      const shown = elements(page, expr.elems.map((e) => [e.span, nested(e)]));
      return `(${shown}${expr.elems.length === 1 ? "," : ""})`;
    }
    case "MapLit": {
      if (expr.entries.length === 0) return "{}";
      const entries = expr.entries.map(({ key, value }): Shown =>
        [{ start: key.span.start, end: value.span.end }, `${at(key, 1)}: ${nested(value)}`]);
      return `{ ${elements(page, entries)} }`;
    }
    case "StructLit": {
      const shorthand = /^\.|(^|\.)[A-Z]\w*$/.test(bare(page, expr.head, loosest));
      const fields = expr.fields.map(({ name, value, span }): Shown => [span,
        shorthand && value.kind === "Name" && value.name === name ? name : `${name}: ${nested(value)}`]);
      if (expr.spread !== null) fields.unshift([expr.spread.span, `..${afterDots(nested(expr.spread))}`]);
      return `${at(expr.head, precedence.postfix)} ${fields.length === 0 ? "{}" : `{ ${elements(page, fields)} }`}`;
    }
    case "TypeValue": return printType(page, expr.type);
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
      const isBroken = page.wasBroken(expr.left.span.end, expr.right.span.start);
      return `${left} ${expr.op}${isBroken ? `\n${page.pad}    ` : " "}${right}`;
    }
    case "Pipe": return `${at(expr.left, precedence.pipe)} |> ${at(expr.right, precedence.pipe + 1, context.tail)}`;
    case "Range": {
      const sign = expr.inclusive ? "..=" : "..";
      const low = expr.low === null ? "" : at(expr.low, precedence.add);
      return `${low}${sign}${expr.high === null ? "" : afterDots(at(expr.high, precedence.add, context.tail))}`;
    }
    case "Call": return call(page, expr, context);
    case "Index": {
      const shown = expr.args.map((arg) => indexArg(page, arg)).join(", ");
      const object = expr.object.kind === "IntLit" ? expr.object.text : postfixObject(page, expr.object);
      return `${object}[${shown}]`;
    }
    case "Member": {
      // `1.e5` and `1.0` would be floats; and a command's argument must not begin with a parenthesis
      const isPlain = expr.object.kind === "IntLit" && !expr.optional && !/^e?\d/i.test(expr.name);
      const object = isPlain ? print(page, expr.object, loosest) : postfixObject(page, expr.object);
      return `${object}${expr.optional ? "?." : "."}${expr.name}`;
    }
    case "Unwrap": return `${postfixObject(page, expr.operand)}.?`;
    case "Deref": return `${postfixObject(page, expr.operand)}.*`;
    case "AddressOf": {
      const operand = at(expr.operand, precedence.unary, context.tail);
      return operand.startsWith("&") ? `&(${operand})` : `&${operand}`;
    }
    case "Propagate":
      if (expr.prefix) return `try ${at(expr.operand, precedence.unary, context.tail)}`;
      if (awaits(expr.operand)) return `${bare(page, expr.operand, loosest)}?`;
      return `${postfixObject(page, expr.operand)}?`;
    case "Catch": return handled(page, expr, context);
    case "Cast": return `${at(expr.operand, precedence.cast)} as ${castType(page, expr.type)}`;
    case "Closure": return closure(page, expr, false);
    case "If": return condition(page, expr, context);
    case "Match": return match(page, expr);
    case "Block": return page.block(expr);
    case "Nursery": {
      const options = expr.options.length === 0 ? "" : `(${args(page, expr.options)})`;
      return `nursery${options}${expr.binding === null ? "" : ` |${expr.binding}|`} ${page.block(expr.body)}`;
    }
    case "Shield": {
      const options = expr.options.length === 0 ? "" : `(${args(page, expr.options)})`;
      return `shield${options} ${page.block(expr.body)}`;
    }
    case "Spawn": {
      const attributes = expr.attributes.length === 0 ? "" : `${printAttributes(page, expr.attributes)} `;
      return `${expr.form} ${attributes}${at(expr.call, precedence.postfix)}`;
    }
    case "Await": {
      const { operand } = expr;
      const prefix = operand.kind === "Await" || (operand.kind === "Propagate" && operand.prefix);
      const shown = prefix ? at(operand, precedence.unary, context.tail)
        : endsInQuestion(operand) ? `(${nested(operand)})` : at(operand, precedence.postfix);
      return `await ${shown}`;
    }
    case "Select": return select(page, expr);
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
function indexArg(page: Page, arg: Expr): string {
  const open = arg.kind === "Range" && (arg.low === null || arg.high === null);
  const shown = open ? bare(page, arg, loosest) : print(page, arg, loosest);
  return shown.startsWith("[") && arg.kind !== "TypeValue" && arg.kind !== "ArrayLit" ? `(${shown})` : shown;
}

/** What stands before `.`: `1.x` would lex as a number, `e?.x` as another operator. */
function postfixObject(page: Page, object: Expr): string {
  if (object.kind === "IntLit" || endsInQuestion(object)) return `(${print(page, object, loosest)})`;
  return print(page, object, { min: precedence.postfix, tail: false, statement: false });
}

function castType(page: Page, type: Parameters<typeof printType>[1]): string {
  const shown = printType(page, type);
  return type.kind === "FuncType" || type.kind === "ErrorUnionType" ? `(${shown})` : shown;
}

function charLiteral(value: number): string {
  return `'${escaped(String.fromCodePoint(value), "'")}'`;
}

function interpolated(page: Page, parts: (string | { expr: Expr; format: string | null })[]): string {
  let made = "";
  for (const part of parts) {
    if (typeof part === "string") {
      for (const piece of part.split(/([{}])/)) {
        made += piece === "{" || piece === "}" ? piece + piece : escaped(piece, '"');
      }
      continue;
    }
    // A string ends on its line, and so do the expressions in it.
    let shown = page.flat(() => printExpr(page, part.expr));
    // A colon outside of brackets would begin the format.
    if (shown.startsWith("{") || (shown.includes(":") && /\bdo\b/.test(shown))) shown = `(${shown})`;
    made += `{${shown}${part.format === null ? "" : `:${part.format}`}}`;
  }
  return `$"${made}"`;
}

// ---------------------------------------------------------------- calls

function args(page: Page, list: Arg[]): string {
  return elements(page, list.map((arg) =>
    [arg.span, `${arg.name === null ? "" : `${arg.name}: `}${printExpr(page, arg.value)}`]));
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
function commandArg(page: Page, arg: Arg): string {
  if (!endsInDo(arg.value)) return args(page, [arg]);
  return `${arg.name === null ? "" : `${arg.name}: `}(${printExpr(page, arg.value)})`;
}

/** A closure in braces or `do` stands after the parentheses, and replaces empty ones. */
/** A piece of a list: where it stood, and how it is printed. */
type Shown = [span: Span, text: string];

/** The pieces of a list, with a line's end after the commas after which there was one. */
function elements(page: Page, shown: Shown[]): string {
  return shown.map(([span, text], i) => {
    const before = shown[i - 1];
    if (before === undefined) return text;
    return `,${page.wasBroken(before[0].end, span.start) ? `\n${page.pad}    ` : " "}${text}`;
  }).join("");
}

function call(page: Page, expr: Call, context: Context): string {
  const callee = expr.callee.kind === "Call" || expr.callee.kind === "Propagate" || expr.callee.kind === "Closure"
    ? calleeOf(page, expr.callee) : print(page, expr.callee, { min: precedence.postfix, tail: false,
      statement: false });
  const last = expr.args[expr.args.length - 1];
  const trailing = last !== undefined && last.name === null && last.value.kind === "Closure"
    && last.value.form !== "func" ? last.value : null;
  if (expr.command && context.statement) {
    const inDo = trailing !== null && trailing.form === "do" && expr.args.length > 1;
    const plain = (inDo ? expr.args.slice(0, -1) : expr.args).map((arg) => commandArg(page, arg)).join(", ");
    if (plain !== "" && !/^[-([{.&]/.test(plain)) {
      return `${callee} ${plain}${inDo ? ` ${closure(page, trailing, true)}` : ""}`;
    }
  }
  if (trailing === null) return `${callee}(${args(page, expr.args)})`;
  const others = args(page, expr.args.slice(0, -1));
  const named = expr.callee.kind === "Name" || expr.callee.kind === "Member";
  const parens = others !== "" || !named || trailing.params.length === 0 ? `(${others})` : "";
  return `${callee}${parens} ${closure(page, trailing, true)}`;
}

/** A callee that is a call itself keeps its own trailing block apart by parentheses. */
function calleeOf(page: Page, expr: Expr): string {
  const shown = print(page, expr, loosest);
  return /(\)|\])$/.test(shown) && expr.kind === "Call" ? shown : `(${shown})`;
}

function closure(page: Page, expr: Closure, trailing: boolean): string {
  const params = expr.params.map((param) => page.param(param)).join(", ");
  if (expr.form === "func") {
    const result = expr.result === null ? "" : ` -> ${printType(page, expr.result)}`;
    return `func(${params})${result} ${page.block(expr.body)}`;
  }
  const bars = params === "" ? (trailing ? "" : " ||") : ` |${params}|`;
  return expr.form === "brace" ? page.block(expr.body, `{${bars}`, "}") : page.block(expr.body, `do${bars}`,
    "end");
}

function handled(page: Page, expr: Catch, context: Context): string {
  const operand = print(page, expr.operand, { min: precedence.orElse + 1, tail: false, statement: false });
  const binding = expr.binding === null ? "" : ` |${expr.binding}|`;
  if (expr.handler.kind === "Block") return `${operand} catch${binding} ${page.block(expr.handler)}`;
  const handler = print(page, expr.handler, { min: precedence.orElse, tail: context.tail, statement: false });
  const confusing = /^(do\b|\{|\w+ (do\b|\{)|\w+$)/.test(handler) && !/^\w+$/.test(handler);
  return `${operand} catch${binding} ${confusing ? `(${handler})` : handler}`;
}

// ---------------------------------------------------------------- if, match, select

function condition(page: Page, expr: If, context: Context): string {
  if (expr.postfix && expr.cond.kind === "Test" && expr.then.stmts.length === 1) {
    const test = print(page, expr.cond.expr, { ...loosest, tail: context.tail });
    return `${page.stmt(expr.then.stmts[0]!)} when ${test}`;
  }
  if (page.isFlat) return chain(page, expr, true);
  if (expr.then.stmts.length <= 1 && page.wasInline(expr.span)) {
    const inline = chain(page, expr, true);
    if (!inline.includes("\n") && page.fits(inline)) return inline;
  }
  return chain(page, expr, false);
}

function chain(page: Page, first: Expr, inline: boolean): string {
  let made = "";
  let current: Expr | null = first;
  while (current !== null && current.kind === "If" && !current.postfix) {
    made += `if ${printHead(page, current.cond)} do${chainBody(page, current.then, inline)}`;
    current = current.otherwise;
    if (current !== null) made += "else ";
  }
  if (current !== null && current.kind === "Block") {
    made = made.slice(0, -1) + chainBody(page, current, inline);
  } else if (current !== null) {
    made += `${printExpr(page, current)}${inline ? " " : `\n${page.pad}`}`;
  }
  return `${made}end`;
}

function chainBody(page: Page, block: Extract<Expr, { kind: "Block" }>, inline: boolean): string {
  if (!inline) return page.lines(block);
  const body = block.stmts.map((stmt) => page.stmt(stmt)).join("; ");
  return body === "" ? " " : ` ${body} `;
}

function match(page: Page, expr: Match): string {
  const subject = printHead(page, { kind: "Test", expr: expr.subject, span: expr.subject.span });
  const arms = page.list(expr.arms, expr.span.end, " ", (arm) => {
    const guard = arm.guard === null ? ""
      : ` when ${printHead(page, { kind: "Test", expr: arm.guard, span: arm.guard.span })}`;
    const body = printExpr(page, arm.body, { statement: true });
    // `=> {}` is an arm that does nothing.
    return `${printPattern(page, arm.pattern)}${guard} => ${body.startsWith("{}") ? `(${body})` : body},`;
  });
  return `match ${subject} {${arms}}`;
}

function select(page: Page, expr: Select): string {
  const cases = page.list(expr.cases, expr.span.end, "; ",
    (one) => `${selectCase(page, one)} ${page.block(one.body)}`);
  return `select do${cases}end`;
}

/** The channel of a case: an operand, or an expression in parentheses. */
function selectCase(page: Page, one: SelectCase): string {
  const head = (value: Expr): string => (holdsBlock(value) ? `(${printExpr(page, value)})`
    : print(page, value, { min: precedence.bitXor, tail: false, statement: false }));
  switch (one.kind) {
    case "Recv": {
      const binding = one.binding === null ? "" : ` |${printSinglePattern(page, one.binding)}|`;
      return `recv ${head(one.channel)}${binding}`;
    }
    case "Send": return `send ${head(one.channel)}, ${head(one.value)}`;
    case "Timeout": return `timeout ${head(one.ms)}`;
    case "Closed": return `closed ${head(one.channel)}`;
    case "Default": return "default";
  }
}
