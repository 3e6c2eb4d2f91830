// The suspension protocol, step by step: a step whose operands suspend gives what it gives when none does; it pushes
// as many resumptions as it says; and what unwinds while it waits runs every cleanup once.
import { beforeEach, describe, expect, test } from "bun:test";
import { Code, FIRST_LOCAL, type Frame, HOT_RESUMES, PanicValue, type Resume, type Step } from "./code.ts";
import type { FailedChild, Host, JoinOutcome } from "./host.ts";
import { CHUNK, COLD_ROUND, Kind, machine, newFrame, SLICE, Why } from "./machine.ts";
import type { Register } from "./steps/kit.ts";
import { shared, Tier } from "./steps/tier.ts";
import { TestProgram } from "./testing.ts";
import { type ChildFailure, Closure, ErrorValue, Failure, Handle, HandleKind, Some, STOP, VOID } from "./values.ts";

// ---------------------------------------------------------------- a worker loop of a few lines

// the sets of what a nursery raises are looked for in a program
new TestProgram();

const owner = new Code("test", "test", () => VOID);
const reg: Register = (resume, site = 0) => {
  const r = resume as Resume;
  r.id = owner.resumes.length;
  r.code = owner;
  r.site = site;
  owner.resumes.push(r);
  return r;
};

/** What the suspended operations will give, in order. */
let pending: (() => any)[] = [];
let suspensions = 0;
/** Resumptions pushed by each suspension. */
let pushed: number[] = [];

const now = (v: any): Step => () => v;
/** An operand that parks first. */
const later = (v: any): Step => () => {
  pending.push(() => v);
  return machine.suspend(Why.Parked);
};
/** An operand that parks, and unwinds when it goes on. */
const fails = (kind: Kind): Step => () => {
  pending.push(() => {
    machine.kind = kind;
    machine.value = kind === Kind.Panic ? new PanicValue("P001", "there", []) : null;
    return STOP;
  });
  return machine.suspend(Why.Parked);
};

function newestFirst(base: number): void {
  const entries: any[][] = [];
  for (let i = base; i < machine.cont.length; i += 3) entries.push(machine.cont.slice(i, i + 3));
  pushed.push(entries.length);
  machine.cont.length = base;
  for (const entry of entries.reverse()) machine.cont.push(...entry);
}

/** Runs a step to its end; preempted and parked alike go on at once. */
function drive(step: Step, frame: Frame): any {
  machine.cont = [];
  machine.kind = Kind.None;
  machine.beginSlice();
  clockNs = 0;
  machine.depth = 0;
  machine.stack = 1 << 20;
  pending = [];
  pushed = [];
  suspensions = 0;
  let v = step(frame);
  let base = 0;
  for (;;) {
    if (v === STOP && machine.stopped() === Kind.Suspend) {
      suspensions++;
      newestFirst(base);
      machine.kind = Kind.None;
      machine.depth = 0;
      machine.beginSlice();
      v = machine.why === Why.Parked ? pending.shift()!() : VOID;
    }
    if (machine.cont.length === 0) return v;
    const [resume, f, state] = machine.cont.splice(machine.cont.length - 3, 3);
    base = machine.cont.length;
    if (v !== STOP) machine.kind = Kind.None;
    v = resume(f, state, v);
  }
}

const frame = (...locals: any[]): Frame => [owner, 0, null, ...locals, 0, 0, 0, 0, 0, 0];

/** The step gives `wanted` whichever of its operands suspend. */
function everyWay(operands: any[], make: (steps: Step[]) => Step, wanted: any, locals: () => any[] = () => []): void {
  for (let mask = 0; mask < 1 << operands.length; mask++) {
    const steps = operands.map((v, i) => ((mask >> i) & 1 ? later(v) : now(v)));
    expect(drive(make(steps), frame(...locals()))).toEqual(wanted);
    expect(pending).toEqual([]);
  }
}

const outcome: { join: JoinOutcome; log: string[]; chosen: number } = { join: { ended: "ok" }, log: [], chosen: 0 };

const parked = (v: any): any => {
  pending.push(() => v);
  return machine.suspend(Why.Parked);
};

let clockNs = 0;

