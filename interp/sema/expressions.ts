// Expressions: gives every one its type, in two directions. `infer` finds a type from the inside (a hint may help, and
// is not enforced); `check` asks for a type from the outside and records the conversion. Promises: every node gets a
// `ty`, after an error `unknown`, which nothing complains about. After Pierce and Turner, "Local Type Inference".
import type { Type } from "../syntax/annotations.ts";
import type {
  ArrayLit, Closure, Expr, Index, InterpString, IntLit, MapLit, Member, Name, Range, ShortVariant, Span, StructLit,
  TupleLit,
} from "../syntax/ast.ts";
import { inferCall, inferPipe, callNamed } from "./calls.ts";
import { coerce, setType, wouldFit } from "./coerce.ts";
import {
  inferAwait, inferNursery, inferSelect, inferShield, inferSpawn, inferYield,
} from "./concurrency.ts";
import {
  checkBlockAs, DISCARD, inferBlock, inferBreak, inferCatch, inferFail, inferIf, inferMatch, inferPropagate,
  inferReturn,
} from "./control.ts";
import { inferClosure } from "./closures.ts";
import {
  type Entity, entityOf, entityType, findVariant, freshNominal, openVariant, variantRef,
} from "./entities.ts";
import { didYouMean } from "./errors.ts";
import { globalType } from "./globals.ts";
import { findMethod, methodNames } from "./impls.ts";
import { exportedNames, hidden, preludeDecl, reportHidden, visibleNames } from "./modules.ts";
import { inferBinary, inferUnary } from "./operators.ts";
import { addressOf } from "./places.ts";
import { argsOf, checkBounds, fieldsOf, fieldType, payloadOf, plural, resolveType, signatureOf } from "./resolve.ts";
import { type Checker, localNames, tracedVar, useLocal } from "./scope.ts";
import { deferUntilKnown, known, useFunc } from "./solve.ts";
import {
  BOOL, F64, func, I64, isInteger, maybeNullable, NEVER, NULL, optional, prune, RANGE, showType, slice, STRING,
  substitute, tuple, U8, UNKNOWN, VOID, zonk,
} from "./types.ts";
import { freshVar, unify } from "./unify.ts";
import { rewrite } from "./walk.ts";
import type { ModuleGroup } from "./world.ts";

// ---------------------------------------------------------------- the two directions

/** Checks an expression against a type and records how its value is converted. */
export function check(c: Checker, e: Expr, expected: Type, why?: string): Type {
  const want = prune(expected);
  switch (e.kind) {
    case "If": case "Match": case "Block": case "Nursery": case "Shield": case "Select": {
      // a variable still open learns its type from the branches together
      if (want !== DISCARD && want.k === "var") break;
      return checkControl(c, e, want);
    }
    default:
  }
  if (e.kind === "Catch" && (want === DISCARD || (want.k === "result" && prune(want.ok).k === "void"))) {
    inferCatch(c, e, null, true);
    return expected;
  }
  if (want === DISCARD) {
    discard(c, e, infer(c, e, null));
    return VOID;
  }
  const found = infer(c, e, want);
  if (want.k === "result" && prune(want.ok).k === "void" && prune(found).k !== "result") {
    // the end of a function without a value: what its last statement gives is dropped
    if (prune(found).k !== "never") discard(c, e, found);
    return expected;
  }
  coerce(c, e, found, expected, why);
  return expected;
}

/** What a statement's value may be dropped as: anything but an unhandled failure. */
export function discard(c: Checker, e: Expr, t: Type): void {
  const found = prune(t);
  if (found.k !== "result") return;
  c.error(e.span, "J0214", `the result of a call that may fail is dropped: \`${showType(found)}\``, {
    label: "this may fail",
    hint: "pass the error on with `?`, or handle it with `catch` or `match`",
  });
}

type Control = Extract<Expr, { kind: "If" | "Match" | "Block" | "Nursery" | "Shield" | "Select" }>;

function checkControl(c: Checker, e: Control, want: Type): Type {
  switch (e.kind) {
    case "If": return inferIf(c, e, want);
    case "Match": return inferMatch(c, e, want);
    case "Block": return checkBlockAs(c, e, want);
    case "Nursery": return inferNursery(c, e, want);
    case "Shield": return inferShield(c, e, want);
    case "Select": return inferSelect(c, e, want);
  }
}

