// A fuzzer for the front of the front end: mutated programs and random tokens go through lexer, parser, renderer and
// printer. Nothing may throw or hang, every rejection has a place inside the text, and an accepted text must survive
// printing. Seeded: the same seed tries the same texts.
//
//   bun interp/syntax/fuzz.ts --seconds 60 --seed 7 --texts 1000000
//
// A text that fails is made shorter first. The checker has the same fuzzer, in interp/sema/fuzz.ts.
import { isIncomplete } from "./parser.ts";
import { printUnit } from "./printer.ts";
import { renderJson, renderText } from "./render.ts";
import { parseText, programs, withoutSpans } from "./testing.ts";

/** A linear parser needs far less for texts of this size, also on a busy machine. */
const oneText_ms_max = 1500;

/** xorshift32: small, and the same everywhere. */
export function random(seed: number): (below: number) => number {
  let state = (seed | 0) || 0x9e3779b9;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const pieces = ["func", "main", "(", ")", "do", "end", "{", "}", "[", "]", "if", "else", "while", "for", "in", "let",
  "var", "=", ":=", "==", "+", "-", "*", "**", "..", "..=", "|", "||", "&&", "?", "?.", "??", ".", ".?", ".*", ",", ";",
  "\n", "\n", "\n", " ", "match", "=>", "->", "nursery", "spawn", "async", "await", "select", "recv", "send", "timeout",
  "default", "case", "catch", "or", "and", "not", "fail", "return", "break", "using", "defer", "when", "struct", "enum",
  "error", "trait", "impl", "pub", "test", "use", "type", "const", "profile", ":", "!", "@", "$\"", "\"", "{x:.2f}",
  "\"\"\"\n", "$\"\"\"\n", "'", "'a'", "\"s\"", "1", "0x", "1_", "2.5", "1e", "x", "T", "self", "{.", ".}",
  "/*", "*/", "//", "///", "#", "\\",
  "“", "é", "\u0000", "\u{1F600}", "null", "true", "as", "try", "func(", "|x|", "loop", "shield", "yield", "elif",
  "fn"];

/** A text made of random tokens, or a program with a few of its pieces cut, doubled, moved or replaced. */
export function makeText(pick: (below: number) => number, corpus: string[]): string {
  if (corpus.length === 0 || pick(4) === 0) {
    let text = "";
    const count = pick(120);
    for (let i = 0; i < count; i++) text += pieces[pick(pieces.length)]! + (pick(3) === 0 ? "" : " ");
    return text;
  }
  let text = corpus[pick(corpus.length)]!;
  const edits = 1 + pick(6);
  for (let i = 0; i < edits; i++) {
    const at = pick(text.length + 1);
    const length = pick(24);
    const before = text.slice(0, at);
    const after = text.slice(at);
    switch (pick(5)) {
      case 0: text = before + after.slice(length); break;
      case 1: text = before + after.slice(0, length) + after; break;
      case 2: text = `${before}${pieces[pick(pieces.length)]!} ${after}`; break;
      case 3: {
        const from = pick(text.length + 1);
        text = before + text.slice(from, from + length) + after;
        break;
      }
      default: {
        const line = after.indexOf("\n");
        text = line < 0 ? before : before + after.slice(line);
      }
    }
  }
  // Half a character cannot come out of a file.
  return text.toWellFormed();
}

/** Throws an Error that says what went wrong with the text; returns whether it was accepted. */
export function checkText(text: string): boolean {
  const begin_us = process.cpuUsage().user;
  const { unit, diagnostics } = parseText(text);
  // What the process has computed: unlike the clock, no business of whatever else the machine does.
  const took_ms = (process.cpuUsage().user - begin_us) / 1000;
  if (took_ms > oneText_ms_max) throw new Error(`parsing took ${took_ms.toFixed(0)} ms`);
  for (const diagnostic of diagnostics) {
    const { start, end } = diagnostic.span;
    const placed = start >= 0 && start <= end && end <= text.length;
    if (!placed) throw new Error(`${diagnostic.code} has no place in the text`);
    if (!/^J01\d\d$/.test(diagnostic.code)) throw new Error(`${diagnostic.code} is no code of the parser`);
    renderText(diagnostic);
    renderJson(diagnostic);
  }
  isIncomplete(text);
  if (diagnostics.length > 0) return false;
  const printed = printUnit(unit);
  const again = parseText(printed);
  const [rejected] = again.diagnostics;
  if (rejected !== undefined) throw new Error(`printed text is rejected: ${rejected.message}\n${printed}`);
  const same = Bun.deepEquals(withoutSpans(again.unit), withoutSpans(unit));
  if (!same) throw new Error(`printing changed the tree:\n${printed}`);
  return true;
}

export interface FuzzResult {
  tried: number;
  accepted: number;
  failure: { text: string; error: string } | null;
}

/** What a failing check says, without the text that it says it of. */
function complaint(check: (text: string) => boolean, text: string): string | null {
  try {
    check(text);
    return null;
  } catch (error) {
    const said = error instanceof Error ? `${error.message.split("\n")[0]}\n${error.stack ?? ""}` : String(error);
    return said.slice(0, 3000);
  }
}

/** A shorter text that fails with the same first line: lines are cut, then pieces of the lines that are left. */
export function shorter(check: (text: string) => boolean, text: string): string {
  const headOf = (candidate: string): string | undefined =>
    candidate.isWellFormed() ? complaint(check, candidate)?.split("\n")[0] : undefined;
  const wanted = headOf(text);
  if (wanted === undefined) return text;
  let best = text;
  for (const separator of ["\n", " ", ""]) {
    const parts = best.split(separator);
    if (parts.length > 3000) continue;
    for (let size = Math.max(1, parts.length >> 1); size >= 1; size >>= 1) {
      for (let i = parts.length - size; i >= 0; i -= size) {
        const taken = parts.splice(i, size);
        if (headOf(parts.join(separator)) !== wanted) parts.splice(i, 0, ...taken);
      }
    }
    best = parts.join(separator);
  }
  return best;
}

/** Tries texts for so long, or so many. `check` throws when something is wrong, and gives whether it accepts. */
export function fuzz(seed: number, duration_ms: number, check = checkText, count_max = Infinity): FuzzResult {
  const pick = random(seed);
  const corpus = programs().map((program) => program.text);
  const end_ms = performance.now() + duration_ms;
  const result: FuzzResult = { tried: 0, accepted: 0, failure: null };
  while (performance.now() < end_ms && result.tried < count_max) {
    const text = makeText(pick, corpus);
    result.tried += 1;
    try {
      if (check(text)) result.accepted += 1;
    } catch {
      const short = shorter(check, text);
      result.failure = { text: short, error: complaint(check, short) ?? "it fails only now and then" };
      return result;
    }
  }
  return result;
}

/** The command: `--seconds`, `--seed` and `--texts`; ends the process with 1 when a text failed or none was tried. */
export function fuzzCommand(check: (text: string) => boolean): void {
  const option = (name: string, otherwise: number): number => {
    const at = process.argv.indexOf(name);
    const value = at < 0 ? otherwise : Number(process.argv[at + 1]);
    if (Number.isFinite(value) && value >= 0) return value;
    console.error(`${name} takes a number`);
    process.exit(2);
  };
  const seed = option("--seed", Date.now() % 1_000_000);
  const texts = option("--texts", 100_000_000);
  const { tried, accepted, failure } = fuzz(seed, option("--seconds", 10) * 1000, check, texts);
  console.log(`seed ${seed}: ${tried} texts, ${accepted} accepted`);
  if (failure !== null) {
    console.log(`${failure.error}\n---- the text:\n${failure.text}`);
    process.exit(1);
  }
  if (tried === 0) process.exit(1);
}

if (import.meta.main) fuzzCommand(checkText);
