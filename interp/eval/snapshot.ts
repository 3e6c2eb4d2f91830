// Snapshots: values that a fiber may look at and not change. What a `spawn` carries in is one, what a module-level
// value holds is one, and so is what a closure has captured once it has crossed. This file says which objects are part
// of a snapshot, and the one question that every write asks first, on every tier and in every VM: `isFrozen`.
//
// An object that can be written in place (slice, map, set, variable, struct, tuple) is frozen when its `mark` is
// negative. What a frozen object leads to is frozen, too; memory that fibers share on purpose and handles never are. A
// copy of a frozen value (`clone`, or an assignment, which copies values) is not frozen: it is somebody's own.
import type { ClassLayout } from "./layouts.ts";
import { Cell, Closure, Dynamic, ErrorValue, Failure, MapValue, SetValue, Slice, Some } from "./values.ts";

/** The mark of a frozen object that was never encoded; the codec's marks of frozen objects lie below it. */
export const FROZEN = -1;

/** The same, as text in a fused step (fuse/plain.ts). */
export const frozenText = (object: string): string => `${object}.mark < 0`;

/** May this object not be written? A slice: asked of its root. */
export const isFrozen = (object: { mark: number }): boolean => object.mark < 0;

/** What a write to a frozen object says (P014). */
export function whyFrozen(object: unknown): string {
  return object instanceof Cell
    ? "this variable is another fiber's, and fibers share no variables: count with an `Atomic`, protect data"
      + " with a `Mutex`, or send the value through a `Channel`"
    : "this is read-only, a snapshot or a module-level value: clone() it to change it";
}

/** Whether a slice's elements are, or become when they cross, memory that fibers share; else they are copied. */
export const isSharedMemory = (root: Slice): boolean =>
  root.shared !== null || (root.kind !== 0 && !isFrozen(root));

/**
 * Makes the value and all it leads to a snapshot, in time linear in its size. `memory` gets each slice of scalars,
 * which stays changeable as memory of all fibers. False: it holds a variable, a reference to one, or a closure that
 * captures a reference; such a value can be no snapshot unless `variables` may be part of it, frozen as the rest.
 */
export function freeze(value: any, memory: ((root: Slice) => void) | null, variables = false): boolean {
  return freezeAll([value], memory, variables);
}

/** The same of several values, in time linear in the size of all. Uses up the list. */
export function freezeAll(pending: any[], memory: ((root: Slice) => void) | null, variables: boolean): boolean {
  const met = new Set<object>();
  while (pending.length > 0) {
    const v = pending.pop();
    if (typeof v !== "object" || v === null || met.has(v)) continue;
    met.add(v);
    if (v instanceof Slice) {
      const { root } = v;
      if (isSharedMemory(root)) {
        if (root.shared === null) memory?.(root);
      } else if (!met.has(root) || root === v) {
        met.add(root);
        root.mark = FROZEN;
        for (const x of root.a) pending.push(x);
      }
    } else if (v instanceof MapValue) {
      v.mark = FROZEN;
      for (const [k, x] of v.entries.values()) pending.push(k, x);
    } else if (v instanceof SetValue) {
      v.mark = FROZEN;
      for (const x of v.entries.values()) pending.push(x);
    } else if (v instanceof Dynamic) {
      v.mark = FROZEN;
      pending.push(v.v);
    } else if (v instanceof Cell) {
      if (!variables) return false;
      v.mark = FROZEN;
      pending.push(v.v);
    } else if (v instanceof Closure) {
      if (!variables && v.code.keeps !== "") return false;
      for (const x of v.captured) pending.push(x);
    } else if (v instanceof Some) {
      pending.push(v.v);
    } else if (v instanceof Failure) {
      pending.push(v.error);
    } else if (v instanceof ErrorValue) {
      for (const x of v.payload) pending.push(x);
    } else if (v.layout !== undefined) {
      const layout: ClassLayout = v.layout;
      if (layout.marked) v.mark = FROZEN;
      for (let i = 0; i < layout.fields.length; i++) pending.push(v[`f${i}`]);
    }
  }
  return true;
}
