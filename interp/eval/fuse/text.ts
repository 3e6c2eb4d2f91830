// Fused steps. On a tier of its own, the run halves of a hot function's steps are put together into one function of
// JavaScript text: the same evaluation in the same order, without a host call between a step and its operands. Two
// things get a text: the body of a function, and each loop. The resume halves stay the closures that the tree is made
// of, with the same numbers, so a continuation neither knows nor cares whether its steps were fused: a step that stops
// in the middle of a text pushes its own resumption and those of the steps around it, exactly as the closures would.
//
// A Text is the page that one such function is written on. A step writes itself by its `emit`: it adds lines that
// evaluate it, and gives back an operand, an expression that costs nothing and always means the same from there on. A
// step without `emit` is called as the closure it is.
import { May, type Step } from "../code.ts";
import { Kind } from "../machine.ts";
import type { Kit } from "../steps/kit.ts";

/** What the builder knows of a step while it puts a larger one together. */
export interface Node {
  run: Step;
  may: May;
  /** host frames that running it may nest, callees not counted. */
  deep: number;
  /** slot of the frame when it is a plain local, else -1. */
  slot: number;
  constant: boolean;
  value: any;
  /** how its run half is written into a text (fuse/); null: it is called. */
  emit: Emit | null;
}

/** Writes a step's run half; gives its value as an operand. */
export type Emit = (t: Text) => string;

/** What a text is for, which decides how it is left. */
export type Purpose =
  | { k: "body" }
  /** before: what to save in the frame before the loop gives way. */
  | { k: "loop"; loop: number; before: string };

let texts = 0;

/** Stands for the line that reads the slots again, which are known only when the text is whole. */
const RELOAD = "reload";

export class Text {
  private readonly lines: string[] = [];
  private readonly bound: any[] = [];
  private readonly names = new Map<any, string>();
  /** Resumptions of the steps around the one being written, innermost last: `resume, frame, state`. */
  private readonly waiting: string[] = [];
  private readonly plainNumbers = new Set<string>();
  private count = 0;
  /** Slots of the frame that the text also keeps in variables of its own, s3, s4, …: it writes both. */
  private readonly slots = new Set<number>();

  constructor(readonly purpose: Purpose) {}

  // -------------------------------------------------------------- writing

  line(text: string): void {
    this.lines.push(text);
  }

  /** A name for a value that the text refers to. */
  bind(value: any): string {
    if (typeof value === "boolean" || value === null) return String(value);
    if (typeof value === "number" && Number.isFinite(value) && !Object.is(value, -0)) {
      const literal = value < 0 ? `(${value})` : String(value);
      this.plainNumbers.add(literal);
      return literal;
    }
    let name = this.names.get(value);
    if (name === undefined) {
      name = `k${this.bound.length}`;
      this.bound.push(value);
      this.names.set(value, name);
      if (typeof value === "number") this.plainNumbers.add(name);
    }
    return name;
  }

  /** A fresh name, declared by the caller. */
  fresh(): string {
    return `t${this.count++}`;
  }

  /** Evaluates an expression here and now. */
  set(expression: string): string {
    const name = this.fresh();
    this.line(`const ${name} = ${expression};`);
    return name;
  }

  /** Declares a name that branches assign. */
  declare(): string {
    const name = this.fresh();
    this.line(`let ${name};`);
    return name;
  }

  /** The operand is a JS number, never a BigInt. */
  isNumber(operand: string): boolean {
    return this.plainNumbers.has(operand);
  }

  markNumber(operand: string): string {
    this.plainNumbers.add(operand);
    return operand;
  }

  // -------------------------------------------------------------- slots

  private slot(slot: number): string {
    this.slots.add(slot);
    return `s${slot}`;
  }

  readSlot(slot: number): string {
    return this.set(this.slot(slot));
  }

  writeSlot(slot: number, value: string): void {
    this.line(`f[${slot}] = ${this.slot(slot)} = ${value};`);
  }

  /** Calls a closure that is given the frame, and so may have changed it. */
  private called(expression: string): string {
    const v = this.set(expression);
    this.lines.push(RELOAD);
    return v;
  }

