// What a subcommand is: a description that the help and the argument reader share, and a function to run it.

import type { ArgsDef } from "citty";
import { bytesOf, type Arguments, type Rest, UsageError } from "./arguments.ts";

export interface Command {
  name: string;
  description: string;
  args: ArgsDef;
  /** What becomes of words that no positional argument takes. Default: they are one too many. */
  takes?: Rest;
  /** Gives the exit status; a UsageError is told with the command's help. */
  run(given: Arguments): number | Promise<number>;
}

export const WORKERS_MAX = 256;

/** The option that every command with fibers has. */
export const workersOption = {
  workers: { type: "string", alias: "w", valueHint: "N", description: "Worker threads (default: one for each core)" },
} as const satisfies ArgsDef;

export const memoryOption = {
  memory: {
    type: "string", valueHint: "SIZE",
    description: "What it may use before it is out of memory: 512M, 4G (default: 80 %)",
  },
} as const satisfies ArgsDef;

/** The memory budget asked for, in bytes, or null for the runtime's own choice. */
export function memoryOf(given: Arguments): number | null {
  const { memory } = given.values;
  return memory === undefined ? null : bytesOf("--memory", String(memory));
}

/** The number of workers asked for, or null for the runtime's own choice. */
export function workersOf(given: Arguments): number | null {
  const workers = given.values["workers"];
  if (typeof workers !== "number") return null;
  if (workers < 1 || workers > WORKERS_MAX) throw new UsageError(`--workers is a number from 1 to ${WORKERS_MAX}`);
  return workers;
}

/** Whether to colour what goes to standard error. Asking the terminal costs more than starting, so ask late. */
export function isColoured(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== "") return FORCE_COLOR !== "0";
  return TERM !== "dumb" && process.stderr.isTTY === true;
}
