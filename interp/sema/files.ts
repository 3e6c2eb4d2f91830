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
