// `Trait.f(…)`: a method of one trait, whatever else its name means on the value. Promises: it is called as `x.f(…)`
// is, with the reference taken for `self: *Self`; a function without `self` is that of the type which is written,
// `Trait.make[T]()`, or which the place asks for.
import type { Call, FuncDecl, Member, Type } from "../syntax/ast.ts";
import { reportAmbiguous } from "./ambiguity.ts";
import { callValue } from "./arguments.ts";
import { declaredIn, type FoundMethod } from "./candidates.ts";
import type { Entity } from "./entities.ts";
import { didYouMean } from "./errors.ts";
import { satisfies } from "./impls.ts";
import { infer } from "./infer.ts";
import { callFound, callMethod, methodOn } from "./methods.ts";
import { markTrait } from "./names.ts";
import { forgetNames } from "./narrowing.ts";
import { type Checker, tracedVar } from "./scope.ts";
import { deferUntilKnown, final, known } from "./solve.ts";
import { prune, showType, UNKNOWN } from "./types.ts";
import { changedNames, rewrite } from "./walk.ts";
import type { TraitRef } from "./world.ts";

/** `Trait.f(x, …)`: the method of this trait on x, whatever else the name means there. */
export function callOfTrait(
  c: Checker, e: Call, entity: Extract<Entity, { k: "of-trait" }>, hint: Type | null,
): Type {
  const callee = e.callee.kind === "Index" ? e.callee.object as Member : e.callee as Member;
  markTrait(c, e.callee);
  const { trait, name } = entity;
  const declared = declaredIn(c.w, trait, name);
  const shown = `${trait.decl.name}.${name}`;
  if (declared.length === 0) {
    c.error(callee.nameSpan, "J0209", `trait \`${trait.decl.name}\` has no method \`${name}\``, {
      hint: didYouMean(name, trait.decl.methods.map((m) => m.name)),
    });
    return callValue(c, e, UNKNOWN, null);
  }
  // what a trait declares comes before what those that it extends do
  const { decl, trait: of } = declared[0]!;
  if (decl.receiver === null) return callTraitFunction(c, e, decl, of, entity.args, hint);
  const first = e.args[0];
  if (first === undefined || first.name !== null) {
    c.error(e.span, "J0208", `\`${shown}\` needs the value whose method it is`, { hint: `write \`${shown}(x)\`` });
    return callValue(c, e, UNKNOWN, null);
  }
  return callTraitMethod(c, e, callee, infer(c, first.value, null), of, hint);
}

function callTraitMethod(
  c: Checker, e: Call, callee: Member, receiver: Type, of: TraitRef, hint: Type | null,
): Type {
  const object = e.args[0]!.value;
  const args = e.args.slice(1);
  const t = known(c, receiver);
  if (t.k === "var" && t.literal === null) {
    forgetNames(c, changedNames(args).assigned);
    return deferUntilKnown(c, t, object.span, `the value that \`${callee.name}\` is called on`, () =>
      callTraitMethod(c, e, callee, prune(receiver), of, hint));
  }
  if (t.k === "unknown" || t.k === "never") {
    args.forEach((arg) => infer(c, arg.value, null));
    // there is no value to call anything on
    if (t.k === "never") rewrite(e, object);
    return t;
  }
  const found = methodOn(c, t, callee.name, of);
  if (found === null) {
    c.error(object.span, "J0221", `\`${showType(t)}\` is not \`${of.decl.name}\`, whose \`${callee.name}\` this is`);
    args.forEach((arg) => infer(c, arg.value, null));
    return UNKNOWN;
  }
  if (found.method.candidates.length > 1) {
    reportAmbiguous(c, callee, found.self, found.method, { call: { ...e, args }, object });
    args.forEach((arg) => infer(c, arg.value, null));
    return UNKNOWN;
  }
  return callFound(c, e, callee, t, found, { object, args }, hint);
}

/** `Trait.make()`: a function without `self`, of the type that is written, or that the place asks for. */
function callTraitFunction(
  c: Checker, e: Call, decl: FuncDecl, trait: TraitRef, written: Type[], hint: Type | null,
): Type {
  const shown = `${trait.decl.name}.${decl.name}`;
  const self = written[0] ??
    tracedVar(c, e.callee.span, `the type whose \`${shown}\` this is`, `write it: \`${shown}[T]()\``);
  const method: FoundMethod = { k: "trait", decl, trait, candidates: [] };
  const { done, target } = callMethod(c, e, method, self, { object: null, args: e.args }, hint);
  e.target = target;
  e.ordered = done.ordered;
  c.atEnd.push(() => {
    const t = final(c, self);
    const wanted = { decl: trait.decl, args: trait.args.map((a) => final(c, a)) };
    if (satisfies(c.w, t, wanted)) return;
    c.error(e.callee.span, "J0221", `\`${showType(t)}\` is not \`${trait.decl.name}\`, whose \`${decl.name}\` this is`);
  });
  return done.result;
}
