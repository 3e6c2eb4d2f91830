// Names as values: locals, globals, functions, variants; and names that are no values. Promises: every name in the
// tree gets what it refers to; an optional known not to be null reads as its value.
import type { Expr, Member, Name, ShortVariant, Span, Type, TypeValue } from "../syntax/ast.ts";
import { meantWord } from "../syntax/typos.ts";
import { resultFor } from "./bodies.ts";
import { setType } from "./coerce.ts";
import { noteInstance } from "./instances.ts";
import { type Entity, entityOf, entityType, findVariant, openVariant, variantRef } from "./entities.ts";
import { didYouMean } from "./errors.ts";
import { variadicValue } from "./function-values.ts";
import { globalType } from "./globals.ts";
import { FOREIGN_NAMES } from "./habits.ts";
import { lookupHidden, maybeMissing, visibleNames } from "./modules.ts";
import { narrowedRead } from "./narrowing.ts";
import { resolveType } from "./resolve.ts";
import { fromStd } from "./std-names.ts";
import { type Checker, localNames, tracedVar, useLocal } from "./scope.ts";
import { aroundArgs, payloadOf, signatureOf } from "./shapes.ts";
import { useFunc } from "./solve.ts";
import { bare, func, substitute, UNKNOWN, VOID } from "./types.ts";
import { reportHidden } from "./units.ts";

export function inferName(c: Checker, e: Name, hint: Type | null): Type {
  const entity = entityOf(c, e);
  if (entity === null) {
    const variant = variantByHint(c, e.name, hint);
    if (variant !== null) {
      e.ref = { k: "variant", variant };
      const { owner, decl } = variant;
      if (owner !== null && decl !== null && payloadOf(c.w, owner, decl).kind !== "none") {
        needsPayload(c, e.span, e.name);
      }
      return setType(c, e, variant.type);
    }
    unknownName(c, e.span, e.name);
    return setType(c, e, UNKNOWN);
  }
  return setType(c, e, entityValue(c, e, entity, hint));
}

/** Reports a name that nothing declares. */
export function unknownName(c: Checker, span: Span, name: string, noun = "name"): void {
  const secret = lookupHidden(c.w, c.module, name);
  if (secret !== null) return reportHidden(c.w, c.module, span, secret.group, name, secret.found);
  // what would have declared it has been told as another language's
  if (c.module.unit.lost.has(name)) return;
  // a function may be one of a module that was not found
  const foreign = noun === "function" && maybeMissing(c.w, c.module) ? undefined : FOREIGN_NAMES.get(name);
  const near = foreign ?? fromStd(c.w, c.module, name, span) ??
    didYouMean(name, () => {
      const word = meantWord(name);
      return [...localNames(c), ...visibleNames(c.w, c.module), ...(word === undefined ? [] : [word])];
    });
  if (near === undefined && noun === "function" && maybeMissing(c.w, c.module)) return;
  c.error(span, "J0201", `there is no ${noun} \`${name}\` in scope`, {
    hint: name === "self" ? "take the receiver: `func f(self)`" : near,
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
export function entityValue(c: Checker, e: Name | Member, entity: Entity, hint: Type | null): Type {
  switch (entity.k) {
    case "local": {
      const local = entity.entry.local;
      e.ref = { k: "local", local };
      useLocal(c, local);
      return c.doubtful.has(local) ? UNKNOWN : narrowedRead(c, e, local.ty);
    }
    case "decl": {
      const { decl } = entity;
      if (decl.kind === "GlobalDecl") {
        e.ref = { k: "global", decl };
        useFunc(c, decl);
        return narrowedRead(c, e, globalType(c.w, decl));
      }
      if (decl.kind === "FuncDecl") {
        const signature = signatureOf(c.w, decl);
        if (signature.variadic) return variadicValue(c, e, decl, hint);
        const around = aroundArgs(signature);
        const args: Type[] = signature.typeParams.map((p, i) => around[i] ??
          tracedVar(c, e.span, `type argument \`${p.name}\` of \`${decl.name}\``, `write it: \`${decl.name}[…]\``));
        c.lists.push(args);
        noteInstance(c, decl, args, e.span);
        e.ref = { k: "func", decl, impl: null, args };
        useFunc(c, decl);
        const s = new Map(signature.typeParams.map((p, i) => [p, args[i]!]));
        return substitute(func(signature.params.map((p) => p.type), resultFor(c, signature)), s);
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
    case "missing": return UNKNOWN;
    default:
  }
  const isTrait = entity.k === "decl" && entity.decl.kind === "TraitDecl";
  const noun = entity.k === "module" ? "module" : isTrait ? "trait" : "type";
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

export function inferShortVariant(c: Checker, e: ShortVariant, hint: Type | null): Type {
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

/** A type where a value is needed. */
export function inferTypeValue(c: Checker, e: TypeValue): Type {
  resolveType(c.w, e.type, c.typeScope);
  c.error(e.span, "J0237", "a type is no value");
  return setType(c, e, UNKNOWN);
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
  const { object } = e;
  if ((object.kind === "Name" || object.kind === "Member") && object.ref === undefined) {
    const entity = entityOf(c, object);
    if (entity?.k === "module") object.ref = { k: "module", name: entity.group.name };
    setType(c, object, VOID);
    markModules(c, object);
  }
}

/** Marks `Trait.name`, and the types written with it, as what they are. */
export function markTrait(c: Checker, e: Expr): void {
  setType(c, e, VOID);
  if (e.kind === "Index") e.args.forEach((arg) => markTypes(c, arg));
  if (e.kind === "Index" || e.kind === "Member") markTrait(c, e.object);
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
    // the head of `Task[i64]` names the same type, not one with arguments of its own
    if (e.object.kind === "Name" || e.object.kind === "Member") e.object.ref = e.ref!;
    setType(c, e.object, VOID);
    e.args.forEach((arg) => markTypes(c, arg));
  } else if (e.kind === "Member") {
    markModules(c, e);
  } else if (e.kind === "TupleLit") {
    e.elems.forEach((elem) => markTypes(c, elem));
  }
}

/** The `E` of `E.A`, and the module of `m.E.A`. */
export function markOwner(c: Checker, e: Expr): void {
  if (e.kind !== "Member") return;
  const entity = entityOf(c, e.object);
  if (entity === null) return;
  if (entity.k === "module") {
    markModules(c, e);
    return;
  }
  const t = entityType(c, entity, e.object.span);
  if (t !== null) setHead(c, e.object, t);
}
