// The published headline figures, each beside what is promised for it: for the core alone, and from a Janus program.
// Data only; the figures are those of the public release note, and of this project's own targets.

export interface Headline {
  what: string;
  /** The figure of the public release note. */
  published: string;
  unit: "ns" | "B";
  /** Where the measurements come from: names in the core's own benchmarks, and lines of bench/fibers. */
  core?: { names: string[]; target: number };
  janus?: { name: string; target: number };
}

export const HEADLINES: Headline[] = [
  {
    what: "create a fiber (Janus: spawn, run, await)",
    published: "1-2 µs",
    unit: "ns",
    core: { names: ["fiber_create"], target: 60 },
    janus: { name: "spawn_await", target: 400 },
  },
  {
    what: "context switch, 2 fibers",
    published: "50 ns",
    unit: "ns",
    core: { names: ["fiber_switch"], target: 15 },
    janus: { name: "switch_2", target: 80 },
  },
  { what: "context switch, 1 000 fibers", published: "50 ns", unit: "ns", janus: { name: "switch_1000", target: 80 } },
  {
    what: "channel message, unbuffered",
    published: "100 ns",
    unit: "ns",
    core: { names: ["channel_unbuffered"], target: 20 },
    janus: { name: "message_rendezvous", target: 150 },
  },
  {
    what: "channel message, buffer of 64",
    published: "100 ns",
    unit: "ns",
    core: { names: ["channel_buffered"], target: 20 },
    janus: { name: "message_buffered", target: 60 },
  },
  {
    what: "await of a finished task",
    published: "20 ns",
    unit: "ns",
    core: { names: ["await_finished"], target: 5 },
    janus: { name: "await_finished", target: 20 },
  },
  {
    what: "memory of a parked fiber",
    published: "4 KB + stack",
    unit: "B",
    janus: { name: "parked_bytes", target: 600 },
  },
];
