// The other side of a connection, byte by byte: starts a Janus program that listens, sends it a text in given pieces,
// and reads what comes back as strictly as it may be read.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Readable } from "node:stream";
import { JANUS, PLAIN_ENV } from "../runner/checkout.ts";

export interface Program {
  port: number;
  child: ChildProcess;
  /** What it has said on standard output and standard error so far. */
  output(): string;
  errors(): string;
  /** When it has said this on the one, or on the other. */
  said(text: string): Promise<void>;
  complained(text: string): Promise<void>;
}

const started: ChildProcess[] = [];

/** Starts a server, which prints the address at which it listens first. */
export function serving(command: string[]): Promise<Program> {
  const child = spawn(command[0]!, command.slice(1), { env: { ...process.env, ...PLAIN_ENV } });
  started.push(child);
  const heard = (stream: Readable): { text: string; has(text: string): Promise<void> } => {
    const one = {
      text: "",
      has: async (text: string) => {
        while (!one.text.includes(text)) await once(stream, "data");
      },
    };
    stream.on("data", (piece: Buffer) => (one.text += piece.toString()));
    return one;
  };
  const output = heard(child.stdout);
  const errors = heard(child.stderr);
  return new Promise((resolve, reject) => {
    child.on("exit", (status) => reject(new Error(`the server has ended with ${status}: ${errors.text}`)));
    void output.has("\n").then(() => resolve({
      port: Number(/:(\d+)\n/.exec(output.text)![1]),
      child,
      output: () => output.text,
      errors: () => errors.text,
      said: output.has,
      complained: errors.has,
    }));
  });
}

/** A Janus program that does so; `shell`: what stands before it in a shell. */
export function listening(file: string, options: { workers?: number; args?: string[]; shell?: string } = {}):
    Promise<Program> {
  const { workers = 1, args = [], shell = "" } = options;
  const script = `${shell} exec "$0" "$@"`;
  return serving(["/bin/sh", "-c", script, JANUS, "run", "--workers", String(workers), file, ...args]);
}

/** Ends whatever `serving` has started. */
export function endAll(): void {
  for (const child of started.splice(0)) child.kill("SIGKILL");
}

/** A connection that is open; `text` grows, `closed` comes when the other side has ended too. */
export interface Talk {
  socket: Socket;
  text: string;
  closed: Promise<string>;
}

export function talk(port: number): Promise<Talk> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    const one: Talk = { socket, text: "", closed: new Promise((ended) => {
      socket.on("end", () => socket.end());
      socket.on("close", () => ended(one.text));
    }) };
    socket.on("data", (piece: Buffer) => (one.text += piece.toString("latin1")));
    socket.on("error", reject);               // once it is open: broken off, and what came before counts
    socket.on("connect", () => resolve(one));
  });
}

export const send = (one: Talk, text: string): void => void one.socket.write(Buffer.from(text, "latin1"));

/** Sends a text, ends, and gives all that comes back. */
export async function exchange(port: number, text: string): Promise<string> {
  const one = await talk(port);
  one.socket.end(Buffer.from(text, "latin1"));
  return one.closed;
}

/**
 * Sends each list of pieces on a connection of its own: the first pieces of all, then, when the other side has surely
 * read those, the second ones, and so on. `barrier` comes back when all that was sent before it was read.
 */
export async function inPieces(port: number, lists: string[][], barrier: () => Promise<unknown>): Promise<string[]> {
  const talks = await Promise.all(lists.map(() => talk(port)));
  const most = Math.max(...lists.map((pieces) => pieces.length));
  for (let turn = 0; turn < most; turn++) {
    for (const [i, pieces] of lists.entries()) if (turn < pieces.length) send(talks[i]!, pieces[turn]!);
    if (turn + 1 < most) await barrier();
  }
  for (const { socket } of talks) socket.end();
  return Promise.all(talks.map(({ closed }) => closed));
}

/** What came back without what differs from second to second, or by when a body comes. */
export const plain = (text: string): string =>
  text.replace(/\r\nDate: [^\r]*/g, "").replaceAll("HTTP/1.1 100 Continue\r\n\r\n", "");

/** The head of an answer: its status and its fields. */
const HEAD = /^HTTP\/1\.1 (\d{3}) ([A-Za-z ']*)((?:\r\n[!#$%&'*+.^_`|~\w-]+: [^\x00-\x08\x0a-\x1f\x7f]*)*)\r\n\r\n/;

/**
 * The answers in what came back, as `STATUS BODY` (the body only of 200). What is no answer stands there as it is, and
 * fails every comparison; "head" stands for a body that was announced and did not come. 100 Continue is left out:
 * whether it comes depends on when the body does.
 */
export function answersIn(text: string): string[] {
  const found: string[] = [];
  let rest = text;
  while (rest !== "") {
    const match = HEAD.exec(rest);
    if (match === null) return [...found, `NO ANSWER: ${rest}`];
    const [whole, status, , fields] = match;
    rest = rest.slice(whole.length);
    if (status === "100") continue;
    const lengths = [...fields!.matchAll(/\r\ncontent-length: (\d+)(?=\r|$)/gi)];
    if (lengths.length !== (status === "204" || status === "304" ? 0 : 1)) return [...found, `NO LENGTH: ${whole}`];
    if (!/\r\nDate: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT(?=\r|$)/.test(fields!)) return [...found, "NO DATE"];
    const length = Number(lengths[0]?.[1] ?? 0);
    const isHead = length > 0 && (rest === "" || rest.startsWith("HTTP/1.1 "));
    if (!isHead && rest.length < length) return [...found, `CUT: ${rest}`];
    const isRefusal = status![0] === "4" || status![0] === "5";
    found.push(status === "200" ? `200 ${isHead ? "head" : rest.slice(0, length)}` : status!);
    if (!isHead) rest = rest.slice(length);
    if (isRefusal && !/\r\nconnection: close(?=\r|$)/i.test(fields!)) return [...found, "STAYS OPEN"];
  }
  return found;
}
