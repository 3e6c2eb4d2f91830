// The table of README.md against the tests it names, and the failure modes that only a process as a whole can show:
// that a seed decides the run, that waiting costs nothing, that a failure is seen from outside.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filesMatching, JANUS, PLAIN_ENV, ROOT } from "../runner/checkout.ts";

/** Rows that are there without a gap; those found later have numbers of their own. */
const ROWS = 22;
/** Clock ticks in /proc: Linux shows a hundred to the second everywhere. */
const MS_PER_TICK = 10;

const folder = mkdtempSync(join(tmpdir(), "janus-failure-modes-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

function program(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** The numbers that follow "failure mode" in a test's name, or in a program's first line. */
export function modesNamed(path: string, text: string): Set<number> {
  const lines = path.endsWith(".jan") ? [text.slice(0, text.indexOf("\n"))]
    : text.split("\n").filter((line) => /^\s*(test|describe)\b/.test(line));
  const named = lines.map((line) => /failure modes? ([\d, and]+)/i.exec(line)?.[1] ?? "");
  const numbers = named.flatMap((text) => [...text.matchAll(/\d+/g)]);
  return new Set(numbers.map(Number));
}

describe("the table", () => {
  const rows = [...readFileSync(join(import.meta.dir, "README.md"), "utf8").matchAll(/^\| (\d+) \|.*\| (.*) \|$/gm)]
    .map((row) => ({ number: Number(row[1]), paths: [...row[2]!.matchAll(/`([^`]+)`/g)].map((path) => path[1]!) }));

  test("has every row, in order", () => {
    const numbers = rows.map((row) => row.number);
    expect(numbers.slice(0, ROWS)).toEqual(Array.from({ length: ROWS }, (_, i) => i + 1));
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
  });

  test("names tests that are there and say which row they stand for", () => {
    const wrong = rows.flatMap(({ number, paths }) => paths.length === 0 ? [`${number}: no test`]
      : paths.filter((path) => !existsSync(join(ROOT, path)) ||
          !modesNamed(path, readFileSync(join(ROOT, path), "utf8")).has(number))
        .map((path) => `${number}: ${path}`));
    expect(wrong).toEqual([]);
  });

  test("names every test that says a number", () => {
    const tests = ["**/*.test.ts", "core/src/*.zig", "tests/**/*.jan"].flatMap(filesMatching);
    const saying = tests.flatMap((path) => {
      const named = path.endsWith("failure-modes.test.ts") ? new Set<number>()
        : modesNamed(path, readFileSync(join(ROOT, path), "utf8"));
      return [...named].map((number) => ({ number, path }));
    });
    expect(saying.length).toBeGreaterThan(30);
    const has = (number: number, path: string) => rows.find((row) => row.number === number)?.paths.includes(path);
    expect(saying.filter(({ number, path }) => has(number, path) !== true)).toEqual([]);
  });

  test("a test that does not say its row is noticed", () => {
    expect([...modesNamed("a.zig", 'test "failure modes 6, 7 and 8: x"\n// failure mode 9')]).toEqual([6, 7, 8]);
    expect([...modesNamed("a.jan", "// Waits.\n// Failure mode 3: x\n")]).toEqual([]);
  });
});

describe("failure mode 18: the seed of the deterministic mode is stored and not used", () => {
  const path = program("seeded.jan", `func work(name: i64, out: Channel[i64]) do
    for i in 0..5 do
        out.send(name * 10 + i)
        if i % 2 == 0 do sleep(1) end
    end
end
func main() do
    let out = channel[i64](0)
    nursery do
        for n in 0..6 do spawn work(n, out) end
        for _ in 0..30 do print(out.recv().?, " ") end
    end
end
`);
  /** The times in a trace are the host's: of one seed the events and their order are the same. */
  const withoutTimes = (text: string): string => text.replaceAll(/"(ts|dur)":[\d.]+,?/g, "");
  const runSeed = (seed: number): { out: string; trace: string } => {
    const trace = join(folder, "trace.json");
    const ran = Bun.spawnSync([JANUS, "run", "--seed", String(seed), "--trace", trace, path], { env: PLAIN_ENV });
    expect(ran.stderr.toString()).toBe("");
    expect(ran.exitCode).toBe(0);
    return { out: ran.stdout.toString(), trace: withoutTimes(readFileSync(trace, "utf8")) };
  };

  test("same seed, same output and same trace, byte for byte; other seeds, other runs", () => {
    const first = runSeed(7);
    expect(runSeed(7)).toEqual(first);
    const outputs = new Set([1, 2, 3, 4].map((seed) => runSeed(seed).out));
    expect(outputs.size).toBeGreaterThan(1);
  }, 60_000);
});

/** CPU time of a living process and all its threads, in milliseconds. */
function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}

/** The CPU time that a program uses in the two seconds after it has printed "idle". */
async function idleCpuMs(path: string, workers: number): Promise<number> {
  const command = [process.execPath, join(ROOT, "cli/main.ts"), "run", "--workers", String(workers), path];
  const child = Bun.spawn(command, { env: PLAIN_ENV, stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  let said = "";
  for await (const chunk of child.stdout) {
    said += new TextDecoder().decode(chunk);
    if (said.includes("idle\n")) break;
  }
  expect(said).toBe("idle\n");
  await Bun.sleep(1_500); // compilers and collectors finish what the start left them
  const before = cpuMs(child.pid);
  await Bun.sleep(2_000);
  const used = cpuMs(child.pid) - before;
  child.kill("SIGKILL");
  await child.exited;
  return used;
}

const BUSY = `func busy(n: i64) -> i64 do
    var x = n
    for i in 0..300_000 do x = x *% 31 +% i end
    return x
end
`;
const IDLE = (wait: string): string => `use std.io
${BUSY}func main() do
    let c = channel[i64](0)
    nursery do
        for n in 0..16 do spawn busy(n) end
    end
    nursery do
        for _ in 0..50 do spawn sleep(100_000) end
        println("idle")
        flush()
        ${wait}
    end
end
`;

/** Of 2 000: six ticks for what the host does beside. A worker that spins uses 2 000, one that polls every millisecond
 * some hundred. */
const IDLE_CPU_MS_MAX = 60;

function idles(wait: string): void {
  test("a program that waits uses no CPU, on one worker and on two", async () => {
    const path = program("idle.jan", IDLE(wait));
    for (const ms of await Promise.all([1, 2].map((workers) => idleCpuMs(path, workers)))) {
      expect(ms).toBeLessThanOrEqual(IDLE_CPU_MS_MAX);
    }
  }, 60_000);
}

describe("failure mode 19: idle workers spin, or wake again and again", () => idles("sleep(100_000)"));

describe("failure mode 15: select polls", () => idles(`select do
            recv c |v| do println(v) end
            timeout 100_000 do println(0) end
        end`));

describe("failure mode 21: a failure exits with status 0", () => {
  const cases: [what: string, text: string, status: number][] = [
    ["an error that leaves main", "error E { Bad }\nfunc main() -> void ! E do fail Bad end", 1],
    ["a panic", "func main() do\n    let xs = [1]\n    let i = 3\n    println(xs[i])\nend", 101],
    ["a panic in a child", "func f() do assert 1 == 2 end\nfunc main() do\n    nursery do spawn f() end\nend", 101],
    ["an error of a child", `error E { Bad }\nfunc f() -> void ! E do fail Bad end
func main() -> void ! E do\n    nursery do spawn f() end\nend`, 1],
    ["a deadlock", "func main() do\n    let c = channel[i64](0)\n    c.recv()\nend", 101],
    ["a program that is refused", "func main() do println(nothing) end", 1],
    ["a status of its own", "func main() -> i64 do return 7 end", 7],
  ];
  for (const [what, text, status] of cases) {
    test(what, () => {
      const ran = Bun.spawnSync([JANUS, "run", program("failing.jan", `${text}\n`)], { env: PLAIN_ENV });
      expect(ran.exitCode).toBe(status);
      if (status !== 7) expect(ran.stderr.toString()).not.toBe("");
    }, 30_000);
  }

  test("a file that is not there", () => {
    expect(Bun.spawnSync([JANUS, "run", join(folder, "none.jan")], { env: PLAIN_ENV }).exitCode).toBe(2);
  }, 30_000);
});
