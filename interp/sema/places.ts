// Places: what can be assigned to, and what may not be, because it is a `let`, a copy, or another fiber's snapshot.
// Promises: assigning to a variable and changing a part of a value are told apart; a write that crosses into a spawned
// closure is reported with what to use instead.
import type { AddressOf, Expr, GlobalDecl, Local, Span, Type } from "../syntax/ast.ts";
import { setType } from "./coerce.ts";
import { entityOf } from "./entities.ts";
import { infer } from "./infer.ts";
import { COPY, putBackUnderLock, takenOut } from "./lost-changes.ts";
import { forgetParts, setUnstable } from "./narrowing.ts";
import { rootGlobal, rootLocal } from "./roots.ts";
import { type Checker, declareLocal, findLocal, type FnContext, useLocal } from "./scope.ts";
import { howToChange } from "./slips.ts";
import { known } from "./solve.ts";
import { isScalar, LENGTHS, pointer, prune, showType, UNKNOWN } from "./types.ts";

function reportGlobal(c: Checker, span: Span, decl: GlobalDecl, what: string): void {
  // a module-level `var` has been reported where it stands
  if (decl.keyword === "var") return;
  c.error(span, "J0203", `${what} \`${decl.name}\`, which is the same for every fiber and cannot change`, {
    hint: "use an `Atomic` for a number, a `Mutex` for compound data",
  });
}

/** Whether using a local here reaches out of a spawned body. */
function crossesSpawn(c: Checker, local: Local): boolean {
  for (let fn: FnContext | null = c.fn; fn !== null && fn.info !== local.owner; fn = fn.parent) {
    if (fn.spawned) return true;
  }
  return false;
}

function declarationNote(c: Checker, name: string) {
  const entry = findLocal(c, name);
  return entry === null ? [] : [{ unit: entry.unit, span: entry.span, message: `\`${name}\` is declared here` }];
}

/** Reports a change to what a spawned body has only a snapshot of. */
function reportSnapshot(c: Checker, span: Span, local: Local, what: string): void {
  c.error(span, "J0206", `${what} \`${local.name}\`, of which this fiber has a read-only snapshot`, {
    hint: `change a copy (\`clone(${local.name})\`) and give it back, or share it through \`Mutex\` or \`Channel\``,
    notes: declarationNote(c, local.name),
  });
}

/** Checks that the value a chain starts from may be changed in place; reports why not. */
export function checkMutable(c: Checker, e: Expr, span: Span, what: string): boolean {
  switch (e.kind) {
    case "Name": {
      if (e.ref?.k === "global") {
        reportGlobal(c, span, e.ref.decl, what);
        return false;
      }
      if (e.ref?.k !== "local") return true;
      const { local } = e.ref;
      if (crossesSpawn(c, local)) {
        reportSnapshot(c, span, local, what);
        return false;
      }
      if (local.mutable || local.held === true) return true;
      if (local.name === "?.") {
        c.error(span, "J0236", `${what} a copy that nothing keeps: \`?.\` takes the value out of the optional`, {
          hint: "ask first: of a `var x`, what stands in `if x != null do x.… end` is the value itself",
        });
        return false;
      }
      const isSelf = local.name === "self";
      c.error(span, "J0203", `${what} \`${local.name}\`, which is not \`var\``, {
        hint: isSelf ? "take the receiver by reference: `self: *T`"
          : howToChange(c, local.name, false),
        notes: declarationNote(c, local.name),
      });
      return false;
    }
    case "Member": {
      if (e.ref?.k === "global") {
        reportGlobal(c, span, e.ref.decl, what);
        return false;
      }
      const object = prune(e.object.ty ?? UNKNOWN);
      if (object.k === "pointer") return notSnapshot(c, e.object, span, what);
      return checkMutable(c, e.object, span, what);
    }
    case "Index": {
      const object = prune(e.object.ty ?? UNKNOWN);
      if (object.k === "slice") {
        return isScalar(prune(object.of)) ? true : notSnapshot(c, e.object, span, what);
      }
      if (object.k === "pointer") return notSnapshot(c, e.object, span, what);
      return checkMutable(c, e.object, span, what);
    }
    case "Deref": return notSnapshot(c, e.operand, span, what);
    case "Unwrap": return checkMutable(c, e.operand, span, what);
    default: return true;
  }
}

/** Data behind a reference may be changed unless it is a module-level value's or a spawned body captured it. */
export function notSnapshot(c: Checker, e: Expr, span: Span, what: string): boolean {
  const global = rootGlobal(e);
  if (global !== null) {
    reportGlobal(c, span, global, what);
    return false;
  }
  const local = rootLocal(e);
  if (local === null || !crossesSpawn(c, local)) return true;
  reportSnapshot(c, span, local, what);
  return false;
}

/**
 * What gives the value that a part is of, where that is no place: a call, an element of a map, what `??`
 * or a cast hands on; else null.
 */
function temporaryAround(e: Expr): Expr | null {
  switch (e.kind) {
    case "Member":
      if (e.ref !== undefined) return null;
      return prune(e.object.ty ?? UNKNOWN).k === "pointer" ? null : temporaryAround(e.object);
    case "Index": {
      const { k } = prune(e.object.ty ?? UNKNOWN);
      return k === "slice" || k === "pointer" ? null : temporaryAround(e.object);
    }
    case "Unwrap": return temporaryAround(e.operand);
    case "Call": case "Binary": case "Catch": case "Propagate": case "Cast":
      return prune(e.ty ?? UNKNOWN).k === "unknown" ? null : e;
    default: return null;
  }
}

