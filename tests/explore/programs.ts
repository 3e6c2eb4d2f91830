// The programs beside this file: three classic concurrency bugs, and each mended. What runs them here runs their one
// test in a process of the runtime's own, again and again, as `janus test --explore` does.
import { dirname, join } from "node:path";
import { isWrong } from "../../interp/explore.ts";
import { readSource } from "../../interp/sema/files.ts";
import type { Choices, Fault } from "../../interp/runtime/schedule.ts";
import { Sources } from "../../interp/sema/sources.ts";
import { TestRun, type TestOutcome } from "../../interp/runtime/test-run.ts";
import { checkProgram } from "../../interp/sema/index.ts";

const ROOT = dirname(dirname(import.meta.dir));

/** Each with the code that its failure has. */
export const BUGS = [
  { name: "lost_update", code: "P004", what: "a lost update: read, then write, over a channel" },
  { name: "lock_order", code: "P010", what: "two locks taken in opposite orders" },
  { name: "check_then_send", code: "P011", what: "`isClosed`, then `send`" },
] as const;

/** An open program with one test, that can be run under any schedule. */
export class Explorable {
  private constructor(private readonly tests: TestRun) {}

  static open(name: string): Explorable {
    const path = join(import.meta.dir, `${name}.jan`);
    const sources = new Sources(join(ROOT, "std"));
    const { program, diagnostics } = checkProgram(sources.entry(path, readSource(path)), sources);
    if (diagnostics.length > 0) throw new Error(`${path}: ${diagnostics[0]!.message}`);
    return new Explorable(new TestRun(program, sources, path, {
      root: ROOT, std: join(ROOT, "std"), workers: 1, profile: "service", isSeeded: true,
    }));
  }

  run(choices: Choices, fault: Fault | null = null): Promise<TestOutcome> {
    return this.tests.run(this.tests.tests[0]!, choices, fault);
  }

  /** How many of the seeds from, from + step, … it takes until the test fails; null when `most` do not. */
  async seedsUntilFailure(from: number, step: number, most: number): Promise<number | null> {
    for (let n = 1; n <= most; n++) {
      if (isWrong(await this.run({ seed: from + (n - 1) * step }), null)) return n;
    }
    return null;
  }

  close(): Promise<string | null> {
    return this.tests.close();
  }
}
