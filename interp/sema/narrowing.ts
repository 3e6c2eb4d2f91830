// What is known on a path through a body: which optionals are not null there. Promises: a fact is about a place, a
// local or a chain of fields from something that cannot change (a `let`, a parameter, a module-level value), and holds
// until the place is assigned, or a reference to it is taken; where paths come together, what holds on each is kept.
import type { Expr, GlobalDecl, Local, Type } from "../syntax/ast.ts";
import { type Checker, type Narrowed, NOTHING_NARROWED, type Place } from "./scope.ts";
import { maybeNullable, prune, UNKNOWN } from "./types.ts";
import { rewrite } from "./walk.ts";

function isLocal(root: Local | GlobalDecl): root is Local {
  return "owner" in root;
}

/** Whether what a place holds can be assigned anew. */
export function isVariable(place: Place): boolean {
  return isLocal(place.root) && place.root.mutable;
}

function interned(c: Checker, root: Local | GlobalDecl, path: string): Place {
  let places = c.places.get(root);
  if (places === undefined) c.places.set(root, places = new Map());
  let place = places.get(path);
  if (place === undefined) places.set(path, place = { root, path });
  return place;
}

/** The place that a checked expression reads, or null when facts about it would not last. */
function placeOf(c: Checker, e: Expr): Place | null {
  if ((e.kind === "Name" || e.kind === "Member") && e.ref !== undefined) {
    if (e.ref.k === "global") return interned(c, e.ref.decl, "");
    if (e.ref.k !== "local" || c.unstable.has(e.ref.local)) return null;
    return interned(c, e.ref.local, "");
  }
  if (e.kind !== "Member" || e.optional) return null;
  const holder = prune(e.object.ty ?? UNKNOWN);
  if (holder.k !== "struct" && holder.k !== "tuple") return null;
  const object = placeOf(c, e.object);
  return object === null || isVariable(object) ? null : interned(c, object.root, `${object.path}.${e.name}`);
}

/** The type of a read place whose declared type is `t`, with what is known of it; the tree is made to fit. */
export function narrowedRead(c: Checker, e: Extract<Expr, { kind: "Name" | "Member" }>, t: Type): Type {
  if (c.narrowed.size === 0) return t;
  const place = placeOf(c, e);
  const narrowed = place === null ? undefined : c.narrowed.get(place);
  if (narrowed === undefined) return t;
  if (maybeNullable(narrowed)) {
    // the optional of an optional is boxed: what is known not to be null must still be taken out
    const operand = { ...e, ty: t };
    c.typed.push(operand);
    rewrite(e, { kind: "Unwrap", operand });
  }
  return narrowed;
}

type Fact = [Place, Type];

/** The optionals that a condition shows not to be null when it is `truth`. */
function factsOf(c: Checker, e: Expr, truth: boolean): Fact[] {
  if (e.kind === "Unary" && e.op === "not") return factsOf(c, e.operand, !truth);
  if (e.kind !== "Binary") return [];
  if ((e.op === "and" && truth) || (e.op === "or" && !truth)) {
    return [...factsOf(c, e.left, truth), ...factsOf(c, e.right, truth)];
  }
  if ((e.op !== "==" && e.op !== "!=") || (e.op === "!=") !== truth) return [];
  const read = e.left.kind === "NullLit" ? e.right : e.right.kind === "NullLit" ? e.left : null;
  const t = read === null ? UNKNOWN : prune(read.ty ?? UNKNOWN);
  const place = t.k === "optional" ? placeOf(c, read!) : null;
  return place === null ? [] : [[place, (t as Extract<Type, { k: "optional" }>).of]];
}

/** From here on a condition is known to hold, or not to. */
export function assume(c: Checker, e: Expr, truth: boolean): void {
  const facts = factsOf(c, e, truth);
  if (facts.length > 0) c.narrowed = new Map([...c.narrowed, ...facts]);
}

/** A local has been given a value that is not null. */
export function narrow(c: Checker, local: Local, type: Type): void {
  if (!c.unstable.has(local)) c.narrowed = new Map([...c.narrowed, [interned(c, local, ""), type]]);
}

/** Nothing is known of a local any more, nor of what it holds. */
export function forget(c: Checker, local: Local): void {
  if (![...c.narrowed.keys()].some((place) => place.root === local)) return;
  c.narrowed = new Map([...c.narrowed].filter(([place]) => place.root !== local));
}

/** A local that can change unseen, through a closure or a reference: from here on nothing is known of it. */
export function setUnstable(c: Checker, local: Local): void {
  c.unstable.add(local);
  forget(c, local);
}

/** Forgets the locals of these names: a loop will change them. */
export function forgetNames(c: Checker, names: ReadonlySet<string>): void {
  for (const place of [...c.narrowed.keys()]) {
    if (isLocal(place.root) && names.has(place.root.name)) forget(c, place.root);
  }
}

/** What holds when several paths come together: what holds on each. */
export function meet(paths: Narrowed[]): Narrowed {
  const first = paths[0];
  if (first === undefined || first.size === 0) return NOTHING_NARROWED;
  if (paths.every((p) => p === first)) return first;
  return new Map([...first].filter(([place, type]) => paths.every((p) => p.get(place) === type)));
}
