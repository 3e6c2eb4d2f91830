// Reading source files quickly: a mapped file costs microseconds where importing node:fs costs milliseconds of a start.
// What a mapping cannot do (an empty file, a pipe, an error to explain) falls back to node:fs.

/** The bytes of a file; throws the system's error when it cannot be read. */
export function readBytes(path: string): Uint8Array {
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

/** The text of a file. Throws a PathError when it cannot be read or is not UTF-8. */
export function readSource(path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readBytes(path));
  } catch (e) {
    const code = (e as { code?: string }).code;
    const why = e instanceof TypeError ? "is not UTF-8 text" : code === "ENOENT" ? "does not exist"
      : code === "EISDIR" ? "is a folder" : `cannot be read (${code ?? e})`;
    throw new PathError(`${path} ${why}`);
  }
}
