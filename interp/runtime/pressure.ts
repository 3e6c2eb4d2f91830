// When this VM collects its garbage whole. The engine does so by the growth of its own heap, and two things mislead it:
// it takes the core's memory, mapped here whole, for gigabytes of that heap, so a full collection never seems due; a
// wrapper of a few words may keep a channel with its buffer, a descriptor or a finished fiber's record in the core,
// which are given back by the wrapper's finalizer alone. So the worker loop asks here at each turn of its event loop
// (finalizers run only there), and a full collection is made when what is held has doubled since the last one: a
// program that holds much pays for few, one that makes and drops pays a few milliseconds for each LEAST bytes.
import { fullGC, heapSize } from "bun:jsc";
import { core } from "./library.ts";
import { heldReferences } from "./handles.ts";
import { mappedBytes } from "./memory.ts";

/** Nothing is collected for less than this. */
const LEAST = 24 << 20;
/** What a reference keeps in the core beside arena memory: its slot, a task's record, a descriptor. */
const REFERENCE_BYTES = 256;
/** The engine's heap is measured at the most for this share of the time: that takes longer the larger it is. */
const MEASURING_SHARE = 1 / 200;

export class Pressure {
  private heap = 0;
  private measureAgainMs = 0;
  /** what may be held until the next full collection. */
  private limit = 0;
  /** the finalizers of the last collection have run by now: what is held is the new measure. */
  private isFresh = true;

  constructor(private readonly worker: number) {}

  /** Before the thread returns to its event loop. */
  relieve(): void {
    const references = heldReferences();
    const inCore = core.janus_held(this.worker, references) + references * REFERENCE_BYTES;
    const now = performance.now();
    if (this.isFresh || now >= this.measureAgainMs) this.measure(now);
    const held = this.heap + inCore;
    if (this.isFresh) {
      this.isFresh = false;
      this.limit = held + Math.max(LEAST, held);
    } else if (held > this.limit) {
      fullGC();
      this.isFresh = true;
    }
  }

  private measure(now: number): void {
    this.heap = Math.max(0, heapSize() - mappedBytes());
    this.measureAgainMs = now + (performance.now() - now) / MEASURING_SHARE;
  }
}
