// Methods: `x.f(…)` and `Type.f(…)`. Promises: a field that holds a function comes before a method, a method before a
// function of that name in scope; the receiver is passed as the method takes it, by value or by reference.
import type { Arg, Call, CallTarget, ErrorSet, Expr, Member, Span, Type } from "../syntax/ast.ts";
import { ownOrOnly, reportAmbiguous } from "./ambiguity.ts";
import { callFunc, callValue, type Checked } from "./arguments.ts";
import { checkAtomicOrdering } from "./atomics.ts";
import { changesLength, changesReceiver } from "./changes.ts";
import { findMethod, findOf, type FoundMethod, methodNames } from "./candidates.ts";
import { coerce, setType } from "./coerce.ts";
import { entityOf, moduleFunction } from "./entities.ts";
import { MODULE_MEMBERS } from "./habits.ts";
import { didYouMean } from "./errors.ts";
import { infer, inferAnew } from "./infer.ts";
import { checkSeen } from "./lost-changes.ts";
import { howToMake, noMember, reportHiddenMethod } from "./missing.ts";
import { lookup, lookupHidden } from "./modules.ts";
import { markOwner } from "./names.ts";
import { forgetNames, narrowedRead } from "./narrowing.ts";
import { checkMutable, notSnapshot } from "./places.ts";
import { type Checker, findLocal, useLocal } from "./scope.ts";
import { closedBy } from "./slips.ts";
import { alwaysThere } from "./std-names.ts";
import { fieldType, signatureOf } from "./shapes.ts";
import { deferUntilKnown, known, useFunc } from "./solve.ts";
import { prune, showType, slice, UNKNOWN, VOID } from "./types.ts";
import { exportedNames, hidden, reportHidden } from "./units.ts";
import { reportHiddenField, seesField } from "./visibility.ts";
import { changedNames, rewrite } from "./walk.ts";
import type { TraitRef } from "./world.ts";

/** `Type.f(…)`: a function of the type, or a method with its receiver written as an argument. */
export function callAssociated(c: Checker, e: Call, type: Type, name: string, hint: Type | null): Type {
  const callee = e.callee as Member;
  const t = prune(type);
  markOwner(c, callee);
  setType(c, callee, VOID);
  if (t.k === "unknown") return callValue(c, e, UNKNOWN, null);
  const method = ownOrOnly(c, callee, t, name, e);
  if (method === null) {
    if (!reportHiddenMethod(c, callee.nameSpan, t, name)) {
      const variants = t.k === "enum" || t.k === "error" ? t.decl.variants.map((v) => v.name) : [];
      const noun = variants.length > 0 ? "variant or function" : "function";
      c.error(callee.nameSpan, "J0209", `\`${showType(t)}\` has no ${noun} \`${name}\``, {
        hint: didYouMean(name, [...variants, ...methodNames(c.w, t, c.module)]) ??
          (name === "new" ? howToMake(c, t) : undefined),
      });
    }
    return callValue(c, e, UNKNOWN, null);
  }
  const { done, target: made } = callMethod(c, e, method, t, { object: null, args: e.args }, hint);
  e.target = made;
  e.ordered = done.ordered;
  callee.ref = { k: "func", decl: method.decl, impl: implOf(method), args: done.typeArgs };
  return done.result;
}

function implOf(method: FoundMethod) {
  return method.k === "impl" ? method.instance.impl.decl : null;
}

/** How a method is called: on which value, null where that is among its arguments. */
interface Given {
  object: Expr | null;
  args: Arg[];
}

export function callMethod(
  c: Checker, e: Call, method: FoundMethod, self: Type, { object, args }: Given, hint: Type | null,
): { done: Checked; target: CallTarget } {
  const sig = signatureOf(c.w, method.decl);
  if (method.k === "impl") {
    const done = callFunc(c, e, sig, method.instance.args, object, hint, args);
    return {
      done,
      target: { k: "func", decl: method.decl, impl: implOf(method), typeArgs: done.typeArgs, byRef: false },
    };
  }
  const done = callFunc(c, e, sig, [self, ...method.trait.args], object, hint, args);
  const own = done.typeArgs.slice(1 + method.trait.args.length);
  c.lists.push(own, method.trait.args);
  const made: CallTarget = {
    k: "trait", trait: method.trait.decl, method: method.decl.name, self, traitArgs: method.trait.args, typeArgs: own,
    byRef: false,
  };
  c.records.push(made);
  return { done, target: made };
}

