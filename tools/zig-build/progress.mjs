// What the tool says while it works, always on standard error: one line that rewrites itself on a terminal, and a few
// plain lines (every quarter) where the output is a file or a log.

const isTerminal = process.stderr.isTTY === true;

/** Says one line. @param {string} text */
export function say(text) {
  process.stderr.write(`zig-build: ${text}\n`);
}

/**
 * A progress line for `total` units of work (bytes, files).
 * @param {string} label what is being done, e.g. "downloading Zig 0.17.0"
 * @param {(done: number, total: number) => string} describe the figures, e.g. "12.0 of 97.1 MB"
 */
export function progressLine(label, describe) {
  let lastPercent = -1;
  let lastQuarter = 0;
  return {
    /** @param {number} done @param {number} total */
    update(done, total) {
      const percent = total > 0 ? Math.floor((100 * done) / total) : 0;
      if (isTerminal) {
        if (percent === lastPercent) return;
        lastPercent = percent;
        process.stderr.write(`\r\x1b[Kzig-build: ${label}  ${percent} %  ${describe(done, total)}`);
        return;
      }
      const quarter = Math.floor(percent / 25);
      if (quarter <= lastQuarter) return;
      lastQuarter = quarter;
      say(`${label}: ${percent} %, ${describe(done, total)}`);
    },
    done() {
      if (isTerminal) process.stderr.write("\r\x1b[K");
    },
  };
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return (bytes / 1e6).toFixed(1);
}
