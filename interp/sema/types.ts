// Types as data: the constants, constructors and questions about them that the rest of the checker is written in.
// Promises: no state except declaration ids; every operation leaves its arguments alone and gives back the same object
// when nothing changes, so that ground types cost no allocation. Leans on syntax/ast.ts for the shapes.
import type {
  EnumDecl, ErrorDecl, ErrorSet, FuncDecl, IntName, StructDecl, Substitution, TraitDecl, Type,
} from "../syntax/ast.ts";

function int(name: IntName): Type {
  return { k: "int", name, bits: Number(name.slice(1)) as 8 | 16 | 32 | 64, signed: name[0] === "i" };
}

export const I8 = int("i8");
export const I16 = int("i16");
export const I32 = int("i32");
export const I64 = int("i64");
export const U8 = int("u8");
export const U16 = int("u16");
export const U32 = int("u32");
export const U64 = int("u64");
export const F32: Type = { k: "float", bits: 32 };
export const F64: Type = { k: "float", bits: 64 };
export const BOOL: Type = { k: "bool" };
export const VOID: Type = { k: "void" };
export const NEVER: Type = { k: "never" };
export const STRING: Type = { k: "string" };
export const NULL: Type = { k: "null" };
export const ERROR_ANY: Type = { k: "error-any" };
export const UNKNOWN: Type = { k: "unknown" };
export const RANGE: Type = { k: "range" };

/** The types that need no declaration, by the name they are written with. */
export const PRIMITIVES = new Map<string, Type>([
  ["i8", I8], ["i16", I16], ["i32", I32], ["i64", I64], ["u8", U8], ["u16", U16], ["u32", U32], ["u64", U64],
  ["isize", I64], ["usize", U64], ["f32", F32], ["f64", F64], ["bool", BOOL], ["void", VOID], ["string", STRING],
  ["error", ERROR_ANY],
  ["never", NEVER], ["Range", RANGE], ["error", ERROR_ANY],
]);

export const optional = (of: Type): Type => ({ k: "optional", of });
export const slice = (of: Type): Type => ({ k: "slice", of });
export const tuple = (elems: Type[]): Type => ({ k: "tuple", elems });
export const func = (params: Type[], result: Type): Type => ({ k: "func", params, result });
export const pointer = (to: Type): Type => ({ k: "pointer", to });
export const result = (ok: Type, error: ErrorSet): Type => ({ k: "result", ok, error });

export type Nominal = StructDecl | EnumDecl | ErrorDecl;
export type Identified = Nominal | FuncDecl | TraitDecl;

// ---------------------------------------------------------------- error sets

export const emptyErrors = (): ErrorSet => ({ sets: [], open: [], any: false });
export const anyErrors = (): ErrorSet => ({ sets: [], open: [], any: true });

export function isEmptyErrors(e: ErrorSet): boolean {
  return !e.any && e.sets.length === 0 && e.open.length === 0 && e.pending === undefined;
}

/** Adds every error of `from` to `into`, in place. */
export function addErrors(into: ErrorSet, from: ErrorSet): void {
  if (from.any) into.any = true;
  if (from.unknown === true) into.unknown = true;
  for (const set of from.sets) if (!into.sets.includes(set)) into.sets.push(set);
  for (const name of from.open) if (!into.open.includes(name)) into.open.push(name);
  for (const other of from.pending ?? []) {
    if (other === into || into.pending?.includes(other)) continue;
    (into.pending ??= []).push(other);
  }
}

/** Whether every error of `inner` may be given back where `outer` is written. An open name fits a set that has it. */
export function errorsFit(inner: ErrorSet, outer: ErrorSet): boolean {
  if (outer.any || inner.unknown === true) return true;
  if (inner.any || inner.pending !== undefined) return false;
  return inner.sets.every((set) => outer.sets.includes(set)) && inner.open.every((name) => outer.open.includes(name));
}

export function showErrors(e: ErrorSet): string {
  if (e.any || (e.pending !== undefined && e.sets.length + e.open.length === 0)) return "any error";
  return [...e.sets.map((set) => set.name), ...e.open].join(" | ");
}

/** The errors of a type, as they are written there. */
function writtenErrors(e: ErrorSet): string {
  const names = [...e.sets.map((set) => set.name), ...e.open];
  return names.length > 1 ? `(${names.join(", ")})` : names.join();
}

/** The type of an error value taken out of a result with these errors. */
export function errorValueType(e: ErrorSet): Type {
  const isOne = !e.any && e.pending === undefined && e.open.length === 0 && e.sets.length === 1;
  return isOne ? { k: "error", decl: e.sets[0]! } : ERROR_ANY;
}

