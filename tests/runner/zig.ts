// The part `zig`: the core's own tests, unit and stress, through `zig build test`; and that it compiles for the other
// processor.
//
// Zig's build summary gives the count; a run whose summary cannot be read has failed, so a silent change of its form
// cannot hide tests that no longer run.

import { join } from "node:path";
import { ensureZig } from "../../tools/zig-build/index.mjs";
import { ROOT } from "./checkout.ts";
import { run } from "./process.ts";
import type { Report } from "./report.ts";

const TIMEOUT_SECONDS = 600;

export interface Summary {
  passed: number;
  total: number;
}

/** The tests counted in the line `Build Summary: …; 12/12 tests passed`, or null. */
export function readSummary(output: string): Summary | null {
  const match = /^Build Summary:.*?\b(\d+)\/(\d+) tests passed/m.exec(output.replaceAll(/\x1b\[[0-9;]*m/g, ""));
  return match ? { passed: Number(match[1]), total: Number(match[2]) } : null;
}

export async function testCore(report: Report): Promise<void> {
  report.begin("zig", 0);
  const zig = await ensureZig({ quiet: true });
  const command = [zig, "build", "test", "--summary", "all", "--color", "off"];
  const core = join(ROOT, "core");
  const outcome = await run(command, { cwd: core, timeoutSeconds: TIMEOUT_SECONDS });
  const output = `${outcome.stdout}${outcome.stderr}`;
  const summary = readSummary(output);
  if (summary === null || outcome.status !== 0) {
    const passed = summary?.passed ?? 0;
    if (passed > 0) report.pass(passed);
    const ended = outcome.timedOut ? "did not end in time" : `ended with ${outcome.signal ?? outcome.status}`;
    report.fail(`zig build test ${ended}`, output, Math.max(1, (summary?.total ?? 0) - passed));
  } else if (summary.passed !== summary.total) {
    report.pass(summary.passed);
    report.fail("tests were skipped", output, summary.total - summary.passed);
  } else if (summary.passed > 0) {
    report.pass(summary.passed);
  }
  await checkOtherProcessor(report, zig);
  report.end();
}

/** The core must compile for the processor that this machine does not have, too. */
async function checkOtherProcessor(report: Report, zig: string): Promise<void> {
  const target = process.arch === "x64" ? "aarch64-linux" : "x86_64-linux";
  const command = [zig, "build", "check", `-Dtarget=${target}`, "--color", "off"];
  const outcome = await run(command, { cwd: join(ROOT, "core"), timeoutSeconds: TIMEOUT_SECONDS });
  if (outcome.status === 0) report.pass();
  else report.fail(`zig build check -Dtarget=${target}`, `${outcome.stdout}${outcome.stderr}` || "it did not end");
}
