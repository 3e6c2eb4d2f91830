// The search over schedules, on programs that are a few lines of this file: which schedules there are is known.
import { describe, expect, test } from "bun:test";
import { explore, following, isWrong, type Plan, type Run } from "./explore.ts";
import { CHOICE_KIND_NEXT, CHOICE_KIND_PREEMPT } from "./runtime/abi.generated.ts";
import type { Choice, Choices } from "./runtime/schedule.ts";
import type { Ended, TestOutcome } from "./runtime/test-run.ts";

const PASSED: Ended = { how: "passed", status: 0 };
const FAILED: Ended = { how: "failed", code: "P004", lines: ["PANIC P004: no"] };

/** A run that asks for these numbers of possibilities in turn; what it answers decides how it ends. */
function asks(of: number[], kind: number, ends: (chosen: number[]) => Ended): { run: Run; seen: string[] } {
  const seen: string[] = [];
  const run: Run = async (choices: Choices) => {
    const list = "list" in choices ? choices.list : of.map((n, i) => Math.floor(choices.seed / 2 ** i) % n);
    const made: Choice[] = of.map((n, i) => ({ kind, chosen: Math.min(list[i] ?? 0, n - 1), of: n, fiber: 0 }));
    const chosen = made.map((c) => c.chosen);
    seen.push(chosen.join(""));
    return outcome(ends(chosen), made);
  };
  return { run, seen };
}

function outcome(ended: Ended, choices: Choice[] = []): TestOutcome {
  return { ended, stdout: "", stderr: "", duration_ms: 0, choices, suspensions: 2, allocations: 1 };
}

const PLAN: Plan = { seeds: 50, from: 1, exhaustive: false, faults: false };

describe("every schedule of a small program", () => {
  test("is tried once for each number of preemptions, and all are", async () => {
    const { run, seen } = asks([2, 3, 2], CHOICE_KIND_NEXT, () => PASSED);
    const explored = await explore(run, PLAN);
    expect(explored).toMatchObject({ ok: true, isComplete: true, runs: 12, seeds: 0 });
    expect([...seen].sort()).toEqual([...new Set(seen)].sort());
  });
  test("the fewest preemptions come first", async () => {
    const { run, seen } = asks([2, 2, 2], CHOICE_KIND_PREEMPT, () => PASSED);
    expect(await explore(run, { ...PLAN, exhaustive: true })).toMatchObject({ ok: true, isComplete: true });
    const firstOf = (switches: number) => seen.findIndex((s) => s.replaceAll("0", "").length === switches);
    expect([firstOf(0), firstOf(1)]).toEqual([0, 1]);
    expect(firstOf(2)).toBeLessThan(firstOf(3));
    expect(new Set(seen).size).toBe(8);
  });
  test("the one that fails is found and named", async () => {
    const { run } = asks([3, 3, 3], CHOICE_KIND_PREEMPT, (c) => (c.join("") === "201" ? FAILED : PASSED));
    const explored = await explore(run, PLAN);
    expect(explored).toMatchObject({ ok: false, isComplete: false, choices: { list: [2, 0, 1] } });
    expect(explored.outcome.ended).toBe(FAILED);
  });
});

describe("a large program", () => {
  const large = Array.from({ length: 40 }, () => 2);
  test("is tried by seeds, from the one that was asked for to the first that fails", async () => {
    const { run } = asks(large, CHOICE_KIND_NEXT, (c) => (c[0] === 1 && c[2] === 1 ? FAILED : PASSED));
    expect(await explore(run, { ...PLAN, from: 8 })).toMatchObject({ ok: false, choices: { seed: 13 }, seeds: 6 });
  });
  test("passes when none does", async () => {
    const { run, seen } = asks(large, CHOICE_KIND_NEXT, () => PASSED);
    expect(await explore(run, PLAN)).toMatchObject({ ok: true, seeds: 50, runs: 51, isComplete: false });
    expect(seen).toHaveLength(51);
  });
});

test("faults are swept over every suspension and block", async () => {
  const faults: string[] = [];
  const run: Run = async (_, fault) => {
    if (fault !== null) faults.push(`${fault.kind}@${fault.at}`);
    return outcome(PASSED);
  };
  await explore(run, { ...PLAN, faults: true });
  const swept = ["cancel@1", "cancel@2", "cancel-fiber@1", "cancel-fiber@2", "alloc@1"];
  expect([...new Set(faults)]).toEqual(swept);
});

test("with a fault a test may fail, but not hang or leave anything behind", () => {
  const ended = (code: string): TestOutcome => outcome({ how: "failed", code, lines: [] });
  const cancel = { kind: "cancel", at: 1 } as const;
  expect(isWrong(outcome({ how: "cancelled", status: 1, lines: [] }), cancel)).toBe(false);
  expect(isWrong(outcome({ how: "cancelled", status: 1, lines: [] }), null)).toBe(true);
  expect(isWrong(ended("P004"), cancel)).toBe(false);
  expect(isWrong(ended("P010"), cancel)).toBe(true);
  expect(isWrong(ended("leak"), cancel)).toBe(true);
  expect(isWrong(ended("P005"), { kind: "alloc", at: 1 })).toBe(true);
  expect(isWrong(ended("P006"), { kind: "alloc", at: 1 })).toBe(false);
});

test("the schedule that follows the last one is none", () => {
  const choice = (chosen: number, of: number): Choice => ({ kind: CHOICE_KIND_PREEMPT, chosen, of, fiber: 0 });
  expect(following([choice(1, 2), choice(2, 3)], Infinity)).toEqual({ list: null, isPruned: false });
  expect(following([choice(0, 2), choice(2, 3)], 0)).toEqual({ list: null, isPruned: true });
  expect(following([], 5)).toEqual({ list: null, isPruned: false });
});
