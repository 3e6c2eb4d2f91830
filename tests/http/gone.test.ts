// Clients that go while their request is worked on: the handler is cancelled when the connection is broken off, and
// only then, for who has merely sent all it will send waits for its answer.
import { afterEach, describe, expect, test } from "bun:test";
import { answersIn, endAll, listening, type Program, send, type Talk, talk } from "./peer.ts";

const TIMEOUT_MS = 60_000;

afterEach(endAll);

const start = (workers: number): Promise<Program> => listening(`${import.meta.dir}/gone.jan`, { workers });

/** Asks, and goes on when the handler has begun. */
async function asked(program: Program, path: string): Promise<Talk> {
  const one = await talk(program.port);
  send(one, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await program.said(`${path} begins\n`);
  return one;
}

const GONE = /ends: the disconnection of the other side, watched for at std\/http\/server\.jan:\d+:\d+\n/;

describe.each([1, 2])("on %i workers", (workers) => {
  test.each(["/waits", "/busy"])("a reset cancels the handler of %s, which learns why", async (path) => {
    const program = await start(workers);
    (await asked(program, path)).socket.resetAndDestroy();
    await program.said(`${path} ends:`);
    await program.said("\n");
    expect(program.output()).toMatch(GONE);
    expect(program.errors()).toBe("");
  }, TIMEOUT_MS);

  test("a client that has ended its own side gets its answer, and so do others of the one that was reset", async () => {
    const program = await start(workers);
    const reset = await asked(program, "/waits");
    const other = await asked(program, "/quick");
    other.socket.end();
    reset.socket.resetAndDestroy();
    expect(answersIn(await other.closed)).toEqual(["200 done"]);
    await program.said("/quick ends: by itself\n");
  }, TIMEOUT_MS);

  test("a panic of a handler that ends because of that is in the log", async () => {
    const program = await start(workers);
    (await asked(program, "/panics")).socket.resetAndDestroy();
    await program.complained("GET /panics: PANIC P004: while it ends");
    (await asked(program, "/waits")).socket.resetAndDestroy();     // the server goes on
    await program.said("/waits ends:");
  }, TIMEOUT_MS);

  test("three hundred at once that go, some before their handler has begun", async () => {
    const program = await start(workers);
    await Promise.all(Array.from({ length: 300 }, async (_, i) => {
      const one = await talk(program.port);
      send(one, "GET /waits HTTP/1.1\r\nHost: x\r\n\r\n");
      await Bun.sleep(i % 20);
      one.socket.resetAndDestroy();
    }));
    const last = await asked(program, "/quick");
    last.socket.end();
    expect(answersIn(await last.closed)).toEqual(["200 done"]);
    const count = (word: string): number => program.output().split(`/waits ${word}`).length;
    while (count("ends") < count("begins")) await Bun.sleep(10);
    expect(program.errors()).toBe("");
  }, TIMEOUT_MS);
});