/** Finds the type of an expression; `hint` is what its place would like. */
export function infer(c: Checker, e: Expr, hint: Type | null): Type {
  // a node that a rewritten parent takes over has been checked already
  if (c.settled.size > 0 && c.settled.has(e) && e.ty !== undefined) return e.ty;
  if (hint !== null) {
    hint = prune(hint);
    if (hint.k === "unknown" || hint.k === "void" || (hint.k === "var" && hint.literal === null)) hint = null;
  }
  switch (e.kind) {
    case "IntLit": return inferInt(c, e, hint, false);
    case "FloatLit": {
      const want = bare(hint);
      return setType(c, e, want?.k === "float" ? want : freshVar("float"));
    }
    case "CharLit": {
      const want = bare(hint);
      return setType(c, e, want?.k === "int" ? want : freshVar("int"));
    }
    case "StringLit": return setType(c, e, STRING);
    case "BoolLit": return setType(c, e, BOOL);
    case "NullLit": {
      const want = hint?.k === "result" ? prune(hint.ok) : hint;
      return setType(c, e, want?.k === "optional" ? want : NULL);
    }
    case "InterpString": return inferInterp(c, e);
    case "Name": return inferName(c, e, hint);
    case "ShortVariant": return inferShortVariant(c, e, hint);
    case "ArrayLit": return inferArray(c, e, hint);
    case "TupleLit": return inferTuple(c, e, hint);
    case "MapLit": return inferMap(c, e, hint);
    case "StructLit": return inferStruct(c, e, hint);
    case "TypeValue":
      resolveType(c.w, e.type, c.typeScope);
      c.error(e.span, "J0237", "a type is no value");
      return setType(c, e, UNKNOWN);
    case "Unary": return inferUnary(c, e, hint);
    case "Binary": return inferBinary(c, e, hint);
    case "Pipe": return inferPipe(c, e, hint);
    case "Range": return inferRange(c, e);
    case "Call": return inferCall(c, e, hint);
    case "Index": return inferIndex(c, e, hint);
    case "Member": return inferMember(c, e, hint);
    case "Unwrap": {
      const t = known(c, infer(c, e.operand, hint === null ? null : optional(hint)));
      if (t.k === "optional") return setType(c, e, t.of);
      if (t.k === "var" && t.literal === null) {
        const of = freshVar();
        unify(t, optional(of));
        return setType(c, e, of);
      }
      if (t.k !== "unknown") {
        c.error(e.span, "J0235", `\`.?\` takes the value out of an optional, and this is \`${showType(t)}\``);
      }
      return setType(c, e, UNKNOWN);
    }
    case "Deref": {
      const t = known(c, infer(c, e.operand, null));
      if (t.k === "pointer") return setType(c, e, t.to);
      if (t.k !== "unknown") {
        c.error(e.span, "J0202", `\`.*\` reads through a reference, and this is \`${showType(t)}\``);
      }
      return setType(c, e, UNKNOWN);
    }
    case "AddressOf": return setType(c, e, addressOf(c, e));
    case "Propagate": return inferPropagate(c, e, hint);
    case "Catch": return inferCatch(c, e, hint);
    case "Cast": return inferCast(c, e);
    case "Closure": return inferClosure(c, e, hint, false);
    case "If": return inferIf(c, e, null, hint);
    case "Match": return inferMatch(c, e, null, hint);
    case "Block": return inferBlock(c, e, hint);
    case "Nursery": return inferNursery(c, e, null, hint);
    case "Spawn": return inferSpawn(c, e);
    case "Await": return inferAwait(c, e, hint);
    case "Select": return inferSelect(c, e, null);
    case "Shield": return inferShield(c, e, null, hint);
    case "Yield": return inferYield(c, e);
    case "Fail": return inferFail(c, e);
    case "Return": return inferReturn(c, e);
    case "Break": case "Continue": return inferBreak(c, e);
    case "ErrorExpr": return setType(c, e, UNKNOWN);
  }
}

/** The number type inside `?T` and `T ! E`, which a literal there takes. */
function bare(t: Type | null): Type | null {
  while (t !== null && (t.k === "optional" || t.k === "result")) t = prune(t.k === "optional" ? t.of : t.ok);
  return t;
}

// ---------------------------------------------------------------- literals

