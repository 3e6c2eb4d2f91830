// What the arms of a match cover together. After Maranget, "Warnings for pattern matching" (2007), with the matrix of
// patterns kept as a trie: a row is the sequence of the heads that one meets reading it from left to right, and what
// specialises a matrix is a step in the trie. Promises: exact answers, within a bound of steps; a row costs its length
// to add and, where the rows before it are told apart by their heads, to ask about.
import type { Type } from "../syntax/ast.ts";
import { constructors } from "./constructors.ts";
import { lengthsOf, partsOf } from "./lengths.ts";
import { ANY, before, type Constructor, type List, type Pat } from "./pats.ts";
import type { Checker } from "./scope.ts";
import { type Cuts, eachPiece, gaps, type Interval, Segments } from "./segments.ts";
import { prune } from "./types.ts";

type SlicePat = Extract<Pat, { k: "slice" }>;

/** More steps than a match takes that a person can follow; an arm more gives it some more. */
const STEPS_MAX = 300_000;
const ARM_STEPS = 100;

/** Missing cases that are looked for. */
export const SHOWN_MAX = 8;

/** Rows that begin alike. */
class Rows {
  readonly byKey = new Map<string, Rows>();
  numbers: Segments<Rows> | null = null;
  slices: { head: SlicePat; tail: List<Pat> }[] = [];
  /** of the patterns in `slices`: the longest exact one, the longest prefix and the longest suffix */
  longest: SlicePat[] = [];
  readonly #byLength = new Map<string, { rows: Rows; taken: number }>();
  /** behind a head that looks at nothing */
  rest: Rows | null = null;
  /** one of the rows looks at nothing from here on */
  isTotal = false;

  addSlice(head: SlicePat, tail: List<Pat>): void {
    this.slices.push({ head, tail });
    const length = (p: SlicePat, side: "before" | "after" | "whole"): number =>
      side === "whole" ? (p.rest ? -1 : p.before.length) : p.rest ? p[side].length : 0;
    for (const [i, side] of (["whole", "before", "after"] as const).entries()) {
      const longest = this.longest[i];
      if (longest === undefined || length(head, side) > length(longest, side)) this.longest[i] = head;
    }
  }

  /** The rows whose head is a slice pattern, for slices of one length. */
  ofLength(by: Constructor, add: (rows: Rows, row: List<Pat>) => void): Rows {
    let made = this.#byLength.get(by.key);
    if (made === undefined) this.#byLength.set(by.key, made = { rows: new Rows(), taken: 0 });
    for (; made.taken < this.slices.length; made.taken++) {
      const { head, tail } = this.slices[made.taken]!;
      const parts = partsOf(head, by);
      if (parts !== null) add(made.rows, before(parts, tail));
    }
    return made.rows;
  }
}

/** A place in the trie; `skip`: columns that the row has looked past already. */
interface State {
  rows: Rows;
  skip: number;
}

const anys = (count: number): Pat[] => new Array<Pat>(count).fill(ANY);

export class Cases {
  readonly #c: Checker;
  readonly #cuts: Cuts;
  readonly #root = new Rows();
  #steps = STEPS_MAX;

  constructor(c: Checker, cuts: Cuts) {
    this.#c = c;
    this.#cuts = cuts;
  }

  /** Whether it took too many steps: what has been answered since may be wrong. */
  get gaveUp(): boolean {
    return this.#steps < 0;
  }

  /** Adds an arm. */
  add(p: Pat): void {
    this.#steps += ARM_STEPS;
    this.#add(this.#root, { head: p, tail: null });
  }

  /** Whether some value is matched by the pattern and by no arm; true when that took too long to find out. */
  isUseful(p: Pat, type: Type): boolean {
    this.#steps += ARM_STEPS;
    return this.#useful([{ rows: this.#root, skip: 0 }], { head: p, tail: null }, { head: type, tail: null });
  }

  /** Examples of values that no arm matches, as text; at most a few. */
  missing(type: Type): string[] {
    return this.#missing([{ rows: this.#root, skip: 0 }], { head: type, tail: null }).map((row) => row[0]!);
  }

