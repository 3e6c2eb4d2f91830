// Patterns become tests: pure functions that look at a value and bind what the pattern names.
import type { Expr, Local, Pattern, StructDecl, Type, VariantRef } from "../../syntax/ast.ts";
import { typeAsked } from "../../sema/index.ts";
import { copyOf } from "../clone.ts";
import { errorSetKey, fieldTypes, payloadTypes } from "../declarations.ts";
import { concrete } from "../dynamic.ts";
import type { Test } from "../steps/match.ts";
import { type Dynamic, type ErrorValue, Failure, Slice } from "../values.ts";
import type { Builder } from "./builder.ts";
import { isValueType, nullable } from "./conversions.ts";
import { fieldIndex } from "./names.ts";

const always: Test = () => true;

/** A pattern literal's value, as the evaluator holds it. */
function literalValue(b: Builder, e: Expr): any {
  return b.expr(e).run([]);
}

/** Does the pattern look at the value inside an optional? */
function looksInside(p: Pattern): boolean {
  switch (p.kind) {
    case "BindPattern": return p.variant !== undefined;
    case "LiteralPattern": return p.value.kind !== "NullLit";
    case "RangePattern": case "VariantPattern": case "StructPattern": case "TuplePattern": case "SlicePattern":
    case "TypePattern":
      return true;
    default: return false;
  }
}

export function pattern(b: Builder, p: Pattern, type: Type): Test {
  if (type.k !== "optional" || !looksInside(p)) return test(b, p, type);
  const inner = test(b, p, type.of);
  return nullable(type.of) ? (v, f) => v !== null && inner(v.v, f) : (v, f) => v !== null && inner(v, f);
}

function test(b: Builder, p: Pattern, type: Type): Test {
  const t = type.k === "pointer" ? type.to : type;
  switch (p.kind) {
    case "WildcardPattern":
      return always;
    case "BindPattern": {
      if (p.variant !== undefined) return variantTest(p.variant, t, []);
      const bind = b.binder(p.local!);
      if (!isValueType(type)) return (v, f) => (bind(f, v), true);
      const copy = copyOf(type);
      return (v, f) => (bind(f, copy(v)), true);
    }
    case "AtPattern": {
      const bind = b.binder(p.local!);
      const inner = pattern(b, p.pattern, type);
      const asked = typeAsked(p.pattern);
      if (asked !== null) {
        const held = copyOf(b.type(asked));
        return (v, f) => inner(v, f) && (bind(f, held(v.v)), true);
      }
      const copy = isValueType(type) ? copyOf(type) : null;
      return (v, f) => inner(v, f) && (bind(f, copy === null ? v : copy(v)), true);
    }
    case "LiteralPattern": {
      if (p.value.kind === "NullLit") return (v) => v === null;
      const wanted = literalValue(b, p.value);
      return (v) => v === wanted;
    }
    case "RangePattern": {
      const low = literalValue(b, p.low);
      const high = literalValue(b, p.high);
      return p.inclusive ? (v) => v >= low && v <= high : (v) => v >= low && v < high;
    }
    case "OrPattern": {
      const tests = p.alternatives.map((a) => pattern(b, a, type));
      return (v, f) => tests.some((one) => one(v, f));
    }
    case "TypePattern": {
      const to = b.type(p.ty!);
      const { key } = concrete(to);
      const inner = p.pattern === null ? always : pattern(b, p.pattern, to);
      return (v: Dynamic, f) => v.of.key === key && inner(v.v, f);
    }
    case "TuplePattern": {
      const elems = (t as Type & { k: "tuple" }).elems;
      return all(p.elems.map((x, i) => [i, pattern(b, x, elems[i]!)]));
    }
    case "StructPattern": {
      const decl = (t as Type & { k: "struct" }).decl as StructDecl;
      const types = fieldTypes(t as Type & { k: "struct" });
      return all(p.fields.map((x) => {
        const i = fieldIndex(decl, x.name);
        return [i, pattern(b, x.pattern, types[i]!)];
      }));
    }
    case "SlicePattern": return slicePattern(b, p, t as Type & { k: "slice" | "array" });
    case "VariantPattern":
      return variantPattern(b, p, t);
  }
}

