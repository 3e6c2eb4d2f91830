// Trait objects: which traits can be one, and what a value of `any Trait` can be asked for. Promises: a method that
// needs to know the type behind an object when the program is checked keeps its trait from being one, and is named.
import type { FuncDecl, Span, TraitDecl, Type } from "../syntax/ast.ts";
import { selfParam, signatureOf, supersOf } from "./shapes.ts";
import { mapType } from "./types.ts";
import type { Module, World } from "./world.ts";

/** What of a method needs the type itself: null where it can be called on an object. */
function needsType(w: World, trait: TraitDecl, method: FuncDecl): string | null {
  if (method.receiver === null) return "takes no `self`, so that nothing says which type's it is";
  if (method.typeParams.length > 0) return "has type parameters of its own";
  const self = selfParam(w, trait);
  const { params, result } = signatureOf(w, method);
  const names = (t: Type): boolean => {
    let found = false;
    mapType(t, (leaf) => {
      found ||= leaf.k === "param" && leaf.param === self;
      return null;
    });
    return found;
  };
  if (params.slice(1).some((p) => names(p.type))) return "takes another `Self`, which may be of another type";
  return names(result) ? "gives a `Self`, whose type is not known" : null;
}

/** The first method of a trait, or of one that it extends, which cannot be called on an object; null: there is none. */
export function notForObjects(
  w: World, trait: TraitDecl, seen = new Set<TraitDecl>(),
): { method: FuncDecl; trait: TraitDecl; why: string } | null {
  if (seen.has(trait)) return null;
  seen.add(trait);
  for (const method of trait.methods) {
    const why = needsType(w, trait, method);
    if (why !== null) return { method, trait, why };
  }
  for (const parent of supersOf(w, trait)) {
    const found = notForObjects(w, parent.decl, seen);
    if (found !== null) return found;
  }
  return null;
}

/** Reports an `any Trait` whose trait cannot be an object. */
export function checkObject(w: World, { module, trait, span }: { module: Module; trait: TraitDecl; span: Span }): void {
  const found = notForObjects(w, trait);
  if (found === null) return;
  const { method, why } = found;
  w.reporter.error(module.source, span, "J0234", `there is no \`any ${trait.name}\`: \`${method.name}\` ${why}`, {
    hint: `bound a type parameter with the trait: \`[T: ${trait.name}]\``,
    notes: [{ unit: w.home(found.trait).module.source, span: method.nameSpan, message: "declared here" }],
  });
}
