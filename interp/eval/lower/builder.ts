// Turns one checked body into steps. A Builder lives while one Code is built: it knows the type arguments of the
// instance, where each local lives, and hands out the numbers of resume functions. The same body built twice gives the
// same numbers: that is what lets a continuation move to another VM, and a hot function to a tier of its own.
import { type Program, substitute } from "../../sema/index.ts";
import type {
  Block, CallTarget, Closure, Expr, FnInfo, FuncDecl, GlobalDecl, Local, Pattern, SourceText, Span, Stmt, Substitution,
  TraitDecl, Type,
} from "../../syntax/ast.ts";
import { SOURCE_LENGTH_MAX } from "../../syntax/source.ts";
import { copier } from "../clone.ts";
import { CALL_BYTES, type Code, FIRST_LOCAL, LOCAL_BYTES, May, type Resume, type Step } from "../code.ts";
import {
  emitApply0, emitApply1, emitApply2, emitApplyN, emitCaptured, emitCapturedCell, emitCell, emitLocal, type Inline,
} from "../fuse/plain.ts";
import { type Emit, type Node, Text } from "../fuse/text.ts";
import { kit, type Register } from "../steps/kit.ts";
import type { Test } from "../steps/match.ts";
import type { Tier } from "../steps/tier.ts";
import { Cell, VOID } from "../values.ts";
import { node } from "./node.ts";

/** The functions that compile each part of the tree; compile.ts puts them together. */
export interface Compilers {
  expr(b: Builder, e: Expr): Node;
  /** tail: its value is the function's own, so `return e` in it is just e. */
  block(b: Builder, block: Block, tail: boolean): Node;
  stmt(b: Builder, s: Stmt): Node;
  pattern(b: Builder, p: Pattern, type: Type): Test;
}

export type IntrinsicBuilder = (b: Builder, decl: FuncDecl, args: Node[], types: Type[], typeArgs: Type[],
  result: Type, place: number, text: string, names: (string | null)[]) => Node;

/** What a body asks of the codes around it (instances.ts). */
export interface Codes {
  readonly program: Program;
  /** builds a call of a function that std declares without a body. */
  readonly intrinsic: IntrinsicBuilder;
  /**
   * The function that a call's target means once the type parameters are known. Null: `cmp` or `eq` of a type whose
   * order or equality is the language's own.
   */
  resolve(target: CallTarget & { k: "func" | "trait" }, b: Builder): { decl: FuncDecl; typeArgs: Type[] } | null;
  ofFunction(decl: FuncDecl, typeArgs: Type[]): Code;
  /** The method of a trait that a type has. */
  ofMethod(type: Type, trait: TraitDecl, method: string, traitArgs: Type[]): Code;
  ofClosure(key: string, e: Closure, outer: Builder): Code;
  ofLocalFunction(key: string, decl: FuncDecl, outer: Builder): Code;
  /** One round of a `for` over a struct with `next(self: *T) -> ?U`. */
  iteratorNext(b: Builder, type: Type, iterator: Node, span: Span): Node;
  /** What a struct with `next(self: *T) -> ?U` gives: U. */
  iteratedType(type: Type): Type;
  /** The number of a module-level value: the same in every VM. */
  indexOfGlobal(decl: GlobalDecl): number;
  /** The value for a step of `code` to hold, if this VM has it; it never changes during a run. */
  embedGlobal(index: number, code: Code): any;
  readGlobal(index: number, name: string, site: number): any;
}

export interface Loop {
  label: string | null;
  id: number;
}

/** An expression whose value a hidden slot keeps, for whoever asks afterwards (assertions.ts). */
export interface Kept {
  slot: number;
  /** slots that are 0 again once it is evaluated. */
  forgets: number[];
  /** it was compiled as an expression of its own: its value is known. */
  known: boolean;
  /** the value of a literal, which needs no slot; undefined: there is none. */
  constant: any;
}

const SITE_OFFSETS = SOURCE_LENGTH_MAX;

/** A place as one number: the unit and the offset in its text. */
export function siteOf(unit: SourceText, span: Span): number {
  return unit.id * SITE_OFFSETS + Math.min(span.start, SITE_OFFSETS - 1);
}

export function placeOf(site: number): { unit: number; offset: number } {
  return { unit: Math.floor(site / SITE_OFFSETS), offset: site % SITE_OFFSETS };
}

