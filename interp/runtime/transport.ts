// Values on their way through the core: (tag, payload). Scalars travel in the call itself; strings and compound values
// as blocks of the arena, whose one reference moves with them.
import { decode, encode, OutOfMemory, type Encoded } from "./codec.ts";
import { Handle, VOID, fromBig, type HandleKind } from "../eval/values.ts";
import {
  HEADER_BYTES, HEADER_SIZE, HEADER_HANDLE_COUNT, TAG_BIG, TAG_BLOCK_BIT, TAG_DATA, TAG_FALSE, TAG_HANDLE,
  TAG_HANDLE_BIT, TAG_NULL,
  TAG_NUM, TAG_STR, TAG_TRUE, TAG_VOID,
} from "./abi.generated.ts";
import { core } from "./library.ts";
import { referenceOf, wrap } from "./handles.ts";
import { arenaBytes, arenaI32, arenaU32, arenaU8 } from "./memory.ts";

/** Above the bits that the core looks at: a handle's kind; and that a big integer is unsigned. */
const KIND_SHIFT = 12;
const UNSIGNED = 1 << 12;
/** The empty string needs no block. Opaque to the core, as all tags without its two bits. */
const TAG_EMPTY = 9;

let worker = 0;
let scratch = 0;
export function transportOf(w: number, scratchOffset: number): void {
  worker = w;
  scratch = scratchOffset;
}

/** What give() or giveBlock() made: the last value's tag and payload. */
export let outTag = 0;
export let outPayload = 0;

/** A block whose one reference is the caller's. */
export function newBlock(bytes: number): number {
  const offset = core.janus_alloc(worker, bytes);
  if (offset === 0) throw new OutOfMemory();
  return offset;
}

/** An encoded value as a block: first what it keeps alive, then its words. */
export function blockOf(e: Encoded): number {
  const references = e.handles.length;
  const prefix = (references * 4 + 7) & ~7;
  const offset = newBlock(prefix + e.bytes);
  for (let i = 0; i < references; i++) {
    core.janus_handle_retain(e.handles[i]!);
    arenaU32[(offset >>> 2) + i] = e.handles[i]!;
  }
  arenaI32[(offset - HEADER_SIZE + HEADER_HANDLE_COUNT) >>> 2] = references;
  arenaU8.copyWithin(offset + prefix, scratch, scratch + e.bytes);
  return offset;
}

/** Bytes of a block's payload. */
export const bytesOf = (offset: number): number => arenaU32[(offset - HEADER_SIZE + HEADER_BYTES) >>> 2]!;

/** The text of a name's block; empty for none. */
export const nameAt = (block: number): string =>
  (block === 0 ? "" : arenaBytes.latin1Slice(block, block + bytesOf(block)));

/** Where the words of a block begin, behind the handles that it keeps alive. */
export function wordsOf(offset: number): number {
  return offset + ((arenaI32[(offset - HEADER_SIZE + HEADER_HANDLE_COUNT) >>> 2]! * 4 + 7) & ~7);
}

/**
 * Prepares a value to be handed over: outTag and outPayload own what they refer to. own: not even slices of scalars are
 * shared with the giver.
 */
export function give(v: any, own = false): void {
  switch (typeof v) {
    case "number":
      outTag = TAG_NUM;
      outPayload = v;
      return;
    case "boolean":
      outTag = v ? TAG_TRUE : TAG_FALSE;
      outPayload = 0;
      return;
    case "string": {
      if (v.length === 0) {
        outTag = TAG_EMPTY;
        outPayload = 0;
        return;
      }
      const offset = newBlock(v.length);
      arenaBytes.latin1Write(v, offset, v.length);
      outTag = TAG_STR;
      outPayload = offset;
      return;
    }
    case "bigint": {
      const offset = newBlock(8);
      arenaI32[offset >>> 2] = Number(BigInt.asIntN(32, v));
      arenaI32[(offset >>> 2) + 1] = Number(BigInt.asIntN(32, v >> 32n));
      outTag = v > 9223372036854775807n ? TAG_BIG | UNSIGNED : TAG_BIG;
      outPayload = offset;
      return;
    }
    default:
      if (v === null) {
        outTag = TAG_NULL;
        outPayload = 0;
      } else if (v instanceof Handle) {
        const reference = referenceOf(v);
        core.janus_handle_retain(reference);
        outTag = TAG_HANDLE | (v.kind << KIND_SHIFT);
        outPayload = reference;
      } else {
        const offset = blockOf(encode(v, own));
        outTag = TAG_DATA;
        outPayload = offset;
      }
  }
}

/** Hands over a block that the caller has made. tag: with the block bit. */
export function giveBlock(tag: number, offset: number): void {
  outTag = tag;
  outPayload = offset;
}

/** Gives back what give() prepared and nobody took. */
export function drop(tag: number, payload: number): void {
  if ((tag & TAG_BLOCK_BIT) !== 0) core.janus_block_release(worker, payload);
  else if ((tag & TAG_HANDLE_BIT) !== 0) core.janus_handle_release(worker, payload);
}

/** Reads a value that somebody else goes on owning. */
export function look(tag: number, payload: number, frozen = false): any {
  switch (tag & 0xfff) {
    case TAG_NUM: return payload;
    case TAG_VOID: return VOID;
    case TAG_NULL: return null;
    case TAG_FALSE: return false;
    case TAG_TRUE: return true;
    case TAG_EMPTY: return "";
    case TAG_STR: return arenaBytes.latin1Slice(payload, payload + bytesOf(payload));
    case TAG_BIG: {
      const at = payload >>> 2;
      const high = (tag & UNSIGNED) === 0 ? arenaI32[at + 1]! : arenaU32[at + 1]!;
      return fromBig((BigInt(high) << 32n) | BigInt(arenaU32[at]!));
    }
    case TAG_DATA: return decode(wordsOf(payload), frozen);
    default: return wrap((tag >>> KIND_SHIFT) as HandleKind, payload);
  }
}

/** Reads a value whose ownership comes with it. frozen: as a read-only snapshot. */
export function take(tag: number, payload: number, frozen = false): any {
  if ((tag & (TAG_BLOCK_BIT | TAG_HANDLE_BIT)) === 0) return tag === TAG_NUM ? payload : look(tag, payload);
  const v = look(tag, payload, frozen);
  drop(tag, payload);
  return v;
}