/** An integer literal; where a float is wanted it is one (`2 * x`), and the tree then says so. */
export function inferInt(c: Checker, e: IntLit, hint: Type | null, negative: boolean): Type {
  const want = bare(hint);
  if (want?.k === "float" || (want?.k === "var" && want.literal === "float")) {
    rewrite(e, { kind: "FloatLit", value: Number(e.value), text: e.text });
    return setType(c, e, want);
  }
  if (negative || e.value > 127n) c.literals.push({ e, negative });
  if (want?.k === "int") return setType(c, e, want);
  return setType(c, e, freshVar("int"));
}

function inferInterp(c: Checker, e: InterpString): Type {
  for (const part of e.parts) {
    if (typeof part === "string") continue;
    const t = prune(infer(c, part.expr, null));
    if (t.k === "void") c.error(part.expr.span, "J0202", "this gives no value to print");
    if (t.k === "result") discard(c, part.expr, t);
  }
  return setType(c, e, STRING);
}

function inferArray(c: Checker, e: ArrayLit, hint: Type | null): Type {
  const want = bareUntil(hint, "slice", "array");
  const of = want?.k === "slice" || want?.k === "array"
    ? want.of : tracedVar(c, e.span, "the element type of this array", "write it: `let xs: []T = []`");
  // a first null says that the elements are optional, whatever comes after it
  if (prune(of).k === "var" && e.elems.some((elem) => elem.kind === "NullLit")) unify(of, optional(freshVar()));
  for (const elem of e.elems) check(c, elem, of);
  if (want?.k === "array") {
    if (want.length !== e.elems.length) {
      c.error(e.span, "J0202", `expected ${plural(want.length, "element")}, found ${e.elems.length}`, {
        label: `this has ${plural(e.elems.length, "element")}`,
      });
    }
    return setType(c, e, want);
  }
  return setType(c, e, slice(of));
}

/** Looks through `?T` and `T ! E` for a type of one of two kinds. */
function bareUntil(t: Type | null, a: Type["k"], b: Type["k"]): Type | null {
  t = t === null ? null : prune(t);
  if (t === null || t.k === a || t.k === b) return t;
  if (t.k === "optional") return bareUntil(t.of, a, b);
  if (t.k === "result") return bareUntil(t.ok, a, b);
  return null;
}

function inferTuple(c: Checker, e: TupleLit, hint: Type | null): Type {
  const want = bareUntil(hint, "tuple", "tuple");
  if (e.elems.length === 0) return setType(c, e, VOID);
  if (want?.k === "tuple" && want.elems.length === e.elems.length) {
    e.elems.forEach((elem, i) => check(c, elem, want.elems[i]!));
    return setType(c, e, want);
  }
  const elems = e.elems.map((elem) => {
    const t = infer(c, elem, null);
    if (prune(t).k !== "null") return t;
    const of = optional(tracedVar(c, elem.span, "the type of this null", "write it: `let x: ?T = null`"));
    coerce(c, elem, t, of);
    return of;
  });
  return setType(c, e, tuple(elems));
}

function inferMap(c: Checker, e: MapLit, hint: Type | null): Type {
  const decl = preludeDecl(c.w, "Map");
  if (decl?.kind !== "StructDecl") {
    c.error(e.span, "J0225", "std has no Map to make this of");
    return setType(c, e, UNKNOWN);
  }
  const want = bareUntil(hint, "builtin", "builtin");
  const key = want?.k === "builtin" && want.decl === decl ? want.args[0]!
    : tracedVar(c, e.span, "the key type of this map", "write it: `let m: Map[K, V] = {}`");
  const value = want?.k === "builtin" && want.decl === decl ? want.args[1]! : freshVar();
  for (const entry of e.entries) {
    check(c, entry.key, key);
    check(c, entry.value, value);
  }
  return setType(c, e, { k: "builtin", decl, args: [key, value] });
}

/** Checks the fields of a literal against those declared, and says which are missing. */
export function checkFields(
  c: Checker, e: StructLit, what: string, declared: { name: string; type: Type; optional: boolean }[], span: Span,
): void {
  const given = new Set<string>();
  let misspelt = false;
  for (const field of e.fields) {
    const info = declared.find((d) => d.name === field.name);
    if (info === undefined) {
      c.error(field.span, "J0222", `\`${what}\` has no field \`${field.name}\``, {
        hint: didYouMean(field.name, declared.map((d) => d.name)),
      });
      infer(c, field.value, null);
      misspelt = true;
      continue;
    }
    if (given.has(field.name)) c.error(field.span, "J0222", `field \`${field.name}\` is given twice`);
    given.add(field.name);
    check(c, field.value, info.type);
  }
  if (e.spread !== null) return;
  const missing = declared.filter((d) => !given.has(d.name) && !d.optional).map((d) => `\`${d.name}\``);
  // the field that is missing is then the one that was meant
  if (missing.length > 0 && !misspelt) {
    c.error(span, "J0222", `\`${what}\` lacks ${missing.length === 1 ? "the field" : "the fields"} ${missing.join(", ")}`);
  }
}

