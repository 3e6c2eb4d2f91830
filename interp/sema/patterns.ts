// Patterns: what they bind, and whether they fit the type they are matched against. Promises: every binding is
// declared with its type, also after an error; names that mean variants are told apart from new names by the type.
import type { EnumDecl, ErrorDecl, ErrorSet, Expr, FieldPattern, Local, Pattern, Span, Type } from "../syntax/ast.ts";
import { coerce } from "./coerce.ts";
import { entityOf, findVariant, nameEntity, openVariant, variantRef } from "./entities.ts";
import { joinErrors, noteErrors } from "./error-names.ts";
import { didYouMean } from "./errors.ts";
import { checkIrrefutable } from "./exhaustiveness.ts";
import { check, infer } from "./infer.ts";
import { lookup } from "./modules.ts";
import { plural, resolveType } from "./resolve.ts";
import { type Checker, declareLocal } from "./scope.ts";
import { argsOf, fieldsOf, payloadOf } from "./shapes.ts";
import { known, solve } from "./solve.ts";
import { type AnyType, objectOf, readAsType, resolveAsked, typeAsked } from "./type-patterns.ts";
import {
  BOOL, errorValueType, isNumeric, optional, prune, showType, slice, substitute, tuple, UNKNOWN,
} from "./types.ts";
import { freshVar, unify } from "./unify.ts";
import { reportHiddenField, seesField } from "./visibility.ts";
import { rewrite, walk } from "./walk.ts";
import type { ScopeEntry } from "./world.ts";

/** A pattern of `let` or `for`, which must fit every value. */
export function bindIrrefutable(c: Checker, p: Pattern, t: Type, mutable: boolean): void {
  if (p.kind === "BindPattern") {
    p.local = declareLocal(c, p.name, t, mutable, p.span);
    return;
  }
  bindPattern(c, p, t, mutable);
  if (p.kind !== "WildcardPattern") c.atEnd.push(() => checkIrrefutable(c, p, t));
}

function mismatch(c: Checker, span: Span, what: string, t: Type): void {
  if (t.k === "unknown") return;
  let hint: string | undefined;
  if (t.k === "result") hint = "match it with `.Ok(v)` and `.Err(e)`";
  else if (t.k === "optional") {
    hint = prune(t.of).k !== "optional" ? "match `null` first; other patterns look at the value inside"
      : "what is inside may be null, too: name it, and match that: `inside => match inside do … end`";
  }
  c.error(span, "J0229", `${what} never matches a \`${showType(t)}\``, { hint });
}

/** Checks a pattern against the type of what it is matched with, and declares what it binds. */
export function bindPattern(c: Checker, p: Pattern, type: Type, mutable: boolean): void {
  bindPart(c, p, type, mutable);
  refuseTwice(c, [p]);
}

/** A name stands for one value: patterns that are matched together bind it once. Alternatives share it. */
export function refuseTwice(c: Checker, patterns: readonly Pattern[]): void {
  const first = new Map<string, { local: Local; span: Span }>();
  walk(patterns, (node) => {
    const p = node as Pattern;
    if ((p.kind !== "BindPattern" && p.kind !== "AtPattern") || p.local === undefined || p.name === "_") return true;
    const earlier = first.get(p.name);
    if (earlier === undefined) first.set(p.name, { local: p.local, span: p.span });
    else if (earlier.local !== p.local) {
      c.error(p.span, "J0219", `\`${p.name}\` is bound twice here`, {
        hint: "choose another name; to ask for equal values, compare in a guard",
        notes: [{ unit: c.source, span: earlier.span, message: "first bound here" }],
      });
    }
    return true;
  });
}

