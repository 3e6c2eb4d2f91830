// The loader for files: units of std from its folder, user modules beside the file that uses them. Promises: ids are
// the same in every VM of a run: std's by the sorted list of its files from 1000 on, the user's in the order of first
// use.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SourceText } from "../syntax/ast.ts";
import type { Loader } from "./world.ts";

/** The first id of std's units; those of the program are below. */
export const STD_UNIT_BASE = 1000;

function janFiles(root: string, folder = ""): string[] {
  const out: string[] = [];
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) out.push(...janFiles(root, path));
    else if (entry.name.endsWith(".jan")) out.push(path);
  }
  return out;
}

/** Reads units from the file system. */
export class FileLoader implements Loader {
  readonly #std: string;
  readonly #known = new Map<string, SourceText>();
  #stdIds: Map<string, number> | null = null;
  #nextUser = 0;

  /** `std` is the folder that holds `core/prelude.jan`. */
  constructor(std: string) {
    this.#std = std;
  }

  read(path: string): string | null {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return null;
    }
  }

  /** The entry file, or a text that stands for one. */
  entry(name: string, text: string): SourceText {
    const source = { name, text, id: this.#nextUser++ };
    this.#known.set(name, source);
    return source;
  }

  unit(name: string, importer: SourceText | null): SourceText | null {
    const isStd = importer === null;
    const shown = isStd ? name : join(dirname(importer.name), name);
    const known = this.#known.get(shown);
    if (known !== undefined) return known;
    const text = this.read(isStd ? join(this.#std, name.slice("std/".length)) : shown);
    if (text === null) return null;
    const source = { name: shown, text, id: isStd ? this.#stdId(name) : this.#nextUser++ };
    this.#known.set(shown, source);
    return source;
  }

  list(folder: string, importer: SourceText | null): string[] {
    const root = importer === null
      ? join(this.#std, folder.slice("std/".length)) : join(dirname(importer.name), folder);
    if (!existsSync(root) || !statSync(root).isDirectory()) return [];
    return readdirSync(root).filter((f) => f.endsWith(".jan")).sort().map((f) => `${folder}/${f}`);
  }

  #stdId(name: string): number {
    this.#stdIds ??= new Map(janFiles(this.#std).sort().map((file, i) => [`std/${file}`, STD_UNIT_BASE + i]));
    const id = this.#stdIds.get(name);
    if (id === undefined) throw new Error(`std has no unit ${name}`);
    return id;
  }
}

