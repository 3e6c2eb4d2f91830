// The tree of fibers: nursery by nursery, each fiber's state, what it waits for and since when, the object it waits on
// by its name in the source, where it was spawned, and its Janus stack. For deadlocks, SIGQUIT and a second SIGINT.
// Here it is put together from what the core and the VMs tell (diagnosis.ts); tree-text.ts shows it to people, and as
// JSON it is what it is.
//
// The core tells of its fibers page by page, and fibers that have no children and say the same are kept once with their
// number, so that a million of them take no more room than one.
import { placeOf as unpack } from "../eval/lower/builder.ts";
import { text } from "../eval/values.ts";
import { FIRST_STD_UNIT } from "../sema/sources.ts";
import { madeAs, receiverAt, taskAt } from "./names.ts";
import { showPlaceOf, showSite, taskName, type Units } from "./traces.ts";
import { causeText } from "./causes.ts";
import { CURES } from "./waits.ts";

/** A page, as core/src/dump.zig writes it. */
export interface DumpPage {
  now_ns: number;
  fibers: DumpedFiber[];
  /** where the next page begins; 0: this is the last. */
  next: number;
}

export interface DumpedFiber {
  fiber: number;
  state: string;
  worker: number;
  site_spawn: number;
  wait: string;
  wait_object: number;
  /** where the channel or the mutex was made. */
  object_site: number;
  site_wait: number;
  since_ns: number;
  /** of the mutex it waits for: the fiber that has it, 0 for none. */
  holder: number;
  /** where that took it. */
  held_site: number;
  nursery: number;
  cancel: number;
  daemon: boolean;
  /** why it is cancelled (causes.ts); not there when it is not. */
  cause?: number;
  /** the name it was given. */
  name?: string;
  /** the nurseries it has open, innermost first. */
  open: { id: number; site: number; children: number }[];
}

export interface FiberNode {
  /** its number in this run; the core uses numbers again. */
  fiber: number;
  /** `main`, the name its spawn gave it, or null. */
  name: string | null;
  daemon: boolean;
  /** new, ready, running, parked … (core/src/fiber.zig). */
  state: string;
  /** null when it is in no VM. */
  worker: number | null;
  waits: Wait | null;
  cancelled: boolean;
  /** of a cancelled one: what it comes from. */
  reason?: string;
  /** `file:line:column` of its spawn; null for main. */
  spawned: string | null;
  /** `function (file:line:column)`, innermost first. */
  stack: string[];
  children: FiberNode[];
  /** how many more fibers of the same nursery say the same. */
  alike: number;
}

export interface Wait {
  /** send, receive, select, await, join, sleep, mutex … (core/src/fiber.zig). */
  kind: string;
  /** what it waits on, by its name in the source. */
  object: string | null;
  at: string | null;
  since_ms: number;
  /** where the object was made. */
  made: string | null;
  /** the fiber it waits for: who holds the lock, whom it awaits. */
  holder: string | null;
  /** where that took the lock. */
  held: string | null;
  /** of a nursery: how many tasks have not ended, and where it stands. */
  tasks: number | null;
  nursery: string | null;
  /** when nobody can wake it any more: what would have. */
  cure: string | null;
}

export interface FiberTree {
  roots: FiberNode[];
  /** fibers that are neither listed nor counted as alike. */
  left_out: number;
}

/** Janus stacks by fiber: places, innermost first. */
export type Stacks = (fiber: number) => number[];

