// Bounds of written types: `Heap[T]` where `Heap` needs an ordered T. Promises: they are looked at when every impl of
// the program is known, each once.
import { satisfies } from "./impls.ts";
import { boundsOf, nominalScope } from "./shapes.ts";
import { prune, showType, substitute } from "./types.ts";
import type { BoundedType, World } from "./world.ts";

/** Reports type arguments that do not satisfy the bounds of a type's parameters. */
export function checkBounds(w: World, { module, decl, args, span }: BoundedType): void {
  nominalScope(w, decl);
  decl.typeParams.forEach((param, i) => {
    const t = prune(args[i]!);
    // a parameter of the place itself: each concrete use of that is looked at
    if (t.k === "var" || t.k === "param") return;
    for (const bound of boundsOf(w, param)) {
      const s = new Map(decl.typeParams.map((p, at) => [p, args[at]!]));
      if (satisfies(w, t, { decl: bound.decl, args: bound.args.map((a) => substitute(a, s)) })) continue;
      w.reporter.error(module.source, span, "J0221",
        `\`${showType(t)}\` is not \`${bound.decl.name}\`, which \`${decl.name}\` needs`, {
          notes: [{ unit: w.home(decl).module.source, span: param.span, message: "the bound is declared here" }],
        });
    }
  });
}
