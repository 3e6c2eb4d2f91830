// Calls of functions, methods, values, variants, and of what std declares as intrinsic.
import { holdsFailure } from "../../sema/index.ts";
import { FIRST_STD_UNIT } from "../../sema/sources.ts";
import type { Call, CallTarget, Closure as ClosureExpr, Expr, FuncDecl, Pipe, Span, Type } from "../../syntax/ast.ts";
import { May } from "../code.ts";
import { equalOf } from "../equality.ts";
import { emitCall, emitValueCall } from "../fuse/calls.ts";
import { emitIfPresent, emitPassOn, emitPropagate } from "../fuse/flow.ts";
import type { Node } from "../fuse/text.ts";
import { Closure } from "../values.ts";
import { assertion, isAssert, watchCondition } from "./assertions.ts";
import { type Builder, constantNode } from "./builder.ts";
import { conversion } from "./casts.ts";
import { whyKept } from "./crossing.ts";
import { lent, operandType, owned, read } from "./conversions.ts";
import { inlineVariant, variantMaker } from "./literals.ts";
import { methodOfObject, type ObjectMethod, receiverOf } from "./receivers.ts";
import { node } from "./node.ts";

export function call(b: Builder, e: Call): Node {
  const n = callOf(b, e);
  // the failure of a closure lent to the call: it leaves here too, unless the place takes it as a value
  if (e.rethrows === undefined || holdsFailure(b.typeOf(e))) return n;
  const { propagate, passOn } = b.tier.outcome;
  const site = b.site(e.span);
  return e.rethrows === "raised"
    ? b.fused(node(propagate(b.reg, n.run, site), May.Stop, n), 1, (resumes) => emitPropagate(resumes, n, site))
    : b.fused(node(passOn(b.reg, n.run), May.Stop, n), 1, (resumes) => emitPassOn(resumes, n));
}

function callOf(b: Builder, e: Call): Node {
  const target = e.target!;
  switch (target.k) {
    case "func":
    case "trait":
      return optionalCall(b, e) ?? callFunction(b, target, e.ordered!, e.span, b.typeOf(e), e.args.map((a) => a.name));
    case "value": {
      const operands = [read(b, e.callee), ...e.ordered!.map((a) => lent(b, a))];
      return valueCall(b, e, operands);
    }
    case "variant":
      return b.applyN(e.ordered!.map((a) => owned(b, a)), variantMaker(target.variant), May.Never,
        inlineVariant(target.variant));
    case "cast":
      return conversion(b, read(b, e.ordered![0]!), operandType(b, e.ordered![0]!), b.type(target.to), b.site(e.span));
  }
}

export const pipe = (b: Builder, e: Pipe): Node => call(b, e.call!);

/** A call of a function value. Only a variable can hold a closure that was lent (sema/rethrow.ts). */
function valueCall(b: Builder, e: Call, operands: Node[]): Node {
  const mayFail = e.callee.kind === "Name" && e.callee.ref?.k === "local" && !holdsFailure(b.typeOf(e));
  return callClosure(b, operands, mayFail, b.site(e.span));
}

/** Calls what operands[0] gives. mayFail: it may have been lent, so that its failure leaves the function. */
export function callClosure(b: Builder, operands: Node[], mayFail: boolean, site: number): Node {
  const { callValue, callLent1, callLent2, entering } = b.tier.call;
  const runs = operands.map((n) => n.run);
  const lends = mayFail && (runs.length === 2 || runs.length === 3);
  const run = mayFail && runs.length === 2 ? callLent1(b.reg, runs[0]!, runs[1]!, site)
    : mayFail && runs.length === 3 ? callLent2(b.reg, runs[0]!, runs[1]!, runs[2]!, site)
    : callValue(b.reg, runs, mayFail, site);
  return b.fused(node(run, May.Suspend, ...operands), lends ? runs.length + 1 : 3, (resumes) =>
    emitValueCall(resumes, operands, mayFail, site, entering, (i, values) => {
      if (!lends) return { resume: resumes[2]!, state: `[${values.join(", ")}]` };
      if (i === 0) return null;
      // the last argument's resumption is registered first
      return { resume: resumes[1 + runs.length - i]!, state: i === 1 ? values[0]! : `[${values.join(", ")}]` };
    }));
}

/** `a?.f(x)`: the call is not reached when a is null. */
function optionalCall(b: Builder, e: Call): Node | null {
  const callee = e.callee;
  if (callee.kind !== "Member" || !callee.optional || e.ordered![0] !== callee.object) return null;
  const object = read(b, callee.object);
  const outer = b.typeOf(callee.object) as Type & { k: "optional" };
  const slot = b.hidden();
  const target = e.target as CallTarget & { k: "func" | "trait" };
  const rest = e.ordered!.slice(1).map((a) => lent(b, a));
  const inner = callNodes(b, target, [b.readHidden(slot), ...rest],
    [outer.of, ...e.ordered!.slice(1).map((a) => operandType(b, a))], e.span, b.typeOf(e));
  const boxed = outer.of.k === "optional";
  const run = b.tier.outcome.ifPresent(b.reg, object.run, slot, boxed, inner.run);
  return b.fused(node(run, May.Suspend, object, inner), 1,
    (resumes) => emitIfPresent(resumes, object, slot, boxed, inner));
}

