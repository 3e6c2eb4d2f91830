// The memory budget, on a process of two VMs that stands in: bytes that are in use and bytes that are garbage, which
// only a collection of the VM that made them gives back.
import { describe, expect, test } from "bun:test";
import { MemoryBudget, type Sight, verdict } from "./memory-budget.ts";

const MIB = 1 << 20;

class Process {
  nowMs = 1_000;
  asked = 0;
  readonly collections: number[] = [];
  readonly heaps: number[] = [];
  readonly vms: MemoryBudget[];
  collectionMs = 1;

  /** live and garbage: MiB of each VM. perMs: those of garbage that the first one makes in a millisecond. */
  constructor(readonly budget: number, readonly live: number[], readonly garbage: number[], readonly perMs = 0) {
    for (const i of live.keys()) [this.collections[i], this.heaps[i]] = [0, 0];
    this.vms = live.map((_, i) => new MemoryBudget(this.sightOf(i)));
  }

  sightOf(i: number): Sight {
    const sum = (list: number[]): number => list.reduce((a, b) => a + b, 0);
    return {
      nowMs: () => this.nowMs,
      resident: () => MIB * (sum(this.live) + sum(this.garbage)),
      budget: () => MIB * this.budget,
      collect: () => {
        this.collections[i]! += 1;
        this.garbage[i] = 0;
        this.nowMs += this.collectionMs;
        return (this.heaps[i] = MIB * this.live[i]!);
      },
      heaps: () => this.heaps,
      inCore: () => 0,
      asked: () => this.asked,
      ask: () => ++this.asked,
    };
  }

  /** All look, for so long. Gives what was told, with when. */
  look(forMs: number): [vm: number, afterMs: number, why: string] | null {
    const fromMs = this.nowMs;
    while (this.nowMs <= fromMs + forMs) {
      for (const [i, vm] of this.vms.entries()) {
        vm.look();
        if (vm.excess !== null) return [i, this.nowMs - fromMs, vm.excess];
      }
      this.nowMs += 1;
      this.garbage[0]! += this.perMs;
    }
    return null;
  }
}

describe("what a VM finds after its collection", () => {
  const rows: [what: string, used: number, heap: number, largest: number, sinceMs: number, found: string][] = [
    ["within nine tenths", 90, 90, 90, 1_000, "room"],
    ["beyond them, at once", 91, 91, 91, 0, "wait"],
    ["beyond them, just before patience ends", 109, 99, 99, 99, "wait"],
    ["beyond them, for as long as the others need", 91, 91, 91, 100, "full"],
    ["another VM's doing", 109, 20, 50, 1_000, "wait"],
    ["half of the largest", 109, 25, 50, 1_000, "full"],
    ["far beyond", 111, 1, 90, 0, "full"],
  ];
  for (const [what, used, heap, largest, sinceMs, found] of rows) {
    test(`${what}: ${found}`, () => expect(verdict({ used, budget: 100, heap, largest, sinceMs })).toBe(found as any));
  }
});

describe("a program of two workers within 100 MiB", () => {
  test("nobody collects while there is room", () => {
    const process = new Process(100, [40, 40], [10, 10]);
    expect(process.look(1_000)).toBe(null);
    expect([process.collections, process.asked]).toEqual([[0, 0], 0]);
  });

  test("one's own garbage never counts, however much it is", () => {
    const process = new Process(100, [40, 0], [500, 0]);
    expect(process.look(1_000)).toBe(null);
    expect([process.collections[0], process.asked]).toEqual([1, 0]);
  });

  test("another's garbage does not count: it is asked to collect, and does, though there is room by then", () => {
    const process = new Process(100, [70, 5], [20, 20]);
    expect(process.look(1_000)).toBe(null);
    expect([process.collections, process.asked, process.garbage]).toEqual([[1, 1], 1, [0, 0]]);
  });

  test("who holds it is told, when the others have had their time", () => {
    const process = new Process(100, [75, 20], [0, 0], 1);
    const [vm, afterMs, why] = process.look(5_000)!;
    expect(vm).toBe(0);
    expect(afterMs).toBeGreaterThanOrEqual(100);
    expect(afterMs).toBeLessThan(200);
    expect(process.collections[1]).toBeGreaterThan(0);
    expect(why).toStartWith("out of memory: the program uses 95 MiB after a collection, more than nine tenths of the " +
      "100 MiB that it may (values of this worker: 75 MiB, of the other workers: 20 MiB, channels, tasks and " +
      "messages: 0 MiB, the interpreter and free space: 0 MiB); ");
  });

  test("far beyond it nobody is waited for", () => {
    const process = new Process(100, [120, 0], [0, 0]);
    const [vm, afterMs, why] = process.look(1_000)!;
    expect([vm, afterMs]).toEqual([0, 1]);
    expect(why).toStartWith("out of memory: the program uses 120 MiB of the 100 MiB that it may (");
  });

  test("a slow collection is paid for by looking less often, but not while there is too much", () => {
    const slow = new Process(100, [105], [0]);
    slow.collectionMs = 200;
    expect(slow.look(5_000)?.[1]).toBe(410);
    const busy = new Process(100, [50], [51], 51);
    busy.collectionMs = 200;
    expect(busy.look(5_999)).toBe(null);
    expect(busy.collections[0]).toBe(10);
  });

  test("a fiber's cleanup is left in peace", () => {
    const process = new Process(100, [120], [0]);
    process.look(1_000);
    process.vms[0]!.excess = null;
    const [, afterMs] = process.look(1_000)!;
    expect(afterMs).toBeGreaterThanOrEqual(499);
  });

  test("the room that is left counts garbage", () => {
    expect(new Process(100, [40, 10], [5, 0]).vms[0]!.room).toBe(45 * MIB);
    expect(new Process(100, [90, 10], [5, 0]).vms[0]!.room).toBe(0);
  });

  test("what is too large at one go is refused, after a collection", () => {
    const process = new Process(100, [30, 0], [60, 0]);
    const [vm] = process.vms;
    expect(vm!.refuse(10 * MIB)).toBe(null);
    expect(process.collections).toEqual([0, 0]);
    expect(vm!.refuse(70 * MIB)).toBe(null);
    expect([process.collections, process.garbage]).toEqual([[1, 0], [0, 0]]);
    expect(vm!.refuse(71 * MIB)).toStartWith("out of memory: 71 MiB at one go, while the program holds 30 MiB of the " +
      "100 MiB that it may; ");
  });
});
