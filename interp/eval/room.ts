// Values that one operation makes large: whether the program's memory budget has room for one is asked before, since
// the engine cannot be stopped in the middle, and ends the process when the system gives it nothing.
import { machine } from "./machine.ts";

/** Less than this is made without asking: the budget is looked at often enough for it. */
const LARGE = 8 << 20;

/** Why an operation must not make a value of so many bytes, a message for P006; null: it may. */
export const refused = (bytes: number): string | null => (bytes < LARGE ? null : machine.host.refuse(bytes));
