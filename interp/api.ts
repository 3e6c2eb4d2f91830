// What the commands call: one function for each thing a person can ask for. Nothing here parses arguments; only this
// file and the runtime's output write to the standard streams.
import manifest from "../package.json" with { type: "json" };
import { checkProgram } from "./sema/index.ts";
import { renderAll, renderJson } from "./syntax/render.ts";
import type { Diagnostic } from "./syntax/diagnostic.ts";
export { PROFILES } from "./sema/profiles.ts";
import { formatText } from "./format.ts";
import { complain as writeError, tell } from "./output.ts";
import { PathError, readSource } from "./sema/files.ts";
import { Sources } from "./sema/sources.ts";
import type { TraceOptions } from "./runtime/trace.ts";
import type { ReplSession as Session } from "./repl.ts";
import type { Choices, Fault } from "./runtime/schedule.ts";
import type { TestsOptions } from "./tests.ts";

export type { Choices, Fault };

/** A run that can be had again; choices null: a free one. */
export interface Seeded {
  choices: Choices | null;
  fault: Fault | null;
  /** where what it chose is written down. */
  schedule: string | null;
  /** after so many a run counts as one that does not end; left out: the runtime's own bound. */
  steps?: number;
}

export const VERSION: string = manifest.version;

/** The folder that holds core/ and std/. */
const ROOT = import.meta.dir.slice(0, import.meta.dir.lastIndexOf("/"));
const STD = `${ROOT}/std`;

export interface RunOptions {
  /** null: one for each core. */
  workers: number | null;
  /** bytes that the process may use; null: as memory-budget.ts says. */
  memory: number | null;
  color: boolean;
  profile?: string;
  stats?: boolean;
  /** say when a call holds its worker for longer, milliseconds. */
  watchdogMs?: number;
  /** what is wrong, and how the run ended badly, as JSON objects on standard error, one a line. */
  json?: boolean;
  seeded?: Seeded;
  /** write what the workers and fibers did to this file, in the Trace Event format. */
  trace?: string;
  /** the same, of the last moments only, when the program fails. */
  traceOnFailure?: string;
}

/** Wrong usage: the file cannot be read. */
const USAGE = 2;

function complain(text: string): void {
  writeError(text.endsWith("\n") ? text : `${text}\n`);
}

/** How findings look on standard error. */
const styleFor = (colour: boolean) => ({ colour, columns: process.stderr.columns });

/** Does work on files; a path that cannot be used is told, and gives the status of wrong usage. */
function withPaths<T>(work: () => T): T | typeof USAGE {
  try {
    return work();
  } catch (e) {
    if (!(e instanceof PathError)) throw e;
    complain(`janus: ${e.message}`);
    return USAGE;
  }
}

function readOrComplain(path: string): string | null {
  const text = withPaths(() => readSource(path));
  return text === USAGE ? null : text;
}

/** The command starts with a late JIT, so that cold code of the front end is not compiled; programs want it early. */
function useNormalJit(): void {
  (Bun.unsafe as { setJITPolicy?(multiplier: number): void }).setJITPolicy?.(1);
}

const failed = (diagnostics: Diagnostic[]): boolean => diagnostics.some((d) => d.severity === "error");

/** Checks and runs a file; prints diagnostics and how it ended; gives the exit status. */
export async function runFile(path: string, args: string[], options: RunOptions): Promise<number> {
  const isJson = options.json === true;
  /** What keeps the program from being run, and the status that it gives. */
  const refused = (message: string, exit: number): number => {
    complain(isJson ? JSON.stringify({ kind: "refused", code: null, message, exit }) : `janus: ${message}`);
    return exit;
  };
  let text: string;
  try {
    text = readSource(path);
  } catch (e) {
    if (!(e instanceof PathError)) throw e;
    return refused(e.message, USAGE);
  }
  const sources = new Sources(STD);
  const profile = options.profile ?? "service";
  const { program, diagnostics } = checkProgram(sources.entry(path, text), sources, { profile });
  if (isJson) for (const d of diagnostics) complain(JSON.stringify(renderJson(d)));
  else if (diagnostics.length > 0) complain(renderAll(diagnostics, styleFor(options.color)));
  if (failed(diagnostics)) return 1;
  if (program.main === null) {
    return refused(`${path} has no \`main\`: a program starts with \`func main() do … end\``, 1);
  }
  const unwritable = await refusedOutput(options, [path, ...Object.keys(sources.texts)]);
  if (unwritable !== null) return refused(unwritable, USAGE);
  const { launch } = await import("./runtime/launch.ts");
  useNormalJit();
  const workers = options.workers ?? navigator.hardwareConcurrency;
  return launch(program, sources, path, {
    root: ROOT, std: STD, workers, memory: options.memory, profile, args,
    seeded: options.seeded ?? null, stats: options.stats === true,
    json: isJson, trace: traceOptions(options), watchdogMs: options.watchdogMs ?? 0,
    checkLeaks: process.env["JANUS_CHECK_LEAKS"] !== undefined,
    complain: isJson ? (message) => complain(JSON.stringify({ kind: "note", message })) : complain,
  });
}

