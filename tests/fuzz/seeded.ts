// Runs one program under a seeded schedule (virtual clock, every choice of the scheduler drawn from the seed), as a
// process of its own: SEED FILE.
import { runFile } from "../../interp/api.ts";

const [seed, path] = process.argv.slice(2);
const seeded = { choices: { seed: Number(seed) }, fault: null, schedule: null };
process.exit(await runFile(path!, [], { workers: 1, memory: null, color: false, seeded }));
