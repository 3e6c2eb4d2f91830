// Files that a command writes because an option names them: a trace, a schedule, figures. One place decides which it
// must not be: what an option names by mistake is most often the program, and a program is never overwritten.
import { realpathSync, statSync } from "node:fs";
import { PathError } from "./files.ts";

/** Device and number of a file; null where there is none. */
function identityOf(path: string): string | null {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return null;
  }
}

/** Where links lead; the path itself where there is nothing. */
function leadsTo(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Throws a PathError for a file of Janus code, and for one of the program's own, by whatever name. */
export function refuseOutput(option: string, path: string, sources: Iterable<string>): void {
  if (path.endsWith(".jan") || leadsTo(path).endsWith(".jan")) {
    throw new PathError(`${option} would overwrite ${path}: a name that ends in .jan is a program's`);
  }
  const identity = identityOf(path);
  if (identity === null) return;
  for (const source of sources) {
    if (identityOf(source) !== identity) continue;
    throw new PathError(`${option} would overwrite ${path}, a file of the program`);
  }
}

const REASONS: Record<string, string> = {
  ENOENT: "there is no such folder", ENOTDIR: "there is no such folder", EISDIR: "it is a folder",
  EACCES: "that is not allowed", EPERM: "that is not allowed", EROFS: "nothing can be written there",
  ENOSPC: "the disk is full",
};

/** Why the system did not let a file be written, in words. */
export function whyUnwritten(e: unknown): string {
  const code = (e as { code?: string }).code ?? "";
  return REASONS[code] ?? `error ${code} of the system`;
}
