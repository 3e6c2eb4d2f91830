// Whether a match covers every value, and whether each arm can be reached. Promises: an exact answer for enums, error
// sets, optionals, results, bools, whole numbers, tuples, structs and the lengths of slices; literals of texts and
// fractions never cover a type without a wildcard. Here patterns are brought into the form that cases.ts answers for.
import type { Expr, Local, Match, MatchArm, Pattern, Type } from "../syntax/ast.ts";
import { Cases, SHOWN_MAX } from "./cases.ts";
import { constructor } from "./constructors.ts";
import { narrow } from "./narrowing.ts";
import { ANY, type Constructor, type Pat } from "./pats.ts";
import type { Checker } from "./scope.ts";
import { Cuts } from "./segments.ts";
import { fieldsOf, payloadOf } from "./shapes.ts";
import { prune, showType, typeKey, UNKNOWN } from "./types.ts";
import { walk } from "./walk.ts";

/** A whole number as written in a pattern. */
function numberOf(e: Expr): bigint | null {
  switch (e.kind) {
    case "IntLit": return e.value;
    case "CharLit": return BigInt(e.value);
    case "Unary": {
      const value = e.op === "-" ? numberOf(e.operand) : null;
      return value === null ? null : -value;
    }
    default: return null;
  }
}

/** The whole numbers from one literal to another; null when they are none. */
function numbers(low: Expr, high: Expr, inclusive: boolean): Pat | null {
  const first = numberOf(low);
  const end = numberOf(high);
  if (first === null || end === null) return null;
  const last = inclusive ? end : end - 1n;
  return first > last ? { k: "or", of: [] } : { k: "range", low: first, high: last };
}

/** Where the numbers in patterns begin, and what stands behind their ends. */
function cutsOf(patterns: Pattern[]): Cuts {
  const ends: bigint[] = [];
  walk(patterns, (node) => {
    const p = node as Pattern;
    const pat = p.kind === "LiteralPattern" ? numbers(p.value, p.value, true)
      : p.kind === "RangePattern" ? numbers(p.low, p.high, p.inclusive) : null;
    if (pat?.k === "range") ends.push(pat.low, pat.high + 1n);
  });
  return new Cuts(ends);
}

function literalKey(e: Expr): string {
  switch (e.kind) {
    case "IntLit": case "CharLit": case "FloatLit": case "BoolLit": return String(e.value);
    case "StringLit": return JSON.stringify(e.value);
    case "NullLit": return "null";
    case "Unary": return `-${literalKey(e.operand)}`;
    default: return "?";
  }
}

function made(c: Checker, type: Type, key: string, parts: (by: Constructor) => Pat[]): Pat {
  const by = constructor(c, type, key);
  return { k: "made", by, parts: parts(by) };
}

function holds(root: Pattern, part: Pattern): boolean {
  let found = false;
  walk(root, (node) => {
    found ||= node === part;
    return !found;
  });
  return found;
}

/** A pattern on an optional that looks at the value inside. */
function inside(c: Checker, p: Pattern, t: Extract<Type, { k: "optional" }>, nulled: Pattern | null): Pat {
  return made(c, t, "some", () => [lower(c, p, t.of, nulled)]);
}

/**
 * A pattern as its values. With `nulled`, which is a part of it: only those that have null where that stands, on the
 * way that leads there.
 */
