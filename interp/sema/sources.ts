// Where source texts come from: the files of std, the program's own files, and, in a worker's VM, the texts that the
// main VM has read. Unit numbers are the same in every VM: std has fixed ones, a program's files are numbered in the
// order in which the checker asks for them, which depends on the texts alone.
import { dirname, join, relative } from "node:path";
import type { SourceText } from "../syntax/ast.ts";
import { readText } from "./files.ts";
import { STD_UNITS } from "./std-units.ts";
import type { Loader } from "./world.ts";

/** Numbers from here on are std's; below are the program's. A place in a trace has 11 bits for its unit. */
export const FIRST_STD_UNIT = 1920;

export type Texts = Record<string, string>;

export class Sources implements Loader {
  private units = new Map<string, SourceText>();
  private byId = new Map<number, SourceText>();
  private nextId = 0;
  /** what has been read, for the other VMs. */
  readonly texts: Texts;

  /** given: texts to use instead of files. std: the folder of the standard library. */
  constructor(private readonly std: string, given: Texts = {}) {
    this.texts = { ...given };
  }

  /** The program's first unit. name: as the user wrote it. */
  entry(path: string, text: string): SourceText {
    this.texts[path] = text;
    return this.add(path, text, this.nextId++);
  }

  read(path: string): string | null {
    const known = this.texts[path];
    if (known !== undefined) return known;
    const file = path.startsWith("std/") ? join(this.std, path.slice(4)) : path;
    const text = readText(file);
    if (text !== null) this.texts[path] = text;
    return text;
  }

  unit(name: string, importer: SourceText | null): SourceText | null {
    if (name.startsWith("std/")) {
      const known = this.units.get(name);
      if (known !== undefined) return known;
      const position = STD_UNITS.indexOf(name);
      if (position < 0) return null;
      const text = this.read(name);
      return text === null ? null : this.add(name, text, FIRST_STD_UNIT + position);
    }
    const path = this.beside(name, importer);
    const known = this.units.get(path);
    if (known !== undefined) return known;
    const text = this.nextId < FIRST_STD_UNIT ? this.read(path) : null;
    return text === null ? null : this.add(path, text, this.nextId++);
  }

  list(folder: string, importer: SourceText | null): string[] {
    if (folder.startsWith("std/")) return STD_UNITS.filter((u) => u.startsWith(`${folder}/`));
    const path = this.beside(folder, importer);
    try {
      const files = [...new Bun.Glob("*.jan").scanSync({ cwd: path })];
      return files.sort().map((f) => `${folder.replace(/\/$/, "")}/${f}`);
    } catch {
      return []; // no such folder
    }
  }

  entries(folder: string, importer: SourceText | null): string[] {
    const names = folder === "std" || folder.startsWith("std/")
      ? STD_UNITS.filter((u) => u.startsWith(`${folder}/`)).map((u) => u.slice(folder.length + 1).split("/")[0]!)
      : this.namesIn(this.beside(folder, importer) || ".");
    const modules = names.map((name) => name.replace(/\.jan$/, "")).filter((name) => /^[A-Za-z_]\w*$/.test(name));
    return [...new Set(modules)].sort();
  }

  /** What stands in a folder of the program. */
  protected namesIn(folder: string): string[] {
    try {
      return [...new Bun.Glob("*").scanSync({ cwd: folder, onlyFiles: false })];
    } catch {
      return []; // no such folder
    }
  }

  private beside(name: string, importer: SourceText | null): string {
    if (importer === null || importer.name.startsWith("<")) return name;
    const path = join(dirname(importer.name), name);
    return path.startsWith("/") ? path : relative(".", path) || path;
  }

  private add(name: string, text: string, id: number): SourceText {
    const source = { name, text, id };
    this.units.set(name, source);
    this.byId.set(id, source);
    return source;
  }

  /** The unit of a place in a trace. */
  source(id: number): SourceText | null {
    const known = this.byId.get(id);
    if (known !== undefined) return known;
    const name = id >= FIRST_STD_UNIT ? STD_UNITS[id - FIRST_STD_UNIT] : undefined;
    return name === undefined ? null : this.unit(name, null);
  }
}
