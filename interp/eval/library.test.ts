// The standard library as a whole: it has no error of types, every public name says what it does and shows a use of
// it, and the use is Janus.
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkStdUnit } from "../sema/index.ts";
import { Sources } from "../sema/sources.ts";
import type { Decl, FuncDecl } from "../syntax/ast.ts";
import { parse } from "../syntax/parser.ts";

const STD = join(import.meta.dir, "../../std");

interface Documented {
  name: string;
  doc: string | null;
}

function documented(decl: Decl): Documented[] {
  const own = (d: { name: string; doc: string | null }): Documented => ({ name: d.name, doc: d.doc });
  const methods = (list: FuncDecl[], all: boolean): Documented[] => list.filter((m) => all || m.pub).map(own);
  switch (decl.kind) {
    case "FuncDecl": case "ErrorDecl": case "GlobalDecl": case "AliasDecl": return decl.pub ? [own(decl)] : [];
    case "StructDecl": case "EnumDecl": return decl.pub ? [own(decl), ...methods(decl.methods, false)] : [];
    // the methods of a trait that come with a body are what its implementors get
    case "TraitDecl": return decl.pub ? [own(decl), ...methods(decl.methods.filter((m) => m.body !== null), true)] : [];
    case "ImplDecl": return decl.trait === null ? methods(decl.methods, false) : [];
    default: return [];
  }
}

const exampleOf = (doc: string): string | null => /Example: `(.+?)`(?= |\.|$)/m.exec(doc)?.[1] ?? null;

describe("std", () => {
  for (const file of [...new Bun.Glob("**/*.jan").scanSync(STD)].sort()) {
    test(`${file} checks clean, every body of it`, () => {
      const problems = checkStdUnit(`std/${file}`, new Sources(STD));
      expect(problems.map((d) => `${d.code} ${d.message}`)).toEqual([]);
    });

    test(`${file} shows how each public name is used`, () => {
      const text = readFileSync(join(STD, file), "utf8");
      expect(text.startsWith("// ")).toBe(true);
      const { unit, diagnostics } = parse({ name: `std/${file}`, text, id: 0 });
      expect(diagnostics).toEqual([]);
      const names = unit.decls.flatMap(documented);
      expect(names.length).toBeGreaterThan(0);
      const without = names.filter((d) => d.doc === null || exampleOf(d.doc) === null).map((d) => d.name);
      expect(without).toEqual([]);
      for (const { name, doc } of names) {
        // `…` stands for what does not matter
        const example = exampleOf(doc!)!.replaceAll("…", "");
        const source = { name, text: `func example() do\n${example}\nend`, id: 0 };
        const asStatement = parse(source).diagnostics;
        const asDeclaration = parse({ ...source, text: example }).diagnostics;
        if (asStatement.length > 0 && asDeclaration.length > 0) {
          throw new Error(`the example of ${name} is no Janus: ${example}: ${asStatement[0]!.message}`);
        }
      }
    });
  }
});
