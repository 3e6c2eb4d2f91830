// Programs that nobody would write by hand: each works, or ends with a clear error that has a place, within seconds and
// without a word of the machinery below. What has a small program of its own stands in tests/programs/limits.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JANUS, PLAIN_ENV } from "./runner/checkout.ts";
import { run } from "./runner/process.ts";

/** The machine may be busy; what hangs takes for ever. */
const TIMEOUT_SECONDS = 60;

const times = (count: number, text: (i: number) => string, between = ""): string =>
  Array.from({ length: count }, (_, i) => text(i)).join(between);
const main = (body: string): string => `func main() do\n${body}\nend\n`;

/** A program and what it prints. */
const works: Record<string, [string, string]> = {
  "20 000 functions": [times(20_000, (i) => `func f${i}(x: i64) -> i64 do return x + ${i} end\n`) +
    main("println(f0(1), \" \", f19999(1))"), "1 20000"],
  "10 000 module-level values": [times(10_000, (i) => `const C${i} = ${i}\n`) + main("println(C0 + C9999)"), "9999"],
  "4 000 constants, each of which needs the next": [times(4000, (i) => `const C${i} = C${i + 1} + 1\n`) +
    "const C4000 = 1\n" + main("println(C0)"), "4001"],
  "2 000 functions with the errors of the next": [times(2000, (i) =>
    `func f${i}() -> !i64 do return f${i + 1}()? end\n`) + "func f2000() -> !i64 do return 1 end\n" +
    main("println(f0()?)"), "1"],
  "2 000 constants and functions in turn": [times(2000, (i) =>
    `func f${i}() -> i64 do return C${i + 1} end\nconst C${i} = f${i}() + 1\n`) + "const C2000 = 1\n" +
    main("println(C0)"), "2001"],
  "2 000 methods with the errors of the next": [`struct S {}\nimpl S {\n${times(2000, (i) =>
    `func f${i}(self) -> !i64 do return self.f${i + 1}()? end\n`)}func f2000(self) -> !i64 do return 1 end\n}\n` +
    main("println(S {}.f0()?)"), "1"],
  "10 000 structs, each with the next as an optional": [times(10_000, (i) =>
    `struct S${i} { next: ?S${i + 1} = null }\n`) + "struct S10000 { n: i64 = 0 }\n" + main(`var s = S0 {}
let t = s\ns = t\nprintln(s == t, s)\nlet c = channel[S0](1)\nc.send(s)\nprintln(c.recv() ?? t, Set.of([s, t]).len)`),
  "trueS0 { next: null }\nS0 { next: null }1"],
  "3 000 structs, one in another, filled to the last": [times(3000, (i) => `struct S${i} { next: ?S${i + 1} }
func f${i}() -> S${i} do return S${i} { next: f${i + 1}() } end\n`) +
    "struct S3000 { n: i64 }\nfunc f3000() -> S3000 do return S3000 { n: 7 } end\n" + main(`let s = f0()\nvar t = s
println(s == t, s == f0(), s.clone() == t, Set.of([s, t, f0()]).len)`), "truetruetrue1"],
  "1 500 constants to the length of an array": [times(1500, (i) => `const C${i} = C${i + 1} + 1\n`) +
    "const C1500 = 1\n" + main("let a: [C0]i64 = [0; C0]\nprintln(a.len)"), "1501"],
  "an f32 of 10 000 digits, just above half of the way between two": [
    main(`let a: f32 = 1.000000059604644775390625${"0".repeat(10_000)}1\nprintln(a)`), "1.0000001"],
  "a line of a megabyte": [main(`let x = [${times(320_000, () => "1", ", ")}]; println(x.len)`), "320000"],
  "an array literal of 100 000 elements": [main(`let x = [${times(100_000, String, ", ")}]\nprintln(x[99999])`),
    "99999"],
  "a map literal of 20 000 entries": [main(`let m = {${times(20_000, (i) => `"k${i}": ${i}`, ", ")}}
println(m["k19999"] ?? 0)`), "19999"],
  "a match of 5 000 numbers": [`func f(n: i64) -> i64 do
    return match n {\n${times(5000, (i) => `        ${i} => ${2 * i},\n`)}        _ => -1,\n    }\nend\n` +
    main("println(f(4999), \" \", f(5000))"), "9998 -1"],
  "an enum of 2 000 variants, all matched": [`enum E { ${times(2000, (i) => `V${i}`, ", ")} }
func f(e: E) -> i64 do\n    return match e {\n${times(2000, (i) => `        .V${i} => ${i},\n`)}    }\nend\n` +
    main("println(f(.V1999))"), "1999"],
  "2 000 parameters": [`func f(${times(2000, (i) => `a${i}: i64`, ", ")}) -> i64 do return a0 + a1999 end\n` +
    main(`println(f(${times(2000, String, ", ")}))`), "1999"],
  "2 000 fields": [`struct S { ${times(2000, (i) => `a${i}: i64 = ${i}`, ", ")} }\n` +
    main("println(S {}.a1999)"), "1999"],
  "5 000 variables": [main(`${times(5000, (i) => `let v${i} = ${i}\n`)}println(v0 + v4999)`), "4999"],
  "a name of 64 KB": [`func ${"a".repeat(65_536)}() do println(1) end\n` + main(`${"a".repeat(65_536)}()`), "1"],
  "a string of a megabyte": [main(`let s = "${"x".repeat(1_000_000)}"\nprintln(s.len)`), "1000000"],
  "an interpolation of 20 000 parts": [main(`let x = 1\nprintln(($"${"{x}".repeat(20_000)}").len)`), "20000"],
  "a float of 10 000 digits": [main(`println(1.${"9".repeat(10_000)})`), "2.0"],
  "a chain of 900 pipes": [main(`println(-1${" |> abs".repeat(900)})`), "1"],
  "300 functions, one in another": [main(`${times(300, (i) => `func f${i}() do\n`)}println(1)
${times(300, (i) => `end\nf${299 - i}()\n`)}`), "1"],
  "400 loops, one in another": [main(`${times(400, (i) => `for i${i} in 0..1 do\n`)}println(1)
${"end\n".repeat(400)}`), "1"],
  "a type of 900 brackets": [`func f(x: ${"[]".repeat(900)}i64) do println(x.len) end\n` + main("f([])"), "0"],
  "100 000 nested comments": [`${"/*".repeat(100_000)}${"*/".repeat(100_000)}\n` + main("println(1)"), "1"],
  "3 000 defers in one block": [main(`${"defer print(\"\")\n".repeat(3000)}println(1)`), "1"],
  "half a million semicolons": [main(`${";".repeat(500_000)}println(1)`), "1"],
  "200 type parameters": [`struct S[${times(200, (i) => `T${i}`, ", ")}] { x: T0 }\n` + main("println(1)"), "1"],
  "an unknown type that goes through 2 000 names": [main(`let a0 = []
${times(2000, (i) => `let a${i + 1} = a${i}\n`)}a2000.push(1)\nprintln(a0.len)`), "1"],
};

