// What an expression names, when it names a declaration and is no value of its own: a type, a function, a variant, a
// module. Promises: reports nothing by itself about plain values; `Atomic[i64]`, `geometry.Point`, `Shape.Circle` and
// `channel[[]u8]` are told apart from indexing and field access here and nowhere else.
import type {
  EnumDecl, ErrorDecl, Expr, FuncDecl, NamedDecl, Span, Type, TypeExpr, VariantDecl, VariantRef,
} from "../syntax/ast.ts";
import { lookup, moduleWithin } from "./modules.ts";
import { applyDecl, resolveType } from "./resolve.ts";
import { type Checker, findLocal, tracedVar } from "./scope.ts";
import { ERROR_ANY, PRIMITIVES, prune, slice, UNKNOWN } from "./types.ts";
import { freshVar } from "./unify.ts";
import { exported } from "./units.ts";
import type { Module, ModuleGroup, ScopeEntry, TraitRef } from "./world.ts";

export type Entity =
  | { k: "local"; entry: ScopeEntry }
  /** made: the type it names, with fresh variables for its arguments, once asked for. */
  | { k: "decl"; decl: NamedDecl; module: Module; made?: Type }
  /** explicit: the type arguments were written. */
  | { k: "type"; type: Type; explicit: boolean }
  | { k: "func-applied"; decl: Extract<NamedDecl, { kind: "FuncDecl" }>; module: Module; args: Type[] }
  | { k: "variant"; type: Type; owner: EnumDecl | ErrorDecl; decl: VariantDecl; index: number }
  | { k: "module"; group: ModuleGroup }
  /** of a module that was not found: nothing is said of it again */
  | { k: "missing" }
  | { k: "assoc"; type: Type; name: string }
  | { k: "trait"; trait: TraitRef }
  /** `Trait.name`; args: the types written behind it. */
  | { k: "of-trait"; trait: TraitRef; name: string; args: Type[] };

/** Reads an expression as a type, where its shape allows. */
export function toTypeExpr(e: Expr): TypeExpr | null {
  switch (e.kind) {
    case "Name": return { kind: "NamedType", path: [e.name], args: [], span: e.span };
    case "TypeValue": return e.type;
    case "Member": {
      const object = toTypeExpr(e.object);
      return object?.kind === "NamedType" && object.args.length === 0
        ? { kind: "NamedType", path: [...object.path, e.name], args: [], span: e.span } : null;
    }
    case "Index": {
      const object = toTypeExpr(e.object);
      const args = e.args.map(toTypeExpr);
      return object?.kind === "NamedType" && object.args.length === 0 && args.every((a): a is TypeExpr => a !== null)
        ? { kind: "NamedType", path: object.path, args, span: e.span } : null;
    }
    case "TupleLit": {
      const elems = e.elems.map(toTypeExpr);
      return elems.every((t): t is TypeExpr => t !== null) ? { kind: "TupleType", elems, span: e.span } : null;
    }
    default: return null;
  }
}

/** The type of a nominal declaration with a fresh variable for each argument. */
export function freshNominal(c: Checker, decl: NamedDecl, module: Module, span: Span): Type {
  const generic = decl.kind === "StructDecl" || decl.kind === "EnumDecl" || decl.kind === "AliasDecl";
  const params = generic ? decl.typeParams : [];
  const args = params.map((p) =>
    tracedVar(c, span, `type argument \`${p.name}\` of \`${decl.name}\``, `write it: \`${decl.name}[…]\``));
  return applyDecl(c.w, c.module, decl, args, span, module);
}

function isTypeDecl(decl: NamedDecl): boolean {
  return decl.kind === "StructDecl" || decl.kind === "EnumDecl" || decl.kind === "ErrorDecl" ||
    decl.kind === "AliasDecl";
}

/** What a plain name means, or null. */
export function nameEntity(c: Checker, name: string): Entity | null {
  const entry = findLocal(c, name);
  if (entry !== null) {
    const generic = c.generics.get(entry.local);
    return generic === undefined ? { k: "local", entry } : { k: "decl", decl: generic, module: c.module };
  }
  const param = c.typeScope.params?.get(name);
  if (param !== undefined) return { k: "type", type: { k: "param", param }, explicit: true };
  if (name === "Self" && c.typeScope.self !== null) return { k: "type", type: c.typeScope.self, explicit: true };
  const found = lookup(c.w, c.module, name);
  if (found?.k === "decl") return { k: "decl", decl: found.decl, module: found.module };
  if (found?.k === "module") return { k: "module", group: found.group };
  if (found?.k === "missing") return found;
  const primitive = PRIMITIVES.get(name);
  if (primitive !== undefined) return { k: "type", type: primitive, explicit: true };
  // `Array` is the other name of `[]T`
  return name === "Array" ? { k: "type", type: slice(freshVar()), explicit: false } : null;
}

/** The type that an entity names, if it names one. */
export function entityType(c: Checker, entity: Entity, span: Span): Type | null {
  if (entity.k === "type") return entity.type;
  if (entity.k === "missing") return UNKNOWN;
  if (entity.k === "decl" && isTypeDecl(entity.decl)) {
    entity.made ??= freshNominal(c, entity.decl, entity.module, span);
    return entity.made;
  }
  return null;
}

