// Names of methods that may mean several. Promises: such a call is refused, whichever of the methods stands first, and
// told with the place of each and with what to write for it: `Trait.f(x)` for a trait's, `Type.f(x)` for the type's
// own.
import type { Call, Expr, Member, Type } from "../syntax/ast.ts";
import { type Candidate, findMethod, type FoundMethod } from "./candidates.ts";
import { lookup } from "./modules.ts";
import type { Checker } from "./scope.ts";
import { prune, showType } from "./types.ts";
import type { TraitRef } from "./world.ts";

/** The trait as the file of a checker names it. */
function nameOf(c: Checker, { decl, args }: TraitRef): string {
  const here = lookup(c.w, c.module, decl.name);
  const home = c.w.home(decl).module.name.replace(/\.jan$/, "").split("/").at(-1);
  const name = here?.k === "decl" && here.decl === decl ? decl.name : `${home}.${decl.name}`;
  return args.length === 0 ? name : `${name}[${args.map((a) => showType(a)).join(", ")}]`;
}

/** Whether a type can be written before a dot. */
function isNamed(t: Type): boolean {
  const { k } = prune(t);
  return k === "struct" || k === "enum" || k === "error" || k === "builtin" || k === "int" || k === "float" ||
    k === "string" || k === "bool" || k === "param";
}

/** A call that is ambiguous, and its receiver: null where that is among the arguments or there is none. */
export interface AmbiguousCall {
  call: Call | null;
  object: Expr | null;
}

function written(c: Checker, { call, object }: AmbiguousCall): string {
  const text = (e: { span: { start: number; end: number } }) => c.source.text.slice(e.span.start, e.span.end);
  if (call === null) return "";
  const args = [...(object === null ? [] : [object]), ...call.args].map(text).join(", ");
  return args.length > 60 || args.includes("\n") ? "(…)" : `(${args})`;
}

/** Reports a name that means several methods of a type. */
export function reportAmbiguous(c: Checker, at: Member, t: Type, found: FoundMethod, where: AmbiguousCall): void {
  const { name, nameSpan } = at;
  const says = written(c, where);
  // told in the same words in whichever order they are written
  const all = found.candidates.toSorted((a, b) => Number(a.trait !== null) - Number(b.trait !== null) ||
    nameOf(c, a.trait!).localeCompare(nameOf(c, b.trait!)));
  const owner = ({ trait }: Candidate): string => trait === null ? "its own" : `that of \`${nameOf(c, trait)}\``;
  const ways = all.flatMap(({ trait, decl }) => {
    if (trait === null) return isNamed(t) && where.object !== null ? [`\`${showType(t)}.${name}${says}\``] : [];
    const isFunction = decl.receiver === null && where.object === null;
    return [`\`${nameOf(c, trait)}.${name}${isFunction ? `[${showType(t)}]` : ""}${says}\``];
  });
  c.error(nameSpan, "J0243", `\`${name}\` of \`${showType(t)}\` may be ${all.map(owner).join(" or ")}`, {
    hint: ways.length === 0 ? undefined : `say which: ${ways.join(" or ")}`,
    notes: all.map((candidate) => ({
      unit: c.w.home(candidate.decl).module.source, span: candidate.decl.nameSpan,
      message: candidate.trait === null ? `\`${showType(t)}\`'s own` : `that of \`${nameOf(c, candidate.trait)}\``,
    })),
  });
}

/** What `Type.name` means: the type's own, which it says, or else the only one that a trait has. */
export function ownOrOnly(c: Checker, at: Member, t: Type, name: string, call: Call | null = null): FoundMethod | null {
  const found = findMethod(c.w, t, name, c.module);
  const isClear = found === null || found.candidates[0]!.trait === null || found.candidates.length === 1;
  if (!isClear) reportAmbiguous(c, at, t, found, { call, object: null });
  return found;
}
