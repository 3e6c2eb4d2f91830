// The evaluator's Host on top of the core: each operation is one call into the library. What it gives at once is read
// from the fiber's record; when it parks, the fiber remembers which operation it was, and `resumed` reads the same
// record when the worker loop gets the fiber back.
import { reportsOf } from "../eval/attached.ts";
import { type Code, FIRST_LOCAL, type Frame, type PanicValue } from "../eval/code.ts";
import {
  type Bound, type FailedChild, type Host, type JoinOutcome, type NurseryOptions, type SelectOperand, type SpawnHow,
  Wanted,
} from "../eval/host.ts";
import { type Fiber, frameWith, machine, releaseFrame, Why } from "../eval/machine.ts";
import { freeze } from "../eval/snapshot.ts";
import { stdError } from "../eval/std-errors.ts";
import {
  bytes, Failure, Handle, HandleKind, Slice, Some, text, VOID,
} from "../eval/values.ts";
import {
  AREA_CASES, AREA_EV, AREA_EV_PAYLOAD, BUDGET_MEMORY, BUDGET_OPERATIONS, BUDGET_SPAWNS, CASE_CHANNEL, CASE_KIND,
  CAUSE_EXIT,
  CASE_PAYLOAD, CASE_SIZE, CASE_TAG, FAILURE_FIBER, FAILURE_NAME, FAILURE_NEXT, FAILURE_PAYLOAD, FAILURE_SITE_SPAWN,
  FAILURE_STATUS, FAILURE_TAG, FIBER_AUX, FIBER_CANCEL_ANY, FIBER_GENERATION, FIBER_OPEN_NURSERY, FIBER_SITE_WAIT,
  FIBER_SIZE, FIBER_WAITERS, FIBER_WAIT_OBJECT,
  FIBER_WAKE_PAYLOAD, FIBER_WAKE_STATUS, FIBER_WAKE_TAG, FLAG_SPAWN_DAEMON,
  FLAG_SPAWN_TASK, REASON_FAILURE, REASON_REQUEST, SELECT_CLOSED, SELECT_RECEIVE, SELECT_SEND, STATUS_ALL_CLOSED,
  STATUS_CANCELLED, STATUS_CANCELLED_TASK, STATUS_CLOSED, STATUS_EMPTY, STATUS_FAILED, STATUS_FULL, STATUS_INVALID,
  STATUS_OK, STATUS_OUT_OF_MEMORY, STATUS_OVER_BUDGET, STATUS_PANICKED, STATUS_PARKED, STATUS_POISONED,
  STATUS_TIMEOUT, TAG_DATA, TAG_NULL, TAG_NUM, WAITERS_DONE,
} from "./abi.generated.ts";
import { refusedByEngine } from "../eval/room.ts";
import { causeText } from "./causes.ts";
import { closedChannel } from "./closing.ts";
import { PANICKED, showPanic } from "./endings.ts";
import { OutOfMemory, share, Uncrossable } from "./codec.ts";
import { generationOf, own } from "./handles.ts";
import { core } from "./library.ts";
import { arenaBytes, arenaF64, arenaI32, recordF64, recordI32 } from "./memory.ts";
import { MemoryBudget, sightOf } from "./memory-budget.ts";
import { type Attempt, attempt, cancelled as cancelledAttempt, type SocketHost, timedOut } from "./sockets.ts";
import { systemError } from "./system-errors.ts";
import { giveThunk } from "./thunk.ts";
import { showPlaceOf, type Units } from "./traces.ts";
import { bytesOf, drop, give, look, nameAt, outPayload, outTag, take } from "./transport.ts";

/** What a blocking call keeps; of an error: the key of its set, its place and what it is about. */
type NativeState = [isList: boolean, set: string, place: number, about: string | null];

