// Literals: numbers, texts with expressions in them, arrays, tuples, maps, structs. Promises: a literal takes the
// type of its place where it can, and every field of a struct is given exactly once.
import type {
  ArrayFill, ArrayLit, Call, CharLit, EnumDecl, ErrorDecl, FieldDecl, FloatLit, InterpString, IntLit, MapLit, NullLit,
  Span, StructDecl,
  StructLit, TupleLit, Type,
} from "../syntax/ast.ts";
import { coerce, setType } from "./coerce.ts";
import { checkKey } from "./comparing.ts";
import { constantInt } from "./constants.ts";
import { fillIn } from "./defaults.ts";
import { entityOf, entityType, findVariant, variantRef } from "./entities.ts";
import { didYouMean } from "./errors.ts";
import { formatProblem } from "./formats.ts";
import { isNumber } from "./impls.ts";
import { check, discard, infer } from "./infer.ts";
import { preludeDecl } from "./modules.ts";
import { markOwner, reportShort, setHead } from "./names.ts";
import { plural } from "./resolve.ts";
import { type Checker, tracedVar } from "./scope.ts";
import { commonTrait } from "./slips.ts";
import { argsOf, fieldsOf, nominalScope, payloadOf } from "./shapes.ts";
import {
  bare, I64, NULL, optional, prune, showType, slice, STRING, substitute, tuple, UNKNOWN, VOID, zonk,
} from "./types.ts";
import { freshVar, unify } from "./unify.ts";
import { reportHiddenField, seesField } from "./visibility.ts";
import { rewrite } from "./walk.ts";
import type { FieldInfo } from "./world.ts";

/** An integer literal; where a float is wanted it is one (`2 * x`), and the tree then says so. */
export function inferInt(c: Checker, e: IntLit, hint: Type | null, negative: boolean): Type {
  const want = bare(hint);
  if (want?.k === "float" || (want?.k === "var" && want.literal === "float")) {
    rewrite(e, { kind: "FloatLit", value: Number(e.value), text: String(e.value) });
    return setType(c, e, want);
  }
  const isSmall = !negative && e.value <= 127n;
  // every number type has the small ones
  if (isSmall && want?.k === "param" && isNumber(c.w, want, "Number")) return setType(c, e, want);
  if (!isSmall) c.literals.push({ e, negative });
  if (want?.k === "int") return setType(c, e, want);
  return setType(c, e, freshVar("int"));
}

/** A float literal takes the width of its place. */
export function inferFloat(c: Checker, e: FloatLit, hint: Type | null): Type {
  const want = bare(hint);
  if (!Number.isFinite(Math.fround(e.value))) {
    c.atEnd.push(() => {
      const t = prune(e.ty ?? UNKNOWN);
      if (t.k === "float" && t.bits === 32) c.error(e.span, "J0230", `${e.text} is too large for an f32`);
    });
  }
  return setType(c, e, want?.k === "float" ? want : freshVar("float"));
}

/** A character is a number: of the integer type of its place. */
export function inferChar(c: Checker, e: CharLit, hint: Type | null): Type {
  const want = bare(hint);
  return setType(c, e, want?.k === "int" ? want : freshVar("int"));
}

/** `null` of the optional that its place asks for; alone it is of no type yet. */
export function inferNull(c: Checker, e: NullLit, hint: Type | null): Type {
  const want = hint?.k === "result" ? prune(hint.ok) : hint;
  return setType(c, e, want?.k === "optional" ? want : NULL);
}

export function inferInterp(c: Checker, e: InterpString): Type {
  for (const part of e.parts) {
    if (typeof part === "string") continue;
    const t = prune(infer(c, part.expr, null));
    if (t.k === "void") c.error(part.expr.span, "J0202", "this gives no value to print");
    if (t.k === "result") discard(c, part.expr, t);
    const { format, expr } = part;
    if (format === null) continue;
    c.atEnd.push(() => {
      const found = prune(expr.ty ?? UNKNOWN);
      const problem = formatProblem(found, format);
      if (problem === null) return;
      c.error(expr.span, "J0238", `the format \`${format}\` does not fit \`${showType(found)}\`: ${problem}`);
    });
  }
  return setType(c, e, STRING);
}

