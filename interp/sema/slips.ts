// What was probably meant where the names are right and the form is another: calls without parentheses that read as
// something else, functions of std without their module, changes of what is no variable. Promises: what a hint says,
// followed to the letter, checks (hints.test.ts follows each).
import type { Expr, SourceText, Span, Stmt, Type } from "../syntax/ast.ts";
import { entityOf } from "./entities.ts";
import { satisfies } from "./impls.ts";
import { preludeDecl } from "./modules.ts";
import { type Checker, findLocal } from "./scope.ts";
import { signatureOf } from "./shapes.ts";
import { prune, showType, UNKNOWN } from "./types.ts";

const wordsOf = (unit: SourceText, span: Span): string => unit.text.slice(span.start, span.end);

/** As much of the program as a hint repeats. */
const shown_max = 60;

// ---------------------------------------------------------------- calls without parentheses

/**
 * `println -1`, `println [1, 2]`, `println (1 + 2) * 3` as a statement: without parentheses the call reads as a
 * subtraction, an element, a product. Reports it; false for every other expression.
 */
export function reportCommand(c: Checker, e: Expr): boolean {
  const callee = commandHead(c, e);
  if (callee === null) return false;
  const name = wordsOf(c.source, callee.span);
  const rest = c.source.text.slice(callee.span.end, e.span.end).trim();
  const isShort = rest.length <= shown_max && !rest.includes("\n");
  c.error({ start: callee.span.start, end: e.span.end }, "J0231",
    `what stands behind \`${name}\` reads as a part of the expression, not as its argument`,
    { hint: `write \`${name}(${isShort ? rest : "…"})\`` });
  e.ty = UNKNOWN;
  return true;
}

/** What the leftmost operand calls, or should: a function with a blank behind it that gives nothing to go on with. */
function commandHead(c: Checker, e: Expr): Expr | null {
  const { text } = c.source;
  const gapAfter = (callee: Expr): boolean => text[callee.span.end] === " ";
  for (let at = e, inner = false; ; inner = true) {
    switch (at.kind) {
      case "Binary":
        if (at.op === "-" && gapAfter(at.left) && isFunction(c, at.left, false)) return at.left;
        at = at.left;
        break;
      case "Index":
        if (gapAfter(at.object) && isFunction(c, at.object, false)) return at.object;
        at = at.object;
        break;
      case "Call":
        if (at.command) return null;
        if (inner && gapAfter(at.callee) && isFunction(c, at.callee, true)) return at.callee;
        at = at.callee;
        break;
      case "Member": at = at.object; break;
      default: return null;
    }
  }
}

/** Whether this names a function, `isVoid`: one that gives no value. */
function isFunction(c: Checker, e: Expr, isVoid: boolean): boolean {
  if (e.kind !== "Name" && e.kind !== "Member") return false;
  const entity = entityOf(c, e);
  if (entity?.k === "local" && !isVoid) return prune(entity.entry.local.ty).k === "func";
  if (entity?.k !== "decl" || entity.decl.kind !== "FuncDecl") return false;
  return !isVoid || prune(signatureOf(c.w, entity.decl).result).k === "void";
}

// ---------------------------------------------------------------- changes

