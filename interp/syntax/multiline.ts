// Texts of several lines, between `"""` and `"""`: which lines they have, and what those are worth.
//
// The text begins on the line after the opener and ends before the line end in front of the closer. The closer's own
// indentation is taken from every line, so it is known only at the end: the lexer collects the pieces that the
// interpolations leave, and `readLines` fills in what they stand for when the closer has been found.
import type { DiagnosticExtras, SyntaxCode } from "./diagnostic.ts";
import { readEscape } from "./literals.ts";
import type { TemplatePiece } from "./token.ts";

export const DELIMITER = '"""';

/** A text of several lines that is being read. */
export interface MultiLine {
  /** Where its opener begins, and the text after it. */
  start: number;
  isTemplate: boolean;
  pieces: Stretch[];
}

/** The source between the opener, the interpolations and the closer. */
export interface Stretch {
  start: number;
  end: number;
  /** Filled in by `readLines`. */
  piece: TemplatePiece;
}

type Report = (code: SyntaxCode, start: number, end: number, message: string, extras?: DiagnosticExtras) => void;

/** Where the stretch at `from` ends: at the closer, at a `{` that opens an expression, or at the end of the text. */
export function stretchEnd(text: string, from: number, isTemplate: boolean): number {
  for (let at = from; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 92) at += 1;
    else if (c === 34 && text.startsWith(DELIMITER, at)) return at;
    else if (c === 123 && isTemplate) {
      if (text.charCodeAt(at + 1) !== 123) return at;
      at += 1;
    }
  }
  return text.length;
}

/** Fills in the pieces of a text that has its closer: what they are worth, and how they were written. Linear. */
export function readLines(text: string, of: MultiLine, report: Report): void {
  new Reader(text, of, report).run();
}

interface Line {
  from: number;
  to: number;
  /** It begins where a line of the source does. */
  isWhole: boolean;
}

class Reader {
  private readonly text: string;
  private readonly of: MultiLine;
  private readonly report: Report;
  /** The blanks before the closer; null where it has no line of its own. */
  private indentation: string | null = null;
  private isMisplaced = false;

  constructor(text: string, of: MultiLine, report: Report) {
    this.text = text;
    this.of = of;
    this.report = report;
  }

  run(): void {
    const { pieces } = this.of;
    const opener = this.of.isTemplate ? `$${DELIMITER}` : DELIMITER;
    const bodies = pieces.map((stretch) => this.linesOf(stretch));
    this.open(bodies[0]!);
    this.close(bodies[bodies.length - 1]!, pieces[pieces.length - 1]!.end);
    for (const [index, { piece }] of pieces.entries()) {
      const isFirst = index === 0;
      const { value, written } = this.read(bodies[index]!, isFirst, piece.last);
      piece.text = value;
      piece.written = `${isFirst ? opener : ""}${written}${piece.last ? `\n${DELIMITER}` : ""}`;
    }
  }

  private linesOf({ start, end }: Stretch): Line[] {
    const { text } = this;
    const made: Line[] = [];
    let from = start;
    for (let at = start; at < end; at++) {
      const c = text.charCodeAt(at);
      if (c !== 10 && c !== 13) continue;
      made.push({ from, to: at, isWhole: made.length > 0 });
      if (c === 13 && text.charCodeAt(at + 1) === 10) at += 1;
      from = at + 1;
    }
    made.push({ from, to: end, isWhole: made.length > 0 });
    return made;
  }

  /** What stands behind the opener is no line of the text, so there must be nothing. */
  private open(lines: Line[]): void {
    const { from, to } = lines.shift()!;
    const begin = from + blanksAt(this.text, from, to);
    if (begin === to && (lines.length > 0 || this.of.pieces.length === 1)) return;
    this.misplaced(begin, Math.max(to, begin + 1), `the text begins on the line after \`${DELIMITER}\``,
      { hint: `end the line after \`${DELIMITER}\`; a text of one line is written \`"…"\`` });
  }

