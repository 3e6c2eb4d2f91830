// Does the process grow with what a program has made and dropped? Runs soak.jan with one kind of thing after the other
// and looks at the slope of the resident memory over the second half of each run: the first half fills pools and
// brings the collectors to their pace.
//
// usage: npm run soak:memory -- [--count N] [--workers N,…] [--seed N] [KIND…]   (ten million of each by default)

import { JANUS, PLAIN_ENV } from "../runner/checkout.ts";
import { run } from "../runner/process.ts";

const PROGRAM = `${import.meta.dir}/soak.jan`;
const SAMPLES = 40;

/** Kinds that soak.jan makes, and what each is charged, so that a run takes seconds and still reaches its level. */
export const KINDS: Record<string, number> = {
  fibers: 1, tasks: 1, channels: 1, nested_channels: 1, channel_per_request: 2, tokens: 1, mutexes: 2, atomics: 1,
  sleeps: 4, selects: 1, nurseries: 1, cancelled: 2, errors: 1, failing_children: 4, strings: 0.4, slices: 2,
  connections: 7, requests: 64, mixed: 1,
};

export interface Soaked {
  kind: string;
  workers: number;
  count: number;
  /** bytes for each thing made, over the second half. */
  slope: number;
  /** what that half has grown by that slope, in megabytes. */
  grown: number;
  last: number;
  seconds: number;
  /** what went wrong with the run itself; null: nothing. */
  trouble: string | null;
}

export interface SoakOptions {
  kind: string;
  count: number;
  workers: number;
  seed: number;
  timeoutSeconds: number;
}

export async function soak({ kind, count, workers, seed, timeoutSeconds }: SoakOptions): Promise<Soaked> {
  const things = Math.ceil(count / KINDS[kind]!);
  const command = [JANUS, "run", "--workers", String(workers), PROGRAM, kind, String(things), String(SAMPLES),
    String(seed)];
  const outcome = await run(command, { env: PLAIN_ENV, timeoutSeconds });
  const kilobytes = outcome.stdout.trim().split("\n").map(Number);
  const half = kilobytes.slice(SAMPLES / 2);
  const isWhole = outcome.status === 0 && kilobytes.length === SAMPLES && kilobytes.every((kb) => kb > 1000);
  const slope = slopeOf(half) * 1024 / (things / SAMPLES);
  return {
    kind, workers, count: things, slope, grown: slope * things / 2 / 2 ** 20, last: (half.at(-1) ?? 0) / 1024,
    seconds: outcome.seconds,
    trouble: isWhole ? null : `status ${outcome.status}${outcome.timedOut ? ", too slow" : ""}: ${outcome.stderr}`,
  };
}

/**
 * How much a value is greater than the one before it: the middle of the slopes between all pairs, which a few samples
 * taken just before a collection do not move (Theil 1950, Sen 1968).
 */
export function slopeOf(values: number[]): number {
  const slopes = values.flatMap((v, i) => values.slice(i + 1).map((w, gap) => (w - v) / (gap + 1)));
  slopes.sort((a, b) => a - b);
  const middle = slopes.length >> 1;
  return slopes.length % 2 === 1 ? slopes[middle]! : (slopes[middle - 1]! + slopes[middle]!) / 2;
}

/**
 * More than the noise of two collectors, in MB: garbage that comes and goes, and the engine collects after each 32 MB.
 * It is what the second half may grow by: over a million it tells 117 bytes that stay of each, over ten million 12;
 * of a kind that is charged more, as many times that.
 */
export const GROWN_MAX = 56;

async function main(args: string[]): Promise<number> {
  let count = 10_000_000;
  let workers = [1, 2];
  let seed = 1;
  const kinds: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--count") count = Number(args[++i]);
    else if (arg === "--workers") workers = (args[++i] ?? "").split(",").map(Number);
    else if (arg === "--seed") seed = Number(args[++i]);
    else if (arg in KINDS) kinds.push(arg);
    else return usage(arg);
  }
  if (![count, seed, ...workers].every((n) => Number.isSafeInteger(n) && n > 0)) return usage("a number");
  let failed = 0;
  for (const kind of kinds.length > 0 ? kinds : Object.keys(KINDS)) {
    for (const w of workers) {
      const s = await soak({ kind, count, workers: w, seed, timeoutSeconds: 3600 });
      const isBad = s.trouble !== null || s.grown > GROWN_MAX;
      if (isBad) failed++;
      process.stdout.write(
        `${isBad ? "GROWS" : "level"}  ${kind.padEnd(20)} ${w} workers  ${String(s.count).padStart(9)}  ` +
        `${s.slope.toFixed(1).padStart(7)} B each  ${s.last.toFixed(0).padStart(5)} MB at the end  ` +
        `${s.seconds.toFixed(0).padStart(4)} s\n${s.trouble === null ? "" : `${s.trouble}\n`}`);
    }
  }
  return failed === 0 ? 0 : 1;
}

function usage(what: string): number {
  process.stderr.write(`soak: cannot read ${what}\n` +
    `usage: npm run soak:memory -- [--count N] [--workers N,…] [--seed N] [KIND…]\n` +
    `kinds: ${Object.keys(KINDS).join(" ")}\n`);
  return 2;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
