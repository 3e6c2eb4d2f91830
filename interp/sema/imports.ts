// What the `use` declarations of a file bring in. Promises: each path is a file, or the files of a folder; one that is
// neither is reported once, with the nearest that there is, and none of its names again.
import type { UseDecl } from "../syntax/ast.ts";
import { didYouMean, nearest } from "./errors.ts";
import { exported, exportedNames, hidden, reportHidden, stdModule, userModule } from "./units.ts";
import type { Imports, Module, ModuleGroup, World } from "./world.ts";

/** The files behind a `use` path: one, or those of a folder; empty when there are none. */
export function findModule(w: World, path: string[], importer: Module): ModuleGroup {
  const name = path.join(".");
  const file = `${path.join("/")}.jan`;
  if (path[0] === "std") {
    const module = stdModule(w, file);
    if (module !== null) return { name, parts: [module] };
    const folder = w.loader.list(path.join("/"), null);
    return { name, parts: folder.map((part) => stdModule(w, part)).filter((m): m is Module => m !== null) };
  }
  const module = userModule(w, file, importer);
  if (module !== null) return { name, parts: [module] };
  const folder = w.loader.list(path.join("/"), importer.source);
  return { name, parts: folder.map((part) => userModule(w, part, importer)).filter((m): m is Module => m !== null) };
}

/** The nearest path to one that leads nowhere, segment by segment. */
function nearestPath(w: World, module: Module, path: string[]): string[] | null {
  const found: string[] = [];
  const importer = path[0] === "std" ? null : module.source;
  for (const segment of path) {
    const entries = found.length === 0 && importer === null ? ["std"] : w.loader.entries(found.join("/"), importer);
    const next = entries.includes(segment) ? segment : nearest(segment, entries);
    if (next === null) return null;
    found.push(next);
  }
  return found;
}

/** The end of a path that is found beside the file: the path was written as it is seen from another folder. */
function pathWithin(w: World, module: Module, path: string[]): string[] | null {
  for (let i = 1; i < path.length; i++) {
    const rest = path.slice(i);
    if (path[0] !== "std" && findModule(w, rest, module).parts.length > 0) return rest;
  }
  return null;
}

/** Reports a path that leads nowhere; gives the module that was probably meant. */
function reportMissing(w: World, module: Module, decl: UseDecl): ModuleGroup | null {
  const inStd = decl.path[0] !== "std" && findModule(w, ["std", ...decl.path], module).parts.length > 0;
  const near = inStd ? ["std", ...decl.path] : pathWithin(w, module, decl.path) ?? nearestPath(w, module, decl.path);
  const beside = `looked for ${decl.path.join("/")}.jan beside this file`;
  w.reporter.error(module.source, decl.span, "J0225", `there is no module \`${decl.path.join(".")}\``, {
    hint: near !== null ? `did you mean \`${near.join(".")}\`?` : decl.path[0] === "std" ? undefined : beside,
  });
  const group = near === null ? null : findModule(w, near, module);
  return group === null || group.parts.length === 0 ? null : { ...group, name: decl.path.join(".") };
}

function linkNames(w: World, module: Module, imports: Imports, use: UseDecl, group: ModuleGroup): void {
  for (const item of use.names!) {
    const found = exported(group, item.name);
    if (found !== null) {
      imports.names.set(item.alias ?? item.name, found);
      continue;
    }
    const sub = findModule(w, [...use.path, item.name], module);
    if (sub.parts.length > 0) {
      imports.modules.set(item.alias ?? item.name, sub);
      continue;
    }
    const secret = hidden(group, item.name);
    if (secret !== null) reportHidden(w, module, item.span, group, item.name, secret);
    else {
      w.reporter.error(module.source, item.span, "J0201", `module \`${group.name}\` has no \`${item.name}\``, {
        hint: didYouMean(item.name, exportedNames(group)),
      });
    }
  }
}

/** Resolves the `use` declarations of a module, once. */
export function importsOf(w: World, module: Module): Imports {
  if (module.imports !== null) return module.imports;
  const imports: Imports = {
    names: new Map(), modules: new Map(), open: [], missing: new Set(), incomplete: false, paths: new Map(), uses: [],
  };
  module.imports = imports;
  for (const decl of module.unit.decls) {
    if (decl.kind !== "UseDecl") continue;
    if (decl.path.length === 0) {
      // the parser has told why
      imports.incomplete = true;
      continue;
    }
    const last = decl.path[decl.path.length - 1]!;
    // std.core is always in scope; naming it is allowed and does nothing
    if (decl.path.join(".") === "std.core" || decl.path.join(".") === "std") continue;
    let group = findModule(w, decl.path, module);
    if (group.parts.length === 0 && decl.names === null && decl.path.length > 1) {
      // `use std.sync.mutex.Mutex`: the last segment names a declaration
      const outer = findModule(w, decl.path.slice(0, -1), module);
      const found = outer.parts.length === 0 ? null : exported(outer, last);
      if (found !== null) {
        imports.names.set(decl.alias ?? last, found);
        continue;
      }
      group = { name: group.name, parts: [] };
    }
    if (group.parts.length === 0) {
      const meant = reportMissing(w, module, decl);
      if (meant === null) {
        for (const name of decl.names ?? []) imports.missing.add(name.alias ?? name.name);
        if (decl.names === null) imports.missing.add(decl.alias ?? last);
        imports.incomplete ||= decl.names === null;
        continue;
      }
      // what is written with its names is looked at as if it had been named right
      group = meant;
    }
    imports.paths.set(decl.path.join("."), group);
    for (const part of group.parts) imports.uses.push({ module: part, span: decl.span });
    if (decl.names !== null) {
      linkNames(w, module, imports, decl, group);
    } else {
      imports.modules.set(decl.alias ?? last, group);
      imports.open.push(group);
    }
  }
  return imports;
}