/** The set that a value of an error type belongs to. */
export function errorsOfValue(t: Type): ErrorSet {
  return t.k === "error" ? { sets: [t.decl], open: [], any: false } : anyErrors();
}

// ---------------------------------------------------------------- inference variables

export type Var = Extract<Type, { k: "var" }>;

/** The type behind bound variables; the last unbound one when there is none. */
export function prune(t: Type): Type {
  while (t.k === "var" && t.bound !== null) t = t.bound;
  return t;
}

/** Rebuilds a type with every bound variable replaced by what it is bound to. */
export function zonk(t: Type, unsolved?: (v: Var) => Type): Type {
  return mapType(t, (leaf) => {
    if (leaf.k !== "var") return null;
    if (leaf.bound !== null) return zonk(leaf.bound, unsolved);
    return unsolved === undefined ? leaf : unsolved(leaf);
  });
}

/** Whether a variable is left anywhere in it. */
export function hasVars(t: Type): boolean {
  t = prune(t);
  switch (t.k) {
    case "var": return true;
    case "optional": case "slice": case "array": return hasVars(t.of);
    case "pointer": return hasVars(t.to);
    case "tuple": return t.elems.some(hasVars);
    case "func": return t.params.some(hasVars) || hasVars(t.result);
    case "struct": case "builtin": case "enum": case "any": return t.args.some(hasVars);
    case "result": return hasVars(t.ok);
    default: return false;
  }
}

/** Whether `unknown` is anywhere in it: an error was reported that makes every other complaint a consequence. */
export function hasUnknown(t: Type): boolean {
  t = prune(t);
  switch (t.k) {
    case "unknown": return true;
    case "optional": case "slice": case "array": return hasUnknown(t.of);
    case "pointer": return hasUnknown(t.to);
    case "tuple": return t.elems.some(hasUnknown);
    case "func": return t.params.some(hasUnknown) || hasUnknown(t.result);
    case "struct": case "builtin": case "enum": case "any": return t.args.some(hasUnknown);
    case "result": return hasUnknown(t.ok);
    default: return false;
  }
}

/**
 * The most parts (names, brackets, elements) that the type of a value may have. Types share their parts, so a few lines
 * can make one that is larger than any machine: `let p = (p, p)`, again and again.
 */
export const TYPE_PARTS_MAX = 1000;

/** Whether a type has more than TYPE_PARTS_MAX parts; looks at no more than that. */
export function isTooLarge(t: Type): boolean {
  return partsLeft(t, TYPE_PARTS_MAX) < 0;
}

/** What is left of a number of parts after a type has taken its own; negative when it needs more. */
function partsLeft(t: Type, left: number): number {
  t = prune(t);
  left -= 1;
  if (left < 0) return left;
  const all = (list: Type[]): number => {
    for (const part of list) if ((left = partsLeft(part, left)) < 0) break;
    return left;
  };
  switch (t.k) {
    case "optional": case "slice": case "array": return partsLeft(t.of, left);
    case "pointer": return partsLeft(t.to, left);
    case "result": return partsLeft(t.ok, left);
    case "tuple": return all(t.elems);
    case "func": return all([...t.params, t.result]);
    case "struct": case "builtin": case "enum": case "any": return t.args.length === 0 ? left : all(t.args);
    default: return left;
  }
}

function mapList(list: Type[], replace: (leaf: Type) => Type | null): Type[] {
  let out: Type[] | null = null;
  for (let i = 0; i < list.length; i++) {
    const next = mapType(list[i]!, replace);
    if (next !== list[i] && out === null) out = list.slice(0, i);
    if (out !== null) out.push(next);
  }
  return out ?? list;
}

