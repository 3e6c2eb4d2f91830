// The order in which module-level values are computed. Promises: a value comes after every value that its initial
// expression mentions, also through the functions it calls; a circle of these is an error that names its members. A
// call through a trait may reach every impl of the method: a value comes after what these mention, too, unless that in
// turn may need the value itself. Then only the run tells (P005). Cost: linear in what is mentioned.
import type { FuncDecl, GlobalDecl } from "../syntax/ast.ts";
import { reportCircle } from "./globals.ts";
import type { World } from "./world.ts";

type Member = GlobalDecl | FuncDecl;

/** By the declaration of a trait's method: the methods of its impls. */
function methodsOfImpls(w: World): Map<FuncDecl, FuncDecl[]> {
  const found = new Map<FuncDecl, FuncDecl[]>();
  for (const { impls } of w.modules.values()) {
    for (const { trait, methods } of impls) {
      for (const declared of trait?.decl.methods ?? []) {
        const own = methods.get(declared.name);
        const all = found.get(declared);
        if (own === undefined) continue;
        if (all === undefined) found.set(declared, [own]);
        else all.push(own);
      }
    }
  }
  return found;
}

/** Module-level values in the order in which they are to be computed. */
export function orderGlobals(w: World, all: GlobalDecl[]): GlobalDecl[] {
  const impls = methodsOfImpls(w);
  const mentioned = (decl: Member): Iterable<Member> => w.uses.get(decl) ?? [];
  const certain = (decl: Member): Iterable<Member> => (impls.has(decl as FuncDecl) ? [] : mentioned(decl));
  const possible = (decl: Member): Iterable<Member> => {
    const methods = impls.get(decl as FuncDecl);
    return methods === undefined ? mentioned(decl) : [...mentioned(decl), ...methods];
  };
  const order: GlobalDecl[] = [];
  for (const group of groups(all, possible)) {
    const members = new Set(group);
    const globals = group.length === 1 ? group : all.filter((decl) => members.has(decl));
    order.push(...inOrder(w, globals.filter((d) => d.kind === "GlobalDecl"), (decl) =>
      [...certain(decl)].filter((used) => members.has(used))));
  }
  return order;
}

/** Those that may need each other stand in one group, after the groups that they need (Tarjan, 1972). */
function groups(roots: Member[], uses: (decl: Member) => Iterable<Member>): Member[][] {
  const found: Member[][] = [];
  /** in the order in which they were met; Infinity: its group is complete */
  const met = new Map<Member, number>();
  const open: Member[] = [];
  const path: { decl: Member; lowest: number; next: Iterator<Member> }[] = [];
  let count = 0;
  const visit = (decl: Member): void => {
    met.set(decl, count);
    open.push(decl);
    path.push({ decl, lowest: count++, next: uses(decl)[Symbol.iterator]() });
  };
  for (const root of roots) {
    if (!met.has(root)) visit(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { value: used, done } = top.next.next();
      if (done !== true) {
        const at = met.get(used);
        if (at === undefined) visit(used);
        else top.lowest = Math.min(top.lowest, at);
        continue;
      }
      path.pop();
      const around = path.at(-1);
      if (around !== undefined) around.lowest = Math.min(around.lowest, top.lowest);
      if (top.lowest < met.get(top.decl)!) continue;
      const group = open.splice(open.lastIndexOf(top.decl));
      for (const member of group) met.set(member, Infinity);
      found.push(group);
    }
  }
  return found;
}

/** Values after those that they are certain to need; reports the circles. */
function inOrder(w: World, globals: GlobalDecl[], uses: (decl: Member) => Member[]): GlobalDecl[] {
  const order: GlobalDecl[] = [];
  const state = new Map<Member, "open" | "done">();
  const path: { decl: Member; uses: Iterator<Member> }[] = [];
  const open = (decl: Member): void => {
    state.set(decl, "open");
    path.push({ decl, uses: uses(decl).values() });
  };
  for (const root of globals) {
    if (!state.has(root)) open(root);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const { value: used, done } = top.uses.next();
      if (done === true) {
        path.pop();
        state.set(top.decl, "done");
        if (top.decl.kind === "GlobalDecl") order.push(top.decl);
      } else if (state.get(used) === "open") {
        const members = path.map((step) => step.decl);
        reportCircle(w, members.slice(members.indexOf(used)));
      } else if (!state.has(used)) {
        open(used);
      }
    }
  }
  return order;
}
