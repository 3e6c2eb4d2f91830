// Shows diagnostics: as text with the source marked, and as JSON. Pure functions; who prints them decides where to.
// Columns are those of a terminal: a tab goes to the next multiple of four, wide characters take two.
import type { SourceText, Span } from "./ast.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { lineIndex, lineStarts, lineText, placeOf, showPlace } from "./source.ts";

export interface RenderOptions {
  colour?: boolean;
  /** How wide the terminal is. Longer source lines are shown in part, around what is marked. */
  columns?: number;
}

/** Where no terminal says how wide it is. */
const columns_default = 140;

/** Of a source line, as much is always shown, however narrow the terminal. */
const shown_min = 20;

interface Mark {
  span: Span;
  message: string;
  primary: boolean;
}

type Paint = (style: keyof typeof styles, text: string) => string;

const styles = { error: "1;31", warning: "1;33", bold: "1", gutter: "34", note: "36", hint: "32" };

export function renderText(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const paint: Paint = options.colour === true ? (style, text) => `\x1b[${styles[style]}m${text}\x1b[0m`
    : (_style, text) => text;
  const { severity, unit } = diagnostic;
  const byUnit = new Map<SourceText, Mark[]>();
  byUnit.set(unit, [{ span: diagnostic.span, message: diagnostic.label ?? "", primary: true }]);
  for (const note of diagnostic.notes) {
    const marks = byUnit.get(note.unit) ?? [];
    marks.push({ span: note.span, message: note.message, primary: false });
    byUnit.set(note.unit, marks);
  }
  let lastLine = 1;
  for (const [source, marks] of byUnit) {
    for (const mark of marks) lastLine = Math.max(lastLine, lineIndex(source, mark.span.start) + 1);
  }
  const gutter = String(lastLine).length;
  const title = paint(severity, `${severity}[${diagnostic.code}]`);
  const lines = [title + paint("bold", `: ${clean(diagnostic.message)}`)];
  for (const [source, marks] of byUnit) {
    const place = marks.find((mark) => mark.primary) ?? marks[0]!;
    lines.push(`${" ".repeat(gutter)}${paint("gutter", "-->")} ${showPlace(source, place.span.start)}`);
    // what stands before the line, and an ellipsis at either end
    const room = Math.max(shown_min, (options.columns ?? columns_default) - gutter - 5);
    renderMarks(source, marks, gutter, severity, paint, lines, room);
  }
  if (diagnostic.hint !== undefined) {
    lines.push(`${" ".repeat(gutter)} ${paint("gutter", "=")} ${paint("hint", "hint")}: ${clean(diagnostic.hint)}`);
  }
  return lines.join("\n");
}

/** Nobody reads more of them at once. */
const shown_max = 100;

/** The first hundred of them, a blank line between two; of more, how many there are. */
export function renderAll(diagnostics: Diagnostic[], options: RenderOptions = {}): string {
  const texts = diagnostics.slice(0, shown_max).map((diagnostic) => `${renderText(diagnostic, options)}\n`);
  if (diagnostics.length > shown_max) {
    texts.push(`${diagnostics.length} errors, of which these are the first ${shown_max}; ` +
      "`janus check --json` lists all of them\n");
  }
  return texts.join("\n");
}

function renderMarks(source: SourceText, marks: Mark[], gutter: number, severity: "error" | "warning", paint: Paint,
  lines: string[], room: number): void {
  const blank = `${" ".repeat(gutter)} ${paint("gutter", "|")}`;
  const byLine = new Map<number, Mark[]>();
  for (const mark of marks) {
    const line = lineIndex(source, mark.span.start);
    byLine.set(line, [...(byLine.get(line) ?? []), mark]);
  }
  lines.push(blank);
  let previous = -1;
  for (const line of [...byLine.keys()].sort((a, b) => a - b)) {
    if (previous >= 0 && line > previous + 1) lines.push(paint("gutter", "...".padEnd(gutter + 2)));
    previous = line;
    const onLine = byLine.get(line)!;
    const anchor = onLine.find((mark) => mark.primary) ?? onLine[0]!;
    const shown = showLine(source, line, anchor.span, room);
    const number = paint("gutter", `${String(line + 1).padStart(gutter)} |`);
    lines.push(shown.text === "" ? number : `${number} ${shown.text}`);
    for (const mark of onLine) {
      const from = shown.column(mark.span.start);
      const width = Math.max(1, shown.column(mark.span.end) - from);
      // a single `-` before a message reads like a list
      const sign = mark.primary || width === 1 ? "^" : "-";
      const message = mark.message === "" ? "" : ` ${clean(mark.message)}`;
      const marked = paint(mark.primary ? severity : "note", sign.repeat(width) + message);
      lines.push(`${blank} ${" ".repeat(from)}${marked}`);
    }
  }
}

