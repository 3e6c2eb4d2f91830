// What a body changes, as far as its text shows: what its parameters and the variables around it lead to. Promises:
// follows aliases made by `let`, references, `self: *T` methods and calls of other functions; says nothing of what
// depends on values. Asked once every body is checked; what it cannot see is panic P014 when it happens.
import type { Call, Closure, Expr, FuncDecl, Local, Pattern, Span, Type } from "../syntax/ast.ts";
import { rootLocal } from "./roots.ts";
import { isScalar, prune, UNKNOWN } from "./types.ts";
import { walk } from "./walk.ts";
import type { World } from "./world.ts";

/** Where something is changed, and how: in so many words, or through another name or a function. */
export interface Change {
  span: Span;
  /** the name of the function that does it; "" when the body itself does */
  by: string;
  /** it is written to the variable's own name, which is checked where it stands (places.ts) */
  isDirect: boolean;
  /** the variable itself is assigned, and not only what it leads to */
  assigns: boolean;
}

/** Methods of std that change what their receiver refers to, by its head. */
const CHANGES: Record<string, ReadonlySet<string>> = {
  slice: new Set(["push", "pop", "insert", "remove", "remove_at", "swap_remove", "sort", "sort_by", "reverse", "clear",
    "append", "extend", "swap", "fill", "truncate", "set"]),
  Map: new Set(["set", "insert", "remove", "clear"]),
  Set: new Set(["add", "insert", "remove", "clear"]),
};

/** Of those, the ones that change the length, which a shared slice of scalars keeps. */
const RESIZES = new Set(["push", "pop", "insert", "remove", "remove_at", "swap_remove", "clear", "append", "extend",
  "truncate"]);

/** Whether a method changes the data behind a value of this type. */
export function changesReceiver(t: Type, method: string): boolean {
  t = prune(t);
  return isChange(t, method) && (t.k !== "slice" || !isScalar(prune(t.of)) || RESIZES.has(method));
}

/** Whether a method of std changes what its receiver refers to, be that shared memory. */
export function isChange(t: Type, method: string): boolean {
  t = prune(t);
  return (CHANGES[t.k === "builtin" ? t.decl.name : t.k]?.has(method) ?? false);
}

/** Whether a method of std changes the length of a slice. */
export const changesLength = (method: string): boolean => RESIZES.has(method);

/** The closures and functions of blocks that a `let` holds for good. */
const kept = new WeakMap<Local, Closure | FuncDecl>();

export function keepsClosure(local: Local, closure: Closure | FuncDecl): void {
  kept.set(local, closure);
}

/** What leads to the same data under another name: a slice, a map, a set, a reference. */
function isReferenceLike(t: Type): boolean {
  t = prune(t);
  return t.k === "pointer" || (t.k === "slice" && !isScalar(prune(t.of))) ||
    (t.k === "builtin" && (t.decl.name === "Map" || t.decl.name === "Set"));
}

const rootOf = (e: Expr): Local | null => rootLocal(e.kind === "AddressOf" ? e.operand : e);

/** Elements of slices of scalars are memory that fibers share: to write them is no change of a snapshot. */
const isSharedElement = (e: Expr): boolean => {
  if (e.kind !== "Index") return false;
  const of = prune(e.object.ty ?? UNKNOWN);
  return of.k === "slice" && isScalar(prune(of.of));
};

