// Calls: what is called, and with which types. Promises: every call gets a target and its arguments in parameter order,
// defaults and the receiver filled in. Arguments are in arguments.ts, methods in methods.ts.
import type { Arg, Call, Expr, FuncDecl, Pipe, Span, Type, VariantRef } from "../syntax/ast.ts";
import { arrange, callFunc, callValue, checkArgs, type Checked, requireAwait } from "./arguments.ts";
import { resultFor } from "./bodies.ts";
import { canCast } from "./casts.ts";
import { inferOptionalMember } from "./chaining.ts";
import { setType } from "./coerce.ts";
import { howToMake } from "./missing.ts";
import { checkAsserted } from "./conditions.ts";
import { type Entity, entityOf, entityType, findVariant, moduleFunction, variantRef } from "./entities.ts";
import { infer } from "./infer.ts";
import { filledAsLiteral } from "./literals.ts";
import { callAssociated, callNamed } from "./methods.ts";
import { markOwner, markTypes, reportShort, setHead, unknownName } from "./names.ts";
import { plural } from "./resolve.ts";
import { rethrown } from "./rethrow.ts";
import type { Checker } from "./scope.ts";
import { argsOf, aroundArgs, payloadOf, signatureOf } from "./shapes.ts";
import { known } from "./solve.ts";
import { callOfTrait } from "./trait-calls.ts";
import { prune, showType, substitute, UNKNOWN, VOID } from "./types.ts";
import { unify } from "./unify.ts";
import type { ParamInfo } from "./world.ts";

export function inferCall(c: Checker, e: Call, hint: Type | null): Type {
  const { callee } = e;
  if (filledAsLiteral(c, e, hint)) return infer(c, e as Expr, hint);
  if (callee.kind === "Member" && callee.optional) {
    return inferOptionalMember(c, e, callee, hint);
  }
  if (callee.kind === "ShortVariant") return callShort(c, e, callee.name, hint);
  const entity = entityOf(c, callee);
  if (entity !== null) {
    const t = callEntity(c, e, entity, hint);
    if (t !== null) return setType(c, e, t);
  } else if (callee.kind === "Name") {
    return setType(c, e, callUnknown(c, e, callee.name, callee.span, hint));
  }
  if (callee.kind === "Member" && entity === null) return callNamed(c, e, hint);
  return setType(c, e, callValue(c, e, known(c, infer(c, callee, null)), hint));
}

/** A plain name that nothing declares may still be a variant where one is expected. */
function callUnknown(c: Checker, e: Call, name: string, span: Span, hint: Type | null): Type {
  const want = hint === null ? null : bareNominal(hint);
  if (want !== null) {
    const found = findVariant(want.decl, name);
    if (found !== null) {
      return callVariant(c, e, variantRef(c, want, want.decl, found.decl, name, found.index));
    }
  }
  unknownName(c, span, name, "function");
  setType(c, e.callee, UNKNOWN);
  return callValue(c, e, UNKNOWN, null);
}

function bareNominal(t: Type): Extract<Type, { k: "enum" | "error" }> | null {
  t = prune(t);
  if (t.k === "optional") return bareNominal(t.of);
  if (t.k === "result") return bareNominal(t.ok);
  return t.k === "enum" || t.k === "error" ? t : null;
}

function callEntity(c: Checker, e: Call, entity: Entity, hint: Type | null): Type | null {
  const { callee } = e;
  switch (entity.k) {
    case "local": {
      const sig = c.localFuncs.get(entity.entry.local);
      if (sig === undefined) return null;
      infer(c, callee, null);
      e.target = { k: "value" };
      const slots = arrange(c, e.span, `\`${sig.decl.name}\``, e.args, sig.params, false, sig);
      e.ordered = checkArgs(c, slots, sig.params, new Map(), null, true);
      return requireAwait(c, e, sig, rethrown(c, e, slots.args, sig.decl, 0, resultFor(c, sig)));
    }
    case "decl": {
      if (entity.decl.kind === "FuncDecl") {
        markCallee(c, callee, entity.decl);
        const sig = signatureOf(c.w, entity.decl);
        const behind = sig.intrinsic === "assert" ? checkAsserted(c, e.args) : null;
        const t = callFunc(c, e, sig, aroundArgs(sig), null, hint, e.args);
        behind?.();
        return target(e, t, entity.decl);
      }
      if (entity.decl.kind === "GlobalDecl") return null;
      return callType(c, e, entity, hint);
    }
    case "func-applied": {
      const sig = signatureOf(c.w, entity.decl);
      const own = sig.typeParams.length - sig.around.length;
      if (entity.args.length !== own) {
        c.error(callee.span, "J0234",
          `\`${entity.decl.name}\` takes ${plural(own, "type argument")}, not ${entity.args.length}`);
      }
      markCallee(c, callee, entity.decl);
      const args = [...aroundArgs(sig), ...entity.args];
      return target(e, callFunc(c, e, sig, args, null, hint, e.args), entity.decl);
    }
    case "variant": {
      let type = entity.type;
      const want = hint === null ? null : bareNominal(hint);
      if (want?.k === "enum" && want.decl === entity.owner && unify(type, want)) type = want;
      const ref = variantRef(c, type, entity.owner, entity.decl, entity.decl.name, entity.index);
      markOwner(c, callee);
      return callVariant(c, e, ref);
    }
    case "assoc": return callAssociated(c, e, entity.type, entity.name, hint);
    case "of-trait": return callOfTrait(c, e, entity, hint);
    case "type": return callType(c, e, entity, hint);
    case "trait": return null;
    case "missing": {
      setType(c, callee, UNKNOWN);
      return callValue(c, e, UNKNOWN, null);
    }
    case "module": {
      // `use std.sync.mutex` hides nothing: a function of the module's own name is what a call means
      const found = callee.kind === "Name" ? moduleFunction(entity, callee.name) : null;
      if (found !== null) {
        markCallee(c, callee, found);
        return target(e, callFunc(c, e, signatureOf(c.w, found), null, null, hint, e.args), found);
      }
      c.error(callee.span, "J0231", `\`${entity.group.name}\` is a module and cannot be called`);
      setType(c, callee, VOID);
      return callValue(c, e, UNKNOWN, null);
    }
  }
}

