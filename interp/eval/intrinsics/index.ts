// The intrinsics that are operations on values and need no scheduler, by name. Those that wait for other fibers,
// or that ask the core for something, are the runtime's (runtime/): a name is in one of the two tables.
import type { Intrinsic } from "../faults.ts";
import { arrayIntrinsics } from "./arrays.ts";
import { errorIntrinsics } from "./errors.ts";
import { generalIntrinsics } from "./general.ts";
import { logIntrinsics } from "./logging.ts";
import { mapIntrinsics } from "./maps.ts";
import { mathIntrinsics } from "./mathematics.ts";
import { numberIntrinsics } from "./numbers.ts";
import { outputIntrinsics } from "./output.ts";
import { stringIntrinsics } from "./strings.ts";
import { systemIntrinsics } from "./system.ts";

/** Those that print: they wait for nothing but the reader of what they have printed. */
export const writers: ReadonlySet<string> =
  new Set([...Object.keys(outputIntrinsics).filter((name) => name !== "str"), ...Object.keys(logIntrinsics)]);

export const pureIntrinsics: Record<string, Intrinsic> = {
  ...outputIntrinsics,
  ...generalIntrinsics,
  ...arrayIntrinsics,
  ...stringIntrinsics,
  ...mapIntrinsics,
  ...numberIntrinsics,
  ...mathIntrinsics,
  ...systemIntrinsics,
  ...errorIntrinsics,
  ...logIntrinsics,
};
