// Every word of another language: one message that gives the Janus way, and what it gives, followed, is accepted.
import { describe, expect, test } from "bun:test";
import {
  ANY, ARRAY, CHANNEL, FOREIGN_NAMES, LOCK_RESULT, MODULE_MEMBERS, MUTEX, NURSERY, STRING, TABLE,
} from "./habits.ts";
import { FOREIGN_TYPES } from "../syntax/foreign-types.ts";
import { checkText } from "./testing.ts";

/** A line of `main` as people write it, and as the hint has it. */
const NAMES: [string, string][] = [
  ["let a: ?i64 = None", "let a: ?i64 = null"],
  ["println(True)", "println(true)"],
  ["println(False)", "println(false)"],
  ["println(this)", "P { x: 1 }.f()"],
  ["console.log(1)", "println(1)"],
  ["throw(1)", "e() catch 1"],
  ["switch(1)", "match n do 1 => println(1), _ => println(2) end"],
  ["go(1)", "nursery do spawn e() end"],
  ["let c = make(1)", "let c = channel[i64](1)"],
  ["let s: ?i64 = Some(1)", "let s: ?i64 = 1"],
  ["Err(1)", "e() catch 1"],
  ["unless(true)", "if not true do println(1) end"],
  ["until(true)", "while not true do println(1) end"],
  ["println(range(3))", "for i in 0..n do println(i) end"],
  ["lambda(1)", "let f = func(x: i64) -> i64 do return x end"],
  ["println(int(1.5))", "println(1.5 as i64, text.parse_int() catch 0)"],
  ["println(float(1))", "println(1 as f64, text.parse_float() catch 0.0)"],
  ["println(repr(1))", "println(str(1))"],
  ["println(enumerate(xs))", "for i, x in xs.enumerate() do println(i, x) end"],
  ["pass", "if true do end"],
  ["exit(1)", "if n > 3 do os.exit(1) end"],
  ["println(input())", "println(io.read_line())"],
  ["println(dict())", "var t = Map[string, i64].new()"],
  ["println(sys.argv)", "println(os.args(), os.env(\"HOME\"))"],
  ["Promise.all([1])", "nursery do spawn e() end"],
  ["threading.Thread(e)", "let value = 1; nursery do spawn e() end; println(Mutex.new(value).with { |v| v })"],
  ["setTimeout(e, 10)", "nursery do spawn func() do sleep(10) end end"],
  ["let l = Lock()", "let value = 1; let l = Mutex.new(value); l.with { |v| println(v) }"],
  ["println(sorted(xs))", "println(xs.copy().sort())"],
  ["println(reversed(xs))", "println(xs.copy().reverse())"],
  ["println(sum(xs))", "println(xs.sum())"],
  ["println(zip(xs, xs))", "let ys = xs; println(xs.zip(ys))"],
  ["append(xs, 1)", "let value = 1; xs.push(value)"],
  ["println(format(\"{}\", n))", "let name = n; let x = 1.5; println($\"{name}\", $\"{x:.2f}\")"],
  ["println(typeof(n))", "let x = n; println(type_name(x))"],
  ["println(isinstance(n))", "let x: any Shape = Circle { r: 1 }; println((x as? Circle) == null)"],
  ["println(randint(1))", "var random = Random.new(1); println(random.range(1, 7))"],
  ["println(readFile(text))", "println(fs.read_file(\"notes.txt\") catch \"\")"],
  ["let f = require(\"fs\")", "println(1)"],
  ["close(n)", "let ch = channel[i64](1); ch.close()"],
  ["println(xs.map { it + 1 })", "println(xs.map({ |x| x + 1 }))"],
  ["del(xs[0])", "let i = 0; let key = \"a\"; xs.remove(i); m.remove(key)"],
  ["next", "for x in xs do continue when x > 1 end"],
  ["with(n)", "using f := fs.open(\"notes.txt\")? do println(f.read_all() catch \"\") end"],
  ["forever(n)", "loop do break when n > 1 end"],
];

