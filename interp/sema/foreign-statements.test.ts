// Statements and declarations of other languages (syntax/habits.ts): each is told by one message, at its place, and
// what its hint says is Janus that checks.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { checkProgram } from "./index.ts";
import { Sources } from "./sources.ts";

function diagnosticsOf(text: string) {
  const sources = new Sources(join(import.meta.dir, "../../std"));
  return checkProgram(sources.entry("habit.jan", text), sources, {}).diagnostics;
}

/** What stands in the block of `main` as another language has it, the hint, and the same in Janus. */
const inMain: [habit: string, hint: string, janus: string][] = [
  ["if n > 3 do println(1) elif n > 2 do println(2) end", "", "if n > 3 do println(1) else if n > 2 do println(2) end"],
  ["let f = (x) => x + 1", "`{ |x| x + 1 }`", "println([1].map { |x| x + 1 })"],
  ["println([1].map(x => x + 1))", "`func(x: i64) -> i64 do return x + 1 end`",
    "println([1].map(func(x: i64) -> i64 do return x + 1 end))"],
  ["println([1].map(lambda x: x + 1))", "`{ |x| x + 1 }`", "println([1].map { |x| x + 1 })"],
  ["n--", "`n -= 1`", "n -= 1"],
  ["n++", "`n += 1`", "n += 1"],
  ["println(f\"n = {n}\")", "`$\"…\"`", "println($\"n = {n}\")"],
  ["println(`n = ${n}`)", "`$\"…{name}…\"`", "println($\"n = {n}\")"],
  ["try:\n    work()\nexcept E as e:\n    println(e)", "`work() catch |err| do println(err) end`",
    "work() catch |err| do println(err) end"],
  ["try {\n    work()\n} catch (e) {\n    println(e)\n}", "`work() catch |err| do println(err) end`",
    "work() catch |err| do println(err) end"],
  ["throw \"x\"", "`fail NotFound`", "fail NotFound"],
  ["raise ValueError(\"x\")", "`fail NotFound`", "fail NotFound"],
  ["go work()", "`nursery do spawn work() end`", "nursery do spawn work() end"],
  ["for i := 0; i < 3; i++ { println(i) }", "`for i in 0..3 do … end`", "for i in 0..3 do println(i) end"],
  ["for (let i = 0; i < 3; i++) { println(i) }", "`for i in 0..3 do … end`", "for i in 0..3 do println(i) end"],
  ["switch n {\n    case 1: println(1)\n    default: println(2)\n}", "`match n { 1 => \"one\", _ => \"many\" }`",
    "println(match n { 1 => \"one\", _ => \"many\" })"],
  ["unless n > 3 { println(1) }", "`if not found do … end`", "let found = n > 3\nif not found do println(1) end"],
  ["println(n > 2 ? 1 : 0)", "", "println(if n > 2 do 1 else 0 end)"],
  ["let m = n > 2 ? 1 : 0", "`if n > 2 do 1 else 0 end`", "println(if n > 2 do 1 else 0 end)"],
  ["int m = 3", "`let m: i64 = …`", "let m: i64 = 3\nprintln(m)"],
  ["let m: ?i64 = n\nprintln(m!)", "`m.?`", "let m: ?i64 = n\nprintln(m.?)"],
  ["println!(\"{n}\")", "`println(…)`", "println(n)"],
  ["println([x for x in xs])", "`xs.map { |x| x * 2 }`", "println(xs.map { |x| x * 2 })"],
  ["if n is 3 do println(1) end", "`==`", "if n == 3 do println(1) end"],
  ["while n > 0:\n    println(n)", "`while … do … end`", "while n > 0 do n -= 1 end"],
];

const before = "error Trouble { NotFound }\nfunc work() -> void ! Trouble do fail NotFound end\n";

function program(body: string): string {
  const lines = body.split("\n").map((line) => `    ${line}`).join("\n");
  const used = "    var n = 5\n    var xs: []i64 = []\n    n += xs.len\n    xs.push(n)\n";
  return `${before}func main() do\n${used}${lines}\nend\n`;
}

/** The same for what stands outside of functions. */
const outside: [habit: string, hint: string, janus: string][] = [
  ["class Point {\n    x: i64\n    func norm(self) -> i64 do return self.x end\n}", "`struct Point { x: i64 }`",
    "struct Point { x: i64 }\nimpl Point { func norm(self) -> i64 do return self.x end }"],
  ["package main", "", ""],
  ["def twice(x):\n    return x * 2", "`func twice(x: i64) -> i64 do return x * 2 end`",
    "func twice(x: i64) -> i64 do return x * 2 end"],
  ["from std import fs", "`use std.fs`", "use std.fs"],
  ["public class Main {\n    void run() { }\n}", "`pub func main() do … end`", ""],
  ["interface Shape { area(): number }", "`trait Shape { func area(self) -> f64 }`",
    "trait Shape { func area(self) -> f64 }"],
];

describe("a habit is one message, and its hint is Janus", () => {
  for (const [habit, hint, janus] of inMain) {
    test(habit.split("\n")[0]!, () => {
      const told = diagnosticsOf(program(habit));
      expect(told.map((one) => one.message)).toHaveLength(1);
      expect(told[0]!.hint ?? "").toContain(hint);
      expect(diagnosticsOf(program(janus)).map((one) => one.message)).toEqual([]);
    });
  }
  for (const [habit, hint, janus] of outside) {
    test(habit.split("\n")[0]!, () => {
      const told = diagnosticsOf(`${habit}\nfunc main() do println(1) end\n`);
      expect(told.map((one) => one.message)).toHaveLength(1);
      expect(told[0]!.hint ?? "").toContain(hint);
      expect(diagnosticsOf(`${janus}\nfunc main() do println(1) end\n`).map((one) => one.message)).toEqual([]);
    });
  }
  test("func main() ! E", () => {
    const told = diagnosticsOf(`${before}func main() ! Trouble do fail NotFound end\n`);
    expect(told.map((one) => one.hint)).toEqual(["write `-> void ! Trouble`"]);
    expect(diagnosticsOf(`${before}func main() -> void ! Trouble do fail NotFound end\n`)).toEqual([]);
  });
});

test("the same words as names of the program's own are no habits", () => {
  const text = "func go(n: i64) -> i64 do return n end\nfunc throw(n: i64) -> i64 do return n end\n"
    + "struct class { int: i64 }\n"
    + "func main() do\n    let from = go(1)\n    let val = class { int: 3 }\n    println(from, val.int, throw(2))\n"
    + "    var package = 1\n    package = 2\n    println package\n    let new = 3\n"
    + "    println(new, - - package)\nend\n";
  expect(diagnosticsOf(text).map((one) => one.message)).toEqual([]);
});
