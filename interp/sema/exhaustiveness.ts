// Whether a match covers every value, and whether each arm can be reached. Promises: an exact answer for enums, error
// sets, optionals, results, bools, tuples, structs and the lengths of slices; literals and ranges of numbers and texts
// never cover a type without a wildcard. After Maranget, "Warnings for pattern matching" (2007): a matrix of patterns,
// specialised by constructor.
import type { ErrorSet, Expr, Match, Pattern, Type } from "../syntax/ast.ts";
import type { Checker } from "./scope.ts";
import { lengthsOf, partsOf, slicesIn } from "./lengths.ts";
import { ANY, type Constructor, type Pat } from "./pats.ts";
import { argsOf, fieldsOf, payloadOf } from "./shapes.ts";
import { ERROR_ANY, errorValueType, isEmptyErrors, prune, showType, substitute, UNKNOWN } from "./types.ts";

/** More steps than any hand-written match takes; one that needs more has to end with an `else`. */
const STEP_LIMIT = 200_000;

/** Missing cases that are looked for. */
const SHOWN_MAX = 8;

const parenthesised = (name: string) => (parts: string[]) => parts.length === 0 ? name : `${name}(${parts.join(", ")})`;

const ofEnums = new WeakMap<Type, Constructor[]>();

/** Every constructor of a type; null when there are too many to list. */
function constructors(c: Checker, type: Type): Constructor[] | null {
  const t = prune(type);
  if (t.k !== "enum") return listConstructors(c, t);
  let all = ofEnums.get(t);
  if (all === undefined) ofEnums.set(t, (all = listConstructors(c, t)!));
  return all;
}

function listConstructors(c: Checker, t: Type): Constructor[] | null {
  switch (t.k) {
    case "bool": return ["true", "false"].map((key) => ({ key, types: [], show: () => key }));
    case "optional":
      return [{ key: "null", types: [], show: () => "null" }, { key: "some", types: [t.of], show: (p) => p[0]! }];
    case "enum": case "error": {
      const s = argsOf(t);
      return t.decl.variants.map((variant): Constructor => {
        const payload = payloadOf(c.w, t.decl, variant);
        if (payload.kind === "fields") {
          const { fields } = payload;
          return {
            key: variant.name, types: fields.map((f) => substitute(f.type, s)),
            show: (p) => {
              const parts = fields.map((f, i) => p[i] === "_" ? f.name : `${f.name}: ${p[i]}`);
              return `.${variant.name} { ${parts.join(", ")} }`;
            },
          };
        }
        const types = payload.kind === "tuple" ? payload.types.map((p) => substitute(p, s)) : [];
        return { key: variant.name, types, show: parenthesised(`.${variant.name}`) };
      });
    }
    case "result":
      return [
        { key: "Ok", types: [t.ok], show: parenthesised(".Ok") },
        { key: "Err", types: [errorColumn(t)], show: (p) => `.Err(${p[0]!.replace(/^\./, "")})` },
      ];
    // patterns look at what a reference refers to
    case "pointer": return prune(t.to).k === "struct" ? constructors(c, t.to) : null;
    case "tuple": return [{ key: "tuple", types: t.elems, show: (p) => `(${p.join(", ")})` }];
    case "struct": {
      const s = argsOf(t);
      const fields = fieldsOf(c.w, t.decl);
      return [{
        key: "struct", types: fields.map((f) => substitute(f.type, s)),
        show: (p) => p.every((x) => x === "_") ? "_" : `{ ${fields.map((f, i) => `${f.name}: ${p[i]}`).join(", ")} }`,
      }];
    }
    case "error-any": {
      const errors = errorColumns.get(t);
      if (errors === undefined) return null;
      return [
        ...errors.sets.flatMap((decl) => constructors(c, { k: "error", decl })!.map((made) => ({
          ...made, key: `${decl.name}.${made.key}`,
        }))),
        ...errors.open.map((name): Constructor => ({ key: name, types: [], show: () => `.${name}` })),
      ];
    }
    default: return null;
  }
}