  /** A function of operands, which takes the frame as a last argument when it declares one more parameter. */
  apply(fn: (...values: any[]) => any, operands: string[]): string {
    const takesFrame = fn.length > operands.length;
    const call = `${this.bind(fn)}(${[...operands, ...(takesFrame ? ["f"] : [])].join(", ")})`;
    return takesFrame ? this.called(call) : this.set(call);
  }

  /** Runs a closure on the frame. */
  run(step: (f: any) => any): string {
    return this.called(`${this.bind(step)}(f)`);
  }

  // -------------------------------------------------------------- steps

  /** The value of a step. */
  value(n: Node): string {
    if (n.constant) return this.bind(n.value);
    if (n.emit !== null) return n.emit(this);
    const v = this.run(n.run);
    this.stops(v, n.may, true);
    return v;
  }

  /** The value of a step whose parent waits in `resume` with `state` while the step does. */
  operand(n: Node, resume: any, state: string | number = 0): string {
    this.waiting.push(`${this.bind(resume)}, f, ${state}`);
    const v = this.value(n);
    this.waiting.pop();
    return v;
  }

  /** Leaves the text when `name` holds no value. jumps: it may be a break or continue of this text's loop. */
  stops(name: string, may: May, jumps = false): void {
    if (may === May.Never) return;
    const suspended = may === May.Suspend ? `if (S.kind === ${Kind.Suspend}) { ${this.suspended()} }` : "";
    this.line(`if (${name} === undefined) { ${suspended} ${jumps ? this.jumped() : ""} return undefined; }`);
  }

  /** What the steps around do when the one being written has suspended; own: resumptions of its own. */
  suspended(own = ""): string {
    const entries = [own, ...this.waiting.toReversed()].filter((entry) => entry !== "");
    const before = this.purpose.k === "loop" ? this.purpose.before : "";
    if (entries.length === 0) return "return undefined;";
    return `${before} S.cont.push(${entries.join(", ")}); return undefined;`;
  }

  /** A closure has left with break or continue: is it this loop that it names? */
  private jumped(): string {
    if (this.purpose.k !== "loop") return "";
    const named = (kind: Kind) => `S.kind === ${kind} && S.value === ${this.loopNumber}`;
    return `if (${named(Kind.Break)}) { S.kind = 0; return 0; } ` +
      `if (${named(Kind.Continue)}) { S.kind = 0; break round; }`;
  }

  private get loopNumber(): number {
    return this.purpose.k === "loop" ? this.purpose.loop : -1;
  }

  /** `break` and `continue`: by a jump when the loop is this text's. */
  jump(kind: Kind.Break | Kind.Continue, loop: number): string {
    if (loop === this.loopNumber) this.line(kind === Kind.Break ? "return 0;" : "break round;");
    else this.line(`S.kind = ${kind}; S.value = ${loop}; return undefined;`);
    return "0";
  }

  /** Leaves the function with a value. */
  leave(value: string): string {
    if (this.purpose.k === "body") return `return ${value};`;
    return `S.kind = ${Kind.Return}; S.value = ${value}; return undefined;`;
  }

  // -------------------------------------------------------------- the whole

  /** The function. `parameters`: its own, `f` first. */
  compile(kit: Kit, parameters = "f"): Step {
    const names = this.bound.map((_, i) => `k${i}`).join(", ");
    const slots = [...this.slots];
    const reload = slots.map((slot) => `s${slot} = f[${slot}];`).join(" ");
    const body = this.lines.map((line) => (line === RELOAD ? reload : line)).join("\n");
    const variables = slots.length === 0 ? "" : `let ${slots.map((slot) => `s${slot} = f[${slot}]`).join(", ")};`;
    const source = `/* ${++texts} */ "use strict";
      const { S, Cell, Failure, newFrame, releaseFrame, refusedByEngine } = kit;
      const [${names}] = bound; return (${parameters}) => { ${variables} ${body} };`;
    return new Function("kit", "bound", source)(kit, this.bound) as Step;
  }
}
