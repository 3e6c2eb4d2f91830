// What options write and read: never over a program, never from what has no end; and all of it JSON where asked.

import { afterAll, describe, expect, test } from "bun:test";
import { linkSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const LAUNCHER = join(import.meta.dir, "bin/janus");
const HELLO = 'func main() do println("hi") end\n';
const folder = mkdtempSync(join(tmpdir(), "janus-outputs-"));

afterAll(() => rmSync(folder, { recursive: true }));

function janus(...args: string[]) {
  const { exitCode, stdout, stderr } = Bun.spawnSync([LAUNCHER, ...args], {
    cwd: folder, env: { ...process.env, NO_COLOR: "1" }, timeout: 20_000, killSignal: "SIGKILL",
  });
  return { status: exitCode, out: stdout.toString(), err: stderr.toString() };
}

function file(name: string, text = HELLO): string {
  writeFileSync(join(folder, name), text);
  return name;
}

describe("a program is not overwritten", () => {
  const program = file("a.jan");
  const other = file("b.jan");
  const unusual = file("program.txt");
  linkSync(join(folder, unusual), join(folder, "hard.txt"));
  symlinkSync("b.jan", join(folder, "soft.txt"));
  const module = file("uses.jan", 'use a\nfunc main() do println("x") end\n');
  for (const [path, run] of [
    [program, program], ["./a.jan", program], [other, program], [unusual, unusual], ["hard.txt", unusual],
    ["soft.txt", program], [program, module], ["new.jan", program],
  ] as const) {
    for (const options of [["--trace", path], ["--trace-on-failure", path], ["--seed", "1", "--schedule", path]]) {
      test(`${options.join(" ")} ${run}`, () => {
        const { status, out, err } = janus("run", ...options, run);
        expect({ status, out }).toEqual({ status: 2, out: "" });
        expect(err).toContain(`would overwrite ${path}`);
        for (const each of [program, other, unusual]) expect(readFileSync(join(folder, each), "utf8")).toBe(HELLO);
      });
    }
  }
  test("by a test's schedule, and by figures", () => {
    const tests = file("t.jan", 'test "a" do assert true end\n');
    expect(janus("test", "--seed", "1", "--schedule", tests, tests).status).toBe(2);
    expect(janus("bench", "--json", program).status).toBe(2);
    expect(readFileSync(join(folder, program), "utf8")).toBe(HELLO);
  });
  test("what cannot be written is told in words", () => {
    for (const args of [["run", "--trace", "no/x", program], ["bench", "--json", "no/x"]]) {
      const { status, err } = janus(...args);
      expect(status).toBe(2);
      expect(err).toContain("cannot be written to no/x: there is no such folder");
    }
  });
});

describe("what has no end is no schedule", () => {
  test("a pipe and a device", () => {
    Bun.spawnSync(["mkfifo", join(folder, "pipe")]);
    for (const path of ["pipe", "/dev/zero"]) {
      const { status, err } = janus("run", "--replay", path, file("a.jan"));
      expect(status).toBe(2);
      expect(err).toContain(`${path} is no schedule`);
    }
  });
});

describe("with --json all is JSON", () => {
  const objects = (text: string) => text.trim().split("\n").map((line) => JSON.parse(line));
  test("what cannot be run", () => {
    expect(objects(janus("run", "--json", "nofile").err)).toEqual(
      [{ kind: "refused", code: null, message: "nofile does not exist", exit: 2 }]);
    const [refused] = objects(janus("run", "--json", file("c.jan", "func f() do end\n")).err);
    expect(refused).toMatchObject({ kind: "refused", exit: 1 });
  });
  test("a seed beside a panic, and a fault, which says what ended the run", () => {
    const panics = file("d.jan", "func main() do assert 1 == 2 end\n");
    expect(objects(janus("run", "--seed", "1", "--json", panics).err).map((o) => o.kind)).toEqual(["panic", "note"]);
    const sleeps = file("e.jan", "func main() do sleep(1); sleep(1000) end\n");
    const { status, err } = janus("run", "--json", "--seed", "4", "--fault", "cancel@1", sleeps);
    expect(status).toBe(130);
    expect(objects(err)[0]).toMatchObject({ kind: "cancelled", exit: 130 });
  });
  test("the findings of tests", () => {
    const { status, err } = janus("test", "--json", file("f.jan", 'test "a" do let x: i64 = "" end\n'));
    expect(status).toBe(1);
    expect(objects(err)[0]).toMatchObject({ code: "J0202", severity: "error", file: "f.jan" });
  });
});

describe("the command line", () => {
  test("a number beyond its range is told with the bound", () => {
    const { status, err } = janus("run", "--seed", "18446744073709551616", "a.jan");
    expect(status).toBe(2);
    expect(err).toContain("--seed is at most 999999999999999");
  });
  test("the help of what takes paths says so", () => {
    for (const name of ["test", "fmt"]) expect(janus("help", name).out).toContain("[PATH...]");
  });
});
