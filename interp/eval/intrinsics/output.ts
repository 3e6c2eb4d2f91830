// print and its kin: build the text, then hand it to the runtime in one piece.
import type { Intrinsic, Site } from "../faults.ts";
import { fixed } from "../format.ts";
import { quote, showOf } from "../show.ts";
import { bytes, VOID } from "../values.ts";

/** The texts of all arguments, joined. */
export function joined(site: Site): (...args: any[]) => string {
  const showers = site.types.map((t) => showOf(t));
  const [first, second] = showers;
  if (first !== undefined && showers.length === 1) return first;
  if (first !== undefined && second !== undefined && showers.length === 2) return (a, b) => first(a) + second(b);
  return (...args) => {
    let out = "";
    for (let i = 0; i < showers.length; i++) out += showers[i]!(args[i]);
    return out;
  };
}

function printer(fd: 1 | 2, end: string): Intrinsic {
  return (site) => {
    const text = joined(site);
    return (...args) => {
      site.rt.write(fd, text(...args) + end);
      return VOID;
    };
  };
}

/** `%f` of C: the sign also of -0.0. */
function sixDecimals(x: number): string {
  return (x < 0 || Object.is(x, -0) ? "-" : "") + fixed(Math.abs(x), 6);
}

const LEVELS = ["debug", "info", "warn", "error"] as const;

/** `INFO  started port=8080`: level, message, then the other arguments, by name where they have one. */
function logger(level: (typeof LEVELS)[number]): Intrinsic {
  return (site) => {
    const showers = site.types.map((t) => ({ show: showOf(t), isText: t.k === "string" }));
    const wanted = LEVELS.indexOf((process.env.JANUS_LOG ?? "info") as (typeof LEVELS)[number]);
    const silent = LEVELS.indexOf(level) < (wanted < 0 ? 1 : wanted);
    const names = site.names ?? [];
    return (...args) => {
      if (silent) return VOID;
      let line = `${level.toUpperCase().padEnd(5)} ${showers[0]!.show(args[0])}`;
      for (let i = 1; i < showers.length; i++) {
        const { show, isText } = showers[i]!;
        const value = show(args[i]);
        const name = names[i];
        const quoted = isText && /[\s="]|^$/.test(value) ? quote(value) : value;
        line += name === null || name === undefined ? ` ${value}` : ` ${bytes(name)}=${quoted}`;
      }
      site.rt.write(2, `${line}\n`);
      return VOID;
    };
  };
}

export const outputIntrinsics: Record<string, Intrinsic> = {
  print: printer(1, ""),
  println: printer(1, "\n"),
  eprint: printer(2, ""),
  eprintln: printer(2, "\n"),
  print_float: ({ rt }) => (x: number) => {
    rt.write(1, `${sixDecimals(x)}\n`);
    return VOID;
  },
  str: joined,
  "log.debug": logger("debug"),
  "log.info": logger("info"),
  "log.warn": logger("warn"),
  "log.error": logger("error"),
};
