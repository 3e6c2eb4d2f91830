// Traces, by the rules of the Trace Event format: what every event must have, slices of one lane that never overlap,
// arrows whose ends lie in slices, and nurseries that open and close like brackets. And what a reader looks for in one:
// that work spreads over the workers, who spawned what, and why a fiber gave its worker away.
import { describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JANUS, PLAIN_ENV } from "./runner/checkout.ts";

interface TraceEvent {
  ph: string;
  name: string;
  pid: number;
  tid?: number;
  ts?: number;
  dur?: number;
  cat?: string;
  id?: number;
  id2?: { local: string };
  args?: Record<string, unknown>;
}

const SPREADING = `func work(n: i64) -> i64 do
    var s = 0
    for i in 0..n do s = s +% i * i end
    return s
end
func produce(ch: Channel[i64]) do
    for i in 0..50 do
        ch.send(i)
        if i % 10 == 0 do sleep(1) end
    end
    ch.close()
end
func main() do
    let ch = channel[i64](4)
    nursery do
        spawn produce(ch)
        nursery do
            for i in 0..16 do spawn {. name: $"worker {i}" .} work(400_000) end
        end
        var total = 0
        for x in ch do total = total + x end
        println(total)
    end
end
`;

const FAILING = `func main() do
    nursery do
        for i in 0..40_000 do spawn sleep(0) end
    end
    let xs = [1]
    println(xs[3])
end
`;

const run = (args: string[]) => {
  const outcome = Bun.spawnSync([JANUS, "run", ...args], { env: PLAIN_ENV });
  return { status: outcome.exitCode, out: outcome.stdout.toString(), err: outcome.stderr.toString() };
};

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "janus-traces-"));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const eventsIn = (path: string): TraceEvent[] => JSON.parse(readFileSync(path, "utf8")).traceEvents;

/** What breaks the format's rules. */
function problemsIn(events: TraceEvent[]): string[] {
  const problems: string[] = [];
  const lanes = new Map<string, TraceEvent[]>();
  const flows = new Map<number, TraceEvent[]>();
  const brackets = new Map<string, string[]>();
  for (const e of events) {
    const says = (what: string) => problems.push(`${what}: ${JSON.stringify(e)}`);
    if (typeof e.name !== "string" || typeof e.pid !== "number") says("no name or pid");
    if (e.ph === "M") continue;
    if (typeof e.ts !== "number" || e.ts < 0 || typeof e.tid !== "number") says("no time or lane");
    if (typeof e.cat !== "string") says("no category");
    if (e.ph === "X") {
      if (typeof e.dur !== "number" || e.dur < 0) says("no duration");
      const lane = `${e.pid}.${e.tid}`;
      lanes.set(lane, [...(lanes.get(lane) ?? []), e]);
    } else if (e.ph === "s" || e.ph === "f") {
      flows.set(e.id!, [...(flows.get(e.id!) ?? []), e]);
    } else if (e.ph === "b" || e.ph === "e") {
      const open = brackets.get(e.id2!.local) ?? [];
      if (e.ph === "b") open.push(e.name);
      else if (open.pop() !== e.name) says("closes what is not open");
      brackets.set(e.id2!.local, open);
    } else if (e.ph !== "i" && e.ph !== "n") says("unknown phase");
  }
  for (const open of brackets.values()) if (open.length > 0) problems.push(`left open: ${open}`);
  const covers = (x: TraceEvent, ts: number) => x.ts! <= ts + 0.001 && ts <= x.ts! + x.dur! + 0.001;
  for (const lane of lanes.values()) {
    lane.sort((a, b) => a.ts! - b.ts!);
    lane.forEach((e, i) => {
      const before = lane[i - 1];
      if (before !== undefined && before.ts! + before.dur! > e.ts! + 0.001) {
        problems.push(`overlap: ${JSON.stringify(before)} ${JSON.stringify(e)}`);
      }
    });
  }
  for (const [id, ends] of flows) {
    if (ends.map((e) => e.ph).join("") !== "sf") problems.push(`arrow ${id} has ends ${ends.map((e) => e.ph)}`);
    for (const end of ends) {
      const lane = lanes.get(`${end.pid}.${end.tid}`) ?? [];
      if (!lane.some((x) => covers(x, end.ts!))) problems.push(`an arrow's end outside slices: ${JSON.stringify(end)}`);
    }
    if (ends[0]!.ts! > ends[1]!.ts!) problems.push(`arrow ${id} goes backwards`);
  }
  return problems;
}

