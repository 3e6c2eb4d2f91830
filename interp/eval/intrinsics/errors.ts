// Errors that come from outside a program: the operating system's numbers as variants of std's errors, and what
// they are about.
import type { Type } from "../../syntax/ast.ts";
import { errorSetKey } from "../declarations.ts";
import type { Intrinsic } from "../faults.ts";
import { quote } from "../show.ts";
import { bytes, ErrorValue } from "../values.ts";

/** Linux errno → variants of `IoError` (std/io.jan) or `NetError` (std/net.jan), the one that says most first. */
const VARIANTS: Record<number, string[]> = {
  1: ["PermissionDenied"], 2: ["NotFound"], 4: ["Interrupted"], 13: ["PermissionDenied"], 17: ["AlreadyExists"],
  20: ["NotADirectory"], 21: ["IsADirectory"], 22: ["BadAddress"], 24: ["TooManyOpen"], 23: ["TooManyOpen"],
  27: ["TooLarge"], 28: ["NoSpace"], 30: ["PermissionDenied"], 32: ["Closed"], 39: ["NotEmpty"], 40: ["TooManyLinks"],
  90: ["TooLarge"], 97: ["Unreachable"], 98: ["AddressInUse"], 99: ["AddressNotAvailable"], 101: ["Unreachable"],
  103: ["Reset"], 104: ["Reset", "Closed"], 107: ["Closed"], 110: ["TimedOut"], 111: ["Refused"], 113: ["Unreachable"],
};

/**
 * The error for a failed call of the operating system. result: the intrinsic's result type, `T ! IoError`; code: the
 * errno; message: what the runtime says of it (Janus bytes), kept for codes that have no variant.
 */
export function ioError(result: Type, code: number, message: string): ErrorValue {
  const set = result.k === "result" ? result.error.sets[0] : undefined;
  const wanted = [...(VARIANTS[code] ?? []), "Other"];
  if (set === undefined) return new ErrorValue(wanted[0]!, "", -1, wanted[0] === "Other" ? [message] : []);
  const found = wanted.find((name) => set.variants.some((variant) => variant.name === name));
  const tag = set.variants.findIndex((variant) => variant.name === found);
  if (tag < 0) throw new Error(`error ${set.name} has no variant for ${code} and none named Other`);
  const variant = set.variants[tag]!;
  return new ErrorValue(variant.name, errorSetKey(set), tag, variant.payload === null ? [] : [message]);
}

/** What a program named, a path or an address, as an error shows it: one line, and not for ever. */
export const named = (what: string): string =>
  quote(what.length <= NAMED_MOST ? what : what.slice(0, NAMED_MOST) + bytes("…"));

const NAMED_MOST = 300;

/** The same error, about something: another value, since an error may be a constant. */
function about(err: ErrorValue, what: string): ErrorValue {
  const { name, set, tag, payload, children } = err;
  const made = new ErrorValue(name, set, tag, payload);
  made.children = children;
  made.about = named(what);
  return made;
}

export const errorIntrinsics: Record<string, Intrinsic> = {
  "error.about": () => about,
};
