// Blocks in both dresses, `do … end` and `{ … }`, the lists of statements in them, and what to say when one is left
// open: the indentation then tells which.
import type { Block, Stmt } from "./ast.ts";
import type { Cursor, OpenBlock } from "./cursor.ts";
import { parseStatement } from "./grammar.ts";
import { habitBetween } from "./foreign.ts";
import { readHabit } from "./habits.ts";
import { lineIndex } from "./source.ts";
import { describe, type Token } from "./token.ts";

export interface BlockOptions {
  /** What the block belongs to, for messages: "`while`". */
  what: string;
  /** First token of the statement or declaration that has the block. */
  owner: Token;
  /** `then` may stand for `do`. */
  allowThen?: boolean;
  /** An expression stands before the block: a struct literal in it may have been meant. */
  head?: boolean;
}

/** True where a block can begin. */
export function atBlock(p: Cursor): boolean {
  return p.at("do") || p.at("{");
}

/** `do … end` or `{ … }`. Where neither stands, the error says so and the block is empty. */
export function parseBlock(p: Cursor, options: BlockOptions): Block {
  const start = p.token.start;
  const opener = openBlock(p, options);
  if (opener === null) return { kind: "Block", stmts: [], span: p.spanFrom(start) };
  const stmts = parseBody(p, opener);
  return { kind: "Block", stmts, span: p.spanFrom(start) };
}

/** Reads the opener. After an error in a head the rest of the line is skipped to find it. */
export function openBlock(p: Cursor, options: BlockOptions): OpenBlock | null {
  const opens = (): boolean => p.at("do") || p.at("{") || (options.allowThen === true && p.atWord("then"));
  if (!opens()) {
    const found = describe(p.token);
    if (!p.recovering) {
      const habit = habitBetween(p.tokens[p.index - 1], p.token, p.source.text);
      const single = habit === null && p.token.newline ? statementBelow(p, options.owner) : null;
      if (habit !== null) p.report(habit.code, p.spanOf(p.token), habit.message, { hint: habit.hint });
      else p.unexpected(`\`do\` after the head of ${options.what}`, missingBlock(p, options.owner, single));
      if (single !== null) return null;
      if (p.token.newline || p.at("eof")) {
        // The head stands alone on its line: most likely only the `do` is missing, and its `end` will come.
        p.recovering = true;
        return p.at("eof") || found === "`end`" ? null : { opener: options.owner, closer: "end", ...pick(options) };
      }
    }
    // Past the rest of the head, to its block.
    while (!opens() && !p.token.newline && !p.at("eof") && !p.at(";")) p.advance();
    if (!opens() || p.token.newline) {
      skipBraceless(p);
      return null;
    }
  }
  const literalAt = p.index;
  while (p.at("{") && options.head === true && opensLiteral(p)) {
    // Of several literals in one head the first is told; all are read over.
    const type = p.tokens[p.index - 1]!;
    if (p.index === literalAt) {
      p.note("J0131", { start: type.start, end: p.token.end },
        "a struct literal in the head of a statement needs parentheses", {
        hint: `write \`(${type.text} { … })\``,
      });
    }
    skipBraces(p);
    while (!opens() && !p.token.newline && !p.at("eof")) p.advance();
    if (!opens()) return null;
  }
  const opener = p.advance();
  return { opener, closer: opener.kind === "{" ? "}" : "end", ...pick(options) };
}

/**
 * The line below a head without a block, where it alone is what the head is about, as in C: indented, and nothing below
 * it is, nor closes a block there. Its text; null for any other.
 */
function statementBelow(p: Cursor, owner: Token): string | null {
  const column = p.lineColumn(owner);
  if (p.at("eof") || p.lineColumn(p.token) <= column || !hasBody.has(owner.kind)) return null;
  let last = p.token;
  for (let ahead = 1; ahead < braceless_max; ahead++) {
    const token = p.peek(ahead);
    if (token.newline || token.kind === "eof") {
      const isOutside = p.lineColumn(token) < column || (p.lineColumn(token) === column && !isCloser(token.kind));
      return isOutside ? p.source.text.slice(p.token.start, last.end) : null;
    }
    last = token;
  }
  return null;
}

