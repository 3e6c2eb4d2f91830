// For the tests of this folder: checks a text and shows its diagnostics in a form that a test can compare, and looks
// for nodes that the checker left without what the evaluator needs.
import { join } from "node:path";
import type { Decl, SourceText, Type } from "../syntax/ast.ts";
import type { Diagnostic } from "../syntax/diagnostic.ts";
import { checkProgram, type Checked, type CheckOptions } from "./index.ts";
import { Sources } from "./sources.ts";

export const STD = join(import.meta.dir, "../../std");

/** The texts of std, read once for all tests of a process. */
const stdTexts = new Map<string, string | null>();

/** What the process has computed so far: unlike the clock, no business of whatever else the machine does. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Sources over a table of files (std comes from its folder). */
export class TestLoader extends Sources {
  readonly #files: Record<string, string>;

  constructor(files: Record<string, string> = {}) {
    super(STD);
    this.#files = files;
  }

  override read(path: string): string | null {
    if (!path.startsWith("std/")) return this.#files[path] ?? null;
    let text = stdTexts.get(path);
    if (text === undefined) {
      text = super.read(path);
      stdTexts.set(path, text);
    }
    return text;
  }

  override list(folder: string, importer: SourceText | null): string[] {
    if (folder.startsWith("std/")) return super.list(folder, importer);
    return Object.keys(this.#files).filter((f) => f.startsWith(`${folder}/`)).sort();
  }

  protected override namesIn(folder: string): string[] {
    const within = folder === "." ? "" : `${folder}/`;
    return Object.keys(this.#files).filter((f) => f.startsWith(within))
      .map((f) => f.slice(within.length).split("/")[0]!);
  }
}

/** Checks a program; other files may be given by name. */
export function checkText(text: string, options: CheckOptions = {}, files: Record<string, string> = {}): Checked {
  const loader = new TestLoader(files);
  return checkProgram(loader.entry("main.jan", text), loader, options);
}

/** `3 J0202 expected …`: line, code, message; the unit's name first when it is not the entry. */
export function shown(diagnostics: Diagnostic[]): string[] {
  return diagnostics.map((d) => {
    const line = d.unit.text.slice(0, d.span.start).split("\n").length;
    return `${d.unit.name === "main.jan" ? "" : `${d.unit.name}:`}${line} ${d.code} ${d.message}`;
  });
}

/** The diagnostics of a program whose statements stand in `main`. */
export function inMain(body: string, before = ""): string[] {
  return shown(checkText(`${before}func main() do\n${body}\nend\n`).diagnostics);
}

const EXPRESSIONS = new Set([
  "IntLit", "FloatLit", "CharLit", "StringLit", "BoolLit", "NullLit", "InterpString", "Name", "ShortVariant",
  "ArrayLit", "ArrayFill", "TupleLit", "MapLit", "StructLit", "Unary", "Binary", "Pipe", "Range", "Call", "Index",
  "Member",
  "Unwrap", "Deref",
  "AddressOf", "Propagate", "Catch", "Cast", "Closure", "If", "Match", "Block", "Nursery", "Spawn", "Await", "Select",
  "Shield", "Yield", "Fail", "Return", "Break", "Continue", "ErrorExpr",
]);

/** Properties of nodes that hold types, attachments, or names only. */
const NOT_CODE = new Set([
  "ty", "coerce", "ref", "local", "variant", "fn", "target", "ordered", "type", "typeParams", "supers", "attributes",
  "result", "close", "trait",
]);

function openType(t: Type): boolean {
  const text = JSON.stringify(t, (key, value) =>
    key === "decl" || key === "param" ? undefined : typeof value === "bigint" ? `${value}` : value);
  return text.includes('"k":"var"') || text.includes('"k":"unknown"');
}

/** What an annotated tree lacks: expressions without a type, names and calls without a meaning. */
export function gaps(decls: Decl[], text: string): string[] {
  const out: string[] = [];
  const at = ({ span }: { span: { start: number; end: number } }) =>
    `line ${text.slice(0, span.start).split("\n").length}: ${text.slice(span.start, span.end).slice(0, 40)}`;
  const visit = (node: any, key: string): void => {
    if (node === null || typeof node !== "object") return;
    if (Array.isArray(node)) {
      for (const item of node) visit(item, key);
      return;
    }
    if (typeof node.kind === "string" && EXPRESSIONS.has(node.kind) && key !== "length") {
      if (node.ty === undefined) out.push(`${node.kind} has no type, ${at(node)}`);
      else if (openType(node.ty)) out.push(`${node.kind} has an open type, ${at(node)}`);
      if (node.kind === "Name" && node.ref === undefined) out.push(`name without a meaning, ${at(node)}`);
      if (node.kind === "ShortVariant" && node.variant === undefined) {
        out.push(`variant without a meaning, ${at(node)}`);
      }
      if (node.kind === "Call" && (node.target === undefined || node.ordered === undefined)) {
        out.push(`call without a target, ${at(node)}`);
      }
      if (node.kind === "Closure" && node.fn === undefined) out.push(`closure without FnInfo, ${at(node)}`);
      for (const step of node.coerce ?? []) if (openType(step.to)) out.push(`open coercion, ${at(node)}`);
      for (const list of [node.target?.typeArgs, node.ref?.args]) {
        for (const t of list ?? []) if (openType(t)) out.push(`open type argument, ${at(node)}`);
      }
    }
    if (node.kind === "BindPattern" && node.local === undefined && node.variant === undefined) {
      out.push(`binding without a local, ${at(node)}`);
    }
    if (node.kind === "For" && node.how === undefined) out.push(`for without a way, ${at(node)}`);
    for (const [name, child] of Object.entries(node)) {
      // of a pipe, the call that it stands for is what runs: it holds both sides
      if (NOT_CODE.has(name) || (node.kind === "Pipe" && name !== "call")) continue;
      visit(child, name);
    }
  };
  visit(decls, "");
  return out;
}
