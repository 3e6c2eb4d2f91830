// What is asked of types that come with a type argument: a body with type parameters notes where it needs something of
// a type that these decide, and each instance of it is asked when its arguments are known. Promises: the same question
// for a type that is written and for one that an instance puts in; each instance is visited once.
import type { FuncDecl, Span, Type, TypeParam } from "../syntax/ast.ts";
import type { Checker } from "./scope.ts";
import { final } from "./solve.ts";
import { isTooLarge, prune, substitute, typeKey } from "./types.ts";
import type { Instance, InstanceRule, TypeUse, World } from "./world.ts";

export type { InstanceRule } from "./world.ts";

/** The types of what a value of this type holds in itself. What a declared type keeps behind its fields is its own. */
export function held(t: Type): readonly Type[] {
  switch (t.k) {
    case "optional": case "slice": case "array": return [t.of];
    case "tuple": return t.elems;
    case "result": return [t.ok];
    case "struct": case "enum": case "builtin": return t.args;
    default: return [];
  }
}

function paramsIn(t: Type, found = new Set<TypeParam>()): Set<TypeParam> {
  t = prune(t);
  if (t.k === "param") found.add(t.param);
  for (const part of held(t)) paramsIn(part, found);
  return found;
}

/**
 * The function whose type arguments decide what these types are: the innermost one declared in this body with one of
 * these type parameters, else the body itself. Whoever makes an instance of a function in a block makes one of what is
 * around it, too.
 */
function decidedBy(c: Checker, types: readonly Type[]): object | null {
  const params = new Set<TypeParam>();
  for (const t of types) paramsIn(t, params);
  if (params.size === 0) return null;
  return [...c.generics.values()].findLast((decl) => decl.typeParams.some((p) => params.has(p))) ?? c.root;
}

function listed<K, V>(all: Map<K, V[]>, key: K): V[] {
  let list = all.get(key);
  if (list === undefined) all.set(key, (list = []));
  return list;
}


/** Checks, when the body's types are known, that a type may be used so here. */
export function checkUse(c: Checker, rule: InstanceRule, span: Span, what: string, type: Type): void {
  c.atEnd.push(() => {
    const t = final(c, type);
    const use: TypeUse = { rule, type: t, what, unit: c.source, span };
    if (rule.refuses(c.w, t)) {
      rule.report(c.w, use, null);
      c.errors++;
      return;
    }
    const by = decidedBy(c, [t]);
    if (by !== null) listed(c.w.typeUses, by).push(use);
  });
}

const isSuspect = (w: World, args: readonly Type[]): boolean =>
  args.some((t) => w.rules.some((rule) => rule.refuses(w, t)));

/** Notes a function that is called, or kept, with type arguments. */
export function noteInstance(c: Checker, decl: FuncDecl, args: Type[], span: Span): void {
  if (args.length === 0) return;
  c.atEnd.push(() => {
    const instance: Instance = { decl, args: args.map((t) => final(c, t)), unit: c.source, span };
    if (isSuspect(c.w, instance.args)) c.w.instances.push(instance);
    const by = decidedBy(c, instance.args);
    if (by !== null) listed(c.w.calls, by).push(instance);
  });
}

/**
 * Checks every instance that is made with a type argument that some rule refuses, and those that it makes in turn,
 * against what their bodies do. Each is visited once; types that grow without end are left alone.
 */
export function checkInstances(w: World): void {
  for (let made = w.instances.pop(); made !== undefined; made = w.instances.pop()) {
    const { decl, args, unit, span } = made;
    const key = args.map(typeKey).join(";");
    let seen = w.checkedInstances.get(decl);
    if (seen === undefined) w.checkedInstances.set(decl, (seen = new Set()));
    if (args.some(isTooLarge) || seen.has(key)) continue;
    const params = w.signatures.get(decl)?.typeParams ?? [];
    const s = new Map(params.map((p, i) => [p, args[i]!]));
    const within = w.typeUses.get(decl)?.find(({ rule, type }) => rule.refuses(w, substitute(type, s)));
    if (within !== undefined) {
      const use = { ...within, type: substitute(within.type, s), unit, span };
      within.rule.report(w, use, { name: decl.name, within });
      continue;
    }
    seen.add(key);
    for (const call of w.calls.get(decl) ?? []) {
      const inner = call.args.map((t) => substitute(t, s));
      if (isSuspect(w, inner)) w.instances.push({ decl: call.decl, args: inner, unit, span });
    }
  }
}
