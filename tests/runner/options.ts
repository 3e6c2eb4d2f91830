// The command line of the test runner.

export const PARTS = ["types", "zig", "unit", "programs", "acceptance"] as const;
export type Part = (typeof PARTS)[number];

export interface Options {
  parts: Part[];
  /** Only tests whose path contains this. */
  filter: string;
  /** Worker counts to run programs on; empty: each part's own choice. */
  workers: number[];
  repeat: number;
}

export const USAGE = `usage: npm test [-- OPTION... [FILTER]]

  FILTER            only what has this in its path
  --only PART,...   ${PARTS.join(", ")}
  --workers N,...   run programs and acceptance programs on each of these numbers of workers
  --repeat N        run each program N times
  --help
`;

/** Throws an Error that says what is wrong with the command line. */
export function parseOptions(args: string[]): Options | "help" {
  const options: Options = { parts: [...PARTS], filter: "", workers: [], repeat: 1 };
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? "";
    if (arg === "--help" || arg === "-h") return "help";
    if (!arg.startsWith("-")) {
      if (options.filter !== "") throw new Error(`two filters: ${options.filter} and ${arg}`);
      options.filter = arg;
      continue;
    }
    const [name, inline] = arg.split("=", 2);
    const value = inline ?? args[(index += 1)];
    if (value === undefined) throw new Error(`${name} needs a value`);
    if (name === "--only") options.parts = value.split(",").map(part);
    else if (name === "--workers") options.workers = value.split(",").map((one) => count(name, one));
    else if (name === "--repeat") options.repeat = count(name, value);
    else throw new Error(`unknown option ${name}`);
  }
  return options;
}

function part(name: string): Part {
  const found = PARTS.find((one) => one === name);
  if (found === undefined) throw new Error(`there is no part '${name}'; the parts are ${PARTS.join(", ")}`);
  return found;
}

function count(name: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${name} needs numbers above zero, not '${text}'`);
  return Number(text);
}
