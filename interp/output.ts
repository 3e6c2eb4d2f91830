// Standard output of the commands that tell something themselves: help, findings, names of files, results of tests.
// Promises: what is told is written before the call returns, whole; where it cannot be, the process ends at once, with
// the status that a program has whose output cannot be written: 141 and no word when the reader of a pipe has left.

const FAILED = 1;
const READER_LEFT = 141;

/** Writes a text to standard error, whole. Where that is not possible nobody can be told. */
export function complain(text: string): void {
  try {
    write(2, text);
  } catch {
    // closed, or its disk is full
  }
}

/** Writes a text to standard output. Does not return when that is not possible. */
export function tell(text: string): void {
  try {
    write(1, text);
  } catch (e) {
    if ((e as { code?: string }).code === "EPIPE") process.exit(READER_LEFT);
    complain("janus: standard output cannot be written: it is closed, or its disk is full\n");
    process.exit(FAILED);
  }
}

/** Returns when all of it is written; throws the system's error. */
function write(fd: 1 | 2, text: string): void {
  // imported here: that costs milliseconds, which `janus run` does not spend
  const { writeSync } = require("node:fs") as typeof import("node:fs");
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (e) {
      if ((e as { code?: string }).code !== "EAGAIN") throw e;
      Bun.sleepSync(1); // a pipe that does not block, and is full
    }
  }
}
