// Calls: what is called, with which arguments in which order, and with which types. Promises: every call gets a target
// and its arguments in parameter order, defaults and the receiver filled in; closures among the arguments are checked
// last, when the others have said what their parameters are; a wrong call is reported once, at the argument it is about.
import type { CallTarget, Substitution, Type, VariantRef } from "../syntax/annotations.ts";
import type { Arg, Call, Expr, FuncDecl, Member, Pipe, Span } from "../syntax/ast.ts";
import { checkAtomicOrdering, requireConcurrency } from "./concurrency.ts";
import { coerce, setType } from "./coerce.ts";
import { checkDefault } from "./defaults.ts";
import { type Entity, entityOf, entityType, findVariant, openVariant, variantRef } from "./entities.ts";
import { didYouMean } from "./errors.ts";
import {
  canCast, check, discard, infer, inferOptionalMember, markOwner, markTypes, noMember, reportShort, setHead, unknownName,
} from "./expressions.ts";
import { findMethod, type FoundMethod, methodNames, satisfies } from "./impls.ts";
import { exportedNames, hidden, lookup, reportHidden } from "./modules.ts";
import { checkMutable, notSnapshot } from "./places.ts";
import { argsOf, boundsOf, fieldType, payloadOf, plural, selfParam, signatureOf } from "./resolve.ts";
import { type Checker, tracedVar, useLocal } from "./scope.ts";
import { deferUntilKnown, final, known, useFunc } from "./solve.ts";
import {
  isScalar, optional, pointer, prune, showType, slice, substitute, UNKNOWN, VOID,
} from "./types.ts";
import { freshVar, unify } from "./unify.ts";
import type { ParamInfo, Signature } from "./world.ts";

// ---------------------------------------------------------------- arguments

/** Puts arguments in parameter order; reports what is missing, too much, or misnamed. */
function arrange(
  c: Checker, span: Span, what: string, args: Arg[], params: ParamInfo[], variadic: boolean, declared: Signature | null,
): (Expr | null)[] {
  const fixed = variadic ? params.length - 1 : params.length;
  const slots: (Expr | null)[] = new Array(fixed).fill(null);
  const rest: Expr[] = [];
  let next = 0;
  let named = false;
  let wrong = false;
  const fail = (at: Span, message: string, hint?: string): void => {
    wrong = true;
    c.error(at, "J0208", message, {
      hint,
      notes: declared === null ? []
        : [{ unit: declared.module.source, span: declared.decl.nameSpan, message: "declared here" }],
    });
  };
  let extra = 0;
  for (const arg of args) {
    // `log.info "started", port: 8080`: a name that no parameter has goes with the argument to what takes any
    const label = variadic && arg.name !== null && !params.some((p, i) => i < fixed && p.name === arg.name);
    if (arg.name !== null && !label) {
      named = true;
      const index = params.findIndex((p, i) => i < fixed && p.name === arg.name);
      if (index < 0) {
        fail(arg.span, `${what} has no parameter \`${arg.name}\``, didYouMean(arg.name, params.map((p) => p.name)));
        infer(c, arg.value, null);
      } else if (slots[index] !== null) {
        fail(arg.span, `parameter \`${arg.name}\` is given twice`);
        infer(c, arg.value, null);
      } else {
        slots[index] = arg.value;
      }
      continue;
    }
    while (next < fixed && slots[next] !== null) next++;
    // a trailing closure fills the last parameter, over defaults before it
    const closure = arg.value.kind === "Closure" && arg.value.form !== "func" && arg === args[args.length - 1];
    if (closure && !variadic && next < fixed && prune(params[next]!.type).k !== "func" &&
      prune(params[fixed - 1]!.type).k === "func" && slots[fixed - 1] === null) {
      slots[fixed - 1] = arg.value;
      continue;
    }
    if (next < fixed) slots[next++] = arg.value;
    else if (variadic) rest.push(arg.value);
    else {
      extra++;
      infer(c, arg.value, null);
    }
  }
  if (extra > 0) {
    const expected = plural(params.length, "argument");
    fail(span, `${what} takes ${params.length === 0 ? "no arguments" : expected}, not ${args.length}`);
  }
  const missing = params.slice(0, fixed).filter((p, i) => slots[i] === null && p.default === null);
  if (missing.length > 0 && !wrong) {
    fail(span, `${what} lacks ${missing.length === 1 ? "the argument" : "the arguments"} ` +
      missing.map((p) => `\`${p.name}: ${showType(p.type)}\``).join(", "),
    named || params.length > 2 ? undefined : `it takes ${plural(fixed, "argument")}`);
  }
  return [...slots, ...rest];
}

