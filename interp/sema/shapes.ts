// The shapes of declarations, each found on first need: signatures, fields, payloads, bounds and scopes. Promises: a
// declaration is resolved once, in its own scope, whoever asks. Leans on resolve.ts for types as written.
import type {
  EnumDecl, ErrorDecl, FieldDecl, FuncDecl, StructDecl, TraitDecl, Type, TypeParam, VariantDecl,
} from "../syntax/ast.ts";
import { declareParams, resolveTrait, resolveType, typeParamScope } from "./resolve.ts";
import { equalTypes, hasUnknown, pointer, prune, showType, substitute, UNKNOWN, VOID } from "./types.ts";
import { isIntrinsicType } from "./units.ts";
import type {
  FieldInfo, ImplInfo, Module, ParamInfo, Payload, Signature, TraitRef, TypeScope, World,
} from "./world.ts";

/** The type parameters around a function in a block, as the arguments that its calls give for them. */
export function aroundArgs(sig: Signature): Type[] {
  return sig.around.map((param) => ({ k: "param", param }));
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
  const want = decl.receiver === "pointer" ? pointer(scope.self) : scope.self;
  const written = decl.params[0]!.type;
  if (written === null) return want;
  const found = resolveType(w, written, scope);
  if (!hasUnknown(found) && !hasUnknown(want) && !equalTypes(found, want)) {
    const name = showType(scope.self);
    w.reporter.error(scope.module.source, written.span, "J0202",
      `\`self\` is a \`${name}\` here or a \`*${name}\`, not \`${showType(found)}\``, {
        hint: `write \`self\`, or \`self: *${name}\` to change it`,
      });
  }
  return want;
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

/** Where the errors of a function are its body's. isBound: a trait, or what `main` is, says what it gives. */
function inferredBy(decl: FuncDecl, isBound: boolean): Signature["inferredBy"] {
  if (decl.body === null) return null;
  if (decl.result?.kind === "ErrorUnionType") return decl.result.error === null ? "body" : null;
  return decl.isAsync && !isBound ? "async body" : null;
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
    if (p.type.kind === "VariadicType") {
      const of = p.type.of;
      const any = of.kind === "NamedType" && of.path.length === 1 && of.path[0] === "any";
      // `...any`: each argument keeps its own type, which is told apart from a written one by being unknown
      const type = any ? UNKNOWN : resolveType(w, of, scope);
      if (!module.std) {
        const message = "only functions of the library take any number of arguments";
        w.reporter.error(module.source, p.type.span, "J0244", message, {
          hint: `take a slice, \`${p.name}: []T\`, and call with \`[a, b, c]\``,
        });
        return { name: p.name, type: { k: "slice", of: type }, default: null };
      }
      variadic = true;
      return { name: p.name, type, default: null };
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
    // where parameters lack their types, the function is taken to lack its result's, too
    result: decl.result === null ? (lacksTypes(decl) ? UNKNOWN : VOID) : resolveType(w, decl.result, scope),
    isMain,
    inferredBy: inferredBy(decl, isMain || trait !== null || (impl !== null && impl.trait !== null)),
    intrinsic: intrinsicName(decl),
  };
  w.signatures.set(decl, signature);
  return signature;
}

const lacksTypes = (decl: FuncDecl): boolean =>
  decl.params.some((p, i) => p.type === null && (i > 0 || decl.receiver === null));

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

/** Structs by value inside one another: what a value is copied, compared and shown by goes as deep. */
const NESTED_MAX = 500;

/** The structs that a field holds by value. */
function heldStructs(t: Type, into: StructDecl[] = []): StructDecl[] {
  t = prune(t);
  if (t.k === "array" && t.length > 0) heldStructs(t.of, into);
  else if (t.k === "tuple") for (const elem of t.elems) heldStructs(elem, into);
  else if (t.k === "struct") into.push(t.decl);
  return into;
}

interface Held {
  decl: StructDecl;
  fields: { field: FieldInfo; of: StructDecl }[];
  next: number;
}

/** Reports structs that contain themselves by value: no finite value of them exists; and those that nest too deep. */
export function checkFinite(w: World, root: StructDecl): void {
  if (w.nesting.has(root)) return;
  const path: Held[] = [];
  const open = (decl: StructDecl): void => {
    w.nesting.set(decl, 0);
    const fields = fieldsOf(w, decl).flatMap((field) => heldStructs(field.type).map((of) => ({ field, of })));
    path.push({ decl, fields, next: 0 });
  };
  const report = (decl: StructDecl, field: FieldInfo, message: string, hint: string): void =>
    w.reporter.error(w.home(decl).module.source, field.decl.span, "J0234", message, { hint });
  open(root);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const { field, of } = top.fields[top.next++] ?? { field: null, of: top.decl };
    if (field === null) {
      path.pop();
      const inner = Math.max(0, ...top.fields.map((held) => w.nesting.get(held.of)!));
      w.nesting.set(top.decl, inner + 1);
      const deepest = top.fields.find((held) => w.nesting.get(held.of) === inner);
      if (inner !== NESTED_MAX || deepest === undefined) continue;
      report(top.decl, deepest.field, `\`${top.decl.name}\` nests more than ${NESTED_MAX} structs in one another`,
        `put a reference between: \`${deepest.field.name}: ?*${showType(deepest.field.type)}\``);
      continue;
    }
    const start = path.findIndex((held) => held.decl === of);
    if (start < 0) {
      if (!w.nesting.has(of)) open(of);
      continue;
    }
    // one circle is one error, whichever of its structs it is found from
    const members = path.slice(start);
    if (members.some(({ decl }) => w.endless.has(decl))) continue;
    for (const { decl } of members) w.endless.add(decl);
    const { decl, fields, next } = members[0]!;
    const through = fields[next - 1]!.field;
    report(decl, through, `\`${decl.name}\` would contain itself without end`,
      `put a reference between: \`${through.name}: ?*${showType(through.type)}\``);
  }
}
