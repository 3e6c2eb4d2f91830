// std.http against other implementations and against nonsense: Node's server and client, curl, and requests damaged at
// random (seeded). Node is there wherever npm is; without curl its tests are reported as skipped.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endAll, exchange, listening, send, serving, talk } from "./http/peer.ts";
import { JANUS, PLAIN_ENV } from "./runner/checkout.ts";
import { run } from "./runner/process.ts";

const TIMEOUT_MS = 90_000;
const hasCurl = Bun.which("curl") !== null;

/** Echoes what it was sent; `/slow` takes its time; `/fail` fails. Prints its address. */
const SERVER = `use std.net
use std.http
use std.io

func main() -> !void do
    let listener = net.listen("127.0.0.1:0")?
    println(listener.address())
    io.flush()
    let limits = http.Limits { head_bytes: 4096, body_bytes: 300000, idle_ms: 700, message_ms: 500 }
    http.serve(listener, func(request: http.Request) -> !http.Response do
        if request.path == "/slow" do sleep(20) end
        if request.path == "/fail" do fail Deliberate end
        let mark = request.header("x-mark") ?? "-"
        let shown = $"{request.method} {request.path} {request.query} {request.body.len} {mark}"
        return http.text(shown + "\\n" + request.body.slice(0, min(40, request.body.len))).with("X-Answer", "42")
    end, limits)
end
`;

/** Asks Node's server in several ways, and prints what came. Its address is the argument. */
const CLIENT = `use std.http
use std.os

func main() -> !void do
    let at = "http://" + args()[0]
    let plain = http.get(at + "/plain?a=1")?
    println(plain.status, " ", plain.header("x-node"), " ", plain.body)
    println(http.get(at + "/chunked")?.body)
    println(http.post(at + "/echo", "ab".repeat(100000))?.body.len)
    println(http.request("HEAD", at + "/plain")?.body.len)
    println(http.get(at + "/moved", http.Ask { redirects: 2 })?.body)
    println(http.get(at + "/empty")?.status)
    nursery do
        let answers = (0..50).map { |i| spawn http.get(at + "/slow?" + str(i)) }
        println(answers.map { |answer| (await answer).body.len }.sum())
    end
    let late = nursery(deadline: 50) do
        http.get(at + "/never")?.body
    end catch |err| do
        str(err)
    end
    println(late)
end
`;

const NODE_SERVER = `const http = require("node:http");
http.createServer((req, res) => {
  const path = req.url.split("?")[0];
  if (path === "/plain") { res.setHeader("X-Node", "yes"); return res.end(req.method + " " + req.url); }
  if (path === "/chunked") { res.write("one "); return setTimeout(() => { res.write("two "); res.end("three"); }, 5); }
  if (path === "/echo") return req.pipe(res);
  if (path === "/moved") { res.writeHead(301, { Location: "/plain?moved" }); return res.end("elsewhere"); }
  if (path === "/empty") { res.writeHead(204); return res.end(); }
  if (path === "/slow") return setTimeout(() => res.end("slow"), 10);
}).listen(0, "127.0.0.1", function () { console.log("127.0.0.1:" + this.address().port); });
`;

const NODE_CLIENT = `const http = require("node:http");
const [host, port] = process.argv[1].split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 20 });
const ask = (method, path, body, headers = {}) => new Promise((resolve, reject) => {
  const req = http.request({ host, port, method, path, agent, headers }, (res) => {
    let text = "";
    res.on("data", (piece) => (text += piece));
    res.on("end", () => resolve([res.statusCode, res.headers["x-answer"], text]));
  });
  req.on("error", reject);
  for (const piece of body ?? []) req.write(piece);   // in chunks: no length is announced
  req.end();
});
(async () => {
  console.log(JSON.stringify(await ask("GET", "/a%20b?q=1", null, { "X-Mark": "here" })));
  console.log(JSON.stringify(await ask("PUT", "/up", ["one ", "two"])));
  console.log(JSON.stringify(await ask("GET", "/fail")));
  console.log((await ask("HEAD", "/a"))[2].length);
  const many = await Promise.all(Array.from({ length: 300 }, (_, i) => ask("POST", "/slow", ["x".repeat(i)])));
  console.log(many.filter(([status, , text], i) => status === 200 && text.startsWith("POST /slow  " + i + " ")).length);
  agent.destroy();
})();
`;

let folder = "";

/** Sends a text, does not end, and gives all that comes back until the other side ends. */
async function lasting(port: number, message: string): Promise<string> {
  const one = await talk(port);
  send(one, message);
  return one.closed;
}

/** xorshift, so that a failure can be made again. */
function dice(seed: number): (below: number) => number {
  let x = seed;
  return (below) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % below;
  };
}

const SEEDS = [
  "GET /plain?a=1 HTTP/1.1\r\nHost: x\r\nAccept: */*\r\nUser-Agent: test\r\n\r\n",
  "POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\nConnection: close\r\n\r\nhello world",
  "POST /up HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: u" +
    "\r\n\r\n",
  "HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b%2fc HTTP/1.1\r\nHost: y\r\n\r\n",
  "PUT /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok",
];
const PIECES = [
  "\r\n", "\n", "\r", "\0", ":", " ", "HTTP/1.1", "Content-Length: 99999999999999999999\r\n", "%", "%zz", "\xff", ";",
  "Transfer-Encoding: chunked\r\n", "-1", "ffffffffffffffffff", "Host: z\r\n", "x".repeat(5000), "\r\n\r\n",
];