/** Checks arranged arguments against parameter types, closures last. Gives them with the defaults filled in. */
function checkArgs(c: Checker, slots: (Expr | null)[], params: ParamInfo[], s: Substitution, sig: Signature | null): Expr[] {
  const typeOf = (i: number): Type => substitute(params[Math.min(i, params.length - 1)]!.type, s);
  const fixed = sig?.variadic ? params.length - 1 : params.length;
  const printable = sig?.variadic === true && params[params.length - 1]!.type === UNKNOWN;
  const later: number[] = [];
  const one = (i: number): void => {
    const arg = slots[i];
    if (arg === null || arg === undefined) return;
    if (i >= fixed && printable) {
      checkPrintable(c, arg);
      return;
    }
    check(c, arg, typeOf(i));
  };
  slots.forEach((arg, i) => {
    if (arg?.kind === "Closure") later.push(i);
    else one(i);
  });
  later.forEach(one);
  const ordered: Expr[] = [];
  slots.forEach((arg, i) => {
    if (arg !== null) ordered.push(arg);
    else if (params[i]?.default) {
      if (sig !== null) checkDefault(c.w, sig, params[i]!);
      ordered.push(params[i]!.default!);
    }
  });
  return ordered;
}

function checkPrintable(c: Checker, arg: Expr): void {
  const t = prune(infer(c, arg, null));
  if (t.k === "void") c.error(arg.span, "J0202", "this gives no value to print");
  else if (t.k === "result") discard(c, arg, t);
  else if (t.k === "null") {
    arg.ty = optional(VOID);
  }
}

/** Bounds are looked at when the body's types are known. */
function laterBounds(c: Checker, span: Span, sig: Signature, s: Substitution): void {
  for (const param of sig.typeParams) {
    const arg = s.get(param);
    if (arg === undefined || param.bounds.length === 0) continue;
    c.atEnd.push(() => {
      const t = final(c, arg);
      for (const bound of boundsOf(c.w, param)) {
        const trait = { decl: bound.decl, args: bound.args.map((a) => final(c, substitute(a, s))) };
        if (satisfies(c.w, t, trait)) continue;
        c.error(span, "J0221", `\`${showType(t)}\` is not \`${bound.decl.name}\`, which \`${sig.decl.name}\` needs`, {
          hint: t.k === "param" ? `bound it: \`[${showType(t)}: ${bound.decl.name}]\``
            : `write \`impl ${bound.decl.name} for ${showType(t)} { … }\``,
          notes: [{ unit: sig.module.source, span: param.span, message: "the bound is declared here" }],
        });
      }
    });
  }
}

/** Lets the place of a call say what its type parameters are, where that cannot mislead. */
function useHint(result: Type, hint: Type | null): void {
  if (hint === null) return;
  let r = prune(result);
  let want = prune(hint);
  if (want.k === "result") want = prune(want.ok);
  if (r.k === "result") r = prune(r.ok);
  if (want.k === "optional" && r.k !== "optional") want = prune(want.of);
  if (r.k === "var" || r.k === "param") return;
  unify(r, want);
}

