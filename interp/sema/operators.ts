// Operators: which types they take, which they give, and which user method they stand for. Promises: number types
// never mix by chance (only what loses nothing is widened); `==` is structural unless a type implements Eq; the right
// operand of `and` and `or` is checked with what the left one shows.
import type { Binary, BinaryOp, CallTarget, Deref, Expr, Range, Span, Type, Unary, Unwrap } from "../syntax/ast.ts";
import { findMethod } from "./candidates.ts";
import { coerce, characterAsText, setType, wouldFit, doubtResult } from "./coerce.ts";
import { checkEquality } from "./comparing.ts";
import { inferTest } from "./conditions.ts";
import { isNumber, satisfies, unorderedPart } from "./impls.ts";
import { check, infer } from "./infer.ts";
import { inferInt } from "./literals.ts";
import { isTask } from "./missing.ts";
import { preludeDecl } from "./modules.ts";
import { asOptional, meet } from "./narrowing.ts";
import type { Checker } from "./scope.ts";
import { FORMATTED } from "./habits.ts";
import { arrowSend, isAtomic } from "./slips.ts";
import { deferUntilKnown, known, useFunc } from "./solve.ts";
import {
  BOOL, I64, isInteger, isNumeric, NEVER, optional, prune, RANGE, showType, slice, STRING, UNKNOWN, widens,
} from "./types.ts";
import { freshVar, unify } from "./unify.ts";

type Place = { span: Span };

const ARITHMETIC = new Set<BinaryOp>(["+", "-", "*", "/", "%", "**", "+%", "-%", "*%"]);
const BITS = new Set<BinaryOp>(["&", "|", "^", "<<", ">>"]);
const ORDER = new Set<BinaryOp>(["<", "<=", ">", ">="]);

export function inferUnary(c: Checker, e: Unary, hint: Type | null): Type {
  if (e.op === "not") return inferTest(c, e);
  if (e.op === "-" && e.operand.kind === "IntLit") return setType(c, e, inferInt(c, e.operand, hint, true));
  const t = known(c, infer(c, e.operand, hint));
  const fits = e.op === "-" ? isNumeric(t) : isInteger(t);
  if (fits || t.k === "unknown") {
    if (e.op === "-" && t.k === "int" && !t.signed) {
      c.error(e.span, "J0223", `\`-\` of an unsigned number: \`${showType(t)}\` has no negative values`, {
        hint: `convert it first: \`-(… as i64)\``,
      });
    }
    return setType(c, e, t);
  }
  if (t.k === "var") {
    unify(t, freshVar(e.op === "-" && hint?.k === "float" ? "float" : "int"));
    return setType(c, e, t);
  }
  c.error(e.span, "J0223", `\`${e.op}\` needs ${e.op === "-" ? "a number" : "an integer"}, found \`${showType(t)}\``);
  return setType(c, e, UNKNOWN);
}

/** Brings two numbers to one type; reports when that would lose something. */
function joinNumbers(c: Checker, span: Span, op: string, left: Expr | null, l: Type, right: Expr, r: Type): Type {
  if (unify(l, r)) return prune(l);
  const a = prune(l);
  const b = prune(r);
  // `2 * x` with a float x: the literal is a float
  const isFloat = (t: Type) => t.k === "float" || (t.k === "var" && t.literal === "float");
  if (left?.kind === "IntLit" && isFloat(b)) return inferInt(c, left, b, false);
  if (right.kind === "IntLit" && isFloat(a)) return inferInt(c, right, a, false);
  if (left !== null && widens(a, b) && coerce(c, left, a, b)) return b;
  if (widens(b, a) && coerce(c, right, b, a)) return a;
  c.error(span, "J0223", `\`${op}\` cannot mix \`${showType(a)}\` and \`${showType(b)}\``, {
    hint: conversion(c, left, a, right, b),
  });
  return UNKNOWN;
}

