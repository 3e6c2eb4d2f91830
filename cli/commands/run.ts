// `janus run FILE [ARGUMENT...]`: checks a program and runs it.

import { PROFILES, runFile } from "../../interp/api.ts";
import { millisecondsOf, UsageError } from "../arguments.ts";
import { type Command, isColoured, memoryOf, memoryOption, workersOf, workersOption } from "../command.ts";
import { seededOf, seededOptions } from "../seeded.ts";

export const command: Command = {
  name: "run",
  description: "Check a program and run it; what follows FILE are the program's own arguments",
  args: {
    file: { type: "positional", required: true, description: "The program, a .jan file" },
    ...workersOption,
    ...memoryOption,
    json: { type: "boolean", description: "Tell what is wrong, and a bad end, as JSON on standard error" },
    ...seededOptions,
    stats: { type: "boolean", description: "Say at the end what the runtime did" },
    trace: {
      type: "string", valueHint: "FILE", description: "Record what the fibers do, for Perfetto or chrome://tracing",
    },
    "trace-on-failure": {
      type: "string", valueHint: "FILE", description: "Record only the last moments, written when the program fails",
    },
    watchdog: {
      type: "string", valueHint: "TIME",
      description: "Say on standard error when one call holds a worker for longer: 100ms, 2s",
    },
    profile: { type: "string", valueHint: "PROFILE", description: "core, service, cluster or sovereign" },
  },
  takes: "program",
  async run(given) {
    const { file, profile, stats, json, trace, watchdog } = given.values;
    const traceOnFailure = given.values["trace-on-failure"];
    if (trace !== undefined && traceOnFailure !== undefined) {
      throw new UsageError("--trace and --trace-on-failure exclude each other");
    }
    const options = {
      workers: workersOf(given),
      memory: memoryOf(given),
      get color() {
        return isColoured();
      },
      stats: stats === true,
      ...(trace === undefined ? {} : { trace: String(trace) }),
      ...(traceOnFailure === undefined ? {} : { traceOnFailure: String(traceOnFailure) }),
      json: json === true,
      ...(watchdog === undefined ? {} : { watchdogMs: millisecondsOf("--watchdog", String(watchdog)) }),
      seeded: await seededOf(given),
      ...(profile === undefined ? {} : { profile: profileOf(String(profile)) }),
    };
    return runFile(String(file), given.rest, options);
  },
};

/** `core` or `:core`; a profile that there is none of is a wrong use. */
function profileOf(given: string): string {
  const name = given.replace(/^:/, "");
  if (!PROFILES.includes(name)) {
    throw new UsageError(`there is no profile '${name}'`, `the profiles are ${PROFILES.join(", ")}`);
  }
  return name;
}