/** Places of a stack that are told. */
const STACK_MAX = 200;
/** What a fiber is called where people read it: `main`, or its number and the name it was given. */
export function fiberName(fiber: number, name: string | null): string {
  return name === "main" ? name : `fiber ${fiber}${name === null ? "" : ` \`${taskName(name)}\``}`;
}

/** In one nursery, more ways of waiting than this are counted, not listed. */
const GROUPS_MAX = 200;

/** A tree deeper than this, or with more nodes, says how many fibers it leaves out. */
const DEPTH_MAX = 50;
const NODES_MAX = 20_000;

interface Group {
  first: DumpedFiber;
  count: number;
}

/** Takes in the pages and gives the tree. stuck: nobody can wake these any more, so say what would have. */
export class TreeBuilder {
  private nowNs = 0;
  /** fibers with nurseries of their own, and main. */
  private readonly owners: DumpedFiber[] = [];
  /** by nursery: fibers without, those that say the same together. */
  private readonly leaves = new Map<number, Map<string, Group>>();
  private readonly names = new Map<number, string>();
  private leftOut = 0;

  constructor(
    private readonly units: Units, private readonly stacks: Stacks, private readonly main: number,
    private readonly stuck: boolean,
  ) {}

  add(page: DumpPage, only: ReadonlySet<number> | null = null): void {
    this.nowNs = page.now_ns;
    for (const f of page.fibers) {
      if (f.name !== undefined) this.names.set(f.fiber, text(f.name));
      if (only !== null && !only.has(f.fiber)) continue;
      if (f.open.length > 0 || f.fiber === this.main) this.owners.push(f);
      else this.addLeaf(f);
    }
  }

  private addLeaf(f: DumpedFiber): void {
    let groups = this.leaves.get(f.nursery);
    if (groups === undefined) this.leaves.set(f.nursery, (groups = new Map()));
    const key = `${f.state} ${f.wait} ${f.site_wait} ${f.site_spawn} ${f.object_site} ${f.holder} ${f.cancel} ` +
      (f.name ?? "");
    const group = groups.get(key);
    if (group !== undefined) group.count++;
    else if (groups.size < GROUPS_MAX) groups.set(key, { first: f, count: 1 });
    else this.leftOut++;
  }

  /** There are more fibers, which were not added. */
  leaveOut(fibers: number): void {
    this.leftOut += Math.max(0, fibers);
  }

  tree(): FiberTree {
    const children = new Map<number, Group[]>();
    const put = (nursery: number, group: Group): void => {
      const list = children.get(nursery);
      if (list === undefined) children.set(nursery, [group]);
      else list.push(group);
    };
    for (const first of this.owners) put(first.nursery, { first, count: 1 });
    for (const [nursery, groups] of this.leaves) for (const group of groups.values()) put(nursery, group);
    const opened = new Set(this.owners.flatMap((f) => f.open.map(({ id }) => id)));
    // main, and whoever hangs on a fiber that is not in the dump
    const top = [...children].filter(([nursery]) => !opened.has(nursery)).flatMap(([, groups]) => groups);
    const left = this.owners.length + [...this.leaves.values()].flatMap((g) => [...g.values()]).length;
    const { nodes, shown } = this.nodes(top, children);
    return { roots: nodes, left_out: this.leftOut + left - shown };
  }

  /** The nodes of these fibers and of those below them, as deep and as many as anybody reads; how many that are. */
  private nodes(top: Group[], children: ReadonlyMap<number, Group[]>): { nodes: FiberNode[]; shown: number } {
    const roots: FiberNode[] = [];
    let level = [{ groups: top, into: roots }];
    let shown = 0;
    for (let depth = 0; depth < DEPTH_MAX && level.length > 0; depth++) {
      const below: typeof level = [];
      for (const { groups, into } of level) {
        for (const { first, count } of groups.sort((a, b) => a.first.fiber - b.first.fiber)) {
          if (++shown > NODES_MAX) return { nodes: roots, shown: NODES_MAX };
          const node = this.node(first, count - 1);
          into.push(node);
          for (const { id } of first.open) below.push({ groups: children.get(id) ?? [], into: node.children });
        }
      }
      level = below;
    }
    return { nodes: roots, shown };
  }

  private node(f: DumpedFiber, alike: number): FiberNode {
    const reason = f.cause === undefined ? null : causeText(f.cause, (site) => showPlaceOf(this.units, site));
    const isWaiting = f.state === "parked" || f.state === "parking";
    return {
      fiber: f.fiber, name: this.nameOf(f.fiber), daemon: f.daemon, state: f.state,
      worker: f.worker < 0 ? null : f.worker,
      waits: isWaiting ? this.wait(f) : null, cancelled: f.cancel !== 0,
      ...(reason === null ? {} : { reason }),
      spawned: f.fiber === this.main ? null : showPlaceOf(this.units, f.site_spawn),
      stack: this.stacks(f.fiber).slice(0, STACK_MAX).map((site) => showSite(this.units, site))
        .filter((place) => place !== null),
      children: [], alike,
    };
  }

  private nameOf(fiber: number): string | null {
    return fiber === this.main ? "main" : this.names.get(fiber) ?? null;
  }

  private wait(f: DumpedFiber): Wait {
    const other = f.wait === "await" ? f.wait_object : f.holder;
    const nursery = f.wait === "join" ? f.open[0] : undefined;
    return {
      kind: f.wait,
      object: this.objectName(f),
      at: showPlaceOf(this.units, this.waitSite(f)),
      since_ms: f.since_ns === 0 ? 0 : Math.max(0, Math.round((this.nowNs - f.since_ns) / 1e6)),
      made: showPlaceOf(this.units, f.object_site),
      holder: other === 0 ? null : fiberName(other, this.nameOf(other)),
      held: showPlaceOf(this.units, f.held_site),
      tasks: nursery?.children ?? null,
      nursery: nursery === undefined ? null : showPlaceOf(this.units, nursery.site),
      cure: this.stuck ? CURES[f.wait] ?? null : null,
    };
  }

  /** The place of the wait: the program's own line, not that of std's code which waits for it. */
  private waitSite(f: DumpedFiber): number {
    if (unpack(f.site_wait).unit < FIRST_STD_UNIT) return f.site_wait;
    return this.stacks(f.fiber).find((site) => unpack(site).unit < FIRST_STD_UNIT) ?? f.site_wait;
  }

  /** How the source calls what the fiber waits on: the receiver at the place of the wait. */
  private objectName(f: DumpedFiber): string | null {
    if (f.site_wait === 0 || NAMELESS.has(f.wait)) return null;
    // what a lock is called where it is waited for is often a parameter, and two of them have the same name
    if (f.wait === "mutex") return madeAs(this.units, f.object_site, true) ?? receiverAt(this.units, f.site_wait);
    const named = f.wait === "await" ? taskAt(this.units, f.site_wait) : receiverAt(this.units, f.site_wait);
    if (named !== null) return named;
    // in std: what the object was called where it was made
    return madeAs(this.units, f.object_site);
  }
}

/** Waits on something that has no name of its own, or whose name is not written where it is waited for. */
const NAMELESS = new Set(["room", "join", "sleep", "select", "parker"]);
