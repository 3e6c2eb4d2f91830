// Every construct in both dresses, `do … end` and `{ … }`: the two programs print the same, the one that is expected.
// A construct is written once with the marks ⟨ and ⟩ around its blocks; each dress puts its own words there.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JANUS, PLAIN_ENV } from "./runner/checkout.ts";
import { run } from "./runner/process.ts";

const TIMEOUT_SECONDS = 60;

/** What is declared above `main`, the body of `main`, and what it prints. */
interface Construct {
  above?: string;
  body: string;
  prints: string;
}

const constructs: Record<string, Construct> = {
  function: { above: "func f(x: i64) -> i64 ⟨ return x + 1 ⟩", body: "println(f(1))", prints: "2" },
  "function whose last value is its result": { above: "func f(x: i64) -> i64 ⟨ x * 3 ⟩", body: "println(f(2))",
    prints: "6" },
  "function without a result": { above: "func f() ⟨ println(\"f\") ⟩", body: "f()", prints: "f" },
  "function that may fail": { above: "func f() -> !i64 ⟨ fail Bad ⟩", body: "println(f() catch 7)", prints: "7" },
  "async function": { above: "async func f() -> i64 ⟨ sleep(1); return 4 ⟩", body: "println(await f())", prints: "4" },
  "generic function": { above: "func f[T](x: T) -> []T ⟨ return [x] ⟩", body: "println(f(1))", prints: "[1]" },
  "function in a block": { body: "func g(x: i64) -> i64 ⟨ return x * x ⟩\nprintln(g(3))", prints: "9" },
  closure: { body: "let f = func(x: i64) -> i64 ⟨ return x * 2 ⟩\nprintln(f(4))", prints: "8" },
  if: { body: "if 1 < 2 ⟨ println(1) ⟩", prints: "1" },
  "else if chain as a statement": {
    body: "for n in 0..3 ⟨ if n == 0 ⟨ print(\"a\") ⟩⟪ else if n == 1 ⟨ print(\"b\") ⟩⟪ else ⟨ print(\"c\") ⟩ ⟩\n" +
      "println()",
    prints: "abc",
  },
  "if as a value": { body: "let x = if 2 < 1 ⟨ 1 ⟩⟪ else ⟨ 2 ⟩\nprintln(x)", prints: "2" },
  "if let": { body: "let a: ?i64 = 5\nif let x = a ⟨ println(x) ⟩⟪ else ⟨ println(0) ⟩", prints: "5" },
  while: { body: "var i = 0\nwhile i < 3 ⟨ i += 1 ⟩\nprintln(i)", prints: "3" },
  "while let": { body: "let xs = [1, 2]\nwhile let x = xs.pop() ⟨ print(x) ⟩\nprintln()", prints: "21" },
  for: { body: "for i in 0..3 ⟨ print(i) ⟩\nprintln()", prints: "012" },
  "for with an index": { body: "for i, x in [\"a\", \"b\"] ⟨ print(i, x) ⟩\nprintln()", prints: "0a1b" },
  loop: { body: "var i = 0\nloop ⟨\n i += 1\n if i > 4 ⟨ break ⟩\n⟩\nprintln(i)", prints: "5" },
  "labelled loops": {
    body: "outer: for i in 0..3 ⟨\n inner: loop ⟨\n if i == 1 ⟨ continue outer ⟩\n print(i)\n break inner\n ⟩\n⟩\n" +
      "println()",
    prints: "02",
  },
  "match with commas": { body: "match 2 ⟨ 1 => println(\"one\"), 2 => println(\"two\"), _ => println(\"many\") ⟩",
    prints: "two" },
  "match with lines": { body: "println(match 3 ⟨\n 1 | 2 => \"few\"\n x if x > 2 => \"more\"\n else => \"none\"\n⟩)",
    prints: "more" },
  "arm with a block": { body: "println(match 1 ⟨ 1 => ⟨ let a = 20; a + 1 ⟩, _ => 0 ⟩)", prints: "21" },
  struct: { above: "struct P ⟨ x: i64, y: i64 = 2 ⟩", body: "println(P { x: 1 })", prints: "P { x: 1, y: 2 }" },
  "struct with lines": { above: "struct P ⟨\n x: i64\n y: i64\n⟩", body: "println(P { x: 1, y: 3 }.y)", prints: "3" },
  "generic struct": { above: "struct B[T] ⟨ of: T ⟩", body: "println(B { of: \"x\" }.of)", prints: "x" },
  enum: { above: "enum E ⟨ A, B(i64) ⟩", body: "println(E.A, E.B(2))", prints: "AB(2)" },
  "error set": { above: "error E ⟨ Lost, Late(i64) ⟩\nfunc f() -> void ! E ⟨ fail Late(3) ⟩",
    body: "f() catch |e| println(e)", prints: "Late(3)" },
  "trait and impl": {
    above: "trait Named ⟨\n func name(self) -> string\n func hello(self) -> string ⟨ return \"hi \" + " +
      "self.name() ⟩\n⟩\n" +
      "struct Dog ⟨ age: i64 ⟩\nimpl Named for Dog ⟨ func name(self) -> string ⟨ return \"Rex\" ⟩ ⟩",
    body: "println(Dog { age: 1 }.hello())", prints: "hi Rex",
  },
  "impl of methods": {
    above: "struct N ⟨ n: i64 ⟩\nimpl N ⟨\n func new() -> N ⟨ return N { n: 0 } ⟩\n" +
      " func up(self: *N) ⟨ self.n += 1 ⟩\n⟩",
    body: "var n = N.new()\nn.up()\nprintln(n.n)", prints: "1",
  },
  nursery: { above: "func f(c: Channel[i64]) ⟨ c.send(1) ⟩",
    body: "let c = channel(1)\nnursery ⟨ spawn f(c) ⟩\nprintln(c.recv())",
    prints: "1" },
  "nursery with a name": { body: "nursery ⟨ |n| n.cancel(); println(n.token.is_cancelled()) ⟩", prints: "true" },
  "nursery as a value": { body: "let x = nursery ⟨ let t = spawn func() -> i64 ⟨ return 6 ⟩; await t ⟩\n" +
      "println(x)", prints: "6" },
  "nursery that handles": {
    above: "func f() -> !void ⟨ fail Bad ⟩", body: "nursery ⟨ spawn f() ⟩ catch |e| ⟨ println(e) ⟩", prints: "Bad",
  },
  "spawned closure": { body: "nursery ⟨ spawn func() ⟨ println(3) ⟩ ⟩", prints: "3" },
  "select and its cases": {
    body: "let a = channel[i64](1)\nlet b = channel[i64](1)\na.send(1)\n" +
      "select ⟨ recv a |x| ⟨ println(\"got \", x) ⟩\n" +
      "recv b |y| ⟨ println(y) ⟩ ⟩\nselect ⟨ send b, 5 ⟨ println(\"sent\") ⟩\n timeout 1000 ⟨ println(\"late\") ⟩ ⟩\n" +
      "select ⟨ recv a |x| ⟨ println(x) ⟩\n default ⟨ println(\"none\") ⟩ ⟩\na.close()\n" +
      "select ⟨ closed a ⟨ println(\"closed\") ⟩ ⟩\nselect ⟨ recv a |x| ⟨ println(x) ⟩\n" +
      " timeout 1 ⟨ println(\"late\") ⟩ ⟩",
    prints: "got 1\nsent\nnone\nclosed\nlate",
  },
  "select in the other spelling": {
    body: "let a = channel[i64](1)\nselect ⟨ case a.send(2) ⟨ println(\"sent\") ⟩ ⟩\n" +
      "select ⟨ case m = a.recv() ⟨ println(m) ⟩\n" +
      "timeout(5) ⟨ println(\"late\") ⟩ ⟩", prints: "sent\n2",
  },
  using: { above: "struct D ⟨ n: i64 ⟩\nimpl D ⟨ func close(self) ⟨ println(\"close \", self.n) ⟩ ⟩",
    body: "using d := (D { n: 1 }) ⟨ println(d.n) ⟩\nusing e = (D { n: 2 }) ⟨ println(e.n) ⟩",
    prints: "1\nclose 1\n2\nclose 2" },
  "defer and errdefer": {
    above: "func f() -> !void ⟨\n defer ⟨ println(\"d\") ⟩\n errdefer ⟨ println(\"e\") ⟩\n fail Bad\n⟩",
    body: "f() catch |x| println(x)", prints: "e\nd\nBad",
  },
  shield: { body: "let x = shield ⟨ sleep(1); 8 ⟩\nprintln(x)", prints: "8" },
  "catch with a block": { above: "func f() -> !i64 ⟨ fail Bad ⟩", body: "println(f() catch |e| ⟨ println(e); 2 ⟩)",
    prints: "Bad\n2" },
  "or with a block": { above: "func f() -> !i64 ⟨ fail Bad ⟩", body: "println(f() or ⟨ |e| println(e); 2 ⟩)",
    prints: "Bad\n2" },
  "trailing block": { body: "println([1, 2].map ⟨ |x| x * 10 ⟩)", prints: "[10, 20]" },
  "trailing block after arguments": { body: "println([1, 2].reduce(5) ⟨ |a, x| a + x ⟩)", prints: "8" },
  "trailing block with statements": { body: "[1, 2].each ⟨ |x|\n let y = x * x\n print(y)\n⟩\nprintln()",
    prints: "14" },
};

