// What the codes of errors and panics mean: the catalogues of the rooms, each code with a program that is wrong in just
// this way and one that is right. Apart from api.ts, so that running a program reads none of it.
import { panicExamples } from "./eval/panic-examples.ts";
import { panicCatalogue } from "./eval/panics.ts";
import { semaCatalogue } from "./sema/catalogue.ts";
import { semaExamples } from "./sema/examples.ts";
import { syntaxCatalogue, type Explanation } from "./syntax/diagnostic.ts";
import { syntaxExamples, type Example } from "./syntax/examples.ts";

export const explanations: Record<string, Explanation> = { ...syntaxCatalogue, ...semaCatalogue, ...panicCatalogue };

/** By code: a program that it is reported for, and one that does what was meant. */
export const examples: Record<string, Example> = { ...syntaxExamples, ...semaExamples, ...panicExamples };

/** What a code means (`J0203`, `P010`), with a program that is wrong and one that is right; null for no code. */
export function explain(code: string): string | null {
  const found = explanations[code];
  const example = examples[code];
  if (found === undefined || example === undefined) return null;
  const shown = (program: string): string => program.split("\n").map((line) => `    ${shortened(line)}`).join("\n");
  return [`${code}: ${found.title}`, found.text, "Wrong:", shown(example.wrong), "Right:", shown(example.right)]
    .join("\n\n");
}

/** Of examples whose mistake is their length, the beginning says enough. */
function shortened(line: string): string {
  return line.length <= 100 ? line : `${line.slice(0, 60)}… (${line.length} characters)`;
}
