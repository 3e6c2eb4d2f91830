// A call of std that has to wait parks its fiber, never the worker: on one worker, while one fiber reads what nobody
// has written yet, another one goes on; only when it has ticked is anything written.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JANUS, PLAIN_ENV } from "./runner/checkout.ts";

const TIMEOUT_MS = 60_000;
const TICKS = 20;

/** A program that waits for the value of `read` beside a fiber that prints `tick` some times. */
const program = (read: string): string => `use std.io
use std.fs

func tick() do
    for i in 0..${TICKS} do
        sleep(1)
        print("tick ")
        flush()
    end
end

func wait() -> void do
    let text = ${read}
    println("read ", text)
end

func main() do
    nursery do
        spawn wait()
        spawn tick()
    end
end
`;

let folder = "";
let pipe = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "janus-parking-"));
  pipe = join(folder, "pipe");
  if (spawnSync("mkfifo", [pipe]).status !== 0) throw new Error("mkfifo failed");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the program; when it has ticked to the end, `feed` gives the reader what it waits for. Gives the output. */
function feedAfterTicks(name: string, source: string, feed: (stdin: NodeJS.WritableStream) => void): Promise<string> {
  const file = join(folder, `${name}.jan`);
  writeFileSync(file, source);
  return new Promise((resolve, reject) => {
    const child = spawn(JANUS, ["run", "--workers", "1", file], { env: { ...process.env, ...PLAIN_ENV } });
    let output = "";
    let fed = false;
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      if (fed || output.split("tick").length <= TICKS) return;
      fed = true;
      feed(child.stdin);
    });
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.on("error", reject);
    const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
    child.on("close", () => {
      clearTimeout(timer);
      resolve(output);
    });
  });
}

const EXPECTED = `${"tick ".repeat(TICKS)}read `;

describe("on one worker, others run while a fiber waits", () => {
  const inputs: [name: string, read: string, fed: string, seen: string][] = [
    ["read_line", 'read_line() ?? "nothing"', "one\r\ntwo\n", "one"],
    ["read_all", "read_all().lines()", "one\r\ntwo", '["one", "two"]'],
    ["ask", 'ask("") ?? "nothing"', "", "nothing"],
    ["input_lines", "input_lines().next()", "last", "last"],
  ];
  for (const [name, read, fed, seen] of inputs) {
    test(`for ${name}`, async () => {
      const source = program(read).replace("input_lines().next()", "next_line()");
      const helper = "\nfunc next_line() -> ?string do\n    var lines = input_lines()\n    return lines.next()\nend\n";
      const output = await feedAfterTicks(name, source + helper, (stdin) => stdin.end(fed));
      expect(output).toBe(`${EXPECTED}${seen}\n`);
    }, TIMEOUT_MS);
  }

  test("a fiber waits for the same input again and again", async () => {
    const file = join(folder, "again.jan");
    writeFileSync(file, `use std.io

func main() do
    println("ready")
    flush()
    while let line = read_line() do
        println("got ", line)
        flush()
    end
    println("end")
end
`);
    const child = spawn(JANUS, ["run", "--workers", "1", file], { env: { ...process.env, ...PLAIN_ENV } });
    const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
    const lines = ["one", "two", "three"];
    let output = "";
    for await (const chunk of child.stdout) {
      output += (chunk as Buffer).toString();
      if (!output.endsWith("\n")) continue;
      const next = lines.shift();
      // a line only when the one before was answered, so each read waits
      if (next !== undefined) child.stdin.write(`${next}\n`);
      else child.stdin.end();
    }
    clearTimeout(timer);
    expect(output).toBe("ready\ngot one\ngot two\ngot three\nend\n");
  }, TIMEOUT_MS);

  test("input that the system refuses is a panic, not an end of the input", () => {
    const file = join(folder, "refused.jan");
    writeFileSync(file, "use std.io\n\nfunc main() do println(read_line()) end\n");
    const input = openSync(folder, constants.O_RDONLY);
    const env = { ...process.env, ...PLAIN_ENV };
    const { status, stderr } = spawnSync(JANUS, ["run", file], { env, stdio: [input, "pipe", "pipe"] });
    closeSync(input);
    expect(stderr.toString()).toContain("PANIC P004: the input cannot be read: IsADirectory");
    expect(status).toBe(101);
  }, TIMEOUT_MS);

  test("for read_file on a pipe", async () => {
    // both ends open, so that the reader finds a writer who has not written yet
    const held = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    let open = true;
    try {
      const read = program(`read_file(${JSON.stringify(pipe)}) catch |err| do str(err) end`);
      const output = await feedAfterTicks("read_file", read, () => {
        writeSync(held, "from the pipe");
        closeSync(held);
        open = false;
      });
      expect(output).toBe(`${EXPECTED}from the pipe\n`);
    } finally {
      if (open) closeSync(held);
    }
  }, TIMEOUT_MS);

  test("for write_file to a pipe that is full", async () => {
    const held = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    let drain: ReturnType<typeof setInterval> | undefined;
    try {
      const written = program(`write_file(${JSON.stringify(pipe)}, "x".repeat(200000)).is_ok()`);
      const output = await feedAfterTicks("write_file", written, () => {
        drain = setInterval(() => emptied(held), 1);
      });
      expect(output).toBe(`${EXPECTED}true\n`);
    } finally {
      clearInterval(drain);
      closeSync(held);
    }
  }, TIMEOUT_MS);
});

/** Reads what is in a pipe now. */
function emptied(fd: number): void {
  try {
    readSync(fd, Buffer.alloc(65536));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
  }
}
