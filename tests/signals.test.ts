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

/** How a program ends whose child fails, panics or waits for ever in the cleanup that a signal starts. */
const failing = (how: string): string => `
error Trouble { NotSaved }
func never(how: string) -> void ! Trouble do
    let nobody = channel[i64](0)
    shield do
        if how == "error" do fail NotSaved end
        if how == "panic" do panic("lost") end
        nobody.recv()
    end
end
func child(how: string) -> void ! Trouble do
    println("ready")
    while not is_cancelled() do
        shield do sleep(5) end
    end
    never(how)?
end
func main() do
    nursery do
        spawn child("${how}")
    end
end
`;

function signalled(cleanupMs: number, workers: number, signals: Step[]): Promise<Ended> {
  return run(program(cleanupMs), ["--workers", String(workers)], signals);
}

/** options: of `janus run`. */
function run(text: string, options: string[], signals: Step[]): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), "janus-signals-"));
  const path = join(folder, "long.jan");
  writeFileSync(path, text);
  return new Promise((resolve) => {
    const child = spawn(JANUS, ["run", ...options, path], { stdio: ["ignore", "pipe", "pipe"] });
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

/** Nests nurseries until it is stopped. */
const RUNAWAY = `
func f() do
    nursery do spawn f() end
end
func main() do
    nursery do
        spawn f()
        shield do
            sleep(300)
            println("ready")
            sleep(300)
            println("still here")
            sleep(1000000)
        end
    end
end
`;

for (const workers of ["1", "2"]) {
  test(`a program with hundreds of thousands of fibers ends at the second signal, ${workers} workers`, async () => {
    const ended = await run(RUNAWAY, ["--workers", workers], [["ready", "SIGINT"], ["still here", "SIGINT"]]);
    expect(ended.status).toBe(130);
    expect(ended.stderr).toContain("interrupted while these fibers were still running");
    expect(ended.stderr).toMatch(/… and \d+ more fibers\n$/);
  }, 60_000);
}

test("a cleanup longer than five seconds is ended, with the status of the signal that was given", async () => {
  const ended = await signalled(1_000_000, 1, [["ready", "SIGHUP"]]);
  expect({ status: ended.status, stdout: ended.stdout }).toEqual({ status: 129, stdout: "ready\ncleaning\n" });
  expect(ended.stderr).toContain("interrupted while these fibers were still running");
}, 60_000);

// Values that share their parts, compared: 2³⁶ pairs, in one call that looks at nothing else.
const ENDLESS_CALL = `
enum Tree { Leaf, Pair([]Tree) }
func deep() -> Tree do
    var tree = Tree.Leaf
    for _ in 0..36 do tree = Tree.Pair([tree, tree]) end
    return tree
end
func main() do
    let left = deep()
    let right = deep()
    println("ready")
    shield do
        sleep(50)
        println(left == right)
    end
end
`;

test("a call of the library that does not return does not outlive a signal", async () => {
  const ended = await run(ENDLESS_CALL, ["--workers", "1"], [["ready", "SIGTERM"]]);
  expect(ended).toEqual({
    status: 143, stdout: "ready\n",
    stderr: "janus: a call of the library did not return, and the program had been asked to end\n",
  });
}, 60_000);

for (const how of ["error", "panic", "deadlock"]) {
  test(`what goes wrong after a signal is told, and its status is the signal's: ${how}`, async () => {
    const told = await run(failing(how), [], [["ready", "SIGINT"]]);
    expect(told.stderr).toContain({ error: "error: NotSaved", panic: "PANIC P004: lost", deadlock: "P010" }[how]!);
    expect(told.status).toBe(130);
    const json = await run(failing(how), ["--json"], [["ready", "SIGINT"]]);
    expect(json.status).toBe(130);
    expect(JSON.parse(json.stderr)).toMatchObject({ kind: how, exit: 130 });
  }, 30_000);
}
