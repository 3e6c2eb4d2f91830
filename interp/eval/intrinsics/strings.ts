// Strings. A Janus string is a JS string of bytes, so searching, slicing and joining are the host's own; what goes by
// characters or letter case decodes when there is anything beyond ASCII.
import type { Fault, Intrinsic, Site } from "../faults.ts";
import { characters } from "../format.ts";
import { parseExact, parseIntOf } from "../integers.ts";
import { quote } from "../show.ts";
import { bytes, elementKind, Slice, text } from "../values.ts";
import { roomFor, WORD } from "../room.ts";

const I64 = { k: "int", name: "i64", bits: 64, signed: true } as const;
const U8_KIND = elementKind({ k: "int", name: "u8", bits: 8, signed: false });
const I64_KIND = elementKind(I64);
/** Longest string that an operation may make, bytes. */
export const LONGEST = 2 ** 30;

/** Whether a string of so many bytes may be made; the fault is P006 otherwise. what: says that no engine could. */
export function roomForText(length: number, what: string, fault: Fault): boolean {
  if (length <= LONGEST) return roomFor(length, fault);
  fault("P006", `out of memory: ${what}`);
  return false;
}

const strings = (parts: string[]): Slice => new Slice(parts, 0);

function isAscii(s: string): boolean {
  for (let i = 0; i < s.length; i++) if (s.charCodeAt(i) > 127) return false;
  return true;
}

/** The characters of UTF-8, each as its bytes; a byte that starts none stands for itself. */
export function splitCharacters(s: string): string[] {
  const out: string[] = [];
  for (let i = 0; i < s.length; ) {
    const lead = s.charCodeAt(i);
    let n = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf8 ? 4 : 1;
    for (let k = 1; k < n; k++) if ((s.charCodeAt(i + k) & 0xc0) !== 0x80) n = 1;
    out.push(s.slice(i, i + n));
    i += n;
  }
  return out;
}

const codePointOf = (character: string): number =>
  character.length === 1 ? character.charCodeAt(0) : text(character).codePointAt(0)!;

/** Blank, tab, line feed, vertical tab, form feed, carriage return. */
const isBlank = (code: number): boolean => code === 32 || (code >= 9 && code <= 13);

function trimmed(s: string, atStart: boolean, atEnd: boolean): string {
  let from = 0;
  let to = s.length;
  if (atStart) while (from < to && isBlank(s.charCodeAt(from))) from++;
  if (atEnd) while (to > from && isBlank(s.charCodeAt(to - 1))) to--;
  return s.slice(from, to);
}

function words(s: string): string[] {
  const out: string[] = [];
  let start = -1;
  for (let i = 0; i <= s.length; i++) {
    const blank = i === s.length || isBlank(s.charCodeAt(i));
    if (blank && start >= 0) out.push(s.slice(start, i));
    start = blank ? -1 : start < 0 ? i : start;
  }
  return out;
}

function lines(s: string): string[] {
  const parts = s.split("\n");
  if (parts.at(-1) === "") parts.pop();
  return parts.map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
}

function count(s: string, part: string): number {
  if (part === "") return characters(s) + 1;
  let n = 0;
  for (let at = s.indexOf(part); at >= 0; at = s.indexOf(part, at + part.length)) n++;
  return n;
}

function padding(s: string, width: number, fill: string, fault: Fault): string | undefined {
  const missing = Number(width) - characters(s);
  if (missing <= 0) return "";
  if (!roomForText(missing, `a string of ${width} characters`, fault)) return undefined;
  const units = splitCharacters(fill === "" ? " " : fill);
  let out = "";
  if (units.length === 1) return units[0]!.repeat(missing);
  for (let i = 0; i < missing; i++) out += units[i % units.length]!;
  return out;
}

/** Bytes that the change of case makes of one: the text, flat; the same decoded, two bytes a letter; the result. */
const CASED_BYTES = 4;

const cased = (change: (s: string) => string) => ({ rt }: Site) => (s: string) => {
  if (!roomFor(CASED_BYTES * s.length, rt.panic)) return undefined;
  return isAscii(s) ? change(s) : bytes(change(text(s)));
};

const asciiLower = (s: string): string =>
  isAscii(s) ? s.toLowerCase() : s.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** Sets of bytes as tables, by the text that names them: programs use few, and the same ones again. */
const byteSets = new Map<string, Uint8Array>();
const BYTE_SETS = 64;

function byteSet(members: string): Uint8Array {
  const known = byteSets.get(members);
  if (known !== undefined) return known;
  const table = new Uint8Array(256);
  for (let i = 0; i < members.length; i++) table[members.charCodeAt(i)] = 1;
  if (byteSets.size >= BYTE_SETS) byteSets.clear();
  byteSets.set(members, table);
  return table;
}

function indexOfAny(s: string, members: string, from: number): number | null {
  const table = byteSet(members);
  for (let i = Math.max(0, Number(from)); i < s.length; i++) if (table[s.charCodeAt(i)] === 1) return i;
  return null;
}