function inferStruct(c: Checker, e: StructLit, hint: Type | null): Type {
  const want = bare(hint);
  if (e.head.kind === "ShortVariant") {
    const name = e.head.name;
    const found = want?.k === "enum" || want?.k === "error" ? findVariant(want.decl, name) : null;
    if (found === null || (want?.k !== "enum" && want?.k !== "error")) {
      reportShort(c, e.span, name, want);
      for (const field of e.fields) infer(c, field.value, null);
      return setType(c, e, UNKNOWN);
    }
    return variantLiteral(c, e, want, found.index);
  }
  const entity = entityOf(c, e.head);
  if (entity?.k === "variant") {
    let type = entity.type;
    if (want?.k === "enum" && want.decl === entity.owner) type = unify(type, want) ? want : type;
    return variantLiteral(c, e, type, entity.index);
  }
  const type = entity === null ? null : entityType(c, entity, e.head.span);
  const t = type === null ? null : prune(type);
  if (t === null || (t.k !== "struct" && t.k !== "unknown")) {
    if (t === null && entity === null) infer(c, e.head, null);
    else c.error(e.head.span, "J0234", t === null ? "this is no struct type" : `\`${showType(t)}\` is no struct`);
    for (const field of e.fields) infer(c, field.value, null);
    if (e.spread !== null) infer(c, e.spread, null);
    return setType(c, e, UNKNOWN);
  }
  setHead(c, e.head, t);
  if (t.k === "unknown") {
    for (const field of e.fields) infer(c, field.value, null);
    return setType(c, e, UNKNOWN);
  }
  if (want?.k === "struct" && want.decl === t.decl) unify(t, want);
  if (e.spread !== null) check(c, e.spread, t);
  requireBounds(c, t, e.head.span);
  const s = argsOf(t);
  checkFields(c, e, t.decl.name, fieldsOf(c.w, t.decl).map((f) => ({
    name: f.name, type: substitute(f.type, s), optional: f.decl.default !== null,
  })), e.head.span);
  return setType(c, e, t);
}

/** The type arguments of a literal are looked at when they are known. */
function requireBounds(c: Checker, t: Type, span: Span): void {
  if (t.k !== "struct" || t.decl.typeParams.every((p) => p.bounds.length === 0)) return;
  c.atEnd.push(() => {
    c.w.late.push(() => checkBounds(c.w, c.module, t.decl, t.args.map((a) => zonk(a)), span));
  });
}

/** Marks a type's name in expression position as what it is. */
export function setHead(c: Checker, e: Expr, t: Type): void {
  if (e.kind === "Name" || e.kind === "Member" || e.kind === "Index") {
    const ref = { k: "type", type: t } as const;
    e.ref = ref;
    c.records.push(ref);
    if (e.kind === "Index") {
      setType(c, e.object, VOID);
      if (e.object.kind === "Name" || e.object.kind === "Member") e.object.ref = ref;
      for (const arg of e.args) markTypes(c, arg);
    }
  }
  markModules(c, e);
  setType(c, e, VOID);
}

/** The object of `module.name` names a module. */
function markModules(c: Checker, e: Expr): void {
  if (e.kind !== "Member") return;
  if (e.object.kind === "Name" && e.object.ref === undefined) {
    const entity = entityOf(c, e.object);
    if (entity?.k === "module") e.object.ref = { k: "module", name: entity.group.name };
    setType(c, e.object, VOID);
  }
}

/** Type arguments written as expressions get a type too, that of nothing. */
export function markTypes(c: Checker, e: Expr): void {
  const entity = entityOf(c, e);
  const t = entity === null ? null : entityType(c, entity, e.span);
  if (e.kind === "Name" || e.kind === "Member" || e.kind === "Index") {
    const ref = { k: "type", type: t ?? UNKNOWN } as const;
    e.ref = ref;
    c.records.push(ref);
  }
  setType(c, e, VOID);
  if (e.kind === "Index") {
    markTypes(c, e.object);
    e.args.forEach((arg) => markTypes(c, arg));
  } else if (e.kind === "Member") {
    markModules(c, e);
  } else if (e.kind === "TupleLit") {
    e.elems.forEach((elem) => markTypes(c, elem));
  }
}

