// Closures that fail inside a function that knows nothing of failures: `tasks.map { |t| await t }`. A closure written
// as an argument is lent to the call: its errors leave the function that calls it, and then are the call's, as if the
// call could fail. Promises: that holds only where the function does nothing with its parameter but call it, or lend it
// on; a function that keeps it, or starts a fiber with it, could let the failure out where no type speaks of it, and
// such a call is refused. What the evaluator needs of this is in Call.rethrows.
import type { Call, Closure, ErrorSet, Expr, FnInfo, FuncDecl, Local, Span, Type } from "../syntax/ast.ts";
import { raise } from "./context.ts";
import type { Checker } from "./scope.ts";
import { addErrors, emptyErrors, isEmptyErrors, prune, result, showErrors, VOID } from "./types.ts";
import { ATTACHED } from "./walk.ts";

/** Whether a Failure is among the values of a type: then it is a value like others, and leaves nothing. */
export function holdsFailure(t: Type): boolean {
  t = prune(t);
  return t.k === "result" || (t.k === "optional" && holdsFailure(t.of));
}

/** Whether a parameter of this type takes functions that never fail, so that a closure for it may be lent. */
function takesLent(t: Type): boolean {
  t = prune(t);
  return t.k === "func" && !holdsFailure(t.result);
}

/** Marks an argument that is a closure written here, before it is checked. */
export function lend(c: Checker, arg: Expr, param: Type): void {
  // a block where a function is wanted becomes a closure
  if ((arg.kind === "Closure" || arg.kind === "Block") && takesLent(param)) c.lent.add(arg);
}

const heldFunction = (local: Local): boolean => takesLent(local.ty);

/**
 * The type of a call whose arguments have been checked: with the errors of the closures lent to it. `decl` is what is
 * called; `first` is the position of the first of `args` among its parameters.
 */
export function rethrown(
  c: Checker, e: Call, args: (Expr | null)[], decl: FuncDecl, first: number, type: Type,
): Type {
  const errors = emptyErrors();
  args.forEach((arg, i) => {
    if (arg === null) return;
    if (arg.kind === "Name" && arg.ref?.k === "local" && heldFunction(arg.ref.local)) e.rethrows = "passed";
    if (arg.kind !== "Closure") return;
    if (arg.fn!.captures.some(heldFunction)) e.rethrows ??= "passed";
    if (arg.raises === undefined) return;
    addErrors(errors, arg.raises);
    const { raises } = arg;
    c.w.late.push(() => {
      if (e.target?.k === "trait" || !onlyCalls(decl, first + i, new Map())) keeps(c, arg, decl, raises);
    });
  });
  if (isEmptyErrors(errors)) return type;
  const t = prune(type);
  if (t.k === "result") {
    const all = emptyErrors();
    addErrors(all, t.error);
    addErrors(all, errors);
    return result(t.ok, all);
  }
  if (e.handled === true) return result(t.k === "never" ? VOID : type, errors);
  e.rethrows = "raised";
  raise(c, errors, e.span);
  return type;
}

function keeps(c: Checker, closure: Closure, decl: FuncDecl, errors: ErrorSet): void {
  const place: Span = decl.nameSpan;
  const what = `an error (\`${showErrors(errors)}\`) would leave this closure`;
  c.error(closure.span, "J0215", `${what}, and \`${decl.name}\` does more with it than call it`, {
    label: "this may fail",
    hint: "handle the error inside with `catch` or `match`, or let the parameter's type admit it: `func(…) -> T ! E`",
    // a function inside another is of the file that is being checked
    notes: [{ unit: (c.w.homes.get(decl)?.module ?? c.module).source, span: place, message: "declared here" }],
  });
}

/** Whether a body mentions a local, in it or in the closures within. */
function mentions(root: unknown, local: Local): boolean {
  if (root === null || typeof root !== "object") return false;
  if (Array.isArray(root)) return root.some((item) => mentions(item, local));
  const node = root as { kind?: string; ref?: { k: string; local?: Local }; fn?: FnInfo };
  if (node.kind === "Name") return node.ref?.k === "local" && node.ref.local === local;
  if (node.kind === "Closure" || node.kind === "FuncDecl") {
    return node.fn === undefined || node.fn.captures.includes(local);
  }
  for (const key in root) {
    if (!ATTACHED.has(key) && mentions((root as Record<string, unknown>)[key], local)) return true;
  }
  return false;
}

type Seen = Map<FuncDecl, Set<number>>;

/**
 * Whether a checked function does nothing with a parameter but call it, or lend it to functions of which the same
 * holds. `seen`: taken to hold while it is being found out, so that functions may lend to each other in a circle.
 */
function onlyCalls(decl: FuncDecl, index: number, seen: Seen): boolean {
  const local = decl.params[index]?.local;
  if (decl.body === null || decl.fn === undefined || local === undefined || local.mutable) return false;
  const positions = seen.get(decl) ?? new Set();
  if (positions.has(index)) return true;
  seen.set(decl, positions.add(index));
  return scan(decl.body, local, seen);
}

function scan(root: unknown, local: Local, seen: Seen): boolean {
  if (root === null || typeof root !== "object") return true;
  if (Array.isArray(root)) return root.every((item) => scan(item, local, seen));
  const node = root as { kind?: string };
  switch (node.kind) {
    // here it would be a value, or run in a fiber of its own, or at a time of its own
    case "Name": case "Closure": case "FuncDecl": case "Spawn": return !mentions(node, local);
    case "Pipe": {
      const { call } = node as Extract<Expr, { kind: "Pipe" }>;
      return call !== undefined && scan(call, local, seen);
    }
    case "Call": return scanCall(node as Call, local, seen);
    default:
  }
  for (const key in root) {
    if (!ATTACHED.has(key) && !scan((root as Record<string, unknown>)[key], local, seen)) return false;
  }
  return true;
}

function scanCall(e: Call, local: Local, seen: Seen): boolean {
  const { target, callee } = e;
  const called = target?.k === "value" && callee.kind === "Name" && mentions(callee, local);
  if (!called && target?.k === "value" && !scan(callee, local, seen)) return false;
  return (e.ordered ?? []).every((arg, i) => {
    if (target?.k === "func" && (arg.kind === "Name" || arg.kind === "Closure") && mentions(arg, local)) {
      return onlyCalls(target.decl, i, seen) && (arg.kind === "Name" || scan(arg.body, local, seen));
    }
    return scan(arg, local, seen);
  });
}
