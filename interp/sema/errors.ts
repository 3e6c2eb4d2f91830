// The checker's diagnostics: the sink that collects them, and the nearest name for a misspelt one. Promises: one
// place is reported once for one reason.
import type { SourceText, Span } from "../syntax/ast.ts";
import type { Diagnostic, DiagnosticExtras } from "../syntax/diagnostic.ts";
import { semaCatalogue, type SemaCode } from "./catalogue.ts";
import { independent } from "./consequences.ts";

export type ReportOptions = DiagnosticExtras;

/** Collects the diagnostics of one run. */
export class Reporter {
  readonly diagnostics: Diagnostic[] = [];
  readonly #seen = new Set<string>();

  constructor() {
    pairsCompared = 0;
  }

  error(unit: SourceText, span: Span, code: SemaCode, message: string, options: ReportOptions = {}): void {
    this.#add("error", unit, span, code, message, options);
  }

  /** What is no mistake in itself, and hardly meant. */
  warn(unit: SourceText, span: Span, code: SemaCode, message: string, options: ReportOptions = {}): void {
    this.#add("warning", unit, span, code, message, options);
  }

  #add(
    severity: Diagnostic["severity"], unit: SourceText, span: Span, code: SemaCode, message: string,
    options: ReportOptions,
  ): void {
    const key = `${unit.id}:${span.start}:${span.end}:${code}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const diagnostic: Diagnostic = { code, severity, message, unit, span, notes: options.notes ?? [] };
    if (options.label !== undefined) diagnostic.label = options.label;
    if (options.hint !== undefined) diagnostic.hint = options.hint;
    this.diagnostics.push(diagnostic);
  }

  /** Whether this is news in a unit: a word of another language is told once in a file. */
  firstOf(unit: SourceText, what: string): boolean {
    const key = `${unit.id}:${what}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }

  /** Is there something in this part of a unit that the parser could not read? */
  hasUnread(unit: SourceText, span: Span): boolean {
    return this.diagnostics.some((d) => d.unit === unit && !(d.code in semaCatalogue) &&
      d.span.start >= span.start && d.span.start <= span.end);
  }

  /** In the order of the text, unit by unit, without what may only follow from text that could not be read. */
  sorted(): Diagnostic[] {
    const units = new Map<SourceText, Diagnostic[]>();
    for (const d of this.diagnostics) {
      const of = units.get(d.unit);
      if (of === undefined) units.set(d.unit, [d]);
      else of.push(d);
    }
    return [...units.values()].flatMap((all) => independent(all, (d) => d.code in semaCatalogue))
      .sort((a, b) => a.unit.id - b.unit.id || a.span.start - b.span.start);
  }
}

/** How many single-letter changes lead from one word to the other, at most `limit` (restricted Damerau–Levenshtein). */
export function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    let best = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      current.push(cost);
      if (cost < best) best = cost;
    }
    if (best > limit) return limit + 1;
    before = previous;
    previous = current;
  }
  return previous[b.length]!;
}

/** Work for misspelt names in one run, in pairs of letters that are compared: less than half a second. */
const PAIRS_MAX = 20_000_000;
let pairsCompared = 0;

/** Names to choose from; made only when they are looked at, where that takes time itself. */
type Candidates = Iterable<string> | (() => Iterable<string>);

/** The candidate that was probably meant, if any is close enough, and enough has not been looked for already. */
export function nearest(name: string, candidates: Candidates): string | null {
  if (pairsCompared > PAIRS_MAX) return null;
  const limit = name.length <= 5 ? 1 : name.length <= 8 ? 2 : 3;
  let best: string | null = null;
  let bestDistance = limit + 1;
  for (const candidate of typeof candidates === "function" ? candidates() : candidates) {
    pairsCompared += 1;
    if (candidate === name || Math.abs(candidate.length - name.length) > limit) continue;
    if ((pairsCompared += name.length * candidate.length) > PAIRS_MAX) return null;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase(), limit);
    // a short name turned into a wholly different one is no typo
    if (distance < bestDistance && distance < Math.max(name.length, candidate.length) - 1) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** "did you mean" for a hint, when there is something near. */
export function didYouMean(name: string, candidates: Candidates): string | undefined {
  const close = nearest(name, candidates);
  return close === null ? undefined : `did you mean \`${close}\`?`;
}
