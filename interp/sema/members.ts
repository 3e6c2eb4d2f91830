// Members and elements: `a.b`, `a?.b`, `a[i]`, `Type.name`. Promises: what only reads like a field or an element and
// is a call (`ch.len`, `m[k]`) becomes one in the tree; what is no member is reported with what may have been meant.
import type { Expr, Index, Member, Type } from "../syntax/ast.ts";
import { ownOrOnly } from "./ambiguity.ts";
import { findMethod, methodNames } from "./candidates.ts";
import { inferOptionalMember } from "./chaining.ts";
import { coerce, setType } from "./coerce.ts";
import { noteInstance } from "./instances.ts";
import { entityOf, entityType } from "./entities.ts";
import { didYouMean } from "./errors.ts";
import { methodValue, traitValue } from "./function-values.ts";
import { infer } from "./infer.ts";
import { callNamed } from "./methods.ts";
import { MODULE_MEMBERS } from "./habits.ts";
import { noMember, reportHiddenMethod } from "./missing.ts";
import { preludeDecl } from "./modules.ts";
import { entityValue, markOwner, markTypes } from "./names.ts";
import { forgetNames, narrowedRead } from "./narrowing.ts";
import { lendElements } from "./roots.ts";
import type { Checker } from "./scope.ts";
import { aroundArgs, fieldType, signatureOf } from "./shapes.ts";
import { deferUntilKnown, known, useFunc } from "./solve.ts";
import { alwaysThere } from "./std-names.ts";
import {
  func, I64, isInteger, LENGTHS, prune, showType, slice, STRING, substitute, U8, UNKNOWN, VOID,
} from "./types.ts";
import { freshVar } from "./unify.ts";
import { exportedNames, hidden, reportHidden } from "./units.ts";
import { reportHiddenField, seesField } from "./visibility.ts";
import { changedNames, rewrite } from "./walk.ts";
import type { ModuleGroup } from "./world.ts";

export function inferIndex(c: Checker, e: Index, hint: Type | null): Type {
  const entity = entityOf(c, e);
  if (entity?.k === "func-applied") {
    const signature = signatureOf(c.w, entity.decl);
    const args = [...aroundArgs(signature), ...entity.args];
    c.lists.push(args);
    noteInstance(c, entity.decl, args, e.span);
    e.ref = { k: "func", decl: entity.decl, impl: null, args };
    useFunc(c, entity.decl);
    setType(c, e.object, VOID);
    if (e.object.kind === "Name" || e.object.kind === "Member") e.object.ref = e.ref;
    e.args.forEach((arg) => markTypes(c, arg));
    const s = new Map(signature.typeParams.map((p, i) => [p, args[i] ?? UNKNOWN]));
    return setType(c, e, substitute(func(signature.params.map((p) => p.type), signature.result), s));
  }
  if (entity !== null && entity.k !== "variant") {
    const t = entityType(c, entity, e.span);
    c.error(e.span, "J0237", t === null ? "this is no value" : `\`${showType(t)}\` is a type, not a value`);
    return setType(c, e, UNKNOWN);
  }
  const object = known(c, infer(c, e.object, null));
  return setType(c, e, elementType(c, e, object, hint));
}

/** The type of `object[args]`, with the arguments checked. */
function elementType(c: Checker, e: Index, object: Type, hint: Type | null): Type {
  const arg = e.args[0];
  if (object.k === "var" && object.literal === null) {
    // its arguments are checked later, and evaluated here
    forgetNames(c, changedNames(e.args).assigned);
    return deferUntilKnown(c, object, e.object.span, "what is indexed here", () =>
      elementType(c, e, prune(object), hint));
  }
  if (e.args.length !== 1 || arg === undefined) {
    if (object.k !== "unknown") c.error(e.span, "J0208", "one index is needed");
    e.args.forEach((a) => infer(c, a, null));
    return UNKNOWN;
  }
  if (object.k === "pointer") object = prune(object.to);
  const isRange = arg.kind === "Range";
  if (object.k === "builtin" && object.decl.name === "Map" && object.decl === preludeDecl(c.w, "Map")) {
    // `m[k]` is `m.get(k)`: the tree is made to say so
    const callee: Member = {
      kind: "Member", object: e.object, name: "get", nameSpan: e.span, optional: false, span: e.span,
    };
    const call = { kind: "Call", callee, args: [{ name: null, value: arg, span: arg.span }], command: false };
    c.settled.add(e.object);
    rewrite(e, call);
    return infer(c, e as Expr, hint);
  }
  refuseNegative(c, e, isRange ? [arg.low, arg.high] : [arg], object);
  if (isRange) arg.open = "both";
  // what has no elements is told, and not its index, too
  if (isRange || !["slice", "array", "string", "tuple"].includes(object.k)) infer(c, arg, null);
  else checkIndexValue(c, arg);
  switch (object.k) {
    case "slice": return isRange ? object : object.of;
    case "array":
      if (!isRange) return object.of;
      lendElements(e.object);
      return slice(object.of);
    case "string": return isRange ? STRING : U8;
    case "tuple": {
      if (arg.kind === "IntLit" && arg.value < BigInt(object.elems.length)) return object.elems[Number(arg.value)]!;
      break;
    }
    case "unknown": return UNKNOWN;
    default:
  }
  c.error(e.span, "J0209", `\`${showType(object)}\` has no elements to index`, {
    hint: object.k === "optional" ? "it may be null: `.?` or `if let` takes the value out" : undefined,
  });
  return UNKNOWN;
}

