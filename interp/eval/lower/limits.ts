// Limits of values, and the panics that say so.
import { machine } from "../machine.ts";

/** The longest string, bytes. */
export const STRING_MAX = 2 ** 30;

export const tooLong = (site: number): undefined =>
  machine.panic("P006", "out of memory: a string cannot be longer than 2^30 bytes", site);

/** What a spawn carries in is read-only. */
export const snapshotChanged = (site: number): undefined =>
  machine.panic("P014", "this came with the spawn as a read-only snapshot: clone() it to change it", site);

/** A panic at a place, as integers.ts reports it. */
export const faultAt = (site: number) => (code: string, message: string) => machine.panic(code, message, site);
