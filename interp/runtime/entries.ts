// Where the entries of a session lie for its other VMs: among the module-level values, from their end backwards.
import { GLOBALS_MAX } from "./abi.generated.ts";

/** The place of an entry's text, by the number of its unit. */
export const entryIndex = (unit: number): number => GLOBALS_MAX - 1 - unit;
