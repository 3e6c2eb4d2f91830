// Walks a syntax tree without knowing its kinds: for questions asked of a body before it is checked, and for tests.
// Promises: visits every node once, in the order of its properties, and stays out of what the checker has attached.
import type { Expr, Stmt } from "../syntax/ast.ts";

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

/**
 * As changedNames, of the parts of a loop, without what is assigned on ways that come neither to its next round nor to
 * its end: branches that end by `return`, `fail` or a jump to a loop further out. Cost: linear for each loop around.
 */
export function changedInLoop(label: string | null, parts: readonly object[]): ReturnType<typeof changedNames> {
  const labels = new Set(label === null ? [] : [label]);
  walk(parts, (node) => {
    const { label: own } = node as { label?: string | null };
    if (LOOPS.has(node.kind) && typeof own === "string") labels.add(own);
  });
  const leaves = (e: Expr | undefined): boolean => e !== undefined && (e.kind === "Return" || e.kind === "Fail"
    || ((e.kind === "Break" || e.kind === "Continue") && e.label !== null && !labels.has(e.label)));
  const changed = changedNames([]);
  const add = (part: unknown): void => {
    const { assigned, addressed } = changedNames(part);
    for (const name of assigned) changed.assigned.add(name);
    for (const name of addressed) changed.addressed.add(name);
  };
  const visit = (part: object | null): void => {
    const node = part as Expr | Stmt | null;
    if (node?.kind === "Block") node.stmts.forEach(visit);
    else if (node?.kind === "ExprStmt") visit(node.expr);
    else if (node?.kind === "If") {
      add(node.cond);
      for (const branch of [node.then, node.otherwise]) {
        const last = branch?.kind === "Block" ? branch.stmts[branch.stmts.length - 1] : undefined;
        const isLeft = last?.kind === "ExprStmt" && leaves(last.expr) && onlyWayOut(branch!, last.expr);
        if (!isLeft) visit(branch);
        else for (const name of changedNames(branch).addressed) changed.addressed.add(name);
      }
    } else if (node?.kind === "While" || node?.kind === "For" || node?.kind === "Loop") {
      for (const [key, value] of Object.entries(node)) if (key !== "body" && !ATTACHED.has(key)) add(value);
      visit(node.body);
    } else add(node);
  };
  parts.forEach(visit);
  return changed;
}

const LOOPS: ReadonlySet<string> = new Set(["While", "For", "Loop"]);

/** Whether nothing in a branch jumps to a loop but its last expression. */
function onlyWayOut(branch: Expr, last: Expr): boolean {
  let only = true;
  walk(branch, (node) => {
    only &&= node === last || (node.kind !== "Break" && node.kind !== "Continue");
  });
  return only;
}

/** What is done to a body's variables, by its closures and functions, which may run at any call, and by itself. */
export interface HiddenChanges {
  /** the names that they assign to */
  assigned: ReadonlySet<string>;
  /** the names that anything in the body assigns to, the closures as well */
  anywhere: ReadonlySet<string>;
  /** the names that a reference is taken into, wherever that stands */
  addressed: ReadonlySet<string>;
}

/** Parts that hold a block which is run where it stands, whatever is wanted of it. */
const RUN_IN_PLACE = new Set(["While", "Loop", "For", "Nursery", "Shield", "Using", "Defer", "Recv", "Send", "Timeout",
  "Closed", "Default"]);

/**
 * Looks through a body that has not been checked yet. A block that stands where a value is wanted counts as a closure:
 * it is one where that value has to be a function. Names are not told apart by their declarations, so a closure that
 * assigns to a variable of its own counts for the one of that name around it, too. Cost: linear.
 */
export function hiddenChanges(root: object): HiddenChanges {
  const assigned = new Set<string>();
  const anywhere = new Set<string>();
  const addressed = new Set<string>();
  const visit = (part: unknown, within: boolean, wanted: boolean): void => {
    if (part === null || typeof part !== "object") return;
    if (Array.isArray(part)) {
      for (const item of part) visit(item, within, wanted);
      return;
    }
    const node = part as Record<string, unknown> & { kind?: string };
    const isClosure = node.kind === "Closure" || node.kind === "FuncDecl" || (node.kind === "Block" && wanted);
    const inside = within || isClosure;
    if (node.kind === "Assign") {
      for (const t of node.targets as Expr[]) if (t.kind === "Name") (inside ? assigned : anywhere).add(t.name);
    }
    const into = node.kind === "AddressOf" ? rootName(node.operand as Expr) : null;
    if (into !== null) addressed.add(into);
    for (const key in node) {
      if (ATTACHED.has(key) || (node.kind === "Pipe" && key === "call")) continue;
      visit(node[key], inside, wantsValue(node.kind, key, wanted));
    }
  };
  const parts = root as Record<string, unknown>;
  for (const key in parts) if (!ATTACHED.has(key)) visit(parts[key], false, false);
  for (const name of assigned) anywhere.add(name);
  return { assigned, anywhere, addressed };
}

/** Whether what stands under this key of a node gives a value that somebody wants. */
function wantsValue(kind: string | undefined, key: string, wanted: boolean): boolean {
  switch (kind) {
    case "ExprStmt": case "Block": case "Closure": case "FuncDecl": case "FuncStmt": case "TestDecl": return false;
    case "If": return key === "cond" || wanted;
    case "Match": return key === "subject" || wanted;
    case "Catch": return key === "operand" || wanted;
    case undefined: return key === "guard" || wanted;
    default: return !(key === "body" && RUN_IN_PLACE.has(kind!));
  }
}

/** Whether a name stands anywhere in a piece of the tree. */
export function mentions(root: unknown, name: string): boolean {
  let found = false;
  walk(root, (node) => {
    found ||= node.kind === "Name" && (node as unknown as { name: string }).name === name;
    return !found;
  });
  return found;
}

/** Makes a node mean something else, in place: whoever holds it sees the new one. */
export function rewrite(node: object, made: object): void {
  const target = node as Record<string, unknown>;
  for (const key of Object.keys(target)) if (key !== "span") delete target[key];
  Object.assign(target, made);
}
