// Functions whose errors are those that their bodies raise: `-> !T`, and an `async func` that writes no `!`. Promises:
// whoever calls one sees its errors as they are; functions that call each other in a circle have those of the whole
// circle, known when the first of them to be asked for has been checked.
import type { ErrorSet, FuncDecl, Type } from "../syntax/ast.ts";
import { addErrors, emptyErrors, isEmptyErrors, result } from "./types.ts";
import type { Inferring, Signature, World } from "./world.ts";

/** The errors of a set and of all it waits for. */
export function allErrors(errors: ErrorSet): ErrorSet {
  const all = emptyErrors();
  for (const part of reach(errors)) addErrors(all, { ...part, pending: undefined });
  return all;
}

/** A set and those that it waits for, and they. */
function reach(errors: ErrorSet): Set<ErrorSet> {
  const met = new Set([errors]);
  for (const part of met) for (const other of part.pending ?? []) met.add(other);
  return met;
}

/** The body of such a function is about to be checked: until that is done, `raised` has its errors as far as known. */
export function beginInferring(w: World, sig: Signature, ok: Type, raised: ErrorSet): Inferring {
  const item: Inferring = { sig, ok, raised, done: false };
  w.inferring.set(sig.decl, item);
  return item;
}

/** What a call of a function gives whose body is being checked; null: it is not being checked. */
export function resultSoFar(w: World, decl: FuncDecl): Type | null {
  const item = w.inferring.get(decl);
  return item === undefined ? null : result(item.ok, { ...emptyErrors(), pending: [item.raised] });
}

/**
 * The body has been checked. Its errors, and those of others that wait for them, are known once nothing open is met.
 */
export function endInferring(w: World, item: Inferring): void {
  item.done = true;
  const open = new Set([...w.inferring.values()].filter((i) => !i.done).map((i) => i.raised));
  for (const one of [...w.inferring.values()]) {
    if (!one.done || [...reach(one.raised)].some((part) => open.has(part))) continue;
    w.inferring.delete(one.sig.decl);
    const errors = allErrors(one.raised);
    const whole = isEmptyErrors(errors) ? one.ok : result(one.ok, errors);
    one.sig.result = whole;
    one.sig.inferredBy = null;
    if (one.sig.decl.fn !== undefined) one.sig.decl.fn.result = whole;
  }
}
