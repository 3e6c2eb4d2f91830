// `janus bench`: the project's own measurements; see bench/index.ts.

import { VERSION } from "../../interp/api.ts";
import { runBench } from "../../bench/index.ts";
import type { Command } from "../command.ts";

export const command: Command = {
  name: "bench",
  description: "Measure fibers, channels and the front end, beside what is promised for them",
  args: {
    json: { type: "string", valueHint: "FILE", description: "Write the figures to FILE as JSON, too" },
  },
  async run(given) {
    const json = given.values["json"];
    const isTerminal = process.stderr.isTTY === true;
    try {
      await runBench({
        jsonFile: json === undefined ? undefined : String(json),
        version: VERSION,
        progress(text) {
          if (isTerminal) process.stderr.write(`\r\x1b[K${text}`);
          else if (text !== "") console.error(`janus bench: ${text}`);
        },
        print: (text) => console.log(text),
      });
    } catch (error) {
      if (isTerminal) process.stderr.write("\r\x1b[K");
      console.error(`janus bench: ${error instanceof Error ? error.message : error}`);
      return 1;
    }
    return 0;
  },
};
