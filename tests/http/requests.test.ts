// Every row of requests.ts, sent whole, at once and one byte after the other, and cut in two at every position: the
// answers must be the same, to the byte.

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { answersIn, endAll, exchange, inPieces, listening, plain, type Program } from "./peer.ts";
import { REQUESTS } from "./requests.ts";

const PROBE = "GET /probe HTTP/1.1\r\nHost: x\r\n\r\n";
/** Connections at a time: fewer than the server has seats, so that none gives way. */
const TOGETHER = 250;

function cuts(text: string): string[][] {
  return Array.from({ length: Math.max(0, text.length - 1) }, (_, i) => [text.slice(0, i + 1), text.slice(i + 1)]);
}

describe.each([1, 2])("on %i workers", (workers) => {
  let program: Program;
  beforeAll(async () => void (program = await listening(`${import.meta.dir}/echo.jan`, { workers })));
  afterAll(() => {
    expect(program.errors()).toBe("");
    expect(program.child.exitCode).toBeNull();
    endAll();
  });
  const seen = async () => {
    expect(await exchange(program.port, PROBE)).toContain("GET|/probe||x|-|");
    if (workers > 1) await Bun.sleep(2);      // another worker may have the connection, and not the probe
  };

  describe.each(Object.entries(REQUESTS))("%s", (_, rows) => {
    test.each(rows)("%s", async (_, sent, answers) => {
      const whole = await exchange(program.port, sent);
      expect(answersIn(whole)).toEqual(answers);
      // what is cut differs by the bytes alone, which one worker reads as well as two
      const lists = cuts(sent).filter((_, i) => workers === 1 || i % 11 === 0);
      for (let from = 0; from < lists.length; from += TOGETHER) {
        const some = lists.slice(from, from + TOGETHER);
        const got = await inPieces(program.port, some, seen);
        for (const [i, text] of got.entries()) {
          if (plain(text) !== plain(whole)) expect([some[i], plain(text)]).toEqual([some[i], plain(whole)]);
        }
      }
      const [bytes] = await inPieces(program.port, [[...sent.slice(0, 400), sent.slice(400)]], seen);
      expect(plain(bytes!)).toEqual(plain(whole));
    }, 60_000);
  });
});