/** Checks the target of an assignment; gives the type its new value must have. */
export function inferTarget(c: Checker, e: Expr): Type {
  if (e.kind === "Name") {
    const entity = entityOf(c, e);
    if (entity?.k !== "local") {
      if (entity === null) {
        c.error(e.span, "J0201", `there is no variable \`${e.name}\` to assign to`, {
          hint: `declare it: \`var ${e.name} = …\``,
        });
        // told once, not at every use
        declareLocal(c, e.name, UNKNOWN, true, e.span);
        return setType(c, e, UNKNOWN);
      }
      const t = infer(c, e, null);
      if (entity.k === "decl" && entity.decl.kind === "GlobalDecl") checkMutable(c, e, e.span, "this assigns to");
      else if (prune(t).k !== "unknown") {
        c.error(e.span, "J0236", `\`${e.name}\` cannot be assigned to`);
        return UNKNOWN;
      }
      return t;
    }
    const { local, unit, span } = entity.entry;
    e.ref = { k: "local", local };
    const crosses = useLocal(c, local);
    c.assigned.add(local);
    if (local.owner !== c.fn.info) local.shared = true;
    if (crosses) {
      c.error(e.span, "J0205", `this assigns to \`${e.name}\` of the function around the spawned closure`, {
        label: "fibers share no variables",
        hint: "count with an `Atomic`, protect data with a `Mutex`, or send the value through a `Channel`",
        notes: [{ unit, span, message: `\`${e.name}\` is declared here` }],
      });
    } else if (!local.mutable) {
      c.error(e.span, "J0203", `\`${e.name}\` is not \`var\` and cannot be assigned to`, {
        hint: local.name === "self" ? "take the receiver by reference: `self: *T`"
          : local.held === true ? "it is what `using` closes at the end of its block: choose another name"
            : howToChange(c, e.name, true),
        notes: [{ unit, span, message: `\`${e.name}\` is declared here` }],
      });
    }
    return setType(c, e, local.ty);
  }
  if (e.kind === "Member" || e.kind === "Index" || e.kind === "Deref") {
    c.target = e;
    const isElement = e.kind === "Index";
    const t = infer(c, e, null);
    if ((e.kind as string) === "Call") {
      // what `m[k] = v` does not say by itself is one of several targets
      c.error(e.span, "J0236", isElement ? "an entry of a map is assigned to by itself"
        : "the value of a call cannot be assigned to", {
        hint: isElement ? `write \`${c.source.text.slice(e.span.start, e.span.end)} = …\` as a statement of its own`
          : undefined,
      });
      return UNKNOWN;
    }
    if (prune(t).k === "unknown") return t;
    if (e.kind !== "Deref" && e.ref !== undefined && e.ref.k !== "global") {
      c.error(e.span, "J0236", `\`${c.source.text.slice(e.span.start, e.span.end)}\` cannot be assigned to`);
      return UNKNOWN;
    }
    if (e.kind === "Index") {
      const object = known(c, e.object.ty ?? UNKNOWN);
      if (object.k === "string") {
        c.error(e.span, "J0236", "a string cannot be changed", { hint: "make a new one, or work on `.bytes()`" });
        return t;
      }
      if (e.args[0]?.kind === "Range") {
        c.error(e.span, "J0236", "a part of an array cannot be assigned to as a whole");
        return t;
      }
    }
    if (e.kind === "Member" && LENGTHS.has(prune(e.object.ty ?? UNKNOWN).k) && e.name === "len") {
      c.error(e.span, "J0236", "a length cannot be assigned to");
      return t;
    }
    const underLock = takenOut(c, e);
    const lost = underLock ?? temporaryAround(e);
    if (lost !== null) {
      c.error(e.span, "J0236", COPY, {
        hint: underLock !== null ? putBackUnderLock(c, underLock)
          : "take it out into a `var`, change that, and put it back",
        notes: [{ unit: c.source, span: lost.span, message: "this gives a value of its own" }],
      });
      return t;
    }
    checkMutable(c, e, e.span, "this changes");
    return t;
  }
  // the parser has said that this is no place
  infer(c, e, null);
  return UNKNOWN;
}

/** `&x`: a reference to a place. */
export function addressOf(c: Checker, e: AddressOf): Type {
  const t = infer(c, e.operand, null);
  const { operand } = e;
  if (prune(t).k === "unknown") return UNKNOWN;
  if (operand.kind !== "Name" && operand.kind !== "Member" && operand.kind !== "Index" && operand.kind !== "Deref") {
    // a literal or a call's value is a new struct, which only this reference holds
    if (prune(t).k === "struct") return pointer(t);
    c.error(e.span, "J0236", `\`&\` needs a place, and this is a value of \`${showType(t)}\``);
    return pointer(t);
  }
  const isGlobal = rootGlobal(operand) !== null;
  if (operand.kind !== "Name" && prune(t).k !== "struct" && !isGlobal) {
    const found = known(c, t);
    if (found.k === "unknown") return UNKNOWN;
    // a part that is no struct has no identity of its own
    c.error(e.span, "J0236", `\`&\` of a part needs a struct, and this is \`${showType(found)}\``, {
      hint: "refer to the struct around it, or to a variable",
    });
    return UNKNOWN;
  }
  if (operand.kind === "Name" && operand.ref?.k === "local" && prune(t).k !== "struct") {
    c.assigned.add(operand.ref.local);
    operand.ref.local.captured = true;
  }
  // a reference to a `let` may be taken: it names the struct, and the name stays what it is
  notSnapshot(c, operand, e.span, "this takes a reference to");
  const root = rootLocal(operand);
  if (root !== null) {
    root.addressed = true;
    if (prune(t).k === "struct") forgetParts(c, root);
    else setUnstable(c, root);
  }
  return pointer(t);
}
