// The types behind trait objects. A `Dynamic` knows its value's type by one object of the program, whose name means the
// same in every VM, so that an object can cross between fibers.
import type { Type } from "../syntax/ast.ts";
import { typeKey } from "../sema/types.ts";
import { declarations, programCache } from "./declarations.ts";
import type { Concrete } from "./values.ts";

const known = programCache<Concrete>();

/** What stands for a type in trait objects. */
export function concrete(type: Type): Concrete {
  const key = typeKey(type);
  let found = known.get(key);
  if (found === undefined) known.set(key, (found = { type, key }));
  return found;
}

/** The same, by the type's key. */
export const concreteByKey = (key: string): Concrete => known.get(key) ?? concrete(declarations().typeByKey(key));