/** How two numbers become of one type without loss where that can be: the integer as the float. */
function conversion(c: Checker, left: Expr | null, a: Type, right: Expr, b: Type): string {
  const isFloat = (t: Type) => t.k === "float" || (t.k === "var" && t.literal === "float");
  const wider = a.k === "int" && b.k === "int" && (a.bits === b.bits ? a.signed : a.bits > b.bits);
  const toLeft = isFloat(a) || (!isFloat(b) && (b.k === "var" || wider));
  const [from, to] = toLeft || left === null ? [right, a] : [left, b];
  const type = to.k === "var" ? isFloat(to) ? "f64" : "i64" : showType(to);
  const { text } = c.source;
  const words = text.slice(from.span.start, from.span.end);
  const isPlain = from.kind === "Name" || from.kind === "Member" || from.kind === "Call" || from.kind === "Index";
  const shown = !isPlain ? `(${words})` : words;
  return words.length > 40 || words.includes("\n") ? `convert one of them: \`… as ${type}\``
    : `write \`${shown} as ${type}\``;
}

function wrongOperands(
  c: Checker, span: Span, op: BinaryOp, a: Type, b: Type, sides: Binary | null = null,
): Type {
  if ([a, b].some((t) => t.k === "param" && c.w.unclear.has(t.param))) return UNKNOWN;
  let hint: string | undefined;
  if (isAtomic(c, a)) {
    hint = "read it with `.load()`, change it with `.fetch_add(1)`";
  } else if (op === "%" && a.k === "string") {
    hint = FORMATTED;
  } else if (op === "<" && a.k === "builtin" && a.decl === preludeDecl(c.w, "Channel")) {
    hint = sides === null ? undefined : arrowSend(c, sides.left, sides.right);
  } else if (op === "+" && (a.k === "string" || b.k === "string") && a.k !== "optional" && b.k !== "optional"
    && a.k !== "result" && b.k !== "result") {
    hint = "make a text of the other side: `str(…)`, or write `$\"{…}\"`";
  } else if (a.k === "optional" || b.k === "optional") {
    hint = "a value may be null: use `?? default`, `.?` or `if let`";
  } else if (a.k === "result" || b.k === "result") {
    hint = "a value may be an error: use `?` or `catch`";
  } else if (isTask(c, a) || isTask(c, b)) {
    hint = "`await` the task for its value";
  } else if (op === "+" && a.k === "slice") {
    hint = "arrays are joined with `++`";
  } else if (op === "*" && a.k === "string") {
    hint = "a text is repeated with `.repeat(3)`";
  } else if (op === "*" && a.k === "slice") {
    hint = "write `[value; count]`";
  } else if (op === "<<" && a.k === "slice") {
    hint = "write `.push(value)`";
  } else if (a.k === "param" && (ARITHMETIC.has(op) || BITS.has(op))) {
    const needs = BITS.has(op) ? "Integer" : "Number";
    if (!isNumber(c.w, a, needs)) hint = `bound the type parameter: \`[${showType(a)}: ${needs}]\``;
    else if (isNumeric(b)) hint = "only the literals from 0 to 127 are of every number type";
  }
  c.error(span, "J0223", `\`${op}\` cannot take \`${showType(a)}\` and \`${showType(b)}\``, { hint });
  for (const side of sides === null ? [] : [sides.left, sides.right]) doubtResult(c, side);
  return UNKNOWN;
}

/** Whether every type that a parameter may stand for has the operator: `[T: Number]`, `[T: Integer]`. */
function calculates(c: Checker, t: Type, op: BinaryOp): boolean {
  if (BITS.has(op) || (op.endsWith("%") && op !== "%")) return isNumber(c.w, t, "Integer");
  return ARITHMETIC.has(op) && isNumber(c.w, t, "Number");
}

