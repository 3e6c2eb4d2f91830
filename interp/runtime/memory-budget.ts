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

/** One VM's view of it. */
export class MemoryBudget {
  private readonly shared = core.janus_worker_area(0);
  private readonly heap: number;
  private lookAtMs = 0;
  /** Why the fiber that runs next ends: the program is out of memory. Whoever ends one for it sets this to null. */
  excess: string | null = null;
  /** the last collection asked of all that this VM has made. */
  private collected = 0;
  /** since when too much has been in use; 0: it is not. */
  private excessFromMs = 0;
  /** worker: of this VM. workers: how many there may be. */
  constructor(private readonly worker: number, private readonly workers: number) {
    this.heap = (core.janus_worker_area(worker) + AREA_HEAP) >>> 3;
  }

  /** Whether it is time to look, or what was seen has yet to be told. */
  isDue(): boolean {
    return this.excess !== null || performance.now() >= this.lookAtMs;
  }

  /** Looks; takes some microseconds, and a collection when it must. */
  look(): void {
    if (performance.now() >= this.lookAtMs) this.excess ??= this.measure();
  }

  /** Bytes that the program may still use, garbage counted as used. */
  get room(): number {
    return Math.max(0, arenaF64[(this.shared + AREA_BUDGET) >>> 3]! - resident());
  }

  /** Why so many bytes must not be made at one go, in words; null: there is room. Collects before it says no. */
  refuse(bytes: number): string | null {
    const budget = arenaF64[(this.shared + AREA_BUDGET) >>> 3]!;
    if (resident() + bytes <= budget) return null;
    Bun.gc(true);
    // what is resident may be garbage still, for some time; what the engine counts is not
    const here = Math.max(0, heapSize() - mappedBytes());
    arenaF64[this.heap] = here;
    let held = core.janus_held(this.worker, heldReferences());
    for (let w = 0; w < this.workers; w++) held += arenaF64[(core.janus_worker_area(w) + AREA_HEAP) >>> 3]!;
    if (held + bytes <= budget) return null;
    return `out of memory: ${mib(bytes)} at one go, while the program holds ${mib(held)} of the ${mib(budget)}`
      + ` that it may; ${allowsMore()}`;
  }

  private measure(): string | null {
    const budget = arenaF64[(this.shared + AREA_BUDGET) >>> 3]!;
    const asked = Atomics.load(arenaI32, (this.shared + AREA_COLLECTIONS) >>> 2);
    let now = performance.now();
    this.lookAtMs = now + LOOK_MS;
    let used = resident();
    if (used <= budget && asked === this.collected) {
      this.excessFromMs = 0;
      return null;
    }
    Bun.gc(true);
    this.collected = asked;
    arenaF64[this.heap] = Math.max(0, heapSize() - mappedBytes());
    const took = performance.now() - now;
    now += took;
    this.lookAtMs = now + Math.max(LOOK_MS, took / COLLECTING_SHARE - took);
    used = resident();
    if (used <= budget * FULL) {
      this.excessFromMs = 0;
      return null;
    }
    if (used < budget * HARD && this.mayBeOthers(now)) {
      // however long the collection took: who grows fast is far beyond the budget soon
      this.lookAtMs = now + LOOK_MS;
      return null;
    }
    this.lookAtMs = now + PEACE_MS;
    this.excessFromMs = 0;
    return this.explain(used, budget);
  }

  /** Whether what is too much may be garbage that somebody has yet to give back, or another VM's doing. */
  private mayBeOthers(now: number): boolean {
    if (this.excessFromMs === 0) {
      this.excessFromMs = now;
      this.collected = Atomics.add(arenaI32, (this.shared + AREA_COLLECTIONS) >>> 2, 1) + 1;
    }
    if (now - this.excessFromMs < PATIENCE_MS) return true;
    return arenaF64[this.heap]! < this.largestHeap() / 2;
  }

  private largestHeap(): number {
    let most = 0;
    for (let w = 0; w < this.workers; w++) {
      most = Math.max(most, arenaF64[(core.janus_worker_area(w) + AREA_HEAP) >>> 3]!);
    }
    return most;
  }

  private explain(used: number, budget: number): string {
    const inCore = core.janus_held(this.worker, heldReferences());
    const here = arenaF64[this.heap]!;
    const by = `values of this worker: ${mib(here)}, channels, tasks and messages: ${mib(inCore)}`;
    return `out of memory: the program uses ${mib(used)} of the ${mib(budget)} that it may (${by});`
      + ` ${allowsMore()}`;
  }
}
