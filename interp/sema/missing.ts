// Members that a type does not have: what is said of them, with what may have been meant. Promises: what another file
// keeps to itself is told apart from what there is not.
import type { Member, Span, Type } from "../syntax/ast.ts";
import { doubtResult } from "./coerce.ts";
import { didYouMean } from "./errors.ts";
import { foreignMember } from "./habits.ts";
import { findMethod, methodNames } from "./candidates.ts";
import { preludeDecl } from "./modules.ts";
import type { Checker } from "./scope.ts";
import { LENGTHS, showType } from "./types.ts";
import { seesField, seesMethod } from "./visibility.ts";

/** Reports a member that a type does not have, with what may have been meant. */
export function noMember(c: Checker, e: Member, t: Type, isMethod: boolean): void {
  if (t.k === "param" && c.w.unclear.has(t.param)) return;
  if (t.k === "optional") {
    c.error(e.nameSpan, "J0209", `this may be null, so \`${e.name}\` cannot be read from it: \`${showType(t)}\``, {
      hint: c.target === e ? putBack(c, e) : `use \`?.${e.name}\`, \`.?.${e.name}\`, or \`if let\``,
    });
    return;
  }
  if (t.k === "result") {
    doubtResult(c, e.object);
    c.error(e.nameSpan, "J0209", `this may fail, so \`${e.name}\` cannot be read from it: \`${showType(t)}\``, {
      hint: "pass the error on with `?`, or handle it with `catch` or `match`",
    });
    return;
  }
  if (isMethod) {
    c.error(e.nameSpan, "J0231", `\`${e.name}\` is a method: call it`, { hint: `write \`.${e.name}(…)\`` });
    return;
  }
  if (reportHiddenMethod(c, e.nameSpan, t, e.name)) return;
  const fields = t.k === "struct"
    ? t.decl.fields.filter((f) => seesField(c.w, t.decl, f, c.module)).map((f) => f.name)
    : LENGTHS.has(t.k) ? ["len"] : [];
  c.error(e.nameSpan, "J0209", `\`${showType(t)}\` has no field or method \`${e.name}\``, {
    hint: foreignMember(t, e.name) ?? didYouMean(e.name, [...fields, ...methodNames(c.w, t, c.module)]) ??
      (isTask(c, t) ? "`await` it for its value" : undefined),
  });
}

/** `m[key].n = 3`: what an optional holds is changed outside of it. */
function putBack(c: Checker, e: Member): string {
  const words = c.source.text.slice(e.object.span.start, e.object.span.end);
  return `take it out, \`var changed = ${words}.?\`, change that, and put it back: \`${words} = changed\``;
}

export function isTask(c: Checker, t: Type): boolean {
  return t.k === "builtin" && t.decl === preludeDecl(c.w, "Task");
}

/** Reports a method that a type has and another file keeps to itself; false when there is none. */
export function reportHiddenMethod(c: Checker, span: Span, t: Type, name: string): boolean {
  const found = findMethod(c.w, t, name, null);
  if (found?.k !== "impl" || seesMethod(found.instance.impl, name, c.module)) return false;
  c.error(span, "J0228", `\`${name}\` of \`${showType(t)}\` is not \`pub\``, {
    notes: [{
      unit: found.instance.impl.module.source, span: found.decl.nameSpan,
      message: "declared here, for its own file only",
    }],
  });
  return true;
}

/** How a value of a type is made, where its name is called as a function or has no `new`. */
export function howToMake(c: Checker, t: Type): string | undefined {
  switch (t.k) {
    case "builtin": case "struct": {
      if (t.decl === preludeDecl(c.w, "Channel")) return "write `channel[T](1)`";
      const made = ["new", "of"].find((name) => methodNames(c.w, t, c.module).includes(name));
      if (made !== undefined) return `write \`${t.decl.name}.${made}(…)\``;
      return t.k === "struct" ? `write a literal: \`${t.decl.name} { … }\`` : undefined;
    }
    case "enum": case "error": {
      const first = t.decl.variants[0]?.name;
      return first === undefined ? undefined : `name one of its variants: \`${t.decl.name}.${first}\``;
    }
    default: return undefined;
  }
}
