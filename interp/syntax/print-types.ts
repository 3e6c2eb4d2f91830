// Types, patterns and literals in canonical form.
import type { FieldPattern, Pattern, TypeExpr } from "./ast.ts";
import { type Doc, join, kept, listed } from "./doc.ts";
import type { Page } from "./page.ts";

export function printType(page: Page, type: TypeExpr): Doc {
  if (type.kind !== "ErrorUnionType") return plainType(page, type);
  if (type.error === null) return ["!", unionPart(page, type.ok)];
  return [unionPart(page, type.ok), " ! ", unionPart(page, type.error)];
}

/** Beside `!`, a union needs parentheses, and so does a function type, whose result would take the `!`. */
function unionPart(page: Page, type: TypeExpr): Doc {
  return endsInFunc(type) || type.kind === "ErrorUnionType" ? ["(", printType(page, type), ")"]
    : plainType(page, type);
}

function endsInFunc(type: TypeExpr): boolean {
  switch (type.kind) {
    case "FuncType": return true;
    case "OptionalType": case "VariadicType": return endsInFunc(type.of);
    case "SliceType": case "FixedArrayType": return endsInFunc(type.elem);
    case "PointerType": return endsInFunc(type.to);
    default: return false;
  }
}

function plainType(page: Page, type: TypeExpr): Doc {
  const list = (open: string, types: TypeExpr[], close: string): Doc =>
    listed(open, types.map((t) => printType(page, t)), close);
  switch (type.kind) {
    case "NamedType": {
      const name = type.path.join(".");
      return type.args.length === 0 ? name : [name, list("[", type.args, "]")];
    }
    case "SliceType": return ["[]", plainType(page, type.elem)];
    case "FixedArrayType": return ["[", page.expr(type.length), "]", plainType(page, type.elem)];
    case "OptionalType": return ["?", plainType(page, type.of)];
    case "PointerType": return ["*", plainType(page, type.to)];
    case "AnyType": return ["any ", plainType(page, type.trait)];
    case "VariadicType": return ["...", plainType(page, type.of)];
    case "TupleType": return list("(", type.elems, type.elems.length === 1 ? ",)" : ")");
    case "FuncType": {
      const head = list("func(", type.params, ")");
      return type.result === null ? head : [head, " -> ", printType(page, type.result)];
    }
    case "ErrorUnionType": return ["(", printType(page, type), ")"];
  }
}

// ---------------------------------------------------------------- patterns

export function printPattern(page: Page, pattern: Pattern): Doc {
  if (pattern.kind !== "OrPattern") return printSinglePattern(page, pattern);
  return join(pattern.alternatives.map((alternative) => printSinglePattern(page, alternative)), [" |", kept]);
}

/** Where `|` has another meaning: alternatives stand in parentheses. */
export function printSinglePattern(page: Page, pattern: Pattern): Doc {
  const list = (patterns: Pattern[]): Doc[] => patterns.map((p) => printPattern(page, p));
  switch (pattern.kind) {
    case "WildcardPattern": return "_";
    case "BindPattern": return pattern.name;
    case "AtPattern": return [pattern.name, " @ ", printSinglePattern(page, pattern.pattern)];
    case "LiteralPattern": return page.expr(pattern.value);
    case "RangePattern":
      return [page.expr(pattern.low), pattern.inclusive ? "..=" : "..", page.expr(pattern.high)];
    case "VariantPattern": {
      const name = pattern.path.length === 0 ? `.${pattern.name}` : `${pattern.path.join(".")}.${pattern.name}`;
      if (pattern.args !== null) {
        return [name, listed("(", [...list(pattern.args), ...(pattern.rest ? [".."] : [])], ")", "", false)];
      }
      return pattern.fields === null ? name : [name, " ", fieldPatterns(page, pattern.fields, pattern.rest)];
    }
    case "StructPattern": return [pattern.path.join("."), " ", fieldPatterns(page, pattern.fields, pattern.rest)];
    case "TypePattern": {
      const inner = pattern.pattern?.kind === "StructPattern" ? pattern.pattern : null;
      const type = printType(page, pattern.type);
      return inner === null ? type : [type, " ", fieldPatterns(page, inner.fields, inner.rest)];
    }
    case "TuplePattern":
      return listed("(", list(pattern.elems), pattern.elems.length === 1 ? ",)" : ")", "", false);
    case "SlicePattern": {
      const { before, rest, after } = pattern;
      const named = rest?.kind === "BindPattern" ? rest.name : "";
      return listed("[", [...list(before), ...(rest === null ? [] : [`..${named}`]), ...list(after)], "]", "", false);
    }
    case "OrPattern": return ["(", printPattern(page, pattern), ")"];
  }
}

function fieldPatterns(page: Page, fields: FieldPattern[], rest: boolean): Doc {
  const shown = fields.map((field): Doc => (field.pattern.kind === "BindPattern" && field.pattern.name === field.name
    ? field.name : [field.name, ": ", printPattern(page, field.pattern)]));
  if (rest) shown.push("..");
  return shown.length === 0 ? "{}" : listed("{", shown, "}", " ", false);
}

// ---------------------------------------------------------------- literals

/** The text of a string between double quotes. */
export function quoted(text: string): string {
  return `"${escaped(text, '"')}"`;
}

/** Escapes what cannot stand in a literal. `also`: characters that mean something in this one. */
export function escaped(text: string, also: string): string {
  let made = "";
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (character === "\\" || also.includes(character)) made += `\\${character}`;
    else if (code === 10) made += "\\n";
    else if (code === 9) made += "\\t";
    else if (code === 13) made += "\\r";
    else if (code === 0) made += "\\0";
    else if (code < 32 || (code >= 0x7f && code < 0xa0) || (code >= 0xd800 && code <= 0xdfff)
      || (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) || code === 0xfeff) {
      made += `\\u{${code.toString(16)}}`;
    } else made += character;
  }
  return made;
}