const host: Host = {
  stackOverflow: () => machine.panic("P007", "too deep"),
  refuse: () => null,
  surplus: () => true,
  offer: () => {},
  nowNs: () => clockNs,
  spawn: () => VOID,
  releaseTask: () => {},
  awaitTask: (task) => parked(task.id === 1 ? 42 : new Failure(new ErrorValue("Bad", "", -1, []), [])),
  nurseryValue: (nursery) => nursery,
  openNursery: () => (outcome.log.push("open"), new Handle(HandleKind.Nursery, 7, 0)),
  cancelNursery: (_n, failed) => void outcome.log.push(failed ? "failed" : "cancelled"),
  joinNursery: () => (outcome.log.push("join"), parked(outcome.join)),
  isCancelled: () => false,
  enterGrace: (ms) => (outcome.log.push(`grace ${ms}`), 3),
  leaveGrace: (shield) => void outcome.log.push(`end of grace ${shield}`),
  shield: (delta) => void outcome.log.push(delta > 0 ? "shield" : "open shield"),
  select: () => parked("got"),
  selectedCase: () => outcome.chosen,
  receive: () => parked(1),
  write: () => {},
  freezeShared: () => VOID,
  global: () => VOID,
};

beforeEach(() => {
  machine.host = host;
  outcome.join = { ended: "ok" };
  outcome.log = [];
  outcome.chosen = 0;
});

// ---------------------------------------------------------------- operands and order

