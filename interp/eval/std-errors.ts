// Errors that the runtime raises by itself: variants of sets that std declares.
import { declarations, errorSetKey, programCache } from "./declarations.ts";
import { ErrorValue } from "./values.ts";

/** The file of std that declares each set. */
const FILES = { NurseryError: "std/core/nursery.jan", TaskError: "std/task.jan" };

const makers = programCache<(payload: any[]) => ErrorValue>();

/** A variant of such a set. Where a program has no std (tests of steps), an error of that name. */
export function stdError(set: keyof typeof FILES, variant: string, payload: any[]): ErrorValue {
  let make = makers.get(`${set}.${variant}`);
  if (make === undefined) {
    const decl = declarations().stdErrors(FILES[set], set);
    const tag = decl === null ? -1 : decl.variants.findIndex((v) => v.name === variant);
    if (decl !== null && tag < 0) throw new Error(`${set} has no variant ${variant}`);
    const key = decl === null ? "" : errorSetKey(decl);
    make = (carried) => new ErrorValue(variant, key, tag, carried);
    makers.set(`${set}.${variant}`, make);
  }
  return make(payload);
}
