// The steps of structured concurrency: nursery, spawn, await, select, shield, yield. What they do is the host's; here
// is only what the evaluator owes: that a nursery is left by one door whatever way its body ends, and that failures and
// cancellations go where the language says.
import type { Step } from "../code.ts";
import type { Kit, Register } from "./kit.ts";

export interface SelectArm {
  body: Step;
  /** binds the received value; null: nothing to bind. */
  bind: ((value: any, frame: any) => void) | null;
}

export function fiberSteps({
  S, SUSPEND, RETURN, PANIC, CANCEL, PREEMPTED, Failure, VOID, stdError, attach, reportsOf, refusedByEngine,
}: Kit) {
  /** The body of something that is left by one door: what the engine refuses in it is a panic of its own. */
  const within = (body: Step, f: any): any => {
    try {
      return body(f);
    } catch (e) {
      return refusedByEngine(e, 0);
    }
  };

  return {
    /**
     * options gives NurseryOptions. slot: the nursery's Handle.
     * handled: a failure is the expression's value; else it leaves the function as `fail` would.
     */
    nursery(reg: Register, options: Step, slot: number, body: Step, handled: boolean, isVoid: boolean,
      site: number): Step {
      const open = (f: any, o: any): any => {
        const nursery = S.host.openNursery(o, site);
        if (nursery === undefined) return undefined;
        f[slot] = nursery;
        return close(f, within(body, f));
      };
      /** The body has ended with v, or with STOP and machine.kind saying how. */
      const close = (f: any, v: any): any => {
        let way: any[];
        if (v === undefined) {
          if (S.kind === SUSPEND) {
            S.cont.push(rBody, f, 0);
            return undefined;
          }
          way = [S.kind, S.value];
          const failed = S.kind === PANIC || S.kind === CANCEL || (S.kind === RETURN && S.value instanceof Failure);
          S.kind = 0;
          if (failed) S.host.cancelNursery(f[slot], way[0] !== CANCEL);
        } else {
          way = [0, v];
        }
        const outcome = S.host.joinNursery(f[slot]);
        if (outcome === undefined) {
          if (S.kind === SUSPEND) S.cont.push(rJoin, f, way);
          return undefined;
        }
        return closed(way, outcome);
      };
      /** A failure with all others of this nursery attached; alone, it is the only one that came out of it. */
      const withOthers = (what: any, outcome: any): any => {
        const children: any[] = outcome.children ?? [];
        const own = children.find((c) => c.task === what.ofTask);
        const others = children.filter((c) => c !== own).flatMap((c) => c.reports);
        const bound = exceeded(outcome.bound ?? outcome);
        if (bound !== null) others.push(...reportsOf(bound));
        return attach(what, others, own?.reports);
      };
      /** The bound of this nursery that was passed, as the failure that it is; null for none. */
      const exceeded = (outcome: any): any => {
        if (outcome.ended === "deadline") return new Failure(stdError("NurseryError", "DeadlineExceeded", []), [site]);
        if (outcome.ended !== "budget") return null;
        return new Failure(stdError("NurseryError", "BudgetExceeded", [outcome.what]),
          outcome.site === 0 ? [site] : [outcome.site, site]);
      };
      const raise = (failure: any): any => {
        if (handled) return failure;
        S.kind = RETURN;
        S.value = failure;
        return undefined;
      };
      /** Failures go first, also in a fiber that was cancelled: only a handler or a report ends one. */
      const closed = (way: any[], outcome: any): any => {
        const kind = way[0];
        if (kind === PANIC) return again([PANIC, withOthers(way[1], outcome)]);
        if (kind === RETURN && way[1] instanceof Failure && outcome.ended !== "panicked") {
          const failure = withOthers(way[1], outcome);
          // the body left because it awaited the child that failed: that is the nursery's own failure
          if (handled && outcome.children?.some((c: any) => c.task === way[1].ofTask)) return failure;
          return again([RETURN, failure]);
        }
        if (outcome.ended === "panicked") {
          outcome.panic.trace.push(site);
          outcome.panic.ofTask = outcome.children[0].task;
          const panic = withOthers(outcome.panic, outcome);
          // what the body failed with, unless a child told it
          const isBodys = kind === RETURN && way[1] instanceof Failure
            && !outcome.children.some((c: any) => c.task === way[1].ofTask);
          return again([PANIC, isBodys ? attach(panic, reportsOf(way[1])) : panic]);
        }
        if (outcome.ended === "failed") {
          outcome.failure.trace.push(site);
          outcome.failure.ofTask = outcome.children[0].task;
          return raise(withOthers(outcome.failure, outcome));
        }
        if (S.host.isCancelled()) {
          S.kind = CANCEL;
          S.value = null;
          return undefined;
        }
        const bound = exceeded(outcome);
        if (bound !== null) return raise(attach(bound, []));
        if (kind === CANCEL) {
          return isVoid ? VOID : S.panic("P012", "this nursery was cancelled before its block had a value", site);
        }
        return again(way);
      };
      const again = (way: any[]): any => {
        S.kind = way[0];
        if (way[0] === 0) return way[1];
        S.value = way[1];
        return undefined;
      };
      const rBody = reg((f, _s, v) => close(f, v), site);
      const rJoin = reg((_f, way, outcome) => (outcome === undefined ? undefined : closed(way, outcome)), site);
      const rOptions = reg((f, _s, o) => (o === undefined ? undefined : open(f, o)));
      return (f) => {
        const o = options(f);
        if (o === undefined) {
          if (S.kind === SUSPEND) S.cont.push(rOptions, f, 0);
          return undefined;
        }
        return open(f, o);
      };
    },

    /** raise: a failed task's error leaves the function. */
    awaitTask(reg: Register, task: Step, raise: boolean, site: number): Step {
      const settle = (task: number, v: any): any => {
        if (v === undefined) {
          if (S.kind === PANIC) S.value.ofTask = task;
          return undefined;
        }
        if (!(v instanceof Failure)) return v;
        v.ofTask = task;
        if (!raise) return v;
        v.trace.push(site);
        S.kind = RETURN;
        S.value = v;
        return undefined;
      };
      const rValue = reg((_f, task, v) => settle(task, v), site);
      const wait = (f: any, t: any): any => {
        const v = S.host.awaitTask(t, site);
        if (v === undefined && S.stopped() === SUSPEND) {
          S.cont.push(rValue, f, t.id);
          return undefined;
        }
        return settle(t.id, v);
      };
      const rTask = reg((f, _s, t) => (t === undefined ? undefined : wait(f, t)));
      return (f) => {
        const t = task(f);
        if (t === undefined) {
          if (S.kind === SUSPEND) S.cont.push(rTask, f, 0);
          return undefined;
        }
        return wait(f, t);
      };
    },

    /** operands: channels, values of send cases, the timeout, in order; prepare makes the cases of them. */
    select(reg: Register, operands: Step, prepare: (values: any[]) => { cases: any[]; timeout: number | null },
      arms: SelectArm[], hasDefault: Step | null, timeout: Step | null, site: number): Step {
      const chosen = (f: any, v: any): any => {
        const i = S.host.selectedCase();
        if (i === -1) return hasDefault!(f);
        if (i === -2) return timeout!(f);
        const arm = arms[i]!;
        if (arm.bind !== null) arm.bind(v, f);
        return arm.body(f);
      };
      const wait = (f: any, values: any[]): any => {
        const { cases, timeout: ms } = prepare(values);
        const v = S.host.select(cases, hasDefault !== null, ms, site);
        if (v === undefined) {
          if (S.kind === SUSPEND) S.cont.push(rCase, f, 0);
          return undefined;
        }
        return chosen(f, v);
      };
      const rCase = reg((f, _s, v) => (v === undefined ? undefined : chosen(f, v)), site);
      const rOperands = reg((f, _s, values) => (values === undefined ? undefined : wait(f, values)));
      return (f) => {
        const values = operands(f);
        if (values === undefined) {
          if (S.kind === SUSPEND) S.cont.push(rOperands, f, 0);
          return undefined;
        }
        return wait(f, values);
      };
    },

    shield(reg: Register, body: Step): Step {
      const r = reg((_f, _s, v) => {
        S.host.shield(-1);
        return v;
      });
      return (f) => {
        S.host.shield(1);
        const v = within(body, f);
        if (v === undefined && S.kind === SUSPEND) {
          S.cont.push(r, f, 0);
          return undefined;
        }
        S.host.shield(-1);
        return v;
      };
    },

    /** A shield that ends by itself after so many milliseconds. */
    shieldFor(reg: Register, ms: Step, body: Step, site: number): Step {
      const r = reg((_f, shield, v) => {
        S.host.leaveGrace(shield);
        return v;
      });
      const rMs = reg((f, _s, v) => (v === undefined ? undefined : run(f, v)));
      const run = (f: any, v: any): any => {
        const shield = S.host.enterGrace(Number(v), site);
        if (shield === undefined) return undefined;
        const result = within(body, f);
        if (result === undefined && S.kind === SUSPEND) {
          S.cont.push(r, f, shield);
          return undefined;
        }
        S.host.leaveGrace(shield);
        return result;
      };
      return (f) => {
        const v = ms(f);
        if (v === undefined) {
          if (S.kind === SUSPEND) S.cont.push(rMs, f, 0);
          return undefined;
        }
        return run(f, v);
      };
    },

    giveWay(reg: Register): Step {
      const r = reg((_f, _s, _v) => VOID);
      return (f) => {
        S.suspend(PREEMPTED);
        S.cont.push(r, f, 0);
        return undefined;
      };
    },
  };
}
