// The codes of panics, and what `janus explain` says of them. Every panic of the evaluator, the runtime and std carries
// one of these (language reference, Errors and panics).
import type { Explanation } from "../syntax/diagnostic.ts";

export const panicCatalogue = {
  P001: {
    title: "index out of bounds",
    text: "An index or a range lies outside a slice, an array or a string, or a map has no such key. Indices run from"
      + " 0 to the length less one. `get(i)` gives null instead, where the absence is expected.",
  },
  P002: {
    title: "integer overflow",
    text: "The exact result of `+`, `-`, `*` or `**` does not fit the integer type. Use a wider type, or `+%`, `-%`,"
      + " `*%` where wrapping round is what is meant.",
  },
  P003: {
    title: "division by zero",
    text: "The right side of `/` or `%` on integers is zero. Floats divide by zero to `inf` or `nan` instead.",
  },
  P004: {
    title: "assertion failed",
    text: "An `assert` did not hold, or the program called `panic`. The message names the condition or the reason,"
      + " and shows both sides of a comparison.",
  },
  P005: {
    title: "unreachable or refused",
    text: "Code that was declared unreachable was reached, or an operation was used in a way that its object does not"
      + " allow, such as reading a mutex's value without holding its lock.",
  },
  P006: {
    title: "out of memory",
    text: "The program uses more memory than it may: 80 % of the machine's, the container's or what `ulimit -v` leaves,"
      + " or what `--memory` says. What is garbage does not count. Or one value is larger than any can be, or the"
      + " runtime has no room for another channel, fiber or nursery. Keep less alive, or allow more.",
  },
  P007: {
    title: "stack overflow",
    text: "The fiber's calls nest deeper than its own stack allows: each call is charged 64 bytes and 16 for each"
      + " local. Only this fiber ends. Look for recursion without an end, or give the fiber more with"
      + " `spawn {. stack: BYTES .} f()`.",
  },
  P008: {
    title: "null unwrapped",
    text: "`.?` was used on an optional that is null. `??`, `?.` and `if let` handle the absence.",
  },
  P009: {
    title: "cast out of range",
    text: "`as` was asked for a value that the target type cannot hold.",
  },
  P010: {
    title: "deadlock",
    text: "Every fiber waits, and no timer, input or other fiber is left that could wake one. The report shows the"
      + " tree of fibers: what each waits for, since which line, and who could have woken it. A channel that nobody"
      + " closes is the usual cause.",
  },
  P011: {
    title: "send on a closed channel",
    text: "A value was sent on a channel after `close()`, or every channel of a `select` is closed. The message says"
      + " where it was closed and by which task. Only the last sender should close; `trySend` says false instead.",
  },
  P012: {
    title: "awaited task was cancelled",
    text: "`await` on a task that was cancelled before it had a value. `try_await()` gives null for it.",
  },
  P013: {
    title: "shared memory has a fixed length",
    text: "A slice of scalars became shared memory when it crossed to another fiber: its elements can be changed, its"
      + " length cannot. Call `clone()` to get one that grows.",
  },
  P014: {
    title: "something read-only was changed",
    text: "What a `spawn` carries into a fiber (arguments, captured variables) is a read-only snapshot, because"
      + " changing it could never be seen by anyone else; and a module-level value is the same for every fiber. Call"
      + " `clone()` for a copy of your own, or share the data through a `Mutex` or a `Channel`. Most such changes are"
      + " found before the program runs. The same panic stops a reference, or a closure that captures one, on its way"
      + " to another fiber.",
  },
} satisfies Record<string, Explanation>;

export type PanicCode = keyof typeof panicCatalogue;
