// The worker loop: pulls events from the core, runs fibers until they give way, and packs continuations that other
// workers ask for. One for each VM; it returns to the thread's event loop when the core says it is time (finalizers run
// only there).
import { leavingTask } from "../eval/attached.ts";
import { type Code, FIRST_LOCAL, type Resume } from "../eval/code.ts";
import { Fiber, Kind, machine, newFrame, NO_ENTRIES, NO_LOCALS, releaseFrame, Why } from "../eval/machine.ts";
import { isRefusedByEngine, refusedByEngine } from "../eval/room.ts";
import { bytes, Failure, STOP, VOID } from "../eval/values.ts";
import {
  AREA_EV, AREA_EV_PAYLOAD, EVENT_DEADLOCK, EVENT_DUMP, EVENT_EXIT, EVENT_HOST, EVENT_PACK_PARKED, EVENT_PACK_READY,
  EVENT_QUIET, EVENT_RESUME, EVENT_SIGNAL, EVENT_START, EVENT_START_WORKERS, EVENT_TURN, EVENT_UNPACK, FIBER_NAME,
  FIBER_SITE_SPAWN, FIBER_SIZE, FIBER_STACK_BYTES, OUTCOME_CANCELLED, OUTCOME_FAILURE, OUTCOME_PANIC, OUTCOME_VALUE,
  TAG_DATA, TAG_NUM, TAG_VOID,
} from "./abi.generated.ts";
import { decodeContinuation, encodeContinuation, OutOfMemory, Uncrossable } from "./codec.ts";
import type { CoreHost } from "./host.ts";
import { core } from "./library.ts";
import { arenaF64, arenaI32, recordI32 } from "./memory.ts";
import type { MemoryBudget } from "./memory-budget.ts";
import { Pressure } from "./pressure.ts";
import { continuationSites, shorten, spawnedAt, traceLines, type Units } from "./traces.ts";
import { takeThunk } from "./thunk.ts";
import { blockOf, drop, give, nameAt, outPayload, outTag, wordsOf } from "./transport.ts";

const WORDS = FIBER_SIZE / 4;

export interface LoopEvents {
  /** The main fiber has ended: with a value, a Failure, or STOP and machine.kind saying how. */
  mainEnded(value: any): void;
  startWorkers(): void;
  signal(number: number): void;
  /** Nothing can go on; or (isEndless) a seeded run has taken more steps than it may. */
  deadlock(isEndless: boolean): void;
  /** Worker 0: nothing has run for a while. The low half of the core's count of switches. */
  quiet(switches: number): void;
  host(block: number): void;
  /** Worker 0: a block with the Janus stacks of another VM's fibers; the others: the question for theirs (0). */
  dump(block: number): void;
}

/** What loop() came back for. */
export type Left = "turn" | "exit";

export class WorkerLoop {
  /** Fibers whose continuation this VM holds, by number. */
  readonly fibers: (Fiber | undefined)[] = [];
  /** Where a new fiber pushes until it first waits; empty otherwise. */
  private readonly firstEntries: any[] = [];
  /** Objects of ended fibers, to be used again: a spawn makes no garbage but its arguments. */
  private readonly free: Fiber[] = [];
  private readonly w: number;
  private readonly events: number;
  private readonly payloads: number;
  private readonly pressure: Pressure;
  private readonly budget: MemoryBudget;
  /** events so far. */
  private pulled = 0;
  /** The main fiber stays in its VM: its end is this VM's business. */
  main = 0;
  /** The fiber that ends the program has ended, in this VM: nothing of it is run any more. */
  private hasExited = false;

  constructor(
    private readonly host: CoreHost,
    private readonly codeById: (id: number) => Code,
    private readonly on: LoopEvents,
    private readonly units: Units,
  ) {
    this.w = host.worker;
    this.pressure = new Pressure(this.w);
    this.budget = host.budget;
    const area = core.janus_worker_area(this.w);
    this.events = (area + AREA_EV) >>> 2;
    this.payloads = (area + AREA_EV_PAYLOAD) >>> 3;
  }

  /** Ends what the main fiber does inside its outermost nursery: at its next step, at once when it waits. */
  interruptMain(): void {
    this.host.interrupted = this.main;
    core.janus_interrupt(this.w, this.main);
  }

