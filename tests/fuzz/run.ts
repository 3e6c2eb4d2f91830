// Generated programs against the reference evaluator, as a command:
//
//   sh tools/with-bun tests/fuzz/run.ts [--sharing] [--from N] [--seeds N] [--minutes M] [--ways TEXT] [--keep FOLDER]
//     [--whole]
//
// --sharing: programs that try to share what fibers may not (sharing.ts). Each seed is a program that is run in every
// way of oracle.ts (or those whose name contains TEXT). One that fails is kept in FOLDER, made smaller first (not with
// --whole, nor with --sharing), and the exit status is 1. The first failure does not end the campaign.
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCore } from "../../tools/zig-build/index.mjs";
import { type Finding, tryWay, waysFor } from "./oracle.ts";
import { makeProgram, rendered } from "./program.ts";
import { makeSharing } from "./sharing.ts";
import { shrink } from "./shrink.ts";
import { count, option } from "../runner/campaign-options.ts";

export interface Campaign {
  from: number;
  seeds: number;
  minutes: number;
  ways: string;
  /** Where failing programs are left. */
  keep: string;
  /** Programs that try to share, instead of those of the reference evaluator. */
  sharing: boolean;
  /** Makes a failing program smaller before it is told of. */
  shrinks: boolean;
  say(line: string): void;
}

export interface Tally {
  programs: number;
  runs: number;
  failures: { seed: number; path: string; finding: Finding }[];
}

export async function campaign(options: Campaign): Promise<Tally> {
  mkdirSync(options.keep, { recursive: true });
  const tally: Tally = { programs: 0, runs: 0, failures: [] };
  const end_ms = performance.now() + options.minutes * 60_000;
  for (let seed = options.from; seed < options.from + options.seeds && performance.now() < end_ms; seed++) {
    const program = options.sharing ? null : makeProgram(seed);
    const made = program === null ? makeSharing(seed) : rendered(program);
    if (made === null) continue;
    tally.programs += 1;
    const path = join(options.keep, `seed-${seed}.jan`);
    writeFileSync(path, made.text);
    for (const way of waysFor(seed)) {
      if (!way.name.includes(options.ways)) continue;
      tally.runs += 1;
      const finding = await tryWay(way, path, made.output);
      if (finding === null) continue;
      tally.failures.push({ seed, path, finding });
      options.say(`seed ${seed}, ${finding.text}`);
      if (options.shrinks && program !== null) await shrink(program, finding, path);
      options.say(`  kept as ${path}`);
      break;
    }
    if (tally.failures.at(-1)?.seed !== seed) await Bun.file(path).delete();
  }
  return tally;
}

if (import.meta.main) {
  const options: Campaign = {
    from: count("from", 1), seeds: count("seeds", 1_000_000), minutes: count("minutes", 10),
    ways: option("ways", ""), keep: option("keep", join(tmpdir(), "janus-fuzz")),
    sharing: process.argv.includes("--sharing"),
    shrinks: !process.argv.includes("--whole"),
    say: (line) => console.log(line),
  };
  await buildCore({ quiet: true });
  const { programs, runs, failures } = await campaign(options);
  console.log(`${programs} programs from seed ${options.from}, ${runs} runs, ${failures.length} failures`);
  process.exit(failures.length > 0 ? 1 : 0);
}
