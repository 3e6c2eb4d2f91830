// Finds nurseries that will wait for ever although the program goes on: their owner and all their tasks wait for
// something that only they, and others like them, could give. (When everybody waits, the core knows at once: P010.)
//
// The method is a collector's: start with the fibers that go on by themselves (they run, or wait for a timer or the
// outside) and with the module-level values; whatever a fiber that goes on can reach, it might use, so who waits for
// that may go on, too; and so may the owner of a nursery when one of its tasks does, which might fail and cancel the
// rest. Fibers that are never reached wait for ever, unless somebody cancels them from further out.

/** As core/src/reach.zig writes it. Handles are the core's numbers. */
export interface Reach {
  switches: number;
  fibers: {
    fiber: number;
    state: string;
    wait: string;
    timer: boolean;
    cancel: number;
    nursery: number;
    open_nursery: number;
    /** what it waits for: channels, a mutex, a parker, a nursery; of a task its fiber's number. */
    for: number[];
    /** the fiber that holds the mutex it waits for, 0 for none. */
    holder: number;
    has: number[];
  }[];
  /** what is inside of which. */
  objects: [number, number[]][];
  nurseries: { id: number; owner: number; outer: number; site: number; deadline: boolean }[];
  globals: number[];
}

/** What the VMs add: the handles that continuations and module-level values hold (held.ts). */
export interface Holdings {
  fibers: Map<number, number[]>;
  globals: number[];
}

export interface StuckNursery {
  id: number;
  /** its place. */
  site: number;
  owner: number;
  /** its fibers. */
  children: number[];
}

type ReachedFiber = Reach["fibers"][number];

/** Waits that end by themselves: a timer or the outside ends them. */
const ENDS_BY_ITSELF = new Set(["sleep", "native", "io", "socket", "output", "nothing"]);

/**
 * task: how the core's number of a task is made of its fiber's. isNamed: whether the nursery at a place has a name in
 * the program (`nursery |n|`); every owner holds its nursery, but only a named one can be cancelled.
 */
export function stuckNurseries(
  reach: Reach, held: Holdings, task: { bit: number; indexBits: number }, isNamed: (site: number) => boolean,
): StuckNursery[] {
  const name = (handle: number): number =>
    (handle & task.bit) !== 0 ? -(handle & ((1 << task.indexBits) - 1)) : handle;
  return new Search(reach, held, name, isNamed).run();
}

class Search {
  private readonly fibers: Map<number, ReachedFiber>;
  private readonly inside: Map<number, number[]>;
  private readonly children = new Map<number, ReachedFiber[]>();
  private readonly nurseries: Map<number, Reach["nurseries"][number]>;
  /** by handle: who waits for it. By minus a fiber's number: who awaits its task. */
  private readonly waiters = new Map<number, number[]>();
  /** by fiber: who waits for a mutex that it holds. */
  private readonly behind = new Map<number, number[]>();
  private readonly goesOn = new Set<number>();
  private readonly reached = new Set<number>();
  private readonly left: (() => void)[] = [];

  /** name: of a handle, as held.ts has it. */
  constructor(
    private readonly reach: Reach, private readonly held: Holdings, private readonly name: (handle: number) => number,
    private readonly isNamed: (site: number) => boolean,
  ) {
    this.fibers = new Map(reach.fibers.map((f) => [f.fiber, f]));
    this.inside = new Map(reach.objects);
    this.nurseries = new Map(reach.nurseries.map((n) => [n.id, n]));
    for (const f of reach.fibers) {
      if (f.state === "finished") continue;
      push(this.children, f.nursery, f);
      if (f.state !== "parked") continue;
      if (f.wait === "mutex" && f.holder !== 0) push(this.behind, f.holder, f.fiber);
      for (const what of f.for) push(this.waiters, f.wait === "await" ? -what : what, f.fiber);
    }
  }

  run(): StuckNursery[] {
    for (const h of [...this.held.globals, ...this.reach.globals.map(this.name)]) this.reachHandle(h);
    for (const f of this.reach.fibers) {
      const isWaiting = f.state === "parked" && !f.timer && f.cancel === 0 && !ENDS_BY_ITSELF.has(f.wait);
      const isBetweenHolders = f.wait === "mutex" && f.holder === 0;
      if (f.state !== "finished" && (!isWaiting || isBetweenHolders)) this.reachFiber(f.fiber);
    }
    for (let next = this.left.pop(); next !== undefined; next = this.left.pop()) next();
    const stuck = this.reach.nurseries.filter((n) => this.waitsForEver(n));
    const owners = new Set(stuck.map((n) => n.owner));
    return stuck.map(({ id, site, owner }) => ({ id, site, owner, children: this.childrenOf(id) }))
      // one that waits for nothing but nurseries that wait is their consequence
      .filter(({ children }) => children.some((child) => !owners.has(child)));
  }

  private childrenOf(nursery: number): number[] {
    return (this.children.get(nursery) ?? []).map((f) => f.fiber);
  }

  private reachFiber(number: number): void {
    const fiber = this.fibers.get(number);
    if (fiber === undefined || fiber.state === "finished" || this.goesOn.has(number)) return;
    this.goesOn.add(number);
    this.left.push(() => {
      // who waits at the end of a nursery cannot use it any more
      const left = fiber.wait === "join" ? fiber.open_nursery : 0;
      for (const h of this.held.fibers.get(number) ?? []) if (h !== left) this.reachHandle(h);
      for (const h of fiber.has) this.reachHandle(this.name(h));
      for (const other of this.waiters.get(-number) ?? []) this.reachFiber(other);
      for (const other of this.behind.get(number) ?? []) this.reachFiber(other);
      this.childGoesOn(fiber.nursery);
    });
  }

  private childGoesOn(nursery: number): void {
    const owner = this.nurseries.get(nursery)?.owner;
    if (owner !== undefined) this.reachFiber(owner);
  }

  private reachHandle(handle: number): void {
    if (this.reached.has(handle)) return;
    this.reached.add(handle);
    this.left.push(() => {
      for (const h of this.inside.get(handle) ?? []) this.reachHandle(this.name(h));
      const result = handle < 0 ? this.fibers.get(-handle) : undefined;
      if (result?.state === "finished") for (const h of result.has) this.reachHandle(this.name(h));
      if (handle < 0) return; // who awaits a task goes on when the task does, not when somebody knows it
      for (const waiter of this.waiters.get(handle) ?? []) {
        const { wait } = this.fibers.get(waiter)!;
        if (wait !== "mutex" && wait !== "join" && wait !== "room") this.reachFiber(waiter);
      }
    });
  }

  /** Neither its owner nor a task of it goes on, and nobody who does could cancel it or one of them. */
  private waitsForEver(nursery: Reach["nurseries"][number]): boolean {
    const children = this.childrenOf(nursery.id);
    if (children.length === 0 || this.goesOn.has(nursery.owner)) return false;
    if (children.some((child) => this.goesOn.has(child) || this.reached.has(-child))) return false;
    for (let scope: typeof nursery | undefined = nursery; scope !== undefined;) {
      if (scope.deadline || (this.reached.has(scope.id) && this.isNamed(scope.site))) return false;
      const further: number = scope.outer !== 0 ? scope.outer : this.fibers.get(scope.owner)?.nursery ?? 0;
      scope = this.nurseries.get(further);
    }
    return true;
  }
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
