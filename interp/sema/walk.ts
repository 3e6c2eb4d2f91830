// Walks a syntax tree without knowing its kinds: for questions asked of a body before it is checked, and for tests.
// Promises: visits every node once, in the order of its properties, and stays out of what the checker has attached.
import type { Expr } from "../syntax/ast.ts";

/** Properties that lead out of the tree: types, declarations, resolved names. */
export const ATTACHED = new Set([
  "span", "ty", "coerce", "ref", "local", "target", "ordered", "variant", "fn", "close", "nameSpan", "opSpan",
  "bindingSpan", "source", "doc",
]);

export interface AnyNode {
  kind: string;
}

/** Calls `visit` for every node below and including `root`; a false result skips its children. */
export function walk(root: unknown, visit: (node: AnyNode) => boolean | void): void {
  if (root === null || typeof root !== "object") return;
  if (Array.isArray(root)) {
    for (const item of root) walk(item, visit);
    return;
  }
  if ("kind" in root && visit(root as AnyNode) === false) return;
  // the call that a pipe stands for holds the pipe's own operands
  const isPipe = (root as AnyNode).kind === "Pipe";
  for (const key in root) {
    if (!ATTACHED.has(key) && !(isPipe && key === "call")) walk((root as Record<string, unknown>)[key], visit);
  }
}

/** The variable at the root of a chain of fields and elements as written. */
function rootName(e: Expr): string | null {
  return e.kind === "Name" ? e.name : e.kind === "Member" || e.kind === "Index" ? rootName(e.object) : null;
}

/** The names that a piece of the tree assigns to, and those it takes a reference into. */
export function changedNames(root: unknown): { assigned: Set<string>; addressed: Set<string> } {
  const names = { assigned: new Set<string>(), addressed: new Set<string>() };
  walk(root, (node) => {
    const stmt = node as unknown as { kind: string; targets?: Expr[]; operand?: Expr };
    if (stmt.kind === "Assign") for (const t of stmt.targets!) if (t.kind === "Name") names.assigned.add(t.name);
    const addressed = stmt.kind === "AddressOf" ? rootName(stmt.operand!) : null;
    if (addressed !== null) names.addressed.add(addressed);
  });
  return names;
}

/** Makes a node mean something else, in place: whoever holds it sees the new one. */
export function rewrite(node: object, made: object): void {
  const target = node as Record<string, unknown>;
  for (const key of Object.keys(target)) if (key !== "span") delete target[key];
  Object.assign(target, made);
}
