// `janus test`: finds the `test` blocks of files and folders, runs them, and tells how they ended. Only the tests of
// the files that are named run, not those of modules they import. Results go to standard output, a file's own errors to
// standard error.
import { explore, isWrong, type Plan } from "./explore.ts";
import { programFiles } from "./files.ts";
import { complain, tell } from "./output.ts";
import { refuseOutput } from "./sema/outputs.ts";
import { PathError, readSource } from "./sema/files.ts";
import { shortList, type Choices, type Fault, writeSchedule } from "./runtime/schedule.ts";
import { Sources } from "./sema/sources.ts";
import { TestRun, type TestOutcome } from "./runtime/test-run.ts";
import { checkProgram } from "./sema/index.ts";
import type { TestDecl } from "./syntax/ast.ts";
import { parse } from "./syntax/parser.ts";
import { renderAll, renderJson } from "./syntax/render.ts";
import { placeOf, sourceText } from "./syntax/source.ts";

export interface TestsOptions {
  root: string;
  std: string;
  workers: number;
  /** bytes that the process may use; null: as memory-budget.ts says. */
  memory: number | null;
  color: boolean;
  /** only tests whose name holds this. */
  filter: string;
  json: boolean;
  verbose: boolean;
  /** one seeded run each, with these choices. */
  choices: Choices | null;
  fault: Fault | null;
  /** many seeded runs each. */
  plan: Plan | null;
  /** after so many a seeded run counts as one that does not end. */
  steps?: number;
  /** how long each run may take; 0: for ever. */
  timeoutMs: number;
  /** where the schedule of the last run goes. */
  schedule: string | null;
}

interface Verdict {
  ok: boolean;
  outcome: TestOutcome;
  /** how to have the same run again; null for a free one. */
  again: string | null;
  /** what was tried; null when it was one run. */
  tried: string | null;
}

const INTERRUPTED = 128;

/** Runs the tests of files and folders; gives 0, or 1 when one failed or there was none. Throws PathError. */
export async function testFiles(paths: string[], options: TestsOptions): Promise<number> {
  return new Suite(options).run(paths);
}

class Suite {
  private passed = 0;
  private failed = 0;
  private status: number | null = null;

  constructor(private readonly options: TestsOptions) {}

  async run(paths: string[]): Promise<number> {
    const start = performance.now();
    const files = programFiles(paths);
    if (this.options.schedule !== null) refuseOutput("--schedule", this.options.schedule, files);
    for (const path of files) {
      if (this.status === null) await this.file(path);
    }
    const { passed, failed } = this;
    const seconds = (performance.now() - start) / 1000;
    if (this.options.json) this.say(JSON.stringify({ passed, failed, seconds }));
    else this.say(`${passed} passed, ${failed} failed`);
    if (passed + failed === 0) {
      const which = this.options.filter === "" ? "" : ` whose name holds '${this.options.filter}'`;
      process.stderr.write(`janus: there is no test${which} in ${paths.join(" ")}\n`);
    }
    return this.status ?? (failed > 0 || passed === 0 ? 1 : 0);
  }

  private say(line: string): void {
    tell(`${line}\n`);
  }

  private isAsked(test: TestDecl): boolean {
    return test.name.includes(this.options.filter);
  }

