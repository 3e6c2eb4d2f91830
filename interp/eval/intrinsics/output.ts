// print and its kin: build the text, then hand it to the runtime in one piece.
import type { Intrinsic, Site } from "../faults.ts";
import { fixed } from "../decimals.ts";
import { showOf } from "../show.ts";

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
    return (...args) => site.rt.write(fd, text(...args) + end);
  };
}

/** `%f` of C: the sign also of -0.0. */
function sixDecimals(x: number): string {
  return (x < 0 || Object.is(x, -0) ? "-" : "") + fixed(Math.abs(x), 6);
}

export const outputIntrinsics: Record<string, Intrinsic> = {
  print: printer(1, ""),
  println: printer(1, "\n"),
  eprint: printer(2, ""),
  eprintln: printer(2, "\n"),
  print_float: ({ rt }) => (x: number) => rt.write(1, `${sixDecimals(x)}\n`),
  str: joined,
};
