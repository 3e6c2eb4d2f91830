// Declarations of types: struct, enum, error set, trait, impl. Their bodies come in both dresses as well; members are
// separated by `,` or new lines.
import type { EnumDecl, ErrorDecl, FieldDecl, FuncDecl, ImplDecl, StructDecl, TraitDecl, TypeExpr, VariantDecl }
  from "./ast.ts";
import { atListEnd, leftOpenBefore, parseItems } from "./blocks.ts";
import type { Cursor } from "./cursor.ts";
import { inOrder } from "./foreign-types.ts";
import { atAttributes, parseFunc, parsePrelude, parseTypeParams, type Prelude } from "./functions.ts";
import { parseNested } from "./grammar.ts";
import { describe, isWord, type Token } from "./token.ts";
import { parseType } from "./types.ts";

/** Reads the members of a body; `one` reads one. */
function parseMembers(p: Cursor, what: string, owner: Token, one: () => void): void {
  parseItems(p, { what, owner }, {
    one,
    // a field may be called `end`
    atEnd: () => (atListEnd(p) && !(p.at("end") && p.peek().kind === ":")) || leftOpenBefore(p),
    between: "`,` or a new line",
  });
}

function atMethod(p: Cursor): boolean {
  if (atAttributes(p) || p.at("func")) return true;
  const next = p.at("pub") ? p.peek() : p.token;
  const after = p.at("pub") ? p.peek(2) : p.peek();
  if (next.kind === "func" || (next.kind === "{" && after.kind === ".")) return true;
  if (next.kind !== "word") return false;
  if (next.text === "async") return after.kind === "func";
  return ["fn", "def", "function", "fun", "proc"].includes(next.text) && after.kind === "word";
}

function declared(p: Cursor, what: string): { name: string; nameSpan: { start: number; end: number } } {
  const name = p.expectName(`the name of the ${what}`);
  return { name: name?.name ?? "", nameSpan: name?.span ?? p.spanOf(p.token) };
}

function common(prelude: Prelude): Pick<StructDecl, "doc" | "pub" | "attributes"> {
  return { doc: prelude.doc, pub: prelude.pub, attributes: prelude.attributes };
}

// ---------------------------------------------------------------- struct

export function parseStruct(p: Cursor, prelude: Prelude): StructDecl {
  const owner = p.advance();
  const head = declared(p, "struct");
  const typeParams = parseTypeParams(p);
  readParents(p, head.name);
  const fields: FieldDecl[] = [];
  const methods: FuncDecl[] = [];
  const told = nothingTold();
  parseMembers(p, `\`struct ${head.name}\``, owner, () => {
    if (atMethod(p)) methods.push(parseFunc(p, parsePrelude(p), "type"));
    else parseField(p, fields, told);
  });
  return { kind: "StructDecl", ...common(prelude), ...head, typeParams, fields, methods,
    span: p.spanFrom(prelude.start) };
}

/** `struct A extends B`, `struct A : B`, `struct A(B)`: told, and read over up to the block. */
function readParents(p: Cursor, name: string): void {
  const isParent = p.at(":") || p.at("(") || p.at("<") || p.atWord("extends") || p.atWord("implements");
  if (!isParent || p.token.newline) return;
  const { start } = p.token;
  const parent = p.peek();
  while (!p.at("{") && !p.at("do") && !p.at("eof") && (p.token.start === start || !p.token.newline)) p.advance();
  p.note("J0112", { start, end: p.lastEnd }, "there is no inheritance: what types have in common is a trait",
    { hint: `write \`impl ${parent.text} for ${name} { … }\`, where \`${parent.text}\` is a trait` });
}

/** How fields are written is told once in a declaration. */
interface Told {
  /** that a name and a type are joined by a colon */
  order: boolean;
  /** that no word stands before it */
  word: boolean;
}

const nothingTold = (): Told => ({ order: false, word: false });

function parseField(p: Cursor, fields: FieldDecl[], told: Told = nothingTold()): void {
  const { start, doc } = p.token;
  if (["let", "var", "const"].includes(p.token.kind)) {
    if (!told.word) {
      p.note("J0101", p.spanOf(p.token), "a field is written `name: type`, without a word before it",
        { hint: `leave \`${p.token.kind}\` out` });
    }
    told.word = true;
    p.advance();
  }
  const pub = p.eat("pub");
  const { token } = p;
  if (!isWord(token)) {
    p.expectName("the name of a field");
    return;
  }
  p.advance();
  if (!p.eat(":")) {
    if (p.at("word") && !p.token.newline) readBareField(p, token, fields, told);
    else p.unexpected("`:` and the type of the field");
    return;
  }
  const type = parseType(p);
  const value = p.eat("=") ? parseNested(p) : null;
  fields.push({ name: token.text, pub, type, default: value, doc, span: p.spanFrom(start) });
}

