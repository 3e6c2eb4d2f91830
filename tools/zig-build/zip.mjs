// Unpacks a ZIP archive held in memory: the few parts of the format that wheels use (stored and deflated entries, Unix
// modes). The format is PKWARE's APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16.
//
// Promises: nothing is written outside the target folder, and execute bits are kept.

import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inflateRawSync } from "node:zlib";

const END_OF_DIRECTORY = 0x06054b50;
const END_OF_DIRECTORY_BYTES = 22;
const COMMENT_BYTES_MAX = 0xffff;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_ENTRY_BYTES = 46;
const LOCAL_HEADER = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;

/** @param {Buffer} zip */
function findEnd(zip) {
  const lowest = Math.max(0, zip.length - END_OF_DIRECTORY_BYTES - COMMENT_BYTES_MAX);
  for (let at = zip.length - END_OF_DIRECTORY_BYTES; at >= lowest; at -= 1) {
    if (zip.readUInt32LE(at) === END_OF_DIRECTORY) return at;
  }
  throw new Error("this is not a ZIP archive: it has no end record");
}

/**
 * Writes every file of `zip` whose name starts with `prefix` into `folder`, without the prefix.
 * @param {Buffer} zip
 * @param {string} prefix for instance "ziglang/"
 * @param {string} folder
 * @param {(done: number, total: number) => void} [onEntry]
 * @returns {number} how many files were written
 */
export function unpackZip(zip, prefix, folder, onEntry) {
  const end = findEnd(zip);
  const total = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  if (total === 0xffff || at === 0xffffffff) throw new Error("this ZIP archive is in the 64-bit form, not supported");
  /** @type {Set<string>} */
  const made = new Set();
  let written = 0;
  for (let index = 0; index < total; index += 1) {
    if (zip.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new Error("this ZIP archive's directory is damaged");
    const method = zip.readUInt16LE(at + 10);
    const packedBytes = zip.readUInt32LE(at + 20);
    const bytes = zip.readUInt32LE(at + 24);
    const nameBytes = zip.readUInt16LE(at + 28);
    const mode = zip.readUInt32LE(at + 38) >>> 16;
    const local = zip.readUInt32LE(at + 42);
    const name = zip.toString("utf8", at + DIRECTORY_ENTRY_BYTES, at + DIRECTORY_ENTRY_BYTES + nameBytes);
    at += DIRECTORY_ENTRY_BYTES + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    onEntry?.(index + 1, total);
    if (!name.startsWith(prefix) || name.endsWith("/")) continue;

    const path = name.slice(prefix.length);
    if (path.split("/").some((part) => part === "" || part === "." || part === "..")) {
      throw new Error(`this ZIP archive has a file outside its folder: ${name}`);
    }
    if (zip.readUInt32LE(local) !== LOCAL_HEADER) throw new Error(`this ZIP archive is damaged at ${name}`);
    const start = local + LOCAL_HEADER_BYTES + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const packed = zip.subarray(start, start + packedBytes);
    if (method !== 0 && method !== 8) throw new Error(`${name} is packed by method ${method}, not supported`);
    const content = method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, bytes) });
    if (content.length !== bytes) throw new Error(`${name} has ${content.length} bytes, not ${bytes}`);

    const target = join(folder, path);
    const parent = dirname(target);
    if (!made.has(parent)) {
      mkdirSync(parent, { recursive: true });
      made.add(parent);
    }
    writeFileSync(target, content);
    if ((mode & 0o111) !== 0) chmodSync(target, 0o755);
    written += 1;
  }
  return written;
}
