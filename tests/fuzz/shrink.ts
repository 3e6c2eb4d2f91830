// Makes a failing program smaller, greedily: cases, then statements, one by one and the largest first, as long as the
// program still fails in the same manner. What it must print is computed anew each time.
import { writeFileSync } from "node:fs";
import type { Stmt } from "./nodes.ts";
import { type Finding, tryWay } from "./oracle.ts";
import { type Program, rendered } from "./program.ts";

const TRIES_MAX = 400;

export async function shrink(program: Program, finding: Finding, path: string): Promise<void> {
  let tries = 0;
  const stillFails = async (): Promise<boolean> => {
    const made = rendered(program);
    if (made === null || program.cases.length === 0 || ++tries > TRIES_MAX) return false;
    writeFileSync(path, made.text);
    // A race does not show every time.
    for (let attempt = 0; attempt < (finding.kind.startsWith("J") ? 1 : 3); attempt++) {
      if ((await tryWay(finding.way, path, made.output))?.kind === finding.kind) return true;
    }
    return false;
  };
  const thin = async (list: unknown[]): Promise<void> => {
    for (let size = Math.max(1, list.length >> 1); size >= 1; size >>= 1) {
      for (let i = list.length - size; i >= 0; i -= size) {
        const taken = list.splice(i, size);
        if (!(await stillFails())) list.splice(i, 0, ...taken);
      }
    }
  };
  const inside = async (list: Stmt[]): Promise<void> => {
    await thin(list);
    for (const stmt of list) for (const inner of stmt.lists) await inside(inner);
  };
  await thin(program.cases);
  for (const one of program.cases) await inside(one.body);
  for (const list of program.lists) await inside(list);
  const made = rendered(program);
  if (made !== null) writeFileSync(path, made.text);
}
