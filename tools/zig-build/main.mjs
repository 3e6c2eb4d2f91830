#!/usr/bin/env node
// The `zig-build` command: builds the native core with the pinned Zig, which it finds or fetches.

import { buildCore, ensureZig, runZig, ZIG_VERSION } from "./index.mjs";

const HELP = `zig-build: builds the native core of the Janus interpreter with Zig ${ZIG_VERSION}

usage: zig-build [--force] [--quiet]     bring core/zig-out/lib/libjanus.so up to date
       zig-build STEP [ARGUMENT...]      run 'zig build STEP ...' in core/, e.g. test, bench, check
       zig-build --zig                   print the path of the pinned Zig (fetched when missing)
       zig-build --help

Zig comes from PATH, else from the user's cache folder ($XDG_CACHE_HOME or ~/.cache, under janus/zig), else from PyPI's
'ziglang' wheel through pip's own configuration, else from ziglang.org. Another version than ${ZIG_VERSION} is not used.
`;

/** @param {string[]} args */
async function main(args) {
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(HELP);
    return 0;
  }
  if (args[0] === "--zig" && args.length === 1) {
    process.stdout.write(`${await ensureZig()}\n`);
    return 0;
  }
  if (args[0] !== undefined && !args[0].startsWith("--")) return runZig(["build", ...args], { stdout: 1 });
  const unknown = args.find((arg) => arg !== "--force" && arg !== "--quiet");
  if (unknown !== undefined) {
    process.stderr.write(`zig-build: unknown option ${unknown}\n\n${HELP}`);
    return 2;
  }
  await buildCore({ force: args.includes("--force"), quiet: args.includes("--quiet") });
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`zig-build: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
