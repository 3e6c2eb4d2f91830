// The interactive session as people use it, without a terminal: the real command, with its input from a pipe, on one
// worker and on two.

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { FIRST_STD_UNIT } from "../interp/sema/sources.ts";
import { ROOT } from "./runner/checkout.ts";

const LAUNCHER = join(ROOT, "cli/bin/janus");
const TIME_LIMIT_MS = 60_000;

function repl(input: string | Uint8Array, workers = 1) {
  const outcome = Bun.spawnSync([LAUNCHER, "repl", "--workers", String(workers)], {
    stdin: Buffer.from(input as string),
    env: { ...process.env, NO_COLOR: "1" },
    timeout: TIME_LIMIT_MS,
    killSignal: "SIGKILL",
  });
  return { status: outcome.exitCode, out: outcome.stdout.toString(), err: outcome.stderr.toString() };
}

const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join("");

for (const workers of [1, 2]) {
  describe(`a session on ${workers === 1 ? "one worker" : "two workers"}`, () => {
    test("variables, functions over several lines, results", () => {
      const twice = ["func twice(x: i64) -> i64 do", "    return x * 2", "end"];
      const input = lines("var a = 20", ...twice, "a += 1", "twice(a)");
      expect(repl(input, workers)).toEqual({ status: 0, out: "42\n", err: "" });
    }, TIME_LIMIT_MS);

    test("what is typed is the session's, and its programs' input is at its end", () => {
      const input = lines("use std.io", "read_line()", "let t = spawn func() -> ?string do return read_line() end",
        "await t", "1 + 1");
      expect(repl(input, workers)).toEqual({ status: 0, out: "null\nnull\n2\n", err: "" });
    }, TIME_LIMIT_MS);

    test("a task spawned by one entry talks with later ones", () => {
      const input = lines(
        "let work = channel[i64](0)", "let sum = spawn func() -> i64 do", "    var all = 0",
        "    for n in work do all += n end", "    return all", "end", "for n in 1..=4 do work.send(n) end",
        "work.close()", "await sum",
      );
      expect(repl(input, workers)).toEqual({ status: 0, out: "10\n", err: "" });
    }, TIME_LIMIT_MS);

    test("functions that use the session's variables, and each other", () => {
      const input = lines(
        "let c = 4", "func g() -> i64 do", "    return c", "end",
        "var n = 1", "func count() do n += g() end", "count()",
        "func fact(n: i64) -> i64 do return if n < 2 do c else n * fact(n - 1) end end", "fact(3) + n",
        "let t = spawn g()", "await t",
      );
      expect(repl(input, workers)).toEqual({ status: 0, out: "29\n4\n", err: "" });
    }, TIME_LIMIT_MS);

    test("a variable within a function of an entry is kept by the closures in it", () => {
      const input = lines("let sum = func(xs: []i64) -> i64 do", "    var n = 0", "    xs.each { |x| n += x }",
        "    return n", "end", "sum([1, 2])");
      expect(repl(input, workers)).toEqual({ status: 0, out: "3\n", err: "" });
    }, TIME_LIMIT_MS);

    test("tasks computing side by side", () => {
      const input = lines(
        "func fib(n: i64) -> i64 do", "    if n < 2 do return n end", "    return fib(n - 1) + fib(n - 2)", "end",
        "let tasks = [21, 22, 23, 24].map { |n| spawn fib(n) }", "tasks.map { |t| await t }",
      );
      expect(repl(input, workers)).toEqual({ status: 0, out: "[10946, 17711, 28657, 46368]\n", err: "" });
    }, TIME_LIMIT_MS);
  });
}

/** Told each time, and where. */
const told = (err: string): string[] =>
  err.match(/^( *(error|PANIC)|cancelled|and \d).*|  at <entry.*| in the task.*/gm) ?? [];

const FAILING = [
  "error Trouble { Broken(i64) }", "func bad(n: i64) -> i64 ! Trouble do", "    shield do sleep(n) end",
  "    fail Broken(n)", "end",
];

