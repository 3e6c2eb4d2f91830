// The functions of std that are the runtime's: channels, tasks, tokens, std.sync, sleeping, blocking calls.
import { whyUncrossable } from "../eval/lower/crossing.ts";
import type { HostIntrinsics, HostSite } from "../eval/lower/intrinsics.ts";
import type { Program } from "../sema/index.ts";
import type { Type } from "../syntax/ast.ts";
import { assertionFailed } from "../eval/assertion.ts";
import { errorSetKey } from "../eval/declarations.ts";
import type { Fault } from "../eval/faults.ts";
import { pureIntrinsics } from "../eval/intrinsics/index.ts";
import { Kind, machine } from "../eval/machine.ts";
import {
  Failure, Handle, HandleKind, Slice, VOID, bytes, elementKind, fromBig, type ErrorValue,
} from "../eval/values.ts";
import {
  AREA_EV, CAUSE_TASK, CHANNEL_CAPACITY_MAX, CHANNEL_SLOT_BYTES, FIBER_SIZE, INFO_CAPACITY, INFO_CLOSED, INFO_LEN,
  NATIVE_FS_APPEND_FILE,
  NATIVE_FS_EXISTS, NATIVE_FS_LIST_DIR, NATIVE_FS_MAKE_DIR,
  NATIVE_FS_MAKE_NEW_DIR, NATIVE_FS_READ_AT, NATIVE_FS_READ_FILE, NATIVE_FS_REMOVE, NATIVE_FS_RENAME, NATIVE_FS_STAT,
  NATIVE_FS_WRITE_AT, NATIVE_FS_WRITE_FILE, NATIVE_STDIN_ALL, NATIVE_STDIN_LINE, STATUS_FAILED,
  STATUS_CLOSED, STATUS_INVALID, TAG_DATA, TAG_NULL, FIBER_WAKE_PAYLOAD, FIBER_WAKE_TAG, STATUS_EMPTY, STATUS_OK,
  STATUS_OVER_BUDGET, STATUS_PARKED, WORKERS_MAX,
} from "./abi.generated.ts";
import { clone } from "../eval/clone.ts";
import { roomFor } from "../eval/room.ts";
import { named } from "../eval/intrinsics/errors.ts";
import { layoutOfStruct } from "../eval/layouts.ts";
import { isSharedMemory } from "../eval/snapshot.ts";
import { share } from "./codec.ts";
import { own } from "./handles.ts";
import { Op, type CoreHost } from "./host.ts";
import { core } from "./library.ts";
import { arenaBytes, arenaI32, recordF64, recordI32 } from "./memory.ts";
import { ELEMENT_BYTES } from "./shared.ts";
import { socketIntrinsics } from "./sockets.ts";
import { showPlaceOf, showSite, traceLines, type Units } from "./traces.ts";
import { drop, give, look, outPayload, outTag } from "./transport.ts";
import { receiverAt } from "./names.ts";

const WORDS = FIBER_SIZE / 4;
const DOUBLES = FIBER_SIZE / 8;
const TWO_32 = 4294967296;

const low = (v: number | bigint): number => (typeof v === "number" ? v | 0 : Number(BigInt.asIntN(32, v)));
const high = (v: number | bigint): number =>
  typeof v === "number" ? ((v - (v >>> 0)) / TWO_32) | 0 : Number(BigInt.asIntN(32, v >> 32n));

function wide(lo: number, hi: number, signed: boolean): number | bigint {
  const x = (signed ? hi : hi >>> 0) * TWO_32 + (lo >>> 0);
  return Number.isSafeInteger(x) ? x : fromBig((BigInt(signed ? hi : hi >>> 0) << 32n) | BigInt(lo >>> 0));
}

export interface RuntimeFacts {
  host: CoreHost;
  /** program arguments, and workers allowed. */
  args: string[];
  workers: number;
  units: Units;
  program: Program;
}

/** Numbers of std.task's Locals made in this VM. */
let nextLocal = 1;

