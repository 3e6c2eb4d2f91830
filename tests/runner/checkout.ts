// Where things are in this checkout.

import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const JANUS = join(ROOT, "cli/bin/janus");

/** A path as people write it in this repository. */
export function shown(path: string): string {
  return relative(ROOT, path);
}

/** Files of the checkout that match a glob, sorted. */
export function filesMatching(glob: string): string[] {
  const found = [...new Bun.Glob(glob).scanSync({ cwd: ROOT, onlyFiles: true })];
  return found.filter((path) => !/(^|\/)(node_modules|zig-out|\.zig-cache)\//.test(path)).sort();
}

/** No colours and no surprises from the environment of whoever runs the tests. */
export const PLAIN_ENV = { NO_COLOR: "1", FORCE_COLOR: "0" };
