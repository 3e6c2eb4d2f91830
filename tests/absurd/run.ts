// Every function and method of std, called with absurd arguments. Whatever they are, a call ends with a value, with an
// error, or with a panic that has a code and a trace; an internal error, a word of the host, a crash, a call that does
// not end or takes the program with it is a defect.
//
//   sh tools/with-bun tests/absurd/run.ts [--from N] [--seeds N] [--minutes M] [--only TEXT] [--keep FOLDER]
//
// A seed is one call of each function (`--only`: of those with TEXT in their names).
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildCore } from "../../tools/zig-build/index.mjs";
import { HOST_WORDS } from "../fuzz/hostile.ts";
import { Random } from "../fuzz/random.ts";
import { count, option } from "../runner/campaign-options.ts";
import { JANUS, PLAIN_ENV } from "../runner/checkout.ts";
import { type Outcome, run } from "../runner/process.ts";
import { type Callee, type Library, readLibrary } from "./callees.ts";
import { type Call, MARK, programOf, writeCalls } from "./programs.ts";
import { FILES, SAFE } from "./safe.ts";

const CALLS_EACH = 60;
const SECONDS_MAX = 30;
const MEMORY = "256M";
/** Addresses for one program, so that one that asks for too many leaves the machine to others. */
const ADDRESSES_KB = 16_000_000;

export interface Finding {
  callee: string;
  problem: string;
  program: string;
}

/** What the calls of a program ended with. */
export type Endings = Record<"value" | "error" | "panic", number>;

