// Sequence, choice, loops, and leaving them. Loops and blocks keep how far they have come in the state of their
// resumption; a loop that waits costs one entry however long it runs.
import type { Step } from "../code.ts";
import type { Kit, Register } from "./kit.ts";

/** The rounds of a loop as a text (fuse/flow.ts); at: 1 when a while's condition has just been found to be true. */
export interface FusedLoop {
  run(f: any, at?: number): any;
}

export function controlSteps({ S, SUSPEND, BREAK, CONTINUE, RETURN, PREEMPTED, COLD_ROUND, VOID, Cell, fromBig }: Kit) {
  return {
    /** Steps in order; the value of the last. */
    block2(reg: Register, a: Step, b: Step): Step {
      const ra = reg((f, _s, v) => (v === undefined ? undefined : b(f)));
      return (f) => {
        if (a(f) === undefined) {
          if (S.kind === SUSPEND) S.cont.push(ra, f, 0);
          return undefined;
        }
        return b(f);
      };
    },

    block(reg: Register, steps: Step[]): Step {
      const last = steps.length - 1;
      const tail = steps[last]!;
      const go = (f: any, from: number): any => {
        for (let i = from; i < last; i++) {
          if (steps[i]!(f) === undefined) {
            if (S.kind === SUSPEND) S.cont.push(r, f, i + 1);
            return undefined;
          }
        }
        return tail(f);
      };
      const r = reg((f, next, v) => (v === undefined ? undefined : go(f, next)));
      return (f) => go(f, 0);
    },

    /** cond is a step that gives a bool. otherwise null: VOID. */
    choose(reg: Register, cond: Step, then: Step, otherwise: Step | null): Step {
      const r = reg((f, _s, c) =>
        c === true ? then(f) : c === undefined ? undefined : otherwise === null ? VOID : otherwise(f));
      if (otherwise === null) {
        return (f) => {
          const c = cond(f);
          if (c === true) return then(f);
          if (c === false) return VOID;
          if (S.kind === SUSPEND) S.cont.push(r, f, 0);
          return undefined;
        };
      }
      return (f) => {
        const c = cond(f);
        if (c === true) return then(f);
        if (c === false) return otherwise(f);
        if (S.kind === SUSPEND) S.cont.push(r, f, 0);
        return undefined;
      };
    },

    and(reg: Register, a: Step, b: Step): Step {
      const r = reg((f, _s, v) => (v === true ? b(f) : v));
      return (f) => {
        const v = a(f);
        if (v === true) return b(f);
        if (v === undefined && S.kind === SUSPEND) S.cont.push(r, f, 0);
        return v;
      };
    },

    or(reg: Register, a: Step, b: Step): Step {
      const r = reg((f, _s, v) => (v === false ? b(f) : v));
      return (f) => {
        const v = a(f);
        if (v === false) return b(f);
        if (v === undefined && S.kind === SUSPEND) S.cont.push(r, f, 0);
        return v;
      };
    },

    /**
     * `while cond do body end`; cond may bind (while let). loop: the number break and continue name. fused: what runs
     * the rounds instead; the closures then only finish the round that was suspended.
     */
    whileLoop(reg: Register, cond: Step, body: Step, loop: number, fused: FusedLoop | null = null): Step {
      // phase: 0 test next, 1 the test's value arrives, 2 the body's value arrives
      const go = (f: any, phase: number, arrived: any): any => {
        for (;;) {
          if (phase === 0 && fused !== null) return fused.run(f);
          if (phase !== 2) {
            const c = phase === 1 ? arrived : cond(f);
            if (c !== true) {
              if (c === false) return VOID;
              if (S.kind === SUSPEND) S.cont.push(r, f, 1);
              return undefined;
            }
            if (fused !== null) return fused.run(f, 1);
          }
          const v = phase === 2 ? arrived : body(f);
          phase = 0;
          if (v === undefined) {
            const kind = S.kind;
            if (kind === SUSPEND) {
              S.cont.push(r, f, 2);
              return undefined;
            }
            if ((kind !== BREAK && kind !== CONTINUE) || S.value !== loop) return undefined;
            S.kind = 0;
            if (kind === BREAK) return VOID;
          }
          if ((S.red -= COLD_ROUND) < 0 && S.sliceOver(f[0])) {
            S.suspend(PREEMPTED);
            S.cont.push(r, f, 0);
            return undefined;
          }
        }
      };
      const r = reg((f, phase, v) => (phase === 0 && v === undefined ? undefined : go(f, phase, v)));
      if (fused !== null) return (f) => fused.run(f);
      return (f) => {
        for (;;) {
          const c = cond(f);
          if (c !== true) {
            if (c === false) return VOID;
            if (S.kind === SUSPEND) S.cont.push(r, f, 1);
            return undefined;
          }
          if (body(f) === undefined) {
            const kind = S.kind;
            if (kind === SUSPEND) {
              S.cont.push(r, f, 2);
              return undefined;
            }
            if ((kind !== BREAK && kind !== CONTINUE) || S.value !== loop) return undefined;
            S.kind = 0;
            if (kind === BREAK) return VOID;
          }
          if ((S.red -= COLD_ROUND) < 0 && S.sliceOver(f[0])) {
            S.suspend(PREEMPTED);
            S.cont.push(r, f, 0);
            return undefined;
          }
        }
      };
    },

    /**
     * `for i in a..b`: counter and end in hidden slots, the visible variable set before each round. fused: what runs
     * the rounds instead while a number can count them.
     */
    rangeLoop(reg: Register, low: Step, high: Step, inclusive: boolean, counter: number, end: number,
      variable: number, boxed: boolean, body: Step, loop: number, fused: FusedLoop | null = null): Step {
      const start = (f: any, a: any, b: any): any => {
        if (typeof a === "number" && typeof b === "number") {
          f[counter] = a;
          f[end] = inclusive ? b + 1 : b;
        } else {
          // beyond 2^53 the loop counts in BigInts
          f[counter] = BigInt(a);
          f[end] = BigInt(b) + (inclusive ? 1n : 0n);
        }
        return go(f, false, 0);
      };
      const go = (f: any, resumed: boolean, arrived: any): any => {
        let i = f[counter];
        const n = f[end];
        const wide = typeof n === "bigint";
        for (;;) {
          if (!resumed) {
            if (fused !== null && !wide) {
              f[counter] = i;
              return fused.run(f);
            }
            if (!(i < n)) return VOID;
            const x = wide ? fromBig(i) : i;
            f[variable] = boxed ? new Cell(x) : x;
          }
          const v = resumed ? arrived : body(f);
          resumed = false;
          if (v === undefined) {
            const kind = S.kind;
            if (kind === SUSPEND) {
              f[counter] = i;
              S.cont.push(rBody, f, 0);
              return undefined;
            }
            if ((kind !== BREAK && kind !== CONTINUE) || S.value !== loop) return undefined;
            S.kind = 0;
            if (kind === BREAK) return VOID;
          }
          i++;
          if ((S.red -= COLD_ROUND) < 0 && S.sliceOver(f[0])) {
            f[counter] = i;
            S.suspend(PREEMPTED);
            S.cont.push(rTest, f, 0);
            return undefined;
          }
        }
      };
      const rBody = reg((f, _s, v) => go(f, true, v));
      const rTest = reg((f, _s, v) => (v === undefined ? undefined : go(f, false, 0)));
      const rHigh = reg((f, a, b) => (b === undefined ? undefined : start(f, a, b)));
      const rLow = reg((f, _s, a) => {
        if (a === undefined) return undefined;
        const b = high(f);
        if (b === undefined) {
          if (S.kind === SUSPEND) S.cont.push(rHigh, f, a);
          return undefined;
        }
        return start(f, a, b);
      });
      return (f) => {
        const a = low(f);
        if (a === undefined) {
          if (S.kind === SUSPEND) S.cont.push(rLow, f, 0);
          return undefined;
        }
        const b = high(f);
        if (b === undefined) {
          if (S.kind === SUSPEND) S.cont.push(rHigh, f, a);
          return undefined;
        }
        return start(f, a, b);
      };
    },

    breakTo(loop: number): Step {
      return () => {
        S.kind = BREAK;
        S.value = loop;
        return undefined;
      };
    },

    continueTo(loop: number): Step {
      return () => {
        S.kind = CONTINUE;
        S.value = loop;
        return undefined;
      };
    },

    /** `return e` where it is not the last thing its function does. */
    leave(reg: Register, value: Step): Step {
      const r = reg((_f, _s, v) => {
        if (v === undefined) return undefined;
        S.kind = RETURN;
        S.value = v;
        return undefined;
      });
      return (f) => {
        const v = value(f);
        if (v === undefined) {
          if (S.kind === SUSPEND) S.cont.push(r, f, 0);
          return undefined;
        }
        S.kind = RETURN;
        S.value = v;
        return undefined;
      };
    },

    /** Sets a slot; the value of the statement is VOID. */
    store(reg: Register, slot: number, value: Step): Step {
      const r = reg((f, _s, v) => {
        if (v === undefined) return undefined;
        f[slot] = v;
        return VOID;
      });
      return (f) => {
        const v = value(f);
        if (v === undefined) {
          if (S.kind === SUSPEND) S.cont.push(r, f, 0);
          return undefined;
        }
        f[slot] = v;
        return VOID;
      };
    },

    /** The same for a value that never suspends: no resumption is needed. */
    storePlain(slot: number, value: Step): Step {
      return (f) => {
        const v = value(f);
        if (v === undefined) return undefined;
        f[slot] = v;
        return VOID;
      };
    },
  };
}
