// The REPL's session: entries see those before them, an entry with errors leaves nothing behind.
import { describe, expect, test } from "bun:test";
import { Session } from "./session.ts";
import { shown, TestLoader } from "./testing.ts";
import { showType } from "./types.ts";

/** Feeds entries to a session; gives for each the type of its value, or its diagnostics. */
function run(...entries: string[]): (string | string[])[] {
  const session = new Session(new TestLoader());
  return entries.map((text, i) => {
    const { diagnostics, type } = session.add({ name: `<repl:${i + 1}>`, text, id: i });
    return diagnostics.length > 0 ? shown(diagnostics) : showType(type);
  });
}

describe("session", () => {
  test("later entries see the variables of earlier ones", () => {
    expect(run("let a = 1", "var b = a + 1", "b += 2", "b", "a + b")).toEqual(["void", "void", "void", "i64", "i64"]);
  });

  test("functions, types and impls last", () => {
    expect(run(
      "struct P { x: i64 }", "impl P { func twice(self) -> i64 do self.x * 2 end }", "let p = P { x: 2 }", "p.twice()",
      "func f(x: i64) -> string do $\"{x}\" end", "f(p.x)",
    )).toEqual(["void", "void", "void", "i64", "void", "string"]);
  });

  test("a name may be declared again", () => {
    expect(run("let a = 1", "let a = \"x\"", "a", "func f() -> i64 do 1 end", "func f() -> string do \"\" end", "f()"))
      .toEqual(["void", "void", "string", "void", "void", "string"]);
  });

  test("an entry with errors leaves nothing behind", () => {
    expect(run("let a: i64 = \"x\"", "a", "let a = 2", "a")).toEqual([
      ["<repl:1>:1 J0202 expected `i64`, found `string`"],
      ["<repl:2>:1 J0201 there is no name `a` in scope"],
      "void", "i64",
    ]);
  });

  test("a mark on what an earlier entry declares shows that entry's text", () => {
    const session = new Session(new TestLoader());
    const marks = (text: string, id: number) => session.add({ name: `<repl:${id}>`, text, id })
      .diagnostics.flatMap((d) => d.notes.map((note) => `${note.unit.name} ${note.span.start} ${note.message}`));
    expect(marks("let x = \"text\"; var y = 1", 1)).toEqual([]);
    expect(marks("x = \"again\"", 2)).toEqual(["<repl:1> 4 `x` is declared here"]);
    expect(marks("y = \"again\"", 3)).toEqual(["<repl:1> 20 `y` is declared here"]);
  });

  test("the session is a nursery", () => {
    expect(run("async func work(n: i64) -> i64 do n end", "let t = spawn work(1)", "await t", "t"))
      .toEqual(["void", "void", "i64", "Task[i64]"]);
  });

  test("use lasts", () => {
    expect(run("use std.sync.mutex", "let m = mutex_new(1)", "m")).toEqual(["void", "void", "Mutex[i64]"]);
  });

  test("what a closure of an earlier entry assigns is not known behind a call", () => {
    const mayBeNull = (entry: number, line = 1) =>
      [`<repl:${entry}>:${line} J0209 this may be null, so \`len\` cannot be read from it: \`?string\``];
    expect(run(
      'var x: ?string = "a"', "let f = func() do x = null end",
      "if x != null do println(x.len); f(); println(x.len) end",
    )).toEqual(["void", "void", mayBeNull(3)]);
    expect(run('var x: ?string = "a"', "if x != null do println(x.len); println(x.len) end")).toEqual(["void", "void"]);
  });

  test("a closure knows nothing that a closure of a later entry may undo", () => {
    expect(run(
      'var x: ?string = "a"', "var hook = func() do end",
      "let a = func() do\nif x != null do\nprintln(x.len)\nhook()\nprintln(x.len)\nend\nend",
    )).toEqual(["void", "void",
      ["<repl:3>:5 J0209 this may be null, so `len` cannot be read from it: `?string`"]]);
    expect(run(
      "struct B { v: ?string }", "let k = B { v: \"a\" }",
      "let a = func() do if k.v != null do println(k.v.len) end end",
    )).toEqual(["void", "void",
      ["<repl:3>:1 J0209 this may be null, so `len` cannot be read from it: `?string`"]]);
  });

  test("variables of an entry are shared cells", () => {
    const session = new Session(new TestLoader());
    const first = session.add({ name: "<repl:1>", text: "var n = 0", id: 0 });
    expect(first.fn.locals.map((l) => [l.name, l.captured, l.boxed])).toEqual([["n", true, true]]);
    const second = session.add({ name: "<repl:2>", text: "n += 1\nn", id: 1 });
    expect(second.diagnostics).toEqual([]);
    expect(second.fn.captures).toEqual([first.fn.locals[0]!]);
  });

  test("constants of an entry are globals", () => {
    expect(run("const LIMIT = 3", "LIMIT + 1", "func f() -> i64 do LIMIT end", "f()"))
      .toEqual(["void", "i64", "void", "i64"]);
  });
});