/** Tokens of a statement without braces that are looked at. */
const braceless_max = 200;
const hasBody = new Set(["if", "while", "for"]);
const isCloser = (kind: string): boolean => kind === "end" || kind === "}" || kind === "else";

/** What to write where a head has no `do`: `below` is the one statement that it was to have. */
function missingBlock(p: Cursor, owner: Token, below: string | null): { hint?: string } {
  if (p.at("=")) return { hint: "`=` assigns; `==` compares" };
  const { text } = p.source;
  const head = text.slice(owner.start, p.lastEnd);
  if (head.includes("\n") || head.length > shown_max) return { hint: "its block stands between `do` and `end`" };
  if (below === null && (p.token.newline || p.at("eof"))) return { hint: `write \`${head} do\`` };
  const from = p.at(":") ? p.token.end : p.token.start;
  const lineEnd = text.indexOf("\n", from);
  const rest = below ?? text.slice(from, lineEnd < 0 ? text.length : lineEnd).replace(/\/\/.*/, "");
  if (/\b(do|end)\b|[{}]/.test(rest) || rest.length > shown_max || rest.trim() === "") return {};
  const body = rest.trim().replace(/\s*;?\s*\belse\b:?/, " else").replace(/;$/, "");
  return { hint: `write \`${head} do ${body} end\`` };
}

/** As much of the program as a hint repeats. */
const shown_max = 60;

/** What belongs to a statement without braces: the rest of its line, and an `else` behind it or below. */
function skipBraceless(p: Cursor): void {
  const toLineEnd = (): void => {
    do p.advance();
    while (!p.token.newline && !p.at("eof") && !p.at("end") && !p.at("}"));
  };
  if (p.at(";") && p.peek().kind === "else") toLineEnd();
}

/** `Point { x: …` where a block is expected: a type's name, then fields. */
function opensLiteral(p: Cursor): boolean {
  const type = p.tokens[p.index - 1]!;
  const [name, colon, value] = [p.peek(), p.peek(2), p.peek(3)];
  return type.kind === "word" && /^[A-Z]/.test(type.text) && !name.newline && name.kind === "word" && colon.kind === ":"
    && !["for", "while", "loop"].includes(value.text);
}

function skipBraces(p: Cursor): void {
  let open = 0;
  do {
    if (p.at("{")) open += 1;
    else if (p.at("}")) open -= 1;
    p.advance();
  } while (open > 0 && !p.at("eof"));
}

function pick(options: BlockOptions): { owner: Token; what: string } {
  return { owner: options.owner, what: options.what };
}

/** The statements of an opened block and its closer. */
export function parseBody(p: Cursor, block: OpenBlock): Stmt[] {
  const stmts: Stmt[] = [];
  withBlock(p, block, () => {
    do parseStatements(p, stmts, false);
    while (!closeBlock(p));
  });
  return stmts;
}

/** Runs `read` inside a block: heads, arms and brackets around it have no say there. */
export function withBlock(p: Cursor, block: OpenBlock, read: () => void): void {
  const { inHead, inArm, inCommand, openParens } = p;
  p.inHead = false;
  p.inCommand = false;
  p.inArm = false;
  p.parensAround += openParens;
  p.openParens = 0;
  block.first = p.token;
  p.blocks.push(block);
  const entered = p.enter();
  if (entered) {
    p.recovering = false;
    read();
    p.leave();
  }
  p.blocks.pop();
  p.inHead = inHead;
  p.inCommand = inCommand;
  p.inArm = inArm;
  p.openParens = openParens;
  p.parensAround -= openParens;
}

/** Statements up to a closer of any kind, which stays. `elseEnds`: foreign spellings of `else if` end the list too. */
export function parseStatements(p: Cursor, stmts: Stmt[], elseEnds: boolean): void {
  let mapKey = p.mapKeyAllowed;
  p.mapKeyAllowed = false;
  for (;;) {
    while (p.eat(";"));
    if (atListEnd(p) || p.abandoning || p.gaveUp) return;
    if (elseEnds && atForeignElse(p)) return;
    if (leftOpenBefore(p)) return;
    p.beginItem();
    const before = p.index;
    if (!readHabit(p)) parseStatement(p, stmts, elseEnds);
    if (mapKey && p.at(":")) return;
    mapKey = false;
    if (elseEnds && !p.recovering && atForeignElse(p)) return;
    endStatement(p, before);
  }
}

