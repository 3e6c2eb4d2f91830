// `janus check FILE`: reports everything that is wrong with a program, without running it.

import { checkFile } from "../../interp/api.ts";
import { type Command, isColoured } from "../command.ts";

export const command: Command = {
  name: "check",
  description: "Report everything that is wrong with a program, without running it",
  args: {
    file: { type: "positional", required: true, description: "The program, a .jan file" },
    json: { type: "boolean", description: "One JSON object for each finding" },
  },
  run(given) {
    const json = given.values["json"] === true;
    return checkFile(String(given.values["file"]), { color: !json && isColoured(), json });
  },
};
