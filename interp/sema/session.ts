// The REPL's session: entries checked one after the other, each in the scope of all before it. Promises: an entry with
// errors leaves nothing behind; the variables of an entry are cells that later entries share; the session itself is a
// nursery, so that `spawn` needs no block around it.
import type { FnInfo, FuncDecl, Name, Pattern, SourceText, Type, Unit } from "../syntax/ast.ts";
import type { Diagnostic } from "../syntax/diagnostic.ts";
import { parse } from "../syntax/parser.ts";
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
import { addUnit, stdModule } from "./units.ts";
import { walk } from "./walk.ts";
import type { Loader, Module, ScopeEntry, World } from "./world.ts";

export interface Entry {
  unit: Unit;
  diagnostics: Diagnostic[];
  /** The body of the entry's statements. */
  fn: FnInfo;
  /** The type of the last expression statement's value; `void` when there is none to show. */
  type: Type;
}

/** The names that a pattern binds, among others that it may only mention. */
function namesIn(pattern: Pattern): string[] {
  const names: string[] = [];
  walk(pattern, (node) => void ("name" in node && typeof node.name === "string" && names.push(node.name)));
  return names;
}

/**
 * A function of an entry that names a variable of the session is one of a block: a closure, which has what it uses. So
 * is one that names such a function.
 */
function closeOverVariables(unit: Unit, scope: ScopeEntry | null): void {
  const variables = new Set<string>();
  for (let entry = scope; entry !== null; entry = entry.outer) variables.add(entry.name);
  for (const stmt of unit.stmts) {
    if (stmt.kind === "Let") for (const name of namesIn(stmt.pattern)) variables.add(name);
  }
  const isOpen = (decl: FuncDecl): boolean => {
    let names = false;
    walk(decl.body, (node) => void (names ||= node.kind === "Name" && variables.has((node as Name).name)));
    return names;
  };
  for (let open: FuncDecl | undefined; ;) {
    open = unit.decls.find((decl): decl is FuncDecl => decl.kind === "FuncDecl" && isOpen(decl));
    if (open === undefined) break;
    unit.decls.splice(unit.decls.indexOf(open), 1);
    unit.stmts.push({ kind: "FuncStmt", decl: open, span: open.span });
    if (open.typeParams.length > 0) unit.generics.push(open);
    variables.add(open.name);
  }
  unit.stmts.sort((a, b) => a.span.start - b.span.start);
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
    const parsed = parse(source, { repl: true });
    w.reporter.diagnostics.push(...parsed.diagnostics);
    closeOverVariables(parsed.unit, this.#scope);
    const module = addUnit(w, source.name, parsed.unit, false, this.#previous === "first" ? null : this.#previous);
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
    this.#refuseMethods(module);
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

  /** A method belongs to its type, which may go to another fiber: it is no closure. */
  #refuseMethods(module: Module): void {
    for (const method of module.impls.flatMap((impl) => impl.decl?.methods ?? [])) {
      const [used] = method.fn?.captures ?? [];
      if (used === undefined) continue;
      this.#w.reporter.error(module.source, method.nameSpan, "J0201",
        `the method \`${method.name}\` uses \`${used.name}\`, a variable of the session`, {
          hint: `take it as a parameter: \`func ${method.name}(self, ${used.name}: T)\``,
        });
    }
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