/** Checks a call of a declared function. `given` are type arguments that are known: the impl's, or written ones. */
export function callFunc(
  c: Checker, e: Call, sig: Signature, given: Type[] | null, receiver: Expr | null, hint: Type | null, args: Arg[],
): { s: Substitution; typeArgs: Type[]; ordered: Expr[]; result: Type } {
  const typeArgs: Type[] = sig.typeParams.map((p, i) => given?.[i] ??
    tracedVar(c, e.callee.span, `type argument \`${p.name}\` of \`${sig.decl.name}\``, genericHint(sig)));
  c.lists.push(typeArgs);
  const s: Substitution = new Map(sig.typeParams.map((p, i) => [p, typeArgs[i]!]));
  const result = substitute(sig.result, s);
  const params = receiver === null ? sig.params : sig.params.slice(1);
  if (typeArgs.length > 0) useHint(result, hint);
  const name = sig.decl.name;
  const slots = arrange(c, e.span, `\`${name}\``, args, params, sig.variadic, sig);
  const ordered = checkArgs(c, slots, params, s, receiver === null ? sig : { ...sig, params });
  laterBounds(c, e.callee.span, sig, s);
  if (sig.decl.isAsync && !c.awaited.has(e)) {
    c.error(e.callee.span, "J0217", `\`${name}\` is an \`async func\`: say how it runs`, {
      label: "called like a plain function",
      hint: `\`await ${name}(…)\` runs it in place, \`spawn ${name}(…)\` starts it as a fiber`,
    });
  }
  if (sig.intrinsic === "channel.new") requireConcurrency(c, e.callee.span, "a channel");
  useFunc(c, sig.decl);
  return { s, typeArgs, ordered: receiver === null ? ordered : [receiver, ...ordered], result };
}

function genericHint(sig: Signature): string {
  return sig.decl.typeParams.length > 0 ? `write it: \`${sig.decl.name}[…](…)\`` : "write the type where it is kept";
}

// ---------------------------------------------------------------- the callee

export function inferCall(c: Checker, e: Call, hint: Type | null): Type {
  const { callee } = e;
  if (callee.kind === "Member" && callee.optional) {
    return inferOptionalMember(c, e, callee, hint);
  }
  if (callee.kind === "ShortVariant") return callShort(c, e, callee.name, hint);
  const entity = entityOf(c, callee);
  if (entity !== null) {
    const t = callEntity(c, e, entity, hint);
    if (t !== null) return setType(c, e, t);
  } else if (callee.kind === "Name") {
    return setType(c, e, callUnknown(c, e, callee.name, callee.span, hint));
  }
  if (callee.kind === "Member" && entity === null) return callNamed(c, e, hint);
  return setType(c, e, callValue(c, e, known(c, infer(c, callee, null)), hint));
}

/** A plain name that nothing declares may still be a variant where one is expected. */
function callUnknown(c: Checker, e: Call, name: string, span: Span, hint: Type | null): Type {
  const want = hint === null ? null : bareNominal(hint);
  if (want !== null) {
    const found = findVariant(want.decl, name);
    if (found !== null) {
      return callVariant(c, e, variantRef(c, want, want.decl, found.decl, name, found.index));
    }
  }
  unknownName(c, span, name, "function");
  setType(c, e.callee, UNKNOWN);
  return callValue(c, e, UNKNOWN, null);
}

function bareNominal(t: Type): Extract<Type, { k: "enum" | "error" }> | null {
  t = prune(t);
  if (t.k === "optional") return bareNominal(t.of);
  if (t.k === "result") return bareNominal(t.ok);
  return t.k === "enum" || t.k === "error" ? t : null;
}

