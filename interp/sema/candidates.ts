// Which method a name means on a type. Promises: all that the type has under a name are found, its own and those of
// its traits, and nothing depends on the order in which impls and bounds are written; where there are several, who asks
// is told of all. Of the impls that give a type methods of its own the most special counts. A trait's default method
// counts where the impl lacks one of its own.
import type { FuncDecl, TraitDecl, Type } from "../syntax/ast.ts";
import { applies, type ImplInstance, implsFor, instantiateImpl, traitsOf } from "./impls.ts";
import { preludeDecl } from "./modules.ts";
import { supersOf } from "./shapes.ts";
import { anyErrors, F64, I64, mapType, prune, substitute, zonk } from "./types.ts";
import { couldUnify, freshVar, mark, undo, unify } from "./unify.ts";
import { seesMethod, seesTrait } from "./visibility.ts";
import type { ImplInfo, Module, TraitRef, World } from "./world.ts";

/** One of the methods that a name may mean; trait null: the type's own. */
export interface Candidate {
  decl: FuncDecl;
  trait: TraitRef | null;
  /** null: it is in the traits that the type has by what it is. */
  impl: ImplInfo | null;
}

export type FoundMethod = (
  /** A method of an impl; `instance` is already unified with the receiver. */
  | { k: "impl"; decl: FuncDecl; instance: ImplInstance }
  /** A trait's method on a type parameter or an object, or a default method on a concrete type. */
  | { k: "trait"; decl: FuncDecl; trait: TraitRef }
) & {
  /** what the name may mean, this one first; more than one: it is ambiguous. */
  candidates: Candidate[];
};

/** What a trait and those that it extends declare under a name. */
export function declaredIn(w: World, trait: TraitRef, name: string): { decl: FuncDecl; trait: TraitRef }[] {
  const found: { decl: FuncDecl; trait: TraitRef }[] = [];
  const seen = new Set<TraitDecl>();
  const visit = (at: TraitRef): void => {
    if (seen.has(at.decl)) return;
    seen.add(at.decl);
    const decl = at.decl.methods.find((m) => m.name === name);
    if (decl !== undefined) found.push({ decl, trait: at });
    const s = new Map(at.decl.typeParams.map((p, i) => [p, at.args[i]!]));
    for (const parent of supersOf(w, at.decl)) {
      visit({ decl: parent.decl, args: parent.args.map((a) => substitute(a, s)) });
    }
  };
  visit(trait);
  return found;
}

const couldBe = (a: TraitRef, b: TraitRef): boolean =>
  a.decl === b.decl && a.args.every((arg, i) => couldUnify(arg, b.args[i]!));

/** The trait that an instance of an impl is of. */
function traitOf({ impl, args }: ImplInstance): TraitRef {
  const s = new Map(impl.typeParams.map((p, i) => [p, args[i]!]));
  return { decl: impl.trait!.decl, args: impl.trait!.args.map((a) => zonk(substitute(a, s))) };
}

/** What the traits of a type parameter or an object declare under a name, each trait once. */
function byBounds(w: World, t: Type, name: string, of: TraitRef | null): Candidate[] {
  const found: Candidate[] = [];
  for (const { decl, trait } of traitsOf(w, t).flatMap((bound) => declaredIn(w, bound, name))) {
    const isNew = !found.some((other) => couldBe(other.trait!, trait));
    if (isNew && (of === null || couldBe(trait, of))) found.push({ decl, trait, impl: null });
  }
  return found;
}

/** What the impls for a type have under a name that the file `from` may name. */
function byImpls(w: World, t: Type, name: string, from: Module | null, of: TraitRef | null): Candidate[] {
  const found: Candidate[] = [];
  for (const impl of implsFor(w, t)) {
    const own = impl.methods.get(name);
    const decl = own ?? impl.trait?.decl.methods.find((m) => m.name === name);
    if (decl === undefined || (of !== null && impl.trait?.decl !== of.decl)) continue;
    if (own !== undefined && from !== null && !seesMethod(impl, name, from)) continue;
    const instance = instantiateImpl(impl);
    const trial = mark();
    if (applies(w, instance, t)) {
      const trait = impl.trait === null ? null : traitOf(instance);
      if (of === null || couldBe(trait!, of)) found.push({ decl, trait, impl });
    }
    undo(trial);
  }
  return found;
}

