// Default values: of parameters, fields and payload fields. Promises: each is checked once, in the scope of its
// declaration, so that it means the same wherever it is filled in; it sees no variables; it is written out where it is
// filled in, so what it fills in itself is bounded, and none leads round to itself.
import type { Expr, Type } from "../syntax/ast.ts";
import { makeFn } from "./context.ts";
import { check } from "./infer.ts";
import { Checker } from "./scope.ts";
import { finish } from "./solve.ts";
import type { ParamInfo, Signature, TypeScope, World } from "./world.ts";

/** Other defaults that one default may fill in, theirs included. */
const FILLS_MAX = 1000;

/** Checks a default value against the type of what it fills. */
export function checkDefaultValue(w: World, e: Expr, type: Type, scope: TypeScope, key: object): void {
  if (w.checkedDefaults.has(e)) return;
  w.checkedDefaults.add(e);
  const fn = makeFn(null, "a default value", type, { standsAlone: true });
  const c = new Checker(w, scope.module, scope, fn, key);
  c.filling = e;
  check(c, e, type);
  finish(c);
  if (fn.info.locals.length > 0) {
    c.error(e.span, "J0237", "a default value cannot declare variables", { hint: "call a function that does" });
  }
  if (w.fills.has(e)) w.filling.push(() => checkFills(w, e, c));
}

export function checkDefault(c: Checker, sig: Signature, param: ParamInfo): void {
  if (param.default === null) return;
  fillIn(c, param.default, param.type, sig.scope, sig.decl);
}

/**
 * A default is filled in: it is checked when this body has been, so that defaults may fill in one another however many
 * they are. Where another default is being checked, it becomes a part of that one.
 */
export function fillIn(c: Checker, e: Expr, type: Type, scope: TypeScope, key: object): void {
  if (!c.w.checkedDefaults.has(e)) c.w.late.push(() => checkDefaultValue(c.w, e, type, scope, key));
  if (c.filling === null) return;
  const fills = c.w.fills.get(c.filling);
  if (fills === undefined) c.w.fills.set(c.filling, [e]);
  else fills.push(e);
}

/** Reports a default that fills in itself, or more others than can be written out. */
function checkFills(w: World, root: Expr, c: Checker): void {
  const open = [...w.fills.get(root)!];
  for (let filled = 1; open.length > 0; filled++) {
    const e = open.pop()!;
    if (e === root) {
      c.error(root.span, "J0226", "this default value needs itself", {
        hint: "give the argument or field where it is used here, or leave the default out",
      });
      return;
    }
    if (filled > FILLS_MAX) {
      c.error(root.span, "J0226", `this default value fills in more than ${FILLS_MAX} others`, {
        hint: "make it in a function, and call that",
      });
      return;
    }
    open.push(...w.fills.get(e) ?? []);
  }
}
