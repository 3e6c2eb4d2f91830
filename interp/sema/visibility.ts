// Who may name what a type has: its fields and its methods. Promises: a file sees all of its own; another file sees
// the methods that are `pub`, the methods of traits, and the fields, or, where a struct marks any of its fields `pub`,
// those alone. What is hidden is looked for only when nothing visible has the name, so that it hides nothing itself.
import type { FieldDecl, Span, StructDecl, TraitDecl } from "../syntax/ast.ts";
import type { Checker } from "./scope.ts";
import type { FieldInfo, ImplInfo, Module, World } from "./world.ts";

/** Whether code of `from` sees all that `home` declares: one file, or entries of one REPL session. */
function sharesFile(home: Module, from: Module): boolean {
  for (let m: Module | null = from; m !== null; m = m.previous) if (m === home) return true;
  return false;
}

/** Whether a method of an impl may be named in a file. */
export function seesMethod(impl: ImplInfo, name: string, from: Module): boolean {
  return impl.trait !== null || impl.methods.get(name)!.pub || sharesFile(impl.module, from);
}

/** Whether a trait may be named in a file. */
export function seesTrait(w: World, trait: TraitDecl, from: Module): boolean {
  return trait.pub || sharesFile(w.home(trait).module, from);
}

/** Whether a field of a struct may be named in a file. */
export function seesField(w: World, decl: StructDecl, field: FieldDecl, from: Module): boolean {
  return field.pub || sharesFile(w.home(decl).module, from) || !decl.fields.some((f) => f.pub);
}

/** Reports a field that another file keeps to itself. */
export function reportHiddenField(c: Checker, span: Span, decl: StructDecl, field: FieldInfo): void {
  c.error(span, "J0228", `field \`${field.name}\` of \`${decl.name}\` is not \`pub\``, {
    notes: [{
      unit: c.w.home(decl).module.source, span: field.decl.span, message: "declared here, for its own file only",
    }],
  });
}
