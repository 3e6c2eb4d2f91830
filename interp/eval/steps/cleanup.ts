// defer, errdefer and using: cleanup that runs on every way out of its block, last registered first, and may itself
// wait (in a cancelled fiber only inside `shield`). While it runs, the way out (a value, a return, a panic, a
// cancellation) is kept in the resumption's state: what the cleanup does cannot turn it into another.
import type { Step } from "../code.ts";
import type { Kit, Register } from "./kit.ts";

export interface Cleanup {
  /** null: an ordinary statement; else the cleanup that this statement registers. */
  body: Step | null;
  onError: boolean;
}

export function cleanupSteps({
  S, SUSPEND, RETURN, PANIC, CANCEL, Failure, VOID, attach, reportsOf, refusedByEngine,
}: Kit) {
  return {
    /**
     * A block with cleanups. steps[i] runs in order; where cleanups[i].body is not null the step registers it. armed: a
     * hidden slot that counts how many statements have been passed, which says what is registered.
     */
    withCleanup(reg: Register, steps: Step[], cleanups: Cleanup[], armed: number): Step {
      const n = steps.length;
      const run = (f: any, from: number): any => {
        let v: any = VOID;
        for (let i = from; i < n; i++) {
          f[armed] = i;
          if (cleanups[i]!.body !== null) {
            v = VOID;
            continue;
          }
          try {
            v = steps[i]!(f);
          } catch (e) {
            v = refusedByEngine(e, 0);
          }
          if (v === undefined) {
            if (S.kind === SUSPEND) {
              S.cont.push(rStep, f, i);
              return undefined;
            }
            return unwind(f, i - 1, [S.kind, S.value]);
          }
        }
        return unwind(f, n - 1, [0, v]);
      };
      /**
       * Runs what was registered at or before `i`, then goes on as `way` says. outer: what the fiber says meanwhile of
       * the cleanup around, if this block stands in one.
       */
      const unwind = (f: any, i: number, way: any[], outer = S.fiber.unwinding): any => {
        const failing = way[0] === CANCEL || isFailing(way[0], way[1]);
        for (; i >= 0; i--) {
          const cleanup = cleanups[i]!;
          if (cleanup.body === null || (cleanup.onError && !failing)) continue;
          S.kind = 0;
          S.fiber.unwinding = way[0];
          let v: any;
          try {
            v = cleanup.body(f);
          } catch (e) {
            v = refusedByEngine(e, 0);
          }
          if (v === undefined && S.stopped() === SUSPEND) {
            S.cont.push(rCleanup, f, [i, way, outer]);
            return undefined;
          }
          if (v === undefined) way = joined(way);
        }
        S.fiber.unwinding = outer;
        S.kind = way[0];
        if (way[0] === 0) return way[1];
        S.value = way[1];
        return undefined;
      };
      const isFailing = (kind: any, value: any): boolean =>
        kind === PANIC || (kind === RETURN && value instanceof Failure);
      /**
       * The cleanup itself ended as machine.kind says. Nothing leaves a cleanup but a failure, which is the way out
       * from here on, or attached to the one that was there before; and a cancellation, when nothing has failed.
       */
      const joined = (way: any[]): any[] => {
        const failed = isFailing(way[0], way[1]);
        if (!isFailing(S.kind, S.value)) return failed || S.kind !== CANCEL ? way : [CANCEL, null];
        if (!failed) return [S.kind, S.value];
        // a panic is no value that a handler could take: it goes before an error
        if (S.kind === PANIC && way[0] !== PANIC) return [PANIC, attach(S.value, reportsOf(way[1]))];
        return [way[0], attach(way[1], reportsOf(S.value))];
      };
      const rStep = reg((f, i, v) => {
        if (v === undefined) return unwind(f, i - 1, [S.kind, S.value]);
        return i + 1 < n ? run(f, i + 1) : unwind(f, n - 1, [0, v]);
      });
      const rCleanup = reg((f, state, v) => {
        let way = state[1];
        if (v === undefined) way = joined(way);
        return unwind(f, state[0] - 1, way, state[2]);
      });
      return (f) => run(f, 0);
    },
  };
}
