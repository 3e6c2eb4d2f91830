// Shows values in the formats of `$"{x:.2f}"` (the grammar is in sema/formats.ts). Promises: a format is read once,
// where it is written.
import { type Format, formatProblem, parseFormat } from "../sema/formats.ts";
import type { Type } from "../syntax/ast.ts";
import { exponential, fixed } from "./decimals.ts";
import { showOf } from "./show.ts";
import { bytes, text as toText } from "./values.ts";

const RADIX: Record<string, { base: number; prefix: string }> = {
  x: { base: 16, prefix: "0x" }, X: { base: 16, prefix: "0x" },
  b: { base: 2, prefix: "0b" }, o: { base: 8, prefix: "0o" },
};

/** The digits of a number without its sign. */
type Magnitude = (v: any) => string;

function integerMagnitude(f: Format): Magnitude {
  const radix = RADIX[f.kind];
  const plain = (v: number | bigint): string => (v < 0 ? -v : v).toString(radix?.base ?? 10);
  if (f.kind === "X") return (v) => (f.prefix ? "0x" : "") + plain(v).toUpperCase();
  return radix !== undefined && f.prefix ? (v) => radix.prefix + plain(v) : plain;
}

/** A whole number with zeros after the point: exact, also where no float would be. */
const wholeFixed = (v: number | bigint, digits: number): string =>
  BigInt(v < 0 ? -v : v).toString() + (digits > 0 ? `.${"0".repeat(digits)}` : "");

function floatMagnitude(f: Format, t: Type): Magnitude {
  const digits = f.digits ?? 6;
  switch (f.kind) {
    case "f": return t.k === "int" ? (v) => wholeFixed(v, digits) : (v) => fixed(Math.abs(v), digits);
    case "%": return t.k === "int" ? (v) => `${wholeFixed(BigInt(v) * 100n, f.digits ?? 0)}%`
      : (v) => `${fixed(Math.abs(v * 100), f.digits ?? 0)}%`;
    case "e": return (v) => exponential(Math.abs(Number(v)), digits);
    case "E": return (v) => exponential(Math.abs(Number(v)), digits).toUpperCase();
  }
  if (f.digits !== null) return (v) => fixed(Math.abs(v), f.digits!);
  const plain = showOf(t);
  return (v) => plain(Math.abs(v));
}

function number(f: Format, t: Type): (v: any) => { sign: string; body: string } {
  const magnitude = t.k === "int" && !"feE%".includes(f.kind || "?") ? integerMagnitude(f) : floatMagnitude(f, t);
  const positive = f.plus ? "+" : "";
  return (v) => ({ sign: v < 0 || Object.is(v, -0) ? "-" : positive, body: magnitude(v) });
}

/** Characters of a Janus string: bytes that start one. */
export function characters(s: string): number {
  let n = 0;
  for (let i = 0; i < s.length; i++) if ((s.charCodeAt(i) & 0xc0) !== 0x80) n++;
  return n;
}

function pad(s: string, f: Format, align: "<" | ">" | "^"): string {
  const missing = f.width - characters(s);
  if (missing <= 0) return s;
  const fill = bytes(f.fill);
  const left = align === "<" ? 0 : align === ">" ? missing : missing >> 1;
  return fill.repeat(left) + s + fill.repeat(missing - left);
}

/** How a value of the type is shown in a format that the checker has let through. */
export function formatOf(t: Type, spec: string): (v: any) => string {
  const f = parseFormat(spec);
  if (f === null || formatProblem(t, spec) !== null) throw new Error(`the checker let the format \`${spec}\` through`);
  if (f.kind === "c") {
    const character = (v: any): string => String.fromCodePoint(v >= 0 && v <= 0x10ffff ? Number(v) : 0xfffd);
    return (v) => pad(bytes(character(v)), f, f.align ?? "<");
  }
  if ((t.k === "int" || t.k === "float") && f.kind !== "s") {
    const parts = number(f, t);
    return (v) => {
      const { sign, body } = parts(v);
      if (f.zeros && f.align === null && /^\d/.test(body)) {
        const prefix = f.prefix ? body.slice(0, 2) : "";
        return sign + prefix + body.slice(prefix.length).padStart(f.width - sign.length - prefix.length, "0");
      }
      return pad(sign + body, f, f.align ?? ">");
    };
  }
  const plain = showOf(t);
  const most = f.digits;
  return (v) => {
    let s = plain(v);
    if (most !== null && characters(s) > most) s = bytes([...toText(s)].slice(0, most).join(""));
    return pad(s, f, f.align ?? "<");
  };
}

