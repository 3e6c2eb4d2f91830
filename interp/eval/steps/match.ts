// Match: the arms are tried in order; tests are pure and bind into the frame, guards and bodies are steps.
import type { Step } from "../code.ts";
import type { Kit, Register } from "./kit.ts";

/** Tests a value and binds what the pattern names; never stops. */
export type Test = (value: any, frame: any) => boolean;

export interface Arm {
  test: Test;
  guard: Step | null;
  body: Step;
}

export function matchSteps({ S, SUSPEND }: Kit) {
  return {
    /** slot: a hidden slot that keeps the subject while guards run. table: first arm to try by the subject's tag. */
    match(reg: Register, subject: Step, slot: number, arms: Arm[], table: number[] | null): Step {
      const n = arms.length;
      const go = (f: any, v: any, from: number): any => {
        for (let i = from; i < n; i++) {
          const arm = arms[i]!;
          if (!arm.test(v, f)) continue;
          if (arm.guard !== null) {
            const ok = arm.guard(f);
            if (ok === undefined) {
              if (S.kind === SUSPEND) S.cont.push(rGuard, f, i);
              return undefined;
            }
            if (!ok) continue;
          }
          return arm.body(f);
        }
        return S.panic("P005", "no arm of the match fits");
      };
      const first = (f: any, v: any): any => {
        f[slot] = v;
        return go(f, v, table === null ? 0 : table[v.tag]!);
      };
      const rGuard = reg((f, i, ok) =>
        ok === undefined ? undefined : ok ? arms[i]!.body(f) : go(f, f[slot], i + 1));
      const rSubject = reg((f, _s, v) => (v === undefined ? undefined : first(f, v)));
      return (f) => {
        const v = subject(f);
        if (v === undefined) {
          if (S.kind === SUSPEND) S.cont.push(rSubject, f, 0);
          return undefined;
        }
        return first(f, v);
      };
    },
  };
}
