// Patterns and the ways to build a value, as the matrix of exhaustiveness.ts sees them.
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
  | { k: "slice"; before: Pat[]; rest: boolean; after: Pat[] }
  | { k: "or"; of: Pat[] };

export const ANY: Pat = { k: "any" };
