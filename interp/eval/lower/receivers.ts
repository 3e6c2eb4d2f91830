// Receivers: what a method that changes its own is given for it; and methods of trait objects, from a Dynamic to the
// function that its type has and to what that takes as its receiver.
import type { CallTarget, Expr, Type } from "../../syntax/ast.ts";
import { May } from "../code.ts";
import type { Node } from "../fuse/text.ts";
import { Cell, Closure, type Concrete, type Dynamic } from "../values.ts";
import type { Builder } from "./builder.ts";
import { read } from "./conversions.ts";
import { addressOf } from "./names.ts";
import { place } from "./places.ts";

/** What a method that changes its receiver is given for it, and what is to be done when the method has ended. */
export interface Receiver {
  node: Node;
  after(call: Node): Node;
}

/**
 * The receiver of a method that takes `self: *T`. ofObject: the method is one of the types behind a trait object, and
 * not of the trait object itself.
 */
export function receiverOf(b: Builder, e: Expr, ofObject: boolean): Receiver {
  const after = (call: Node): Node => call;
  const { k } = b.typeOf(e);
  // a struct is its own reference; so is a trait object for the methods of what it holds
  if (k === "struct" || (k === "any" && ofObject)) return { node: b.expr(e), after };
  if (e.kind === "Deref") return { node: read(b, e.operand), after };
  const isPart = (e.kind === "Member" && e.ref === undefined) || (e.kind === "Index" && e.ref === undefined);
  if (!isPart) return { node: addressOf(b, { kind: "AddressOf", operand: e, span: e.span }), after };
  // a part that is no struct has no reference: the method changes a copy, which is then put where the part was
  const { operands, read: get, write } = place(b, e);
  const where = b.hidden();
  const cell = b.hidden();
  return {
    node: b.applyN(operands, (values, f) => {
      const v = get(values, f);
      if (v === undefined) return undefined;
      f[where] = values;
      return (f[cell] = new Cell(v));
    }, May.Stop),
    after: (call) => b.apply1(call, (v, f) => (write(f[where], f, f[cell].v) === undefined ? undefined : v), May.Stop),
  };
}

/** Both take the receiver as a call has it: the object, or a reference to the variable that holds it. */
export interface ObjectMethod {
  functionOf(v: any): Closure;
  receiverOf(v: any): any;
}

/** How a call finds the method of a trait object; null: the receiver is none. type: of the receiver in the call. */
export function methodOfObject(
  b: Builder, target: CallTarget & { k: "func" | "trait" }, type: Type,
): ObjectMethod | null {
  if (target.k !== "trait" || b.type(target.self).k !== "any") return null;
  const { instances } = b;
  const traitArgs = target.traitArgs.map((t) => b.type(t));
  const behind = type.k === "pointer" ? (v: any): Dynamic => v.v : (v: any): Dynamic => v;
  const changes = target.trait.methods.find((m) => m.name === target.method)?.receiver === "pointer";
  const functions = new Map<Concrete, Closure>();
  return {
    functionOf(v) {
      const { of } = behind(v);
      let found = functions.get(of);
      if (found === undefined) {
        found = new Closure(instances.ofMethod(of.type, target.trait, target.method, traitArgs), []);
        functions.set(of, found);
      }
      return found;
    },
    // a struct is its own reference; for what is none, the object is the cell
    receiverOf(v) {
      const object = behind(v);
      return changes && object.of.type.k !== "struct" ? object : object.v;
    },
  };
}
