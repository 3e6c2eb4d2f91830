// The checker's front door: a program's text in, an annotated tree and every error out. Promises: no input or output
// of its own (the loader gives texts); all errors of one run, none a consequence of another; nothing is evaluated.
import type { FuncDecl, SourceText } from "../syntax/ast.ts";
import type { Diagnostic } from "../syntax/diagnostic.ts";
import { checkModule, drain } from "./bodies.ts";
import { reportCircles } from "./circles.ts";
import { importsOf } from "./imports.ts";
import { LazyDecls } from "./outline.ts";
import { PRELUDE_UNIT } from "./prelude.ts";
import { Program } from "./program.ts";
import { newWorld } from "./rules.ts";
import { addModule, stdModule } from "./units.ts";
import type { Loader } from "./world.ts";

/** The parser's code for text nested deeper than it reads. */
const TOO_DEEP = "J0119";

export interface CheckOptions {
  profile?: string;
}

export interface Checked {
  program: Program;
  diagnostics: Diagnostic[];
}

/** Checks a program from its entry file. */
export function checkProgram(entry: SourceText, loader: Loader, options: CheckOptions = {}): Checked {
  const w = newWorld(loader, options.profile ?? "service");
  stdModule(w, PRELUDE_UNIT);
  const module = addModule(w, entry, false);
  if (w.reporter.diagnostics.some((d) => d.code === TOO_DEEP)) {
    // what the parser gave up on is not there to be checked: all else would be a consequence
    return { program: new Program(w, null, []), diagnostics: w.reporter.sorted() };
  }
  // units found on the way are checked as well, each whole
  const checked = new Set<object>();
  for (let more = true; more;) {
    more = false;
    for (const unit of [...w.modules.values()]) {
      if (unit.std || checked.has(unit)) continue;
      checked.add(unit);
      more = true;
      importsOf(w, unit);
      checkModule(w, unit);
    }
  }
  drain(w);
  reportCircles(w);
  const main = module.names.get("main");
  const program = new Program(
    w, main?.kind === "FuncDecl" ? main as FuncDecl : null,
    [...w.modules.values()].filter((m) => !m.std).flatMap((m) => m.tests),
  );
  // a circle among initial values is found by ordering them
  program.globals;
  return { program, diagnostics: w.reporter.sorted() };
}

/** Checks every body of a unit of std: for std's own tests. */
export function checkStdUnit(name: string, loader: Loader): Diagnostic[] {
  const w = newWorld(loader, "service");
  stdModule(w, PRELUDE_UNIT);
  const module = stdModule(w, name);
  if (module === null) throw new Error(`no unit ${name}`);
  importsOf(w, module);
  if (module.names instanceof LazyDecls) module.names.all();
  checkModule(w, module);
  drain(w);
  return w.reporter.sorted();
}

export { semaCatalogue } from "./catalogue.ts";
export { staysBehind } from "./crossing.ts";
export { Program } from "./program.ts";
export { holdsFailure } from "./rethrow.ts";
export { Session } from "./session.ts";
export { typeAsked } from "./type-patterns.ts";
export { isTooLarge, showType, substitute, TYPE_PARTS_MAX, typeKey } from "./types.ts";
export type { Loader } from "./world.ts";
export { walk } from "./walk.ts";
