// The tree of fibers as people read it: nursery by nursery, each fiber's state, what it waits for and since when, the
// object it waits on by its name in the source, where it was spawned, and its Janus stack. For deadlocks (P010),
// SIGQUIT and a second SIGINT.
import { placeOf as unpack } from "../eval/lower/builder.ts";
import {
  WAIT_AWAIT, WAIT_IO, WAIT_JOIN, WAIT_MUTEX, WAIT_NATIVE, WAIT_PARKER, WAIT_RECEIVE, WAIT_RING_RECEIVE,
  WAIT_RING_SEND, WAIT_ROOM, WAIT_SELECT, WAIT_SEND, WAIT_SLEEP,
} from "./abi.generated.ts";
import { FIRST_STD_UNIT } from "../sema/sources.ts";
import { lineText, placeOf } from "../syntax/source.ts";
import { traceLines, showSite, type Units } from "./traces.ts";

/** As core/src/dump.zig writes it. */
export interface Dump {
  now_ns: number;
  live: number;
  nurseries: { id: number; owner: number; outer: number; site: number; children: number; cancelled: number }[];
  fibers: DumpedFiber[];
  left_out: number;
}

export interface DumpedFiber {
  fiber: number;
  state: string;
  worker: number;
  site_spawn: number;
  wait: string;
  wait_object: number;
  /** where the channel was made. */
  object_site: number;
  site_wait: number;
  since_ns: number;
  /** of the mutex it waits for: the fiber that has it, 0 for none. */
  holder: number;
  nursery: number;
  open_nursery: number;
  cancel: number;
  native: boolean;
  daemon: boolean;
  /** the name it was given. */
  name?: string;
}

/** Janus stacks by fiber: places, innermost first. */
export type Stacks = Map<number, number[]>;

const WAITS: Record<string, string> = {
  await: "waits for a task", join: "waits for the tasks of its nursery", sleep: "sleeps", send: "waits to send on",
  receive: "waits to receive from", select: "waits in a select", parker: "waits for a permit",
  mutex: "waits for a lock", ring_send: "waits to send on", ring_receive: "waits to receive from",
  room: "waits for room in its nursery", native: "is in a blocking call", io: "waits for input or output", nothing: "",
};

/** What a fiber does that waits; kind: a WAIT_ number of the core. */
export const waitName = (kind: number): string => WAITS[WAIT_NAMES[kind] ?? ""] ?? "waits";

const WAIT_NAMES: Record<number, string> = {
  [WAIT_AWAIT]: "await", [WAIT_JOIN]: "join", [WAIT_SLEEP]: "sleep", [WAIT_SEND]: "send", [WAIT_RECEIVE]: "receive",
  [WAIT_SELECT]: "select", [WAIT_PARKER]: "parker", [WAIT_MUTEX]: "mutex", [WAIT_RING_SEND]: "ring_send",
  [WAIT_RING_RECEIVE]: "ring_receive", [WAIT_ROOM]: "room", [WAIT_NATIVE]: "native", [WAIT_IO]: "io",
};

/** What would have woken it. */
const CURES: Record<string, string> = {
  receive: "nobody sends on it, and nobody closes it", send: "nobody receives from it",
  ring_receive: "nobody sends on it, and nobody closes it", ring_send: "nobody receives from it",
  parker: "nobody calls unpark", await: "the task never ends",
  select: "none of its cases can become ready",
};

/** The lines of the tree. stuck: say what would have woken each. */
export function treeLines(units: Units, dump: Dump, stacks: Stacks, main: number, stuck: boolean): string[] {
  const lines: string[] = [];
  const owners = new Map(dump.nurseries.map((n) => [n.id, n]));
  const children = new Map<number, DumpedFiber[]>();
  for (const f of dump.fibers) {
    const owner = owners.get(f.nursery)?.owner ?? 0;
    const list = children.get(owner);
    if (list === undefined) children.set(owner, [f]);
    else list.push(f);
  }
  const shown = new Set<number>();
  const show = (f: DumpedFiber, depth: number): void => {
    shown.add(f.fiber);
    const pad = "  ".repeat(depth);
    lines.push(pad + describe(units, f, dump, stacks, main, stuck));
    const stack = traceLines(units, stacks.get(f.fiber) ?? []).slice(0, STACK_LINES);
    for (const line of stack) lines.push(`${pad}    ${line.trim()}`);
    const below = children.get(f.fiber) ?? [];
    const groups = grouped(units, below, dump, stacks, main, stuck);
    for (const { first, count } of groups) {
      show(first, depth + 1);
      if (count > 1) lines.push(`${pad}    … and ${count - 1} more like it`);
    }
  };
  const roots = dump.fibers.filter((f) => f.fiber === main || f.nursery === 0);
  for (const f of roots) show(f, 0);
  // what hangs on a fiber that is not in the dump
  const dumped = new Set(dump.fibers.map((f) => f.fiber));
  for (const f of dump.fibers) {
    const owner = owners.get(f.nursery)?.owner;
    if (!shown.has(f.fiber) && (owner === undefined || !dumped.has(owner))) show(f, 0);
  }
  if (dump.left_out > 0) lines.push(`… and ${dump.left_out} more fibers`);
  return lines;
}

