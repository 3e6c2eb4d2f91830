// Runs a checked program on this thread: the main worker's VM, the main fiber, further workers when there is work for
// them, and the report of how it ended.
import { bootCode } from "../eval/lower/boot.ts";
import { Kind, STOP, machine } from "../eval/machine.ts";
import { bytes, Failure } from "../eval/values.ts";
import type { Program } from "../sema/index.ts";
import { CAUSE_SIGNAL, FLAG_OPEN_SEEDED, STATUS_FAILED, TAG_NULL } from "./abi.generated.ts";
import { leftBehind, statistics } from "./statistics.ts";
import { Diagnosis } from "./diagnosis.ts";
import { core, openLibrary, openRuntime, FOR_EVER } from "./library.ts";
import type { Sources } from "../sema/sources.ts";
import { beginSeeded, choicesMade, writeSchedule, type Choices, type Fault } from "./schedule.ts";
import { TraceError, TraceFile, type TraceOptions } from "./trace.ts";
import {
  DEADLOCK, ENDLESS, INTERNAL_ERROR, PANICKED, internalError, jsonDeadlock,
  jsonFailure, jsonPanic, partialDeadlock, showDeadlock, showFailure, showPanic,
} from "./endings.ts";
import { generationOf, releaseAll } from "./handles.ts";
import { startThread } from "./threads.ts";
import { showPlaceOf, type Units } from "./traces.ts";
import { treeLines } from "./tree-text.ts";
import type { FiberTree } from "./tree.ts";
import { Vm } from "./vm.ts";
import type { WatchdogStart } from "./watchdog.ts";
import { startWorkers } from "./workers.ts";

export interface LaunchOptions {
  /** the folder that holds core/ and std/. */
  root: string;
  std: string;
  workers: number;
  profile: string;
  args: string[];
  /** one worker, a virtual clock, and the choices of an oracle; null, or with no choices: as it comes. */
  seeded: { choices: Choices | null; fault: Fault | null; schedule: string | null; steps?: number } | null;
  /** say when a call holds its worker for longer than so many milliseconds; 0: never. */
  watchdogMs: number;
  /** as in VmOptions. */
  memory: number | null;
  /** say at the end what the runtime did. */
  stats: boolean;
  /** end with status 70 when fibers, handles, blocks or stacks are left at the end. */
  checkLeaks: boolean;
  /** record what happens, for a file in the Trace Event format; null: no. */
  trace: TraceOptions | null;
  /** tell a bad end as one JSON object (endings.ts) instead of text. */
  json: boolean;
  /** writes to standard error, after everything that the program has printed. */
  complain(lines: string): void;
}

/** Exit statuses (language reference, Errors and panics). */
const FAILED = 1;
const USAGE = 2;
/** As after Ctrl-C, which that fault plays. */
const INTERRUPTED = 130;

/** How long the end of a program that was interrupted waits for a reader that takes nothing. */
const STALL_MS = 500;

const SIGQUIT = 3;
const SIGPIPE = 13;
/** How long a cancelled program may take to clean up before the signal counts as given twice. */
const GRACE_MS = 5000;

/** From a thread of its own: this one may be inside the core, or busy with a fiber that does not look up. */
function signalAgainAfter(ms: number): void {
  const code = `setTimeout(() => process.kill(${process.pid}, "SIGTERM"), ${ms})`;
  new Worker(URL.createObjectURL(new Blob([code], { type: "application/javascript" }))).unref();
}

/** Runs `main`; gives the exit status. */
export async function launch(
  program: Program, sources: Sources, entry: string, options: LaunchOptions,
): Promise<number> {
  const choices = options.seeded?.choices ?? null;
  const workers = choices === null ? options.workers : 1;
  openLibrary(options.root);
  openRuntime({ workers, arenaMegabytes: 0, flags: choices === null ? 0 : FLAG_OPEN_SEEDED, seed: 0 });
  let trace: TraceFile | null = null;
  try {
    if (options.trace !== null) trace = new TraceFile(options.trace);
  } catch (e) {
    if (!(e instanceof TraceError)) throw e;
    options.complain(`janus: ${e.message}`);
    return USAGE;
  }
  const run = new Launch(program, sources, entry, { ...options, workers });
  if (choices !== null) beginSeeded(choices, options.seeded?.fault ?? null, options.seeded?.steps);
  let status = await run.toEnd();
  if (choices !== null) {
    const schedule = options.seeded?.schedule ?? null;
    const unwritten = schedule === null ? null : writeSchedule(schedule, choicesMade());
    if (unwritten !== null) {
      options.complain(`janus: ${unwritten}`);
      status ||= FAILED;
    }
    if (status !== 0 && "seed" in choices) options.complain(`seed ${choices.seed}`);
  }
  return trace === null ? status : run.traced(trace, status);
}

