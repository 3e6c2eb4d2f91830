// Units: reads them, and registers what they declare. Promises: a unit is read once, one of std when it is first
// needed; a name that is declared twice is reported. Leans on the loader for texts and on the parser.
import type { Decl, NamedDecl, SourceText, Span, Unit } from "../syntax/ast.ts";
import { parse } from "../syntax/parser.ts";
import { LazyDecls, outline } from "./outline.ts";
import { PRELUDE_UNIT } from "./prelude.ts";
import { identify } from "./types.ts";
import type { Module, ModuleGroup, World } from "./world.ts";

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
  const unit: Unit = { source, profile: null, decls: [], generics: [], lost: new Set(), stmts: [] };
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
    if (decl.kind !== "GlobalDecl" && decl.kind !== "AliasDecl") {
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
  w.register(w, module);
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
