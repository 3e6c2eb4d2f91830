// Fibers: nurseries, spawn, await, select, shield. Promises: every spawn belongs to a nursery its text shows; the
// errors of children reach the function around their nursery, or whoever handles it; what crosses into a fiber is
// checked by isolation.ts; the profile `:core` has none of this (profiles.ts).
import type {
  Arg, Attribute, Await, Expr, Nursery, Select, SelectCase, Shield, Span, Spawn, Type, Yield,
} from "../syntax/ast.ts";
import { checkBlockAs, inferBlock, isVoidish } from "./blocks.ts";
import { inferClosure } from "./closures.ts";
import { setType } from "./coerce.ts";
import { constantInt } from "./constants.ts";
import { joinReturns, raise } from "./context.ts";
import { didYouMean } from "./errors.ts";
import { check, DISCARD, infer } from "./infer.ts";
import { checkSpawnedCall, checkSpawnedClosure, checkSpawnedValue } from "./isolation.ts";
import { preludeDecl } from "./modules.ts";
import { forgetNames, forgetShared, meet } from "./narrowing.ts";
import { bindPattern } from "./patterns.ts";
import { requireConcurrency } from "./profiles.ts";
import { type Checker, declareLocal, findLocal, inBlock, type Narrowed, type NurseryContext } from "./scope.ts";
import { known } from "./solve.ts";
import {
  addErrors, BOOL, emptyErrors, I64, isEmptyErrors, NEVER, prune, result, showErrors, showType, STRING, UNKNOWN, VOID,
} from "./types.ts";
import { freshVar, unify } from "./unify.ts";
import { changedNames, mentions } from "./walk.ts";

/** The largest stack that can be asked for, bytes. */
const STACK_MAX = 2n ** 32n - 1n;

/** A handle type of std by its name. */
function handle(c: Checker, name: string, args: Type[]): Type {
  const decl = preludeDecl(c.w, name);
  return decl?.kind === "StructDecl" ? { k: "builtin", decl, args } : UNKNOWN;
}

/** Options by name, each with how its value is checked. */
type Options = Record<string, (c: Checker, value: Expr) => void>;

const integer = (c: Checker, value: Expr): void => void check(c, value, I64);

const NURSERY_OPTIONS: Options = {
  deadline: integer,
  deadline_at: (c, value) => {
    const t = known(c, infer(c, value, null));
    if (t.k === "unknown" || (t.k === "struct" && t.decl.name === "Instant" && c.w.home(t.decl).module.std)) return;
    c.error(value.span, "J0202", `expected an \`Instant\` of \`std.time\`, found \`${showType(t)}\``, {
      hint: "`deadline_at: Instant.after(500)`, or `deadline: 500` for milliseconds from now",
    });
  },
  limit: integer,
  token: (c, value) => void check(c, value, handle(c, "CancelToken", [])),
  spawns: integer,
  memory: integer,
  operations: integer,
};

/** In std only, which looks at every outcome: a child's failure is its own. */
const STD_NURSERY_OPTIONS: Options = { ...NURSERY_OPTIONS, lenient: (c, value) => void check(c, value, BOOL) };

/** The options whose breach the nursery raises. */
const RAISING = ["deadline", "deadline_at", "spawns", "memory", "operations"];

function checkOptions(c: Checker, given: Arg[], options: Options, what: string): Set<string> {
  const names = Object.keys(options);
  const seen = new Set<string>();
  for (const option of given) {
    const checked = option.name === null ? undefined : options[option.name];
    if (option.name === null || checked === undefined) {
      infer(c, option.value, null);
      c.error(option.span, "J0208", option.name === null ? `the options of ${what} have names`
        : `${what} has no option \`${option.name}\``, {
          hint: (option.name === null ? undefined : didYouMean(option.name, names)) ??
            `it takes ${names.map((n) => `\`${n}\``).join(", ")}`,
        });
      continue;
    }
    checked(c, option.value);
    if (seen.has(option.name)) c.error(option.span, "J0208", `\`${option.name}\` is given twice`);
    seen.add(option.name);
  }
  return seen;
}

/** Checks a body whose value is wanted as a type, dropped, or inferred. */
function bodyValue(c: Checker, body: Nursery["body"], want: Type | null, hint: Type | null): Type {
  if (want === null) return inferBlock(c, body, hint);
  checkBlockAs(c, body, want);
  return prune(body.ty ?? VOID).k === "never" ? NEVER : want === DISCARD ? VOID : want;
}

