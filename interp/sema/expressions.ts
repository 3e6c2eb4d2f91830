// Expressions: gives every one its type, in two directions. `infer` finds a type from the inside (a hint may help, and
// is not enforced); `check` asks for a type from the outside and records the conversion. Promises: every node gets a
// `ty`, after an error `unknown`, which nothing complains about. After Pierce and Turner, "Local Type Inference".
import type { Type } from "../syntax/annotations.ts";
import type { Expr, Range } from "../syntax/ast.ts";
import type { Note } from "../syntax/diagnostic.ts";
import { inferCall, inferPipe } from "./calls.ts";
import { inferClosure } from "./closures.ts";
import { coerce, setType, wouldFit } from "./coerce.ts";
import { inferAwait, inferNursery, inferSelect, inferShield, inferSpawn, inferYield } from "./concurrency.ts";
import { numberVariants } from "./constants.ts";
import {
  checkBlockAs, DISCARD, inferBlock, inferBreak, inferCatch, inferFail, inferIf, inferMatch, inferPropagate,
  inferReturn,
} from "./control.ts";
import { inferArray, inferInt, inferInterp, inferMap, inferStruct, inferTuple } from "./literals.ts";
import { inferIndex, inferMember } from "./members.ts";
import { inferName, inferShortVariant } from "./names.ts";
import { inferBinary, inferUnary } from "./operators.ts";
import { addressOf } from "./places.ts";
import { payloadOf, resolveType } from "./resolve.ts";
import { type Checker } from "./scope.ts";
import { known } from "./solve.ts";
import { BOOL, I64, NULL, optional, prune, RANGE, showType, STRING, UNKNOWN, VOID } from "./types.ts";
import { freshVar, unify } from "./unify.ts";
import { rewrite } from "./walk.ts";

/** Checks an expression against a type and records how its value is converted. */
export function check(c: Checker, e: Expr, expected: Type, notes: Note[] = []): Type {
  const want = prune(expected);
  if (c.settled.size > 0 && c.settled.has(e) && e.ty !== undefined) {
    coerce(c, e, e.ty, expected, notes);
    return expected;
  }
  switch (e.kind) {
    case "If": case "Match": case "Block": case "Nursery": case "Shield": case "Select": {
      if (e.kind === "Block" && want.k === "func") {
        // `xs.push({ x })` where a function is wanted: a closure without parameters
        rewrite(e, { kind: "Closure", params: [], result: null, body: { ...e }, form: "brace" });
        break;
      }
      // a variable still open learns its type from the branches together
      if (want !== DISCARD && want.k === "var") break;
      return checkControl(c, e, want);
    }
    default:
  }
  if (e.kind === "Catch" && (want === DISCARD || (want.k === "result" && prune(want.ok).k === "void"))) {
    inferCatch(c, e, null, true);
    return expected;
  }
  if (want === DISCARD) {
    discard(c, e, infer(c, e, null));
    return VOID;
  }
  const found = infer(c, e, want);
  if (want.k === "result" && prune(want.ok).k === "void" && prune(found).k !== "result") {
    // the end of a function without a value: what its last statement gives is dropped
    if (prune(found).k !== "never") discard(c, e, found);
    return expected;
  }
  coerce(c, e, found, expected, notes);
  return expected;
}

/** What a statement's value may be dropped as: anything but an unhandled failure. */
export function discard(c: Checker, e: Expr, t: Type): void {
  const found = prune(t);
  if (found.k !== "result") return;
  c.error(e.span, "J0214", `the result of a call that may fail is dropped: \`${showType(found)}\``, {
    label: "this may fail",
    hint: "pass the error on with `?`, or handle it with `catch` or `match`",
  });
}

type Control = Extract<Expr, { kind: "If" | "Match" | "Block" | "Nursery" | "Shield" | "Select" }>;

function checkControl(c: Checker, e: Control, want: Type): Type {
  switch (e.kind) {
    case "If": return inferIf(c, e, want);
    case "Match": return inferMatch(c, e, want);
    case "Block": return checkBlockAs(c, e, want);
    case "Nursery": return inferNursery(c, e, want);
    case "Shield": return inferShield(c, e, want);
    case "Select": return inferSelect(c, e, want);
  }
}