for (const [name, tier] of [["the shared tier", shared], ["a tier of its own", Tier.fresh()]] as const) {
  describe(`steps of ${name}`, () => {
    const { apply, control, outcome: results, match, call } = tier;

    test("strict operations, by number of operands", () => {
      everyWay([1], ([a]) => apply.apply1(reg, a!, (x) => x + 1), 2);
      everyWay([1, 2], ([a, b]) => apply.apply2(reg, a!, b!, (x, y) => [x, y]), [1, 2]);
      everyWay([1, 2, 3, 4], (all) => apply.applyN(reg, all, (values) => [...values]), [1, 2, 3, 4]);
    });

    test("fused operators", () => {
      const slow = () => "slow";
      everyWay([20, 22], ([a, b]) => tier.binary("i64", "+", "suspends", "suspends")(reg, a, b, slow), 42);
      everyWay([1, 2], ([a, b]) => tier.binary("i64", "<", "suspends", "suspends")(reg, a, b, slow), true);
      everyWay([1.5, 2], ([a, b]) => tier.binary("f64", "*", "suspends", "suspends")(reg, a, b, slow), 3);
      const increment = tier.binary("i64", "+", "suspends", "const");
      everyWay([Number.MAX_SAFE_INTEGER], ([a]) => increment(reg, a, 1, slow), "slow");
    });

    test("sequence and choice", () => {
      everyWay([1, 2], ([a, b]) => control.block2(reg, a!, b!), 2);
      everyWay([1, 2, 3], (steps) => control.block(reg, steps), 3);
      everyWay([true, "then"], ([c, t]) => control.choose(reg, c!, t!, now("else")), "then");
      everyWay([false, "else"], ([c, e]) => control.choose(reg, c!, now("then"), e!), "else");
      everyWay([false], ([c]) => control.choose(reg, c!, now("then"), null), VOID);
      everyWay([true, false], ([a, b]) => control.and(reg, a!, b!), false);
      everyWay([false, true], ([a, b]) => control.or(reg, a!, b!), true);
    });

    test("failures and absences", () => {
      const bad = new Failure(new ErrorValue("Bad", "", -1, []), [1]);
      everyWay([5], ([a]) => results.propagate(reg, a!, 9), 5);
      everyWay([bad, "handled"], ([a, h]) => results.catchFailure(reg, a!, FIRST_LOCAL, h!), "handled");
      everyWay([7, "handled"], ([a, h]) => results.catchFailure(reg, a!, -1, h!), 7);
      everyWay([null, 3], ([a, b]) => results.coalesce(reg, a!, b!, false), 3);
      everyWay([new Some(null), 3], ([a, b]) => results.coalesce(reg, a!, b!, true), null);
      everyWay([4, 5], ([a, b]) => results.ifPresent(reg, a!, FIRST_LOCAL, false, b!), 5);
      everyWay([null, 5], ([a, b]) => results.ifPresent(reg, a!, FIRST_LOCAL, false, b!), null);
    });

    test("a failure that is passed on leaves with its place added", () => {
      for (const operand of [now, later]) {
        const bad = new Failure(new ErrorValue("Bad", "", -1, []), [1]);
        expect(drive(results.propagate(reg, operand(bad), 9), frame())).toBe(STOP);
        expect(machine.kind).toBe(Kind.Return);
        expect(machine.value).toBe(bad);
        expect(bad.trace).toEqual([1, 9]);
      }
    });

    test("match: subject, guards and bodies", () => {
      const arms = (guard: Step, body: Step) => [
        { test: (v: any) => v === 0, guard: null, body: now("zero") },
        { test: () => true, guard, body: now("guarded") },
        { test: () => true, guard: null, body },
      ];
      everyWay([5, false, "last"], ([s, g, b]) => match.match(reg, s!, FIRST_LOCAL, arms(g!, b!), null), "last");
      everyWay([5, true, "last"], ([s, g, b]) => match.match(reg, s!, FIRST_LOCAL, arms(g!, b!), null), "guarded");
      everyWay([0, true, "last"], ([s, g, b]) => match.match(reg, s!, FIRST_LOCAL, arms(g!, b!), null), "zero");
    });

    test("calls with any number of arguments, whose bodies suspend too", () => {
      const callee = (body: Step, params: number): Code => {
        const code = new Code("callee", "callee", body);
        code.tier = 0;
        code.slots = FIRST_LOCAL + params;
        return code;
      };
      const list = (n: number): Step => (f) => f.slice(FIRST_LOCAL, FIRST_LOCAL + n);
      const body = (n: number, wait: Step) => control.block2(reg, wait, list(n));
      everyWay([0], ([w]) => call.call0(reg, callee(body(0, w!), 0), 1), []);
      everyWay([0, 1], ([w, a]) => call.call1(reg, callee(body(1, w!), 1), a!, 1), [1]);
      everyWay([0, 1, 2], ([w, a, b]) => call.call2(reg, callee(body(2, w!), 2), a!, b!, 1), [1, 2]);
      everyWay([0, 1, 2, 3], ([w, ...args]) => call.callN(reg, callee(body(3, w!), 3), args, 1), [1, 2, 3]);
      everyWay([0, 4], ([w, a]) =>
        call.callValue(reg, [now(new Closure(callee(body(1, w!), 1), ["kept"])), a!], false, 1), [4]);
      everyWay([0, 4], ([w, a]) =>
        call.callLent1(reg, now(new Closure(callee(body(1, w!), 1), [])), a!, 1), [4]);
      everyWay([0, 4, 5], ([w, a, b]) =>
        call.callLent2(reg, now(new Closure(callee(body(2, w!), 2), [])), a!, b!, 1), [4, 5]);
      const leaving = control.leave(reg, later("returned"));
      expect(drive(call.call0(reg, callee(leaving, 0), 1), frame())).toBe("returned");
    });

    test("what was lent fails: that leaves every function on its way, and nothing after it runs", () => {
      const { call, control, outcome } = tier;
      const failure = new Failure(new ErrorValue("Bad", "", -1, []), []);
      const callee = (body: Step): Code => {
        const code = new Code("callee", "callee", body);
        code.tier = 0;
        code.slots = FIRST_LOCAL + 3;
        return code;
      };
      const missed: Step = () => {
        throw new Error("the function went on after the failure");
      };
      const calls: ((closure: Step, a: Step) => Step)[] = [
        (f, a) => call.callLent1(reg, f, a, 1), (f, a) => call.callLent2(reg, f, a, a, 1),
        (f, a) => call.callValue(reg, [f, a, a, a], true, 1), (f) => call.callValue(reg, [f], true, 1),
      ];
      for (const make of calls) {
        for (const operand of [now, later]) {
          for (const closureBody of [operand(failure), control.leave(reg, operand(failure))]) {
            const closure = callee(closureBody);
            const caller = callee(control.block2(reg, make(now(new Closure(closure, [])), operand(1)), missed));
            const lender = callee(control.block2(reg, outcome.passOn(reg, call.call0(reg, caller, 1)), missed));
            expect(drive(call.call0(reg, lender, 1), frame())).toBe(failure);
            expect(machine.stack).toBe(1 << 20);
          }
        }
      }
      expect(drive(call.callValue(reg, [now(new Closure(callee(now(failure)), []))], false, 1), frame())).toBe(failure);
    });

    test("stored values, fields", () => {
      everyWay([8], ([a]) => control.block2(reg, control.store(reg, FIRST_LOCAL, a!), (f) => f[FIRST_LOCAL]), 8);
      everyWay([{ f1: 6 }], ([a]) => tier.field(1).of(reg, a!), 6);
    });

    test("loops: conditions, bounds and bodies", () => {
      const slot = FIRST_LOCAL;
      for (const operand of [now, later]) {
        const body: Step = control.block2(reg, operand(VOID), (f) => (f[slot] += f[slot + 1], VOID));
        const sum = control.rangeLoop(reg, operand(1), operand(4), true, slot + 2, slot + 3, slot + 1, false, body, 1);
        expect(drive(control.block2(reg, sum, (f) => f[slot]), frame(0, 0, 0, 0))).toBe(10);
        const round: Step = control.block2(reg, operand(VOID), (f) => (++f[slot] < 5));
        const count = control.whileLoop(reg, round, operand(VOID), 2);
        expect(drive(control.block2(reg, count, (f) => f[slot]), frame(0))).toBe(5);
        const out = control.whileLoop(reg, now(true), control.block2(reg, operand(VOID), control.breakTo(3)), 3);
        expect(drive(out, frame())).toBe(VOID);
      }
    });
  });
}

