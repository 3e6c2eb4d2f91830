// A REPL session as the terminal's thread sees it: evaluation happens on other threads, so this one's event loop stays
// free for keys. Posts go through the core, because the session's thread may be inside it or inside a program.
import { CoreError, core, mapRuntime, openLibrary, openRuntime } from "./runtime/library.ts";
import { arenaBytes } from "./runtime/memory.ts";
import { Post, type SessionReply, type SessionStart } from "./runtime/session.ts";
import { startThread } from "./runtime/threads.ts";
import { isIncomplete } from "./syntax/parser.ts";

export interface Entry {
  ok: boolean;
  /** the value as shown ("" for void), or the error. */
  text: string;
}

export interface SessionOptions {
  root: string;
  std: string;
  workers: number;
  color: boolean;
  /** for what a task reports on its own. */
  write(fd: 1 | 2, text: string): void;
}

export class ReplSession {
  private answer: ((entry: Entry) => void) | null = null;
  private known: string[] = [];
  private ended!: () => void;
  private readonly end = new Promise<void>((resolve) => (this.ended = resolve));

  private constructor(private readonly thread: Worker, private readonly write: SessionOptions["write"]) {}

  static async open(options: SessionOptions): Promise<ReplSession> {
    openLibrary(options.root);
    openRuntime({ workers: options.workers, arenaMegabytes: 0, flags: 0, seed: 0 });
    mapRuntime();
    core.janus_set_host_open(1);
    const thread = startThread("session-thread");
    const session = new ReplSession(thread, options.write);
    const start: SessionStart = {
      root: options.root, std: options.std, workers: options.workers, color: options.color,
    };
    await new Promise<void>((resolve, reject) => {
      thread.onmessage = (message: MessageEvent<SessionReply>) => {
        if (message.data.kind === "ready") resolve();
        else session.replied(message.data);
      };
      thread.onerror = (event) => reject(new CoreError(event.message));
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

  /** What the entries so far have declared, for completion. */
  names(): string[] {
    return this.known;
  }

  /** Cancels what still runs and waits for it; the exit status. */
  async close(): Promise<number> {
    this.post(Post.Quit, "");
    await this.end;
    this.thread.terminate();
    return 0;
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
      this.known = reply.names;
      const answer = this.answer;
      this.answer = null;
      answer?.({ ok: reply.ok, text: reply.text });
    } else if (reply.kind === "background") {
      this.write(2, `${reply.text}\n`);
    } else if (reply.kind === "closed") {
      this.ended();
    }
  }
}

