// From types as written to types: names looked up, arguments counted, error unions put together. Promises: reports an
// error where it stands and gives `unknown` for it, so that nothing else complains. The shapes of declarations, made of
// such types, are in shapes.ts; bounds are looked at later, in bounds.ts.
import type {
  AliasDecl, EnumDecl, ErrorSet, NamedDecl, Span, StructDecl, Type, TypeExpr, TypeParam,
} from "../syntax/ast.ts";
import { asJanus, FOREIGN_TYPES } from "../syntax/foreign-types.ts";
import { constantInt } from "./constants.ts";
import { didYouMean } from "./errors.ts";
import { fromStd } from "./std-names.ts";
import { lookup, lookupHidden, maybeMissing, moduleWithin, visibleNames } from "./modules.ts";
import {
  anyErrors, hasVars, isTooLarge, optional, pointer, PRIMITIVES, result, showType, slice, substitute, tuple,
  TYPE_PARTS_MAX, UNKNOWN, VOID,
} from "./types.ts";
import { exported, exportedNames, hidden, isIntrinsicType, reportHidden } from "./units.ts";
import type { Module, ModuleGroup, TraitRef, TypeScope, World } from "./world.ts";

// ---------------------------------------------------------------- names in type position

type TypeName =
  | { k: "type"; type: Type }
  | { k: "decl"; decl: NamedDecl; module: Module }
  | { k: "none" };

export function typeParamScope(module: Module, params: TypeParam[], outer: TypeScope | null): TypeScope {
  const scope: TypeScope = {
    module,
    params: params.length === 0 ? outer?.params ?? null : new Map(outer?.params ?? []),
    self: outer?.self ?? null,
  };
  for (const param of params) scope.params!.set(param.name, param);
  return scope;
}

/** Makes the bounds of type parameters resolvable in their scope. */
export function declareParams(w: World, params: TypeParam[], scope: TypeScope): void {
  for (const param of params) w.paramScopes.set(param, scope);
}

/** `List[int]`: told as a whole, with the types inside it. False for what is declared, or no other language's. */
function reportForeign(w: World, te: Extract<TypeExpr, { kind: "NamedType" }>, { module, params }: TypeScope): boolean {
  const name = te.path[0]!;
  if (!FOREIGN_TYPES.has(name) || params?.has(name) || lookup(w, module, name) !== null) return false;
  if (module.unit.lost.has(name)) return true;
  w.reporter.error(module.source, te.span, "J0201", `there is no type \`${name}\``, {
    hint: `write \`${asJanus(te, module.source.text)}\``,
  });
  return true;
}

function lookupTypeName(w: World, path: string[], span: Span, scope: TypeScope, noun = "type"): TypeName {
  const module = scope.module;
  // where the parser found no name it has said so
  if (path.length === 0) return { k: "none" };
  if (path.length === 1) {
    const name = path[0]!;
    const param = scope.params?.get(name);
    if (param !== undefined) return { k: "type", type: { k: "param", param } };
    if (name === "Self" && scope.self !== null) return { k: "type", type: scope.self };
    const primitive = PRIMITIVES.get(name);
    if (primitive !== undefined) return { k: "type", type: primitive };
    const found = lookup(w, module, name);
    if (found?.k === "decl") return { k: "decl", decl: found.decl, module: found.module };
    if (found?.k === "module") {
      const inner = exported(found.group, name);
      if (inner !== null) return { k: "decl", ...inner };
    }
    if (found?.k === "missing") return { k: "none" };
    const secret = lookupHidden(w, module, name);
    if (secret !== null) {
      reportHidden(w, module, span, secret.group, name, secret.found);
      return { k: "none" };
    }
    if (module.unit.lost.has(name)) return { k: "none" };
    const foreign = FOREIGN_TYPES.get(name);
    if (foreign !== undefined && !w.reporter.firstOf(module.source, `type ${name}`)) return { k: "none" };
    const params = scope.params?.keys() ?? [];
    const near = foreign ?? fromStd(w, module, name, span)
      ?? didYouMean(name, () => [...PRIMITIVES.keys(), ...visibleNames(w, module), ...params]);
    if (near === undefined && maybeMissing(w, module)) return { k: "none" };
    w.reporter.error(module.source, span, "J0201", `there is no ${noun} \`${name}\``, { hint: near });
    return { k: "none" };
  }
  const found = lookup(w, module, path[0]!);
  if (found?.k === "missing") return { k: "none" };
  let group: ModuleGroup | null = found?.k === "module" ? found.group : null;
  for (const name of path.slice(1, -1)) group = group === null ? null : moduleWithin(w, module, group, name);
  if (group === null) {
    w.reporter.error(module.source, span, "J0201", `there is no type \`${path.join(".")}\``, {
      hint: found?.k === "module" ? undefined : `\`${path[0]}\` is no module in scope`,
    });
    return { k: "none" };
  }
  const last = path[path.length - 1]!;
  const inner = exported(group, last);
  if (inner !== null) return { k: "decl", ...inner };
  const secret = hidden(group, last);
  if (secret !== null) reportHidden(w, module, span, group, last, secret);
  else {
    w.reporter.error(module.source, span, "J0201", `module \`${group.name}\` has no type \`${last}\``, {
      hint: didYouMean(last, exportedNames(group)),
    });
  }
  return { k: "none" };
}

