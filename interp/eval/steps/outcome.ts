// Failures and absences: `?`, catch, `??`, `?.`, `.?`. A Failure is a value of T ! E; null is the absence in ?T.
import type { Step } from "../code.ts";
import type { Kit, Register } from "./kit.ts";

export function outcomeSteps({ S, SUSPEND, RETURN, Failure }: Kit) {
  return {
    /** `e?`: a failure leaves the function, with this place added to its return trace. */
    propagate(reg: Register, operand: Step, site: number): Step {
      const check = (v: any): any => {
        if (!(v instanceof Failure)) return v;
        v.trace.push(site);
        S.kind = RETURN;
        S.value = v;
        return undefined;
      };
      const r = reg((_f, _s, v) => check(v));
      return (f) => {
        const v = operand(f);
        if (v === undefined) {
          if (S.kind === SUSPEND) S.cont.push(r, f, 0);
          return undefined;
        }
        return check(v);
      };
    },

    /** A call that lends on what was lent to it: a failure leaves the function, on its way to where it was lent. */
    passOn(reg: Register, call: Step): Step {
      const check = (v: any): any => {
        if (!(v instanceof Failure)) return v;
        S.kind = RETURN;
        S.value = v;
        return undefined;
      };
      const r = reg((_f, _s, v) => check(v));
      return (f) => {
        const v = call(f);
        if (v === undefined) {
          if (S.kind === SUSPEND) S.cont.push(r, f, 0);
          return undefined;
        }
        return check(v);
      };
    },

    /** `e catch handler`: slot -1, or where the error value goes. */
    catchFailure(reg: Register, operand: Step, slot: number, handler: Step): Step {
      const r = reg((f, _s, v) => {
        if (!(v instanceof Failure)) return v;
        if (slot >= 0) f[slot] = v.error;
        return handler(f);
      });
      return (f) => {
        const v = operand(f);
        if (v instanceof Failure) {
          if (slot >= 0) f[slot] = v.error;
          return handler(f);
        }
        if (v === undefined && S.kind === SUSPEND) S.cont.push(r, f, 0);
        return v;
      };
    },

    /** `a ?? b`, unboxing a's Some where its type nests. */
    coalesce(reg: Register, a: Step, b: Step, boxed: boolean): Step {
      const r = reg((f, _s, v) => (v === null ? b(f) : boxed && v !== undefined ? v.v : v));
      return (f) => {
        const v = a(f);
        if (v === null) return b(f);
        if (v === undefined) {
          if (S.kind === SUSPEND) S.cont.push(r, f, 0);
          return undefined;
        }
        return boxed ? v.v : v;
      };
    },

    /** `a?.b`: apply is not reached when a is null. */
    ifPresent(reg: Register, a: Step, slot: number, boxed: boolean, apply: Step): Step {
      const go = (f: any, v: any): any => {
        if (v === null) return null;
        f[slot] = boxed ? v.v : v;
        return apply(f);
      };
      const r = reg((f, _s, v) => (v === undefined ? undefined : go(f, v)));
      return (f) => {
        const v = a(f);
        if (v === undefined) {
          if (S.kind === SUSPEND) S.cont.push(r, f, 0);
          return undefined;
        }
        return go(f, v);
      };
    },
  };
}
