// What people read: each text with mistakes and the whole of what is said about it. `bun test -u` rewrites the
// snapshots after a change that was meant.
import { describe, expect, test } from "bun:test";
import { syntaxCatalogue } from "./diagnostic.ts";
import { recoveryCases } from "./recovery.cases.ts";
import { SOURCE_LENGTH_MAX } from "./source.ts";
import { parseText, places, rendered } from "./testing.ts";

describe("recovery", () => {
  for (const [name, text] of Object.entries(recoveryCases)) {
    test(name, () => {
      expect(`${text}${"-".repeat(60)}\n${rendered(text)}\n`).toMatchSnapshot();
    });
  }

  test("an error in one function says nothing about the others", () => {
    const good = "func g(n: i64) -> i64 do\n    return n\nend\n";
    const bad = "func f() do\n    let x = )\nend\n";
    expect(places(good + bad + good + bad + good)).toEqual(["J0115 5:13", "J0115 11:13"]);
  });

  test("a file of mistakes reports each once, in order", () => {
    const text = Array.from({ length: 50 }, (_, i) => `func f${i}() do\n    let x = 1 +\nend\n`).join("");
    expect(places(text)).toEqual(Array.from({ length: 50 }, (_, i) => `J0115 ${3 * i + 3}:1`));
  });

  test("declarations before and after a mistake are kept", () => {
    const { unit } = parseText("func a() do end\nfunc b( do\nend\nfunc c() do end\n");
    expect(unit.decls.map((decl) => (decl.kind === "FuncDecl" ? decl.name : decl.kind))).toEqual(["a", "b", "c"]);
  });

  test("every code that is reported here is explained, and every explained code is reported somewhere", () => {
    const reported = new Set(Object.values(recoveryCases).flatMap((text) => parseText(text).diagnostics.map((d) =>
      d.code)));
    const tooDeep = `func f() do x = ${"(".repeat(5000)} end`;
    const attribute = "{. inline .}\n";
    const tooLong = " ".repeat(SOURCE_LENGTH_MAX + 1);
    for (const text of [tooDeep, attribute, tooLong]) for (const d of parseText(text).diagnostics) reported.add(d.code);
    expect([...reported].sort()).toEqual(Object.keys(syntaxCatalogue).sort());
  });
});