export function hostIntrinsics({ host, args, workers, units, program }: RuntimeFacts): HostIntrinsics {
  const w = host.worker;
  const me = () => machine.fiber.id;
  const area = core.janus_worker_area(w) + AREA_EV;
  const event = (i: number) => arenaI32[(area >>> 2) + i]!;
  const made = (kind: HandleKind, id: number, place: number): any =>
    id <= 0 ? machine.panic("P006", "no room for another shared object", place) : own(kind, id);

  /** What makes a handle through which values pass: a panic for an instance through which references would. */
  const carrier = ({ typeArgs, place }: HostSite, name: string, make: (...args: any[]) => any) => {
    const why = whyUncrossable(program, `what would pass through this ${name}`, typeArgs[0]!);
    return why === "" ? make : () => machine.panic("P014", why, place);
  };

  /** Gives a value to an operation that takes it over when it succeeds. */
  const giving = (v: any, place: number, go: (tag: number, payload: number) => any, own = false): any => {
    try {
      give(v, own);
    } catch (e) {
      return host.notGiven(e, place);
    }
    return go(outTag, outPayload);
  };

  /** Whether a channel may have so many slots, and there is memory for them; a panic says why not. */
  const isCapacity = (capacity: number | bigint, place: number): boolean => {
    const fault: Fault = (code, why) => machine.panic(code, why, place);
    if (capacity >= 0 && capacity <= CHANNEL_CAPACITY_MAX) return roomFor(Number(capacity) * CHANNEL_SLOT_BYTES, fault);
    fault("P009", `a channel's capacity is 0 to 2^${Math.log2(CHANNEL_CAPACITY_MAX)}, not ${capacity}`);
    return false;
  };

  const channels: HostIntrinsics = {
    "channel.new": (site) => carrier(site, "channel", (capacity) => {
      const { place } = site;
      if (!isCapacity(capacity, place)) return undefined;
      return made(HandleKind.Channel, core.janus_channel_new(w, Number(capacity), place), place);
    }),
    "channel.send": ({ place }) => (channel, v) => host.send(channel, v, place),
    "channel.recv": ({ place, typeArgs }) => (channel) =>
      host.receive(channel, place, isOptional(typeArgs[0])),
    "channel.trySend": ({ place }) => (channel, v) => giving(v, place, (tag, payload) => {
      const status = core.janus_try_send(w, channel.id, tag, payload);
      if (status !== STATUS_OK) drop(tag, payload);
      return status === STATUS_OVER_BUDGET ? machine.cancel() : status === STATUS_OK;
    }),
    "channel.tryRecv": ({ place, typeArgs }) => (channel) => {
      const status = core.janus_try_recv(w, me(), channel.id);
      const isTold = status === STATUS_OK || status === STATUS_OVER_BUDGET;
      return isTold ? host.settle(received(typeArgs[0]), status, place) : null;
    },
    "channel.close": ({ place }) => (channel) => (core.janus_close_channel(w, channel.id, place), VOID),
    "channel.isClosed": () => (channel) => core.janus_channel_info(channel.id, INFO_CLOSED) === 1,
    "channel.len": () => (channel) => core.janus_channel_info(channel.id, INFO_LEN),
    "channel.cap": () => (channel) => core.janus_channel_info(channel.id, INFO_CAPACITY),
  };

  const texts = (lines: (string | null)[]) => new Slice(lines.map((line) => bytes(line ?? "")), 0);
  const traceOf = (sites: number[]) => traceLines(units, sites).map((line) => line.trim());

  const tasks: HostIntrinsics = {
    "task.outcome": ({ place }) => (task) => host.outcome(task, place),
    "task.local_id": () => () => nextLocal++ * WORKERS_MAX + w,
    "task.local_get": () => (id, initial) => {
      const { locals } = machine.fiber;
      for (let i = locals.length - 2; i >= 0; i -= 2) if (locals[i] === id) return locals[i + 1];
      return initial;
    },
    "task.local_set": ({ place }) => (id, value) => {
      const { fiber } = machine;
      const own = clone(value);
      if (host.freezeShared(own, "the value of this `Local`", place) === undefined) return undefined;
      const before = fiber.locals.length;
      fiber.locals = [...fiber.locals, id, own];
      return before;
    },
    "task.local_restore": () => (count) => {
      const { fiber } = machine;
      fiber.locals = fiber.locals.slice(0, count);
      return VOID;
    },
    "task.cancel": ({ place }) => (task) =>
      (core.janus_task_cancel(w, task.id, task.generation, CAUSE_TASK, place), VOID),
    "task.try_await": ({ place, typeArgs }) => (task) => host.tryAwait(task, place, isOptional(typeArgs[0])),
    "task.is_done": () => (task) => core.janus_task_state(task.id, task.generation) > 0,
    "nursery.cancel": ({ place }) => (nursery) => (host.cancelNursery(nursery, false, place), VOID),
    "nursery.token": ({ place }) => (nursery) =>
      made(HandleKind.Token, core.janus_token_new(w, nursery.id), place),
    "nursery.failures": ({ result }) => {
      const layout = layoutOfStruct(((result as Type & { k: "slice" }).of as Type & { k: "struct" }).decl);
      return (err: ErrorValue) => new Slice((err.children ?? []).map(([what, panicked, name, spawned, trace]) =>
        layout.construct([what, panicked, name, bytes(showSite(units, spawned) ?? ""), texts(traceOf(trace))])), 0);
    },
    "task.trace": () => (result: unknown) => texts(result instanceof Failure ? traceOf(result.trace) : []),
    "token.new": ({ place }) => () => made(HandleKind.Token, core.janus_token_new(w, 0), place),
    "token.child": ({ place }) => (token) => made(HandleKind.Token, core.janus_token_new(w, token.id), place),
    "token.cancel": ({ place }) => (token) => (core.janus_token_cancel(w, token.id, place), VOID),
    "token.is_cancelled": () => (token) => core.janus_token_state(token.id) === 1,
    cancel_reason: () => () => host.cancelReason(),
    is_cancelled: () => () => host.isCancelled(),
    sleep: ({ place }) => (ms) => host.sleep(Number(ms), place),
  };

  /** A lock that the fiber holds already: it would wait for itself. at: where it asks, in the program. */
  const relocked = (m: Handle, at: number, place: number): undefined => {
    const name = receiverAt(units, at);
    const since = showPlaceOf(units, core.janus_mutex_site(w, me(), m.id));
    const here = showPlaceOf(units, at);
    return machine.panic("P010", `deadlock: the fiber waits for the lock${name === null ? "" : ` of \`${name}\``}` +
      `${here === null ? "" : ` at ${here}`}, which it holds itself${since === null ? "" : ` since ${since}`}`, place);
  };

  /** A guard that is not that of the fiber's own lock. */
  const noGuard = (status: number, what: string, place: number): undefined =>
    machine.panic("P005", status === STATUS_INVALID
      ? `${what} by the guard of another fiber: a guard stays in the fiber that took the lock`
      : `${what} without its lock: the guard has given it back`, place);

  const unlocked = (m: Handle, turn: number, poison: number, place: number): any => {
    const status = core.janus_mutex_unlock(w, me(), m.id, turn, poison);
    return status === STATUS_INVALID ? noGuard(status, "a mutex was unlocked", place) : VOID;
  };

  const sync: HostIntrinsics = {
    "atomic.new": ({ typeArgs, place }) => {
      const { lo, hi } = cellOf(typeArgs[0]!);
      return (v) => made(HandleKind.Atomic, core.janus_atomic_new(w, lo(v), hi(v)), place);
    },
    "atomic.fence": ({ place }) => (order) =>
      core.janus_fence(ordering(order)) === STATUS_OK ? VOID
        : machine.panic("P005", "a fence cannot be relaxed", place),
    ...atomics((op, site) => {
      const cell = cellOf(site.typeArgs[0]!);
      return (atomic: Handle, v: any, order: any) => {
        const status = core.janus_atomic_op(w, atomic.id, op, ordering(order), cell.lo(v), cell.hi(v), cell.bits);
        if (status !== STATUS_OK) return refusedOrder(site.place);
        return cell.from(event(0), event(1));
      };
    }),
    "atomic.compare_exchange": exchange(false),
    "atomic.compare_exchange_weak": exchange(true),
    "parker.new": ({ place }) => () => made(HandleKind.Parker, core.janus_parker_new(w), place),
    "parker.park": ({ place }) => (p) => host.settle(Op.Park, core.janus_park(w, me(), p.id, -1, place), place),
    "parker.park_timeout": ({ place }) => (p, ns) =>
      host.settle(Op.ParkTimeout, core.janus_park(w, me(), p.id, Math.max(0, Number(ns)), place), place),
    "parker.unpark": () => (p) => (core.janus_unpark(w, p.id), VOID),
    "mutex.new": (site) => carrier(site, "mutex", (v) => giving(v, site.place, (tag, payload) =>
      made(HandleKind.Mutex, core.janus_mutex_new(w, tag, payload, site.place), site.place), true)),
    "mutex.lock": ({ place }) => (m, at) => {
      const status = core.janus_mutex_lock(w, me(), m.id, at === 0 ? place : at);
      return status === STATUS_INVALID ? relocked(m, at, place) : host.settle(Op.Lock, status, place);
    },
    "mutex.taken": () => (m, at) => core.janus_mutex_taken(w, me(), m.id, at),
    "mutex.try_lock": ({ place }) => (m) => {
      const status = core.janus_mutex_try_lock(w, me(), m.id);
      return status === STATUS_EMPTY ? null : host.settle(Op.Lock, status, place);
    },
    "mutex.get": ({ place }) => (m, turn) => {
      const status = core.janus_mutex_get(w, me(), m.id, turn);
      if (status !== STATUS_OK) return noGuard(status, "the value of a mutex was read", place);
      const record = me();
      const tag = recordI32[record * WORDS + FIBER_WAKE_TAG / 4]!;
      return look(tag, recordF64[record * DOUBLES + FIBER_WAKE_PAYLOAD / 8]!);
    },
    "mutex.set": ({ place }) => (m, turn, v) => giving(v, place, (tag, payload) => {
      const status = core.janus_mutex_set(w, me(), m.id, turn, tag, payload);
      if (status === STATUS_OK) return VOID;
      drop(tag, payload);
      return noGuard(status, "the value of a mutex was changed", place);
    }, true),
    "mutex.unlock": ({ place }) => (m, turn) => unlocked(m, turn, 0, place),
    "mutex.close": ({ place }) => (m, turn) =>
      unlocked(m, turn, machine.fiber.unwinding === Kind.Panic ? 1 : 0, place),
  };

  const rings: HostIntrinsics = {
    "ring.new": (site) => carrier(site, "channel", (kind, backing: Slice, capacity) => {
      const { typeArgs, place } = site;
      const elements = backing.len === 0 ? 0 : elementKind(typeArgs[0]!);
      const slots = elements === 0 ? capacity : backing.len;
      if (!isCapacity(slots, place)) return undefined;
      let block = 0;
      if (elements !== 0) {
        // elements that are a value's own, or a snapshot's, stay where they are
        if (!isSharedMemory(backing.root)) backing = new Slice(backing.toArray(), elements);
        try {
          share(backing.root);
        } catch (e) {
          return host.notGiven(e, place);
        }
        block = backing.root.shared!.offset;
      }
      const from = backing.off * ELEMENT_BYTES[elements]!;
      const least = Math.max(1, Number(slots));
      return made(HandleKind.Ring, core.janus_ring_new(w, Number(kind), block, from, least, elements), place);
    }),
    "ring.send": ({ place }) => (ring, v) => giving(v, place, (tag, payload) => {
      const status = core.janus_ring_send(w, me(), ring.id, tag, payload, place);
      if (status !== STATUS_OK && status !== STATUS_PARKED) drop(tag, payload);
      return status === STATUS_CLOSED ? host.closedSend(place, ring.id) : host.settle(Op.Send, status, place);
    }),
    "ring.recv": ({ place, typeArgs }) => (ring) =>
      host.settle(received(typeArgs[0]), core.janus_ring_recv(w, me(), ring.id, place), place),
    "ring.try_send": ({ place }) => (ring, v) => giving(v, place, (tag, payload) => {
      const status = core.janus_ring_try_send(w, ring.id, tag, payload);
      if (status !== STATUS_OK) drop(tag, payload);
      return status === STATUS_OVER_BUDGET ? machine.cancel() : status === STATUS_OK;
    }),
    "ring.try_recv": ({ place, typeArgs }) => (ring) => {
      const status = core.janus_ring_try_recv(w, me(), ring.id);
      const isTold = status === STATUS_OK || status === STATUS_OVER_BUDGET;
      return isTold ? host.settle(received(typeArgs[0]), status, place) : null;
    },
    "ring.close": ({ place }) => (ring) => (core.janus_ring_close(w, ring.id, place), VOID),
    "ring.is_closed": () => (ring) => core.janus_ring_info(ring.id, INFO_CLOSED) === 1,
    "ring.len": () => (ring) => core.janus_ring_info(ring.id, INFO_LEN),
    "ring.cap": () => (ring) => core.janus_ring_info(ring.id, INFO_CAPACITY),
  };

  /** A blocking call: it runs on the fiber's own native stack. Arguments are strings. */
  const native = (fn: number) => (site: HostSite) => {
    const set = site.result.k === "result" ? site.result.error.sets[0] : undefined;
    if (set === undefined) throw new Error(`native function ${fn} may fail, but is declared without an error`);
    const errors = errorSetKey(set);
    const isRead = fn === NATIVE_FS_READ_FILE || fn === NATIVE_FS_READ_AT;
    const paths = fn === NATIVE_STDIN_LINE || fn === NATIVE_STDIN_ALL ? 0 : fn === NATIVE_FS_RENAME ? 2 : 1;
    return (...values: string[]) => {
      const about = paths === 0 ? null : values.slice(0, paths).map(named).join(" -> ");
      const given = isRead ? [...values, String(Math.floor(host.room))] : values;
      return blockingCall(fn, given, errors, site.place, about);
    };
  };

  const blockingCall = (
    fn: number, values: string[], errors: string, place: number, about: string | null,
  ): any => {
    let block = 0;
    if (values.length > 0) {
      block = core.janus_alloc(w, values.reduce((sum, v) => sum + 4 + v.length, 0));
      if (block === 0) return machine.panic("P006", "out of memory", place);
      let at = block;
      for (const v of values) {
        arenaBytes.writeUInt32LE(v.length, at);
        at += 4 + arenaBytes.latin1Write(v, at + 4, v.length);
      }
    }
    const status = core.janus_native(w, me(), fn, block === 0 ? TAG_NULL : TAG_DATA, block, place);
    const result = status === STATUS_PARKED || status === STATUS_OK || status === STATUS_FAILED;
    if (!result && block !== 0) drop(TAG_DATA, block);
    return host.native(status, [fn === NATIVE_FS_LIST_DIR, errors, place, about]);
  };

  const blocking: HostIntrinsics = {
    "native.fs_read_file": native(NATIVE_FS_READ_FILE),
    "native.fs_write_file": native(NATIVE_FS_WRITE_FILE),
    "native.fs_append_file": native(NATIVE_FS_APPEND_FILE),
    "native.fs_exists": native(NATIVE_FS_EXISTS),
    "native.fs_list_dir": native(NATIVE_FS_LIST_DIR),
    "native.fs_remove": native(NATIVE_FS_REMOVE),
    "native.fs_make_dir": native(NATIVE_FS_MAKE_DIR),
    "native.fs_make_new_dir": native(NATIVE_FS_MAKE_NEW_DIR),
    "native.fs_rename": native(NATIVE_FS_RENAME),
    "native.fs_stat": native(NATIVE_FS_STAT),
    "native.fs_read_at": native(NATIVE_FS_READ_AT),
    "native.fs_write_at": native(NATIVE_FS_WRITE_AT),
    "native.stdin_line": native(NATIVE_STDIN_LINE),
    "native.stdin_all": native(NATIVE_STDIN_ALL),
  };

  const system: HostIntrinsics = {
    // only as a value: a call of it is a step of its own (eval/lower/assertions.ts)
    assert: ({ place, text }) => (ok, message) =>
      ok === true ? VOID : machine.panic("P004", assertionFailed(text, message ?? "", []), place),
    panic: (site) => {
      const show = pureIntrinsics.str!({ ...site, rt: null as any });
      return (...values) => machine.panic("P004", show(...values), site.place);
    },
    unreachable: (site) => {
      const show = pureIntrinsics.str!({ ...site, rt: null as any });
      return (...values) => machine.panic("P005", show(...values) || "code that cannot be reached was", site.place);
    },
    flush: ({ place }) => () => host.flush(place),
    "time.now": () => () => core.janus_now_ns(),
    "time.unix": () => () => Date.now(),
    "random.entropy": () => () => crypto.getRandomValues(new Uint32Array(1))[0]!,
    "os.args": () => () => new Slice(args.slice(), 0),
    // of the status the system takes the low byte
    "os.exit": ({ place }) => (status) => host.exit(Number(BigInt.asUintN(8, BigInt(status))), place),
    "os.cpu_count": () => () => workers,
  };
  return { ...channels, ...tasks, ...sync, ...rings, ...blocking, ...socketIntrinsics(host), ...system };

  function exchange(_weak: boolean) {
    return (site: HostSite) => {
      const cell = cellOf(site.typeArgs[0]!);
      return (atomic: Handle, expected: any, next: any, success: any, failure: any) => {
        const status = core.janus_atomic_cas(w, atomic.id, ordering(success), ordering(failure),
          cell.lo(expected), cell.hi(expected), cell.lo(next), cell.hi(next));
        if (status === STATUS_OK) return null;
        if (status !== STATUS_EMPTY) return refusedOrder(site.place);
        return cell.from(event(0), event(1));
      };
    };
  }
}

const refusedOrder = (place: number): undefined =>
  machine.panic("P005", "this operation cannot take this memory ordering", place);

/** Can a T itself be null, so that ?T needs a box? */
const isOptional = (type: Type | undefined): boolean => type?.k === "optional";

const received = (type: Type | undefined): Op => (isOptional(type) ? Op.ReceiveBoxed : Op.Receive);

/** std's Ordering by position → the core's number. */
const ORDERINGS = [0, 5, 1, 2, 3, 4];
const ordering = (o: { tag: number }): number => ORDERINGS[o.tag]!;

const ATOMIC_OPS: [string, number, number][] = [
  // name, the core's number, position of the ordering among the arguments
  ["load", 0, 0], ["store", 1, 1], ["swap", 2, 1], ["fetch_add", 3, 1], ["fetch_sub", 4, 1], ["fetch_and", 5, 1],
  ["fetch_or", 6, 1], ["fetch_xor", 7, 1],
];

function atomics(make: (op: number, site: HostSite) => (atomic: Handle, v: any, order: any) => any): HostIntrinsics {
  const table: HostIntrinsics = {};
  for (const [name, op, order] of ATOMIC_OPS) {
    table[`atomic.${name}`] = (site) => {
      const run = make(op, site);
      if (order === 0) return (atomic, o) => run(atomic, 0, o);
      if (name === "store") return (atomic, v, o) => (run(atomic, v, o) === undefined ? undefined : VOID);
      return run;
    };
  }
  return table;
}

/** How values of an AtomicEligible type lie in the core's 64-bit cell. bits: negative for signed. */
interface Halves {
  bits: number;
  lo(v: any): number;
  hi(v: any): number;
  from(lo: number, hi: number): any;
}

function cellOf(type: Type): Halves {
  if (type.k === "bool") {
    return { bits: 8, lo: (v) => (v ? 1 : 0), hi: () => 0, from: (lo) => lo === 1 };
  }
  if (type.k !== "int") throw new Error(`Atomic of ${type.k}`);
  const { bits, signed } = type;
  return {
    bits: signed ? -bits : bits,
    lo: low,
    hi: high,
    from: bits === 64 ? (lo, hi) => wide(lo, hi, signed) : signed ? (lo) => (lo << (32 - bits)) >> (32 - bits)
      : (lo) => (bits === 32 ? lo >>> 0 : lo & ((1 << bits) - 1)),
  };
}