  /** The numbers that no arm matches, where arms match numbers of that type: with open ends. */
  gaps(type: Extract<Type, { k: "int" }>): string[] {
    const all = this.#cuts.ofType(type);
    const trees = this.#root.numbers === null ? [] : [this.#root.numbers];
    return gaps(trees, all, this.#cuts.count, SHOWN_MAX).map((gap) => this.#cuts.showOpen(gap, all));
  }

  // -------------------------------------------------------------- rows

  #add(rows: Rows, row: List<Pat>): void {
    if (--this.#steps < 0) return;
    if (row === null) {
      rows.isTotal = true;
      return;
    }
    const { head, tail } = row;
    switch (head.k) {
      case "any":
        this.#add(rows.rest ??= new Rows(), tail);
        rows.isTotal ||= rows.rest.isTotal;
        return;
      case "made": {
        let next = rows.byKey.get(head.by.key);
        if (next === undefined) rows.byKey.set(head.by.key, next = new Rows());
        this.#add(next, before(head.parts, tail));
        return;
      }
      case "range":
        rows.numbers ??= new Segments();
        rows.numbers.put(this.#cuts.interval(head.low, head.high), this.#cuts.count, () => new Rows(),
          (next) => this.#add(next, tail));
        return;
      case "slice": rows.addSlice(head, tail); return;
      case "or": for (const one of head.of) this.#add(rows, { head: one, tail });
    }
  }

  // -------------------------------------------------------------- steps

  /** Behind heads that look at nothing. */
  #behindAny(states: State[], arity = 0): State[] {
    const next: State[] = [];
    for (const { rows, skip } of states) {
      if (skip > 0) next.push({ rows, skip: skip - 1 + arity });
      else if (rows.rest !== null) next.push({ rows: rows.rest, skip: arity });
    }
    return next;
  }

  /** Behind the head of a value that is made so. */
  #behind(states: State[], by: Constructor): State[] {
    const next = this.#behindAny(states, by.types.length);
    for (const { rows, skip } of states) {
      const made = skip === 0 ? rows.byKey.get(by.key) : undefined;
      if (made !== undefined) next.push({ rows: made, skip: 0 });
    }
    return next;
  }

  #behindLength(states: State[], by: Constructor): State[] {
    const next = this.#behindAny(states, by.types.length);
    for (const { rows, skip } of states) {
      if (skip > 0 || rows.slices.length === 0) continue;
      next.push({ rows: rows.ofLength(by, (into, row) => this.#add(into, row)), skip: 0 });
    }
    return next;
  }

  #numbers(states: State[]): Segments<Rows>[] {
    return states.flatMap(({ rows, skip }) => (skip > 0 ? [] : rows.numbers ?? []));
  }

  /** The interval of a column's type; of one that is still open, of the widest. */
  #range(type: Type): Interval {
    const t = prune(type);
    return this.#cuts.ofType(t.k === "int" ? t : { k: "int", name: "i64", bits: 64, signed: true });
  }

