// The operations of std.net that ask the core. One that cannot complete parks its fiber until the socket may be ready,
// and is entered again with the same state: so a state is plain data, which moves with its fiber, and what was not done
// is still to be done. The bytes go through the worker's scratch memory.
import type { HostIntrinsics, HostSite } from "../eval/lower/intrinsics.ts";
import { errorSetKey } from "../eval/declarations.ts";
import { named } from "../eval/intrinsics/errors.ts";
import { layoutOfTuple } from "../eval/layouts.ts";
import { machine } from "../eval/machine.ts";
import { Handle, HandleKind, VOID } from "../eval/values.ts";
import {
  AREA_EV, CHANGE_CLOSE, CHANGE_FINISH, CHANGE_NO_DELAY_OFF, CHANGE_NO_DELAY_ON, READ_EXACT, READ_LINE, READ_SOME,
  SCRATCH_BYTES, SOCKET_CONNECT, SOCKET_LISTEN, SOCKET_UDP, STATUS_CANCELLED, STATUS_CLOSED, STATUS_EMPTY,
  STATUS_FAILED, STATUS_INVALID, STATUS_OUT_OF_MEMORY, STATUS_PARKED,
} from "./abi.generated.ts";
import { own } from "./handles.ts";
import { core } from "./library.ts";
import { arenaBytes, arenaI32 } from "./memory.ts";
import { systemError } from "./system-errors.ts";

const enum What {
  Open,
  Connected,
  Accept,
  Read,
  Line,
  Exact,
  Write,
  SendTo,
  ReceiveFrom,
  Change,
}

/** What is needed of the host. */
export interface SocketHost {
  /** number of this VM's worker. */
  readonly worker: number;
  /** where the core puts what it says beside a status, and where bytes cross. */
  readonly area: number;
  readonly scratch: number;
  /** the fiber parks; `attempt` is called with the same state when it goes on. */
  parkedAtSocket(state: Attempt): undefined;
}

/**
 * What is tried; the socket; a text, and a count or a position in the text; the key of the error set; the place; when
 * the wait ends at the latest, in nanoseconds of the core's clock, or -1.
 */
export type Attempt =
  [what: What, socket: Handle, text: string, n: number, errors: string, place: number, deadline: number];

/** As much as is handed to the system at once, bytes. */
const PIECE = 1 << 18;
/** The longest text that comes in one piece: the scratch holds an address, too. */
const LONGEST = SCRATCH_BYTES - 1024;
const EINVAL = 22;
const EPIPE = 32;
const EMSGSIZE = 90;
const ETIMEDOUT = 110;
const TEXTS: Record<number, string> = {
  [EINVAL]: "it is no address", [EPIPE]: "the connection is closed", [EMSGSIZE]: "it is too long",
  [ETIMEDOUT]: "nothing came in time",
};

