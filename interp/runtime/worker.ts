// The entry of a further worker's thread: makes its VM from the texts that the main thread sends, and runs the loop
// until the core says that it is over.
import { writeSync } from "node:fs";
import { checkProgram, Session, type Program } from "../sema/index.ts";
import type { SourceText } from "../syntax/ast.ts";
import { AREA_EV, AREA_EV_PAYLOAD, STATUS_OK } from "./abi.generated.ts";
import { answerDump } from "./diagnosis.ts";
import { internalError } from "./endings.ts";
import { releaseAll } from "./handles.ts";
import { core, openLibrary } from "./library.ts";
import type { LoopEvents } from "./loop.ts";
import { arenaF64, arenaI32 } from "./memory.ts";
import { entryIndex } from "./entries.ts";
import { Sources, type Texts } from "../sema/sources.ts";
import { look } from "./transport.ts";
import { Vm } from "./vm.ts";

/** What the main thread sends first. */
export interface WorkerStart {
  root: string;
  std: string;
  worker: number;
  workers: number;
  /** null: a REPL session, whose entries come through the core. */
  entry: string | null;
  texts: Texts;
  args: string[];
  profile: string;
  watchdogMs: number;
}

/** What a worker's thread says: the status that `os.exit` asked for, or, without one, that it has left the core. */
export interface WorkerEnd {
  exit?: number;
}

declare const self: Worker;

/** Only worker 0 gets these. */
const unexpected = (): never => {
  throw new Error("an event of the main worker reached another one");
};

/** Checks a REPL session's entries as fibers that name them arrive. */
class Entries {
  readonly session: Session;
  private read = 0;
  constructor(sources: Sources, private readonly worker: number) {
    this.session = new Session(sources);
  }

  load(unit: number, vm: Vm): void {
    const area = core.janus_worker_area(this.worker);
    for (; this.read <= unit; this.read++) {
      if (core.janus_global_get(this.worker, entryIndex(this.read)) !== STATUS_OK) continue;
      const text = look(arenaI32[((area + AREA_EV) >>> 2) + 2]!, arenaF64[(area + AREA_EV_PAYLOAD) >>> 3]!);
      const source: SourceText = { name: `<entry ${this.read + 1}>`, text, id: this.read };
      const entry = this.session.add(source);
      if (!entry.diagnostics.some((d) => d.severity === "error")) vm.instances.ofEntry(entry.unit, entry.fn);
    }
  }
}

/** A defect of ours in this thread: the fibers of its VM are lost, so the whole run ends, and says why. */
function fail(e: unknown): void {
  writeSync(2, `${internalError(e)}\n`);
  core.janus_shutdown();
}

self.onmessage = async (message: MessageEvent<WorkerStart>) => {
  const start = message.data;
  // what is thrown in a callback of the event loop would otherwise end this thread without a word
  process.on("uncaughtException", (e) => fail(e));
  openLibrary(start.root);
  try {
    await work(start);
  } catch (e) {
    fail(e);
  }
  releaseAll();
  core.janus_worker_leave(start.worker);
  self.postMessage({} satisfies WorkerEnd);
};

/** Makes the VM and runs fibers until the core says that it is over. */
async function work(start: WorkerStart): Promise<void> {
  const sources = new Sources(start.std, start.texts);
  const entries = start.entry === null ? new Entries(sources, start.worker) : null;
  const { profile } = start;
  const checked = (path: string): Program =>
    checkProgram(sources.entry(path, start.texts[path]!), sources, { profile }).program;
  const program = entries !== null ? entries.session.program : checked(start.entry!);
  const events: LoopEvents = {
    mainEnded: unexpected, startWorkers: unexpected, signal: unexpected, deadlock: unexpected, quiet: unexpected,
    host: unexpected,
    dump: () => answerDump(vm, start.worker),
  };
  core.janus_worker_enter(start.worker);
  const vm: Vm = new Vm({
    worker: start.worker, program, profile: start.profile, args: start.args, workers: start.workers,
    exit: (status) => self.postMessage({ exit: status } satisfies WorkerEnd),
    watchdogMs: start.watchdogMs,
    units: {
      source: (id) => sources.source(id) ?? program.units.find((u) => u.source.id === id)?.source ?? null,
      decls: (id) => program.units.find((u) => u.source.id === id)?.decls ?? [],
      stmts: (id) => program.units.find((u) => u.source.id === id)?.stmts ?? [],
    },
    loadUnit: (unit) => entries?.load(unit, vm),
    events,
  });
  while (vm.loop.run() !== "exit") await new Promise((resolve) => setImmediate(resolve));
}
