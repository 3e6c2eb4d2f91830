// Files that use each other in a circle. Promises: each circle is reported once, where it closes, with the whole way
// round; std has none.
import type { Span } from "../syntax/ast.ts";
import { importsOf } from "./imports.ts";
import type { Module, World } from "./world.ts";

interface Step {
  module: Module;
  /** where it uses the next one */
  span: Span;
}

/** Reports the circles among the files of a program. */
export function reportCircles(w: World): void {
  const done = new Set<Module>();
  const path: Step[] = [];
  const visit = (module: Module): void => {
    if (module.std || done.has(module)) return;
    for (const use of importsOf(w, module).uses) {
      path.push({ module, span: use.span });
      const start = path.findIndex((step) => step.module === use.module);
      if (start >= 0) report(w, path.slice(start));
      else visit(use.module);
      path.pop();
    }
    done.add(module);
  };
  for (const module of [...w.modules.values()]) visit(module);
}

function report(w: World, circle: Step[]): void {
  const last = circle[circle.length - 1]!;
  const names = [...circle, circle[0]!].map((step) => `\`${step.module.name}\``).join(" → ");
  w.reporter.error(last.module.source, last.span, "J0240", `files use each other in a circle: ${names}`, {
    hint: "move what both need into a file of its own",
    notes: circle.slice(0, -1).map((step) => ({
      unit: step.module.source, span: step.span, message: "this leads round to it",
    })),
  });
}
