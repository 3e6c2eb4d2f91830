// Names of std whose module is not in use, or that stand in no module: where each is found. Promises: what a hint says,
// followed to the letter, checks.
import type { Span } from "../syntax/ast.ts";
import { MODULE_MEMBERS } from "./habits.ts";
import { findModule } from "./imports.ts";
import { lookup } from "./modules.ts";
import { exported } from "./units.ts";
import type { Module, World } from "./world.ts";

/** The modules that a name alone may come from. */
const MODULES = ["math", "os", "io", "fs", "time", "random", "json", "log", "testing", "hash", "net", "http", "task",
  "mem", "collections", "sync.mutex", "sync.parker", "sync.chan", "sync.mailbox"];

/** For a name that nothing declares: the module of std that has it, or that it is. */
export function fromStd(w: World, module: Module, name: string, span: Span): string | undefined {
  const member = /^\.([A-Za-z_]\w*)/.exec(module.source.text.slice(span.end, span.end + 80))?.[1];
  const lower = name.toLowerCase();
  const found = MODULES.find((one) => exported(findModule(w, ["std", ...one.split(".")], module), name) !== null);
  if (MODULES.includes(name) || (found === undefined && MODULES.includes(lower))) {
    const other = member === undefined ? undefined : MODULE_MEMBERS.get(`${lower}.${member}`);
    if (other !== undefined) return other;
    const group = findModule(w, ["std", lower], module);
    const isThere = member === undefined || exported(group, member) !== null;
    return (isThere ? undefined : alwaysThere(w, module, member))
      ?? `write \`use std.${lower}\` at the top of the file${lower === name ? "" : `, and \`${lower}\` here`}`;
  }
  if (found === undefined) return undefined;
  return `it is in \`std.${found}\`: write \`use std.${found}\` at the top of the file`;
}

/** For a name that a module does not have. */
export function alwaysThere(w: World, module: Module, name: string): string | undefined {
  const found = lookup(w, module, name);
  return found?.k === "decl" && found.decl.kind === "FuncDecl" && found.module.std
    ? `it belongs to no module: write \`${name}(…)\`` : undefined;
}