for (const workers of [1, 2]) {
  describe(`a task that fails in a session, ${workers} workers`, () => {
    test("while another entry is evaluated: that one is cancelled, the failure is told, the session goes on", () => {
      const input = lines(...FAILING, 'let t = spawn {. name: "left" .} bad(20)', "sleep(60000)", "1 + 1");
      const { status, out, err } = repl(input, workers);
      expect(told(err)).toEqual(["cancelled", "error: Broken(20)", " in the task `left`"]);
      expect(err).toContain("spawned by <entry 3>:1:9");
      expect([status, out]).toEqual([1, "2\n"]);
    }, TIME_LIMIT_MS);

    test("awaited by an entry: told once, and again only to who awaits it again", () => {
      const input = lines(...FAILING, "let t = spawn bad(50)", "await t", '"next"', "await t catch |e| failures(e).len",
        "await t");
      const { status, out, err } = repl(input, workers);
      expect(told(err)).toEqual(["error: Broken(50)", "  at <entry 4>:1:1", "error: Broken(50)", "  at <entry 7>:1:1"]);
      expect([status, out]).toEqual([1, '"next"\n1\n']);
    }, TIME_LIMIT_MS);

    test("of tasks of several entries each failure is told, also of one that cancels the others", () => {
      const input = lines(...FAILING, "let t = spawn bad(30)", "let u = spawn bad(90)", "let v = spawn func() do",
        '    defer println("cancelled, and unwound")', "    sleep(60000)", "end", "await u", '"next"');
      const { status, out, err } = repl(input, workers);
      expect(told(err)).toEqual(["cancelled", "error: Broken(30)", "and 1 more child failed:"]);
      expect(err).toContain("\n  Broken(90)\n");
      expect([status, out]).toEqual([1, 'cancelled, and unwound\n"next"\n']);
    }, TIME_LIMIT_MS);

    test("inside an entry's own nursery: the entry handles it, and tasks of other entries go on", () => {
      const input = lines(...FAILING, "let v = spawn func() -> i64 do", "    sleep(100)", "    return 5", "end",
        "nursery do", "    spawn bad(1)", "    bad(2)?", "end", "nursery do", "    spawn bad(3)",
        "    sleep(0)", "end catch |e| println(failures(e).len)", "await v");
      const { status, out, err } = repl(input, workers);
      expect(told(err)).toEqual(["error: Broken(2)", "  at <entry 4>:3:5", "and 1 more child failed:"]);
      expect([status, out]).toEqual([1, "1\n5\n"]);
    }, TIME_LIMIT_MS);

    test("after the last entry: told, and the status is 1", () => {
      const input = lines(...FAILING, "let t = spawn bad(50)", 'let p = spawn func() do panic("no") end');
      const { status, err } = repl(input, workers);
      expect(told(err)).toEqual(["PANIC P004: no", "  at <entry 4>:1:25", "and 1 more child failed:"]);
      expect(status).toBe(1);
    }, TIME_LIMIT_MS);
  });
}

describe("what goes wrong", () => {
  test("a method that uses a variable of the session is refused", () => {
    const input = lines("let c = 4", "struct P { x: i64 }", "impl P { func m(self) -> i64 do return self.x + c end }");
    const { status, err } = repl(input);
    expect(err).toContain("error[J0201]: the method `m` uses `c`, a variable of the session");
    expect(status).toBe(1);
  }, TIME_LIMIT_MS);

  test("a task that fails in the background is told, and counts", () => {
    const input = lines('func bad() do panic("boom") end', "let t = spawn bad()", "sleep(50)", "1");
    const { status, out, err } = repl(input);
    expect(err).toContain("PANIC P004: boom\n  at bad (<entry 1>:1:15)");
    expect(out).toBe("1\n");
    expect(status).toBe(1);
  }, TIME_LIMIT_MS);

  test("input that is not UTF-8", () => {
    const { status, out, err } = repl(new Uint8Array([0x22, 0xff, 0x22, 0x0a]));
    expect(err).toContain("not UTF-8");
    expect(out).toBe("");
    expect(status).toBe(1);
  }, TIME_LIMIT_MS);

  test("an entry that the input's end cuts off says what it lacks", () => {
    const { status, err } = repl("func f() do");
    expect(err).toContain("J0108");
    expect(status).toBe(1);
  }, TIME_LIMIT_MS);
});