/** Tries an operation: its value, a failure, or the fiber parks and this is called again with the same state. */
export function attempt(host: SocketHost, state: Attempt): any {
  const [what, { id }, text, n, , place, deadline] = state;
  const { worker: w, scratch } = host;
  const me = machine.fiber.id;
  switch (what) {
    case What.Connected: {
      const status = core.janus_socket_connected(w, me, id, deadline, place);
      return status === 0 ? state[1] : stopped(host, status, state);
    }
    case What.Accept: {
      const handle = core.janus_socket_accept(w, me, id, place);
      return handle > 0 ? own(HandleKind.Socket, handle) : stopped(host, handle, state);
    }
    case What.Read:
      return given(host, core.janus_socket_read(w, me, id, READ_SOME, Math.min(n, LONGEST), deadline, place), state);
    case What.Line:
      return given(host, core.janus_socket_read(w, me, id, READ_LINE, Math.min(n, LONGEST), deadline, place), state);
    case What.Exact:
      if (n > LONGEST) return refused(EMSGSIZE, state);
      return given(host, core.janus_socket_read(w, me, id, READ_EXACT, n, deadline, place), state);
    case What.Write:
      for (let at = n; at < text.length;) {
        const piece = at === 0 && text.length <= PIECE ? text : text.slice(at, at + PIECE);
        arenaBytes.latin1Write(piece, scratch, piece.length);
        const sent = core.janus_socket_write(w, me, id, piece.length, deadline, place);
        if (sent < 0) return stopped(host, sent, [what, state[1], text, at, state[4], place, deadline]);
        at += sent;
      }
      return VOID;
    case What.SendTo: {
      // n: the address is so long, and stands before the datagram
      if (text.length > LONGEST) return refused(EMSGSIZE, state);
      arenaBytes.latin1Write(text, scratch, text.length);
      const sent = core.janus_socket_send_to(w, me, id, n, text.length - n, place);
      return sent >= 0 ? VOID : stopped(host, sent, state);
    }
    case What.ReceiveFrom: {
      const length = core.janus_socket_receive_from(w, me, id, Math.min(n, LONGEST), deadline, place);
      if (length < 0) return stopped(host, length, state);
      const from = scratch + length;
      return layoutOfTuple(2).construct([
        arenaBytes.latin1Slice(scratch, from), arenaBytes.latin1Slice(from, from + event(host, 0)),
      ]);
    }
    default: throw new Error(`operation ${what} does not wait`);
  }
}

const event = (host: SocketHost, i: number): number => arenaI32[((host.area + AREA_EV) >>> 2) + i]!;

function given(host: SocketHost, n: number, state: Attempt): any {
  return n >= 0 ? arenaBytes.latin1Slice(host.scratch, host.scratch + n) : stopped(host, n, state);
}

/** The operation did not complete. */
function stopped(host: SocketHost, negated: number, state: Attempt): any {
  const what = state[0];
  switch (-negated) {
    case STATUS_PARKED: return host.parkedAtSocket(state);
    case STATUS_CANCELLED: return cancelled(host, state);
    case STATUS_EMPTY: return what === What.Read ? "" : what === What.Line ? null : refused(EPIPE, state);
    case STATUS_CLOSED: return refused(EPIPE, state);
    case STATUS_INVALID: return refused(EINVAL, state);
    case STATUS_FAILED: {
      if (what === What.Connected) close(host, state[1]);
      const message = arenaBytes.latin1Slice(host.scratch, host.scratch + event(host, 1));
      return systemError(event(host, 0), message, state[4], state[5], addressOf(state));
    }
    case STATUS_OUT_OF_MEMORY: return machine.panic("P006", "no room for another socket", state[5]);
    default: return machine.panic("P005", `the runtime refused an operation (status ${-negated})`, state[5]);
  }
}

const refused = (code: number, state: Attempt): any =>
  systemError(code, TEXTS[code]!, state[4], state[5], addressOf(state));

/** The address that the operation was given; null: it was given none. */
function addressOf([what, , text, n]: Attempt): string | null {
  switch (what) {
    case What.Open: case What.Connected: return named(text);
    case What.SendTo: return named(text.slice(0, n));
    default: return null;
  }
}

/** The time for the operation is over. A connection that nobody has seen yet ends with it. */
export function timedOut(host: SocketHost, state: Attempt): any {
  if (state[0] === What.Connected) close(host, state[1]);
  return refused(ETIMEDOUT, state);
}

/** The fiber was cancelled in the operation. A connection that nobody has seen yet ends at once. */
export function cancelled(host: SocketHost, state: Attempt): any {
  if (state[0] === What.Connected) close(host, state[1]);
  return machine.cancel();
}

/** When so many milliseconds are over, on the core's clock; -1: never. */
const deadlineIn = (ms: number | bigint | null): number =>
  ms === null ? -1 : core.janus_now_ns() + Math.max(0, Number(ms)) * 1e6;

function close(host: SocketHost, socket: Handle): void {
  core.janus_socket_change(host.worker, socket.id, CHANGE_CLOSE);
}

