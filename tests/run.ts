// The test runner: every check there is, in one command, summed up in one last line `N passed, N failed`.
//
// The parts run in the order in which they explain one another: types, the core's tests, the unit tests, the programs.
// A part that cannot run counts as failed; the exit status is 1 when anything failed.

import { compileCommand } from "../tools/compile.mjs";
import { buildCore } from "../tools/zig-build/index.mjs";
import { testAcceptance, testAcceptanceBeside } from "./runner/acceptance.ts";
import { type Options, type Part, parseOptions, USAGE } from "./runner/options.ts";
import { testPrograms } from "./runner/programs.ts";
import { Report } from "./runner/report.ts";
import { checkTypes } from "./runner/types.ts";
import { unitTests } from "./runner/unit.ts";
import { testCore } from "./runner/zig.ts";

function optionsOrExit(): Options {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options !== "help") return options;
    process.stdout.write(USAGE);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}

const options = optionsOrExit();
const report = new Report();
const isWhole = options.filter === "" && options.workers.length === 0 && options.repeat === 1;

const parts: Record<Part, () => Promise<void>> = {
  types: () => checkTypes(report),
  zig: () => testCore(report),
  unit: () => unitTests(report, options.filter),
  programs: () => testPrograms(report, options),
  async acceptance() {
    await testAcceptance(report, options);
    if (isWhole) await testAcceptanceBeside(report);
  },
};

/** With a filter, only the parts that have files are asked. */
function isAsked(part: Part): boolean {
  return options.parts.includes(part) && (options.filter === "" || (part !== "types" && part !== "zig"));
}

const asked = (Object.keys(parts) as Part[]).filter(isAsked);
const needsCore = asked.some((part) => part === "unit" || part === "programs" || part === "acceptance");

/** Does one piece of work; gives whether it could be done. */
async function guarded(name: string, work: () => unknown): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    report.fail(`${name} could not run`, error instanceof Error ? (error.stack ?? error.message) : String(error));
    return false;
  }
}

/** What the other parts stand on; without it they run into the same trouble, each in its own words. */
async function setUp(): Promise<void> {
  report.begin("set-up", 2);
  if (await guarded("the core's build", () => buildCore({ quiet: true }))) report.pass();
  if (await guarded("the executable", () => compileCommand(process.execPath))) report.pass();
  report.end();
}

if (needsCore) await setUp();
for (const part of asked) await guarded(part, parts[part]);
if (asked.length === 0) report.fail("nothing", "no part of the tests was asked for");
report.finish();
process.exitCode = report.failed > 0 ? 1 : 0;