/** The errors behind one that is of no single set, by the type that stands for it in a column. */
const errorColumns = new WeakMap<Type, ErrorSet>();

function errorColumn(t: Extract<Type, { k: "result" }>): Type {
  if (t.error.unknown === true) return UNKNOWN;
  const value = errorValueType(t.error);
  if (value !== ERROR_ANY || t.error.any || t.error.pending !== undefined || isEmptyErrors(t.error)) return value;
  const column: Type = { k: "error-any" };
  errorColumns.set(column, t.error);
  return column;
}

function literalKey(e: Expr): string {
  switch (e.kind) {
    case "IntLit": return String(e.value);
    case "CharLit": return String(e.value);
    case "FloatLit": return String(e.value);
    case "StringLit": return JSON.stringify(e.value);
    case "BoolLit": return String(e.value);
    case "NullLit": return "null";
    case "Unary": return `-${literalKey(e.operand)}`;
    default: return "?";
  }
}

function made(c: Checker, type: Type, key: string, parts: (by: Constructor) => Pat[]): Pat {
  const by = constructors(c, type)?.find((one) => one.key === key) ??
    { key, types: [], show: () => key };
  return { k: "made", by, parts: parts(by) };
}

/** A pattern on an optional that looks at the value inside. */
function inside(c: Checker, p: Pattern, t: Extract<Type, { k: "optional" }>): Pat {
  return made(c, t, "some", () => [lower(c, p, t.of)]);
}

function lower(c: Checker, p: Pattern, type: Type): Pat {
  const t = prune(type);
  if (t.k === "unknown") return ANY;
  switch (p.kind) {
    case "WildcardPattern": return ANY;
    case "AtPattern": return lower(c, p.pattern, t);
    case "OrPattern": return { k: "or", of: p.alternatives.map((a) => lower(c, a, t)) };
    case "BindPattern":
      if (p.variant === undefined) return ANY;
      if (t.k === "optional") return inside(c, p, t);
      return made(c, t, variantKey(t, p.variant), (by) => by.types.map(() => ANY));
    case "LiteralPattern":
      if (p.value.kind === "NullLit") return made(c, t, "null", () => []);
      if (t.k === "optional") return inside(c, p, t);
      return made(c, t, literalKey(p.value), () => []);
    case "RangePattern":
      if (t.k === "optional") return inside(c, p, t);
      return made(c, t, `${literalKey(p.low)}..${p.inclusive ? "=" : ""}${literalKey(p.high)}`, () => []);
    case "VariantPattern": {
      if (p.variant === undefined) return ANY;
      if (t.k === "optional") return inside(c, p, t);
      return made(c, t, variantKey(t, p.variant), (by) => {
        if (p.fields !== null) return byField(c, p.fields, by, fieldNames(c, p.variant!));
        return by.types.map((of, i) => p.args?.[i] === undefined ? ANY : lower(c, p.args[i]!, of));
      });
    }
    case "StructPattern": {
      if (t.k === "optional") return inside(c, p, t);
      if (t.k === "pointer") return lower(c, p, t.to);
      if (t.k !== "struct") return ANY;
      return made(c, t, "struct", (by) => byField(c, p.fields, by, fieldsOf(c.w, t.decl).map((f) => f.name)));
    }
    case "TuplePattern":
      if (t.k === "optional") return inside(c, p, t);
      return made(c, t, "tuple", (by) => by.types.map((of, i) =>
        p.elems[i] === undefined ? ANY : lower(c, p.elems[i]!, of)));
    case "SlicePattern": {
      if (t.k === "optional") return inside(c, p, t);
      if (t.k !== "slice" && t.k !== "array") return ANY;
      const elements = (of: Pattern[]): Pat[] => of.map((elem) => lower(c, elem, t.of));
      return { k: "slice", before: elements(p.before), rest: p.rest !== null, after: elements(p.after) };
    }
  }
}

