// Bundles the command and the workers' entry into dist/, with Bun's bytecode, so that `janus` starts as quickly as it
// can: reading and compiling the sources one by one costs more than the whole rest of a short run.
//
// The bundle is a copy: cli/main.ts uses it only while every source looks as it did when the bundle was made, and runs
// from the sources otherwise. Bun writes the sources' absolute folders into it, so the stamp names the checkout too.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { see, seeTrees } from "./stamp.mjs";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** What is bundled: paths from the root; dist/ holds them under the same folders, as .js. */
const ENTRIES = ["cli/app.ts", "interp/runtime/worker.ts"];

/** @param {string} path */
function isSource(path) {
  return path.endsWith(".ts") && !path.endsWith(".test.ts");
}

/**
 * Makes dist/ anew.
 * @param {string} bun the Bun binary
 * @returns {void} throws when Bun cannot bundle the sources
 */
export function buildBundle(bun) {
  const sources = [see(ROOT, "package-lock.json"), ...seeTrees(ROOT, ["cli", "interp"], isSource)];
  const dist = join(ROOT, "dist");
  const scratch = `${dist}.${process.pid}`;
  try {
    const options = ["--target=bun", "--format=cjs", "--bytecode", "--root", ROOT, "--outdir", scratch];
    const outcome = spawnSync(bun, ["build", ...ENTRIES, ...options], { cwd: ROOT, encoding: "utf8" });
    if (outcome.status !== 0) {
      throw new Error(`the bundle cannot be made: ${outcome.error?.message ?? outcome.stderr}`);
    }
    // One rename puts the whole in its place; a process that has the old one open keeps it.
    if (existsSync(dist)) {
      mkdirSync(`${scratch}.old`);
      renameSync(dist, join(`${scratch}.old`, "dist"));
    }
    renameSync(scratch, dist);
    const seen = [...ENTRIES.map((entry) => see(ROOT, join("dist", entry.replace(/\.ts$/, ".js")))), ...sources];
    writeFileSync(join(dist, "bundle.stamp"), `${JSON.stringify({ base: ROOT, seen })}\n`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    rmSync(`${scratch}.old`, { recursive: true, force: true });
  }
}