/** Why a file that an option names must not be written, as a sentence; null: each may be. */
async function refusedOutput({ trace, traceOnFailure, seeded }: RunOptions, files: string[]): Promise<string | null> {
  const outputs = { "--trace": trace, "--trace-on-failure": traceOnFailure, "--schedule": seeded?.schedule };
  for (const [option, path] of Object.entries(outputs)) {
    if (path === undefined || path === null) continue;
    const { refuseOutput } = await import("./sema/outputs.ts");
    try {
      refuseOutput(option, path, files);
    } catch (e) {
      if (e instanceof PathError) return e.message;
      throw e;
    }
  }
  return null;
}

function traceOptions({ trace, traceOnFailure }: RunOptions): TraceOptions | null {
  if (trace !== undefined) return { path: trace, onlyOnFailure: false };
  return traceOnFailure === undefined ? null : { path: traceOnFailure, onlyOnFailure: true };
}

/** Checks a file; prints diagnostics as text or one JSON object a line; gives 0 or 1. */
export function checkFile(path: string, options: { color: boolean; json: boolean }): number {
  const text = readOrComplain(path);
  if (text === null) return USAGE;
  const sources = new Sources(STD);
  const { diagnostics } = checkProgram(sources.entry(path, text), sources, {});
  if (options.json) for (const d of diagnostics) tell(`${JSON.stringify(renderJson(d))}\n`);
  else if (diagnostics.length > 0) complain(renderAll(diagnostics, styleFor(options.color)));
  return failed(diagnostics) ? 1 : 0;
}

/** Runs the tests in files and folders; gives 0, 1 when one failed or there was none, 2 for a bad path. */
export async function testPrograms(
  paths: string[], options: Omit<TestsOptions, "root" | "std" | "workers"> & { workers: number | null },
): Promise<number> {
  const { testFiles } = await import("./tests.ts");
  useNormalJit();
  const workers = options.workers ?? navigator.hardwareConcurrency;
  try {
    return await testFiles(paths, { ...options, workers, root: ROOT, std: STD });
  } catch (e) {
    if (!(e instanceof PathError)) throw e;
    complain(`janus: ${e.message}`);
    return USAGE;
  }
}

/** The choices in a file that --schedule wrote; null when it is none, or cannot be read. */
export async function readSchedule(path: string): Promise<number[] | null> {
  const { readSchedule: read } = await import("./runtime/schedule.ts");
  try {
    return read(readSource(path));
  } catch (e) {
    if (e instanceof PathError) return null;
    throw e;
  }
}

/** A file that the formatter must not write: better as its author left it than another program. */
const UNPRINTED = "it stays as it is, for its formatted text would not be the same program; please report it";

/** Formats files and folders in place; gives 0, 1 when one does not parse or (check) is not formatted, 2 for a path. */
export async function formatFiles(paths: string[], options: { color: boolean; check: boolean }): Promise<number> {
  const { programFiles, replaceFile } = await import("./files.ts");
  return withPaths(() => {
    let status = 0;
    for (const path of programFiles(paths)) {
      const text = readSource(path);
      const formatted = formatText(path, text);
      if ("diagnostics" in formatted) {
        complain(renderAll(formatted.diagnostics, styleFor(options.color)));
        status = 1;
      } else if (formatted.isKept) {
        complain(`janus: ${path}: ${UNPRINTED}`);
        status = 1;
      } else if (formatted.text !== text) {
        tell(`${path}\n`);
        if (options.check) status = 1;
        else replaceFile(path, formatted.text);
      }
    }
    return status;
  });
}

/** Formats standard input to standard output (check: writes nothing); gives 0 or 1. */
export function formatStdin(options: { color: boolean; check: boolean }): number {
  return withPaths(() => {
    const text = readSource("/dev/stdin");
    const formatted = formatText("<stdin>", text);
    if ("diagnostics" in formatted) {
      complain(renderAll(formatted.diagnostics, styleFor(options.color)));
      return 1;
    }
    if (formatted.isKept) complain(`janus: ${UNPRINTED}`);
    if (options.check || formatted.isKept) return formatted.text === text && !formatted.isKept ? 0 : 1;
    tell(formatted.text);
    return 0;
  });
}

export const ReplSession = {
  /** Opens an interactive session. workers: null for one on each core; write: where a task's own reports go. */
  async open(options: {
    workers: number | null; memory: number | null; color: boolean; write: (fd: 1 | 2, text: string) => void;
  }): Promise<Session> {
    const { ReplSession: open } = await import("./repl.ts");
    useNormalJit();
    return open.open({ ...options, root: ROOT, std: STD, workers: options.workers ?? navigator.hardwareConcurrency });
  },
};
