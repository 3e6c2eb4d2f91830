// Starts the threads of a runtime's further workers, from worker 0's: each makes its own VM from the same texts.
import type { Texts } from "../sema/sources.ts";
import { core } from "./library.ts";
import { startThread } from "./threads.ts";
import type { Vm } from "./vm.ts";
import type { WorkerEnd, WorkerStart } from "./worker.ts";

/** What a further VM opens, with room for what it reads while it starts: the host ends the process when it cannot. */
const DESCRIPTORS_EACH = 16;

/** How many descriptors this process may still open. */
function freeDescriptors(): number {
  const { readdirSync, readFileSync } = require("node:fs") as typeof import("node:fs");
  try {
    const most = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1];
    return Number(most ?? Infinity) - readdirSync("/proc/self/fd").length;
  } catch {
    return 0; // not even one
  }
}

/** Gives, for each, a promise that it has left the core. exit: is told the status that a program asks to end with. */
export function startWorkers(
  vm: Vm, texts: Texts, start: Omit<WorkerStart, "worker" | "texts">, exit: (status: number) => void,
): Promise<void>[] {
  const workers = Math.min(start.workers, 1 + Math.floor(freeDescriptors() / DESCRIPTORS_EACH));
  if (workers < 2) return [];
  vm.publishGlobals();
  // before any other thread is made: until then the core does without atomic operations
  core.janus_set_workers(workers);
  return Array.from({ length: workers - 1 }, (_, i) => {
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
