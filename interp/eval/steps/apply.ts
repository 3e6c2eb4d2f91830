// Strict operations: evaluate the operands from left to right, then apply a function of their values (and the frame).
// The function may itself stop, suspending included: its value then comes from whoever resumes.
import type { Step } from "../code.ts";
import type { Kit, Register } from "./kit.ts";

export function applySteps({ S, SUSPEND }: Kit) {
  return {
    apply0(fn: (f: any) => any): Step {
      return (f) => fn(f);
    },

    apply1(reg: Register, a: Step, fn: (x: any, f: any) => any): Step {
      const ra = reg((f, _s, v) => (v === undefined ? undefined : fn(v, f)));
      return (f) => {
        const x = a(f);
        if (x === undefined) {
          if (S.kind === SUSPEND) S.cont.push(ra, f, 0);
          return undefined;
        }
        return fn(x, f);
      };
    },

    apply2(reg: Register, a: Step, b: Step, fn: (x: any, y: any, f: any) => any): Step {
      const rb = reg((f, x, v) => (v === undefined ? undefined : fn(x, v, f)));
      const ra = reg((f, _s, x) => {
        if (x === undefined) return undefined;
        const y = b(f);
        if (y === undefined) {
          if (S.kind === SUSPEND) S.cont.push(rb, f, x);
          return undefined;
        }
        return fn(x, y, f);
      });
      return (f) => {
        const x = a(f);
        if (x === undefined) {
          if (S.kind === SUSPEND) S.cont.push(ra, f, 0);
          return undefined;
        }
        const y = b(f);
        if (y === undefined) {
          if (S.kind === SUSPEND) S.cont.push(rb, f, x);
          return undefined;
        }
        return fn(x, y, f);
      };
    },

    /** Any number of operands; state while suspended: the values so far, the next operand's position last. */
    applyN(reg: Register, operands: Step[], fn: (values: any[], f: any) => any): Step {
      const n = operands.length;
      const go = (f: any, values: any[]): any => {
        while (values.length < n) {
          const v = operands[values.length]!(f);
          if (v === undefined) {
            if (S.kind === SUSPEND) S.cont.push(r, f, values);
            return undefined;
          }
          values.push(v);
        }
        return fn(values, f);
      };
      const r = reg((f, values, v) => {
        if (v === undefined) return undefined;
        values.push(v);
        return go(f, values);
      });
      return (f) => go(f, []);
    },
  };
}
