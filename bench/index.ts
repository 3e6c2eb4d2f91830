// `janus bench`: measures what this project promises about itself, and shows it beside the promise.
//
// Three groups: the core alone, Janus programs that use fibers, and the front end. A group that cannot run fails the
// whole with its reason; nothing is left out in silence.

import { measureCore } from "./core.ts";
import { measureFrontEnd } from "./front-end.ts";
import { measureParkedMemory, measurePrograms } from "./programs.ts";
import type { Measured } from "./statistics.ts";
import { headlineRows, renderHeadline, renderPlain } from "./table.ts";

export interface BenchOptions {
  /** Where the figures go as JSON, too. */
  jsonFile: string | undefined;
  version: string;
  /** Shows what is being done; an empty text clears it. */
  progress(text: string): void;
  print(text: string): void;
}

/** The machine and the versions: without them a figure means nothing. */
async function surroundings(version: string) {
  const { arch, cpus, release, totalmem } = await import("node:os");
  return {
    janus: version,
    bun: Bun.version,
    system: `Linux ${release()} ${arch()}`,
    processor: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}`,
    memory_bytes: totalmem(),
    date: new Date().toISOString(),
  };
}

export async function runBench(options: BenchOptions): Promise<void> {
  const { progress, print } = options;
  const place = await surroundings(options.version);
  print(`janus ${place.janus}, Bun ${place.bun}, ${place.processor}, ${place.system}`);

  progress("the core alone");
  const core = await measureCore();
  const janus: Measured[] = await measurePrograms((done, total) => progress(`Janus programs, ${done} of ${total}`));
  janus.push(await measureParkedMemory((done, total) => progress(`parked fibers, ${done} of ${total}`)));
  progress("the front end");
  const frontEnd = await measureFrontEnd();
  progress("");

  const { rows, others, missing } = headlineRows(core, janus);
  print(`\nThe published figures\n\n${renderHeadline(rows)}`);
  if (missing.length > 0) print(`\nWithout a measurement:\n${missing.map((what) => `  ${what}`).join("\n")}`);
  if (others.length > 0) print(`\nThe core's parts\n\n${renderPlain(others, "ns")}`);
  print(`\nThe front end, in one process, by tinybench\n\n${renderPlain(frontEnd, "ms")}`);
  if (options.jsonFile !== undefined) {
    const figures = { ...place, headline: rows, core: others, front_end: frontEnd };
    await Bun.write(options.jsonFile, `${JSON.stringify(figures, null, 2)}\n`);
    print(`\nwritten to ${options.jsonFile}`);
  }
}
