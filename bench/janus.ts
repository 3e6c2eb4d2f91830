// How the bench runs Janus programs: as anybody would, by the command.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const JANUS = join(dirname(dirname(fileURLToPath(import.meta.url))), "cli/bin/janus");
const MEBIBYTE = 1 << 20;

/** `janus run`, with so many bytes of memory; null: the runtime's own choice. */
export function janusRun(memory: number | null): string[] {
  return [JANUS, "run", ...memory === null ? [] : ["--memory", `${memory / MEBIBYTE}M`]];
}
