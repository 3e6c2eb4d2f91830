// Orderings of atomic operations: those that an operation cannot take are reported when they are written as constants.
import type { Call, Expr } from "../syntax/ast.ts";
import type { Checker } from "./scope.ts";

const REFUSED: Record<string, readonly string[]> = {
  load: ["Release", "AcqRel"],
  store: ["Acquire", "AcqRel", "Consume"],
};

function orderingName(e: Expr | undefined): string | null {
  if (e?.kind === "ShortVariant") return e.name;
  if ((e?.kind === "Member" || e?.kind === "Name") && e.ref?.k === "variant") return e.ref.variant.name;
  return null;
}

/** An ordering that an atomic operation cannot take. */
export function checkAtomicOrdering(c: Checker, e: Call, method: string): void {
  const args = e.ordered ?? [];
  const last = args[args.length - 1];
  const name = orderingName(last);
  if (last === undefined || name === null) return;
  const isExchange = method.startsWith("compare_exchange");
  const refused = isExchange && args.length === 5 ? REFUSED.load! : REFUSED[method];
  if (refused?.includes(name)) {
    c.error(last.span, "J0233", isExchange
      ? `the failure ordering of \`${method}\` cannot be \`${name}\`: a failed exchange only loads`
      : `\`${method}\` cannot take the ordering \`${name}\``, {
        hint: method === "store" ? "use `Relaxed`, `Release` or `SeqCst`" : "use `Relaxed`, `Acquire` or `SeqCst`",
      });
  }
}