  /** What was interrupted has ended. */
  endInterrupt(): void {
    this.host.interrupted = 0;
  }

  private event(i: number): number {
    return arenaI32[this.events + i]!;
  }

  run(): Left {
    for (;;) {
      const event = this.hasExited ? EVENT_EXIT : core.janus_next(this.w);
      if ((++this.pulled & LOOK_MASK) === 0) this.budget.look();
      switch (event) {
        case EVENT_START:
          this.start(this.event(0), this.event(1), this.event(2), arenaF64[this.payloads]!);
          break;
        case EVENT_RESUME: {
          const fiber = this.fibers[this.event(0)]!;
          this.enter(fiber);
          const v = this.resumed(fiber);
          this.go(fiber, fiber.id === this.host.interrupted ? machine.cancel() : v);
          break;
        }
        case EVENT_UNPACK: {
          const fiber = this.unpack(this.event(0), this.event(1) >>> 0);
          this.enter(fiber);
          this.go(fiber, this.resumed(fiber));
          break;
        }
        case EVENT_PACK_READY:
        case EVENT_PACK_PARKED:
          this.pack();
          break;
        case EVENT_TURN:
          this.pressure.relieve();
          return "turn";
        case EVENT_START_WORKERS:
          this.on.startWorkers();
          break;
        case EVENT_SIGNAL:
          this.on.signal(this.event(0));
          break;
        case EVENT_DEADLOCK:
          this.on.deadlock(this.event(0) === 1);
          break;
        case EVENT_QUIET:
          this.on.quiet(this.event(1));
          break;
        case EVENT_HOST:
          this.on.host(this.event(1) >>> 0);
          break;
        case EVENT_DUMP:
          this.on.dump(this.event(1) >>> 0);
          break;
        case EVENT_EXIT:
          return "exit";
        default:
          throw new Error(`the core refused to go on (${event})`);
      }
    }
  }

  // -------------------------------------------------------------- running

  /** What a fiber has waited for. */
  private resumed(fiber: Fiber): any {
    try {
      return this.host.resumed(fiber);
    } catch (e) {
      return refusedByEngine(e, 0);
    }
  }

  private enter(fiber: Fiber): void {
    machine.fiber = fiber;
    machine.cont = fiber.cont;
    machine.stack = fiber.stack;
    machine.beginSlice();
    if (this.budget.excess !== null) machine.endSlice();
    machine.depth = 0;
    machine.kind = Kind.None;
  }

  private start(id: number, codeId: number, tag: number, payload: number): void {
    const fiber = this.fiber(id, recordI32[id * WORDS + FIBER_STACK_BYTES / 4]!);
    const code = this.codeById(codeId);
    const frame = code.pool.pop() ?? newFrame(code);
    if (tag === TAG_NUM && code.params === 1) frame[FIRST_LOCAL] = payload;
    else {
      try {
        takeThunk(fiber, frame, tag, payload);
      } catch (e) {
        this.enter(fiber);
        this.go(fiber, refusedByEngine(e, code.site));
        return;
      }
    }
    fiber.frame = frame;
    this.enter(fiber);
    machine.stack -= code.cost;
    if (machine.stack < 0) {
      this.go(fiber, this.host.stackOverflow(code, code.site));
      return;
    }
    // what it pushes at its first wait becomes an array of just that size: most fibers wait in one place only
    if (fiber.cont === NO_ENTRIES) machine.cont = this.firstEntries;
    if (this.budget.excess !== null) this.go(fiber, this.withinBudget());
    else this.begin(fiber, code, frame);
  }

  /** What a fiber that was preempted goes on with: nothing, or the panic of a program that is out of memory. */
  private withinBudget(): any {
    const { excess } = this.budget;
    if (excess === null) return VOID;
    this.budget.excess = null;
    return machine.panic("P006", excess, preemptedIn(machine.cont));
  }

  private fiber(id: number, stack: number): Fiber {
    const used = this.free.pop();
    const fiber = used ?? new Fiber(id, stack);
    fiber.id = id;
    fiber.stack = stack;
    fiber.locals = NO_LOCALS;
    fiber.unwinding = Kind.None;
    this.fibers[id] = fiber;
    return fiber;
  }

