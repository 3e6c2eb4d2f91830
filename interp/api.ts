// What the commands call: one function for each thing a person can ask for. Nothing here parses arguments; only this
// file and the runtime's output write to the standard streams.
import manifest from "../package.json" with { type: "json" };
import { checkProgram } from "./sema/index.ts";
import { renderAll, renderJson } from "./syntax/render.ts";
import type { Diagnostic } from "./syntax/diagnostic.ts";
import { readBytes } from "./sema/files.ts";
import { Sources } from "./sema/sources.ts";
import type { TraceOptions } from "./runtime/trace.ts";
import type { ReplSession as Session } from "./repl.ts";

export const VERSION: string = manifest.version;

/** The folder that holds core/ and std/. */
const ROOT = import.meta.dir.slice(0, import.meta.dir.lastIndexOf("/"));
const STD = `${ROOT}/std`;

export interface RunOptions {
  /** null: one for each core. */
  workers: number | null;
  color: boolean;
  profile?: string;
  stats?: boolean;
  /** say when a call holds its worker for longer, milliseconds. */
  watchdogMs?: number;
  /** what is wrong, and how the run ended badly, as JSON objects on standard error, one a line. */
  json?: boolean;
  /** a deterministic run: one worker, a virtual clock, scheduling drawn from this number (0 to 2^32-1). */
  seed?: number;
  /** write what the workers and fibers did to this file, in the Trace Event format. */
  trace?: string;
  /** the same, of the last moments only, when the program fails. */
  traceOnFailure?: string;
}

/** Wrong usage: the file cannot be read. */
const USAGE = 2;

function complain(text: string): void {
  process.stderr.write(text.endsWith("\n") ? text : `${text}\n`);
}

function readSource(path: string): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readBytes(path));
  } catch (e) {
    const code = (e as { code?: string }).code;
    const why = e instanceof TypeError ? "is not UTF-8 text" : code === "ENOENT" ? "does not exist"
      : code === "EISDIR" ? "is a folder" : `cannot be read (${code ?? e})`;
    complain(`janus: ${path} ${why}`);
    return null;
  }
}

/** The command starts with a late JIT, so that cold code of the front end is not compiled; programs want it early. */
function useNormalJit(): void {
  (Bun.unsafe as { setJITPolicy?(multiplier: number): void }).setJITPolicy?.(1);
}

const failed = (diagnostics: Diagnostic[]): boolean => diagnostics.some((d) => d.severity === "error");

/** Checks and runs a file; prints diagnostics and how it ended; gives the exit status. */
export async function runFile(path: string, args: string[], options: RunOptions): Promise<number> {
  const text = readSource(path);
  if (text === null) return USAGE;
  const sources = new Sources(STD);
  const profile = options.profile ?? "service";
  const { program, diagnostics } = checkProgram(sources.entry(path, text), sources, { profile });
  if (options.json === true) for (const d of diagnostics) complain(JSON.stringify(renderJson(d)));
  else if (diagnostics.length > 0) complain(renderAll(diagnostics, { colour: options.color }));
  if (failed(diagnostics)) return 1;
  if (program.main === null) {
    complain(`janus: ${path} has no \`main\`: a program starts with \`func main() do … end\``);
    return 1;
  }
  const { launch } = await import("./runtime/launch.ts");
  useNormalJit();
  const workers = options.workers ?? navigator.hardwareConcurrency;
  return launch(program, sources, path, {
    root: ROOT, std: STD, workers: options.seed !== undefined ? 1 : workers, profile, args,
    seed: options.seed ?? null, stats: options.stats === true, json: options.json === true,
    trace: traceOptions(options), watchdogMs: options.watchdogMs ?? 0,
    checkLeaks: process.env["JANUS_CHECK_LEAKS"] !== undefined, complain,
  });
}

function traceOptions({ trace, traceOnFailure }: RunOptions): TraceOptions | null {
  if (trace !== undefined) return { path: trace, onlyOnFailure: false };
  return traceOnFailure === undefined ? null : { path: traceOnFailure, onlyOnFailure: true };
}

/** Checks a file; prints diagnostics as text or one JSON object a line; gives 0 or 1. */
export function checkFile(path: string, options: { color: boolean; json: boolean }): number {
  const text = readSource(path);
  if (text === null) return USAGE;
  const sources = new Sources(STD);
  const { diagnostics } = checkProgram(sources.entry(path, text), sources, {});
  if (options.json) for (const d of diagnostics) process.stdout.write(`${JSON.stringify(renderJson(d))}\n`);
  else if (diagnostics.length > 0) complain(renderAll(diagnostics, { colour: options.color }));
  return failed(diagnostics) ? 1 : 0;
}

export const ReplSession = {
  /** Opens an interactive session. workers: null for one on each core; write: where a task's own reports go. */
  async open(options: { workers: number | null; color: boolean; write: (fd: 1 | 2, text: string) => void }):
    Promise<Session> {
    const { ReplSession: open } = await import("./repl.ts");
    useNormalJit();
    return open.open({ ...options, root: ROOT, std: STD, workers: options.workers ?? navigator.hardwareConcurrency });
  },
};