export function inferNursery(c: Checker, e: Nursery, want: Type | null, hint: Type | null = null): Type {
  requireConcurrency(c, { start: e.span.start, end: e.span.start + 7 }, "`nursery`");
  const options = checkOptions(c, e.options, c.module.std ? STD_NURSERY_OPTIONS : NURSERY_OPTIONS, "a nursery");
  const both = options.has("deadline") ? e.options.find((o) => o.name === "deadline_at") : undefined;
  if (both !== undefined) {
    c.error(both.span, "J0208", "a nursery has one deadline: `deadline` from now, or `deadline_at`");
  }
  const context: NurseryContext = { errors: emptyErrors(), node: e, fn: c.fn, tasks: new Set() };
  if (RAISING.some((name) => options.has(name))) {
    const decl = preludeDecl(c.w, "NurseryError");
    if (decl?.kind === "ErrorDecl") context.errors.sets.push(decl);
    else context.errors.open.push("DeadlineExceeded");
  }
  const outer = c.fn.nursery;
  c.fn.nursery = context;
  const before = c.narrowed;
  const value = inBlock(c, () => {
    if (e.binding !== null) e.local = declareLocal(c, e.binding, handle(c, "Nursery", []), false, e.span);
    return bodyValue(c, e.body, want, hint);
  });
  c.fn.nursery = outer;
  if (options.has("lenient")) context.errors = emptyErrors();
  // cancelled through its handle or token, it is left as at its end; failures leave it where something takes them
  const isCancellable = options.has("token") || (e.binding !== null && mentions(e.body, e.binding));
  if (isCancellable || e.handled === true) {
    // its body may have been cut anywhere: what holds behind it holds at every place in it
    c.narrowed = before;
    forgetNames(c, changedNames(e.body).assigned);
  }
  forgetShared(c);
  const ends = prune(value).k === "never" && !isCancellable;
  const ok = ends ? NEVER : prune(value).k === "never" ? valueWhenCut(c, e, want) : value;
  if (e.handled === true) return setType(c, e, result(ok, context.errors));
  if (!isEmptyErrors(context.errors) && !toldWithin(c, e, context.errors)) {
    raise(c, context.errors, { start: e.span.start, end: e.span.start + 7 });
  }
  return setType(c, e, ok);
}

/** What a nursery gives whose body never ends, and which is left because it is cancelled: nothing. */
function valueWhenCut(c: Checker, e: Nursery, want: Type | null): Type {
  if (want !== null && want !== DISCARD && !isVoidish(want)) {
    c.error({ start: e.span.start, end: e.span.start + 7 }, "J0212",
      `this nursery gives no value when it is cancelled, expected \`${showType(want)}\``, {
        hint: "give or `return` a value behind it",
      });
    return NEVER;
  }
  return VOID;
}

/** Whether an `await` in a nursery has been told that the same errors may not leave: then they may not at its end. */
function toldWithin(c: Checker, e: Nursery, errors: NurseryContext["errors"]): boolean {
  const shown = showErrors(errors);
  return c.fn.undeclared.some((u) => u.errors === shown && u.span.start > e.span.start && u.span.end <= e.span.end);
}

export function inferSpawn(c: Checker, e: Spawn): Type {
  const word = e.form === "async" ? "async" : "spawn";
  requireConcurrency(c, { start: e.span.start, end: e.span.start + word.length }, `\`${word}\``);
  for (const attribute of e.attributes) {
    spawnOption(c, e, attribute, word);
  }
  const { nursery } = c.fn;
  if (nursery === null && c.profile !== "core") {
    c.error(e.span, "J0204", `\`${word}\` stands outside a nursery`, {
      label: "no nursery would wait for this fiber",
      hint: "put it inside `nursery do … end`",
    });
  }
  const value = spawnedValue(c, e);
  checkSpawnedValue(c, e.span, value);
  const t = prune(value);
  if (t.k === "result" && nursery !== null) addErrors(nursery.errors, t.error);
  return setType(c, e, handle(c, "Task", [t.k === "never" ? VOID : value]));
}

const SPAWN_OPTIONS = ["stack", "name", "daemon"];