  private begin(fiber: Fiber, code: Code, frame: any[]): void {
    let v: any;
    try {
      v = code.body(frame);
    } catch (e) {
      v = refusedByEngine(e, code.site);
    }
    if (v === STOP && machine.kind === Kind.Suspend) {
      if (fiber.cont === NO_ENTRIES) fiber.cont = machine.cont = exactly(this.firstEntries);
      this.suspended(fiber, 0);
      return;
    }
    this.go(fiber, v);
  }

  /** Feeds a value to the innermost resumption, what that gives to the next, until the fiber gives way or ends. */
  private go(fiber: Fiber, value: any): void {
    const cont = fiber.cont;
    let v = value;
    while (cont.length > 0) {
      const state = cont.pop();
      const frame = cont.pop();
      const left: Resume = cont.pop();
      const resume = left.code!.current(left);
      const base = cont.length;
      if (v !== STOP) machine.kind = Kind.None;
      try {
        v = resume(frame, state, v);
      } catch (e) {
        v = refusedByEngine(e, left.site ?? 0);
      }
      if (v === STOP && machine.kind === Kind.Suspend) {
        if (!this.suspended(fiber, base)) return;
        v = this.withinBudget();
      }
    }
    this.end(fiber, v);
  }

  /** New entries lie innermost first: turn them round. Gives true when the fiber goes on at once. */
  private suspended(fiber: Fiber, base: number): boolean {
    const cont = fiber.cont;
    for (let i = base, j = cont.length - 3; i < j; i += 3, j -= 3) {
      const a = cont[i];
      const b = cont[i + 1];
      const c = cont[i + 2];
      cont[i] = cont[j];
      cont[i + 1] = cont[j + 1];
      cont[i + 2] = cont[j + 2];
      cont[j] = a;
      cont[j + 1] = b;
      cont[j + 2] = c;
    }
    machine.kind = Kind.None;
    if (machine.why === Why.Preempted) this.budget.look();
    if (machine.why === Why.Depth || (machine.why === Why.Preempted && this.budget.excess !== null)) {
      machine.depth = 0;
      if (base > 0) return true;
      this.go(fiber, machine.why === Why.Depth ? VOID : this.withinBudget());
      return false;
    }
    fiber.stack = machine.stack;
    if (machine.hurry) this.tellStack(fiber);
    if (machine.why === Why.Preempted) core.janus_yield(this.w, fiber.id);
    return false;
  }

  /** For the watchdog: how the fiber came to the call that held its worker. */
  private tellStack(fiber: Fiber): void {
    machine.hurry = false;
    const lines = traceLines(this.units, continuationSites(fiber.cont));
    if (lines.length === 0) return; // in its first function
    this.host.tell(bytes(`${[`watchdog: fiber ${fiber.id} goes on, called`, ...lines].join("\n")}\n`));
  }

  private end(fiber: Fiber, v: any): void {
    const { id, frame } = fiber;
    if (v === STOP && machine.kind === Kind.Return) v = machine.value;
    this.fibers[id] = undefined;
    if (frame !== null) releaseFrame(frame[0], frame);
    fiber.frame = null;
    fiber.locals = NO_LOCALS;
    if (this.free.length < FREE_MAX) this.free.push(fiber);
    if (v === STOP && machine.kind !== Kind.Panic && machine.kind !== Kind.Cancel) {
      throw new Error(`a fiber stopped without a reason, in ${frame === null ? "its first function" : frame[0].name}`);
    }
    if (id === this.host.exiting) this.hasExited = true;
    if (id === this.main) {
      this.on.mainEnded(v);
      if (this.hasExited) return;
      core.janus_finish(this.w, id, OUTCOME_VALUE, TAG_VOID, 0);
      return;
    }
    if (this.hasExited) {
      if (v === STOP && machine.kind === Kind.Panic) this.host.exitFailed(machine.value);
      core.janus_shutdown();
      return;
    }
    let outcome: number = v instanceof Failure ? OUTCOME_FAILURE : OUTCOME_VALUE;
    if (v === STOP) {
      outcome = machine.kind === Kind.Panic ? OUTCOME_PANIC : OUTCOME_CANCELLED;
      v = machine.kind === Kind.Panic ? machine.value : null;
    }
    if (outcome === OUTCOME_FAILURE || outcome === OUTCOME_PANIC) {
      const site = recordI32[id * WORDS + FIBER_SITE_SPAWN / 4]! >>> 0;
      if (site !== 0) v.trace.push(spawnedAt(site));
      shorten(v.trace);
      v = leavingTask(v, nameAt(recordI32[id * WORDS + FIBER_NAME / 4]! >>> 0), site);
    }
    // a failure is handed over whatever a budget allows, as what a shield protects is
    const isFailed = outcome === OUTCOME_FAILURE || outcome === OUTCOME_PANIC;
    try {
      if (isFailed) core.janus_shield(this.w, id, 1);
      give(v);
    } catch (e) {
      if (!(e instanceof OutOfMemory || e instanceof Uncrossable || isRefusedByEngine(e))) throw e;
      // a nursery around it allows no more: what it gives is nobody's
      const isRefused = e instanceof OutOfMemory && core.janus_was_refused(this.w) !== 0;
      outcome = isRefused ? OUTCOME_CANCELLED : OUTCOME_PANIC;
      const site = recordI32[id * WORDS + FIBER_SITE_SPAWN / 4]! >>> 0;
      if (e instanceof Uncrossable) machine.panic("P014", e.message, site);
      else machine.panic("P006", "out of memory: a result is too large to be handed over");
      give(isRefused ? null : machine.value);
    }
    core.janus_finish(this.w, id, outcome, outTag, outPayload);
  }

