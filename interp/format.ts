// Formatting: a program's text in the printer's form. Promises: formatting twice gives the same as once, comments stay,
// and what does not parse is refused with its errors, never touched.
import type { Diagnostic } from "./syntax/diagnostic.ts";
import { parse } from "./syntax/parser.ts";
import { printUnit } from "./syntax/printer.ts";
import { sourceText } from "./syntax/source.ts";

export type Formatted = { text: string } | { diagnostics: Diagnostic[] };

/** The text as `janus fmt` writes it, or why it cannot be read. name: for the errors. */
export function formatText(name: string, text: string): Formatted {
  const { unit, diagnostics } = parse(sourceText(name, text));
  if (diagnostics.some((d) => d.severity === "error")) return { diagnostics };
  return { text: printUnit(unit) };
}