export class Builder {
  readonly reg: Register;
  private resumes = 0;
  private slots = new Map<Local, number>();
  private nextSlot = FIRST_LOCAL;
  private refs: number[] = [];
  private closureCount = 0;
  private loopCount = 0;
  private taskSlots: number[] = [];
  /** locals whose task handle is given back with them (tasks.ts). */
  owned: ReadonlySet<Local> = new Set();
  loops: Loop[] = [];
  readonly kept = new Map<Expr, Kept>();

  constructor(
    readonly instances: Codes,
    readonly code: Code,
    readonly fn: FnInfo,
    readonly subst: Substitution,
    readonly unit: SourceText,
    readonly tier: Tier,
    private readonly compilers: Compilers,
  ) {
    const resumes: typeof code.resumes = [];
    this.reg = (resume, site = 0) => {
      const r = resume as (typeof resumes)[number];
      r.id = this.resumes++;
      r.code = code;
      r.site = site;
      resumes.push(r);
      return r;
    };
    code.resumes = resumes;
  }

  // -------------------------------------------------------------- fusing

  /** A function on a tier of its own is written as texts (fuse/). */
  get fusing(): boolean {
    return this.tier.uid > 0;
  }

  /** Says how a step is written into a text. emit is given the last `count` resumptions, which are the step's own. */
  fused(n: Node, count: number, emit: (resumes: Resume[]) => Emit): Node {
    if (this.fusing) n.emit = emit(count === 0 ? [] : this.code.resumes.slice(-count));
    return n;
  }

  // -------------------------------------------------------------- strict operations: steps/apply.ts

  apply0(fn: (f: any) => any, own: May): Node {
    return this.fused(node(this.tier.apply.apply0(fn), own), 0, () => emitApply0({ fn, own }));
  }

  apply1(a: Node, fn: (x: any, f: any) => any, own: May, inline?: Inline): Node {
    const n = node(this.tier.apply.apply1(this.reg, a.run, fn), own, a);
    return this.fused(n, 1, (resumes) => emitApply1(resumes, a, { fn, own, inline }));
  }

  apply2(a: Node, b: Node, fn: (x: any, y: any, f: any) => any, own: May, inline?: Inline): Node {
    const n = node(this.tier.apply.apply2(this.reg, a.run, b.run, fn), own, a, b);
    return this.fused(n, 2, (resumes) => emitApply2(resumes, a, b, { fn, own, inline }));
  }

  applyN(operands: Node[], fn: (values: any[], f: any) => any, own: May, inline?: Inline): Node {
    const n = node(this.tier.apply.applyN(this.reg, operands.map((x) => x.run), fn), own, ...operands);
    return this.fused(n, 1, (resumes) => emitApplyN(resumes, operands, { fn, own, inline }));
  }

  // -------------------------------------------------------------- types and places

  type(t: Type): Type {
    return this.subst.size === 0 ? t : substitute(t, this.subst);
  }

  /** The expression's type before its coercions. */
  typeOf(e: Expr): Type {
    return this.type(e.ty!);
  }

  site(span: Span): number {
    return siteOf(this.unit, span);
  }

  // -------------------------------------------------------------- compiling

  expr(e: Expr): Node {
    const n = this.compilers.expr(this, e);
    const kept = this.kept.get(e);
    return kept === undefined ? n : this.keeping(n, kept);
  }

  private keeping(n: Node, kept: Kept): Node {
    kept.known = true;
    const { slot, forgets } = kept;
    if (n.constant && forgets.length === 0) {
      kept.constant = n.value;
      return n;
    }
    return this.apply1(n, (v, f) => {
      for (const other of forgets) f[other] = 0;
      f[slot] = v;
      return v;
    }, May.Never, (t, v) => {
      for (const other of forgets) t.writeSlot(other, "0");
      t.writeSlot(slot, v);
      return v;
    });
  }

  block(block: Block, tail: boolean): Node {
    return this.compilers.block(this, block, tail);
  }

  stmt(s: Stmt): Node {
    return this.compilers.stmt(this, s);
  }

  pattern(p: Pattern, type: Type): Test {
    return this.compilers.pattern(this, p, type);
  }

  // -------------------------------------------------------------- locals

  /** A slot that only the evaluator sees. scalar: it never holds a reference. */
  hidden(scalar = false): number {
    const slot = this.nextSlot++;
    if (!scalar) this.refs.push(slot);
    return slot;
  }

  /** The slot becomes one whose task handle ends with the frame. */
  ownTask(slot: number): void {
    this.taskSlots.push(slot);
  }