  /** The lengths that a column of slices tells apart; null when no pattern looks at them. */
  #lengths(type: Type, states: State[], head: Pat): Constructor[] | null {
    const patterns = states.flatMap(({ rows, skip }) => (skip > 0 ? [] : rows.longest));
    if (head.k === "slice") patterns.push(head);
    if (patterns.length === 0) return null;
    const lengths = lengthsOf(prune(type), patterns);
    if (lengths === null) this.#steps = -1;
    for (const length of lengths ?? []) this.#steps -= length.types.length;
    return lengths;
  }

  /** Every constructor of a column if each of them is the head of some row; else null. */
  #signature(type: Type, states: State[]): Constructor[] | null {
    const all = constructors(this.#c, type);
    if (all === null) return null;
    const keyed = states.filter(({ rows, skip }) => skip === 0 && rows.byKey.size > 0);
    if (keyed.reduce((sum, { rows }) => sum + rows.byKey.size, 0) < all.length) return null;
    return all.every((by) => keyed.some(({ rows }) => rows.byKey.has(by.key))) ? all : null;
  }

  // -------------------------------------------------------------- questions

  #useful(states: State[], row: List<Pat>, types: List<Type>): boolean {
    if (states.length === 0 || --this.#steps < 0) return true;
    if (states.some(({ rows }) => rows.isTotal)) return false;
    if (row === null || types === null) return true;
    const { head, tail } = row;
    const type = types.head;
    const made = (by: Constructor, parts: Pat[]): boolean =>
      this.#useful(this.#behind(states, by), before(parts, tail), before(by.types, types.tail));
    const numbers = (trees: Segments<Rows>[], within: Interval): boolean => {
      const others = this.#behindAny(states);
      return eachPiece(trees, within, this.#cuts.count, (rows) =>
        this.#useful([...others, ...rows.map((one) => ({ rows: one, skip: 0 }))], tail, types.tail));
    };
    switch (head.k) {
      case "or": return head.of.some((one) => this.#useful(states, { head: one, tail }, types));
      case "made": return made(head.by, head.parts);
      case "range": return numbers(this.#numbers(states), this.#cuts.interval(head.low, head.high));
      default:
    }
    const lengths = this.#lengths(type, states, head);
    if (lengths !== null) {
      return lengths.some((by) => {
        const parts = head.k === "slice" ? partsOf(head, by) : anys(by.types.length);
        return parts !== null &&
          this.#useful(this.#behindLength(states, by), before(parts, tail), before(by.types, types.tail));
      });
    }
    const trees = this.#numbers(states);
    if (trees.length > 0) {
      const all = this.#range(type);
      // a number that no row names is matched by the fewest rows
      if (gaps(trees, all, this.#cuts.count, 1).length === 0) return numbers(trees, all);
    } else {
      const all = this.#signature(type, states);
      if (all !== null) return all.some((by) => made(by, anys(by.types.length)));
    }
    return this.#useful(this.#behindAny(states), tail, types.tail);
  }

  #missing(states: State[], types: List<Type>): string[][] {
    if (--this.#steps < 0) return [];
    if (states.some(({ rows }) => rows.isTotal)) return [];
    if (types === null) return [[]];
    const { head: type, tail } = types;
    const lengths = this.#lengths(type, states, ANY);
    if (lengths !== null) {
      return this.#examples(lengths, (by) => this.#missing(this.#behindLength(states, by), before(by.types, tail)));
    }
    const trees = this.#numbers(states);
    if (trees.length > 0) return this.#missingNumbers(states, trees, type, tail);
    const all = constructors(this.#c, type);
    const isNamed = (by: Constructor): boolean =>
      states.some(({ rows, skip }) => skip === 0 && rows.byKey.has(by.key));
    // a type that is made in one way is looked into, unless nothing would be seen there
    const single = all?.length === 1 && (states.length > 0 || prune(type).k === "tuple");
    if (all !== null && (single || all.some(isNamed))) {
      const others = (by: Constructor): string[][] =>
        this.#missing(this.#behindAny(states), tail).map((rest) => [...by.types.map(() => "_"), ...rest]);
      return this.#examples(all, (by) => single || isNamed(by)
        ? this.#missing(this.#behind(states, by), before(by.types, tail)) : others(by));
    }
    return this.#missing(this.#behindAny(states), tail).map((rest) => ["_", ...rest]);
  }

  #examples(all: Constructor[], missing: (by: Constructor) => string[][]): string[][] {
    const out: string[][] = [];
    for (const by of all) {
      const { length } = by.types;
      for (const row of missing(by)) out.push([by.show(row.slice(0, length)), ...row.slice(length)]);
      if (out.length > SHOWN_MAX) break;
    }
    return out;
  }

  #missingNumbers(states: State[], trees: Segments<Rows>[], type: Type, types: List<Type>): string[][] {
    const all = this.#range(type);
    const open = gaps(trees, all, this.#cuts.count, SHOWN_MAX + 1);
    const others = this.#behindAny(states);
    const out: string[][] = [];
    if (open.length > 0) {
      const rest = this.#missing(others, types);
      // of the widest types nobody wants to name the ends
      const t = prune(type);
      const isWide = t.k !== "int" || t.bits === 64;
      const names = isWide && (open[0]!.from === all.from || open.at(-1)!.to === all.to) ? ["_"]
        : open.map((gap) => this.#cuts.show(gap));
      for (const name of names) for (const row of rest) out.push([name, ...row]);
      return out;
    }
    eachPiece(trees, all, this.#cuts.count, (rows, piece) => {
      const found = this.#missing([...others, ...rows.map((one) => ({ rows: one, skip: 0 }))], types);
      for (const row of found) out.push([this.#cuts.show(piece), ...row]);
      return out.length > SHOWN_MAX;
    });
    return out;
  }
}
