// Starts the threads of a runtime's further workers, from worker 0's: each makes its own VM from the same texts.
import type { Texts } from "../sema/sources.ts";
import { core } from "./library.ts";
import { startThread } from "./threads.ts";
import type { Vm } from "./vm.ts";
import type { WorkerEnd, WorkerStart } from "./worker.ts";

/** Gives, for each, a promise that it has left the core. exit: is told the status that a program asks to end with. */
export function startWorkers(
  vm: Vm, texts: Texts, start: Omit<WorkerStart, "worker" | "texts">, exit: (status: number) => void,
): Promise<void>[] {
  vm.publishGlobals();
  // before any other thread is made: until then the core does without atomic operations
  core.janus_set_workers(start.workers);
  return Array.from({ length: start.workers - 1 }, (_, i) => {
    const thread = startThread("worker");
    const left = new Promise<void>((resolve) => {
      thread.onmessage = (message: MessageEvent<WorkerEnd>) => {
        if (message.data.exit !== undefined) exit(message.data.exit);
        else resolve();
      };
      // a thread that ends before it has begun: the others do its work
      thread.addEventListener("error", (event) => event.preventDefault());
      thread.addEventListener("close", () => resolve());
    });
    thread.postMessage({ ...start, worker: i + 1, texts } satisfies WorkerStart);
    return left;
  });
}
