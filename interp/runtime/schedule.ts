// Seeded runs as the commands know them: where the choices come from, what is to go wrong, and what was chosen. A
// schedule is written as text: a head line, then one choice a line; the same text is read back for a replay.
import {
  CHOICE_CHOSEN, CHOICE_FIBER, CHOICE_KIND, CHOICE_OF, CHOICE_SIZE, STATUS_OK,
} from "./abi.generated.ts";
import { core } from "./library.ts";
import { arenaU32 } from "./memory.ts";
import { bytesOf } from "./transport.ts";

/** Where the choices come from: a seed (0 to 2^53), or a list, after whose end the first possibility is taken. */
export type Choices = { seed: number } | { list: number[] };

/** What goes wrong, counted from 1. */
export type Fault = { kind: "cancel" | "cancel-fiber" | "alloc"; at: number };

export interface Choice {
  kind: number;
  chosen: number;
  of: number;
  /** in order of creation, 0 when no fiber was chosen. */
  fiber: number;
}

/** Steps after which a run counts as one that does not end, where `--steps` says nothing else. */
export const STEPS_MAX = 20_000_000;

let entropy = 0;

/** What a program gets that asks for randomness: the seed's own sequence (Marsaglia's xorshift, 2003). */
export function seededEntropy(): number {
  entropy ^= entropy << 13;
  entropy ^= entropy >>> 17;
  entropy ^= entropy << 5;
  return entropy >>> 0;
}

/** Begins a run in the open, seeded runtime. Everything of an earlier one must be over. */
export function beginSeeded(choices: Choices, fault: Fault | null, steps = STEPS_MAX): void {
  const seed = "seed" in choices ? choices.seed : 0;
  entropy = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.floor(seed / 2 ** 32)) | 1;
  const at = (kind: Fault["kind"]) => (fault?.kind === kind ? fault.at : 0);
  let list = 0;
  if ("list" in choices) {
    list = core.janus_alloc(0, Math.max(4, choices.list.length * 4));
    choices.list.forEach((chosen, i) => (arenaU32[(list >>> 2) + i] = chosen));
    if (choices.list.length === 0) arenaU32[list >>> 2] = 0;
  }
  const status = core.janus_explore_begin(seed, list, steps, at("cancel"), at("cancel-fiber"), at("alloc"));
  if (list !== 0) core.janus_block_release(0, list);
  if (status !== STATUS_OK) throw new Error(`a seeded run could not begin (status ${status})`);
}

/** What was chosen in this run so far. */
export function choicesMade(): Choice[] {
  const block = core.janus_schedule();
  if (block === 0) return [];
  const made: Choice[] = [];
  for (let at = block; at < block + bytesOf(block); at += CHOICE_SIZE) {
    const word = (offset: number) => arenaU32[(at + offset) >>> 2]!;
    made.push({
      kind: word(CHOICE_KIND), chosen: word(CHOICE_CHOSEN), of: word(CHOICE_OF), fiber: word(CHOICE_FIBER),
    });
  }
  core.janus_block_release(0, block);
  return made;
}

const KINDS = ["next", "preempt", "select", "timer"];
const HEAD = "janus schedule 1";

/** Writes a schedule down for `--replay`; null, or why it cannot be written, as a sentence. */
export function writeSchedule(path: string, choices: Choice[]): string | null {
  const { writeFileSync } = require("node:fs") as typeof import("node:fs");
  try {
    writeFileSync(path, showSchedule(choices));
    return null;
  } catch (e) {
    const { whyUnwritten } = require("../sema/outputs.ts") as typeof import("../sema/outputs.ts");
    return `the schedule cannot be written to ${path}: ${whyUnwritten(e)}`;
  }
}

function showSchedule(made: Choice[]): string {
  const lines = made.map((c) => `${KINDS[c.kind]} ${c.chosen} of ${c.of}${c.fiber === 0 ? "" : ` fiber ${c.fiber}`}`);
  return `${[HEAD, ...lines].join("\n")}\n`;
}

/** The choices of a written schedule; null when it is none. */
export function readSchedule(text: string): number[] | null {
  const lines = text.split("\n");
  if (lines[0] !== HEAD) return null;
  const list: number[] = [];
  for (const line of lines.slice(1)) {
    if (line === "") continue;
    const found = /^[a-z]+ (\d+) of \d+/.exec(line);
    if (found === null) return null;
    list.push(Number(found[1]));
  }
  return list;
}

/** A list short enough to be typed: without the zeros at its end, which are what is taken anyway. */
export function shortList(list: readonly number[]): string {
  let n = list.length;
  while (n > 1 && list[n - 1] === 0) n--;
  return n === 0 ? "0," : n === 1 ? `${list[0]},` : list.slice(0, n).join(",");
}