/** The type of `left op right`, for everything but comparison and logic. `left` null: the target of `op=`. */
function combine(c: Checker, place: Place, op: BinaryOp, left: Expr | null, l: Type, right: Expr, r: Type): Type {
  const span = place.span;
  const a = known(c, l);
  const b = known(c, r);
  if (a.k === "unknown" || b.k === "unknown") return a.k === "unknown" ? (isNumeric(b) ? b : UNKNOWN) : a;
  if (a.k === "never" || b.k === "never") return NEVER;
  if (op === "<<" || op === ">>") {
    if (isInteger(a) && isInteger(b)) return a;
    if (a.k === "var" && a.literal === null) unify(a, freshVar("int"));
    if (b.k === "var" && b.literal === null) unify(b, I64);
    if (isInteger(prune(a)) && isInteger(prune(b))) return prune(a);
    return wrongOperands(c, span, op, a, b);
  }
  if ((a.k === "var" && a.literal === null) || (b.k === "var" && b.literal === null)) {
    // one side says what the other is; two open ones wait
    if (!(a.k === "var" && a.literal === null && b.k === "var" && b.literal === null)) {
      if (unify(a, b)) return combine(c, place, op, left, prune(a), right, prune(b));
      return wrongOperands(c, span, op, a, b);
    }
    unify(a, b);
    return deferUntilKnown(c, a, span, `the operands of \`${op}\``, () =>
      combine(c, place, op, left, prune(a), right, prune(b)));
  }
  if (isNumeric(a) && isNumeric(b) && op !== "++") {
    const t = joinNumbers(c, span, op, left, a, right, b);
    if (BITS.has(op) && !isInteger(t) && t.k !== "unknown") return wrongOperands(c, span, op, a, b);
    if (op.endsWith("%") && op !== "%" && !isInteger(t) && t.k !== "unknown") return wrongOperands(c, span, op, a, b);
    return t;
  }
  if (a.k === "param" && unify(a, b) && calculates(c, a, op)) return a;
  if ((op === "&" || op === "|" || op === "^") && a.k === "bool" && b.k === "bool") return BOOL;
  if ((op === "+" || op === "++") && a.k === "string" && b.k === "string") return STRING;
  if (op === "++") {
    if (a.k === "slice" && wouldFit(c, b, a) && coerce(c, right, b, a)) return a;
    if (a.k === "array" && (b.k === "array" || b.k === "slice") && left !== null) {
      const t = slice(a.of);
      if (coerce(c, left, a, t) && coerce(c, right, b, t)) return t;
    }
  }
  for (const side of left === null ? [right] : [left, right]) doubtResult(c, side);
  return wrongOperands(c, span, op, a, b);
}

/** `target op= value`. */
export function checkOperator(
  c: Checker, place: Place, op: BinaryOp, t: Type, value: Expr,
): void {
  const into = known(c, t);
  if (op === "??" || op === "and" || op === "or" || op === "==" || op === "!=" || ORDER.has(op)) {
    c.error(place.span, "J0237", `\`${op}=\` is no assignment`);
    infer(c, value, null);
    return;
  }
  const found = infer(c, value, op === "<<" || op === ">>" ? null : into);
  const r = prune(combine(c, place, op, null, into, value, found));
  if (r.k === "unknown" || r.k === "never" || unify(r, into)) return;
  if (prune(into).k !== "unknown") {
    c.error(place.span, "J0202", `\`${op}=\` would give \`${showType(r)}\`, and the place holds \`${showType(into)}\``);
  }
}

/** Compares with a user's method: `cmp` of Ordered, `eq` of Eq. */
function traitTarget(c: Checker, t: Type, traitName: string, method: string): CallTarget | null {
  const trait = preludeDecl(c.w, traitName);
  if (trait?.kind !== "TraitDecl") return null;
  const mayHave = t.k === "param" || t.k === "struct" || t.k === "enum" ||
    (traitName === "Ordered" && (t.k === "tuple" || t.k === "optional" || t.k === "slice" || t.k === "any"));
  if (!mayHave) return null;
  // any type may have an equality of its own: which one is known when the parameter is
  const isOpen = t.k === "param" && traitName === "Eq";
  if (!isOpen && !satisfies(c.w, t, { decl: trait, args: [] })) return null;
  if (t.k === "param") {
    const target: CallTarget = { k: "trait", trait, method, self: t, traitArgs: [], typeArgs: [], byRef: false };
    c.records.push(target);
    const declared = trait.methods.find((m) => m.name === method);
    if (declared !== undefined) c.uses.add(declared);
    return target;
  }
  const found = findMethod(c.w, t, method, null, { decl: trait, args: [] });
  if (found === null) return null;
  if (found.k === "trait") {
    useFunc(c, found.decl);
    const target: CallTarget = {
      k: "trait", trait: found.trait.decl, method, self: t, traitArgs: found.trait.args, typeArgs: [], byRef: false,
    };
    c.records.push(target);
    return target;
  }
  useFunc(c, found.decl);
  c.lists.push(found.instance.args);
  return {
    k: "func", decl: found.decl, impl: found.instance.impl.decl, typeArgs: found.instance.args, byRef: false,
  };
}

