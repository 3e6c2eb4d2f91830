// Modules: reads units, registers what they declare, and answers what a name means at the level of a file.
// Promises: own declarations come before names imported one by one, those before the modules themselves, those before
// what used modules make visible, and std.core comes last. Leans on the loader for texts and on the parser.
import type { NamedDecl } from "../syntax/annotations.ts";
import type { Decl, FuncDecl, SourceText, Span, Unit } from "../syntax/ast.ts";
import { parse } from "../syntax/parser.ts";
import { registerImpls } from "./impls.ts";
import { importsOf } from "./imports.ts";
import { LazyDecls, outline } from "./outline.ts";
import { PRELUDE_NAMES, PRELUDE_UNIT, STR_PREFIX, STR_UNIT } from "./prelude.ts";
import { identify } from "./types.ts";
import type { Module, ModuleGroup, World } from "./world.ts";

export type Found =
  | { k: "decl"; decl: NamedDecl; module: Module }
  | { k: "module"; group: ModuleGroup }
  /** a name of a module that was not found: what it means is not known, and has been reported */
  | { k: "missing" };

function isNamed(decl: Decl): decl is NamedDecl {
  return decl.kind !== "ImplDecl" && decl.kind !== "TestDecl" && decl.kind !== "UseDecl";
}

function attributeNames(decl: Decl): string[] {
  return decl.attributes.map((a) => a.name);
}

/** Whether a struct is a built-in type, whose values the runtime makes. */
export function isIntrinsicType(decl: Decl): boolean {
  return attributeNames(decl).includes("intrinsic");
}

/** Parses a unit and registers its declarations; its imports are linked later, when a name is looked up. */
export function addModule(w: World, source: SourceText, std: boolean, repl: Module | "first" | null = null): Module {
  const parsed = parse(source, repl === null ? {} : { repl: true });
  w.reporter.diagnostics.push(...parsed.diagnostics);
  return addUnit(w, source.name, parsed.unit, std, repl === "first" ? null : repl);
}

/** A unit of std that is functions only, parsed function by function as they are needed; null when it is not. */
function addLazily(w: World, source: SourceText): Module | null {
  const pieces = outline(source.text);
  if (pieces === null) return null;
  const unit: Unit = { source, profile: null, decls: [], generics: [], stmts: [] };
  const names = new LazyDecls(source, pieces, (decl, index, diagnostics) => {
    w.reporter.diagnostics.push(...diagnostics);
    w.homes.set(decl, { module, impl: null, trait: null });
    identify(decl, source.id, index);
    unit.decls.push(decl);
  });
  const module: Module = {
    name: source.name, unit, source, std: true, names, imports: null, impls: [], tests: [], previous: null,
    session: null,
  };
  w.modules.set(source.name, module);
  return module;
}

export function addUnit(w: World, name: string, unit: Unit, std: boolean, previous: Module | null): Module {
  const source = unit.source;
  const module: Module = {
    name, unit, source, std, names: new Map(), imports: null, impls: [], tests: [], previous, session: null,
  };
  w.modules.set(name, module);
  let index = 0;
  for (const decl of unit.decls) {
    if (decl.kind === "TestDecl") module.tests.push(decl);
    if (!isNamed(decl)) {
      if (decl.kind === "ImplDecl") for (const method of decl.methods) identify(method, source.id, index++);
      continue;
    }
    w.homes.set(decl, { module, impl: null, trait: null });
    if (decl.kind !== "GlobalDecl" && decl.kind !== "AliasDecl" && decl.kind !== "TraitDecl") {
      identify(decl, source.id, index++);
    }
    if (decl.kind === "StructDecl" || decl.kind === "EnumDecl" || decl.kind === "TraitDecl") {
      for (const method of decl.methods) identify(method, source.id, index++);
    }
    const earlier = module.names.get(decl.name);
    if (earlier !== undefined) {
      w.reporter.error(source, decl.nameSpan, "J0219", `\`${decl.name}\` is declared twice in this file`, {
        label: "declared again here",
        notes: [{ unit: source, span: earlier.nameSpan, message: "first declared here" }],
      });
    } else {
      module.names.set(decl.name, decl);
    }
    if (decl.kind === "GlobalDecl" && decl.keyword === "var") {
      w.reporter.error(source, decl.nameSpan, "J0216",
        `a module-level \`var\` would be shared by every fiber without protection`, {
          hint: `write \`let ${decl.name} = Atomic.new(…)\` for a number or a flag, or keep the data in a \`Mutex\``,
        });
    }
  }
  for (const decl of unit.generics) {
    identify(decl, source.id, index++);
    w.homes.set(decl, { module, impl: null, trait: null });
  }
  registerImpls(w, module);
  return module;
}