function variantLiteral(c: Checker, e: StructLit, type: Type, index: number): Type {
  if (type.k !== "enum" && type.k !== "error") return setType(c, e, UNKNOWN);
  const decl = type.decl.variants[index]!;
  const ref = variantRef(c, type, type.decl, decl, decl.name, index);
  e.variant = ref;
  if (e.head.kind === "ShortVariant") e.head.variant = ref;
  else if (e.head.kind === "Member" || e.head.kind === "Name") e.head.ref = { k: "variant", variant: ref };
  setType(c, e.head, type);
  markOwner(c, e.head);
  const payload = payloadOf(c.w, type.decl, decl);
  if (payload.kind !== "fields") {
    c.error(e.span, "J0222", `\`${decl.name}\` has no named fields`, {
      hint: payload.kind === "none" ? `write \`.${decl.name}\`` : `write \`.${decl.name}(…)\``,
    });
    for (const field of e.fields) infer(c, field.value, null);
    return setType(c, e, type);
  }
  const s = argsOf(type);
  checkFields(c, e, decl.name, payload.fields.map((f) => ({
    name: f.name, type: substitute(f.type, s), optional: f.decl.default !== null,
  })), e.head.span);
  return setType(c, e, type);
}

/** The `E` of `E.A`, and the module of `m.E.A`. */
export function markOwner(c: Checker, e: Expr): void {
  if (e.kind !== "Member") return;
  const entity = entityOf(c, e.object);
  if (entity === null) return;
  if (entity.k === "module") {
    if (e.object.kind === "Name") e.object.ref = { k: "module", name: entity.group.name };
    setType(c, e.object, VOID);
    return;
  }
  const t = entityType(c, entity, e.object.span);
  if (t !== null) setHead(c, e.object, t);
}

// ---------------------------------------------------------------- names

function inferName(c: Checker, e: Name, hint: Type | null): Type {
  const entity = entityOf(c, e);
  if (entity === null) {
    const variant = variantByHint(c, e.name, hint);
    if (variant !== null) {
      e.ref = { k: "variant", variant };
      return setType(c, e, variant.type);
    }
    unknownName(c, e.span, e.name);
    return setType(c, e, UNKNOWN);
  }
  return setType(c, e, entityValue(c, e, entity));
}

/** Reports a name that nothing declares. */
export function unknownName(c: Checker, span: Span, name: string, noun = "name"): void {
  c.error(span, "J0201", `there is no ${noun} \`${name}\` in scope`, {
    hint: didYouMean(name, [...localNames(c), ...visibleNames(c.w, c.module)]),
  });
}

/** `NotFound` alone, where an enum or error set that has it is expected. */
function variantByHint(c: Checker, name: string, hint: Type | null) {
  const want = bare(hint);
  if (want?.k === "enum" || want?.k === "error") {
    const found = findVariant(want.decl, name);
    if (found !== null) return variantRef(c, want, want.decl, found.decl, name, found.index);
  }
  if (want?.k === "error-any" && /^[A-Z]/.test(name)) return openVariant(c, name);
  return null;
}

