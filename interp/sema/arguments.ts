// Arguments: which goes to which parameter, in which order they are checked, and what they say of type parameters.
// Promises: closures are checked last, when the others have said what their parameters are; a wrong call is reported
// once, at the argument it is about.
import type { Arg, Call, Expr, FuncDecl, Span, Substitution, Type } from "../syntax/ast.ts";
import type { Note } from "../syntax/diagnostic.ts";
import { printOption } from "../syntax/foreign.ts";
import { checkAtomicOrdering } from "./atomics.ts";
import { resultFor } from "./bodies.ts";
import { doubtResult } from "./coerce.ts";
import { checkKeyed } from "./comparing.ts";
import { checkDefault } from "./defaults.ts";
import { didYouMean } from "./errors.ts";
import { implsFor, isSealed, satisfies, unorderedPart } from "./impls.ts";
import { check, infer } from "./infer.ts";
import { noteInstance } from "./instances.ts";
import { checkCarrier, checkGlobalArguments } from "./isolation.ts";
import { preludeDecl } from "./modules.ts";
import { requireConcurrency } from "./profiles.ts";
import { plural } from "./resolve.ts";
import { lend, rethrown } from "./rethrow.ts";
import { type Checker, tracedVar } from "./scope.ts";
import { boundsOf } from "./shapes.ts";
import { final, useFunc } from "./solve.ts";
import { bare, optional, prune, showType, substitute, typeKey, UNKNOWN, VOID } from "./types.ts";
import { freshVar, unify } from "./unify.ts";
import { rewrite } from "./walk.ts";
import type { ParamInfo, Signature, TraitRef } from "./world.ts";

/** Where the name and the parameters of a function stand. */
function headOf(decl: FuncDecl): Span {
  return { start: decl.nameSpan.start, end: decl.body?.span.start ?? decl.span.end };
}

/** Arguments in parameter order. */
interface Slots {
  args: (Expr | null)[];
  /** their number is wrong, so that which is for which parameter is a guess */
  guessed: boolean;
}

/** Puts arguments in parameter order; reports what is missing, too much, or misnamed. */
export function arrange(
  c: Checker, span: Span, what: string, args: Arg[], params: ParamInfo[], variadic: boolean, declared: Signature | null,
): Slots {
  const fixed = variadic ? params.length - 1 : params.length;
  const slots: (Expr | null)[] = new Array(fixed).fill(null);
  const rest: Expr[] = [];
  let next = 0;
  let named = false;
  let wrong = false;
  // parameters that could not be read may be the ones that are missing
  const isRead = declared === null || !c.w.reporter.hasUnread(declared.module.source, headOf(declared.decl));
  const fail = (at: Span, message: string, hint?: string): void => {
    wrong = true;
    if (!isRead) return;
    c.error(at, "J0208", message, {
      hint,
      notes: declared === null ? []
        : [{ unit: declared.module.source, span: declared.decl.nameSpan, message: "declared here" }],
    });
  };
  // `log.info "started", port: 8080`: a name that no parameter has goes with its argument
  const labelled = declared !== null && declared.decl.attributes.some((a) => a.name === "labelled");
  let extra = 0;
  for (const arg of args) {
    const label = labelled && arg.name !== null && !params.some((p, i) => i < fixed && p.name === arg.name);
    const option = label || arg.name === null || declared?.module.std !== true ? null
      : printOption(declared.decl.name, arg.name);
    if (option !== null) {
      fail(arg.span, option.message, option.hint);
      infer(c, arg.value, null);
      continue;
    }
    if (arg.name !== null && !label) {
      named = true;
      const index = params.findIndex((p, i) => i < fixed && p.name === arg.name);
      if (index < 0) {
        const hint = variadic && fixed === 0 ? "it takes values alone, without names"
          : didYouMean(arg.name, params.slice(0, fixed).map((p) => p.name));
        fail(arg.span, `${what} has no parameter \`${arg.name}\``, hint);
        infer(c, arg.value, null);
      } else if (slots[index] !== null) {
        fail(arg.span, `parameter \`${arg.name}\` is given twice`);
        infer(c, arg.value, null);
      } else {
        slots[index] = arg.value;
      }
      continue;
    }
    while (next < fixed && slots[next] !== null) next++;
    // a trailing closure fills the last parameter, over defaults before it
    const closure = arg.value.kind === "Closure" && arg.value.form !== "func" && arg === args[args.length - 1];
    if (closure && !variadic && next < fixed && prune(params[next]!.type).k !== "func" &&
      prune(params[fixed - 1]!.type).k === "func" && slots[fixed - 1] === null) {
      slots[fixed - 1] = arg.value;
      continue;
    }
    if (next < fixed) slots[next++] = arg.value;
    else if (variadic) rest.push(arg.value);
    else {
      extra++;
      infer(c, arg.value, null);
    }
  }
  if (extra > 0) {
    const expected = plural(params.length, "argument");
    fail(span, `${what} takes ${params.length === 0 ? "no arguments" : expected}, not ${args.length}`);
  }
  const missing = params.slice(0, fixed).filter((p, i) => slots[i] === null && p.default === null);
  if (missing.length > 0 && !wrong) {
    fail(span, `${what} lacks ${missing.length === 1 ? "the argument" : "the arguments"} ` +
      missing.map((p) => `\`${p.name}: ${showType(p.type)}\``).join(", "),
    named || params.length > 2 ? undefined : `it takes ${plural(fixed, "argument")}`);
  }
  return { args: [...slots, ...rest], guessed: extra > 0 || missing.length > 0 };
}

