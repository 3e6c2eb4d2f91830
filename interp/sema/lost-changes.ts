// Changes that are lost because what they change is a copy which nothing keeps: `guard.get().push(x)`, a method that
// changes its receiver on what a function gave. Promises: a change is refused only where nobody can see it, whatever
// the values refer to; where the method may do something besides, it is a warning. Assignments are in places.ts.
import type { Call, Expr, FuncDecl, Member, Type } from "../syntax/ast.ts";
import { changeOf, isChange } from "./changes.ts";
import type { Checker } from "./scope.ts";
import { fieldType, signatureOf } from "./shapes.ts";
import { prune, UNKNOWN } from "./types.ts";

export const COPY = "this changes a copy that nothing keeps";

/** What gives the value of which `e` is a part, a call, say. `isDeep`: it copies all that the value refers to. */
function givenBy(e: Expr, isDeep: (given: Expr) => boolean): Expr | null {
  switch (e.kind) {
    case "Call": {
      // an element that is asked for is a part, too: `m[key]` is such a call
      const isElement = e.callee.kind === "Member" && ["get", "first", "last"].includes(e.callee.name);
      const call = isElement ? givenBy((e.callee as Member).object, isDeep) : null;
      return call !== null && isDeep(call) ? call : e;
    }
    case "Member": case "Index": {
      if (e.kind === "Member" && e.ref !== undefined) return null;
      const call = givenBy(e.object, isDeep);
      const { k } = prune(e.object.ty ?? UNKNOWN);
      return call !== null && (isDeep(call) || (k !== "slice" && k !== "pointer")) ? call : null;
    }
    case "Unwrap": return givenBy(e.operand, isDeep);
    case "Binary": return e.op === "??" ? e : null;
    case "Catch": case "Propagate": case "Cast": return e;
    default: return null;
  }
}

/** `guard.get()`, which takes the value out from under its lock. */
function isTakenOut(c: Checker, call: Expr): boolean {
  if (call.kind !== "Call" || call.callee.kind !== "Member" || call.callee.name !== "get") return false;
  const of = prune(call.callee.object.ty ?? UNKNOWN);
  return (of.k === "struct" || of.k === "builtin") && of.decl.name === "MutexGuard" && c.w.home(of.decl).module.std;
}

/** What is taken out from under a lock, where `e` is a part of that. */
export function takenOut(c: Checker, e: Expr): Call | null {
  const given = givenBy(e, (call) => isTakenOut(c, call));
  return given !== null && isTakenOut(c, given) ? given as Call : null;
}

/** How what a guard gave is changed. */
export function putBackUnderLock(c: Checker, { callee }: Call): string {
  const { span } = (callee as Member).object;
  const guard = c.source.text.slice(span.start, span.end);
  return `take it out, \`var value = ${guard}.get()\`, change that, and put it back: \`${guard}.set(value)\``;
}

/** Methods of std whose value is new, and so no other name's. */
const FRESH = new Set(["copy", "clone", "map", "filter", "split", "lines", "chars", "bytes", "code_points", "keys",
  "values", "entries", "to_array"]);

/** Checks a call of a method that changes its receiver and gives nothing: somebody must keep what it changes. */
export function checkSeen(c: Checker, e: Call, object: Expr, self: Type, decl: FuncDecl): void {
  if (e.callee.kind !== "Member" || prune(signatureOf(c.w, decl).result).k !== "void") return;
  const given = givenBy(object, (call) => isTakenOut(c, call));
  if (given === null) return;
  const isByReference = decl.receiver === "pointer";
  if (!isByReference && !isChange(self, e.callee.name)) return;
  const notes = [{ unit: c.source, span: given.span, message: "this gives a value of its own" }];
  if (isTakenOut(c, given)) {
    c.error(e.callee.span, "J0236", COPY, { hint: putBackUnderLock(c, given as Call), notes });
    return;
  }
  const hint = "keep the value in a `var` first, and change that";
  if (!isByReference) {
    const isFresh = given === object && given.kind === "Call" && given.callee.kind === "Member"
      && FRESH.has(given.callee.name) && given.target?.k === "func"
      && c.w.homes.get(given.target.decl)?.module.std === true;
    if (isFresh) c.error(e.callee.span, "J0236", COPY, { hint, notes });
    return;
  }
  if (!isPlain(c, self) || c.w.homes.get(decl)?.module.std !== false) return;
  c.w.late.push(() => {
    if (changeOf(c.w, decl, object, 0) === null) return;
    c.w.reporter.warn(c.source, e.callee.span, "J0236", COPY, { hint, notes });
  });
}

/** Whether a value holds nothing that others could see through it: no slice, reference, handle or function. */
function isPlain(c: Checker, t: Type): boolean {
  t = prune(t);
  switch (t.k) {
    case "int": case "float": case "bool": case "string": return true;
    case "optional": case "array": return isPlain(c, t.of);
    case "tuple": return t.elems.every((elem) => isPlain(c, elem));
    case "struct": {
      const of = t;
      return of.decl.fields.every(({ name }) => isPlain(c, fieldType(c.w, of, name)?.type ?? UNKNOWN));
    }
    default: return false;
  }
}
