// What is known on a path through a body: which optionals are not null there. Promises: a fact is about a place, a
// local or a chain of fields from something that cannot change (a `let`, a parameter, a module-level value), and holds
// until something may undo it:
//
// - an assignment, wherever it stands: in a condition, an argument, a guard; of a loop's body and of what a `defer`
//   does later it is known beforehand what they assign;
// - of a variable that a closure assigns: anything that may run a closure, which is every call. Which variables these
//   are is looked up before the body is checked, for a closure may be made after the place that depends on it;
// - a reference: nothing is known of what one was taken into, and in a closure of what one is ever taken into;
// - a nursery that can be left early: its body may have been cut at any of its points.
//
// Where paths come together, what holds on each is kept. Reads that depend on what could be undone are marked, and
// looked at again when they are run.
import type { Expr, GlobalDecl, Local, Type } from "../syntax/ast.ts";
import { type Checker, type FnContext, type Narrowed, NOTHING_NARROWED, type Place } from "./scope.ts";
import { maybeNullable, prune, UNKNOWN } from "./types.ts";
import { type HiddenChanges, hiddenChanges, rewrite } from "./walk.ts";

function isLocal(root: Local | GlobalDecl): root is Local {
  return "owner" in root;
}

function isVariable(place: Place): boolean {
  return isLocal(place.root) && place.root.mutable;
}

// ---------------------------------------------------------------- what may change unseen

/** The body around this place that owns a local; null for one of an earlier entry of the REPL. */
function ownerOf(c: Checker, local: Local): FnContext | null {
  let fn: FnContext | null = c.fn;
  while (fn !== null && fn.info !== local.owner) fn = fn.parent;
  return fn;
}

function hiddenIn(c: Checker, fn: FnContext | null): HiddenChanges {
  const of = fn ?? c.rootFn;
  return of.hidden ??= hiddenChanges(of.body ?? c.root);
}

/** Whether a variable is a REPL session's, and this a closure or function, which a later entry may call. */
function outlivesEntry(c: Checker, owner: FnContext | null): boolean {
  const inEntry = c.root === c.module.unit;
  if (inEntry && c.fn.parent === null) return false;
  return owner === null || (inEntry && owner.parent === null);
}

/** Whether code that stands elsewhere may assign the variable while this body waits for a call. */
function isShared(c: Checker, local: Local): boolean {
  if (!local.mutable) return false;
  if (local.shared === true) return true;
  const owner = ownerOf(c, local);
  return hiddenIn(c, owner).assigned.has(local.name) || outlivesEntry(c, owner);
}

/** Whether anything assigns the variable once it is declared, wherever that stands. */
function isAssigned(c: Checker, local: Local): boolean {
  if (!local.mutable) return false;
  const owner = ownerOf(c, local);
  return local.shared === true || outlivesEntry(c, owner) || hiddenIn(c, owner).anywhere.has(local.name);
}

/** Whether a reference may reach what the variable holds, when this is run. */
function isReferred(c: Checker, local: Local): boolean {
  return local.addressed === true || isHeld(c, local);
}

/** Whether a reference may reach the variable itself: one to a struct in it can make no null of it. */
function isHeld(c: Checker, local: Local): boolean {
  if (c.unstable.has(local)) return true;
  const owner = ownerOf(c, local);
  if (owner === null && local.addressed === true) return true;
  return local.owner !== c.fn.info && hiddenIn(c, owner).addressed.has(local.name);
}

// ---------------------------------------------------------------- places

function interned(c: Checker, root: Local | GlobalDecl, path: string): Place {
  let places = c.places.get(root);
  if (places === undefined) c.places.set(root, places = new Map());
  let place = places.get(path);
  if (place === undefined) places.set(path, place = { root, path });
  return place;
}

/** The place that a checked expression reads, or null when facts about it would not last. */
export function placeOf(c: Checker, e: Expr): Place | null {
  if ((e.kind === "Name" || e.kind === "Member") && e.ref !== undefined) {
    if (e.ref.k === "global") return interned(c, e.ref.decl, "");
    if (e.ref.k !== "local" || isHeld(c, e.ref.local)) return null;
    return interned(c, e.ref.local, "");
  }
  if (e.kind !== "Member" || e.optional) return null;
  const holder = prune(e.object.ty ?? UNKNOWN);
  if (holder.k !== "struct" && holder.k !== "tuple") return null;
  const object = placeOf(c, e.object);
  return object === null ? null : partOf(c, object, e.name);
}

/** A field of a struct, or a part of a tuple, as a place; null when facts about it would not last. */
export function partOf(c: Checker, object: Place, name: string): Place | null {
  const { root, path } = object;
  if (isVariable(object)) return null;
  // a later entry may take a reference into it, too
  if (isLocal(root) && (isReferred(c, root) || outlivesEntry(c, ownerOf(c, root)))) return null;
  return interned(c, root, `${path}.${name}`);
}

/** The place that a local is. */
export function placeOfLocal(c: Checker, local: Local): Place | null {
  return isHeld(c, local) ? null : interned(c, local, "");
}

/**
 * Stands for "what was read from the place is still there" (`which` tells one reading from another): it is forgotten
 * when a fact about the place would be.
 */
export function unchangedSince(c: Checker, { root, path }: Place, which: number): Place {
  return interned(c, root, `${path}=${which}`);
}