// ---------------------------------------------------------------- what a suspension costs

test("a loop that waits pushes the same few entries each round, however deep it stands", () => {
  const slot = FIRST_LOCAL;
  const { control, apply } = shared;
  const next = apply.apply1(reg, later(1), () => true);
  const more: Step = (f) => (f[slot]-- > 0 ? next(f) : false);
  let step: Step = control.whileLoop(reg, more, now(VOID), 1);
  for (let depth = 0; depth < 50; depth++) step = control.block2(reg, step, now("end"));
  expect(drive(step, frame(100))).toBe("end");
  expect(suspensions).toBe(100);
  expect(pushed[0]).toBe(52);
  expect(pushed.slice(1).every((entries) => entries === 2)).toBe(true);
});

test("a slice of few but long reductions ends by its time", () => {
  const slot = FIRST_LOCAL;
  // a round of closures is charged several reductions
  const CHUNK_ROUNDS = Math.floor(CHUNK / COLD_ROUND) + 1;
  // a millisecond each: the second look at the clock finds the slice over
  const body: Step = (f) => (f[slot]++, (clockNs += 1_000_000), VOID);
  const step = shared.control.whileLoop(reg, (f) => f[slot] < 2 * CHUNK_ROUNDS + 2, body, 1);
  const f = frame(0);
  f[0] = newFrame(Object.assign(new Code("slow", "slow", step), { tier: 1 }))[0];
  expect(drive(step, f)).toBe(VOID);
  expect(suspensions).toBe(1);
});

test("a loop that only computes gives way when its reductions are used up", () => {
  const slot = FIRST_LOCAL;
  const body: Step = (f) => (f[slot]++, VOID);
  const step = shared.control.whileLoop(reg, (f) => f[slot] < 3 * SLICE, body, 1);
  const f = frame(0);
  f[0] = newFrame(Object.assign(new Code("busy", "busy", step), { tier: 1 }))[0];
  expect(drive(step, f)).toBe(VOID);
  expect(f[slot]).toBe(3 * SLICE);
  expect(suspensions).toBeGreaterThan(0);
});

test("calls that nest go on from the heap, and their stack is charged and given back", () => {
  const down = new Code("down", "down", () => VOID);
  down.tier = 1;
  down.slots = FIRST_LOCAL + 1;
  down.weight = 10;
  const again = shared.call.call1(reg, down, (f) => f[FIRST_LOCAL] - 1, 1);
  down.body = shared.control.choose(reg, (f) => f[FIRST_LOCAL] === 0, now(VOID), again);
  const start = shared.call.call1(reg, down, now(3000), 1);
  expect(drive(start, frame())).toBe(VOID);
  expect(machine.stack).toBe(1 << 20);
  expect(suspensions).toBeGreaterThan(3);
});

test("a fiber whose stack is used up panics", () => {
  const down = new Code("down", "down", () => VOID);
  down.tier = 1;
  down.cost = 1024;
  down.body = shared.call.call0(reg, down, 1);
  expect(drive(shared.call.call0(reg, down, 1), frame())).toBe(STOP);
  expect(machine.kind).toBe(Kind.Panic);
  expect(machine.value.code).toBe("P007");
});

// ---------------------------------------------------------------- unwinding