/** Runs a program in a folder of its own, with the files that its calls find there. */
async function ranAlone(program: string): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "janus-absurd-"));
  try {
    const inside = join(folder, "files");
    for (const [name, contents] of Object.entries(FILES)) {
      mkdirSync(dirname(join(inside, name)), { recursive: true });
      writeFileSync(join(inside, name), contents);
    }
    symlinkSync("loop", join(inside, "loop"));
    symlinkSync("a", join(inside, "link"));
    writeFileSync(join(folder, "absurd.jan"), program);
    const limited = `ulimit -v ${ADDRESSES_KB}; exec "$0" run --memory ${MEMORY} ../absurd.jan`;
    return await run(["/bin/sh", "-c", limited, JANUS], {
      cwd: inside, env: { ...PLAIN_ENV, TMPDIR: folder }, stdin: "", timeoutSeconds: SECONDS_MAX,
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Judged {
  endings: Endings;
  /** The call, by its number, at which something is wrong, and what. */
  wrong: { call: number; problem: string } | null;
}

/** What is to be said of how a program with so many calls ended. */
export function judge({ status, signal, stdout, stderr, timedOut }: Outcome, calls: number): Judged {
  const endings: Endings = { value: 0, error: 0, panic: 0 };
  let begun = 0;
  const at = (problem: string): Judged => ({ endings, wrong: { call: begun, problem } });
  const host = (text: string): string | undefined => HOST_WORDS.exec(text)?.[0];
  const ended = new Set<number>();
  for (const [, word, number, rest] of stdout.matchAll(new RegExp(`^${MARK}(\\w+) (\\d+)(.*)$`, "gm"))) {
    begun = Number(number);
    if (word === "begin") continue;
    ended.add(begun);
    endings[word as keyof Endings] += 1;
    if (host(rest!) !== undefined) return at(`the host's word: ${host(rest!)}`);
    if (word === "panic" && !(/^ "Panicked\(\\"P\d{3}: /.test(rest!) && /\bcall_\d+ \(/.test(rest!))) {
      return at(`a panic without a code or a trace: ${rest}`);
    }
  }
  if (host(stderr) !== undefined) return at(`the host's word: ${host(stderr)}`);
  if (status === 70) return at("internal error");
  if (timedOut) return at("hangs");
  if (signal !== null) return at(`ended by ${signal}`);
  if (status !== 0) return at(`takes the program with it, status ${status}`);
  const missing = Array.from({ length: calls }, (_, i) => i).find((i) => !ended.has(i));
  return { endings, wrong: missing === undefined ? null : { call: missing, problem: "ends untold" } };
}

export interface Tally extends Endings {
  functions: number;
  findings: Finding[];
}

/** Runs calls in one program, and what is left of them in another when one of them is found wrong. */
async function tried(library: Library, calls: readonly Call[], tally: Tally): Promise<void> {
  let left = [...calls];
  while (left.length > 0) {
    const program = programOf(library, left);
    const outcome = await ranAlone(program);
    const { endings, wrong } = judge(outcome, left.length);
    if (wrong !== null) {
      const { callee } = left[wrong.call]!;
      const alone = programOf(library, [left[wrong.call]!]);
      const isAlone = judge(await ranAlone(alone), 1).wrong !== null;
      const where = isAlone ? "" : " (only after the calls before it)";
      tally.findings.push({
        callee: callee.name, program: isAlone ? alone : program,
        problem: `${wrong.problem}${where}\n${outcome.stderr.slice(0, 1_500)}`,
      });
      left = left.filter((_, i) => i !== wrong.call);
      continue;
    }
    for (const word of ["value", "error", "panic"] as const) tally[word] += endings[word];
    return;
  }
}

/** A function that ends the program: it does so with the status it is given, or refuses to. */
async function triedAlone(library: Library, call: Call, tally: Tally): Promise<void> {
  const program = programOf(library, [call]);
  const { status, signal, stderr, timedOut, stdout } = await ranAlone(program);
  const word = HOST_WORDS.exec(stderr)?.[0];
  if (word === undefined && signal === null && !timedOut && status !== 70) {
    tally[stdout.includes(`${MARK}panic`) ? "panic" : "value"] += 1;
    return;
  }
  const problem = `status ${status}, ${signal}: ${stderr.slice(0, 1_500)}`;
  tally.findings.push({ callee: call.callee.name, program, problem });
}

/** One call of each function, chosen by the seed. */
export async function round(library: Library, callees: readonly Callee[], seed: number, tally: Tally,
  isOver: () => boolean = () => false): Promise<void> {
  const random = new Random(seed);
  const endsProgram = ({ name }: Callee): boolean => SAFE.alone.some(({ where }) => where.test(name));
  const together = callees.filter((callee) => !endsProgram(callee));
  const { calls: written, refused } = writeCalls(library, together, random);
  for (const text of refused) tally.findings.push({ callee: "std", program: "", problem: `not callable: ${text}` });
  for (let i = 0; i < written.length && !isOver(); i += CALLS_EACH) {
    const part = written.slice(i, i + CALLS_EACH);
    tally.functions += part.length;
    await tried(library, part, tally);
  }
  const { calls } = writeCalls(library, callees.filter(endsProgram), random);
  for (const call of isOver() ? [] : calls) {
    tally.functions += 1;
    await triedAlone(library, call, tally);
  }
}

export const emptyTally = (): Tally => ({ functions: 0, value: 0, error: 0, panic: 0, findings: [] });

if (import.meta.main) {
  await buildCore({ quiet: true });
  const library = readLibrary();
  const only = option("only", "");
  const callees = library.callees.filter(({ name }) => name.includes(only));
  const [from, seeds, minutes] = [count("from", 1), count("seeds", 1_000_000), count("minutes", 10)];
  const keep = option("keep", join(tmpdir(), "janus-absurd"));
  mkdirSync(keep, { recursive: true });
  const end_ms = performance.now() + minutes * 60_000;
  const tally = emptyTally();
  let told = 0;
  for (let seed = from; seed < from + seeds && performance.now() < end_ms; seed++) {
    await round(library, callees, seed, tally, () => performance.now() >= end_ms);
    for (const { callee, problem, program } of tally.findings.slice(told)) {
      const path = join(keep, `absurd-${seed}-${told++}.jan`);
      writeFileSync(path, program);
      console.log(`seed ${seed}, ${callee}: ${problem}\n  kept as ${path}`);
    }
  }
  const { functions, value, error, panic, findings } = tally;
  console.log(`${callees.length} functions, ${functions} calls: ${value} values, ${error} errors, ${panic} panics; ` +
    `${findings.length} failures`);
  process.exit(findings.length > 0 || functions === 0 ? 1 : 0);
}
