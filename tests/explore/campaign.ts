// Runs the programs of tests/programs under seeds: whatever the schedule, each must do what its comments expect, end,
// and leave nothing behind in the core.
//
//   bun tests/explore/campaign.ts [--seeds N] [--from SEED] [--seconds S] [TEXT]
//
// N seeds each (default 100), or fewer when S seconds are over first; only programs whose path holds TEXT. Left out,
// and counted, are programs that are not simply run (another command, standard input, options), those that expect the
// report of a partial deadlock (it comes when nothing has run for a while, which a virtual clock jumps over), and those
// that use the network: while a fiber waits for a socket the virtual clock stands still, and deadlines with it.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Sources } from "../../interp/sema/sources.ts";
import { TestRun, type TestOutcome } from "../../interp/runtime/test-run.ts";
import { checkProgram } from "../../interp/sema/index.ts";
import { filesMatching, ROOT } from "../runner/checkout.ts";
import { judge, readExpectations } from "../runner/expectations.ts";
import type { Outcome } from "../runner/process.ts";
import { count } from "../runner/campaign-options.ts";

const PANICKED = 101;
const FAILED = 1;

export interface Campaign {
  seeds: number;
  from: number;
  seconds: number;
  filter: string;
}

export interface Tally {
  programs: number;
  runs: number;
  choices: number;
  leftOut: string[];
  failures: { path: string; seed: number; problems: string[] }[];
}

/** Program by program; none is begun when the time is over. */
export async function campaign({ seeds, from, seconds, filter }: Campaign): Promise<Tally> {
  const end_ms = performance.now() + seconds * 1000;
  const tally: Tally = { programs: 0, runs: 0, choices: 0, leftOut: [], failures: [] };
  for (const path of filesMatching("tests/programs/**/*.jan").filter((p) => p.includes(filter)).sort()) {
    const text = readFileSync(join(ROOT, path), "utf8");
    const expected = readExpectations(text);
    if (expected.importedBy !== undefined) continue;
    const waitsForQuiet = expected.stderr.some((line) => line.startsWith("partial deadlock"));
    const usesNetwork = /^use std\.(net|http)\b/m.test(text);
    if (expected.command.join(" ") !== "run" || expected.stdin !== undefined || waitsForQuiet || usesNetwork) {
      tally.leftOut.push(path);
      continue;
    }
    const sources = new Sources(join(ROOT, "std"));
    const { program, diagnostics } = checkProgram(sources.entry(path, text), sources, {});
    const { main } = program;
    if (main === null || diagnostics.some((d) => d.severity === "error")) continue; // what the checker refuses
    const run = new TestRun(program, sources, path, {
      root: ROOT, std: join(ROOT, "std"), workers: 1, profile: "service", isSeeded: true,
    });
    tally.programs++;
    for (let seed = from; seed < from + seeds && performance.now() < end_ms; seed++) {
      const outcome = await run.run(main, { seed });
      tally.runs++;
      tally.choices += outcome.choices.length;
      const problems = judge(expected, asProcess(outcome), basename(path));
      if (problems.length === 0) continue;
      tally.failures.push({ path, seed, problems });
      break;
    }
    await run.close();
  }
  return tally;
}

/** The run as the process that it would have been. */
function asProcess({ ended, stdout, stderr, duration_ms }: TestOutcome): Outcome {
  const code = ended.how === "failed" ? ended.code : null;
  const status = ended.how !== "failed" ? ended.status : code === null || code === "leak" ? FAILED : PANICKED;
  const said = ended.how === "failed" ? `${ended.lines.join("\n")}\n` : "";
  return { status, signal: null, stdout, stderr: stderr + said, timedOut: false, seconds: duration_ms / 1000 };
}

if (import.meta.main) {
  const words = process.argv.slice(2).filter((word, i, all) => !word.startsWith("--") && !all[i - 1]?.startsWith("--"));
  const tally = await campaign({
    seeds: count("seeds", 100), from: count("from", 1), seconds: count("seconds", 1e9),
    filter: words[0] ?? "",
  });
  for (const { path, seed, problems } of tally.failures) {
    console.log(`FAIL ${path}\n${problems.join("\n").replace(/^/gm, "  ")}`);
    console.log(`  again: janus run --replay ${seed} ${path}`);
  }
  const { programs, runs, choices, leftOut, failures } = tally;
  const seen = `${programs} programs, ${runs} runs, ${choices} choices`;
  console.log(`${seen}, ${leftOut.length} left out, ${failures.length} failed`);
  process.exit(failures.length > 0 || runs === 0 ? 1 : 0);
}