/** The trait that an entity names, if it names one: with fresh variables for arguments that are not written. */
function traitOf(entity: Entity): TraitRef | null {
  if (entity.k === "trait") return entity.trait;
  if (entity.k !== "decl" || entity.decl.kind !== "TraitDecl") return null;
  return { decl: entity.decl, args: entity.decl.typeParams.map(() => freshVar()) };
}

const variantIndexes = new WeakMap<EnumDecl | ErrorDecl, Map<string, number>>();

export function findVariant(owner: EnumDecl | ErrorDecl, name: string): { decl: VariantDecl; index: number } | null {
  let indexes = variantIndexes.get(owner);
  if (indexes === undefined) {
    // of two with one name, which has been reported, the first
    indexes = new Map(owner.variants.map((v, i) => [v.name, i] as const).toReversed());
    variantIndexes.set(owner, indexes);
  }
  const index = indexes.get(name);
  return index === undefined ? null : { decl: owner.variants[index]!, index };
}

/** What an expression names; null when it is a value, or names nothing. */
export function entityOf(c: Checker, e: Expr): Entity | null {
  if (e.kind !== "Name" && e.kind !== "Member" && e.kind !== "Index" && e.kind !== "TypeValue") return null;
  // asked for more than once, an expression names the same thing, with the same variables
  let entity = c.entities.get(e) as Entity | null | undefined;
  if (entity === undefined) {
    entity = findEntity(c, e);
    c.entities.set(e, entity);
  }
  return entity;
}

function findEntity(c: Checker, e: Expr): Entity | null {
  switch (e.kind) {
    case "Name": return nameEntity(c, e.name);
    case "TypeValue": return { k: "type", type: resolveType(c.w, e.type, c.typeScope), explicit: true };
    case "Member": {
      if (e.optional) return null;
      const object = entityOf(c, e.object);
      if (object === null || object.k === "local") return null;
      if (object.k === "missing") return object;
      if (object.k === "module") {
        const found = exported(object.group, e.name);
        if (found !== null) return { k: "decl", ...found };
        const inner = moduleWithin(c.w, c.module, object.group, e.name);
        return inner === null ? null : { k: "module", group: inner };
      }
      const trait = traitOf(object);
      if (trait !== null) return { k: "of-trait", trait, name: e.name, args: [] };
      const type = entityType(c, object, e.object.span);
      if (type === null) return null;
      const t = prune(type);
      if (t.k === "enum" || t.k === "error") {
        const variant = findVariant(t.decl, e.name);
        if (variant !== null) return { k: "variant", type: t, owner: t.decl, ...variant };
      }
      return { k: "assoc", type: t, name: e.name };
    }
    case "Index": {
      const object = entityOf(c, e.object);
      if (object?.k === "missing") return object;
      if (object === null || object.k === "local" || object.k === "module") return null;
      if (object.k === "of-trait") {
        const args = typeArguments(c, e.args);
        return args === null ? null : { ...object, args };
      }
      if (object.k === "decl") {
        const { decl, module } = object;
        if (decl.kind === "FuncDecl" && decl.typeParams.length > 0) {
          const args = typeArguments(c, e.args);
          return args === null ? null : { k: "func-applied", decl, module, args };
        }
        if (decl.kind === "TraitDecl") {
          const args = typeArguments(c, e.args);
          return args?.length === decl.typeParams.length ? { k: "trait", trait: { decl, args } } : null;
        }
        if (isTypeDecl(decl)) {
          const args = typeArguments(c, e.args);
          if (args === null) return null;
          return { k: "type", type: applyDecl(c.w, c.module, decl, args, e.span, module), explicit: true };
        }
      }
      if (object.k === "type" && !object.explicit && object.type.k === "slice" && e.args.length === 1) {
        const args = typeArguments(c, e.args);
        if (args !== null) return { k: "type", type: slice(args[0]!), explicit: true };
      }
      return null;
    }
    default: return null;
  }
}

export function typeArguments(c: Checker, args: Expr[]): Type[] | null {
  const out: Type[] = [];
  for (const arg of args) {
    const te = toTypeExpr(arg);
    if (te === null) return null;
    out.push(resolveType(c.w, te, c.typeScope));
  }
  return out;
}

/** A record of a variant for the tree; its type is cleared of variables at the end. */
export function variantRef(
  c: Checker, type: Type, owner: EnumDecl | ErrorDecl | null, decl: VariantDecl | null, name: string, index: number,
): VariantRef {
  const ref: VariantRef = { type, owner, decl, name, index };
  c.records.push(ref);
  return ref;
}

/** An error that no declaration names: `fail Timeout` where the errors are open. */
export function openVariant(c: Checker, name: string): VariantRef {
  return variantRef(c, ERROR_ANY, null, null, name, -1);
}

export function moduleFunction(entity: Extract<Entity, { k: "module" }>, name: string): FuncDecl | null {
  for (const module of entity.group.parts) {
    const decl = module.names.get(name);
    if (decl?.kind === "FuncDecl" && decl.pub) return decl;
  }
  return null;
}
