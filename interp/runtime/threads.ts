// Starts the further threads of a process, each with a file of this folder: in the compiled command from the code that
// it holds (tools/compile.mjs lists these files as its entries), otherwise from the sources.

/** Where a compiled command keeps its entries. */
const COMPILED = "/$bunfs/root/";

export function startThread(entry: "worker" | "session-thread" | "watchdog" | "alarm"): Worker {
  const isCompiled = Bun.main.startsWith(COMPILED);
  return new Worker(isCompiled ? `${COMPILED}interp/runtime/${entry}.js` : `${import.meta.dir}/${entry}.ts`);
}
