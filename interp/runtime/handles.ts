// Handles as this VM holds them: each wrapper owns one reference in the core, given back when the wrapper is collected.
// Finalizers run when the thread returns to its event loop: the worker loop does so now and then (loop.ts). What is
// left when the program ends is given back in one go.
import { Handle, HandleKind } from "../eval/values.ts";
import { FIBER_SIZE, FIBER_CAPACITY, FIBER_GENERATION } from "./abi.generated.ts";
import { core } from "./library.ts";
import { recordI32 } from "./memory.ts";

let worker = 0;
export function handlesOf(w: number): void {
  worker = w;
}

/** References that this VM owns, counted. */
class Held {
  private readonly counts = new Map<number, number>();
  /** How many references that is. */
  total = 0;
  private readonly collected = new FinalizationRegistry<number>((reference) => this.give(reference));

  constructor(private readonly release: (reference: number) => void) {}

  /** The reference lives as long as its owner. */
  keep(reference: number, owner: object): void {
    this.counts.set(reference, (this.counts.get(reference) ?? 0) + 1);
    this.total++;
    this.collected.register(owner, reference);
  }

  private give(reference: number): void {
    const count = this.counts.get(reference);
    if (count === undefined) return; // all was given back
    this.total--;
    if (count === 1) this.counts.delete(reference);
    else this.counts.set(reference, count - 1);
    this.release(reference);
  }

  giveAll(): void {
    for (const [reference, count] of this.counts) for (let i = 0; i < count; i++) this.release(reference);
    this.counts.clear();
    this.total = 0;
  }
}

const newlyHeld = () => new Held((reference) => {
  core.janus_handle_release(worker, reference);
  if (known.get(reference)?.deref() === undefined) known.delete(reference);
});
let handles = newlyHeld();

/** References that wait for a finalizer here, of wrappers in use and of those that nobody uses any more. */
export const heldReferences = (): number => handles.total;

/** The program is over: nothing of this VM refers to the core any more. What a next one holds is its own. */
export function releaseAll(): void {
  core.janus_held(worker, handles.total);
  handles.giveAll();
  handles = newlyHeld();
  known.clear();
}

/** Handles that have crossed into this VM: a million fibers that were given one channel share one wrapper of it. */
const known = new Map<number, WeakRef<Handle>>();

/** The generation of a fiber's record now. */
export const generationOf = (id: number): number => recordI32[(id * FIBER_SIZE + FIBER_GENERATION) >> 2]!;

/** The number by which the core counts references to it: of a task, one made of its record and generation. */
export function referenceOf(handle: Handle): number {
  return handle.kind === HandleKind.Task ? core.janus_task_handle(handle.id, handle.generation) : handle.id;
}

/** Takes over one reference that the caller owns. reference: as referenceOf gives it. */
export function own(kind: HandleKind, reference: number): Handle {
  const task = kind === HandleKind.Task;
  const id = task ? reference & (FIBER_CAPACITY - 1) : reference;
  const handle = new Handle(kind, id, task ? generationOf(id) : 0);
  handles.keep(reference, handle);
  return handle;
}

/** The wrapper of a handle that somebody else goes on holding. */
export function wrap(kind: HandleKind, reference: number): Handle {
  let handle = known.get(reference)?.deref();
  if (handle === undefined) {
    core.janus_handle_retain(reference);
    handle = own(kind, reference);
    known.set(reference, new WeakRef(handle));
  }
  return handle;
}

/** Keeps shared memory alive for as long as its owner lives. fresh: the first reference becomes the owner's. */
export function keepMemory(handle: number, owner: object, fresh: boolean): void {
  if (!fresh) core.janus_handle_retain(handle);
  handles.keep(handle, owner);
}
