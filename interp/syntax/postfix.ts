// What follows an operand: members, calls, indexing, `?`, `.?`, `.*`, struct literals and trailing blocks; and calls
// without parentheses, which are statements only.
import type { Arg, Call, Expr, TypeExpr } from "./ast.ts";
import { parseBracedClosure } from "./closures.ts";
import { type Cursor, nesting_max } from "./cursor.ts";
import { atChoice, readNamed, readPathMark, readSliceMark } from "./elsewhere.ts";
import { printOption } from "./foreign.ts";
import { parseExpr, parseNested, parsePrimary } from "./grammar.ts";
import { opensFields, startsExpr } from "./lookahead.ts";
import { isWord, type Token } from "./token.ts";
import { atAny, parseType } from "./types.ts";

/** An operand with everything that follows it. `stopAtQuestion`: a `?` is left to the caller (`await f()?`). */
export function parseOperand(p: Cursor, stopAtQuestion: boolean): Expr {
  const outerHeight = p.height;
  p.height = 0;
  const primary = parsePrimary(p);
  p.height += 1;
  const operand = parsePostfix(p, primary, stopAtQuestion);
  p.height = Math.max(outerHeight, p.height);
  return operand;
}

export function parsePostfix(p: Cursor, first: Expr, stopAtQuestion: boolean): Expr {
  let made = first;
  const { start } = first.span;
  for (;;) {
    const { token } = p;
    let next: Expr | null = null;
    switch (token.kind) {
      case ".": case "?.": next = parseMember(p, made); break;
      case "(": if (!token.newline) next = parseCall(p, made); break;
      case "[": if (!token.newline) next = parseIndex(p, made); break;
      case "?":
        if (token.newline || stopAtQuestion || atChoice(p)) break;
        p.advance();
        next = { kind: "Propagate", operand: made, prefix: false, span: p.spanFrom(start) };
        break;
      case ".?":
        p.advance();
        next = { kind: "Unwrap", operand: made, span: p.spanFrom(start) };
        break;
      case ".*":
        p.advance();
        next = { kind: "Deref", operand: made, span: p.spanFrom(start) };
        break;
      case "{":
        if (token.newline) break;
        if (!p.inHead) next = parseBraceAfter(p, made);
        else if (p.peek().kind === "|" && takesBlock(made)) next = closureInHead(p, made);
        break;
      case ":": next = readPathMark(p, made); break;
      case "do":
        if (!token.newline && !p.inHead && !p.inCommand && takesBlock(made)) next = attachClosure(p, made);
        break;
    }
    if (next === null) return made;
    made = next;
    p.height += 1;
    if (p.height > nesting_max) {
      p.refuseDepth();
      return made;
    }
  }
}

function parseMember(p: Cursor, object: Expr): Expr | null {
  const { token } = p;
  const name = p.peek();
  if (name.kind === "}" && p.adjacent(token, name)) return null; // the end of an attribute, `.}`
  if (token.newline && p.inArm && startsArm(p)) return null;
  if (!isWord(name) && !(name.kind === "int" && /^\d+$/.test(name.text))) {
    p.advance();
    p.expectName("a name after `.`");
    return { kind: "Member", object, name: "", nameSpan: p.spanOf(name), optional: token.kind === "?.",
      span: p.spanFrom(object.span.start) };
  }
  p.advance();
  p.advance();
  return { kind: "Member", object, name: name.text, nameSpan: p.spanOf(name), optional: token.kind === "?.",
    span: p.spanFrom(object.span.start) };
}

/**
 * At a `.` that begins a line within an arm's body: is this the next arm (`.Rect { w } => …`) or does the expression
 * go on (`.trim()`)? Looks for the arrow on what is left of the line.
 */
export function startsArm(p: Cursor): boolean {
  let open = 0;
  for (let ahead = 1; ; ahead++) {
    const token = p.peek(ahead);
    if (token.kind === "eof" || (open === 0 && token.newline)) return false;
    switch (token.kind) {
      case "(": case "[": case "{": open += 1; break;
      case ")": case "]": case "}":
        if (open === 0) return false;
        open -= 1;
        break;
      case "=>": case "->": if (open === 0) return true; break;
    }
  }
}

function parseCall(p: Cursor, callee: Expr): Expr {
  const opener = p.advance();
  const args = parseArgs(p, opener, callee.kind === "Name" ? callee.name : "");
  return { kind: "Call", callee, args, command: false, span: p.spanFrom(callee.span.start) };
}

/** The arguments after `(`, and the `)`. */
export function parseArgs(p: Cursor, opener: Token, callee = ""): Arg[] {
  const args: Arg[] = [];
  p.openParens += 1;
  while (!p.at(")") && !p.at("eof")) {
    args.push(parseArg(p, true, callee));
    if (!p.eat(",")) break;
  }
  p.openParens -= 1;
  p.expectClosing(")", opener);
  return args;
}

