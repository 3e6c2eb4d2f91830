// Where `janus` starts: makes sure of the native core, then runs the command.
//
// The same file is the entry of the sources and of the executable that the install step compiles from them. It imports
// nothing that Bun has not built in, and what it looks at costs well under a millisecond: everything that takes time is
// imported only when it is needed.

import { isUnchanged } from "../tools/unchanged.mjs";

/** The checkout whose sources these are; in the executable, the one it was compiled from. */
const origin = parentOf(import.meta.dir);

/** The executable lies in its checkout's dist/. It may have been copied together with all of that. */
const isCompiled = process.execPath.endsWith("/dist/janus");
const root = isCompiled ? parentOf(parentOf(process.execPath)) : origin;

/** These only read sources or print; they work without the core. */
const CORELESS = new Set(["check", "fmt", "explain", "help", "--help", "-h", "--version", "-v", undefined]);

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

async function ensureCore(): Promise<void> {
  // By its path, so that the executable runs what stands there: it knows where its own folder is.
  const builder: typeof import("../tools/zig-build/index.mjs") = await import(`${root}/tools/zig-build/index.mjs`);
  await builder.ensureCore();
}

/** Becomes Bun on this checkout's sources: what the executable holds is not what stands there now. Does not return. */
function becomeSources(args: string[]): never {
  const options = ["--no-install", "--no-env-file", "--config=/dev/null"];
  const command = ["sh", `${root}/tools/with-bun`, ...options, `${root}/cli/main.ts`, ...args];
  return process.execve!("/bin/sh", command, process.env);
}

async function start(): Promise<number> {
  const args = process.argv.slice(2);
  const isStale = isCompiled && (root !== origin || !isUnchanged(`${root}/dist/janus.stamp`, root));
  if (isStale) becomeSources(args);
  if (!CORELESS.has(args[0]) && !isUnchanged(`${root}/core/zig-out/core.stamp`, `${root}/core`)) {
    try {
      await ensureCore();
    } catch (error) {
      console.error(`janus: ${error instanceof Error ? error.message : error}`);
      return 1;
    }
  }
  const { main } = await import("./app.ts");
  return main(args);
}

// Should the event loop run dry before the command has ended, that is a failure.
process.exitCode = 1;
start().then((status) => process.exit(status));
