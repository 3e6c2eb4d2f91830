// Finds the subcommand, reads its arguments and runs it. Each subcommand is imported only when it is asked for.

import { HelpWanted, isNear, readArguments, UsageError } from "./arguments.ts";
import type { Command } from "./command.ts";

/** In the order in which the help lists them. */
const COMMANDS: Record<string, () => Promise<{ command: Command }>> = {
  run: () => import("./commands/run.ts"),
  check: () => import("./commands/check.ts"),
  test: () => import("./commands/test.ts"),
  fmt: () => import("./commands/fmt.ts"),
  repl: () => import("./commands/repl.ts"),
  bench: () => import("./commands/bench.ts"),
  explain: () => import("./commands/explain.ts"),
};

const FAILED_STATUS = 1;
const USAGE_STATUS = 2;

/** A defect of the interpreter itself (EX_SOFTWARE). */
const DEFECT_STATUS = 70;

/** Runs `janus` with these arguments and gives the exit status. */
export async function main(args: string[]): Promise<number> {
  const first = args[0];
  if (first === "--version" || first === "-v") return (await import("./help.ts")).printVersion();
  if (first === undefined || first === "help" || first === "--help" || first === "-h") {
    return (await import("./help.ts")).printHelp(COMMANDS, args[1]);
  }
  // Options may stand before the command, too: `janus --workers 2 run FILE`.
  const at = first.startsWith("-") ? args.findIndex((word) => COMMANDS[word] !== undefined) : 0;
  const name = args[at] ?? first;
  const load = COMMANDS[name];
  if (load === undefined) return refuse(first);
  const { command } = await load();
  const words = [...args.slice(0, at), ...args.slice(at + 1)];
  try {
    return await command.run(readArguments(words, command.args, command.takes));
  } catch (error) {
    if (error instanceof HelpWanted) return (await import("./help.ts")).printHelp(COMMANDS, command.name);
    if (error instanceof Error && error.name === "CoreError") {
      const { voiceOf } = await import("./speak.ts");
      voiceOf().error(error.message);
      return FAILED_STATUS;
    }
    if (!(error instanceof UsageError)) {
      console.error((await import("../interp/runtime/endings.ts")).internalError(error));
      return DEFECT_STATUS;
    }
    const { voiceOf } = await import("./speak.ts");
    voiceOf(command.name).error(error.message, error.hint ?? `see 'janus ${command.name} --help'`);
    return USAGE_STATUS;
  }
}

async function refuse(word: string): Promise<number> {
  const near = Object.keys(COMMANDS).find((name) => isNear(name, word));
  let hint = "'janus --help' lists the commands";
  if (word.endsWith(".jan")) hint = `janus run ${word}`;
  else if (near !== undefined) hint = `did you mean 'janus ${near}'?`;
  const { voiceOf } = await import("./speak.ts");
  voiceOf().error(`there is no ${word.startsWith("-") ? "option" : "command"} '${word}'`, hint);
  return USAGE_STATUS;
}
