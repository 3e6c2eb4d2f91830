// The host runs out of memory, for its addresses are limited: the program ends with P006, without the host's words.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JANUS } from "../runner/checkout.ts";

const PROGRAM = `
func main() do
    var all: []i64 = []
    loop do all.push(1) end
end
`;

test("an array that grows for ever is P006", () => {
  const folder = mkdtempSync(join(tmpdir(), "janus-memory-"));
  try {
    const path = join(folder, "grows.jan");
    writeFileSync(path, PROGRAM);
    const limited = 'ulimit -v 12000000; exec "$0" run --workers 1 "$1"';
    const { exitCode, stderr } = Bun.spawnSync(["sh", "-c", limited, JANUS, path]);
    expect(stderr.toString()).toStartWith("PANIC P006: out of memory");
    expect(exitCode).toBe(101);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);
