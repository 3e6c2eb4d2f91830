// Impls: which there are for a type, and which traits it satisfies. Promises: the impls of a type are found by the head
// of the type (its outermost constructor), so that a lookup looks at few; std's impls for built-in types are loaded
// when a method of such a type is first asked for. What a method's name means is in candidates.ts.
import type { FuncDecl, ImplDecl, TraitDecl, Type } from "../syntax/ast.ts";
import { lookup, preludeDecl } from "./modules.ts";
import { HEAD_UNITS } from "./prelude.ts";
import { declareParams, resolveTrait, resolveType, typeParamScope } from "./resolve.ts";
import { argsOf, boundsOf, fieldsOf, nominalScope, payloadOf, supersOf } from "./shapes.ts";
import { equalTypes, PRIMITIVES, prune, showType, substitute, UNKNOWN } from "./types.ts";
import { couldUnify, freshVar, mark, undo, unify } from "./unify.ts";
import { stdModule } from "./units.ts";
import type { ImplInfo, Module, TraitRef, World } from "./world.ts";

/** What impls are filed under: a word for built-in constructors, the declaration for nominal types. */
export function headOf(t: Type): string | object | null {
  t = prune(t);
  switch (t.k) {
    case "int": return t.name;
    case "float": return t.bits === 64 ? "f64" : "f32";
    case "struct": case "builtin": case "enum": case "error": case "any": return t.decl;
    case "param": return t.param;
    case "var": return t.literal === "int" ? "i64" : t.literal === "float" ? "f64" : null;
    case "unknown": case "never": case "null": return null;
    default: return t.k;
  }
}

/** The word under which std files the methods of a built-in type. */
function headUnit(t: Type): string | undefined {
  t = prune(t);
  if (t.k === "var") return HEAD_UNITS.get(t.literal ?? "");
  return HEAD_UNITS.get(t.k === "array" ? "slice" : t.k);
}

function fileImpl(w: World, info: ImplInfo): void {
  info.module.impls.push(info);
  if (prune(info.target).k === "param") return fileBlanket(w, info);
  const head = headOf(info.target);
  if (head === null) return;
  if (!info.module.std) reportTwins(w, info, w.implsByHead.get(head) ?? []);
  const list = w.implsByHead.get(head);
  if (list === undefined) w.implsByHead.set(head, [info]);
  else list.push(info);
}

/**
 * `impl[T: Show] Printable for T`: for every type that satisfies the bounds. Only a trait of the program's own can be
 * implemented so, for a type must satisfy a trait in one way, and other files may implement std's.
 */
function fileBlanket(w: World, info: ImplInfo): void {
  const span = info.decl!.target.span;
  const refuse = (message: string, hint: string): void =>
    w.reporter.error(info.module.source, span, "J0234", message, { hint });
  if (info.decl!.trait === null) {
    refuse("methods of their own belong to one type, and this is a type parameter",
      "declare a trait and implement that, or write a function: `x.f()` finds it as well");
  } else if (info.trait !== null && w.home(info.trait.decl).module.std) {
    refuse(`\`${info.trait.decl.name}\` is std's, and cannot be implemented for every type`,
      "write one impl for each type, or use a trait of your own");
  } else if (info.typeParams.length > 1) {
    refuse("an impl for every type has one type parameter", "the trait's arguments are types that it names");
  } else if (info.trait !== null) {
    w.blankets.push(info);
    w.late.push(() => reportOverlaps(w, info));
  }
}

/** Reports the impls of a trait for types that an impl for every type takes in, too. */
function reportOverlaps(w: World, blanket: ImplInfo): void {
  const { trait, module } = blanket;
  const others = [...w.implsByHead.values()].flat().concat(w.blankets.slice(0, w.blankets.indexOf(blanket)));
  for (const other of others) {
    if (other.trait?.decl !== trait!.decl) continue;
    const start = mark();
    const target = prune(other.target).k === "param" ? freshVar() : instantiateImpl(other).target;
    const overlaps = prune(target).k === "var" || applies(w, instantiateImpl(blanket), target);
    undo(start);
    if (!overlaps) continue;
    const each = prune(other.target).k === "param" ? "every type" : `\`${showType(other.target)}\``;
    w.reporter.error(module.source, blanket.decl!.target.span, "J0219",
      `this implements \`${trait!.decl.name}\` again for ${each}`, {
        hint: "a type satisfies a trait in one way: narrow the bounds, or leave the other impl out",
        notes: other.decl === null ? []
          : [{ unit: other.module.source, span: other.decl.target.span, message: "implemented here" }],
      });
  }
}

