// What the system limits: addresses and descriptors. The program, or its start, says so; nobody sees the host's words.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JANUS } from "../runner/checkout.ts";

const TIME_LIMIT_MS = 120_000;

function limited(ulimit: string, command: string, program: string, input = "") {
  const folder = mkdtempSync(join(tmpdir(), "janus-limits-"));
  try {
    const path = join(folder, "program.jan");
    writeFileSync(path, program);
    const line = `ulimit ${ulimit}; exec "$0" ${command} ${program === "" ? "" : `"$1"`}`;
    const { exitCode, stdout, stderr } = Bun.spawnSync(["sh", "-c", line, JANUS, path], { stdin: Buffer.from(input) });
    return { status: exitCode, out: stdout.toString(), err: stderr.toString() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the engine refuses to make, because the addresses are used up long before the budget is. */
const GROWS = `func grow(all: *[]i64) do
    defer println("cleaned up")
    loop do all.push(1) end
end
func child() do
    var all: []i64 = []
    grow(&all)
end
`;
const STARTS = `    nursery do
        spawn {. name: "the grower" .} child()
        spawn sleep(1)
    end
`;
const TRACE = ["PANIC P006: out of memory: the engine has no room for a value of this size", "at grow ", "at child ",
  "spawned by "];

/** The lines of the trace begin so. */
function expectTrace(report: string): void {
  const lines = report.split("\n").map((line) => line.trim());
  const from = lines.findIndex((line) => line.startsWith("PANIC"));
  expect(lines.slice(from, from + TRACE.length).map((line, i) => line.slice(0, TRACE[i]!.length))).toEqual(TRACE);
  expect(lines).toContain("in the task `the grower`");
}

for (const workers of [1, 2]) {
  test(`an array that grows for ever is P006, with the whole trace, ${workers} workers`, () => {
    const { status, out, err } = limited("-v 10000000", `run --memory 100G --workers ${workers}`,
      `${GROWS}func main() do\n${STARTS}end\n`);
    expectTrace(err);
    expect(out).toBe("cleaned up\n");
    expect(status).toBe(101);
  }, TIME_LIMIT_MS);

  test(`in a test of a program, ${workers} workers`, () => {
    const { status, out } = limited("-v 10000000", `test --memory 100G --workers ${workers}`,
      `${GROWS}test "grows" do\n${STARTS}end\ntest "goes on" do assert 1 + 1 == 2 end\n`);
    expectTrace(out);
    expect(out).toContain("1 passed, 1 failed");
    expect(status).toBe(1);
  }, TIME_LIMIT_MS);

  test(`in a session, which goes on, ${workers} workers`, () => {
    const { out, err } = limited("-v 10000000", `repl --memory 100G --workers ${workers}`, "",
      `${GROWS}func f() do\n${STARTS}end\nf()\n1 + 1\n`);
    expectTrace(err);
    expect(out).toBe("cleaned up\n2\n");
  }, TIME_LIMIT_MS);
}

test("too few addresses to start with are told in one line", () => {
  const { status, out, err } = limited("-v 7000000", "run --workers 1", "func main() do println(1) end\n");
  expect([status, out]).toEqual([1, ""]);
  expect(err).toMatch(/^janus: the runtime cannot start: .*`ulimit -v`.*\n$/);
}, TIME_LIMIT_MS);

test("without descriptors for another worker the one there is does the work", () => {
  const { status, out, err } = limited("-n 64", "run --workers 2", `
use std.net
func fib(n: i64) -> i64 do
    if n < 2 do return n end
    return fib(n - 1) + fib(n - 2)
end
func main() -> !void do
    let l = net.listen("127.0.0.1:0")?
    var keep: []net.Conn = []
    for i in 0..300 do
        let c = net.connect(l.address()) catch |err| do
            println(err == net.NetError.TooManyOpen)
            break
        end
        keep.push(c)
    end
    nursery do
        for i in 0..4 do
            spawn func() do println(fib(25)) end
        end
    end
    println(keep.len > 0)
end
`);
  expect(err).toBe("");
  expect(out).toBe(`true\n${"75025\n".repeat(4)}true\n`);
  expect(status).toBe(0);
}, TIME_LIMIT_MS);