/** Replaces variables and parameters (the only types `replace` is asked about; null keeps one). */
export function mapType(t: Type, replace: (leaf: Type) => Type | null): Type {
  switch (t.k) {
    case "var": case "param": return replace(t) ?? t;
    case "optional": case "slice": {
      const of = mapType(t.of, replace);
      return of === t.of ? t : { k: t.k, of };
    }
    case "array": {
      const of = mapType(t.of, replace);
      return of === t.of ? t : { k: "array", length: t.length, of };
    }
    case "pointer": {
      const to = mapType(t.to, replace);
      return to === t.to ? t : { k: "pointer", to };
    }
    case "tuple": {
      const elems = mapList(t.elems, replace);
      return elems === t.elems ? t : { k: "tuple", elems };
    }
    case "func": {
      const params = mapList(t.params, replace);
      const res = mapType(t.result, replace);
      return params === t.params && res === t.result ? t : { k: "func", params, result: res };
    }
    case "struct": case "builtin": {
      if (t.args.length === 0) return t;
      const args = mapList(t.args, replace);
      return args === t.args ? t : { k: t.k, decl: t.decl, args };
    }
    case "enum": {
      if (t.args.length === 0) return t;
      const args = mapList(t.args, replace);
      return args === t.args ? t : { k: "enum", decl: t.decl, args };
    }
    case "any": {
      if (t.args.length === 0) return t;
      const args = mapList(t.args, replace);
      return args === t.args ? t : { k: "any", decl: t.decl, args };
    }
    case "result": {
      const ok = mapType(t.ok, replace);
      if (ok === t.ok) return t;
      // a generic whose argument can itself fail (`U = T ! E`) must not nest one result in another
      if (ok.k === "result") {
        const error = emptyErrors();
        addErrors(error, ok.error);
        addErrors(error, t.error);
        return { k: "result", ok: ok.ok, error };
      }
      return { k: "result", ok, error: t.error };
    }
    default: return t;
  }
}

/** Puts type arguments in the place of type parameters. */
export function substitute(t: Type, s: Substitution): Type {
  if (s.size === 0) return t;
  return mapType(t, (leaf) => {
    if (leaf.k === "param") return s.get(leaf.param) ?? null;
    if (leaf.k === "var" && leaf.bound !== null) return substitute(leaf.bound, s);
    return null;
  });
}

// ---------------------------------------------------------------- questions

export function equalErrors(a: ErrorSet, b: ErrorSet): boolean {
  return errorsFit(a, b) && errorsFit(b, a);
}

function equalLists(a: Type[], b: Type[]): boolean {
  return a.length === b.length && a.every((t, i) => equalTypes(t, b[i]!));
}

/** Structural equality; nominal types by declaration. */
export function equalTypes(x: Type, y: Type): boolean {
  const a = prune(x);
  const b = prune(y);
  if (a === b) return true;
  switch (a.k) {
    case "int": return b.k === "int" && a.name === b.name;
    case "float": return b.k === "float" && a.bits === b.bits;
    case "optional": case "slice": return b.k === a.k && equalTypes(a.of, b.of);
    case "array": return b.k === "array" && a.length === b.length && equalTypes(a.of, b.of);
    case "tuple": return b.k === "tuple" && equalLists(a.elems, b.elems);
    case "func": return b.k === "func" && equalLists(a.params, b.params) && equalTypes(a.result, b.result);
    case "pointer": return b.k === "pointer" && equalTypes(a.to, b.to);
    case "struct": case "builtin": return b.k === a.k && a.decl === b.decl && equalLists(a.args, b.args);
    case "enum": return b.k === "enum" && a.decl === b.decl && equalLists(a.args, b.args);
    case "any": return b.k === "any" && a.decl === b.decl && equalLists(a.args, b.args);
    case "error": return b.k === "error" && a.decl === b.decl;
    case "result": return b.k === "result" && equalTypes(a.ok, b.ok) && equalErrors(a.error, b.error);
    case "param": return b.k === "param" && a.param === b.param;
    case "var": return false;
    default: return a.k === b.k;
  }
}

export function isNumeric(t: Type): boolean {
  return t.k === "int" || t.k === "float" || (t.k === "var" && t.literal !== null);
}

export function isInteger(t: Type): boolean {
  return t.k === "int" || (t.k === "var" && t.literal === "int");
}

/** Types whose slices are one shared memory when they cross a fiber boundary. */
export function isScalar(t: Type): boolean {
  return t.k === "int" || t.k === "float" || t.k === "bool" || (t.k === "var" && t.literal !== null);
}

/** Whether `null` is among the values, so that an optional of it needs a box; also true where that is not yet known. */
export function maybeNullable(t: Type): boolean {
  t = prune(t);
  return t.k === "optional" || t.k === "param" || t.k === "var" || t.k === "null";
}

/** Types whose assignment copies: changing a part of one changes the variable that holds it. */
export function isValueType(t: Type): boolean {
  t = prune(t);
  return t.k === "struct" || t.k === "array" || t.k === "tuple" || t.k === "enum" || t.k === "any";
}

export function isNominal(t: Type): t is Extract<Type, { k: "struct" | "builtin" | "enum" | "error" }> {
  return t.k === "struct" || t.k === "builtin" || t.k === "enum" || t.k === "error";
}

