// Standard output of the commands that tell something themselves: help, findings, names of files, results of tests.
// Promises: what is told is written before the call returns, whole; where it cannot be, the process ends at once, with
// the status that a program has whose output cannot be written: 141 and no word when the reader of a pipe has left.

const FAILED = 1;
const READER_LEFT = 141;

/** Writes a text to standard output. Does not return when that is not possible. */
export function tell(text: string): void {
  // imported here: that costs milliseconds, which `janus run` does not spend
  const { writeSync } = require("node:fs") as typeof import("node:fs");
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(1, bytes, at);
    } catch (e) {
      const { code } = e as { code?: string };
      if (code === "EPIPE") process.exit(READER_LEFT);
      if (code !== "EAGAIN") {
        process.stderr.write("janus: standard output cannot be written: it is closed, or its disk is full\n");
        process.exit(FAILED);
      }
      Bun.sleepSync(1); // a pipe that does not block, and is full
    }
  }
}
