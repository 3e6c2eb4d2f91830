// The code of a REPL session's fiber: a nursery around a loop that waits for an entry, runs it on the cells of the
// entries before it, and reports. When a spawned task fails, the nursery cancels the others, as everywhere; the session
// reports that and goes on in a new nursery.
import type { FnInfo, GlobalDecl, Local, Unit } from "../../syntax/ast.ts";
import { Code, type PanicValue } from "../code.ts";
import { NO_OPTIONS } from "../host.ts";
import { Kind, machine, newFrame } from "../machine.ts";
import { registerIn } from "../steps/kit.ts";
import { shared } from "../steps/tier.ts";
import { Cell, Failure, type Handle, VOID } from "../values.ts";
import { bootCode } from "./boot.ts";
import type { Instances } from "./instances.ts";

/** An entry that has been checked. */
export interface ReadyEntry {
  unit: Unit;
  fn: FnInfo;
  globals: GlobalDecl[];
}

export interface SessionEvents {
  /** The next entry, or null when what was typed has been answered already (it has errors). */
  next(): ReadyEntry | null;
  /** It ended: with a value, a Failure, or undefined and machine.kind saying how. */
  ended(entry: ReadyEntry, value: any): void;
  /** A task of the session failed (a Failure) or panicked (a PanicValue). */
  taskFailed(how: any): void;
}

export function sessionCode(instances: Instances, inbox: Handle, on: SessionEvents): Code {
  const code = new Code("session", "session", () => undefined);
  code.tier = 0;
  const slot = code.slots++;
  const reg = registerIn(code);
  const { control, apply, fibers } = shared;
  const cells = new Map<Local, Cell>();
  let closed = false;
  /** Tasks of this nursery with whose failures entries ended, at an `await`: these have been told. */
  const told = new Set<number>();

  const more = apply.apply1(reg, () => machine.host.receive(inbox, 0), (v) => {
    closed = v === null;
    return !closed;
  });

  /** The entry has ended: its variables stay for those to come. */
  const settled = (entry: ReadyEntry, g: any[], v: any): any => {
    const entryCode: Code = g[0];
    for (const [local, at] of entryCode.locals) if (g[at] instanceof Cell) cells.set(local, g[at]);
    const cancelled = v === undefined && machine.kind === Kind.Cancel;
    const wasReturn = v === undefined && machine.kind === Kind.Return;
    if (wasReturn || (v === undefined && machine.kind === Kind.Panic)) told.add(machine.value.ofTask);
    on.ended(entry, wasReturn ? machine.value : v);
    // a cancelled nursery is left; anything else ends with its report
    if (cancelled && machine.host.isCancelled()) return undefined;
    machine.kind = Kind.None;
    return VOID;
  };

  const started = (entry: ReadyEntry): any => {
    const entryCode = instances.ofEntry(entry.unit, entry.fn);
    const g = newFrame(entryCode);
    g[2] = entry.fn.captures.map((local) => cells.get(local));
    const v = entryCode.body(g);
    if (v === undefined && machine.kind === Kind.Suspend) {
      machine.cont.push(rEntry, g, entry);
      return undefined;
    }
    return settled(entry, g, v);
  };

  const evaluate = (f: any): any => {
    const entry = on.next();
    if (entry === null) return VOID;
    const v = bootCode(instances, entry.globals, null).body(f);
    if (v === undefined) {
      if (machine.kind === Kind.Suspend) machine.cont.push(rGlobals, f, entry);
      else return failedGlobals(entry);
      return undefined;
    }
    return started(entry);
  };

  const failedGlobals = (entry: ReadyEntry): any => {
    on.ended(entry, undefined);
    machine.kind = Kind.None;
    return VOID;
  };

  const rGlobals = reg((_f, entry, v) => (v === undefined ? failedGlobals(entry) : started(entry)));
  const rEntry = reg((g, entry, v) => settled(entry, g, v));

  const options = shared.leaf.constant(NO_OPTIONS);
  const round = fibers.nursery(reg, options, slot, control.whileLoop(reg, more, evaluate, 1), true, true, 0);
  const taskFailed = (how: Failure | PanicValue): void => {
    const alone = (how instanceof Failure ? how.error : how).children?.length === 1;
    if (!alone || !told.has(how.ofTask)) on.taskFailed(how);
    told.clear();
  };
  const guarded = (v: any): any => {
    if (v instanceof Failure) taskFailed(v);
    else if (v === undefined && machine.kind === Kind.Panic) {
      taskFailed(machine.value);
      machine.kind = Kind.None;
    } else if (v === undefined) return undefined;
    return VOID;
  };
  const rRound = reg((_f, _s, v) => guarded(v));
  const guard = (f: any): any => {
    const v = round(f);
    if (v === undefined && machine.stopped() === Kind.Suspend) {
      machine.cont.push(rRound, f, 0);
      return undefined;
    }
    return guarded(v);
  };
  code.body = control.whileLoop(reg, () => !closed, guard, 2);
  return code;
}
