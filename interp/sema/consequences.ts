// Which errors of a run may only be there because of text that could not be read. Promises: of what may follow from one
// mistake the first or the most exact is told; an error in another declaration, that names nothing of the broken one,
// stays. Looks at texts alone: the tree of what could not be read is not to be relied on.
import type { Diagnostic } from "../syntax/diagnostic.ts";

/** Is missing or never reached what the part that could not be read may hold? */
const INCOMPLETE = new Set<string>(["J0210", "J0211", "J0212", "J0213"]);

/** A block that is not closed, a closer or a statement that belongs to none, a body that is missing. */
const UNBALANCED = new Set<string>(["J0108", "J0110", "J0123", "J0124"]);
/** Is told of an arm of a match. */
const ARMS = new Set<string>(["J0220", "J0229"]);
/** Says that something of this name is not there. */
const MISSING = new Set<string>(["J0201", "J0209", "J0222", "J0227"]);

const HEAD = /^\s*(?:pub\s+)?(?:async\s+)?func\b/;
const TYPE = /^\s*(?:pub\s+)?(?:struct|enum|error|trait|impl|type)\b/;
/** A line that begins at the margin with a word begins a declaration, also where its block could not be read. */
const MARGIN = /^(?!end\b)[A-Za-z{]/;
const WORD = /[A-Za-z_]\w*/g;
const KEYWORDS = new Set(["pub", "async", "func", "struct", "enum", "error", "trait", "impl", "type", "for", "let",
  "var", "const", "do", "end", "in", "if", "using", "match", "return", "self", "Self", "string", "bool", "void"]);

/** The lines of a text, and which declaration each belongs to: at the margin, and the function in that. */
class Lines {
  readonly #starts: number[] = [0];
  readonly texts: string[];
  /** by line: the first one of its declaration, and of the function or other item around it */
  readonly first: number[] = [];
  readonly item: number[] = [];

  constructor(text: string) {
    this.texts = text.split("\n");
    for (const [i, line] of this.texts.entries()) {
      this.#starts.push(this.#starts.at(-1)! + line.length + 1);
      const isFirst = MARGIN.test(line) || i === 0;
      this.first.push(isFirst ? i : this.first.at(-1)!);
      this.item.push(isFirst || HEAD.test(line) ? i : this.item.at(-1)!);
    }
  }

  of(place: number): number {
    let [low, high] = [0, this.texts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= place) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  begins(line: number, place: number): boolean {
    return this.texts[line]!.slice(0, place - this.#starts[line]!).trim() === "";
  }

  /** The line behind the declaration or item that a line belongs to. */
  behind(line: number, of: "first" | "item"): number {
    const starts = this[of];
    const own = starts[line];
    do line += 1; while (line < starts.length && starts[line] === own);
    return line;
  }
}

/** A part of the text that could not be read, and what may follow from it. */
interface Unread {
  /** its own lines, the first and the last */
  from: number;
  to: number;
  /** lines, the first and the one behind, where nothing is told any more */
  silent: [number, number];
  /** lines where nobody is told of the names that it would have bound; all of them for a declaration */
  within: [number, number];
  names: Set<string>;
  /** a declaration of a type, or what may be one */
  isType: boolean;
  /** the name itself may be what is missing */
  isNameless: boolean;
}

function words(text: string, pattern: RegExp = WORD): string[] {
  return [...text.matchAll(pattern)].map((found) => found[1] ?? found[0])
    .filter((word) => !KEYWORDS.has(word) && !/^[iuf]\d+$/.test(word));
}

/** What a broken line would have declared or bound. */
function namesOf(text: string, isDeclaration: boolean): string[] {
  const code = text.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/\/\/.*/, "");
  if (isDeclaration) return [...words(code).slice(0, 2), ...words(code, /[{(,]\s*([A-Za-z_]\w*)/g)];
  const bound = code.match(/^(.*?)(?::?=)(?!=)/)?.[1] ?? code.match(/^\s*for\b(.*?)\bin\b/)?.[1] ?? "";
  return [...words(bound.includes(".") || bound.includes("(") ? "" : bound),
    ...words(code, /^\s*(?:let|var|const)\s+([A-Za-z_]\w*)/g), ...words(code, /\|\s*([A-Za-z_]\w*)/g),
    ...words(code, /,\s*([A-Za-z_]\w*)\s*\|/g), ...words(code, /\busing\s+([A-Za-z_]\w*)/g)];
}

function unread(lines: Lines, d: Diagnostic): Unread {
  const { texts } = lines;
  const to = lines.of(d.span.start);
  // what was meant has been read
  if (d.message.startsWith("there is no word")) {
    return { from: to, to, isType: false, within: [0, 0], names: new Set(), silent: [to, to], isNameless: false };
  }
  const opened = openedAt(d);
  let from = opened === undefined ? to : Math.min(to, lines.of(opened));
  // what stands first in a line was not expected behind the one before
  if (from === to && to > 0 && d.message.startsWith("expected") && d.code !== "J0123"
    && lines.begins(to, d.span.start) && lines.item[to] !== to) from -= 1;
  const first = lines.first[to]!;
  const item = lines.item[to]!;
  const isType = TYPE.test(texts[first]!) && item === first;
  // a word that should have begun a declaration
  const isStray = d.code === "J0123" || d.message.startsWith("expected a `func` in");
  const isHead = item === to;
  const isBlockHead = d.message.includes("after the head of");
  const isDeclaration = isType || isHead || isStray;
  const isOpen = UNBALANCED.has(d.code);
  const broken = texts.slice(from, to + 1);
  const names = new Set(broken.flatMap((text) => namesOf(text, isDeclaration)));
  if (isOpen || (isType && first < from)) for (const name of namesOf(texts[first]!, true).slice(0, 2)) names.add(name);
  const end = lines.behind(to, "first");
  // what stands behind a block that is not closed may belong to another one
  if (isOpen) for (let i = to; i < end; i++) if (HEAD.test(texts[i]!)) names.add(namesOf(texts[i]!, true)[0] ?? "");
  const within: [number, number] = isDeclaration || isOpen ? [0, texts.length] : [item, lines.behind(to, "item")];
  for (let i = within[0]; i < within[1]; i++) {
    // what is made of something broken is not known either
    const bound = words(texts[i]!).some((word) => names.has(word)) ? namesOf(texts[i]!, false) : [];
    for (const name of bound) names.add(name);
  }
  return {
    from, to, isType: isType || isStray, within, names,
    silent: isOpen ? [first, end]
      : isStray || isHead || isBlockHead ? [item, lines.behind(to, isType ? "first" : "item")] : [from, to + 1],
    isNameless: d.message.endsWith("found `func`") || d.code === "J0117" || d.code === "J0118"
      || broken.some((text) => /\|\s*\|/.test(text)),
  };
}

const openedAt = (d: Diagnostic): number | undefined =>
  d.notes.find((note) => note.message === "opened here")?.span.start;

/** May an error of the checker only be there because of this? `said`: the words of its line and its message. */
function follows(lines: Lines, d: Diagnostic, said: string[], of: Unread): boolean {
  const line = lines.of(d.span.start);
  if (INCOMPLETE.has(d.code)) return of.isType || lines.first[line] === lines.first[of.to];
  if (line < of.within[0] || line >= of.within[1]) return false;
  // two words that have grown together are the longer one
  if (said.some((word) => of.names.has(word) || (word.length > 2 && [...of.names].some((n) => n.startsWith(word))))) {
    return true;
  }
  return of.isNameless && MISSING.has(d.code) && !(d.hint ?? "").startsWith("did you mean");
}

/** Of the errors of the parser: those that are not the echo of another one in the same declaration. */
function roots(lines: Lines, all: readonly Diagnostic[]): Set<Diagnostic> {
  const kept = new Set<Diagnostic>();
  let region = -1;
  let earlier: Diagnostic[] = [];
  for (const d of [...all].sort((a, b) => a.span.start - b.span.start)) {
    const line = lines.of(d.span.start);
    if (lines.first[line] !== region) [region, earlier] = [lines.first[line]!, []];
    const last = earlier.at(-1);
    // what is wrong inside says more than that the block has no end
    const isInside = last?.code === "J0108" && (last.notes[0]?.span.end ?? 0) >= d.span.start
      && !UNBALANCED.has(d.code);
    const opened = openedAt(d);
    const isAround = last !== undefined && opened !== undefined && d.code === "J0109" && last.span.start > opened;
    if (isInside || isAround) {
      while (earlier.length > 0 && (isInside || earlier.at(-1)!.span.start > opened!)) {
        kept.delete(earlier.pop()!);
        if (isInside) break;
      }
    } else if (last !== undefined && (UNBALANCED.has(d.code) || lines.of(last.span.start) === line
      || last.code === "J0108" || last.code === "J0110" || last.code === "J0103")) continue;
    earlier.push(d);
    kept.add(d);
  }
  return kept;
}

/** Unread parts whose names are followed; beyond them only what stands in their lines is taken for an echo. */
const PARTS_MAX = 50;

/** The errors of one unit without those that may only follow from others; `isRead`: of the checker. */
export function independent(all: Diagnostic[], isRead: (d: Diagnostic) => boolean): Diagnostic[] {
  const broken = all.filter((d) => !isRead(d));
  if (broken.length === 0) return all;
  const lines = new Lines(all[0]!.unit.text);
  const first = roots(lines, broken);
  const parts = broken.slice(0, PARTS_MAX).map((d) => unread(lines, d));
  const isSilent = new Uint8Array(lines.texts.length);
  for (const { silent, from, to } of parts) isSilent.fill(1, silent[0], silent[1]).fill(1, from, to + 1);
  for (const d of broken) isSilent[lines.of(d.span.start)] = 1;
  return all.filter((d) => {
    if (!isRead(d)) return first.has(d);
    const line = lines.of(d.span.start);
    if (isSilent[line] === 1) return false;
    // an arm is of what its match is of
    const before = ARMS.has(d.code) ? lines.texts.slice(lines.item[line], line) : [];
    const head = before.findLast((text) => /\bmatch\b/.test(text));
    const said = words(`${lines.texts[line]!} ${head ?? ""} ${d.message.replace(/[^`]*(`[^`]*`|$)/g, "$1 ")}`);
    return !parts.some((part) => follows(lines, d, said, part));
  });
}
