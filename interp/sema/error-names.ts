// Names for an error that was handled: `catch |e|`, `.Err(e)`. Its type may be that of any error; the name knows of
// which sets it is one. Promises: only a name that cannot be assigned knows, so that it is true wherever it is read.
import type { ErrorSet, Expr, Local } from "../syntax/ast.ts";
import { areListed } from "./constructors.ts";
import { addErrors, emptyErrors } from "./types.ts";

/** A name has been declared for an error of these. */
export function noteErrors(local: Local, errors: ErrorSet): void {
  if (areListed(errors) && !local.mutable) local.errors = errors;
}

/** The same name stands for an error of either (in two alternatives of a pattern). */
export function joinErrors(local: Local, other: Local): void {
  if (local.errors === undefined || other.errors === undefined) {
    delete local.errors;
    return;
  }
  const both = emptyErrors();
  addErrors(both, local.errors);
  addErrors(both, other.errors);
  local.errors = both;
}

/** The sets that the error of a checked expression is one of, where a name knows. */
export function errorsNamed(e: Expr): ErrorSet | null {
  return e.kind === "Name" && e.ref?.k === "local" ? e.ref.local.errors ?? null : null;
}
