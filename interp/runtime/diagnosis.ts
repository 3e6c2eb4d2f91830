// Asks what is going on: the core tells of records, nurseries and what holds what, every VM of the Janus stacks of the
// fibers whose continuations it has, and of the handles in them. Nothing is stopped for it. The answers of the other
// VMs come as events of worker 0.
import {
  FIBER_PACKED, FIBER_SIZE, HANDLE_INDEX_BITS, HANDLE_TASK_BIT, STATUS_OK, TAG_STR,
} from "./abi.generated.ts";
import { decodeContinuation } from "./codec.ts";
import { handlesIn } from "./held.ts";
import { core } from "./library.ts";
import { arenaBytes, recordI32 } from "./memory.ts";
import { countersOf } from "./statistics.ts";
import { stuckNurseries, type Reach } from "./stuck.ts";
import { continuationSites, isNamedNursery, showPlaceOf, type Units } from "./traces.ts";
import { bytesOf, give, outPayload, take, wordsOf } from "./transport.ts";
import { TreeBuilder, type DumpPage, type DumpedFiber, type FiberTree, type Stacks } from "./tree.ts";
import type { Vm } from "./vm.ts";

/** What one VM knows of its fibers: their Janus stacks, innermost first, and the handles they hold (held.ts). */
interface Known {
  stacks: [fiber: number, sites: number[]][];
  held: [fiber: number, handles: number[]][];
  /** handles in module-level values. */
  globals: number[];
}

const FIBERS_MAX = 20_000;
/** Fibers whose records are read for one tree: a program that ran away may have millions. */
const LISTED_MAX = 100_000;

function knownTo(vm: Vm): Known {
  const known: Known = { stacks: [], held: [], globals: handlesIn([...vm.instances.globals.values()]) };
  vm.loop.fibers.forEach((fiber, id) => {
    if (fiber === undefined || known.stacks.length >= FIBERS_MAX) return;
    known.stacks.push([id, continuationSites(fiber.cont)]);
    known.held.push([id, handlesIn(fiber)]);
  });
  return known;
}

/** The stack of a fiber whose continuation no VM has, because it is packed; null when it is not, or not any more. */
function packedSites(fiber: number): number[] | null {
  const field = (fiber * FIBER_SIZE + FIBER_PACKED) >>> 2;
  const block = recordI32[field]! >>> 0;
  if (block === 0 || core.janus_block_retain(block) !== STATUS_OK) return null;
  // still the same after it was retained: then it is this fiber's, and stays readable until it is released
  const sites = recordI32[field]! >>> 0 === block ? continuationSites(decodeContinuation(wordsOf(block)).cont) : null;
  core.janus_block_release(0, block);
  return sites;
}

/** Answers worker 0's question from another VM. */
export function answerDump(vm: Vm, worker: number): void {
  give(JSON.stringify(knownTo(vm)));
  core.janus_dump_answer(worker, outPayload);
}

export class Diagnosis {
  private known: Known[] = [];
  private waiting = 0;
  private then: (() => void)[] = [];
  /** nurseries that were reported to wait for ever. */
  private readonly reported = new Set<number>();

  constructor(
    private readonly vm: Vm,
    private readonly units: Units,
    private readonly stuck: () => boolean,
    private readonly isSeeded: boolean,
  ) {}

  /** Gathers the tree and hands it over, at once or when the last VM has answered. */
  request(then: (tree: FiberTree) => void): void {
    this.gather(() => then(this.tree(this.stuck())));
  }

  /**
   * Nothing has run for a while: hands over each nursery that nobody can wake any more, by its place, if it is new.
   * switches: the low half of the core's count when that was seen; if a fiber has run since, it is looked for later.
   */
  lookForStuck(switches: number, then: (nursery: string, tree: FiberTree) => void): void {
    this.gather(() => {
      const block = core.janus_reach(0);
      if (block === 0) return;
      const reach = this.read(block) as Reach;
      if (reach.switches >>> 0 !== switches >>> 0) return;
      const held = {
        fibers: new Map(this.known.flatMap((k) => k.held)), globals: this.known.flatMap((k) => k.globals),
      };
      const task = { bit: HANDLE_TASK_BIT, indexBits: HANDLE_INDEX_BITS };
      const isNamed = (site: number): boolean => isNamedNursery(this.units, site);
      const found = stuckNurseries(reach, held, task, isNamed).filter((n) => !this.reported.has(n.id));
      for (const { id, site, owner, children } of found) {
        this.reported.add(id);
        then(showPlaceOf(this.units, site) ?? "?", this.tree(true, new Set([owner, ...children])));
      }
    });
  }

  /** An answer has come: block with what one VM knows. */
  answered(block: number): void {
    this.known.push(JSON.parse(take(TAG_STR, block)) as Known);
    if (--this.waiting === 0) this.finish();
  }

  private gather(then: () => void): void {
    this.then.push(then);
    if (this.waiting > 0) return;
    this.known = [knownTo(this.vm)];
    this.waiting = Math.max(0, core.janus_dump_request());
    if (this.waiting === 0) this.finish();
  }

  private finish(): void {
    const then = this.then;
    this.then = [];
    for (const f of then) f();
  }

  /** stuck: nobody can wake these any more. only: of these fibers. */
  private tree(stuck: boolean, only: ReadonlySet<number> | null = null): FiberTree {
    const known = new Map(this.known.flatMap((k) => k.stacks));
    const stacks: Stacks = (fiber) => known.get(fiber) ?? packedSites(fiber) ?? [];
    if (this.isSeeded) return this.seededTree(stacks, stuck);
    const builder = new TreeBuilder(this.units, stacks, this.vm.loop.main, stuck);
    let listed = 0;
    for (const page of this.pages()) {
      builder.add(page, only);
      if ((listed += page.fibers.length) >= LISTED_MAX) break;
    }
    if (only === null) builder.leaveOut((countersOf(-1)["live_fibers"] ?? 0) - listed);
    return builder.tree();
  }

  private seededTree(stacks: Stacks, stuck: boolean): FiberTree {
    const records = new Map<number, number>();
    const pages = [...this.pages()];
    const fibers = pages.flatMap((page) => page.fibers);
    for (const { fiber } of fibers) records.set(core.janus_ordinal(fiber), fiber);
    const main = core.janus_ordinal(this.vm.loop.main);
    const builder = new TreeBuilder(this.units, (fiber) => stacks(records.get(fiber)!), main, stuck);
    builder.add({ ...pages[0]!, fibers: inOrderOfCreation(fibers) });
    return builder.tree();
  }

  private *pages(): Iterable<DumpPage> {
    for (let from = 1; from !== 0;) {
      const page = this.read(core.janus_dump(0, from)) as DumpPage;
      yield page;
      from = page.next;
    }
  }

  private read(block: number): unknown {
    const value: unknown = JSON.parse(arenaBytes.latin1Slice(block, block + bytesOf(block)));
    core.janus_block_release(0, block);
    return value;
  }
}

/** The same run shows the same numbers: a record's own says how often the runtime has been used before. */
function inOrderOfCreation(fibers: readonly DumpedFiber[]): DumpedFiber[] {
  const named = fibers.map((f) => ({
    ...f, fiber: core.janus_ordinal(f.fiber), holder: f.holder === 0 ? 0 : core.janus_ordinal(f.holder),
  }));
  return named.sort((a, b) => a.fiber - b.fiber);
}
