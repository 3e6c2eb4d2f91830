// What the source calls the object that was made, or that is used, at a place. Asked of the syntax tree: a line may
// hold several statements, and what makes an object may be a part of a larger value. Cost: one walk through the unit.
import { placeOf as unpack } from "../eval/lower/builder.ts";
import { FIRST_STD_UNIT } from "../sema/sources.ts";
import { walk } from "../sema/walk.ts";
import type { Await, Decl, Expr, Pattern, Stmt } from "../syntax/ast.ts";
import type { Units } from "./traces.ts";

type Let = Stmt & { kind: "Let" };
type Assign = Stmt & { kind: "Assign" };
type Named = (Stmt & { kind: "Using" }) | (Decl & { kind: "GlobalDecl" });

/**
 * What an object was called where it was made, a part of something by the way to it: `jobs`, `server.jobs`; null when
 * it was given no name there. whole: only a name that the object has by itself.
 */
export function madeAs(units: Units, site: number, whole = false): string | null {
  if (site === 0) return null;
  const { unit, offset } = unpack(site);
  let name: string | null = null;
  const put = (value: Expr, as: string | null): void => {
    if (offset < value.span.start || value.span.end <= offset) return;
    name = nameWithin(value, as, offset, whole) ?? name;
  };
  walk([units.decls(unit), units.stmts(unit)], (node) => {
    switch (node.kind) {
      case "Let": {
        const { pattern, value } = node as unknown as Let;
        for (const [one, as] of boundTo(pattern, value)) put(one, as);
        return;
      }
      case "Assign": {
        const { targets, values } = node as unknown as Assign;
        values.forEach((value, i) => put(value, targets.length === values.length ? pathText(targets[i]!) : null));
        return;
      }
      case "GlobalDecl":
      case "Using": {
        const { name: as, value } = node as unknown as Named;
        put(value, as);
        return;
      }
      case "StructLit":
        // made for a value without a name: the field's is better than none
        if (name === null) put(node as unknown as Expr, null);
    }
  });
  return name;
}

/** The values that get a name of their own from a binding. */
function boundTo(pattern: Pattern, value: Expr): [Expr, string][] {
  if (pattern.kind === "BindPattern") return [[value, pattern.name]];
  if (pattern.kind !== "TuplePattern" || value.kind !== "TupleLit") return [];
  return value.elems.flatMap((one, i) => {
    const bound = pattern.elems[i];
    return bound === undefined ? [] : boundTo(bound, one);
  });
}

/** The name of what begins at the offset within a value that is called `as`; null: none. */
function nameWithin(value: Expr, as: string | null, offset: number, whole: boolean): string | null {
  const within = (part: Expr, called: string | null): string | null => (
    part.span.start <= offset && offset < part.span.end ? nameWithin(part, called, offset, whole) : null);
  const among = (parts: Expr[]): string | null =>
    parts.reduce<string | null>((found, part) => found ?? within(part, as), null);
  switch (value.kind) {
    case "ArrayLit": return whole ? null : among(value.elems);
    case "TupleLit": return whole ? null : among(value.elems);
    case "ArrayFill": return whole ? null : within(value.value, as);
    case "MapLit": return whole ? null : among(value.entries.map((entry) => entry.value));
    case "StructLit":
      if (whole) return null;
      return value.fields.reduce<string | null>((found, field) =>
        found ?? within(field.value, as === null ? field.name : `${as}.${field.name}`), null);
    default: return value.span.start === offset ? as : null;
  }
}

/** What stands before the dot at a place of the program, not of std: `ch` in `ch.send(1)`; null when it has no name. */
export function receiverAt(units: Units, site: number): string | null {
  const calls: { object: Expr; name: string }[] = [];
  let bare: string | null = null;
  eachAt(units, site, (e) => {
    if (e.kind === "Call" && e.callee.kind === "Member") calls.push(e.callee);
    else if (e.kind === "Name" || e.kind === "Member") bare ??= pathText(e);
  });
  if (calls.length === 0) return bare;
  // of a chain of calls the one that waits
  const waiting = calls.length === 1 ? calls : calls.filter((call) => WAITS.has(call.name));
  return waiting.length === 1 ? pathText(waiting[0]!.object) : null;
}

const WAITS = new Set([
  "send", "recv", "chan_send", "chan_recv", "lock", "try_lock", "with", "update", "read", "write", "park", "wait",
]);

/** The name that is awaited at a place; null when that is what a call gives, an element, a field. */
export function taskAt(units: Units, site: number): string | null {
  let name: string | null = null;
  eachAt(units, site, (e) => {
    const operand = e.kind === "Await" ? (e as Await).operand : null;
    if (operand?.kind === "Name") name ??= operand.name;
  });
  return name;
}

/** The expressions of the program that begin at a place, the outer ones first. */
function eachAt(units: Units, site: number, visit: (e: Expr) => void): void {
  const { unit, offset } = unpack(site);
  if (site === 0 || unit >= FIRST_STD_UNIT) return;
  walk([units.decls(unit), units.stmts(unit)], (node) => {
    const { span } = node as unknown as Partial<Expr>;
    const isAround = span === undefined || (span.start <= offset && offset < span.end);
    if (span?.start === offset) visit(node as unknown as Expr);
    return isAround;
  });
}

/** A name with its fields and elements, as it is written: `pool.jobs`, `jobs`; of an element, what it is one of. */
function pathText(e: Expr): string | null {
  if (e.kind === "Name") return e.name;
  if (e.kind === "Index") return pathText(e.object);
  if (e.kind !== "Member") return null;
  const object = pathText(e.object);
  return object === null ? null : `${object}.${e.name}`;
}