/**
 * Checks arranged arguments against parameter types, closures last. Gives them with the defaults filled in. lends: a
 * closure among them may fail with the call (rethrow.ts).
 */
export function checkArgs(
  c: Checker, slots: Slots, params: ParamInfo[], s: Substitution, sig: Signature | null, lends = false,
): Expr[] {
  const { args } = slots;
  const typeOf = (i: number): Type => substitute(params[Math.min(i, params.length - 1)]!.type, s);
  const fixed = sig?.variadic ? params.length - 1 : params.length;
  const printable = sig?.variadic === true && params[params.length - 1]!.type === UNKNOWN;
  const later: number[] = [];
  const one = (i: number): void => {
    const arg = args[i];
    if (arg === null || arg === undefined) return;
    if (i >= fixed && printable) {
      checkPrintable(c, arg);
      return;
    }
    const want = typeOf(i);
    if (lends) lend(c, arg, want);
    // `xs.push({ x })` where a function is wanted: a closure without parameters. A branch, or the value of a name, is a
    // block, which may choose a function
    if (arg.kind === "Block" && bare(prune(want))?.k === "func") {
      rewrite(arg, { kind: "Closure", params: [], result: null, body: { ...arg }, form: "brace" });
    }
    if (slots.guessed) infer(c, arg, want);
    else check(c, arg, want, parameterNote(sig, Math.min(i, params.length - 1), params.length));
  };
  args.forEach((arg, i) => {
    if (arg?.kind === "Closure") later.push(i);
    else one(i);
  });
  later.forEach(one);
  const ordered: Expr[] = [];
  args.forEach((arg, i) => {
    if (arg !== null) ordered.push(arg);
    else if (params[i]?.default) {
      if (sig !== null) checkDefault(c, sig, params[i]!);
      ordered.push(params[i]!.default!);
    }
  });
  return ordered;
}

/** The place of a parameter, for what does not fit it; those of std are in its documentation. */
function parameterNote(sig: Signature | null, i: number, count: number): Note[] {
  // a receiver that stands before the call is among the declared ones only
  const param = sig?.decl.params[i + sig.decl.params.length - count];
  if (sig === null || sig.module.std || param === undefined) return [];
  return [{ unit: sig.module.source, span: param.span, message: "the parameter is declared here" }];
}

function checkPrintable(c: Checker, arg: Expr): void {
  const t = prune(infer(c, arg, null));
  if (t.k === "void") c.error(arg.span, "J0202", "this gives no value to print");
  else if (t.k === "result") {
    doubtResult(c, arg);
    c.error(arg.span, "J0214", `this may fail, and only its value can be shown: \`${showType(t)}\``, {
      label: "this may fail", hint: "pass the error on with `?`, or handle it with `catch` or `match`",
    });
  }
  else if (t.k === "null") {
    arg.ty = optional(VOID);
  }
}

/** `[T, I: Iterator[T]]`: a struct or enum given for I says through its impl what T is, where it has just one. */
function inferFromBounds(c: Checker, arg: Type, bounds: TraitRef[], s: Substitution): void {
  const t = prune(arg);
  if (t.k !== "struct" && t.k !== "enum") return;
  for (const { decl, args } of bounds) {
    const isOnly = args.length > 0 && implsFor(c.w, t).filter((impl) => impl.trait?.decl === decl).length === 1;
    if (isOnly) satisfies(c.w, t, { decl, args: args.map((a) => substitute(a, s)) });
  }
}

/** Bounds are looked at when the body's types are known. */
function laterBounds(c: Checker, span: Span, sig: Signature, s: Substitution, isMethod: boolean): void {
  for (const param of sig.typeParams) {
    const arg = s.get(param);
    if (arg === undefined || param.bounds.length === 0) continue;
    inferFromBounds(c, arg, boundsOf(c.w, param), s);
    c.atEnd.push(() => {
      const t = final(c, arg);
      for (const bound of boundsOf(c.w, param)) {
        const trait = { decl: bound.decl, args: bound.args.map((a) => final(c, substitute(a, s))) };
        if (satisfies(c.w, t, trait)) continue;
        // what was told where the receiver was made follows from every method of the same `impl` called on it
        const told = `${typeKey(t)} ${bound.decl.name} ${sig.module.source.name}:${param.span.start}`;
        if (isMethod && c.unmet.has(told)) continue;
        c.unmet.add(told);
        const part = bound.decl === preludeDecl(c.w, "Ordered") ? unorderedPart(c.w, t) : t;
        c.error(span, "J0221", `\`${showType(t)}\` is not \`${bound.decl.name}\`, which \`${sig.decl.name}\` needs`, {
          label: part === t ? undefined : `\`${showType(part)}\`, a part of it, is not`,
          hint: part.k === "param" ? `bound it: \`[${showType(part)}: ${bound.decl.name}]\``
            : part.k === "func" || part.k === "null" || part.k === "void" || isSealed(c.w, bound.decl) ? undefined
            : `write \`impl ${bound.decl.name} for ${showType(part)} { … }\``,
          notes: [{ unit: sig.module.source, span: param.span, message: "the bound is declared here" }],
        });
      }
    });
  }
}

