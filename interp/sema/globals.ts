// Module-level values: their types, on first need. Promises: a circle in which initial values need each other is an
// error that names its members.
import type { FuncDecl, GlobalDecl, Type } from "../syntax/ast.ts";
import { makeFn } from "./context.ts";
import { check, checkNeeded, infer } from "./infer.ts";
import { checkInOrder } from "./needs.ts";
import { resolveType } from "./resolve.ts";
import { Checker } from "./scope.ts";
import { finish } from "./solve.ts";
import { prune, UNKNOWN } from "./types.ts";
import { freshVar } from "./unify.ts";
import type { World } from "./world.ts";

/** The type of a module-level value; checks its initial expression. */
export function globalType(w: World, decl: GlobalDecl): Type {
  const known = w.globals.get(decl);
  if (known !== undefined) return known;
  const { module } = w.home(decl);
  const scope = { module, params: null, self: null };
  if (decl.type !== null) {
    const t = resolveType(w, decl.type, scope);
    w.globals.set(decl, t);
    return t;
  }
  if (w.globalsInProgress.includes(decl)) {
    reportCircle(w, w.globalsInProgress.slice(w.globalsInProgress.indexOf(decl)));
    w.globals.set(decl, UNKNOWN);
    return UNKNOWN;
  }
  if (w.waiting.has(decl)) {
    const waiting = [...w.waiting];
    const others = [...waiting.slice(waiting.indexOf(decl)), ...w.globalsInProgress];
    reportCircle(w, [...new Set(others)].filter((d) => d.kind === "GlobalDecl"));
    w.globals.set(decl, UNKNOWN);
    return UNKNOWN;
  }
  checkGlobal(w, decl);
  return w.globals.get(decl) ?? UNKNOWN;
}

/** Checks the initial expression of a module-level value, and before it those of all that it names. */
export function checkGlobal(w: World, decl: GlobalDecl): void {
  if (decl.fn !== undefined || w.globalsInProgress.includes(decl)) return;
  if (w.visited.has(decl)) checkValue(w, decl);
  else checkInOrder(w, decl, (needed) => checkNeeded(w, needed));
}

function checkValue(w: World, decl: GlobalDecl): void {
  w.globalsInProgress.push(decl);
  const { module } = w.home(decl);
  const scope = { module, params: null, self: null };
  const written = decl.type === null ? null : globalType(w, decl);
  const fn = makeFn(null, `the initial value of \`${decl.name}\``, written ?? freshVar(), {
    signature: decl.nameSpan, standsAlone: true,
  });
  const c = new Checker(w, module, scope, fn, decl);
  const holder = { ty: written ?? fn.ok };
  if (written !== null) check(c, decl.value, written);
  else {
    holder.ty = infer(c, decl.value, null);
    const found = prune(holder.ty);
    if (found.k === "void") c.error(decl.value.span, "J0202", "this gives no value to keep");
    if (found.k === "null") {
      c.error(decl.value.span, "J0220", "the type of this null cannot be inferred", {
        hint: `write it: \`let ${decl.name}: ?T = null\``,
      });
      holder.ty = UNKNOWN;
    }
    if (found.k === "result") {
      c.error(decl.value.span, "J0214", "this may fail before the program starts", { hint: "handle it with `catch`" });
      holder.ty = UNKNOWN; // told here, and not where it is used
    }
  }
  c.typed.push(holder);
  finish(c);
  fn.info.result = holder.ty;
  decl.fn = fn.info;
  w.globalsInProgress.pop();
  if (!w.globals.has(decl) || written === null) w.globals.set(decl, holder.ty);
}

/** Reports a circle of initial values once, from whichever of its members it is found. */
export function reportCircle(w: World, circle: (GlobalDecl | FuncDecl)[]): void {
  const first = circle.find((d): d is GlobalDecl => d.kind === "GlobalDecl");
  if (first === undefined || circle.some((d) => w.circular.has(d))) return;
  for (const member of circle) w.circular.add(member);
  w.reporter.error(w.home(first).module.source, first.nameSpan, "J0226",
    `the initial value of \`${first.name}\` depends on itself`, {
      notes: circle.filter((d) => d !== first).map((d) => ({
        unit: w.home(d).module.source, span: d.nameSpan, message: `through \`${d.name}\``,
      })),
    });
}