describe("cleanups run once, last first, whatever ends their block", () => {
  const log: string[] = [];
  const noted = (name: string, wait: boolean): Step =>
    shared.control.block2(reg, wait ? later(VOID) : now(VOID), () => (log.push(name), VOID));
  const block = (last: Step, wait: boolean): Step => shared.cleanup.withCleanup(reg,
    [now(VOID), now(VOID), now(VOID), last],
    [
      { body: noted("first", wait), onError: false }, { body: noted("on error", wait), onError: true },
      { body: noted("second", wait), onError: false }, { body: null, onError: false },
    ], FIRST_LOCAL);

  for (const wait of [false, true]) {
    const how = wait ? "cleanups that wait" : "cleanups that do not";
    test(`a value, ${how}`, () => {
      for (const operand of [now, later]) {
        log.length = 0;
        expect(drive(block(operand(5), wait), frame(0))).toBe(5);
        expect(log).toEqual(["second", "first"]);
      }
    });
    for (const kind of [Kind.Panic, Kind.Cancel]) {
      test(`${kind === Kind.Panic ? "a panic" : "a cancellation"}, ${how}`, () => {
        log.length = 0;
        expect(drive(block(fails(kind), wait), frame(0))).toBe(STOP);
        expect(machine.kind).toBe(kind);
        expect(log).toEqual(["second", "on error", "first"]);
      });
    }
    test(`a failure that leaves, ${how}`, () => {
      log.length = 0;
      const bad = new Failure(new ErrorValue("Bad", "", -1, []), []);
      expect(drive(block(shared.control.leave(reg, later(bad)), wait), frame(0))).toBe(STOP);
      expect([machine.kind, machine.value]).toEqual([Kind.Return, bad]);
      expect(log).toEqual(["second", "on error", "first"]);
    });
  }

  test("what is not reached is not run", () => {
    log.length = 0;
    const step = shared.cleanup.withCleanup(reg, [now(VOID), fails(Kind.Panic), now(VOID)],
      [{ body: noted("first", false), onError: false }, { body: null, onError: false },
        { body: noted("never", false), onError: false }], FIRST_LOCAL);
    expect(drive(step, frame(0))).toBe(STOP);
    expect(log).toEqual(["first"]);
  });

  test("a panic in a cleanup takes the place of the value", () => {
    const step = shared.cleanup.withCleanup(reg, [now(VOID), now(1)],
      [{ body: fails(Kind.Panic), onError: false }, { body: null, onError: false }], FIRST_LOCAL);
    expect(drive(step, frame(0))).toBe(STOP);
    expect(machine.value.code).toBe("P001");
  });
});