function variantKey(t: Type, variant: NonNullable<Extract<Pattern, { kind: "BindPattern" }>["variant"]>): string {
  return t.k === "error-any" && variant.owner !== null ? `${variant.owner.name}.${variant.name}` : variant.name;
}

function fieldNames(c: Checker, variant: NonNullable<Extract<Pattern, { kind: "BindPattern" }>["variant"]>): string[] {
  if (variant.owner === null || variant.decl === null) return [];
  const payload = payloadOf(c.w, variant.owner, variant.decl);
  return payload.kind === "fields" ? payload.fields.map((f) => f.name) : [];
}

function byField(c: Checker, fields: { name: string; pattern: Pattern }[], by: Constructor, names: string[]): Pat[] {
  return by.types.map((of, i) => {
    const field = fields.find((f) => f.name === names[i]);
    return field === undefined ? ANY : lower(c, field.pattern, of);
  });
}

// ---------------------------------------------------------------- the matrix

function specialise(rows: Pat[][], by: Constructor): Pat[][] {
  const out: Pat[][] = [];
  for (const row of rows) {
    const head = row[0]!;
    if (head.k === "made" && head.by.key !== by.key) continue;
    const rest = row.slice(1);
    if (head.k === "slice") {
      const parts = partsOf(head, by);
      if (parts !== null) out.push([...parts, ...rest]);
      continue;
    }
    if (head.k === "any") out.push([...by.types.map(() => ANY), ...rest]);
    else if (head.k === "or") out.push(...specialise(head.of.map((p) => [p, ...rest]), by));
    else out.push([...head.parts, ...rest]);
  }
  return out;
}

function defaults(rows: Pat[][]): Pat[][] {
  const out: Pat[][] = [];
  for (const row of rows) {
    const head = row[0]!;
    if (head.k === "any") out.push(row.slice(1));
    else if (head.k === "or") out.push(...defaults(head.of.map((p) => [p, ...row.slice(1)])));
  }
  return out;
}

function headKeys(rows: Pat[][], into: Map<string, Constructor>): void {
  const collect = (p: Pat): void => {
    if (p.k === "made") into.set(p.by.key, p.by);
    else if (p.k === "or") p.of.forEach(collect);
  };
  for (const row of rows) collect(row[0]!);
}

class Matrix {
  readonly c: Checker;
  steps = 0;

  constructor(c: Checker) {
    this.c = c;
  }

  /** Every constructor of a column: of a slice, the lengths that its patterns tell apart. */
  private all(type: Type, heads: Pat[]): Constructor[] | null {
    const slices = slicesIn(heads);
    if (slices.length === 0) return constructors(this.c, type);
    const lengths = lengthsOf(prune(type), slices);
    if (lengths === null) this.steps = STEP_LIMIT + 1;
    else for (const length of lengths) this.steps += length.types.length;
    return lengths;
  }

  /** Examples of rows of values that no row of patterns matches, as text; at most a few. */
  missing(rows: Pat[][], types: Type[]): string[][] {
    if (++this.steps > STEP_LIMIT) return [];
    if (types.length === 0) return rows.length === 0 ? [[]] : [];
    const heads = new Map<string, Constructor>();
    headKeys(rows, heads);
    const column = rows.map((row) => row[0]!);
    const isSlice = slicesIn(column).length > 0;
    const all = this.all(types[0]!, column);
    if (all !== null && (isSlice || heads.size > 0 || all.length === 1)) {
      const out: string[][] = [];
      for (const by of all) {
        const more = isSlice || heads.has(by.key) || all.length === 1
          ? this.missing(specialise(rows, by), [...by.types, ...types.slice(1)])
          : this.missing(defaults(rows), types.slice(1)).map((rest) => [...by.types.map(() => "_"), ...rest]);
        for (const row of more) {
          out.push([by.show(row.slice(0, by.types.length)), ...row.slice(by.types.length)]);
        }
        if (out.length > SHOWN_MAX) break;
      }
      return out;
    }
    return this.missing(defaults(rows), types.slice(1)).map((rest) => ["_", ...rest]);
  }

