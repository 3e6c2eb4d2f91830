// `janus test PATH...`: runs the tests in programs.

import { testPrograms } from "../../interp/api.ts";
import { millisecondsOf, UsageError } from "../arguments.ts";
import { type Command, isColoured, memoryOf, memoryOption, workersOf, workersOption } from "../command.ts";
import { seededOf, seededOptions } from "../seeded.ts";

export const command: Command = {
  name: "test",
  description: "Run the tests of files, and of every .jan file below folders (default: here)",
  args: {
    filter: { type: "string", valueHint: "TEXT", description: "Only tests whose name holds TEXT" },
    ...workersOption,
    ...memoryOption,
    verbose: { type: "boolean", description: "Name the tests that passed, too, with what they printed" },
    json: { type: "boolean", description: "One JSON object for each test, and one for all" },
    timeout: { type: "string", valueHint: "TIME", description: "How long each test may take: 500ms, 2s (no limit)" },
    ...seededOptions,
    explore: { type: "string", valueHint: "N", description: "Run each test under N seeds, or under every schedule" },
    from: { type: "string", valueHint: "N", description: "The first of those seeds (default: 1)" },
    exhaustive: { type: "boolean", description: "Enumerate the schedules of each test, fewest preemptions first" },
    faults: { type: "boolean", description: "Explore cancellations and refused memory at every place, too" },
  },
  takes: "paths",
  async run(given) {
    const { filter, verbose, json, explore, from, exhaustive, faults } = given.values;
    const { timeout } = given.values;
    const seeded = await seededOf(given);
    const isExploring = explore !== undefined || exhaustive === true;
    if (isExploring && (seeded.choices !== null || workersOf(given) !== null)) {
      throw new UsageError("--explore and --exhaustive exclude --seed, --replay and --workers");
    }
    if (!isExploring && (from !== undefined || faults === true)) {
      throw new UsageError(`${from === undefined ? "--faults" : "--from"} needs --explore`);
    }
    return testPrograms(given.rest.length === 0 ? ["."] : given.rest, {
      ...seeded,
      workers: workersOf(given),
      memory: memoryOf(given),
      color: isColoured(),
      timeoutMs: timeout === undefined ? 0 : millisecondsOf("--timeout", String(timeout)),
      filter: filter === undefined ? "" : String(filter),
      json: json === true,
      verbose: verbose === true,
      plan: !isExploring ? null : {
        seeds: Number(explore ?? 0), from: Number(from ?? 1), exhaustive: exhaustive === true, faults: faults === true,
      },
    });
  },
};
