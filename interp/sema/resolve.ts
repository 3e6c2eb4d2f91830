// From types as written to types: names looked up, arguments counted, error unions put together. Promises: reports an
// error where it stands and gives `unknown` for it, so that nothing else complains. Also the lazily resolved shapes of
// declarations: signatures, fields, payloads, bounds.
import type { ErrorSet, NamedDecl, Type } from "../syntax/annotations.ts";
import type {
  AliasDecl, EnumDecl, ErrorDecl, Expr, FieldDecl, FuncDecl, Span, StructDecl, TraitDecl, TypeExpr, TypeParam,
  VariantDecl,
} from "../syntax/ast.ts";
import { constantInt } from "./constants.ts";
import { didYouMean } from "./errors.ts";
import { satisfies } from "./impls.ts";
import {
  exported, exportedNames, hidden, isIntrinsicType, lookup, maybeMissing, reportHidden, visibleNames,
} from "./modules.ts";
import {
  anyErrors, hasVars, optional, pointer, PRIMITIVES, prune, result, showType, slice, substitute, tuple, UNKNOWN, VOID,
} from "./types.ts";
import type {
  FieldInfo, ImplInfo, Module, ModuleGroup, ParamInfo, Payload, Signature, TraitRef, TypeScope, World,
} from "./world.ts";

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
    const candidates = [...PRIMITIVES.keys(), ...visibleNames(w, module), ...(scope.params?.keys() ?? [])];
    const near = didYouMean(name, candidates);
    if (near === undefined && maybeMissing(w, module)) return { k: "none" };
    w.reporter.error(module.source, span, "J0201", `there is no ${noun} \`${name}\``, { hint: near });
    return { k: "none" };
  }
  const found = lookup(w, module, path[0]!);
  if (found?.k === "missing") return { k: "none" };
  if (found?.k !== "module" || path.length !== 2) {
    w.reporter.error(module.source, span, "J0201", `there is no type \`${path.join(".")}\``, {
      hint: found?.k === "module" ? undefined : `\`${path[0]}\` is no module in scope`,
    });
    return { k: "none" };
  }
  const group: ModuleGroup = found.group;
  const inner = exported(group, path[1]!);
  if (inner !== null) return { k: "decl", ...inner };
  const secret = hidden(group, path[1]!);
  if (secret !== null) reportHidden(w, module, span, group, path[1]!, secret);
  else {
    w.reporter.error(module.source, span, "J0201", `module \`${group.name}\` has no type \`${path[1]}\``, {
      hint: didYouMean(path[1]!, exportedNames(group)),
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
      return substitute(body, new Map(decl.typeParams.map((p, i) => [p, args[i]!])));
    }
    default:
      w.reporter.error(module.source, span, "J0234", `\`${decl.name}\` is no type`, {
        hint: decl.kind === "TraitDecl"
          ? `a trait bounds a type parameter: \`func f[T: ${decl.name}](x: T)\`` : undefined,
        notes: [{ unit: home.source, span: decl.nameSpan, message: "declared here" }],
      });
      return UNKNOWN;
  }
}

/** What an alias stands for, in terms of its parameters. */
export function aliasType(w: World, decl: AliasDecl, home: Module): Type {
  const scope = typeParamScope(home, decl.typeParams, null);
  declareParams(w, decl.typeParams, scope);
  if (endlessAliases.has(decl)) return UNKNOWN;
  if (aliasesInProgress.has(decl)) {
    // one circle is one error
    for (const member of aliasesInProgress) endlessAliases.add(member);
    w.reporter.error(home.source, decl.nameSpan, "J0234", `the alias \`${decl.name}\` stands for itself`);
    return UNKNOWN;
  }
  aliasesInProgress.add(decl);
  const body = resolveType(w, decl.type, scope);
  aliasesInProgress.delete(decl);
  return body;
}

/** The bounds of a written type's arguments are looked at when every impl is known. */
function laterBounds(w: World, module: Module, decl: StructDecl | EnumDecl, args: Type[], span: Span): void {
  if (decl.typeParams.every((p) => p.bounds.length === 0) || args.some(hasVars)) return;
  w.late.push(() => checkBounds(w, module, decl, args, span));
}

/** Reports type arguments that do not satisfy the bounds of a type's parameters. */
export function checkBounds(w: World, module: Module, decl: StructDecl | EnumDecl, args: Type[], span: Span): void {
  nominalScope(w, decl);
  decl.typeParams.forEach((param, i) => {
    const t = prune(args[i]!);
    // a parameter of the place itself: each concrete use of that is looked at
    if (t.k === "var" || t.k === "param") return;
    for (const bound of boundsOf(w, param)) {
      const s = new Map(decl.typeParams.map((p, at) => [p, args[at]!]));
      if (satisfies(w, t, { decl: bound.decl, args: bound.args.map((a) => substitute(a, s)) })) continue;
      w.reporter.error(module.source, span, "J0221",
        `\`${showType(t)}\` is not \`${bound.decl.name}\`, which \`${decl.name}\` needs`, {
          notes: [{ unit: w.home(decl).module.source, span: param.span, message: "the bound is declared here" }],
        });
    }
  });
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
      hint: `declare it: \`error ${showType(t)} { … }\``,
    });
  }
  return { ...anyErrors(), unknown: true };
}

