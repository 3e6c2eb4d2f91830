// Habits from other languages: what is written in them at the start of a statement or declaration, and how Janus writes
// it. Each is one message; what belongs to it is read over.
import type { Cursor } from "./cursor.ts";
import { type Habit, keyword } from "./foreign.ts";
import { foreignTypes } from "./foreign-types.ts";
import { loopHabit } from "./foreign-loops.ts";
import { opensBelow } from "./lookahead.ts";
import { lineIndex, lineStarts } from "./source.ts";
import type { Token } from "./token.ts";

/** Tokens that are looked at on one line, so that reading stays linear. */
const lookahead_max = 200;

const structHabit = keyword("a type of records is declared with `struct`, its methods with `impl`",
  "write `struct Point { x: i64 }` and `impl Point { func norm(self) -> i64 do return self.x end }`");
const catchHabit = keyword("an error is a value: the call that may fail is handled with `catch`",
  "write `work() catch |err| do println(err) end`");
const failHabit = keyword("an error is returned with `fail`",
  "write `fail NotFound`, with `error Trouble { NotFound }`");
const traitHabit = keyword("what types have in common is declared with `trait`",
  "write `trait Shape { func area(self) -> f64 }`");
const moduleHabit = keyword("a file is a module by its name", "leave the line out");
const importHabit = keyword("a module is used with `use`", "write `use std.fs`, or `use std.fs.{read_file}`");

/** By the word that the statement begins with; `when`: what must follow. */
const statements: Record<string, { habit: Habit; when: (p: Cursor) => boolean }> = {
  class: { habit: structHabit, when: followedByWord },
  interface: { habit: traitHabit, when: followedByWord },
  public: { habit: keyword("what other files may use is marked `pub`", "write `pub func main() do … end`"),
    when: followedByWord },
  private: { habit: keyword("what is not marked `pub` is its file's own", "leave `private` out"),
    when: followedByWord },
  static: { habit: keyword("a function that takes no `self` belongs to the type", "leave `static` out"),
    when: followedByWord },
  package: { habit: moduleHabit, when: followedByWord },
  namespace: { habit: moduleHabit, when: followedByWord },
  from: { habit: importHabit, when: followedByWord },
  protocol: { habit: traitHabit, when: followedByWord },
  extension: { habit: keyword("methods stand in the `impl` of their type",
    "write `impl Point { func norm(self) -> i64 do return self.x end }`"), when: followedByWord },
  record: { habit: structHabit, when: followedByWord },
  data: { habit: structHabit, when: (p) => p.peek().text === "class" },
  export: { habit: keyword("what other files may use is marked `pub`", "write `pub func main() do … end`"),
    when: followedByWord },
  mod: { habit: moduleHabit, when: followedByWord },
  module: { habit: moduleHabit, when: followedByWord },
  using: { habit: moduleHabit, when: (p) => p.peek().text === "namespace" || p.peek(2).kind === ";" },
  import: { habit: importHabit, when: (p) => ["{", "*", "("].includes(p.peek().kind) || p.peek(2).text === "from" },
  throw: { habit: failHabit, when: followedByValue },
  raise: { habit: failHabit, when: followedByValue },
  go: { habit: keyword("a fiber is started with `spawn`, in a nursery", "write `nursery do spawn work() end`"),
    when: followedByWord },
  switch: { habit: keyword("one of many is chosen with `match`", "write `match n { 1 => \"one\", _ => \"many\" }`"),
    when: followedByValue },
  unless: { habit: keyword("there is no `unless`", "write `if not found do … end`"), when: followedByValue },
  until: { habit: keyword("there is no `until`", "write `while not found do … end`"), when: followedByValue },
  val: { habit: keyword("a name is introduced with `let`, a variable with `var`", "write `let n = 1`"),
    when: followedByWord },
  auto: { habit: keyword("a name is introduced with `let`, a variable with `var`", "write `let n = 1`"),
    when: followedByWord },
};