/** Lets the place of a call say what its type parameters are, where that cannot mislead. */
export function useHint(result: Type, hint: Type | null): void {
  if (hint === null) return;
  let r = prune(result);
  let want = prune(hint);
  if (want.k === "result") want = prune(want.ok);
  if (r.k === "result") r = prune(r.ok);
  if (want.k === "optional" && r.k !== "optional") want = prune(want.of);
  if (r.k === "var" || r.k === "param") return;
  unify(r, want);
}

export type Checked = ReturnType<typeof callFunc>;

/** An `async func` is called by saying how it runs. Gives what the call gives: said so, its failure would be raised. */
export function requireAwait(c: Checker, e: Call, { decl: { name, isAsync } }: Signature, type: Type): Type {
  if (!isAsync || c.awaited.has(e)) return type;
  c.error(e.callee.span, "J0217", `\`${name}\` is an \`async func\`: say how it runs`, {
    label: "called like a plain function",
    hint: `\`await ${name}(…)\` runs it in place, \`spawn ${name}(…)\` starts it as a fiber`,
  });
  return UNKNOWN;
}

/** Checks a call of a declared function. `given` are type arguments that are known: the impl's, or written ones. */
export function callFunc(
  c: Checker, e: Call, sig: Signature, given: Type[] | null, receiver: Expr | null, hint: Type | null, args: Arg[],
): { s: Substitution; typeArgs: Type[]; ordered: Expr[]; result: Type } {
  const typeArgs: Type[] = sig.typeParams.map((p, i) => given?.[i] ??
    tracedVar(c, e.callee.span, `type argument \`${p.name}\` of \`${sig.decl.name}\``,
      `write it: \`${sig.decl.name}[…](…)\``));
  c.lists.push(typeArgs);
  const s: Substitution = new Map(sig.typeParams.map((p, i) => [p, typeArgs[i]!]));
  const result = substitute(resultFor(c, sig), s);
  const params = receiver === null ? sig.params : sig.params.slice(1);
  if (typeArgs.length > 0) useHint(result, hint);
  const name = sig.decl.name;
  const slots = arrange(c, e.span, `\`${name}\``, args, params, sig.variadic, sig);
  const ordered = checkArgs(c, slots, params, s, receiver === null ? sig : { ...sig, params }, true);
  const whole = rethrown(c, e, slots.args, sig.decl, receiver === null ? 0 : 1, result);
  laterBounds(c, e.callee.span, sig, s, receiver !== null);
  const outcome = requireAwait(c, e, sig, whole);
  if (sig.intrinsic === "channel.new") requireConcurrency(c, e.callee.span, "a channel");
  if (sig.intrinsic === "atomic.fence") checkAtomicOrdering(c, ordered, name);
  checkCarrier(c, e.callee.span, result);
  noteInstance(c, sig.decl, typeArgs, e.callee.span);
  checkKeyed(c, sig.intrinsic, typeArgs, e.callee.span);
  useFunc(c, sig.decl);
  const all = receiver === null ? ordered : [receiver, ...ordered];
  checkGlobalArguments(c, sig.decl, all);
  return { s, typeArgs, ordered: all, result: outcome };
}

/** A function value is called. */
export function callValue(c: Checker, e: Call, t: Type, hint: Type | null): Type {
  e.target = { k: "value" };
  e.ordered = e.args.map((arg) => arg.value);
  if (t.k === "var" && t.literal === null) {
    // the first call of an unknown function says what it takes
    const params = e.args.map((arg) => infer(c, arg.value, null));
    const result = freshVar();
    unify(t, { k: "func", params, result });
    return result;
  }
  if (t.k !== "func") {
    if (t.k !== "unknown") {
      c.error(e.callee.span, "J0231", `\`${showType(t)}\` cannot be called`, {
        hint: t.k === "optional" ? "it may be null: take the function out with `.?` or `if let`" : undefined,
      });
    }
    e.args.forEach((arg) => infer(c, arg.value, null));
    return UNKNOWN;
  }
  const params = t.params.map((type, i): ParamInfo => ({ name: `${i + 1}`, type, default: null }));
  useHint(t.result, hint);
  for (const arg of e.args) {
    if (arg.name !== null) c.error(arg.span, "J0208", "the parameters of a function value have no names");
  }
  const slots = arrange(c, e.span, "this function", e.args.map((a) => ({ ...a, name: null })), params, false, null);
  e.ordered = checkArgs(c, slots, params, new Map(), null);
  return t.result;
}
