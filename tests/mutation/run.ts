// Turns rules round, one at a time, and sees whether a test notices:
//
//   sh tools/with-bun tests/mutation/run.ts [SET] [--only TEXT]
//
// A set is a file of this folder that exports `mutants`; without SET all of them are tried. The work is done on a copy
// of the repository. Each mutant is named with the first test that failed because of it; the status is 1 when one
// survived, did not apply, or the tests fail without any.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { filesMatching, ROOT } from "../runner/checkout.ts";
import { run } from "../runner/process.ts";
import type { Mutant } from "./mutant.ts";

const TIMEOUT_SECONDS = 300;
const NOT_SETS = new Set(["run", "mutant"]);

/** The repository, but for what is fetched, which is linked to. */
function copyOfRepository(): string {
  const folder = mkdtempSync(join(tmpdir(), "janus-mutation-"));
  cpSync(ROOT, folder, {
    recursive: true, preserveTimestamps: true,
    filter: (path) => !["node_modules", ".git", ".zig-cache"].includes(basename(path)),
  });
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  return folder;
}

/** The first failure that the tests report, null when all pass. */
async function failure(folder: string, tests: Mutant["tests"]): Promise<string | null> {
  for (const [part, filter] of tests) {
    const ran = await run([process.execPath, "tests/run.ts", "--only", part, filter],
      { cwd: folder, timeoutSeconds: TIMEOUT_SECONDS });
    if (ran.status === 0) continue;
    const said = `${ran.stdout}${ran.stderr}`;
    return /^FAIL [a-z]+: (.*)$/m.exec(said)?.[1] ?? /\(fail\) (.*)$/m.exec(said)?.[1] ?? said.trim().slice(-300);
  }
  return null;
}

export interface Verdict {
  mutant: Mutant;
  killedBy: string | null;
}

/** Puts a mutant in place; false when its text is not what it was written for. */
function apply(folder: string, { file, find, replace }: Mutant): boolean {
  const text = readFileSync(join(folder, file), "utf8");
  const parts = text.split(find);
  if (parts.length !== 2) return false;
  writeFileSync(join(folder, file), parts.join(replace));
  return true;
}

/** Tries every mutant. */
export async function tryMutants(mutants: Mutant[], say: (line: string) => void): Promise<boolean> {
  const folder = copyOfRepository();
  let isRight = true;
  const wrong = (line: string): void => {
    say(line);
    isRight = false;
  };
  try {
    const all = new Map(mutants.flatMap(({ tests }) => tests).map((test) => [test.join(" "), test]));
    const before = await failure(folder, [...all.values()]);
    if (before !== null) {
      wrong(`without any mutant a test fails: ${before}`);
      return false;
    }
    let killed = 0;
    for (const mutant of mutants) {
      const original = readFileSync(join(folder, mutant.file));
      if (!apply(folder, mutant)) {
        wrong(`does not apply  ${mutant.name}: its text must stand once in ${mutant.file}`);
        continue;
      }
      const by = await failure(folder, mutant.tests);
      writeFileSync(join(folder, mutant.file), original);
      if (by === null) wrong(`SURVIVED        ${mutant.name}`);
      else {
        killed++;
        say(`killed          ${mutant.name}: by ${by}`);
      }
    }
    say(`${killed} of ${mutants.length} mutants killed`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return isRight;
}

if (import.meta.main) {
  const words = process.argv.slice(2);
  const at = words.indexOf("--only");
  const only = at < 0 ? "" : words.splice(at, 2)[1] ?? "";
  const sets = filesMatching("tests/mutation/*.ts").map((path) => basename(path, ".ts"))
    .filter((name) => !NOT_SETS.has(name) && !name.endsWith(".test") && (words.length === 0 || words.includes(name)));
  const mutants: Mutant[] = [];
  for (const name of sets) mutants.push(...(await import(`./${name}.ts`) as { mutants: Mutant[] }).mutants);
  const chosen = mutants.filter(({ name }) => name.includes(only));
  if (chosen.length === 0) throw new Error("there is no such mutant");
  process.exit(await tryMutants(chosen, (line) => console.log(line)) ? 0 : 1);
}
