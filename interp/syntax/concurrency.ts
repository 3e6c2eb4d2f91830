// Nurseries, `spawn` and `async`, `shield`, and `select` with its cases.
import type {
  Arg, Attribute, Block, Closure, Expr, Nursery, Pattern, Select, SelectCase, Shield, Spawn,
} from "./ast.ts";
import { atListEnd, openBlock, parseBlock, parseBody, parseItems } from "./blocks.ts";
import { parseBracedClosure } from "./closures.ts";
import type { Cursor } from "./cursor.ts";
import { readForeignCase } from "./foreign-cases.ts";
import { atAttributes, parseAttributes } from "./functions.ts";
import { parseHead } from "./grammar.ts";
import { parseSinglePattern } from "./patterns.ts";
import { parseArgs, parseOperand } from "./postfix.ts";
import { precedence } from "./precedence.ts";
import { describe, type Token } from "./token.ts";

/** `nursery do`, `nursery |n| do`, `nursery do |n|`, `nursery(deadline: 500) do`. */
export function parseNursery(p: Cursor): Nursery {
  const owner = p.advance();
  const options: Arg[] = p.at("(") ? parseArgs(p, p.advance()) : [];
  let binding = parseBinding(p) ?? readBareBinding(p);
  const from = p.token.start;
  const block = openBlock(p, { what: "`nursery`", owner });
  let body: Block = { kind: "Block", stmts: [], span: p.spanFrom(from) };
  if (block !== null) {
    if (binding === null) binding = parseBinding(p);
    const stmts = parseBody(p, block);
    body = { kind: "Block", stmts, span: p.spanFrom(from) };
  }
  return { kind: "Nursery", options, binding, body, span: p.spanFrom(owner.start) };
}

/** `nursery n do`: told, and taken as `nursery |n| do`. */
function readBareBinding(p: Cursor): string | null {
  if (!p.at("word") || p.token.newline) return null;
  p.note("J0112", p.spanOf(p.token), "the name of a nursery stands between bars",
    { hint: `write \`nursery |${p.token.text}| do\`` });
  return p.advance().text;
}

function parseBinding(p: Cursor): string | null {
  if (!p.at("|")) return null;
  p.advance();
  const name = p.expectName("the name of the nursery");
  if (!p.eat("|")) p.unexpected("`|` after the name");
  return name?.name ?? null;
}

export function parseShield(p: Cursor): Shield {
  const owner = p.advance();
  const options: Arg[] = p.at("(") ? parseArgs(p, p.advance()) : [];
  const body = parseBlock(p, { what: "`shield`", owner });
  return { kind: "Shield", options, body, span: p.spanFrom(owner.start) };
}

/** `spawn f(a)`, `spawn func() do … end`, `spawn do … end`, `spawn {. stack: 524288 .} f()`. */
export function parseSpawn(p: Cursor): Spawn {
  const word = p.advance();
  const attributes: Attribute[] = atAttributes(p) ? parseAttributes(p) : [];
  return finishSpawn(p, word, "spawn", attributes);
}

export function parseAsync(p: Cursor): Spawn {
  return finishSpawn(p, p.advance(), "async", []);
}

function finishSpawn(p: Cursor, word: Token, form: "spawn" | "async", attributes: Attribute[]): Spawn {
  const entered = p.enter();
  const call = entered ? parseSpawned(p) : p.errorExpr();
  if (entered) p.leave();
  const fits = call.kind === "Call" || call.kind === "Closure" || call.kind === "ErrorExpr";
  if (!fits) {
    const name = p.source.text.slice(call.span.start, Math.min(call.span.end, call.span.start + 40));
    p.note("J0127", call.span, `\`${form}\` needs a call or a \`func() do … end\``, {
      hint: call.kind === "Name" || call.kind === "Member" ? `write \`${form} ${name}()\``
        : "put the work in a function",
    });
  }
  return { kind: "Spawn", attributes, form, call: fits ? call : p.errorExpr(call.span.start),
    span: p.spanFrom(word.start) };
}

function parseSpawned(p: Cursor): Expr {
  if (!p.inHead && (p.at("do") || p.at("{"))) {
    const closure = parseBracedClosure(p) as Closure;
    return closure;
  }
  return parseOperand(p, true);
}

// ---------------------------------------------------------------- select

/** What the runtime waits for at once (SELECT_CASES_MAX). */
const CASES_MAX = 64;

export function parseSelect(p: Cursor): Select {
  const owner = p.advance();
  const cases: SelectCase[] = [];
  parseItems(p, { what: "`select`", owner }, {
    one: () => {
      if (readForeignCase(p)) return;
      const made = parseCase(p);
      if (made !== null) cases.push(made);
    },
    atEnd: () => atListEnd(p) && !p.at("else"),
    between: null,
  });
  if (cases.length > CASES_MAX) {
    p.note("J0128", cases[CASES_MAX]!.span, `a select has at most ${CASES_MAX} cases, and this one ${cases.length}`);
  }
  return { kind: "Select", cases, span: p.spanFrom(owner.start) };
}