export const enum Op {
  None = 0,
  Sleep,
  Send,
  Receive,
  /** as Receive, where null is a value too: what was received comes in a box. */
  ReceiveBoxed,
  Await,
  TryAwait,
  TryAwaitBoxed,
  Join,
  Select,
  Park,
  ParkTimeout,
  Lock,
  Native,
  Spawn,
  /** as Await, where a panic and a cancellation are errors. */
  Outcome,
  /** it is done: the fiber gave way after it (explored.ts). */
  Held,
  Socket,
  /** It is done, but for the reader of it. */
  Write,
}

const WORDS = FIBER_SIZE / 4;
const DOUBLES = FIBER_SIZE / 8;
/** A nursery's budgets by the core's numbers, as its options are called. */
const BUDGETS: Record<number, string> = {
  [BUDGET_SPAWNS]: "spawns", [BUDGET_MEMORY]: "memory", [BUDGET_OPERATIONS]: "operations",
};
/** More children than any nursery can have. */
const UNLIMITED = 0xffff_ffff;
/** Longer names are cut. */
const NAME_BYTES = 80;

export class CoreHost implements Host, SocketHost {
  /** number of this VM's worker. */
  readonly worker: number;
  /** where the core puts what it says beside a status, and where bytes cross. */
  readonly area: number;
  readonly scratch: number;
  private readonly scratchBytes: number;
  /** the fiber that unwinds as a cancelled one, though nothing of its outermost nursery is cancelled; 0: none. */
  interrupted = 0;
  /** packs the fibers of this VM for others: its loop. */
  packing: { offer(): void } | null = null;
  /** the fiber that ends the program: it unwinds, and when it has ended, so has everything; 0: none. */
  exiting = 0;
  private exitStatus = 0;
  /** is told the status that the program ends with. */
  tellExit: (status: number) => void = () => {};
  /** nurseries that it has opened since: what its cleanup starts is waited for. */
  private readonly openedExiting = new Set<number>();
  /** of the process, as this VM sees it. */
  readonly budget: MemoryBudget;
  constructor(worker: number, area: number, scratch: number, scratchBytes: number,
    private readonly codeId: (code: Code) => number,
    private readonly codeById: (id: number) => Code,
    private readonly defaultStack: number,
    private readonly units: Units,
    workers: number) {
    this.worker = worker;
    this.budget = new MemoryBudget(sightOf(worker, workers));
    this.area = area;
    this.scratch = scratch;
    this.scratchBytes = scratchBytes;
  }

  // -------------------------------------------------------------- results

  private status(fiber: Fiber): number {
    return recordI32[fiber.id * WORDS + FIBER_WAKE_STATUS / 4]!;
  }

  /** Where the fiber waits, or waited last. */
  private place(fiber: Fiber): number {
    return recordI32[fiber.id * WORDS + FIBER_SITE_WAIT / 4]! >>> 0;
  }

  private value(fiber: Fiber): any {
    const tag = recordI32[fiber.id * WORDS + FIBER_WAKE_TAG / 4]!;
    const payload = recordF64[fiber.id * DOUBLES + FIBER_WAKE_PAYLOAD / 8]!;
    return tag === TAG_NUM ? payload : take(tag, payload);
  }

  /** Why the awaited task was cancelled. */
  private because(fiber: Fiber): string {
    const cause = recordF64[fiber.id * DOUBLES + FIBER_WAKE_PAYLOAD / 8]!;
    const why = causeText(cause, (place) => showPlaceOf(this.units, place));
    return why === null ? "" : `, by ${why}`;
  }

  /** Why the running fiber is cancelled; null when it is not. */
  cancelReason(): string | null {
    const why = causeText(core.janus_cancel_cause(this.worker, machine.fiber.id),
      (place) => showPlaceOf(this.units, place));
    return why === null ? null : bytes(why);
  }

  /** The operation parks: its result will be read by `resumed`. */
  private parked(op: Op, state: any = null): undefined {
    const fiber = machine.fiber;
    // most keep no more than their place, which the record has
    fiber.wait = state === null || state === this.place(fiber) ? op : [op, state];
    return machine.suspend(Why.Parked);
  }