function spawnOption(c: Checker, e: Spawn, attribute: Attribute, word: string): void {
  const { name, value, span } = attribute;
  if (e.attributes.find((a) => a.name === name) !== attribute) {
    c.error(span, "J0208", `\`${name}\` is given twice`);
    return;
  }
  switch (name) {
    case "stack": stackOf(c, e, attribute); return;
    case "name":
      if (value === null) c.error(span, "J0208", "`name` takes a text", { hint: "`name: \"loader\"`" });
      else check(c, value, STRING);
      return;
    case "daemon":
      if (value !== null) {
        c.error(value.span, "J0208", "`daemon` takes no value");
        infer(c, value, null);
      }
      e.daemon = true;
      return;
    default:
  }
  c.error(span, "J0208", `\`${word}\` has no option \`${name}\``, {
    hint: didYouMean(name, SPAWN_OPTIONS) ?? "it takes `stack`, `name` and `daemon`",
  });
  if (value !== null) infer(c, value, null);
}

/** `spawn {. stack: BYTES .}`: a size that is known before anything runs. */
function stackOf(c: Checker, e: Spawn, { value, span }: Attribute): void {
  if (value !== null) check(c, value, I64);
  const bytes = value === null ? null
    : constantInt(c.w, value, c.module, (name) => findLocal(c, name) !== null);
  if (bytes === null) {
    if (value === null || prune(value.ty ?? UNKNOWN).k === "int" || prune(value.ty ?? UNKNOWN).k === "var") {
      c.error(span, "J0208", "`stack` takes a number of bytes that is a constant", {
        hint: "`stack: 1 << 20`, or a module-level `const`",
      });
    }
  } else if (bytes < 1n || bytes > STACK_MAX) {
    c.error(span, "J0230", `a stack of ${bytes} bytes: it can have from 1 to ${STACK_MAX}`);
  } else {
    e.stack = Number(bytes);
  }
}

/** What the spawned fiber gives. */
function spawnedValue(c: Checker, e: Spawn): Type {
  const { call } = e;
  if (call.kind === "Closure") {
    if (call.params.length > 0) {
      c.error(call.params[0]!.span, "J0208", "a spawned closure takes no arguments", {
        hint: "it sees the variables around it; or spawn a function with arguments",
      });
    }
    const t = prune(inferClosure(c, call, null, true));
    checkSpawnedClosure(c, call, e.span);
    return t.k === "func" ? t.result : UNKNOWN;
  }
  c.awaited.add(call);
  if (call.kind === "Call" || call.kind === "Pipe") {
    // what its closures raise is the fiber's failure
    call.handled = true;
    const t = infer(c, call, null);
    const made = call.kind === "Pipe" ? call.call : call;
    if (made !== undefined && (made.kind as string) === "Call") checkSpawnedCall(c, made);
    return t;
  }
  infer(c, call, null); // what the parser has refused
  return UNKNOWN;
}

/** Whether an expression runs something in place that `await` may stand before. */
function isCall(e: Expr): boolean {
  return e.kind === "Call" || e.kind === "Pipe" || (e.kind === "Propagate" && isCall(e.operand));
}

function calledAsync(e: Expr): boolean {
  const call = e.kind === "Pipe" ? e.call : e.kind === "Propagate" ? e.operand : e;
  return call?.kind === "Call" && call.target?.k === "func" && call.target.decl.isAsync;
}

export function inferAwait(c: Checker, e: Await, hint: Type | null): Type {
  requireConcurrency(c, { start: e.span.start, end: e.span.start + 5 }, "`await`");
  const { operand } = e;
  const called = isCall(operand);
  if (called) c.awaited.add(operand);
  if (e.handled === true && (operand.kind === "Call" || operand.kind === "Pipe")) operand.handled = true;
  const t = known(c, infer(c, operand, called ? hint : null));
  const task = preludeDecl(c.w, "Task");
  if (t.k === "builtin" && t.decl === task && !calledAsync(operand)) {
    e.mode = "task";
    return setType(c, e, taken(c, e, prune(t.args[0]!)));
  }
  if (called || t.k === "unknown" || t.k === "never") {
    e.mode = "call";
    if (t.k === "result" && e.handled !== true) {
      // the failure of what runs in place leaves the function, as that of an awaited task does
      const call = { ...operand } as Expr;
      const wrapped: Expr = { kind: "Propagate", operand: call, prefix: true, span: operand.span };
      c.typed.push(call);
      setType(c, wrapped, t.ok);
      e.operand = wrapped;
      raise(c, t.error, e.span);
      return setType(c, e, t.ok);
    }
    return setType(c, e, t);
  }
  if (t.k === "var" && t.literal === null) {
    const of = freshVar();
    unify(t, handle(c, "Task", [of]));
    e.mode = "task";
    return setType(c, e, of);
  }
  e.mode = "call";
  c.error(operand.span, "J0231", `\`await\` waits for a task or runs a call, and this is \`${showType(t)}\``, {
    hint: t.k === "slice" ? "await each: `tasks.map { |t| await t }`" : undefined,
  });
  return setType(c, e, UNKNOWN);
}

