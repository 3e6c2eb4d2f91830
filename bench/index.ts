// `janus bench`: measures what this project promises about itself, and shows it beside the promise.
//
// Three groups: the core alone, Janus programs that use fibers, and the front end; or, asked for by itself, sequential
// programs beside other languages (sequential.ts). A group that cannot run fails the whole with its reason; nothing is
// left out in silence.

import { refuseOutput, whyUnwritten } from "../interp/sema/outputs.ts";
import { PathError } from "../interp/sema/files.ts";
import { measureCore } from "./core.ts";
import { measureFrontEnd } from "./front-end.ts";
import { janusRun } from "./janus.ts";
import { runSequential } from "./sequential.ts";
import { measureFanOut, measureGrowth, measureMillion, measurePrograms } from "./programs.ts";
import type { Measured } from "./statistics.ts";
import { headlineRows, renderHeadline, renderPlain, verdict } from "./table.ts";

export interface BenchOptions {
  /** Where the figures go as JSON, too. */
  jsonFile: string | undefined;
  version: string;
  /** What each Janus program may use, in bytes; null: the runtime's own choice. */
  memory: number | null;
  /** Instead of all else: the sequential programs, so many rounds, beside these languages. */
  sequential: { rounds: number; vs: string[] } | undefined;
  /** Shows what is being done; an empty text clears it. */
  progress(text: string): void;
  print(text: string): void;
}

/** More than this wanting to run, and the figures are not this project's alone. */
const BUSY_LOAD = 0.7;

/** The machine and the versions: without them a figure means nothing. */
async function surroundings(version: string) {
  const { arch, cpus, loadavg, release, totalmem } = await import("node:os");
  return {
    janus: version,
    bun: Bun.version,
    system: `Linux ${release()} ${arch()}`,
    processor: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}`,
    memory_bytes: totalmem(),
    /** How many wanted to run in the minute before, beside this. */
    load: loadavg()[0] ?? 0,
    date: new Date().toISOString(),
  };
}

/** The figures' file, empty. Throws an error in words when it cannot be written, or must not be. */
async function prepare(path: string): Promise<void> {
  refuseOutput("--json", path, []);
  try {
    await Bun.write(path, "", { createPath: false });
  } catch (e) {
    throw new PathError(`the figures cannot be written to ${path}: ${whyUnwritten(e)}`);
  }
}

export async function runBench(options: BenchOptions): Promise<void> {
  const { progress, print } = options;
  const run = janusRun(options.memory);
  const from = performance.now();
  // Now rather than after a minute of measuring: a file that cannot be written.
  if (options.jsonFile !== undefined) await prepare(options.jsonFile);
  const place = await surroundings(options.version);
  print(`janus ${place.janus}, Bun ${place.bun}, ${place.processor}, ${place.system}`);
  if (place.load > BUSY_LOAD) {
    print(`This machine is busy (load ${place.load.toFixed(1)}): every figure below tells of that, too.`);
  }
  if (options.sequential !== undefined) {
    const { sequential, version } = options;
    const figures = await runSequential({ ...sequential, version, janus: run, progress, print });
    return finish(options, from, { ...place, sequential: figures });
  }

  progress("the core alone");
  const core = await measureCore();
  const janus: Measured[] = [
    ...(await measurePrograms(run, progress)),
    ...(await measureMillion(run, progress)),
    ...(await measureGrowth(run, progress)),
    await measureFanOut(run, progress),
  ];
  progress("the front end");
  const frontEnd = await measureFrontEnd();
  progress("");

  const { rows, others, missing } = headlineRows(core, janus);
  print(`\nThe published figures\n\n${renderHeadline(rows)}\n\n${verdict(rows)}`);
  if (missing.length > 0) print(`\nWithout a measurement:\n${missing.map((what) => `  ${what}`).join("\n")}`);
  if (others.length > 0) print(`\nThe core's parts\n\n${renderPlain(others, "ns")}`);
  print(`\nThe front end, in one process, by tinybench\n\n${renderPlain(frontEnd, "ms")}`);
  await finish(options, from, { ...place, headline: rows, core: others, front_end: frontEnd });
}

async function finish(options: BenchOptions, fromMs: number, figures: object): Promise<void> {
  const { print, jsonFile } = options;
  print(`\nmeasured in ${((performance.now() - fromMs) / 1000).toFixed(0)} s`);
  if (jsonFile === undefined) return;
  await Bun.write(jsonFile, `${JSON.stringify(figures, null, 2)}\n`);
  print(`written to ${jsonFile}`);
}
