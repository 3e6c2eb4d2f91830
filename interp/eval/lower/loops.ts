// Loops: `while`, `loop` and every `for`. On a hot function's tier the rounds are a text of their own (fuse/flow.ts);
// how far a loop has come is in hidden slots of the frame.
import type { Expr, Span, Stmt, Type } from "../../syntax/ast.ts";
import { May } from "../code.ts";
import { emitLoop, emitRange, fuseRange, fuseWhile } from "../fuse/flow.ts";
import type { Node } from "../fuse/text.ts";
import { itself, keyCopier } from "../hashing.ts";
import { machine } from "../machine.ts";
import type { FusedLoop } from "../steps/control.ts";
import { kit, type Register } from "../steps/kit.ts";
import { Cell, END_OF_INTEGERS, type Slice, successor, VOID } from "../values.ts";
import { inOrder, store } from "./bindings.ts";
import type { Builder } from "./builder.ts";
import { operandType, owned, read, readBehind } from "./conversions.ts";
import { behind } from "./names.ts";
import { node } from "./node.ts";
import { localOf, plainSlot } from "./patterns.ts";

/** Registers what a loop that gave way goes on with: a fiber that computes is shown where the loop stands. */
const atLoop = (b: Builder, span: Span): Register => (resume, site) => {
  const r = b.reg(resume, site);
  r.loop = b.site(span);
  return r;
};

export function whileLoop(b: Builder, cond: Node, body: Node, loop: number, span: Span): Node {
  const fused: FusedLoop | null = b.fusing ? { run: () => undefined } : null;
  const n = node(b.tier.control.whileLoop(atLoop(b, span), cond.run, body.run, loop, fused), May.Suspend, cond, body);
  return b.fused(n, 1, ([r]) => {
    fused!.run = fuseWhile(kit, r!, cond, body, loop);
    return emitLoop(fused!.run);
  });
}

export function forLoop(b: Builder, s: Stmt & { kind: "For" }): Node {
  const types = s.bindings.map((p) => localOf(p)?.ty).map((t) => (t === undefined ? undefined : b.type(t)));
  return b.inLoop(s.label, (loop) => {
    if (s.how === "range" && s.iterable.kind === "Range" && s.bindings.length === 1 && localOf(s.bindings[0]!)) {
      return rangeFor(b, s, s.iterable, loop);
    }
    const source = b.hidden();
    const at = b.hidden();
    // an iterator changes as it goes: a value's is the loop's own, one behind a reference goes on where that stands
    const isOwn = s.how === "iterator" && operandType(b, s.iterable).k !== "pointer";
    const owner = behind(operandType(b, s.iterable));
    // a trait object that iterates itself is no reference of its own, as one whose trait iterates is
    const inCell = s.how === "iterator" && owner.k === "any" && b.instances.program.iteratorTraitOf(owner) === null;
    const iterable = isOwn ? owned(b, s.iterable) : inCell ? read(b, s.iterable) : readBehind(b, s.iterable);
    const init = b.apply1(iterable, (v, f) => {
      f[source] = s.how === "map" || s.how === "set" ? [...v.entries.values()] : isOwn && inCell ? new Cell(v) : v;
      f[at] = s.how === "range" ? v.low : 0;
      return VOID;
    }, May.Never);
    const next = nextRound(b, s, source, at, types);
    return inOrder(b, [init, whileLoop(b, next, b.block(s.body, false), loop, s.span)]);
  });
}

function rangeFor(b: Builder, s: Stmt & { kind: "For" }, r: Expr & { kind: "Range" }, loop: number): Node {
  if (r.high !== null) return boundedFor(b, s, r, read(b, r.low!), read(b, r.high), loop);
  const start = b.hidden(true);
  const end = b.apply1(b.readHidden(start), (low) => (low < ENDLESS_BELOW ? Infinity : END_OF_INTEGERS), May.Never);
  const bounded = boundedFor(b, s, r, b.readHidden(start), end, loop);
  return inOrder(b, [store(b, start, read(b, r.low!)), bounded]);
}

/** No loop counts from here to where numbers are no longer exact; one that starts beyond counts to the last integer. */
const ENDLESS_BELOW = 2 ** 52;

function boundedFor(
  b: Builder, s: Stmt & { kind: "For" }, r: Expr & { kind: "Range" }, low: Node, high: Node, loop: number,
): Node {
  const local = localOf(s.bindings[0]!)!;
  const counter = b.hidden(true);
  const end = b.hidden(true);
  const variable = b.slotOf(local);
  const body = b.block(s.body, false);
  const { boxed } = local;
  const fused: FusedLoop | null = b.fusing ? { run: () => undefined } : null;
  const run = b.tier.control.rangeLoop(atLoop(b, s.span), low.run, high.run, r.inclusive, counter, end, variable,
    boxed, body.run, loop, fused);
  return b.fused(node(run, May.Suspend, low, high, body), 4, (resumes) => {
    const slots = { counter, end, variable, boxed };
    // a count beyond 2^53 goes on in the closures
    const wide = (f: any): any => resumes[1]!(f, 0, VOID);
    fused!.run = fuseRange(kit, resumes, slots, body, loop, wide);
    return emitRange(resumes.slice(2), low, high, r.inclusive, slots, fused!.run);
  });
}

