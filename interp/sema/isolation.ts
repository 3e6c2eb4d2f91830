// Isolation: what may cross from one fiber into another. Promises: a bare reference never does; a spawned function or
// closure that visibly changes what it has a snapshot of (changes.ts) is reported at the spawn. Writes of spawned
// closures to the variables around them, by their names, are found where they stand, in places.ts.
import type { Call, Closure, Expr, FuncDecl, Span, Type } from "../syntax/ast.ts";
import { changeOf, closureChanges, keptChange } from "./changes.ts";
import { checkCrossing, uncrossable } from "./crossing.ts";
import { rootGlobal } from "./roots.ts";
import type { Checker } from "./scope.ts";
import { signatureOf } from "./shapes.ts";
import { final } from "./solve.ts";
import { prune } from "./types.ts";
import { walk } from "./walk.ts";

/** Handles through which values pass from one fiber to another. */
const CARRIERS = new Set(["Channel", "Chan", "Mailbox", "Mutex"]);

/** Checks what a call makes: a handle through which references would cross. */
export function checkCarrier(c: Checker, span: Span, made: Type): void {
  const t = prune(made);
  if (t.k !== "builtin" || !CARRIERS.has(t.decl.name) || !c.w.home(t.decl).module.std) return;
  checkCrossing(c, span, `what passes through this \`${t.decl.name}\``, t.args[0]!);
}

/** Checks that a function does not change what a module-level value leads to that it is given. */
export function checkGlobalArguments(c: Checker, decl: FuncDecl, args: readonly Expr[]): void {
  c.w.late.push(() => args.forEach((arg, i) => {
    // what a method takes by reference is checked where the reference is taken (places.ts)
    const global = i === 0 && decl.receiver === "pointer" ? null : rootGlobal(arg);
    const change = global === null ? null : changeOf(c.w, decl, arg, i);
    if (change === null) return;
    const what = `\`${decl.name}\` changes \`${global!.name}\``;
    c.error(arg.span, "J0203", `${what}, which is the same for every fiber and cannot change`, {
      hint: "use an `Atomic` for a number, a `Mutex` for compound data",
      notes: [{ unit: signatureOf(c.w, decl).module.source, span: change.span, message: "it is changed here" }],
    });
  }));
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
  c.w.late.push(() => checkChanges(c, closure));
}

/** Reports what a spawned closure changes through an alias, a function or another closure. */
function checkChanges(c: Checker, closure: Closure): void {
  const captures = closure.fn?.captures ?? [];
  walk(closure.body, (node) => {
    const name = node as Expr;
    if (name.kind === "Name" && name.ref?.k === "local" && captures.includes(name.ref.local)) checkKept(c, name);
  });
  for (const [local, { span, by, isDirect }] of closureChanges(c.w, closure)) {
    if (isDirect || keptChange(c.w, local) !== null) continue;
    const what = by === "" ? "this" : `\`${by}\``;
    c.error(span, "J0206", `${what} changes \`${local.name}\`, of which this fiber has a read-only snapshot`, {
      hint: `change a copy (\`clone(${local.name})\`) and give it back, or share it through \`Mutex\` or \`Channel\``,
    });
  }
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
      if (byRef || uncrossable(c.w, t) !== null) return;
      c.w.late.push(() => checkArgument(c, call, arg, i));
    });
    if (target?.k === "value" && call.callee.kind === "Name") checkKept(c, call.callee);
  });
}

/** Checks that a spawned function does not change what an argument leads to, and is given no closure that counts. */
function checkArgument(c: Checker, { target }: Call, arg: Expr, i: number): void {
  checkKept(c, arg);
  if (target?.k !== "func") return;
  const { decl } = target;
  const change = changeOf(c.w, decl, arg, i);
  if (change === null) return;
  c.error(arg.span, "J0206", `\`${decl.name}\` changes this argument, and a spawned fiber gets a read-only snapshot`, {
    hint: "return the changed copy, or share the data through `Mutex` or `Channel`",
    notes: [{ unit: signatureOf(c.w, decl).module.source, span: change.span, message: "it is changed here" }],
  });
}

/** Reports a variable that goes to another fiber with a closure in it which changes variables of this one. */
function checkKept(c: Checker, e: Expr): void {
  if (e.kind !== "Name" || e.ref?.k !== "local") return;
  const found = keptChange(c.w, e.ref.local);
  if (found === null) return;
  const { of, change } = found;
  const notes = [{ unit: c.source, span: change.span, message: "here" }];
  if (change.assigns) {
    c.error(e.span, "J0205", `\`${e.name}\` assigns to \`${of.name}\`, a variable of the fiber around`, {
      label: "fibers share no variables", notes,
      hint: "count with an `Atomic`, protect data with a `Mutex`, or send the value through a `Channel`",
    });
  } else {
    c.error(e.span, "J0206", `\`${e.name}\` changes \`${of.name}\`, of which this fiber has a read-only snapshot`, {
      hint: "share the data through `Mutex` or `Channel`", notes,
    });
  }
}