/** `⟪` stands where a chain goes on: a brace closes the block there, `end` closes the whole chain only. */
function dressed(text: string, dress: "do" | "braces"): string {
  if (dress === "braces") return text.replaceAll("⟩⟪", "}").replaceAll("⟨", "{").replaceAll("⟩", "}");
  // in `do |x|` and `nursery |n| do` the name stands on the other side
  return text.replaceAll("⟩⟪", "").replaceAll(/(nursery) ⟨ \|(\w+)\|/g, "$1 |$2| do").replaceAll(/catch \|(\w+)\| ⟨/g,
    "catch |$1| do").replaceAll("⟨", "do").replaceAll("⟩", "end").replaceAll(/else do (?=print|\d)/g, "else ");
}

function programOf(construct: Construct, dress: "do" | "braces"): string {
  return `${dressed(`${construct.above ?? ""}\nfunc main() ⟨\n${construct.body}\n⟩\n`, dress)}`;
}

const folder = mkdtempSync(join(tmpdir(), "janus-dresses-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(["do", "braces"] as const)("%s", (dress) => {
  test.each(Object.entries(constructs))("%s", async (_, construct) => {
    const source = programOf(construct, dress);
    writeFileSync(join(folder, "program.jan"), source);
    const options = { cwd: folder, env: PLAIN_ENV, timeoutSeconds: TIMEOUT_SECONDS };
    const { stdout, stderr } = await run([JANUS, "run", "program.jan"], options);
    expect([stderr, stdout]).toEqual(["", `${construct.prints}\n`]);
  }, (TIMEOUT_SECONDS + 5) * 1000);
});

test("the dresses differ", () => {
  for (const construct of Object.values(constructs)) {
    expect(programOf(construct, "do")).not.toMatch(/[⟨⟩⟪]/);
    expect(programOf(construct, "do")).not.toBe(programOf(construct, "braces"));
  }
});
