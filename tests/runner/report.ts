// Counts what passed and failed, shows compact progress, and prints every failure in full.
//
// Promises: the last line of standard output is `N passed, N failed` and stands alone; a part that ran nothing counts
// as a failure, so nothing is skipped in silence.

const isTerminal = process.stdout.isTTY === true;

export class Report {
  passed = 0;
  failed = 0;
  #part = "";
  #partPassed = 0;
  #partFailed = 0;
  #partStartMs = 0;
  #partTotal = 0;

  /** Begins a part of the run; `total` (0: not known) is for the progress line. */
  begin(part: string, total: number): void {
    this.#part = part;
    this.#partPassed = 0;
    this.#partFailed = 0;
    this.#partTotal = total;
    this.#partStartMs = performance.now();
    this.#show();
  }

  pass(count = 1): void {
    this.passed += count;
    this.#partPassed += count;
    this.#show();
  }

  fail(name: string, why: string, count = 1): void {
    this.failed += count;
    this.#partFailed += count;
    this.#clear();
    const text = why.trimEnd().replace(/^/gm, "    ");
    process.stdout.write(`FAIL ${this.#part}: ${name}\n${text}\n`);
    this.#show();
  }

  /** Ends a part; one in which nothing ran has failed. */
  end(): void {
    if (this.#partPassed + this.#partFailed === 0) this.fail("nothing ran", "this part found no test to run");
    this.#clear();
    const seconds = ((performance.now() - this.#partStartMs) / 1000).toFixed(1);
    const failed = this.#partFailed > 0 ? `, ${this.#partFailed} failed` : "";
    process.stdout.write(`${this.#part.padEnd(18)} ${this.#partPassed} passed${failed}  (${seconds} s)\n`);
  }

  /** The last line. */
  finish(): void {
    process.stdout.write(`${this.passed} passed, ${this.failed} failed\n`);
  }

  #show(): void {
    if (!isTerminal) return;
    const done = this.#partPassed + this.#partFailed;
    const total = this.#partTotal > 0 ? ` of ${this.#partTotal}` : "";
    const failed = this.#partFailed > 0 ? `, ${this.#partFailed} failed` : "";
    process.stdout.write(`\r\x1b[K${this.#part} ${done}${total}${failed}`);
  }

  #clear(): void {
    if (isTerminal) process.stdout.write("\r\x1b[K");
  }
}