/** Writes into the callee's name what it names. */
function markCallee(c: Checker, callee: Expr, decl: FuncDecl): void {
  const ref = { k: "func", decl, impl: null, args: [] as Type[] } as const;
  if (callee.kind === "Name" || callee.kind === "Member") {
    callee.ref = ref;
    markOwner(c, callee);
  } else if (callee.kind === "Index") {
    callee.ref = ref;
    if (callee.object.kind === "Name" || callee.object.kind === "Member") callee.object.ref = ref;
    markOwner(c, callee.object);
    setType(c, callee.object, VOID);
    for (const arg of callee.args) markTypes(c, arg);
  }
  setType(c, callee, VOID);
}

export function target(e: Call, done: Checked, decl: FuncDecl): Type {
  e.target = { k: "func", decl, impl: null, typeArgs: done.typeArgs, byRef: false };
  e.ordered = done.ordered;
  if (e.callee.kind === "Name" || e.callee.kind === "Member" || e.callee.kind === "Index") {
    e.callee.ref = { k: "func", decl, impl: null, args: done.typeArgs };
  }
  return done.result;
}

/** A type called like a function: a conversion, or a mistake. */
function callType(c: Checker, e: Call, entity: Entity, _hint: Type | null): Type {
  const type = entityType(c, entity, e.callee.span);
  const to = type === null ? null : prune(type);
  if (to !== null && (to.k === "int" || to.k === "float")) {
    setHead(c, e.callee, to);
    if (e.args.length !== 1) {
      c.error(e.span, "J0208", `a conversion to \`${showType(to)}\` takes one value`);
      e.args.forEach((arg) => infer(c, arg.value, null));
      return to;
    }
    const { value } = e.args[0]!;
    const from = known(c, infer(c, value, value.kind === "IntLit" && to.k === "float" ? to : null));
    if (!canCast(c, from, to)) {
      c.error(e.span, "J0232", `\`${showType(from)}\` cannot be converted to \`${showType(to)}\``, {
        hint: from.k === "string" ? "read a number from a text with `.parse_int()` or `.parse_float()`" : undefined,
      });
    }
    e.target = { k: "cast", to };
    e.ordered = [value];
    return to;
  }
  if (to === null) c.error(e.callee.span, "J0231", "this cannot be called");
  else if (to.k !== "unknown") {
    c.error(e.callee.span, "J0231", `\`${showType(to)}\` is a type and cannot be called`, {
      hint: to.k === "string" ? "write `str(…)`" : howToMake(c, to),
    });
  }
  setType(c, e.callee, UNKNOWN);
  return callValue(c, e, UNKNOWN, null);
}

function callShort(c: Checker, e: Call, name: string, hint: Type | null): Type {
  const want = hint === null ? null : bareNominal(hint);
  const found = want === null ? null : findVariant(want.decl, name);
  if (want === null || found === null) {
    reportShort(c, e.callee.span, name, want);
    setType(c, e.callee, UNKNOWN);
    return setType(c, e, callValue(c, e, UNKNOWN, null));
  }
  const ref = variantRef(c, want, want.decl, found.decl, name, found.index);
  if (e.callee.kind === "ShortVariant") e.callee.variant = ref;
  return setType(c, e, callVariant(c, e, ref));
}

/** Checks the payload of a variant that is already known. */
export function callVariantNamed(c: Checker, e: Call, ref: VariantRef): void {
  if (e.callee.kind === "ShortVariant") e.callee.variant = ref;
  setType(c, e, callVariant(c, e, ref));
}

function callVariant(c: Checker, e: Call, ref: VariantRef): Type {
  if (e.callee.kind === "Name" || e.callee.kind === "Member") e.callee.ref = { k: "variant", variant: ref };
  setType(c, e.callee, ref.type);
  e.target = { k: "variant", variant: ref };
  const payload = ref.owner === null || ref.decl === null
    ? { kind: "none" as const } : payloadOf(c.w, ref.owner, ref.decl);
  const s = argsOf(prune(ref.type));
  const params: ParamInfo[] = payload.kind === "tuple"
    ? payload.types.map((type, i) => ({ name: `${i + 1}`, type: substitute(type, s), default: null }))
    : payload.kind === "fields"
      ? payload.fields.map((f) => ({ name: f.name, type: substitute(f.type, s), default: f.decl.default })) : [];
  const slots = arrange(c, e.span, `\`${ref.name}\``, e.args, params, false, null);
  e.ordered = checkArgs(c, slots, params, new Map(), null);
  return ref.type;
}

/** `x |> f(y)` is `f(x, y)`, `x |> f` is `f(x)`. */
export function inferPipe(c: Checker, e: Pipe, hint: Type | null): Type {
  const first: Arg = { name: null, value: e.left, span: e.left.span };
  const { right } = e;
  const call: Call = right.kind === "Call"
    ? { ...right, args: [first, ...right.args], span: e.span }
    : { kind: "Call", callee: right, args: [first], command: false, span: e.span };
  e.call = call;
  if (e.handled === true) call.handled = true;
  if (c.awaited.has(e)) c.awaited.add(call);
  const t = infer(c, call, hint);
  if (right.kind === "Call") setType(c, right, VOID);
  return setType(c, e, t);
}
