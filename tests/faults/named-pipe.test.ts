// A file that is a pipe with a name is read to its end, which comes only after somebody has written: also when it is
// opened before anybody could. The fiber waits, and no other does.
import { expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JANUS } from "../runner/checkout.ts";

const PROGRAM = `
use std.fs
use std.os
func main() do
    nursery do
        spawn func() do println(read_file(args()[0]) catch |err| str(err)) end
        sleep(20)
        println("reading")
    end
end
`;

for (const workers of [1, 2]) {
  test(`what comes late through a named pipe is read whole, on ${workers} workers`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "janus-pipe-"));
    const [program, pipe] = [join(folder, "reads.jan"), join(folder, "pipe")];
    writeFileSync(program, PROGRAM);
    expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
    const reader = spawn(JANUS, ["run", "--workers", String(workers), program, pipe]);
    let stdout = "";
    reader.stdout.on("data", (chunk: Buffer) => {
      if (stdout === "") spawn("sh", ["-c", '{ printf "first "; sleep 0.1; printf last; } > "$0"', pipe]);
      stdout += chunk;
    });
    const status = await new Promise((resolve) => reader.on("close", resolve));
    rmSync(folder, { recursive: true });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "reading\nfirst last\n" });
  }, 30_000);
}