function damaged(next: (below: number) => number): string {
  let text = SEEDS[next(SEEDS.length)]!;
  for (let n = 1 + next(4); n > 0; n--) {
    const at = next(text.length + 1);
    const piece = PIECES[next(PIECES.length)]!;
    switch (next(5)) {
      case 0: text = text.slice(0, at) + piece + text.slice(at); break;
      case 1: text = text.slice(0, at) + String.fromCharCode(next(256)) + text.slice(at + 1); break;
      case 2: text = text.slice(0, at) + text.slice(at + 1 + next(8)); break;
      case 3: text = text.slice(0, at); break;
      default: text = text.slice(0, at) + text.slice(Math.max(0, at - next(30)), at) + text.slice(at);
    }
  }
  return text;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "janus-http-"));
  writeFileSync(join(folder, "server.jan"), SERVER);
  writeFileSync(join(folder, "client.jan"), CLIENT);
});

afterAll(() => {
  endAll();
  rmSync(folder, { recursive: true, force: true });
});

describe.each([1, 2])("with %i workers", (workers) => {
  const start = () => listening(join(folder, "server.jan"), { workers });

  test.skipIf(!hasCurl)("curl is answered: a query, a body that it asks leave for, a kept connection", async () => {
    const { port, child } = await start();
    const curl = async (...args: string[]) =>
      (await run(["curl", "-s", "--max-time", "20", ...args], { timeoutSeconds: 30 })).stdout;
    const at = `http://127.0.0.1:${port}`;
    expect(await curl("-H", "X-Mark: m", `${at}/p%C3%A4th?x=%20y`)).toBe("GET /päth x=%20y 0 m\n");
    writeFileSync(join(folder, "large"), "z".repeat(200_000));
    expect(await curl("-H", "Expect: 100-continue", "--data-binary", `@${join(folder, "large")}`, `${at}/up`))
      .toBe(`POST /up  200000 -\n${"z".repeat(40)}`);
    const silent = ["-o", "/dev/null"];
    expect(await curl("-w", "%{http_code} %{num_connects} ", ...silent, `${at}/a`, ...silent, `${at}/b`))
      .toBe("200 1 200 0 ");
    expect(await curl("-I", `${at}/`)).toContain("Content-Length: 12\r\n");
    writeFileSync(join(folder, "too-large"), "z".repeat(400_000));
    expect(await curl("-w", "%{http_code}", ...silent, "--data-binary", `@${join(folder, "too-large")}`, `${at}/up`))
      .toBe("413");
    child.kill("SIGINT");
  }, TIMEOUT_MS);

  test("Node's client is answered, on kept connections, in chunks, three hundred times at once", async () => {
    const { port, errors } = await start();
    const { stdout, stderr } = await run(["node", "-e", NODE_CLIENT, `127.0.0.1:${port}`], { timeoutSeconds: 60 });
    expect(stderr).toBe("");
    expect(stdout.trimEnd().split("\n")).toEqual([
      '[200,"42","GET /a b q=1 0 here\\n"]',
      '[200,"42","PUT /up  7 -\\none two"]',
      '[500,null,"the server failed"]',
      "0",
      "300",
    ]);
    expect(errors()).toContain("GET /fail: Deliberate");
  }, TIMEOUT_MS);

  test("Node's server is asked: chunks, redirects, fifty at once, a deadline", async () => {
    const { port } = await serving(["node", "-e", NODE_SERVER]);
    const { stdout, stderr } = await run(
      [JANUS, "run", "--workers", String(workers), join(folder, "client.jan"), `127.0.0.1:${port}`],
      { env: PLAIN_ENV, timeoutSeconds: 60 },
    );
    expect(stderr).toBe("");
    expect(stdout.trimEnd().split("\n")).toEqual([
      "200 yes GET /plain?a=1", "one two three", "200000", "0", "GET /plain?moved", "204", "200", "DeadlineExceeded",
    ]);
  }, TIMEOUT_MS);

  test("damaged requests are refused, or answered as what they are; the server goes on", async () => {
    const { port, child, errors } = await start();
    const next = dice(20 + workers);
    const statuses = new Set<string>();
    for (let round = 0; round < 15; round++) {
      const messages = Array.from({ length: 20 }, () => damaged(next));
      const answers = await Promise.all(messages.map((message, i) =>
        (i % 2 === 0 ? exchange(port, message) : lasting(port, message))));
      answers.forEach((answer, i) => {
        const wrong = answer !== "" && !/^HTTP\/1\.1 (100|200|400|408|413|414|417|431|500|501|505) /.test(answer);
        expect(wrong ? [messages[i], answer] : []).toEqual([]);
        statuses.add(answer.slice(9, 12));
      });
    }
    expect([...statuses]).toContain("200");
    expect([...statuses]).toContain("400");
    expect(await lasting(port, "GET /still HTTP/1.0\r\n\r\n")).toContain("GET /still");
    expect(child.exitCode).toBe(null);
    expect(errors()).toBe("");
  }, TIMEOUT_MS);
});