/** `impl []i64` comes before `impl[T] []T`, and what a program adds before what std has. */
function rank({ impl }: Candidate): number {
  return impl!.typeParams.length * 2 + (impl!.module.std ? 1 : 0);
}

/** Whether an impl is for a type whose literals have the types that they have by themselves. */
function fitsByDefault(w: World, { impl }: Candidate, t: Type): boolean {
  const start = mark();
  mapType(t, (leaf) => {
    if (leaf.k === "var" && leaf.literal !== null) unify(leaf, leaf.literal === "int" ? I64 : F64);
    return null;
  });
  const fits = applies(w, instantiateImpl(impl!), t);
  undo(start);
  return fits;
}

/** Of candidates that differ in the type alone they are for, the one that is meant. */
function mostSpecial(w: World, t: Type, among: Candidate[]): Candidate {
  const best = Math.min(...among.map(rank));
  const left = among.filter((c) => rank(c) === best);
  return left.find((c) => left.length > 1 && fitsByDefault(w, c, t)) ?? left[0]!;
}

/** The candidates under a name, one for each trait and one of the type's own, that one first. */
function candidates(w: World, t: Type, name: string, from: Module | null, of: TraitRef | null): Candidate[] {
  const found = byBounds(w, t, name, of);
  const impls = byImpls(w, t, name, from, of);
  const own = impls.filter((c) => c.trait === null);
  for (const { trait } of impls) {
    if (trait === null || found.some((c) => couldBe(c.trait!, trait))) continue;
    found.push(mostSpecial(w, t, impls.filter((c) => c.trait !== null && couldBe(c.trait, trait))));
  }
  if (own.length > 0) found.unshift(mostSpecial(w, t, own));
  if (found.length < 2 || from === null) return found;
  // of a trait that this file cannot name, nothing could say that it is meant
  const named = found.filter((c) => c.trait === null || seesTrait(w, c.trait.decl, from));
  return named.length > 0 ? named : found;
}

/**
 * The method (or associated function) `name` of a type that the file `from` may name (null: any), of a trait where one
 * is given; binds the impl's variables to the receiver.
 */
export function findMethod(
  w: World, t: Type, name: string, from: Module | null, of: TraitRef | null = null,
): FoundMethod | null {
  t = prune(t);
  // methods of results are written for `!T`, whatever the errors are
  if (t.k === "result" && !t.error.any) t = { k: "result", ok: t.ok, error: anyErrors() };
  const all = candidates(w, t, name, from, of);
  const first = all[0];
  if (first === undefined) return null;
  const { decl, impl } = first;
  if (impl === null) return { k: "trait", decl, trait: first.trait!, candidates: all };
  const instance = instantiateImpl(impl);
  unify(instance.target, t);
  return impl.methods.has(name)
    ? { k: "impl", decl, instance, candidates: all }
    : { k: "trait", decl, trait: traitOf(instance), candidates: all };
}

/** A trait of std that the language itself uses, whatever its arguments are. */
function preludeTrait(w: World, name: string): TraitRef | null {
  const decl = preludeDecl(w, name);
  return decl?.kind === "TraitDecl" ? { decl, args: decl.typeParams.map(() => freshVar()) } : null;
}

/** The method that the language calls by its name: that of the trait which stands for it, else what has the name. */
export function findOf(w: World, t: Type, trait: string, name: string, from: Module | null): FoundMethod | null {
  const of = preludeTrait(w, trait);
  return (of === null ? null : findMethod(w, t, name, from, of)) ?? findMethod(w, t, name, from);
}

/** The names of all methods of a type that a file may name, for "did you mean". */
export function methodNames(w: World, t: Type, from: Module): string[] {
  t = prune(t);
  const bounds = traitsOf(w, t).flatMap((b) => b.decl.methods.map((m) => m.name));
  return bounds.concat(implsFor(w, t).flatMap((impl) =>
    [...impl.methods.keys()].filter((name) => seesMethod(impl, name, from))));
}
