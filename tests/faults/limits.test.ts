// What the system limits: addresses and descriptors. The program, or its start, says so; nobody sees the host's words.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JANUS } from "../runner/checkout.ts";

const TIME_LIMIT_MS = 120_000;

function limited(ulimit: string, workers: number, program: string) {
  const folder = mkdtempSync(join(tmpdir(), "janus-limits-"));
  try {
    const path = join(folder, "program.jan");
    writeFileSync(path, program);
    const command = `ulimit ${ulimit}; exec "$0" run --workers ${workers} "$1"`;
    const { exitCode, stdout, stderr } = Bun.spawnSync(["sh", "-c", command, JANUS, path]);
    return { status: exitCode, out: stdout.toString(), err: stderr.toString() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("an array that grows for ever is P006", () => {
  const { status, err } = limited("-v 12000000", 1, `
func main() do
    var all: []i64 = []
    loop do all.push(1) end
end
`);
  expect(err).toStartWith("PANIC P006: out of memory");
  expect(status).toBe(101);
}, TIME_LIMIT_MS);

test("too few addresses to start with are told in one line", () => {
  const { status, out, err } = limited("-v 7000000", 1, "func main() do println(1) end\n");
  expect([status, out]).toEqual([1, ""]);
  expect(err).toMatch(/^janus: the runtime cannot start: .*`ulimit -v`.*\n$/);
}, TIME_LIMIT_MS);

test("without descriptors for another worker the one there is does the work", () => {
  const { status, out, err } = limited("-n 64", 2, `
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
            println(err)
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
  expect(out).toBe(`TooManyOpen\n${"75025\n".repeat(4)}true\n`);
  expect(status).toBe(0);
}, TIME_LIMIT_MS);
