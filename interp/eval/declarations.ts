// What operations on values ask about the declarations of the program they run in: what fields a struct has, what a
// variant carries, which declaration a key names. One program for each VM, as there is one machine: whoever loads the
// program calls useDeclarations first.
import type { EnumDecl, ErrorDecl, StructDecl, Substitution, Type } from "../syntax/ast.ts";
import { substitute } from "../sema/types.ts";

/** A field in terms of its declaration's type parameters. Positional ones are named "0", "1", … */
export interface FieldType {
  name: string;
  type: Type;
}

export interface Declarations {
  fields(decl: StructDecl): readonly FieldType[];
  /** What a variant of an enum or error set carries. */
  payload(owner: EnumDecl | ErrorDecl, variant: number): readonly FieldType[];
  /** Stable text, the same in every VM. */
  key(decl: StructDecl | EnumDecl | ErrorDecl): string;
  byKey(key: string): StructDecl | EnumDecl | ErrorDecl | null;
  /** An error set of std by its file and name; null in a program that has no std. */
  stdErrors(unit: string, name: string): ErrorDecl | null;
  /** Reads back what `typeKey` wrote, in whichever VM. */
  typeByKey(key: string): Type;
}

let current: Declarations | null = null;
const caches: Map<string, any>[] = [];

export function useDeclarations(declarations: Declarations): void {
  // another program has other declarations under the same keys
  if (declarations !== current) for (const cache of caches) cache.clear();
  current = declarations;
}

/** A table by type key or layout key that lasts as long as the loaded program. */
export function programCache<V>(): Map<string, V> {
  const cache = new Map<string, V>();
  caches.push(cache);
  return cache;
}

export function declarations(): Declarations {
  if (current === null) throw new Error("no program is loaded: call useDeclarations first");
  return current;
}

/** What ErrorValue.set holds for errors of a declared set. */
export const errorSetKey = (decl: ErrorDecl): string => declarations().key(decl);

type Nominal = Extract<Type, { k: "struct" | "builtin" | "enum" }>;

function instantiate(t: Nominal, types: readonly FieldType[]): Type[] {
  const substitution: Substitution = new Map();
  t.decl.typeParams.forEach((param, i) => substitution.set(param, t.args[i]!));
  return types.map((field) => substitute(field.type, substitution));
}

/** The types of a struct's fields, its type arguments put in. */
export function fieldTypes(t: Extract<Type, { k: "struct" | "builtin" }>): Type[] {
  return instantiate(t, declarations().fields(t.decl));
}

/** The types that a variant of an enum or error set carries. */
export function payloadTypes(t: Extract<Type, { k: "enum" | "error" }>, variant: number): Type[] {
  const payload = declarations().payload(t.decl, variant);
  return t.k === "enum" ? instantiate(t, payload) : payload.map((field) => field.type);
}

/** What an error carries, as its declaration has it; null for an open error, which no declaration knows. */
export function errorFields(set: string, variant: number): readonly FieldType[] | null {
  const decl = set === "" ? null : declarations().byKey(set);
  return decl?.kind === "ErrorDecl" ? declarations().payload(decl, variant) : null;
}

/** `IoError: there is nothing of this name`: the set of an error, with what its declaration says of it; else null. */
export function errorMeaning(set: string, variant: number): string | null {
  const decl = set === "" ? null : declarations().byKey(set);
  const doc = decl?.kind === "ErrorDecl" ? decl.variants[variant]?.doc : null;
  const [first] = (doc ?? "").trim().split(/\.?\n|\.(?:\s|$)/);
  return first === undefined || first === "" ? null : `${decl!.name}: ${first}`;
}

/** The types of what an error carries; null for an open error. */
export const errorPayload = (set: string, variant: number): Type[] | null =>
  errorFields(set, variant)?.map((field) => field.type) ?? null;
