// `janus fmt PATH...`: writes programs in their canonical form.

import { formatFiles, formatStdin } from "../../interp/api.ts";
import { UsageError } from "../arguments.ts";
import { type Command, isColoured } from "../command.ts";

export const command: Command = {
  name: "fmt",
  description: "Write programs in their canonical form: files, and every .jan file below folders (default: here)",
  args: {
    check: { type: "boolean", description: "Write nothing; list what is not formatted, with status 1 if there is any" },
    stdin: { type: "boolean", description: "Read a program from standard input, write it to standard output" },
  },
  takes: "paths",
  run(given) {
    const { check, stdin } = given.values;
    const options = { color: isColoured(), check: check === true };
    if (stdin !== true) return formatFiles(given.rest.length === 0 ? ["."] : given.rest, options);
    if (given.rest.length > 0) throw new UsageError("--stdin takes no paths");
    return formatStdin(options);
  },
};
