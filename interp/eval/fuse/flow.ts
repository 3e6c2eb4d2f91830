// The texts of sequence, choice, loops and leaving: what steps/control.ts, outcome.ts and match.ts do.
import { May, type Resume, type Step } from "../code.ts";
import { Kind, Why } from "../machine.ts";
import type { Kit } from "../steps/kit.ts";
import type { Test } from "../steps/match.ts";
import { type Emit, type Node, Text } from "./text.ts";

/** Steps in order; resume.state of a step is the position of the next. */
export const emitBlock = ([r]: Resume[], nodes: Node[]): Emit => (t) => {
  const last = nodes.length - 1;
  nodes.slice(0, last).forEach((n, i) => t.operand(n, r, nodes.length === 2 ? 0 : i + 1));
  return t.value(nodes[last]!);
};

function branch(t: Text, into: string, n: Node | null): void {
  t.line(`${into} = ${n === null ? "0" : t.value(n)};`);
}

export const emitChoose = ([r]: Resume[], cond: Node, then: Node, otherwise: Node | null): Emit => (t) => {
  const c = t.operand(cond, r);
  const v = t.declare();
  t.line(`if (${c}) {`);
  branch(t, v, then);
  t.line(`} else {`);
  branch(t, v, otherwise);
  t.line(`}`);
  return v;
};

/** and: goOn is true; or: goOn is false. */
export const emitLogical = ([r]: Resume[], a: Node, b: Node, goOn: boolean): Emit => (t) => {
  const v = t.declare();
  t.line(`${v} = ${t.operand(a, r)};`);
  t.line(`if (${v} === ${goOn}) {`);
  branch(t, v, b);
  t.line(`}`);
  return v;
};

export const emitStore = (resumes: Resume[], slot: number, value: Node): Emit => (t) => {
  const v = resumes.length === 0 ? t.value(value) : t.operand(value, resumes[0]);
  t.writeSlot(slot, v);
  return "0";
};

export const emitLeave = ([r]: Resume[], value: Node): Emit => (t) => {
  t.line(t.leave(t.operand(value, r)));
  return "0";
};

export const emitJump = (kind: Kind.Break | Kind.Continue, loop: number): Emit => (t) => t.jump(kind, loop);

// ---------------------------------------------------------------- loops

const givesWay = (t: Text, before: string, resume: Resume): string =>
  `if (--S.red < 0 && S.sliceOver(f[0])) { ${before} S.suspend(${Why.Preempted}); ` +
  `S.cont.push(${t.bind(resume)}, f, 0); return undefined; }`;

/** `while`: a function of the frame, and of 1 when the condition's value has just been found to be true. */
export function fuseWhile(kit: Kit, r: Resume, cond: Node, body: Node, loop: number): (f: any, at?: number) => any {
  const t = new Text({ k: "loop", loop, before: "" });
  t.line(`for (;;) { round: {`);
  if (!(cond.constant && cond.value === true)) {
    t.line(`if (at !== 1) {`);
    t.line(`if (!${t.operand(cond, r, 1)}) return 0;`);
    t.line(`} at = 0;`);
  }
  t.operand(body, r, 2);
  t.line(`}`);
  t.line(givesWay(t, "", r));
  t.line(`}`);
  return t.compile(kit, "f, at");
}

export interface RangeSlots {
  counter: number;
  end: number;
  variable: number;
  boxed: boolean;
}

/** The rounds of `for i in a..b`, from what counter and end hold. wide: for what a number cannot count. */
export function fuseRange(kit: Kit, [rBody, rTest]: Resume[], slots: RangeSlots, body: Node, loop: number,
  wide: Step): Step {
  const { counter, end, variable, boxed } = slots;
  const t = new Text({ k: "loop", loop, before: `f[${counter}] = i;` });
  t.line(`let i = f[${counter}]; const n = f[${end}];`);
  t.line(`if (typeof i !== "number" || typeof n !== "number") return ${t.bind(wide)}(f);`);
  t.line(`for (; i < n; ) { round: {`);
  t.writeSlot(variable, boxed ? "new Cell(i)" : "i");
  t.operand(body, rBody);
  t.line(`} i++;`);
  t.line(givesWay(t, `f[${counter}] = i;`, rTest!));
  t.line(`} return 0;`);
  return t.compile(kit);
}