describe("nurseries are left by one door", () => {
  const nursery = (body: Step, handled: boolean): Step =>
    shared.fibers.nursery(reg, now([null, null]), FIRST_LOCAL, body, handled, false, 3);

  test("a value waits for the children", () => {
    everyWay([5], ([b]) => nursery(b!, false), 5);
    expect(outcome.log.slice(0, 2)).toEqual(["open", "join"]);
  });

  test("a return waits, and leaves then", () => {
    expect(drive(nursery(shared.control.leave(reg, later(6)), false), frame(0))).toBe(STOP);
    expect([machine.kind, machine.value]).toEqual([Kind.Return, 6]);
    expect(outcome.log).toEqual(["open", "join"]);
  });

  test("a failing body cancels the children first", () => {
    const bad = new Failure(new ErrorValue("Bad", "", -1, []), []);
    expect(drive(nursery(shared.control.leave(reg, later(bad)), false), frame(0))).toBe(STOP);
    expect(outcome.log).toEqual(["open", "failed", "join"]);
    expect(machine.value.error.children).toEqual([["Bad", false, "", 0, []]]);
    expect(bad.error.children).toBe(null);
  });

  test("a child's failure is the value when it is handled, and leaves when it is not", () => {
    const failure = new Failure(new ErrorValue("Child", "", -1, []), []);
    const child = (task: number, what: string): FailedChild => ({ task, reports: [[what, false, "", task, []]] });
    const children = [child(3, "Child"), child(4, "Other")];
    outcome.join = { ended: "failed", failure, children, bound: { ended: "ok" } };
    const handled = drive(nursery(later(5), true), frame(0));
    expect(handled.error.name).toBe("Child");
    expect(handled.error.children.map((c: ChildFailure) => c[0])).toEqual(["Child", "Other"]);
    expect(drive(nursery(later(5), false), frame(0))).toBe(STOP);
    expect([machine.kind, machine.value.error.name]).toEqual([Kind.Return, "Child"]);
  });

  test("the child that the body awaited comes first; a body that failed by itself comes before all", () => {
    const child = (task: number, what: string): FailedChild => ({ task, reports: [[what, false, "", task, []]] });
    const failure = new Failure(new ErrorValue("B", "", -1, []), []);
    outcome.join = { ended: "failed", failure, children: [child(3, "A"), child(4, "B")], bound: { ended: "ok" } };
    const bad = new Failure(new ErrorValue("B", "", -1, []), []);
    bad.ofTask = 4;
    const names = (v: any): string[] => v.error.children.map((c: ChildFailure) => c[0]);
    expect(names(drive(nursery(shared.control.leave(reg, later(bad)), true), frame(0)))).toEqual(["B", "A"]);
    bad.ofTask = 0;
    expect(drive(nursery(shared.control.leave(reg, later(bad)), true), frame(0))).toBe(STOP);
    expect(names(machine.value)).toEqual(["B", "A", "B"]);
    expect(bad.error.children).toBe(null);
  });

  test("a child's panic goes on", () => {
    const report: ChildFailure = ["P003: child", true, "", 9, []];
    const panic = new PanicValue("P003", "child", []);
    outcome.join = { ended: "panicked", panic, children: [{ task: 9, reports: [report] }], bound: { ended: "ok" } };
    expect(drive(nursery(now(5), true), frame(0))).toBe(STOP);
    expect([machine.kind, machine.value.code]).toEqual([Kind.Panic, "P003"]);
    expect(machine.value.children).toEqual([report]);
  });

  test("a deadline is the failure DeadlineExceeded", () => {
    outcome.join = { ended: "deadline" };
    expect(drive(nursery(now(5), true), frame(0)).error.name).toBe("DeadlineExceeded");
  });

  test("a budget is the failure BudgetExceeded, from the place that asked for more", () => {
    outcome.join = { ended: "budget", what: "5 spawns", site: 9 };
    const { error, trace } = drive(nursery(now(5), true), frame(0));
    expect([error.name, error.payload, trace[0]]).toEqual(["BudgetExceeded", ["5 spawns"], 9]);
  });
});

describe("waiting for others", () => {
  const task = (id: number): Handle => new Handle(HandleKind.Task, id, 0);

  test("await gives the value, or raises the failure with its place", () => {
    everyWay([task(1)], ([t]) => shared.fibers.awaitTask(reg, t!, true, 8), 42);
    expect(drive(shared.fibers.awaitTask(reg, later(task(2)), false, 8), frame()).error.name).toBe("Bad");
    expect(drive(shared.fibers.awaitTask(reg, later(task(2)), true, 8), frame())).toBe(STOP);
    expect([machine.kind, machine.value.trace]).toEqual([Kind.Return, [8]]);
  });

  test("a shield is closed on every way out", () => {
    everyWay([5], ([b]) => shared.fibers.shield(reg, b!), 5);
    outcome.log = [];
    expect(drive(shared.fibers.shield(reg, fails(Kind.Panic)), frame())).toBe(STOP);
    expect(outcome.log).toEqual(["shield", "open shield"]);
    everyWay([20, 5], ([ms, b]) => shared.fibers.shieldFor(reg, ms!, b!, 0), 5);
    outcome.log = [];
    expect(drive(shared.fibers.shieldFor(reg, later(20), fails(Kind.Panic), 0), frame())).toBe(STOP);
    expect(outcome.log).toEqual(["grace 20", "end of grace 3"]);
  });

  test("yield gives way once", () => {
    expect(drive(shared.fibers.giveWay(reg), frame())).toBe(VOID);
    expect(suspensions).toBe(1);
  });
});

test("a code that is resumed again and again moves to a tier of its own", () => {
  const code = new Code("waits", "waits", () => VOID);
  let built = 0;
  code.tier = 0;
  code.build = () => void built++;
  const left = (() => VOID) as Resume;
  left.id = 0;
  left.code = code;
  const moved = (() => VOID) as Resume;
  code.resumes = [left];
  for (let i = 1; i < HOT_RESUMES; i++) expect(code.current(left)).toBe(left);
  expect(code.tier).toBe(0);
  code.build = () => {
    built++;
    code.resumes = [moved];
  };
  for (let i = 0; i < HOT_RESUMES; i++) expect(code.current(left)).toBe(moved);
  expect(code.tier).toBe(1);
  expect(built).toBe(1);
});
