// Written conversions: `x as T`, and which of them `T(x)` may be. Promises: a literal is read as the type it is cast to
// where it fits that.
import type { Expr, Type } from "../syntax/ast.ts";
import { coerce, setType, wouldFit } from "./coerce.ts";
import { numberVariants } from "./constants.ts";
import { infer } from "./infer.ts";
import { resolveType } from "./resolve.ts";
import type { Checker } from "./scope.ts";
import { payloadOf } from "./shapes.ts";
import { known } from "./solve.ts";
import { refuseNeverHeld } from "./type-patterns.ts";
import { optional, prune, showType } from "./types.ts";

export function canCast(c: Checker, from: Type, to: Type): boolean {
  if (from.k === "unknown" || to.k === "unknown" || from.k === "never") return true;
  if (wouldFit(c, from, to)) return true;
  const number = (t: Type) => t.k === "int" || t.k === "float" || (t.k === "var" && t.literal !== null);
  if (number(from) && number(to)) return true;
  if (from.k === "bool" && to.k === "int") return true;
  if (from.k === "enum" && to.k === "int") {
    if (from.decl.variants.some((v) => v.number === undefined)) numberVariants(c.w, from.decl);
    return from.decl.variants.every((v) => payloadOf(c.w, from.decl, v).kind === "none");
  }
  return false;
}

/** `x as? T`: what a trait object holds, where that is a T. */
function castObject(c: Checker, e: Extract<Expr, { kind: "Cast" }>, to: Type): Type {
  const from = known(c, infer(c, e.operand, null));
  if (from.k === "unknown" || to.k === "unknown") return to;
  if (from.k !== "any") {
    c.error(e.span, "J0232", `\`as?\` asks what a trait object holds, and this is \`${showType(from)}\``, {
      hint: `convert it with \`as ${showType(to)}\``,
    });
  } else if (to.k === "any") {
    c.error(e.type.span, "J0232", "`as?` asks for the type of a value, and this is a trait", {
      hint: "ask for each type that may be behind it",
    });
  } else {
    refuseNeverHeld(c, e.span, from, to);
  }
  return to;
}

const I64_MAX = 9223372036854775807n;

export function inferCast(c: Checker, e: Extract<Expr, { kind: "Cast" }>): Type {
  const to = prune(resolveType(c.w, e.type, c.typeScope));
  if (e.checked === true) return setType(c, e, optional(castObject(c, e, to)));
  // a literal is not converted but read as what it is cast to, where it fits
  const literal = e.operand.kind === "IntLit" ? e.operand.value : null;
  const asWritten = literal !== null && (to.k === "float" || (to.k === "int" && literal > I64_MAX));
  const from = known(c, infer(c, e.operand, asWritten ? to : null));
  if (from.k === "var" && from.literal === null) coerce(c, e.operand, from, to);
  else if (to.k !== "int" && to.k !== "float" && wouldFit(c, from, to)) {
    coerce(c, e.operand, from, to);
  } else if (!canCast(c, from, to)) {
    c.error(e.span, "J0232", `\`${showType(from)}\` cannot be converted to \`${showType(to)}\``, {
      hint: from.k === "string" ? "read a number from a text with `.parse_int()` or `.parse_float()`"
        : to.k === "string" ? "make a text with `str(…)`" : undefined,
    });
  }
  return setType(c, e, to);
}