function bindPart(c: Checker, p: Pattern, type: Type, mutable: boolean): void {
  let t = known(c, type);
  if (t.k === "var" && t.literal === null && p.kind !== "BindPattern" && p.kind !== "WildcardPattern") {
    solve(c);
    t = prune(t);
  }
  const object = objectOf(t);
  if (object !== null) readAsType(c, p);
  switch (p.kind) {
    case "WildcardPattern": return;
    case "TypePattern": return bindAsked(c, p, t, object, mutable);
    case "BindPattern": {
      const variant = nameAsVariant(c, p.name, p.span, t);
      if (variant === "reported") return;
      if (variant !== null) {
        p.variant = variant;
        return;
      }
      refuseMistaken(c, p.name, p.span, t);
      p.local = declareLocal(c, p.name, t, mutable, p.span);
      return;
    }
    case "AtPattern":
      p.local = declareLocal(c, p.name, t, mutable, p.span);
      bindPart(c, p.pattern, t, mutable);
      p.local.ty = typeAsked(p.pattern) ?? p.local.ty;
      return;
    case "LiteralPattern": return bindLiteral(c, p, t);
    case "RangePattern": {
      const of = t.k === "optional" ? prune(t.of) : t;
      if (!isNumeric(of) && of.k !== "var" && of.k !== "unknown") return mismatch(c, p.span, "a range", t);
      check(c, p.low, of);
      check(c, p.high, of);
      return;
    }
    case "VariantPattern": return bindVariant(c, p, t, mutable);
    case "StructPattern": {
      const name = p.path.length === 1 ? p.path[0]! : null;
      if (name !== null && namesVariant(c, name, t.k === "optional" ? prune(t.of) : t)) {
        const { fields, rest } = p;
        rewrite(p, { kind: "VariantPattern", path: [], name, args: null, fields, rest });
        return bindPart(c, p, t, mutable);
      }
      return bindStruct(c, p, t, mutable);
    }
    case "TuplePattern": {
      let of = t.k === "optional" ? prune(t.of) : t;
      if (of.k === "var") {
        unify(of, tuple(p.elems.map(() => freshVar())));
        of = prune(of);
      }
      if (of.k !== "tuple" || of.elems.length !== p.elems.length) {
        if (of.k === "tuple") {
          c.error(p.span, "J0229",
            `this pattern has ${plural(p.elems.length, "element")}, and \`${showType(of)}\` has ${of.elems.length}`);
        } else {
          mismatch(c, p.span, "a tuple", t);
        }
        for (const elem of p.elems) bindPart(c, elem, UNKNOWN, mutable);
        return;
      }
      const elems = of.elems;
      p.elems.forEach((elem, i) => bindPart(c, elem, elems[i]!, mutable));
      return;
    }
    case "SlicePattern": return bindSlice(c, p, t, mutable);
    case "OrPattern": return bindOr(c, p, t, mutable);
  }
}

/** What a trait object holds, where that is of the type asked for. */
function bindAsked(
  c: Checker, p: Extract<Pattern, { kind: "TypePattern" }>, t: Type, object: AnyType | null, mutable: boolean,
): void {
  if (object !== null) {
    const of = resolveAsked(c, p, object);
    if (p.pattern !== null) bindPart(c, p.pattern, of, mutable);
    return;
  }
  const of = t.k === "optional" ? prune(t.of) : t;
  const { type, pattern } = p;
  const named = resolveType(c.w, type, c.typeScope);
  if (of.k === "unknown" || pattern === null || !unify(named, of)) {
    mismatch(c, p.span, `the type \`${showType(named)}\``, t);
    if (pattern !== null) bindPart(c, pattern, named, mutable);
    return;
  }
  // `Of[i64] { value }` of what is one anyway
  rewrite(p, { ...pattern });
  bindPart(c, p, t, mutable);
}

/** `[a, ..rest]`: of a slice the rest is a view, of a fixed array a shorter one. */
function bindSlice(c: Checker, p: Extract<Pattern, { kind: "SlicePattern" }>, t: Type, mutable: boolean): void {
  let of = t.k === "optional" ? prune(t.of) : t;
  if (of.k === "var" && of.literal === null) {
    unify(of, slice(freshVar()));
    of = prune(of);
  }
  const elems = [...p.before, ...p.after];
  if (of.k !== "slice" && of.k !== "array") {
    mismatch(c, p.span, "a slice pattern", t);
    for (const elem of elems) bindPart(c, elem, UNKNOWN, mutable);
    if (p.rest !== null) bindPart(c, p.rest, UNKNOWN, mutable);
    return;
  }
  if (of.k === "array" && (p.rest === null ? elems.length !== of.length : elems.length > of.length)) {
    c.error(p.span, "J0229", `this pattern has ${p.rest === null ? "" : "at least "}` +
      `${plural(elems.length, "element")}, and \`${showType(of)}\` has ${of.length}`);
  }
  for (const elem of p.before) bindPart(c, elem, of.of, mutable);
  if (p.rest !== null) bindPart(c, p.rest, restOf(of, elems.length), mutable);
  for (const elem of p.after) bindPart(c, elem, of.of, mutable);
}