/** `x.f(…)`: a field that holds a function, a method, or a function of this name in scope. */
export function callNamed(c: Checker, e: Call, hint: Type | null): Type {
  const callee = e.callee as Member;
  const object = callee.object.kind === "Name" || callee.object.kind === "Member" ? entityOf(c, callee.object) : null;
  if (object?.k === "module") {
    const secret = hidden(object.group, callee.name);
    if (secret !== null) reportHidden(c.w, c.module, callee.nameSpan, object.group, callee.name, secret);
    else {
      c.error(callee.nameSpan, "J0201", `module \`${object.group.name}\` has no \`${callee.name}\``, {
        hint: MODULE_MEMBERS.get(`${object.group.name.replace(/^std\./, "")}.${callee.name}`) ??
          alwaysThere(c.w, c.module, callee.name) ?? didYouMean(callee.name, exportedNames(object.group)),
      });
    }
    setType(c, callee.object, VOID);
    setType(c, callee, UNKNOWN);
    return setType(c, e, callValue(c, e, UNKNOWN, null));
  }
  const t = infer(c, callee.object, null);
  return setType(c, e, callOn(c, e, callee, t, hint));
}

function callOn(c: Checker, e: Call, callee: Member, object: Type, hint: Type | null): Type {
  let t = known(c, object);
  setType(c, callee, VOID);
  if (t.k === "var" && t.literal === null) {
    // its arguments are checked later, and evaluated here
    forgetNames(c, changedNames(e.args).assigned);
    return deferUntilKnown(c, t, callee.object.span, `the value that \`${callee.name}\` is called on`, () =>
      callOn(c, e, callee, prune(object), hint));
  }
  if (t.k === "unknown" || t.k === "never") return callValue(c, e, UNKNOWN, null);
  const holder = t.k === "pointer" ? prune(t.to) : t;
  const field = fieldType(c.w, holder, callee.name);
  const held = field === null ? UNKNOWN : heldFunction(c, callee, prune(field.type));
  if (field !== null && held.k === "func") {
    if (holder.k === "struct" && !seesField(c.w, holder.decl, field.decl, c.module)) {
      reportHiddenField(c, callee.nameSpan, holder.decl, field);
    }
    callee.ty = held;
    return callValue(c, e, held, hint);
  }
  let found = methodOn(c, t, callee.name, null);
  if (found === null && holder.k === "array" && t !== holder) {
    // the elements that a reference refers to
    found = methodOn(c, holder, callee.name, null);
    if (found !== null) callee.object = derefOf(c, callee.object, t = holder);
  }
  if (found === null) return callFree(c, e, callee, t, hint);
  const { method, self } = found;
  if (method.candidates.length > 1) {
    reportAmbiguous(c, callee, self, method, { call: e, object: callee.object });
    return callValue(c, e, UNKNOWN, null);
  }
  if (method.decl.receiver === null) {
    c.error(callee.nameSpan, "J0231", `\`${callee.name}\` is a function of the type, not a method`, {
      hint: `write \`${showType(self)}.${callee.name}(…)\``,
    });
    return callValue(c, e, UNKNOWN, null);
  }
  return callFound(c, e, callee, t, found, { object: callee.object, args: e.args }, hint);
}

/** The type of a field that is called; of an optional function that is known to be there, the function's. */
function heldFunction(c: Checker, callee: Member, t: Type): Type {
  return t.k === "optional" && prune(t.of).k === "func" ? prune(narrowedRead(c, callee, t)) : t;
}

/** The method of a name (of one trait, where that is given) on a value: also through a reference, or of a slice. */
export function methodOn(
  c: Checker, t: Type, name: string, of: TraitRef | null,
): { method: FoundMethod; self: Type } | null {
  const on = (self: Type) => {
    const method = findMethod(c.w, self, name, c.module, of);
    return method === null ? null : { method, self };
  };
  return on(t) ?? (t.k === "pointer" ? on(prune(t.to)) : t.k === "array" ? on(slice(t.of)) : null);
}

/** Calls a method on a value of type `t`. */
export function callFound(
  c: Checker, e: Call, callee: Member, t: Type, { method, self }: { method: FoundMethod; self: Type },
  given: Given & { object: Expr }, hint: Type | null,
): Type {
  const { done, target: made } = callMethod(c, e, method, self, given, hint);
  e.target = made;
  e.ordered = done.ordered;
  passReceiver(c, e, callee, given.object, t, self, method, made);
  if (self.k === "builtin" && self.decl.name === "Atomic") checkAtomicOrdering(c, e.ordered, callee.name);
  return done.result;
}

/** What a reference refers to, as a value of that type. */
function derefOf(c: Checker, e: Expr, type: Type): Expr {
  const value: Expr = { kind: "Deref", operand: e, span: e.span };
  setType(c, value, type);
  c.settled.add(value);
  return value;
}