function inferEquality(c: Checker, e: Binary): Type {
  const l = known(c, infer(c, e.left, null));
  const r = known(c, infer(c, e.right, l.k === "null" ? null : l));
  setType(c, e, BOOL);
  const isNull = (t: Type) => t.k === "null";
  if (isNull(l) || isNull(r)) {
    const [other, literal] = isNull(l) ? [r, e.left] : [l, e.right];
    if (other.k === "var") unify(other, optional(freshVar()));
    const t = asOptional(c, isNull(l) ? e.right : e.left, prune(other));
    if (t.k === "optional") literal.ty = t;
    else if (t.k === "null") {
      c.error(e.span, "J0220", "the type of these nulls is not known");
    } else if (t.k !== "unknown") {
      c.error(e.span, "J0202", `\`${showType(t)}\` is never null`, {
        hint: t.k === "result" ? "it may fail: use `catch` or `match`" : undefined,
      });
    }
    return BOOL;
  }
  if (l.k === "unknown" || r.k === "unknown") return BOOL;
  if (isNumeric(l) && isNumeric(r)) {
    joinNumbers(c, e.span, e.op, e.left, l, e.right, r);
    return BOOL;
  }
  let t: Type = l;
  if ((l.k === "result") !== (r.k === "result")) {
    // a result is not its value, though the value would fit where a result is wanted
    wrongOperands(c, e.span, e.op, l, r, e);
    return BOOL;
  }
  if (!unify(l, r)) {
    if (wouldFit(c, r, l)) coerce(c, e.right, r, l);
    else if (wouldFit(c, l, r)) {
      coerce(c, e.left, l, r);
      t = r;
    } else {
      const isText = l.k === "string" || r.k === "string";
      const character = isText ? [e.left, e.right].find((side) => side.kind === "CharLit") : undefined;
      c.error(e.span, "J0223", `\`${showType(l)}\` and \`${showType(r)}\` are never equal`, {
        hint: character !== undefined ? characterAsText(c, character) : "compare values of one type",
      });
      return BOOL;
    }
  }
  t = prune(t);
  // whether something is there can be asked of whatever it is
  if (e.left.kind === "NullLit" || e.right.kind === "NullLit") return BOOL;
  const target = traitTarget(c, t, "Eq", "eq");
  if (target !== null) e.target = target;
  checkEquality(c, e.span, t);
  return BOOL;
}

function inferOrder(c: Checker, e: Binary): Type {
  const l = known(c, infer(c, e.left, null));
  const r = known(c, infer(c, e.right, l));
  setType(c, e, BOOL);
  if (l.k === "unknown" || r.k === "unknown" || l.k === "never" || r.k === "never") return BOOL;
  if (isNumeric(l) && isNumeric(r)) {
    joinNumbers(c, e.span, e.op, e.left, l, e.right, r);
    return BOOL;
  }
  if (!unify(l, r)) {
    wrongOperands(c, e.span, e.op, l, r, e);
    return BOOL;
  }
  const decide = (): Type => {
    let t = prune(l);
    if (t.k === "array") {
      // fixed arrays are compared as the slices of them
      const { of } = t;
      t = slice(of);
      coerce(c, e.left, l, t);
      coerce(c, e.right, prune(r), t);
    }
    if (isNumeric(t) || t.k === "string" || t.k === "unknown") return BOOL;
    if (t.k === "param" && c.w.unclear.has(t.param)) return BOOL;
    const target = traitTarget(c, t, "Ordered", "cmp");
    if (target === null) {
      const part = unorderedPart(c.w, t);
      c.error(e.span, "J0223", `\`${showType(t)}\` has no order: \`${e.op}\` cannot compare it`, {
        label: part === t ? undefined : `\`${showType(part)}\`, a part of it, has none`,
        hint: part.k === "param" ? `bound the type parameter: \`[${showType(part)}: Ordered]\``
          : part.k === "tuple" && part.elems.length > 8 ? "tuples of up to 8 parts have one: nest them"
            : part.k !== "struct" && part.k !== "enum" ? undefined
              : `\`impl Ordered for ${showType(part)} { func cmp(self, other: ${showType(part)}) -> i64 … }\``,
      });
    } else {
      e.target = target;
    }
    return BOOL;
  };
  const t = prune(l);
  if (t.k === "var" && t.literal === null) deferUntilKnown(c, t, e.span, `the operands of \`${e.op}\``, decide);
  else decide();
  return BOOL;
}

