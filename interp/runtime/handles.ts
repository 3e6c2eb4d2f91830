// Handles as this VM holds them: each wrapper owns one reference in the core, given back when the wrapper is collected.
// Finalizers run when the thread returns to its event loop: the worker loop does so now and then (worker.ts).
import { Handle, HandleKind } from "../eval/values.ts";
import { FIBER_SIZE, FIBER_CAPACITY, FIBER_GENERATION } from "./abi.generated.ts";
import { core } from "./library.ts";
import { recordI32 } from "./memory.ts";

let worker = 0;
export function handlesOf(w: number): void {
  worker = w;
}

const released = new FinalizationRegistry<number>((reference) => {
  core.janus_handle_release(worker, reference);
  if (known.get(reference)?.deref() === undefined) known.delete(reference);
});
const releasedBlocks = new FinalizationRegistry<number>((block) => void core.janus_block_release(worker, block));

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
  released.register(handle, reference);
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

/** Keeps a block of shared memory alive for as long as its owner lives. */
export function adopt(block: number, owner: object): void {
  releasedBlocks.register(owner, block);
}
