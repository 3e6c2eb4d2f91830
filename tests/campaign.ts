// Everything here that searches for defects, in turn, for as long as there is time:
//
//   npm run campaign -- [--minutes N] [--seed S] [--only STEP,...]
//
// Each step has its share of the minutes (default 10), and begins anew with the next seed until that is over; at least
// one round of each is run. It says what it tried, from which seed, how long, and what it found; status 1 when anything
// was found. The same seed tries the same, except where threads race freely.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCore, ensureZig } from "../tools/zig-build/index.mjs";
import { BUSY_PROGRAM, interrupted } from "./faults/interrupts.ts";
import { random } from "../interp/syntax/fuzz.ts";
import { ROOT } from "./runner/checkout.ts";
import { run } from "./runner/process.ts";
import { count, option } from "./runner/campaign-options.ts";

const CORE_TESTS = join(ROOT, "core/zig-out/bin/janus-core-test");
const FUZZ_SEEDS_EACH = 400;
const SECONDS_MAX = 600;
const SECONDS_OF_ALL_ORDERS = 7_200;

export interface Round {
  /** What was tried, counted by its name. */
  tried: Record<string, number>;
  findings: string[];
}

interface Step {
  name: string;
  /** One round, of so many seconds at the most where it can choose. */
  round(seed: number, seconds: number): Promise<Round>;
}

/** A command that says what it found by its status; `count` reads what it tried from its output. */
async function command(words: string[], count: (output: string) => Record<string, number>,
  env: Record<string, string> = {}, secondsMax = SECONDS_MAX): Promise<Round> {
  const ran = await run(words, { cwd: ROOT, env, timeoutSeconds: secondsMax });
  const output = `${ran.stdout}${ran.stderr}`;
  const tried = count(output);
  const isRight = ran.status === 0 && Object.values(tried).some((n) => n > 0);
  const shown = Object.entries(env).map(([name, value]) => `${name}=${value} `).join("");
  return { tried, findings: isRight ? [] : [`${shown}${words.join(" ")}\n${output.slice(-4_000)}`] };
}

const numberIn = (output: string, pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? 0);

const STEPS: Step[] = [
  {
    // Stress on every structure with all threads, simulated schedules, the fuzzers and their canaries.
    name: "core",
    round: (seed) => command([CORE_TESTS, `--seed=${seed}`], (output) => ({
      tests: numberIn(output, /^All (\d+) tests passed/m),
      "fuzz seeds": FUZZ_SEEDS_EACH * [...output.matchAll(/\.test\.fuzz [^\n]*OK$/gm)].length,
    }), { JANUS_FUZZ_FROM: String(seed * FUZZ_SEEDS_EACH), JANUS_FUZZ_SEEDS: String(FUZZ_SEEDS_EACH) }),
  },
  {
    name: "sharing",
    round: (seed, seconds) => command([process.execPath, "tests/fuzz/run.ts", "--sharing", "--from",
      String(seed * 1_000), "--minutes", String(seconds / 60)], (output) => ({
      programs: numberIn(output, /^(\d+) programs/m), runs: numberIn(output, /(\d+) runs,/),
    })),
  },
  {
    name: "generated programs",
    round: (seed, seconds) => command([process.execPath, "tests/fuzz/run.ts", "--from", String(seed * 1_000),
      "--minutes", String(seconds / 60)], (output) => ({
      programs: numberIn(output, /^(\d+) programs/m), runs: numberIn(output, /(\d+) runs,/),
    })),
  },
  {
    name: "hostile programs",
    round: (seed, seconds) => command([process.execPath, "tests/fuzz/hostile.ts", "--from", String(seed * 1_000),
      "--minutes", String(seconds / 60)], (output) => ({ programs: numberIn(output, /^(\d+) programs/m) })),
  },
  {
    name: "narrowing",
    round: (seed, seconds) => command([process.execPath, "tests/fuzz/narrowing.ts", "--from", String(seed * 1_000),
      "--minutes", String(seconds / 60)], (output) => ({
      programs: numberIn(output, /^(\d+) programs/m), functions: numberIn(output, /(\d+) accepted functions/),
    })),
  },
  {
    name: "failures",
    round: (seed, seconds) => command([process.execPath, "tests/fuzz/failures.ts", "--from", String(seed * 1_000),
      "--minutes", String(seconds / 60)], (output) => ({
      programs: numberIn(output, /^(\d+) programs/m), failures: numberIn(output, /(\d+) failures raised/),
    })),
  },
  {
    name: "http",
    round: (seed, seconds) => command([process.execPath, "tests/http/fuzz.ts", "--seed", String(seed),
      "--workers", String(1 + seed % 2), "--minutes", String(seconds / 60)],
    (output) => ({ connections: numberIn(output, /^(\d+) connections/m) })),
  },
  ...["syntax", "sema"].map((room): Step => ({
    name: room,
    round: (seed, seconds) => command([process.execPath, `interp/${room}/fuzz.ts`, "--seed", String(seed),
      "--seconds", String(seconds)], (output) => ({ texts: numberIn(output, /: (\d+) texts/) })),
  })),
  {
    name: "absurd arguments",
    round: (seed, seconds) => command([process.execPath, "tests/absurd/run.ts", "--from", String(seed * 1_000),
      "--minutes", String(seconds / 60)], (output) => ({
      functions: numberIn(output, /^(\d+) functions/m), calls: numberIn(output, /(\d+) calls/),
    })),
  },
  {
    name: "schedules",
    round: (seed, seconds) => command([process.execPath, "tests/explore/campaign.ts", "--from", String(seed * 1_000),
      "--seeds", "3", "--seconds", String(seconds)], (output) => ({
      runs: numberIn(output, /(\d+) runs,/), choices: numberIn(output, /(\d+) choices/),
    })),
  },
  {
    name: "interrupts",
    async round(seed, seconds) {
      const pick = random(seed);
      const folder = mkdtempSync(join(tmpdir(), "janus-campaign-"));
      const path = join(folder, "busy.jan");
      writeFileSync(path, BUSY_PROGRAM);
      const found: Round = { tried: { signals: 0 }, findings: [] };
      const end_ms = performance.now() + seconds * 1000;
      do {
        const problem = await interrupted(path, 1 + pick(4), pick(150));
        found.tried["signals"]! += 1;
        if (problem !== null) found.findings.push(problem);
      } while (performance.now() < end_ms);
      rmSync(folder, { recursive: true });
      return found;
    },
  },
  {
    // Every order, so one round is all there is; it takes as long as it takes.
    name: "interleavings",
    round: () => command([process.execPath, "tests/interleavings.ts", "--preemptions", "3"],
      (output) => ({ cases: numberIn(output, /^(\d+) cases passed/m) }), {}, SECONDS_OF_ALL_ORDERS),
  },
];

