// Modules: where names come from, what is visible, and the order of initial values.
import { describe, expect, test } from "bun:test";
import { STD_UNITS } from "./std-units.ts";
import { checkText, shown, STD } from "./testing.ts";
import { typeKey } from "./types.ts";

function check(text: string, files: Record<string, string> = {}): string[] {
  return shown(checkText(text, {}, files).diagnostics);
}

const shapes = `pub struct Point { x: i64, y: i64 }
pub func origin() -> Point do Point { x: 0, y: 0 } end
func secret() -> i64 do 1 end
impl Point { pub func sum(self) -> i64 do self.x + self.y end }
`;

describe("use", () => {
  test("names of a module are visible unqualified, qualified, and by alias", () => {
    const files = { "geometry/shapes.jan": shapes };
    for (const text of [
      "use geometry.shapes\nfunc main() do println(origin().sum(), shapes.origin().x) end\n",
      "use geometry.shapes as g\nfunc f(p: g.Point) -> i64 do p.x end\nfunc main() do println(f(g.origin())) end\n",
      "use geometry.shapes.{Point, origin as start}\nfunc main() do println(start() == Point { x: 0, y: 0 }) end\n",
    ]) expect(check(text, files)).toEqual([]);
  });

  test("a folder of files is one module", () => {
    const files = {
      "geometry/a.jan": "pub func one() -> i64 do 1 end\n", "geometry/b.jan": "pub func two() -> i64 do 2 end\n",
    };
    expect(check("use geometry\nfunc main() do println(one() + geometry.two()) end\n", files)).toEqual([]);
  });

  test("own names are nearer than used ones", () => {
    expect(check("use m\nfunc f() -> string do \"own\" end\nfunc main() do let x: string = f() end\n",
      { "m.jan": "pub func f() -> i64 do 1 end\n" })).toEqual([]);
  });

  test("what is not pub is named as such", () => {
    const files = { "geometry/shapes.jan": shapes };
    expect(check("use geometry.shapes\nfunc main() do println(shapes.secret()) end\n", files)).toEqual([
      "2 J0228 `secret` of module `geometry.shapes` is not `pub`",
    ]);
    expect(check("use geometry.shapes.{secret}\nfunc main() do end\n", files)).toEqual([
      "1 J0228 `secret` of module `geometry.shapes` is not `pub`",
    ]);
  });

  test("a module or a name that is not there", () => {
    expect(check("use no.such\nfunc main() do end\n")).toEqual(["1 J0225 there is no module `no.such`"]);
    expect(check("use m.{g}\nfunc main() do m.h() end\n", { "m.jan": "pub func f() do end\n" })).toEqual([
      "1 J0201 module `m` has no `g`", "2 J0201 there is no name `m` in scope",
    ]);
    expect(check("use m\nfunc main() do m.h() end\n", { "m.jan": "pub func f() do end\n" })).toEqual([
      "2 J0201 module `m` has no `h`",
    ]);
  });

  test("errors in used modules are reported with their unit", () => {
    const files = { "m.jan": "pub func f() do\n    let x: i64 = \"a\"\nend\n" };
    expect(check("use m\nfunc main() do f() end\n", files)).toEqual([
      "m.jan:2 J0202 expected `i64`, found `string`",
    ]);
  });

  test("files that use each other are a circle, reported once", () => {
    expect(check("use a\nfunc main() do println(ping(3)) end\n", {
      "a.jan": "use b\npub func ping(n: i64) -> i64 do if n == 0 do 0 else pong(n - 1) end end\n",
      "b.jan": "use a\npub func pong(n: i64) -> i64 do if n == 0 do 1 else ping(n - 1) end end\n",
    })).toEqual(["b.jan:1 J0240 files use each other in a circle: `a.jan` → `b.jan` → `a.jan`"]);
  });
});

describe("initial values", () => {
  const order = (text: string, files = {}) => checkText(text, {}, files).program.globals.map((g) => g.name);

  test("come after what they need, also through functions", () => {
    expect(order("let a = b + 1\nlet b = f()\nconst c = 3\nfunc f() -> i64 do c end\nfunc main() do end\n"))
      .toEqual(["c", "b", "a"]);
  });

  test("a circle names its members", () => {
    expect(check("let a: i64 = f()\nfunc f() -> i64 do b end\nlet b: i64 = a\nfunc main() do end\n")).toEqual([
      "1 J0226 the initial value of `a` depends on itself",
    ]);
    expect(check("let a = b\nlet b = a\nfunc main() do end\n")).toEqual([
      "1 J0226 the initial value of `a` depends on itself",
    ]);
  });

  test("cannot fail, and are no var", () => {
    expect(check("var n = 0\nfunc main() do n = 1 end\n")).toEqual([
      "1 J0216 a module-level `var` would be shared by every fiber without protection",
    ]);
  });
});

test("unit ids and keys of types are the same in every run", () => {
  const text = "struct P[T] { x: T }\nenum E { A }\nfunc main() do end\n";
  const [a, b] = [checkText(text), checkText(text)];
  const keys = a.program.units.map((u) => `${u.source.id} ${u.source.name}`);
  expect(keys).toEqual(b.program.units.map((u) => `${u.source.id} ${u.source.name}`));
  expect(a.program.declById(0, 0)).toMatchObject({ kind: "StructDecl", name: "P" });
  for (const key of [
    "i64", "?[]u8", "u0.0[string]", "(i64,?u0.1)", "fn(i64,[3]f64)!u0.1{any}", "*u0.0[u0.0[i8]]", "range",
    "!i64{'Timeout}",
  ]) {
    expect(showKey(b, key)).toBe(key);
  }
});

function showKey(checked: ReturnType<typeof checkText>, key: string): string {
  return typeKey(checked.program.parseTypeKey(key));
}

test("std's units are numbered: each file is in the list, once", () => {
  const files = [...new Bun.Glob("**/*.jan").scanSync(STD)].map((file) => `std/${file}`);
  expect([...STD_UNITS].sort()).toEqual(files.sort());
});
