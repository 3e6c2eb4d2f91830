// Failure mode 34: standard output that nobody reads, or that is read late, through real processes. Nobody waits for
// the reader but who prints; signals work; nothing that was printed is lost; the open file that others share stays as
// it is.
import { describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JANUS } from "../runner/checkout.ts";

const LINES = 20_000;
const TIME_LIMIT_MS = 60_000;

/** One fiber prints more than any pipe takes; another one sleeps 20 ms at a time, and tells its longest gap. */
const PROGRAM = `
use std.time
func main() do
    defer do eprintln("main unwound") end
    nursery do
        spawn func() do
            for i in 0..${LINES} do println("line ", i, " of a program that prints faster than it is read") end
        end
        spawn func() do
            var worst = 0
            var last = time.now_ms()
            for i in 0..25 do
                sleep(20)
                let now = time.now_ms()
                if now - last > worst do worst = now - last end
                last = now
            end
            eprintln("longest gap ", worst)
        end
    end
end
`;

const expected = Array.from({ length: LINES },
  (_, i) => `line ${i} of a program that prints faster than it is read\n`).join("");

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** Runs it; `signals` come when the sleeper has told its gap. `reads`: from then on; else not before the end. */
function run(workers: number, signals: NodeJS.Signals[], reads: boolean): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "janus-slow-reader-"));
  const path = join(folder, "prints.jan");
  writeFileSync(path, PROGRAM);
  return new Promise((resolve) => {
    const child = spawn(JANUS, ["run", "--workers", String(workers), path], { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (piece: Buffer) => (stdout += piece));
    child.stdout.pause();
    child.stderr.on("data", (chunk: Buffer) => {
      stderr += chunk;
      if (!stderr.includes("longest gap ")) return;
      for (const signal of signals.splice(0)) child.kill(signal);
      if (reads) child.stdout.resume();
    });
    // What nobody has read is let go of then: `close` comes when the streams have ended, too.
    child.on("exit", () => child.stdout.resume());
    child.on("close", (status) => {
      rmSync(folder, { recursive: true });
      resolve({ status, stdout, stderr });
    });
  });
}

for (const workers of [1, 2]) {
  describe(`on ${workers} workers`, () => {
    test("failure mode 34: a fiber that does not print goes on; all of the output comes, in order", async () => {
      const { status, stdout, stderr } = await run(workers, [], true);
      expect(status).toBe(0);
      expect(stdout === expected).toBe(true);
      const gap = Number(/longest gap (\d+)/.exec(stderr)?.[1]);
      expect(gap).toBeGreaterThan(19);
      expect(gap).toBeLessThan(1000); // the reader began after 500 ms at least, of which the sleeper saw nothing
    }, TIME_LIMIT_MS);

    for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      test(`${signal} cancels a program whose output nobody reads, and its cleanup runs`, async () => {
        const ended = await run(workers, [signal], false);
        expect(ended.status).toBe(status);
        expect(ended.stderr).toContain("main unwound");
      }, TIME_LIMIT_MS);
    }
  });
}

test("the reader's open file is not made non-blocking, and a full disk is told", () => {
  const folder = mkdtempSync(join(tmpdir(), "janus-slow-reader-"));
  try {
    const path = join(folder, "one.jan");
    writeFileSync(path, 'func main() do println("one") end\n');
    const flags = "grep flags /proc/self/fdinfo/1";
    const shared = Bun.spawnSync(["sh", "-c", `("$0" run "$1"; ${flags}) | cat`, JANUS, path]);
    const shown = /one\nflags:\s+([0-7]+)/.exec(shared.stdout.toString())?.[1];
    expect(Number.parseInt(shown ?? "", 8) & 0o4000).toBe(0);
    const full = Bun.spawnSync(["sh", "-c", '"$0" run "$1" > /dev/full', JANUS, path]);
    expect(full.exitCode).toBe(1);
    expect(full.stderr.toString()).toContain("standard output cannot be written");
  } finally {
    rmSync(folder, { recursive: true });
  }
}, TIME_LIMIT_MS);