/** Makes the receiver fit `self` or `self: *T`. */
function passReceiver(
  c: Checker, e: Call, callee: Member, object: Expr, t: Type, self: Type, method: FoundMethod, made: CallTarget,
): void {
  if (method.decl.receiver === "value") {
    if (t.k === "result") {
      const sig = signatureOf(c.w, method.decl);
      if (prune(sig.params[0]!.type).k !== "result") coerce(c, object, t, self);
    } else if (t.k === "pointer" && self.k !== "struct") {
      // what is no struct, or not yet known to be one, is read out of its reference
      e.ordered![0] = derefOf(c, object, self);
    } else if (t !== self) {
      coerce(c, object, t, self);
    }
    if (t.k === "array" && c.w.home(method.decl).module.std && changesLength(callee.name)) {
      const fixed = `that of \`${showType(t)}\` is fixed`;
      c.error(callee.nameSpan, "J0236", `\`${callee.name}\` changes the length, and ${fixed}`, {
        hint: "change a slice with the same elements: `var xs = a.copy()`",
      });
      return;
    }
    if (changesReceiver(self, callee.name)) notSnapshot(c, object, callee.span, "this changes");
    checkSeen(c, e, object, self, method.decl);
    return;
  }
  if (t.k === "pointer") {
    notSnapshot(c, object, callee.span, `\`${callee.name}\` changes`);
    return;
  }
  const place = object.kind === "Name" || object.kind === "Member" || object.kind === "Index" ||
    object.kind === "Deref";
  if (place && !checkMutable(c, object, callee.span, `\`${callee.name}\` changes`)) return;
  checkSeen(c, e, object, self, method.decl);
  // what is no struct, may be none, or is a trait object that the method replaces: its variable becomes a cell, and the
  // method gets a reference to it
  const inPlace = t.k === "struct" || (t.k === "any" && method.k === "trait");
  if (!inPlace && object.kind === "Name" && object.ref?.k === "local") {
    c.assigned.add(object.ref.local);
    object.ref.local.captured = true;
    useLocal(c, object.ref.local);
  }
  if (made.k === "func" || made.k === "trait") made.byRef = true;
}

/** `x.f(y)` where no method is called f: the function `f(x, y)`. */
function callFree(c: Checker, e: Call, callee: Member, t: Type, hint: Type | null): Type {
  const near = findLocal(c, callee.name);
  if (near !== null && prune(near.local.ty).k === "func") return callLocal(c, e, callee, hint);
  const found = lookup(c.w, c.module, callee.name);
  const decl = found?.k === "decl" && found.decl.kind === "FuncDecl" ? found.decl
    : found?.k === "module" ? moduleFunction({ k: "module", group: found.group }, callee.name) : null;
  const secret = decl === null ? lookupHidden(c.w, c.module, callee.name) : null;
  if (secret?.found.decl.kind === "FuncDecl") {
    reportHidden(c.w, c.module, callee.nameSpan, secret.group, callee.name, secret.found);
    return callValue(c, e, UNKNOWN, null);
  }
  if (decl === null || decl.params.length === 0) {
    noMember(c, callee, t, false);
    return callValue(c, e, UNKNOWN, null);
  }
  const receiver: Arg = { name: null, value: callee.object, span: callee.object.span };
  c.settled.add(callee.object);
  const done = callFunc(c, e, signatureOf(c.w, decl), null, null, hint, [receiver, ...e.args]);
  e.target = { k: "func", decl, impl: null, typeArgs: done.typeArgs, byRef: false };
  e.ordered = done.ordered;
  callee.ref = { k: "func", decl, impl: null, args: done.typeArgs };
  return done.result;
}

/** The same where a function declared in a block, or a variable that holds one, has the name. */
function callLocal(c: Checker, e: Call, callee: Member, hint: Type | null): Type {
  const receiver: Arg = { name: null, value: callee.object, span: callee.object.span };
  const span = callee.nameSpan;
  c.settled.add(callee.object);
  rewrite(e, {
    kind: "Call", callee: { kind: "Name", name: callee.name, span }, args: [receiver, ...e.args], command: e.command,
    ...(e.handled === true ? { handled: true } : {}),
  });
  return inferAnew(c, e, hint);
}

/** How `using` closes a value: its `close`, `unlock` or `release` method; and what that may fail with. */
export function bindCloser(
  c: Checker, t: Type, span: Span,
): { target: CallTarget; errors: ErrorSet | null } | null {
  const self = t.k === "pointer" ? prune(t.to) : t;
  for (const name of ["close", "unlock", "release"]) {
    const method = findOf(c.w, self, "Closeable", name, c.module);
    if (method === null || method.decl.receiver === null || method.decl.params.length !== 1) continue;
    useFunc(c, method.decl);
    const result = prune(signatureOf(c.w, method.decl).result);
    const errors = result.k === "result" ? result.error : null;
    const byRef = method.decl.receiver === "pointer" && (t.k === "struct" || t.k === "any");
    if (method.k === "trait") {
      const made: CallTarget = {
        k: "trait", trait: method.trait.decl, method: name, self, traitArgs: method.trait.args, typeArgs: [], byRef,
      };
      c.records.push(made);
      return { target: made, errors };
    }
    c.lists.push(method.instance.args);
    const target: CallTarget =
      { k: "func", decl: method.decl, impl: implOf(method), typeArgs: method.instance.args, byRef };
    return { target, errors };
  }
  const isOwn = (t.k === "struct" || t.k === "enum") && !c.w.home(t.decl).module.std;
  c.error(span, "J0231", `\`using\` needs something to close, and \`${showType(t)}\` has no \`close\``, {
    hint: closedBy(t, isOwn, c.source.text.slice(span.start, span.end)),
  });
  return null;
}