  /** The slot of a local of this body: given when first asked for. */
  slotOf(local: Local): number {
    let slot = this.slots.get(local);
    if (slot === undefined) {
      slot = this.nextSlot++;
      this.slots.set(local, slot);
      const k = local.ty.k;
      if (local.boxed || !(k === "int" || k === "float" || k === "bool")) this.refs.push(slot);
    }
    return slot;
  }

  readHidden(slot: number): Node {
    const n = node(this.tier.leaf.local(slot), May.Never);
    n.slot = slot;
    return this.fused(n, 0, () => emitLocal(slot));
  }

  owns(local: Local): boolean {
    return local.owner === this.fn;
  }

  /** Position among what this closure captured. */
  captureOf(local: Local): number {
    const i = this.fn.captures.indexOf(local);
    if (i < 0) throw new Error(`capture of ${local.name} is not listed`);
    return i;
  }

  readLocal(local: Local): Node {
    const leaf = this.tier.leaf;
    if (this.owns(local)) {
      const slot = this.slotOf(local);
      if (local.boxed) return this.fused(node(leaf.cell(slot), May.Never), 0, () => emitCell(slot));
      return this.readHidden(slot);
    }
    const i = this.captureOf(local);
    const n = node(local.boxed ? leaf.capturedCell(i) : leaf.captured(i), May.Never);
    return this.fused(n, 0, () => (local.boxed ? emitCapturedCell(i) : emitCaptured(i)));
  }

  /** What a closure keeps of a local: its cell when it is shared, else its value. */
  captureValue(local: Local): Step {
    if (this.owns(local)) return this.tier.leaf.local(this.slotOf(local));
    return this.tier.leaf.captured(this.captureOf(local));
  }

  /** Gives a local of this body its first value (a new cell for each round of a loop). */
  binder(local: Local): (frame: any, value: any) => void {
    const slot = this.slotOf(local);
    if (local.boxed) return (f, v) => void (f[slot] = new Cell(v));
    return (f, v) => void (f[slot] = v);
  }

  // -------------------------------------------------------------- closures and loops

  /** The next closure of this body; the same Code when the body is built again. */
  closure(make: (key: string) => Code): Code {
    const n = this.closureCount++;
    return (this.code.closures[n] ??= make(`${this.code.key}/${n}`));
  }

  inLoop<T>(label: string | null, compile: (id: number) => T): T {
    const id = ++this.loopCount;
    this.loops.push({ label, id });
    try {
      return compile(id);
    } finally {
      this.loops.pop();
    }
  }

  loopNamed(label: string | null): number {
    for (let i = this.loops.length - 1; i >= 0; i--) {
      if (label === null || this.loops[i]!.label === label) return this.loops[i]!.id;
    }
    throw new Error("break outside a loop");
  }

  // -------------------------------------------------------------- the whole body

  /** Builds the body: params are the first locals, in order. */
  finish(params: Local[], body: () => Node): void {
    for (const p of params) this.slotOf(p);
    const built = body();
    const boxed = params.filter((p) => p.boxed).map((p) => this.slotOf(p));
    let run = this.fusing ? this.bodyText(built) : built.run;
    if (boxed.length > 0) {
      const inner = run;
      run = (f) => {
        for (const slot of boxed) f[slot] = new Cell(f[slot]);
        return inner(f);
      };
    }
    // what a caller passes is lent: a parameter that changes through a reference to it needs a value of its own
    const changing = params.filter((p) => p.addressed === true)
      .map((p) => ({ slot: this.slotOf(p), copy: copier(this.type(p.ty)) }))
      .filter((p) => p.copy !== null);
    if (changing.length > 0) {
      const inner = run;
      run = (f) => {
        for (const { slot, copy } of changing) f[slot] = copy!(f[slot]);
        return inner(f);
      };
    }
    this.describe(params, built, run);
  }

  /** The whole body as one text. */
  private bodyText(built: Node): Step {
    const t = new Text({ k: "body" });
    t.line(`return ${t.value(built)};`);
    return t.compile(kit);
  }

  private describe(params: Local[], built: Node, run: Step): void {
    const code = this.code;
    code.locals = this.slots;
    code.params = params.length;
    code.slots = this.nextSlot;
    code.refs = this.refs;
    code.tasks = this.taskSlots;
    code.cost = CALL_BYTES + LOCAL_BYTES * this.fn.locals.length;
    code.weight = built.deep + 3;
    code.body = run;
  }
}

export const constantNode = (value: any): Node => ({
  run: () => value,
  may: May.Never,
  deep: 1,
  slot: -1,
  constant: true,
  value,
  emit: null,
});

export const VOID_NODE: Node = constantNode(VOID);
