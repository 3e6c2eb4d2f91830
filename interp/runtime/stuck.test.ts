// The search for stuck nurseries, on hand-made pictures of a runtime. Real ones: tests/programs/deadlock.
import { describe, expect, test } from "bun:test";
import { stuckNurseries, type Holdings, type Reach } from "./stuck.ts";

type Fiber = Reach["fibers"][number];
const TASK = { bit: 2147483648, indexBits: 22 };

const waiting = (fiber: number, wait: string, what: number[], nursery: number, more: Partial<Fiber> = {}): Fiber => ({
  fiber, state: "parked", wait, timer: wait === "sleep", cancel: 0, nursery, open_nursery: 0, for: what, holder: 0,
  has: [], ...more,
});
const MAIN = 1;
const OUTER = 101;
const INNER = 102;
const CHANNEL = 7;

/** main joins a nursery with a sleeper (2) and the owner (3) of a nursery with one task (4) that receives. */
function picture(held: [number, number[]][], more: Partial<Reach> = {}, child: Partial<Fiber> = {}): [Reach, Holdings] {
  const reach: Reach = {
    switches: 0,
    fibers: [
      waiting(MAIN, "join", [OUTER], 0, { open_nursery: OUTER }),
      waiting(2, "sleep", [], OUTER),
      waiting(3, "join", [INNER], OUTER, { open_nursery: INNER }),
      waiting(4, "receive", [CHANNEL], INNER, child),
    ],
    objects: [[CHANNEL, []]],
    nurseries: [
      { id: OUTER, owner: MAIN, outer: 0, site: 1, deadline: false },
      { id: INNER, owner: 3, outer: 0, site: 2, deadline: false },
    ],
    globals: [],
    ...more,
  };
  return [reach, { fibers: new Map(held), globals: [] }];
}

const found = ([reach, held]: [Reach, Holdings], isNamed = false) =>
  stuckNurseries(reach, held, TASK, () => isNamed).map((n) => n.id);

describe("a nursery is stuck", () => {
  test("when only its own tasks have what they wait for", () => {
    expect(found(picture([[MAIN, [OUTER]], [3, [INNER, CHANNEL]], [4, [CHANNEL]]]))).toEqual([INNER]);
  });
  test("also when its owner awaits a task of it that is stuck", () => {
    const [reach, held] = picture([[4, [CHANNEL]]]);
    reach.fibers[2] = waiting(3, "await", [4], OUTER, { open_nursery: INNER });
    expect(found([reach, held])).toEqual([INNER]);
  });
  test("behind a lock whose holder is stuck", () => {
    const [reach, held] = picture([], {}, { wait: "mutex", for: [9], holder: 5 });
    reach.fibers.push(waiting(5, "receive", [CHANNEL], INNER));
    expect(found([reach, held])).toEqual([INNER]);
  });
});

describe("a nursery is not stuck", () => {
  const cases: [string, [Reach, Holdings], boolean?][] = [
    ["when a sleeper has the channel", picture([[2, [CHANNEL]]])],
    ["when the channel is inside of one that a sleeper has", picture([[2, [8]]], { objects: [[8, [CHANNEL]]] })],
    ["when the channel is on its way to a sleeper", picture([], { fibers: picture([])[0].fibers.map((f) =>
      f.fiber === 2 ? { ...f, has: [CHANNEL] } : f) })],
    ["when the channel is in a module-level value", picture([], { globals: [CHANNEL] })],
    ["when its task waits no longer than a timer", picture([], {}, { timer: true })],
    ["when its task is cancelled already", picture([], {}, { cancel: 1 })],
    ["when a sleeper can cancel its task", picture([[2, [-4]]])],
    ["when a sleeper knows the nursery by name", picture([[2, [INNER]]]), true],
    ["when a sleeper knows an outer nursery by name", picture([[2, [OUTER]]]), true],
    ["when the task's lock is held by a sleeper", picture([], {}, { wait: "mutex", for: [9], holder: 2 })],
    ["when the task awaits a sleeper", picture([], {}, { wait: "await", for: [2] })],
    ["when the task's result comes out of a finished task that a sleeper has", picture([[2, [-6]]], {
      fibers: [...picture([])[0].fibers, waiting(6, "nothing", [], OUTER, { state: "finished", has: [CHANNEL] })],
    })],
  ];
  for (const [name, given, isNamed] of cases) test(name, () => expect(found(given, isNamed)).toEqual([]));
  test("when it or an outer one has a deadline", () => {
    for (const i of [0, 1]) {
      const [reach, held] = picture([]);
      reach.nurseries[i]!.deadline = true;
      expect(found([reach, held])).toEqual([]);
    }
  });
});
