// The formats of `$"{x:.2f}"`: `[[fill]align][+][#][0][width][.digits][kind]`.
//   align  < left, > right, ^ middle   +  a sign on positive numbers   #  0x, 0b, 0o before the digits
//   0      zeros between sign and digits   width  in characters   .digits  after the point; of a text: at most so many
//   kind   d x X b o c for integers (c: the character), f e % for floats and integers, s for anything
// Promises: a format that does not fit its value's type is found before anything runs. Showing is eval/format.ts.
import type { Type } from "../syntax/ast.ts";

export interface Format {
  fill: string;
  align: "<" | ">" | "^" | null;
  plus: boolean;
  prefix: boolean;
  zeros: boolean;
  width: number;
  digits: number | null;
  kind: string;
}

/** Reads a format; null when it is none. */
export function parseFormat(spec: string): Format | null {
  const m = /^(?:(.)?([<>^]))?(\+)?(#)?(0)?(\d{1,4})?(?:\.(\d{1,3}))?([dxXbocfeEs%])?$/su.exec(spec);
  if (m === null) return null;
  const digits = m[7] === undefined ? null : Number(m[7]);
  if (digits !== null && digits > 100) return null;
  return {
    fill: m[1] ?? " ",
    align: (m[2] as Format["align"] | undefined) ?? null,
    plus: m[3] !== undefined,
    prefix: m[4] !== undefined,
    zeros: m[5] !== undefined,
    width: m[6] === undefined ? 0 : Number(m[6]),
    digits,
    kind: m[8] ?? "",
  };
}

/** Why a format cannot show values of a type; null when it can. */
export function formatProblem(t: Type, spec: string): string | null {
  const f = parseFormat(spec);
  if (f === null) return `\`${spec}\` is no format`;
  if (t.k === "unknown") return null;
  const numeric = t.k === "int" || t.k === "float";
  if ("dxXboc".includes(f.kind) && f.kind !== "" && t.k !== "int") return `\`${f.kind}\` shows integers`;
  if ("feE%".includes(f.kind) && f.kind !== "" && !numeric) return `\`${f.kind}\` shows numbers`;
  if ((f.plus || f.zeros) && !numeric) return "`+` and `0` are for numbers";
  if (f.prefix && !"xXbo".includes(f.kind || "?")) return "`#` goes with `x`, `b` and `o`";
  if (f.digits !== null && t.k === "int" && !"feE%".includes(f.kind || "?")) {
    return "an integer has no digits after a point";
  }
  return null;
}