/** `xs[-1]`, `xs[..-2]`: elsewhere counted from the end, and here always out of bounds. */
function refuseNegative(c: Checker, e: Index, bounds: (Expr | null)[], object: Type): void {
  if (!["slice", "array", "string"].includes(object.k)) return;
  const found = bounds.find((bound) => bound?.kind === "Unary" && bound.op === "-" && bound.operand.kind === "IntLit");
  if (found?.kind !== "Unary" || found.operand.kind !== "IntLit" || found.operand.value === 0n) return;
  const of = c.source.text.slice(e.object.span.start, e.object.span.end);
  c.error(found.span, "J0202", "an index counts from 0, and is never negative", {
    hint: `write \`${of}.len - ${found.operand.text}\` for what is counted from the end`,
  });
}

/** Any integer indexes. */
function checkIndexValue(c: Checker, e: Expr): void {
  const t = known(c, infer(c, e, I64));
  if (t.k === "var") coerce(c, e, t, I64);
  else if (!isInteger(t) && t.k !== "unknown") {
    c.error(e.span, "J0202", `expected an integer as index, found \`${showType(t)}\``);
  }
}

export function inferMember(c: Checker, e: Member, hint: Type | null): Type {
  if (e.optional) {
    return inferOptionalMember(c, e, e, hint);
  }
  const entity = entityOf(c, e);
  if (entity !== null) {
    if (entity.k === "decl") markOwner(c, e);
    if (entity.k === "assoc") return setType(c, e, associated(c, e, entity.type, hint));
    if (entity.k === "of-trait") return setType(c, e, traitValue(c, e, entity, hint));
    return setType(c, e, entityValue(c, e, entity, hint));
  }
  const object = e.object.kind === "Name" || e.object.kind === "Member" ? entityOf(c, e.object) : null;
  if (object?.k === "module") {
    reportNoModuleMember(c, e, object.group);
    markOwner(c, e);
    return setType(c, e, UNKNOWN);
  }
  const t = memberType(c, e, infer(c, e.object, null));
  return setType(c, e, e.kind === "Member" ? narrowedRead(c, e, t) : t);
}

/** `Type.name` that is no variant: a function of the type as a value. */
function associated(c: Checker, e: Member, type: Type, hint: Type | null): Type {
  const t = prune(type);
  if (t.k === "unknown") return UNKNOWN;
  const method = ownOrOnly(c, e, t, e.name);
  if (method?.k === "trait") return methodValue(c, e, t, method, hint);
  markOwner(c, e);
  if (method?.k === "impl") {
    const signature = signatureOf(c.w, method.decl);
    const own: Type[] = method.decl.typeParams.map(() => freshVar());
    const args = [...method.instance.args, ...own];
    c.lists.push(args);
    noteInstance(c, method.decl, args, e.span);
    e.ref = { k: "func", decl: method.decl, impl: method.instance.impl.decl, args };
    useFunc(c, method.decl);
    const s = new Map(signature.typeParams.map((p, i) => [p, args[i]!]));
    return substitute(func(signature.params.map((p) => p.type), signature.result), s);
  }
  if (reportHiddenMethod(c, e.nameSpan, t, e.name)) return UNKNOWN;
  const names = t.k === "enum" || t.k === "error" ? t.decl.variants.map((v) => v.name) : [];
  c.error(e.nameSpan, "J0209", `\`${showType(t)}\` has no ${names.length > 0 ? "variant or function" : "function"} ` +
    `\`${e.name}\``, { hint: didYouMean(e.name, [...names, ...methodNames(c.w, t, c.module)]) });
  return UNKNOWN;
}

function reportNoModuleMember(c: Checker, e: Member, group: ModuleGroup): void {
  const secret = hidden(group, e.name);
  if (secret !== null) return reportHidden(c.w, c.module, e.nameSpan, group, e.name, secret);
  c.error(e.nameSpan, "J0201", `module \`${group.name}\` has no \`${e.name}\``, {
    hint: MODULE_MEMBERS.get(`${group.name.replace(/^std\./, "")}.${e.name}`) ?? alwaysThere(c.w, c.module, e.name) ??
      didYouMean(e.name, exportedNames(group)),
  });
}

/** Methods of std that may be read like fields. */
const PROPERTIES = new Set(["len", "cap", "token"]);

/** The type of `value.name`: a field, `len`, a tuple's element, or a method without arguments read like a field. */
function memberType(c: Checker, e: Member, object: Type): Type {
  let t = known(c, object);
  if (t.k === "var" && t.literal === null) {
    return deferUntilKnown(c, t, e.object.span, `the value whose \`${e.name}\` is read`, () =>
      memberType(c, e, prune(object)));
  }
  if (t.k === "unknown") return UNKNOWN;
  if (t.k === "pointer") t = prune(t.to);
  const field = fieldType(c.w, t, e.name);
  if (field !== null) {
    if (t.k === "struct" && !seesField(c.w, t.decl, field.decl, c.module)) {
      reportHiddenField(c, e.nameSpan, t.decl, field);
    }
    return field.type;
  }
  if (e.name === "len" && LENGTHS.has(t.k)) return I64;
  if (t.k === "tuple" && /^\d+$/.test(e.name)) {
    const elem = t.elems[Number(e.name)];
    if (elem !== undefined) return elem;
  }
  const method = findMethod(c.w, t.k === "array" ? slice(t.of) : t, e.name, c.module);
  const isProperty = method !== null && PROPERTIES.has(e.name) && method.decl.params.length === 1 &&
    c.w.home(method.decl).module.std;
  if (isProperty) {
    // `ch.len` reads like a field and is a call
    const callee: Member = { ...e };
    c.settled.add(e.object);
    rewrite(e, { kind: "Call", callee, args: [], command: false });
    return callNamed(c, e as unknown as Extract<Expr, { kind: "Call" }>, null);
  }
  noMember(c, e, t, method !== null);
  return UNKNOWN;
}
