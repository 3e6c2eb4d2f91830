// Feeds the REPL's loop: from a terminal, with prompts, line editing, history, completion and Ctrl-C; or from a pipe,
// without any of them.

import { createInterface } from "node:readline";
import { complete, type Loop, type Output, type Session } from "./loop.ts";
import { HISTORY_LINES_MAX, historyPath, readHistory, writeHistory } from "./history.ts";

const PROMPT = "janus> ";
const CONTINUATION = "  ...> ";

/** Back to the line's begin, and away with all of it. */
const CLEAR_LINE = "\r\x1b[K";

/** The exit status of a command that Ctrl-C has ended. */
const INTERRUPTED = 130;

/** What the terminal needs of a session beside the loop. */
export interface TerminalSession extends Session {
  cancel(): void;
  names(): string[];
}

/** Lines from a pipe or a file, one entry after the other; ends at the end of the input or at :quit. */
export async function feedFromPipe(loop: Loop, input: AsyncIterable<Uint8Array>, output: Output): Promise<void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  try {
    for await (const chunk of input) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        await loop.line(line.replace(/\r$/, ""));
        if (loop.hasEnded) return;
      }
    }
    rest += decoder.decode();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    loop.hasFailed = true;
    output.error("janus repl: the input is not UTF-8 text; nothing is evaluated from there on");
    return;
  }
  if (rest !== "") await loop.line(rest);
  await loop.end();
}

/** Where reports go that nobody has asked for. At a terminal they must not land in the line that is being typed. */
export class Unasked {
  /** Set while a line is typed: clears it, and shows it again. */
  around: { before(): void; after(): void } | null = null;
  #write: (fd: 1 | 2, text: string) => void;

  constructor(write: (fd: 1 | 2, text: string) => void) {
    this.#write = write;
  }

  write = (fd: 1 | 2, text: string): void => {
    this.around?.before();
    this.#write(fd, text);
    this.around?.after();
  };
}

/** Lines typed at a terminal; resolves when the user leaves. */
export function feedFromTerminal(loop: Loop, session: TerminalSession, unasked: Unasked): Promise<void> {
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
      unasked.around = {
        before: () => void process.stdout.write(CLEAR_LINE),
        after: () => reader.prompt(true),
      };
    };
    const work = async () => {
      isEvaluating = true;
      unasked.around = null;
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
      unasked.around = null;
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