/** The type of what a slice pattern with `taken` elements leaves. */
function restOf(t: Extract<Type, { k: "slice" | "array" }>, taken: number): Type {
  return t.k === "slice" ? t : { ...t, length: Math.max(0, t.length - taken) };
}

/** `Red` for a variant of the enum matched, `NotFound` for one of the errors; null: a new name. */
function nameAsVariant(c: Checker, name: string, span: Span, t: Type) {
  const of = t.k === "optional" ? prune(t.of) : t;
  if (of.k === "enum" || of.k === "error") {
    const found = findVariant(of.decl, name);
    if (found !== null) {
      if (payloadOf(c.w, of.decl, found.decl).kind !== "none") {
        c.error(span, "J0229", `\`${name}\` carries values: write \`.${name}(…)\``);
        return "reported";
      }
      return variantRef(c, of, of.decl, found.decl, name, found.index);
    }
  }
  if (of.k === "error-any" && /^[A-Z]/.test(name)) return anyErrorVariant(c, name);
  return null;
}

/** A new name matches everything: one that looks like a variant or a constant was meant as that. */
function refuseMistaken(c: Checker, name: string, span: Span, t: Type): void {
  if (!/^[A-Z]/.test(name)) return;
  const of = t.k === "optional" ? prune(t.of) : t;
  if (of.k === "enum" || of.k === "error") {
    c.error(span, "J0201", `\`${of.decl.name}\` has no variant \`${name}\``, {
      hint: didYouMean(name, of.decl.variants.map((v) => v.name))
        ?? "a new name, which matches every value, begins with a small letter",
      notes: [{ unit: c.w.home(of.decl).module.source, span: of.decl.nameSpan, message: "declared here" }],
    });
    return;
  }
  const found = lookup(c.w, c.module, name);
  if (found === null && of.k === "any") {
    c.error(span, "J0201", `there is no type \`${name}\``, {
      hint: "a new name, which matches every value, begins with a small letter",
    });
  }
  if (found?.k !== "decl") return;
  const isValue = found.decl.kind === "GlobalDecl";
  const what = isValue ? "a constant" : found.decl.kind === "TraitDecl" ? "a trait" : "a type";
  c.error(span, "J0229", `\`${name}\` is ${what}, and as a pattern it would be a new name, which matches every value`, {
    hint: isValue ? `compare in a guard: \`x when x == ${name} => …\``
      : t.k === "any" || found.decl.kind === "TraitDecl" ? undefined
      : "a type is a pattern where a trait object is matched; write a small first letter for a new name",
  });
}

/** Whether `Name { … }` is a variant of what is matched, as `.Name { … }` is. */
function namesVariant(c: Checker, name: string, of: Type): boolean {
  if (of.k === "enum" || of.k === "error") return findVariant(of.decl, name) !== null;
  return of.k === "error-any" && anyErrorVariant(c, name).owner !== null;
}

/** A variant of some error set in scope, where any error may come. */
function anyErrorVariant(c: Checker, name: string) {
  const sets = new Set<ErrorDecl>();
  for (const set of c.errorSets ?? []) if (findVariant(set, name) !== null) sets.add(set);
  const only = sets.size === 1 ? [...sets][0]! : null;
  if (only === null) return openVariant(c, name);
  const found = findVariant(only, name)!;
  return variantRef(c, { k: "error", decl: only }, only, found.decl, name, found.index);
}

