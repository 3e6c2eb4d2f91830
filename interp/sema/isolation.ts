// Isolation: what may cross from one fiber into another. Promises: a bare reference never does; a spawned function
// that visibly changes a compound argument is reported at the spawn, because it would change only its own snapshot.
// Writes of spawned closures themselves are found where they stand, in places.ts.
import type { Call, Closure, Expr, FuncDecl, Span, Type } from "../syntax/ast.ts";
import { bareReference, checkCrossing } from "./crossing.ts";
import type { Checker } from "./scope.ts";
import { signatureOf } from "./shapes.ts";
import { final } from "./solve.ts";
import { isScalar, prune } from "./types.ts";
import { walk } from "./walk.ts";

/** Handles through which values pass from one fiber to another. */
const CARRIERS = new Set(["Channel", "Chan", "Mailbox", "Mutex"]);

/** Checks what a call makes: a handle through which references would cross. */
export function checkCarrier(c: Checker, span: Span, made: Type): void {
  const t = prune(made);
  if (t.k !== "builtin" || !CARRIERS.has(t.decl.name) || !c.w.home(t.decl).module.std) return;
  checkCrossing(c, span, `what passes through this \`${t.decl.name}\``, t.args[0]!);
}

/** Checks what a spawned fiber gives back. */
export function checkSpawnedValue(c: Checker, span: Span, value: Type): void {
  checkCrossing(c, span, "what this fiber gives back", value);
}

export function checkSpawnedClosure(c: Checker, closure: Closure, span: Span): void {
  // what is still to be inferred in it may capture more
  c.atEnd.push(() => {
    for (const local of closure.fn?.captures ?? []) {
      checkCrossing(c, span, `\`${local.name}\`, captured here,`, local.ty);
    }
  });
}

/** Whether a spawned function would get a snapshot of an argument of this type. */
function isSnapshot(t: Type): boolean {
  t = prune(t);
  if (t.k === "slice") return !isScalar(prune(t.of));
  return t.k === "builtin" && (t.decl.name === "Map" || t.decl.name === "Set");
}

const visibleChanges = new WeakMap<FuncDecl, Map<string, Span>>();

/** The parameters whose data a function changes where it can be seen: elements assigned, arrays grown. */
function changedParams(decl: FuncDecl): Map<string, Span> {
  let changed = visibleChanges.get(decl);
  if (changed !== undefined) return changed;
  changed = new Map();
  visibleChanges.set(decl, changed);
  const found = changed;
  const names = new Set(decl.params.map((p) => p.name));
  const rootName = (e: Expr): string | null =>
    e.kind === "Name" ? e.name : e.kind === "Index" || e.kind === "Member" ? rootName(e.object) : null;
  walk(decl.body, (node) => {
    const n = node as unknown as {
      kind: string; targets: Expr[]; callee: Expr; span: Span; pattern?: { name?: string };
    };
    if (n.kind === "Let" && n.pattern?.name !== undefined) names.delete(n.pattern.name);
    if (n.kind === "Assign") {
      for (const target of n.targets) {
        const root = target.kind === "Index" ? rootName(target) : null;
        if (root !== null && names.has(root) && !found.has(root)) found.set(root, target.span);
      }
    }
    if (n.kind === "Call" && n.callee.kind === "Member" && n.callee.object.kind === "Name") {
      const root = n.callee.object.name;
      const index = decl.params.findIndex((p) => p.name === root);
      const t = index < 0 ? undefined : decl.params[index]!.local?.ty;
      if (names.has(root) && t !== undefined && changesReceiver(t, n.callee.name)) found.set(root, n.callee.span);
    }
  });
  return found;
}

/** Checks the arguments that a spawn carries into its fiber. */
export function checkSpawnedCall(c: Checker, call: Call): void {
  const { target } = call;
  c.atEnd.push(() => {
    call.ordered?.forEach((arg, i) => {
      if (arg.ty === undefined) return;
      const t = final(c, arg.coerce?.at(-1)?.to ?? arg.ty);
      const byRef = i === 0 && (target?.k === "func" || target?.k === "trait") && target.byRef;
      checkCrossing(c, arg.span, byRef ? "the receiver of this method" : "this argument",
        byRef ? { k: "pointer", to: t } : t);
      if (byRef || bareReference(t) !== null) return;
      if (target?.k !== "func" || !isSnapshot(t)) return;
      const { decl } = target;
      const param = decl.params[i];
      const change = param === undefined ? undefined : changedParams(decl).get(param.name);
      if (change === undefined || c.w.home(decl).module.std) return;
      const message = `\`${decl.name}\` changes this argument, and a spawned fiber gets a read-only snapshot`;
      c.error(arg.span, "J0206", message, {
        hint: "return the changed copy, or share the data through `Mutex` or `Channel`",
        notes: [{ unit: signatureOf(c.w, decl).module.source, span: change, message: "it is changed here" }],
      });
    });
  });
}

/** Methods of std that change what their receiver refers to, by its head. */
const CHANGES: Record<string, ReadonlySet<string>> = {
  slice: new Set(["push", "pop", "insert", "remove", "remove_at", "swap_remove", "sort", "sort_by", "reverse", "clear",
    "append", "extend", "swap", "fill", "truncate", "set"]),
  Map: new Set(["set", "insert", "remove", "clear"]),
  Set: new Set(["add", "insert", "remove", "clear"]),
};

/** Of those, the ones that change the length, which a shared slice of scalars keeps. */
const RESIZES = new Set(["push", "pop", "insert", "remove", "remove_at", "swap_remove", "clear", "append", "extend",
  "truncate"]);

/** Whether a method changes the data behind a value of this type. */
export function changesReceiver(t: Type, method: string): boolean {
  t = prune(t);
  if (t.k === "slice") {
    return CHANGES.slice!.has(method) && (!isScalar(prune(t.of)) || RESIZES.has(method));
  }
  return t.k === "builtin" && (CHANGES[t.decl.name]?.has(method) ?? false);
}
