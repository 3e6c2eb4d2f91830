// Asks for the tree of fibers: the core tells of records and nurseries, every VM of the Janus stacks of the fibers
// whose continuations it holds. Nothing is stopped for it. The answers of the other VMs come as events of worker 0.
import { TAG_STR } from "./abi.generated.ts";
import { core } from "./library.ts";
import { arenaBytes } from "./memory.ts";
import { continuationSites, type Units } from "./traces.ts";
import { bytesOf, give, outPayload, take } from "./transport.ts";
import { treeLines, type Dump, type Stacks } from "./tree.ts";
import type { Vm } from "./vm.ts";

/** The Janus stacks of this VM's fibers. */
export function stacksOf(vm: Vm): Stacks {
  const stacks: Stacks = new Map();
  vm.loop.fibers.forEach((fiber, id) => {
    if (fiber !== undefined && stacks.size < STACKS_MAX) stacks.set(id, continuationSites(fiber.cont));
  });
  return stacks;
}

const STACKS_MAX = 20_000;

/** Answers worker 0's question from another VM. */
export function answerDump(vm: Vm, worker: number): void {
  give(JSON.stringify([...stacksOf(vm)]));
  core.janus_dump_answer(worker, outPayload);
}

export class Diagnosis {
  private stacks: Stacks = new Map();
  private waiting = 0;
  private then: ((tree: string[]) => void)[] = [];

  constructor(private readonly vm: Vm, private readonly units: Units, private readonly stuck: () => boolean) {}

  /** Gathers the tree and hands it over, at once or when the last VM has answered. */
  request(then: (tree: string[]) => void): void {
    this.then.push(then);
    if (this.waiting > 0) return;
    this.stacks = stacksOf(this.vm);
    this.waiting = Math.max(0, core.janus_dump_request());
    if (this.waiting === 0) this.finish();
  }

  /** An answer has come: block with the stacks of one VM. */
  answered(block: number): void {
    const theirs = JSON.parse(take(TAG_STR, block)) as [number, number[]][];
    for (const [fiber, sites] of theirs) this.stacks.set(fiber, sites);
    if (--this.waiting === 0) this.finish();
  }

  private finish(): void {
    const block = core.janus_dump(0);
    const dump = JSON.parse(arenaBytes.latin1Slice(block, block + bytesOf(block))) as Dump;
    core.janus_block_release(0, block);
    const lines = treeLines(this.units, dump, this.stacks, this.vm.loop.main, this.stuck());
    const then = this.then;
    this.then = [];
    for (const f of then) f(lines);
  }
}
