// Types, patterns and literals in canonical form.
import type { FieldPattern, Pattern, TypeExpr } from "./ast.ts";
import type { Page } from "./page.ts";

export function printType(page: Page, type: TypeExpr): string {
  if (type.kind !== "ErrorUnionType") return plainType(page, type);
  if (type.error === null) return `!${unionPart(page, type.ok)}`;
  return `${unionPart(page, type.ok)} ! ${unionPart(page, type.error)}`;
}

/** Beside `!`, a union needs parentheses, and so does a function type, whose result would take the `!`. */
function unionPart(page: Page, type: TypeExpr): string {
  return endsInFunc(type) || type.kind === "ErrorUnionType" ? `(${printType(page, type)})` : plainType(page, type);
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

function plainType(page: Page, type: TypeExpr): string {
  const list = (types: TypeExpr[]): string => types.map((t) => printType(page, t)).join(", ");
  switch (type.kind) {
    case "NamedType": return type.path.join(".") + (type.args.length === 0 ? "" : `[${list(type.args)}]`);
    case "SliceType": return `[]${operand(page, type.elem)}`;
    case "FixedArrayType": return `[${page.expr(type.length)}]${operand(page, type.elem)}`;
    case "OptionalType": return `?${operand(page, type.of)}`;
    case "PointerType": return `*${operand(page, type.to)}`;
    case "VariadicType": return `...${operand(page, type.of)}`;
    case "TupleType": return `(${list(type.elems)}${type.elems.length === 1 ? "," : ""})`;
    case "FuncType": {
      const result = type.result === null ? "" : ` -> ${printType(page, type.result)}`;
      return `func(${list(type.params)})${result}`;
    }
    case "ErrorUnionType": return `(${printType(page, type)})`;
  }
}

function operand(page: Page, type: TypeExpr): string {
  return plainType(page, type);
}

// ---------------------------------------------------------------- patterns

export function printPattern(page: Page, pattern: Pattern): string {
  if (pattern.kind !== "OrPattern") return printSinglePattern(page, pattern);
  return pattern.alternatives.map((alternative) => printSinglePattern(page, alternative)).join(" | ");
}

/** Where `|` has another meaning: alternatives stand in parentheses. */
export function printSinglePattern(page: Page, pattern: Pattern): string {
  const list = (patterns: Pattern[]): string[] => patterns.map((p) => printPattern(page, p));
  switch (pattern.kind) {
    case "WildcardPattern": return "_";
    case "BindPattern": return pattern.name;
    case "AtPattern": return `${pattern.name} @ ${printSinglePattern(page, pattern.pattern)}`;
    case "LiteralPattern": return page.expr(pattern.value);
    case "RangePattern":
      return `${page.expr(pattern.low)}${pattern.inclusive ? "..=" : ".."}${page.expr(pattern.high)}`;
    case "VariantPattern": {
      const name = pattern.path.length === 0 ? `.${pattern.name}` : `${pattern.path.join(".")}.${pattern.name}`;
      if (pattern.args !== null) {
        return `${name}(${[...list(pattern.args), ...(pattern.rest ? [".."] : [])].join(", ")})`;
      }
      return pattern.fields === null ? name : `${name} ${fieldPatterns(page, pattern.fields, pattern.rest)}`;
    }
    case "StructPattern": return `${pattern.path.join(".")} ${fieldPatterns(page, pattern.fields, pattern.rest)}`;
    case "TuplePattern": return `(${list(pattern.elems).join(", ")}${pattern.elems.length === 1 ? "," : ""})`;
    case "SlicePattern": {
      const { before, rest, after } = pattern;
      const named = rest?.kind === "BindPattern" ? rest.name : "";
      return `[${[...list(before), ...(rest === null ? [] : [`..${named}`]), ...list(after)].join(", ")}]`;
    }
    case "OrPattern": return `(${printPattern(page, pattern)})`;
  }
}

function fieldPatterns(page: Page, fields: FieldPattern[], rest: boolean): string {
  const shown = fields.map((field) => (field.pattern.kind === "BindPattern" && field.pattern.name === field.name
    ? field.name : `${field.name}: ${printPattern(page, field.pattern)}`));
  if (rest) shown.push("..");
  return shown.length === 0 ? "{}" : `{ ${shown.join(", ")} }`;
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