/** How what a name stands for can be changed after all, where it was not declared with `var`. */
export function howToChange(c: Checker, name: string, isWhole: boolean): string {
  const entry = findLocal(c, name);
  if (entry !== null) {
    const { text } = entry.unit;
    const before = text.slice(text.lastIndexOf("\n", entry.span.start - 1) + 1, entry.span.start);
    if (/\b(let|const)\s+$/.test(before) && !/\b(if|while|and)\s+let\s+$/.test(before)) {
      return isWhole ? `declare it with \`var ${name}\`, or make a new one: \`let ${name} = …\``
        : `declare it with \`var ${name}\``;
    }
    if (/\blet\s*\([^()]*$/.test(before) && !/\b(if|while)\s+let/.test(before)) {
      return "declare it with `var`, as in `var (a, b) = (1, 2)`";
    }
    if (/\.with\s*\{\s*\|\s*$/.test(before)) {
      return `this is lent as a copy, which is to be given back: write \`.update { |${name}| var changed = ${name}; …; `
        + "changed }` for `.with`";
    }
    if (/^\s*:=/.test(text.slice(entry.span.end, entry.span.end + 9))) return `declare it with \`var ${name} = …\``;
  }
  return `change a variable of your own: \`var changed = ${name}\``;
}

/** `m[key] += 1`: an entry is read, which may find none, and written. */
export function changedEntry(c: Checker, entry: Expr, op: string, value: Expr, held: Type): string {
  const place = wordsOf(c.source, entry.span);
  if (op === "??") return `write \`${place} = ${place} ?? ${wordsOf(c.source, value.span)}\``;
  const t = prune(held);
  const start = { int: "0", float: "0.0", string: '""', slice: "[]" }[t.k as string];
  if (start === undefined) return `take it out with \`${place}.?\`, and put it back with \`${place} = …\``;
  return `write \`${place} = (${place} ?? ${start}) ${op} ${wordsOf(c.source, value.span)}\``;
}

/** `a += 1` of an Atomic; undefined for what has no method. */
export function atomicChange(c: Checker, target: string, op: string, value: Expr): string | undefined {
  const method = { "+": "fetch_add", "-": "fetch_sub", "&": "fetch_and", "|": "fetch_or", "^": "fetch_xor" }[op];
  return method === undefined ? undefined : `write \`${target}.${method}(${wordsOf(c.source, value.span)})\``;
}

export const isAtomic = (c: Checker, t: Type): boolean => {
  const found = prune(t);
  return found.k === "builtin" && found.decl === preludeDecl(c.w, "Atomic");
};

/** `m.with { |v| v + 1 }` as a statement: what the closure gives is dropped, and the value stays as it was. */
export function warnDroppedChange(c: Checker, e: Expr): void {
  if (e.kind !== "Call" || e.callee.kind !== "Member" || e.callee.name !== "with") return;
  const of = prune(e.callee.object.ty ?? UNKNOWN);
  const owner = of.k === "builtin" || of.k === "struct" ? of.decl : null;
  if (owner === null || (owner !== preludeDecl(c.w, "Mutex") && owner !== preludeDecl(c.w, "MutexGuard"))) return;
  const closure = e.args[0]?.value;
  const last = closure?.kind === "Closure" ? lastOf(closure.body) : undefined;
  if (last?.kind !== "ExprStmt" || last.expr.kind !== "Binary") return;
  c.w.reporter.warn(c.source, last.expr.span, "J0237", "this value is dropped, and what the lock holds stays as it was",
    { hint: "write `.update` for `.with` to replace the value" });
}

function lastOf(body: Expr): Stmt | undefined {
  if (body.kind !== "Block") return { kind: "ExprStmt", expr: body, span: body.span };
  return body.stmts[body.stmts.length - 1];
}

// ---------------------------------------------------------------- collections of several types

/** For an array whose elements are of two types: the trait that both implement. */
export function commonTrait(c: Checker, a: Type, b: Type): string | undefined {
  for (const decl of c.module.unit.decls) {
    if (decl.kind !== "TraitDecl" || decl.typeParams.length > 0) continue;
    const trait = { decl, args: [] };
    if (![a, b].every((t) => satisfies(c.w, prune(t), trait))) continue;
    return `write its type where it is declared: \`[]any ${decl.name}\``;
  }
  return undefined;
}

/** `ch <- 1`. */
export function arrowSend(c: Checker, left: Expr, right: Expr): string | undefined {
  if (right.kind !== "Unary" || right.op !== "-") return undefined;
  return `write \`${wordsOf(c.source, left.span)}.send(${wordsOf(c.source, right.operand.span)})\``;
}

/** Types by which a value of `t` cannot be closed, and what gives one that can. */
export function closedBy(t: Type, isOwn: boolean, words: string): string | undefined {
  if (t.k === "enum" && t.decl.name === "LockResult") return `write \`${words}.unwrap()\``;
  if (!isOwn || (t.k !== "struct" && t.k !== "enum")) return undefined;
  return `write \`impl Closeable for ${showType(t)} { func close(self) do … end }\``;
}
