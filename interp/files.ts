// Program files as the commands name them: single files, and folders that stand for every `.jan` file below them.
// What is wrong with a path is said in words; writing replaces a file whole or not at all.
import {
  closeSync, fsyncSync, openSync, readdirSync, realpathSync, renameSync, rmSync, statSync, writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { PathError } from "./sema/files.ts";

/** The files that the paths mean, in order, each once. Folders: every `.jan` below, except in hidden folders and those
 * of installed packages. Throws a PathError for a path that does not exist, and for a folder without programs. */
export function programFiles(paths: string[]): string[] {
  const found = new Set<string>();
  for (const path of paths) {
    let isFolder: boolean;
    try {
      isFolder = statSync(path).isDirectory();
    } catch (e) {
      const { code } = e as { code?: string };
      const isMissing = code === "ENOENT" || code === "ENOTDIR";
      throw new PathError(`${path} ${isMissing ? "does not exist" : "cannot be read"}`);
    }
    if (!isFolder) {
      found.add(path);
      continue;
    }
    const before = found.size;
    for (const file of below(path)) found.add(file);
    if (found.size === before) throw new PathError(`${path} holds no .jan file`);
  }
  return [...found];
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (e) {
    throw new PathError(`${folder} cannot be read (${(e as { code?: string }).code ?? e})`);
  }
}

function below(folder: string): string[] {
  const files: string[] = [];
  for (const entry of entriesOf(folder)) {
    if (entry.name.startsWith(".") || entry.name === "node_modules") continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...below(path));
    else if (entry.name.endsWith(".jan")) files.push(path);
  }
  return files;
}

/** Puts a text in the place of a file's: a reader sees the old or the new one, whole. Keeps the file's mode. */
export function replaceFile(path: string, text: string): void {
  const target = realpathSync(path); // a link stays one
  const beside = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  const mode = statSync(target).mode & 0o7777;
  const bytes = Buffer.from(text);
  try {
    const fd = openSync(beside, "wx", mode);
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, target);
  } catch (e) {
    rmSync(beside, { force: true });
    throw new PathError(`${path} cannot be written (${(e as { code?: string }).code ?? e})`);
  }
}
