// The memory budget of the process: how much it may use, engine and core together, before a program is told so (P006)
// instead of being killed by the system. What counts is resident memory, which is what a system counts, too. Each VM
// looks at it now and then, between two slices, and what is garbage never trips it: beyond the budget the VM that looks
// collects its garbage first and asks the others to do the same, and only when they had the time to, and too much is
// still in use, does the fiber that has just run end with a panic. Its defers run; a server that catches it goes on.
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { heapSize } from "bun:jsc";
import { AREA_BUDGET, AREA_COLLECTIONS, AREA_HEAP } from "./abi.generated.ts";
import { heldReferences } from "./handles.ts";
import { core } from "./library.ts";
import { arenaF64, arenaI32, mappedBytes } from "./memory.ts";

/** The share of what the system can give that a process may use, when nobody says how much. */
const SHARE = 0.8;
/** A program is out of memory when more than this share of its budget is in use after a collection. */
const FULL = 0.9;
/** Beyond this share of it nothing is waited for. */
const HARD = 1.1;
/** How often a VM looks: as much memory as can be filled in this time goes beyond the budget. */
const LOOK_MS = 10;
/** How long the other VMs, and the finalizers of this one, have for giving back what is garbage. */
const PATIENCE_MS = 100;
/** After a panic: the fiber's cleanup is left in peace. */
const PEACE_MS = 500;
/** Collecting takes this share of the time at the most. */
const COLLECTING_SHARE = 1 / 3;

/** The budget when the user gives none, in bytes: a share of the machine's, the container's or `ulimit -v`'s memory. */
export function defaultBudget(): number {
  const { constrainedMemory } = process as { constrainedMemory?(): number };
  const most = Math.min(totalmem(), constrainedMemory?.() || Infinity);
  return Math.floor(SHARE * Math.min(most, addressesLeft()));
}

/** Bytes that may still be mapped under `ulimit -v`, and those in use; Infinity without a limit, or outside Linux. */
function addressesLeft(): number {
  try {
    const limit = Number(/^Max address space\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1"))?.[1]);
    if (Number.isNaN(limit)) return Infinity;
    const mapped = Number(/^VmSize:\s+(\d+) kB/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1]) * 1024;
    return Math.max(0, limit - mapped) + resident();
  } catch {
    return Infinity;
  }
}

/** Resident bytes of this process; 0 when the system has no descriptor left for saying it. */
function resident(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}

const mib = (bytes: number): string => `${Math.round(bytes / (1 << 20))} MiB`;

/** What raises the budget; `ulimit -v` is not what people take it for. */
function allowsMore(): string {
  const left = addressesLeft();
  return left === Infinity ? "`--memory` allows more" : "`--memory` allows more, within the addresses that `ulimit -v`"
    + ` leaves (${mib(left)}; the engine reserves some 10 GB of them that it does not use)`;
}

/** Sets the budget of the open and mapped runtime, in bytes. */
export function setBudget(bytes: number): void {
  arenaF64[(core.janus_worker_area(0) + AREA_BUDGET) >>> 3] = bytes;
}

/** What one VM sees of the process's memory, and does about it. */
export interface Sight {
  nowMs(): number;
  /** Bytes of the process that are resident. */
  resident(): number;
  /** Bytes that the process may use. */
  budget(): number;
  /** Collects this VM's garbage, and tells the others the bytes of its heap, which it gives. */
  collect(): number;
  /** Bytes of every VM's heap after its last collection. */
  heaps(): number[];
  /** Bytes of channels, tasks and messages. */
  inCore(): number;
  /** How often a collection was asked of all VMs. */
  asked(): number;
  /** Asks for another one; gives its number. */
  ask(): number;
}

/** The sight of a worker's VM. workers: how many there may be. */
export function sightOf(worker: number, workers: number): Sight {
  const shared = core.janus_worker_area(0);
  const collections = (shared + AREA_COLLECTIONS) >>> 2;
  const heapOf = (w: number): number => (core.janus_worker_area(w) + AREA_HEAP) >>> 3;
  return {
    nowMs: () => performance.now(),
    resident,
    budget: () => arenaF64[(shared + AREA_BUDGET) >>> 3]!,
    collect() {
      Bun.gc(true);
      return (arenaF64[heapOf(worker)] = Math.max(0, heapSize() - mappedBytes()));
    },
    heaps: () => Array.from({ length: workers }, (_, w) => arenaF64[heapOf(w)]!),
    inCore: () => core.janus_held(worker, heldReferences()),
    asked: () => Atomics.load(arenaI32, collections),
    ask: () => Atomics.add(arenaI32, collections, 1) + 1,
  };
}

