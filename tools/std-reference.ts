// Writes docs/std.md, the reference of the standard library, from the comments in std/:
//
//     sh tools/with-bun tools/std-reference.ts
//
// A test compares the file with what this makes.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../tests/runner/checkout.ts";
import { type Example, type PublicName, readStd, type StdFile } from "./std-docs.ts";

export const REFERENCE = join(ROOT, "docs/std.md");

const HEAD = `# The standard library

Written from the comments in [std/](../std/README.md) by \`sh tools/with-bun tools/std-reference.ts\`; every example is
run by the tests. An example \`code\` → \`value\` shows the value as it prints inside an array, so texts have their
quotes. A line \`//=> text\` is a line of output.
`;

/** \`std.json\`, \`std.core: string\` */
function titleOf(file: StdFile): string {
  const path = file.file.slice("std/".length, -".jan".length).replaceAll("/", ".");
  return file.use === null ? `std.core: ${path.replace("core.", "")}` : `std.${path}`;
}

const anchorOf = (title: string): string => title.toLowerCase().replaceAll(/[.:]/g, "").replaceAll(" ", "-");

function exampleText({ form, code, expected }: Example): string {
  switch (form) {
    case "block": return `\n  \`\`\`janus\n${code.trimEnd().replaceAll(/^(?=.)/gm, "  ")}\n  \`\`\``;
    case "value": return `\`${code}\` → \`${expected}\``;
    case "output": return `\`${code}\` prints \`${expected}\``;
    case "panic": return `\`${code}\` panics: \`${expected}\``;
  }
}

function entry({ signature, text, examples }: PublicName): string {
  const shown = examples.map((one) => (one.form === "block" ? exampleText(one) : ` \\\n  ${exampleText(one)}`));
  return `- **\`${signature}\`** \\\n  ${text.replaceAll("\n\n", "\n\n  ")}${shown.join("")}`;
}

function section(file: StdFile): string {
  const lines = [`## ${titleOf(file)}`, ""];
  lines.push(file.use === null ? "Always in scope." : `\`${file.use}\``, "", file.about, "");
  let owner: string | null = null;
  for (const name of file.names) {
    if (name.owner !== owner && name.owner !== null) lines.push("", `### ${titleOf(file)}: ${name.owner}`, "");
    owner = name.owner;
    lines.push(entry(name));
  }
  return lines.join("\n").replaceAll(/\n{3,}/g, "\n\n");
}

/** The whole document. */
export function reference(files: StdFile[]): string {
  const contents = files.map((file) => `- [${titleOf(file)}](#${anchorOf(titleOf(file))})`);
  const named = files.flatMap((file) => file.names);
  const examples = named.reduce((sum, one) => sum + one.examples.length, 0);
  const intrinsics = new Set(files.flatMap((file) => file.intrinsics));
  const count = `${named.length} public names, ${examples} examples; ${intrinsics.size} intrinsics carry it.\n`;
  return `${[HEAD, count, `${contents.join("\n")}\n`, ...files.map((file) => `${section(file)}\n`)].join("\n")}`;
}

if (import.meta.main) writeFileSync(REFERENCE, reference(readStd()));
