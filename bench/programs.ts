// Runs the Janus programs of bench/fibers, as anybody would run them, and reads what they print.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Measured, summarize } from "./statistics.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const JANUS = join(ROOT, "cli/bin/janus");
const FIBERS = join(ROOT, "bench/fibers");

/** Measurements in each process, and processes: a figure's spread is between processes more than within one. */
const ROUNDS = 3;
const PROCESSES = 3;
const SCALE = 1_000;

const FEW = 10_000;
const MANY = 100_000;
const MEMORY_RUNS = 5;

async function runJanus(args: string[]): Promise<string> {
  const command = [JANUS, "run", "--workers", "1", ...args];
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [output, errors, status] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (status !== 0) throw new Error(`janus run ${args[0]} ended with ${status}\n${errors}`);
  return output;
}

/** The figures of bench/fibers/headline.jan, nanoseconds an operation. */
export async function measurePrograms(progress: (done: number, total: number) => void): Promise<Measured[]> {
  const samples = new Map<string, number[]>();
  for (let process = 0; process < PROCESSES; process += 1) {
    progress(process, PROCESSES);
    const output = await runJanus([join(FIBERS, "headline.jan"), String(ROUNDS), String(SCALE)]);
    for (const line of output.trimEnd().split("\n")) {
      const match = /^(\w+) (\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(line);
      if (!match) throw new Error(`headline.jan printed an odd line: ${line}`);
      const name = match[1] ?? "";
      samples.set(name, [...(samples.get(name) ?? []), Number(match[2])]);
    }
  }
  return [...samples].map(([name, all]) => summarize(name, all));
}

/** Resident memory, in bytes, of a process in which `fibers` fibers are parked. */
async function residentWith(fibers: number): Promise<number> {
  const command = [JANUS, "run", "--workers", "1", join(FIBERS, "parked.jan"), String(fibers)];
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  let resident = 0;
  let output = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    output += decoder.decode(chunk, { stream: true });
    if (resident === 0 && output.includes(`parked ${fibers}\n`)) {
      const status = await Bun.file(`/proc/${child.pid}/status`).text();
      resident = 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
    }
  }
  const exit = await child.exited;
  if (exit !== 0) throw new Error(`parked.jan ended with ${exit}\n${await child.stderr.text()}`);
  if (resident === 0) throw new Error("parked.jan ended before its memory could be read");
  return resident;
}

/** The slope between few and many parked fibers: what one more costs. */
export async function measureParkedMemory(progress: (done: number, total: number) => void): Promise<Measured> {
  const samples: number[] = [];
  for (let run = 0; run < MEMORY_RUNS; run += 1) {
    progress(run, MEMORY_RUNS);
    const few = await residentWith(FEW);
    const many = await residentWith(MANY);
    samples.push((many - few) / (MANY - FEW));
  }
  return summarize("parked_bytes", samples);
}
