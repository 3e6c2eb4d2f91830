// `janus --help`, `janus help COMMAND` and `janus --version`: rendered by citty from the commands' own descriptions.

import { type CommandDef, defineCommand, renderUsage, type SubCommandsDef } from "citty";
import { tell } from "../interp/output.ts";
import type { Command } from "./command.ts";
import { voiceOf } from "./speak.ts";
import { version } from "./package.json" with { type: "json" };

type Commands = Record<string, () => Promise<{ command: Command }>>;

/** What stands behind `[PATH...]`. */
const PATHS = "Files, and folders for every .jan file below them";

function describe(command: Command): CommandDef {
  const { name, description, args } = command;
  const paths = { "path...": { type: "positional", required: false, description: PATHS } } as const;
  const all = command.takes === "paths" ? { ...paths, ...args } : args;
  return defineCommand({ meta: { name: `janus ${name}`, description, version }, args: all });
}

/** Prints the help of one command, or of all; gives the exit status. */
export async function printHelp(commands: Commands, name: string | undefined): Promise<number> {
  const load = name === undefined ? undefined : commands[name];
  if (name !== undefined && load === undefined) {
    voiceOf().error(`there is no command '${name}'`, "'janus --help' lists the commands");
    return 2;
  }
  if (load !== undefined) {
    const { command } = await load();
    tell(`${plainUnlessTerminal(await renderUsage(describe(command)))}\n`);
    return 0;
  }
  const subCommands: SubCommandsDef = {};
  for (const [each, loadEach] of Object.entries(commands)) subCommands[each] = describe((await loadEach()).command);
  const description = "The Janus interpreter: structured concurrency on M:N fibers";
  const main = defineCommand({ meta: { name: "janus", description, version }, subCommands });
  tell(`${plainUnlessTerminal(await renderUsage(main))}\n`);
  return 0;
}

export function printVersion(): number {
  tell(`janus ${version}\n`);
  return 0;
}

/** citty colours its text, which is for terminals only, and fills lines up with blanks. */
function plainUnlessTerminal(text: string): string {
  const isPlain = !process.stdout.isTTY || process.env["NO_COLOR"] !== undefined;
  const trimmed = text.replaceAll(/[ \t]+$/gm, "");
  return isPlain ? trimmed.replaceAll(/\x1b\[[0-9;]*m/g, "") : trimmed;
}
