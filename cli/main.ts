// Where `janus` starts: makes sure of the native core, then runs the command, from the bundle when it is up to date.
//
// Promises a quick start: this file imports nothing that Bun has not built in, and what it looks at costs well under a
// millisecond. Everything that takes time is imported only when it is needed.

import { isUnchanged } from "../tools/unchanged.mjs";

const root = import.meta.dir.slice(0, import.meta.dir.lastIndexOf("/"));
const args = process.argv.slice(2);

/** These only read sources or print; they work without the core. */
const CORELESS = new Set(["check", "explain", "help", "--help", "-h", "--version", "-v", undefined]);

if (!CORELESS.has(args[0]) && !isUnchanged(`${root}/core/zig-out/core.stamp`, `${root}/core`)) {
  const { ensureCore } = await import("../tools/zig-build/index.mjs");
  try {
    await ensureCore();
  } catch (error) {
    console.error(`janus: ${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
}

const isBundled = isUnchanged(`${root}/dist/bundle.stamp`, root);
const app: typeof import("./app.ts") = isBundled ? require(`${root}/dist/cli/app.js`) : await import("./app.ts");
process.exit(await app.main(args));