const STACK_LINES = 8;

/** Fibers that say the same are shown once, with their number: a thousand workers of one loop are one line. */
function grouped(units: Units, fibers: DumpedFiber[], dump: Dump, stacks: Stacks, main: number, stuck: boolean) {
  const groups = new Map<string, { first: DumpedFiber; count: number }>();
  for (const f of fibers) {
    const leaf = !dump.nurseries.some((n) => n.owner === f.fiber);
    const key = leaf ? describe(units, f, dump, stacks, main, stuck).replace(/^fiber \d+/, "") : `#${f.fiber}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { first: f, count: 1 });
    else group.count++;
  }
  return groups.values();
}

/** The place of the wait: the program's own line, not that of std's code which waits for it. */
function waitSite(f: DumpedFiber, stacks: Stacks): number {
  if (unpack(f.site_wait).unit < FIRST_STD_UNIT) return f.site_wait;
  return stacks.get(f.fiber)?.find((site) => unpack(site).unit < FIRST_STD_UNIT) ?? f.site_wait;
}

function nameOf(fiber: number, f: DumpedFiber | undefined, main: number): string {
  return fiber === main ? "main" : `fiber ${fiber}${f?.name === undefined ? "" : ` \`${f.name}\``}`;
}

function describe(units: Units, f: DumpedFiber, dump: Dump, stacks: Stacks, main: number, stuck: boolean): string {
  const isMain = f.fiber === main;
  const parts = [nameOf(f.fiber, f, main) + (f.daemon ? " (daemon)" : "")];
  if (f.state === "parked" || f.state === "parking") {
    const name = objectName(units, f);
    const site = waitSite(f, stacks);
    const what = WAITS[f.wait] ?? "waits";
    const at = showSite(units, site);
    parts.push(what + (name === null ? "" : ` \`${name}\``) + (at === null ? "" : ` at ${place(at)}`));
    if (f.wait === "join") {
      const nursery = dump.nurseries.find((n) => n.id === f.open_nursery);
      if (nursery !== undefined) {
        const opened = showSite(units, nursery.site);
        parts[1] = `waits for ${nursery.children} task${nursery.children === 1 ? "" : "s"} of its nursery` +
          (opened === null ? "" : ` at ${place(opened)}`);
      }
    }
    if (f.wait === "mutex") {
      const holder = dump.fibers.find((g) => g.fiber === f.holder);
      parts.push(f.holder === 0 ? "nobody holds it" : `${nameOf(f.holder, holder, main)} holds it`);
    }
    if (stuck && CURES[f.wait] !== undefined) {
      const made = f.object_site === 0 ? null : showSite(units, f.object_site);
      parts.push(CURES[f.wait]! + (made === null ? "" : ` (made at ${place(made)})`));
    }
    const ms = Math.round((dump.now_ns - f.since_ns) / 1e6);
    if (!stuck && f.since_ns > 0) parts.push(`for ${ms} ms`);
  } else {
    parts.push(f.state === "new" ? "has not started" : f.state === "running" ? `runs on worker ${f.worker}` : f.state);
  }
  if (f.cancel !== 0) parts.push("cancelled");
  const spawned = showSite(units, f.site_spawn);
  if (spawned !== null && !isMain) parts.push(`spawned at ${place(spawned)}`);
  return parts.filter((p) => p !== "").join("; ");
}

/** `f (file:1:2)` → `file:1:2`. */
const place = (site: string): string => /\((.*)\)$/.exec(site)?.[1] ?? site;

/** Waits on something that has no name of its own, or whose name is not written where it is waited for. */
const NAMELESS = new Set(["room", "join", "sleep", "select", "mutex", "parker"]);

/** How the source calls what the fiber waits on: the receiver at the place of the wait. */
function objectName(units: Units, f: DumpedFiber): string | null {
  if (f.site_wait === 0 || NAMELESS.has(f.wait)) return null;
  const { unit, offset } = unpack(f.site_wait);
  const source = units.source(unit);
  if (source === null) return null;
  const text = source.text.slice(offset, offset + 200);
  const named = /^(?:await\s+|recv\s+|send\s+)?([A-Za-z_][\w.]*?)(?:\.\w+\s*\(|\s|$|\))/.exec(text);
  if (named !== null && unit < FIRST_STD_UNIT) return named[1]!;
  // in std: what the object was called where it was made
  return f.object_site === 0 ? null : madeAs(units, f.object_site);
}

function madeAs(units: Units, site: number): string | null {
  const { unit, offset } = unpack(site);
  const source = units.source(unit);
  if (source === null) return null;
  const line = lineText(source, placeOf(source, offset).line);
  return /(?:let|var|const)?\s*([A-Za-z_]\w*)\s*(?::[^=]*)?:?=/.exec(line)?.[1] ?? null;
}
