// The entry of a further worker's thread: makes its VM from the texts that the main thread sends, and runs the loop
// until the core says that it is over.
import { checkProgram } from "../sema/index.ts";
import { core, openLibrary } from "./library.ts";
import type { LoopEvents } from "./loop.ts";
import { Sources, type Texts } from "./sources.ts";
import { Vm } from "./vm.ts";

/** What the main thread sends first. */
export interface WorkerStart {
  root: string;
  std: string;
  worker: number;
  workers: number;
  entry: string;
  texts: Texts;
  args: string[];
  profile: string;
}

declare const self: Worker;

const exiting = (status: number): void => self.postMessage({ exit: status });

/** Only worker 0 gets these. */
const unexpected = (): never => {
  throw new Error("an event of the main worker reached another one");
};

self.onmessage = async (message: MessageEvent<WorkerStart>) => {
  const start = message.data;
  openLibrary(start.root);
  const sources = new Sources(start.std, start.texts);
  const { program } = checkProgram(sources.entry(start.entry, start.texts[start.entry]!), sources,
    { profile: start.profile });
  const events: LoopEvents = {
    mainEnded: unexpected, startWorkers: unexpected, signal: unexpected, deadlock: unexpected, host: unexpected,
    dump: () => {},
  };
  core.janus_worker_enter(start.worker);
  const vm = new Vm({
    worker: start.worker, program, profile: start.profile, args: start.args, workers: start.workers, exit: exiting,
    events,
  });
  while (vm.loop.run() !== "exit") await new Promise((resolve) => setImmediate(resolve));
  core.janus_worker_leave(start.worker);
  self.postMessage({ left: start.worker });
};