function bindLiteral(c: Checker, p: Extract<Pattern, { kind: "LiteralPattern" }>, t: Type): void {
  const { value } = p;
  if (value.kind === "NullLit") {
    if (t.k === "var") unify(t, optional(freshVar()));
    const of = prune(t);
    infer(c, value, of);
    if (of.k === "optional") value.ty = of;
    else mismatch(c, p.span, "`null`", of);
    return;
  }
  const of = t.k === "optional" ? prune(t.of) : t;
  const found = infer(c, value, of);
  if (of.k === "unknown") return;
  if (!unify(found, of)) {
    mismatch(c, p.span, `\`${showType(found)}\``, t);
    return;
  }
  if (of.k === "bool") coerce(c, value, found, BOOL);
}

/** The enum or error set a variant pattern names, from its path or from what is matched. */
function ownerOf(c: Checker, p: Extract<Pattern, { kind: "VariantPattern" }>, t: Type): Type | null {
  if (p.path.length === 0) return t;
  let entity = nameEntity(c, p.path[0]!);
  if (entity?.k === "module") {
    const { span } = p;
    const [first, ...rest] = p.path;
    entity = entityOf(c, rest.reduce<Expr>((object, name) =>
      ({ kind: "Member", object, name, nameSpan: span, optional: false, span }), { kind: "Name", name: first!, span }));
  }
  const decl = entity?.k === "decl" ? entity.decl : null;
  if (decl?.kind === "EnumDecl") {
    if (t.k === "enum" && t.decl === decl) return t;
    const made: Type = { k: "enum", decl, args: decl.typeParams.map(() => freshVar()) };
    if (t.k === "var") unify(t, made);
    return made;
  }
  if (decl?.kind === "ErrorDecl") return { k: "error", decl };
  if (entity?.k === "missing") return null;
  c.error(p.span, "J0201", `there is no enum or error set \`${p.path.join(".")}\``);
  return null;
}

function bindRest(c: Checker, p: Extract<Pattern, { kind: "VariantPattern" }>, mutable: boolean): void {
  for (const arg of p.args ?? []) bindPart(c, arg, UNKNOWN, mutable);
  for (const field of p.fields ?? []) bindPart(c, field.pattern, UNKNOWN, mutable);
}

/** The type of what `.Err(e)` binds: one declared set, or any error. */
function errorType(c: Checker, errors: ErrorSet): Type {
  if (!errors.any && errors.sets.length > 0) c.errorSets = errors.sets;
  return errorValueType(errors);
}

function bindVariant(c: Checker, p: Extract<Pattern, { kind: "VariantPattern" }>, t: Type, mutable: boolean): void {
  if (t.k === "result" && p.path.length === 0) {
    if (p.name === "Ok" || p.name === "Err") {
      p.variant = variantRef(c, t, null, null, p.name, p.name === "Ok" ? 0 : 1);
      const before = c.errorSets;
      const inner = p.name === "Ok" ? t.ok : errorType(c, t.error);
      const args = p.args ?? [];
      if (args.length > 1) c.error(p.span, "J0229", `\`.${p.name}\` carries one value`);
      args.forEach((arg, i) => bindPart(c, arg, i === 0 ? inner : UNKNOWN, mutable));
      const name = p.name === "Err" ? args[0] : undefined;
      if ((name?.kind === "BindPattern" || name?.kind === "AtPattern") && name.local !== undefined) {
        noteErrors(name.local, t.error);
      }
      c.errorSets = before;
      return;
    }
    mismatch(c, p.span, `\`.${p.name}\``, t);
    return bindRest(c, p, mutable);
  }
  let subject = t;
  if (t.k === "optional") {
    if (p.path.length === 0 && (p.name === "Some" || p.name === "None") && prune(t.of).k !== "enum") {
      c.error(p.span, "J0229", `optionals are matched by \`null\` and by the value itself`, {
        hint: p.name === "None" ? "write `null`" : "write the pattern of the value, after an arm for `null`",
      });
      return bindRest(c, p, mutable);
    }
    subject = prune(t.of);
  }
  const owner = ownerOf(c, p, subject);
  if (owner === null) return bindRest(c, p, mutable);
  const of = prune(owner);
  if (of.k === "error-any" && p.path.length === 0) {
    p.variant = anyErrorVariant(c, p.name);
    const decl = p.variant.decl;
    if (decl === null || p.variant.owner === null) {
      if ((p.args ?? p.fields ?? []).length > 0) {
        c.error(p.span, "J0220", `what an error \`${p.name}\` carries is not known here`, {
          hint: `write the name of its set before it: \`E.${p.name}(…)\``,
        });
      }
      return bindRest(c, p, mutable);
    }
    const set = p.variant.owner as ErrorDecl;
    return bindPayload(c, p, { k: "error", decl: set }, set, p.variant.index, mutable);
  }
  if (of.k !== "enum" && of.k !== "error") {
    if (of.k === "var") {
      c.error(p.span, "J0220", `the type of what \`.${p.name}\` is matched with is not known here`, {
        hint: `write the enum's name before it: \`E.${p.name}\``,
      });
    } else {
      mismatch(c, p.span, `\`.${p.name}\``, t);
    }
    return bindRest(c, p, mutable);
  }
  if (p.path.length > 0 && subject.k !== "unknown" && !(subject.k === "error-any" && of.k === "error") &&
    !unify(of, subject)) {
    mismatch(c, p.span, `\`${showType(of)}.${p.name}\``, t);
    return bindRest(c, p, mutable);
  }
  const found = findVariant(of.decl, p.name);
  if (found === null) {
    c.error(p.span, "J0201", `\`${of.decl.name}\` has no variant \`${p.name}\``, {
      hint: didYouMean(p.name, of.decl.variants.map((v) => v.name)),
      notes: [{ unit: c.w.home(of.decl).module.source, span: of.decl.nameSpan, message: "declared here" }],
    });
    return bindRest(c, p, mutable);
  }
  p.variant = variantRef(c, of, of.decl, found.decl, p.name, found.index);
  bindPayload(c, p, of, of.decl, found.index, mutable);
}