const MEMBERS: [string, string][] = [
  ["xs.length", "xs.len"], ["xs.append(1)", "xs.push(1)"], ["xs.addAll([1])", "xs.extend([1])"],
  ["xs.forEach { |x| println(x) }", "xs.each { |x| println(x) }"], ["xs.indexOf(1)", "xs.index_of(1)"],
  ["xs.includes(1)", "xs.contains(1)"], ["xs.isEmpty()", "xs.is_empty()"],
  ["xs.collect { |x| x }", "xs.map { |x| x + 1 }"], ["xs.inject(0)", "xs.fold(0) { |sum, x| sum + x }"],
  ["xs.some { |x| x > 1 }", "xs.any { |x| x > 1 }"], ["xs.every { |x| x > 1 }", "xs.all { |x| x > 1 }"],
  ["xs.dup()", "xs.copy()"], ["xs.pop_back()", "xs.pop()"], ["xs.sorted()", "xs.copy().sort()"],
  ["xs.reversed()", "xs.copy().reverse()"], ["xs.iter()", "xs"], ["xs.toString()", "str(xs)"],
  ["text.length", "(text.len, text.char_count())"], ["text.toString()", "text"],
  ["text.charAt(0)", "text.char_at(0)"], ["text.substring(0, 1)", "text.slice(0, 1)"],
  ["text.indexOf(\"a\")", "text.index_of(\"a\")"], ["text.includes(\"a\")", "text.contains(\"a\")"],
  ["text.upper()", "text.to_upper()"], ["text.lower()", "text.to_lower()"], ["text.strip()", "text.trim()"],
  ["text.startswith(\"a\")", "text.starts_with(\"a\")"], ["text.endsWith(\"a\")", "text.ends_with(\"a\")"],
  ["text.gsub(\"a\", \"b\")", "text.replace(\"a\", \"b\")"], ["text.isEmpty()", "text.is_empty()"],
  ["text.push_str(\"a\")", "text ++ \"a\""], ["text.to_i()", "text.parse_int() catch 0"],
  ["text.toFloat()", "text.parse_float() catch 0.0"], ["text.as_bytes()", "text.bytes()"],
  ["m.size", "m.len"], ["m.has_key(\"a\")", "m.has(\"a\")"], ["m.put(\"a\", 1)", "m.set(\"a\", 1)"],
  ["m.delete(\"a\")", "m.remove(\"a\")"], ["m.items()", "m.entries()"],
  ["m.forEach { |k, v| println(k, v) }", "m.each { |key, value| println(key, value) }"],
  ["m.isEmpty()", "m.is_empty()"], ["m.keySet()", "m.keys()"],
  ["m.getOrDefault(\"a\", 1)", "m.get_or(\"a\", 1)"], ["n.toString()", "str(n)"],
  ["xs.head()", "xs.first()"], ["xs.at(0)", "xs[0]"], ["text.join(xs)", "xs.map { |x| str(x) }.join(\", \")"],
  ["text.format(n)", "println($\"{n}\")"], ["text.equals(text)", "println(text == text)"],
  ["text.lstrip()", "text.trim_start()"], ["text.rstrip()", "text.trim_end()"], ["text.rev()", "text.reverse()"],
];

/** Members of what fibers share, with what the hint says written out. */
const SHARED: [string, string][] = [
  ["let ch = channel[i64](1); ch.put(1)", "let ch = channel[i64](1); let value = 1; ch.send(value)"],
  ["let ch = channel[i64](1); println(ch.get())", "let ch = channel[i64](1); ch.close(); println(ch.recv())"],
  ["let l = Mutex.new(1); l.unlock()",
    "let l = Mutex.new(1); using guard := l.lock().unwrap() do guard.set(2) end"],
  ["let l = Mutex.new(1); l.lock().set(2)", "let l = Mutex.new(1); l.lock().unwrap().unlock()"],
  ["nursery |k| do k.start_soon(n) end", "nursery do spawn e() end"],
];