class Launch implements Units {
  private readonly vm: Vm;
  /** until main has ended: a worker's VM has failed. */
  private status = INTERNAL_ERROR;
  private exitStatus: number | null = null;
  /** one for each further worker: it has left the core. */
  private left: Promise<void>[] = [];
  private cutShort = false;
  private readonly diagnosis: Diagnosis;
  private isStuck = false;
  /** signals that asked the program to end. */
  private interrupts = 0;

  constructor(
    private readonly program: Program,
    private readonly sources: Sources,
    private readonly entry: string,
    private readonly options: LaunchOptions,
  ) {
    core.janus_worker_enter(0);
    this.vm = new Vm({
      worker: 0, program, profile: options.profile, args: options.args, workers: options.workers,
      isSeeded: (options.seeded?.choices ?? null) !== null,
      exit: (status) => this.exits(status),
      units: this,
      watchdogMs: options.watchdogMs,
      memory: options.memory,
      events: {
        mainEnded: (value) => {
          this.status = this.ended(value);
          core.janus_shutdown();
        },
        startWorkers: () => this.left.push(...startWorkers(this.vm, this.sources.texts, {
          root: options.root, std: options.std, workers: options.workers, entry: this.entry, args: options.args,
          profile: options.profile, watchdogMs: options.watchdogMs,
        }, (status) => this.exits(status))),
        signal: (number) => this.signalled(number),
        deadlock: (isEndless) => this.deadlocked(isEndless ? ENDLESS : DEADLOCK),
        quiet: (switches) => this.diagnosis.lookForStuck(switches, (nursery, tree) => {
          this.tell("partial deadlock", [partialDeadlock(nursery), ...treeLines(tree)], tree);
        }),
        host: () => {},
        dump: (block) => this.diagnosis.answered(block),
      },
    });
    this.diagnosis = new Diagnosis(this.vm, this, () => this.isStuck,
      (options.seeded?.choices ?? null) !== null);
    core.janus_signals_install();
    if (options.watchdogMs > 0) this.startWatchdog();
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

  /** `os.exit`: the program is cut short when the fiber that called it has ended. */
  private exits(status: number): void {
    this.exitStatus = status;
    this.cutShort = true;
  }

  async toEnd(): Promise<number> {
    const { instances, loop } = this.vm;
    const { globals, main } = this.program;
    const boot = bootCode(instances, globals, main === null ? null : instances.ofFunction(main, []));
    loop.main = core.janus_spawn_main(this.vm.codeId(boot), TAG_NULL, 0);
    try {
      while (loop.run() !== "exit") await new Promise((resolve) => setImmediate(resolve));
    } catch (e) {
      core.janus_flush(STALL_MS);
      this.options.complain(internalError(e));
      return INTERNAL_ERROR;
    }
    if (this.status === INTERNAL_ERROR) await Promise.all(this.left); // one of them says why, or with which status
    const isWritten = this.flush();
    if (!isWritten) this.cutShort = true;
    const leak = this.options.stats || this.options.checkLeaks ? await this.settle() : null;
    core.janus_worker_leave(0);
    if (leak !== null) {
      this.options.complain(leak);
      return INTERNAL_ERROR;
    }
    return isWritten ? this.exitStatus ?? this.status : this.unwritten();
  }

  /** Writes the trace, once the other workers have left; the exit status. */
  async traced(trace: TraceFile, status: number): Promise<number> {
    await Promise.all(this.left);
    const message = trace.finish(status !== 0, {
      code: (id) => this.vm.codeName(id),
      text: (id) => this.vm.textOf(id),
      place: (site) => showPlaceOf(this, site),
      program: this.entry.slice(this.entry.lastIndexOf("/") + 1),
    });
    if (message === null) return status;
    this.options.complain(message);
    return status === 0 ? FAILED : status;
  }

  /** What has been printed could not all be written. A reader who has left wants no word about it, as in any pipe. */
  private unwritten(): number {
    const { fstatSync } = require("node:fs") as typeof import("node:fs");
    try {
      const output = fstatSync(1);
      if (output.isFIFO() || output.isSocket()) return 128 + SIGPIPE;
    } catch {
      // standard output is closed
    }
    this.options.complain("janus: standard output cannot be written: it is closed, or its disk is full");
    return FAILED;
  }

  /** Waits until every VM has given back what it held, then looks at what is left: null for nothing. */
  private async settle(): Promise<string | null> {
    await Promise.all(this.left);
    releaseAll();
    core.janus_globals_release(0);
    if (this.options.stats) this.options.complain(statistics(this.options.workers));
    // a program that was cut short has fibers left, and what they hold
    if (!this.options.checkLeaks || this.cutShort) return null;
    const left = leftBehind();
    return left === null ? null : `janus: internal error: left behind: ${left}`;
  }

  private deadlocked(why: string): void {
    this.isStuck = true;
    this.cutShort = true;
    this.diagnosis.request((tree) => {
      this.flush();
      const { json } = this.options;
      const status = this.failing(PANICKED);
      this.say(json ? jsonDeadlock(tree, why, status) : showDeadlock(treeLines(tree), why));
      this.status = PANICKED;
      core.janus_shutdown();
    });
  }

  /** The first SIGINT, SIGTERM or SIGHUP cancels main, so that defers run; a second one ends it. SIGQUIT: the tree. */
  private signalled(number: number): void {
    if (number === SIGQUIT) {
      this.diagnosis.request((tree) => this.tell("running", treeLines(tree), tree));
      return;
    }
    // the first one says why the program ends; the next may be our own, given when its cleanup takes too long
    if (this.interrupts === 0) this.exitStatus = 128 + number;
    if (++this.interrupts === 1) {
      const { main } = this.vm.loop;
      core.janus_task_cancel(0, main, generationOf(main), CAUSE_SIGNAL, number);
      signalAgainAfter(GRACE_MS);
      return;
    }
    this.cutShort = true;
    this.diagnosis.request((tree) => {
      this.tell("interrupted", ["interrupted while these fibers were still running:", ...treeLines(tree)], tree);
      core.janus_shutdown();
    });
  }

  /** The tree of fibers, as asked for: lines, or one JSON object. */
  private tell(kind: string, lines: string[], tree: FiberTree): void {
    core.janus_flush(0);
    this.say(this.options.json ? JSON.stringify({ kind, ...tree }) : lines.join("\n"));
  }

  /** To standard error, in the order of what the program prints there, and without waiting for its reader. */
  private say(lines: string): void {
    this.vm.host.tell(bytes(`${lines}\n`));
  }

  /**
   * Writes out all that was printed; false when the system refuses it. Waits for a slow reader as long as it takes; for
   * one that takes nothing only until a signal comes, and after one for a moment.
   */
  private flush(): boolean {
    const status = core.janus_flush(this.interrupts === 0 ? FOR_EVER : this.interrupts === 1 ? STALL_MS : 0);
    if (status < 0) {
      this.exitStatus = 128 - status;
      this.cutShort = true;
      this.interrupts++;
    }
    return status !== STATUS_FAILED;
  }

  private startWatchdog(): void {
    const { root, std, workers, watchdogMs } = this.options;
    const thread = startThread("watchdog");
    const { texts } = this.sources;
    thread.postMessage({ root, std, texts, workers, limitMs: watchdogMs } satisfies WatchdogStart);
    thread.unref();
  }

  /** What the process exits with after a failure: a signal or os.exit goes before `own`, but makes no success of it. */
  private failing(own: number): number {
    if (this.exitStatus === 0) this.exitStatus = null;
    return this.exitStatus ?? own;
  }

  /** How main ended, said to the user; the exit status, unless a signal or os.exit says another. */
  private ended(value: any): number {
    this.flush();
    if (value instanceof Failure) {
      const status = this.failing(FAILED);
      this.say(this.options.json ? jsonFailure(this, value, status) : showFailure(this, value));
      return FAILED;
    }
    if (value === STOP) {
      if (machine.kind === Kind.Panic) {
        const panic = machine.value;
        const status = this.failing(PANICKED);
        this.say(this.options.json ? jsonPanic(this, panic, status) : showPanic(this, panic));
        return PANICKED;
      }
      if (this.exitStatus !== null) return FAILED; // cancelled, by a signal or os.exit
      const message = "cancelled by the fault that the seeded run was asked for";
      const ending = { kind: "cancelled", code: null, message, exit: INTERRUPTED };
      this.say(this.options.json ? JSON.stringify(ending) : message);
      return INTERRUPTED;
    }
    return typeof value === "number" ? value & 255 : 0;
  }
}
