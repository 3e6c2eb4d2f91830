// Reading source files quickly: a mapped file costs microseconds where importing node:fs costs milliseconds of a start.
// What a mapping cannot do (an empty file, a pipe, an error to explain) falls back to node:fs.

/** The bytes of a file; throws the system's error when it cannot be read. */
function readBytes(path: string): Uint8Array {
  try {
    return Bun.mmap(path);
  } catch {
    return (require("node:fs") as typeof import("node:fs")).readFileSync(path);
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The text of a file, or null when there is none, or it is not UTF-8. */
export function readText(path: string): string | null {
  try {
    return utf8.decode(readBytes(path));
  } catch {
    return null;
  }
}

/** A path cannot be used; the message is the whole sentence for the user. */
export class PathError extends Error {}

const STDIN = "/dev/stdin";
/** The longest program, bytes: more is a mistake, and would fill the memory before anything is said. */
const SOURCE_MAX = 64 << 20;

/** Null for a path that leads nowhere: reading says why. */
function statOf(path: string) {
  const { statSync } = require("node:fs") as typeof import("node:fs");
  try {
    return statSync(path);
  } catch {
    return null;
  }
}

/** A pipe or a device may have no end, or no beginning. One that the command was handed open is the user's own. */
function refuseUnending(path: string): void {
  // asked first, because it costs no import: an ordinary file
  const { size } = Bun.file(path);
  if (size > 0 && size <= SOURCE_MAX) return;
  const stat = statOf(path);
  if (stat === null || stat.isDirectory() || /^\/(dev|proc\/self)\/fd\/\d+$/.test(path)) return;
  if (!stat.isFile()) throw new PathError(`${path} is not a file: a program is read from a regular file`);
  if (stat.size > SOURCE_MAX) throw new PathError(`${path} is too large: a program has at most 64 MiB`);
}

/** The text of a file. Throws a PathError when it cannot be read or is not UTF-8. */
export function readSource(path: string): string {
  if (path !== STDIN) refuseUnending(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readBytes(path));
  } catch (e) {
    const code = (e as { code?: string }).code;
    const why = e instanceof TypeError ? "is not UTF-8 text" : code === "ENOENT" || code === "ENOTDIR"
      ? "does not exist"
      : code === "EISDIR" ? "is a folder" : `cannot be read (${code ?? e})`;
    throw new PathError(`${path} ${why}`);
  }
}
