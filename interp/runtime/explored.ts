// What a VM does differently in a seeded run: after each operation that other fibers can see, the fiber may have to
// give way, as the core's oracle says; and the world outside (the time of day, entropy) is the seed's. Only such a run
// makes these objects, so a free run pays nothing for them.
import type { Frame } from "../eval/code.ts";
import type { SelectOperand, SpawnHow } from "../eval/host.ts";
import type { HostIntrinsics } from "../eval/lower/intrinsics.ts";
import { CHUNK, type Fiber, machine, type Machine, SLICE, STOP, Why } from "../eval/machine.ts";
import type { Handle } from "../eval/values.ts";
import { CoreHost, Op } from "./host.ts";
import { core } from "./library.ts";

/** What an operation gave before its fiber gave way, and what of the VM's registers belongs to it. */
interface Held {
  value: any;
  chosen: number;
}

export class ExploredHost extends CoreHost {
  private resuming = false;

  /** The value of an operation that is complete: now, or after others have run. */
  after(value: any): any {
    const { fiber } = machine;
    if (value === STOP || this.resuming || core.janus_preempt(this.worker, fiber.id) === 0) return value;
    fiber.wait = [Op.Held, { value, chosen: this.chosen } satisfies Held];
    return machine.suspend(Why.Preempted);
  }

  override resumed(fiber: Fiber): any {
    const { wait } = fiber;
    if (typeof wait !== "number" && wait[0] === Op.Held) {
      const held = wait[1] as Held;
      fiber.wait = Op.None;
      this.chosen = held.chosen;
      return held.value;
    }
    this.resuming = true;
    try {
      return super.resumed(fiber);
    } finally {
      this.resuming = false;
    }
  }

  override spawn(frame: Frame, how: SpawnHow, name: string | null): any {
    return this.after(super.spawn(frame, how, name));
  }

  override awaitTask(task: Handle, site: number): any {
    return this.after(super.awaitTask(task, site));
  }

  override tryAwait(task: Handle, site: number, boxed = false): any {
    return this.after(super.tryAwait(task, site, boxed));
  }

  override joinNursery(nursery: Handle): any {
    return this.after(super.joinNursery(nursery));
  }

  override receive(channel: Handle, site: number, boxed = false): any {
    return this.after(super.receive(channel, site, boxed));
  }

  override send(channel: Handle, value: any, site: number): any {
    return this.after(super.send(channel, value, site));
  }

  override select(cases: SelectOperand[], hasDefault: boolean, timeoutMs: number | null, site: number): any {
    return this.after(super.select(cases, hasDefault, timeoutMs, site));
  }
}

/** Functions of std that other fibers can see the effect of, or whose result depends on them. */
const VISIBLE = /^(channel|task|nursery|token|atomic|parker|mutex|ring)\.|^is_cancelled$/;
/** These go through the host, which asks by itself. */
const ASKED = new Set(["channel.send", "channel.recv", "task.try_await"]);
/** Nobody else sees that something is made, or a fiber's own values. */
const OWN = /\.new$|^task\.local_/;

/** 2026-01-01: when a seeded run begins. */
const BEGINNING_MS = 1_767_225_600_000;
/** What the monotonic clock says then: a second, for no program has ever seen it at nothing. */
const UPTIME_NS = 1e9;

/** The runtime's functions of std, for seeded runs. seed: asked whenever a program wants entropy. */
export function exploredIntrinsics(table: HostIntrinsics, host: ExploredHost, entropy: () => number): HostIntrinsics {
  const explored: HostIntrinsics = { ...table };
  for (const [name, make] of Object.entries(table)) {
    if (!VISIBLE.test(name) || ASKED.has(name) || OWN.test(name)) continue;
    explored[name] = (site) => {
      const run = make(site);
      return (...args) => host.after(run(...args));
    };
  }
  explored["time.now"] = () => () => UPTIME_NS + core.janus_now_ns();
  explored["time.unix"] = () => () => BEGINNING_MS + Math.floor(core.janus_now_ns() / 1e6);
  explored["random.entropy"] = () => entropy;
  return explored;
}

/** Slices end by the count alone: time is the world's, and when a code moves to its own tier depends on what ran in the
 * process before. */
export function useSeededSlices(): void {
  machine.sliceOver = function (this: Machine): boolean {
    if (this.hurry) return true;
    if (++this.chunks < SLICE / CHUNK) {
      this.red = CHUNK;
      return false;
    }
    if (this.host.surplus()) return true;
    this.beginSlice();
    return false;
  };
}
