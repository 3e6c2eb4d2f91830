// `a?.b` and `a?.b(…)`: the tree is made to say what they stand for, and that is checked.
import type { Expr, Member, Name, Type } from "../syntax/ast.ts";
import { infer } from "./infer.ts";
import { asOptional } from "./narrowing.ts";
import type { Checker } from "./scope.ts";
import { known } from "./solve.ts";
import { rewrite } from "./walk.ts";

/**
 * `a?.b`: with an optional before it, the member or null; with a result, `(a?).b`. In both cases the tree is made to
 * say so.
 */
export function inferOptionalMember(c: Checker, e: Expr, member: Member, hint: Type | null): Type {
  const t = asOptional(c, member.object, known(c, infer(c, member.object, null)));
  c.settled.add(member.object);
  if (t.k === "result") {
    member.object = { kind: "Propagate", operand: member.object, prefix: false, span: member.object.span };
    member.optional = false;
  } else {
    desugarOptional(e, member);
  }
  return infer(c, e, hint);
}

/** `a?.b` is `if let it = a do it.b else null end`, and the tree is made to say so. */
function desugarOptional(e: Expr, member: Member): void {
  const span = member.object.span;
  const name: Name = { kind: "Name", name: "?.", span };
  const subject = member.object;
  const inner: Member = { ...member, object: name, optional: false };
  const value: Expr = e === member ? inner : { ...(e as Extract<Expr, { kind: "Call" }>), callee: inner };
  const then = { kind: "Block", stmts: [{ kind: "ExprStmt", expr: value, span: e.span }], span: e.span };
  const otherwise = {
    kind: "Block", stmts: [{ kind: "ExprStmt", expr: { kind: "NullLit", span: e.span }, span: e.span }], span: e.span,
  };
  rewrite(e, {
    kind: "If", postfix: false, then, otherwise,
    cond: { kind: "Let", pattern: { kind: "BindPattern", name: "?.", span }, mutable: false, value: subject, span },
  });
}
