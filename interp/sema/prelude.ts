// What is in scope without `use`: which file of std declares it. Promises: nothing is read or parsed before a program
// needs it, so that start-up costs only what is used. Data only; modules.ts does the loading.

/** Always loaded: the free functions of std.core and the traits that operators and bounds are written with. */
export const PRELUDE_UNIT = "std/core/prelude.jan";

/** Types and traits that are always in scope, with the file that declares them. */
export const PRELUDE_NAMES = new Map<string, string>([
  ["Task", "std/core/task.jan"],
  ["Nursery", "std/core/nursery.jan"],
  ["Channel", "std/core/channel.jan"],
  ["NurseryError", "std/core/nursery.jan"],
  ["ChildFailure", "std/core/nursery.jan"],
  ["failures", "std/core/nursery.jan"],
  ["CancelToken", "std/core/token.jan"],
  ["CancelError", "std/core/token.jan"],
  ["Ordered", "std/core/traits.jan"],
  ["Eq", "std/core/traits.jan"],
  ["Number", "std/core/number.jan"],
  ["Integer", "std/core/number.jan"],
  ["Float", "std/core/number.jan"],
  ["ParseError", "std/core/string.jan"],
  ["Iterator", "std/core/traits.jan"],
  ["Closeable", "std/core/traits.jan"],
  ["AtomicEligible", "std/sync/atomics.jan"],
  ["AtomicInteger", "std/sync/atomics.jan"],
  ["Map", "std/core/map.jan"],
  ["Set", "std/core/set.jan"],
  ["Atomic", "std/sync/atomics.jan"],
  ["Ordering", "std/sync/atomics.jan"],
  ["Parker", "std/sync/parker.jan"],
  ["Mutex", "std/sync/mutex.jan"],
  ["MutexGuard", "std/sync/mutex.jan"],
  ["LockResult", "std/sync/mutex.jan"],
  ["Chan", "std/sync/chan.jan"],
  ["Mailbox", "std/sync/mailbox.jan"],
]);

/** The functions of the published std for texts, all of one file. */
export const STR_PREFIX = "str_";
export const STR_UNIT = "std/core/strings.jan";

/** Where the methods of a type without a declaration of its own stand, by the head of the type. */
export const HEAD_UNITS = new Map<string, string>([
  ["slice", "std/core/array.jan"],
  ["string", "std/core/string.jan"],
  ["int", "std/core/number.jan"],
  ["float", "std/core/number.jan"],
  ["bool", "std/core/number.jan"],
  ["range", "std/core/range.jan"],
  ["optional", "std/core/optional.jan"],
  ["result", "std/core/result.jan"],
  ["tuple", "std/core/tuple.jan"],
]);
