// The part `unit`: `bun test` over every *.test.ts, one process for each folder, so that a crash in the native core
// takes only its own folder's tests along and says whose they were.
//
// The counts come from Bun's JUnit report. A test that is skipped or marked as to do counts as failed.

import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesMatching, PLAIN_ENV, ROOT } from "./checkout.ts";
import { run } from "./process.ts";
import type { Report } from "./report.ts";

const TIMEOUT_SECONDS = 600;
const FOLDERS = "{interp,cli,tests,tools,bench}";

export interface Counts {
  tests: number;
  failures: number;
  skipped: number;
}

/** The totals of a JUnit report, or null when it holds none. */
export function readJUnit(xml: string): Counts | null {
  const head = /<testsuites\b([^>]*)>/.exec(xml)?.[1];
  if (head === undefined) return null;
  const attribute = (name: string) => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(head)?.[1] ?? 0);
  return { tests: attribute("tests"), failures: attribute("failures"), skipped: attribute("skipped") };
}

/** The folder whose tests share a process: two levels deep, as in interp/sema. */
function groupOf(path: string): string {
  return path.split("/").slice(0, path.startsWith("interp/") ? 2 : 1).join("/");
}

export async function unitTests(report: Report, filter: string): Promise<void> {
  const files = filesMatching(`${FOLDERS}/**/*.test.ts`).filter((path) => path.includes(filter));
  const groups = Map.groupBy(files, groupOf);
  report.begin("unit", 0);
  const scratch = mkdtempSync(join(tmpdir(), "janus-unit-"));
  try {
    for (const [group, paths] of groups) {
      const file = join(scratch, `${group.replaceAll("/", "-")}.xml`);
      const reporter = ["--reporter=junit", `--reporter-outfile=${file}`];
      const command = [process.execPath, "test", ...reporter, ...paths.map((path) => `./${path}`)];
      const outcome = await run(command, { cwd: ROOT, env: PLAIN_ENV, timeoutSeconds: TIMEOUT_SECONDS });
      const output = `${outcome.stdout}${outcome.stderr}`;
      const counts = existsSync(file) ? readJUnit(readFileSync(file, "utf8")) : null;
      if (counts === null || counts.tests === 0) {
        const ended = outcome.timedOut ? "did not end in time" : `ended with ${outcome.signal ?? outcome.status}`;
        report.fail(group, `bun test ${ended} and reported no tests\n${output}`);
        continue;
      }
      const passed = counts.tests - counts.failures - counts.skipped;
      if (passed > 0) report.pass(passed);
      if (counts.failures > 0) report.fail(group, failuresOnly(output), counts.failures);
      if (counts.skipped > 0) {
        report.fail(group, `tests were skipped:\n${linesWith(output, /^\((skip|todo)\)/)}`, counts.skipped);
      }
      if (counts.failures === 0 && outcome.status !== 0) {
        report.fail(group, `bun test ended with ${outcome.signal ?? outcome.status}\n${output}`);
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  report.end();
}

/** The output without the lines of tests that passed. */
function failuresOnly(output: string): string {
  return output.split("\n").filter((line) => !/^\((pass)\)/.test(line)).join("\n");
}

function linesWith(output: string, pattern: RegExp): string {
  return output.split("\n").filter((line) => pattern.test(line)).join("\n");
}