function parseArg(p: Cursor, nested: boolean, callee = ""): Arg {
  const { start } = p.token;
  let name: string | null = null;
  if (isWord(p.token) && p.peek().kind === ":" && !(p.peek(2).kind === ":" && p.adjacent(p.peek(), p.peek(2)))) {
    name = p.advance().text;
    p.advance();
  } else if (nested && isWord(p.token) && p.peek().kind === "=") {
    name = readNamed(p, callee);
    if (printOption(callee, name) !== null) name = null;
  }
  const value = nested ? parseNested(p) : parseExpr(p);
  return { name, value, span: p.spanFrom(start) };
}

// ---------------------------------------------------------------- indexing and type arguments

function parseIndex(p: Cursor, object: Expr): Expr {
  const opener = p.advance();
  const args: Expr[] = [];
  p.openParens += 1;
  do {
    if (p.at("]") && args.length > 0) break;
    const arg = p.at(":") ? null : parseIndexArg(p);
    args.push(arg === null || p.at(":") ? readSliceMark(p, object, arg) : arg);
  } while (p.eat(","));
  p.openParens -= 1;
  p.expectClosing("]", opener);
  return { kind: "Index", object, args, span: p.spanFrom(object.span.start) };
}

/** An index or a type argument; what can only be a type becomes a TypeValue. */
function parseIndexArg(p: Cursor): Expr {
  const { start } = p.token;
  if (startsTypeOnly(p)) {
    const type = parseType(p);
    return { kind: "TypeValue", type, span: p.spanFrom(start) };
  }
  const value = parseNested(p);
  if (value.kind === "Propagate" && !value.prefix) {
    const type = asType(value);
    if (type !== null) return { kind: "TypeValue", type, span: value.span };
  }
  return value;
}

/**
 * `[]T`, `[4]T`, `?T`, `*T`, `!T`, `func(A) -> R`, and a tuple with one of them: no expression begins so, or (func)
 * ends so. from: tokens ahead of the current one.
 */
function startsTypeOnly(p: Cursor, from = 0): boolean {
  switch (from === 0 ? p.token.kind : p.peek(from).kind) {
    case "word": return atAny(p, from);
    case "?": case "??": case "*": case "**": return true;
    case "(": {
      let open = 1;
      for (let ahead = from + 1; open > 0; ahead++) {
        const before = p.peek(ahead - 1).kind;
        const isElement = open === 1 && (ahead === from + 1 || before === ",");
        if (isElement && startsTypeOnly(p, ahead)) return true;
        const { kind } = p.peek(ahead);
        if (kind === "eof") return false;
        if (kind === "(" || kind === "[" || kind === "{") open += 1;
        else if (kind === ")" || kind === "]" || kind === "}") open -= 1;
      }
      return false;
    }
    case "[": {
      const size = p.peek(from + 1).kind === "]" ? 0 : 1;
      const closer = p.peek(from + 1 + size);
      const elem = p.peek(from + 2 + size);
      if (closer.kind !== "]" || !p.adjacent(closer, elem)) return false;
      // `[4][]T` is a type, `[a][0]` an element of an array
      if (size === 1 && elem.kind === "[") return startsTypeOnly(p, from + 2 + size);
      return ["word", "[", "?", "??", "*", "**", "(", "func"].includes(elem.kind);
    }
    case "func": {
      let open = 0;
      for (let ahead = from + 1; ; ahead++) {
        const { kind } = p.peek(ahead);
        if (kind === "(" || kind === "[") open += 1;
        else if (kind === ")" || kind === "]") {
          if (open === 0) return true;
          open -= 1;
        } else if (kind === "do" || kind === "{" || kind === "eof") return false;
        else if (kind === "," && open === 0) return true;
      }
    }
    default: return false;
  }
}

/** `T?`, `Map[K, V]?` read as an expression, as the type it is; null for what names no type. */
function asType(expr: Expr): TypeExpr | null {
  const { span } = expr;
  switch (expr.kind) {
    case "TypeValue": return expr.type;
    case "Name":
      return /^[A-Z]|^([iu](8|16|32|64|size)|f32|f64|bool|string|void)$/.test(expr.name)
        ? { kind: "NamedType", path: [expr.name], args: [], span } : null;
    case "Member": {
      const object = asPath(expr.object);
      return object !== null && /^[A-Z]/.test(expr.name)
        ? { kind: "NamedType", path: [...object, expr.name], args: [], span } : null;
    }
    case "Index": {
      const object = asType(expr.object);
      if (object === null || object.kind !== "NamedType") return null;
      const args = expr.args.map(asType);
      return args.includes(null) ? null : { ...object, args: args as TypeExpr[], span };
    }
    case "Propagate": {
      const of = expr.prefix ? null : asType(expr.operand);
      return of === null ? null : { kind: "OptionalType", of, span };
    }
    default: return null;
  }
}

function asPath(expr: Expr): string[] | null {
  if (expr.kind === "Name") return [expr.name];
  if (expr.kind !== "Member" || expr.optional) return null;
  const object = asPath(expr.object);
  return object === null ? null : [...object, expr.name];
}

