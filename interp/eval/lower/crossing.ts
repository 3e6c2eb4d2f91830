// What may not cross between fibers, asked again for each instance that is built: the types are concrete here, whatever
// the checker could see. Nothing that holds a bare reference or a lock's guard is copied in silence.
import { type Program, showType, staysBehind } from "../../sema/index.ts";
import type { Local, Spawn, Type } from "../../syntax/ast.ts";
import type { Builder } from "./builder.ts";
import { operandType } from "./conversions.ts";

const because = (what: string, kept: Type): string => kept.k !== "pointer" ? `${what} ${staysBehind(kept)}`
  : `${what} a reference (\`${showType(kept)}\`), and references stay within one fiber: pass a copy of the struct, or`
  + " share it through `Mutex[T]`";

/** Why a value of this type may not be taken from one fiber to another; "" when it may. */
export function whyUncrossable(program: Program, what: string, type: Type): string {
  const kept = program.uncrossable(type);
  return kept === null ? "" : because(`${what} holds`, kept);
}

/** Why a closure that captures these may not cross. */
export function whyKept(b: Builder, captures: readonly Local[]): string {
  for (const local of captures) {
    const kept = b.instances.program.uncrossable(b.type(local.ty));
    if (kept !== null) return because(`this closure captures \`${local.name}\`, which holds`, kept);
  }
  return "";
}

/** Why this spawn cannot be: an argument, or what the fiber gives back, may not cross. */
export function whyUnspawnable(b: Builder, e: Spawn): string {
  const args = e.call.kind === "Call" ? e.call.ordered! : [];
  const { program } = b.instances;
  for (const arg of args) {
    const why = whyUncrossable(program, "an argument of this spawn", operandType(b, arg));
    if (why !== "") return why;
  }
  return whyUncrossable(program, "what this fiber would give back", b.typeOf(e));
}
