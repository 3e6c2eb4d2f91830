// The quickest possible "has anything changed since this stamp was written?", asked at every start of `janus`.
//
// Reads what stamp.mjs writes. Uses only what Bun has built in: importing node:fs alone would cost half as much as
// starting Bun. A "no" here only asks for a closer look.

/**
 * @param {string} stamp the stamp's path
 * @param {string} base the folder its paths start from
 * @returns {boolean}
 */
export function isUnchanged(stamp, base) {
  let bytes;
  try {
    bytes = Bun.mmap(stamp);
  } catch {
    return false; // no stamp
  }
  const { seen } = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  for (const [path, size, modifiedMs] of seen) {
    const file = Bun.file(`${base}/${path}`);
    // A missing file has an impossible time. A folder's size (recorded as 0) says nothing.
    if (file.lastModified !== modifiedMs || (size !== 0 && file.size !== size)) return false;
  }
  return true;
}