function lower(c: Checker, p: Pattern, type: Type, nulled: Pattern | null = null): Pat {
  const t = prune(type);
  if (p === nulled) return made(c, t, "null", () => []);
  if (t.k === "unknown") return ANY;
  switch (p.kind) {
    case "WildcardPattern": return ANY;
    case "AtPattern": return lower(c, p.pattern, t, nulled);
    case "OrPattern": {
      const way = nulled === null ? undefined : p.alternatives.find((a) => holds(a, nulled));
      return way !== undefined ? lower(c, way, t, nulled) : { k: "or", of: p.alternatives.map((a) => lower(c, a, t)) };
    }
    case "BindPattern":
      if (p.variant === undefined) return ANY;
      if (t.k === "optional") return inside(c, p, t, nulled);
      return made(c, t, variantKey(t, p.variant), (by) => by.types.map(() => ANY));
    case "LiteralPattern":
      if (p.value.kind === "NullLit") return made(c, t, "null", () => []);
      if (t.k === "optional") return inside(c, p, t, nulled);
      return (t.k === "float" ? null : numbers(p.value, p.value, true)) ?? made(c, t, literalKey(p.value), () => []);
    case "RangePattern":
      if (t.k === "optional") return inside(c, p, t, nulled);
      return (t.k === "float" ? null : numbers(p.low, p.high, p.inclusive)) ??
        made(c, t, `${literalKey(p.low)}..${p.inclusive ? "=" : ""}${literalKey(p.high)}`, () => []);
    case "VariantPattern": {
      if (p.variant === undefined) return ANY;
      if (t.k === "optional") return inside(c, p, t, nulled);
      return made(c, t, variantKey(t, p.variant), (by) => {
        if (p.fields !== null) return byField(c, p.fields, nulled, by, fieldNames(c, p.variant!));
        return by.types.map((of, i) => p.args?.[i] === undefined ? ANY : lower(c, p.args[i]!, of, nulled));
      });
    }
    case "StructPattern": {
      if (t.k === "optional") return inside(c, p, t, nulled);
      if (t.k === "pointer") return lower(c, p, t.to, nulled);
      if (t.k !== "struct") return ANY;
      return made(c, t, "struct", (by) => byField(c, p.fields, nulled, by, fieldsOf(c.w, t.decl).map((f) => f.name)));
    }
    case "TypePattern": {
      if (t.k === "optional") return inside(c, p, t, nulled);
      const of = p.ty;
      if (t.k !== "any" || of === undefined) return ANY;
      const by: Constructor = { key: typeKey(of), types: [of], show: () => showType(of) };
      return { k: "made", by, parts: [p.pattern === null ? ANY : lower(c, p.pattern, of, nulled)] };
    }
    case "TuplePattern":
      if (t.k === "optional") return inside(c, p, t, nulled);
      return made(c, t, "tuple", (by) => by.types.map((of, i) =>
        p.elems[i] === undefined ? ANY : lower(c, p.elems[i]!, of, nulled)));
    case "SlicePattern": {
      if (t.k === "optional") return inside(c, p, t, nulled);
      if (t.k !== "slice" && t.k !== "array") return ANY;
      const elements = (of: Pattern[]): Pat[] => of.map((elem) => lower(c, elem, t.of, nulled));
      return { k: "slice", before: elements(p.before), rest: p.rest !== null, after: elements(p.after) };
    }
  }
}

function variantKey(t: Type, variant: NonNullable<Extract<Pattern, { kind: "BindPattern" }>["variant"]>): string {
  const { name, type } = variant;
  return t.k === "error-any" && type.k === "error" ? `${typeKey(type)}.${name}` : name;
}

function fieldNames(c: Checker, variant: NonNullable<Extract<Pattern, { kind: "BindPattern" }>["variant"]>): string[] {
  if (variant.owner === null || variant.decl === null) return [];
  const payload = payloadOf(c.w, variant.owner, variant.decl);
  return payload.kind === "fields" ? payload.fields.map((f) => f.name) : [];
}

function byField(
  c: Checker, fields: { name: string; pattern: Pattern }[], nulled: Pattern | null, by: Constructor, names: string[],
): Pat[] {
  return by.types.map((of, i) => {
    const field = fields.find((f) => f.name === names[i]);
    return field === undefined ? ANY : lower(c, field.pattern, of, nulled);
  });
}

// ---------------------------------------------------------------- what is asked

/** The arms of a match so far, while they are being checked: which names of the next one are never null. */
export class Arms {
  readonly #c: Checker;
  readonly #all: MatchArm[];
  readonly #seen: Pattern[] = [];
  #cases: Cases | null = null;

  constructor(c: Checker, arms: MatchArm[]) {
    this.#c = c;
    this.#all = arms;
  }

