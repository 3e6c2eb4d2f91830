// Limits of values, and the panics that say so.
import { readOnly } from "../faults.ts";
import { machine } from "../machine.ts";

/** The longest string, bytes. */
export const STRING_MAX = 2 ** 30;

/** The most elements that `[x; n]` makes. */
export const ELEMENTS_MAX = 2 ** 27;

export const tooLong = (site: number): undefined =>
  machine.panic("P006", "out of memory: a string cannot be longer than 2^30 bytes", site);

/** A panic at a place, as integers.ts reports it. */
export const faultAt = (site: number) => (code: string, message: string) => machine.panic(code, message, site);

/** What a write at a place does with a frozen object (snapshot.ts). */
export const refusal = (site: number) => (object: unknown): undefined => readOnly(faultAt(site), object);
