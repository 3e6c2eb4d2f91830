// A program of this repository with a few pieces changed in a way that it may still check: other numbers, operators and
// names, lines left out, doubled or exchanged.
import { programs } from "../../interp/syntax/testing.ts";
import type { Random } from "./random.ts";

/** What touches files, other programs or the network is left alone, and so is what needs long by itself. */
const SPARED = /std\.(fs|os|net|http|io)|\bexit\(|^std\/|^bench\/|soak/;
const LENGTH_MAX = 6000;

const NUMBERS = ["0", "1", "-1", "2", "255", "9223372036854775807", "(-9223372036854775807 - 1)", "1000000000"];
const OPERATORS = ["+", "-", "*", "/", "%", "<<", ">>", "&", "|", "^", "**", "+%", "++", "==", "<", "and", "or", "??"];

let corpus: string[] | null = null;

function texts(): string[] {
  return corpus ??= programs().filter(({ name, text }) =>
    text.length < LENGTH_MAX && !SPARED.test(text) && !SPARED.test(name)).map(({ text }) => text);
}

/** null: the place that was chosen holds nothing to change. */
export function mutated(random: Random): string | null {
  let text = random.pick(texts());
  for (let edits = random.between(1, 3); edits > 0; edits--) {
    const made = edited(random, text);
    if (made === null) return null;
    text = made;
  }
  return text;
}

function edited(random: Random, text: string): string | null {
  const lines = text.split("\n");
  const at = random.below(lines.length);
  switch (random.below(6)) {
    // not the ends of ranges: fibers without number leave no room for anything else
    case 0: return replaced(random, text, /(?<!\.\.=?)\b\d+\b/g, () => random.pick(NUMBERS));
    case 1: return replaced(random, text, / (\+|-|\*|\/|%|==|<|and|or|\?\?) /g, () => ` ${random.pick(OPERATORS)} `);
    case 2: {
      const words = text.match(/\b[a-z_]\w*\b/g);
      return words === null ? null : replaced(random, text, /\b[a-z_]\w*\b/g, () => random.pick(words));
    }
    case 3: lines.splice(at, 1); break;
    case 4: lines.splice(at, 0, lines[random.below(lines.length)]!); break;
    default: [lines[at], lines[random.below(lines.length)]] = [lines[random.below(lines.length)]!, lines[at]!];
  }
  return lines.join("\n");
}

function replaced(random: Random, text: string, pattern: RegExp, by: () => string): string | null {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return null;
  const one = random.pick(found);
  return text.slice(0, one.index) + by() + text.slice(one.index + one[0].length);
}
