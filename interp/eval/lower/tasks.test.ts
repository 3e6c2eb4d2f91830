// A task handle that never leaves its variable ends with it: what the analysis finds, and that the builder acts on it.
import { expect, test } from "bun:test";
import { checkProgram } from "../../sema/index.ts";
import { TestLoader } from "../../sema/testing.ts";
import { sourceText } from "../../syntax/source.ts";
import { useDeclarations } from "../declarations.ts";
import { compilers } from "./compile.ts";
import { ProgramDeclarations } from "./declarations.ts";
import { Instances } from "./instances.ts";
import { VOID_NODE } from "./builder.ts";

/** How many slots of main give back a task themselves. */
function slotsOf(body: string): number {
  const loader = new TestLoader();
  const text = `func one() -> i64 do return 1 end\nfunc keep(t: Task[i64]) do end\nfunc main() do\n${body}\nend\n`;
  const { program, diagnostics } = checkProgram(sourceText("tasks.jan", text), loader, {});
  expect(diagnostics).toEqual([]);
  const declared = new ProgramDeclarations(program, () => {});
  useDeclarations(declared);
  const names: string[] = [];
  const instances = new Instances(program, declared, compilers, () => VOID_NODE, (name) => names.push(name) - 1);
  const main = instances.ofFunction(program.main!, []);
  instances.ensureBuilt(main);
  return main.tasks.length;
}

test("a task that is only awaited, asked or cancelled is its variable's", () => {
  expect(slotsOf("nursery do\nlet h = spawn one()\nprintln(await h)\nend")).toBe(1);
  expect(slotsOf("nursery do\nlet h = spawn one()\nh.cancel()\nprintln(h.try_await() ?? 0)\nend")).toBe(1);
  expect(slotsOf("nursery do\nprintln(await spawn one())\nend")).toBe(1);
});

test("a task that goes elsewhere is not", () => {
  expect(slotsOf("nursery do\nlet h = spawn one()\nkeep(h)\nprintln(await h)\nend")).toBe(0);
  expect(slotsOf("nursery do\nlet h = spawn one()\nlet all = [h]\nprintln(await all[0])\nend")).toBe(0);
  expect(slotsOf("nursery do\nlet h = spawn one()\nspawn func() do println(await h) end\nend")).toBe(0);
});
