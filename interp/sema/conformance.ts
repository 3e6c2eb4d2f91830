// Impls against their traits: what an `impl Trait for T` lacks, has too much, or has differently. Promises: each
// difference is reported once, at the method or the type it is about, with the place of the trait that asks for it.
import type { FuncDecl, Type, TypeParam } from "../syntax/ast.ts";
import { satisfies } from "./impls.ts";
import { signatureOf, supersOf } from "./shapes.ts";
import { equalTypes, prune, showType, substitute, UNKNOWN } from "./types.ts";
import type { ImplInfo, World } from "./world.ts";

function sameSignature(w: World, impl: ImplInfo, own: FuncDecl, required: FuncDecl): string | null {
  const a = signatureOf(w, own);
  const b = signatureOf(w, required);
  const trait = impl.trait!;
  const s = new Map<TypeParam, Type>();
  const self = w.selfParams.get(trait.decl);
  if (self !== undefined) s.set(self, impl.target);
  trait.decl.typeParams.forEach((p, i) => s.set(p, trait.args[i]!));
  if (own.typeParams.length !== required.typeParams.length) return "it has other type parameters";
  required.typeParams.forEach((p, i) => s.set(p, { k: "param", param: own.typeParams[i]! }));
  if (own.receiver !== required.receiver) {
    return required.receiver === null ? "it must not take `self`"
      : `it must take \`${required.receiver === "pointer" ? "self: *Self" : "self"}\``;
  }
  if (a.params.length !== b.params.length) return `it must take ${b.params.length} parameters, not ${a.params.length}`;
  for (let i = own.receiver === null ? 0 : 1; i < a.params.length; i++) {
    const want = substitute(b.params[i]!.type, s);
    if (!equalTypes(a.params[i]!.type, want) && prune(a.params[i]!.type) !== UNKNOWN) {
      return `parameter \`${a.params[i]!.name}\` must be \`${showType(want)}\`, not \`${showType(a.params[i]!.type)}\``;
    }
  }
  const want = substitute(b.result, s);
  if (!equalTypes(a.result, want) && a.result !== UNKNOWN) {
    return `its result must be \`${showType(want)}\`, not \`${showType(a.result)}\``;
  }
  return null;
}

/** Reports what an `impl Trait for T` lacks, has too much, or has differently. */
export function checkImpl(w: World, impl: ImplInfo): void {
  if (impl.trait === null || impl.decl === null || prune(impl.target).k === "unknown") return;
  const trait = impl.trait.decl;
  const unit = impl.module.source;
  const missing = trait.methods.filter((m) => m.body === null && !impl.methods.has(m.name));
  if (missing.length > 0) {
    w.reporter.error(unit, impl.decl.target.span, "J0227",
      `this impl of \`${trait.name}\` lacks ${missing.map((m) => `\`${m.name}\``).join(", ")}`, {
        notes: missing.map((m) => ({
          unit: w.home(trait).module.source, span: m.nameSpan, message: "required here",
        })),
      });
  }
  for (const [name, own] of impl.methods) {
    const required = trait.methods.find((m) => m.name === name);
    if (required === undefined) {
      w.reporter.error(unit, own.nameSpan, "J0227", `trait \`${trait.name}\` has no method \`${name}\``, {
        hint: "methods of the type's own go into an impl without a trait",
        notes: [{ unit: w.home(trait).module.source, span: trait.nameSpan, message: "the trait is declared here" }],
      });
      continue;
    }
    const difference = sameSignature(w, impl, own, required);
    if (difference !== null) {
      const message = `\`${name}\` differs from the one in \`${trait.name}\`: ${difference}`;
      w.reporter.error(unit, own.nameSpan, "J0227", message, {
        notes: [{ unit: w.home(trait).module.source, span: required.nameSpan, message: "declared here" }],
      });
    }
  }
  for (const parent of supersOf(w, trait)) {
    if (!satisfies(w, impl.target, parent)) {
      w.reporter.error(unit, impl.decl.target.span, "J0227",
        `\`${trait.name}\` extends \`${parent.decl.name}\`, which \`${showType(impl.target)}\` does not implement`);
    }
  }
}