const FLOAT = /^[+-]?(?:\d[\d_]*)(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?$|^[+-]?\.\d+(?:[eE][+-]?\d+)?$/;

/** A float as programs write it; null when the text is none. */
export function parseFloatText(s: string): number | null {
  if (FLOAT.test(s)) return Number(s.replaceAll("_", ""));
  switch (s) {
    case "inf": case "+inf": return Infinity;
    case "-inf": return -Infinity;
    case "nan": return NaN;
    default: return null;
  }
}

const found = (at: number): number | null => (at < 0 ? null : at);

export const stringIntrinsics: Record<string, Intrinsic> = {
  "string.len": () => (s: string) => s.length,
  "string.slice": ({ rt }) => (s: string, i: number, j: number) =>
    i >= 0 && i <= j && j <= s.length
      ? s.slice(i, j)
      : rt.panic("P001", `slice ${i}..${j} is out of bounds: the string has ${s.length} bytes`),
  "string.split": () => (s: string, separator: string) =>
    strings(separator === "" ? splitCharacters(s) : s.split(separator)),
  "string.split_whitespace": () => (s: string) => strings(words(s)),
  "string.lines": () => (s: string) => strings(lines(s)),
  "string.trim": () => (s: string) => trimmed(s, true, true),
  "string.trim_start": () => (s: string) => trimmed(s, true, false),
  "string.trim_end": () => (s: string) => trimmed(s, false, true),
  "string.starts_with": () => (s: string, prefix: string) => s.startsWith(prefix),
  "string.ends_with": () => (s: string, suffix: string) => s.endsWith(suffix),
  "string.contains": () => (s: string, part: string) => s.includes(part),
  "string.index_of": () => (s: string, part: string, from: number) =>
    from > s.length ? null : found(s.indexOf(part, from < 0 ? 0 : Number(from))),
  "string.index_of_any": () => indexOfAny,
  "string.last_index_of": () => (s: string, part: string) => found(s.lastIndexOf(part)),
  "string.count": () => count,
  "string.replace": ({ rt }) => (s: string, part: string, by: string) => {
    if (part === "") return s;
    const longer = by.length - part.length;
    const length = longer <= 0 ? s.length : s.length + longer * count(s, part);
    if (!roomForText(length, "the replaced string is too long", rt.panic)) return undefined;
    return s.split(part).join(by);
  },
  "string.to_upper": cased((s) => s.toUpperCase()),
  "string.to_lower": cased((s) => s.toLowerCase()),
  "string.to_ascii_lower": () => asciiLower,
  "string.chars": () => (s: string) => strings(splitCharacters(s)),
  "string.code_points": () => (s: string) => new Slice(splitCharacters(s).map(codePointOf), I64_KIND),
  "string.bytes": ({ rt }) => (s: string) => {
    if (!roomFor(WORD * s.length, rt.panic)) return undefined;
    const out: number[] = new Array(s.length);
    for (let i = 0; i < s.length; i++) out[i] = s.charCodeAt(i);
    return new Slice(out, U8_KIND);
  },
  "string.from_bytes": () => (b: Slice) => Buffer.from(b.toArray()).latin1Slice(),
  "string.to_utf8": () => (s: string) => (isAscii(s) ? s : bytes(text(s))),
  "string.from_char": ({ rt }) => (code: number) => {
    if (!(code >= 0 && code <= 0x10ffff) || (code >= 0xd800 && code <= 0xdfff)) {
      return rt.panic("P009", `${code} is no code point`);
    }
    return bytes(String.fromCodePoint(Number(code)));
  },
  "string.byte_at": ({ rt }) => (s: string, i: number) =>
    i >= 0 && i < s.length
      ? s.charCodeAt(Number(i))
      : rt.panic("P001", `index ${i} is out of bounds: the string has ${s.length} bytes`),
  "string.repeat": ({ rt }) => (s: string, n: number) => {
    if (n < 0) return rt.panic("P009", `a string cannot be repeated ${n} times`);
    if (!roomForText(s.length * Number(n), `${n} times ${s.length} bytes`, rt.panic)) return undefined;
    return s.repeat(Number(n));
  },
  "string.reverse": () => (s: string) =>
    isAscii(s) ? [...s].reverse().join("") : splitCharacters(s).reverse().join(""),
  "string.pad_left": ({ rt }) => (s: string, width: number, fill: string) => {
    const missing = padding(s, width, fill, rt.panic);
    return missing === undefined ? undefined : missing + s;
  },
  "string.pad_right": ({ rt }) => (s: string, width: number, fill: string) => {
    const missing = padding(s, width, fill, rt.panic);
    return missing === undefined ? undefined : s + missing;
  },
  "string.parse_int": ({ rt }) => (s: string, base: number) =>
    base >= 2 && base <= 36 ? parseIntOf(I64, s, Number(base)) : rt.panic("P009", `there is no base ${base}`),
  "string.integer_shaped": () => (s: string, base: number) => parseExact(s, Number(base)) !== null,
  "string.parse_float": () => parseFloatText,
  "string.quote": () => quote,
  "string.cmp": () => (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0),
};
