// Programs that use more memory than they may: each ends with P006 and its fiber's stack, on one worker and on two, and
// what is garbage never counts.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JANUS, PLAIN_ENV } from "./runner/checkout.ts";
import { run } from "./runner/process.ts";

const TIMEOUT_SECONDS = 120;

const main = (body: string): string => `func main() do\n${body}\nend\n`;

/** What grows without end, and a place that its report names. */
const growing: Record<string, [program: string, place: string]> = {
  "strings in an array": [main(`let a: []string = []
var n = 0
loop do a.push("abc" + str(n)); n += 1 end`), "at main"],
  "numbers in an array": [main("let a: []i64 = []\nloop do a.push(1) end"), "at main"],
  "a map": [main(`let m: Map[i64, []i64] = {}
var n = 0
loop do m.set(n, [n, n]); n += 1 end`), "at main"],
  "closures": [main(`let a: []func() -> i64 = []
var n = 0
loop do
  let k = n
  a.push(func() -> i64 do return k end)
  n += 1
end`), "at main"],
  "large arrays": [main("let a: [][]f64 = []\nloop do a.push(Array.filled(1000000, 1.5)) end"), "at main"],
  "messages that nobody takes": [main(`let c = channel[[]string](1000000)
nursery do
  spawn func() do
    let kept: [][]string = []
    loop do
      c.send(["some", "text"])
      kept.push(c.recv() ?? [])
    end
  end
end`), "spawned by main"],
  "a child's own, with calls around it": [`func grow(depth: i64) -> i64 do
  if depth > 0 do return grow(depth - 1) + 1 end
  let a: []string = []
  loop do a.push("abc" + str(a.len)) end
end
` + main("nursery do spawn grow(5) end"), "at grow"],
  "nurseries in nurseries": [`func f() do nursery do spawn f() end end\n${main("f()")}`, "spawned by f"],
};

const folder = mkdtempSync(join(tmpdir(), "janus-memory-"));
afterAll(() => rmSync(folder, { recursive: true }));

const janus = (text: string, options: string[]) => {
  const path = join(folder, "program.jan");
  writeFileSync(path, text);
  return run([JANUS, "run", ...options, path], { env: PLAIN_ENV, timeoutSeconds: TIMEOUT_SECONDS });
};

describe("beyond the memory budget", () => {
  for (const [name, [program, place]] of Object.entries(growing)) {
    for (const workers of ["1", "2"]) {
      test(`${name}, ${workers} workers`, async () => {
        const { status, stdout, stderr } = await janus(program, ["--memory", "200M", "--workers", workers]);
        expect(stderr).toContain("PANIC P006: out of memory: the program uses ");
        expect(stderr).toContain(" of the 200 MiB that it may");
        expect(stderr).toContain(place);
        expect(stdout).toBe("");
        expect(status).toBe(101);
      }, TIMEOUT_SECONDS * 1000);
    }
  }

  test("cleanup runs, and what a handler needs is there again", async () => {
    const { status, stdout, stderr } = await janus(`use std.task
func leak(n: i64) -> !i64 do
  if n > 0 do return n end
  defer println("cleaned up")
  let a: []string = []
  loop do a.push("abc" + str(a.len)) end
end
${main("for o in collect([0, 1, 2], leak) do println((o catch -1) >= 0) end")}`, ["--memory", "200M"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe("cleaned up\nfalse\ntrue\ntrue\n");
  }, TIMEOUT_SECONDS * 1000);

  test("of a file that does not fit into what is left, its name and the place of the call are told", async () => {
    const large = join(folder, "large");
    writeFileSync(large, "");
    truncateSync(large, 900_000_000);
    const program = `use std.fs\n${main(`println(read_file("${large}")?.len)`)}`;
    const { status, stderr } = await janus(program, ["--memory", "300M"]);
    const why = `out of memory: what was asked for of "${large}" is more than is left`;
    expect(stderr).toStartWith(`PANIC P006: ${why}\n  at main (`);
    expect(status).toBe(101);
  }, TIMEOUT_SECONDS * 1000);

  const dropping: Record<string, [program: string, memory: string, output: string]> = {
    "strings": [main(`var n = 0
for _ in 0..40 do
  let a: []string = []
  for i in 0..500000 do a.push("abc" + str(i)) end
  n += a.len
end
println(n)`), "300M", "20000000\n"],
    // 46 MiB each: the engine by itself lets four of them be there at once
    "arrays": [main("var n = 0\nfor i in 0..30 do\n  let a = [i; 6_000_000]\n  n += a.len\nend\nprintln(n)"), "200M",
      "180000000\n"],
  };
  for (const [name, [program, memory, output]] of Object.entries(dropping)) {
    test(`garbage does not count: ${name}`, async () => {
      const { status, stdout, stderr } = await janus(program, ["--memory", memory]);
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: output, stderr: "" });
    }, TIMEOUT_SECONDS * 1000);
  }
});