/** The type of a read place whose declared type is `t`, with what is known of it; the tree is made to fit. */
export function narrowedRead(c: Checker, e: Extract<Expr, { kind: "Name" | "Member" }>, t: Type): Type {
  if (c.narrowed.size === 0) return t;
  const place = placeOf(c, e);
  const narrowed = place === null ? undefined : c.narrowed.get(place);
  if (narrowed === undefined) return t;
  c.reads.set(e, t);
  if (maybeNullable(narrowed)) {
    // the optional of an optional is boxed: what is known not to be null must still be taken out
    const operand = { ...e, ty: t };
    c.typed.push(operand);
    rewrite(e, { kind: "Unwrap", operand });
  } else if (isVariable(place!) || place!.path !== "") {
    e.narrowed = true;
  }
  return narrowed;
}

/**
 * For what looks into an optional (`x.?`, `x ?? d`, `x?.f`, `x == null`, `if let`, an arm for null): where the operand
 * reads as a value because it is known not to be null, the optional it was declared as; asking again does no harm.
 */
export function asOptional(c: Checker, e: Expr, found: Type): Type {
  const declared = found.k === "optional" ? undefined : c.reads.get(e);
  if (declared === undefined) return found;
  c.reads.delete(e);
  if (e.kind === "Unwrap") rewrite(e, e.operand);
  else if (e.kind === "Name" || e.kind === "Member") delete e.narrowed;
  e.ty = declared;
  return prune(declared);
}

// ---------------------------------------------------------------- facts

/** What is known after a test that holds, and after one that does not. */
export interface Outcome {
  yes: Narrowed;
  no: Narrowed;
}

/** What a comparison with null tells, on top of what is known behind it. */
export function outcomeOf(c: Checker, e: Expr): Outcome {
  const same: Outcome = { yes: c.narrowed, no: c.narrowed };
  if (e.kind !== "Binary" || (e.op !== "==" && e.op !== "!=")) return same;
  const read = e.left.kind === "NullLit" ? e.right : e.right.kind === "NullLit" ? e.left : null;
  const t = read === null ? UNKNOWN : prune(read.ty ?? UNKNOWN);
  const place = t.k === "optional" ? placeOf(c, read!) : null;
  if (place === null || t.k !== "optional") return same;
  const present: Narrowed = new Map([...c.narrowed, [place, t.of]]);
  return e.op === "!=" ? { yes: present, no: c.narrowed } : { yes: c.narrowed, no: present };
}

/** A local has been given a value that is not null. */
export function narrow(c: Checker, local: Local, type: Type): void {
  if (!isHeld(c, local)) c.narrowed = new Map([...c.narrowed, [interned(c, local, ""), type]]);
}

function keep(c: Checker, holds: (root: Local | GlobalDecl, path: string) => boolean): void {
  const gone = [...c.narrowed.keys()].filter(({ root, path }) => !holds(root, path));
  if (gone.length === 0) return;
  const left = new Map(c.narrowed);
  for (const place of gone) left.delete(place);
  c.narrowed = left;
}

/** Nothing is known of a local any more, nor of what it holds. */
export function forget(c: Checker, local: Local): void {
  keep(c, (root) => root !== local);
}

/** Nothing is known of the parts of a local any more. */
export function forgetParts(c: Checker, local: Local): void {
  keep(c, (root, path) => root !== local || path === "");
}

/** A local that a reference reaches: from here on nothing is known of it. */
export function setUnstable(c: Checker, local: Local): void {
  c.unstable.add(local);
  forget(c, local);
}

/** Forgets the locals of these names: what comes next changes them before it is over, or starts anew. */
export function forgetNames(c: Checker, names: ReadonlySet<string>): void {
  if (c.narrowed.size > 0) keep(c, (root) => !isLocal(root) || !names.has(root.name));
}

/** What comes next is run later: forgets everything that may have been assigned then. */
export function forgetVariables(c: Checker): void {
  if (c.narrowed.size > 0) keep(c, (root) => !isLocal(root) || !isAssigned(c, root));
}

/** Code that stands elsewhere may have run: forgets the variables that closures assign. */
export function forgetShared(c: Checker): void {
  if (c.narrowed.size > 0) keep(c, (root) => !isLocal(root) || !isShared(c, root));
}

/** After an expression has been checked: whether evaluating it may run a closure or a method. */
export function mayRunOthers(e: Expr): boolean {
  switch (e.kind) {
    case "Call": case "Pipe": case "Await": case "Spawn": case "Yield": case "InterpString": return true;
    case "Binary": {
      if (e.op === "and" || e.op === "or" || e.op === "??") return false;
      if (e.left.kind === "NullLit" || e.right.kind === "NullLit") return false;
      const t = prune(e.left.ty ?? UNKNOWN);
      // other values are compared by methods of their types
      return !(t.k === "int" || t.k === "float" || t.k === "bool" || t.k === "string" || (t.k === "var" && t.literal));
    }
    default: return false;
  }
}

/** What holds when several paths come together: what holds on each. */
export function meet(paths: Narrowed[]): Narrowed {
  const first = paths[0];
  if (first === undefined || first.size === 0) return NOTHING_NARROWED;
  if (paths.every((p) => p === first)) return first;
  return new Map([...first].filter(([place, type]) => paths.every((p) => p.get(place) === type)));
}
