// What has to be checked before a body can be: the module-level values without a written type and the functions with
// inferred errors that it names. Promises: chains of them, however long, are checked from their far end, without
// recursion; what only types can tell (a method of a value) is checked when it is met.
import type { Expr, FuncDecl, GlobalDecl, Param } from "../syntax/ast.ts";
import { lookup } from "./modules.ts";
import { signatureOf } from "./shapes.ts";
import { exported } from "./units.ts";
import { type AnyNode, walk } from "./walk.ts";
import type { Module, World } from "./world.ts";

type Needed = FuncDecl | GlobalDecl;

/** Checks what `root` needs, then `root`: each by `check`, when all that it names has been. */
export function checkInOrder(w: World, root: Needed, check: (decl: Needed) => void): void {
  const path: { decl: Needed; needs: Needed[] }[] = [];
  const open = (decl: Needed): void => {
    w.visited.add(decl);
    w.waiting.add(decl);
    path.push({ decl, needs: needsOf(w, decl).reverse() });
  };
  open(root);
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const next = top.needs.pop();
    if (next !== undefined) {
      if (!w.visited.has(next) && isAsked(w, next)) open(next);
      continue;
    }
    path.pop();
    w.waiting.delete(top.decl);
    check(top.decl);
  }
}

/** Whether what a declaration is has to be found out by checking its body. */
function isAsked(w: World, decl: Needed): boolean {
  if (decl.kind === "GlobalDecl") return decl.type === null && !w.globals.has(decl);
  return decl.fn === undefined && signatureOf(w, decl).inferredBy !== null;
}

/** The declarations that a body names. A name that is bound anywhere in it may mean that, and counts for nothing. */
function needsOf(w: World, decl: Needed): Needed[] {
  const { module } = w.home(decl);
  const names = new Set<string>();
  const bound = new Set<string>();
  const found = new Set<Needed>();
  const bind = (params: Param[]): void => {
    for (const p of params) bound.add(p.name);
  };
  if (decl.kind === "FuncDecl") bind(decl.params);
  walk(decl.kind === "FuncDecl" ? decl.body : decl.value, (node: AnyNode) => {
    const e = node as Expr | { kind: "BindPattern" | "AtPattern" | "Using"; name: string } | FuncDecl;
    switch (e.kind) {
      case "Name": names.add(e.name); break;
      case "Member":
        if (e.object.kind === "Name") ofModule(w, module, e.object.name, e.name, found);
        for (const method of methodsNamed(w, module, e.name)) found.add(method);
        break;
      case "BindPattern": case "AtPattern": case "Using": bound.add(e.name); break;
      case "FuncDecl": bound.add(e.name); bind(e.params); break;
      case "Closure": bind(e.params); break;
      case "Catch": case "Nursery": if (e.binding !== null) bound.add(e.binding); break;
      default:
    }
  });
  for (const name of names) {
    if (bound.has(name)) continue;
    const meant = lookup(w, module, name);
    if (meant?.k === "decl" && isNeeded(meant.decl)) found.add(meant.decl);
  }
  return [...found];
}

const isNeeded = (decl: { kind: string }): decl is Needed => decl.kind === "FuncDecl" || decl.kind === "GlobalDecl";

/** `m.f`, where `m` is a module. */
function ofModule(w: World, module: Module, name: string, member: string, into: Set<Needed>): void {
  const meant = lookup(w, module, name);
  const found = meant?.k === "module" ? exported(meant.group, member) : null;
  if (found !== null && isNeeded(found.decl)) into.add(found.decl);
}

/** The methods of a file's impls that have this name: which of them is meant only the types say. */
function methodsNamed(w: World, module: Module, name: string): FuncDecl[] {
  let methods = w.methodsByName.get(module);
  if (methods === undefined) {
    w.methodsByName.set(module, methods = new Map());
    for (const impl of module.impls) {
      for (const [key, method] of impl.methods) methods.set(key, [...methods.get(key) ?? [], method]);
    }
  }
  return methods.get(name) ?? [];
}
