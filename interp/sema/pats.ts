// Patterns and the ways to build a value, as cases.ts sees them.
import type { Type } from "../syntax/ast.ts";

/** A way to build a value of a type. */
export interface Constructor {
  key: string;
  types: Type[];
  /** how a value made so is shown, from how its parts are */
  show: (parts: string[]) => string;
}

export type Pat =
  | { k: "any" }
  | { k: "made"; by: Constructor; parts: Pat[] }
  /** whole numbers from `low` to `high`, both included */
  | { k: "range"; low: bigint; high: bigint }
  | { k: "slice"; before: Pat[]; rest: boolean; after: Pat[] }
  | { k: "or"; of: Pat[] };

export const ANY: Pat = { k: "any" };

/** A list that is taken apart from its head, and shared by whatever ends like it. */
export type List<T> = { head: T; tail: List<T> } | null;

/** The items in front of a list. */
export function before<T>(items: readonly T[], tail: List<T>): List<T> {
  for (let i = items.length - 1; i >= 0; i--) tail = { head: items[i]!, tail };
  return tail;
}
