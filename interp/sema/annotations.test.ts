// Completeness of what the evaluator reads: every expression has a type without variables, every name a meaning, every
// call a target; and the details of the contract that no diagnostic shows.
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkText, gaps, shown } from "./testing.ts";
import { showType } from "./types.ts";

const acceptance = join(import.meta.dir, "../../tests/acceptance");
const programs = [
  join(import.meta.dir, "testdata/everything.jan"),
  ...readdirSync(acceptance).filter((f) => f.endsWith(".jan") && f !== "isolation_errors.jan").sort()
    .map((f) => join(acceptance, f)),
];

describe("nothing is left without an annotation", () => {
  for (const path of programs) {
    test(path.split("/").at(-1)!, () => {
      const text = readFileSync(path, "utf8");
      const { program, diagnostics } = checkText(text);
      expect(shown(diagnostics)).toEqual([]);
      for (const unit of program.units) {
        // of std, the bodies that were reached
        const decls = unit.source.name === "main.jan" ? unit.decls
          : unit.decls.filter((d) => d.kind === "FuncDecl" && d.fn !== undefined);
        expect(gaps(decls, unit.source.text)).toEqual([]);
      }
    });
  }
});

/** The body of the first function of a program that must check. */
function body(text: string): any {
  const { program, diagnostics } = checkText(`${text}\nfunc main() do end\n`);
  expect(shown(diagnostics)).toEqual([]);
  return program.units.find((u) => u.source.name === "main.jan")!.decls.find((d) => d.kind === "FuncDecl");
}

describe("locals", () => {
  test("captured and assigned means boxed; captured alone does not", () => {
    const f = body("func f() do\n    var n = 0\n    let k = 1\n    let g = func() do n += k end\n    g()\nend");
    expect(f.fn.locals.map((l: any) => [l.name, l.captured, l.boxed])).toEqual([
      ["n", true, true], ["k", true, false], ["g", false, false],
    ]);
  });

  test("captures pass through the closures between", () => {
    const f = body("func f(n: i64) do\n    let g = func() do\n        let h = func() -> i64 do n end\n" +
      "        println(h())\n    end\n    g()\nend");
    const g = f.body.stmts[0].value;
    const h = g.body.stmts[0].value;
    expect(g.fn.captures.map((l: any) => l.name)).toEqual(["n"]);
    expect(h.fn.captures).toEqual(g.fn.captures);
  });

  test("a nested function that calls itself lives in a cell", () => {
    const f = body("func f() -> i64 do\n    func down(n: i64) -> i64 do if n == 0 do 0 else down(n - 1) end end\n" +
      "    down(3)\nend");
    expect(f.body.stmts[0].local.boxed).toBe(true);
  });

  test("the address of a local that is no struct makes it a cell", () => {
    const f = body("func f() do\n    var n = 1\n    let p = &n\n    p.* = 2\nend");
    expect(f.fn.locals[0].boxed).toBe(true);
  });
});

describe("calls", () => {
  test("defaults and names are put in order", () => {
    const f = body("func f() -> i64 do g(1, c: 3) end\nfunc g(a: i64, b: i64 = 2, c: i64 = 4) -> i64 do a + b + c end");
    expect(f.body.stmts[0].expr.ordered.map((e: any) => Number(e.value))).toEqual([1, 2, 3]);
  });

  test("a method on a struct place is passed by reference, on a reference as it is", () => {
    const f = body("func f(p: *S) do\n    var s = S { n: 1 }\n    s.inc()\n    p.inc()\nend\nstruct S { n: i64 }\n" +
      "impl S { func inc(self: *S) do self.n += 1 end }");
    expect([f.body.stmts[1].expr.target.byRef, f.body.stmts[2].expr.target.byRef]).toEqual([true, false]);
  });

  test("a bound's method is a trait target; type arguments are filled in", () => {
    const f = body("func f[T: Ordered](a: T, b: T) -> bool do less(a, b) end\n" +
      "func less[T: Ordered](a: T, b: T) -> bool do a.cmp(b) < 0 end");
    expect(f.body.stmts[0].expr.target.typeArgs.map(showType)).toEqual(["T"]);
  });

  test("x.f(y) of a free function is f(x, y)", () => {
    const f = body("func f() -> i64 do 3.plus(4) end\nfunc plus(a: i64, b: i64) -> i64 do a + b end");
    const { target, ordered } = f.body.stmts[0].expr;
    expect([target.k, target.decl.name, ordered.length]).toEqual(["func", "plus", 2]);
  });
});

describe("conversions", () => {
  test("are written once, innermost first", () => {
    const f = body("func f(n: i32) -> ?i64 ! E do\n    if n > 0 do n else null end\nend\nerror E { A }");
    const chosen = f.body.stmts[0].expr;
    expect(chosen.coerce).toBeUndefined();
    expect(chosen.then.coerce).toBeUndefined();
    expect(chosen.then.stmts[0].expr.coerce.map((s: any) => s.k)).toEqual(["widen", "some", "ok"]);
  });

  test("a match or if without an expectation is joined at its branches", () => {
    const f = body("func f(c: bool) do\n    let x = if c do 1 else null end\n    println(x)\nend");
    const chosen = f.body.stmts[0].value;
    expect(showType(chosen.ty)).toBe("?i64");
    expect(chosen.then.coerce.map((s: any) => s.k)).toEqual(["some"]);
  });
});

describe("concurrency", () => {
  const errors = "error E { X }\nfunc g() -> i64 ! E do fail X end\n";

  test("await says whether it waits for a task or runs a call", () => {
    const f = body(`func f() -> i64 ! E do\n    nursery do\n        let t = spawn g()\n        let a = await t\n` +
      `        let b = (await t) catch 0\n        return a + b + (await g())\n    end\nend\n${errors}`);
    const [, a, b, back] = f.body.stmts[0].expr.body.stmts;
    expect([a.value.mode, a.value.handled ?? false, showType(a.value.ty)]).toEqual(["task", false, "i64"]);
    const waited = b.value.operand;
    expect([waited.mode, waited.handled, showType(waited.ty)]).toEqual(["task", true, "i64 ! E"]);
    const call = back.expr.value.right;
    expect([call.mode, call.operand.kind, showType(call.ty)]).toEqual(["call", "Propagate", "i64"]);
  });

  test("a nursery that is handled has a result type", () => {
    const f = body(`func f() -> i64 do\n    return nursery do\n        let t = spawn g()\n        1\n` +
      `    end catch 0\nend\n${errors}`);
    const nursery = f.body.stmts[0].expr.value.operand;
    expect([nursery.handled, showType(nursery.ty)]).toEqual([true, "i64 ! E"]);
  });

  test("main infers its errors", () => {
    const { program } = checkText(`func main() do\n    g()?\nend\n${errors}`);
    expect(showType(program.main!.fn!.result)).toBe("void ! E");
  });
});
