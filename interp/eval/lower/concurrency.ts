// nursery, spawn, await, select, shield, yield.
import type { Arg, Await, Call, CallTarget, Expr, Nursery, Select, Shield, Spawn, Type } from "../../syntax/ast.ts";
import { type Code, FIRST_LOCAL, type Frame, May } from "../code.ts";
import type { Node } from "../fuse/text.ts";
import { NO_OPTIONS, type NurseryOptions, type SelectOperand, type SpawnHow, Wanted } from "../host.ts";
import { frameWith, machine, newFrame } from "../machine.ts";
import type { SelectArm } from "../steps/fibers.ts";
import { binding } from "./bindings.ts";
import { type Builder, constantNode } from "./builder.ts";
import { lent, operandType, read } from "./conversions.ts";
import { whyUnspawnable } from "./crossing.ts";
import { isVariadic } from "./instances.ts";
import { applyN } from "./literals.ts";
import { node } from "./node.ts";
import { methodOfObject } from "./receivers.ts";

const option = (args: Arg[], name: string): Expr | null => args.find((a) => a.name === name)?.value ?? null;

export function nursery(b: Builder, e: Nursery): Node {
  const options = nurseryOptions(b, e.options);
  const slot = b.hidden();
  let body = b.block(e.body, false);
  if (e.local !== undefined) {
    const bound = binding(b, { kind: "BindPattern", name: e.binding!, span: e.span, local: e.local },
      b.apply1(b.readHidden(slot), (n) => machine.host.nurseryValue(n), May.Never), b.type(e.local.ty));
    body = node(b.tier.control.block2(b.reg, bound.run, body.run), May.Never, bound, body);
  }
  const type = b.typeOf(e);
  const value: Type = type.k === "result" ? type.ok : type;
  const run = b.tier.fibers.nursery(b.reg, options.run, slot, body.run, e.handled === true,
    value.k === "void", b.site(e.span));
  return node(run, May.Suspend, options, body);
}

/** Evaluated as they are written; all of them together are one NurseryOptions. */
function nurseryOptions(b: Builder, given: Arg[]): Node {
  if (given.length === 0) return constantNode(NO_OPTIONS);
  const at = new Map(given.map((option, i) => [option.name, i]));
  return applyN(b, given.map((option) => read(b, option.value)), (values): NurseryOptions => {
    const value = (name: string): any => (at.has(name) ? values[at.get(name)!] : null);
    const number = (name: string): number | null => (at.has(name) ? Number(value(name)) : null);
    const bounded = ["spawns", "memory", "operations"].some((name) => at.has(name));
    return {
      deadlineMs: number("deadline"),
      deadlineAtNs: at.has("deadline_at") ? Number(value("deadline_at").f0) : null,
      limit: number("limit"),
      token: value("token"),
      budget: bounded ? [number("spawns"), number("memory"), number("operations")] : null,
      lenient: value("lenient") === true,
    };
  }, May.Never);
}

export function spawn(b: Builder, e: Spawn, wanted: Wanted): Node {
  const how: SpawnHow = { wanted, stack: e.stack ?? 0, daemon: e.daemon === true, site: b.site(e.span) };
  const uncrossable = whyUnspawnable(b, e);
  if (uncrossable !== "") return b.apply0(() => machine.panic("P014", uncrossable, how.site), May.Stop);
  const named = e.attributes.find((a) => a.name === "name")?.value ?? null;
  const go = (frame: Frame, name: string | null = null): any => machine.host.spawn(frame, how, name);
  const call = e.call;
  if (call.kind === "Call" && (call.target!.k === "func" || call.target!.k === "trait")) {
    const target = call.target as Extract<typeof call.target, { k: "func" | "trait" }>;
    const resolved = b.instances.resolve(target!, b);
    if (resolved === null) return startMethod(b, call, target, named, go);
    const { decl, typeArgs } = resolved;
    const code = isVariadic(decl)
      ? b.instances.ofFunction(decl, call.ordered!.map((a) => operandType(b, a)))
      : b.instances.ofFunction(decl, typeArgs);
    const args = call.ordered!.map((a) => lent(b, a));
    // the name comes before the others, as it is written
    if (named !== null) {
      return applyN(b, [read(b, named), ...args], ([name, ...values]) => go(frameWith(code, null, values), name),
        May.Suspend);
    }
    return startFunction(b, code, args, go);
  }
  // a closure, written here or given by an expression, with its arguments if any
  const callee = call.kind === "Call" ? call.callee : call;
  const args = call.kind === "Call" ? call.ordered! : [];
  const operands = [read(b, callee), ...args.map((a) => lent(b, a))];
  const start = ([closure, ...values]: any[], name: string | null): any =>
    go(frameWith(closure.code, closure.captured, values), name);
  if (named !== null) {
    return applyN(b, [read(b, named), ...operands], ([name, ...values]) => start(values, name), May.Suspend);
  }
  if (args.length > 0) return applyN(b, operands, (values) => start(values, null), May.Suspend);
  return b.apply1(operands[0]!, (closure) => {
    const { code, captured } = closure;
    const frame = code.pool.pop() ?? newFrame(code);
    frame[2] = captured;
    return go(frame);
  }, May.Suspend);
}

