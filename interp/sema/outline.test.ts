// A unit in pieces is the unit: same declarations, same spans, same order.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FuncDecl } from "../syntax/ast.ts";
import { parse } from "../syntax/parser.ts";
import { LazyDecls, outline } from "./outline.ts";
import { checkText, STD } from "./testing.ts";

const source = { name: "std/core/prelude.jan", id: 1000, text: readFileSync(join(STD, "core/prelude.jan"), "utf8") };

test("the prelude has an outline, and its pieces are its functions", () => {
  const pieces = outline(source.text);
  expect(pieces).not.toBeNull();
  const whole = parse(source).unit.decls;
  const found: FuncDecl[] = [];
  const lazy = new LazyDecls(source, pieces!, (decl, index, diagnostics) => {
    expect(diagnostics).toEqual([]);
    found[index] = decl;
  });
  expect([...lazy.keys()]).toEqual(whole.map((d) => (d as FuncDecl).name));
  lazy.all();
  expect(JSON.stringify(found, replacer)).toBe(JSON.stringify(whole, replacer));
});

function replacer(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

test("only what is asked for is parsed", () => {
  const parsed: string[] = [];
  const lazy = new LazyDecls(source, outline(source.text)!, (decl) => parsed.push(decl.name));
  expect(lazy.has("println")).toBe(true);
  expect(lazy.get("no_such")).toBeUndefined();
  expect(parsed).toEqual([]);
  expect(lazy.get("println")?.name).toBe("println");
  expect(parsed).toEqual(["println"]);
});

test("a text that holds more than functions is not taken apart", () => {
  expect(outline("pub func f() do end\nstruct S { x: i64 }\n")).toBeNull();
  expect(outline("func f() do\n    1\nend\n\n/// doc\nfunc g() do end\n")?.map((p) => p.name)).toEqual(["f", "g"]);
});

test("a function of the prelude is found by its id", () => {
  const { program } = checkText("func main() do println(1) end\n");
  const unit = program.units.find((u) => u.source.name === "std/core/prelude.jan")!;
  const println = unit.decls.find((d) => d.kind === "FuncDecl" && d.name === "println") as FuncDecl;
  const { unit: id, index } = program.idOf(println);
  expect(program.declById(id, index)).toBe(println);
});
