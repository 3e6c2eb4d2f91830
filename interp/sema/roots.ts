// What a chain of fields and elements starts from. Promises: looks only at what the checker has resolved already.
import type { Expr, GlobalDecl, Local } from "../syntax/ast.ts";

/** The module-level value at the root of a chain of fields and elements, if there is one. */
export function rootGlobal(e: Expr): GlobalDecl | null {
  switch (e.kind) {
    case "Name": return e.ref?.k === "global" ? e.ref.decl : null;
    case "Member":
      if (e.ref !== undefined) return e.ref.k === "global" ? e.ref.decl : null;
      return rootGlobal(e.object);
    case "Index": return rootGlobal(e.object);
    case "Deref": case "Unwrap": return rootGlobal(e.operand);
    default: return null;
  }
}

/** The variable at the root of a chain of fields and elements, if there is one. */
export function rootLocal(e: Expr): Local | null {
  switch (e.kind) {
    case "Name": return e.ref?.k === "local" ? e.ref.local : null;
    case "Member": case "Index": return rootLocal(e.object);
    case "Deref": case "Unwrap": return rootLocal(e.operand);
    default: return null;
  }
}

/**
 * A place whose own elements are lent as a slice: what is written through the slice is written there. So a copy must be
 * made where a variable that is never changed could have stood for the value of another one.
 */
export function lendElements(e: Expr): void {
  const root = rootLocal(e);
  if (root !== null) root.addressed = true;
}