  /** The value of the operation that this fiber was parked in. */
  resumed(fiber: Fiber): any {
    const { wait } = fiber;
    if (wait === Op.None) return VOID;
    fiber.wait = Op.None;
    const status = this.status(fiber);
    if (status === STATUS_OK) {
      // the commonest waits
      if (wait === Op.Receive || wait === Op.Await) return this.value(fiber);
      if (wait === Op.Send) return VOID;
    }
    if (typeof wait === "number") return this.result(wait, status, fiber, this.place(fiber));
    return this.result(wait[0], status, fiber, wait[1]);
  }

  private result(op: Op, status: number, fiber: Fiber, state: any): any {
    const site = typeof state === "number" ? state : 0;
    switch (status) {
      case STATUS_OK:
        break;
      case STATUS_CANCELLED:
        if (op === Op.Join) return { ended: "cancelled" } satisfies JoinOutcome;
        return op === Op.Socket ? cancelledAttempt(this, state) : machine.cancel();
      case STATUS_CLOSED:
        if (op === Op.Receive || op === Op.ReceiveBoxed) return null;
        // the channel is what the fiber waited on, and its number is still in the record
        return this.closedSend(site, recordI32[fiber.id * WORDS + FIBER_WAIT_OBJECT / 4]!);
      case STATUS_TIMEOUT:
        if (op === Op.Socket) return timedOut(this, state);
        if (op === Op.Join) return { ended: "deadline" } satisfies JoinOutcome;
        if (op === Op.Select) {
          this.chosen = -2;
          return VOID;
        }
        return op === Op.ParkTimeout ? false : VOID;
      case STATUS_EMPTY:
        this.chosen = -1;
        return VOID;
      case STATUS_FAILED:
        if (op === Op.Join) return this.failedChildren(fiber);
        if (op === Op.Native) return this.nativeResult(fiber, true, state);
        return this.value(fiber);
      case STATUS_PANICKED: {
        if (op === Op.Join) return this.failedChildren(fiber);
        const panic = this.value(fiber);
        if (op === Op.Outcome) return panicFailure(panic);
        if (site !== 0) panic.trace.push(site);
        machine.panic(panic.code, panic.message);
        machine.value = panic;
        return undefined;
      }
      case STATUS_CANCELLED_TASK:
        if (op === Op.Outcome) return taskFailure("Cancelled", []);
        if (op === Op.TryAwait || op === Op.TryAwaitBoxed) return null;
        return machine.panic("P012", `the awaited task was cancelled${this.because(fiber)}`, site);
      case STATUS_POISONED:
        if (op === Op.Lock) return false;
        break;
      case STATUS_INVALID:
        if (op === Op.Await) return machine.panic("P010", "deadlock: a task waits for its own end", site);
        return this.refused(status, state);
      case STATUS_ALL_CLOSED:
        return machine.panic("P011", "every channel of this select is closed", site);
      case STATUS_OUT_OF_MEMORY:
        return op === Op.Native ? tooMuch(state) : machine.panic("P006", "out of memory", site);
      case STATUS_OVER_BUDGET:
        return op === Op.Join ? this.overBudget(fiber) : machine.cancel();
      default:
        return this.refused(status, state);
    }
    switch (op) {
      case Op.Spawn: return this.spawnAgain(state);
      case Op.Socket: return attempt(this, state);
      case Op.Join: return { ended: "ok" } satisfies JoinOutcome;
      case Op.Lock: return true;
      case Op.ParkTimeout: return true;
      case Op.Select:
        this.chosen = recordI32[fiber.id * WORDS + FIBER_AUX / 4]!;
        return this.value(fiber);
      case Op.Receive:
      case Op.Await:
      case Op.TryAwait:
      case Op.Outcome:
        return this.value(fiber);
      case Op.ReceiveBoxed:
      case Op.TryAwaitBoxed:
        return new Some(this.value(fiber));
      case Op.Native:
        return this.nativeResult(fiber, false, state);
      default:
        return VOID;
    }
  }