/** A method of a trait object. */
function startMethod(b: Builder, call: Call, target: CallTarget & { k: "func" | "trait" }, named: Expr | null,
  go: (frame: Frame, name: string | null) => any): Node {
  const method = methodOfObject(b, target, operandType(b, call.ordered![0]!))!;
  const args = call.ordered!.map((a) => lent(b, a));
  const operands = named === null ? args : [read(b, named), ...args];
  return applyN(b, operands, (values) => {
    const [receiver, ...rest] = named === null ? values : values.slice(1);
    const frame = frameWith(method.functionOf(receiver).code, null, [method.receiverOf(receiver), ...rest]);
    return go(frame, named === null ? null : values[0]);
  }, May.Suspend);
}

/** A function with its arguments, which go straight into its first frame. */
function startFunction(b: Builder, code: Code, args: Node[], go: (frame: Frame) => any): Node {
  const [x, y] = args;
  switch (args.length) {
    case 0: return b.apply0(() => go(code.pool.pop() ?? newFrame(code)), May.Suspend);
    case 1: return b.apply1(x!, (v) => {
      const frame = code.pool.pop() ?? newFrame(code);
      frame[FIRST_LOCAL] = v;
      return go(frame);
    }, May.Suspend);
    case 2: return b.apply2(x!, y!, (v, w) => {
      const frame = code.pool.pop() ?? newFrame(code);
      frame[FIRST_LOCAL] = v;
      frame[FIRST_LOCAL + 1] = w;
      return go(frame);
    }, May.Suspend);
    default: return applyN(b, args, (values) => go(frameWith(code, null, values)), May.Suspend);
  }
}

/** Keeps a spawned task in a slot that owns it: the one before it there is given back. */
export function ownedTask(b: Builder, e: Spawn, slot: number): Node {
  b.ownTask(slot);
  const start = spawn(b, e, Wanted.Owned);
  return b.apply1(start, (task, f) => {
    if (f[slot] !== 0) machine.host.releaseTask(f[slot]);
    return (f[slot] = task);
  }, May.Never, (t, task) => {
    const before = t.readSlot(slot);
    t.line(`if (${before} !== 0) S.host.releaseTask(${before});`);
    t.writeSlot(slot, task);
    return task;
  });
}

export function awaitExpression(b: Builder, e: Await): Node {
  if (e.mode === "call") return read(b, e.operand);
  const spawned = e.operand.kind === "Spawn" && !e.operand.coerce?.length ? e.operand : null;
  const task = spawned !== null ? ownedTask(b, spawned, b.hidden()) : read(b, e.operand);
  const type = operandType(b, e.operand) as Type & { k: "builtin" };
  const canFail = type.args[0]?.k === "result";
  const run = b.tier.fibers.awaitTask(b.reg, task.run, canFail && e.handled !== true, b.site(e.span));
  return node(run, May.Suspend, task);
}

export function select(b: Builder, e: Select): Node {
  const operands: Node[] = [];
  const kinds: { kind: SelectOperand["kind"]; channel: number; value: number }[] = [];
  const arms: SelectArm[] = [];
  const parts: Node[] = [];
  let otherwise: Node | null = null;
  let timeout: Node | null = null;
  let timeoutOperand = -1;
  for (const c of e.cases) {
    if (c.kind === "Default") {
      parts.push((otherwise = b.block(c.body, false)));
      continue;
    }
    if (c.kind === "Timeout") {
      timeoutOperand = operands.push(read(b, c.ms)) - 1;
      parts.push((timeout = b.block(c.body, false)));
      continue;
    }
    const channel = operands.push(read(b, c.channel)) - 1;
    const value = c.kind === "Send" ? operands.push(lent(b, c.value)) - 1 : -1;
    kinds.push({ kind: c.kind === "Recv" ? "recv" : c.kind === "Send" ? "send" : "closed", channel, value });
    let bind: SelectArm["bind"] = null;
    if (c.kind === "Recv" && c.binding !== null) {
      const channelType = operandType(b, c.channel) as Type & { k: "builtin" };
      const test = b.pattern(c.binding, channelType.args[0]!);
      bind = (v, f) => void test(v, f);
    }
    const body = b.block(c.body, false);
    parts.push(body);
    arms.push({ body: body.run, bind });
  }
  const prepare = (values: any[]) => ({
    cases: kinds.map((k) => ({
      kind: k.kind, channel: values[k.channel], value: k.value < 0 ? null : values[k.value],
    })),
    timeout: timeoutOperand < 0 ? null : Number(values[timeoutOperand]),
  });
  const all = applyN(b, operands, (values) => values, May.Never);
  const run = b.tier.fibers.select(b.reg, all.run, prepare, arms, otherwise?.run ?? null, timeout?.run ?? null,
    b.site(e.span));
  return node(run, May.Suspend, all, ...parts);
}

export function shield(b: Builder, e: Shield): Node {
  const body = b.block(e.body, false);
  const grace = option(e.options, "grace");
  if (grace === null) return node(b.tier.fibers.shield(b.reg, body.run), May.Suspend, body);
  const ms = read(b, grace);
  return node(b.tier.fibers.shieldFor(b.reg, ms.run, body.run, b.site(e.span)), May.Suspend, ms, body);
}

export const giveWay = (b: Builder): Node => node(b.tier.fibers.giveWay(b.reg), May.Suspend);

