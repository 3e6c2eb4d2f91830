// The thread of a REPL session's main worker. The terminal's thread posts what is typed through the core, so that it
// reaches this one also while it runs a program; answers go back as messages.
import type { PanicValue } from "../eval/code.ts";
import { type ReadyEntry, sessionCode } from "../eval/lower/entry.ts";
import { Kind, machine } from "../eval/machine.ts";
import { quote, showOf } from "../eval/show.ts";
import { Failure, HandleKind, text } from "../eval/values.ts";
import { Session } from "../sema/index.ts";
import { FIRST_STD_UNIT, Sources } from "../sema/sources.ts";
import type { SourceText, Type } from "../syntax/ast.ts";
import { renderAll } from "../syntax/render.ts";
import { STATUS_OK, TAG_NULL, TAG_NUM, TAG_STR } from "./abi.generated.ts";
import { Diagnosis } from "./diagnosis.ts";
import { DEADLOCK, showDeadlock, showFailure, showPanic } from "./endings.ts";
import { own } from "./handles.ts";
import { entryIndex } from "./entries.ts";
import { core, openLibrary, FOR_EVER } from "./library.ts";
import type { Units } from "./traces.ts";
import { treeLines } from "./tree-text.ts";
import { give, outPayload, outTag, take } from "./transport.ts";
import { Vm } from "./vm.ts";
import { startWorkers } from "./workers.ts";

export interface SessionStart {
  root: string;
  std: string;
  workers: number;
  /** as in VmOptions. */
  memory: number | null;
  color: boolean;
}

/** What the session answers: one for each entry, and `background` for what comes unasked, as a task that failed. */
export type SessionReply =
  /** names: what is in scope before any entry. */
  | { kind: "ready"; names: string[] }
  /** names: what this entry has declared. */
  | { kind: "entry"; ok: boolean; text: string; names: string[] }
  | { kind: "background"; failed: boolean; text: string }
  /** a defect of ours: there will be no more answers. */
  | { kind: "broken"; text: string }
  /** a program has asked for the end of everything, with this status. */
  | { kind: "exited"; status: number }
  | { kind: "closed" };

/** What the terminal's thread posts: the first character says what it is. */
export const enum Post {
  Entry = "e",
  Cancel = "c",
  /** No more entries: what still runs may end. */
  Finish = "f",
  /** No more entries: what still runs is cancelled. */
  Quit = "q",
}

const INBOX_CAPACITY = 1024;

export class SessionThread implements Units {
  private readonly session: Session;
  private readonly sources: Sources;
  private readonly vm: Vm;
  private readonly typed: string[] = [];
  private readonly inbox;
  private entries: SourceText[] = [];
  private shown: Type = { k: "void" };
  /** one for each further worker: it has left the core. */
  private left: Promise<void>[] = [];
  private exitStatus: number | null = null;
  private hasEnded = false;
  private readonly diagnosis: Diagnosis;
  /** an entry is being evaluated. */
  private isEvaluating = false;
  /** why the entry that is being evaluated was given up; null: it was not. */
  private verdict: string | null = null;

  constructor(private readonly start: SessionStart, private readonly reply: (r: SessionReply) => void) {
    openLibrary(start.root);
    this.sources = new Sources(start.std);
    this.session = new Session(this.sources);
    core.janus_worker_enter(0);
    this.vm = new Vm({
      worker: 0, program: this.session.program, profile: "service", args: [], workers: start.workers,
      exit: (status) => void (this.exitStatus = status),
      units: this,
      watchdogMs: 0,
      memory: start.memory,
      events: {
        mainEnded: () => {
          this.hasEnded = true;
          core.janus_shutdown();
        },
        startWorkers: () => this.startWorkers(),
        signal: () => {},
        deadlock: () => this.deadlocked(),
        quiet: () => {}, // the next entry may wake whoever waits
        host: (block) => this.posted(take(TAG_STR, block)),
        dump: (block) => this.diagnosis.answered(block),
      },
    });
    this.diagnosis = new Diagnosis(this.vm, this, () => true, false);
    this.inbox = own(HandleKind.Channel, core.janus_channel_new(0, INBOX_CAPACITY, 0));
  }

  source(id: number) {
    return this.entries[id] ?? this.sources.source(id);
  }

  decls(id: number) {
    return this.session.program.units.find((u) => u.source.id === id)?.decls ?? [];
  }

  stmts(id: number) {
    return this.session.program.units.find((u) => u.source.id === id)?.stmts ?? [];
  }