/** Elements from both ends; what is between them is a view, which a fixed array's binding copies. */
function slicePattern(b: Builder, p: Pattern & { kind: "SlicePattern" }, t: Type & { k: "slice" | "array" }): Test {
  const before = p.before.map((x) => pattern(b, x, t.of));
  const after = p.after.map((x) => pattern(b, x, t.of));
  const taken = before.length + after.length;
  const left: Type = t.k === "slice" ? t : { ...t, length: t.length - taken };
  const rest = p.rest === null ? null : pattern(b, p.rest, left);
  return (v: Slice, f) => {
    if (rest === null ? v.len !== taken : v.len < taken) return false;
    for (let i = 0; i < before.length; i++) if (!before[i]!(v.at(i), f)) return false;
    const end = v.len - after.length;
    for (let i = 0; i < after.length; i++) if (!after[i]!(v.at(end + i), f)) return false;
    if (rest === null || rest === always) return true;
    return rest(v.view(v.kind, before.length, v.len - taken), f);
  };
}

/** Tests of some of the fields f0, f1, …. */
function all(parts: [number, Test][]): Test {
  const fields = parts.filter(([, test]) => test !== always).map(([i, test]) => ({ key: `f${i}`, test }));
  if (fields.length === 0) return always;
  if (fields.length === 1) {
    const { key, test } = fields[0]!;
    return (v, f) => test(v[key], f);
  }
  return (v, f) => {
    for (const { key, test } of fields) if (!test(v[key], f)) return false;
    return true;
  };
}

function variantPattern(b: Builder, p: Pattern & { kind: "VariantPattern" }, t: Type): Test {
  if (t.k === "result") {
    const arg = p.args?.[0];
    if (p.name === "Ok") {
      const inner = arg === undefined ? always : pattern(b, arg, t.ok);
      return (v, f) => !(v instanceof Failure) && inner(v, f);
    }
    const inner = arg === undefined ? always : pattern(b, arg, errorType(t));
    return (v, f) => v instanceof Failure && inner(v.error, f);
  }
  const variant = p.variant!;
  const decl = variant.decl;
  const owner = t.k === "enum" || t.k === "error" ? t : variant.type;
  const types = decl === null ? [] : payloadTypes(owner as Type & { k: "enum" | "error" }, variant.index);
  const parts: [number, Test][] = p.fields !== null
    ? p.fields.map((x) => {
        const i = decl!.fields!.findIndex((d) => d.name === x.name);
        return [i, pattern(b, x.pattern, types[i]!)];
      })
    : (p.args ?? []).map((x, i) => [i, pattern(b, x, types[i]!)]);
  return variantTest(variant, t, parts);
}

function errorType(t: Type & { k: "result" }): Type {
  return t.error.sets.length === 1 && t.error.open.length === 0 && !t.error.any
    ? { k: "error", decl: t.error.sets[0]! }
    : { k: "error-any" };
}

function variantTest(variant: VariantRef, t: Type, parts: [number, Test][]): Test {
  const { index, name } = variant;
  if (t.k === "enum") {
    const inner = all(parts);
    return inner === always ? (v) => v.tag === index : (v, f) => v.tag === index && inner(v, f);
  }
  // a name alone is that of an error of whatever set
  if (variant.type.k !== "error") return (v) => v.name === name;
  const set = errorSetKey(variant.type.decl);
  // one without a declaration is each declared one of its name that carries nothing, as for `==`
  const orOpen = variant.decl?.payload == null && variant.decl?.fields == null ? "" : set;
  const tests = parts.filter(([, test]) => test !== always);
  return (v: ErrorValue, f) =>
    v.name === name && (v.set === set || v.set === orOpen) && tests.every(([i, test]) => test(v.payload[i], f));
}

export const localOf = (p: Pattern): Local | undefined => (p.kind === "BindPattern" ? p.local : undefined);

/** The slot of a pattern that is just a name for a value that needs no copy; else -1. */
export function plainSlot(b: Builder, p: Pattern, type: Type): number {
  const local = localOf(p);
  const isPlain = p.kind === "BindPattern" && p.variant === undefined && local !== undefined &&
    !local.boxed && !isValueType(type);
  return isPlain ? b.slotOf(local) : -1;
}