for (const workers of [1, 2]) {
  test(`an entry that waits for ever is a deadlock, and the session goes on; ${workers} workers`, () => {
    const input = lines(
      "let c = channel[i64](0)", "let t = spawn func() do println(c.recv()) end", "c.recv()",
      "nursery do spawn func() do c.recv() end end", "nursery do nursery do c.recv() end end", "c.send(5)", "await t",
      "let d = channel[i64](0)", "nursery(deadline: 20) do d.recv() end catch -1", '"the last"',
    );
    const { status, out, err } = repl(input, workers);
    expect(out).toBe('5\n-1\n"the last"\n');
    expect(err.match(/PANIC P010: deadlock/g)?.length).toBe(3);
    expect(err).toContain("main; waits to receive from `c` at <entry 3>:1:1");
    expect(status).toBe(1);
  }, TIME_LIMIT_MS);
}

test("failure mode 34: what a slow reader takes late is not cut off", () => {
  const input = lines("let big = (0..100000).map { |i| i }", "big", '"end"');
  const slow = Bun.spawnSync(["sh", "-c", '"$0" repl --workers 1 | (sleep 1; cat)', LAUNCHER], {
    stdin: Buffer.from(input), timeout: TIME_LIMIT_MS, killSignal: "SIGKILL",
  });
  const all = `[${Array.from({ length: 100000 }, (_, i) => i).join(", ")}]\n"end"\n`;
  expect(slow.stdout.toString() === all).toBe(true);
}, TIME_LIMIT_MS);

describe("the end of the input", () => {
  test("waits for tasks, as every nursery does", () => {
    const input = lines("let t = spawn func() do", "    sleep(100)", '    println("late")', "end");
    expect(repl(input)).toEqual({ status: 0, out: "late\n", err: "" });
  }, TIME_LIMIT_MS);

  test("finds tasks that nobody can wake any more", () => {
    const { status, err } = repl(lines("let c = channel[i64](0)", "let t = spawn func() do c.recv() end"));
    expect(err).toContain("PANIC P010: deadlock");
    expect(status).toBe(1);
  }, TIME_LIMIT_MS);

  test(":quit leaves the rest unread; nothing at all is no failure", () => {
    expect(repl(lines("1", ":quit", "2"))).toEqual({ status: 0, out: "1\n", err: "" });
    expect(repl("")).toEqual({ status: 0, out: "", err: "" });
  }, TIME_LIMIT_MS);
});

test("a session takes as many entries as places can name, and says when it is full", () => {
  const count = FIRST_STD_UNIT - 1;
  const definitions = Array.from({ length: count }, (_, i) => `let x${i} = ${i}`);
  expect(repl(lines(...definitions, `x${count - 1}`))).toEqual({ status: 0, out: `${count - 1}\n`, err: "" });
  const { status, err } = repl(lines(...definitions, `x${count - 1}`, "1"));
  expect([status, err]).toEqual([1, "this session has too many entries: start a new one\n"]);
}, TIME_LIMIT_MS);

test("os.exit ends the session at once, from an entry and from a task, with its status and what was printed", () => {
  for (const workers of [1, 2]) {
    const entry = repl("use std.os\nspawn func() do sleep(60000) end\nprintln(1)\nos.exit(4)\nprintln(2)\n", workers);
    expect(entry).toEqual({ status: 4, out: "Task[void]\n1\n", err: "" });
    const task = repl("use std.os\nspawn func() do sleep(20); os.exit(5) end\nsleep(60000)\nprintln(2)\n", workers);
    expect(task).toEqual({ status: 5, out: "Task[void]\n", err: "" });
  }
});