/** The value of what a name names. */
function entityValue(c: Checker, e: Name | Member, entity: Entity): Type {
  switch (entity.k) {
    case "local": {
      const local = entity.entry.local;
      e.ref = { k: "local", local };
      useLocal(c, local);
      const narrowed = c.narrowed.get(local);
      if (narrowed === undefined) return local.ty;
      if (maybeNullable(narrowed)) {
        // the optional of an optional is boxed: what is known not to be null must still be taken out
        const operand = { ...e, ty: local.ty };
        c.typed.push(operand);
        rewrite(e, { kind: "Unwrap", operand });
      }
      return narrowed;
    }
    case "decl": {
      const { decl } = entity;
      if (decl.kind === "GlobalDecl") {
        e.ref = { k: "global", decl };
        useFunc(c, decl);
        return globalType(c.w, decl);
      }
      if (decl.kind === "FuncDecl") {
        const signature = signatureOf(c.w, decl);
        const args: Type[] = signature.typeParams.map((p) =>
          tracedVar(c, e.span, `type argument \`${p.name}\` of \`${decl.name}\``, `write it: \`${decl.name}[…]\``));
        c.lists.push(args);
        e.ref = { k: "func", decl, impl: null, args };
        useFunc(c, decl);
        const s = new Map(signature.typeParams.map((p, i) => [p, args[i]!]));
        if (signature.variadic) {
          c.error(e.span, "J0237", `\`${decl.name}\` takes any number of arguments and cannot be used as a value`);
          return UNKNOWN;
        }
        return substitute(func(signature.params.map((p) => p.type), signature.result), s);
      }
      break;
    }
    case "variant": {
      const { type, owner, decl, index } = entity;
      const ref = variantRef(c, type, owner, decl, decl.name, index);
      e.ref = { k: "variant", variant: ref };
      markOwner(c, e);
      if (payloadOf(c.w, owner, decl).kind !== "none") needsPayload(c, e.span, decl.name);
      return type;
    }
    default:
  }
  const noun = entity.k === "module" ? "module" : entity.k === "decl" && entity.decl.kind === "TraitDecl" ? "trait" : "type";
  c.error(e.span, "J0237", `\`${e.name}\` is a ${noun}, not a value`, {
    hint: noun === "type" ? `make one: \`${e.name} { … }\`, \`${e.name}.new(…)\`` : undefined,
  });
  return UNKNOWN;
}

function needsPayload(c: Checker, span: Span, name: string): void {
  c.error(span, "J0208", `\`${name}\` carries values, and none are given`, { hint: `write \`${name}(…)\`` });
}

export function reportShort(c: Checker, span: Span, name: string, want: Type | null): void {
  if (want?.k === "enum" || want?.k === "error") {
    c.error(span, "J0201", `\`${want.decl.name}\` has no variant \`${name}\``, {
      hint: didYouMean(name, want.decl.variants.map((v) => v.name)),
      notes: [{
        unit: c.w.home(want.decl).module.source, span: want.decl.nameSpan, message: "declared here",
      }],
    });
  } else {
    c.error(span, "J0220", `the type of \`.${name}\` is not known here`, {
      hint: `write the enum's name before it: \`E.${name}\``,
    });
  }
}

function inferShortVariant(c: Checker, e: ShortVariant, hint: Type | null): Type {
  const want = bare(hint);
  if (want?.k === "error-any") {
    e.variant = openVariant(c, e.name);
    return setType(c, e, want);
  }
  const found = want?.k === "enum" || want?.k === "error" ? findVariant(want.decl, e.name) : null;
  if (found === null || (want?.k !== "enum" && want?.k !== "error")) {
    reportShort(c, e.span, e.name, want);
    return setType(c, e, UNKNOWN);
  }
  e.variant = variantRef(c, want, want.decl, found.decl, e.name, found.index);
  if (payloadOf(c.w, want.decl, found.decl).kind !== "none") needsPayload(c, e.span, `.${e.name}`);
  return setType(c, e, want);
}

// ---------------------------------------------------------------- ranges, elements, members

function inferRange(c: Checker, e: Range): Type {
  if (e.low !== null) check(c, e.low, I64);
  if (e.high !== null) check(c, e.high, I64);
  return setType(c, e, RANGE);
}

/** Any integer indexes. */
function checkIndexValue(c: Checker, e: Expr): void {
  const t = known(c, infer(c, e, I64));
  if (t.k === "var") coerce(c, e, t, I64);
  else if (!isInteger(t) && t.k !== "unknown") {
    c.error(e.span, "J0202", `expected an integer as index, found \`${showType(t)}\``);
  }
}

