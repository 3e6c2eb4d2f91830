// Runs the Janus programs of bench/fibers, as anybody would run them, and reads what they print.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Measured, summarize } from "./statistics.ts";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const FIBERS = join(ROOT, "bench/fibers");

/** Measurements in each process, and processes: a figure's spread is between processes more than within one. */
const ROUNDS = 3;
const PROCESSES = 3;
const SCALE = 1_000;

/** How many fibers are parked to find what one costs. */
const FEW = 10_000;
const MANY = 1_000_000;
/** Few, because each takes seconds. */
const MILLION_RUNS = 3;
const GROWTH_RUNS = 3;
/** What `growth` compares with a million. */
const THOUSAND = 1_000;
/** What a process is given to come to rest in before its memory is read. */
const SETTLE_MS = 200;

/** Enough for two seconds or so on one worker. */
const FAN_OUT_FIBERS = 80;
const FAN_OUT_RUNS = 3;

type Progress = (text: string) => void;

/** `janus run` with its options. */
type Janus = readonly string[];

function start(
  janus: Janus, workers: number, program: string, args: (string | number)[], stdin: "ignore" | "pipe",
) {
  const command = [...janus, "--workers", String(workers), join(FIBERS, program), ...args.map(String)];
  return Bun.spawn(command, { stdin, stdout: "pipe", stderr: "pipe" });
}

async function outputOf(
  janus: Janus, workers: number, program: string, ...args: (string | number)[]
): Promise<string> {
  const child = start(janus, workers, program, args, "ignore");
  const [output, errors, status] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (status !== 0) throw new Error(`janus run ${program} ended with ${status}\n${errors}`);
  return output;
}

/** Adds the `name nanoseconds` lines that a program has printed to the samples so far. */
function readFigures(program: string, output: string, samples: Map<string, number[]>): void {
  for (const line of output.trimEnd().split("\n")) {
    const match = /^(\w+) (\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(line);
    if (!match) throw new Error(`${program} printed an odd line: ${line}`);
    const name = match[1] ?? "";
    samples.set(name, [...(samples.get(name) ?? []), Number(match[2])]);
  }
}

/** The figures that Janus programs print themselves, nanoseconds an operation. */
export async function measurePrograms(janus: Janus, progress: Progress): Promise<Measured[]> {
  const samples = new Map<string, number[]>();
  for (let process = 1; process <= PROCESSES; process += 1) {
    progress(`Janus programs, ${process} of ${PROCESSES}`);
    readFigures("headline.jan", await outputOf(janus, 1, "headline.jan", ROUNDS, SCALE), samples);
    readFigures("two_workers.jan", await outputOf(janus, 2, "two_workers.jan", ROUNDS, SCALE), samples);
  }
  return [...samples].map(([name, all]) => summarize(name, all));
}

interface Parked {
  residentBytes: number;
  /** What the program says of its fibers when it goes on. */
  said: string;
}

/** Resident memory of a process in which `fibers` fibers are parked. It stays so until it is given a line. */
async function park(janus: Janus, fibers: number): Promise<Parked> {
  const child = start(janus, 1, "parked.jan", [fibers], "pipe");
  const input = child.stdin;
  if (input === undefined || typeof input === "number") throw new Error("parked.jan has no standard input");
  const sign = `parked ${fibers}\n`;
  let residentBytes = 0;
  let output = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    output += decoder.decode(chunk, { stream: true });
    if (residentBytes > 0 || !output.includes(sign)) continue;
    await Bun.sleep(SETTLE_MS);
    const status = await Bun.file(`/proc/${child.pid}/status`).text();
    residentBytes = 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
    input.write("go on\n");
    await input.end();
  }
  const exit = await child.exited;
  if (exit !== 0 || residentBytes === 0) {
    throw new Error(`parked.jan ended with ${exit}\n${await child.stderr.text()}`);
  }
  return { residentBytes, said: output.replace(sign, "") };
}

/**
 * What a million parked fibers need in all; the slope from few to that many, which is what one more costs; and how
 * quickly they give way to one another.
 */
export async function measureMillion(janus: Janus, progress: Progress): Promise<Measured[]> {
  const slopes: number[] = [];
  const wholes: number[] = [];
  const switches = new Map<string, number[]>();
  for (let run = 1; run <= MILLION_RUNS; run += 1) {
    progress(`a million fibers, ${run} of ${MILLION_RUNS}`);
    const few = await park(janus, FEW);
    const many = await park(janus, MANY);
    slopes.push((many.residentBytes - few.residentBytes) / (MANY - FEW));
    wholes.push(many.residentBytes / 1e6);
    readFigures("parked.jan", many.said, switches);
  }
  const figures = [...switches].map(([name, all]) => summarize(name, all));
  return [summarize("parked_bytes", slopes), summarize("million_megabytes", wholes), ...figures];
}

/** How many times as much a fiber costs among a million as among a thousand, in one process each time. */
export async function measureGrowth(janus: Janus, progress: Progress): Promise<Measured[]> {
  const ratios = new Map<string, number[]>();
  for (let run = 1; run <= GROWTH_RUNS; run += 1) {
    progress(`a thousand fibers and a million, ${run} of ${GROWTH_RUNS}`);
    const costs = new Map<string, number[]>();
    readFigures("flat.jan", await outputOf(janus, 1, "flat.jan", THOUSAND, MANY), costs);
    for (const what of ["spawn_all", "wake_all", "turn"]) {
      const few = costs.get(`${what}_${THOUSAND}`)?.[0];
      const many = costs.get(`${what}_${MANY}`)?.[0];
      if (few === undefined || many === undefined) throw new Error(`flat.jan did not print ${what}`);
      const name = `${what}_growth`;
      ratios.set(name, [...(ratios.get(name) ?? []), many / few]);
    }
  }
  return [...ratios].map(([name, all]) => summarize(name, all));
}

/** How many times faster two workers are than one, by the wall clock of whole processes, one pair after the other. */
export async function measureFanOut(janus: Janus, progress: Progress): Promise<Measured> {
  const speedUps: number[] = [];
  const wallMs = async (workers: number) => {
    const from = performance.now();
    await outputOf(janus, workers, "fan_out.jan", FAN_OUT_FIBERS);
    return performance.now() - from;
  };
  for (let run = 1; run <= FAN_OUT_RUNS; run += 1) {
    progress(`computing on one worker and on two, ${run} of ${FAN_OUT_RUNS}`);
    const alone = await wallMs(1);
    speedUps.push(alone / (await wallMs(2)));
  }
  return summarize("fan_out", speedUps);
}