function bindPayload(
  c: Checker, p: Extract<Pattern, { kind: "VariantPattern" }>, of: Type, owner: EnumDecl | ErrorDecl, index: number,
  mutable: boolean,
): void {
  const payload = payloadOf(c.w, owner, owner.variants[index]!);
  const s = argsOf(of);
  if (p.fields !== null) {
    if (payload.kind !== "fields") {
      c.error(p.span, "J0229", `\`${p.name}\` has no named fields`);
      return bindRest(c, p, mutable);
    }
    const declared = payload.fields.map((f) => ({ name: f.name, type: substitute(f.type, s) }));
    bindFields(c, p.name, p.fields, declared, mutable);
    return;
  }
  const types = payload.kind === "tuple" ? payload.types.map((t) => substitute(t, s))
    : payload.kind === "fields" ? payload.fields.map((f) => substitute(f.type, s)) : [];
  const args = p.args ?? [];
  if (payload.kind === "fields" && args.length > 0) {
    c.error(p.span, "J0229", `\`${p.name}\` has named fields`, {
      hint: `write \`.${p.name} { ${payload.fields.map((f) => f.name).join(", ")} }\``,
    });
    return bindRest(c, p, mutable);
  }
  // a bare `.Rect` matches whatever it carries
  if (p.args !== null && args.length !== types.length && !p.rest) {
    c.error(p.span, "J0229", `\`${p.name}\` carries ${plural(types.length, "value")}, and ${args.length} ` +
      `${args.length === 1 ? "is" : "are"} matched`);
  }
  args.forEach((arg, i) => bindPart(c, arg, types[i] ?? UNKNOWN, mutable));
}

function bindFields(
  c: Checker, what: string, fields: FieldPattern[], declared: { name: string; type: Type }[], mutable: boolean,
): void {
  for (const field of fields) {
    const info = declared.find((d) => d.name === field.name);
    if (info === undefined) {
      c.error(field.span, "J0229", `\`${what}\` has no field \`${field.name}\``, {
        hint: didYouMean(field.name, declared.map((d) => d.name)),
      });
    }
    bindPart(c, field.pattern, info?.type ?? UNKNOWN, mutable);
  }
}

