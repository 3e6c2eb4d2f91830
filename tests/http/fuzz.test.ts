// A short run of the fuzzer, and what shows that it can find anything: it tells right answers from wrong ones.
import { describe, expect, test } from "bun:test";
import { Random } from "../fuzz/random.ts";
import { BATCH, connection, cutAt, fuzz, judge } from "./fuzz.ts";
import { answersTo, REFUSED } from "./reference.ts";
import { REQUESTS } from "./requests.ts";

/** What some seconds are enough for; by work and not by time, so that a busy machine finds as much. */
const BATCHES = 12;

const answer = (status: string, body: string): string =>
  `HTTP/1.1 ${status}\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT${status.startsWith("2") ? "" : "\r\nConnection: close"}` +
  `\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

test("what the table says, the reference says", () => {
  for (const [name, sent, answers] of Object.values(REQUESTS).flat()) {
    const wanted = answers.map((one) => (one.startsWith("200 ") ? one : REFUSED));
    expect([name, ...answersTo(sent)]).toEqual([name, ...wanted]);
  }
});

test("a wrong answer, one too many and one too few are found", () => {
  const sent = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  const right = answer("200 OK", "GET|/||x|-|");
  expect(judge(sent, right)).toBeNull();
  expect(judge(sent, right + right)).toContain("wanted");
  expect(judge(sent, "")).toContain("wanted");
  expect(judge(sent, answer("400 Bad Request", ""))).toContain("wanted");
  expect(judge(sent.replace("GET", "G T"), answer("400 Bad Request", ""))).toBeNull();
  expect(judge(sent.replace("GET", "G T"), answer("500 Internal Server Error", ""))).toContain("wanted");
});

test("the same seed sends the same, in pieces that make up the whole", () => {
  const sent = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 50 }, () => connection(random));
  };
  expect(sent(7)).toEqual(sent(7));
  expect(sent(7)).not.toEqual(sent(8));
  for (const text of sent(7)) expect(cutAt(text, new Random(1)).join("")).toBe(text);
});

describe.each([1, 2])("on %i workers", (workers) => {
  test("requests at random are answered as what they are, whatever their pieces", async () => {
    const { connections, findings } = await fuzz(workers, BATCHES, Infinity, workers);
    expect(findings).toEqual([]);
    expect(connections).toBe(BATCHES * 2 * BATCH);
  }, 120_000);
});