/** A call of a declared function; ordered holds the arguments in parameter order, the receiver first. */
export function callFunction(b: Builder, target: CallTarget & { k: "func" | "trait" }, ordered: Expr[], span: Span,
  result: Type = { k: "void" }, names: (string | null)[] = []): Node {
  if (target.k === "func" && isAssert(target.decl)) {
    const parts = watchCondition(b, ordered[0]!);
    const text = b.unit.text.slice(span.start, span.end);
    return assertion(b, parts, ordered.map((a) => lent(b, a)), b.site(span), text);
  }
  const receiver = target.byRef ? receiverOf(b, ordered[0]!, b.instances.resolve(target, b) === null) : null;
  const nodes = ordered.map((a, i) => (i === 0 && receiver !== null ? receiver.node : lent(b, a)));
  const n = callNodes(b, target, nodes, ordered.map((a) => operandType(b, a)), span, result, names);
  return receiver === null ? n : receiver.after(n);
}

const isPlaced = (decl: FuncDecl): boolean => decl.attributes.some((a) => a.name === "placed");

function callNodes(b: Builder, target: CallTarget & { k: "func" | "trait" }, args: Node[], types: Type[], span: Span,
  result: Type, names: (string | null)[] = []): Node {
  const resolved = b.instances.resolve(target, b);
  const site = b.site(span);
  if (resolved === null) {
    const object = methodOfObject(b, target, types[0]!);
    return object !== null ? callObject(b, object, args, site) : ownComparison(b, target, args, types[0]!);
  }
  const { decl, typeArgs } = resolved;
  // std is told where in the program it was called, as its last argument
  if (isPlaced(decl) && b.unit.id < FIRST_STD_UNIT) args = [...args.slice(0, -1), constantNode(site)];
  if (decl.body === null) {
    const text = b.unit.text.slice(span.start, span.end);
    return b.instances.intrinsic(b, decl, args, types, typeArgs, result, site, text, names);
  }
  const code = b.instances.ofFunction(decl, typeArgs);
  const { call0, call1, call2, callN, entering } = b.tier.call;
  const runs = args.map((n) => n.run);
  const run = runs.length === 0 ? call0(b.reg, code, site)
    : runs.length === 1 ? call1(b.reg, code, runs[0]!, site)
    : runs.length === 2 ? call2(b.reg, code, runs[0]!, runs[1]!, site)
    : callN(b.reg, code, runs, site);
  const ofArguments = Math.min(args.length, 2) - (args.length > 2 ? 1 : 0);
  return b.fused(node(run, May.Suspend, ...args), 2 + ofArguments,
    (resumes) => emitCall(resumes, code, args, site, entering));
}

/** A call of a method of a trait object: which function that is, the object says. */
export function callObject(b: Builder, method: ObjectMethod, args: Node[], site: number): Node {
  const slot = b.hidden();
  const { functionOf, receiverOf } = method;
  const callee = b.apply1(args[0]!, (v, f) => {
    f[slot] = receiverOf(v);
    return functionOf(v);
  }, May.Never, (t, v) => {
    t.writeSlot(slot, t.set(`${t.bind(receiverOf)}(${v})`));
    return t.set(`${t.bind(functionOf)}(${v})`);
  });
  return callClosure(b, [callee, b.readHidden(slot), ...args.slice(1)], false, site);
}

/** `cmp` and `eq` of a built-in type: -1, 0, 1, or equality by value. */
function ownComparison(b: Builder, target: CallTarget & { k: "func" | "trait" }, args: Node[], type: Type): Node {
  const equal = equalOf(type);
  const compare = target.k === "trait" && target.method === "eq"
    ? equal
    : (x: any, y: any) => (x < y ? -1 : x > y ? 1 : 0);
  return b.apply2(args[0]!, args[1]!, compare, May.Never);
}

export function closure(b: Builder, e: ClosureExpr): Node {
  const code = b.closure((key) => b.instances.ofClosure(key, e, b));
  const captures = e.fn!.captures.map((local) => b.captureValue(local));
  code.keeps = whyKept(b, e.fn!.captures);
  return node((f) => {
    const captured = new Array(captures.length);
    for (let i = 0; i < captures.length; i++) captured[i] = captures[i]!(f);
    return new Closure(code, captured);
  }, May.Never);
}
