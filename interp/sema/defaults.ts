// Default values: of parameters, fields and payload fields. Promises: each is checked once, in the scope of its
// declaration, so that it means the same wherever it is filled in; it sees no variables.
import type { Expr, Type } from "../syntax/ast.ts";
import { makeFn } from "./context.ts";
import { check } from "./infer.ts";
import { Checker } from "./scope.ts";
import { finish } from "./solve.ts";
import type { ParamInfo, Signature, TypeScope, World } from "./world.ts";

/** Checks a default value against the type of what it fills. */
export function checkDefaultValue(w: World, e: Expr, type: Type, scope: TypeScope, key: object): void {
  if (w.checkedDefaults.has(e)) return;
  w.checkedDefaults.add(e);
  const fn = makeFn(null, "a default value", type);
  const c = new Checker(w, scope.module, scope, fn, key);
  check(c, e, type);
  finish(c);
  if (fn.info.locals.length > 0) {
    c.error(e.span, "J0237", "a default value cannot declare variables", { hint: "call a function that does" });
  }
}

export function checkDefault(w: World, sig: Signature, param: ParamInfo): void {
  if (param.default !== null) checkDefaultValue(w, param.default, param.type, sig.scope, sig.decl);
}