  async run(): Promise<void> {
    const { loop, instances } = this.vm;
    const code = sessionCode(instances, this.inbox, {
      next: () => this.next(),
      ended: (entry, value) => this.ended(entry, value),
      taskFailed: (how) => this.report(this.explain(how)),
    });
    loop.main = core.janus_spawn_main(this.vm.codeId(code), TAG_NULL, 0);
    this.reply({ kind: "ready", names: this.session.builtins() });
    while (loop.run() !== "exit") await new Promise((resolve) => setImmediate(resolve));
    if (!this.hasEnded) await Promise.all(this.left); // one of them says with which status
    core.janus_worker_leave(0);
    core.janus_flush(FOR_EVER);
    this.reply(this.exitStatus === null ? { kind: "closed" } : { kind: "exited", status: this.exitStatus });
  }

  private posted(message: string): void {
    switch (message[0]) {
      case Post.Entry:
        this.typed.push(text(message.slice(1)));
        core.janus_try_send(0, this.inbox.id, TAG_NUM, 1);
        break;
      case Post.Cancel:
        if (this.isEvaluating) this.vm.loop.interruptMain();
        break;
      case Post.Finish:
        // nobody will type what a task may wait for
        core.janus_set_host_open(0);
        core.janus_close_channel(0, this.inbox.id, 0);
        break;
      case Post.Quit:
        core.janus_close_channel(0, this.inbox.id, 0);
        this.vm.loop.interruptMain();
        break;
    }
  }

  /** Something has failed that no entry waits for. */
  private report(text: string): void {
    this.reply({ kind: "background", failed: true, text });
  }

  /**
   * While an entry is evaluated, or after the last one: between them the next one may wake whoever waits. It is the
   * entry that is given up; tasks may go on with one of the next.
   */
  private deadlocked(): void {
    if (this.isEvaluating) {
      this.diagnosis.request((tree) => {
        this.verdict = showDeadlock(treeLines(tree), DEADLOCK);
        this.vm.loop.interruptMain();
      });
      return;
    }
    this.report("PANIC P010: deadlock: the session's tasks wait, and nothing is left that could wake one");
    core.janus_shutdown();
  }

  /** Checks what was typed; errors are answered at once. */
  private next(): ReadyEntry | null {
    const id = this.entries.length;
    const source: SourceText = { name: `<entry ${id + 1}>`, text: this.typed.shift()!, id };
    this.entries.push(source);
    const { unit, fn, type, diagnostics } = this.session.add(source);
    const errors = diagnostics.some((d) => d.severity === "error");
    const said = diagnostics.length === 0 ? "" : renderAll(diagnostics, { colour: this.start.color });
    if (errors) {
      this.answer(false, said);
      return null;
    }
    if (said !== "") this.reply({ kind: "background", failed: false, text: said });
    this.shown = type;
    give(source.text);
    if (id >= FIRST_STD_UNIT || core.janus_global_set(0, entryIndex(id), outTag, outPayload) !== STATUS_OK) {
      this.answer(false, "this session has too many entries: start a new one");
      return null;
    }
    const known = this.vm.instances.globals;
    const globals = this.session.program.globals.filter((g) => !known.has(this.vm.instances.indexOfGlobal(g)));
    this.isEvaluating = true;
    this.verdict = null;
    core.janus_set_host_open(0); // what is typed now waits for the end of this entry
    return { unit, fn, globals };
  }

  private ended(_entry: ReadyEntry, value: any): void {
    if (this.exitStatus !== null) return;
    this.isEvaluating = false;
    this.vm.loop.endInterrupt();
    core.janus_set_host_open(1);
    core.janus_flush(FOR_EVER);
    if (this.left.length > 0) this.vm.publishGlobals();
    if (value === undefined || value instanceof Failure) {
      this.session.takeBack();
      const how = value ?? (machine.kind === Kind.Panic ? machine.value : null);
      this.answer(false, this.verdict ?? (how === null ? "cancelled" : this.explain(how)));
      return;
    }
    if (this.verdict !== null) return this.answer(false, this.verdict);
    const type = this.shown.k === "result" ? this.shown.ok : this.shown;
    if (type.k === "void" || type.k === "never") this.answer(true, "");
    else this.answer(true, text(type.k === "string" ? quote(value) : showOf(type)(value)));
  }

  private answer(ok: boolean, said: string): void {
    this.reply({ kind: "entry", ok, text: said, names: ok ? this.session.latest() : [] });
  }

  private explain(how: Failure | PanicValue): string {
    return how instanceof Failure ? showFailure(this, how) : showPanic(this, how);
  }

  private startWorkers(): void {
    this.left.push(...startWorkers(this.vm, {}, {
      root: this.start.root, std: this.start.std, workers: this.start.workers, entry: null, args: [],
      profile: "service", watchdogMs: 0,
    }, (status) => void (this.exitStatus = status)));
  }
}
