// How many seeds each of the three bugs needs, by strategy: the table in docs/testing.md.
//
//   bun tests/explore/measure.ts
//
// An odd seed walks at random, an even one runs by priorities; from 20 starting seeds each, the median and the most.
import { BUGS, Explorable } from "./programs.ts";

const STARTS = 20;
const MOST = 10_000;

const row = (...cells: (string | number)[]) => console.log(`| ${cells.join(" | ")} |`);
row("bug", "random walk", "priorities", "both, as `--explore`");
row("---", "---", "---", "---");
for (const { name, what } of BUGS) {
  const program = Explorable.open(name);
  const cells: string[] = [];
  for (const [parity, step] of [[1, 2], [0, 2], [1, 1]] as const) {
    const needed: number[] = [];
    for (let start = 0; start < STARTS; start++) {
      const seeds = await program.seedsUntilFailure(1000 * start + parity, step, MOST);
      if (seeds === null) throw new Error(`${name} was not found under ${MOST} seeds`);
      needed.push(seeds);
    }
    needed.sort((a, b) => a - b);
    cells.push(`${(needed[STARTS / 2 - 1]! + needed[STARTS / 2]!) / 2}, at most ${needed.at(-1)}`);
  }
  row(what, ...cells);
  await program.close();
}
