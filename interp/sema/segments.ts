// Whole numbers in the patterns of one match. All the places where one of its patterns begins or ends cut the numbers
// into segments, within which no pattern tells two numbers apart; a tree over them holds something for each interval.
// Promises: an interval is put at no more than twice as many nodes as the tree is deep, so that thousands of literals
// and ranges cost little more than their number. A segment tree as in Bentley, "Solutions to Klee's rectangle problems"
// (1977).
import type { Type } from "../syntax/ast.ts";
import { intRange } from "./types.ts";

type Int = Extract<Type, { k: "int" }>;

/** Segments by their numbers, from `from` up to but not including `to`. */
export interface Interval {
  from: number;
  to: number;
}

/** The cuts of one match. */
export class Cuts {
  /** the first number of each segment, ascending */
  readonly #starts: bigint[];
  readonly #index = new Map<bigint, number>();

  /** `ends`: first numbers of patterns, and those behind their last ones. */
  constructor(ends: Iterable<bigint>) {
    const all = new Set(ends);
    for (const bits of [7n, 8n, 15n, 16n, 31n, 32n, 63n, 64n]) all.add(2n ** bits).add(-(2n ** bits));
    all.add(0n);
    this.#starts = [...all].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    this.#starts.forEach((start, i) => this.#index.set(start, i));
  }

  get count(): number {
    return this.#starts.length;
  }

  /** Both are among the cuts: `low`, and the number behind `high`. */
  interval(low: bigint, high: bigint): Interval {
    return { from: this.#index.get(low)!, to: this.#index.get(high + 1n)! };
  }

  ofType(t: Int): Interval {
    return this.interval(...intRange(t));
  }

  /** `3`, `4..=9`. */
  show({ from, to }: Interval): string {
    const low = this.#starts[from]!;
    const high = this.#starts[to]! - 1n;
    return low === high ? `${low}` : `${low}..=${high}`;
  }

  /** The same where the type's own ends need not be spelt out: `..=-1`, `6..`. */
  showOpen(part: Interval, { from, to }: Interval): string {
    const low = this.#starts[part.from]!;
    const high = this.#starts[part.to]! - 1n;
    return part.from === from ? `..=${high}` : part.to === to ? `${low}..` : this.show(part);
  }
}

/** A node of the tree over segments; its interval is known to whoever walks it. */
export class Segments<T> {
  value: T | null = null;
  left: Segments<T> | null = null;
  right: Segments<T> | null = null;
  /** every segment below, or at this node as a whole, has a value */
  isFull = false;

  /** Calls `f` for the value at each of the nodes that make up an interval, made by `make` where there is none. */
  put({ from, to }: Interval, count: number, make: () => T, f: (value: T) => void): void {
    const walk = (node: Segments<T>, low: number, high: number): void => {
      if (from <= low && high <= to) {
        node.value ??= make();
        node.isFull = true;
        f(node.value);
        return;
      }
      const middle = (low + high) >> 1;
      if (from < middle) walk(node.left ??= new Segments(), low, middle);
      if (to > middle) walk(node.right ??= new Segments(), middle, high);
      node.isFull ||= node.left?.isFull === true && node.right?.isFull === true;
    };
    walk(this, 0, count);
  }
}

/**
 * Walks an interval of several trees at once, from left to right: `visit` is given each piece of it in which all of
 * them are the same, with the values that hold there. A true result ends the walk, and is its own.
 */
export function eachPiece<T>(
  trees: Segments<T>[], within: Interval, count: number, visit: (values: T[], piece: Interval) => boolean,
): boolean {
  const walk = (nodes: Segments<T>[], above: T[], low: number, high: number): boolean => {
    const from = Math.max(low, within.from);
    const to = Math.min(high, within.to);
    if (from >= to) return false;
    const here = nodes.flatMap((node) => (node.value === null ? [] : [node.value]));
    const values = here.length === 0 ? above : [...above, ...here];
    const below = (side: "left" | "right") => nodes.flatMap((node) => node[side] ?? []);
    const [left, right] = [below("left"), below("right")];
    if (left.length === 0 && right.length === 0) return visit(values, { from, to });
    const middle = (low + high) >> 1;
    return walk(left, values, low, middle) || walk(right, values, middle, high);
  };
  return walk(trees, [], 0, count);
}

/** The parts of an interval where none of the trees has a value, joined where they touch; at most `max`. */
export function gaps<T>(trees: Segments<T>[], within: Interval, count: number, max: number): Interval[] {
  const found: Interval[] = [];
  const walk = (nodes: Segments<T>[], low: number, high: number): boolean => {
    const from = Math.max(low, within.from);
    const to = Math.min(high, within.to);
    if (from >= to || nodes.some((node) => node.isFull)) return false;
    if (nodes.length === 0) {
      const last = found.at(-1);
      if (last?.to === from) last.to = to;
      else if (found.length === max) return true;
      else found.push({ from, to });
      return false;
    }
    const middle = (low + high) >> 1;
    return walk(nodes.flatMap((node) => node.left ?? []), low, middle) ||
      walk(nodes.flatMap((node) => node.right ?? []), middle, high);
  };
  walk(trees, 0, count);
  return found;
}
