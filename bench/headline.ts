// The published headline figures, each beside what is promised for it: for the core alone, and from a Janus program.
// Data only; the figures are those of the public release note, and of this project's own targets.

export interface Target {
  /** Names of measurements in the core's own benchmarks, or of a line that a program of bench/fibers prints. */
  names: string[];
  target: number;
}

export interface Headline {
  what: string;
  /** The figure of the public release note, empty where it says nothing. */
  published: string;
  unit: "ns" | "B" | "MB" | "×";
  /** Whether more is better: a speed-up. */
  isSpeedUp?: boolean;
  core?: Target;
  janus?: Target;
}

export const HEADLINES: Headline[] = [
  {
    what: "create a fiber (Janus: spawn, run, await)",
    published: "1-2 µs",
    unit: "ns",
    core: { names: ["fiber_create_run_finish", "fiber_create"], target: 60 },
    janus: { names: ["spawn_await"], target: 400 },
  },
  {
    what: "context switch, 2 fibers",
    published: "50 ns",
    unit: "ns",
    core: { names: ["fiber_switch_2", "fiber_switch"], target: 15 },
    janus: { names: ["switch_2"], target: 80 },
  },
  {
    what: "context switch, 1 000 fibers",
    published: "50 ns",
    unit: "ns",
    core: { names: ["fiber_switch_1000"], target: 15 },
    janus: { names: ["switch_1000"], target: 80 },
  },
  {
    what: "context switch, 1 000 000 fibers",
    published: "50 ns",
    unit: "ns",
    janus: { names: ["switch_1000000"], target: 250 },
  },
  {
    what: "channel message, unbuffered",
    published: "100 ns",
    unit: "ns",
    core: { names: ["channel_message_unbuffered", "channel_unbuffered"], target: 20 },
    janus: { names: ["message_rendezvous"], target: 150 },
  },
  {
    what: "channel message, buffer of 64",
    published: "100 ns",
    unit: "ns",
    core: { names: ["channel_message_buffered_64", "channel_buffered"], target: 20 },
    janus: { names: ["message_buffered"], target: 60 },
  },
  {
    what: "channel message, unbuffered, two workers",
    published: "",
    unit: "ns",
    janus: { names: ["message_two_workers"], target: 300 },
  },
  {
    what: "await of a finished task",
    published: "20 ns",
    unit: "ns",
    core: { names: ["await_finished"], target: 5 },
    janus: { names: ["await_finished"], target: 20 },
  },
  {
    what: "memory of a parked fiber",
    published: "4 KB + stack",
    unit: "B",
    janus: { names: ["parked_bytes"], target: 600 },
  },
  {
    what: "1 000 000 parked fibers, whole process",
    published: "10 000 fibers",
    unit: "MB",
    janus: { names: ["million_megabytes"], target: 700 },
  },
  {
    what: "a fiber spawned and awaited, among 1 000 000 against 1 000",
    published: "",
    unit: "×",
    janus: { names: ["spawn_all_growth"], target: 1.5 },
  },
  {
    what: "a fiber woken and ended, among 1 000 000 against 1 000",
    published: "",
    unit: "×",
    janus: { names: ["wake_all_growth"], target: 1.5 },
  },
  {
    what: "a switch, among 1 000 000 against 1 000",
    published: "",
    unit: "×",
    janus: { names: ["turn_growth"], target: 4 },
  },
  {
    what: "computing on 2 workers, times faster than on 1",
    published: "",
    unit: "×",
    isSpeedUp: true,
    janus: { names: ["fan_out"], target: 1.8 },
  },
];
