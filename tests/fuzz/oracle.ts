// Runs a program in every way there is, each as a process of its own, and compares with what it must print: on one, two
// and four workers; under seeded schedules; with every fiber moved at every suspension. Nothing may be left behind.
import { join } from "node:path";
import { JANUS, PLAIN_ENV, ROOT } from "../runner/checkout.ts";
import { endedBadly, run } from "../runner/process.ts";

export interface Way {
  name: string;
  command(path: string): string[];
}

const TIMEOUT_SECONDS = 60;
const MOVED = join(ROOT, "interp/runtime/testing.ts");
const SEEDED = join(import.meta.dir, "seeded.ts");

const onWorkers = (count: number): Way => ({
  name: `--workers ${count}`, command: (path) => [JANUS, "run", "--workers", String(count), path],
});

/** The ways of a program; which schedules are tried depends on its seed. */
export function waysFor(seed: number): Way[] {
  const schedules = [seed * 2, seed * 2 + 1];
  return [
    onWorkers(1), onWorkers(2), onWorkers(4),
    ...schedules.map((n): Way => ({ name: `schedule ${n}`, command: (path) => [process.execPath, SEEDED, String(n),
      path] })),
    ...[1, 7].map((n): Way => ({ name: `moved every ${n}`, command: (path) => [process.execPath, MOVED, String(n),
      path] })),
  ];
}

export interface Finding {
  way: Way;
  /** What failures have in common while a program is made smaller. */
  kind: string;
  text: string;
}

/** Runs the file one way; null when it did what it must. */
export async function tryWay(way: Way, path: string, output: string): Promise<Finding | null> {
  const outcome = await run(way.command(path), {
    cwd: ROOT, env: { ...PLAIN_ENV, JANUS_CHECK_LEAKS: "1" }, timeoutSeconds: TIMEOUT_SECONDS,
  });
  const found = (kind: string, text: string): Finding => ({ way, kind, text: `${way.name}: ${text}` });
  const ended = endedBadly(outcome, 0);
  if (ended !== null) {
    const head = outcome.stderr.slice(0, 2000);
    const code = /error\[(J\d+)\][^\n]*|PANIC (P\d+)[^\n]*|internal error:[^\n]*|left behind[^\n]*/.exec(head);
    const kind = outcome.timedOut ? "hangs" : (code?.[1] ?? code?.[2] ?? code?.[0] ?? ended);
    return found(kind, `${ended}\n${head}`);
  }
  if (outcome.stderr !== "") return found("says something", outcome.stderr.slice(0, 2000));
  if (outcome.stdout === output) return null;
  const [got, wanted] = [outcome.stdout.split("\n"), output.split("\n")];
  const at = wanted.findIndex((line, i) => line !== got[i]);
  return found("output", `line ${at + 1} differs\n  expected ${piece(wanted[at], got[at])}\n  printed  `
    + piece(got[at], wanted[at]));
}

/** The part of a line around the first difference. */
function piece(line = "(nothing)", other = ""): string {
  let at = 0;
  while (at < line.length && line[at] === other[at]) at += 1;
  return JSON.stringify(line.slice(Math.max(0, at - 60), at + 100));
}
