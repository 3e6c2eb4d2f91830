// Generated trees of nurseries whose tasks fail, are cancelled, awaited, bounded and handled, at random. Each failure
// says so right before it is raised, and each handler says all that `failures(err)` lists: whatever happened in
// between, and in whatever order, no failure may be missing.
//
//   sh tools/with-bun tests/fuzz/failures.ts [--from N] [--seeds N] [--minutes M]
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCore } from "../../tools/zig-build/index.mjs";
import { count } from "../runner/campaign-options.ts";
import { JANUS, PLAIN_ENV } from "../runner/checkout.ts";
import { run } from "../runner/process.ts";
import { Random } from "./random.ts";

const DEPTH_MAX = 5;
const CHILDREN_MAX = 3;
/** A program ends in well under a second. */
const SECONDS_MAX = 30;

const PRELUDE = `error Trouble { F(i64) }
func fails(n: i64, ms: i64) -> !void do
    shield do
        sleep(ms)
        println("fails ", n)
    end
    fail F(n)
end
func may_fail(n: i64, ms: i64) -> !void do
    sleep(ms)
    fails(n, 0)?
end
func in_cleanup(n: i64, ms: i64) -> !void do
    errdefer do
        shield do sleep(ms) end
    end
    fails(n, 0)?
end
func tell(err: error) do
    shield do
        if failures(err).len == 0 do println("told ", err) end
        for one in failures(err) do println("told ", one.what) end
    end
end
`;

class Writer {
  readonly #random: Random;
  readonly #functions: string[] = [];
  #failures = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  program(): string {
    const root = this.#nursery(0);
    return `${PRELUDE}${this.#functions.join("")}func main() do\n    ${root} catch |err| tell(err)\nend\n`;
  }

  #ms(): number {
    return this.#random.pick([0, 0, 1, 2, 3, 5, 8]);
  }

  /** A call of what fails, or may. */
  #leaf(): string {
    return `${this.#random.pick(["fails", "fails", "may_fail", "in_cleanup"])}(${this.#failures++}, ${this.#ms()})`;
  }

  #call(depth: number): string {
    return depth < DEPTH_MAX && this.#random.chance(65) ? this.#nursery(depth) : this.#leaf();
  }

  /** Declares a function with a nursery, and gives the call of it. */
  #nursery(depth: number): string {
    const random = this.#random;
    const lines: string[] = [];
    const children = random.between(1, CHILDREN_MAX);
    for (let i = 0; i < children; i++) {
      const task = `t${i}`;
      const daemon = random.chance(10) ? "{. daemon .} " : "";
      lines.push(`let ${task} = spawn ${daemon}${this.#call(depth + 1)}`);
      switch (random.below(9)) {
        case 0: lines.push(`await ${task}`); break;
        case 1: lines.push(`await ${task} catch |err| tell(err)`); break;
        case 2: lines.push(`sleep(${this.#ms()})`, `${task}.cancel()`); break;
        case 3: lines.push(`if let ended = ${task}.try_await() do ended catch |err| tell(err) end`); break;
        case 4: lines.push(`sleep(${this.#ms()})`); break;
        default: break;
      }
    }
    switch (random.below(6)) {
      case 0: lines.push(`sleep(${this.#ms()})`, "n.cancel()"); break;
      case 1: lines.push(`${this.#leaf()}?`); break;
      case 2: lines.push(`${this.#call(depth + 1)}?`); break;
      case 3: lines.push(`${this.#call(depth + 1)} catch |err| tell(err)`); break;
      default: break;
    }
    const options = random.chance(25) ? `(deadline: ${this.#ms()})` : "";
    const handled = random.chance(20) ? " catch |err| tell(err)" : "";
    const name = `nest${this.#functions.length}`;
    const body = lines.map((line) => `        ${line}\n`).join("");
    this.#functions.push(`func ${name}() -> !void do\n    nursery${options} |n| do\n${body}    end${handled}\nend\n`);
    return `${name}()`;
  }
}

export const madeFrom = (seed: number): string => new Writer(new Random(seed)).program();

export interface Judged {
  /** What is wrong with the run; null for nothing. */
  wrong: string | null;
  /** Failures that were raised. */
  raised: number;
}

export async function judge(seed: number, workers: number): Promise<Judged> {
  const folder = mkdtempSync(join(tmpdir(), "janus-failures-"));
  try {
    const path = join(folder, "tree.jan");
    const text = madeFrom(seed);
    writeFileSync(path, text);
    const outcome = await run([JANUS, "run", "--workers", String(workers), path], {
      cwd: folder, stdin: "", timeoutSeconds: SECONDS_MAX, env: PLAIN_ENV,
    });
    const said = (word: string): Set<string> =>
      new Set([...outcome.stdout.matchAll(new RegExp(`^${word} (?:F\\()?(\\d+)`, "gm"))].map((m) => m[1]!));
    const told = said("told");
    const raised = said("fails");
    const lost = [...raised].filter((n) => !told.has(n));
    if (outcome.status === 0 && lost.length === 0) return { wrong: null, raised: raised.size };
    const what = `status ${outcome.status}, lost: ${lost.join(" ")}`;
    const wrong = `seed ${seed}, ${workers} workers: ${what}\n${outcome.stderr}\n${text}`;
    return { wrong, raised: raised.size };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) {
  await buildCore({ quiet: true });
  const from = count("from", 1);
  const end = from + count("seeds", 1_000_000);
  const endMs = performance.now() + count("minutes", 10) * 60_000;
  let [programs, raised, found] = [0, 0, 0];
  for (let seed = from; seed < end && (programs === 0 || performance.now() < endMs); seed++) {
    const judged = await judge(seed, 1 + seed % 2);
    programs++;
    raised += judged.raised;
    if (judged.wrong === null) continue;
    found++;
    console.log(judged.wrong);
  }
  console.log(`${programs} programs, ${raised} failures raised, ${found} findings`);
  process.exit(found > 0 || raised === 0 ? 1 : 0);
}
