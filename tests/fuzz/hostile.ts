// Hostile programs: more of everything than anybody writes, values at the edges of every function of std, and programs
// of this repository with a piece changed, run to the end. Whatever they are, the answer is theirs: an output, an error
// with a place, a panic. An internal error, a word of the host, a crash, an end without a word or a hang is a defect.
//
//   sh tools/with-bun tests/fuzz/hostile.ts [--from N] [--seeds N] [--minutes M] [--keep FOLDER]
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkText } from "../../interp/sema/testing.ts";
import { buildCore } from "../../tools/zig-build/index.mjs";
import { JANUS, PLAIN_ENV } from "../runner/checkout.ts";
import { type Outcome, run } from "../runner/process.ts";
import { edgeProgram } from "./edges.ts";
import { mutated } from "./mutated.ts";
import { Random } from "./random.ts";
import { SHAPES, SIZES } from "./shapes.ts";
import { count, option } from "../runner/campaign-options.ts";

const SHAPE_SECONDS_MAX = 30;
/** A program that was changed may run for ever; it has to show its fibers then. */
const CHANGED_SECONDS_MAX = 5;
/** Addresses for one program: what takes more memory says so, and leaves the machine to others. */
const ADDRESSES_KB = 16_000_000;

export interface Hostile {
  name: string;
  text: string;
  /** It may go on for ever by right. */
  mayLoop: boolean;
}

/** Without a program: the change that was made is none that checks. */
export function makeHostile(seed: number): Hostile | null {
  const random = new Random(seed);
  const kind = random.below(10);
  if (kind < 3) {
    const [name, make] = random.pick(Object.entries(SHAPES));
    const size = random.pick(SIZES);
    return { name: `${name}, ${size}`, text: make(size), mayLoop: false };
  }
  if (kind < 6) return { name: "edges of std", text: edgeProgram(random), mayLoop: false };
  const text = mutated(random);
  if (text === null || !isRun(text)) return null;
  return { name: "a program with a piece changed", text, mayLoop: true };
}

/** A text that the checker refuses is not run; one at which it stops is, to be told of. */
function isRun(text: string): boolean {
  try {
    return checkText(text).diagnostics.every(({ severity }) => severity !== "error");
  } catch {
    return true;
  }
}

/** What only an interpreter that failed says. */
export const HOST_WORDS = new RegExp(["Maximum call stack", "undefined is not", "is not a function", "is not an object",
  "Cannot read", "RangeError", "TypeError", "SyntaxError", "internal error", "\\.ts:\\d", "Segmentation fault",
  "reached unreachable", "panic: "].join("|"));

/** What is wrong with how a program ended; null when nothing is. */
export function judge(outcome: Outcome, { text, mayLoop }: Hostile): string | null {
  const { status, signal, stderr, timedOut } = outcome;
  const word = HOST_WORDS.exec(stderr)?.[0];
  if (status === 70) return "internal error";
  if (word !== undefined && !text.includes(word)) return `the host's word: ${word}`;
  if (timedOut) return mayLoop && /\bmain\b/.test(stderr) ? null : "hangs";
  if (signal !== null) return `ended by ${signal}`;
  if (status !== 0 && stderr.trim() === "" && !/exit/.test(text)) return `status ${status} without a word`;
  return null;
}

export async function tryHostile(hostile: Hostile, path: string): Promise<string | null> {
  writeFileSync(path, hostile.text);
  const limited = `ulimit -v ${ADDRESSES_KB}; exec "$0" run "$1"`;
  const outcome = await run(["/bin/sh", "-c", limited, JANUS, path], {
    cwd: join(path, ".."), env: PLAIN_ENV, stdin: "", timeoutSeconds:
      hostile.mayLoop ? CHANGED_SECONDS_MAX : SHAPE_SECONDS_MAX,
  });
  const problem = judge(outcome, hostile);
  return problem === null ? null : `${problem}\n${outcome.stderr.slice(0, 600)}`;
}

export interface Tally {
  programs: number;
  failures: string[];
}

export async function campaign(options: { from: number; seeds: number; minutes: number; keep: string;
  say(line: string): void }): Promise<Tally> {
  mkdirSync(options.keep, { recursive: true });
  const tally: Tally = { programs: 0, failures: [] };
  const end_ms = performance.now() + options.minutes * 60_000;
  for (let seed = options.from; seed < options.from + options.seeds && performance.now() < end_ms; seed++) {
    const path = join(options.keep, `hostile-${seed}.jan`);
    const hostile = makeHostile(seed);
    if (hostile === null) continue;
    tally.programs += 1;
    const problem = await tryHostile(hostile, path);
    if (problem === null) {
      await Bun.file(path).delete();
      continue;
    }
    tally.failures.push(`seed ${seed}, ${hostile.name}: ${problem}`);
    options.say(`seed ${seed}, ${hostile.name}: ${problem}\n  kept as ${path}`);
  }
  return tally;
}

if (import.meta.main) {
  await buildCore({ quiet: true });
  const { programs, failures } = await campaign({
    from: count("from", 1), seeds: count("seeds", 1_000_000), minutes: count("minutes", 10),
    keep: option("keep", join(tmpdir(), "janus-hostile")), say: (line) => console.log(line),
  });
  console.log(`${programs} programs, ${failures.length} failures`);
  process.exit(failures.length > 0 ? 1 : 0);
}
