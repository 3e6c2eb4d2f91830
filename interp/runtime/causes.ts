// Why something was cancelled, in words: what the cancellation comes from, and its place in the program.
import {
  CAUSE_BLOCK, CAUSE_BUDGET, CAUSE_DEADLINE, CAUSE_DISCONNECT, CAUSE_EXIT, CAUSE_FAILURE, CAUSE_FAULT,
  CAUSE_OTHERS_ENDED, CAUSE_REQUEST, CAUSE_SIGNAL, CAUSE_TASK, CAUSE_TOKEN,
} from "./abi.generated.ts";

const TWO_32 = 4294967296;

/** By kind; the place comes behind. */
const WORDS: Record<number, string> = {
  [CAUSE_REQUEST]: "`cancel()` of a nursery",
  [CAUSE_TASK]: "`cancel()` of a task",
  [CAUSE_TOKEN]: "`cancel()` of a token",
  [CAUSE_FAILURE]: "the failure of the task spawned",
  [CAUSE_BLOCK]: "the failure of the block of the nursery",
  [CAUSE_DEADLINE]: "the deadline of the nursery",
  [CAUSE_BUDGET]: "a budget, which was used up",
  [CAUSE_OTHERS_ENDED]: "the end of the other tasks of the nursery",
  [CAUSE_FAULT]: "a fault of the seeded run",
  [CAUSE_DISCONNECT]: "the disconnection of the other side, watched for",
  [CAUSE_EXIT]: "`os.exit`",
};

/** The place of a signal is its number. */
const SIGNALS: Record<number, string> = { 1: "SIGHUP", 2: "SIGINT", 15: "SIGTERM" };

export const signalName = (number: number): string => SIGNALS[number] ?? `signal ${number}`;

/** cause: as the core gives it, a kind and a place; null for none. place: `file:line:column`. */
export function causeText(cause: number, place: (site: number) => string | null): string | null {
  const kind = Math.floor(cause / TWO_32);
  if (kind === CAUSE_SIGNAL) return signalName(cause % TWO_32);
  const words = WORDS[kind];
  if (words === undefined) return null;
  const at = place(cause % TWO_32);
  return at === null ? words : `${words} at ${at}`;
}
