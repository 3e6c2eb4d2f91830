// Which token of a printed text is which token of its source. The printer keeps nearly all of them, in their order; it
// writes some marks anew (`do` for `{`), leaves some out (parentheses that change nothing) and adds some (commas). So a
// walk through both that looks a few tokens ahead where they differ finds the pairs, in linear time.
import type { Token } from "./token.ts";

/** How far the walk looks ahead: more than what stands between two tokens that both texts have. */
const lookahead_max = 24;

/** For each token of the source, the index of its token in the printed text, or -1. */
export function align(source: readonly Token[], printed: readonly Token[]): Int32Array {
  const made = new Int32Array(source.length).fill(-1);
  const left = source.map(nameOf);
  const right = printed.map(nameOf);
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    if (left[i] === right[j]) {
      made[i++] = j++;
      continue;
    }
    const skip = ownMark(left[i]!, right[j]!) ?? nextPair(left, right, i, j, true) ?? nextPair(left, right, i, j, false)
      ?? [1, 1];
    i += skip[0];
    j += skip[1];
  }
  return made;
}

/** How many tokens to leave out on each side to come to a pair, or, if `sure`, to two pairs in a row. */
function nextPair(left: string[], right: string[], i: number, j: number, sure: boolean): [number, number] | null {
  for (let distance = 1; distance <= lookahead_max; distance++) {
    for (let a = 0; a <= distance; a++) {
      const b = distance - a;
      if (i + a >= left.length || j + b >= right.length || left[i + a] !== right[j + b]) continue;
      if (!sure || left[i + a + 1] === right[j + b + 1]) return [a, b];
    }
  }
  return null;
}

/** Marks that one text has and the other need not, however many in a row. */
function ownMark(left: string, right: string): [number, number] | null {
  if (left === "(" || left === ")" || left === "," || left === ";") return [1, 0];
  return right === "(" || right === ")" || right === "," ? [0, 1] : null;
}

const written: Record<string, string> = { do: "{", then: "{", end: "}", "->": "=>", "!": "not" };

/** The same for tokens that stand for the same. */
function nameOf(token: Token): string {
  const name = token.kind === "word" || token.kind === "int" || token.kind === "float" ? token.text : token.kind;
  return Object.hasOwn(written, name) ? written[name]! : name;
}
