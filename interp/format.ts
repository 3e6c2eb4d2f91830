// Formatting: a program's text in the printer's form. Promises: formatting twice gives the same as once, comments stay,
// the program stays the same program, and what does not parse is refused with its errors, never touched.
import type { Unit } from "./syntax/ast.ts";
import type { Diagnostic } from "./syntax/diagnostic.ts";
import { parse } from "./syntax/parser.ts";
import { printUnit } from "./syntax/printer.ts";
import { isSameTree } from "./syntax/same-tree.ts";
import { sourceText } from "./syntax/source.ts";

/** isKept: the printer's text would not be the same program, so the text is as it was: a defect of ours. */
export type Formatted = { text: string; isKept: boolean } | { diagnostics: Diagnostic[] };

/** The text as `janus fmt` writes it, or why it cannot be read. name: for the errors. Cost: linear. */
export function formatText(name: string, text: string): Formatted {
  const { unit, diagnostics } = parse(sourceText(name, text));
  if (diagnostics.some((d) => d.severity === "error")) return { diagnostics };
  // A comment in a place where no line may end, as in parentheses that change nothing, moves to the end of the line.
  for (const comments of ["anywhere", "breaks"] as const) {
    const printed = printUnit(unit, { comments });
    if (isSameProgram(name, printed, unit)) return { text: printed, isKept: false };
  }
  return { text, isKept: true };
}

/** Does the text read as this tree? */
function isSameProgram(name: string, text: string, unit: Unit): boolean {
  const again = parse(sourceText(name, text));
  return again.diagnostics.length === 0 && isSameTree(again.unit.decls, unit.decls);
}
