// A few moments, of a fixed seed; tests/campaign.ts tries as many as there is time for.
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUSY_PROGRAM, interrupted } from "./interrupts.ts";

test("SIGINT at any moment: every cleanup runs, nothing is left, and the status is 130", async () => {
  const folder = mkdtempSync(join(tmpdir(), "janus-interrupts-"));
  try {
    const path = join(folder, "busy.jan");
    writeFileSync(path, BUSY_PROGRAM);
    for (const [i, delay_ms] of [0, 3, 11, 29, 53, 101].entries()) {
      expect(await interrupted(path, 1 + i % 3, delay_ms)).toBeNull();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);