function callEntity(c: Checker, e: Call, entity: Entity, hint: Type | null): Type | null {
  const { callee } = e;
  switch (entity.k) {
    case "local": {
      const sig = c.localFuncs.get(entity.entry.local);
      if (sig === undefined) return null;
      infer(c, callee, null);
      e.target = { k: "value" };
      const slots = arrange(c, e.span, `\`${sig.decl.name}\``, e.args, sig.params, false, sig);
      e.ordered = checkArgs(c, slots, sig.params, new Map(), null);
      return sig.result;
    }
    case "decl": {
      if (entity.decl.kind === "FuncDecl") {
        markCallee(c, callee, entity.decl);
        return target(c, e, callFunc(c, e, signatureOf(c.w, entity.decl), null, null, hint, e.args), entity.decl);
      }
      if (entity.decl.kind === "GlobalDecl") return null;
      return callType(c, e, entity, hint);
    }
    case "func-applied": {
      const sig = signatureOf(c.w, entity.decl);
      if (entity.args.length !== sig.typeParams.length) {
        c.error(callee.span, "J0234", `\`${entity.decl.name}\` takes ${plural(sig.typeParams.length, "type argument")}, ` +
          `not ${entity.args.length}`);
      }
      markCallee(c, callee, entity.decl);
      return target(c, e, callFunc(c, e, sig, entity.args, null, hint, e.args), entity.decl);
    }
    case "variant": {
      let type = entity.type;
      const want = hint === null ? null : bareNominal(hint);
      if (want?.k === "enum" && want.decl === entity.owner && unify(type, want)) type = want;
      const ref = variantRef(c, type, entity.owner, entity.decl, entity.decl.name, entity.index);
      markOwner(c, callee);
      return callVariant(c, e, ref);
    }
    case "assoc": return callAssociated(c, e, entity.type, entity.name, hint);
    case "type": return callType(c, e, entity, hint);
    case "module": {
      // `use std.sync.mutex` hides nothing: a function of the module's own name is what a call means
      const found = callee.kind === "Name" ? moduleFunction(entity, callee.name) : null;
      if (found !== null) {
        markCallee(c, callee, found);
        return target(c, e, callFunc(c, e, signatureOf(c.w, found), null, null, hint, e.args), found);
      }
      c.error(callee.span, "J0231", `\`${entity.group.name}\` is a module and cannot be called`);
      setType(c, callee, VOID);
      return callValue(c, e, UNKNOWN, null);
    }
  }
}

function moduleFunction(entity: Extract<Entity, { k: "module" }>, name: string): FuncDecl | null {
  for (const module of entity.group.parts) {
    const decl = module.names.get(name);
    if (decl?.kind === "FuncDecl" && decl.pub) return decl;
  }
  return null;
}

/** Writes into the callee's name what it names. */
function markCallee(c: Checker, callee: Expr, decl: FuncDecl): void {
  const ref = { k: "func", decl, impl: null, args: [] as Type[] } as const;
  if (callee.kind === "Name" || callee.kind === "Member") {
    callee.ref = ref;
    markOwner(c, callee);
  } else if (callee.kind === "Index") {
    callee.ref = ref;
    if (callee.object.kind === "Name" || callee.object.kind === "Member") callee.object.ref = ref;
    markOwner(c, callee.object);
    setType(c, callee.object, VOID);
    for (const arg of callee.args) markTypes(c, arg);
  }
  setType(c, callee, VOID);
}

type Checked = ReturnType<typeof callFunc>;

function target(c: Checker, e: Call, done: Checked, decl: FuncDecl): Type {
  e.target = { k: "func", decl, impl: null, typeArgs: done.typeArgs, byRef: false };
  e.ordered = done.ordered;
  if (e.callee.kind === "Name" || e.callee.kind === "Member" || e.callee.kind === "Index") {
    e.callee.ref = { k: "func", decl, impl: null, args: done.typeArgs };
  }
  return done.result;
}

/** A type called like a function: a conversion, or a mistake. */
function callType(c: Checker, e: Call, entity: Entity, _hint: Type | null): Type {
  const type = entityType(c, entity, e.callee.span);
  const to = type === null ? null : prune(type);
  if (to !== null && (to.k === "int" || to.k === "float")) {
    setHead(c, e.callee, to);
    if (e.args.length !== 1) {
      c.error(e.span, "J0208", `a conversion to \`${showType(to)}\` takes one value`);
      e.args.forEach((arg) => infer(c, arg.value, null));
      return to;
    }
    const { value } = e.args[0]!;
    const from = known(c, infer(c, value, value.kind === "IntLit" && to.k === "float" ? to : null));
    if (!canCast(c, from, to)) {
      c.error(e.span, "J0232", `\`${showType(from)}\` cannot be converted to \`${showType(to)}\``, {
        hint: from.k === "string" ? "read a number from a text with `.parse_int()` or `.parse_float()`" : undefined,
      });
    }
    e.target = { k: "cast", to };
    e.ordered = [value];
    return to;
  }
  if (to === null) c.error(e.callee.span, "J0231", "this cannot be called");
  else if (to.k !== "unknown") {
    c.error(e.callee.span, "J0231", `\`${showType(to)}\` is a type and cannot be called`, {
      hint: to.k === "struct" ? `write a literal: \`${to.decl.name} { … }\`` : to.k === "string" ? "write `str(…)`" : undefined,
    });
  }
  setType(c, e.callee, UNKNOWN);
  return callValue(c, e, UNKNOWN, null);
}

