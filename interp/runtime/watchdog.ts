// `janus run --watchdog 100ms`: a thread that looks at every worker now and then and says, on standard error, which
// fiber has held one for too long without passing a point where it could give way: in a long call of the library, or in
// native code. Nothing is stopped for it. The core counts those points in the worker's area (core/src/layout.zig), and
// the VM notes there at which place of the source it calls the library; this thread only reads.
//
// What it cannot say while the call lasts is how the fiber came there: so the fiber gives way when the call is over,
// and its own VM tells its Janus stack then (loop.ts).
import { writeSync } from "node:fs";
import { text } from "../eval/values.ts";
import { AREA_BEAT, AREA_PLACE, AREA_RUNNING, FIBER_NAME, FIBER_SITE_SPAWN, FIBER_SIZE } from "./abi.generated.ts";
import { core, mapRuntime, openLibrary } from "./library.ts";
import { arenaBytes, arenaI32, recordI32 } from "./memory.ts";
import { Sources, type Texts } from "../sema/sources.ts";
import { showSite } from "./traces.ts";
import { bytesOf } from "./transport.ts";

/** What the main thread sends first. */
export interface WatchdogStart {
  root: string;
  std: string;
  texts: Texts;
  workers: number;
  limitMs: number;
}

/** How often in the time allowed it looks. */
const LOOKS = 4;

declare const self: Worker;

class Watchdog {
  private readonly units;
  private readonly areas: number[] = [];
  /** for each worker: the count last seen, since when, and whether that has been told. */
  private readonly seen: { beat: number; sinceMs: number; told: boolean }[] = [];

  constructor(private readonly start: WatchdogStart) {
    const sources = new Sources(start.std, start.texts);
    // in the order of their numbers; the entry is the first
    for (const [path, text] of Object.entries(start.texts)) if (!path.startsWith("std/")) sources.entry(path, text);
    this.units = { source: (id: number) => sources.source(id), decls: () => [], stmts: () => [] };
    openLibrary(start.root);
    mapRuntime();
    for (let w = 0; w < start.workers; w++) {
      this.areas.push(core.janus_worker_area(w));
      this.seen.push({ beat: 0, sinceMs: performance.now(), told: false });
    }
  }

  look(): void {
    const now = performance.now();
    this.areas.forEach((area, w) => {
      const seen = this.seen[w]!;
      const beat = arenaI32[(area + AREA_BEAT) >>> 2]!;
      const fiber = arenaI32[(area + AREA_RUNNING) >>> 2]! >>> 0;
      if (beat !== seen.beat || fiber === 0) {
        Object.assign(seen, { beat, sinceMs: now, told: false });
        return;
      }
      const heldMs = now - seen.sinceMs;
      if (seen.told || heldMs < this.start.limitMs) return;
      seen.told = true;
      this.tell(w, fiber, heldMs, arenaI32[(area + AREA_PLACE) >>> 2]! >>> 0);
    });
  }

  private tell(worker: number, fiber: number, heldMs: number, place: number): void {
    const spawned = showSite(this.units, recordI32[(fiber * FIBER_SIZE + FIBER_SITE_SPAWN) >> 2]! >>> 0);
    const at = showSite(this.units, place);
    const block = recordI32[(fiber * FIBER_SIZE + FIBER_NAME) >> 2]! >>> 0;
    const name = block === 0 ? "" : ` \`${text(arenaBytes.latin1Slice(block, block + bytesOf(block)))}\``;
    const what = `watchdog: fiber ${fiber}${name} has held worker ${worker} for ${Math.round(heldMs)} ms`;
    const where = at === null ? "" : `, in the call at ${at}`;
    writeSync(2, `${what}${where}${spawned === null ? "" : `; spawned at ${spawned}`}\n`);
  }
}

self.onmessage = (message: MessageEvent<WatchdogStart>) => {
  const watchdog = new Watchdog(message.data);
  setInterval(() => watchdog.look(), Math.max(1, message.data.limitMs / LOOKS));
};
