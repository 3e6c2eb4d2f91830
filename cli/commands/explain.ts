// `janus explain CODE`: what an error's or a panic's code means, and what to do about it.

import { explain } from "../../interp/explain.ts";
import { tell } from "../../interp/output.ts";
import type { Command } from "../command.ts";
import { voiceOf } from "../speak.ts";

export const command: Command = {
  name: "explain",
  description: "Explain the code of an error or a panic, for instance J0203 or P010",
  args: {
    code: { type: "positional", required: true, description: "The code, as printed" },
  },
  run(given) {
    const code = String(given.values["code"]).toUpperCase();
    const text = explain(code);
    if (text === null) {
      voiceOf("explain").error(`there is no code ${code}`,
        "codes look like J0203 (an error in a program) or P010 (a panic)");
      return 1;
    }
    const lines = text.split("\n").map((line) => (line.startsWith(" ") ? line : wrap(line, COLUMNS)));
    tell(`${lines.join("\n")}\n`);
    return 0;
  },
};

const COLUMNS = 80;

/** Breaks a line between words so that none is longer than `columns`, where words allow it. */
export function wrap(line: string, columns: number): string {
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    if (current !== "" && current.length + 1 + word.length > columns) {
      lines.push(current);
      current = word;
    } else current = current === "" ? word : `${current} ${word}`;
  }
  return [...lines, current].join("\n");
}