  /** The children that failed, as the core lists them in the arena (FailureNode). The list is given back. */
  private failedChildren(fiber: Fiber): JoinOutcome {
    const children: FailedChild[] = [];
    let first: any = null;
    let at = recordI32[fiber.id * WORDS + FIBER_AUX / 4]! >>> 0;
    let bound: Bound = { ended: "ok" };
    while (at !== 0) {
      const field = (offset: number): number => arenaI32[(at + offset) >>> 2]!;
      const next = field(FAILURE_NEXT) >>> 0;
      const status = field(FAILURE_STATUS);
      if (status === STATUS_TIMEOUT || status === STATUS_OVER_BUDGET) {
        bound = status === STATUS_TIMEOUT ? { ended: "deadline" }
          : budgetEnd(field(FAILURE_FIBER), arenaF64[(at + FAILURE_PAYLOAD) >>> 3]!, field(FAILURE_SITE_SPAWN) >>> 0);
        core.janus_block_release(this.worker, at);
        at = next;
        continue;
      }
      const how: Failure | PanicValue = take(field(FAILURE_TAG), arenaF64[(at + FAILURE_PAYLOAD) >>> 3]!);
      // the first is raised; a panic goes before an error, for no handler can take it
      const isFirst = first === null || (first instanceof Failure && !(how instanceof Failure));
      if (isFirst) first = how;
      const nameBlock = field(FAILURE_NAME) >>> 0;
      const reports = reportsOf(how, nameAt(nameBlock), field(FAILURE_SITE_SPAWN) >>> 0);
      const child = { task: field(FAILURE_FIBER), reports };
      if (isFirst) children.unshift(child);
      else children.push(child);
      if (nameBlock !== 0) core.janus_block_release(this.worker, nameBlock);
      core.janus_block_release(this.worker, at);
      at = next;
    }
    return first instanceof Failure ? { ended: "failed", failure: first, children, bound }
      : { ended: "panicked", panic: first, children, bound };
  }

  private overBudget(fiber: Fiber): JoinOutcome {
    const kind = recordI32[fiber.id * WORDS + FIBER_AUX / 4]!;
    return budgetEnd(kind, recordF64[fiber.id * DOUBLES + FIBER_WAKE_PAYLOAD / 8]!, this.place(fiber));
  }

  /** A send on a closed channel or ring. */
  closedSend(site: number, channel: number): undefined {
    return machine.panic("P011", closedChannel(this, this.units, channel, site), site);
  }

  private refused(status: number, state: any): undefined {
    return machine.panic("P005", `the runtime refused an operation (status ${status})`,
      typeof state === "number" ? state : 0);
  }

  /** What an operation said at once: its value, or the fiber parks. */
  settle(op: Op, status: number, state: any = null): any {
    if (status === STATUS_PARKED) return this.parked(op, state);
    return this.result(op, status, machine.fiber, state);
  }

  /** The fiber parks in an operation on a socket. */
  parkedAtSocket(state: Attempt): undefined {
    return this.parked(Op.Socket, state);
  }

  /** A blocking call. */
  native(status: number, state: NativeState): any {
    return this.settle(Op.Native, status, state);
  }

  private nativeResult(fiber: Fiber, failed: boolean, state: NativeState): any {
    const tag = recordI32[fiber.id * WORDS + FIBER_WAKE_TAG / 4]!;
    const payload = recordF64[fiber.id * DOUBLES + FIBER_WAKE_PAYLOAD / 8]!;
    if (tag !== TAG_DATA) return take(tag, payload);
    const v = failed ? errorAt(payload, state) : new Slice(stringsAt(payload), 0);
    drop(tag, payload);
    return v;
  }

  // -------------------------------------------------------------- scheduling

  /** The program ends with the running fiber, which unwinds: what waits in its cleanup ends, but in a shield. */
  exit(status: number, site: number): undefined {
    const { id } = machine.fiber;
    this.exiting = id;
    this.exitStatus = status;
    this.tellExit(status);
    core.janus_task_cancel(this.worker, id, generationOf(id), CAUSE_EXIT, site);
    return machine.cancel();
  }