  /** Whether some value is matched by `row` and by none of `rows`. */
  useful(rows: Pat[][], row: Pat[], types: Type[]): boolean {
    if (++this.steps > STEP_LIMIT) return true;
    if (row.length === 0) return rows.length === 0;
    const head = row[0]!;
    const rest = row.slice(1);
    if (head.k === "or") {
      const before = [...rows];
      return head.of.some((p) => {
        const found = this.useful(before, [p, ...rest], types);
        before.push([p, ...rest]);
        return found;
      });
    }
    if (head.k === "made") {
      return this.useful(specialise(rows, head.by), [...head.parts, ...rest], [...head.by.types, ...types.slice(1)]);
    }
    const heads = new Map<string, Constructor>();
    headKeys(rows, heads);
    const column = [head, ...rows.map((other) => other[0]!)];
    const isSlice = slicesIn(column).length > 0;
    const all = this.all(types[0]!, column);
    if (all !== null && head.k === "slice") {
      return all.some((by) => {
        const parts = partsOf(head, by);
        return parts !== null &&
          this.useful(specialise(rows, by), [...parts, ...rest], [...by.types, ...types.slice(1)]);
      });
    }
    if (all !== null && (isSlice || all.every((by) => heads.has(by.key)))) {
      return all.some((by) => this.useful(specialise(rows, by), [...by.types.map(() => ANY), ...rest],
        [...by.types, ...types.slice(1)]));
    }
    return this.useful(defaults(rows), rest, types.slice(1));
  }
}

/** Reports the cases a match leaves out and the arms it never reaches. */
export function checkExhaustive(c: Checker, e: Match): void {
  const t = prune(e.subject.ty ?? UNKNOWN);
  if (t.k === "unknown" || t.k === "never") return;
  const matrix = new Matrix(c);
  const rows: Pat[][] = [];
  for (const arm of e.arms) {
    const row = [lower(c, arm.pattern, t)];
    if (!matrix.useful(rows, row, [t])) {
      c.error(arm.pattern.span, "J0211", "this arm is never reached: those before it match all it would");
    }
    if (arm.guard === null) rows.push(row);
  }
  if (rows.some((row) => row[0]!.k === "any")) return;
  const search = new Matrix(c);
  const missing = search.missing(rows, [t]).map((row) => row[0]!);
  const head = { start: e.span.start, end: Math.max(e.subject.span.end, e.span.start + 5) };
  if (search.steps > STEP_LIMIT) {
    c.error(head, "J0210", "this match is too involved to tell whether it covers every value", {
      hint: "add an `else` arm, or match in two steps",
    });
    return;
  }
  if (missing.length === 0) return;
  const shown = missing.slice(0, 6).map((text) => `\`${text}\``).join(", ");
  // the search stops at a few: of many it does not know how many
  const more = missing.length > SHOWN_MAX ? " and more" : missing.length > 6 ? ` and ${missing.length - 6} more` : "";
  c.error(head, "J0210", missing[0] === "_" && missing.length === 1
    ? `this match of \`${showType(t)}\` does not cover every value`
    : `this match does not cover ${shown}${more}`, {
    label: "not every case is covered",
    hint: missing[0] === "_" && missing.length === 1 ? "add an `else` arm"
      : `add ${missing.length === 1 ? "an arm for it" : "arms for these"}, or an \`else\``,
  });
}

/** Reports a pattern of `let` or `for` that does not fit every value. */
export function checkIrrefutable(c: Checker, p: Pattern, type: Type): void {
  const t = prune(type);
  if (t.k === "unknown" || t.k === "var") return;
  const missing = new Matrix(c).missing([[lower(c, p, t)]], [t]);
  if (missing.length === 0) return;
  c.error(p.span, "J0229", `this pattern does not fit every \`${showType(t)}\`: \`${missing[0]![0]}\` is left out`, {
    hint: "use `match`, or `if let`",
  });
}