/** Words that begin a block in Python, where the line ends with a colon. */
const indented = new Set(["async", "def", "class", "if",
  "while", "for", "try", "with", "else", "elif", "except", "finally",
  "func", "match"]);
/** Those that go on with the one before. */
const continued = new Set(["else", "elif", "except", "finally", "catch"]);

/** At the start of a statement or declaration: says what is foreign there and reads over it. */
export function readHabit(p: Cursor): boolean {
  const { token } = p;
  const word = wordOf(token);
  if (word === "do" && p.peek().kind === "{" && !p.peek().newline) return readDoWhile(p);
  if (word === null) return token.kind === "+" || token.kind === "++" || token.kind === "-" ? readCount(p) : false;
  if (indented.has(word) && endsWithColon(p)) return readIndented(p, word);
  if (Object.hasOwn(closedElsewhere, word) && p.peek().newline && opensBelow(p)) return readClosed(p, word);
  const habit = habitOf(p, word);
  if (habit !== null) {
    p.report(habit.code, p.spanOf(token), habit.message, { hint: habit.hint });
    noteLost(p);
    skipStatement(p);
    p.recovering = true;
    return true;
  }
  return token.kind === "word" && readCount(p);
}

/** What the statement would have declared: it is not told as unknown where it is used. */
function noteLost(p: Cursor): void {
  for (let ahead = 0; ahead < 6; ahead++) {
    const token = p.peek(ahead);
    if (ahead > 0 && token.newline) return;
    if (["=", "{", ":", "<"].includes(token.kind) || (token.kind === "(" && ahead > 1)) return;
    if (token.kind === "word") p.lost.add(token.text);
  }
}

/** `do { … } while condition`. */
function readDoWhile(p: Cursor): boolean {
  let depth = 0;
  let ahead = 1;
  for (; ahead < lookahead_max; ahead++) {
    const { kind } = p.peek(ahead);
    if (kind === "{") depth += 1;
    else if (kind === "}" && --depth === 0) break;
    else if (kind === "eof") return false;
  }
  const last = p.peek(ahead + 1);
  if (last.kind !== "while") return false;
  p.report("J0112", p.spanOf(p.token), "there is no `do … while`", {
    hint: "write `loop do … end`, and `break when …` as its last line",
  });
  while (ahead-- >= 0) p.advance();
  skipStatement(p);
  return true;
}

function wordOf(token: Token): string | null {
  return token.text !== "" && /^[A-Za-z_]/.test(token.text) ? token.text : null;
}

function habitOf(p: Cursor, word: string): Habit | null {
  const next = p.peek();
  if (p.token.kind === "func") return receiverHabit(p);
  if (word === "type" && p.peek(2).kind === "struct") return structHabit;
  if (word === "type" && p.peek(2).text === "interface") return traitHabit;
  if (word === "try" && (next.kind === "{" || next.kind === "do")) return catchHabit;
  if (word === "for" || word === "foreach") return loopHabit(p);
  if (p.token.kind !== "word") return null;
  if (Object.hasOwn(statements, word)) return statements[word]!.when(p) ? statements[word]!.habit : null;
  if ((word === "mut" || word === "my" || word === "local") && followedByWord(p) && p.peek(2).kind === "=") {
    return keyword("a name is introduced with `let`, a variable with `var`", `write \`var ${next.text} = …\``);
  }
  const type = foreignTypes.get(word) ?? (isOwnType(word) ? word : word === "final" ? "i64" : undefined);
  if (type !== undefined && followedByWord(p)) {
    const after = p.peek(2);
    if (word === "final" && after.kind === "word" && p.peek(3).kind === "=") {
      const janus = foreignTypes.get(next.text) ?? next.text;
      return keyword("a name stands before its type", `write \`let ${after.text}: ${janus} = …\``);
    }
    if (after.kind === "=" || after.kind === ";") {
      return keyword("a name stands before its type", `write \`let ${next.text}: ${type} = …\``);
    }
    if (after.kind === "(" && after.start === next.end) {
      return keyword("a function is declared with `func`", `write \`func ${next.text}() do … end\``);
    }
  }
  return null;
}

