// Slice patterns in the matrix of exhaustiveness.ts: which lengths of a slice its patterns tell apart. Promises: the
// lengths listed for a column, together with "longer", are all there are, and values of one entry are matched by their
// elements alone. After the treatment of slices in rustc's pattern analysis: where no pattern asks for an exact length
// beyond it, a slice is known by the longest prefix and the longest suffix that any pattern looks at.
import type { Type } from "../syntax/ast.ts";
import { ANY, type Constructor, type Pat } from "./pats.ts";

type SlicePat = Extract<Pat, { k: "slice" }>;

/** One length, or every length from `prefix` + `suffix` on. */
interface Length extends Constructor {
  prefix: number;
  suffix: number;
  longer: boolean;
}

/** Patterns of more elements than this make a match "too involved". */
const ELEMENTS_MAX = 500;

/** What a column of slice patterns tells apart; null where the patterns are too long to say. */
export function lengthsOf(type: Type, patterns: SlicePat[]): Length[] | null {
  let exact = -1;
  let prefix = 0;
  let suffix = 0;
  for (const p of patterns) {
    if (!p.rest) exact = Math.max(exact, p.before.length);
    else {
      prefix = Math.max(prefix, p.before.length);
      suffix = Math.max(suffix, p.after.length);
    }
  }
  const of = (type as Extract<Type, { k: "slice" | "array" }>).of;
  // of a fixed array there is one length, and of its elements only those that a pattern looks at matter
  if (type.k === "array") {
    const all = exact >= 0 || prefix + suffix > type.length;
    return all ? [length(of, type.length, 0, false)] : [length(of, prefix, suffix, prefix + suffix < type.length)];
  }
  const first = Math.max(exact + 1, prefix + suffix);
  if (first > ELEMENTS_MAX) return null;
  const lengths: Length[] = [];
  for (let n = 0; n < first; n++) lengths.push(length(of, n, 0, false));
  prefix = Math.max(prefix, first - suffix);
  lengths.push(length(of, prefix, suffix, true));
  return lengths;
}

function length(of: Type, prefix: number, suffix: number, longer: boolean): Length {
  return {
    key: `${longer ? ">=" : ""}${prefix}+${suffix}`, prefix, suffix, longer,
    types: new Array<Type>(prefix + suffix).fill(of),
    show: (p) => `[${[...p.slice(0, prefix), ...(longer ? [".."] : []), ...p.slice(prefix)].join(", ")}]`,
  };
}

/** The parts of a slice pattern for one of the lengths of its column; null when it matches none of that length. */
export function partsOf(p: SlicePat, by: Constructor): Pat[] | null {
  const { prefix, suffix, longer } = by as Length;
  const taken = p.before.length + p.after.length;
  const known = prefix + suffix;
  if (p.rest ? taken > known : longer || taken !== known) return null;
  return [...p.before, ...new Array<Pat>(known - taken).fill(ANY), ...p.after];
}
