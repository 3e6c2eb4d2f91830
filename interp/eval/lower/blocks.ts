// Blocks and their cleanups: what gives their value, and what it means to stand last in a function.
import type { Block, Expr } from "../../syntax/ast.ts";
import { May } from "../code.ts";
import type { Node } from "../fuse/text.ts";
import type { Cleanup } from "../steps/cleanup.ts";
import { condition, inOrder } from "./bindings.ts";
import { type Builder, VOID_NODE } from "./builder.ts";
import { choose, returned, tailExpression } from "./control.ts";
import { owned } from "./conversions.ts";
import { node } from "./node.ts";

export function withCleanups(b: Builder, steps: Node[], bodies: (Node | null)[], onError: boolean[]): Node {
  const cleanups: Cleanup[] = bodies.map((n, i) => ({ body: n === null ? null : n.run, onError: onError[i]! }));
  const run = b.tier.cleanup.withCleanup(b.reg, steps.map((n) => n.run), cleanups, b.hidden(true));
  return node(run, May.Stop, ...steps, ...bodies.filter((n): n is Node => n !== null));
}

/** A block's value is its last expression's. tail: it is the function's too, so returns in it need not unwind. */
export function block(b: Builder, block: Block, tail: boolean): Node {
  const stmts = block.stmts;
  if (stmts.length === 0) return VOID_NODE;
  if (stmts.some((s) => s.kind === "Defer")) return blockWithDefers(b, block, tail);
  return sequence(b, block, 0, tail);
}

function sequence(b: Builder, block: Block, from: number, tail: boolean): Node {
  const stmts = block.stmts;
  const nodes: Node[] = [];
  for (let i = from; i < stmts.length; i++) {
    const s = stmts[i]!;
    const last = i === stmts.length - 1;
    if (s.kind === "ExprStmt") {
      // `if c do … return x end; rest` in tail position is a choice between two tails
      if (tail && !last && s.expr.kind === "If" && s.expr.otherwise === null && leaves(s.expr.then)) {
        const cond = condition(b, s.expr.cond);
        const then = b.block(s.expr.then, true);
        const rest = sequence(b, block, i + 1, true);
        nodes.push(choose(b, cond, then, rest));
        break;
      }
      if (last) {
        nodes.push(tail ? tailExpression(b, s.expr) : valueOfBlock(b, s.expr));
        break;
      }
    }
    nodes.push(b.stmt(s));
    if (last) nodes.push(tail ? returned(b, VOID_NODE) : VOID_NODE);
  }
  return inOrder(b, nodes);
}

function valueOfBlock(b: Builder, e: Expr): Node {
  return owned(b, e);
}

/** Does the block always end in leaving the function? */
function leaves(block: Block): boolean {
  const last = block.stmts.at(-1);
  if (last?.kind !== "ExprStmt") return false;
  const e = last.expr;
  if (e.kind === "Return" || e.kind === "Fail") return true;
  return e.kind === "If" && e.otherwise !== null && leaves(e.then) &&
    (e.otherwise.kind === "Block" ? leaves(e.otherwise) : e.otherwise.kind === "If" && chainLeaves(e.otherwise));
}

const chainLeaves = (e: Expr): boolean =>
  e.kind === "If" && e.otherwise !== null && leaves(e.then) &&
  (e.otherwise.kind === "Block" ? leaves(e.otherwise) : chainLeaves(e.otherwise));

function blockWithDefers(b: Builder, block: Block, tail: boolean): Node {
  const steps: Node[] = [];
  const bodies: (Node | null)[] = [];
  const onError: boolean[] = [];
  block.stmts.forEach((s, i) => {
    const last = i === block.stmts.length - 1;
    onError.push(s.kind === "Defer" && s.onError);
    if (s.kind === "Defer") {
      steps.push(VOID_NODE);
      bodies.push(b.expr(s.body));
    } else {
      // a return in here must run the cleanups: it unwinds
      steps.push(s.kind === "ExprStmt" && last ? valueOfBlock(b, s.expr) : b.stmt(s));
      bodies.push(null);
    }
  });
  const inner = withCleanups(b, steps, bodies, onError);
  return tail ? returned(b, inner) : inner;
}
