// The part `types`: the TypeScript compiler over everything, with no output.

import { join } from "node:path";
import { ROOT } from "./checkout.ts";
import { run } from "./process.ts";
import type { Report } from "./report.ts";

const TIMEOUT_SECONDS = 300;

export async function checkTypes(report: Report): Promise<void> {
  report.begin("types", 1);
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  const outcome = await run([tsc, "--noEmit", "--pretty", "false"], { cwd: ROOT, timeoutSeconds: TIMEOUT_SECONDS });
  if (outcome.status === 0) report.pass();
  else report.fail("tsc --noEmit", `${outcome.stdout}${outcome.stderr}` || `ended by ${outcome.signal}`);
  report.end();
}