/** Where a list of statements or items ends: at what closes it, or something around it. */
export function atListEnd(p: Cursor): boolean {
  switch (p.token.kind) {
    case "eof": case "end": case "}": case "else": case ")": case "]": case "template-part":
      return true;
    default:
      return false;
  }
}

/** How the items of a block follow each other: the arms of `match`, the cases of `select`, the members of a type. */
export interface Items {
  /** Reads one. */
  one(): void;
  /** No further one begins here. */
  atEnd(): boolean;
  /** What must stand between two of them, for messages; null: each ends with a block of its own. */
  between: string | null;
}

/** A block of items, with its opener and closer. */
export function parseItems(p: Cursor, options: BlockOptions, items: Items): void {
  const block = openBlock(p, options);
  if (block === null) return;
  withBlock(p, block, () => {
    do parseItemList(p, items);
    while (!closeBlock(p));
  });
}

function parseItemList(p: Cursor, { one, atEnd, between }: Items): void {
  for (;;) {
    while (p.at(",") || p.at(";")) p.advance();
    if (p.abandoning || p.gaveUp || atEnd()) return;
    p.beginItem();
    const before = p.index;
    one();
    if (p.abandoning || p.gaveUp) return;
    const last = p.tokens[p.index - 1]!.kind;
    const separated = p.at(",") || p.at(";") || p.token.newline || p.at("}") || p.at("end") || p.at("eof")
      || last === "end" || last === "}";
    if (!separated && !p.recovering && between !== null) p.unexpected(between);
    if (p.recovering) p.synchronize(between === null ? null : ",");
    if (p.index === before && !p.at("eof")) p.advance();
  }
}

export function atForeignElse(p: Cursor): boolean {
  return p.atWord("elif") || p.atWord("elsif") || p.atWord("elseif");
}

/** A statement ends with its line, at `;` or before a closer. Whatever else follows is an error. */
export function endStatement(p: Cursor, before: number): void {
  if (p.abandoning || p.gaveUp) return;
  if (!p.recovering) {
    if (p.token.newline || p.at(";") || atListEnd(p)) {
      if (p.index !== before) return;
    } else {
      const previous = p.tokens[p.index - 1];
      const { token } = p;
      const habit = habitBetween(previous, token, p.source.text);
      if (habit !== null) {
        p.report(habit.code, p.spanOf(token), habit.message, { hint: habit.hint });
      } else if (token.kind === ":" && previous?.kind === "word") {
        p.report("J0112", p.spanOf(previous), "a variable is introduced with `let` or `var`", {
          hint: `write \`let ${previous.text}: T = value\``,
        });
      } else if (token.kind === "{" || token.kind === "do") {
        p.report("J0121", p.spanOf(token), `expected the end of the statement, found ${describe(token)}`,
          { hint: "a block belongs to `if`, `while`, `for`, `func` … or to a call" });
      } else {
        p.report("J0121", p.spanOf(token), `expected the end of the statement, found ${describe(token)}`);
      }
    }
  }
  if (p.recovering) p.synchronize();
  if (p.index === before && !atListEnd(p)) p.advance();
  p.recovering = false;
}

/**
 * At the end of a list: consumes the block's closer, or reports what stands in its place. False when that was a stray
 * token, now skipped, and the list goes on.
 */
