// What a fiber waits for, in words; the names are those of core/src/fiber.zig (`Wait`).
import {
  WAIT_AWAIT, WAIT_IO, WAIT_JOIN, WAIT_MUTEX, WAIT_NATIVE, WAIT_OUTPUT, WAIT_PARKER, WAIT_RECEIVE, WAIT_RING_RECEIVE,
  WAIT_RING_SEND, WAIT_ROOM, WAIT_SELECT, WAIT_SEND, WAIT_SLEEP, WAIT_SOCKET,
} from "./abi.generated.ts";

export const WAITS: Record<string, string> = {
  await: "waits for a task", join: "waits for the tasks of its nursery", sleep: "sleeps", send: "waits to send on",
  receive: "waits to receive from", select: "waits in a select", parker: "waits for a permit",
  mutex: "waits for the lock", ring_send: "waits to send on", ring_receive: "waits to receive from",
  room: "waits for room in its nursery", native: "is in a blocking call", io: "waits for input or output", nothing: "",
  socket: "waits for the network", output: "waits for the reader of its output",
};

/** What would have woken it. */
export const CURES: Record<string, string> = {
  receive: "nobody sends on it, and nobody closes it", send: "nobody receives from it",
  ring_receive: "nobody sends on it, and nobody closes it", ring_send: "nobody receives from it",
  parker: "nobody calls unpark", await: "the task never ends",
  select: "none of its cases can become ready",
};

/** What a fiber does that waits; kind: a WAIT_ number of the core. */
export const waitName = (kind: number): string => WAITS[NAMES[kind] ?? ""] ?? "waits";

const NAMES: Record<number, string> = {
  [WAIT_AWAIT]: "await", [WAIT_JOIN]: "join", [WAIT_SLEEP]: "sleep", [WAIT_SEND]: "send", [WAIT_RECEIVE]: "receive",
  [WAIT_SELECT]: "select", [WAIT_PARKER]: "parker", [WAIT_MUTEX]: "mutex", [WAIT_RING_SEND]: "ring_send",
  [WAIT_RING_RECEIVE]: "ring_receive", [WAIT_ROOM]: "room", [WAIT_NATIVE]: "native", [WAIT_IO]: "io",
  [WAIT_SOCKET]: "socket", [WAIT_OUTPUT]: "output",
};
