// Values that one operation makes large: whether the program's memory budget has room for one is asked before, since
// the engine cannot be stopped in the middle, and ends the process when the system gives it nothing.
import { machine } from "./machine.ts";

/** Less than this is made without asking: the budget is looked at often enough for it. */
const LARGE = 8 << 20;

/** Filling so many bytes takes about as long as one reduction. */
const REDUCTION_BYTES = 4096;

/**
 * Why an operation must not make a value of so many bytes, a message for P006; null: it may. Charges the fiber for it,
 * so that one which makes large values in a loop gives way, and is looked at, as often as any other.
 */
export function refused(bytes: number): string | null {
  machine.red -= Math.floor(bytes / REDUCTION_BYTES);
  return bytes < LARGE ? null : machine.host.refuse(bytes);
}
