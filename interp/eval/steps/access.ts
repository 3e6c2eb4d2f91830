// Elements of slices, fields of structs: reading, writing in place, and the bounds check (P001).
import type { Step } from "../code.ts";
import { frozenText } from "../snapshot.ts";
import type { Kit, Register } from "./kit.ts";

export function accessSteps({ S, SUSPEND, VOID }: Kit) {
  return {
    /** a[i] with both operands free of suspension; `slow` sees everything but a plain element. */
    element(object: Step, index: Step, slow: (x: any, i: any) => any): Step {
      return (f) => {
        const x = object(f);
        const i = index(f);
        if (x !== undefined && i >= 0 && i < x.len) {
          const v = x.a[x.off + i];
          if (v !== undefined) return v;
        }
        return slow(x, i);
      };
    },

    /** a[i] where a is a local and i is too. */
    elementSlots(object: number, index: number, slow: (x: any, i: any) => any): Step {
      return (f) => {
        const x = f[object];
        const i = f[index];
        if (i >= 0 && i < x.len) {
          const v = x.a[x.off + i];
          if (v !== undefined) return v;
        }
        return slow(x, i);
      };
    },

    /** a[i] = v, operands free of suspension. */
    storeElement(object: Step, index: Step, value: Step, slow: (x: any, i: any, v: any) => any): Step {
      return (f) => {
        const x = object(f);
        if (x === undefined) return undefined;
        const i = index(f);
        if (i === undefined) return undefined;
        const v = value(f);
        if (v === undefined) return undefined;
        if (i >= 0 && i < x.len && x.off + i < x.a.length && x.root.mark >= 0) {
          x.a[x.off + i] = v;
          return VOID;
        }
        return slow(x, i, v);
      };
    },

    field(reg: Register, object: Step, read: (x: any) => any): Step {
      const r = reg((_f, _s, x) => (x === undefined ? undefined : read(x)));
      return (f) => {
        const x = object(f);
        if (x === undefined) {
          if (S.kind === SUSPEND) S.cont.push(r, f, 0);
          return undefined;
        }
        return read(x);
      };
    },
  };
}

/** The source of steps that read or write field `i`: text, so that every field has property accesses of its own. */
export function fieldSource(i: number, uid: number): string {
  return `/* ${uid} */ const { S, SUSPEND, VOID } = kit; return {
    ofSlot: (slot) => (f) => f[slot].f${i},
    of: (reg, object) => {
      const r = reg((f, s, x) => (x === undefined ? undefined : x.f${i}));
      return (f) => {
        const x = object(f);
        if (x === undefined) {
          if (S.kind === SUSPEND) S.cont.push(r, f, 0);
          return undefined;
        }
        return x.f${i};
      };
    },
    read: (x) => x.f${i},
    write: (x, v, refuse) => {
      if (${frozenText("x")}) return refuse(x);
      x.f${i} = v;
      return VOID;
    },
  };`;
}

export interface FieldSteps {
  ofSlot(slot: number): Step;
  of(reg: Register, object: Step): Step;
  read(x: any): any;
  /** refuse: what a frozen record is given to. */
  write(x: any, v: any, refuse: (x: any) => undefined): any;
}
