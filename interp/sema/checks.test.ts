// What the checker reports. Each file in testdata/diagnostics is a program with `// ^ J0202 message` under the lines
// that must be reported; everything else in it must be clean. Beside it: the published defects that a checker can
// have, and the speed it has to keep.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { syntaxCatalogue } from "../syntax/diagnostic.ts";
import { semaCatalogue } from "./catalogue.ts";
import { checkStdUnit } from "./index.ts";
import { checkText, cpuMs, inMain, shown, STD, TestLoader } from "./testing.ts";
import { showType } from "./types.ts";

const folder = join(import.meta.dir, "testdata/diagnostics");

/** What a program's comments expect: `// ^ CODE message` speaks of the line of code above it. */
function expectations(text: string): string[] {
  let code = 0;
  return text.split("\n").flatMap((line, i) => {
    const found = /^\s*\/\/ \^ (.*)$/.exec(line);
    if (found !== null) return [`${code} ${found[1]}`];
    code = i + 1;
    return [];
  });
}

describe("programs with the expected diagnostics under their lines", () => {
  for (const file of readdirSync(folder).sort()) {
    test(file, () => {
      const text = readFileSync(join(folder, file), "utf8");
      const expected = expectations(text);
      // a message too long for a line is given by its beginning
      const found = shown(checkText(text).diagnostics).map((line) =>
        expected.find((want) => want.endsWith("…") && line.startsWith(want.slice(0, -1))) ?? line);
      expect(found.sort()).toEqual(expected.sort());
    });
  }

  test("between them they report nearly every code", () => {
    const all = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
    // those of modules are tested in modules.test.ts, what takes a thousand declarations in limits.test.ts
    const elsewhere = ["J0216", "J0225", "J0226", "J0228", "J0240", "J0242"];
    const missing = Object.keys(semaCatalogue).filter((code) => !all.includes(`// ^ ${code}`));
    expect(missing).toEqual(elsewhere);
  });

  test("codes of the checker are its own", () => {
    for (const code of Object.keys(semaCatalogue)) expect(Object.keys(syntaxCatalogue)).not.toContain(code);
  });
});

describe("failure mode 22: an optional of an optional collapses; unwrapping a call's result loses its type", () => {
  test("?(?T) is not ?T", () => {
    expect(inMain("let a: ?(?i64) = null\nlet b: ?i64 = null\nlet c: ?(?i64) = b\nlet d: ?i64 = a")).toEqual([
      "5 J0202 expected `?i64`, found `?(?i64)`",
    ]);
  });

  test("an optional put where an optional of it is wanted is wrapped once, and null is not wrapped", () => {
    const { program, diagnostics } = checkText(
      "func f(b: ?i64) -> ?(?i64) do\n    let none: ?(?i64) = null\n    println(none)\n    return b\nend\n" +
      "func main() do end\n");
    expect(diagnostics).toEqual([]);
    const f = program.units.find((u) => u.source.name === "main.jan")!.decls[0] as any;
    const [none, , back] = f.body.stmts;
    expect(none.value.coerce).toBeUndefined();
    expect(showType(none.value.ty)).toBe("?(?i64)");
    expect(back.expr.value.coerce.map((step: { k: string }) => step.k)).toEqual(["some"]);
  });

  test("an element of [N]?T read through a reference is not wrapped again", () => {
    expect(inMain("var s = S { slots: [null, 2] }\nprintln(probe(&s, 0))",
      "struct S { slots: [2]?i64 }\nfunc probe(s: *S, i: i64) -> i64 do\n    let maybe_b = s.slots[i]\n" +
      "    if maybe_b == null do return -1 end\n    return maybe_b\nend\n")).toEqual([]);
  });

  test("what is unwrapped from a call keeps its type", () => {
    const first = "func first[T](xs: []T) -> ?T do if xs.len == 0 do null else xs[0] end end\n";
    const uses = "println(first([[1]]).?.len, first([[2]]).?[0] + 1, first([[1.5]]).unwrap()[0] + 0.5)";
    expect(inMain(uses, first)).toEqual([]);
    expect(inMain("let x: string = first([[1]]).?", first)).toEqual(["3 J0202 expected `string`, found `[]i64`"]);
  });

  test("an optional of an optional known not to be null is still taken out of its box", () => {
    const { program, diagnostics } = checkText(
      "func f(x: ?(?i64)) -> ?i64 do\n    if x == null do return 7 end\n    return x\nend\nfunc main() do end\n");
    expect(diagnostics).toEqual([]);
    const f = program.units.find((u) => u.source.name === "main.jan")!.decls[0] as any;
    expect(f.body.stmts[1].expr.value.kind).toBe("Unwrap");
  });
});

describe("std", () => {
  const files = [...new Bun.Glob("**/*.jan").scanSync(STD)].sort();
  test("is found", () => expect(files.length).toBeGreaterThan(10));
  for (const file of files) {
    test(`${file} checks whole`, () => expect(shown(checkStdUnit(`std/${file}`, new TestLoader()))).toEqual([]));
  }
});

test("the acceptance program of isolation reports exactly its lines", () => {
  const text = readFileSync(join(import.meta.dir, "../../tests/acceptance/isolation_errors.jan"), "utf8");
  const lines = new Set(shown(checkText(text).diagnostics).map((line) => Number(line.split(" ")[0])));
  expect([...lines].sort((a, b) => a - b)).toEqual([11, 13, 16, 19, 21, 22]);
});

describe("long programs take linear time", () => {
  const many = (n: number, line: (i: number) => string) => Array.from({ length: n }, (_, i) => line(i)).join("\n");
  for (const [name, text] of [
    ["assignments to one variable", `var x = 1\n${many(10_000, () => "x = x + 1")}`],
    ["declarations", many(10_000, (i) => `let v${i} = ${i}`)],
    ["elements", `let x = [${many(50_000, () => "1,")}]`],
  ] as const) {
    test(name, () => {
      const start = cpuMs();
      expect(inMain(text)).toEqual([]);
      expect(cpuMs() - start).toBeLessThan(3000);
    }, 60_000);
  }
});

test("ten thousand lines are checked in well under a second", () => {
  const body = readFileSync(join(import.meta.dir, "testdata/everything.jan"), "utf8").split('test "adds"')[0]!;
  const names = [...body.matchAll(/^(?:async )?(?:func|struct|enum|trait|error|const|let) (\w+)/gm)].map((m) => m[1]!);
  const all = new RegExp(`\\b(${names.join("|")})\\b`, "g");
  const parts: string[] = [];
  for (let i = 0; i < 60; i++) {
    const renamed = body.replace(/^use .*$/gm, "").replace(all, `$1_${i}`);
    parts.push(renamed.replace(`func main_${i}() do`, `func main_${i}() -> !void do`));
  }
  const text = `use std.sync.mutex\nuse std.sync.parker\n${parts.join("\n")}\nfunc main() do main_0()? end\n`;
  expect(text.split("\n").length).toBeGreaterThan(10_000);
  const start = cpuMs();
  expect(shown(checkText(text).diagnostics)).toEqual([]);
  // the goal is 0.3 s on a quiet machine, parsing not counted; the bound here leaves room for a busy one
  expect(cpuMs() - start).toBeLessThan(3000);
}, 60_000);
