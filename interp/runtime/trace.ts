// Writes a run's trace in the Trace Event format, which Perfetto and chrome://tracing open: a lane for each worker with
// a slice for each run of a fiber, arrows from who spawned or woke it, and a lane for each fiber that opens nurseries,
// with the nurseries as nested slices. Source of the format: "Trace Event Format", sections Complete, Flow, Instant,
// Async and Metadata Events. Times are microseconds since the first record.
//
// The core keeps the records (core/src/trace.zig), in order for each worker; here they are merged by time and given
// the names that people know.
import { closeSync, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import {
  OUTCOME_CANCELLED, OUTCOME_FAILURE, OUTCOME_PANIC, REASON_DEADLINE, REASON_FAILURE, REASON_PARENT, REASON_REQUEST,
  RECORD_A, RECORD_AT_NS, RECORD_B, RECORD_DETAIL, RECORD_EXTRA, RECORD_FIBER, RECORD_KIND, RECORD_SIZE, RECORD_WORKER,
  STATUS_OK, TRACE_AWOKE, TRACE_BEGUN, TRACE_ENDED, TRACE_NAMED, TRACE_NURSERY_CANCELLED, TRACE_NURSERY_CLOSED,
  TRACE_NURSERY_OPENED, TRACE_PACKED_UP, TRACE_SLEPT, TRACE_SPAWNED, TRACE_STOLEN, TRACE_UNPACKED, TRACE_WOKEN,
  WHY_FINISHED, WHY_MOVED, WHY_PARKED,
} from "./abi.generated.ts";
import { whyUnwritten } from "../sema/outputs.ts";
import { causeText } from "./causes.ts";
import { core } from "./library.ts";
import { waitName } from "./waits.ts";

/** What the trace needs to know of the program. */
export interface TraceNames {
  /** what the function is called whose code has this number in the core. */
  code(id: number): string;
  /** the text with this number in the core. */
  text(id: number): string;
  /** `file:line:column`; null for none. */
  place(site: number): string | null;
  program: string;
}

/** Records that each worker's buffer holds: 0.4 MB before they go to disk; 1.5 MB of the newest in the recorder. */
const SPOOL_RECORDS = 1 << 14;
const RECORDER_RECORDS = 1 << 16;

export interface TraceOptions {
  path: string;
  /** write it only when the program fails, and then only the newest records. */
  onlyOnFailure: boolean;
}

export class TraceError extends Error {}

/** One run's trace: started before any worker is inside, finished when all have left. */
export class TraceFile {
  private readonly out: number;
  private readonly spool: number;

  constructor(private readonly options: TraceOptions) {
    this.out = opened(options.path);
    this.spool = spoolFile();
    const isRing = options.onlyOnFailure;
    const status = core.janus_trace_start(isRing ? RECORDER_RECORDS : SPOOL_RECORDS, isRing ? -1 : this.spool);
    if (status !== STATUS_OK) throw new TraceError(`a trace cannot be recorded (status ${status})`);
  }

  /** Writes the file, or removes the empty one when only a failure was worth it. A message when that failed. */
  finish(failed: boolean, names: TraceNames): string | null {
    try {
      if (this.options.onlyOnFailure && !failed) {
        rmSync(this.options.path, { force: true });
        return null;
      }
      const errno = core.janus_trace_flush(this.spool);
      if (errno !== 0) return `janus: the trace cannot be kept: error ${errno} of the system; is the disk full?`;
      writeTrace(new Records(this.spool), names, (text) => void writeAll(this.out, text));
      return null;
    } catch (e) {
      return `janus: the trace cannot be written to ${this.options.path}: ${whyUnwritten(e)}`;
    } finally {
      closeSync(this.spool);
      closeSync(this.out);
    }
  }
}

function opened(path: string): number {
  try {
    return openSync(path, "w");
  } catch (e) {
    throw new TraceError(`the trace cannot be written to ${path}: ${whyUnwritten(e)}`);
  }
}

/** A file without a name: it goes with its descriptor, however the process ends. */
function spoolFile(): number {
  const folder = mkdtempSync(`${tmpdir()}/janus-trace-`);
  const fd = openSync(`${folder}/records`, "w+");
  rmSync(folder, { recursive: true });
  return fd;
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

// ---------------------------------------------------------------------------------------------- records by time

interface Run {
  /** first record and one past the last, in records of the file. */
  from: number;
  to: number;
}

const CHUNK = 4096;

/** The records of one worker, in order, read a chunk at a time. */
class Cursor {
  private runs: Run[] = [];
  private chunk = new DataView(new ArrayBuffer(0));
  private at = 0;
  private count = 0;
  constructor(private readonly fd: number) {}

  add(run: Run): void {
    this.runs.push(run);
  }

  /** Goes to the next record; false when there is none. */
  advance(): boolean {
    if (++this.at < this.count) return true;
    const run = this.runs[0];
    if (run === undefined) return false;
    this.count = Math.min(CHUNK, run.to - run.from);
    const bytes = new Uint8Array(this.count * RECORD_SIZE);
    readFully(this.fd, bytes, run.from * RECORD_SIZE);
    this.chunk = new DataView(bytes.buffer);
    run.from += this.count;
    if (run.from === run.to) this.runs.shift();
    this.at = 0;
    return true;
  }

  u8(field: number): number {
    return this.chunk.getUint8(this.at * RECORD_SIZE + field);
  }

  u32(field: number): number {
    return this.chunk.getUint32(this.at * RECORD_SIZE + field, true);
  }

  /** nanoseconds; exact below 2^53. */
  get atNs(): number {
    return Number(this.chunk.getBigUint64(this.at * RECORD_SIZE + RECORD_AT_NS, true));
  }
}

function readFully(fd: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length;) {
    const n = readSync(fd, bytes, at, bytes.length - at, position + at);
    if (n === 0) throw new Error("the records end in the middle");
    at += n;
  }
}

/** All records of a file, merged by time. */
export class Records {
  private readonly cursors = new Map<number, Cursor>();

  constructor(private readonly fd: number) {
    const total = Math.floor(fstatSync(fd).size / RECORD_SIZE);
    const bytes = new Uint8Array(CHUNK * RECORD_SIZE);
    let worker = -1;
    let from = 0;
    for (let base = 0; base < total; base += CHUNK) {
      const count = Math.min(CHUNK, total - base);
      readFully(fd, bytes.subarray(0, count * RECORD_SIZE), base * RECORD_SIZE);
      for (let i = 0; i < count; i++) {
        const w = bytes[i * RECORD_SIZE + RECORD_WORKER]!;
        if (w === worker) continue;
        if (worker >= 0) this.cursor(worker).add({ from, to: base + i });
        worker = w;
        from = base + i;
      }
    }
    if (worker >= 0) this.cursor(worker).add({ from, to: total });
  }

  private cursor(worker: number): Cursor {
    let cursor = this.cursors.get(worker);
    if (cursor === undefined) this.cursors.set(worker, (cursor = new Cursor(this.fd)));
    return cursor;
  }

  /** Calls `each` for every record, oldest first. */
  forEach(each: (record: Cursor) => void): void {
    const open = [...this.cursors.values()].filter((c) => c.advance());
    while (open.length > 0) {
      let first = 0;
      for (let i = 1; i < open.length; i++) if (open[i]!.atNs < open[first]!.atNs) first = i;
      const cursor = open[first]!;
      each(cursor);
      if (!cursor.advance()) open.splice(first, 1);
    }
  }
}

// -------------------------------------------------------------------------------------------------- the events

const TWO_32 = 4294967296;
const WORKERS = 1;
const FIBERS = 2;

const OUTCOMES: Record<number, string> = {
  [OUTCOME_FAILURE]: "failed", [OUTCOME_PANIC]: "panicked", [OUTCOME_CANCELLED]: "was cancelled",
};
const REASONS: Record<number, string> = {
  [REASON_REQUEST]: "cancel()", [REASON_FAILURE]: "a child failed", [REASON_DEADLINE]: "deadline",
  [REASON_PARENT]: "the enclosing scope was cancelled",
};

/** What is known of a fiber between its spawn and its end. */
interface Traced {
  number: number;
  /** its lane, unique in the trace: numbers of fibers are used again. */
  lane: number;
  name: string;
  /** the name its spawn gave it. */
  given: string | null;
  spawnedAt: string | null;
  /** where the arrow to its next slice begins. */
  arrow: { kind: "spawn" | "wake"; ns: number; worker: number } | null;
  begunNs: number;
  nurseries: Map<number, string>;
}

/** Writes the whole trace as one JSON object. */
export function writeTrace(records: Records, names: TraceNames, write: (text: string) => void): void {
  const writer = new TraceWriter(names, write);
  records.forEach((record) => writer.record(record));
  writer.end();
}

class TraceWriter {
  private readonly fibers = new Map<number, Traced>();
  /** by worker: the fiber that runs there, and since when the worker sleeps (-1: it does not). */
  private readonly running = new Map<number, Traced>();
  private readonly sleeping = new Map<number, number>();
  private readonly workers = new Set<number>();
  private originNs = -1;
  private lastNs = 0;
  private lanes = 0;
  private arrows = 0;
  private text = '{"displayTimeUnit":"ns","traceEvents":[\n';
  private isFirst = true;

  constructor(private readonly names: TraceNames, private readonly write: (text: string) => void) {
    this.event({ ph: "M", name: "process_name", pid: WORKERS, args: { name: `workers of ${names.program}` } });
    this.event({ ph: "M", name: "process_name", pid: FIBERS, args: { name: "nurseries by fiber" } });
  }

  record(r: Cursor): void {
    const ns = r.atNs;
    if (this.originNs < 0) this.originNs = ns;
    this.lastNs = ns;
    const worker = r.u8(RECORD_WORKER);
    this.meet(worker);
    const number = r.u32(RECORD_FIBER);
    switch (r.u8(RECORD_KIND)) {
      case TRACE_SPAWNED: {
        this.fibers.delete(number); // an earlier fiber of this number, whose end is not written yet
        const fiber = this.fiber(number);
        fiber.spawnedAt = this.names.place(r.u32(RECORD_B));
        if (r.u32(RECORD_A) !== 0) fiber.arrow = { kind: "spawn", ns, worker };
        break;
      }
      case TRACE_NAMED:
        this.fiber(number).given = this.names.text(r.u32(RECORD_A));
        break;
      case TRACE_BEGUN: return this.begun(number, worker, ns, r.u32(RECORD_A));
      case TRACE_ENDED:
        return this.ended(number, worker, ns, r.u8(RECORD_DETAIL), r.u8(RECORD_EXTRA), r.u32(RECORD_B));
      case TRACE_WOKEN: {
        const fiber = this.fiber(number);
        if (r.u32(RECORD_A) !== 0) fiber.arrow = { kind: "wake", ns, worker };
        else this.instant(`wakes ${fiber.name}`, worker, ns);
        break;
      }
      case TRACE_NURSERY_OPENED: return this.opened(number, ns, r.u32(RECORD_A), r.u32(RECORD_B));
      case TRACE_NURSERY_CANCELLED:
        return this.nurseryEvent("n", number, ns, r.u32(RECORD_A), {
          reason: REASONS[r.u8(RECORD_DETAIL)],
          by: causeText(r.u8(RECORD_EXTRA) * TWO_32 + r.u32(RECORD_B), (site) => this.names.place(site)) ?? undefined,
        });
      case TRACE_NURSERY_CLOSED: return this.closed(number, ns, r.u32(RECORD_A));
      case TRACE_PACKED_UP: return this.instant(`packs ${this.fiber(number).name}`, worker, ns);
      case TRACE_UNPACKED: return this.instant(`takes over ${this.fiber(number).name}`, worker, ns);
      case TRACE_STOLEN:
        return this.instant(`steals ${this.fiber(number).name} from worker ${r.u32(RECORD_A)}`, worker, ns);
      case TRACE_SLEPT:
        this.sleeping.set(worker, ns);
        break;
      case TRACE_AWOKE: return this.awoke(worker, ns);
    }
  }

  /** Closes what is open, and the file. */
  end(): void {
    for (const [worker, fiber] of this.running) this.slice(fiber, worker, this.lastNs, { ended: "still running" });
    for (const worker of this.sleeping.keys()) this.awoke(worker, this.lastNs);
    for (const [number, fiber] of this.fibers) {
      for (const handle of [...fiber.nurseries.keys()].reverse()) this.closed(number, this.lastNs, handle);
    }
    this.write(`${this.text}\n]}\n`);
  }

  private meet(worker: number): void {
    if (this.workers.has(worker)) return;
    this.workers.add(worker);
    const lane = { ph: "M", pid: WORKERS, tid: worker + 1 };
    this.event({ ...lane, name: "thread_name", args: { name: `worker ${worker}` } });
    this.event({ ...lane, name: "thread_sort_index", args: { sort_index: worker } });
  }

  private fiber(number: number): Traced {
    let fiber = this.fibers.get(number);
    if (fiber === undefined) {
      fiber = {
        number, lane: ++this.lanes, name: `fiber ${number}`, given: null, spawnedAt: null, arrow: null, begunNs: -1,
        nurseries: new Map(),
      };
      this.fibers.set(number, fiber);
    }
    return fiber;
  }

  private begun(number: number, worker: number, ns: number, code: number): void {
    const fiber = this.fiber(number);
    fiber.begunNs = ns;
    this.running.set(worker, fiber);
    const name = this.names.code(code);
    const place = fiber.spawnedAt;
    fiber.name = fiber.given ?? (name === "closure" && place !== null ? `closure ${place}` : name);
    const { arrow } = fiber;
    if (arrow === null) return;
    fiber.arrow = null;
    const flow = { cat: arrow.kind, name: arrow.kind, id: ++this.arrows, pid: WORKERS };
    this.event({ ph: "s", ...flow, tid: arrow.worker + 1, ts: this.ts(arrow.ns) });
    this.event({ ph: "f", bp: "e", ...flow, tid: worker + 1, ts: this.ts(ns) });
  }

  private ended(number: number, worker: number, ns: number, why: number, extra: number, site: number): void {
    const fiber = this.running.get(worker) ?? this.fiber(number);
    const place = this.names.place(site);
    const ended = why === WHY_PARKED ? `${waitName(extra)}${place === null ? "" : ` at ${place}`}`
      : why === WHY_FINISHED ? OUTCOMES[extra] ?? "ended" : why === WHY_MOVED ? "goes to its worker" : "gave way";
    this.slice(fiber, worker, ns, { ended });
    this.running.delete(worker);
    if (why === WHY_FINISHED && this.fibers.get(number) === fiber) this.fibers.delete(number);
  }

  private slice(fiber: Traced, worker: number, ns: number, args: Record<string, unknown>): void {
    // a flight recorder may have forgotten the beginning
    const from = fiber.begunNs < 0 ? this.originNs : fiber.begunNs;
    fiber.begunNs = -1;
    if (fiber.spawnedAt !== null) args["spawned"] = fiber.spawnedAt;
    this.event({
      ph: "X", cat: "fiber", name: fiber.name, pid: WORKERS, tid: worker + 1, ts: this.ts(from),
      dur: this.ts(ns) - this.ts(from), args: { fiber: fiber.number, ...args },
    });
  }

  private opened(number: number, ns: number, handle: number, site: number): void {
    const place = this.names.place(site);
    this.fiber(number).nurseries.set(handle, place === null ? "nursery" : `nursery ${place}`);
    this.nurseryEvent("b", number, ns, handle, { fiber: number });
  }

  private closed(number: number, ns: number, handle: number): void {
    this.nurseryEvent("e", number, ns, handle, {});
    this.fiber(number).nurseries.delete(handle);
  }

  private nurseryEvent(ph: string, number: number, ns: number, handle: number, args: object): void {
    const fiber = this.fiber(number);
    const name = fiber.nurseries.get(handle);
    if (name === undefined) return; // opened before a flight recorder's first record
    const id2 = { local: `0x${fiber.lane.toString(16)}` };
    this.event({ ph, cat: "nursery", name, id2, pid: FIBERS, tid: fiber.lane, ts: this.ts(ns), args });
  }

  private awoke(worker: number, ns: number): void {
    const from = this.sleeping.get(worker) ?? this.originNs;
    this.sleeping.delete(worker);
    const dur = this.ts(ns) - this.ts(from);
    this.event({ ph: "X", cat: "idle", name: "asleep", pid: WORKERS, tid: worker + 1, ts: this.ts(from), dur });
  }

  private instant(name: string, worker: number, ns: number): void {
    this.event({ ph: "i", s: "t", cat: "scheduler", name, pid: WORKERS, tid: worker + 1, ts: this.ts(ns) });
  }

  private ts(ns: number): number {
    return (ns - this.originNs) / 1000;
  }

  private event(event: Record<string, unknown>): void {
    if (typeof event["dur"] === "number") event["dur"] = Math.round(event["dur"] * 1000) / 1000;
    this.text += `${this.isFirst ? "" : ",\n"}${JSON.stringify(event)}`;
    this.isFirst = false;
    if (this.text.length < 1 << 20) return;
    this.write(this.text);
    this.text = "";
  }
}