export function closeBlock(p: Cursor): boolean {
  const block = p.blocks[p.blocks.length - 1]!;
  if (p.abandoning || p.gaveUp) return true;
  const { token } = p;
  if (token.kind === block.closer) {
    if (block.closer === "end") p.closed.push({ block, closer: token });
    p.advance();
    return true;
  }
  p.beginItem();
  if (token.kind === "eof" || token.kind === "template-part") {
    reportOpen(p, block);
    if (token.kind === "eof") p.abandoning = true;
    p.recovering = true;
    return true;
  }
  const outer = token.kind === "end" || token.kind === "}"
    ? p.blocks.some((other) => other !== block && other.closer === token.kind)
    : token.kind !== "else" && p.parensAround > 0;
  if (outer && !wrongDressByIndent(p, block)) {
    reportOpen(p, block);
    p.recovering = true;
    return true;
  }
  const what = token.kind === "else" ? "`else` without an `if` that it could belong to"
    : `${describe(token)} closes nothing`;
  const hint = token.kind === "else" ? "one `end` closes a whole `if … else …` chain; no `end` stands before `else`"
    : token.kind === "end" && block.closer === "}" ? "the block was opened with `{`, so `}` closes it"
    : token.kind === "}" && block.closer === "end" ? "the block was opened with `do`, so `end` closes it" : undefined;
  const wrongDress = token.kind === "end" || token.kind === "}";
  p.report("J0110", p.spanOf(token), what, {
    ...(hint === undefined ? {} : { hint }),
    notes: hint === undefined || token.kind === "else" ? []
      : [{ unit: p.source, span: p.spanOf(block.opener), message: "opened here" }],
  });
  p.advance();
  p.recovering = false;
  return wrongDress;
}

/** At the other dress's closer: it stands under this block's own line, and under no line it could close. */
function wrongDressByIndent(p: Cursor, block: OpenBlock): boolean {
  const { token } = p;
  if (!token.newline || (token.kind !== "end" && token.kind !== "}")) return false;
  const column = p.lineColumn(token);
  const fitting = p.blocks.findLast((other) => other !== block && other.closer === token.kind);
  return column === p.lineColumn(block.opener) && fitting !== undefined && column !== p.lineColumn(fitting.opener);
}

/** Says that a block has no closer: the innermost one, or the one that the indentation betrays. */
function reportOpen(p: Cursor, innermost: OpenBlock): void {
  let block = innermost;
  let betrayed: Token | null = null;
  for (const pair of p.closed) {
    if (pair.closer.newline && p.lineColumn(pair.block.opener) > p.lineColumn(pair.closer)) {
      block = pair.block;
      betrayed = pair.closer;
      break;
    }
  }
  p.closed.length = 0;
  const line = lineIndex(p.source, block.opener.start) + 1;
  const notes = betrayed !== null
    ? [{ unit: p.source, span: p.spanOf(betrayed), message: "this `end` is indented like an outer block's" }]
    : [{ unit: p.source, span: p.spanOf(p.token), message: `\`${block.closer}\` was expected before this` }];
  p.report("J0108", p.spanOf(block.opener), `the block of ${block.what} in line ${line} is not closed`, {
    label: `no \`${block.closer}\` for this`,
    notes,
    hint: `add \`${block.closer}\``,
  });
}

/**
 * A declaration at the start of a line, indented no deeper than the declaration being read, whose body is indented:
 * an `end` was forgotten before it. Reports that once and leaves all blocks.
 */
export function leftOpenBefore(p: Cursor): boolean {
  const { token } = p;
  if (!token.newline || p.blocks.length === 0 || !startsDeclaration(p)) return false;
  const outermost = p.blocks[0]!;
  const column = p.lineColumn(outermost.owner);
  if (p.lineColumn(token) > column) return false;
  const { first } = outermost;
  if (first === undefined || !first.newline || p.lineColumn(first) <= column) return false;
  p.beginItem();
  reportOpen(p, p.blocks[p.blocks.length - 1]!);
  p.abandoning = true;
  return true;
}

function startsDeclaration(p: Cursor): boolean {
  const next = p.peek().kind;
  switch (p.token.kind) {
    case "func": return next === "word";
    case "pub": case "struct": case "enum": case "trait": case "impl": return true;
    case "word":
      if (p.token.text === "async") return next === "func" && p.peek(2).kind === "word";
      if (p.token.text === "test") return next === "string";
      if (p.token.text === "error") return next === "word" && (p.peek(2).kind === "{" || p.peek(2).kind === "do");
      return p.token.text === "use" && next === "word";
    default: return false;
  }
}
