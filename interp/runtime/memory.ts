// The core's memory, mapped once: fiber records and the arena. Typed arrays over it live as long as the process; an
// offset into the arena is a byte offset, 0 means none.
import { toArrayBuffer, type Pointer } from "bun:ffi";

export let arenaI32 = new Int32Array(0);
export let arenaU32 = new Uint32Array(0);
export let arenaF64 = new Float64Array(0);
export let arenaF32 = new Float32Array(0);
export let arenaU8 = new Uint8Array(0);
export let arenaI8 = new Int8Array(0);
export let arenaU16 = new Uint16Array(0);
export let arenaI16 = new Int16Array(0);
/** The same bytes with Buffer's string methods. */
export let arenaBytes = Buffer.alloc(0);
export let recordI32 = new Int32Array(0);
export let recordF64 = new Float64Array(0);

/** What the engine counts as its heap though it is the core's. */
export const mappedBytes = (): number => arenaU8.length + recordI32.byteLength;

export function mapMemory(arena: Pointer, arenaLength: number, records: Pointer, recordsLength: number): void {
  const a = toArrayBuffer(arena, 0, arenaLength);
  arenaI32 = new Int32Array(a);
  arenaU32 = new Uint32Array(a);
  arenaF64 = new Float64Array(a);
  arenaF32 = new Float32Array(a);
  arenaU8 = new Uint8Array(a);
  arenaI8 = new Int8Array(a);
  arenaU16 = new Uint16Array(a);
  arenaI16 = new Int16Array(a);
  arenaBytes = Buffer.from(a);
  const r = toArrayBuffer(records, 0, recordsLength);
  recordI32 = new Int32Array(r);
  recordF64 = new Float64Array(r);
}
