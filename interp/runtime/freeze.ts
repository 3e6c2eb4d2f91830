// Module-level values are the same for every fiber, so nothing in them changes once they are made: slices of scalars
// become shared memory of fixed length at once, however many workers there are, and other collections become
// read-only. A function value that keeps a variable of its own cannot be the same for every fiber: it is refused.
import { Cell, Closure, Failure, MapValue, SetValue, Slice, Some } from "../eval/values.ts";
import { share } from "./codec.ts";

/**
 * Makes the value and all it holds unchangeable. False: it holds a variable, which every fiber would have for itself.
 */
export function freeze(value: any): boolean {
  const met = new Set<object>();
  const pending: any[] = [value];
  while (pending.length > 0) {
    const v = pending.pop();
    if (typeof v !== "object" || v === null || met.has(v)) continue;
    met.add(v);
    if (v instanceof Cell) return false;
    if (v instanceof Slice) {
      if (v.root.kind !== 0) share(v.root);
      else {
        v.root.frozen = true;
        pending.push(...v.root.a);
      }
    } else if (v instanceof MapValue) {
      v.frozen = true;
      for (const [k, x] of v.entries.values()) pending.push(k, x);
    } else if (v instanceof SetValue) {
      v.frozen = true;
      pending.push(...v.entries.values());
    } else if (v instanceof Closure) {
      pending.push(...v.captured);
    } else if (v instanceof Some) {
      pending.push(v.v);
    } else if (v instanceof Failure) {
      pending.push(...v.error.payload);
    } else if (v.layout !== undefined) {
      for (let i = 0; i < v.layout.fields.length; i++) pending.push(v[`f${i}`]);
    }
  }
  return true;
}
