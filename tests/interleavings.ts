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
const command = [await ensureZig({ quiet: true }), "build", "interleavings", "--summary", "all",
  `-Dpreemptions=${preemptions}`, ...filter];
const child = Bun.spawn(command, { cwd: join(ROOT, "core"), stdio: ["inherit", "pipe", "pipe"] });
const [out, errors] = await Promise.all([shown(child.stdout), shown(child.stderr)]);
const status = await child.exited;
// the test without a name that gathers the files is always among them
const cases = Number(/run test \S+ (\d+) pass/.exec(out + errors)?.[1] ?? 1) - 1;
console.log(`${cases} cases passed`);
if (status === 0 && cases === 0) console.error("no case was tried");
process.exit(status === 0 && cases === 0 ? 2 : status);

/** The text, shown as it comes. */
async function shown(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream) {
    process.stdout.write(chunk);
    text += new TextDecoder().decode(chunk);
  }
  return text;
}
