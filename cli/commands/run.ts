// `janus run FILE [ARGUMENT...]`: checks a program and runs it.

import { runFile } from "../../interp/api.ts";
import { type Command, isColoured, workersOf, workersOption } from "../command.ts";

export const command: Command = {
  name: "run",
  description: "Check a program and run it; what follows FILE are the program's own arguments",
  args: {
    file: { type: "positional", required: true, description: "The program, a .jan file" },
    ...workersOption,
    stats: { type: "boolean", description: "Say at the end what the runtime did" },
    profile: { type: "string", valueHint: "PROFILE", description: "core, service, cluster or sovereign" },
  },
  takesProgramArguments: true,
  run(given) {
    const { file, profile, stats } = given.values;
    const options = {
      workers: workersOf(given),
      get color() {
        return isColoured();
      },
      stats: stats === true,
      ...(profile === undefined ? {} : { profile: String(profile).replace(/^:/, "") }),
    };
    return runFile(String(file), given.rest, options);
  },
};