describe("a trace of everything", () => {
  for (const workers of ["1", "2"]) {
    test(`on ${workers} worker(s) keeps the format's rules, and tells who ran where and why it stopped`, () => {
      inFolder((folder) => {
        const program = join(folder, "spreading.jan");
        writeFileSync(program, SPREADING);
        const file = join(folder, "trace.json");
        const { status, out, err } = run(["--workers", workers, "--trace", file, program]);
        expect([status, out, err]).toEqual([0, "1225\n", ""]);
        const events = eventsIn(file);
        expect(problemsIn(events)).toEqual([]);
        const slices = events.filter((e) => e.ph === "X" && e.cat === "fiber");
        expect(new Set(slices.map((e) => e.name))).toEqual(new Set([
          "main", "produce", ...Array.from({ length: 16 }, (_, i) => `worker ${i}`),
        ]));
        const works = slices.filter((e) => e.name.startsWith("worker"));
        expect(works.filter((e) => e.args!["ended"] === "ended").length).toBe(16);
        expect(new Set(works.map((e) => e.args!["spawned"]))).toEqual(new Set([`${program}:18:31`]));
        expect(new Set(slices.map((e) => e.tid)).size).toBe(Number(workers));
        const ends = slices.map((e) => String(e.args!["ended"]));
        expect(ends).toContain(`waits to send on at ${program}:8:9`);
        expect(ends.some((e) => e === "gave way")).toBe(true);
        const opened = events.filter((e) => e.ph === "b").map((e) => e.name);
        expect(opened).toEqual([`nursery ${program}:15:5`, `nursery ${program}:17:9`]);
        const arrows = events.filter((e) => e.ph === "s").map((e) => e.cat);
        expect(arrows.filter((cat) => cat === "spawn").length).toBe(17);
        expect(arrows).toContain("wake");
      });
    }, 60_000);
  }
});

describe("a flight recorder", () => {
  test("keeps the last moments of a program that fails", () => {
    inFolder((folder) => {
      const program = join(folder, "failing.jan");
      writeFileSync(program, FAILING);
      const file = join(folder, "trace.json");
      const { status, err } = run(["--workers", "1", "--trace-on-failure", file, program]);
      expect(status).toBe(101);
      expect(err).toContain("P001");
      const events = eventsIn(file);
      expect(problemsIn(events)).toEqual([]);
      expect(events.length).toBeLessThan(2 * 65_536);
      expect(events.filter((e) => e.ph === "X").at(-1)!.name).toBe("main");
    });
  }, 60_000);

  test("leaves no file behind when nothing fails", () => {
    inFolder((folder) => {
      const program = join(folder, "fine.jan");
      writeFileSync(program, "func main() do println(1) end\n");
      const file = join(folder, "trace.json");
      expect(run(["--trace-on-failure", file, program]).status).toBe(0);
      expect(existsSync(file)).toBe(false);
    });
  });
});

describe("a trace that cannot be written", () => {
  test("is refused before the program runs", () => {
    inFolder((folder) => {
      const program = join(folder, "fine.jan");
      writeFileSync(program, "func main() do println(1) end\n");
      const { status, out, err } = run(["--trace", join(folder, "no/such/folder.json"), program]);
      expect([status, out]).toEqual([2, ""]);
      expect(err).toContain("trace cannot be written");
    });
  });

  test("or, when the disk is full, fails the run that went well", () => {
    inFolder((folder) => {
      const program = join(folder, "fine.jan");
      writeFileSync(program, "func main() do println(1) end\n");
      const { status, out, err } = run(["--trace", "/dev/full", program]);
      expect([status, out]).toEqual([1, "1\n"]);
      expect(err).toContain("the disk is full");
    });
  });
});