  /** The cleanup of the fiber that ends the program has panicked: that is told, and makes no success of it. */
  exitFailed(panic: PanicValue): void {
    if (this.exitStatus === 0) this.tellExit(PANICKED);
    this.tell(bytes(`${showPanic(this.units, panic)}\n`));
  }

  /** Whether the running fiber ends the program inside this nursery, whose tasks end with it and are not waited for. */
  private isLeftBehind(nursery: Handle): boolean {
    return machine.fiber.id === this.exiting && !this.openedExiting.has(nursery.id);
  }

  surplus(): boolean {
    return core.janus_surplus(this.worker) !== 0 || this.budget.isDue();
  }

  offer(): void {
    this.packing!.offer();
  }

  /** Bytes that the program may still use. */
  get room(): number {
    return this.budget.room;
  }

  refuse(bytes: number): string | null {
    return this.budget.refuse(bytes);
  }

  nowNs(): number {
    return core.janus_now_ns();
  }

  stackOverflow(code: Code, site: number): undefined {
    return machine.panic("P007", `stack overflow: ${code.name} was called deeper than this fiber's stack allows`, site);
  }

  spawn(frame: Frame, how: SpawnHow, name: string | null): any {
    const fiber = machine.fiber;
    const code: Code = frame[0];
    const { wanted, stack, site } = how;
    const nursery = recordI32[fiber.id * WORDS + FIBER_OPEN_NURSERY / 4]!;
    try {
      giveThunk(frame, fiber.locals);
      if (name !== null) this.nameNext(name);
    } catch (e) {
      releaseFrame(code, frame);
      return this.notGiven(e, site);
    }
    const flags = (wanted === Wanted.Not ? 0 : FLAG_SPAWN_TASK) | (how.daemon ? FLAG_SPAWN_DAEMON : 0);
    const codeId = code.interned >= 0 ? code.interned : this.codeId(code);
    const id = core.janus_spawn(this.worker, fiber.id, nursery, codeId, outTag, outPayload,
      flags, stack === 0 ? this.defaultStack : stack, site);
    if (id < 0) {
      drop(outTag, outPayload);
      const captured = frame[2];
      const args = frame.slice(FIRST_LOCAL, FIRST_LOCAL + code.params);
      releaseFrame(code, frame);
      if (id !== -STATUS_FULL) return this.settle(Op.Spawn, -id, site);
      // the nursery has as many children as its limit allows: spawn waits until one has ended, and tries again
      const again = [codeId, captured, args, wanted, stack, how.daemon, site, name];
      return this.settle(Op.Spawn, core.janus_nursery_room(this.worker, fiber.id, nursery, site), again);
    }
    releaseFrame(code, frame);
    if (wanted === Wanted.Not) return VOID;
    if (wanted === Wanted.Owned) return new Handle(HandleKind.Task, id, generationOf(id));
    return own(HandleKind.Task, core.janus_task_handle(id, generationOf(id)));
  }

  private spawnAgain([codeId, captured, args, wanted, stack, daemon, site, name]: any[]): any {
    return this.spawn(frameWith(this.codeById(codeId), captured, args), { wanted, stack, daemon, site }, name);
  }

  /** The next fiber that this worker spawns has this name. */
  private nameNext(name: string): void {
    const shown = name.length <= NAME_BYTES ? name : bytes(`${text(name).slice(0, NAME_BYTES / 4)}…`);
    const block = core.janus_alloc(this.worker, shown.length);
    if (block === 0) throw new OutOfMemory();
    arenaBytes.latin1Write(shown, block, shown.length);
    core.janus_spawn_name(this.worker, block);
  }

  releaseTask(task: Handle): void {
    core.janus_task_release(this.worker, task.id, task.generation);
  }

