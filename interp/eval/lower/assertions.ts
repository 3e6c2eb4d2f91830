// `assert`: what its condition found on the way is kept in hidden slots, and shown only when the condition does not
// hold. Nothing is evaluated twice, or in another order; an operand may suspend like any other.
import type { Expr, FuncDecl, Type } from "../../syntax/ast.ts";
import { assertionFailed, type Finding } from "../assertion.ts";
import { May } from "../code.ts";
import type { Node } from "../fuse/text.ts";
import { machine } from "../machine.ts";
import { showInside } from "../show.ts";
import { bytes, VOID } from "../values.ts";
import type { Builder, Kept } from "./builder.ts";
import { intrinsicName } from "./intrinsics.ts";

const COMPARISONS: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);

/** A part of the condition that `and`, `or` and `not` put together. */
interface Part {
  e: Expr;
  /** what it should be for the whole to hold. */
  wanted: boolean;
  /** false or true; 0: not evaluated. Null: it is the whole condition. */
  truth: Kept | null;
  /** of a comparison. */
  sides: { name: string; kept: Kept; type: Type }[];
}

export const isAssert = (decl: FuncDecl): boolean => decl.body === null && intrinsicName(decl) === "assert";

/** Says of which expressions in the condition the values are kept. To be called before they are compiled. */
export function watchCondition(b: Builder, condition: Expr): Part[] {
  const parts = partsOf(condition, true, []);
  const alone = parts.length === 1 && parts[0]!.e === condition;
  const keep = (e: Expr): Kept => {
    const kept = { slot: b.hidden(), forgets: [], known: false, constant: undefined };
    b.kept.set(e, kept);
    return kept;
  };
  for (const part of parts) {
    const { e } = part;
    if (e.kind === "Binary" && COMPARISONS.has(e.op)) {
      part.sides.push({ name: "left", kept: keep(e.left), type: b.typeOf(e.left) });
      part.sides.push({ name: "right", kept: keep(e.right), type: b.typeOf(e.right) });
    }
    if (!alone) part.truth = keep(e);
  }
  // the first part is always evaluated
  if (!alone) parts[0]!.truth!.forgets = parts.slice(1).map((part) => part.truth!.slot);
  return parts;
}

function partsOf(e: Expr, wanted: boolean, parts: Part[]): Part[] {
  if (e.coerce === undefined && e.kind === "Unary" && e.op === "not") return partsOf(e.operand, !wanted, parts);
  if (e.coerce === undefined && e.kind === "Binary" && (e.op === "and" || e.op === "or")) {
    return partsOf(e.right, wanted, partsOf(e.left, wanted, parts));
  }
  parts.push({ e, wanted, truth: null, sides: [] });
  return parts;
}

const valueOf = (kept: Kept, f: any): any => (kept.constant === undefined ? f[kept.slot] : kept.constant);

/** The assertion itself. args: its condition, compiled, and the program's own text if it gives one. */
export function assertion(b: Builder, parts: Part[], args: Node[], site: number, text: string): Node {
  // a literal says nothing that the source does not
  const found = parts.filter((part) => part.e.kind !== "BoolLit").map((part) => ({
    ...part,
    text: b.unit.text.slice(part.e.span.start, part.e.span.end),
    sides: part.sides.filter((side) => side.kept.known)
      .map(({ name, kept, type }) => ({ name, kept, show: showInside(type) })),
  }));
  const findings = (f: any): Finding[] => found
    .filter(({ truth, wanted }) => truth === null || valueOf(truth, f) === !wanted)
    .map(({ truth, text: source, wanted, sides }) => ({
      source: truth === null ? null : bytes(source),
      value: !wanted,
      sides: sides.map(({ name, kept, show }) => ({ name, value: show(valueOf(kept, f)) })),
    }));
  const failed = (message: string, f: any): undefined =>
    machine.panic("P004", assertionFailed(bytes(text), message, findings(f)), site);
  const [condition, message] = args;
  return b.apply2(condition!, message!, (ok, why, f) => (ok === true ? VOID : failed(why, f)), May.Stop,
    (t, ok, why) => {
      t.line(`if (${ok} !== true) return ${t.bind(failed)}(${why}, f);`);
      return t.bind(VOID);
    });
}
