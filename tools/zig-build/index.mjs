// Builds the native core with the pinned Zig, when it needs building.
//
// `ensureCore` is for the janus command: silent when there is nothing to do. `buildCore` is for the install step and
// the `zig-build` command. Both run under Node 20 and under Bun. Two processes that build at once take turns.

import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ensureZig } from "./find-zig.mjs";
import { CORE, hashSources, isFresh, libraryPath, seeSources, writeStamp } from "./fresh.mjs";
import { ZIG_VERSION } from "./pin.mjs";
import { say } from "./progress.mjs";

export { ensureZig, findZig } from "./find-zig.mjs";
export { CORE, isFresh, libraryPath } from "./fresh.mjs";
export { ZIG_VERSION } from "./pin.mjs";

const LOCK_WAIT_MS = 15 * 60_000;
const LOCK_POLL_MS = 100;

/**
 * What the compiler is asked for: the library that `zig build` makes by default (core/build.zig), without its debug
 * symbols. It is asked directly because compiling Zig's build system first takes ten times as long as the core itself.
 * @param {string} output where the library goes
 */
function libraryCommand(output) {
  return ["build-lib", "-dynamic", "-fllvm", "-O", "ReleaseSafe", "-fstrip", "--name", "janus", "-Mroot=src/abi.zig",
    `-femit-bin=${output}`];
}

/**
 * Runs Zig in the core's folder. With `quiet` its output is kept and shown only on failure; else its messages go to
 * standard error, and what it prints to `stdout`: standard error too, unless it is asked for.
 * @param {string[]} args
 * @param {{ quiet?: boolean, core?: string, zig?: string, stdout?: 1 | 2 }} [options]
 * @returns {Promise<number>} the exit status
 */
export async function runZig(args, { quiet = false, core = CORE, zig, stdout = 2 } = {}) {
  const path = zig ?? (await ensureZig({ quiet }));
  return new Promise((resolve, reject) => {
    const child = spawn(path, args, { cwd: core, stdio: ["ignore", quiet ? "pipe" : stdout, quiet ? "pipe" : 2] });
    /** @type {Buffer[]} */
    const kept = [];
    child.stdout?.on("data", (chunk) => kept.push(chunk));
    child.stderr?.on("data", (chunk) => kept.push(chunk));
    child.on("error", reject);
    child.on("close", (status, signal) => {
      if (status !== 0) process.stderr.write(Buffer.concat(kept));
      if (signal !== null) reject(new Error(`zig was ended by ${signal}`));
      else resolve(status ?? 1);
    });
  });
}

/**
 * Takes the lock file, waiting for another builder; a lock whose owner is gone is taken over.
 * @param {string} path
 */
async function takeLock(path) {
  const giveUpMs = Date.now() + LOCK_WAIT_MS;
  for (let round = 0; ; round += 1) {
    try {
      const file = openSync(path, "wx");
      writeFileSync(file, String(process.pid));
      closeSync(file);
      return;
    } catch (error) {
      if (/** @type {{ code?: string }} */ (error).code !== "EEXIST") throw error;
    }
    let owner = 0;
    try {
      owner = Number(readFileSync(path, "utf8"));
    } catch {
      continue; // it has just been given back
    }
    if (owner > 0 && !isAlive(owner)) {
      rmSync(path, { force: true });
      continue;
    }
    if (Date.now() > giveUpMs) throw new Error(`process ${owner} has been building for too long; remove ${path}`);
    if (round === 0) say(`waiting for process ${owner}, which is building the core`);
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {{ code?: string }} */ (error).code === "EPERM";
  }
}

/**
 * Brings the library up to date with its sources.
 * @param {{ quiet?: boolean, force?: boolean, core?: string }} [options] `quiet` says nothing but failures
 * @returns {Promise<{ path: string, built: boolean }>}
 */
export async function buildCore({ quiet = false, force = false, core = CORE } = {}) {
  const path = libraryPath(core);
  if (!force && isFresh(core)) {
    if (!quiet) say(`${path} is up to date`);
    return { path, built: false };
  }
  if (!existsSync(join(core, "build.zig"))) {
    throw new Error(`the core's sources are missing: there is no ${core}/build.zig`);
  }
  const zig = await ensureZig({ quiet });
  const out = join(core, "zig-out");
  mkdirSync(out, { recursive: true });
  const lock = join(out, "build.lock");
  const made = join(out, `libjanus.${process.pid}.so`);
  await takeLock(lock);
  try {
    if (!force && isFresh(core)) return { path, built: false };
    const startMs = Date.now();
    // As they are before the build: a source that changes while the compiler runs will not match.
    const sources = seeSources(core);
    const hash = hashSources(core);
    if (!quiet) say(`building the native core with Zig ${ZIG_VERSION} (${zig})`);
    const status = await runZig(libraryCommand(made), { quiet, core, zig });
    if (status !== 0) {
      throw new Error(`the native core does not build: the compiler ended with status ${status}, see above`);
    }
    // Renamed, not written over: a program that runs now has the old file mapped.
    mkdirSync(dirname(path), { recursive: true });
    renameSync(made, path);
    writeStamp(core, sources, hash);
    if (!quiet) say(`built ${path} in ${((Date.now() - startMs) / 1000).toFixed(1)} s`);
    return { path, built: true };
  } finally {
    rmSync(made, { force: true });
    rmSync(lock, { force: true });
  }
}

/**
 * For the janus command: the path of a library that matches its sources, built first when it does not, which is said.
 * @param {{ quiet?: boolean, core?: string }} [options]
 */
export async function ensureCore({ quiet = false, core = CORE } = {}) {
  if (isFresh(core)) return libraryPath(core);
  if (!quiet) {
    const why = existsSync(libraryPath(core)) ? "is older than its sources" : "is not built yet";
    process.stderr.write(`janus: the native core ${why}; building it\n`);
  }
  return (await buildCore({ quiet, core })).path;
}