/** A line as a terminal shows it, and the terminal column of each offset in it. */
function showLine(source: SourceText, line: number, around: Span, room: number): {
  text: string; column: (offset: number) => number;
} {
  const start = lineStarts(source)[line]!;
  const full = lineText(source, line);
  let from = 0;
  let to = full.length;
  if (full.length > room) {
    from = Math.max(0, Math.min(around.start - start - Math.trunc(room * 0.4), full.length - room));
    to = Math.min(full.length, from + room);
  }
  let text = from > 0 ? "…" : "";
  let column = text.length;
  const columns: number[] = [];
  for (let i = from; i < to;) {
    const code = full.codePointAt(i)!;
    const units = code > 0xffff ? 2 : 1;
    for (let k = 0; k < units; k++) columns.push(column);
    const piece = code === 9 ? " ".repeat(4 - (column % 4)) : visible(code);
    text += piece;
    column += code === 9 ? piece.length : columnsOf(code);
    i += units;
  }
  columns.push(column);
  if (to < full.length) text += "…";
  const columnOf = (offset: number): number => {
    const i = offset - start - from;
    return i <= 0 ? columns[0]! : columns[Math.min(i, columns.length - 1)]!;
  };
  return { text: text.trimEnd(), column: columnOf };
}

/** Control characters would drive the terminal; their pictures do not. */
function visible(code: number): string {
  if (code < 32) return String.fromCodePoint(0x2400 + code);
  if (code === 127) return "\u2421";
  if ((code >= 0x80 && code < 0xa0) || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) {
    return "\ufffd";
  }
  return String.fromCodePoint(code);
}

function clean(message: string): string {
  let made = "";
  for (const character of message) {
    const code = character.codePointAt(0)!;
    made += code === 10 ? "\n" : visible(code);
  }
  return made;
}

function columnsOf(code: number): number {
  if (code < 0x300) return 1;
  if ((code >= 0x300 && code <= 0x36f) || (code >= 0x200b && code <= 0x200f) || (code >= 0x20d0 && code <= 0x20ff)
    || (code >= 0xfe00 && code <= 0xfe0f)) return 0;
  const wide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf)
    || (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) || (code >= 0xfe30 && code <= 0xfe6f)
    || (code >= 0xff00 && code <= 0xff60) || (code >= 0xffe0 && code <= 0xffe6) || (code >= 0x1f300 && code <= 0x1f64f)
    || (code >= 0x1f680 && code <= 0x1f6ff) || (code >= 0x1f900 && code <= 0x1f9ff) || (code >= 0x20000
      && code <= 0x3fffd);
  return wide ? 2 : 1;
}

// ---------------------------------------------------------------- JSON

/** Lines and columns count from 1, ends are excluded; `offset` counts UTF-16 units from 0. */
export interface JsonPlace {
  file: string;
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
  offset: number;
  endOffset: number;
}

export interface JsonDiagnostic extends JsonPlace {
  code: string;
  severity: "error" | "warning";
  message: string;
  label: string | null;
  notes: (JsonPlace & { message: string })[];
  hint: string | null;
}

function jsonPlace(source: SourceText, span: Span): JsonPlace {
  const from = placeOf(source, span.start);
  const to = placeOf(source, span.end);
  return { file: source.name, line: from.line, column: from.column, endLine: to.line, endColumn: to.column,
    offset: span.start, endOffset: span.end };
}

export function renderJson(diagnostic: Diagnostic): JsonDiagnostic {
  const { code, severity, message, unit, span } = diagnostic;
  const notes = diagnostic.notes.map((note) => ({ message: note.message, ...jsonPlace(note.unit, note.span) }));
  return { code, severity, message, ...jsonPlace(unit, span), label: diagnostic.label ?? null, notes,
    hint: diagnostic.hint ?? null };
}
