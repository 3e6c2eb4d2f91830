// The lines typed in earlier sessions, newest first, kept in the user's state folder. Bounded; a history that cannot be
// read or written is no reason to fail.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

export const HISTORY_LINES_MAX = 1_000;

export function historyPath(env: NodeJS.ProcessEnv = process.env): string {
  const named = env["XDG_STATE_HOME"];
  const base = named !== undefined && isAbsolute(named) ? named : join(env["HOME"] || homedir(), ".local", "state");
  return join(base, "janus", "history");
}

/** Newest first, as node:readline wants it. */
export function readHistory(path: string): string[] {
  try {
    const lines = readFileSync(path, "utf8").split("\n").filter((line) => line !== "");
    return lines.slice(-HISTORY_LINES_MAX).reverse();
  } catch {
    return [];
  }
}

/** Oldest first in the file, so that people can read it; replaced as a whole. */
export function writeHistory(path: string, newestFirst: string[]): void {
  const lines = newestFirst.slice(0, HISTORY_LINES_MAX).reverse();
  const scratch = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(scratch, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
    renameSync(scratch, path);
  } catch {
    // Read-only home, full disk: the session itself is not harmed.
  }
}
