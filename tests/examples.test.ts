// Every program in examples/ is run as a reader would run it, and must say what the file beside it says: NAME.out is
// its whole output, NAME.err what must be in the output of a program that fails on purpose (the forms are those of the
// acceptance programs, tests/README.md).

import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { judgeConditions, judgeOutput } from "./runner/acceptance.ts";
import { filesMatching, JANUS, PLAIN_ENV, ROOT } from "./runner/checkout.ts";
import { run } from "./runner/process.ts";

const TIMEOUT_SECONDS = 60;
/** What `janus run` does by itself, and one worker: an example's output is the same in every run. */
const WAYS = [[], ["--workers", "1"]];

const examples = filesMatching("examples/*.jan");

/** In what a run of one example differs from the file beside it. */
async function problemsOf(path: string, options: string[]): Promise<string[]> {
  const stem = join(ROOT, path.replace(/\.jan$/, ""));
  const command = [JANUS, "run", ...options, path];
  const outcome = await run(command, { cwd: ROOT, env: PLAIN_ENV, timeoutSeconds: TIMEOUT_SECONDS });
  if (existsSync(`${stem}.out`)) return judgeOutput(readFileSync(`${stem}.out`, "utf8"), outcome);
  return judgeConditions(readFileSync(`${stem}.err`, "utf8"), outcome);
}

test("there are examples, each with one expectation and a header that teaches", () => {
  expect(examples).toContain("examples/pipeline.jan");
  for (const path of examples) {
    const stem = join(ROOT, path.replace(/\.jan$/, ""));
    expect([path, existsSync(`${stem}.out`)]).not.toEqual([path, existsSync(`${stem}.err`)]);
    const header = readFileSync(`${stem}.jan`, "utf8").split("\n\n")[0];
    expect(header).toContain("\n// What it shows: ");
    expect(header).toContain("\n// To try: ");
  }
});

describe.each(examples)("%s", (path) => {
  for (const options of WAYS) {
    test(["janus run", ...options].join(" "), async () => {
      expect(await problemsOf(path, options)).toEqual([]);
    }, (TIMEOUT_SECONDS + 5) * 1000);
  }
});
