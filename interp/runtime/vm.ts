// One interpreter VM: a checked program, its codes, and the worker loop that runs fibers on them. The main thread has
// one, every further worker its own; all are made from the same texts, so that what one names another finds.
import type { Code } from "../eval/code.ts";
import { useDeclarations } from "../eval/declarations.ts";
import { compilers } from "../eval/lower/compile.ts";
import { ProgramDeclarations } from "../eval/lower/declarations.ts";
import { Instances } from "../eval/lower/instances.ts";
import { intrinsicCalls } from "../eval/lower/intrinsics.ts";
import { machine } from "../eval/machine.ts";
import type { Program } from "../sema/index.ts";
import { FIRST_STD_UNIT } from "../sema/sources.ts";
import { STD_UNITS } from "../sema/std-units.ts";
import { AREA_PLACE, SCRATCH_BYTES } from "./abi.generated.ts";
import { useCodecHost } from "./codec.ts";
import { ExploredHost, exploredIntrinsics, useSeededSlices } from "./explored.ts";
import { handlesOf, keepMemory, referenceOf, wrap } from "./handles.ts";
import { CoreHost } from "./host.ts";
import { hostIntrinsics, type RuntimeFacts } from "./intrinsics.ts";
import { core, mapRuntime } from "./library.ts";
import { type LoopEvents, WorkerLoop } from "./loop.ts";
import { arenaBytes, arenaI32 } from "./memory.ts";
import { defaultBudget, setBudget } from "./memory-budget.ts";
import { seededEntropy } from "./schedule.ts";
import type { Units } from "./traces.ts";
import { give, outPayload, outTag, transportOf } from "./transport.ts";

/** The scratch's first bytes are for texts of single calls, the rest for encoding, which makes such calls. */
const TEXT_BYTES = 64 << 10;

/** Bytes of a fiber's stack by profile (language reference, Fibers). */
const STACKS: Record<string, number> = { core: 64 << 10, service: 256 << 10, cluster: 256 << 10, sovereign: 512 << 10 };

export interface VmOptions {
  worker: number;
  program: Program;
  profile: string;
  args: string[];
  workers: number;
  /** bytes that the process may use; null: a share of the machine's. Of worker 0 alone. */
  memory?: number | null;
  /** The runtime is seeded: fibers give way where its oracle says. */
  isSeeded?: boolean;
  exit(status: number): void;
  /** a call that holds the worker for longer is told; 0: none is. */
  watchdogMs: number;
  /** the sources, for places that the program asks for as texts. */
  units: Units;
  /** brings a unit of the program that this VM has not met: a REPL entry. */
  loadUnit?(unit: number): void;
  events: LoopEvents;
}

/** What a VM does for the watchdog: notes where it calls the library, and has a fiber that was long in it give way. */
class Watch {
  private readonly place: number;
  private startMs = 0;
  constructor(worker: number, private readonly limitMs: number) {
    this.place = (core.janus_worker_area(worker) + AREA_PLACE) >>> 2;
  }

  enter(place: number): void {
    arenaI32[this.place] = place;
    this.startMs = performance.now();
  }

  leave(): void {
    arenaI32[this.place] = 0;
    if (performance.now() - this.startMs < this.limitMs) return;
    machine.red = 0;
    machine.hurry = true;
  }
}

export class Vm {
  readonly host: CoreHost;
  readonly instances: Instances;
  readonly loop: WorkerLoop;
  private readonly worker: number;
  private readonly scratch: number;
  private codes: Code[] = [];
  private readonly publishedGlobals = new Set<number>();

  constructor(options: VmOptions) {
    mapRuntime();
    this.worker = options.worker;
    this.scratch = core.janus_scratch(this.worker);
    handlesOf(this.worker);
    transportOf(this.worker, this.scratch + TEXT_BYTES);
    useCodecHost({
      intern: (text) => this.intern(text),
      interned: (id) => this.interned(id),
      code: (id) => this.codeOf(id),
      codeId: (code) => this.codeId(code),
      scratch: this.scratch + TEXT_BYTES,
      scratchBytes: SCRATCH_BYTES - TEXT_BYTES,
      alloc: (bytes) => core.janus_alloc(this.worker, bytes),
      memory: (block) => Math.max(0, core.janus_memory_new(this.worker, block)),
      keepMemory,
      wrap,
      reference: referenceOf,
    });
    const { program } = options;
    const declared = new ProgramDeclarations(program, (unit) => {
      if (unit >= FIRST_STD_UNIT) program.loadStd(STD_UNITS[unit - FIRST_STD_UNIT]!);
      else options.loadUnit?.(unit);
    });
    useDeclarations(declared);
    const Host = options.isSeeded === true ? ExploredHost : CoreHost;
    this.host = new Host(this.worker, core.janus_worker_area(this.worker), this.scratch, TEXT_BYTES,
      (code) => this.codeId(code), (id) => this.codeOf(id), STACKS[options.profile] ?? STACKS.service!, options.units,
      options.workers);
    this.host.tellExit = options.exit;
    machine.host = this.host;
    machine.watch = options.watchdogMs === 0 ? null : new Watch(this.worker, options.watchdogMs);
    const facts: RuntimeFacts = {
      host: this.host, args: options.args, workers: options.workers, units: options.units, program,
    };
    let intrinsics = hostIntrinsics(facts);
    if (this.host instanceof ExploredHost) {
      intrinsics = exploredIntrinsics(intrinsics, this.host, seededEntropy);
      useSeededSlices();
    }
    this.instances = new Instances(program, declared, compilers, intrinsicCalls(intrinsics),
      (text) => this.intern(text));
    if (this.worker === 0) setBudget(options.memory ?? defaultBudget());
    this.loop = new WorkerLoop(this.host, (id) => this.codeOf(id), options.events, options.units);
    this.host.packing = this.loop;
  }

  // -------------------------------------------------------------- names in the core

  private intern(text: string): number {
    const length = arenaBytes.utf8Write(text, this.scratch, TEXT_BYTES);
    return core.janus_intern(this.worker, length);
  }

  private interned(id: number): string {
    const length = core.janus_interned(this.worker, id);
    return arenaBytes.utf8Slice(this.scratch, this.scratch + length);
  }

  private codeOf(id: number): Code {
    let code = this.codes[id];
    if (code === undefined) {
      code = this.instances.byKey(this.interned(id));
      code.interned = id;
      this.codes[id] = code;
    }
    return code;
  }

  /** A text by its number in the core. */
  textOf(id: number): string {
    return this.interned(id);
  }

  /** What the function is called that a code stands for. */
  codeName(id: number): string {
    return this.codeOf(id).name;
  }

  codeId(code: Code): number {
    if (code.interned < 0) {
      code.interned = this.intern(code.key);
      this.codes[code.interned] = code;
    }
    return code.interned;
  }

  /** Makes the module-level values that this VM has evaluated readable for the others. */
  publishGlobals(): void {
    for (const [index, value] of this.instances.globals) {
      if (this.publishedGlobals.has(index)) continue;
      this.publishedGlobals.add(index);
      give(value);
      core.janus_global_set(this.worker, index, outTag, outPayload);
    }
  }
}
