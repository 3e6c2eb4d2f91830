// What the runtime did, as `--stats` prints it: a line for each counter, a column for each worker, and what is still
// alive.
import { core } from "./library.ts";
import { arenaBytes } from "./memory.ts";
import { bytesOf } from "./transport.ts";

type Counters = Record<string, number>;

/** worker -1: all together. */
export function countersOf(worker: number): Counters {
  const block = core.janus_stats(0, worker);
  if (block === 0) return {};
  const counters = JSON.parse(arenaBytes.latin1Slice(block, block + bytesOf(block))) as Counters;
  core.janus_block_release(0, block);
  return counters;
}

export function statistics(workers: number): string {
  const columns = Array.from({ length: workers }, (_, w) => countersOf(w));
  const all = countersOf(-1);
  const names = Object.keys(all).filter((name) => !name.startsWith("live_") && !(name in PROCESS));
  const wide = Math.max(...names.map((n) => n.length));
  const row = (name: string, values: (string | number)[]) =>
    `${name.padEnd(wide)}  ${values.map((v) => String(v).padStart(12)).join("")}`;
  const lines = [row("", [...columns.map((_, w) => `worker ${w}`), "all"])];
  for (const name of names) lines.push(row(name, [...columns.map((c) => c[name] ?? 0), all[name] ?? 0]));
  for (const name of Object.keys(all)) {
    if (name.startsWith("live_") || name in PROCESS) lines.push(row(name, [all[name] ?? 0]));
  }
  return lines.join("\n");
}

/** Counters of the whole process, the same in every column. */
const PROCESS: Record<string, true> = { timers: true, outside: true, entered: true };

/** What a program that is over has left in the core, said in words; null when it is nothing. */
export function leftBehind(): string | null {
  const all = countersOf(-1);
  const names = Object.keys(all).filter((name) => name.startsWith("live_") && all[name] !== 0);
  return names.length === 0 ? null : names.map((name) => `${all[name]} ${name.slice(5)}`).join(", ");
}