  private close(lines: Line[], end: number): void {
    const last = lines.pop();
    if (last?.isWhole === true && blanksAt(this.text, last.from, last.to) === last.to - last.from) {
      this.indentation = this.text.slice(last.from, last.to);
      return;
    }
    if (last !== undefined) lines.push(last);
    this.misplaced(end, end + DELIMITER.length, `the closing \`${DELIMITER}\` stands on a line of its own`,
      { hint: "the line end in front of it is no part of the text; its indentation is taken from every line" });
  }

  /** The opener's and the closer's places, and the lines' indentation: one complaint a text. */
  private misplaced(start: number, end: number, message: string, extras: DiagnosticExtras): void {
    if (!this.isMisplaced) this.report("J0133", start, end, message, extras);
    this.isMisplaced = true;
  }

  private read(lines: Line[], isFirst: boolean, isLast: boolean): { value: string; written: string } {
    let value = "";
    let written = "";
    let joins = isFirst;
    for (const [index, line] of lines.entries()) {
      const endsLine = isLast || index < lines.length - 1;
      const from = line.isWhole ? this.unindented(line, endsLine) : line.from;
      if (line.isWhole) {
        written += "\n";
        if (!joins) value += "\n";
      }
      written += this.text.slice(from, line.to);
      joins = endsLine && this.joinsNext(from, line.to);
      value += this.decoded(from, joins ? line.to - 1 : line.to);
      if (joins && isLast && index === lines.length - 1) {
        this.report("J0106", line.to - 1, line.to, "a backslash at the end of the last line joins nothing");
      }
    }
    return { value, written };
  }

  /** Where a line begins behind the closer's indentation. A line of blanks is an empty one. */
  private unindented({ from, to }: Line, endsLine: boolean): number {
    const { indentation, text } = this;
    const count = blanksAt(text, from, to);
    if (count === to - from && endsLine) return to;
    if (indentation === null || text.startsWith(indentation, from)) return from + (indentation?.length ?? 0);
    const blanks = text.slice(from, from + count);
    if (indentation.startsWith(blanks)) {
      this.misplaced(from, from + Math.max(count, 1), `the line is indented less than the closing \`${DELIMITER}\``, {
        hint: `the indentation of the closing \`${DELIMITER}\` is taken from every line: move that to the left, or the`
          + " line to the right",
      });
    } else {
      this.misplaced(from, from + count, `the line is indented by other blanks than the closing \`${DELIMITER}\``, {
        hint: "tabs and spaces do not stand for each other: indent all lines alike",
      });
    }
    return from + count;
  }

  /** Does the line end in a backslash that is not escaped itself? */
  private joinsNext(from: number, to: number): boolean {
    let at = to;
    while (at > from && this.text.charCodeAt(at - 1) === 92) at -= 1;
    return (to - at) % 2 === 1;
  }

  private decoded(start: number, end: number): string {
    const { text } = this;
    const { isTemplate } = this.of;
    let made = "";
    let from = start;
    for (let at = start; at < end;) {
      const c = text.charCodeAt(at);
      if (c === 92) {
        const escape = readEscape(text, at, isTemplate);
        if (escape.problem !== null) this.report("J0106", at, escape.end, escape.problem);
        made += text.slice(from, at) + String.fromCodePoint(escape.value);
        at = from = escape.end;
      } else if (isTemplate && (c === 123 || c === 125)) {
        const isDoubled = at + 1 < end && text.charCodeAt(at + 1) === c;
        if (!isDoubled) this.report("J0126", at, at + 1, ...LONE_BRACE);
        made += text.slice(from, at + 1);
        at = from = at + (isDoubled ? 2 : 1);
      } else {
        at += 1;
      }
    }
    return made + text.slice(from, end);
  }
}

/** A `}` in an interpolated text that closes nothing. */
export const LONE_BRACE: [string, DiagnosticExtras] = ["a lone `}` in an interpolated string",
  { hint: "write `}}` for the brace itself" }];

function blanksAt(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at += 1;
  return at - from;
}
