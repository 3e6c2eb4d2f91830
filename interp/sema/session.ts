// The REPL's session: entries checked one after the other, each in the scope of all before it. Promises: an entry with
// errors leaves nothing behind; the variables of an entry are cells that later entries share; the session itself is a
// nursery, so that `spawn` needs no block around it.
import type { FnInfo, SourceText, Type, Unit } from "../syntax/ast.ts";
import type { Diagnostic } from "../syntax/diagnostic.ts";
import { checkModule, drain } from "./bodies.ts";
import { makeFn, resultOf } from "./context.ts";
import { importsOf } from "./imports.ts";
import { checkStmt, infer } from "./infer.ts";
import { forgetVariables } from "./narrowing.ts";
import { PRELUDE_NAMES, PRELUDE_UNIT } from "./prelude.ts";
import { Program } from "./program.ts";
import { newWorld } from "./rules.ts";
import { Checker, type FnContext } from "./scope.ts";
import { finish } from "./solve.ts";
import { emptyErrors, prune, VOID } from "./types.ts";
import { addModule, stdModule } from "./units.ts";
import type { Loader, Module, ScopeEntry, World } from "./world.ts";

export interface Entry {
  unit: Unit;
  diagnostics: Diagnostic[];
  /** The body of the entry's statements. */
  fn: FnInfo;
  /** The type of the last expression statement's value; `void` when there is none to show. */
  type: Type;
}

export class Session {
  readonly #w: World;
  readonly program: Program;
  #previous: Module | "first" = "first";
  #scope: ScopeEntry | null = null;
  /** How things stood before the last entry. */
  #before: { previous: Module | "first"; scope: ScopeEntry | null; module: Module | null } =
    { previous: "first", scope: null, module: null };

  constructor(loader: Loader, profile = "service") {
    this.#w = newWorld(loader, profile);
    stdModule(this.#w, PRELUDE_UNIT);
    this.program = new Program(this.#w, null, []);
  }

  /** Names that are in scope before any entry, for completion. */
  builtins(): string[] {
    const prelude = stdModule(this.#w, PRELUDE_UNIT);
    return [...PRELUDE_NAMES.keys(), ...(prelude?.names.keys() ?? [])];
  }

  /** The names that the last entry has declared, for completion. */
  latest(): string[] {
    const { previous, scope } = this.#before;
    const names: string[] = [];
    for (let entry = this.#scope; entry !== null && entry !== scope; entry = entry.outer) names.push(entry.name);
    if (this.#previous !== "first" && this.#previous !== previous) names.push(...this.#previous.names.keys());
    return names;
  }

  /** Takes back the last entry: it failed before all its variables had values. */
  takeBack(): void {
    const { previous, scope, module } = this.#before;
    if (module !== null) this.#forget(module);
    this.#previous = previous;
    this.#scope = scope;
  }

  /** Checks one more entry. */
  add(source: SourceText): Entry {
    const w = this.#w;
    const before = w.reporter.diagnostics.length;
    const module = addModule(w, source, false, this.#previous);
    module.session = this.#scope;
    importsOf(w, module);
    checkModule(w, module);
    const fn = this.#context();
    const c = new Checker(w, module, { module, params: null, self: null }, fn, module.unit);
    c.depth = source.id + 1;
    const { stmts } = module.unit;
    const shown = { ty: VOID as Type };
    stmts.forEach((stmt, i) => {
      if (i === stmts.length - 1 && stmt.kind === "ExprStmt") {
        shown.ty = infer(c, stmt.expr, null);
        if (prune(shown.ty).k === "never") shown.ty = VOID;
      } else if (stmt.kind === "Defer") {
        const before = c.narrowed;
        forgetVariables(c);
        checkStmt(c, stmt);
        c.narrowed = before;
      } else {
        checkStmt(c, stmt);
      }
    });
    c.typed.push(shown);
    finish(c);
    drain(w);
    for (const local of fn.info.locals) {
      local.captured = true;
      local.boxed = true;
    }
    fn.info.result = resultOf(shown.ty, fn.raised);
    const diagnostics = w.reporter.diagnostics.splice(before);
    if (diagnostics.some((d) => d.severity === "error")) this.#forget(module);
    else {
      this.#before = { previous: this.#previous, scope: this.#scope, module };
      this.#previous = module;
      this.#scope = c.scope;
    }
    return { unit: module.unit, diagnostics, fn: fn.info, type: shown.ty };
  }

  #context(): FnContext {
    return makeFn(null, "this entry", VOID, {
      mayFail: true, nursery: { errors: emptyErrors(), node: null, fn: null, tasks: new Set() },
    });
  }

  /** Takes back what an entry with errors has declared. */
  #forget(module: Module): void {
    this.#w.modules.delete(module.name);
    for (const impl of module.impls) {
      for (const list of [...this.#w.implsByHead.values(), this.#w.blankets]) {
        const index = list.indexOf(impl);
        if (index >= 0) list.splice(index, 1);
      }
    }
  }
}