/** A function value is called. */
function callValue(c: Checker, e: Call, t: Type, hint: Type | null): Type {
  e.target = { k: "value" };
  e.ordered = e.args.map((arg) => arg.value);
  if (t.k === "var" && t.literal === null) {
    // the first call of an unknown function says what it takes
    const params = e.args.map((arg) => infer(c, arg.value, null));
    const result = freshVar();
    unify(t, { k: "func", params, result });
    return result;
  }
  if (t.k !== "func") {
    if (t.k !== "unknown") {
      c.error(e.callee.span, "J0231", `\`${showType(t)}\` cannot be called`, {
        hint: t.k === "optional" ? "it may be null: take the function out with `.?` or `if let`" : undefined,
      });
    }
    e.args.forEach((arg) => infer(c, arg.value, null));
    return UNKNOWN;
  }
  const params = t.params.map((type, i): ParamInfo => ({ name: `${i + 1}`, type, default: null }));
  useHint(t.result, hint);
  for (const arg of e.args) {
    if (arg.name !== null) c.error(arg.span, "J0208", "the parameters of a function value have no names");
  }
  const slots = arrange(c, e.span, "this function", e.args.map((a) => ({ ...a, name: null })), params, false, null);
  e.ordered = checkArgs(c, slots, params, new Map(), null);
  return t.result;
}

// ---------------------------------------------------------------- variants

function callShort(c: Checker, e: Call, name: string, hint: Type | null): Type {
  const want = hint === null ? null : bareNominal(hint);
  const found = want === null ? null : findVariant(want.decl, name);
  if (want === null || found === null) {
    reportShort(c, e.callee.span, name, want);
    setType(c, e.callee, UNKNOWN);
    return setType(c, e, callValue(c, e, UNKNOWN, null));
  }
  const ref = variantRef(c, want, want.decl, found.decl, name, found.index);
  if (e.callee.kind === "ShortVariant") e.callee.variant = ref;
  return setType(c, e, callVariant(c, e, ref));
}

/** Checks the payload of a variant that is already known. */
export function callVariantNamed(c: Checker, e: Call, ref: VariantRef): void {
  if (e.callee.kind === "ShortVariant") e.callee.variant = ref;
  setType(c, e, callVariant(c, e, ref));
}

function callVariant(c: Checker, e: Call, ref: VariantRef): Type {
  if (e.callee.kind === "Name" || e.callee.kind === "Member") e.callee.ref = { k: "variant", variant: ref };
  setType(c, e.callee, ref.type);
  e.target = { k: "variant", variant: ref };
  const payload = ref.owner === null || ref.decl === null ? { kind: "none" as const } : payloadOf(c.w, ref.owner, ref.decl);
  const s = argsOf(prune(ref.type));
  const params: ParamInfo[] = payload.kind === "tuple"
    ? payload.types.map((type, i) => ({ name: `${i + 1}`, type: substitute(type, s), default: null }))
    : payload.kind === "fields"
      ? payload.fields.map((f) => ({ name: f.name, type: substitute(f.type, s), default: f.decl.default })) : [];
  const slots = arrange(c, e.span, `\`${ref.name}\``, e.args, params, false, null);
  e.ordered = checkArgs(c, slots, params, new Map(), null);
  return ref.type;
}

// ---------------------------------------------------------------- methods

