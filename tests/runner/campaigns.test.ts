// No campaign runs for nothing and passes: an option that is no number, or a bound that lets nothing be tried, is told
// by the status; and every command that searches is a step of tests/campaign.ts.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PLAIN_ENV, ROOT } from "./checkout.ts";
import { run } from "./process.ts";

const COMMANDS: [file: string, ...options: string[]][] = [
  ["tests/fuzz/run.ts", "--minutes"],
  ["tests/fuzz/narrowing.ts", "--seeds"],
  ["tests/fuzz/failures.ts", "--seeds"],
  ["tests/fuzz/hostile.ts", "--minutes"],
  ["tests/http/fuzz.ts", "--minutes"],
  ["tests/explore/campaign.ts", "--seeds"],
  ["interp/syntax/fuzz.ts", "--seconds"],
  ["interp/sema/fuzz.ts", "--texts"],
  ["tests/interleavings.ts", "--preemptions"],
  ["tests/campaign.ts", "--minutes"],
];

for (const [file, option] of COMMANDS) {
  test(`${file} refuses what is no number`, async () => {
    const { status } = await run([process.execPath, file, option!, "abc"], {
      cwd: ROOT, env: PLAIN_ENV, timeoutSeconds: 50,
    });
    expect(status).toBe(2);
  }, 60_000);
}

test.each([["tests/fuzz/failures.ts", "--seeds"], ["interp/syntax/fuzz.ts", "--texts"]])(
  "%s that tries nothing has failed", async (file, option) => {
    const { status } = await run([process.execPath, file, option, "0"], {
      cwd: ROOT, env: PLAIN_ENV, timeoutSeconds: 50,
    });
    expect(status).toBe(1);
  }, 60_000);

test("each of them is a step of the whole campaign", () => {
  const campaign = readFileSync(join(ROOT, "tests/campaign.ts"), "utf8").replaceAll("${room}", "syntax");
  const steps = COMMANDS.map(([file]) => file).filter((file) => !/campaign|sema/.test(file));
  expect(steps.filter((file) => !campaign.includes(file))).toEqual([]);
  expect(campaign).toContain('["syntax", "sema"]');
});
