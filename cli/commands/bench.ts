// `janus bench`: the project's own measurements; see bench/index.ts.

import { VERSION } from "../../interp/api.ts";
import { runBench } from "../../bench/index.ts";
import { PEERS, ROUNDS_MIN } from "../../bench/sequential.ts";
import { PathError } from "../../interp/sema/files.ts";
import { tell } from "../../interp/output.ts";
import { type Arguments, UsageError } from "../arguments.ts";
import { type Command, memoryOf, memoryOption } from "../command.ts";
import { voiceOf } from "../speak.ts";

const LANGUAGES = PEERS.map(({ option }) => option);

/** What the command line says of sequential programs; undefined when it does not ask for them. */
function sequentialOf(given: Arguments): { rounds: number; vs: string[] } | undefined {
  const { sequential, vs, rounds = ROUNDS_MIN } = given.values;
  if (sequential !== true) {
    if (vs !== undefined || given.values["rounds"] !== undefined) {
      throw new UsageError("--vs and --rounds go with --sequential");
    }
    return undefined;
  }
  const wanted = vs === undefined ? LANGUAGES : String(vs).split(",");
  const unknown = wanted.find((name) => !LANGUAGES.includes(name));
  if (unknown !== undefined) throw new UsageError(`--vs knows ${LANGUAGES.join(", ")}, not ${unknown}`);
  if (typeof rounds !== "number" || rounds < ROUNDS_MIN) {
    throw new UsageError(`--rounds is a number from ${ROUNDS_MIN}: the median of fewer says nothing`);
  }
  return { rounds, vs: wanted };
}

export const command: Command = {
  name: "bench",
  description: "Measure fibers, channels and the front end, beside what is promised for them",
  args: {
    sequential: { type: "boolean", description: "Measure sequential programs instead, beside other languages" },
    vs: { type: "string", valueHint: "LIST", description: `With --sequential: of ${LANGUAGES.join(",")} (all)` },
    rounds: { type: "string", valueHint: "N", description: `With --sequential: runs of each (default: ${ROUNDS_MIN})` },
    ...memoryOption,
    json: { type: "string", valueHint: "FILE", description: "Write the figures to FILE as JSON, too" },
  },
  async run(given) {
    const json = given.values["json"];
    const sequential = sequentialOf(given);
    const memory = memoryOf(given);
    const isTerminal = process.stderr.isTTY === true;
    const voice = voiceOf("bench");
    try {
      await runBench({
        jsonFile: json === undefined ? undefined : String(json),
        version: VERSION,
        memory,
        sequential,
        progress(text) {
          if (isTerminal) process.stderr.write(`\r\x1b[K${text}`);
          else if (text !== "") voice.info(text);
        },
        print: (text) => tell(`${text}\n`),
      });
    } catch (error) {
      if (isTerminal) process.stderr.write("\r\x1b[K");
      voice.error(error instanceof PathError ? error.message : error);
      return error instanceof PathError ? 2 : 1;
    }
    return 0;
  },
};
