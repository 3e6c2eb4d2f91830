// The options of seeded runs, which `run` and `test` share.

import type { ArgsDef } from "citty";
import type { Choices, Fault, Seeded } from "../interp/api.ts";
import { type Arguments, UsageError } from "./arguments.ts";

export const seededOptions = {
  seed: { type: "string", valueHint: "N", description: "One worker, a virtual clock, all choices from this seed" },
  replay: { type: "string", valueHint: "RUN", description: "The run of a seed, a schedule's file, or choices 0,1,2" },
  schedule: { type: "string", valueHint: "FILE", description: "Write down what a seeded run chose" },
  fault: { type: "string", valueHint: "FAULT", description: "In a seeded run: cancel@K, cancel-fiber@K or alloc@K" },
  steps: { type: "string", valueHint: "N", description: "In a seeded run: how many steps it may take (20 000 000)" },
} as const satisfies ArgsDef;

const FAULT = /^(cancel|cancel-fiber|alloc)@([1-9]\d{0,8})$/;

/** What the options ask for; choices null: a free run. readFile: the choices of a schedule's file. */
export async function seededOf(given: Arguments): Promise<Seeded> {
  const { seed, replay, schedule, fault } = given.values;
  if (seed !== undefined && replay !== undefined) throw new UsageError("--seed and --replay exclude each other");
  const choices = replay === undefined ? (seed === undefined ? null : { seed: Number(seed) })
    : await choicesOf(String(replay));
  if (choices === null && (schedule !== undefined || fault !== undefined)) {
    const name = schedule !== undefined ? "--schedule" : "--fault";
    throw new UsageError(`${name} needs --seed or --replay`, "only a seeded run can be had again");
  }
  const steps = given.values["steps"];
  if (choices === null && steps !== undefined) throw new UsageError("--steps needs --seed or --replay");
  if (steps !== undefined && Number(steps) < 1) throw new UsageError("--steps is a number from 1 on");
  return {
    ...(steps === undefined ? {} : { steps: Number(steps) }),
    choices,
    fault: fault === undefined ? null : faultOf(String(fault)),
    schedule: schedule === undefined ? null : String(schedule),
  };
}

async function choicesOf(text: string): Promise<Choices> {
  if (/^\d{1,15}$/.test(text)) return { seed: Number(text) };
  if (/^\d+(,\d+)*,?$/.test(text)) return { list: text.split(",").filter((one) => one !== "").map(Number) };
  const { readSchedule } = await import("../interp/api.ts");
  const list = await readSchedule(text);
  if (list === null) {
    throw new UsageError(`${text} is no schedule`, "a seed, choices as 0,1,2, or a file of --schedule");
  }
  return { list };
}

function faultOf(text: string): Fault {
  const found = FAULT.exec(text);
  if (found === null) throw new UsageError(`--fault is cancel@K, cancel-fiber@K or alloc@K, not '${text}'`);
  return { kind: found[1] as Fault["kind"], at: Number(found[2]) };
}
