// Runs a program on two workers, the second of which dies (dying-vm.ts), as a process of its own: FILE.
import { runFile } from "../../interp/api.ts";

const Real = globalThis.Worker;
globalThis.Worker = class extends Real {
  constructor(entry: string | URL) {
    super(String(entry).endsWith("runtime/worker.ts") ? `${import.meta.dir}/dying-vm.ts` : entry);
  }
};
process.exit(await runFile(process.argv[2]!, [], { workers: 2, memory: null, color: false, stats: true }));
