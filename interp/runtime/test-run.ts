// Runs the tests (or `main`) of one checked program on this thread, one after another in one runtime: freely on several
// workers, or seeded on one. Each is a main fiber of its own with the module-level values before it, so everything it
// starts has ended when it has. What it prints is kept and handed over with how it ended. A run that can go no further
// leaves its runtime behind; the next one opens another.
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PanicValue } from "../eval/code.ts";
import { bootCode } from "../eval/lower/boot.ts";
import { Kind, machine, STOP } from "../eval/machine.ts";
import { Failure } from "../eval/values.ts";
import type { Program } from "../sema/index.ts";
import type { Sources } from "../sema/sources.ts";
import type { FuncDecl, TestDecl } from "../syntax/ast.ts";
import { FLAG_OPEN_SEEDED, TAG_NULL } from "./abi.generated.ts";
import { Diagnosis } from "./diagnosis.ts";
import { DEADLOCK, ENDLESS, partialDeadlock, showDeadlock, showFailure, showPanic } from "./endings.ts";
import { releaseAll } from "./handles.ts";
import { core, openLibrary, openRuntime, FOR_EVER } from "./library.ts";
import { beginSeeded, type Choice, type Choices, choicesMade, type Fault } from "./schedule.ts";
import { leftBehind } from "./statistics.ts";
import type { Units } from "./traces.ts";
import { treeLines } from "./tree-text.ts";
import { startThread } from "./threads.ts";
import { Vm } from "./vm.ts";
import { startWorkers } from "./workers.ts";

export interface TestOptions {
  /** the folder that holds core/ and std/. */
  root: string;
  std: string;
  workers: number;
  /** as in VmOptions. */
  memory?: number | null;
  profile: string;
  /** one worker, a virtual clock, and choices from an oracle. */
  isSeeded: boolean;
  /** as of beginSeeded. */
  steps?: number;
  /** how long one run may take; without it: for ever. */
  timeoutMs?: number;
}

/** How one run of a test ended. */
export type Ended =
  | { how: "passed"; status: number }
  /** code: P004 and so on, null for an error that was not caught. */
  | { how: "failed"; code: string | null; lines: string[] }
  /** It was cancelled: by a fault, a signal or os.exit. */
  | { how: "cancelled"; status: number; lines: string[] };

export interface TestOutcome {
  ended: Ended;
  stdout: string;
  stderr: string;
  duration_ms: number;
  /** Seeded runs: what was chosen, at how many suspensions something could have gone wrong, how many blocks it took. */
  choices: Choice[];
  suspensions: number;
  allocations: number;
}

/** What janus_explored tells. */
const SUSPENSIONS = 1;
const ALLOCATIONS = 2;

const SIGQUIT = 3;

/** Keeps what a program writes, one stream. */
class Capture {
  readonly fd: number;
  constructor(folder: string, name: string) {
    this.fd = openSync(join(folder, name), "a+");
  }
  take(): string {
    const text = readFileSync(`/proc/self/fd/${this.fd}`, "utf8");
    ftruncateSync(this.fd, 0);
    return text;
  }
}

export class TestRun implements Units {
  private vm: Vm | null = null;
  private diagnosis: Diagnosis | null = null;
  /** one for each further worker: it has left the core. */
  private left: Promise<void>[] = [];
  private ended: Ended | null = null;
  private exitStatus: number | null = null;
  private isStuck = false;
  private readonly out: Capture;
  private readonly err: Capture;
  /** A signal has asked for the end of everything. */
  interrupted = 0;
  private alarm: Worker | null = null;
  /** When the run that is going on has taken too long; 0: never. */
  private deadlineMs = 0;

  constructor(
    private readonly program: Program,
    private readonly sources: Sources,
    private readonly entry: string,
    private readonly options: TestOptions,
  ) {
    openLibrary(options.root);
    const folder = mkdtempSync(join(tmpdir(), "janus-test-"));
    this.out = new Capture(folder, "out");
    this.err = new Capture(folder, "err");
    rmSync(folder, { recursive: true });
  }

