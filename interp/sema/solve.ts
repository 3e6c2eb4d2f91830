// Waiting for types: what cannot be checked yet because a type is still open is put off, tried again when more is
// known, and at the end of the body reported when nothing decided it. Promises: a check that was put off sees the
// scope, the narrowings and the function of its own place; each is done at most once.
import type { FuncDecl, GlobalDecl, Span, Type } from "../syntax/ast.ts";
import { F64, I64, intRange, mapType, prune, showType, UNKNOWN, VOID, type Var } from "./types.ts";
import type { Checker } from "./scope.ts";
import { freshVar, settle, unify } from "./unify.ts";

/** Retries what was put off until nothing more can be done. */
export function solve(c: Checker, last = false): void {
  // each round does at least one for good; the bound is for a check that would put itself off for ever
  const rounds_max = c.deferred.length + 100;
  let rounds = 0;
  for (let progress = true; progress && c.deferred.length > 0 && rounds < rounds_max; rounds++) {
    progress = false;
    const waiting = c.deferred;
    c.deferred = [];
    for (const item of waiting) {
      if (item.attempt(last)) progress = true;
      else c.deferred.push(item);
    }
  }
}

/** The type behind variables, after trying once more to find it. */
export function known(c: Checker, t: Type): Type {
  t = prune(t);
  if (t.k !== "var" || t.literal !== null || c.deferred.length === 0) return t;
  solve(c);
  return prune(t);
}

/** Puts a check off until `subject` is known; the result is a variable until then. */
export function deferUntilKnown(c: Checker, subject: Type, span: Span, what: string, attempt: () => Type): Type {
  const result = freshVar();
  const { fn, scope, depth, narrowed, typeScope } = c;
  c.deferred.push({
    attempt(last) {
      const t = prune(subject);
      if (t.k === "var" && t.literal === null) {
        if (!last) return false;
        reportUnsolved(c, t, span, what);
        unify(result, UNKNOWN);
        if (result.bound === null) result.bound = UNKNOWN;
        return true;
      }
      const now = { fn: c.fn, scope: c.scope, depth: c.depth, narrowed: c.narrowed, typeScope: c.typeScope };
      Object.assign(c, { fn, scope, depth, narrowed, typeScope });
      const found = attempt();
      Object.assign(c, now);
      if (!unify(result, found)) {
        c.error(span, "J0202", `expected \`${showType(result)}\`, found \`${showType(found)}\``);
      }
      return true;
    },
  });
  return result;
}

function reportUnsolved(c: Checker, v: Var, span: Span, what: string): void {
  if ((c.errorsBefore ?? c.errors) > 0) return;
  const origin = c.origins.get(v.id);
  c.error(origin?.span ?? span, "J0220", `the type of ${what} cannot be inferred`, {
    hint: origin?.hint ?? "write it down",
    notes: origin === undefined ? [] : [{ unit: c.source, span, message: "it is needed here" }],
  });
}

/** Marks a function or global as mentioned: it is checked if it is std's, and counts for the order of globals. */
export function useFunc(c: Checker, decl: FuncDecl | GlobalDecl): void {
  c.uses.add(decl);
  if (c.w.queued.has(decl)) return;
  c.w.queued.add(decl);
  c.w.queue.push(decl);
}

/** What stands for a variable at the end: what it is bound to, a literal's default, or an error. */
export function final(c: Checker, t: Type): Type {
  switch (t.k) {
    case "int": case "float": case "bool": case "void": case "string": case "never": case "unknown": case "range":
    case "error": case "null": case "error-any": case "param":
      return t;
    default:
      return mapType(t, (leaf) => {
        if (leaf.k !== "var") return null;
        // whichever variable of the chain says where it came from
        let v: Var = leaf;
        let origin = c.origins.get(v.id);
        while (v.bound !== null) {
          if (v.bound.k !== "var") return final(c, v.bound);
          v = v.bound;
          origin ??= c.origins.get(v.id);
        }
        if (v.literal !== null) {
          v.bound = v.literal === "int" ? I64 : F64;
          return v.bound;
        }
        if (origin !== undefined && (c.errorsBefore ?? c.errors) === 0) {
          c.error(origin.span, "J0220", `${origin.what} cannot be inferred`, { hint: origin.hint });
          v.bound = UNKNOWN;
          return UNKNOWN;
        }
        // nothing depends on it: the value of a branch that is never used
        v.bound = (c.errorsBefore ?? c.errors) > 0 ? UNKNOWN : VOID;
        return v.bound;
      });
  }
}

/**
 * Ends a body: solves what is left, puts in defaults, clears every annotation of variables, runs the late checks, and
 * says which of its variables need a cell.
 */
export function finish(c: Checker): void {
  solve(c);
  c.errorsBefore = c.errors;
  solve(c, true);
  // origins first, so that an open type is named at its source and not where it was used
  for (const node of c.typed) if (node.ty !== undefined) node.ty = final(c, node.ty);
  for (const step of c.coercions) step.to = final(c, step.to);
  for (const record of c.records) {
    if (record.type !== undefined) record.type = final(c, record.type);
    if (record.self !== undefined) record.self = final(c, record.self);
    if (record.result !== undefined) record.result = final(c, record.result);
  }
  for (const list of c.lists) for (let i = 0; i < list.length; i++) list[i] = final(c, list[i]!);
  for (const { e, negative } of c.literals) {
    const t = e.ty;
    if (t?.k !== "int") continue;
    const [low, high] = intRange(t);
    const value = negative ? -e.value : e.value;
    if (value < low || value > high) {
      c.error(e.span, "J0230", `\`${negative ? "-" : ""}${e.text}\` does not fit \`${t.name}\``, {
        hint: `\`${t.name}\` goes from ${low} to ${high}`,
      });
    }
  }
  for (const late of c.atEnd) late();
  for (const local of c.assigned) if (local.captured) local.boxed = true;
  settle();
}