/** What a VM knows when it has collected its garbage. */
export interface Collected {
  used: number;
  budget: number;
  /** Bytes of this VM's heap, and of the largest one. */
  heap: number;
  largest: number;
  /** For how long too much has been in use, ms. */
  sinceMs: number;
}

/**
 * Whether the fiber that has just run may go on ("room"), goes on for the time being, since what is too much may be
 * garbage that somebody has yet to give back, or another VM's doing ("wait"), or has to end ("full").
 */
export function verdict({ used, budget, heap, largest, sinceMs }: Collected): "room" | "wait" | "full" {
  if (used <= budget * FULL) return "room";
  if (used >= budget * HARD) return "full";
  return sinceMs >= PATIENCE_MS && heap >= largest / 2 ? "full" : "wait";
}

/** One VM's part in keeping the budget. */
export class MemoryBudget {
  private lookAtMs = 0;
  /** Why the fiber that runs next ends: the program is out of memory. Whoever ends one for it sets this to null. */
  excess: string | null = null;
  /** the last collection asked of all that this VM has made. */
  private collected = 0;
  /** since when too much has been in use; null: it is not. */
  private excessFromMs: number | null = null;
  constructor(private readonly sight: Sight) {}

  /** Whether it is time to look, or what was seen has yet to be told. */
  isDue(): boolean {
    return this.excess !== null || this.sight.nowMs() >= this.lookAtMs;
  }

  /** Looks; takes some microseconds, and a collection when it must. */
  look(): void {
    if (this.sight.nowMs() >= this.lookAtMs) this.excess ??= this.measure();
  }

  /** Bytes that the program may still use, garbage counted as used. */
  get room(): number {
    return Math.max(0, this.sight.budget() - this.sight.resident());
  }

  /** Why so many bytes must not be made at one go, in words; null: there is room. Collects before it says no. */
  refuse(bytes: number): string | null {
    const { sight } = this;
    const budget = sight.budget();
    if (sight.resident() + bytes <= budget) return null;
    sight.collect();
    // what is resident may be garbage still, for some time; what the engine counts is not
    const held = sight.heaps().reduce((sum, heap) => sum + heap, sight.inCore());
    if (held + bytes <= budget) return null;
    return `out of memory: ${mib(bytes)} at one go, while the program holds ${mib(held)} of the ${mib(budget)}`
      + ` that it may; ${allowsMore()}`;
  }

  private measure(): string | null {
    const { sight } = this;
    const budget = sight.budget();
    const asked = sight.asked();
    const before = sight.nowMs();
    this.lookAtMs = before + LOOK_MS;
    if (sight.resident() <= budget && asked === this.collected) {
      this.excessFromMs = null;
      return null;
    }
    const heap = sight.collect();
    this.collected = asked;
    const now = sight.nowMs();
    const took = now - before;
    this.lookAtMs = now + Math.max(LOOK_MS, took / COLLECTING_SHARE - took);
    const used = sight.resident();
    const sinceMs = now - (this.excessFromMs ?? now);
    const found = verdict({ used, budget, heap, largest: Math.max(...sight.heaps()), sinceMs });
    if (found === "wait") {
      // the others hear of it when they look next
      if (this.excessFromMs === null) this.collected = sight.ask();
      this.excessFromMs ??= now;
      // however long the collection took: who grows fast is far beyond the budget soon
      this.lookAtMs = now + LOOK_MS;
      return null;
    }
    this.excessFromMs = null;
    if (found === "room") return null;
    this.lookAtMs = now + PEACE_MS;
    return this.explain(used, budget, heap);
  }

  private explain(used: number, budget: number, heap: number): string {
    const { sight } = this;
    const inCore = sight.inCore();
    const others = sight.heaps().reduce((sum, one) => sum + one, -heap);
    const parts = [`values of this worker: ${mib(heap)}`];
    if (others > 0) parts.push(`of the other workers: ${mib(others)}`);
    parts.push(`channels, tasks and messages: ${mib(inCore)}`);
    parts.push(`the interpreter and free space: ${mib(Math.max(0, used - heap - others - inCore))}`);
    const much = used > budget ? "" : " after a collection, more than nine tenths";
    return `out of memory: the program uses ${mib(used)}${much} of the ${mib(budget)} that it may`
      + ` (${parts.join(", ")}); ${allowsMore()}`;
  }
}
