// A fiber that another one wakes does not wait for what that one does next: a call of the library that takes long,
// while a worker has nothing to do. What is compared is the order of events: who was woken says so before the call is
// over.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JANUS, PLAIN_ENV } from "./runner/checkout.ts";

const TIMEOUT_MS = 60_000;

/**
 * Three fibers wait, and one wakes them and makes a long call. before: what happens between; call: the long one.
 */
const program = (before: string, call: string): string => `
func spin(n: i64) -> i64 do
    var x = 0
    for i in 0..n do x = (x * 31 + i) % 1000003 end
    return x
end
func words(n: i64) -> []string do
    var out: []string = []
    var x = 12345
    for i in 0..n do
        x = (x * 1103515245 + 12345) % 2147483648
        out.push(str(x))
    end
    return out
end
func main() do
    let log: Channel[string] = channel(10)
    nursery do
        for i in 0..8 do spawn spin(2000000) end        // until all workers are up
    end
    nursery do
        // not the main fiber, which stays on the first worker
        spawn do
            let go: Channel[i64] = channel(0)
            let text = "abcdefgh".repeat(1000000)
            let list = words(100000)
            nursery do
                for k in 0..3 do
                    spawn do
                        go.recv()
                        log.send("woken")
                    end
                end
                spawn do
                    yield
                    ${before}
                    for k in 0..3 do go.send(k) end
                    let n = ${call}
                    log.send($"called {n}")
                end
            end
        end
    end
    for i in 0..4 do println(log.recv() ?? "") end
end
`;

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "janus-beside-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(source: string, workers: number): string {
  const file = join(folder, "program.jan");
  writeFileSync(file, source);
  const { stdout, stderr } = spawnSync(JANUS, ["run", "--workers", String(workers), file], {
    env: { ...process.env, ...PLAIN_ENV }, encoding: "utf8", timeout: TIMEOUT_MS,
  });
  return stdout + stderr;
}

const woken = "woken\nwoken\nwoken\ncalled ";

for (const workers of [2, 4]) {
  test(`${workers} workers: what lies in the VM of the one that calls is offered to another`, () => {
    expect(run(program("", "text.chars().len + text.reverse().len"), workers)).toBe(`${woken}16000000\n`);
  }, TIMEOUT_MS);

  test(`${workers} workers: what was packed is taken, though nobody announces the call`, () => {
    // equality is no function of std: nothing is said before it. The pause lets workers fall asleep.
    const before = `let big = (0..1000000).to_array()
                    let same = big.copy()
                    let rows = (0..20).to_array().map { |_| big }
                    let others = (0..20).to_array().map { |_| same }
                    sleep(100)`;
    expect(run(program(before, "if rows == others do 1 else 0 end"), workers)).toBe(`${woken}1\n`);
  }, TIMEOUT_MS);
}

for (const workers of [1, 2]) {
  test(`${workers} workers: a long sort gives way in between`, () => {
    expect(run(program("", "list.copy().sort().len"), workers)).toBe(`${woken}100000\n`);
  }, TIMEOUT_MS);
}
