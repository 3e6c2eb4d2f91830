// Copies of the families of steps. All functions start on the shared copy; a hot one is rebuilt on a copy of its own,
// made from the same text with a number in it: the host then gives it inline caches of its own, and a call site that
// other programs have made megamorphic is monomorphic again (measured in ARCHITECTURE.md). The steps mean the same, and
// their resume functions keep their numbers.
import { accessSteps, fieldSource, type FieldSteps } from "./access.ts";
import { applySteps } from "./apply.ts";
import { callSteps } from "./call.ts";
import { cleanupSteps } from "./cleanup.ts";
import { controlSteps } from "./control.ts";
import { fiberSteps } from "./fibers.ts";
import { kit, type Kit } from "./kit.ts";
import { leafSteps } from "./leaf.ts";
import { matchSteps } from "./match.ts";
import { makeBinary, type BinaryMaker, type FusedOp, type Shape } from "./operators.ts";
import { outcomeSteps } from "./outcome.ts";

let copies = 0;

/** A fresh copy of a family, or the family itself for the shared tier. */
function copy<F>(uid: number, family: (kit: Kit) => F): F {
  if (uid === 0) return family(kit);
  return (new Function("kit", `/* ${uid} */ return (${family.toString()})(kit);`) as (kit: Kit) => F)(kit);
}

export class Tier {
  /** 0: the shared copy. */
  readonly uid: number;
  private made = new Map<string, unknown>();

  constructor(uid: number) {
    this.uid = uid;
  }

  /** A tier of its own for one hot function. */
  static fresh(): Tier {
    return new Tier(++copies);
  }

  private once<T>(key: string, make: () => T): T {
    let v = this.made.get(key) as T | undefined;
    if (v === undefined) this.made.set(key, (v = make()));
    return v;
  }

  get leaf() { return this.once("leaf", () => copy(this.uid, leafSteps)); }
  get apply() { return this.once("apply", () => copy(this.uid, applySteps)); }
  get control() { return this.once("control", () => copy(this.uid, controlSteps)); }
  get call() { return this.once("call", () => copy(this.uid, callSteps)); }
  get access() { return this.once("access", () => copy(this.uid, accessSteps)); }
  get outcome() { return this.once("outcome", () => copy(this.uid, outcomeSteps)); }
  get match() { return this.once("match", () => copy(this.uid, matchSteps)); }
  get cleanup() { return this.once("cleanup", () => copy(this.uid, cleanupSteps)); }
  get fibers() { return this.once("fibers", () => copy(this.uid, fiberSteps)); }

  binary(type: "i64" | "f64", op: FusedOp, left: Shape, right: Shape): BinaryMaker {
    return this.once(`${type} ${op} ${left} ${right}`, () => makeBinary(kit, type, op, left, right, this.uid));
  }

  field(i: number): FieldSteps {
    return this.once(`field ${i}`, () => new Function("kit", fieldSource(i, this.uid))(kit) as FieldSteps);
  }
}

export const shared = new Tier(0);
