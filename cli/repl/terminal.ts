// Feeds the REPL's loop: from a terminal, with prompts, line editing, history, completion and Ctrl-C; or from a pipe,
// without any of them.

import { createInterface } from "node:readline";
import { complete, type Loop, type Session } from "./loop.ts";
import { HISTORY_LINES_MAX, historyPath, readHistory, writeHistory } from "./history.ts";

const PROMPT = "janus> ";
const CONTINUATION = "  ...> ";

/** The exit status of a command that Ctrl-C has ended. */
const INTERRUPTED = 130;

/** What the terminal needs of a session beside the loop. */
export interface TerminalSession extends Session {
  cancel(): void;
  names(): string[];
}

/** Lines from a pipe or a file, one entry after the other; ends at the end of the input or at :quit. */
export async function feedFromPipe(loop: Loop): Promise<void> {
  const reader = createInterface({ input: process.stdin, crlfDelay: Infinity });
  for await (const line of reader) {
    await loop.line(line);
    if (loop.hasEnded) break;
  }
  reader.close();
  await loop.end();
}

/** Lines typed at a terminal; resolves when the user leaves. */
export function feedFromTerminal(loop: Loop, session: TerminalSession): Promise<void> {
  const path = historyPath();
  const reader = createInterface({
    input: process.stdin,
    output: process.stdout,
    terminal: true,
    history: readHistory(path),
    historySize: HISTORY_LINES_MAX,
    removeHistoryDuplicates: true,
    completer: (line: string) => complete(line, session.names()),
  });
  return new Promise((resolve) => {
    /** Lines typed while an entry runs wait here. */
    const waiting: string[] = [];
    let isEvaluating = false;
    let hasClosed = false;
    /** Ctrl-C pressed during the entry that runs. */
    let interrupts = 0;

    const prompt = () => {
      reader.setPrompt(loop.isInEntry ? CONTINUATION : PROMPT);
      reader.prompt();
    };
    const work = async () => {
      isEvaluating = true;
      interrupts = 0;
      for (let line = waiting.shift(); line !== undefined && !loop.hasEnded; line = waiting.shift()) {
        await loop.line(line);
      }
      isEvaluating = false;
      if (loop.hasEnded) reader.close();
      else if (!hasClosed) prompt();
      if (hasClosed) resolve();
    };
    // Written line by line: a session that is killed loses nothing.
    reader.on("history", (lines: string[]) => writeHistory(path, lines));
    reader.on("line", (line) => {
      waiting.push(line);
      if (!isEvaluating) void work();
    });
    reader.on("SIGINT", () => {
      if (isEvaluating) {
        waiting.length = 0;
        interrupts += 1;
        if (interrupts === 1) session.cancel();
        else if (interrupts === 2) process.stdout.write("\n(still running; Ctrl-C once more ends the session)\n");
        else process.exit(INTERRUPTED);
        return;
      }
      const isEmpty = reader.line === "" && !loop.isInEntry;
      loop.discard();
      process.stdout.write(isEmpty ? "\n(Ctrl-D or :quit leaves)\n" : "\n");
      reader.write(null, { ctrl: true, name: "e" });
      reader.write(null, { ctrl: true, name: "u" });
      prompt();
    });
    reader.on("close", () => {
      hasClosed = true;
      // Ctrl-D while something runs: stop it, then leave.
      if (isEvaluating && !loop.hasEnded) session.cancel();
      if (!isEvaluating) {
        if (!loop.hasEnded) process.stdout.write("\n");
        resolve();
      }
    });
    prompt();
  });
}