/** Two impls that give one type two methods of a name, or one trait twice. */
function reportTwins(w: World, info: ImplInfo, others: ImplInfo[]): void {
  for (const other of others) {
    if (other.module.std && other.trait === null) continue;
    const sameTrait = info.trait !== null && info.trait.decl === other.trait?.decl &&
      info.trait.args.every((a, i) => equalTypes(a, other.trait!.args[i]!));
    if (!sameTrait && (info.trait !== null || other.trait !== null)) continue;
    const twins = sameTrait ? [] : [...info.methods.values()].filter((m) => other.methods.has(m.name));
    if (!sameTrait && twins.length === 0) continue;
    if (!couldUnify(instantiateImpl(info).target, instantiateImpl(other).target)) continue;
    if (sameTrait) {
      w.reporter.error(info.module.source, info.decl!.target.span, "J0219",
        `\`${info.trait!.decl.name}\` is implemented twice for \`${showType(info.target)}\``, {
          notes: other.decl === null ? []
            : [{ unit: other.module.source, span: other.decl.target.span, message: "first implemented here" }],
        });
    }
    for (const method of twins) {
      w.reporter.error(info.module.source, method.nameSpan, "J0219",
        `\`${showType(info.target)}\` has a method \`${method.name}\` already`, {
          notes: [{
            unit: other.module.source, span: other.methods.get(method.name)!.nameSpan, message: "declared here",
          }],
        });
    }
  }
}

function addMethods(w: World, info: ImplInfo, methods: FuncDecl[]): void {
  for (const method of methods) {
    w.homes.set(method, { module: info.module, impl: info, trait: null });
    const earlier = info.methods.get(method.name);
    if (earlier !== undefined) {
      w.reporter.error(info.module.source, method.nameSpan, "J0219", `method \`${method.name}\` is declared twice`, {
        notes: [{ unit: info.module.source, span: earlier.nameSpan, message: "first declared here" }],
      });
    } else {
      info.methods.set(method.name, method);
    }
  }
}

/**
 * `impl Pair[K: Ordered, V]`: what stands where the type has a parameter of this name, and names nothing else, is a
 * parameter of the impl.
 */
function declareNamed(w: World, module: Module, { target, typeParams }: ImplDecl): void {
  if (target.kind !== "NamedType" || target.args.length === 0) return;
  const found = target.path.length === 1 ? lookup(w, module, target.path[0]!) : null;
  if (found?.k !== "decl" || (found.decl.kind !== "StructDecl" && found.decl.kind !== "EnumDecl")) return;
  const own = found.decl.typeParams;
  target.args.forEach((arg, i) => {
    if (arg.kind !== "NamedType" || arg.path.length !== 1 || arg.args.length > 0) return;
    const name = arg.path[0]!;
    if (own[i]?.name !== name || typeParams.some((p) => p.name === name)) return;
    if (PRIMITIVES.has(name) || lookup(w, module, name) !== null) return;
    typeParams.push({ name, bounds: [], span: arg.span });
  });
}

function registerImpl(w: World, module: Module, decl: ImplDecl): void {
  declareNamed(w, module, decl);
  const scope = typeParamScope(module, decl.typeParams, null);
  declareParams(w, decl.typeParams, scope);
  const target = resolveType(w, decl.target, scope);
  scope.self = target;
  const trait = decl.trait === null ? null : resolveTrait(w, decl.trait, scope);
  if (trait !== null && !module.std && isSealed(w, trait.decl)) {
    w.reporter.error(module.source, decl.trait!.span, "J0234",
      `\`${trait.decl.name}\` is ${SEALED.get(trait.decl.name)}; no other type can be one`, {
        hint: trait.decl.name.startsWith("Atomic")
          ? "keep an integer in the `Atomic`, or compound data in a `Mutex`"
          : "declare a trait of your own, and implement it for numbers, too",
      });
    return;
  }
  const info: ImplInfo = { decl, module, typeParams: decl.typeParams, scope, trait, target, methods: new Map() };
  addMethods(w, info, decl.methods);
  fileImpl(w, info);
}

