// Orderings of atomic operations: those that an operation cannot take are reported when they are written as constants.
import type { Expr } from "../syntax/ast.ts";
import type { Checker } from "./scope.ts";

const REFUSED: Record<string, readonly string[]> = {
  load: ["Release", "AcqRel"],
  store: ["Acquire", "AcqRel", "Consume"],
  fence: ["Relaxed"],
};

const ALLOWED: Record<string, string> = {
  store: "use `Relaxed`, `Release` or `SeqCst`",
  fence: "a fence orders what stands around it: use `Acquire`, `Release`, `AcqRel` or `SeqCst`",
};

function orderingName(e: Expr | undefined): string | null {
  if (e?.kind === "ShortVariant") return e.name;
  if ((e?.kind === "Member" || e?.kind === "Name") && e.ref?.k === "variant") return e.ref.variant.name;
  return null;
}

/** An ordering that an atomic operation cannot take. */
export function checkAtomicOrdering(c: Checker, args: readonly Expr[], method: string): void {
  const last = args[args.length - 1];
  const name = orderingName(last);
  if (last === undefined || name === null) return;
  const isExchange = method.startsWith("compare_exchange");
  const refused = isExchange && args.length === 5 ? REFUSED.load! : REFUSED[method];
  if (refused?.includes(name)) {
    c.error(last.span, "J0233", isExchange
      ? `the failure ordering of \`${method}\` cannot be \`${name}\`: a failed exchange only loads`
      : `\`${method}\` cannot take the ordering \`${name}\``, {
        hint: ALLOWED[method] ?? "use `Relaxed`, `Acquire` or `SeqCst`",
      });
  }
}