  awaitTask(task: Handle, site: number): any {
    // a task that has ended with a value: its record says so, and the handle keeps that as it is
    const record = task.id * WORDS;
    if (
      recordI32[machine.fiber.id * WORDS + FIBER_CANCEL_ANY / 4] === 0 &&
      Atomics.load(recordI32, record + FIBER_WAITERS / 4) === WAITERS_DONE &&
      recordI32[record + FIBER_GENERATION / 4] === task.generation &&
      recordI32[record + FIBER_WAKE_STATUS / 4] === STATUS_OK
    ) {
      return look(recordI32[record + FIBER_WAKE_TAG / 4]!, recordF64[task.id * DOUBLES + FIBER_WAKE_PAYLOAD / 8]!);
    }
    return this.settle(Op.Await, core.janus_await(this.worker, machine.fiber.id, task.id, task.generation, site), site);
  }

  tryAwait(task: Handle, site: number, boxed = false): any {
    const op = boxed ? Op.TryAwaitBoxed : Op.TryAwait;
    return this.settle(op, core.janus_await(this.worker, machine.fiber.id, task.id, task.generation, site),
      site);
  }

  outcome(task: Handle, site: number): any {
    return this.settle(Op.Outcome, core.janus_await(this.worker, machine.fiber.id, task.id, task.generation, site),
      site);
  }

  openNursery({ deadlineMs, deadlineAtNs, limit, token, budget, lenient }: NurseryOptions, site: number): any {
    const deadlineNs = deadlineMs !== null ? Math.max(0, deadlineMs * 1e6)
      : deadlineAtNs !== null ? Math.max(0, deadlineAtNs - core.janus_now_ns()) : -1;
    if (limit !== null && limit < 1) {
      return machine.panic("P009", `a nursery's limit is at least 1, not ${limit}`, site);
    }
    for (const [i, most] of (budget ?? []).entries()) {
      if (most !== null && most < 0) {
        return machine.panic("P009", `a nursery's budget of ${BUDGETS[i]!} is at least 0, not ${most}`, site);
      }
    }
    const fiber = machine.fiber.id;
    const id = core.janus_nursery_open(this.worker, fiber, deadlineNs, Math.min(limit ?? 0, UNLIMITED), site);
    if (id <= 0) return machine.panic("P006", "no room for another nursery", site);
    let status = STATUS_OK as number;
    if (lenient) status = core.janus_nursery_lenient(this.worker, id);
    if (budget !== null) {
      const [spawns, memory, operations] = budget;
      status = core.janus_nursery_budget(this.worker, id, spawns ?? -1, memory ?? -1, operations ?? -1);
    }
    if (token !== null && status === STATUS_OK) status = core.janus_nursery_token(this.worker, id, token.id);
    if (status !== STATUS_OK) {
      // without children it is left at once
      core.janus_nursery_join(this.worker, fiber, id);
      return machine.panic("P006", "no room for another nursery", site);
    }
    if (fiber === this.exiting) this.openedExiting.add(id);
    // its one reference is the core's, given back when the nursery is left: this handle must not give it back again
    return new Handle(HandleKind.Nursery, id, 0);
  }

  nurseryValue(nursery: Handle): Handle {
    core.janus_handle_retain(nursery.id);
    return own(HandleKind.Nursery, nursery.id);
  }

  cancelNursery(nursery: Handle, failed: boolean, site = 0): void {
    if (this.isLeftBehind(nursery)) return;
    core.janus_nursery_cancel(this.worker, nursery.id, failed ? REASON_FAILURE : REASON_REQUEST, site);
  }

  joinNursery(nursery: Handle): any {
    if (this.isLeftBehind(nursery)) return machine.cancel();
    return this.settle(Op.Join, core.janus_nursery_join(this.worker, machine.fiber.id, nursery.id));
  }

  isCancelled(): boolean {
    const fiber = machine.fiber;
    if (fiber.id === this.interrupted) return true;
    return recordI32[fiber.id * WORDS + FIBER_CANCEL_ANY / 4] !== 0 &&
      core.janus_is_cancelled(this.worker, fiber.id) !== 0;
  }

  enterGrace(ms: number, site: number): any {
    const shield = core.janus_grace_enter(this.worker, machine.fiber.id, Math.max(0, ms) * 1e6);
    return shield > 0 ? shield : machine.panic("P006", "no room for another shield", site);
  }

