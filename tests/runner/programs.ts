// The part `programs`: every .jan file of the folders below is run, and judged by the expectations in its comments.

import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { filesMatching, JANUS, PLAIN_ENV, ROOT } from "./checkout.ts";
import { judge, readExpectations } from "./expectations.ts";
import type { Options } from "./options.ts";
import { run } from "./process.ts";
import type { Report } from "./report.ts";

const FOLDERS = ["tests/programs", "tests/failure-modes"];

/** One worker and two: no program may tell the difference. */
const WORKERS = [1, 2];

export async function testPrograms(report: Report, options: Options): Promise<void> {
  const files = FOLDERS.flatMap((folder) => filesMatching(`${folder}/**/*.jan`))
    .filter((path) => path.includes(options.filter));
  const workers = options.workers.length > 0 ? options.workers : WORKERS;
  report.begin("programs", 0);
  const jobs: (() => Promise<void>)[] = [];
  for (const path of files) {
    let expected: ReturnType<typeof readExpectations>;
    try {
      expected = readExpectations(readFileSync(join(ROOT, path), "utf8"));
    } catch (error) {
      report.fail(path, error instanceof Error ? error.message : String(error));
      continue;
    }
    if (expected.importedBy !== undefined) {
      const importer = join(ROOT, dirname(path), expected.importedBy);
      if (!existsSync(importer)) report.fail(path, `imported by ${expected.importedBy}, which is not there`);
      continue;
    }
    // Only `run` knows workers; what is checked and not run is the same on any number of them.
    const counts = expected.command[0] === "run" && !expected.command.includes("--workers") ? workers : [undefined];
    for (const count of counts) {
      for (let round = 0; round < options.repeat; round += 1) {
        jobs.push(async () => {
          const extra = count === undefined ? [] : ["--workers", String(count)];
          const command = [JANUS, ...expected.command, ...extra, path];
          const outcome = await run(command, {
            cwd: ROOT,
            env: PLAIN_ENV,
            stdin: expected.stdin,
            timeoutSeconds: expected.timeoutSeconds,
          });
          const problems = judge(expected, outcome, basename(path));
          if (problems.length === 0) report.pass();
          else report.fail(`${path}${count === undefined ? "" : ` on ${count} workers`}`, problems.join("\n"));
        });
      }
    }
  }
  await inParallel(jobs, availableParallelism());
  report.end();
}

async function inParallel(jobs: (() => Promise<void>)[], width: number): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let job = jobs[next++]; job !== undefined; job = jobs[next++]) await job();
  };
  await Promise.all(Array.from({ length: width }, worker));
}
