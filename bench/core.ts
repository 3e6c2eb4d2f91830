// Runs the core's own micro benchmarks, `zig build bench`, and reads the line of JSON that each prints.

import { CORE, ensureZig } from "../tools/zig-build/index.mjs";
import type { Measured } from "./statistics.ts";

interface Line {
  name: string;
  median_ns: number;
  min_ns: number;
  max_ns: number;
  runs: number;
}

export async function measureCore(): Promise<Measured[]> {
  const zig = await ensureZig({ quiet: true });
  const child = Bun.spawn([zig, "build", "bench"], { cwd: CORE, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [output, errors, status] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (status !== 0) throw new Error(`zig build bench ended with ${status}\n${errors}`);
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  if (lines.length === 0) throw new Error(`zig build bench printed no measurement\n${errors}`);
  return lines.map((line) => {
    const { name, median_ns: median, min_ns: min, max_ns: max, runs }: Line = JSON.parse(line);
    return { name, median, min, max, runs };
  });
}