function inferIndex(c: Checker, e: Index, hint: Type | null): Type {
  const entity = entityOf(c, e);
  if (entity?.k === "func-applied") {
    const signature = signatureOf(c.w, entity.decl);
    c.lists.push(entity.args);
    e.ref = { k: "func", decl: entity.decl, impl: null, args: entity.args };
    useFunc(c, entity.decl);
    setType(c, e.object, VOID);
    if (e.object.kind === "Name" || e.object.kind === "Member") e.object.ref = e.ref;
    e.args.forEach((arg) => markTypes(c, arg));
    const s = new Map(signature.typeParams.map((p, i) => [p, entity.args[i] ?? UNKNOWN]));
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
export function elementType(c: Checker, e: Index, object: Type, hint: Type | null): Type {
  const arg = e.args[0];
  if (object.k === "var") {
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
  if (isRange) infer(c, arg, null);
  else checkIndexValue(c, arg);
  switch (object.k) {
    case "slice": return isRange ? object : object.of;
    case "array": return isRange ? slice(object.of) : object.of;
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

/**
 * `a?.b`: with an optional before it, the member or null; with a result, `(a?).b`. In both cases the tree is made to say
 * so.
 */
export function inferOptionalMember(c: Checker, e: Expr, member: Member, hint: Type | null): Type {
  const t = known(c, infer(c, member.object, null));
  c.settled.add(member.object);
  if (t.k === "result") {
    member.object = { kind: "Propagate", operand: member.object, prefix: false, span: member.object.span };
    member.optional = false;
  } else {
    desugarOptional(e, member);
  }
  return infer(c, e, hint);
}

/** `a?.b` is `if let it = a do it.b else null end`, and the tree is made to say so. */
function desugarOptional(e: Expr, member: Member): void {
  const span = member.object.span;
  const name: Name = { kind: "Name", name: "?.", span };
  const subject = member.object;
  const inner: Member = { ...member, object: name, optional: false };
  const value: Expr = e === member ? inner : { ...(e as Extract<Expr, { kind: "Call" }>), callee: inner };
  const then = { kind: "Block", stmts: [{ kind: "ExprStmt", expr: value, span: e.span }], span: e.span };
  const otherwise = {
    kind: "Block", stmts: [{ kind: "ExprStmt", expr: { kind: "NullLit", span: e.span }, span: e.span }], span: e.span,
  };
  rewrite(e, {
    kind: "If", postfix: false, then, otherwise,
    cond: { kind: "Let", pattern: { kind: "BindPattern", name: "?.", span }, mutable: false, value: subject, span },
  });
}

function reportNoModuleMember(c: Checker, e: Member, group: ModuleGroup): void {
  const secret = hidden(group, e.name);
  if (secret !== null) return reportHidden(c.w, c.module, e.nameSpan, group, e.name, secret);
  c.error(e.nameSpan, "J0201", `module \`${group.name}\` has no \`${e.name}\``, {
    hint: didYouMean(e.name, exportedNames(group)),
  });
}

function inferMember(c: Checker, e: Member, hint: Type | null): Type {
  if (e.optional) {
    return inferOptionalMember(c, e, e, hint);
  }
  const entity = entityOf(c, e);
  if (entity !== null) {
    if (entity.k === "decl") markOwner(c, e);
    if (entity.k === "assoc") return setType(c, e, associated(c, e, entity.type));
    return setType(c, e, entityValue(c, e, entity));
  }
  const object = e.object.kind === "Name" || e.object.kind === "Member" ? entityOf(c, e.object) : null;
  if (object?.k === "module") {
    reportNoModuleMember(c, e, object.group);
    setType(c, e.object, VOID);
    return setType(c, e, UNKNOWN);
  }
  return setType(c, e, memberType(c, e, infer(c, e.object, null)));
}

/** `Type.name` that is no variant: a function of the type as a value. */
function associated(c: Checker, e: Member, type: Type): Type {
  markOwner(c, e);
  const t = prune(type);
  if (t.k === "unknown") return UNKNOWN;
  const method = findMethod(c.w, t, e.name);
  if (method?.k === "impl") {
    const signature = signatureOf(c.w, method.decl);
    const own: Type[] = method.decl.typeParams.map(() => freshVar());
    const args = [...method.instance.args, ...own];
    c.lists.push(args);
    e.ref = { k: "func", decl: method.decl, impl: method.instance.impl.decl, args };
    useFunc(c, method.decl);
    const s = new Map(signature.typeParams.map((p, i) => [p, args[i]!]));
    return substitute(func(signature.params.map((p) => p.type), signature.result), s);
  }
  const names = t.k === "enum" || t.k === "error" ? t.decl.variants.map((v) => v.name) : [];
  c.error(e.nameSpan, "J0209", `\`${showType(t)}\` has no ${names.length > 0 ? "variant or function" : "function"} ` +
    `\`${e.name}\``, { hint: didYouMean(e.name, [...names, ...methodNames(c.w, t)]) });
  return UNKNOWN;
}

/** Methods of std that may be read like fields. */
const PROPERTIES = new Set(["len", "cap", "token"]);
const LENGTHS = new Set(["slice", "array", "string"]);

/** The type of `value.name`: a field, `len`, a tuple's element, or a method without arguments read like a field. */
export function memberType(c: Checker, e: Member, object: Type): Type {
  let t = known(c, object);
  if (t.k === "var" && t.literal === null) {
    return deferUntilKnown(c, t, e.object.span, `the value whose \`${e.name}\` is read`, () =>
      memberType(c, e, prune(object)));
  }
  if (t.k === "unknown") return UNKNOWN;
  if (t.k === "pointer") t = prune(t.to);
  const field = fieldType(c.w, t, e.name);
  if (field !== null) return field.type;
  if (e.name === "len" && LENGTHS.has(t.k)) return I64;
  if (t.k === "tuple" && /^\d+$/.test(e.name)) {
    const elem = t.elems[Number(e.name)];
    if (elem !== undefined) return elem;
  }
  const method = findMethod(c.w, t.k === "array" ? slice(t.of) : t, e.name);
  if (method !== null && PROPERTIES.has(e.name) && c.w.home(method.decl).module.std && method.decl.params.length === 1) {
    // `ch.len` reads like a field and is a call
    const callee: Member = { ...e };
    c.settled.add(e.object);
    rewrite(e, { kind: "Call", callee, args: [], command: false });
    return callNamed(c, e as unknown as Extract<Expr, { kind: "Call" }>, null);
  }
  noMember(c, e, t, method !== null);
  return UNKNOWN;
}

/** Reports a member that a type does not have, with what may have been meant. */
export function noMember(c: Checker, e: Member, t: Type, isMethod: boolean): void {
  if (t.k === "optional") {
    c.error(e.nameSpan, "J0209", `this may be null, so \`${e.name}\` cannot be read from it: \`${showType(t)}\``, {
      hint: `use \`?.${e.name}\`, \`.?.${e.name}\`, or \`if let\``,
    });
    return;
  }
  if (t.k === "result") {
    c.error(e.nameSpan, "J0209", `this may fail, so \`${e.name}\` cannot be read from it: \`${showType(t)}\``, {
      hint: "pass the error on with `?`, or handle it with `catch` or `match`",
    });
    return;
  }
  if (isMethod) {
    c.error(e.nameSpan, "J0231", `\`${e.name}\` is a method: call it`, { hint: `write \`.${e.name}(…)\`` });
    return;
  }
  const fields = t.k === "struct" ? fieldsOf(c.w, t.decl).map((f) => f.name) : LENGTHS.has(t.k) ? ["len"] : [];
  c.error(e.nameSpan, "J0209", `\`${showType(t)}\` has no field or method \`${e.name}\``, {
    hint: didYouMean(e.name, [...fields, ...methodNames(c.w, t)]),
  });
}

// ---------------------------------------------------------------- conversions

export function canCast(c: Checker, from: Type, to: Type): boolean {
  if (from.k === "unknown" || to.k === "unknown" || from.k === "never") return true;
  if (wouldFit(from, to)) return true;
  const number = (t: Type) => t.k === "int" || t.k === "float" || (t.k === "var" && t.literal !== null);
  if (number(from) && number(to)) return true;
  if (from.k === "bool" && to.k === "int") return true;
  if (from.k === "enum" && to.k === "int") {
    return from.decl.variants.every((v) => payloadOf(c.w, from.decl, v).kind === "none");
  }
  return false;
}

function inferCast(c: Checker, e: Extract<Expr, { kind: "Cast" }>): Type {
  const to = prune(resolveType(c.w, e.type, c.typeScope));
  // a literal is not converted but read as what it is cast to, where it fits
  const from = known(c, infer(c, e.operand, to.k === "float" && e.operand.kind === "IntLit" ? to : null));
  if (from.k === "var" && from.literal === null) coerce(c, e.operand, from, to);
  else if (from.k !== "int" && from.k !== "float" && to.k !== "int" && to.k !== "float" && wouldFit(from, to)) {
    coerce(c, e.operand, from, to);
  } else if (!canCast(c, from, to)) {
    c.error(e.span, "J0232", `\`${showType(from)}\` cannot be converted to \`${showType(to)}\``, {
      hint: from.k === "string" ? "read a number from a text with `.parse_int()` or `.parse_float()`"
        : to.k === "string" ? "make a text with `str(…)`" : undefined,
    });
  }
  return setType(c, e, to);
}

export { F64, freshNominal, NEVER };
export type { Closure };