/** What modules of std are asked for under another name. */
const OF_MODULES: [string, string][] = [
  ["println(random.randint(1, 6))", "var random = Random.new(1); println(random.range(1, 7))"],
  ["time.sleep(1)", "sleep(10)"], ["println(time.now())", "println(time.now_ms())"],
  ["println(json.dumps(xs))", "println(Json.Array([Json.Int(1)]).to_string())"],
  ["println(json.loads(text))", "println(json.parse(text) catch null)"],
  ["println(math.pi)", "println(math.PI)"], ["println(os.getenv(text))", "println(os.env(\"HOME\"))"],
  ["println(os.argv)", "println(os.args())"], ["println(math.Sqrt(2.0))", "println(math.sqrt(2.0))"],
  ["println(math.floor(2.5))", "let x = 2.5; println(x.floor(), x.ceil(), x.round())"],
  ["os.exit(1)", "if n > 3 do os.exit(1) end"],
  ["println(fs.readFileSync(text))", "println(fs.read_file(\"notes.txt\") catch \"\")"],
];

const USES = "use std.os\nuse std.io\nuse std.fs\nuse std.time\nuse std.math\nuse std.json\nuse std.random.{Random}\n";

/** Statements, as they are written elsewhere and here. */
const STATEMENTS: [string, string][] = [
  ["if n > 3 do println(1) elif n == 3 do println(2) end", "if n > 3 do println(1) else if n == 3 do println(2) end"],
  ["let f = (x) => x + 1", "let f = func(x: i64) -> i64 do return x + 1 end"],
  ["println(xs.map(x => x + 1))", "println(xs.map { |x| x + 1 })"],
  ["println(xs.map(lambda x: x + 1))", "println(xs.map { |x| x + 1 })"],
  ["m.clear(); n--", "var k = n; k -= 1; println(k)"],
  ["m.clear(); n++", "var k = n; k += 1; println(k)"],
  ["println(f\"n = {n}\")", "println($\"n = {n}\")"],
  ["println(`n = ${n}`)", "println($\"n = {n}\")"],
  ["println(new P(1))", "println(P { x: 1 })"],
  ["println!(1)", "println(1)"],
  ["int k = 3", "let k = 3"],
  ["throw \"x\"", "e() catch 1"],
  ["raise ValueError(\"x\")", "e() catch 1"],
  ["go e()", "nursery do spawn e() end"],
  ["unless n do println(1) end", "if not (n > 1) do println(1) end"],
  ["until n do println(1) end", "while not (n > 1) do println(1) end"],
  ["switch n {\n        case 1: println(1)\n        default: println(2)\n    }",
    "match n do 1 => println(1), _ => println(2) end"],
  ["try:\n        println(e())\n    except E as e:\n        println(e)", "println(e() catch 1)"],
  ["try {\n        println(e())\n    } catch (e) {\n        println(e)\n    }",
    "e() catch |err| do println(err); 1 end"],
  ["for i := 0; i < n; i++ { println(i) }", "for i in 0..n do println(i) end"],
  ["for (let i = 0; i < n; i++) { println(i) }", "for i in 0..n do println(i) end"],
];

/** Declarations, likewise. */
const DECLARATIONS: [string, string][] = [
  ["class Q {\n    x: i64\n    func f(self) -> i64 do return self.x end\n}",
    "struct Q { x: i64 }\nimpl Q { func f(self) -> i64 do return self.x end }"],
  ["interface I {\n    f();\n}", "trait I { func f(self) }"],
  ["public class Main {\n    public static void main(String[] args) {\n        int x = 3;\n    }\n}",
    "pub func g() do end"],
  ["private int x = 3;", "const x = 3"],
  ["package main", ""],
  ["from std import fs", "use std.fs"],
  ["def g(x):\n    if x:\n        return x\n    return 1", "func g(x: i64) do println(x) end"],
  ["def g():\n    return 1", "func g() do end"],
  ["func g() ! E do fail E.A end", "func g() -> void ! E do fail E.A end"],
  ["fn g() -> i64 { return 1 }", "func g() -> i64 { return 1 }"],
];

const program = (line: string): string => `error E { A }
struct P { x: i64 }
impl P { func f(self) do println(self.x) end }
trait Shape {}
struct Circle { r: i64 }
impl Shape for Circle {}
func e() -> i64 ! E do fail E.A end
func main() do
    let n = 3
    let text = "abc"
    let xs = [1, 2]
    var m = Map[string, i64].new()
    ${line}
    println(n, text, xs, m)
end
`;