/** A unit of std by its path, loaded on first need. */
export function stdModule(w: World, name: string): Module | null {
  const known = w.modules.get(name);
  if (known !== undefined) return known;
  const source = w.loader.unit(name, null);
  if (source === null) return null;
  return (name === PRELUDE_UNIT ? addLazily(w, source) : null) ?? addModule(w, source, true);
}

export function userModule(w: World, name: string, importer: Module): Module | null {
  const source = w.loader.unit(name, importer.source);
  if (source === null) return null;
  return w.modules.get(source.name) ?? addModule(w, source, false);
}

/** A `pub` declaration of a module. */
export function exported(group: ModuleGroup, name: string): { decl: NamedDecl; module: Module } | null {
  for (const module of group.parts) {
    const decl = module.names.get(name);
    if (decl?.pub) return { decl, module };
  }
  return null;
}

/** A declaration that exists but is not `pub`. */
export function hidden(group: ModuleGroup, name: string): { decl: NamedDecl; module: Module } | null {
  for (const module of group.parts) {
    const decl = module.names.get(name);
    if (decl !== undefined && !decl.pub) return { decl, module };
  }
  return null;
}

export function exportedNames(group: ModuleGroup): string[] {
  return group.parts.flatMap((m) => [...m.names].filter(([, decl]) => decl.pub).map(([name]) => name));
}

export function reportHidden(
  w: World, module: Module, span: Span, group: ModuleGroup, name: string, found: { decl: NamedDecl; module: Module },
): void {
  w.reporter.error(module.source, span, "J0228", `\`${name}\` of module \`${group.name}\` is not \`pub\``, {
    notes: [{ unit: found.module.source, span: found.decl.nameSpan, message: "declared here, for its own file only" }],
  });
}

function lookupOpen(open: ModuleGroup[], name: string): Found | null {
  for (const group of open) {
    const found = exported(group, name);
    if (found !== null) return { k: "decl", ...found };
  }
  return null;
}

/** What a name means at the level of a module's file, or null. */
export function lookup(w: World, module: Module, name: string): Found | null {
  for (let m: Module | null = module; m !== null; m = m.previous) {
    const own = m.names.get(name);
    if (own !== undefined) return { k: "decl", decl: own, module: m };
    const imports = importsOf(w, m);
    const named = imports.names.get(name);
    if (named !== undefined) return { k: "decl", ...named };
    if (imports.missing.has(name)) return { k: "missing" };
    const group = imports.modules.get(name);
    if (group !== undefined) {
      // `use std.sync.mutex` and a `mutex` inside it: the declaration is what calls mean
      return { k: "module", group };
    }
    const open = lookupOpen(imports.open, name);
    if (open !== null) return open;
  }
  return lookupPrelude(w, name);
}

export function lookupPrelude(w: World, name: string): Found | null {
  const file = PRELUDE_NAMES.get(name) ?? (name.startsWith(STR_PREFIX) ? STR_UNIT : undefined);
  if (file !== undefined) {
    const module = stdModule(w, file);
    const decl = module?.names.get(name);
    if (module && decl !== undefined) return { k: "decl", decl, module };
  }
  const prelude = stdModule(w, PRELUDE_UNIT);
  const decl = prelude?.names.get(name);
  return prelude && decl !== undefined ? { k: "decl", decl, module: prelude } : null;
}

/** Whether a name that nothing declares may be one of a module that was not found. */
export function maybeMissing(w: World, module: Module): boolean {
  return importsOf(w, module).incomplete;
}

/** Every name a module's code may write, for "did you mean". */
export function visibleNames(w: World, module: Module): Set<string> {
  const names = new Set<string>();
  for (let m: Module | null = module; m !== null; m = m.previous) {
    for (const name of m.names.keys()) names.add(name);
    const imports = importsOf(w, m);
    for (const name of imports.names.keys()) names.add(name);
    for (const name of imports.modules.keys()) names.add(name);
    for (const group of imports.open) for (const name of exportedNames(group)) names.add(name);
  }
  for (const name of PRELUDE_NAMES.keys()) names.add(name);
  const prelude = stdModule(w, PRELUDE_UNIT);
  if (prelude !== null) for (const name of prelude.names.keys()) names.add(name);
  return names;
}

/** The declaration of a type that the language itself needs (`Task`, `Map`, …). */
export function preludeDecl(w: World, name: string): NamedDecl | null {
  const found = lookupPrelude(w, name);
  return found?.k === "decl" ? found.decl : null;
}

export type { FuncDecl };
