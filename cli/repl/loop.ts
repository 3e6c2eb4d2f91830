// The REPL without its terminal: takes lines, asks for more while an entry is not complete, evaluates it, and knows the
// few commands that start with a colon. Whoever has the lines (a terminal, a pipe, a test) feeds them in.

/** What the loop needs of a session; see ReplSession in interp/api.ts. */
export interface Session {
  isIncomplete(text: string): boolean;
  evaluate(text: string): Promise<{ ok: boolean; text: string }>;
}

export interface Output {
  result(text: string): void;
  error(text: string): void;
}

const HELP = `Type a declaration, a statement or an expression; one that is not complete goes on on the next line.
  :load FILE   evaluate a file
  :help        this text
  :quit        leave (or Ctrl-D)
Ctrl-C stops what is running, or throws away what is typed.`;

/** What is typed at other prompts, and names nothing here. */
const COMMAND_FOR: Record<string, string> = {
  exit: "`:quit` leaves the session, as Ctrl-D does", quit: "`:quit` leaves the session, as Ctrl-D does",
  help: "`:help` lists the commands", clear: "Ctrl-L clears the screen",
};

export class Loop {
  /** Set once an entry has failed. */
  hasFailed = false;
  /** Set by :quit. */
  hasEnded = false;
  #session: Session;
  #output: Output;
  #readFile: (path: string) => Promise<string>;
  #pending = "";

  constructor(session: Session, output: Output, readFile: (path: string) => Promise<string>) {
    this.#session = session;
    this.#output = output;
    this.#readFile = readFile;
  }

  /** Whether the next line belongs to the entry before it. */
  get isInEntry(): boolean {
    return this.#pending !== "";
  }

  /** Throws the unfinished entry away. */
  discard(): void {
    this.#pending = "";
  }

  async line(text: string): Promise<void> {
    if (!this.isInEntry && text.trimStart().startsWith(":")) return this.#command(text.trim());
    const entry = this.isInEntry ? `${this.#pending}\n${text}` : text;
    if (entry.trim() === "") return;
    if (this.#session.isIncomplete(entry)) {
      this.#pending = entry;
      return;
    }
    this.#pending = "";
    await this.#evaluate(entry);
  }

  /** The input is over: what is unfinished is evaluated, which says what it lacks. */
  async end(): Promise<void> {
    const entry = this.#pending;
    this.#pending = "";
    if (entry !== "") await this.#evaluate(entry);
  }

  async #evaluate(entry: string): Promise<void> {
    const { ok, text } = await this.#session.evaluate(entry);
    if (!ok) this.#fail(COMMAND_FOR[entry.trim().replace(/\(\s*\)$/, "")] ?? text);
    else if (text !== "") this.#output.result(text);
  }

  #fail(text: string): void {
    this.hasFailed = true;
    this.#output.error(text);
  }

  async #command(text: string): Promise<void> {
    const [name = "", ...words] = text.split(/\s+/);
    if (name === ":quit" || name === ":q") this.hasEnded = true;
    else if (name === ":help" || name === ":h") this.#output.result(HELP);
    else if (name === ":load") await this.#load(words.join(" "));
    else this.#fail(`there is no command ${name}; :help lists them`);
  }

  async #load(path: string): Promise<void> {
    if (path === "") return this.#fail(":load needs a file");
    let text: string;
    try {
      text = await this.#readFile(path);
    } catch (error) {
      return this.#fail(error instanceof Error ? error.message : `${path} cannot be read`);
    }
    await this.#evaluate(text);
  }
}

/** The completions of a line: names that continue its last word, or commands. */
export function complete(line: string, names: string[]): [string[], string] {
  const commands = [":help", ":load ", ":quit"];
  if (line.startsWith(":")) return [commands.filter((command) => command.startsWith(line)), line];
  const word = /[A-Za-z_][A-Za-z0-9_]*$/.exec(line)?.[0] ?? "";
  if (word === "") return [[], ""];
  return [names.filter((name) => name.startsWith(word)).sort(), word];
}
