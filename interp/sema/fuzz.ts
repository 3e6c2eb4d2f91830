// The fuzzer of interp/syntax/fuzz.ts for the whole front end: every text is parsed and checked to its end, without a
// crash and within a bound of computing time; every diagnostic names a place inside the file it speaks of; and a text
// that is accepted has been annotated in full.
//
//   bun interp/sema/fuzz.ts --seconds 60 --seed 7 --texts 1000000
import { fuzzCommand } from "../syntax/fuzz.ts";
import { renderJson, renderText } from "../syntax/render.ts";
import { checkText, cpuMs, gaps } from "./testing.ts";

/** Reading what it needs of std is most of it; on a busy machine, and counted for the process's other threads, too. */
const oneText_ms_max = 4000;

/** Throws an Error that says what went wrong with the text; returns whether it was accepted. */
export function checkWhole(text: string): boolean {
  const begin_ms = cpuMs();
  const { program, diagnostics } = checkText(text);
  const took_ms = cpuMs() - begin_ms;
  if (took_ms > oneText_ms_max) throw new Error(`checking took ${Math.round(took_ms / 1000)} s`);
  for (const diagnostic of diagnostics) {
    const { start, end } = diagnostic.span;
    const placed = start >= 0 && start <= end && end <= diagnostic.unit.text.length;
    if (!placed) throw new Error(`${diagnostic.code} has no place in the text`);
    renderText(diagnostic);
    renderJson(diagnostic);
  }
  if (diagnostics.some((d) => d.severity === "error")) return false;
  const unit = program.units.find((u) => u.source.name === "main.jan")!;
  const [gap] = gaps(unit.decls, text);
  if (gap !== undefined) throw new Error(`accepted with a gap: ${gap.split(",")[0]}`);
  return true;
}

if (import.meta.main) fuzzCommand(checkWhole);
