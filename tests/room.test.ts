// Operations that make one large value: each asks whether there is room for its result before it makes it, and gives
// way as often as other work does.

import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JANUS, PLAIN_ENV } from "./runner/checkout.ts";
import { run } from "./runner/process.ts";

const TIMEOUT_SECONDS = 60;

const folder = mkdtempSync(join(tmpdir(), "janus-room-"));
afterAll(() => rmSync(folder, { recursive: true }));

const janus = (text: string, ...options: string[]) => {
  const path = join(folder, "program.jan");
  writeFileSync(path, text);
  return run([JANUS, "run", ...options, path], { env: PLAIN_ENV, timeoutSeconds: TIMEOUT_SECONDS });
};

/** What each operation makes, in MiB, from operands that there is room for; the budget is 200 MiB. */
const operations: [expression: string, mib: number][] = [
  ["[n; 40 * 1024 * 1024].len", 320],
  ["[1.5; 40 * 1024 * 1024].len", 320],
  ["array.create[i64](40 * 1024 * 1024).len", 320],
  ["[n; 16 * 1024 * 1024].copy().len", 128],
  ["([n; 12 * 1024 * 1024] ++ [n; 12 * 1024 * 1024]).len", 192],
  ["doubled([n; 18 * 1024 * 1024])", 144],
  ["\"abcd\".repeat(64 * 1024 * 1024).len", 256],
  ["\"\".pad_left(256 * 1024 * 1024).len", 256],
  ["\"\".pad_right(256 * 1024 * 1024, \"ab\").len", 256],
  ["\"ab\".repeat(1024 * 1024).replace(\"a\", \"x\".repeat(300)).len", 301],
  ["[\"x\".repeat(2 * 1024 * 1024); 150].join(\"-\").len", 300],
  ["[n; 2048].join(\"x\".repeat(256 * 1024)).len", 512],
  ["\"a\".repeat(60 * 1024 * 1024).to_upper().len", 240],
  ["\"A\".repeat(60 * 1024 * 1024).to_lower().len", 240],
  ["\"a\".repeat(40 * 1024 * 1024).bytes().len", 320],
  ["channel[i64](16 * 1024 * 1024).cap", 256],
];

describe("each operation asks for room for its result", () => {
  for (const [expression, mib] of operations) {
    test(expression, async () => {
      const { status, stdout, stderr } = await janus(`use std.array
func doubled(xs: []i64) -> i64 do
  xs.extend(xs)
  return xs.len
end
func main() do
  let n = 1
  println(${expression})
end
`, "--memory", "200MiB", "--workers", "1");
      expect(stderr).toContain(`PANIC P006: out of memory: ${mib} MiB at one go, while the program holds `);
      expect(stderr).toContain(":8:");
      expect({ status, stdout }).toEqual({ status: 101, stdout: "" });
    }, TIMEOUT_SECONDS * 1000);
  }
});

test("a loop of large values gives way to who waits", async () => {
  // 48 800 reductions, were the values 200
  const { status, stdout, stderr } = await janus(`func main() do
  let ticks = Atomic.new(0)
  nursery |n| do
    spawn func() do
      while not is_cancelled() do
        yield
        ticks.fetch_add(1)
      end
    end
    for _ in 0..200 do
      let x = "x".repeat(1_000_000)
    end
    println(ticks.load() >= 8)
    n.cancel()
  end
end
`, "--workers", "1");
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "true\n", stderr: "" });
}, TIMEOUT_SECONDS * 1000);