/** `x int`, `int x`: past the first word. */
function readBareField(p: Cursor, first: Token, fields: FieldDecl[], told: Told): void {
  const ordered = inOrder(first.text, p.token.text);
  if (!told.order) p.unexpected("`:` and the type of the field", { hint: `write \`${ordered}\`` });
  told.order = true;
  p.advance();
  p.recovering = false;
  const [name, type] = ordered.split(": ") as [string, string];
  const span = p.spanFrom(first.start);
  fields.push({ name, pub: false, type: { kind: "NamedType", path: [type], args: [], span }, default: null, doc: null,
    span });
}

// ---------------------------------------------------------------- enum and error

export function parseEnum(p: Cursor, prelude: Prelude): EnumDecl {
  const owner = p.advance();
  const head = declared(p, "enum");
  const typeParams = parseTypeParams(p);
  const variants: VariantDecl[] = [];
  const methods: FuncDecl[] = [];
  const told = nothingTold();
  parseMembers(p, `\`enum ${head.name}\``, owner, () => {
    if (atMethod(p)) methods.push(parseFunc(p, parsePrelude(p), "type"));
    else parseVariant(p, variants, told);
  });
  return { kind: "EnumDecl", ...common(prelude), ...head, typeParams, variants, methods,
    span: p.spanFrom(prelude.start) };
}

export function parseError(p: Cursor, prelude: Prelude): ErrorDecl {
  const owner = p.advance();
  const head = declared(p, "error set");
  const variants: VariantDecl[] = [];
  parseMembers(p, `\`error ${head.name}\``, owner, () => parseVariant(p, variants));
  return { kind: "ErrorDecl", ...common(prelude), ...head, variants, span: p.spanFrom(prelude.start) };
}

function parseVariant(p: Cursor, variants: VariantDecl[], told: Told = nothingTold()): void {
  const { doc } = p.token;
  if (p.atWord("case") && p.peek().kind === "word" && !p.peek().newline) {
    if (!told.word) {
      p.note("J0112", p.spanOf(p.token), "a variant is written without `case`", { hint: "leave `case` out" });
    }
    told.word = true;
    p.advance();
  }
  const name = p.expectName("the name of a variant");
  if (name === null) return;
  let payload: TypeExpr[] | null = null;
  const fields: FieldDecl[] = [];
  let braced = false;
  if (p.at("(") && !p.token.newline) {
    payload = [];
    const opener = p.advance();
    while (!p.at(")") && !p.at("eof")) {
      if (p.at("word") && p.peek().kind === ":") {
        p.note("J0101", p.spanOf(p.token), "named fields of a variant stand between braces", {
          hint: `write \`${name.name} { ${p.token.text}: … }\``,
        });
        p.advance();
        p.advance();
      }
      payload.push(parseType(p));
      if (!p.eat(",")) break;
    }
    p.expectClosing(")", opener);
  } else if (p.at("{") && !p.token.newline) {
    braced = true;
    const opener = p.advance();
    while (!p.at("}") && !p.at("eof") && !p.recovering) {
      parseField(p, fields);
      if (!p.eat(",") && !p.token.newline) break;
    }
    p.expectClosing("}", opener);
  }
  const value = p.eat("=") ? parseNested(p) : null;
  variants.push({ name: name.name, doc, payload, fields: braced ? fields : null, value,
    span: p.spanFrom(name.span.start) });
}

// ---------------------------------------------------------------- trait and impl

export function parseTrait(p: Cursor, prelude: Prelude): TraitDecl {
  const owner = p.advance();
  const head = declared(p, "trait");
  const typeParams = parseTypeParams(p);
  const supers: TypeExpr[] = [];
  if (p.eat(":")) {
    do supers.push(parseType(p));
    while (p.eat("+"));
  }
  const methods = parseMethods(p, `\`trait ${head.name}\``, owner, "trait");
  return { kind: "TraitDecl", ...common(prelude), ...head, typeParams, supers, methods,
    span: p.spanFrom(prelude.start) };
}

export function parseImpl(p: Cursor, prelude: Prelude): ImplDecl {
  const owner = p.advance();
  // `impl[T] []T`: brackets right after the word declare type parameters; `impl []T` has none.
  const typeParams = p.at("[") && p.peek().kind !== "word" ? [] : parseTypeParams(p);
  // `impl Heap[T: Ordered]` is `impl[T: Ordered] Heap[T]`
  p.headParams = typeParams;
  let target = parseType(p);
  let trait: TypeExpr | null = null;
  if (p.eat("for")) {
    trait = target;
    target = parseType(p);
  }
  p.headParams = null;
  const methods = parseMethods(p, "`impl`", owner, "type");
  return { kind: "ImplDecl", ...common(prelude), typeParams, trait, target, methods, span: p.spanFrom(prelude.start) };
}

function parseMethods(p: Cursor, what: string, owner: Token, where: "trait" | "type"): FuncDecl[] {
  const methods: FuncDecl[] = [];
  parseMembers(p, what, owner, () => {
    if (atMethod(p)) methods.push(parseFunc(p, parsePrelude(p), where));
    else p.report("J0101", p.spanOf(p.token), `expected a \`func\` in ${what}, found ${describe(p.token)}`);
  });
  return methods;
}
