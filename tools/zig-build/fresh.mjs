// Says whether the built core matches its sources.
//
// A stamp beside the library records every source as it was seen when the build began (size and modification time) and
// the hash of all their contents. If everything looks as recorded, that is enough; otherwise (a fresh checkout, a
// touched file) the contents are hashed and compared. `janus` asks the first question at every start, in unchanged.mjs.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sameSeen, see, seeTrees } from "../stamp.mjs";
import { ZIG_VERSION } from "./pin.mjs";

/** The folder of the core's sources in this checkout. */
export const CORE = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "core");

/** What the library and the stamp are called, from the core's folder. */
export const LIBRARY = "zig-out/lib/libjanus.so";
export const STAMP = "zig-out/core.stamp";

/** @param {string} [core] */
export function libraryPath(core = CORE) {
  return join(core, LIBRARY);
}

/**
 * Every file and folder the library is made from, as it looks now.
 * @param {string} core
 */
export function seeSources(core) {
  const files = ["build.zig", "build.zig.zon"].filter((path) => existsSync(join(core, path)));
  return [...files.map((path) => see(core, path)), ...seeTrees(core, ["src"])];
}

/** @param {string} core */
export function hashSources(core) {
  const hash = createHash("sha256");
  for (const [path, size] of seeSources(core)) {
    if (size > 0) hash.update(`${path}\0${size}\0`).update(readFileSync(join(core, path)));
  }
  return hash.digest("hex");
}

/**
 * Records what the library, which is there now, was built from.
 * @param {string} core
 * @param {import("../stamp.mjs").Seen[]} sources as seen before the build
 * @param {string} hash of their contents
 */
export function writeStamp(core, sources, hash) {
  const stamp = { zig: ZIG_VERSION, sources: hash, seen: [see(core, LIBRARY), ...sources] };
  writeFileSync(join(core, STAMP), `${JSON.stringify(stamp)}\n`);
}

/**
 * True when the library is there and was built from exactly these sources. A checkout without sources (a packaged
 * library) counts as fresh when the library is there.
 */
export function isFresh(core = CORE) {
  if (!existsSync(libraryPath(core))) return false;
  if (!existsSync(join(core, "build.zig"))) return true;
  let stamp;
  try {
    stamp = JSON.parse(readFileSync(join(core, STAMP), "utf8"));
    if (!sameSeen([stamp.seen[0]], [see(core, LIBRARY)]) || stamp.zig !== ZIG_VERSION) return false;
  } catch {
    return false;
  }
  const sources = seeSources(core);
  if (sameSeen(stamp.seen.slice(1), sources)) return true;
  if (hashSources(core) !== stamp.sources) return false;
  try {
    writeStamp(core, sources, stamp.sources);
  } catch {
    // A checkout that only others may write to: the hash is taken again next time.
  }
  return true;
}
