// `janus test` and `janus fmt` as people run them.

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

// processes of their own, on a machine that may be busy
setDefaultTimeout(60_000);

const LAUNCHER = join(dirname(import.meta.dir), "cli/bin/janus");

/** Runs the command in a folder with these files, then looks at what came of it. */
function inFolder(
  files: Record<string, string>, work: (janus: (...args: string[]) => Outcome, folder: string) => void,
): void {
  const folder = mkdtempSync(join(tmpdir(), "janus-test-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    work((...args) => {
      const { exitCode, stdout, stderr } = Bun.spawnSync([LAUNCHER, ...args], {
        cwd: folder, stdin: Buffer.from(files["stdin"] ?? ""), env: { ...process.env, NO_COLOR: "1" },
      });
      return { status: exitCode, out: stdout.toString(), err: stderr.toString() };
    }, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Outcome {
  status: number;
  out: string;
  err: string;
}

const MIXED = `use std.testing

test "adds" do
    println("from adds")
    testing.assert_eq(1 + 1, 2)
end

test "is wrong" do
    println("from wrong")
    testing.assert_eq(1 + 1, 3)
end

test "waits for ever" do
    let news: Channel[i64] = channel()
    nursery do
        spawn do news.send(1) end
    end
end

error Odd { Seven }

func refuse() -> i64 ! Odd do fail Odd.Seven end

test "fails" do
    refuse()?
end

test "leaves" do
    println("still there")
end
`;

describe("janus test", () => {
  test("says which failed, where, why and what they printed; passing ones are quiet", () => {
    inFolder({ "a.jan": MIXED }, (janus) => {
      const { status, out } = janus("test", "a.jan");
      expect(status).toBe(1);
      const lines = out.split("\n");
      expect(lines).toContain("FAIL a.jan:8: is wrong");
      expect(lines).toContain("  PANIC P004: expected 3, found 2");
      expect(lines).toContain('    at test "is wrong" (a.jan:10:5)');
      expect(lines).toContain("    from wrong");
      expect(lines).toContain("FAIL a.jan:13: waits for ever");
      expect(out).toContain("PANIC P010: deadlock");
      expect(out).toContain("waits to send on `news` at a.jan:16:18");
      expect(out).toMatch(/FAIL a\.jan:24: fails\n  error: .*Seven/);
      expect(out).not.toContain("from adds");
      expect(lines.at(-2)).toBe("2 passed, 3 failed");
    });
  });
  test("a test after one that waits for ever still runs, and --verbose shows it", () => {
    inFolder({ "a.jan": MIXED }, (janus) => {
      const { status, out } = janus("test", "--verbose", "--filter", "a", "a.jan");
      expect(status).toBe(1);
      expect(out).toMatch(/ok {3}a\.jan:28: leaves \(\d+\.\d ms\)\n {2}stdout:\n {4}still there/);
    });
  });
  test("--filter; nothing found is a failure", () => {
    inFolder({ "a.jan": MIXED }, (janus) => {
      expect(janus("test", "--filter", "adds")).toMatchObject({ status: 0, out: "1 passed, 0 failed\n" });
      const none = janus("test", "--filter", "zebra", "a.jan");
      expect(none.status).toBe(1);
      expect(none.err).toContain("no test whose name holds 'zebra'");
    });
  });
  test("--json: an object for each test, one for all", () => {
    inFolder({ "a.jan": MIXED }, (janus) => {
      const objects = janus("test", "--json", "a.jan").out.trim().split("\n").map((line) => JSON.parse(line));
      expect(objects).toHaveLength(6);
      expect(objects[0]).toMatchObject({ file: "a.jan", line: 3, name: "adds", status: "passed" });
      expect(objects[1]).toMatchObject({ name: "is wrong", status: "failed", code: "P004", stdout: "from wrong\n" });
      expect(objects[5]).toMatchObject({ passed: 2, failed: 3 });
    });
  });
  test("tests of imported modules run only when their file is named, folders stand for their files", () => {
    const files = {
      "a.jan": 'use lib.b\nuse std.testing\ntest "of a" do testing.assert_eq(b.twice(2), 4) end\n',
      "lib/b.jan": 'pub func twice(x: i64) -> i64 do return x * 2 end\ntest "of b" do assert(twice(1) == 2) end\n',
      "lib/c.jan": "pub func nothing() do end\n",
    };
    inFolder(files, (janus) => {
      expect(janus("test", "a.jan").out).toBe("1 passed, 0 failed\n");
      expect(janus("test", "a.jan", "lib").out).toBe("2 passed, 0 failed\n");
      expect(janus("test").out).toBe("2 passed, 0 failed\n");
      expect(janus("test", "nowhere")).toMatchObject({ status: 2 });
    });
  });
  test("a file with errors is a failure, and its errors are told", () => {
    inFolder({ "a.jan": 'test "x" do\n    let y: i64 = "text"\nend\n' }, (janus) => {
      const { status, out, err } = janus("test", "a.jan");
      expect(status).toBe(1);
      expect(err).toContain("a.jan:2:");
      expect(out).toBe("FAIL a.jan: it has errors\n0 passed, 1 failed\n");
    });
  });
  test("module-level values are made before a test, and anew for each seeded one", () => {
    const text = `let made = Atomic.new(0)
test "first" do assert(made.fetch_add(1) == 0) end
test "second" do assert(made.load() == 0) end
`;
    inFolder({ "a.jan": text }, (janus) => {
      expect(janus("test", "--seed", "1").out).toBe("2 passed, 0 failed\n");
    });
  });
  test("os.exit is a failure of its test", () => {
    inFolder({ "a.jan": 'use std.os\ntest "gone" do os.exit(0) end\ntest "there" do end\n' }, (janus) => {
      const { status, out } = janus("test");
      expect(status).toBe(1);
      expect(out).toContain("it called os.exit(0)");
      expect(out).toContain("1 passed, 1 failed");
    });
  });
});

const UGLY = "func   main( ) do\n println( 1+2 ) // kept\nend\n";
const NEAT = "func main() do\n    println(1 + 2) // kept\nend\n";

describe("janus fmt", () => {
  test("writes the canonical form once, keeps the file's mode, leaves nothing beside it", () => {
    inFolder({ "a.jan": UGLY, "lib/b.jan": NEAT }, (janus, folder) => {
      chmodSync(join(folder, "a.jan"), 0o751);
      expect(janus("fmt")).toEqual({ status: 0, out: "a.jan\n", err: "" });
      expect(readFileSync(join(folder, "a.jan"), "utf8")).toBe(NEAT);
      expect(statSync(join(folder, "a.jan")).mode & 0o777).toBe(0o751);
      expect(readdirSync(folder).sort()).toEqual(["a.jan", "lib"]);
      expect(janus("fmt", ".")).toEqual({ status: 0, out: "", err: "" });
    });
  });
  test("--check writes nothing, lists what is not formatted, and exits with 1", () => {
    inFolder({ "a.jan": UGLY, "b.jan": NEAT }, (janus, folder) => {
      expect(janus("fmt", "--check", "a.jan", "b.jan")).toEqual({ status: 1, out: "a.jan\n", err: "" });
      expect(readFileSync(join(folder, "a.jan"), "utf8")).toBe(UGLY);
      expect(janus("fmt", "--check", "b.jan")).toEqual({ status: 0, out: "", err: "" });
    });
  });
  test("what does not parse is refused with its errors, the others are formatted", () => {
    inFolder({ "a.jan": "func main( do\n", "b.jan": UGLY }, (janus, folder) => {
      const { status, out, err } = janus("fmt", "a.jan", "b.jan");
      expect(status).toBe(1);
      expect(out).toBe("b.jan\n");
      expect(err).toContain("a.jan:1:12");
      expect(readFileSync(join(folder, "a.jan"), "utf8")).toBe("func main( do\n");
    });
  });
  test("--stdin", () => {
    inFolder({ stdin: UGLY }, (janus) => {
      expect(janus("fmt", "--stdin")).toEqual({ status: 0, out: NEAT, err: "" });
      expect(janus("fmt", "--stdin", "--check")).toEqual({ status: 1, out: "", err: "" });
      expect(janus("fmt", "--stdin", "a.jan").status).toBe(2);
    });
  });
});

test("janus check --json: one object for each finding, with its place", () => {
  inFolder({ "a.jan": "func main() do\n    let x: i64 = true\n    nothing()\nend\n" }, (janus) => {
    const { status, out, err } = janus("check", "--json", "a.jan");
    expect({ status, err }).toEqual({ status: 1, err: "" });
    const findings = out.trim().split("\n").map((line) => JSON.parse(line));
    expect(findings.map((f) => [f.severity, f.file, f.line])).toEqual([["error", "a.jan", 2], ["error", "a.jan", 3]]);
    for (const finding of findings) expect(finding.code).toMatch(/^J\d{4}$/);
  });
});

test("a test that takes too long, asleep or computing, has failed, and the others go on", () => {
  const text = `test "sleeps" do sleep(100000000) end
test "spins" do
    var x = 0
    loop do x +%= 1 end
end
test "waits" do
    let gate = channel[i64](0)
    nursery do
        spawn do loop do sleep(10) end end
        gate.recv()
    end
end
test "fine" do assert 1 + 1 == 2 end
`;
  inFolder({ "slow.jan": text }, (janus) => {
    for (const workers of ["1", "2"]) {
      const { status, out } = janus("test", "--timeout", "300ms", "--workers", workers, "slow.jan");
      expect(status).toBe(1);
      expect(out.match(/it has not ended within 300 ms/g)).toHaveLength(3);
      expect(out).toContain("main; waits to receive from `gate` at slow.jan:10:9");
      expect(out).toEndWith("1 passed, 3 failed\n");
    }
    expect(janus("test", "--timeout", "soon", "slow.jan").status).toBe(2);
    expect(janus("test", "--timeout", "1m", "--filter", "fine", "slow.jan").status).toBe(2);
    expect(janus("test", "--timeout", "20s", "--filter", "fine", "slow.jan").out).toBe("1 passed, 0 failed\n");
  });
});
