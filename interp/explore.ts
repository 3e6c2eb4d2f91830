// Runs one test under many schedules: every one when there are few, else by seeds; and, when asked, with a cancellation
// or a refused allocation at every place. Stops at the first run that a correct test cannot have.
import type { TestOutcome } from "./runtime/test-run.ts";
import type { Choice, Choices, Fault } from "./runtime/schedule.ts";
import { CHOICE_KIND_PREEMPT } from "./runtime/abi.generated.ts";

export type Run = (choices: Choices, fault: Fault | null) => Promise<TestOutcome>;

export interface Plan {
  /** seeds to try. */
  seeds: number;
  from: number;
  /** enumerate, whatever the size. */
  exhaustive: boolean;
  /** sweep faults over the run. */
  faults: boolean;
}

export interface Explored {
  /** how the last run ended: the one that failed, or any good one. */
  outcome: TestOutcome;
  ok: boolean;
  /** of the last run. */
  choices: Choices;
  fault: Fault | null;
  runs: number;
  /** seeds tried until the failure, or all. */
  seeds: number;
  /** every schedule has been tried. */
  isComplete: boolean;
}

/** A run with so few questions is enumerated without being asked to. */
const SMALL_CHOICES = 24;
const ENUMERATED_MAX = 20_000;
/** Preemptions in one schedule that the enumeration goes up to, before it allows any number. */
const PREEMPTIONS_MAX = 3;
/** Places that a sweep tries, spread evenly when there are more. */
const SWEPT_MAX = 2000;

/** Is this an end that no correct test can have? With a fault it may fail, but not hang or leave anything behind. */
export function isWrong(outcome: TestOutcome, fault: Fault | null): boolean {
  const { ended } = outcome;
  if (fault === null) return ended.how !== "passed";
  if (ended.how !== "failed") return false;
  const never = ["P010", "leak", ...(fault.kind === "alloc" ? ["P005"] : [])];
  return ended.code !== null && never.includes(ended.code);
}

/** Runs the test as the plan says. */
export async function explore(run: Run, plan: Plan): Promise<Explored> {
  const search = new Search(run);
  const base = await search.try({ list: [] }, null);
  if (search.wrong !== null) return search.result(0, false);
  let isComplete = false;
  if (plan.exhaustive || base.choices.length <= SMALL_CHOICES) {
    const budget = plan.exhaustive ? ENUMERATED_MAX : Math.min(plan.seeds, ENUMERATED_MAX);
    isComplete = await search.enumerate(base.choices, budget);
  }
  let seeds = 0;
  if (!isComplete && !plan.exhaustive) {
    while (seeds < plan.seeds && search.wrong === null) {
      await search.try({ seed: plan.from + seeds }, null);
      seeds++;
    }
  }
  if (plan.faults && search.wrong === null) await search.sweep(base, plan.from);
  return search.result(seeds, isComplete);
}

class Search {
  wrong: { choices: Choices; fault: Fault | null } | null = null;
  private runs = 0;
  private last!: TestOutcome;

  constructor(private readonly run: Run) {}

  async try(choices: Choices, fault: Fault | null): Promise<TestOutcome> {
    this.runs++;
    this.last = await this.run(choices, fault);
    if (isWrong(this.last, fault)) this.wrong = { choices, fault };
    return this.last;
  }

  result(seeds: number, isComplete: boolean): Explored {
    const { choices, fault } = this.wrong ?? { choices: { list: [] }, fault: null };
    return { outcome: this.last, ok: this.wrong === null, choices, fault, runs: this.runs, seeds, isComplete };
  }

  /**
   * Every schedule after the first, depth first: those without preemption, then those with one more each time, then
   * all. True when none is left; false when something was found, or after `budget` runs.
   */
  async enumerate(first: readonly Choice[], budget: number): Promise<boolean> {
    for (let preemptions = 0; preemptions <= PREEMPTIONS_MAX + 1; preemptions++) {
      const bound = preemptions > PREEMPTIONS_MAX ? Infinity : preemptions;
      let next: Next = following(first, bound);
      let isPruned = next.isPruned;
      while (next.list !== null) {
        if (this.runs >= budget) return false;
        const { choices } = await this.try({ list: next.list }, null);
        if (this.wrong !== null) return false;
        next = following(choices, bound);
        isPruned ||= next.isPruned;
      }
      if (!isPruned) return true;
    }
    return true;
  }

  /** A cancellation at every suspension, of main and of the fiber that is there, and a refusal of every block. */
  async sweep(base: TestOutcome, seed: number): Promise<void> {
    const kinds: [Fault["kind"], number][] = [
      ["cancel", base.suspensions], ["cancel-fiber", base.suspensions], ["alloc", base.allocations],
    ];
    for (const [kind, count] of kinds) {
      const step = Math.max(1, count / SWEPT_MAX);
      for (let at = 1; at <= count; at += step) {
        const fault: Fault = { kind, at: Math.floor(at) };
        await this.try({ list: [] }, fault);
        if (this.wrong === null) await this.try({ seed }, fault);
        if (this.wrong !== null) return;
      }
    }
  }
}

interface Next {
  list: number[] | null;
  /** alternatives were passed over because of the bound. */
  isPruned: boolean;
}

/** The next schedule after this one that preempts at most `bound` times: the last choice that can be another is. */
export function following(made: readonly Choice[], bound: number): Next {
  const preempts = (c: Choice, chosen: number) => (c.kind === CHOICE_KIND_PREEMPT && chosen > 0 ? 1 : 0);
  let before = 0;
  const upTo = made.map((c) => {
    const so = before;
    before += preempts(c, c.chosen);
    return so;
  });
  let isPruned = false;
  for (let i = made.length - 1; i >= 0; i--) {
    const c = made[i]!;
    if (c.chosen + 1 >= c.of) continue;
    if (upTo[i]! + preempts(c, c.chosen + 1) > bound) {
      isPruned = true;
      continue;
    }
    return { list: [...made.slice(0, i).map((m) => m.chosen), c.chosen + 1], isPruned };
  }
  return { list: null, isPruned };
}
