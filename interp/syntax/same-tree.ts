// Are two trees of different texts the same program? Places do not count, nor whether a call has its parentheses, which
// the printer writes where an argument would otherwise be read as something else.

function isPlace(key: string): boolean {
  return key === "span" || key === "source" || key === "command" || key.endsWith("Span");
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
