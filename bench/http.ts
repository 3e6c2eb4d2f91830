// Requests a second of std.http beside Node's http: the same answer, the same load, in turn within each round.
//
//     sh tools/with-bun bench/http.ts [--connections 50] [--seconds 2] [--rounds 5] [--workers 1]
//
// The load is this process: so many kept connections, each sends its next request when the answer has come whole. It
// takes a core of its own, so servers that could use more than the rest are measured with what is left.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    connections: { type: "string", default: "50" },
    seconds: { type: "string", default: "2" },
    rounds: { type: "string", default: "5" },
    workers: { type: "string", default: "1" },
  },
});
const ROOT = join(import.meta.dir, "..");
const JANUS = join(ROOT, "cli/bin/janus");
const connections = Number(values.connections);
const seconds = Number(values.seconds);

interface Server {
  name: string;
  port: number;
  rates: number[];
  stop(): void;
}

/** Starts a server, which prints its address first. */
function start(name: string, command: string[]): Promise<Server> {
  const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (status) => reject(new Error(`${name} has ended with ${status}`)));
    child.stdout.once("data", (line: Buffer) => {
      const port = Number(line.toString().trim().split(":")[1]);
      resolve({ name, port, rates: [], stop: () => child.kill("SIGKILL") });
    });
  });
}

const REQUEST = "GET /ann HTTP/1.1\r\nHost: localhost\r\n\r\n";
const BODY = "hello, /ann";

/** Answers a second; every one is looked at. */
async function load(port: number): Promise<number> {
  let answers = 0;
  let wrong = 0;
  const startMs = performance.now();
  const endMs = startMs + seconds * 1000;
  await Promise.all(Array.from({ length: connections }, () => new Promise<void>((resolve, reject) => {
    let text = "";
    void Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: (socket) => void socket.write(REQUEST),
        data(socket, piece) {
          text += piece.toString("latin1");
          if (!text.includes("\r\n\r\n") || !text.endsWith(BODY)) return;
          answers++;
          if (!text.startsWith("HTTP/1.1 200 OK\r\n")) wrong++;
          text = "";
          if (performance.now() < endMs) socket.write(REQUEST);
          else socket.end();
        },
        close: () => resolve(),
        error: (_, error) => reject(error),
        connectError: (_, error) => reject(error),
      },
    });
  })));
  if (wrong > 0) throw new Error(`${wrong} of ${answers} answers were not what they must be`);
  return answers / ((performance.now() - startMs) / 1000);
}

const servers = [
  await start("janus", [JANUS, "run", "--workers", values.workers, join(ROOT, "bench/http/server.jan")]),
  await start("node", ["node", join(ROOT, "bench/http/server.mjs")]),
];
for (const { port } of servers) await load(port);   // a warm-up
for (let round = 0; round < Number(values.rounds); round++) {
  for (const server of servers) server.rates.push(await load(server.port));
}
for (const { name, rates, stop } of servers) {
  stop();
  const sorted = rates.toSorted((a, b) => a - b).map(Math.round);
  console.log(`${name}\t${sorted[sorted.length >> 1]} requests/s (${sorted[0]} to ${sorted.at(-1)})`);
}
process.exit(0);