export interface Options {
  minutes: number;
  seed: number;
  /** Names of steps; empty: all. */
  only: string[];
  say(line: string): void;
}

async function buildCoreTests(): Promise<void> {
  const command = [await ensureZig({ quiet: true }), "build", "test-build"];
  const built = await run(command, { cwd: join(ROOT, "core"), timeoutSeconds: SECONDS_MAX });
  if (built.status !== 0 || !existsSync(CORE_TESTS)) throw new Error(`zig build test-build\n${built.stderr}`);
}

/** Gives the number of findings. */
export async function campaign({ minutes, seed, only, say }: Options): Promise<number> {
  const steps = STEPS.filter((step) => only.length === 0 || only.includes(step.name));
  if (steps.length === 0) throw new Error(`no such step; there are ${STEPS.map((step) => step.name).join(", ")}`);
  await buildCore({ quiet: true });
  if (steps.some((step) => step.name === "core")) await buildCoreTests();
  let findings = 0;
  for (const step of steps) {
    const begin_ms = performance.now();
    const share_s = minutes * 60 / steps.length;
    const left_s = () => share_s - (performance.now() - begin_ms) / 1000;
    const tried = new Map<string, number>();
    let next = seed;
    do {
      const round = await step.round(next, Math.max(1, left_s()));
      next += 1;
      for (const [what, n] of Object.entries(round.tried)) tried.set(what, (tried.get(what) ?? 0) + n);
      findings += round.findings.length;
      for (const finding of round.findings) say(`FOUND by ${step.name}: ${finding}`);
    } while (left_s() > 0);
    const counts = [...tried].map(([what, n]) => `${n} ${what}`).join(", ");
    const seconds = ((performance.now() - begin_ms) / 1000).toFixed(0);
    say(`${step.name.padEnd(18)} ${counts}; seeds ${seed} to ${next - 1}; ${seconds} s`);
  }
  say(findings === 0 ? "nothing was found" : `${findings} findings`);
  return findings;
}

if (import.meta.main) {
  const [minutes, seed] = [count("minutes", 10), count("seed", 1)];
  if (!(minutes > 0) || !Number.isInteger(seed) || seed < 0) {
    console.error("usage: npm run campaign -- [--minutes N] [--seed S] [--only STEP,...]");
    process.exit(2);
  }
  const only = option("only", "").split(",").filter((name) => name !== "");
  const findings = await campaign({ minutes, seed, only, say: (line) => console.log(line) });
  process.exit(findings > 0 ? 1 : 0);
}
