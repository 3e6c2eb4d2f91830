// `janus repl`: an interactive session. With a pipe for input it prints no prompts, and its exit status is 1 if any
// entry failed.

import { ReplSession } from "../../interp/api.ts";
import { readSource } from "../../interp/sema/files.ts";
import { complain, tell } from "../../interp/output.ts";
import { type Command, isColoured, memoryOf, memoryOption, workersOf, workersOption } from "../command.ts";
import { Loop } from "../repl/loop.ts";
import { feedFromPipe, feedFromTerminal, Unasked } from "../repl/terminal.ts";

export const command: Command = {
  name: "repl",
  description: "Evaluate entries as they are typed; the session is a nursery, so spawn works at top level",
  args: { ...workersOption, ...memoryOption },
  async run(given) {
    const workers = workersOf(given);
    const write = (fd: 1 | 2, text: string) => (fd === 1 ? tell(text) : complain(text));
    const unasked = new Unasked(write);
    const session = await ReplSession.open({
      workers, memory: memoryOf(given), color: isColoured(), write: unasked.write,
    });
    const output = {
      result: (text: string) => write(1, `${text.trimEnd()}\n`),
      error: (text: string) => write(2, `${text.trimEnd()}\n`),
    };
    const loop = new Loop(session, output, async (path) => readSource(path));
    const isInteractive = process.stdin.isTTY === true && process.stdout.isTTY === true;
    if (isInteractive) {
      await feedFromTerminal(loop, session, unasked);
      return session.quit();
    }
    await feedFromPipe(loop, Bun.stdin.stream(), output);
    const status = await session.finish();
    return loop.hasFailed ? 1 : status;
  },
};
