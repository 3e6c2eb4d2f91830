// Servers that mean no good: they send without an end, as slowly as they can, lie about lengths, send the client round
// in circles, do not read. The client ends each with an error within its limits, and does not grow.
import { expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { JANUS, PLAIN_ENV } from "../runner/checkout.ts";
import { run } from "../runner/process.ts";

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const moved = (to: string): string => `HTTP/1.1 302 Found\r\nLocation: ${to}\r\nContent-Length: 0\r\n\r\n`;

interface Hostile {
  first: string;
  /** What is sent again and again, each so many milliseconds, or as fast as it is taken. */
  then?: string;
  each?: number;
  ends?: boolean;
  result: string;
}

const SERVERS: Record<string, Hostile> = {
  "silent": { first: "", result: "TimedOut" },
  "fields-fast": { first: OK, then: "A: 1\r\n".repeat(1000), result: "HeadTooLarge" },
  "fields-slowly": { first: OK, then: "A: 1\r\n", each: 20, result: "TimedOut" },
  "a-byte-at-a-time": { first: OK, then: "A", each: 20, result: "TimedOut" },
  "a-long-line": { first: "HTTP/1.1 200 ", then: "O".repeat(10000), result: "TargetTooLong" },
  "interim-fast": { first: "", then: "HTTP/1.1 100 Continue\r\n\r\n".repeat(50),
    result: 'BadMessage("the server does not come to its answer")' },
  "interim-slowly": { first: "", then: "HTTP/1.1 100 Continue\r\n\r\n", each: 100,
    result: 'BadMessage("the server does not come to its answer")' },
  "chunks-of-one": { first: CHUNKED, then: "1\r\nx\r\n".repeat(10000), result: "BodyTooLarge" },
  "chunks-slowly": { first: CHUNKED, then: "1\r\nx\r\n", each: 20, result: "TimedOut" },
  "extensions": { first: `${CHUNKED}1`, then: ";a".repeat(10000), result: "HeadTooLarge" },
  "trailers": { first: `${CHUNKED}0\r\n`, then: "A: 1\r\n".repeat(1000), result: "HeadTooLarge" },
  "until-the-end": { first: `${OK}\r\n`, then: "x".repeat(65536), result: "BodyTooLarge" },
  "until-an-end-that-does-not-come": { first: `${OK}\r\nhello`, result: "TimedOut" },
  "a-body-slowly": { first: `${OK}Content-Length: 20000\r\n\r\n`, then: "x", each: 20, result: "TimedOut" },
  "too-short": { first: `${OK}Content-Length: 10\r\n\r\nabc`, ends: true,
    result: 'BadMessage("it ends within its body")' },
  "too-long": { first: `${OK}Content-Length: 3\r\n\r\nabcdef`, result: "200 3" },
  "huge": { first: `${OK}Content-Length: 99999999999\r\n\r\n`, then: "x".repeat(65536), result: "BodyTooLarge" },
  "nothing": { first: "", ends: true, result: 'BadMessage("the server ends without an answer")' },
  "round": { first: moved("/round"), result: "TooManyRedirects" },
  "round-beside": { first: moved("?again"), result: "TooManyRedirects" },
  "elsewhere": { first: moved("https://127.0.0.1/"), result: "TlsUnsupported" },
  "nowhere": { first: moved("http:///x"), result: 'BadUrl("http:///x: no host")' },
  "mail": { first: moved("mailto:a"), result: 'BadUrl("mailto:a: only http:// is known")' },
  "deaf": { first: "", result: "TimedOut" },
};

/** Sends what it sends until the client has gone. */
async function mislead(socket: Socket, { first, then, each = 0, ends = false }: Hostile): Promise<void> {
  socket.write(first);
  if (ends) return void socket.end();
  while (then !== undefined && !socket.destroyed) {
    if (!socket.write(then)) await new Promise((resolve) => socket.once("drain", resolve).once("close", resolve));
    await Bun.sleep(each);
  }
}

function serve(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", (request: Buffer) => {
        const name = /^[A-Z]+ \/([\w-]+)/.exec(request.toString("latin1"))![1]!;
        if (name === "deaf") socket.pause();
        void mislead(socket, SERVERS[name]!);
      });
    });
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

test.each(["1", "2"])("on %s workers the client ends, whatever it is sent", async (workers) => {
  const server = await serve();
  const { port } = server.address() as { port: number };
  const names = Object.keys(SERVERS);
  const ran = await run([JANUS, "run", "--memory", "400M", "--workers", workers, `${import.meta.dir}/hurried.jan`,
    `127.0.0.1:${port}`, ...names], { env: PLAIN_ENV, timeoutSeconds: 50 });
  server.close();
  expect(ran.stderr).toBe("");
  expect(ran.stdout.trim().split("\n").sort())
    .toEqual(names.map((name) => `${name}: ${SERVERS[name]!.result}`).sort());
}, 60_000);
