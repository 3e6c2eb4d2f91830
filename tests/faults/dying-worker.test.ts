// A worker's VM that fails: the run ends with a message and a status of its own, or goes on without that worker when
// nothing was lost. It never hangs.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../runner/process.ts";

const PROGRAM = `func work(n: i64) -> i64 do
    var s = 0
    for i in 0..n do s = s +% i end
    return s
end
func main() do
    nursery do
        for _ in 0..8 do spawn work(6_000_000) end
    end
    println("done")
end
`;

async function withDeath(how: string) {
  const folder = mkdtempSync(join(tmpdir(), "janus-death-"));
  try {
    const path = join(folder, "busy.jan");
    writeFileSync(path, PROGRAM);
    const command = [process.execPath, join(import.meta.dir, "dying-worker.ts"), path];
    return await run(command, { cwd: folder, env: { JANUS_TEST_DEATH: how }, timeoutSeconds: 60 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("one that fails while it holds fibers ends the run, and says that it is our defect", async () => {
  const { status, stderr } = await withDeath("in its event loop");
  expect(stderr).toContain("janus: internal error: died in its event loop");
  expect(stderr).toContain("not of the program");
  expect(status).toBe(70);
}, 90_000);

test("one that fails before it has begun leaves the work to the others", async () => {
  const { status, stdout } = await withDeath("at the start");
  expect([status, stdout]).toEqual([0, "done\n"]);
}, 90_000);
