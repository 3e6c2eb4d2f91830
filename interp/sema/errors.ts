// The checker's diagnostics: the catalogue of codes J0201…, each with the paragraph that `janus explain` shows, and the
// sink that collects them. Promises: a code keeps its meaning for ever; one place is reported once for one reason.
import type { SourceText, Span } from "../syntax/ast.ts";
import type { Diagnostic } from "../syntax/diagnostic.ts";

/** Every code the checker may report, with its explanation. */
export const SEMA_CODES = {
  J0201: "A name is used that nothing in scope declares. Names come from the block, the function's parameters, the " +
    "file, the modules it uses, and std.core. The message offers the nearest name when one is close.",
  J0202: "A value has another type than its place asks for. Janus converts by itself only where nothing can be lost: " +
    "a value to an optional of it, a value to `T ! E`, an integer to a wider one, a fixed array to a slice. " +
    "Everything else is written: `x as i32`, `str(x)`, `x ?? default`.",
  J0203: "A `let`, a parameter, a loop variable or a constant is assigned to. Declare the variable with `var`.",
  J0204: "`spawn` or `async` stands outside a nursery. Every fiber belongs to a nursery, which waits for it, so that no " +
    "fiber is left behind: put the spawn inside `nursery do … end`. A closure that is itself spawned needs a nursery " +
    "of its own.",
  J0205: "A spawned closure assigns to a variable of the function around it. Fibers share nothing but handles: what a " +
    "spawn captures is a read-only snapshot, because the two would otherwise race. Count with `Atomic`, protect " +
    "compound data with `Mutex`, or send the value through a `Channel`.",
  J0206: "A spawned closure, or a spawned function, changes data that came from the fiber around it. It has a read-only " +
    "snapshot: use `clone()` and give the result back, or share it through `Mutex` or `Channel`. Slices of scalar " +
    "types (`[]f64`, `[]i64`, `[]u8`, …) are shared memory of fixed length and may be written in place.",
  J0207: "A bare reference `*T` would cross from one fiber to another. References stay within one fiber; pass a copy of " +
    "the struct, or share it through `Mutex[T]`.",
  J0208: "A call has too few or too many arguments, or names a parameter that does not exist, or gives one twice.",
  J0209: "A type has no field or method of this name.",
  J0210: "A `match` does not cover every value of its subject. The message lists what is missing; add arms for those " +
    "or an `else`.",
  J0211: "An arm of a `match` can never be reached: the arms before it take every value it would match.",
  J0212: "A function has a result type, but its end can be reached without giving a value.",
  J0213: "Code stands after something that never goes on (`return`, `fail`, `break`, `continue`, `panic`, an endless " +
    "loop), so it can never run.",
  J0214: "The result of a call that may fail (`T ! E`) is dropped. Pass the error on with `?`, handle it with `catch` " +
    "or `match`.",
  J0215: "An error would leave a function whose type does not say so. Add it to the signature (`-> T ! E`), or handle " +
    "it with `catch` or `match`.",
  J0216: "A module-level `var` is shared by every fiber, so assigning it would race. Use `let` with an `Atomic` for a " +
    "number or flag, or a `Mutex` for compound data.",
  J0217: "An `async func` is called like a plain one. Say how it runs: `await f(x)` runs it in place, `spawn f(x)` or " +
    "`async f(x)` starts it as a child of the nursery.",
  J0218: "Concurrency is used in the profile `:core`, which has none. Say `profile :service` at the top of the file or " +
    "`--profile service`.",
  J0219: "A name is declared twice in one scope, or a `let` and a `var` of one name meet in one function.",
  J0220: "The type of something cannot be worked out from its uses. Write it down: `let x: T = …`, `channel[T](n)`.",
  J0221: "A generic function or type is used with a type that does not satisfy its bound.",
  J0222: "A struct literal leaves out a field without a default, names one that does not exist, or gives one twice.",
  J0223: "An operator is applied to types it is not defined for. `+ - * /` take two numbers of one type, `and or not` " +
    "take `bool`, `< <= > >=` numbers, strings and types that implement `Ordered`.",
  J0224: "`break` or `continue` stands outside a loop, or names a label that no loop around it carries.",
  J0225: "A module is not found. `use std.sync.mutex` names a module of std; `use geometry.shapes` finds " +
    "geometry/shapes.jan beside the file.",
  J0226: "The initial values of module-level constants need each other in a circle, so none can be computed first.",
  J0227: "An impl lacks a method its trait requires, has one that the trait does not name, or one with another signature.",
  J0228: "A name of a module is used that is not `pub`.",
  J0229: "A pattern does not fit the type it is matched against.",
  J0230: "A literal does not fit its type: `300` is no `u8`.",
  J0231: "Something is called that is no function, or `await`, `select`, `for`, `using` is given something it cannot " +
    "work on.",
  J0232: "A conversion with `as` is not defined between these types. Numbers convert into each other, `bool` and enums " +
    "without payload into integers.",
  J0233: "An atomic operation cannot take this memory ordering: a load cannot release, a store cannot acquire, and the " +
    "failure ordering of a compare_exchange cannot release.",
  J0234: "A type is used wrongly: a wrong number of type arguments, a name that is no type, or a type that would contain " +
    "itself without end (put a reference `*T` or a slice between).",
  J0235: "`?` or `try` is applied to a value that cannot fail, or `.?`, `??`, `?.` to a value that is never null.",
  J0236: "A place is needed (a variable, a field, an element), and this is a value only.",
  J0237: "A feature is used in a position where it has no meaning.",
} as const;

export type SemaCode = keyof typeof SEMA_CODES;

export interface Note {
  unit: SourceText;
  span: Span;
  message: string;
}

export interface ReportOptions {
  label?: string;
  hint?: string;
  notes?: Note[];
}

/** Collects the diagnostics of one run. */
export class Reporter {
  readonly diagnostics: Diagnostic[] = [];
  readonly #seen = new Set<string>();

  error(unit: SourceText, span: Span, code: SemaCode, message: string, options: ReportOptions = {}): void {
    const key = `${unit.id}:${span.start}:${span.end}:${code}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const diagnostic: Diagnostic = {
      code, severity: "error", message, unit, span, notes: options.notes ?? [],
    };
    if (options.label !== undefined) diagnostic.label = options.label;
    if (options.hint !== undefined) diagnostic.hint = options.hint;
    this.diagnostics.push(diagnostic);
  }

  /** In the order of the text, unit by unit. */
  sorted(): Diagnostic[] {
    return this.diagnostics.sort((a, b) => a.unit.id - b.unit.id || a.span.start - b.span.start);
  }
}

/** How many single-letter changes lead from one word to the other, at most `limit` (Damerau–Levenshtein, restricted). */
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

/** The candidate that was probably meant, if any is close enough. */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  const limit = name.length <= 2 ? 1 : name.length <= 5 ? 2 : 3;
  let best: string | null = null;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (candidate === name) continue;
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
export function didYouMean(name: string, candidates: Iterable<string>): string | undefined {
  const close = nearest(name, candidates);
  return close === null ? undefined : `did you mean \`${close}\`?`;
}
