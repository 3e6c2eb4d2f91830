// What a child starts with, on its way from the fiber that spawned it: the values of its first frame's parameters, and
// what its closure captured. Most children are given a few numbers and handles, so these have a form of their own, one
// word each and no object made on either side; everything else goes as a list through the codec.
import { type Code, FIRST_LOCAL, type Frame } from "../eval/code.ts";
import type { Fiber } from "../eval/machine.ts";
import { Handle, type HandleKind } from "../eval/values.ts";
import { HEADER_HANDLE_COUNT, HEADER_SIZE, TAG_BLOCK_BIT, TAG_DATA } from "./abi.generated.ts";
import { Uncrossable } from "./codec.ts";
import { core } from "./library.ts";
import { referenceOf, wrap } from "./handles.ts";
import { arenaF64, arenaI32, arenaU32 } from "./memory.ts";
import { bytesOf, drop, give, giveBlock, newBlock, take, wordsOf } from "./transport.ts";

/** A block of plain words: what was captured, then the arguments. Opaque to the core but for its block bit. */
const TAG_PLAIN = TAG_BLOCK_BIT | 10;

/** Upper half of a word that is no number, as in the codec: no number's NaN looks like this. */
const TAGGED = 0xfffc0000 | 0;
const enum Plain {
  Null = 0,
  False = 1,
  True = 2,
  /** and the kinds of handles; lower half: the core's reference. */
  Handle = 3,
}

const isPlain = (v: any): boolean =>
  typeof v === "number" || typeof v === "boolean" || v === null || v instanceof Handle;

/** Hands over (as transport.ts, give) what a first frame begins with. locals: what the child inherits. */
export function giveThunk(frame: Frame, locals: readonly any[]): void {
  const { params, keeps } = frame[0] as Code;
  if (keeps !== "") throw new Uncrossable(keeps);
  const captured: any[] = frame[2] ?? [];
  if (locals.length === 0) {
    if (captured.length === 0 && params === 0) return give(null);
    if (captured.length === 0 && params === 1 && isAlone(frame[FIRST_LOCAL])) return give(frame[FIRST_LOCAL]);
    if (givePlain(captured, frame, params)) return;
  }
  const list = [captured, ...frame.slice(FIRST_LOCAL, FIRST_LOCAL + params)];
  // behind the arguments: what it inherits
  if (locals.length > 0) list.push(locals);
  give(list);
}

/** It needs no list around it: a single argument of this kind is the thunk. */
const isAlone = (v: any): boolean => typeof v === "string" || typeof v === "bigint" || isPlain(v);

function givePlain(captured: any[], frame: Frame, params: number): boolean {
  let references = 0;
  for (let i = 0; i < captured.length; i++) {
    if (!isPlain(captured[i])) return false;
    if (captured[i] instanceof Handle) references++;
  }
  for (let i = FIRST_LOCAL; i < FIRST_LOCAL + params; i++) {
    if (!isPlain(frame[i])) return false;
    if (frame[i] instanceof Handle) references++;
  }
  const prefix = (references * 4 + 7) & ~7;
  const block = newBlock(prefix + (captured.length + params) * 8);
  arenaI32[(block - HEADER_SIZE + HEADER_HANDLE_COUNT) >>> 2] = references;
  listed = block >>> 2;
  let at = (block + prefix) >>> 3;
  for (let i = 0; i < captured.length; i++) word(at++, captured[i]);
  for (let i = FIRST_LOCAL; i < FIRST_LOCAL + params; i++) word(at++, frame[i]);
  giveBlock(TAG_PLAIN, block);
  return true;
}

/** Where the next reference goes that the block keeps alive. */
let listed = 0;

function word(at: number, v: any): void {
  if (typeof v === "number") {
    arenaF64[at] = v;
    return;
  }
  let plain: number = v === null ? Plain.Null : v ? Plain.True : Plain.False;
  let low = 0;
  if (v instanceof Handle) {
    low = referenceOf(v);
    core.janus_handle_retain(low);
    arenaU32[listed++] = low;
    plain = Plain.Handle + v.kind;
  }
  arenaI32[at * 2 + 1] = TAGGED | plain;
  arenaI32[at * 2] = low;
}

/** Takes what giveThunk handed over into the child's first frame. */
export function takeThunk(fiber: Fiber, frame: Frame, tag: number, payload: number): void {
  const { params } = frame[0] as Code;
  if (tag === TAG_PLAIN) {
    takePlain(frame, params, payload);
  } else if (tag !== TAG_DATA) {
    if (params === 1) frame[FIRST_LOCAL] = take(tag, payload, true);
  } else {
    const list = take(tag, payload, true);
    if (list.length > params + 1) fiber.locals = list.pop();
    frame[2] = list[0];
    for (let i = 1; i < list.length; i++) frame[FIRST_LOCAL - 1 + i] = list[i];
  }
}

function takePlain(frame: Frame, params: number, block: number): void {
  const words = wordsOf(block);
  const first = (words >>> 3) + (bytesOf(block) - (words - block)) / 8 - params;
  for (let i = 0; i < params; i++) frame[FIRST_LOCAL + i] = wordAt(first + i);
  // literals take no more room than they need
  const at = words >>> 3;
  switch (first - at) {
    case 0: break;
    case 1: frame[2] = [wordAt(at)]; break;
    case 2: frame[2] = [wordAt(at), wordAt(at + 1)]; break;
    case 3: frame[2] = [wordAt(at), wordAt(at + 1), wordAt(at + 2)]; break;
    default:
      frame[2] = new Array(first - at).fill(0);
      for (let i = at; i < first; i++) frame[2][i - at] = wordAt(i);
  }
  drop(TAG_PLAIN, block);
}

function wordAt(at: number): any {
  const high = arenaI32[at * 2 + 1]!;
  if ((high & TAGGED) !== TAGGED) return arenaF64[at]!;
  const plain = high & 0xffff;
  if (plain >= Plain.Handle) return wrap((plain - Plain.Handle) as HandleKind, arenaU32[at * 2]!);
  return plain === Plain.Null ? null : plain === Plain.True;
}
