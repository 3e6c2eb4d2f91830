// Every order of the steps of two or three threads through the core's protocols, up to a number of preemptions: what is
// part of `zig build test` with two, as a command for more. Each further one takes some fifteen times as long.
//
// usage: npm run interleavings -- [--preemptions N] [TEXT]     (3; only the cases whose name has TEXT)
import { join } from "node:path";
import { ensureZig } from "../tools/zig-build/index.mjs";
import { ROOT } from "./runner/checkout.ts";

const args = process.argv.slice(2);
const at = args.indexOf("--preemptions");
const preemptions = at < 0 ? 3 : Number(args.splice(at, 2)[1]);
if (!Number.isInteger(preemptions) || preemptions < 0 || args.length > 1) {
  console.error("usage: npm run interleavings -- [--preemptions N] [TEXT]");
  process.exit(2);
}
const filter = args.map((text) => `-Dtest-filter=${text}`);
const command = [await ensureZig({ quiet: true }), "build", "interleavings", `-Dpreemptions=${preemptions}`, ...filter];
process.exit(await Bun.spawn(command, { cwd: join(ROOT, "core"), stdio: ["inherit", "inherit", "inherit"] }).exited);