/** What awaiting a task gives: its value, or with its failure when that is handled. */
function taken(c: Checker, e: Await, of: Type): Type {
  if (of.k !== "result") return of;
  if (e.handled === true) return of;
  if (!isHandledByNursery(c, e.operand)) raise(c, of.error, e.span);
  return of.ok;
}

/** The failure of a task of the nursery around the `await` is that nursery's own: `nursery do … end catch` takes it. */
function isHandledByNursery(c: Checker, operand: Expr): boolean {
  const { nursery } = c.fn;
  if (nursery === null || nursery.fn !== c.fn || nursery.node?.handled !== true) return false;
  return operand.kind === "Spawn" ||
    (operand.kind === "Name" && operand.ref?.k === "local" && nursery.tasks.has(operand.ref.local));
}

// ---------------------------------------------------------------- select

/** The element type of a channel in a select case. */
function channelOf(c: Checker, e: Expr): Type {
  const t = known(c, infer(c, e, null));
  const decl = preludeDecl(c.w, "Channel");
  if (t.k === "builtin" && t.decl === decl) return t.args[0]!;
  if (t.k === "var") {
    const of = freshVar();
    if (unify(t, handle(c, "Channel", [of]))) return of;
  }
  if (t.k !== "unknown") {
    c.error(e.span, "J0231", `\`select\` waits for channels, and this is \`${showType(t)}\``);
  }
  return UNKNOWN;
}

/** Checks what a case is evaluated with before the `select` waits; gives the type of what its channel holds. */
function checkOperands(c: Checker, one: SelectCase): Type {
  switch (one.kind) {
    case "Recv": case "Closed": return channelOf(c, one.channel);
    case "Send": {
      const of = channelOf(c, one.channel);
      check(c, one.value, of);
      return of;
    }
    case "Timeout": check(c, one.ms, I64); return VOID;
    case "Default": return VOID;
  }
}

export function inferSelect(c: Checker, e: Select, want: Type | null): Type {
  requireConcurrency(c, { start: e.span.start, end: e.span.start + 6 }, "`select`");
  if (e.cases.length === 0 && !c.w.reporter.hasUnread(c.source, e.span)) {
    c.error(e.span, "J0237", "a `select` without cases would wait for ever");
  }
  for (const kind of ["Default", "Timeout"] as const) {
    const twice = e.cases.filter((one) => one.kind === kind)[1];
    if (twice !== undefined) {
      c.error(twice.span, "J0219", `a \`select\` has at most one \`${kind.toLowerCase()}\``);
    }
  }
  const types = e.cases.map((one) => checkOperands(c, one));
  forgetShared(c);
  const before = c.narrowed;
  const branches: { expr: Expr; type: Type; span: Span }[] = [];
  const paths: Narrowed[] = [];
  for (const [i, one] of e.cases.entries()) {
    c.narrowed = before;
    inBlock(c, () => {
      if (one.kind === "Recv" && one.binding !== null) bindPattern(c, one.binding, types[i]!, false);
      const type = bodyValue(c, one.body, want, null);
      branches.push({ expr: one.body, type, span: one.span });
      if (prune(type).k !== "never") paths.push(c.narrowed);
    });
  }
  c.narrowed = paths.length === 0 ? before : meet(paths);
  const live = branches.filter((b) => prune(b.type).k !== "never");
  if (live.length === 0) return setType(c, e, branches.length === 0 ? VOID : NEVER);
  if (want !== null) return setType(c, e, want === DISCARD ? VOID : want);
  // a case without a value: the select is a statement
  if (live.some((b) => prune(b.type).k === "void")) return setType(c, e, VOID);
  return setType(c, e, joinReturns(c, live));
}

export function inferShield(c: Checker, e: Shield, want: Type | null, hint: Type | null = null): Type {
  requireConcurrency(c, { start: e.span.start, end: e.span.start + 6 }, "`shield`");
  checkOptions(c, e.options, { grace: integer }, "`shield`");
  return setType(c, e, bodyValue(c, e.body, want, hint));
}

export function inferYield(c: Checker, e: Yield): Type {
  requireConcurrency(c, e.span, "`yield`");
  return setType(c, e, VOID);
}