/** The bounds, then the rounds. */
export const emitRange = ([rHigh, rLow]: Resume[], low: Node, high: Node, inclusive: boolean, slots: RangeSlots,
  rounds: Step): Emit => (t) => {
  const a = t.operand(low, rLow);
  const b = t.operand(high, rHigh, a);
  const { counter, end } = slots;
  t.line(`if (typeof ${a} === "number" && typeof ${b} === "number") {`);
  t.line(`f[${counter}] = ${a}; f[${end}] = ${b}${inclusive ? " + 1" : ""};`);
  t.line(`} else { f[${counter}] = BigInt(${a}); f[${end}] = BigInt(${b})${inclusive ? " + 1n" : ""}; }`);
  const v = t.run(rounds);
  t.stops(v, May.Suspend, true);
  return "0";
};

/** A loop that has been fused stands in the text around it as a call. */
export const emitLoop = (run: Step): Emit => (t) => {
  const v = t.run(run);
  t.stops(v, May.Suspend, true);
  return "0";
};

// ---------------------------------------------------------------- failures and absences

export const emitPropagate = ([r]: Resume[], operand: Node, site: number): Emit => (t) => {
  const v = t.operand(operand, r);
  t.line(`if (${v} instanceof Failure) { ${v}.trace.push(${site}); ${t.leave(v)} }`);
  return v;
};

export const emitPassOn = ([r]: Resume[], operand: Node): Emit => (t) => {
  const v = t.operand(operand, r);
  t.line(`if (${v} instanceof Failure) { ${t.leave(v)} }`);
  return v;
};

export const emitCatch = ([r]: Resume[], operand: Node, slot: number, handler: Node): Emit => (t) => {
  const v = t.declare();
  t.line(`${v} = ${t.operand(operand, r)};`);
  t.line(`if (${v} instanceof Failure) {`);
  if (slot >= 0) t.writeSlot(slot, `${v}.error`);
  branch(t, v, handler);
  t.line(`}`);
  return v;
};

export const emitCoalesce = ([r]: Resume[], a: Node, b: Node, boxed: boolean): Emit => (t) => {
  const v = t.declare();
  t.line(`${v} = ${t.operand(a, r)};`);
  t.line(`if (${v} === null) {`);
  branch(t, v, b);
  t.line(boxed ? `} else ${v} = ${v}.v;` : `}`);
  return v;
};

export const emitIfPresent = ([r]: Resume[], a: Node, slot: number, boxed: boolean, apply: Node): Emit => (t) => {
  const v = t.declare();
  t.line(`${v} = ${t.operand(a, r)};`);
  t.line(`if (${v} !== null) {`);
  t.writeSlot(slot, `${v}${boxed ? ".v" : ""}`);
  branch(t, v, apply);
  t.line(`}`);
  return v;
};

// ---------------------------------------------------------------- match

export interface ArmNodes {
  test: Test;
  guard: Node | null;
  body: Node;
}

export const emitMatch = ([rGuard, rSubject]: Resume[], subject: Node, slot: number, arms: ArmNodes[],
  none: () => undefined): Emit => (t) => {
  const s = t.operand(subject, rSubject);
  t.writeSlot(slot, s);
  const v = t.declare();
  const label = `m${v}`;
  t.line(`${label}: {`);
  arms.forEach(({ test, guard, body }, i) => {
    t.line(`if (${t.apply(test, [s])}) {`);
    if (guard !== null) t.line(`if (${t.operand(guard, rGuard, i)}) {`);
    branch(t, v, body);
    t.line(`break ${label}; }`);
    if (guard !== null) t.line(`}`);
  });
  t.line(`return ${t.bind(none)}(); }`);
  return v;
};