const said = (text: string) => checkText(text).diagnostics.filter((d) => d.severity === "error");

function followed(rows: [string, string][], hints: Set<string>): void {
  const met = new Set<string>();
  for (const [wrong, right] of rows) {
    const errors = said(program(wrong));
    expect({ wrong, errors: errors.map((d) => d.message) }).toEqual({ wrong, errors: [expect.any(String)] });
    const { hint } = errors[0]!;
    expect({ wrong, known: hints.has(hint ?? "") }).toEqual({ wrong, known: true });
    met.add(hint!);
    expect({ right, errors: said(USES + program(right)).map((d) => d.message) }).toEqual({ right, errors: [] });
  }
  expect([...hints].filter((hint) => !met.has(hint))).toEqual([]);
}

describe("words of other languages", () => {
  test("types: told once in a file, and the type named is one", () => {
    for (const [name, hint] of FOREIGN_TYPES) {
      const errors = said(`func f(a: ${name}) do end\nfunc g(a: ${name}) do end\n`);
      expect(errors.map((d) => d.hint)).toEqual([hint]);
      const code = hint.match(/.*`(.*)`/)![1]!.replace(/\b[TV]\b/, "i64").replace("K", "string").replace("T]", "i64]");
      expect({ code, errors: said(`error E { A }\ntype X = ${code}\n`).map((d) => d.message) })
        .toEqual({ code, errors: [] });
    }
  });
  test("names: each hint, followed, is accepted", () => followed(NAMES, new Set(FOREIGN_NAMES.values())));
  test("members: each hint, followed, is accepted", () => {
    followed(MEMBERS, new Set([ARRAY, STRING, TABLE, ANY].flatMap((of) => [...of.values()])));
  });
  test("members of what fibers share: likewise", () => {
    followed(SHARED, new Set([CHANNEL, MUTEX, NURSERY, LOCK_RESULT].flatMap((of) => [...of.values()])));
  });
  test("what modules have elsewhere: likewise, with the module in use or not", () => {
    followed(OF_MODULES, new Set(MODULE_MEMBERS.values()));
  });
  test("statements and declarations: one message with a hint, and what it says is accepted", () => {
    const main = program("");
    const rows = [...STATEMENTS.map((row) => row.map(program)), ...DECLARATIONS.map((row) =>
      row.map((text) => `${text}\n${main}`))];
    for (const [wrong, right] of rows) {
      const errors = said(wrong!);
      expect({ wrong, errors: errors.map((d) => `${d.code} ${d.hint}`) })
        .toEqual({ wrong, errors: [expect.stringMatching(/^J01/)] });
      expect({ right, errors: said(right!).map((d) => d.message) }).toEqual({ right, errors: [] });
    }
  });
  test("words of other languages stay names", () => {
    expect(said(`${["func go(n: i64) -> i64 do return n end", "func raise(n: i64) -> i64 do return n end"].join("\n")}
func main() do
    let unless = 1; let switch = 2; let class = 3; let package = 4; let f = "a"
    go(1); raise(2)
    println(unless, switch, class, package, f)
end
`).map((d) => d.message)).toEqual([]);
  });
  test("numbers of two types: the conversion loses nothing, and is accepted", () => {
    const rows: [string, string][] = [
      ["n * 0.5", "n as f64"], ["n / 2.0", "n as f64"], ["0.5 + n", "n as f64"], ["g - (n + 1)", "(n + 1) as f64"],
      ["n + i", "i as i64"], ["u + n", "u as i64"],
    ];
    for (const [wrong, code] of rows) {
      const within = (e: string) => `func f(n: i64, g: f64, i: u64, u: u64) do println(${e}) end\nfunc main() do end\n`;
      expect(said(within(wrong)).map((d) => d.hint)).toEqual([`write \`${code}\``]);
      const from = code.slice(0, code.lastIndexOf(" as "));
      expect(said(within(wrong.replace(from, `(${code})`)))).toEqual([]);
    }
  });
});