/** Files the impls of a module and the methods inside its types. */
export function registerImpls(w: World, module: Module): void {
  for (const decl of module.unit.decls) {
    if ((decl.kind === "StructDecl" || decl.kind === "EnumDecl") && decl.methods.length > 0) {
      const scope = nominalScope(w, decl);
      const info: ImplInfo = {
        decl: null, module, typeParams: decl.typeParams, scope, trait: null, target: scope.self!, methods: new Map(),
      };
      addMethods(w, info, decl.methods);
      fileImpl(w, info);
    }
    if (decl.kind === "TraitDecl") {
      for (const method of decl.methods) w.homes.set(method, { module, impl: null, trait: decl });
    }
  }
  for (const decl of module.unit.decls) if (decl.kind === "ImplDecl") registerImpl(w, module, decl);
}

// ---------------------------------------------------------------- instances

/** An impl with fresh variables for its parameters. */
export interface ImplInstance {
  impl: ImplInfo;
  args: Type[];
  target: Type;
}

export function instantiateImpl(impl: ImplInfo): ImplInstance {
  const args: Type[] = impl.typeParams.map(() => freshVar());
  const s = new Map(impl.typeParams.map((p, i) => [p, args[i]!]));
  return { impl, args, target: substitute(impl.target, s) };
}

/** The impls that may apply to a type: those for it, then those for every type. */
export function implsFor(w: World, t: Type): ImplInfo[] {
  const unit = headUnit(t);
  if (unit !== undefined) stdModule(w, unit);
  const head = headOf(t);
  const own = head === null ? [] : w.implsByHead.get(head) ?? [];
  return w.blankets.length === 0 || prune(t).k === "unknown" ? own : [...own, ...w.blankets];
}

/**
 * Whether an impl is for a type; binds its variables when it is. One for every type asks for its bounds; those of one
 * for a type are asked for where a method of it is called.
 */
export function applies(w: World, { impl, args, target }: ImplInstance, t: Type): boolean {
  if (!unify(target, t)) return false;
  return prune(impl.target).k !== "param" || holdsBounds(w, impl, args);
}

/** The impls whose bounds are being looked at: asked for again, the answer is no, so that no circle proves itself. */
const asking: { impl: ImplInfo; type: Type }[] = [];

/** Whether type arguments satisfy the bounds of an impl's parameters. */
function holdsBounds(w: World, impl: ImplInfo, args: Type[]): boolean {
  const s = new Map(impl.typeParams.map((p, i) => [p, args[i]!]));
  const type = prune(args[0] ?? UNKNOWN);
  if (asking.some((a) => a.impl === impl && equalTypes(a.type, type))) return false;
  asking.push({ impl, type });
  try {
    return impl.typeParams.every((p, i) => boundsOf(w, p).every((b) =>
      satisfies(w, args[i]!, { decl: b.decl, args: b.args.map((a) => substitute(a, s)) })));
  } finally {
    asking.pop();
  }
}

/** The traits that a type has by what it is: the bounds of a type parameter, the trait of an object. */
export function traitsOf(w: World, t: Type): TraitRef[] {
  return t.k === "param" ? boundsOf(w, t.param) : t.k === "any" ? [{ decl: t.decl, args: t.args }] : [];
}

// ---------------------------------------------------------------- traits

/** Traits that built-in types satisfy without an impl, because the operations are the language's own. */
function satisfiedByLanguage(w: World, t: Type, trait: TraitDecl): boolean {
  if (!w.home(trait).module.std) return false;
  switch (trait.name) {
    case "Ordered":
      return t.k === "int" || t.k === "float" || t.k === "string" || t.k === "bool" ||
        (t.k === "var" && t.literal !== null);
    case "Number": case "Numeric":
      return t.k === "int" || t.k === "float" || (t.k === "var" && t.literal !== null);
    case "Integer":
      return t.k === "int" || (t.k === "var" && t.literal === "int");
    case "Float":
      return t.k === "float" || (t.k === "var" && t.literal === "float");
    case "Eq": case "Hash": case "Hashable":
      return comparable(w, t, new Set());
    case "AtomicEligible":
      return t.k === "int" || t.k === "bool" || (t.k === "var" && t.literal === "int");
    case "AtomicInteger":
      return t.k === "int" || (t.k === "var" && t.literal === "int");
    case "Any": case "Printable": case "Clone": case "Show":
      return true;
    default:
      return false;
  }
}

