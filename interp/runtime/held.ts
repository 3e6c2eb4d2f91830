// Which handles a fiber's continuation holds: what it could still use when it goes on. Walks the plain data of frames
// and states; code and native memory hold none.
import { Code } from "../eval/code.ts";
import { Handle, HandleKind } from "../eval/values.ts";

/** A handle as the search for stuck fibers names it: the core's number, of a task minus its fiber's number. */
export const nameOf = (handle: Handle): number => (handle.kind === HandleKind.Task ? -handle.id : handle.id);

/** The handles reachable from a value, each once. */
export function handlesIn(root: unknown): number[] {
  const found = new Set<number>();
  const seen = new Set<object>();
  const left: unknown[] = [root];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== "object" || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof Handle) found.add(nameOf(value));
    else if (value instanceof Map) left.push(...value.keys(), ...value.values());
    else if (value instanceof Set || Array.isArray(value)) for (const part of value) left.push(part);
    else if (!(value instanceof Code) && !ArrayBuffer.isView(value)) left.push(...Object.values(value));
  }
  return [...found];
}
