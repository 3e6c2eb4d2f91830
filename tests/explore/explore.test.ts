// That exploring finds what it is for: each of the three bugs within a bound of seeds, the same run again byte for
// byte, and nothing in the mended programs.
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { isWrong } from "../../interp/explore.ts";
import type { Fault } from "../../interp/runtime/schedule.ts";
import { BUGS, Explorable } from "./programs.ts";

// processes of their own, on a machine that may be busy
setDefaultTimeout(60_000);

const ROOT = dirname(dirname(import.meta.dir));
const folder = mkdtempSync(join(tmpdir(), "janus-explore-"));
afterAll(() => rmSync(folder, { recursive: true }));

function janus(...args: string[]): { status: number; text: string } {
  const { exitCode, stdout, stderr } = Bun.spawnSync([join(ROOT, "cli/bin/janus"), ...args], { cwd: import.meta.dir });
  return { status: exitCode, text: stdout.toString() + stderr.toString() };
}

/** Seeds within which each bug is found; tests/explore/measure.ts says how many it takes. */
const BOUND = 100;
const CALM = 1000;

describe.each([...BUGS])("$what", ({ name, code }) => {
  test(`is found within ${BOUND} seeds, and the replay is the same byte for byte`, () => {
    const found = janus("test", "--explore", `${BOUND}`, `${name}.jan`);
    expect(found.status).toBe(1);
    expect(found.text).toContain(`PANIC ${code}`);
    const [, args] = /replay with: janus (test --replay .*)/.exec(found.text)!;
    const words = [...args!.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2]!);
    const again = [1, 2].map((n) => janus(...words, "--schedule", join(folder, `${n}`)));
    const report = (text: string) => text.split("\n").slice(1);
    expect(report(again[0]!.text)).toEqual(report(found.text));
    expect(again[1]).toEqual(again[0]!);
    expect(readFileSync(join(folder, "1"), "utf8")).toBe(readFileSync(join(folder, "2"), "utf8"));
  });

  test("is found by a walk and by priorities", async () => {
    const program = Explorable.open(name);
    expect(await program.seedsUntilFailure(1, 2, BOUND)).not.toBeNull();
    expect(await program.seedsUntilFailure(2, 2, BOUND)).not.toBeNull();
    await program.close();
  });

  test("does not show when nothing is explored", async () => {
    const program = Explorable.open(name);
    expect((await program.run({ list: [] })).ended.how).toBe("passed");
    await program.close();
  });

  test(`mended: ${CALM} seeds, and cancelled or out of memory anywhere`, async () => {
    const program = Explorable.open(`${name}_mended`);
    for (let seed = 1; seed <= CALM; seed++) {
      const { ended } = await program.run({ seed });
      if (ended.how !== "passed") throw new Error(`seed ${seed}: ${ended.lines.join("\n")}`);
    }
    const { suspensions, allocations } = await program.run({ list: [] });
    const places: Fault[] = [];
    for (let at = 1; at <= suspensions; at++) places.push({ kind: "cancel", at }, { kind: "cancel-fiber", at });
    for (let at = 1; at <= allocations; at++) places.push({ kind: "alloc", at });
    expect(places.length).toBeGreaterThan(20);
    for (const fault of places) {
      const outcome = await program.run({ seed: fault.at }, fault);
      if (isWrong(outcome, fault)) throw new Error(`${fault.kind}@${fault.at}: ${JSON.stringify(outcome.ended)}`);
    }
    expect(await program.close()).toBeNull();
  }, 60_000);
});

describe("failure mode 18: the same seed, the same run, compared byte for byte", () => {
  /** Output, errors and schedule of a seeded run in a process of its own. */
  const runOf = (program: string, seed: number): string => {
    const path = join(folder, "schedule");
    const { status, text } = janus("run", "--seed", `${seed}`, "--schedule", path, join(ROOT, program));
    return `${status}\n${text}\n${readFileSync(path, "utf8")}`;
  };
  test.each(["examples/bank.jan", "examples/select_timeout.jan", "examples/deadlock.jan"])("%s", (program) => {
    const runs = [1, 2, 3, 4].map((seed) => runOf(program, seed));
    expect([1, 2, 3, 4].map((seed) => runOf(program, seed))).toEqual(runs);
    // and the seed is used: not all four went the same way
    expect(new Set(runs).size).toBeGreaterThan(1);
  }, 60_000);

  test("also when the process has run other schedules before", async () => {
    const program = Explorable.open("lost_update_mended");
    const shown = async (seed: number) => JSON.stringify({ ...(await program.run({ seed })), duration_ms: 0 });
    const first = [await shown(1), await shown(2)];
    for (let seed = 3; seed < 200; seed++) await program.run({ seed });
    expect([await shown(1), await shown(2)]).toEqual(first);
    await program.close();
  });
});

test("an hour asleep takes no time, and the clock says it was an hour", () => {
  const { status, text } = janus("test", "--seed", "1", "sleeps.jan");
  expect({ status, text }).toEqual({ status: 0, text: "1 passed, 0 failed\n" });
});

test("defers run wherever main is cancelled, and a lock is free afterwards", async () => {
  const program = Explorable.open("defers");
  const { suspensions } = await program.run({ list: [] });
  expect(suspensions).toBeGreaterThan(10);
  for (let at = 1; at <= suspensions; at++) {
    const { stdout } = await program.run({ list: [] }, { kind: "cancel", at });
    const lines = stdout.trim().split("\n");
    expect(lines.filter((l) => l === "leave")).toHaveLength(lines.filter((l) => l === "enter").length);
  }
  await program.close();
});

test("a run that does not end is stopped and said", () => {
  const { status, text } = janus("test", "--seed", "1", "endless.jan");
  expect(status).toBe(1);
  expect(text).toContain("the run does not end");
  expect(text).toContain("replay with: janus test --replay 1");
}, 60_000);