/** The range of an integer type, both ends included. */
export function intRange(t: Extract<Type, { k: "int" }>): [bigint, bigint] {
  return t.signed
    ? [-(1n << BigInt(t.bits - 1)), (1n << BigInt(t.bits - 1)) - 1n]
    : [0n, (1n << BigInt(t.bits)) - 1n];
}

/** Whether every value of one number type is a value of the other, so that no conversion has to be written. */
export function widens(from: Type, to: Type): boolean {
  if (from.k === "float") return to.k === "float" && from.bits < to.bits;
  if (from.k !== "int" || to.k !== "int" || from.bits >= to.bits) return false;
  return from.signed ? to.signed : true;
}

// ---------------------------------------------------------------- identity and text

const declIds = new WeakMap<object, { unit: number; index: number }>();

/** Gives a declaration its number: the same in every VM that reads the same texts. */
export function identify(decl: Identified, unit: number, index: number): void {
  declIds.set(decl, { unit, index });
}

export function idOf(decl: Identified): { unit: number; index: number } {
  const id = declIds.get(decl);
  if (id === undefined) throw new Error(`declaration ${decl.name} belongs to no unit`);
  return id;
}

function declKey(decl: Identified): string {
  const id = idOf(decl);
  return `u${id.unit}.${id.index}`;
}

/** A canonical text of a type: equal types have equal keys, and parseTypeKey reads it back in every VM. */
export function typeKey(t: Type): string {
  switch (t.k) {
    case "int": return t.name;
    case "float": return t.bits === 64 ? "f64" : "f32";
    case "optional": return `?${typeKey(t.of)}`;
    case "slice": return `[]${typeKey(t.of)}`;
    case "array": return `[${t.length}]${typeKey(t.of)}`;
    case "tuple": return `(${t.elems.map(typeKey).join(",")})`;
    case "func": return `fn(${t.params.map(typeKey).join(",")})${typeKey(t.result)}`;
    case "pointer": return `*${typeKey(t.to)}`;
    case "struct": case "builtin": case "enum":
      return t.args.length === 0 ? declKey(t.decl) : `${declKey(t.decl)}[${t.args.map(typeKey).join(",")}]`;
    case "any": return `~${declKey(t.decl)}${t.args.length === 0 ? "" : `[${t.args.map(typeKey).join(",")}]`}`;
    case "error": return declKey(t.decl);
    case "result": {
      const errors = t.error.any ? ["any"] : [...t.error.sets.map(declKey), ...t.error.open.map((name) => `'${name}`)];
      return `!${typeKey(t.ok)}{${errors.sort().join(",")}}`;
    }
    case "param": return `$${t.param.name}`;
    case "var": {
      const bound = prune(t);
      return bound.k === "var" ? `_${bound.id}` : typeKey(bound);
    }
    default: return t.k;
  }
}

/** A type as people write it. */
export function showType(t: Type): string {
  t = prune(t);
  switch (t.k) {
    case "int": return t.name;
    case "float": return t.bits === 64 ? "f64" : "f32";
    case "range": return "Range";
    case "error-any": return "error";
    case "unknown": return "_";
    case "optional": {
      const inner = prune(t.of);
      return inner.k === "optional" || inner.k === "result" ? `?(${showType(inner)})` : `?${showType(inner)}`;
    }
    case "slice": return `[]${showType(t.of)}`;
    case "array": return `[${t.length}]${showType(t.of)}`;
    case "tuple": return `(${t.elems.map(showType).join(", ")})`;
    case "func": return `func(${t.params.map(showType).join(", ")}) -> ${showType(t.result)}`;
    case "pointer": return `*${showType(t.to)}`;
    case "struct": case "builtin": case "enum":
      return t.args.length === 0 ? t.decl.name : `${t.decl.name}[${t.args.map(showType).join(", ")}]`;
    case "any": return `any ${t.decl.name}${t.args.length === 0 ? "" : `[${t.args.map(showType).join(", ")}]`}`;
    case "error": return t.decl.name;
    case "result": return t.error.any ? `!${showType(t.ok)}` : `${showType(t.ok)} ! ${writtenErrors(t.error)}`;
    case "param": return t.param.name;
    case "var": return t.literal === "int" ? "i64" : t.literal === "float" ? "f64" : "_";
    default: return t.k;
  }
}

/** The number type inside `?T` and `T ! E`, which a literal there takes. */
export function bare(t: Type | null): Type | null {
  while (t !== null && (t.k === "optional" || t.k === "result")) t = prune(t.k === "optional" ? t.of : t.ok);
  return t;
}

/** The kinds of types that have a `len` without a method. */
export const LENGTHS: ReadonlySet<Type["k"]> = new Set(["slice", "array", "string"]);
