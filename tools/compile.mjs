// Compiles the command into one executable, dist/janus, with Bun's bytecode inside, so that `janus` starts as quickly
// as it can: reading and compiling the sources one by one costs more than the whole rest of a short run.
//
// The executable is a copy of the sources: it runs what it holds only while every source looks as it did when it was
// made, and becomes Bun on the sources otherwise (cli/main.ts). Bun writes the sources' absolute folders into it, so
// the stamp names the checkout as well.

import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { see, seeTrees } from "./stamp.mjs";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** The command, and the files that its further threads start with (interp/runtime/threads.ts). */
const ENTRIES = ["cli/main.ts", "interp/runtime/worker.ts", "interp/runtime/session-thread.ts",
  "interp/runtime/watchdog.ts", "interp/runtime/alarm.ts"];

/** How much longer than usual code stays in the bytecode interpreter while the command starts; main.ts ends it. */
const START_JIT_POLICY = 100;

/** @param {string} path */
function isSource(path) {
  return /\.(ts|mjs|json)$/.test(path) && !path.endsWith(".test.ts");
}

/**
 * Makes dist/janus anew, whole or not at all. Throws when Bun cannot compile the sources.
 * @param {string} bun the Bun binary
 */
export function compileCommand(bun) {
  const dist = join(ROOT, "dist");
  mkdirSync(dist, { recursive: true });
  const files = ["package.json", "package-lock.json"].map((path) => see(ROOT, path));
  const sources = [...files, ...seeTrees(ROOT, ["bench", "cli", "interp", "tools"], isSource)];
  const scratch = join(dist, `janus.${process.pid}`);
  try {
    const ignored = ["dotenv", "bunfig"].map((what) => `--no-compile-autoload-${what}`);
    const options = ["--compile", "--bytecode", "--format=cjs", `--compile-jit-policy=${START_JIT_POLICY}`, ...ignored];
    const command = ["build", ...options, "--outfile", scratch, ...ENTRIES];
    const outcome = spawnSync(bun, command, { cwd: ROOT, encoding: "utf8" });
    if (outcome.status !== 0) {
      throw new Error(`the command cannot be compiled: ${outcome.error?.message ?? outcome.stderr}`);
    }
    // A janus that runs now keeps the file it has open.
    rmSync(join(dist, "janus.stamp"), { force: true });
    renameSync(scratch, join(dist, "janus"));
    const stamp = { base: ROOT, seen: [see(ROOT, "dist/janus"), ...sources] };
    writeFileSync(join(dist, "janus.stamp"), `${JSON.stringify(stamp)}\n`);
  } finally {
    rmSync(scratch, { force: true });
  }
}