function inferOtherwise(c: Checker, e: Binary, hint: Type | null): Type {
  const l = asOptional(c, e.left, known(c, infer(c, e.left, hint === null ? null : optional(hint))));
  let of: Type;
  if (l.k === "optional") of = l.of;
  else if (l.k === "var" && l.literal === null) {
    of = freshVar();
    unify(l, optional(of));
  } else if (l.k === "null") {
    of = freshVar();
    e.left.ty = optional(of);
  } else {
    if (l.k !== "unknown") {
      c.error(e.left.span, "J0235", `\`??\` needs an optional before it, and this is \`${showType(l)}\``, {
        hint: l.k === "result" ? "it may fail: use `catch`" : "it is never null; leave the `??` out",
      });
    }
    infer(c, e.right, hint);
    return setType(c, e, UNKNOWN);
  }
  const before = c.narrowed;
  const r = known(c, infer(c, e.right, of));
  c.narrowed = prune(r).k === "never" ? before : meet([before, c.narrowed]);
  if (r.k === "never") return setType(c, e, of);
  if (r.k === "optional" || r.k === "null") {
    const whole = optional(of);
    if (r.k === "null" || wouldFit(c, r, whole)) {
      // `a ?? b` with two optionals is an optional
      if (!wouldFit(c, r, of) || prune(of).k === "var" || r.k === "null") {
        coerce(c, e.right, r, whole);
        return setType(c, e, whole);
      }
    }
  }
  coerce(c, e.right, r, of);
  return setType(c, e, of);
}

export function inferBinary(c: Checker, e: Binary, hint: Type | null): Type {
  switch (e.op) {
    case "and": case "or": return inferTest(c, e);
    case "==": case "!=": return inferEquality(c, e);
    case "<": case "<=": case ">": case ">=": return inferOrder(c, e);
    case "??": return inferOtherwise(c, e, hint);
    default:
  }
  const want = hint !== null && (ARITHMETIC.has(e.op) || BITS.has(e.op) || e.op === "++") ? hint : null;
  const l = infer(c, e.left, want);
  const shift = e.op === "<<" || e.op === ">>";
  // a literal takes the type of the other side before it takes that of the place
  const known_l = known(c, l);
  const forRight = shift ? null : known_l.k === "var" ? want : known_l;
  const r = infer(c, e.right, forRight);
  return setType(c, e, combine(c, e, e.op, e.left, l, e.right, r));
}

/** A range; only the bounds of a slice know where one without ends begins and ends. */
export function inferRange(c: Checker, e: Range): Type {
  if (e.low === null && e.open !== "both") {
    c.error(e.span, "J0237", "a range needs a start here", { hint: "write `0..n`" });
  } else if (e.high === null && e.open === undefined) {
    c.error(e.span, "J0237", "a range needs an end here", {
      hint: "write `a..b`; without an end it is the bound of a slice, `xs[a..]`, or runs for ever, `for i in a.. do`",
    });
  }
  if (e.low !== null) check(c, e.low, I64);
  if (e.high !== null) check(c, e.high, I64);
  return setType(c, e, RANGE);
}

/** `e.?`: the value in an optional. */
export function inferUnwrap(c: Checker, e: Unwrap, hint: Type | null): Type {
  const t = asOptional(c, e.operand, known(c, infer(c, e.operand, hint === null ? null : optional(hint))));
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

/** `p.*`: what a reference refers to. */
export function inferDeref(c: Checker, e: Deref): Type {
  const t = known(c, infer(c, e.operand, null));
  if (t.k === "pointer") return setType(c, e, t.to);
  if (t.k !== "unknown") {
    c.error(e.span, "J0202", `\`.*\` reads through a reference, and this is \`${showType(t)}\``);
  }
  return setType(c, e, UNKNOWN);
}
