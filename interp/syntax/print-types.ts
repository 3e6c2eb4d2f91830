// Types, patterns and literals in canonical form.
import type { FieldPattern, Pattern, TypeExpr } from "./ast.ts";
import { printExpr } from "./print-expr.ts";
import type { Printer } from "./printer.ts";

export function printType(printer: Printer, type: TypeExpr): string {
  if (type.kind !== "ErrorUnionType") return plainType(printer, type);
  if (type.error === null) return `!${unionPart(printer, type.ok)}`;
  return `${unionPart(printer, type.ok)} ! ${unionPart(printer, type.error)}`;
}

/** Beside `!`, a union needs parentheses, and so does a function type, whose result would take the `!`. */
function unionPart(printer: Printer, type: TypeExpr): string {
  return endsInFunc(type) || type.kind === "ErrorUnionType" ? `(${printType(printer, type)})` : plainType(printer,
    type);
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

function plainType(printer: Printer, type: TypeExpr): string {
  const list = (types: TypeExpr[]): string => types.map((t) => printType(printer, t)).join(", ");
  switch (type.kind) {
    case "NamedType": return type.path.join(".") + (type.args.length === 0 ? "" : `[${list(type.args)}]`);
    case "SliceType": return `[]${operand(printer, type.elem)}`;
    case "FixedArrayType": return `[${printExpr(printer, type.length)}]${operand(printer, type.elem)}`;
    case "OptionalType": return `?${operand(printer, type.of)}`;
    case "PointerType": return `*${operand(printer, type.to)}`;
    case "VariadicType": return `...${operand(printer, type.of)}`;
    case "TupleType": return `(${list(type.elems)}${type.elems.length === 1 ? "," : ""})`;
    case "FuncType": {
      const result = type.result === null ? "" : ` -> ${printType(printer, type.result)}`;
      return `func(${list(type.params)})${result}`;
    }
    case "ErrorUnionType": return `(${printType(printer, type)})`;
  }
}

function operand(printer: Printer, type: TypeExpr): string {
  return plainType(printer, type);
}

// ---------------------------------------------------------------- patterns

export function printPattern(printer: Printer, pattern: Pattern): string {
  if (pattern.kind !== "OrPattern") return printSinglePattern(printer, pattern);
  return pattern.alternatives.map((alternative) => printSinglePattern(printer, alternative)).join(" | ");
}

/** Where `|` has another meaning: alternatives stand in parentheses. */
export function printSinglePattern(printer: Printer, pattern: Pattern): string {
  const list = (patterns: Pattern[]): string[] => patterns.map((p) => printPattern(printer, p));
  switch (pattern.kind) {
    case "WildcardPattern": return "_";
    case "BindPattern": return pattern.name;
    case "AtPattern": return `${pattern.name} @ ${printSinglePattern(printer, pattern.pattern)}`;
    case "LiteralPattern": return printExpr(printer, pattern.value);
    case "RangePattern":
      return `${printExpr(printer, pattern.low)}${pattern.inclusive ? "..=" : ".."}${printExpr(printer, pattern.high)}`;
    case "VariantPattern": {
      const name = pattern.path.length === 0 ? `.${pattern.name}` : `${pattern.path.join(".")}.${pattern.name}`;
      if (pattern.args !== null) {
        return `${name}(${[...list(pattern.args), ...(pattern.rest ? [".."] : [])].join(", ")})`;
      }
      return pattern.fields === null ? name : `${name} ${fieldPatterns(printer, pattern.fields, pattern.rest)}`;
    }
    case "StructPattern": return `${pattern.path.join(".")} ${fieldPatterns(printer, pattern.fields, pattern.rest)}`;
    case "TuplePattern": return `(${list(pattern.elems).join(", ")}${pattern.elems.length === 1 ? "," : ""})`;
    case "OrPattern": return `(${printPattern(printer, pattern)})`;
  }
}

function fieldPatterns(printer: Printer, fields: FieldPattern[], rest: boolean): string {
  const shown = fields.map((field) => (field.pattern.kind === "BindPattern" && field.pattern.name === field.name
    ? field.name : `${field.name}: ${printPattern(printer, field.pattern)}`));
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