/** The type of a declaration with these arguments; reports a wrong number of them. */
export function applyDecl(
  w: World, module: Module, decl: NamedDecl, args: Type[], span: Span, home: Module,
): Type {
  const wrong = (expected: number): boolean => {
    if (args.length === expected) return false;
    w.reporter.error(module.source, span, "J0234",
      `\`${decl.name}\` takes ${expected === 0 ? "no type arguments" : plural(expected, "type argument")}, ` +
      `not ${args.length}`, {
        hint: expected === 0 ? undefined : `write \`${decl.name}[…]\``,
        notes: [{ unit: home.source, span: decl.nameSpan, message: "declared here" }],
      });
    return true;
  };
  switch (decl.kind) {
    case "StructDecl":
      if (wrong(decl.typeParams.length)) return UNKNOWN;
      laterBounds(w, module, decl, args, span);
      return { k: isIntrinsicType(decl) ? "builtin" : "struct", decl, args };
    case "EnumDecl":
      if (wrong(decl.typeParams.length)) return UNKNOWN;
      laterBounds(w, module, decl, args, span);
      return { k: "enum", decl, args };
    case "ErrorDecl":
      return wrong(0) ? UNKNOWN : { k: "error", decl };
    case "AliasDecl": {
      if (wrong(decl.typeParams.length)) return UNKNOWN;
      const body = aliasType(w, decl, home);
      if (args.length === 0) return body;
      return bounded(w, module, span, substitute(body, new Map(decl.typeParams.map((p, i) => [p, args[i]!]))));
    }
    default:
      if (FOREIGN_TYPES.has(decl.name) && !w.reporter.firstOf(module.source, `type ${decl.name}`)) return UNKNOWN;
      w.reporter.error(module.source, span, "J0234", `\`${decl.name}\` is no type`, {
        hint: decl.kind === "TraitDecl"
          ? `a value of any type that implements it is an \`any ${decl.name}\`; a trait bounds a type parameter: ` +
            `\`[T: ${decl.name}]\`` : FOREIGN_TYPES.get(decl.name),
        notes: [{ unit: home.source, span: decl.nameSpan, message: "declared here" }],
      });
      return UNKNOWN;
  }
}

/** What an alias stands for, in terms of its parameters. */
export function aliasType(w: World, decl: AliasDecl, home: Module): Type {
  const known = aliases.get(decl);
  if (known !== undefined) return known;
  const scope = typeParamScope(home, decl.typeParams, null);
  declareParams(w, decl.typeParams, scope);
  if (endlessAliases.has(decl)) return UNKNOWN;
  if (aliasesInProgress.has(decl)) {
    // one circle is one error
    for (const member of aliasesInProgress) endlessAliases.add(member);
    w.reporter.error(home.source, decl.nameSpan, "J0234", `the alias \`${decl.name}\` stands for itself`);
    return UNKNOWN;
  }
  if (aliasesInProgress.size >= ALIASES_MAX) {
    w.reporter.error(home.source, decl.nameSpan, "J0242",
      `this alias stands behind more than ${ALIASES_MAX} others, each for the next`, {
        hint: "declare aliases behind those that they stand for",
      });
    aliases.set(decl, UNKNOWN);
    return UNKNOWN;
  }
  aliasesInProgress.add(decl);
  const body = bounded(w, home, decl.type.span, resolveType(w, decl.type, scope));
  aliasesInProgress.delete(decl);
  aliases.set(decl, body);
  return body;
}

/** Aliases that stand for each other twice would double a type with each of them. */
function bounded(w: World, module: Module, span: Span, t: Type): Type {
  if (!isTooLarge(t)) return t;
  w.reporter.error(module.source, span, "J0234", `this type has more than ${TYPE_PARTS_MAX} parts`, {
    hint: "name a part of it with a `struct`, and use that",
  });
  return UNKNOWN;
}

/** A chain of aliases is resolved by recursion as far as this; a longer one has to be declared from its end. */
const ALIASES_MAX = 1000;

const aliases = new WeakMap<object, Type>();

/** The bounds of a written type's arguments are looked at when every impl is known. */
function laterBounds(w: World, module: Module, decl: StructDecl | EnumDecl, args: Type[], span: Span): void {
  if (decl.typeParams.every((p) => p.bounds.length === 0) || args.some(hasVars)) return;
  w.bounded.push({ module, decl, args, span });
}

const aliasesInProgress = new Set<object>();
const endlessAliases = new WeakSet<object>();

