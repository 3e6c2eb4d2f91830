// The install step, run by npm after every `npm install` and `npm ci`.
//
// It promises that afterwards `npx janus`, `npx bun` and `bunx` work, the native core is built and the command
// compiled, or it fails with a message that says what is missing. It leans on nothing but Node: npm may be told not to
// run other packages' install scripts, so the one of the `bun` package is not relied on.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { compileCommand } from "./compile.mjs";
import { buildCore } from "./zig-build/index.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const wantedBun = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).dependencies.bun;

/** Every place where a Bun binary of this checkout may be, likeliest first. */
function bunCandidates() {
  const platforms = join(modules, "@oven");
  const names = existsSync(platforms) ? readdirSync(platforms).filter((name) => name.startsWith("bun-")).sort() : [];
  return [...names.map((name) => join(platforms, name, "bin/bun")), join(modules, "bun/bin/bun.exe")];
}

/** The binary that runs on this machine (glibc or musl, this processor) and has the pinned version. */
function findBun() {
  const seen = [];
  for (const path of bunCandidates()) {
    if (!existsSync(path)) continue;
    const probe = spawnSync(path, ["--version"], { encoding: "utf8" });
    const version = probe.status === 0 ? probe.stdout.trim() : `does not run (${probe.error?.message ?? probe.status})`;
    if (version === wantedBun) return path;
    seen.push(`${path}: ${version}`);
  }
  throw new Error(
    `Bun ${wantedBun} is not installed${seen.length > 0 ? `; found only\n  ${seen.join("\n  ")}` : ""}\n` +
      "  hint: run 'npm install' again without --omit=optional, which holds the binary of your platform",
  );
}

/** Points node_modules/.bin/NAME at `target`. @param {string} name @param {string} target */
function link(name, target) {
  const path = join(modules, ".bin", name);
  rmSync(path, { force: true });
  symlinkSync(relative(dirname(path), target), path);
}

try {
  const bun = findBun();
  for (const name of ["janus-bun", "bun", "bunx"]) link(name, bun);
  await buildCore({ quiet: false });
  compileCommand(bun);
} catch (error) {
  console.error(`\njanus: the install step failed: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
