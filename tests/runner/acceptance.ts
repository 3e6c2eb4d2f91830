// The part `acceptance`: the programs of tests/acceptance, whose whole outputs are given in files beside them, run one
// at a time on several numbers of workers.
//
// NAME.out is the exact standard output, exit status 0. NAME.err has one condition a line: `exit N`; `stdout TEXT` and
// `!stdout TEXT` must (not) be in standard output; every other line must be in standard error.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { filesMatching, JANUS, PLAIN_ENV, ROOT } from "./checkout.ts";
import { differenceAt, standardErrorOf } from "./expectations.ts";
import type { Options } from "./options.ts";
import { endedBadly, type Outcome, run } from "./process.ts";
import type { Report } from "./report.ts";

const WORKERS = [1, 2, 4];
const TIMEOUT_SECONDS = 60;

/** In what a run differs from NAME.out. */
export function judgeOutput(expected: string, outcome: Outcome): string[] {
  const problems: string[] = [];
  const ended = endedBadly(outcome, 0);
  if (ended !== null) problems.push(ended);
  if (outcome.stdout !== expected) {
    const got = outcome.stdout.split("\n");
    const wanted = expected.split("\n");
    const at = wanted.findIndex((line, index) => line !== got[index]);
    problems.push(differenceAt(at >= 0 ? at : wanted.length, wanted, got));
  }
  if (problems.length > 0) problems.push(...standardErrorOf(outcome));
  return problems;
}

/** Which conditions of NAME.err a run does not meet. */
export function judgeConditions(conditions: string, outcome: Outcome): string[] {
  const problems: string[] = [];
  if (outcome.timedOut) problems.push("did not end within its time limit");
  for (const line of conditions.split("\n").filter((one) => one !== "")) {
    if (line.startsWith("exit ")) {
      const ended = endedBadly(outcome, Number(line.slice(5)));
      if (ended !== null) problems.push(ended);
    } else if (line.startsWith("!stdout ")) {
      if (outcome.stdout.includes(line.slice(8))) problems.push(`standard output has: ${line.slice(8)}`);
    } else if (line.startsWith("stdout ")) {
      if (!outcome.stdout.includes(line.slice(7))) problems.push(`standard output lacks: ${line.slice(7)}`);
    } else if (!outcome.stderr.includes(line)) {
      problems.push(`standard error lacks: ${line}`);
    }
  }
  if (problems.length > 0) problems.push(...standardErrorOf(outcome));
  return problems;
}

export async function testAcceptance(report: Report, options: Options): Promise<void> {
  const files = filesMatching("tests/acceptance/*.jan").filter((path) => path.includes(options.filter));
  const workers = options.workers.length > 0 ? options.workers : WORKERS;
  report.begin("acceptance", files.length * workers.length * options.repeat);
  for (const path of files) {
    const stem = join(ROOT, path.replace(/\.jan$/, ""));
    const isOutput = existsSync(`${stem}.out`);
    const expectation = isOutput ? `${stem}.out` : `${stem}.err`;
    if (!existsSync(expectation)) {
      report.fail(path, "there is neither an .out nor an .err file beside it");
      continue;
    }
    const expected = readFileSync(expectation, "utf8");
    for (const count of workers) {
      for (let round = 1; round <= options.repeat; round += 1) {
        const command = [JANUS, "run", "--workers", String(count), path];
        const outcome = await run(command, { cwd: ROOT, env: PLAIN_ENV, timeoutSeconds: TIMEOUT_SECONDS });
        const problems = isOutput ? judgeOutput(expected, outcome) : judgeConditions(expected, outcome);
        if (problems.length === 0) report.pass();
        else report.fail(`${path} on ${count} workers, round ${round}`, problems.join("\n"));
      }
    }
  }
  report.end();
}

/** A set of acceptance programs kept beside the checkout, with its own script; run as its authors run it. */
const BESIDE = "../shared/acceptance/run";

export async function testAcceptanceBeside(report: Report): Promise<void> {
  const script = join(ROOT, BESIDE);
  if (!existsSync(script)) return;
  report.begin("acceptance beside", 0);
  const outcome = await run([script, "npx janus run"], { cwd: ROOT, env: PLAIN_ENV, timeoutSeconds: 15 * 60 });
  const totals = /(?:^|\n)(\d+) passed, (\d+) failed\n?$/.exec(outcome.stdout);
  const passed = Number(totals?.[1] ?? 0);
  const failed = Number(totals?.[2] ?? 0);
  if (passed > 0) report.pass(passed);
  if (failed > 0) report.fail(BESIDE, `${outcome.stdout}${outcome.stderr}`, failed);
  else if (totals === null || outcome.status !== 0) {
    report.fail(BESIDE, `it ended with ${outcome.signal ?? outcome.status}\n${outcome.stdout}${outcome.stderr}`);
  }
  report.end();
}