/** `func (p Point) norm()`. */
function receiverHabit(p: Cursor): Habit | null {
  const isReference = p.peek(3).kind === "*";
  const at = isReference ? 4 : 3;
  const [type, closing, name] = [p.peek(at), p.peek(at + 1), p.peek(at + 2)];
  if (p.peek().kind !== "(" || p.peek(2).kind !== "word" || type.kind !== "word" || closing.kind !== ")"
    || name.kind !== "word") return null;
  const self = isReference ? `self: *${type.text}` : "self";
  return keyword("a method stands in the `impl` of its type",
    `write \`impl ${type.text} { func ${name.text}(${self}) do … end }\``);
}

const isOwnType = (word: string): boolean => /^([iu](8|16|32|64|size)|f32|f64|bool|string|void)$/.test(word);

/** Words of Janus behind a value: what stands before them is a name. */
const afterValues = new Set(["and", "or", "catch", "as", "in", "when", "else", "end"]);

function followedByWord(p: Cursor): boolean {
  const next = p.peek();
  return !next.newline && wordOf(next) !== null && !afterValues.has(next.text);
}

function followedByValue(p: Cursor): boolean {
  const next = p.peek();
  return followedByWord(p) || (!next.newline && ["string", "template", "int"].includes(next.kind))
    || (next.kind === "(" && p.token.text === "switch" && opensBlockAfter(p));
}

/** `switch (x) {`: a block follows the parentheses, which none does after a call. */
function opensBlockAfter(p: Cursor): boolean {
  let depth = 0;
  for (let ahead = 1; ahead < lookahead_max; ahead++) {
    const { kind } = p.peek(ahead);
    if (kind === "(") depth += 1;
    if (kind === ")" && --depth === 0) return p.peek(ahead + 1).kind === "{";
    if (kind === "eof") return false;
  }
  return false;
}

// ---------------------------------------------------------------- `x++`

/** `x++`, `a.n--`, `++x` as a statement. */
function readCount(p: Cursor): boolean {
  const isBefore = p.token.kind !== "word";
  let ahead = isBefore ? signLength(p, 0) : 0;
  if (isBefore && ahead === 0) return false;
  const from = ahead;
  if (p.peek(ahead).kind !== "word") return false;
  ahead += 1;
  while (p.peek(ahead).kind === "." && p.peek(ahead + 1).kind === "word") ahead += 2;
  const sign = isBefore ? p.token.kind[0]! : p.peek(ahead).kind[0]!;
  const place = p.source.text.slice(p.peek(from).start, p.peek(ahead - 1).end);
  if (!isBefore) {
    const length = signLength(p, ahead);
    if (length === 0 || p.peek(ahead).newline) return false;
    ahead += length;
  }
  const after = p.peek(ahead);
  if (!after.newline && !["eof", ";", "end", "}", "else"].includes(after.kind)) return false;
  p.report("J0111", { start: p.token.start, end: p.peek(ahead - 1).end },
    `there is no \`${sign}${sign}\` that counts`, { hint: `write \`${place} ${sign}= 1\`` });
  while (ahead-- > 0) p.advance();
  return true;
}

/** How many tokens `++` or `--` takes here: it is one token, or two that touch. */
function signLength(p: Cursor, ahead: number): number {
  const first = p.peek(ahead);
  if (first.kind === "++") return 1;
  const second = p.peek(ahead + 1);
  return (first.kind === "-" || first.kind === "+") && second.kind === first.kind && second.start === first.end ? 2 : 0;
}

// ---------------------------------------------------------------- blocks by indentation