/** Traits that say which of the language's own types a type is; their operators and intrinsics take no other. */
const SEALED = new Map([
  ["Number", "what the numbers of the language are"],
  ["Integer", "what the integers of the language are"],
  ["Float", "what the floats of the language are"],
  ["AtomicEligible", "what the processor changes in one step: every integer type, and `bool`"],
  ["AtomicInteger", "what the processor counts with in one step: every integer type"],
]);

/** Whether only types of the language can satisfy a trait. */
export function isSealed(w: World, trait: TraitDecl): boolean {
  return w.home(trait).module.std && SEALED.has(trait.name);
}

/** Whether a type, or whatever a type parameter stands for, is a number of the language. */
export function isNumber(w: World, t: Type, trait: "Number" | "Integer"): boolean {
  const decl = preludeDecl(w, trait);
  return decl?.kind === "TraitDecl" && satisfies(w, t, { decl, args: [] });
}

/** Whether `==` has a meaning on a type: everything that holds no function. Types may lead to others without end. */
export function comparable(w: World, type: Type, seen: Set<object>): boolean {
  const open = [type];
  for (let t = open.pop(); t !== undefined; t = open.pop()) {
    t = prune(t);
    switch (t.k) {
      case "func": return false;
      case "optional": case "slice": case "array": open.push(t.of); break;
      case "tuple": open.push(...t.elems); break;
      case "result": open.push(t.ok); break;
      case "struct": case "enum": {
        if (seen.has(t.decl)) break;
        seen.add(t.decl);
        const s = argsOf(t);
        for (const part of partsOf(w, t)) open.push(substitute(part, s));
      }
    }
  }
  return true;
}

/** What the values of a struct or an enum hold, as declared. */
export function partsOf(w: World, t: Type & { k: "struct" | "enum" }): Type[] {
  if (t.k === "struct") return fieldsOf(w, t.decl).map((f) => f.type);
  return t.decl.variants.flatMap((v) => {
    const payload = payloadOf(w, t.decl, v);
    if (payload.kind === "tuple") return payload.types;
    return payload.kind === "fields" ? payload.fields.map((f) => f.type) : [];
  });
}

/** The part of a type for which it has no order; the type itself where that is not for a part of it. */
export function unorderedPart(w: World, type: Type): Type {
  const t = prune(type);
  const decl = preludeDecl(w, "Ordered");
  const parts = t.k === "tuple" ? t.elems : t.k === "optional" || t.k === "slice" ? [t.of] : [];
  const part = decl?.kind !== "TraitDecl" ? undefined : parts.find((p) => !satisfies(w, p, { decl, args: [] }));
  return part === undefined ? t : unorderedPart(w, part);
}

/** Whether a trait object's trait, or what bounds a type parameter, is this one or extends it. */
export function extendsTrait(w: World, t: Type & { k: "param" | "any" }, trait: TraitRef): boolean {
  const reach = (have: TraitRef, seen: Set<TraitDecl>): boolean => {
    if (have.decl === trait.decl && have.args.every((a, i) => couldUnify(a, trait.args[i]!))) return true;
    if (seen.has(have.decl)) return false;
    seen.add(have.decl);
    return supersOf(w, have.decl).some((parent) => reach(parent, seen));
  };
  return traitsOf(w, t).some((b) => reach(b, new Set()));
}

/** Whether a type satisfies a trait; binds the impl's variables when it does so through one. */
export function satisfies(w: World, type: Type, trait: TraitRef): boolean {
  const t = prune(type);
  if (t.k === "unknown" || t.k === "never") return true;
  if ((t.k === "param" || t.k === "any") && extendsTrait(w, t, trait)) return true;
  if (t.k === "param") {
    if (w.unclear.has(t.param) || (trait.decl.name === "Any" && w.home(trait.decl).module.std)) return true;
  }
  for (const impl of implsFor(w, t)) {
    if (impl.trait?.decl !== trait.decl) continue;
    const start = mark();
    const instance = instantiateImpl(impl);
    const s = new Map(impl.typeParams.map((p, i) => [p, instance.args[i]!]));
    if (unify(instance.target, t) && impl.trait.args.every((a, i) => unify(substitute(a, s), trait.args[i]!)) &&
      holdsBounds(w, impl, instance.args)) return true;
    undo(start);
  }
  return t.k !== "param" && satisfiedByLanguage(w, t, trait.decl);
}