/** Finds the type of an expression; `hint` is what its place would like. */
export function infer(c: Checker, e: Expr, hint: Type | null): Type {
  // a node that a rewritten parent takes over has been checked already
  if (c.settled.size > 0 && c.settled.has(e) && e.ty !== undefined) return e.ty;
  if (hint !== null) {
    hint = prune(hint);
    if (hint.k === "unknown" || hint.k === "void" || (hint.k === "var" && hint.literal === null)) hint = null;
  }
  switch (e.kind) {
    case "IntLit": return inferInt(c, e, hint, false);
    case "FloatLit": {
      const want = bare(hint);
      return setType(c, e, want?.k === "float" ? want : freshVar("float"));
    }
    case "CharLit": {
      const want = bare(hint);
      return setType(c, e, want?.k === "int" ? want : freshVar("int"));
    }
    case "StringLit": return setType(c, e, STRING);
    case "BoolLit": return setType(c, e, BOOL);
    case "NullLit": {
      const want = hint?.k === "result" ? prune(hint.ok) : hint;
      return setType(c, e, want?.k === "optional" ? want : NULL);
    }
    case "InterpString": return inferInterp(c, e);
    case "Name": return inferName(c, e, hint);
    case "ShortVariant": return inferShortVariant(c, e, hint);
    case "ArrayLit": return inferArray(c, e, hint);
    case "TupleLit": return inferTuple(c, e, hint);
    case "MapLit": return inferMap(c, e, hint);
    case "StructLit": return inferStruct(c, e, hint);
    case "TypeValue":
      resolveType(c.w, e.type, c.typeScope);
      c.error(e.span, "J0237", "a type is no value");
      return setType(c, e, UNKNOWN);
    case "Unary": return inferUnary(c, e, hint);
    case "Binary": return inferBinary(c, e, hint);
    case "Pipe": return inferPipe(c, e, hint);
    case "Range": return inferRange(c, e);
    case "Call": return inferCall(c, e, hint);
    case "Index": return inferIndex(c, e, hint);
    case "Member": return inferMember(c, e, hint);
    case "Unwrap": {
      const t = known(c, infer(c, e.operand, hint === null ? null : optional(hint)));
      if (t.k === "optional") return setType(c, e, t.of);
      if (t.k === "var" && t.literal === null) {
        const of = freshVar();
        unify(t, optional(of));
        return setType(c, e, of);
      }
      if (t.k !== "unknown") {
        c.error(e.span, "J0235", `\`.?\` takes the value out of an optional, and this is \`${showType(t)}\``);
      }
      return setType(c, e, UNKNOWN);
    }
    case "Deref": {
      const t = known(c, infer(c, e.operand, null));
      if (t.k === "pointer") return setType(c, e, t.to);
      if (t.k !== "unknown") {
        c.error(e.span, "J0202", `\`.*\` reads through a reference, and this is \`${showType(t)}\``);
      }
      return setType(c, e, UNKNOWN);
    }
    case "AddressOf": return setType(c, e, addressOf(c, e));
    case "Propagate": return inferPropagate(c, e, hint);
    case "Catch": return inferCatch(c, e, hint);
    case "Cast": return inferCast(c, e);
    case "Closure": return inferClosure(c, e, hint, false);
    case "If": return inferIf(c, e, null, hint);
    case "Match": return inferMatch(c, e, null, hint);
    case "Block": return inferBlock(c, e, hint);
    case "Nursery": return inferNursery(c, e, null, hint);
    case "Spawn": return inferSpawn(c, e);
    case "Await": return inferAwait(c, e, hint);
    case "Select": return inferSelect(c, e, null);
    case "Shield": return inferShield(c, e, null, hint);
    case "Yield": return inferYield(c, e);
    case "Fail": return inferFail(c, e);
    case "Return": return inferReturn(c, e);
    case "Break": case "Continue": return inferBreak(c, e);
    case "ErrorExpr": return setType(c, e, UNKNOWN);
  }
}

/** The number type inside `?T` and `T ! E`, which a literal there takes. */
export function bare(t: Type | null): Type | null {
  while (t !== null && (t.k === "optional" || t.k === "result")) t = prune(t.k === "optional" ? t.of : t.ok);
  return t;
}

function inferRange(c: Checker, e: Range): Type {
  if (e.low !== null) check(c, e.low, I64);
  if (e.high !== null) check(c, e.high, I64);
  return setType(c, e, RANGE);
}

export function canCast(c: Checker, from: Type, to: Type): boolean {
  if (from.k === "unknown" || to.k === "unknown" || from.k === "never") return true;
  if (wouldFit(from, to)) return true;
  const number = (t: Type) => t.k === "int" || t.k === "float" || (t.k === "var" && t.literal !== null);
  if (number(from) && number(to)) return true;
  if (from.k === "bool" && to.k === "int") return true;
  if (from.k === "enum" && to.k === "int") {
    if (from.decl.variants.some((v) => v.number === undefined)) numberVariants(c.w, from.decl);
    return from.decl.variants.every((v) => payloadOf(c.w, from.decl, v).kind === "none");
  }
  return false;
}

const I64_MAX = 9223372036854775807n;

function inferCast(c: Checker, e: Extract<Expr, { kind: "Cast" }>): Type {
  const to = prune(resolveType(c.w, e.type, c.typeScope));
  // a literal is not converted but read as what it is cast to, where it fits
  const literal = e.operand.kind === "IntLit" ? e.operand.value : null;
  const asWritten = literal !== null && (to.k === "float" || (to.k === "int" && literal > I64_MAX));
  const from = known(c, infer(c, e.operand, asWritten ? to : null));
  if (from.k === "var" && from.literal === null) coerce(c, e.operand, from, to);
  else if (from.k !== "int" && from.k !== "float" && to.k !== "int" && to.k !== "float" && wouldFit(from, to)) {
    coerce(c, e.operand, from, to);
  } else if (!canCast(c, from, to)) {
    c.error(e.span, "J0232", `\`${showType(from)}\` cannot be converted to \`${showType(to)}\``, {
      hint: from.k === "string" ? "read a number from a text with `.parse_int()` or `.parse_float()`"
        : to.k === "string" ? "make a text with `str(…)`" : undefined,
    });
  }
  return setType(c, e, to);
}
