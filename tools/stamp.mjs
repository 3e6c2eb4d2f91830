// Stamps: what a built thing was made from, as its sources looked at the time. Written here, with Node or Bun; read at
// every start of `janus` by unchanged.mjs.
//
// A stamp is JSON whose `seen` lists files and folders as [path, size, modified in ms]; a folder, of size 0, tells of
// files that come and go in it.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** @typedef {[path: string, size: number, modifiedMs: number]} Seen */

/**
 * How one file or folder looks now.
 * @param {string} base @param {string} path from `base`
 * @returns {Seen}
 */
export function see(base, path) {
  // As big integers: mtimeMs is a rounded double, and would differ by one from what Bun.file() says.
  const stat = statSync(join(base, path), { bigint: true });
  return [path, stat.isDirectory() ? 0 : Number(stat.size), Number(stat.mtimeNs / 1_000_000n)];
}

/**
 * Everything below these folders that `wanted` admits, and the folders themselves, sorted.
 * @param {string} base @param {string[]} roots folders, from `base`
 * @param {(path: string) => boolean} [wanted] asked of files only
 * @returns {Seen[]}
 */
export function seeTrees(base, roots, wanted = () => true) {
  const folders = [...roots];
  /** @type {string[]} */
  const files = [];
  for (const folder of folders) {
    for (const entry of readdirSync(join(base, folder), { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (wanted(path)) files.push(path);
    }
  }
  return [...files, ...folders].sort().map((path) => see(base, path));
}

/** Whether two lists say the same. @param {Seen[]} one @param {Seen[]} other */
export function sameSeen(one, other) {
  return String(one) === String(other);
}