  leaveGrace(shield: number): void {
    core.janus_grace_leave(this.worker, machine.fiber.id, shield);
  }

  shield(delta: 1 | -1): void {
    core.janus_shield(this.worker, machine.fiber.id, delta);
  }

  // -------------------------------------------------------------- channels

  protected chosen = 0;

  selectedCase(): number {
    return this.chosen;
  }

  receive(channel: Handle, site: number, boxed = false): any {
    const fiber = machine.fiber;
    const op = boxed ? Op.ReceiveBoxed : Op.Receive;
    const status = core.janus_recv(this.worker, fiber.id, channel.id, site);
    if (status === STATUS_PARKED) return this.parked(op, site);
    if (status === STATUS_OK && !boxed) return this.value(fiber);
    return this.result(op, status, fiber, site);
  }

  send(channel: Handle, value: any, site: number): any {
    if (typeof value === "number") {
      const status = core.janus_send(this.worker, machine.fiber.id, channel.id, TAG_NUM, value, site);
      if (status === STATUS_OK) return VOID;
      return status === STATUS_CLOSED ? this.closedSend(site, channel.id) : this.settle(Op.Send, status, site);
    }
    try {
      give(value);
    } catch (e) {
      return this.notGiven(e, site);
    }
    const tag = outTag;
    const payload = outPayload;
    const status = core.janus_send(this.worker, machine.fiber.id, channel.id, tag, payload, site);
    if (status !== STATUS_OK && status !== STATUS_PARKED) drop(tag, payload);
    return status === STATUS_CLOSED ? this.closedSend(site, channel.id) : this.settle(Op.Send, status, site);
  }

  select(cases: SelectOperand[], hasDefault: boolean, timeoutMs: number | null, site: number): any {
    const start = this.area + AREA_CASES;
    const given: { tag: number; payload: number }[] = [];
    for (let i = 0; i < cases.length; i++) {
      const c = cases[i]!;
      const at = (start + i * CASE_SIZE) >>> 2;
      let tag: number = TAG_NULL;
      let payload = 0;
      if (c.kind === "send") {
        try {
          give(c.value);
        } catch (e) {
          for (const g of given) drop(g.tag, g.payload);
          return this.notGiven(e, site);
        }
        tag = outTag;
        payload = outPayload;
      }
      given.push({ tag, payload });
      arenaI32[at + CASE_KIND / 4] = c.kind === "recv" ? SELECT_RECEIVE
        : c.kind === "send" ? SELECT_SEND : SELECT_CLOSED;
      arenaI32[at + CASE_CHANNEL / 4] = c.channel.id;
      arenaI32[at + CASE_TAG / 4] = tag;
      arenaF64[((start + i * CASE_SIZE) >>> 3) + CASE_PAYLOAD / 8] = payload;
    }
    // what is left of a time that is over: less than none is none
    const timeout = timeoutMs === null ? -1 : Math.max(0, timeoutMs) * 1e6;
    const status = core.janus_select(this.worker, machine.fiber.id, cases.length, hasDefault ? 1 : 0, timeout, site);
    if (status !== STATUS_PARKED) {
      const taken = status === STATUS_OK ? recordI32[machine.fiber.id * WORDS + FIBER_AUX / 4]! : -1;
      given.forEach((g, i) => i !== taken && drop(g.tag, g.payload));
    }
    if (status === STATUS_CLOSED) {
      const closed = cases[recordI32[machine.fiber.id * WORDS + FIBER_AUX / 4]!]!;
      return this.closedSend(site, closed.channel.id);
    }
    return this.settle(Op.Select, status, site);
  }

  // -------------------------------------------------------------- the rest

  sleep(ms: number, site: number): any {
    return this.settle(Op.Sleep, core.janus_sleep(this.worker, machine.fiber.id, Math.max(0, ms) * 1e6, site), site);
  }

