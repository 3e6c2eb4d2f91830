// Which task handles never leave the variable they were given to: `let h = spawn f()` where h is only awaited,
// cancelled or asked. Their reference is given back when the variable gets its next value or its frame ends, instead of
// when the garbage collector finds the handle: the record of a finished task is then used again at once.
import type { Block, Expr, Local, Stmt } from "../../syntax/ast.ts";
import { walk } from "../../sema/index.ts";

const TASK_METHODS = new Set(["cancel", "try_await", "is_done"]);

/** The locals of a body that own their task. */
export function ownedTasks(body: Block): ReadonlySet<Local> {
  const owned = new Set<Local>();
  walk(body, (n) => {
    const s = n as Stmt;
    if (s.kind !== "Let" || s.mutable || s.pattern.kind !== "BindPattern" || s.value.kind !== "Spawn") return;
    const local = s.pattern.local;
    if (local !== undefined && !local.captured && !s.value.coerce?.length) owned.add(local);
  });
  if (owned.size === 0) return owned;
  /** Uses that keep the handle where it is. */
  const harmless = new Set<Expr>();
  walk(body, (n) => {
    const e = n as Expr;
    if (e.kind === "Await" && e.mode === "task") harmless.add(e.operand);
    if (e.kind === "Call" && e.callee.kind === "Member" && TASK_METHODS.has(e.callee.name)) {
      harmless.add(e.callee.object);
    }
  });
  walk(body, (n) => {
    const e = n as Expr;
    if (e.kind === "Name" && e.ref?.k === "local" && !harmless.has(e)) owned.delete(e.ref.local);
  });
  return owned;
}
