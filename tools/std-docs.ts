// What std declares in public, with its documentation: read from the sources by the project's own parser.
//
// A public name is a `pub` declaration, a `pub` method, a method with which a public trait comes. Its `///`
// comment says what it does and shows at least one example, in one of four forms:
//
//     Example: `CODE` is `VALUE`.          what the last expression of CODE prints as an element of an array
//     Example: `CODE` prints `LINE`.       one line of output
//     Example: `CODE` panics with `P001`.
//     a fenced block of ```janus with `//=> LINE` for each line of output; with a `func main` it is a whole program
//
// CODE is statements between `;`. Leans on the parser alone; the reference and the test of the examples lean on this.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Decl, FuncDecl, Span } from "../interp/syntax/ast.ts";
import { parse } from "../interp/syntax/parser.ts";
import { ROOT } from "../tests/runner/checkout.ts";

export interface Example {
  form: "value" | "output" | "panic" | "block";
  code: string;
  /** The value's text; or the lines of the output, joined; or the code of the panic. */
  expected: string;
}

export interface PublicName {
  /** `std/json.jan` */
  file: string;
  line: number;
  /** `Json.get`, `parse` */
  name: string;
  /** The head of the `impl` or type that it belongs to, `[]T`; null: it stands by itself. */
  owner: string | null;
  signature: string;
  /** The comment without its examples. */
  text: string;
  examples: Example[];
}

export interface StdFile {
  /** `std/json.jan` */
  file: string;
  /** What a program writes to use it; null: it is always in scope. */
  use: string | null;
  /** The comment at the head of the file, as one paragraph. */
  about: string;
  names: PublicName[];
  /** Names of the intrinsics declared in it. */
  intrinsics: string[];
  /** Comments that cannot be read, and public names without a text or an example, with their places. */
  problems: string[];
}

const FENCE = /^```janus\n(.*?)^```$/gms;
const ONE_LINE = /^Example: `([^`]+)` (is|prints|panics with) (.+)$/;

/** The text of a comment and its examples. Throws for an example in no form. */
export function readComment(doc: string): { text: string; examples: Example[] } {
  const examples: Example[] = [];
  const rest = doc.replaceAll(FENCE, (_, code: string) => {
    const expected = [...code.matchAll(/\/\/=> ?(.*)$/gm)].map((match) => match[1]!.trimEnd()).join("\n");
    if (expected === "" && !/\bassert/.test(code)) throw new Error(`an example that expects nothing: ${code}`);
    examples.push({ form: "block", code, expected });
    return "";
  });
  const paragraphs: string[] = [];
  let paragraph: string[] = [];
  const close = (): void => {
    if (paragraph.length > 0) paragraphs.push(paragraph.join(" "));
    paragraph = [];
  };
  for (const line of rest.split("\n")) {
    if (line.trim() === "" || line.startsWith("Example:")) close();
    if (line.trim() !== "") paragraph.push(line.trim());
  }
  close();
  const text: string[] = [];
  for (const one of paragraphs) {
    if (one.startsWith("Example:")) examples.push(oneLine(one));
    else text.push(one);
  }
  return { text: text.join("\n\n"), examples };
}

function oneLine(paragraph: string): Example {
  const [, code, verb, said] = ONE_LINE.exec(paragraph) ?? [];
  if (code === undefined || said === undefined) throw new Error(`an example in no form: ${paragraph}`);
  const expected = /^`([^`]*)`\.?$/.exec(said)?.[1] ?? said.replace(/\.$/, "");
  return { form: verb === "is" ? "value" : verb === "prints" ? "output" : "panic", code, expected };
}

/** Every file of std in the order of the reference: the always visible ones first. */
export function readStd(): StdFile[] {
  const files = [...new Bun.Glob("**/*.jan").scanSync(join(ROOT, "std"))].map((path) => `std/${path}`).sort();
  const rank = (file: string): number => (file === "std/core/prelude.jan" ? 0 : file.startsWith("std/core/") ? 1 : 2);
  return files.sort((a, b) => rank(a) - rank(b)).map(readFile);
}

function readFile(file: string): StdFile {
  const text = readFileSync(join(ROOT, file), "utf8");
  const { unit, diagnostics } = parse({ name: file, text, id: 0 });
  if (diagnostics.length > 0) throw new Error(`${file} cannot be read: ${diagnostics[0]!.message}`);
  const about = /^((?:\/\/ .*\n)+)/.exec(text)?.[1] ?? "";
  const textOf = (span: Span): string => text.slice(span.start, span.end);
  const found = unit.decls.flatMap((decl) => publicNames(decl, textOf));
  const problems: string[] = [];
  const names = found.map((one) => describe(file, text, one, problems));
  const intrinsics = [...text.matchAll(/\{\. intrinsic: "([^"]+)" \.\}/g)].map((match) => match[1]!);
  return { file, use: useOf(file), about: about.replaceAll(/^\/\/ /gm, "").trim(), names, intrinsics, problems };
}

function useOf(file: string): string | null {
  if (file.startsWith("std/core/")) return null;
  return `use ${file.slice(0, -4).replaceAll("/", ".").replace(/^(std\.collections)\..*/, "$1")}`;
}

interface Found {
  owner: string | null;
  decl: Exclude<Decl, { kind: "ImplDecl" | "TestDecl" | "UseDecl" }>;
}

function publicNames(decl: Decl, textOf: (span: Span) => string): Found[] {
  const methods = (owner: string, list: FuncDecl[], wanted: (m: FuncDecl) => boolean): Found[] =>
    list.filter(wanted).map((method) => ({ owner, decl: method }));
  switch (decl.kind) {
    case "FuncDecl": case "ErrorDecl": case "GlobalDecl": case "AliasDecl":
      return decl.pub ? [{ owner: null, decl }] : [];
    case "StructDecl": case "EnumDecl":
      return decl.pub ? [{ owner: null, decl }, ...methods(decl.name, decl.methods, (m) => m.pub)] : [];
    case "TraitDecl":
      return decl.pub ? [{ owner: null, decl }, ...methods(decl.name, decl.methods, (m) => m.body !== null)] : [];
    case "ImplDecl":
      return decl.trait === null ? methods(textOf(decl.target.span), decl.methods, (m) => m.pub) : [];
    default:
      return [];
  }
}

/** A declaration without its body, as it is written: attributes and `pub` left out, on one line. */
function signatureOf(text: string, decl: Found["decl"]): string {
  const stop = decl.kind === "FuncDecl" && decl.body !== null ? decl.body.span.start
    : decl.kind === "TraitDecl" ? text.indexOf("{", decl.nameSpan.end) : decl.span.end;
  const written = text.slice(decl.span.start, stop).replaceAll(/^\s*\/\/.*$/gm, "");
  const plain = written.replaceAll(/\{\. .*? \.\}/g, "").replace(/^\s*(pub )?/, "");
  return plain.replaceAll(/\s+/g, " ").replace(" {}", "").trim();
}

function describe(file: string, text: string, { owner, decl }: Found, problems: string[]): PublicName {
  const name = owner === null ? decl.name : `${owner}.${decl.name}`;
  const line = text.slice(0, decl.nameSpan.start).split("\n").length;
  let comment: { text: string; examples: Example[] } = { text: "", examples: [] };
  try {
    comment = readComment(decl.doc ?? "");
    if (comment.text === "" || comment.examples.length === 0) throw new Error("no text or no example");
  } catch (error) {
    problems.push(`${file}:${line} ${name}: ${(error as Error).message}`);
  }
  return { file, line, name, owner, signature: signatureOf(text, decl), ...comment };
}