  write(fd: 1 | 2, bytes: string, site: number): any {
    const status = this.print(machine.fiber.id, fd, bytes, site);
    // nobody can read what is still to come on standard output: the core has ended the run
    return status === STATUS_OK || status === STATUS_FAILED ? VOID : this.settle(Op.Write, status, site);
  }

  flush(site: number): any {
    const status = core.janus_print_flush(this.worker, machine.fiber.id, site);
    return status === STATUS_FAILED ? VOID : this.settle(Op.Write, status, site);
  }

  /** Prints what the runtime itself says to standard error; nothing waits for its reader. */
  tell(bytes: string): void {
    this.print(0, 2, bytes, 0);
  }

  private print(fiber: number, fd: 1 | 2, bytes: string, site: number): number {
    let from = 0;
    // the pieces of a longer text stay together: the stream is ours until the last one
    for (; bytes.length - from > this.scratchBytes; from += this.scratchBytes) {
      this.printPiece(fiber, fd, bytes.slice(from, from + this.scratchBytes), 0, site);
    }
    return this.printPiece(fiber, fd, from === 0 ? bytes : bytes.slice(from), 1, site);
  }

  private printPiece(fiber: number, fd: 1 | 2, piece: string, last: 0 | 1, site: number): number {
    arenaBytes.latin1Write(piece, this.scratch, piece.length);
    return core.janus_print(this.worker, fiber, fd, piece.length, last, site);
  }

  freezeShared(value: any, what: string, site: number): any {
    try {
      if (freeze(value, share)) return VOID;
    } catch (e) {
      return this.notGiven(e, site);
    }
    return machine.panic("P014", `${what} keeps a variable or a reference to one, and fibers share no variables`, site);
  }

  global(index: number): any {
    const status = core.janus_global_get(this.worker, index);
    if (status !== STATUS_OK) return undefined;
    const at = this.area + AREA_EV;
    return look(arenaI32[(at >>> 2) + 2]!, arenaF64[(this.area + AREA_EV_PAYLOAD) >>> 3]!, true);
  }

  /** A value that could not be handed over: too large, or a closure that captures a reference. */
  notGiven(e: unknown, site: number): undefined {
    if (e instanceof Uncrossable) return machine.panic("P014", e.message, site);
    if (!(e instanceof OutOfMemory)) return refusedByEngine(e, site);
    // a nursery around it allows no more
    if (core.janus_was_refused(this.worker) !== 0) return machine.cancel();
    return machine.panic("P006", "out of memory: the value is too large to be copied", site);
  }
}

const budgetEnd = (kind: number, most: number, site: number): Bound =>
  ({ ended: "budget", what: `${BUDGETS[kind]!}: ${most}`, site });

/** A variant of std.task's TaskError. */
const taskFailure = (name: string, payload: any[], trace: number[] = []): Failure =>
  new Failure(stdError("TaskError", name, payload), trace);

/** A panic as an error, whose trace `failures` shows. */
function panicFailure(panic: PanicValue): Failure {
  const failure = taskFailure("Panicked", [`${panic.code}: ${panic.message}`], panic.trace);
  failure.error.children = reportsOf(panic);
  return failure;
}

/** What a blocking call gives does not fit into what is left. */
function tooMuch([, , place, about]: NativeState): undefined {
  const of = about === null ? "" : `: what was asked for of ${about} is more than is left`;
  return machine.panic("P006", `out of memory${of}`, place);
}

/** A failed call of the system, as core/src/codec.zig writes it: its number, then what it means. */
function errorAt(block: number, [, set, place, about]: NativeState): Failure {
  return systemError(arenaBytes.readUInt32LE(block), arenaBytes.latin1Slice(block + 4, block + bytesOf(block)),
    set, place, about);
}

/** Their number, then each with its length. */
function stringsAt(block: number): string[] {
  const out: string[] = [];
  let at = block + 4;
  for (let n = arenaBytes.readUInt32LE(block); n > 0; n--) {
    const length = arenaBytes.readUInt32LE(at);
    out.push(arenaBytes.latin1Slice(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return out;
}
