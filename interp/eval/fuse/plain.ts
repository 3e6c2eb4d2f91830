// The texts of steps that compute: leaves, strict operations, arithmetic, elements and fields. Each says what the
// closure of the same name in steps/ does; resumptions come in the order in which that closure registers them.
import { May, type Resume } from "../code.ts";
import { frozenText } from "../snapshot.ts";
import { MAX_SAFE, Slice } from "../values.ts";
import type { Emit, Node, Text } from "./text.ts";

export const emitLocal = (slot: number): Emit => (t) => t.readSlot(slot);
export const emitCell = (slot: number): Emit => (t) => t.set(`${t.readSlot(slot)}.v`);
export const emitCaptured = (index: number): Emit => (t) => t.set(`f[2][${index}]`);
export const emitCapturedCell = (index: number): Emit => (t) => t.set(`f[2][${index}].v`);

// ---------------------------------------------------------------- strict operations

/** A function of the operands' values as text. */
export type Inline = (t: Text, ...operands: string[]) => string;

/** own: what the function itself may do; inline: its text, where there is one (it then deals with stopping itself). */
export interface Operation {
  fn: (...values: any[]) => any;
  own: May;
  inline?: Inline | undefined;
}

function applied(t: Text, { fn, own, inline }: Operation, operands: string[]): string {
  if (inline !== undefined) return inline(t, ...operands);
  const v = t.apply(fn, operands);
  t.stops(v, own);
  return v;
}

export const emitApply0 = (op: Operation): Emit => (t) => applied(t, op, []);

export const emitApply1 = ([ra]: Resume[], a: Node, op: Operation): Emit => (t) =>
  applied(t, op, [t.operand(a, ra)]);

export const emitApply2 = ([rb, ra]: Resume[], a: Node, b: Node, op: Operation): Emit => (t) => {
  const x = t.operand(a, ra);
  return applied(t, op, [x, t.operand(b, rb, x)]);
};

/** The function takes the values in an array; inline takes them one by one. */
export const emitApplyN = ([r]: Resume[], operands: Node[], op: Operation): Emit => (t) => {
  const values: string[] = [];
  for (const n of operands) values.push(t.operand(n, r, `[${values.join(", ")}]`));
  return op.inline !== undefined ? op.inline(t, ...values) : applied(t, op, [`[${values.join(", ")}]`]);
};

// ---------------------------------------------------------------- arithmetic

/** What an operator on whole numbers does while everything is a plain number; null where it has no quick way. */
function quickInteger(op: string, bits: number, low: string, high: string) {
  return (x: string, y: string, r: string): string | null => {
    const inRange = `${r} <= ${high} && ${r} >= ${low}`;
    const small = `(${x} | 0) === ${x} && (${y} | 0) === ${y}`;
    switch (op) {
      case "+": case "-": return `(${r} = ${x} ${op} ${y}, ${inRange})`;
      // 0 * -1 is 0
      case "*": return `(${r} = ${x} * ${y} + 0, ${inRange})`;
      case "%": return bits === 64 ? `${y} !== 0 && (${r} = ${x} % ${y} + 0, true)` : null;
      // the quotient of safe integers never rounds up to a whole number that it does not reach
      case "/": return bits === 64 ? `${y} !== 0 && (${r} = Math.trunc(${x} / ${y}) + 0, true)` : null;
      case "&": case "|": case "^":
        return bits === 64 ? `${small} && (${r} = ${x} ${op} ${y}, true)` : null;
      case ">>": return bits === 64 ? `${small} && ${y} >= 0 && ${y} < 32 && (${r} = ${x} >> ${y}, true)` : null;
      case "<<":
        return bits === 64 ? `${small} && ${y} >= 0 && ${y} < 21 && (${r} = ${x} * (1 << ${y}), true)` : null;
      default: return null;
    }
  };
}

/** The operator's quick way, and `slow` for everything that it does not know. */
export function inlineInteger(op: string, type: { bits: number; signed: boolean }, slow: (x: any, y: any) => any):
  Inline | undefined {
  const { bits, signed } = type;
  if (bits === 64 && !signed) return undefined;
  const [low, high] = bits === 64 ? [`-${MAX_SAFE}`, `${MAX_SAFE}`]
    : signed ? [`-${2 ** (bits - 1)}`, `${2 ** (bits - 1) - 1}`] : ["0", `${2 ** bits - 1}`];
  const quick = quickInteger(op, bits, low, high);
  if (quick("x", "y", "r") === null) return undefined;
  return (t, x, y) => {
    const r = t.declare();
    const guards = [x, y].filter((v) => bits === 64 && !t.isNumber(v)).map((v) => `typeof ${v} === "number"`);
    t.line(`if (!(${[...guards, quick(x, y, r)].join(" && ")})) {`);
    t.line(`${r} = ${t.bind(slow)}(${x}, ${y}); if (${r} === undefined) return undefined; }`);
    return r;
  };
}

const JS_OPERATORS: Record<string, string> = { "==": "===", "!=": "!==" };

/** An operator that is JavaScript's own on these operands. */
export const inlineOperator = (op: string): Inline => (t, x, y) => t.set(`${x} ${JS_OPERATORS[op] ?? op} ${y}`);

// ---------------------------------------------------------------- elements and fields

export const inlineElement = (slow: (x: any, i: any) => any): Inline => (t, x, i) => {
  const v = t.declare();
  t.line(`if (${i} >= 0 && ${i} < ${x}.len) ${v} = ${x}.a[${x}.off + ${i}];`);
  t.line(`if (${v} === undefined) { ${v} = ${t.bind(slow)}(${x}, ${i}); if (${v} === undefined) return undefined; }`);
  return v;
};

export const inlineStore = (slow: (x: any, i: any, v: any) => any): Inline => (t, x, i, v) => {
  const isPlain = `${i} >= 0 && ${i} < ${x}.len && ${x}.off + ${i} < ${x}.a.length && !(${frozenText(`${x}.root`)})`;
  t.line(`if (${isPlain}) ${x}.a[${x}.off + ${i}] = ${v};`);
  t.line(`else if (${t.bind(slow)}(${x}, ${i}, ${v}) === undefined) return undefined;`);
  return "0";
};

/** Operands that never suspend, then the operation: what steps/access.ts does without resumptions. */
export const emitStrict = (operands: Node[], inline: Inline): Emit => (t) =>
  inline(t, ...operands.map((n) => t.value(n)));

export const inlineField = (i: number): Inline => (t, x) => t.set(`${x}.f${i}`);
export const inlineFieldStore = (i: number, refuse: (x: any) => undefined): Inline => (t, x, v) => {
  t.line(`if (${frozenText(x)}) return ${t.bind(refuse)}(${x});`);
  t.line(`${x}.f${i} = ${v};`);
  return "0";
};
export const inlineLength = (property: "len" | "length"): Inline => (t, x) =>
  t.markNumber(t.set(`${x}.${property}`));

/** A struct, tuple or variant made from its fields. */
export const inlineConstruct = (cls: unknown): Inline => (t, ...fields) =>
  t.set(`new ${t.bind(cls)}(${fields.join(", ")})`);

export const inlineSlice = (kind: number): Inline => (t, ...elements) =>
  t.set(`new ${t.bind(Slice)}([${elements.join(", ")}], ${kind})`);
