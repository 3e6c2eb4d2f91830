// Runs one command to its end, or to its time limit, and gives everything it said.
//
// A command that hangs is first asked for a report (SIGQUIT: janus prints its fiber tree), then ended with all its
// children, so a test that hangs says where.

import { spawn } from "node:child_process";

export interface Outcome {
  /** null when a signal ended it. */
  status: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
  seconds: number;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  stdin?: string;
  timeoutSeconds: number;
}

const GRACE_MS = 1_500;

export function run(command: string[], options: RunOptions): Promise<Outcome> {
  const [program, ...args] = command;
  if (program === undefined) throw new Error("run: the command is empty");
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: [options.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
      detached: true,
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    let timedOut = false;
    let killer: ReturnType<typeof setTimeout> | undefined;
    const signalGroup = (signal: NodeJS.Signals) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // The group has ended between the timer and the signal.
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      signalGroup("SIGQUIT");
      killer = setTimeout(() => signalGroup("SIGKILL"), GRACE_MS);
    }, options.timeoutSeconds * 1000);
    child.stdout?.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr?.on("data", (chunk: Buffer) => err.push(chunk));
    if (options.stdin !== undefined && child.stdin) {
      child.stdin.on("error", () => {}); // a program may end without reading its input
      child.stdin.end(options.stdin);
    }
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(new Error(`${program} cannot be run: ${error.message}`));
    });
    child.on("close", (status, signal) => {
      clearTimeout(timer);
      if (killer !== undefined) clearTimeout(killer);
      resolve({
        status,
        signal,
        stdout: Buffer.concat(out).toString("utf8"),
        stderr: Buffer.concat(err).toString("utf8"),
        timedOut,
        seconds: (performance.now() - startMs) / 1000,
      });
    });
  });
}

/** How a command ended, in words, or null when it ended by itself with one of the wanted statuses. */
export function endedBadly(outcome: Outcome, wanted: number): string | null {
  if (outcome.timedOut) return `did not end within its time limit (${outcome.seconds.toFixed(0)} s)`;
  if (outcome.signal !== null) return `was ended by ${outcome.signal}`;
  if (outcome.status !== wanted) return `exit status ${outcome.status}, expected ${wanted}`;
  return null;
}