/** What the last variable of a round is; null where only a plain name can stand, which knows its type. */
function elementType(b: Builder, s: Stmt & { kind: "For" }, owner: Type): Type | null {
  switch (s.how) {
    case "slice": case "array": return (owner as Type & { k: "slice" | "array" }).of;
    case "map": return (owner as Type & { k: "builtin" }).args[s.bindings.length === 2 ? 1 : 0]!;
    case "set": case "channel": return (owner as Type & { k: "builtin" }).args[0]!;
    case "iterator": return b.instances.iteratedType(owner);
    default: return null;
  }
}

/** The step that binds a round's variables: true, or false at the end. */
function nextRound(b: Builder, s: Stmt & { kind: "For" }, source: number, at: number,
  types: (Type | undefined)[]): Node {
  const [p, q] = s.bindings.length === 2 ? [s.bindings[0]!, s.bindings[1]!] : [null, s.bindings[0]!];
  const owner = behind(operandType(b, s.iterable));
  const elemType = elementType(b, s, owner) ?? types.at(-1) ?? { k: "void" };
  const bindItem = b.pattern(q, elemType);
  const indexType = s.how === "map" ? (owner as Type & { k: "builtin" }).args[0]! : types[0] ?? { k: "void" };
  const bindIndex = p === null ? null : b.pattern(p, indexType);
  const leaf = (run: (f: any) => boolean): Node => node(run, May.Never);
  const indexSlot = p === null ? null : plainSlot(b, p, indexType);
  const itemSlot = plainSlot(b, q, elemType);
  /** A round over positions as text: value gives element `i` of `x`. */
  const positions = (n: Node, length: string, value: (x: string, i: string) => string): Node =>
    indexSlot === -1 || itemSlot === -1 ? n : b.fused(n, 0, () => (t) => {
      const [i, x, more] = [t.readSlot(at), t.readSlot(source), t.fresh()];
      t.line(`const ${more} = ${i} < ${x}.${length}; if (${more}) {`);
      t.writeSlot(at, `${i} + 1`);
      if (indexSlot !== null) t.writeSlot(indexSlot, i);
      t.writeSlot(itemSlot, value(x, i));
      t.line(`}`);
      return more;
    });
  switch (s.how) {
    case "range":
      return leaf((f) => {
        const i = f[at];
        const r = f[source];
        if (i >= r.end) return false;
        f[at] = successor(i);
        if (bindIndex !== null) bindIndex(roundOf(i, r.low), f);
        return bindItem(i, f), true;
      });
    case "slice":
    case "array":
      return positions(leaf((f) => {
        const i = f[at];
        const x: Slice = f[source];
        if (i >= x.len) return false;
        f[at] = i + 1;
        if (bindIndex !== null) bindIndex(i, f);
        return bindItem(x.at(i), f), true;
      }), "len", (x, i) => `${x}.a[${x}.off + ${i}] ?? ${x}.at(${i})`);
    case "string":
      return positions(leaf((f) => {
        const i = f[at];
        const x: string = f[source];
        if (i >= x.length) return false;
        f[at] = i + 1;
        if (bindIndex !== null) bindIndex(i, f);
        return bindItem(x.charCodeAt(i), f), true;
      }), "length", (x, i) => `${x}.charCodeAt(${i})`);
    case "map": {
      const copy = keyCopier((owner as Type & { k: "builtin" }).args[0]!) ?? itself;
      return leaf((f) => {
        const i = f[at];
        const entries = f[source];
        if (i >= entries.length) return false;
        f[at] = i + 1;
        const [k, v] = entries[i];
        if (bindIndex === null) bindItem(copy(k), f);
        else {
          bindIndex(copy(k), f);
          bindItem(v, f);
        }
        return true;
      });
    }
    case "set": {
      const copy = keyCopier(elemType) ?? itself;
      return leaf((f) => {
        const i = f[at];
        const entries = f[source];
        if (i >= entries.length) return false;
        f[at] = i + 1;
        if (bindIndex !== null) bindIndex(i, f);
        return bindItem(copy(entries[i]), f), true;
      });
    }
    case "channel": {
      const site = b.site(s.iterable.span);
      const boxed = elemType.k === "optional";
      const receive = (f: any): any => machine.host.receive(f[source], site, boxed);
      return counted(b, node(receive, May.Suspend), at, boxed, bindIndex, bindItem);
    }
    default: {
      const call = b.instances.iteratorNext(b, owner, b.readHidden(source), s.iterable.span);
      const boxed = elemType.k === "optional";
      return counted(b, call, at, boxed, bindIndex, bindItem);
    }
  }
}

/** The number of a round over a range: how often it has gone on since `low`, so never too large to be exact. */
function roundOf(i: number | bigint, low: number | bigint): number {
  return typeof i === "number" && typeof low === "number" ? i - low : Number(BigInt(i) - BigInt(low));
}

/** A round fed by an operation that gives ?T and may suspend. */
function counted(b: Builder, next: Node, at: number, boxed: boolean,
  bindIndex: ((v: any, f: any) => boolean) | null, bindItem: (v: any, f: any) => boolean): Node {
  return b.apply1(next, (v, f) => {
    if (v === null) return false;
    if (bindIndex !== null) bindIndex(f[at]++, f);
    return bindItem(boxed ? v.v : v, f), true;
  }, May.Never);
}
