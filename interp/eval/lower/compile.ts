// One expression kind, one compiler: the table that the Builder walks the tree with.
import { Wanted } from "../host.ts";
import { bytes } from "../values.ts";
import { block } from "./blocks.ts";
import { type Compilers, constantNode, VOID_NODE } from "./builder.ts";
import { call, closure, pipe } from "./calls.ts";
import { cast } from "./casts.ts";
import { awaitExpression, giveWay, nursery, select, shield, spawn } from "./concurrency.ts";
import {
  breakTo, catchExpression, continueTo, fail, ifExpression, match, propagate, returnStatement,
} from "./control.ts";
import { owned } from "./conversions.ts";
import {
  arrayFill, arrayLiteral, floatValue, interpolation, intLiteral, mapLiteral, range, structLiteral, tupleLiteral,
  variantConstant,
} from "./literals.ts";
import { addressOf, deref, index, member, name, unwrap } from "./names.ts";
import { binary, unary } from "./operators.ts";
import { pattern } from "./patterns.ts";
import { statement } from "./statements.ts";

export const compilers: Compilers = {
  expr(b, e) {
    switch (e.kind) {
      case "IntLit": return intLiteral(e.value, b.typeOf(e));
      case "FloatLit": return constantNode(floatValue(e, b.typeOf(e)));
      case "CharLit": return constantNode(e.value);
      case "BoolLit": return constantNode(e.value);
      case "StringLit": return constantNode(bytes(e.value));
      case "NullLit": return constantNode(null);
      case "InterpString": return interpolation(b, e);
      case "Name": return name(b, e);
      case "ShortVariant": return variantConstant(e.variant!);
      case "ArrayLit": return arrayLiteral(b, e);
      case "ArrayFill": return arrayFill(b, e);
      case "TupleLit": return tupleLiteral(b, e);
      case "MapLit": return mapLiteral(b, e);
      case "StructLit": return structLiteral(b, e);
      case "TypeValue": return VOID_NODE;
      case "Unary": return unary(b, e);
      case "Binary": return binary(b, e);
      case "Pipe": return pipe(b, e);
      case "Range": return range(b, e);
      case "Call": return call(b, e);
      case "Index": return index(b, e);
      case "Member": return member(b, e);
      case "Unwrap": return unwrap(b, e);
      case "Deref": return deref(b, e);
      case "AddressOf": return addressOf(b, e);
      case "Propagate": return propagate(b, e);
      case "Catch": return catchExpression(b, e);
      case "Cast": return cast(b, e);
      case "Closure": return closure(b, e);
      case "If": return ifExpression(b, e);
      case "Match": return match(b, e, (x) => owned(b, x));
      case "Block": return b.block(e, false);
      case "Nursery": return nursery(b, e);
      // nobody can name the task of a spawn whose value is dropped: no handle is made
      case "Spawn": return spawn(b, e, e.isUnnamed === true ? Wanted.Not : Wanted.Kept);
      case "Await": return awaitExpression(b, e);
      case "Select": return select(b, e);
      case "Shield": return shield(b, e);
      case "Yield": return giveWay(b);
      case "Fail": return fail(b, e);
      case "Return": return returnStatement(b, e);
      case "Break": return breakTo(b, e);
      case "Continue": return continueTo(b, e);
      case "ErrorExpr": throw new Error("a tree with errors is never built");
    }
  },
  block,
  stmt: statement,
  pattern,
};
