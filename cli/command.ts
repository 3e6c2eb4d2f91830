// What a subcommand is: a description that the help and the argument reader share, and a function to run it.

import type { ArgsDef } from "citty";
import type { Arguments } from "./arguments.ts";

export interface Context {
  /** The file that the runtime's workers start from, when the command runs from the bundle. */
  workerFile: string | undefined;
}

export interface Command {
  name: string;
  description: string;
  args: ArgsDef;
  /** What follows the positional arguments belongs to the program that is run. */
  takesProgramArguments?: boolean;
  /** Gives the exit status. */
  run(given: Arguments, context: Context): number | Promise<number>;
}