function endsWithColon(p: Cursor): boolean {
  let open = 0;
  for (let ahead = 1; ahead < lookahead_max; ahead++) {
    const token = p.peek(ahead);
    if (token.kind === "do" || token.kind === "{") return false;
    // in brackets it stands before a type or a value
    if (token.newline || token.kind === "eof") return open === 0 && p.peek(ahead - 1).kind === ":";
    if (token.kind === "(" || token.kind === "[") open += 1;
    else if (token.kind === ")" || token.kind === "]") open -= 1;
  }
  return false;
}

const pythonFunction = keyword("a function is declared with `func`, and its block stands between `do` and `end`",
    "write `func twice(x: i64) -> i64 do return x * 2 end`");

const blockHints: Record<string, Habit> = {
  def: pythonFunction,
  async: pythonFunction,
  class: structHabit,
  try: catchHabit,
};

function readIndented(p: Cursor, word: string): boolean {
  const habit = blockHints[word] ?? keyword("a block stands between `do` and `end`, not behind a colon",
    word === "for" ? "write `for x in xs do … end`" : `write \`${word} … do … end\``);
  p.report(habit.code, p.spanOf(p.token), habit.message, { hint: habit.hint });
  const column = columnOf(p, p.token);
  if (["def", "class", "func", "async"].includes(word)) noteLost(p);
  for (;;) {
    p.advance();
    const { token } = p;
    if (token.kind === "eof") break;
    const goesOn = continued.has(token.text) || continued.has(token.kind);
    if (token.newline && columnOf(p, token) <= column && !goesOn) break;
  }
  return true;
}

/** Blocks whose word stands alone on its line, and which end with `end` or a condition. */
const closedElsewhere: Record<string, Habit> = {
  begin: catchHabit,
  repeat: keyword("there is no `repeat`", "write `loop do … end`, and `break when …` as its last line"),
  forever: keyword("a loop without an end is written `loop`", "write `loop do … end`"),
  cond: keyword("one of several conditions is chosen with `if`", "write `if n > 3 do … else if n > 2 do … end`"),
};

/** To the end of such a block: past all that is indented deeper, and what goes on with it or closes it. */
function readClosed(p: Cursor, word: string): boolean {
  const { code, message, hint } = closedElsewhere[word]!;
  p.report(code, p.spanOf(p.token), message, { hint });
  const column = p.lineColumn(p.token);
  const parts = ["rescue", "ensure", "else", "except", "finally", "catch"];
  for (;;) {
    p.advance();
    const { token } = p;
    if (token.kind === "eof") return true;
    if (!token.newline || p.lineColumn(token) > column) continue;
    const closes = token.kind === "end" || token.text === "until" || token.kind === "while";
    if (p.lineColumn(token) < column || (!closes && !parts.includes(token.text))) return true;
    if (!closes) continue;
    do p.advance();
    while (!p.token.newline && !p.at("eof"));
    return true;
  }
}

function columnOf(p: Cursor, token: Token): number {
  return token.start - lineStarts(p.source)[lineIndex(p.source, token.start)]!;
}

/** To the end of the line, or of the block that it opens; and over what goes on with it. */
function skipStatement(p: Cursor): void {
  do {
    do {
      if (p.at("{") || p.at("(") || p.at("do")) skipBrackets(p);
      else p.advance();
    } while (!p.token.newline && !["eof", ";", "end", "}", "else"].includes(p.token.kind));
  } while (p.token.newline && (continued.has(p.token.text) || p.at("catch")));
}

function skipBrackets(p: Cursor): void {
  let depth = 0;
  do {
    const { kind } = p.advance();
    if (kind === "{" || kind === "(" || kind === "do") depth += 1;
    else if (kind === "}" || kind === ")" || kind === "end") depth -= 1;
    // a handler on a line of its own closes what was tried
    if (depth === 1 && p.at("catch") && p.token.newline) return;
  } while (depth > 0 && !p.at("eof"));
}