  /** An arm without a guard. */
  add(p: Pattern, type: Type): void {
    this.#seen.push(p);
    this.#cases?.add(lower(this.#c, p, type));
    if (this.#cases !== null || !namesNull(p)) return;
    // only behind an arm that looks for null is there something to find out
    this.#cases = new Cases(this.#c, cutsOf(this.#all.map((arm) => arm.pattern)));
    for (const seen of this.#seen) this.#cases.add(lower(this.#c, seen, type));
  }

  /** Whether some value of this form is matched by none of the arms so far; true where nobody has looked for null. */
  leaves(form: Pat, type: Type): boolean {
    return this.#cases === null || this.#cases.isUseful(form, type) || this.#cases.gaveUp;
  }

  /** Of the names in a pattern, those are known not to be null for which the arms before take every null there is. */
  refine(p: Pattern, type: Type): void {
    const cases = this.#cases;
    if (cases === null) return;
    const names = nullableNames(p);
    const isPresent = (name: Naming): boolean =>
      !cases.isUseful(lower(this.#c, p, type, name), type) && !cases.gaveUp;
    const open = new Set(names.filter((name) => !isPresent(name)).map((name) => name.local));
    for (const name of names) {
      if (open.has(name.local)) continue;
      for (const local of localsFor(name)) {
        const t = prune(local.ty);
        if (t.k === "optional") narrow(this.#c, local, t.of);
      }
    }
  }
}

type Naming = Extract<Pattern, { kind: "BindPattern" | "AtPattern" }>;

function namesNull(p: Pattern): boolean {
  let found = false;
  walk(p, (node) => void (found ||= node.kind === "NullLit"));
  return found;
}

/** The names in a pattern whose type is an optional; of two for one value the first. */
function nullableNames(p: Pattern): Naming[] {
  const names: Naming[] = [];
  walk(p, (node) => {
    const name = node as Pattern;
    if ((name.kind !== "BindPattern" && name.kind !== "AtPattern") || name.local === undefined) return true;
    if (prune(name.local.ty).k === "optional") names.push(name);
    return name.kind === "AtPattern" && !isName(name.pattern);
  });
  return names;
}

/** `n @ m` gives one value two names. */
function localsFor(p: Pattern): Local[] {
  if (p.kind === "AtPattern") return [p.local!, ...(isName(p.pattern) ? localsFor(p.pattern) : [])];
  return p.kind === "BindPattern" && p.local !== undefined ? [p.local] : [];
}

const isName = (p: Pattern): boolean => p.kind === "BindPattern" || p.kind === "AtPattern";

/** Reports the cases a match leaves out and the arms it never reaches. */
export function checkExhaustive(c: Checker, e: Match): void {
  const t = prune(e.subject.ty ?? UNKNOWN);
  if (t.k === "unknown" || t.k === "never") return;
  const cases = new Cases(c, cutsOf(e.arms.map((arm) => arm.pattern)));
  // which errors there are may follow from a body: one fewer, and who handles the rest has not become wrong
  const mayHaveSpare = t.k === "error" || t.k === "error-any";
  let isTotal = false;
  for (const arm of e.arms) {
    const p = lower(c, arm.pattern, t);
    const isSpare = mayHaveSpare && p.k === "any" && arm === e.arms.at(-1);
    if (!isSpare && !cases.isUseful(p, t)) {
      const isEmpty = p.k === "or" && p.of.length === 0;
      c.error(arm.pattern.span, "J0211", isEmpty ? "this arm is never reached: its range is empty"
        : "this arm is never reached: those before it match all it would");
    }
    if (arm.guard !== null) continue;
    cases.add(p);
    isTotal ||= p.k === "any";
  }
  if (isTotal) return;
  const missing = cases.missing(t);
  const head = { start: e.span.start, end: Math.max(e.subject.span.end, e.span.start + 5) };
  if (cases.gaveUp) {
    c.error(head, "J0210", "this match is too involved to tell whether it covers every value", {
      hint: "add an `else` arm, or match in two steps",
    });
    return;
  }
  if (missing.length > 0) reportMissing(c, head, t, missing, t.k === "int" ? cases.gaps(t) : []);
}

/** `gaps`: where numbers are matched, those that are left out. */
function reportMissing(c: Checker, span: Match["span"], t: Type, missing: string[], gaps: string[]): void {
  const isAny = missing.length === 1 && missing[0] === "_";
  const list = (all: string[]): string => all.slice(0, 6).map((text) => `\`${text}\``).join(", ");
  // the search stops at a few: of many it does not know how many
  const more = missing.length > SHOWN_MAX ? " and more" : missing.length > 6 ? ` and ${missing.length - 6} more` : "";
  const which = gaps.length === 0 ? "" : `: it leaves out ${list(gaps)}${gaps.length > 6 ? " and more" : ""}`;
  c.error(span, "J0210", isAny ? `this match of \`${showType(t)}\` does not cover every value${which}`
    : `this match does not cover ${list(missing)}${more}`, {
    label: "not every case is covered",
    hint: isAny ? "add an `else` arm"
      : `add ${missing.length === 1 ? "an arm for it" : "arms for these"}, or an \`else\``,
  });
}

/** Reports a pattern of `let` or `for` that does not fit every value. */
export function checkIrrefutable(c: Checker, p: Pattern, type: Type): void {
  const t = prune(type);
  if (t.k === "unknown" || t.k === "var") return;
  const cases = new Cases(c, cutsOf([p]));
  cases.add(lower(c, p, t));
  const missing = cases.missing(t);
  if (missing.length === 0) return;
  c.error(p.span, "J0229", `this pattern does not fit every \`${showType(t)}\`: \`${missing[0]}\` is left out`, {
    hint: "use `match`, or `if let`",
  });
}