  private async file(path: string): Promise<void> {
    const { root, std, color, workers } = this.options;
    const text = readSource(path);
    const parsed = parse(sourceText(path, text));
    const hasErrors = parsed.diagnostics.some((d) => d.severity === "error");
    if (!hasErrors && !parsed.unit.decls.some((d) => d.kind === "TestDecl" && this.isAsked(d))) return;
    const sources = new Sources(std);
    const { program, diagnostics } = checkProgram(sources.entry(path, text), sources);
    if (this.options.json) for (const d of diagnostics) complain(`${JSON.stringify(renderJson(d))}\n`);
    else if (diagnostics.length > 0) complain(`${renderAll(diagnostics, { colour: color })}\n`);
    if (diagnostics.some((d) => d.severity === "error")) {
      this.failed++;
      this.whole(path, "it has errors");
      return;
    }
    const isSeeded = this.options.choices !== null || this.options.plan !== null;
    const run = new TestRun(program, sources, path, {
      root, std, workers: isSeeded ? 1 : workers, profile: "service", isSeeded, timeoutMs: this.options.timeoutMs,
      memory: this.options.memory,
      ...(this.options.steps === undefined ? {} : { steps: this.options.steps }),
    });
    for (const test of run.tests.filter((t) => this.isAsked(t))) {
      const verdict = await this.judge(run, test, path);
      if (verdict.ok) this.passed++;
      else this.failed++;
      this.tell(path, text, test, verdict);
      if (run.interrupted !== 0) {
        this.status = INTERRUPTED + run.interrupted;
        break;
      }
    }
    const left = await run.close();
    if (left !== null) {
      this.failed++;
      this.whole(path, `its tests have left behind: ${left}`);
    }
  }

  /** A failure that is no single test's. */
  private whole(file: string, message: string): void {
    this.say(this.options.json ? JSON.stringify({ file, status: "failed", message }) : `FAIL ${file}: ${message}`);
  }

  private async judge(run: TestRun, test: TestDecl, path: string): Promise<Verdict> {
    const { choices, fault, plan, schedule } = this.options;
    const again = (how: Choices, what: Fault | null) =>
      `janus test --replay ${"seed" in how ? how.seed : shortList(how.list)}` +
      `${what === null ? "" : ` --fault ${what.kind}@${what.at}`} ${path} --filter ${JSON.stringify(test.name)}`;
    let verdict: Verdict;
    if (plan !== null) {
      const { outcome, ok, runs, seeds, isComplete, ...at } = await explore((c, f) => run.run(test, c, f), plan);
      const tried = isComplete ? `all ${runs} schedules` : `${runs} schedules, ${seeds} of them by seeds`;
      const list = outcome.choices.map((c) => c.chosen);
      verdict = { ok, outcome, again: again("seed" in at.choices ? at.choices : { list }, at.fault), tried };
    } else {
      const outcome = await run.run(test, choices, fault);
      const ok = !isWrong(outcome, fault);
      verdict = { ok, outcome, again: choices === null ? null : again(choices, fault), tried: null };
    }
    const unwritten = schedule === null ? null : writeSchedule(schedule, verdict.outcome.choices);
    if (unwritten !== null) throw new PathError(unwritten);
    return verdict;
  }

  private tell(path: string, text: string, test: TestDecl, { ok, outcome, again, tried }: Verdict): void {
    const { line, column } = placeOf(sourceText(path, text), test.span.start);
    const lines = outcome.ended.how === "passed" ? [] : outcome.ended.lines;
    if (this.options.json) {
      this.say(JSON.stringify({
        file: path, line, column, name: test.name, status: ok ? "passed" : "failed",
        duration_ms: outcome.duration_ms,
        ...(ok ? {} : { code: outcome.ended.how === "failed" ? outcome.ended.code : null, message: lines }),
        ...(ok || again === null ? {} : { replay: again }),
        ...(tried === null ? {} : { tried }),
        ...(ok && !this.options.verbose ? {} : { stdout: outcome.stdout, stderr: outcome.stderr }),
      }));
      return;
    }
    const { verbose } = this.options;
    if (ok && !verbose && tried === null) return;
    const took = verbose ? ` (${outcome.duration_ms.toFixed(1)} ms)` : "";
    const what = tried === null ? "" : ok ? `: ${tried}` : `: found in ${tried}`;
    this.say(`${ok ? "ok  " : "FAIL"} ${path}:${line}: ${test.name}${took}${what}`);
    if (!ok) for (const each of lines) this.say(`  ${each}`);
    if (!ok || verbose) {
      for (const [name, output] of [["stdout", outcome.stdout], ["stderr", outcome.stderr]] as const) {
        if (output === "") continue;
        this.say(`  ${name}:`);
        for (const each of output.replace(/\n$/, "").split("\n")) this.say(`    ${each}`);
      }
    }
    if (!ok && again !== null) this.say(`  replay with: ${again}`);
  }
}
