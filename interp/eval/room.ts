// Values that one operation makes large: whether the program's memory budget has room for one is asked before, since
// the engine cannot be stopped in the middle, and ends the process when the system gives it nothing. What the engine
// itself refuses to make becomes the same panic here, wherever it was asked for: each call of a function, and each step
// that owes something on its way out, catches what is thrown and asks `refusedByEngine`.
import type { Fault } from "./faults.ts";
import { machine } from "./machine.ts";

/** Less than this is made without asking: the budget is looked at often enough for it. */
const LARGE = 8 << 20;

/** Filling so many bytes takes about as long as one reduction. */
const REDUCTION_BYTES = 4096;

/** Bytes of an array's element. */
export const WORD = 8;

/**
 * Whether an operation may make a value of so many bytes, which it asks at its head; the fault is P006 otherwise.
 * Charges the fiber for it, so that one which makes large values in a loop gives way, and is looked at, as often as any
 * other.
 */
export function roomFor(bytes: number, fault: Fault): boolean {
  machine.red -= Math.floor(bytes / REDUCTION_BYTES);
  const why = bytes < LARGE ? null : machine.host.refuse(bytes);
  if (why === null) return true;
  fault("P006", why);
  return false;
}

/** How the engine says that it cannot make something so large. A call stack that is used up is a defect of ours. */
const REFUSED = /out of memory|(array|string) length|length larger than|"size" is out of range|allocation failed/i;

export const isRefusedByEngine = (e: unknown): boolean => e instanceof RangeError && REFUSED.test(e.message);

/**
 * Panics with P006 for an allocation that the engine refused; anything else that was thrown goes on. site: of the
 * operation, as exactly as it is known.
 */
export function refusedByEngine(e: unknown, site: number): undefined {
  if (!isRefusedByEngine(e)) throw e;
  return machine.panic("P006", "out of memory: the engine has no room for a value of this size", site);
}