export function inferArray(c: Checker, e: ArrayLit, hint: Type | null): Type {
  const want = bareUntil(hint, "slice", "array");
  const of = want?.k === "slice" || want?.k === "array"
    ? want.of : tracedVar(c, e.span, "the element type of this array", "write it: `let xs: []T = []`");
  // a first null says that the elements are optional, whatever comes after it
  if (prune(of).k === "var" && e.elems.some((elem) => elem.kind === "NullLit")) unify(of, optional(freshVar()));
  const { diagnostics } = c.w.reporter;
  for (const elem of e.elems) {
    const told = diagnostics.length;
    check(c, elem, of);
    const last = diagnostics[told];
    if (last === undefined || want?.k === "slice" || want?.k === "array") continue;
    last.hint ??= commonTrait(c, of, elem.ty ?? UNKNOWN);
  }
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

/** `[x; n]`: of a fixed array the number of elements is a constant, of a slice any integer. */
export function inferFill(c: Checker, e: ArrayFill, hint: Type | null): Type {
  const want = bareUntil(hint, "slice", "array");
  const of = want?.k === "slice" || want?.k === "array" ? want.of : freshVar();
  check(c, e.value, of);
  check(c, e.count, I64);
  if (want?.k !== "array") return setType(c, e, slice(of));
  const count = constantInt(c.w, e.count, c.module, (name) => c.localNames.has(name));
  if (count === null) {
    c.error(e.count.span, "J0237", "the number of elements of a fixed array must be a constant", {
      hint: "use literals, module-level constants and arithmetic on them",
    });
  } else if (count !== BigInt(want.length)) {
    c.error(e.count.span, "J0202", `expected ${plural(want.length, "element")}, found ${count}`);
  }
  return setType(c, e, want);
}

/** `Array.filled(n, x)` where a fixed array is wanted is `[x; n]`. */
export function filledAsLiteral(c: Checker, e: Call, hint: Type | null): boolean {
  const { callee, args } = e;
  if (callee.kind !== "Member" || callee.name !== "filled" || callee.object.kind !== "Name" || args.length !== 2) {
    return false;
  }
  if (callee.object.name !== "Array" || args.some((arg) => arg.name !== null)) return false;
  if (bareUntil(hint, "array", "array")?.k !== "array" || entityOf(c, callee.object)?.k !== "type") return false;
  const [count, value] = args;
  rewrite(e, { kind: "ArrayFill", value: value!.value, count: count!.value });
  return true;
}

/** Looks through `?T` and `T ! E` for a type of one of two kinds. */
function bareUntil(t: Type | null, a: Type["k"], b: Type["k"]): Type | null {
  t = t === null ? null : prune(t);
  if (t === null || t.k === a || t.k === b) return t;
  if (t.k === "optional") return bareUntil(t.of, a, b);
  if (t.k === "result") return bareUntil(t.ok, a, b);
  return null;
}

export function inferTuple(c: Checker, e: TupleLit, hint: Type | null): Type {
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

export function inferMap(c: Checker, e: MapLit, hint: Type | null): Type {
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
  if (e.entries.length > 0) checkKey(c, key, e.span);
  return setType(c, e, { k: "builtin", decl, args: [key, value] });
}

export function inferStruct(c: Checker, e: StructLit, hint: Type | null): Type {
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
  const fields = fieldsOf(c.w, t.decl);
  checkHidden(c, e, t.decl, fields);
  checkFields(c, e, t.decl.name, fields.map((f) => ({
    name: f.name, type: substitute(f.type, s),
    // no value of a struct that contains itself can be given
    optional: f.decl.default !== null || c.w.endless.has(t.decl) || !seesField(c.w, t.decl, f.decl, c.module),
  })), e.head.span);
  checkFilledIn(c, e, t.decl, fields);
  return setType(c, e, t);
}

/** `.B { x: 1 }`, `E.B { x: 1 }`: the variant at this place of the enum or the error set, with its named fields. */
export function variantLiteral(c: Checker, e: StructLit, type: Type, index: number): Type {
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
  checkFilledIn(c, e, type.decl, payload.fields);
  return setType(c, e, type);
}

/** A literal outside the struct's file names no field that is hidden there, and needs none. */
function checkHidden(c: Checker, e: StructLit, decl: StructDecl, declared: FieldInfo[]): void {
  for (const field of declared) {
    if (seesField(c.w, decl, field.decl, c.module)) continue;
    const given = e.fields.find((f) => f.name === field.name);
    const lacking = field.decl.default === null && e.spread === null;
    if (given !== undefined || lacking) reportHiddenField(c, given?.span ?? e.head.span, decl, field);
  }
}

/** Checks the defaults that the literal takes: a type of std is checked only as far as it is used. */
function checkFilledIn(
  c: Checker, e: StructLit, owner: StructDecl | EnumDecl | ErrorDecl,
  fields: { name: string; type: Type; decl: FieldDecl }[],
): void {
  for (const { name, type, decl } of fields) {
    if (decl.default === null || e.fields.some((field) => field.name === name)) continue;
    fillIn(c, decl.default, type, nominalScope(c.w, owner), owner);
  }
}

/** Checks the fields of a literal against those declared, and says which are missing. */
function checkFields(
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
    const noun = missing.length === 1 ? "the field" : "the fields";
    c.error(span, "J0222", `\`${what}\` lacks ${noun} ${missing.join(", ")}`);
  }
}

/** The type arguments of a literal are looked at when they are known. */
function requireBounds(c: Checker, t: Type, span: Span): void {
  if (t.k !== "struct" || t.decl.typeParams.every((p) => p.bounds.length === 0)) return;
  c.atEnd.push(() => {
    c.w.bounded.push({ module: c.module, decl: t.decl, args: t.args.map((a) => zonk(a)), span });
  });
}
