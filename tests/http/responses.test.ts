// Every row of responses.ts, answered whole and cut in two at every position: the client must make the same of
// it.
import { describe, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { JANUS, PLAIN_ENV } from "../runner/checkout.ts";
import { run } from "../runner/process.ts";
import { RESPONSES, TO_HEAD } from "./responses.ts";

interface Told {
  pieces: string[];
  result: string;
  name: string;
}

const ROWS = [...RESPONSES, ...TO_HEAD];
const HEAD_FROM = RESPONSES.length;

/** The rows whole, so that their numbers are those of the rows, and then each at every cut. */
function answers(): { told: Told[]; heads: number[] } {
  const told: Told[] = ROWS.map(([name, text, result]) => ({ name, pieces: [text], result }));
  const heads = TO_HEAD.map((_, i) => HEAD_FROM + i);
  for (const [row, [name, text, result]] of ROWS.entries()) {
    for (let at = 1; at < text.length; at++) {
      if (row >= HEAD_FROM) heads.push(told.length);
      told.push({ name: `${name}, cut at ${at}`, pieces: [text.slice(0, at), text.slice(at)], result });
    }
  }
  return { told, heads };
}

/** A server that says to `/N` what is told under N, a moment between the pieces. */
function serve(told: Told[]): Promise<Server> {
  const answer = async (socket: Socket, request: string): Promise<void> => {
    const { pieces } = told[Number(/^[A-Z]+ \/(\d+) /.exec(request)![1])]!;
    for (const [i, piece] of pieces.entries()) {
      if (i > 0) await Bun.sleep(3);
      socket.write(Buffer.from(piece, "latin1"));
    }
    socket.end();
  };
  return new Promise((resolve) => {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      let request = "";
      socket.on("error", () => {});           // a client that has refused ends before all is said
      socket.on("data", (piece: Buffer) => {
        request += piece.toString("latin1");
        if (request.endsWith("\r\n\r\n")) void answer(socket, request);
      });
    });
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

describe.each(["1", "2"])("on %s workers", (workers) => {
  test("the client makes of every answer what it must, whatever its pieces", async () => {
    const { told, heads } = answers();
    const server = await serve(told);
    const { port } = server.address() as { port: number };
    const ran = await run([JANUS, "run", "--workers", workers, `${import.meta.dir}/asks.jan`, `127.0.0.1:${port}`,
      String(told.length), heads.join(",")], { env: PLAIN_ENV, timeoutSeconds: 80 });
    server.close();
    expect(ran.stderr).toBe("");
    const results = new Map(ran.stdout.trim().split("\n").map((line) => {
      const space = line.indexOf(" ");
      return [Number(line.slice(0, space)), line.slice(space + 1)];
    }));
    const wrong = told.flatMap(({ name, result }, i) =>
      (results.get(i) === result ? [] : [`${name}: ${results.get(i)}, not ${result}`]));
    expect(wrong).toEqual([]);
    expect(results.size).toBe(told.length);
  }, 90_000);
});
