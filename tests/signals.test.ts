// SIGINT, SIGTERM and SIGHUP through real processes: the first cancels the program, whose cleanup runs; the second
// prints the tree of fibers and ends it at once. The status says which signal it was.
import { describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JANUS } from "./runner/checkout.ts";

/** Cleans up for so many milliseconds, in a shield. */
const program = (cleanupMs: number): string => `
func work(name: string) do
    defer println(name, " unwound")
    defer do
        shield do
            println("cleaning")
            sleep(${cleanupMs})
        end
    end
    sleep(1000000)
end
func main() do
    defer println("main unwound")
    nursery do
        spawn {. name: "worker" .} work("worker")
        sleep(20)
        println("ready")
        sleep(1000000)
    end
end
`;

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

/** A signal, sent when a line has been printed. */
type Step = [after: string, signal: NodeJS.Signals];

function signalled(cleanupMs: number, workers: number, signals: Step[]): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "janus-signals-"));
  const path = join(folder, "long.jan");
  writeFileSync(path, program(cleanupMs));
  return new Promise((resolve) => {
    const child = spawn(JANUS, ["run", "--workers", String(workers), path], { stdio: ["ignore", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    const pending = [...signals];
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk;
      if (pending.length > 0 && stdout.includes(pending[0]![0])) child.kill(pending.shift()![1]);
    });
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk));
    child.on("close", (status) => {
      rmSync(folder, { recursive: true });
      resolve({ status, stdout, stderr });
    });
  });
}

for (const workers of [1, 2]) {
  describe(`on ${workers} workers`, () => {
    for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
      test(`the first ${signal} cancels main, and every cleanup runs`, async () => {
        const ended = await signalled(10, workers, [["ready", signal]]);
        expect(ended).toEqual({ status, stdout: "ready\ncleaning\nworker unwound\nmain unwound\n", stderr: "" });
      }, 30_000);

      test(`the second ${signal} prints the tree and ends the program at once`, async () => {
        const ended = await signalled(1_000_000, workers, [["ready", signal], ["cleaning", signal]]);
        expect(ended.status).toBe(status);
        expect(ended.stdout).toBe("ready\ncleaning\n");
        expect(ended.stderr).toContain("interrupted while these fibers were still running");
        expect(ended.stderr).toContain("`worker`; sleeps at");
      }, 30_000);
    }
  });
}