  source(id: number) {
    return this.sources.source(id);
  }

  decls(id: number) {
    return this.program.units.find((u) => u.source.id === id)?.decls ?? [];
  }

  stmts(id: number) {
    return this.program.units.find((u) => u.source.id === id)?.stmts ?? [];
  }

  /** The tests of the file itself, not of what it imports. */
  get tests(): TestDecl[] {
    const own = new Set<object>(this.decls(0));
    return this.program.tests.filter((test) => own.has(test));
  }

  /** Runs one test, or main. choices: where a seeded run's choices come from, null in a free one. */
  async run(body: TestDecl | FuncDecl, choices: Choices | null, fault: Fault | null = null): Promise<TestOutcome> {
    const vm = this.vm ?? this.open();
    this.ended = null;
    this.exitStatus = null;
    if (choices !== null) beginSeeded(choices, fault, this.options.steps);
    const before = core.janus_explored(ALLOCATIONS);
    const start = performance.now();
    this.setAlarm(this.options.timeoutMs ?? 0);
    const { instances, loop } = vm;
    const globals = this.program.globals.filter((decl) => !instances.globals.has(instances.indexOfGlobal(decl)));
    const code = body.kind === "TestDecl" ? instances.ofTest(body) : instances.ofFunction(body, []);
    const boot = bootCode(instances, globals, code);
    loop.main = core.janus_spawn_main(vm.codeId(boot), TAG_NULL, 0);
    // the worker's idle turn comes when nothing of the test is left
    while (loop.run() !== "exit") {
      if (this.ended !== null) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    // another worker's fiber has called os.exit
    if (this.ended === null) await Promise.all(this.left);
    if (this.exitStatus !== null) {
      this.isStuck = true;
      this.ended ??= this.exited(this.exitStatus);
    }
    const duration_ms = performance.now() - start;
    this.setAlarm(0);
    const outcome = {
      duration_ms,
      choices: choices === null ? [] : choicesMade(),
      suspensions: choices === null ? 0 : core.janus_explored(SUSPENSIONS),
      allocations: core.janus_explored(ALLOCATIONS) - before,
    };
    core.janus_flush(FOR_EVER);
    if (this.isStuck) await this.abandon();
    else if (choices !== null) this.lookForLeaks();
    return { ...outcome, ended: this.ended!, stdout: this.out.take(), stderr: this.err.take() };
  }

  /** Ends the runtime; gives what the tests of a free one have left behind, null for nothing. */
  async close(): Promise<string | null> {
    const left = this.vm === null ? null : await this.shut();
    closeSync(this.out.fd);
    closeSync(this.err.fd);
    this.alarm?.terminate();
    return left;
  }

  // -------------------------------------------------------------- the runtime

  private open(): Vm {
    const { workers, isSeeded, profile } = this.options;
    openRuntime({ workers, arenaMegabytes: 0, flags: isSeeded ? FLAG_OPEN_SEEDED : 0, seed: 0 });
    core.janus_redirect(1, this.out.fd);
    core.janus_redirect(2, this.err.fd);
    core.janus_worker_enter(0);
    const vm = new Vm({
      worker: 0, program: this.program, profile, args: [], workers, isSeeded,
      exit: (status) => void (this.exitStatus = status),
      units: this,
      watchdogMs: 0,
      memory: this.options.memory ?? null,
      events: {
        mainEnded: (value) => void (this.ended ??= this.endOf(value)),
        startWorkers: () => this.left.push(...startWorkers(vm, this.sources.texts, {
          root: this.options.root, std: this.options.std, workers, entry: this.entry, args: [], profile,
          watchdogMs: 0,
        }, (status) => void (this.exitStatus = status))),
        signal: (number) => this.signalled(number),
        deadlock: (isEndless) => this.stuck(isEndless ? ENDLESS : DEADLOCK),
        quiet: (switches) => this.diagnosis!.lookForStuck(switches, (nursery, tree) => {
          this.isStuck = true;
          this.ended ??= failed("P010", [partialDeadlock(nursery), ...treeLines(tree)].join("\n"));
          core.janus_shutdown();
        }),
        host: () => {},
        dump: (block) => this.diagnosis!.answered(block),
      },
    });
    this.vm = vm;
    this.diagnosis = new Diagnosis(vm, this, () => this.isStuck, isSeeded);
    core.janus_signals_install();
    return vm;
  }

  /** Leaves a runtime whose program cannot go on, with what is in it. */
  private async abandon(): Promise<void> {
    this.isStuck = false;
    await this.shut();
  }

  private async shut(): Promise<string | null> {
    core.janus_shutdown();
    await Promise.all(this.left);
    this.left = [];
    releaseAll();
    core.janus_globals_release(0);
    const left = leftBehind();
    core.janus_worker_leave(0);
    core.janus_close();
    this.vm = null;
    return left;
  }

  // -------------------------------------------------------------- how it ended

  private endOf(value: any): Ended {
    if (value instanceof Failure) return failed(null, showFailure(this, value));
    if (value !== STOP) return { how: "passed", status: typeof value === "number" ? value & 255 : 0 };
    if (machine.kind === Kind.Panic) {
      const panic = machine.value as PanicValue;
      return failed(panic.code, showPanic(this, panic));
    }
    if (this.exitStatus !== null) return this.exited(this.exitStatus);
    return { how: "cancelled", status: 1, lines: ["it was cancelled"] };
  }

  private exited(status: number): Ended {
    return { how: "cancelled", status, lines: [`it called os.exit(${status})`] };
  }

  private stuck(why: string): void {
    this.isStuck = true;
    this.diagnosis!.request((tree) => {
      this.ended ??= failed("P010", showDeadlock(treeLines(tree), why));
      core.janus_shutdown();
    });
  }

  private signalled(number: number): void {
    if (number === SIGQUIT && this.deadlineMs !== 0 && performance.now() >= this.deadlineMs) return this.tookTooLong();
    if (number === SIGQUIT) {
      this.diagnosis!.request((tree) => process.stderr.write(`${treeLines(tree).join("\n")}\n`));
      return;
    }
    this.interrupted = number;
    this.isStuck = true;
    this.diagnosis!.request((tree) => {
      const lines = ["interrupted while these fibers were running:", ...treeLines(tree)];
      this.ended ??= { how: "cancelled", status: 128 + number, lines };
      core.janus_shutdown();
    });
  }

  private setAlarm(ms: number): void {
    if ((this.options.timeoutMs ?? 0) === 0) return;
    this.deadlineMs = ms === 0 ? 0 : performance.now() + ms;
    this.alarm ??= startThread("alarm");
    this.alarm.unref();
    // a little later than the deadline, so that it has passed then
    this.alarm.postMessage(ms === 0 ? 0 : ms + 1);
  }

  private tookTooLong(): void {
    this.isStuck = true;
    this.diagnosis!.request((tree) => {
      const why = `it has not ended within ${this.options.timeoutMs} ms; these fibers were running:`;
      this.ended ??= failed(null, [why, ...treeLines(tree)].join("\n"));
      core.janus_shutdown();
    });
  }

  /** The run is over: nothing of it may be left in the core. */
  private lookForLeaks(): void {
    core.janus_explore_end();
    this.vm!.instances.forgetGlobals();
    releaseAll();
    core.janus_globals_release(0);
    const left = leftBehind();
    if (left !== null && this.ended!.how !== "failed") this.ended = failed("leak", `left behind: ${left}`);
  }
}

const failed = (code: string | null, text: string): Ended => ({ how: "failed", code, lines: text.split("\n") });
