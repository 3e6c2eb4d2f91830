// The quickest possible "has anything changed since this stamp was written?", asked at every start of `janus`.
//
// Reads what stamp.mjs writes. Uses only what Bun has built in: importing node:fs alone would cost half as much as
// starting Bun. A "no" here only asks for a closer look.

/**
 * @param {string} file the stamp's path
 * @param {string} base the folder its paths start from
 * @returns {boolean}
 */
export function isUnchanged(file, base) {
  let bytes;
  try {
    bytes = Bun.mmap(file);
  } catch {
    return false; // no stamp
  }
  const stamp = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  if (stamp.base !== undefined && stamp.base !== base) return false; // the checkout was moved
  for (const [path, size, modifiedMs] of stamp.seen) {
    const now = Bun.file(`${base}/${path}`);
    // A missing file has an impossible time. A folder's size (recorded as 0) says nothing.
    if (now.lastModified !== modifiedMs || (size !== 0 && now.size !== size)) return false;
  }
  return true;
}