// ---------------------------------------------------------------- braces and trailing blocks

/** What a trailing block can be an argument of. */
function takesBlock(callee: Expr): boolean {
  return callee.kind === "Name" || callee.kind === "Member" || callee.kind === "Call" || callee.kind === "Index";
}

/** A `{` on the same line: a struct literal after a type's or variant's name, else a trailing block of a call. */
function parseBraceAfter(p: Cursor, head: Expr): Expr | null {
  const first = p.peek();
  if (first.kind === "|" || first.kind === "||") return takesBlock(head) ? attachClosure(p, head) : null;
  if (head.kind === "ShortVariant") return parseStructLit(p, head);
  if (head.kind === "Call") return attachClosure(p, head);
  if (head.kind !== "Name" && head.kind !== "Member" && head.kind !== "Index") return null;
  const name = head.kind === "Index" ? nameOf(head.object) : nameOf(head);
  if (name === null) return null;
  if (/^[A-Z]/.test(name) || opensFields(first, p.peek(2))) return parseStructLit(p, head);
  return head.kind === "Index" ? null : attachClosure(p, head);
}

function nameOf(expr: Expr): string | null {
  return expr.kind === "Name" || expr.kind === "Member" ? expr.name : null;
}

/** The block becomes the last argument of the call, or makes one of what stands before it. */
function attachClosure(p: Cursor, callee: Expr): Call {
  const value = parseBracedClosure(p);
  const arg: Arg = { name: null, value, span: value.span };
  const span = p.spanFrom(callee.span.start);
  if (callee.kind === "Call" && !callee.command && p.tokens[p.index]!.start >= callee.span.end) {
    return { ...callee, args: [...callee.args, arg], span };
  }
  return { kind: "Call", callee, args: [arg], command: false, span };
}

/** No statement's block begins with `|`, so a closure is what was meant. */
function closureInHead(p: Cursor, callee: Expr): Call {
  p.note("J0131", p.spanOf(p.token), "a closure in the head of a statement needs parentheses", {
    hint: "put them around the whole call: `if let x = (xs.find { |n| n > 1 }) do`",
  });
  return attachClosure(p, callee);
}

function parseStructLit(p: Cursor, head: Expr): Expr {
  const opener = p.advance();
  let spread: Expr | null = null;
  const fields: { name: string; value: Expr; span: { start: number; end: number } }[] = [];
  p.openParens += 1;
  while (!p.at("}") && !p.at("eof")) {
    const { token } = p;
    if (p.at("..") && spread === null) {
      p.advance();
      spread = parseNested(p);
    } else if (isWord(token)) {
      p.advance();
      if (p.at("=")) {
        p.note("J0112", p.spanOf(p.token), "the value of a field stands behind a colon", { hint: "write `:` for `=`" });
      }
      const value: Expr = p.eat(":") || p.eat("=") ? parseNested(p)
        : { kind: "Name", name: token.text, span: p.spanOf(token) };
      fields.push({ name: token.text, value, span: p.spanFrom(token.start) });
    } else {
      p.expectName("the name of a field");
      break;
    }
    if (!p.eat(",") && !(p.token.newline && (isWord(p.token) || p.at("..")))) break;
  }
  p.openParens -= 1;
  p.expectClosing("}", opener);
  return { kind: "StructLit", head, spread, fields, span: p.spanFrom(head.span.start) };
}

// ---------------------------------------------------------------- command calls

/**
 * After the expression of a statement: are there arguments without parentheses, as in `log.info "started", port: 8080`?
 * They begin on the same line after a blank, with a token that cannot continue an expression.
 */
export function startsCommand(p: Cursor, callee: Expr): boolean {
  if (callee.kind !== "Name" && callee.kind !== "Member") return false;
  const { token } = p;
  if (token.newline || p.lastEnd === token.start || token.kind === "eof") return false;
  switch (token.kind) {
    case "-": case "(": case "[": case "{": case "do": case ".": case "&":
      return false;
    case "return": case "break": case "continue": case "fail":
      return false;
    case "word":
      return token.text !== "when" && token.text !== "then" && p.peek().kind !== "=" && p.peek().kind !== ":=";
    default:
      return startsExpr(p, token);
  }
}

/** The arguments of a command call. `single`: in an arm, where a comma ends the body. */
export function parseCommand(p: Cursor, callee: Expr, single: boolean): Expr {
  const args: Arg[] = [];
  const { inCommand } = p;
  p.inCommand = true;
  do args.push(parseArg(p, false));
  while (!single && p.eat(","));
  p.inCommand = inCommand;
  const call: Call = { kind: "Call", callee, args, command: true, span: p.spanFrom(callee.span.start) };
  if (!p.at("do") || p.token.newline) return call;
  const value = parseBracedClosure(p);
  args.push({ name: null, value, span: value.span });
  return { ...call, span: p.spanFrom(callee.span.start) };
}
