// What the tests of this folder share: trees without spans, diagnostics with their source, the published programs.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, type Parsed, type ParseOptions } from "./parser.ts";
import { renderText } from "./render.ts";
import { isPlace } from "./same-tree.ts";
import { sourceText } from "./source.ts";

export function parseText(text: string, options: ParseOptions = {}): Parsed {
  return parse(sourceText("file.jan", text), options);
}

/** A tree as plain data, to compare trees of different texts: without what says where or how something is written. */
export function withoutSpans(value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(withoutSpans);
  const made: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (isPlace(key)) continue;
    made[key] = withoutSpans(inner);
  }
  return made;
}

/** Every diagnostic of a text, rendered. */
export function rendered(text: string): string {
  return parseText(text).diagnostics.map((diagnostic) => renderText(diagnostic)).join("\n\n");
}

/** `code line:column` of every diagnostic. */
export function places(text: string): string[] {
  return parseText(text).diagnostics.map((d) => {
    const before = text.slice(0, d.span.start).split("\n");
    return `${d.code} ${before.length}:${before[before.length - 1]!.length + 1}`;
  });
}

/**
 * Janus programs of this repository: samples of the language, the library, the examples, and the test programs but for
 * those that speak of an error of the parser.
 */
export function programs(): { name: string; text: string }[] {
  const made: { name: string; text: string }[] = [];
  const root = join(import.meta.dir, "../..");
  const visit = (folder: string): void => {
    if (!existsSync(folder)) return;
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (entry.name.endsWith(".jan")) {
        const text = readFileSync(path, "utf8");
        if (!/\bJ01\d\d\b|&&/.test(text)) made.push({ name: path.slice(root.length + 1), text });
      }
    }
  };
  visit(join(import.meta.dir, "testdata"));
  for (const folder of ["std", "examples", "tests/programs", "tests/acceptance", "bench"]) visit(join(root, folder));
  return made;
}
