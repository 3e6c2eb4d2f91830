// A REPL session as the terminal's thread sees it: evaluation happens on other threads, so this one's event loop stays
// free for keys. Posts go through the core, because the session's thread may be inside it or inside a program.
import { INTERNAL_ERROR, internalError } from "./runtime/endings.ts";
import { CoreError, core, mapRuntime, openLibrary, openRuntime } from "./runtime/library.ts";
import { arenaBytes } from "./runtime/memory.ts";
import { Post, type SessionReply, type SessionStart } from "./runtime/session.ts";
import { startThread } from "./runtime/threads.ts";
import { isIncomplete } from "./syntax/parser.ts";
import { reservedWords } from "./syntax/token.ts";

export interface Entry {
  ok: boolean;
  /** the value as shown ("" for void), or the error. */
  text: string;
}

export interface SessionOptions {
  root: string;
  std: string;
  workers: number;
  /** bytes that the process may use; null: as memory-budget.ts says. */
  memory: number | null;
  color: boolean;
  /** for what comes unasked, as the report of a task that failed. */
  write(fd: 1 | 2, text: string): void;
}

/** How long the end of a session waits for tasks that are cancelled. */
const PATIENCE_MS = 2_000;

export class ReplSession {
  private answer: ((entry: Entry) => void) | null = null;
  private readonly known = new Set(reservedWords());
  private hasFailed = false;
  private isOpen = false;
  private ended!: () => void;
  private readonly end = new Promise<void>((resolve) => (this.ended = resolve));

  private constructor(private readonly thread: Worker, private readonly write: SessionOptions["write"]) {}

  /** The session's thread has failed, which is a defect of ours: everything that waits for it would wait for ever. */
  private broken(text: string): never {
    this.write(2, `${text}\n`);
    process.exit(INTERNAL_ERROR);
  }

  private learn(names: string[]): void {
    for (const name of names) this.known.add(name);
  }

  static async open(options: SessionOptions): Promise<ReplSession> {
    openLibrary(options.root);
    openRuntime({ workers: options.workers, arenaMegabytes: 0, flags: 0, seed: 0 });
    mapRuntime();
    core.janus_set_host_open(1);
    const thread = startThread("session-thread");
    const session = new ReplSession(thread, options.write);
    const start: SessionStart = {
      root: options.root, std: options.std, workers: options.workers, memory: options.memory,
      color: options.color,
    };
    await new Promise<void>((resolve, reject) => {
      thread.onmessage = (message: MessageEvent<SessionReply>) => {
        if (message.data.kind !== "ready") return session.replied(message.data);
        session.learn(message.data.names);
        session.isOpen = true;
        resolve();
      };
      thread.onerror = (event) => {
        event.preventDefault();
        if (session.isOpen) session.broken(internalError(event.message));
        else reject(new CoreError(event.message));
      };
      thread.postMessage(start);
    });
    return session;
  }

  isIncomplete(text: string): boolean {
    return isIncomplete(text);
  }

  /** Evaluates one entry; the next one waits for it. */
  evaluate(text: string): Promise<Entry> {
    return new Promise((resolve) => {
      this.answer = resolve;
      this.post(Post.Entry, text);
    });
  }

  /** Ctrl-C: what runs now ends as cancelled. */
  cancel(): void {
    this.post(Post.Cancel, "");
  }

  /** The language's words and what is in scope, for completion. */
  names(): string[] {
    return [...this.known];
  }

  /** Waits for the tasks that still run, as every nursery does; the exit status: 1 when one has failed on its own. */
  finish(): Promise<number> {
    return this.close(Post.Finish);
  }

  /**
   * Cancels the tasks that still run and waits for them; the exit status. Cancellation is cooperative, so a task that
   * only computes may never see it: such a one is left behind after a while, and that is said.
   */
  async quit(): Promise<number> {
    let timer: Timer | undefined;
    const late = new Promise<"late">((resolve) => (timer = setTimeout(() => resolve("late"), PATIENCE_MS)));
    const how = await Promise.race([this.close(Post.Quit), late]);
    clearTimeout(timer);
    if (how !== "late") return 0;
    this.write(2, "janus repl: a cancelled task goes on computing and was cut short\n");
    return 1;
  }

  private async close(how: Post.Finish | Post.Quit): Promise<number> {
    this.post(how, "");
    await this.end;
    this.thread.terminate();
    return this.hasFailed ? 1 : 0;
  }

  private post(what: Post, text: string): void {
    const bytes = Buffer.from(what + text, "utf8");
    const block = core.janus_alloc_foreign(bytes.length);
    if (block === 0) throw new CoreError("out of memory");
    bytes.copy(arenaBytes, block);
    core.janus_host_post(block);
  }

  private replied(reply: SessionReply): void {
    if (reply.kind === "entry") {
      this.learn(reply.names);
      const answer = this.answer;
      this.answer = null;
      answer?.({ ok: reply.ok, text: reply.text });
    } else if (reply.kind === "background") {
      this.hasFailed ||= reply.failed;
      this.write(2, `${reply.text}\n`);
    } else if (reply.kind === "exited") {
      process.exit(reply.status);
    } else if (reply.kind === "broken") {
      this.broken(reply.text);
    } else if (reply.kind === "closed") {
      this.ended();
    }
  }
}