/** A program and what its first error says, with the line. */
const isRefused: Record<string, [string, string, number]> = {
  "10 000 blocks, one in another": [main(`${"if true do\n".repeat(10_000)}${"end\n".repeat(10_000)}`), "J0119", 251],
  "a chain of 5 000 else ifs": [main(`let x = 1\nif x == 0 do println(0)
${times(5000, (i) => `else if x == ${i} do println(1)\n`)}end`), "J0119", 996],
  "3 000 constants in a circle": [times(3000, (i) => `const C${i} = C${(i + 1) % 3000} + 1\n`) + main("println(C0)"),
    "J0226", 1],
  "1 000 async functions in a circle": [times(1000, (i) =>
    `async func f${i}() -> i64 do return await f${(i + 1) % 1000}() end\n`) +
    main("println(await f0())"), "J0242", 667],
  "a number of 10 000 digits": [main(`let n = ${"9".repeat(10_000)}`), "J0105", 2],
  "an exponent beyond every float": [main("let n = 1e999999999"), "J0105", 2],
  "a select of 65 cases": [main(`let c = channel[i64](1)\nselect do
${"recv c |x| do println(x) end\n".repeat(65)}end`), "J0128", 68],
  "a match of 5 000 variants that are not there": [`enum E { ${times(5000, (i) => `V${i}`, ", ")} }\n` +
    main("let e = E.V0\nmatch e {\n    .V1 => println(1),\n}"), "and more", 4],
  "a type that doubles at each line": [main(`let p0 = (1, 1)
${times(40, (i) => `let p${i + 1} = (p${i}, p${i})\n`)}`), "J0234", 10],
  "a type that doubles at each call": [`func twice[T](x: T) -> (T, T) do return (x, x) end\n` + main(`let p0 = 1
${times(40, (i) => `let p${i + 1} = twice(p${i})\n`)}`), "J0234", 12],
  "aliases that double": [times(40, (i) => `type A${i} = (A${i + 1}, A${i + 1})\n`) + "type A40 = i64\n" +
    "func f(x: ?A0) do println(1) end\n" + main("f(null)"), "J0234", 5],
  "an alias given to itself 40 times": ["type P[T] = (T, T)\n" +
    `func f(x: ?${"P[".repeat(40)}i64${"]".repeat(40)}) do end\n` + main("f(null)"), "J0234", 2],
  "a fixed array longer than memory": ["func f(a: [9999999999999999999]i64) do end\n" + main("println(1)"), "J0234", 1],
  "3 000 unknown names": [main(times(3000, (i) => `println(nobody${i})\n`)), "J0201", 2],
  "a comment that opens 100 000 times": [`${"/*".repeat(100_000)}\n` + main("println(1)"), "J0104", 1],
  "three megabytes": [main(times(300_000, (i) => `// ${i} .......\n`)), "J0132", 1],
};

const folder = mkdtempSync(join(tmpdir(), "janus-limits-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function outcomeOf(source: string) {
  writeFileSync(join(folder, "program.jan"), source);
  const options = { cwd: folder, env: PLAIN_ENV, timeoutSeconds: TIMEOUT_SECONDS };
  const outcome = await run([JANUS, "run", "program.jan"], options);
  // the host's own stack, or its words for having used it up
  expect(outcome.stderr).not.toMatch(/\.ts:\d|RangeError|internal error|call stack/);
  return outcome;
}

describe("works", () => {
  test.each(Object.entries(works))("%s", async (_, [source, printed]) => {
    const { status, stdout, stderr } = await outcomeOf(source);
    expect([status, stdout, stderr]).toEqual([0, `${printed}\n`, ""]);
  }, (TIMEOUT_SECONDS + 5) * 1000);
});

describe("is refused, with a place", () => {
  test.each(Object.entries(isRefused))("%s", async (name, [source, says, line]) => {
    const { status, stderr } = await outcomeOf(source);
    const first = stderr.slice(0, stderr.indexOf("\n\n") < 0 ? stderr.length : stderr.indexOf("\n\n"));
    expect(status).toBe(1);
    expect(first).toContain(says);
    if (name !== "three megabytes") expect(first).toContain(`program.jan:${line}:`);
  }, (TIMEOUT_SECONDS + 5) * 1000);
});
