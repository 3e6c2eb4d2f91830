// Functions as values that are not one function with one number of parameters: `xs.each(println)`, or no function yet:
// `xs.map(Shape.area)`. Promises: such a name is the closure that calls it, with as many arguments as the place gives,
// of the types that it says.
import type { Call, Closure, Expr, FuncDecl, Member, Name, Type } from "../syntax/ast.ts";
import { declaredIn, type FoundMethod } from "./candidates.ts";
import type { Entity } from "./entities.ts";
import { didYouMean } from "./errors.ts";
import { inferAnew } from "./infer.ts";
import { type Checker, tracedVar } from "./scope.ts";
import { signatureOf } from "./shapes.ts";
import { func, prune, substitute, UNKNOWN } from "./types.ts";
import { freshVar, mark, undo, unify } from "./unify.ts";
import { rewrite } from "./walk.ts";

type FuncType = Extract<Type, { k: "func" }>;

function funcOf(hint: Type | null): FuncType | null {
  let t = hint === null ? null : prune(hint);
  if (t?.k === "optional") t = prune(t.of);
  return t?.k === "func" ? t : null;
}

/** Makes `f` the closure `func(a, b) do f(a, b) end`. */
function closeOver(c: Checker, e: Name | Member, want: FuncType): Type {
  const { span } = e;
  // no name that can be written: it hides nothing that `f` is made of
  const names = want.params.map((_, i) => `argument ${i + 1}`);
  const call: Call = {
    kind: "Call", callee: { ...e }, command: false, span,
    args: names.map((name) => ({ name: null, value: { kind: "Name", name, span }, span })),
  };
  const made: Omit<Closure, "span"> = {
    kind: "Closure", form: "func", result: null,
    params: names.map((name) => ({ name, type: null, default: null, span })),
    body: { kind: "Block", span, stmts: [{ kind: "ExprStmt", expr: call, span }] },
  };
  rewrite(e, made);
  return inferAnew(c, e as Expr, want);
}

/** A function that takes any number of arguments: as many as the place gives; where none is wanted, one. */
export function variadicValue(c: Checker, e: Name | Member, decl: FuncDecl, hint: Type | null): Type {
  const one = (): FuncType => func([tracedVar(c, e.span, `what \`${decl.name}\` takes here`,
    "write the type of the function value, as `func(string) -> void`")], freshVar()) as FuncType;
  return closeOver(c, e, funcOf(hint) ?? one());
}

/** A trait's method on a type: a default one, or one of a type parameter. */
export function methodValue(
  c: Checker, e: Member, self: Type, { decl, trait }: FoundMethod & { k: "trait" }, hint: Type | null,
): Type {
  const sig = signatureOf(c.w, decl);
  const around = [self, ...trait.args];
  const s = new Map(sig.typeParams.map((p, i) => [p, around[i] ?? freshVar()]));
  const made = func(sig.params.map((p) => substitute(p.type, s)), freshVar()) as FuncType;
  const want = funcOf(hint);
  if (want?.params.length === made.params.length) {
    const start = mark();
    if (!made.params.every((p, i) => unify(p, want.params[i]!))) undo(start);
  }
  return closeOver(c, e, made);
}

/** `Trait.name`, of the type that the place asks for. */
export function traitValue(
  c: Checker, e: Member, { trait, name }: Extract<Entity, { k: "of-trait" }>, hint: Type | null,
): Type {
  const declared = declaredIn(c.w, trait, name)[0];
  if (declared === undefined) {
    c.error(e.nameSpan, "J0209", `trait \`${trait.decl.name}\` has no method \`${name}\``, {
      hint: didYouMean(name, trait.decl.methods.map((m) => m.name)),
    });
    return UNKNOWN;
  }
  const self = tracedVar(c, e.span, `the type whose \`${trait.decl.name}.${name}\` this is`,
    "write the type of the function value, or a closure that calls it");
  return methodValue(c, e, self, { k: "trait", ...declared, candidates: [] }, hint);
}
