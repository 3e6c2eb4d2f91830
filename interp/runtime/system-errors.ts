// What the operating system refuses, as a failure of the error set that an intrinsic is declared with.
import { declarations } from "../eval/declarations.ts";
import { ioError } from "../eval/intrinsics/errors.ts";
import { Failure } from "../eval/values.ts";
import type { ErrorSet } from "../syntax/ast.ts";

/**
 * The system refused. set: the key of the error set it becomes a part of; about: what the program named (Janus bytes:
 * a path, an address), null for nothing.
 */
export function systemError(
  code: number, message: string, set: string, place: number, about: string | null,
): Failure {
  const decl = declarations().byKey(set);
  const error: ErrorSet = { sets: decl?.kind === "ErrorDecl" ? [decl] : [], open: [], any: false };
  const value = ioError({ k: "result", ok: { k: "void" }, error }, code, message);
  value.about = about;
  return new Failure(value, [place]);
}
