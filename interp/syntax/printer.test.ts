// The printer: what is printed parses to the same tree again, for generated trees and for every sample program.

import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decl, stmt } from "./arbitrary.ts";
import type { Decl, SourceText, Stmt, Unit } from "./ast.ts";
import { commentsOf } from "./comments.ts";
import { lex } from "./lexer.ts";
import { printUnit } from "./printer.ts";
import { sourceText } from "./source.ts";
import { parseText, programs, withoutSpans } from "./testing.ts";

const span = { start: 0, end: 0 };

function unitOf(decls: Decl[]): Unit {
  return { source: sourceText("made.jan", ""), profile: null, decls, generics: [], lost: new Set(), stmts: [] };
}

function inTest(stmt_: Stmt): Decl {
  return { kind: "TestDecl", doc: null, pub: false, attributes: [], name: "made", body: { kind: "Block",
    stmts: [stmt_], span },
    span };
}

function readBack(unit: Unit): unknown {
  const printed = printUnit(unit, { layout: false });
  const { unit: again, diagnostics } = parseText(printed);
  if (diagnostics.length > 0) return { printed, problem: diagnostics[0]!.message, at: diagnostics[0]!.span };
  return withoutSpans(again.decls);
}

function commentTexts(source: SourceText): string[] {
  return commentsOf(source.text, lex(source).tokens).map((comment) => comment.text);
}

const seed = 20261120;

describe("printer", () => {
  test("statements read back as the same tree", () => {
    fc.assert(fc.property(stmt, (made) => {
      const unit = unitOf([inTest(made)]);
      expect(readBack(unit)).toEqual(withoutSpans(unit.decls));
    }), { seed, numRuns: 1500 });
  }, 20_000);

  test("declarations read back as the same tree", () => {
    fc.assert(fc.property(fc.array(decl, { maxLength: 3 }), (decls) => {
      const unit = unitOf(decls);
      expect(readBack(unit)).toEqual(withoutSpans(unit.decls));
    }), { seed, numRuns: 400 });
  }, 20_000);

  test("the generated trees have every kind of node that a text without errors can have", () => {
    const declared = readFileSync(join(import.meta.dir, "ast.ts"), "utf8").matchAll(/\bkind: "(\w+)"/g);
    const missing = new Set([...declared].map((found) => found[1]!));
    const visit = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(visit);
      else if (typeof value === "object" && value !== null) {
        if ("kind" in value) missing.delete(String(value.kind));
        Object.values(value).forEach(visit);
      }
    };
    for (const made of [...fc.sample(decl, { seed, numRuns: 400 }), ...fc.sample(stmt, { seed, numRuns: 1500 })]) {
      visit(made);
    }
    // What the parser makes of a mistake; and `...any`, which only declarations of intrinsics have.
    expect([...missing].sort()).toEqual(["ErrorExpr", "VariadicType"]);
    visit(programs().map(({ text }) => parseText(text).unit.decls));
    expect([...missing]).toEqual(["ErrorExpr"]);
  });

  const commented = [
    "// file", "", "/// doc of f", "{. inline .}", "/// more", "func f() do // after the head", "    a() // after a",
    "    // own line", "", "    /// doc of nothing", "    b( // inside", "        1)", "    match x {",
    "        // arm", "        1 => 2, // after arm", "        // last", "    }", "    /* block */ c()", "    # hash",
    "end", "", "enum E {", "    /// doc of a variant", "    A,", "    B, // b", "}", "// end", "",
  ].join("\n");

  test("no comment is lost, wherever it stands", () => {
    const { unit, diagnostics } = parseText(commented);
    expect(diagnostics).toEqual([]);
    const printed = printUnit(unit);
    expect(printed).toMatchSnapshot();
    const again = parseText(printed);
    expect(withoutSpans(again.unit)).toEqual(withoutSpans(unit));
    expect(printUnit(again.unit)).toBe(printed);
    const texts = (source: SourceText): string[] => commentTexts(source).sort();
    expect(texts(again.unit.source)).toEqual(texts(unit.source));
  });

  test("documentation is kept wherever it stands among attributes and `pub`", () => {
    for (const head of ["/// Doc\n{. a .} pub", "{. a .} /// Doc\n{. b .}", "{. a .} pub /// Doc\n{. b .}",
      "{. a .} pub {. b .} /// Doc\n", "pub /// Doc\n"]) {
      const { unit, diagnostics } = parseText(`${head} func f() do end\n`);
      expect(diagnostics).toEqual([]);
      expect(unit.decls[0]!.doc).toBe("Doc");
      expect(withoutSpans(parseText(printUnit(unit)).unit)).toEqual(withoutSpans(unit));
    }
  });

  for (const { name, text } of programs()) {
    test(`${name} keeps its tree and its comments, and a second formatting changes nothing`, () => {
      const { unit } = parseText(text);
      const printed = printUnit(unit);
      const again = parseText(printed);
      expect(again.diagnostics).toEqual([]);
      expect(withoutSpans(again.unit)).toEqual(withoutSpans(unit));
      expect(printUnit(again.unit)).toBe(printed);
      expect(commentTexts(again.unit.source)).toEqual(commentTexts(unit.source));
    });
  }
});

test("a number as the object of an argument without parentheses stays where it is", () => {
  for (const argument of ["1[2]", "7.square()", "7.exp()"]) {
    const { unit, diagnostics } = parseText(`func main() do\n    println ${argument}\nend\n`);
    expect(diagnostics).toEqual([]);
    expect(printUnit(unit)).toContain(`println ${argument}\n`);
  }
});