function parseCase(p: Cursor): SelectCase | null {
  const owner = p.token;
  switch (owner.kind === "word" ? owner.text : "") {
    case "recv": {
      p.advance();
      const channel = parseChannel(p);
      const { binding, bindingSpan, body } = parseBoundBody(p, owner, "`recv`");
      return { kind: "Recv", channel, binding, body, span: p.spanFrom(owner.start), bindingSpan };
    }
    case "send": {
      p.advance();
      const channel = parseChannel(p);
      p.expect(",", "between the channel and the value");
      const value = parseHead(p);
      const body = parseBlock(p, { what: "`send`", owner });
      return { kind: "Send", channel, value, body, span: p.spanFrom(owner.start) };
    }
    case "timeout": {
      p.advance();
      const ms = parseHead(p);
      const body = parseBlock(p, { what: "`timeout`", owner });
      return { kind: "Timeout", ms, body, span: p.spanFrom(owner.start) };
    }
    case "closed": {
      p.advance();
      const channel = parseChannel(p);
      const body = parseBlock(p, { what: "`closed`", owner });
      return { kind: "Closed", channel, body, span: p.spanFrom(owner.start) };
    }
    case "default": {
      p.advance();
      const body = parseBlock(p, { what: "`default`", owner });
      return { kind: "Default", body, span: p.spanFrom(owner.start) };
    }
    case "case":
      return parseCallCase(p, owner);
    default: {
      p.report("J0128", p.spanOf(owner), `expected a case of \`select\`, found ${describe(owner)}`, {
        hint: "the cases are `recv`, `send`, `timeout`, `closed` and `default`",
      });
      return null;
    }
  }
}

/** The channel of a case: `|` after it names what was received. */
function parseChannel(p: Cursor): Expr {
  return parseHead(p, precedence.bitXor);
}

/** `|v| do … end` or `do |v| … end`; the binding may be missing. */
function parseBoundBody(p: Cursor, owner: Token, what: string):
  { binding: Pattern | null; bindingSpan: { start: number; end: number } | null; body: Block } {
  let binding = parseReceived(p);
  const from = p.token.start;
  const block = openBlock(p, { what, owner });
  let body: Block = { kind: "Block", stmts: [], span: p.spanFrom(from) };
  if (block !== null) {
    if (binding === null) binding = parseReceived(p);
    body = { kind: "Block", stmts: parseBody(p, block), span: p.spanFrom(from) };
  }
  return { binding, bindingSpan: binding?.span ?? null, body };
}

function parseReceived(p: Cursor): Pattern | null {
  if (!p.at("|")) return null;
  p.advance();
  const pattern = parseSinglePattern(p);
  if (!p.eat("|")) p.unexpected("`|` after the name");
  return pattern;
}

/** `case ch.recv() do`, `case m = ch.recv() do`, `case ch.send(v) do`, `case timeout(100) do`, `case default do`. */
function parseCallCase(p: Cursor, owner: Token): SelectCase | null {
  p.advance();
  if (p.atWord("default") && (p.peek().kind === "do" || p.peek().kind === "{")) return parseCase(p);
  let binding: Pattern | null = null;
  const letForm = p.eat("let");
  const named = p.peek().kind === "=" || p.peek().kind === ":=";
  if (letForm || named || p.at("(")) {
    binding = parseSinglePattern(p);
    if (!p.eat("=") && !p.eat(":=")) p.unexpected("`=` after the pattern");
  }
  const expr = parseHead(p, precedence.bitXor);
  const method = expr.kind === "Call" && expr.callee.kind === "Member" ? expr.callee : null;
  const args = expr.kind === "Call" ? expr.args : [];
  const at = { start: owner.start, end: owner.end };
  if (method !== null && method.name === "recv" && args.length === 0) {
    const rest = parseBoundBody(p, owner, "`case`");
    const bound = binding ?? rest.binding;
    return { kind: "Recv", channel: method.object, binding: bound, body: rest.body, span: p.spanFrom(owner.start),
      bindingSpan: bound?.span ?? null };
  }
  if (binding === null && method !== null && method.name === "send" && args.length === 1) {
    const body = parseBlock(p, { what: "`case`", owner });
    return { kind: "Send", channel: method.object, value: args[0]!.value, body, span: p.spanFrom(owner.start) };
  }
  if (binding === null && expr.kind === "Call" && expr.callee.kind === "Name" && expr.callee.name === "timeout"
    && args.length === 1) {
    const body = parseBlock(p, { what: "`case`", owner });
    return { kind: "Timeout", ms: args[0]!.value, body, span: p.spanFrom(owner.start) };
  }
  p.note("J0128", expr.kind === "ErrorExpr" ? at : expr.span, "a case waits for `ch.recv()` or `ch.send(value)`");
  parseBlock(p, { what: "`case`", owner });
  return null;
}
