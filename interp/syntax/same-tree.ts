// Are two trees of different texts the same program? Places do not count, nor parentheses: of a call, which the printer
// writes where an argument would otherwise be read as something else, and around what is one thing without them.

/** Is it a property that says where or how something is written, and not what? */
export function isPlace(key: string): boolean {
  return key === "span" || key === "source" || key === "command" || key === "grouped" || key.endsWith("Span");
}

/** Cost: linear in the smaller tree. */
export function isSameTree(left: unknown, right: unknown): boolean {
  if (typeof left !== "object" || left === null || typeof right !== "object" || right === null) {
    return Object.is(left, right);
  }
  const a = left as Record<string, unknown>;
  const b = right as Record<string, unknown>;
  for (const key in a) if (!isPlace(key) && !isSameTree(a[key], b[key])) return false;
  for (const key in b) if (!isPlace(key) && !(key in a)) return false;
  return true;
}