export function plural(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

// ---------------------------------------------------------------- types as written

/** The set that an error type as written stands for. */
function resolveErrors(w: World, te: TypeExpr | null, scope: TypeScope): ErrorSet {
  if (te === null) return anyErrors();
  if (te.kind === "NamedType" && te.path.length === 1 && te.path[0] === "DeadlineExceeded" &&
    lookup(w, scope.module, "DeadlineExceeded") === null) {
    return { sets: [], open: ["DeadlineExceeded"], any: false };
  }
  if (te.kind === "NamedType" && te.path.length === 1 && te.path[0] === "any") return anyErrors();
  if (te.kind === "TupleType") {
    const all: ErrorSet = { sets: [], open: [], any: false };
    for (const elem of te.elems) {
      const one = resolveErrors(w, elem, scope);
      all.sets.push(...one.sets);
      all.open.push(...one.open);
      all.any ||= one.any;
      if (one.unknown === true) all.unknown = true;
    }
    return all;
  }
  const t = resolveType(w, te, scope);
  if (t.k === "error") return { sets: [t.decl], open: [], any: false };
  if (t.k === "error-any") return anyErrors();
  if (t.k !== "unknown") {
    w.reporter.error(scope.module.source, te.span, "J0234", `\`${showType(t)}\` is no error set`, {
      hint: "errors are of a set of their own: `error Trouble { NotFound, Refused(string) }`",
    });
  }
  return { ...anyErrors(), unknown: true };
}

export function resolveType(w: World, te: TypeExpr, scope: TypeScope): Type {
  switch (te.kind) {
    case "NamedType": {
      const name = te.path[0]!;
      if (te.args.length > 0 && te.path.length === 1 && reportForeign(w, te, scope)) return UNKNOWN;
      const args = te.args.map((arg) => resolveType(w, arg, scope));
      if (te.path.length === 1 && (name === "Array" || name === "Slice") && lookup(w, scope.module, name) === null) {
        if (args.length === 1) return slice(args[0]!);
        w.reporter.error(scope.module.source, te.span, "J0234", "`Array` takes 1 type argument", {
          hint: "write `Array[T]` or `[]T`",
        });
        return UNKNOWN;
      }
      const found = lookupTypeName(w, te.path, te.span, scope);
      if (found.k === "none") return UNKNOWN;
      if (found.k === "decl") return applyDecl(w, scope.module, found.decl, args, te.span, found.module);
      if (args.length > 0) {
        w.reporter.error(scope.module.source, te.span, "J0234", `\`${name}\` takes no type arguments`);
        return UNKNOWN;
      }
      return found.type;
    }
    case "SliceType": return slice(resolveType(w, te.elem, scope));
    case "FixedArrayType": {
      const of = resolveType(w, te.elem, scope);
      const length = constantInt(w, te.length, scope.module);
      if (length === null || length < 0n || length > 0x7fff_ffffn) {
        w.reporter.error(scope.module.source, te.length.span, "J0234",
          "the length of a fixed array must be a constant that is not negative");
        return UNKNOWN;
      }
      return { k: "array", length: Number(length), of };
    }
    case "OptionalType": return optional(resolveType(w, te.of, scope));
    case "ErrorUnionType": return result(resolveType(w, te.ok, scope), resolveErrors(w, te.error, scope));
    case "PointerType": return pointer(resolveType(w, te.to, scope));
    case "AnyType": {
      const trait = resolveTrait(w, te.trait, scope);
      if (trait === null) return UNKNOWN;
      w.objects.push({ module: scope.module, trait: trait.decl, span: te.span });
      return { k: "any", decl: trait.decl, args: trait.args };
    }
    case "TupleType":
      return te.elems.length === 0 ? VOID : tuple(te.elems.map((elem) => resolveType(w, elem, scope)));
    case "FuncType":
      return {
        k: "func",
        params: te.params.map((p) => resolveType(w, p, scope)),
        result: te.result === null ? VOID : resolveType(w, te.result, scope),
      };
    case "VariadicType":
      w.reporter.error(scope.module.source, te.span, "J0234",
        "`...` may only stand before the type of a last parameter");
      return UNKNOWN;
  }
}

// ---------------------------------------------------------------- declarations

/** The trait that a bound or an `impl … for` names. */
export function resolveTrait(w: World, te: TypeExpr, scope: TypeScope): TraitRef | null {
  if (te.kind !== "NamedType") {
    w.reporter.error(scope.module.source, te.span, "J0234", "a trait is needed here");
    return null;
  }
  const found = lookupTypeName(w, te.path, te.span, scope, "trait");
  if (found.k === "none") return null;
  if (found.k !== "decl" || found.decl.kind !== "TraitDecl") {
    w.reporter.error(scope.module.source, te.span, "J0234", `\`${te.path.join(".")}\` is no trait`);
    return null;
  }
  const args = te.args.map((arg) => resolveType(w, arg, scope));
  if (args.length !== found.decl.typeParams.length) {
    w.reporter.error(scope.module.source, te.span, "J0234",
      `trait \`${found.decl.name}\` takes ${plural(found.decl.typeParams.length, "type argument")}, ` +
      `not ${args.length}`);
    return null;
  }
  return { decl: found.decl, args };
}
