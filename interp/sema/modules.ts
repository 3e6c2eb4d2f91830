// Modules: what a name means at the level of a file. Promises: own declarations come before names imported one by one,
// those before the modules themselves, those before what used modules make visible, and std.core comes last. Leans on
// units.ts for the files and on imports.ts for what they use.
import type { NamedDecl } from "../syntax/ast.ts";
import { findModule, importsOf } from "./imports.ts";
import { PRELUDE_NAMES, PRELUDE_UNIT, STR_PREFIX, STR_UNIT } from "./prelude.ts";
import { exported, exportedNames, hidden, stdModule } from "./units.ts";
import type { Module, ModuleGroup, World } from "./world.ts";

export type Found =
  | { k: "decl"; decl: NamedDecl; module: Module }
  | { k: "module"; group: ModuleGroup }
  /** a name of a module that was not found: what it means is not known, and has been reported */
  | { k: "missing" };

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
  return lookupPrelude(w, name) ?? lookupPath(w, module, name);
}

/** The first name of a path that is in use, or of std's: a module with nothing but others in it. */
function lookupPath(w: World, module: Module, name: string): Found | null {
  if (name !== "std" && !pathsOf(w, module).some(([path]) => path.startsWith(`${name}.`))) return null;
  return { k: "module", group: { name, parts: [] } };
}

function pathsOf(w: World, module: Module): [string, ModuleGroup][] {
  const all: [string, ModuleGroup][] = [];
  for (let m: Module | null = module; m !== null; m = m.previous) all.push(...importsOf(w, m).paths);
  return all;
}

/** The module `name` inside another, where a file may name it: those of std, and those on a path that is in use. */
export function moduleWithin(w: World, module: Module, outer: ModuleGroup, name: string): ModuleGroup | null {
  const path = `${outer.name}.${name}`;
  if (path.startsWith("std.")) {
    const group = findModule(w, path.split("."), module);
    return group.parts.length > 0 ? group : null;
  }
  const paths = pathsOf(w, module);
  const known = paths.find(([used]) => used === path);
  if (known !== undefined) return known[1];
  return paths.some(([used]) => used.startsWith(`${path}.`)) ? { name: path, parts: [] } : null;
}

/** What a module in use declares under a name and keeps to itself. */
export function lookupHidden(
  w: World, module: Module, name: string,
): { group: ModuleGroup; found: { decl: NamedDecl; module: Module } } | null {
  for (let m: Module | null = module; m !== null; m = m.previous) {
    for (const group of importsOf(w, m).open) {
      const found = group.parts.every((part) => part.std) ? null : hidden(group, name);
      if (found !== null) return { group, found };
    }
  }
  return null;
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