/** The first change of each of `tracked`, variables that the body did not make itself. */
function changesIn(w: World, body: unknown, tracked: readonly Local[]): Map<Local, Change> {
  const found = new Map<Local, Change>();
  const aliases = new Map<Local, Local>();
  const add = (e: Expr, span: Span, by: string, assigns: boolean): void => {
    const root = rootOf(e);
    if (root === null) return;
    const local = aliases.get(root) ?? root;
    if (!tracked.includes(local)) return;
    const before = found.get(local);
    const isDirect = by === "" && local === root;
    // what is reported elsewhere gives way to what is not
    if (before === undefined || (before.isDirect && !isDirect)) found.set(local, { span, by, isDirect, assigns });
  };
  walk(body, (node) => {
    const n = node as unknown as {
      kind: string; targets: Expr[]; mutable: boolean; pattern: Pattern; value: Expr; ref?: Expr & object; call?: Call;
    };
    if (n.kind === "Let" && !n.mutable && n.pattern.kind === "BindPattern" && n.pattern.local !== undefined) {
      const root = rootOf(n.value);
      const from = root === null ? null : aliases.get(root) ?? root;
      if (from !== null && tracked.includes(from) && isReferenceLike(n.pattern.local.ty)) {
        aliases.set(n.pattern.local, from);
      }
    } else if (n.kind === "Assign") {
      for (const target of n.targets) {
        if (!isSharedElement(target)) add(target, target.span, "", target.kind === "Name");
      }
    } else if (n.kind === "Name") {
      const local = rootOf(node as Expr);
      const closure = local !== null && tracked.includes(local) ? kept.get(local) : undefined;
      const change = closure === undefined ? undefined : firstOf(closureChanges(w, closure));
      if (change !== undefined) add(node as Expr, (node as Expr).span, local!.name, false);
    }
    const call = n.kind === "Call" ? node as Call : n.kind === "Pipe" ? n.call : undefined;
    if (call !== undefined) callChanges(w, call, add);
  });
  return found;
}

function callChanges(w: World, call: Call, add: (e: Expr, span: Span, by: string, assigns: boolean) => void): void {
  const { target, callee } = call;
  if (target?.k !== "func") return;
  const { decl } = target;
  const object = decl.receiver !== null ? call.ordered?.[0] ?? null : null;
  // of std the names say it
  if (w.home(decl).module.std) {
    if (object !== null && changesReceiver(object.ty ?? UNKNOWN, decl.name)) add(object, callee.span, "", false);
    return;
  }
  call.ordered?.forEach((arg, i) => {
    if (changeOf(w, decl, arg, i) === null) return;
    if (i > 0 || object === null) add(arg, arg.span, decl.name, false);
    else add(object, callee.span, decl.receiver === "pointer" ? "" : decl.name, false);
  });
}

const params = new WeakMap<FuncDecl, Map<Local, Change>>();

/** The parameters that lead to what a function of the program changes. */
function changedParams(w: World, decl: FuncDecl): Map<Local, Change> {
  let changed = params.get(decl);
  if (changed === undefined) {
    // a function that calls itself adds nothing by that
    params.set(decl, new Map());
    changed = changesIn(w, decl.body, decl.params.flatMap((p) => p.local ?? []));
    params.set(decl, changed);
  }
  return changed;
}

/** Where a function changes what its i-th argument leads to; null when it does not. */
export function changeOf(w: World, decl: FuncDecl, arg: Expr, i: number): Change | null {
  const local = decl.params[i]?.local;
  if (local === undefined || w.home(decl).module.std) return null;
  // elements of a type parameter: of this argument they are memory that fibers share
  const given = prune(arg.coerce?.at(-1)?.to ?? arg.ty ?? UNKNOWN);
  const taken = prune(local.ty);
  const isShared = given.k === "slice" && isScalar(prune(given.of));
  if (isShared && !(taken.k === "slice" && isScalar(prune(taken.of)))) return null;
  return changedParams(w, decl).get(local) ?? null;
}

const closures = new WeakMap<object, Map<Local, Change>>();

/** What a closure changes of the variables around it. */
export function closureChanges(w: World, closure: Closure | FuncDecl): Map<Local, Change> {
  let changed = closures.get(closure);
  if (changed === undefined) {
    closures.set(closure, new Map());
    changed = changesIn(w, closure.body, closure.fn?.captures ?? []);
    closures.set(closure, changed);
  }
  return changed;
}

/** The closure that a variable holds for good, with what it changes of what is around it. */
export function keptChange(w: World, local: Local): { of: Local; change: Change } | null {
  const closure = kept.get(local);
  if (closure === undefined) return null;
  const first = closureChanges(w, closure).entries().next().value;
  return first === undefined ? null : { of: first[0], change: first[1] };
}

const firstOf = (changes: Map<Local, Change>): Change | undefined => changes.values().next().value;
