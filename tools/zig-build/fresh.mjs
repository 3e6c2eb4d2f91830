// Says whether the built core matches its sources, quickly enough to ask at every start of `janus` (a few dozen stats).
//
// A stamp beside the library records what it was built from. If no source has changed since the stamp was written, that
// is enough; otherwise (a fresh checkout, a touched file) the contents are hashed and compared. The change time is
// used, not the modification time, because no copy or checkout can set it back. Leans on node:fs only, so the command
// can import it for free.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the core's sources in this checkout. */
export const CORE = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "core");

/** @param {string} [core] */
export function libraryPath(core = CORE) {
  return join(core, "zig-out", "lib", "libjanus.so");
}

/** @param {string} core */
export function stampPath(core) {
  return join(core, "zig-out", "core.stamp");
}

/**
 * Every file and folder the library is made from.
 * @param {string} core
 */
function sources(core) {
  const files = [join(core, "build.zig"), join(core, "build.zig.zon")].filter((path) => existsSync(path));
  const folders = [join(core, "src")];
  for (const folder of folders) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      (entry.isDirectory() ? folders : files).push(join(folder, entry.name));
    }
  }
  return { files, folders };
}

/** @param {string} core */
export function hashSources(core) {
  const hash = createHash("sha256");
  for (const path of sources(core).files.sort()) hash.update(`${relative(core, path)}\0`).update(readFileSync(path));
  return hash.digest("hex");
}

/** What identifies one built library without reading it. @param {string} core */
export function libraryMark(core) {
  const { size, mtimeMs } = statSync(libraryPath(core));
  return `${size} ${mtimeMs}`;
}

/**
 * True when the library is there and was built from exactly these sources. A checkout without sources (a packaged
 * library) counts as fresh when the library is there.
 */
export function isFresh(core = CORE) {
  if (!existsSync(libraryPath(core))) return false;
  if (!existsSync(join(core, "build.zig"))) return true;
  const path = stampPath(core);
  let stamp;
  try {
    stamp = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return false;
  }
  if (stamp.library !== libraryMark(core)) return false;
  const builtMs = statSync(path).mtimeMs;
  const { files, folders } = sources(core);
  if ([...files, ...folders].every((one) => statSync(one).ctimeMs < builtMs)) return true;
  const nowMs = Date.now();
  if (hashSources(core) !== stamp.sources) return false;
  try {
    utimesSync(path, nowMs / 1000, nowMs / 1000);
  } catch {
    // A checkout that only others may write to: the hash is taken again next time.
  }
  return true;
}