function bindStruct(c: Checker, p: Extract<Pattern, { kind: "StructPattern" }>, t: Type, mutable: boolean): void {
  let of = t.k === "optional" ? prune(t.of) : t;
  if (of.k === "pointer") of = prune(of.to);
  if (p.path.length > 0 && of.k !== "unknown") {
    const entity = nameEntity(c, p.path[p.path.length - 1]!);
    const decl = entity?.k === "decl" ? entity.decl : null;
    if (entity?.k === "missing") of = UNKNOWN;
    else if (decl === null && of.k !== "struct") {
      c.error(p.span, "J0201", `there is no struct \`${p.path.join(".")}\``);
    } else if (of.k === "struct" ? of.decl.name !== p.path[p.path.length - 1] : true) {
      mismatch(c, p.span, `\`${p.path.join(".")} { … }\``, t);
      of = UNKNOWN;
    }
  }
  if (of.k !== "struct") {
    if (of.k !== "unknown") mismatch(c, p.span, "a struct pattern", t);
    for (const field of p.fields) bindPart(c, field.pattern, UNKNOWN, mutable);
    p.ty = UNKNOWN;
    return;
  }
  p.ty = of;
  c.typed.push(p);
  const s = argsOf(of);
  const declared = fieldsOf(c.w, of.decl);
  for (const field of p.fields) {
    const info = declared.find((f) => f.name === field.name);
    if (info !== undefined && !seesField(c.w, of.decl, info.decl, c.module)) {
      reportHiddenField(c, field.span, of.decl, info);
    }
  }
  bindFields(c, of.decl.name, p.fields, declared.map((f) => ({ name: f.name, type: substitute(f.type, s) })), mutable);
}

/** Alternatives bind the same names with the same types; the first one's locals serve all. */
function bindOr(c: Checker, p: Extract<Pattern, { kind: "OrPattern" }>, t: Type, mutable: boolean): void {
  const start = c.scope;
  const bound = (): Map<string, ScopeEntry> => {
    const names = new Map<string, ScopeEntry>();
    for (let entry = c.scope; entry !== start && entry !== null; entry = entry.outer) names.set(entry.name, entry);
    return names;
  };
  bindPart(c, p.alternatives[0]!, t, mutable);
  const first = bound();
  const after = c.scope;
  for (const other of p.alternatives.slice(1)) {
    c.scope = start;
    bindPart(c, other, t, mutable);
    const names = bound();
    for (const [name, entry] of names) {
      const twin = first.get(name);
      if (twin === undefined) {
        c.error(entry.span, "J0229", `\`${name}\` is not bound in every alternative`);
        continue;
      }
      if (!unify(twin.local.ty, entry.local.ty)) {
        c.error(entry.span, "J0229", `\`${name}\` is \`${showType(entry.local.ty)}\` here and ` +
          `\`${showType(twin.local.ty)}\` in the first alternative`);
      }
      shareLocal(other, entry.local, twin.local);
      joinErrors(twin.local, entry.local);
      const index = c.fn.info.locals.indexOf(entry.local);
      if (index >= 0) c.fn.info.locals.splice(index, 1);
    }
    for (const [name, entry] of first) {
      if (!names.has(name)) c.error(entry.span, "J0229", `\`${name}\` is not bound in every alternative`);
    }
  }
  c.scope = after;
}

function shareLocal(p: Pattern, from: Local, to: Local): void {
  switch (p.kind) {
    case "BindPattern": if (p.local === from) p.local = to; break;
    case "AtPattern":
      if (p.local === from) p.local = to;
      shareLocal(p.pattern, from, to);
      break;
    case "TypePattern": if (p.pattern !== null) shareLocal(p.pattern, from, to); break;
    case "VariantPattern":
      for (const arg of p.args ?? []) shareLocal(arg, from, to);
      for (const field of p.fields ?? []) shareLocal(field.pattern, from, to);
      break;
    case "StructPattern": for (const field of p.fields) shareLocal(field.pattern, from, to); break;
    case "TuplePattern": for (const elem of p.elems) shareLocal(elem, from, to); break;
    case "SlicePattern":
      for (const elem of [...p.before, ...p.after]) shareLocal(elem, from, to);
      if (p.rest !== null) shareLocal(p.rest, from, to);
      break;
    case "OrPattern": for (const alt of p.alternatives) shareLocal(alt, from, to); break;
    default:
  }
}