export function resolveType(w: World, te: TypeExpr, scope: TypeScope): Type {
  switch (te.kind) {
    case "NamedType": {
      const name = te.path[0]!;
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

/** The `Self` of a trait: a type parameter bounded by the trait itself. */
export function selfParam(w: World, trait: TraitDecl): TypeParam {
  let self = w.selfParams.get(trait);
  if (self === undefined) {
    self = { name: "Self", bounds: [], span: trait.nameSpan };
    w.selfParams.set(trait, self);
    w.bounds.set(self, [{ decl: trait, args: trait.typeParams.map((param) => ({ k: "param", param })) }]);
  }
  return self;
}

/** The traits a type parameter is known to satisfy, with those they extend. */
export function boundsOf(w: World, param: TypeParam): TraitRef[] {
  let bounds = w.bounds.get(param);
  if (bounds === undefined) {
    bounds = [];
    w.bounds.set(param, bounds);
    const scope = w.paramScopes.get(param);
    if (scope !== undefined) {
      for (const te of param.bounds) {
        const trait = resolveTrait(w, te, scope);
        if (trait !== null) bounds.push(trait);
        else w.unclear.add(param);
      }
    }
  }
  return bounds;
}

export function traitScope(w: World, trait: TraitDecl): TypeScope {
  const home = w.home(trait);
  const scope = typeParamScope(home.module, trait.typeParams, null);
  scope.self = { k: "param", param: selfParam(w, trait) };
  declareParams(w, trait.typeParams, scope);
  return scope;
}

/** The traits a trait extends. */
export function supersOf(w: World, trait: TraitDecl): TraitRef[] {
  if (trait.supers.length === 0) return [];
  const scope = traitScope(w, trait);
  return trait.supers.map((te) => resolveTrait(w, te, scope)).filter((t): t is TraitRef => t !== null);
}

function intrinsicName(decl: FuncDecl): string | null {
  for (const attribute of decl.attributes) {
    if (attribute.name === "intrinsic" && attribute.value?.kind === "StringLit") return attribute.value.value;
  }
  return null;
}

function selfType(w: World, decl: FuncDecl, scope: TypeScope): Type {
  if (scope.self === null) {
    w.reporter.error(scope.module.source, decl.params[0]!.span, "J0237",
      "`self` has a meaning only in an impl or a type");
    return UNKNOWN;
  }
  return decl.receiver === "pointer" ? pointer(scope.self) : scope.self;
}

/** The types of a function as declared. */
export function signatureOf(w: World, decl: FuncDecl): Signature {
  const known = w.signatures.get(decl);
  if (known !== undefined) return known;
  const home = w.home(decl);
  const outer = home.impl !== null ? home.impl.scope : home.trait !== null ? traitScope(w, home.trait) : null;
  const scope = typeParamScope(home.module, decl.typeParams, outer);
  return makeSignature(w, decl, home.module, scope, home.impl, home.trait);
}

export function makeSignature(
  w: World, decl: FuncDecl, module: Module, scope: TypeScope, impl: ImplInfo | null, trait: TraitDecl | null,
): Signature {
  declareParams(w, decl.typeParams, scope);
  const outerParams = impl !== null ? impl.typeParams
    : trait !== null ? [selfParam(w, trait), ...trait.typeParams] : [];
  const isMain = decl.name === "main" && impl === null && trait === null && !module.std;
  let variadic = false;
  const params = decl.params.map((p, i): ParamInfo => {
    if (i === 0 && decl.receiver !== null) return { name: "self", type: selfType(w, decl, scope), default: null };
    if (p.type === null) {
      w.reporter.error(module.source, p.span, "J0220", `parameter \`${p.name}\` of a function needs a type`, {
        hint: `write \`${p.name}: T\``,
      });
      return { name: p.name, type: UNKNOWN, default: p.default };
    }
    if (p.type.kind === "VariadicType" && i === decl.params.length - 1) {
      variadic = true;
      const of = p.type.of;
      const any = of.kind === "NamedType" && of.path.length === 1 && of.path[0] === "any";
      // `...any`: each argument keeps its own type, which is told apart from a written one by being unknown
      return { name: p.name, type: any ? UNKNOWN : resolveType(w, of, scope), default: null };
    }
    return { name: p.name, type: resolveType(w, p.type, scope), default: p.default };
  });
  const names = new Set<string>();
  for (const p of decl.params) {
    if (names.has(p.name) && p.name !== "_") {
      w.reporter.error(module.source, p.span, "J0219", `parameter \`${p.name}\` is declared twice`);
    }
    names.add(p.name);
  }
  const signature: Signature = {
    decl, module, scope, impl, trait,
    typeParams: outerParams.length === 0 ? decl.typeParams : [...outerParams, ...decl.typeParams],
    around: [], params, variadic,
    result: decl.result === null ? VOID : resolveType(w, decl.result, scope),
    isMain,
    inferredBy: decl.result?.kind === "ErrorUnionType" && decl.result.error === null && decl.body !== null
      ? "body" : null,
    intrinsic: intrinsicName(decl),
  };
  w.signatures.set(decl, signature);
  return signature;
}

export function nominalScope(w: World, decl: StructDecl | EnumDecl | ErrorDecl): TypeScope {
  const home = w.home(decl);
  if (decl.kind === "ErrorDecl") return { module: home.module, params: null, self: null };
  const scope = typeParamScope(home.module, decl.typeParams, null);
  const args: Type[] = decl.typeParams.map((param) => ({ k: "param", param }));
  scope.self = decl.kind === "EnumDecl"
    ? { k: "enum", decl, args } : { k: isIntrinsicType(decl) ? "builtin" : "struct", decl, args };
  declareParams(w, decl.typeParams, scope);
  return scope;
}

function resolveFields(w: World, fields: FieldDecl[], scope: TypeScope): FieldInfo[] {
  const seen = new Set<string>();
  return fields.map((decl) => {
    if (seen.has(decl.name)) {
      w.reporter.error(scope.module.source, decl.span, "J0219", `field \`${decl.name}\` is declared twice`);
    }
    seen.add(decl.name);
    return { name: decl.name, type: resolveType(w, decl.type, scope), decl };
  });
}

/** The fields of a struct in terms of its type parameters. */
export function fieldsOf(w: World, decl: StructDecl): FieldInfo[] {
  let fields = w.fields.get(decl);
  if (fields === undefined) {
    fields = resolveFields(w, decl.fields, nominalScope(w, decl));
    w.fields.set(decl, fields);
  }
  return fields;
}

/** What a variant carries, in terms of its enum's type parameters. */
export function payloadOf(w: World, owner: EnumDecl | ErrorDecl, variant: VariantDecl): Payload {
  let payload = w.payloads.get(variant);
  if (payload === undefined) {
    const scope = nominalScope(w, owner);
    payload = variant.payload !== null && variant.payload.length > 0
      ? { kind: "tuple", types: variant.payload.map((te) => resolveType(w, te, scope)) }
      : variant.fields !== null && variant.fields.length > 0
        ? { kind: "fields", fields: resolveFields(w, variant.fields, scope) }
        : { kind: "none" };
    w.payloads.set(variant, payload);
  }
  return payload;
}

/** Type arguments of a nominal type as a substitution for its declaration's parameters. */
export function argsOf(t: Type): Map<TypeParam, Type> {
  const map = new Map<TypeParam, Type>();
  if (t.k === "struct" || t.k === "builtin" || t.k === "enum") {
    t.decl.typeParams.forEach((param, i) => map.set(param, t.args[i] ?? UNKNOWN));
  }
  return map;
}

/** The type of a field of a struct type. */
export function fieldType(w: World, t: Type, name: string): FieldInfo | null {
  if (t.k !== "struct" && t.k !== "builtin") return null;
  const field = fieldsOf(w, t.decl).find((f) => f.name === name);
  return field === undefined ? null : { ...field, type: substitute(field.type, argsOf(t)) };
}

// ---------------------------------------------------------------- endless types

/** Reports structs that contain themselves by value: no finite value of them exists. */
export function checkFinite(w: World, decl: StructDecl): void {
  if (w.endless.has(decl)) return;
  const path: StructDecl[] = [];
  const visit = (t: Type): boolean => {
    t = prune(t);
    if (t.k === "array") return t.length > 0 && visit(t.of);
    if (t.k === "tuple") return t.elems.some(visit);
    if (t.k !== "struct") return false;
    if (t.decl === decl) {
      // one circle is one error, whichever of its structs it is found from
      for (const member of [decl, ...path]) w.endless.add(member);
      return true;
    }
    if (path.includes(t.decl)) return false;
    path.push(t.decl);
    const found = fieldsOf(w, t.decl).some((f) => visit(f.type));
    path.pop();
    return found;
  };
  for (const field of fieldsOf(w, decl)) {
    if (!visit(field.type)) continue;
    w.reporter.error(w.home(decl).module.source, field.decl.span, "J0234",
      `\`${decl.name}\` would contain itself without end`, {
        hint: `put a reference between: \`${field.name}: ?*${showType(field.type)}\``,
      });
  }
}
