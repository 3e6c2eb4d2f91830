// What may not cross between fibers, asked again for each instance that is built: the types are concrete here, whatever
// the checker could see. Nothing that holds a bare reference is copied in silence.
import { bareReference, showType } from "../../sema/index.ts";
import type { Local, Spawn, Type } from "../../syntax/ast.ts";
import type { Builder } from "./builder.ts";
import { operandType } from "./conversions.ts";

const because = (what: string, reference: Type): string => reference.k !== "pointer"
  ? `${what} a \`${showType(reference)}\`, which stays in the fiber that took the lock`
  : `${what} a reference (\`${showType(reference)}\`), and references stay within one fiber: pass a copy of the`
  + " struct, or share it through `Mutex[T]`";

/** Why a value of this type may not be taken from one fiber to another; "" when it may. */
export function whyUncrossable(what: string, type: Type): string {
  const reference = bareReference(type);
  return reference === null ? "" : because(`${what} holds`, reference);
}

/** Why a closure that captures these may not cross. */
export function whyKept(b: Builder, captures: readonly Local[]): string {
  for (const local of captures) {
    const reference = bareReference(b.type(local.ty));
    if (reference !== null) return because(`this closure captures \`${local.name}\`, which holds`, reference);
  }
  return "";
}

/** Why this spawn cannot be: an argument, or what the fiber gives back, is a reference. */
export function whyUnspawnable(b: Builder, e: Spawn): string {
  const args = e.call.kind === "Call" ? e.call.ordered! : [];
  for (const arg of args) {
    const why = whyUncrossable("an argument of this spawn", operandType(b, arg));
    if (why !== "") return why;
  }
  return whyUncrossable("what this fiber would give back", b.typeOf(e));
}
