// Source texts and places in them. Trees and diagnostics hold UTF-16 offsets; this file turns an offset into the line
// and column that people read. The table of line starts is made when a text is first asked, never for a good program.
import type { SourceText } from "./ast.ts";

/** A place as people count: from 1; the column counts characters (code points), a tab being one. */
export interface Place {
  line: number;
  column: number;
}

const lineTables = new WeakMap<SourceText, number[]>();

export function sourceText(name: string, text: string, id = 0): SourceText {
  return { name, text, id };
}

/** Offsets at which the lines of a text begin. `\n`, `\r\n` and a lone `\r` end a line. */
export function lineStarts(source: SourceText): number[] {
  const known = lineTables.get(source);
  if (known !== undefined) return known;
  const { text } = source;
  const starts = [0];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 10 || (c === 13 && text.charCodeAt(i + 1) !== 10)) starts.push(i + 1);
  }
  lineTables.set(source, starts);
  return starts;
}

/** Number of the line (from 0) that holds an offset; offsets past the end belong to the last line. */
export function lineIndex(source: SourceText, offset: number): number {
  const starts = lineStarts(source);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

export function placeOf(source: SourceText, offset: number): Place {
  const line = lineIndex(source, offset);
  const start = lineStarts(source)[line]!;
  let column = 1;
  const end = Math.min(offset, source.text.length);
  for (let i = start; i < end; i++) {
    // The second half of a surrogate pair is no character of its own.
    const c = source.text.charCodeAt(i);
    if (c < 0xdc00 || c > 0xdfff || i === start) column += 1;
  }
  return { line: line + 1, column };
}

/** `file.jan:11:5` */
export function showPlace(source: SourceText, offset: number): string {
  const { line, column } = placeOf(source, offset);
  return `${source.name}:${line}:${column}`;
}

/** The text of a line (from 0), without its end. */
export function lineText(source: SourceText, line: number): string {
  const starts = lineStarts(source);
  const end = line + 1 < starts.length ? starts[line + 1]! : source.text.length;
  return source.text.slice(starts[line]!, end).replace(/\r?\n$|\r$/, "");
}

/** Characters (UTF-16 units) of a source file: a place in it has 21 bits wherever the program runs. */
export const SOURCE_LENGTH_MAX = 1 << 21;
