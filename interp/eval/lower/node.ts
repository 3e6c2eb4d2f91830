// What the builder knows of a step while it puts a larger one together: whether it can stop, how deep it nests (host
// stack), and whether it is a plain local or a constant, so that the larger step can be the fused one.
import { May, type Step } from "../code.ts";
import type { Node } from "../fuse/text.ts";
import type { Shape } from "../steps/operators.ts";

export function node(run: Step, may: May, ...children: Node[]): Node {
  let deep = 0;
  for (const c of children) {
    if (c.deep > deep) deep = c.deep;
    if (c.may > may) may = c.may;
  }
  return { run, may, deep: deep + 2, slot: -1, constant: false, value: null, emit: null };
}

export function shapeOf(n: Node): Shape {
  if (n.slot >= 0) return "slot";
  if (n.constant) return "const";
  return n.may === May.Never ? "never" : n.may === May.Stop ? "stops" : "suspends";
}

/** What an operator's maker takes for this operand (operators.ts). */
export const operandOf = (n: Node): any => (n.slot >= 0 ? n.slot : n.constant ? n.value : n.run);