/** `Type.f(…)`: a function of the type, or a method with its receiver written as an argument. */
function callAssociated(c: Checker, e: Call, type: Type, name: string, hint: Type | null): Type {
  const callee = e.callee as Member;
  const t = prune(type);
  markOwner(c, callee);
  setType(c, callee, VOID);
  if (t.k === "unknown") return callValue(c, e, UNKNOWN, null);
  const method = findMethod(c.w, t, name);
  if (method === null) {
    const variants = t.k === "enum" || t.k === "error" ? t.decl.variants.map((v) => v.name) : [];
    c.error(callee.nameSpan, "J0209", `\`${showType(t)}\` has no function \`${name}\``, {
      hint: didYouMean(name, [...variants, ...methodNames(c.w, t)]),
    });
    return callValue(c, e, UNKNOWN, null);
  }
  const { done, target: made } = callMethod(c, e, method, t, null, hint);
  e.target = made;
  e.ordered = done.ordered;
  callee.ref = { k: "func", decl: method.decl, impl: implOf(method), args: done.typeArgs };
  return done.result;
}

function implOf(method: FoundMethod) {
  return method.k === "impl" ? method.instance.impl.decl : null;
}

function callMethod(
  c: Checker, e: Call, method: FoundMethod, self: Type, receiver: Expr | null, hint: Type | null,
): { done: Checked; target: CallTarget } {
  const sig = signatureOf(c.w, method.decl);
  if (method.k === "impl") {
    const done = callFunc(c, e, sig, method.instance.args, receiver, hint, e.args);
    return {
      done,
      target: { k: "func", decl: method.decl, impl: implOf(method), typeArgs: done.typeArgs, byRef: false },
    };
  }
  const done = callFunc(c, e, sig, [self, ...method.trait.args], receiver, hint, e.args);
  const own = done.typeArgs.slice(1 + method.trait.args.length);
  c.lists.push(own, method.trait.args);
  const made: CallTarget = {
    k: "trait", trait: method.trait.decl, method: method.decl.name, self, traitArgs: method.trait.args, typeArgs: own,
    byRef: false,
  };
  c.records.push(made);
  return { done, target: made };
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

/** `x.f(…)`: a field that holds a function, a method, or a function of this name in scope. */
export function callNamed(c: Checker, e: Call, hint: Type | null): Type {
  const callee = e.callee as Member;
  const object = callee.object.kind === "Name" || callee.object.kind === "Member" ? entityOf(c, callee.object) : null;
  if (object?.k === "module") {
    const secret = hidden(object.group, callee.name);
    if (secret !== null) reportHidden(c.w, c.module, callee.nameSpan, object.group, callee.name, secret);
    else {
      c.error(callee.nameSpan, "J0201", `module \`${object.group.name}\` has no \`${callee.name}\``, {
        hint: didYouMean(callee.name, exportedNames(object.group)),
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
    return deferUntilKnown(c, t, callee.object.span, `the value that \`${callee.name}\` is called on`, () =>
      callOn(c, e, callee, prune(object), hint));
  }
  if (t.k === "unknown" || t.k === "never") return callValue(c, e, UNKNOWN, null);
  const field = fieldType(c.w, t.k === "pointer" ? prune(t.to) : t, callee.name);
  if (field !== null && prune(field.type).k === "func") {
    callee.ty = field.type;
    return callValue(c, e, prune(field.type), hint);
  }
  let self: Type = t;
  let method = findMethod(c.w, t, callee.name);
  if (method === null && t.k === "pointer") {
    self = prune(t.to);
    method = findMethod(c.w, self, callee.name);
  }
  if (method === null && t.k === "array") {
    self = slice(t.of);
    method = findMethod(c.w, self, callee.name);
  }
  if (method !== null && method.decl.receiver === null) {
    c.error(callee.nameSpan, "J0231", `\`${callee.name}\` is a function of the type, not a method`, {
      hint: `write \`${showType(self)}.${callee.name}(…)\``,
    });
    return callValue(c, e, UNKNOWN, null);
  }
  if (method === null) return callFree(c, e, callee, t, hint);
  const { done, target: made } = callMethod(c, e, method, self, callee.object, hint);
  e.target = made;
  e.ordered = done.ordered;
  passReceiver(c, e, callee, t, self, method, made);
  if (self.k === "builtin" && self.decl.name === "Atomic") checkAtomicOrdering(c, e, callee.name);
  return done.result;
}

/** Makes the receiver fit `self` or `self: *T`. */
function passReceiver(
  c: Checker, e: Call, callee: Member, t: Type, self: Type, method: FoundMethod, made: CallTarget,
): void {
  const object = callee.object;
  if (method.decl.receiver === "value") {
    if (t.k === "result") {
      const sig = signatureOf(c.w, method.decl);
      if (prune(sig.params[0]!.type).k !== "result") coerce(c, object, t, self);
    } else if (t !== self) {
      coerce(c, object, t, self);
    }
    if (changesReceiver(self, callee.name)) notSnapshot(c, object, callee.span, "this changes");
    return;
  }
  if (t.k === "pointer") {
    notSnapshot(c, object, callee.span, `\`${callee.name}\` changes`);
    return;
  }
  const place = object.kind === "Name" || object.kind === "Member" || object.kind === "Index" || object.kind === "Deref";
  if (!place) return;
  if (!checkMutable(c, object, callee.span, `\`${callee.name}\` changes`)) return;
  if (t.k === "struct" || t.k === "param") {
    if (made.k === "func" || made.k === "trait") made.byRef = true;
    return;
  }
  // no struct: its variable becomes a cell, and the method gets a reference to it
  if (object.kind === "Name" && object.ref?.k === "local") {
    c.assigned.add(object.ref.local);
    object.ref.local.captured = true;
    useLocal(c, object.ref.local);
  }
  const reference: Expr = { kind: "AddressOf", operand: object, span: object.span };
  setType(c, reference, pointer(t));
  e.ordered![0] = reference;
}

/** `x.f(y)` where no method is called f: the function `f(x, y)`. */
function callFree(c: Checker, e: Call, callee: Member, t: Type, hint: Type | null): Type {
  const found = lookup(c.w, c.module, callee.name);
  const decl = found?.k === "decl" && found.decl.kind === "FuncDecl" ? found.decl
    : found?.k === "module" ? moduleFunction({ k: "module", group: found.group }, callee.name) : null;
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

/** How `using` closes a value: its `close`, `unlock` or `release` method. */
export function bindCloser(c: Checker, t: Type, span: Span): CallTarget | null {
  const self = t.k === "pointer" ? prune(t.to) : t;
  for (const name of ["close", "unlock", "release"]) {
    const method = findMethod(c.w, self, name);
    if (method === null || method.decl.receiver === null || method.decl.params.length !== 1) continue;
    useFunc(c, method.decl);
    const byRef = method.decl.receiver === "pointer" && t.k === "struct";
    if (method.k === "trait") {
      const made: CallTarget = {
        k: "trait", trait: method.trait.decl, method: name, self, traitArgs: method.trait.args, typeArgs: [], byRef,
      };
      c.records.push(made);
      return made;
    }
    c.lists.push(method.instance.args);
    return { k: "func", decl: method.decl, impl: implOf(method), typeArgs: method.instance.args, byRef };
  }
  c.error(span, "J0231", `\`using\` needs something to close, and \`${showType(t)}\` has no \`close\``, {
    hint: `write \`impl Closeable for ${showType(t)} { func close(self) do … end }\``,
  });
  return null;
}

// ---------------------------------------------------------------- pipes

/** `x |> f(y)` is `f(x, y)`, `x |> f` is `f(x)`. */
export function inferPipe(c: Checker, e: Pipe, hint: Type | null): Type {
  const first: Arg = { name: null, value: e.left, span: e.left.span };
  const { right } = e;
  const call: Call = right.kind === "Call"
    ? { ...right, args: [first, ...right.args], span: e.span }
    : { kind: "Call", callee: right, args: [first], command: false, span: e.span };
  e.call = call;
  if (c.awaited.has(e)) c.awaited.add(call);
  const t = infer(c, call, hint);
  if (right.kind === "Call") setType(c, right, VOID);
  return setType(c, e, t);
}

