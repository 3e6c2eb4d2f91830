// Clients that mean no good: they break off at every byte, read or write as slowly as they can, take all
// descriptors, come by the thousand. The server answers everybody else meanwhile, and is as it was afterwards.
import { afterEach, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { answersIn, endAll, exchange, listening, type Program, send, type Talk, talk } from "./peer.ts";

const ECHO = `${import.meta.dir}/echo.jan`;
const REQUEST = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const BIG = "GET /big HTTP/1.1\r\nHost: x\r\n\r\n";
const TIMEOUT_MS = 90_000;

afterEach(endAll);

async function isWell({ port, child }: Program): Promise<void> {
  expect(answersIn(await exchange(port, REQUEST))).toEqual(["200 GET|/||x|-|"]);
  expect(child.exitCode).toBeNull();
}

const many = <T>(count: number, make: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => make(i)));

/** Ends a connection with a reset, when so many bytes have come. */
function resetAt(one: Talk, bytes: number): Promise<unknown> {
  const reset = (): void => void (one.text.length >= bytes && one.socket.resetAndDestroy());
  one.socket.on("data", reset);
  reset();
  return one.closed;
}

const megabytes = ({ child }: Program): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))![1]) / 1024;

describe.each([1, 2])("on %i workers", (workers) => {
  test("broken off at every byte of a request, and all along the answer", async () => {
    const program = await listening(ECHO, { workers });
    const post = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
    for (const sent of [REQUEST, post, REQUEST + post]) {
      await many(sent.length + 1, async (length) => {
        const one = await talk(program.port);
        send(one, sent.slice(0, length));
        await resetAt(one, 0);
      });
    }
    await many(200, async (i) => {
      const one = await talk(program.port);
      send(one, REQUEST + BIG.repeat(3));
      await resetAt(one, 1 + i * 900);
    });
    await isWell(program);
    expect(program.errors()).toBe("");
  }, TIMEOUT_MS);

  test("three hundred that do not read, and three hundred that write a byte at a time", async () => {
    const program = await listening(ECHO, { workers });
    const readers = await many(300, () => talk(program.port));
    for (const one of readers) {
      one.socket.pause();
      send(one, BIG.repeat(100));
    }
    const writers = await many(300, () => talk(program.port));
    for (const byte of REQUEST) {
      for (const one of writers) send(one, byte);
      await isWell(program);
    }
    for (const { socket } of writers) socket.end();
    for (const { closed } of writers) expect(answersIn(await closed)).toEqual(["200 GET|/||x|-|"]);
    // who begins to read after all gets everything
    readers[0]!.socket.resume();
    readers[0]!.socket.end();
    expect(answersIn(await readers[0]!.closed).length).toBe(100);
    for (const { socket } of readers) socket.destroy();
    await isWell(program);
    expect(program.errors()).toBe("");
  }, TIMEOUT_MS);

  test("a hundred that never read an answer of 8 MB share it, and end when their time is over", async () => {
    const program = await listening(ECHO, { workers, args: ["2000"] });
    await isWell(program);
    const before = megabytes(program);
    const descriptors = (): number => readdirSync(`/proc/${program.child.pid}/fd`).length;
    const idle = descriptors();
    const readers = await many(100, () => talk(program.port));
    for (const one of readers) {
      one.socket.pause();
      send(one, "GET /huge HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    await Bun.sleep(1000);
    await isWell(program);
    expect(megabytes(program) - before).toBeLessThan(120);
    while (descriptors() > idle + 5) await Bun.sleep(50);
    for (const { socket } of readers) socket.destroy();
    await isWell(program);
    expect(program.errors()).toBe("");
  }, TIMEOUT_MS);

  test("without a descriptor left, it says so, and takes the next when there is one", async () => {
    const program = await listening(ECHO, { workers, shell: "ulimit -n 64;" });
    // these have sent half a request, so that they do not give way before their time is over
    const holders = await many(100, () => talk(program.port));
    for (const one of holders) send(one, "GET / HTTP/1.1\r\nHost: x\r\n");
    await Bun.sleep(500);
    await isWell(program);
    for (const { socket } of holders) socket.destroy();
    for (let i = 0; i < 100; i++) await isWell(program);
    expect(program.errors()).toContain("no further connection can be accepted for now: TooManyOpen");
    expect(program.errors().split("\n").length).toBeLessThan(50);
  }, TIMEOUT_MS);

  test("ten thousand connections, opened and closed: its memory is level", async () => {
    const program = await listening(ECHO, { workers });
    const wave = () => many(100, async (i) => {
      if (i % 3 === 0) return resetAt(await talk(program.port), 0);
      return exchange(program.port, i % 3 === 1 ? REQUEST : "GET / HT");
    });
    for (let n = 0; n < 40; n++) await wave();
    const before = megabytes(program);
    for (let n = 0; n < 60; n++) await wave();
    expect(megabytes(program) - before).toBeLessThan(32);
    await isWell(program);
    expect(program.errors()).toBe("");
  }, TIMEOUT_MS);
});