  // -------------------------------------------------------------- moving

  /** The core asks for continuations: each fiber named gets an answer, 0 when it has to stay. */
  private pack(): void {
    const n = this.event(0);
    const ids: number[] = [];
    for (let i = 0; i < n; i++) ids.push(this.event(1 + i));
    for (const id of ids) core.janus_packed(this.w, id, this.packOne(id));
  }

  /** Before a long call: what others could run meanwhile is packed, if one of them has nothing to do. */
  offer(): void {
    for (let isFirst = 1; core.janus_offer(this.w, isFirst) > 0; isFirst = 0) this.pack();
  }

  private packOne(id: number): number {
    const fiber = this.fibers[id];
    if (fiber === undefined || id === this.main || id === this.host.exiting) return 0;
    if (fiber.cont.length > MAX_PACKED_WORDS) return 0;
    try {
      const block = blockOf(encodeContinuation(fiber));
      this.fibers[id] = undefined;
      return block;
    } catch (e) {
      if (e instanceof OutOfMemory || isRefusedByEngine(e)) return 0;
      throw e;
    }
  }

  private unpack(id: number, block: number): Fiber {
    const moved = decodeContinuation(wordsOf(block));
    drop(TAG_DATA, block);
    const fiber = this.fiber(id, moved.stack);
    fiber.cont = moved.cont;
    fiber.frame = moved.frame;
    fiber.locals = moved.locals;
    fiber.unwinding = moved.unwinding;
    fiber.wait = moved.wait;
    return fiber;
  }
}

/** The loop, or else the function, that a preempted fiber was in; 0: a call, which says its place when it unwinds. */
function preemptedIn(cont: readonly any[]): number {
  const resume: Resume | undefined = cont.at(-3);
  return resume === undefined || (resume.site ?? 0) !== 0 ? 0 : resume.loop ?? cont.at(-2)[0].site;
}

const FREE_MAX = 1024;
/** The memory budget is looked at once in so many events and one: a power of two, less one. */
const LOOK_MASK = 255;

/** Takes the entries out into an array no larger than it must be: one that grows by push takes twice as much. */
function exactly(entries: any[]): any[] {
  let taken: any[];
  const e = entries;
  switch (e.length) {
    case 3: taken = [e[0], e[1], e[2]]; break;
    case 6: taken = [e[0], e[1], e[2], e[3], e[4], e[5]]; break;
    case 9: taken = [e[0], e[1], e[2], e[3], e[4], e[5], e[6], e[7], e[8]]; break;
    case 12: taken = [e[0], e[1], e[2], e[3], e[4], e[5], e[6], e[7], e[8], e[9], e[10], e[11]]; break;
    default: taken = e.slice();
  }
  while (e.length > 0) e.pop();
  return taken;
}

/** Continuations longer than this (words: three an entry) stay where they are: packing is cold code. */
const MAX_PACKED_WORDS = 3 * 600;

