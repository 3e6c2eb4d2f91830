// Elements of slices of scalars in the core's arena: one memory for every fiber that holds the slice.
import type { SharedElements } from "../eval/values.ts";
import { fromBig } from "../eval/values.ts";
import {
  arenaF32, arenaF64, arenaI16, arenaI32, arenaI8, arenaU16, arenaU32, arenaU8,
} from "./memory.ts";

const TWO_32 = 4294967296;

/** Bytes of one element by kind (eval/values.ts, elementKind). */
export const ELEMENT_BYTES = [0, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 1];

interface Access {
  get(offset: number, i: number): any;
  set(offset: number, i: number, v: any): void;
}

const wide = (signed: boolean): Access => ({
  get(offset, i) {
    const at = (offset >>> 2) + 2 * i;
    const low = arenaU32[at]!;
    const high = signed ? arenaI32[at + 1]! : arenaU32[at + 1]!;
    const x = high * TWO_32 + low;
    return x <= Number.MAX_SAFE_INTEGER && x >= -Number.MAX_SAFE_INTEGER ? x
      : fromBig((BigInt(high) << 32n) | BigInt(low));
  },
  set(offset, i, v) {
    const at = (offset >>> 2) + 2 * i;
    if (typeof v === "number") {
      arenaI32[at] = v | 0;
      // exact: v is a safe integer, and the low half is taken off first
      arenaI32[at + 1] = (v - (v >>> 0)) / TWO_32;
    } else {
      arenaI32[at] = Number(BigInt.asIntN(32, v));
      arenaI32[at + 1] = Number(BigInt.asIntN(32, v >> 32n));
    }
  },
});

const ACCESS: Access[] = [
  { get: () => undefined, set: () => {} },
  { get: (o, i) => arenaU8[o + i], set: (o, i, v) => void (arenaU8[o + i] = v) },
  { get: (o, i) => arenaI8[o + i], set: (o, i, v) => void (arenaI8[o + i] = v) },
  { get: (o, i) => arenaU16[(o >>> 1) + i], set: (o, i, v) => void (arenaU16[(o >>> 1) + i] = v) },
  { get: (o, i) => arenaI16[(o >>> 1) + i], set: (o, i, v) => void (arenaI16[(o >>> 1) + i] = v) },
  { get: (o, i) => arenaU32[(o >>> 2) + i], set: (o, i, v) => void (arenaU32[(o >>> 2) + i] = v) },
  { get: (o, i) => arenaI32[(o >>> 2) + i], set: (o, i, v) => void (arenaI32[(o >>> 2) + i] = v) },
  wide(false),
  wide(true),
  { get: (o, i) => arenaF32[(o >>> 2) + i], set: (o, i, v) => void (arenaF32[(o >>> 2) + i] = v) },
  { get: (o, i) => arenaF64[(o >>> 3) + i], set: (o, i, v) => void (arenaF64[(o >>> 3) + i] = v) },
  { get: (o, i) => arenaU8[o + i] === 1, set: (o, i, v) => void (arenaU8[o + i] = v ? 1 : 0) },
];

export class SharedMemory implements SharedElements {
  readonly kind: number;
  readonly offset: number;
  readonly length: number;
  /** the core's handle of the memory. */
  readonly handle: number;
  private readonly access: Access;
  constructor(handle: number, kind: number, offset: number, length: number) {
    this.handle = handle;
    this.kind = kind;
    this.offset = offset;
    this.length = length;
    this.access = ACCESS[kind]!;
  }

  get(i: number): any {
    return this.access.get(this.offset, i);
  }

  set(i: number, v: any): void {
    this.access.set(this.offset, i, v);
  }
}
