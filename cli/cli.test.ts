// The command as people run it: its help, its refusals, its statuses. Runs the launcher in a process of its own.

import { describe, expect, test } from "bun:test";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { wrap } from "./commands/explain.ts";

const ROOT = dirname(import.meta.dir);
const LAUNCHER = join(ROOT, "cli/bin/janus");

function janus(args: string[], options: { stdin?: string; cwd?: string; command?: string } = {}) {
  const outcome = Bun.spawnSync([options.command ?? LAUNCHER, ...args], {
    stdin: Buffer.from(options.stdin ?? ""),
    env: { ...process.env, NO_COLOR: "1" },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  return { status: outcome.exitCode, out: outcome.stdout.toString(), err: outcome.stderr.toString() };
}

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "janus-cli-"));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe("help", () => {
  test("of all, by every name", () => {
    const { out, status } = janus([]);
    expect(status).toBe(0);
    for (const name of ["run", "check", "repl", "bench", "explain"]) expect(out).toContain(name);
    expect(janus(["--help"]).out).toBe(out);
    expect(janus(["help"]).out).toBe(out);
  });
  test("of one command", () => {
    const { out, status } = janus(["run", "--help"]);
    expect(status).toBe(0);
    for (const word of ["FILE", "--workers", "--stats"]) expect(out).toContain(word);
    expect(janus(["help", "run"]).out).toBe(out);
  });
  test("the version", () => expect(janus(["--version"]).out).toMatch(/^janus \d+\.\d+\.\d+\n$/));
});

describe("wrong usage: status 2, and what to do", () => {
  const refusals: [string[], string, string][] = [
    [["rnu"], "no command 'rnu'", "janus --help"],
    [["run", "--steps", "10", "a.jan"], "--steps needs --seed", "janus run --help"],
    [["run", "--profile", "cor", "a.jan"], "no profile 'cor'", "core, service, cluster, sovereign"],
    [["chek", "a.jan"], "no command 'chek'", "janus check"],
    [["hello.jan"], "no command 'hello.jan'", "janus run hello.jan"],
    [["run"], "FILE is missing", "janus run --help"],
    [["run", "--wrokers", "2", "a.jan"], "no option --wrokers", "--workers"],
    [["run", "--workers", "0", "a.jan"], "1 to 256", "--help"],
    [["run", "--workers", "257", "a.jan"], "1 to 256", "--help"],
    [["run", "--workers", "two", "a.jan"], "whole number", "--help"],
    [["check", "a.jan", "b.jan"], "too many: b.jan", "--help"],
    [["run", "no/such.jan"], "no/such.jan", ""],
    [["check", "no/such.jan"], "no/such.jan", ""],
  ];
  for (const [args, message, hint] of refusals) {
    test(`janus ${args.join(" ")}`, () => {
      const { status, err, out } = janus(args);
      expect(err).toContain(message);
      expect(err).toContain(hint);
      expect(out).toBe("");
      expect(status).toBe(2);
    });
  }
});

describe("running", () => {
  test("arguments after FILE are the program's, options before it or before the command ours", () => {
    inFolder((folder) => {
      const file = join(folder, "args.jan");
      writeFileSync(file, "use std.os\nfunc main() do\n    println(os.args())\nend\n");
      expect(janus(["run", file, "--workers", "x", "-h"]).out).toBe('["--workers", "x", "-h"]\n');
      expect(janus(["--workers", "1", "run", file, "a"]).out).toBe('["a"]\n');
    });
  });
  test("the folder one stands in changes nothing", () => {
    inFolder((folder) => {
      writeFileSync(join(folder, "a.jan"), "func main() do\n    println(\"hello\")\nend\n");
      writeFileSync(join(folder, "bunfig.toml"), 'preload = ["./missing.ts"]\n');
      writeFileSync(join(folder, ".env"), "NODE_OPTIONS=--broken\n");
      expect(janus(["run", "a.jan"], { cwd: folder })).toEqual({ status: 0, out: "hello\n", err: "" });
    });
  });
  test("through a link to a link", () => {
    inFolder((folder) => {
      symlinkSync(LAUNCHER, join(folder, "one"));
      symlinkSync("one", join(folder, "two"));
      expect(janus(["--version"], { command: join(folder, "two") }).status).toBe(0);
    });
  });
});

describe("output that cannot be written", () => {
  const shell = (script: string, file: string) => {
    const command = ["bash", "-c", script, "bash", LAUNCHER, file];
    const { exitCode, stdout, stderr } = Bun.spawnSync(command, { timeout: 60_000, killSignal: "SIGKILL" });
    return { status: exitCode, out: stdout.toString(), err: stderr.toString() };
  };
  const endless = "func main() do\n    while true do println(1) end\nend\n";

  test("a reader who leaves ends the program, without a word", () => {
    inFolder((folder) => {
      const file = join(folder, "endless.jan");
      writeFileSync(file, endless);
      const { status, out, err } = shell('"$1" run "$2" | head -n 1; exit "${PIPESTATUS[0]}"', file);
      expect({ status, out, err }).toEqual({ status: 141, out: "1\n", err: "" });
    });
  }, 60_000);

  test("a path that leads through a file does not exist", () => inFolder((folder) => {
    writeFileSync(join(folder, "a.jan"), "func main() do end\n");
    for (const command of ["run", "check", "test", "fmt"]) {
      const { status, err } = janus([command, join(folder, "a.jan", "b.jan")]);
      expect({ status, err }).toEqual({ status: 2, err: `janus: ${join(folder, "a.jan", "b.jan")} does not exist\n` });
    }
  }));
  test("a schedule that cannot be written is said, and is a failure", () => inFolder((folder) => {
    writeFileSync(join(folder, "a.jan"), "func main() do println(1) end\ntest \"one\" do end\n");
    const file = join(folder, "a.jan");
    const why = `janus: the schedule cannot be written to ${folder}: it is a folder`;
    const run = janus(["run", "--seed", "1", "--schedule", folder, file]);
    expect(run).toEqual({ status: 1, out: "1\n", err: `${why}\nseed 1\n` });
    const tested = janus(["test", "--seed", "1", "--schedule", folder, file]);
    expect({ status: tested.status, err: tested.err }).toEqual({ status: 2, err: `${why}\n` });
  }));
  test("a full disk is said, and is a failure", () => {
    inFolder((folder) => {
      const file = join(folder, "one.jan");
      writeFileSync(file, "func main() do\n    println(1)\nend\n");
      const faulty = join(folder, "faulty.jan");
      writeFileSync(faulty, "func main() do\n    println(x)\nend\n");
      const commands = ['run "$2"', "--help", "help check", "--version", "explain P010", `check --json ${faulty}`];
      for (const command of commands) {
        const { status, err } = shell(`"$1" ${command} > /dev/full`, file);
        expect(err, command).toContain("standard output cannot be written");
        expect(status, command).toBe(1);
      }
    });
  }, 60_000);
});

