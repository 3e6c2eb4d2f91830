// SIGINT at any moment of a program that opens, waits, hands over and fails without end: every cleanup runs, nothing is
// left behind in the core, and the status is the signal's.
import { spawn } from "node:child_process";
import { JANUS, PLAIN_ENV } from "../runner/checkout.ts";

/** Fibers in every kind of wait, and running; each is counted in and, by a defer, out. */
export const BUSY_PROGRAM = `use std.io
error Odd { Odd }
let opened = Atomic.new(0)
let closed = Atomic.new(0)

func guarded(kind: i64, ch: Channel[i64], m: Mutex[i64]) -> void ! Odd do
    opened.fetch_add(1)
    defer closed.fetch_add(1)
    match kind % 7 {
        0 => do
            for i in 0..20 do ch.send(i) end
        end
        1 => do
            for _ in 0..20 do ch.recv() end
        end
        2 => do
            for _ in 0..5 do
                select do
                    recv ch |v| do end
                    timeout 1 do end
                end
            end
        end
        3 => sleep(2),
        4 => do
            var x = 1
            for i in 0..20_000 do x = x *% 31 +% i end
        end
        5 => do
            for _ in 0..20 do m.update { |v| v + 1 } end
        end
        _ => fail Odd,
    }
end

func round(number: i64) -> void ! error do
    let ch = channel[i64](number % 3)
    let m = Mutex.new(0)
    nursery(deadline: 20) do
        for kind in 0..6 + number % 2 do spawn guarded(kind, ch, m) end
    end
end

func main() do
    defer println(opened.load() == closed.load(), " at the end")
    println("begin")
    flush()
    var number = 0
    while true do
        number += 1
        round(number) catch |e| do end
    end
end
`;

const TIMEOUT_MS = 20_000;

/** Runs the program, interrupts it so many milliseconds after it has begun; what was wrong, or null. */
export function interrupted(path: string, workers: number, delay_ms: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(JANUS, ["run", "--workers", String(workers), path], {
      stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...PLAIN_ENV, JANUS_CHECK_LEAKS: "1" },
    });
    let stdout = "";
    let stderr = "";
    let hasBegun = false;
    const limit = setTimeout(() => {
      stderr += "\n(it did not end)\n";
      child.kill("SIGKILL");
    }, TIMEOUT_MS);
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk;
      if (hasBegun || !stdout.includes("begin\n")) return;
      hasBegun = true;
      setTimeout(() => child.kill("SIGINT"), delay_ms);
    });
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk));
    child.on("error", reject);
    child.on("close", (status, signal) => {
      clearTimeout(limit);
      const isRight = status === 130 && stdout === "begin\ntrue at the end\n" && stderr === "";
      resolve(isRight ? null
        : `after ${delay_ms} ms on ${workers} workers: status ${signal ?? status}\n${stdout}${stderr.slice(0, 2_000)}`);
    });
  });
}