export function socketIntrinsics(host: SocketHost): HostIntrinsics {
  const w = host.worker;
  const none = new Handle(HandleKind.Socket, 0, 0);

  const errorsOf = ({ result }: HostSite): string => {
    const set = result.k === "result" ? result.error.sets[0] : undefined;
    if (set === undefined) throw new Error("an operation of the network is declared without an error");
    return errorSetKey(set);
  };

  const open = (kind: number) => (site: HostSite) => {
    const errors = errorsOf(site);
    return (address: string, ms: number | bigint | null = null) => {
      const state: Attempt = [What.Open, none, address, 0, errors, site.place, -1];
      if (address.length > LONGEST) return refused(EINVAL, state);
      arenaBytes.latin1Write(address, host.scratch, address.length);
      const handle = core.janus_socket_open(w, kind, address.length);
      if (handle < 0) return stopped(host, handle, state);
      const socket = own(HandleKind.Socket, handle);
      if (kind !== SOCKET_CONNECT) return socket;
      return attempt(host, [What.Connected, socket, address, 0, errors, site.place, deadlineIn(ms)]);
    };
  };

  /** An operation with a count, and a time after which it ends. */
  const counted = (what: What) => (site: HostSite) => {
    const errors = errorsOf(site);
    return (socket: Handle, n: number | bigint, ms: number | bigint | null) => {
      if (n < 0) return machine.panic("P009", `a number of bytes is at least 0, not ${n}`, site.place);
      return attempt(host, [what, socket, "", Number(n), errors, site.place, deadlineIn(ms)]);
    };
  };

  const change = (site: HostSite, code: (...values: any[]) => number) => {
    const errors = errorsOf(site);
    return (socket: Handle, ...values: any[]) => {
      const status = core.janus_socket_change(w, socket.id, code(...values));
      return status === 0 ? VOID : stopped(host, status, [What.Change, socket, "", 0, errors, site.place, -1]);
    };
  };

  const address = (side: number) => (site: HostSite) => {
    const errors = errorsOf(site);
    return (socket: Handle) =>
      given(host, core.janus_socket_address(w, socket.id, side), [What.Change, socket, "", 0, errors, site.place, -1]);
  };

  return {
    "net.listen": open(SOCKET_LISTEN),
    "net.connect": open(SOCKET_CONNECT),
    "net.bind": open(SOCKET_UDP),
    "net.accept": (site) => {
      const errors = errorsOf(site);
      return (socket) => attempt(host, [What.Accept, socket, "", 0, errors, site.place, -1]);
    },
    "net.read": counted(What.Read),
    "net.read_line": counted(What.Line),
    "net.read_exact": counted(What.Exact),
    "net.write": (site) => {
      const errors = errorsOf(site);
      return (socket, text, ms) => attempt(host, [What.Write, socket, text, 0, errors, site.place, deadlineIn(ms)]);
    },
    "net.send_to": (site) => {
      const errors = errorsOf(site);
      return (socket, to: string, text: string) =>
        attempt(host, [What.SendTo, socket, to + text, to.length, errors, site.place, -1]);
    },
    "net.receive_from": counted(What.ReceiveFrom),
    "net.finish": (site) => change(site, () => CHANGE_FINISH),
    "net.no_delay": (site) => change(site, (on) => (on ? CHANGE_NO_DELAY_ON : CHANGE_NO_DELAY_OFF)),
    "net.cancel_on_disconnect": (site) => {
      const errors = errorsOf(site);
      return (socket, nursery) => {
        const status = core.janus_socket_watch(w, socket.id, nursery.id, site.place);
        return status === 0 ? VOID : stopped(host, status, [What.Change, socket, "", 0, errors, site.place, -1]);
      };
    },
    "net.close": () => (socket) => (close(host, socket), VOID),
    "net.address": address(0),
    "net.peer": address(1),
  };
}