test("an executable that is older than its sources becomes Bun on the sources", () => {
  // The same executable in another checkout counts as such, and this one is nothing but links.
  const dist = join(ROOT, "dist");
  const other = mkdtempSync(join(dist, "other-"));
  try {
    for (const name of ["cli", "interp", "node_modules", "package.json", "std", "tools"]) {
      symlinkSync(join(ROOT, name), join(other, name));
    }
    mkdirSync(join(other, "dist"));
    linkSync(join(dist, "janus"), join(other, "dist/janus"));
    const { status, out, err } = janus(["help", "run"], { command: join(other, "dist/janus") });
    expect(err).toBe("");
    expect(out).toContain("--workers");
    expect(status).toBe(0);
  } finally {
    rmSync(other, { recursive: true });
  }
}, 60_000);

describe("repl with a pipe", () => {
  test("results and no prompts", () => {
    const stdin = "let x = 20\nfunc f(a: i64) -> i64 do\n  a + 1\nend\nf(x)\n";
    const { status, out, err } = janus(["repl"], { stdin });
    expect(err).toBe("");
    expect(out).toBe("21\n");
    expect(status).toBe(0);
  });
  test("a failed entry does not end it, but counts", () => {
    const { status, out, err } = janus(["repl"], { stdin: "no_such_name\n1 + 1\n" });
    expect(err).toContain("no_such_name");
    expect(out).toBe("2\n");
    expect(status).toBe(1);
  });
});

describe("explain", () => {
  test("a code, in any case", () => {
    const { out, status } = janus(["explain", "p010"]);
    expect(out).toStartWith("P010");
    expect(status).toBe(0);
  });
  test("what is no code", () => expect(janus(["explain", "J9999"]).status).toBe(1));
  test("lines break between words", () => {
    expect(wrap("aa bb cc dd", 5)).toBe("aa bb\ncc dd");
    expect(wrap("toolongword x", 5)).toBe("toolongword\nx");
    expect(wrap("", 5)).toBe("");
  });
});

describe("what is no program file", () => {
  test("a pipe, a device, a folder and a file of a gigabyte are refused at once", () => inFolder((folder) => {
    const pipe = join(folder, "pipe.jan");
    expect(Bun.spawnSync(["mkfifo", pipe]).exitCode).toBe(0);
    const large = join(folder, "large.jan");
    writeFileSync(large, "");
    truncateSync(large, 2 ** 30);
    const refusals = [
      [pipe, "is not a file"], ["/dev/zero", "is not a file"], [folder, "is a folder"], [large, "is too large"],
    ] as const;
    for (const command of ["check", "run"]) {
      for (const [path, why] of refusals) {
        const { status, out, err } = janus([command, path]);
        expect([status, out]).toEqual([2, ""]);
        expect(err).toContain(`${path} ${why}`);
      }
    }
  }), 30_000);
});

test("--steps bounds a fiber that is alone, too: one that computes for ever, one that only gives way", () => {
  inFolder((folder) => {
    const file = join(folder, "busy.jan");
    for (const body of ["loop do end", "loop do yield end", "nursery do spawn func() do loop do end end end",
      "var n = 0\n    while n >= 0 do n = (n + 1) % 7 end"]) {
      writeFileSync(file, `func main() do\n    ${body}\nend\n`);
      const ended = janus(["run", "--seed", "3", "--steps", "2000", file]);
      expect([body, ended.status]).toEqual([body, 101]);
      expect(ended.err).toContain("the run does not end");
      // the tree shows the loop that the fiber is in
      expect([body, ended.err]).toEqual([body, expect.stringMatching(/; ready.*\n +at .*busy\.jan:[23]:\d+/)]);
    }
  });
}, 60_000);

test("--steps: a seeded run that takes more steps does not end, and the message names the option", () => {
  inFolder((folder) => {
    const file = join(folder, "long.jan");
    writeFileSync(file, "func main() do\n    for _ in 0..2000 do sleep(1) end\n    println(1)\nend\n");
    const short = janus(["run", "--seed", "3", "--steps", "100", file]);
    expect({ status: short.status, out: short.out }).toEqual({ status: 101, out: "" });
    expect(short.err).toContain("`--steps N` allows more");
    expect(janus(["run", "--seed", "3", "--steps", "100000", file]).out).toBe("1\n");
  });
});
